// Uses a local DynamoDB as a program with the JavaScript SDK's document client does, and checks
// each answer. The endpoint is in AWS_ENDPOINT_URL_DYNAMODB.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  paginateQuery,
  paginateScan,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const client = new DynamoDBClient({
  endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  maxAttempts: 2,
});
const documents = DynamoDBDocumentClient.from(client, {
  marshallOptions: { removeUndefinedValues: true },
});
const TableName = `document-${randomUUID().slice(0, 8)}`;

// create creates the table, with a global and a local index, and returns its ARN.
async function create() {
  const key = (hash, range) => [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ];
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: key("player", "game"),
      AttributeDefinitions: [
        { AttributeName: "player", AttributeType: "S" },
        { AttributeName: "game", AttributeType: "N" },
        { AttributeName: "team", AttributeType: "S" },
        { AttributeName: "score", AttributeType: "N" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-team",
          KeySchema: key("team", "score"),
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: "by-score",
          KeySchema: key("player", "score"),
          Projection: { ProjectionType: "ALL" },
        },
      ],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.equal(Table.GlobalSecondaryIndexes[0].IndexStatus, "ACTIVE");
  return Table.TableArn;
}

// refused expects that a command is refused, and returns the error.
async function refused(name, command) {
  try {
    await documents.send(command);
  } catch (error) {
    assert.equal(error.name, name, error);
    return error;
  }
  assert.fail(`${name} expected`);
}

// items puts, gets, updates and deletes single items.
async function items() {
  const Key = { player: "ann", game: 1 };
  const Item = {
    ...Key,
    score: 12.5,
    note: "naïve 😀",
    empty: "",
    data: new Uint8Array([0, 255]),
    tags: new Set(["a", "b"]),
    nested: { list: [null, true, { deep: [-1] }] },
    team: "red",
  };
  await documents.send(new PutCommand({ TableName, Item }));
  const got = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  assert.deepEqual(got.Item, Item);
  const none = await documents.send(new GetCommand({ TableName, Key: { ...Key, game: 2 } }));
  assert.equal(none.Item, undefined);
  const big = NumberValue.from("12345678901234567890123456789012345678");
  const update = new UpdateCommand({
    TableName,
    Key,
    UpdateExpression: "SET score = score + :n, history[0] = :n DELETE tags :a",
    ConditionExpression: "begins_with(team, :r) AND size(tags) = :two",
    ExpressionAttributeValues: { ":n": 1, ":a": new Set(["a"]), ":r": "re", ":two": 2 },
  });
  await refused("ValidationException", update); // there is no list to write into
  const { Attributes, ConsumedCapacity } = await documents.send(
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: "SET score = score + :n, nested.#list[0] = :n, big = :big REMOVE note",
      ExpressionAttributeNames: { "#list": "list" },
      ExpressionAttributeValues: { ":n": 1, ":big": big },
      ReturnValues: "ALL_NEW",
      ReturnConsumedCapacity: "TOTAL",
    }),
  );
  assert.equal(Attributes.score, 13.5);
  assert.equal(Attributes.nested.list[0], 1);
  assert.equal(Attributes.note, undefined);
  assert.equal(ConsumedCapacity.CapacityUnits, 5); // both indexes move their entry
  const failure = await refused(
    "ConditionalCheckFailedException",
    new PutCommand({
      TableName,
      Item: Key,
      ConditionExpression: "attribute_not_exists(player)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  );
  assert.deepEqual(failure.Item.team, { S: "red" });
  const deleted = await documents.send(new DeleteCommand({ TableName, Key, ReturnValues: "ALL_OLD" }));
  assert.equal(deleted.Attributes.team, "red");
}

// all collects the items of all pages.
async function all(pages) {
  const found = [];
  let count = 0;
  for await (const page of pages) {
    found.push(...(page.Items ?? []));
    count++;
  }
  return { found, count };
}

// reads writes 100 items in batches and reads them in pages.
async function reads() {
  const puts = [...Array(100).keys()].map((game) => ({
    PutRequest: {
      Item: { player: `p${game % 3}`, game, score: game % 7, team: game % 2 ? "blue" : undefined },
    },
  }));
  for (let i = 0; i < puts.length; i += 25) {
    const RequestItems = { [TableName]: puts.slice(i, i + 25) };
    const { UnprocessedItems } = await documents.send(new BatchWriteCommand({ RequestItems }));
    assert.deepEqual(UnprocessedItems, {});
  }
  const query = {
    TableName,
    KeyConditionExpression: "player = :p AND game BETWEEN :low AND :high",
    FilterExpression: "score <> :zero",
    ExpressionAttributeValues: { ":p": "p1", ":low": 10, ":high": 90, ":zero": 0 },
    ScanIndexForward: false,
  };
  const { found, count } = await all(paginateQuery({ client: documents, pageSize: 5 }, query));
  const wanted = [...Array(100).keys()].filter((i) => i >= 10 && i <= 90 && i % 3 === 1 && i % 7);
  assert.deepEqual(found.map((item) => item.game), wanted.reverse());
  assert.ok(count >= 6, `${count} pages`);
  const blue = await documents.send(
    new QueryCommand({
      TableName,
      IndexName: "by-team",
      KeyConditionExpression: "team = :t AND score > :s",
      ExpressionAttributeValues: { ":t": "blue", ":s": 3 },
    }),
  );
  const scores = blue.Items.map((item) => item.score);
  assert.deepEqual(scores, [...scores].sort((a, b) => a - b));
  assert.deepEqual(Object.keys(blue.Items[0]).sort(), ["game", "player", "score", "team"]);
  const scanned = await all(paginateScan({ client: documents, pageSize: 9 }, { TableName }));
  assert.equal(new Set(scanned.found.map((item) => item.game)).size, 100);
  const Keys = [...Array(100).keys()].map((game) => ({ player: `p${game % 3}`, game }));
  const batch = await documents.send(
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ProjectionExpression: "game" } } }),
  );
  assert.equal(batch.Responses[TableName].length, 100);
  await refused("ValidationException", new BatchGetCommand({ RequestItems: {} }));
}

// transactions commits one transaction and has another refused.
async function transactions() {
  const key = (player) => ({ player, game: 1 });
  const put = (player, coins) => ({ Put: { TableName, Item: { ...key(player), coins } } });
  const ClientRequestToken = randomUUID();
  const TransactItems = [put("t1", 5), put("t2", 0)];
  await documents.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
  await documents.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
  const pay = (player, change, condition) => ({
    Update: {
      TableName,
      Key: key(player),
      UpdateExpression: "SET coins = coins + :n",
      ConditionExpression: condition,
      ExpressionAttributeValues: { ":n": change, ...(condition && { ":least": -change }) },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  const failure = await refused(
    "TransactionCanceledException",
    new TransactWriteCommand({ TransactItems: [pay("t2", 9), pay("t1", -9, "coins >= :least")] }),
  );
  const codes = failure.CancellationReasons.map((reason) => reason.Code);
  assert.deepEqual(codes, ["None", "ConditionalCheckFailed"]);
  assert.deepEqual(failure.CancellationReasons[1].Item.coins, { N: "5" });
  const { Responses } = await documents.send(
    new TransactGetCommand({
      TransactItems: ["t1", "t2", "t3"].map((player) => ({ Get: { TableName, Key: key(player) } })),
    }),
  );
  assert.deepEqual(Responses.map((response) => response.Item?.coins), [5, 0, undefined]);
}

// settings sets time to live and tags.
async function settings(ResourceArn) {
  const TimeToLiveSpecification = { AttributeName: "expires", Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  assert.equal(TimeToLiveDescription.AttributeName, "expires");
  await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "a", Value: "1" }] }));
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
  assert.deepEqual(Tags, [{ Key: "a", Value: "1" }]);
}

const arn = await create();
try {
  await items();
  await reads();
  await transactions();
  await settings(arn);
} finally {
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
}
console.log("document client: all answers are right");
