"""Uses a local DynamoDB as a program with boto3 does, and checks each answer.

The endpoint is in AWS_ENDPOINT_URL_DYNAMODB; streams are read from the same one.
"""

import os
import sys
import uuid
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
SETTINGS = {
    "endpoint_url": ENDPOINT,
    "region_name": "us-east-1",
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
    "config": Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=20),
}
NAME = "boto3-" + uuid.uuid4().hex[:8]


def create(resource):
    """Creates the table, with a local and a global index and a stream."""
    table = resource.create_table(
        TableName=NAME,
        KeySchema=[
            {"AttributeName": "player", "KeyType": "HASH"},
            {"AttributeName": "game", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "player", "AttributeType": "S"},
            {"AttributeName": "game", "AttributeType": "N"},
            {"AttributeName": "score", "AttributeType": "N"},
            {"AttributeName": "team", "AttributeType": "S"},
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-score",
                "KeySchema": [
                    {"AttributeName": "player", "KeyType": "HASH"},
                    {"AttributeName": "score", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-team",
                "KeySchema": [
                    {"AttributeName": "team", "KeyType": "HASH"},
                    {"AttributeName": "score", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    table.wait_until_exists()
    table.reload()
    assert table.table_status == "ACTIVE", table.table_status
    assert [x["IndexName"] for x in table.global_secondary_indexes] == ["by-team"]
    return table


def refused(code, call, **arguments):
    """Expects that a call is refused, and returns the whole answer."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response
    raise AssertionError(f"{code} expected")


def items(table):
    """Puts, gets, updates and deletes single items."""
    item = {
        "player": "ann",
        "game": Decimal(1),
        "score": Decimal("12.5"),
        "big": Decimal("12345678901234567890.123456789012345678"),
        "note": "naïve 😀",
        "empty": "",
        "data": b"\x00\xff",
        "tags": {"a", "b"},
        "numbers": {Decimal(1), Decimal("2.5")},
        "nested": {"list": [None, True, {"deep": [Decimal(-1)]}]},
        "team": "red",
    }
    table.put_item(Item=item)
    key = {"player": "ann", "game": 1}
    assert table.get_item(Key=key, ConsistentRead=True)["Item"] == item
    assert "Item" not in table.get_item(Key={"player": "nobody", "game": 1})
    updated = table.update_item(
        Key=key,
        UpdateExpression="SET score = score + :one, nested.#l[0] = :first REMOVE note ADD tags :more",
        ExpressionAttributeNames={"#l": "list"},
        ExpressionAttributeValues={":one": 1, ":first": "set", ":more": {"c"}},
        ConditionExpression=Attr("score").gt(12) & Attr("tags").contains("a"),
        ReturnValues="ALL_NEW",
        ReturnConsumedCapacity="INDEXES",
    )
    assert updated["Attributes"]["score"] == Decimal("13.5")
    assert updated["Attributes"]["tags"] == {"a", "b", "c"}
    assert updated["Attributes"]["nested"]["list"][0] == "set"
    assert "note" not in updated["Attributes"]
    assert updated["ConsumedCapacity"]["GlobalSecondaryIndexes"]["by-team"]["CapacityUnits"] == 2
    answer = refused(
        "ConditionalCheckFailedException",
        table.put_item,
        Item=key,
        ConditionExpression=Attr("player").not_exists(),
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert answer["Item"]["score"] == {"N": "13.5"}, answer
    refused("ValidationException", table.put_item, Item={"player": "ann"})
    assert table.delete_item(Key=key, ReturnValues="ALL_OLD")["Attributes"]["team"] == "red"


def reads(table):
    """Writes 120 items in batches, and reads them in pages."""
    with table.batch_writer() as batch:
        for i in range(120):
            item = {"player": f"p{i % 3}", "game": i, "score": i % 7, "note": "n" * 50}
            if i % 2:
                item["team"] = "blue"
            batch.put_item(Item=item)
    client = table.meta.client
    pages = list(
        client.get_paginator("query").paginate(
            TableName=NAME,
            KeyConditionExpression=Key("player").eq("p1") & Key("game").between(10, 100),
            FilterExpression=Attr("score").ne(0),
            ScanIndexForward=False,
            PaginationConfig={"PageSize": 7},
        )
    )
    games = [int(item["game"]) for page in pages for item in page["Items"]]
    assert games == [i for i in range(100, 9, -1) if i % 3 == 1 and i % 7], games
    assert len(pages) == 5, len(pages)
    indexed = table.query(IndexName="by-team", KeyConditionExpression=Key("team").eq("blue"))
    scores = [item["score"] for item in indexed["Items"]]
    assert len(scores) == 60 and scores == sorted(scores), scores
    assert set(indexed["Items"][0]) == {"player", "game", "team", "score", "note"}
    local = table.query(
        IndexName="by-score",
        KeyConditionExpression=Key("player").eq("p0") & Key("score").gte(5),
        Select="COUNT",
    )
    assert local["Count"] == len([i for i in range(0, 120, 3) if i % 7 >= 5])
    seen = set()
    for segment in range(4):
        start = {}
        while True:
            page = table.scan(Segment=segment, TotalSegments=4, Limit=11, **start)
            seen |= {(item["player"], int(item["game"])) for item in page["Items"]}
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert len(seen) == 120, len(seen)


def batches(resource, table):
    """Reads and deletes many items at once."""
    keys = [{"player": f"p{i % 3}", "game": i} for i in range(100)]
    found = resource.batch_get_item(
        RequestItems={NAME: {"Keys": keys, "ProjectionExpression": "game"}}
    )
    assert {int(item["game"]) for item in found["Responses"][NAME]} == set(range(100))
    assert not found["UnprocessedKeys"]
    refused(
        "ValidationException",
        resource.batch_get_item,
        RequestItems={NAME: {"Keys": [keys[0], keys[0]]}},
    )
    with table.batch_writer() as batch:
        for key in keys:
            batch.delete_item(Key=key)
    assert table.scan(Select="COUNT")["Count"] == 20


def transactions(client):
    """Sends a transaction twice, and one that is refused."""

    def key(player):
        return {"player": {"S": player}, "game": {"N": "1"}}

    writes = [
        {"Put": {"TableName": NAME, "Item": {**key("t1"), "coins": {"N": "5"}}}},
        {"Put": {"TableName": NAME, "Item": {**key("t2"), "coins": {"N": "0"}}}},
    ]
    token = uuid.uuid4().hex
    client.transact_write_items(TransactItems=writes, ClientRequestToken=token)
    client.transact_write_items(TransactItems=writes, ClientRequestToken=token)
    refused(
        "IdempotentParameterMismatchException",
        client.transact_write_items,
        TransactItems=writes[:1],
        ClientRequestToken=token,
    )
    values = {":n": {"N": "9"}}
    pay = {
        "TableName": NAME,
        "Key": key("t1"),
        "UpdateExpression": "SET coins = coins - :n",
        "ConditionExpression": "coins >= :n",
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    take = {
        "TableName": NAME,
        "Key": key("t2"),
        "UpdateExpression": "SET coins = coins + :n",
        "ExpressionAttributeValues": values,
    }
    answer = refused(
        "TransactionCanceledException",
        client.transact_write_items,
        TransactItems=[{"Update": pay}, {"Update": take}],
    )
    reasons = answer["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["ConditionalCheckFailed", "None"], reasons
    assert reasons[0]["Item"]["coins"] == {"N": "5"}
    gets = [{"Get": {"TableName": NAME, "Key": key(player)}} for player in ("t1", "t2", "t3")]
    responses = client.transact_get_items(TransactItems=gets)["Responses"]
    assert [r.get("Item", {}).get("coins") for r in responses] == [{"N": "5"}, {"N": "0"}, None]


def settings(client, arn):
    """Sets time to live and tags, and adds and drops an index."""
    client.update_time_to_live(
        TableName=NAME, TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}
    )
    ttl = client.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] in ("ENABLING", "ENABLED") and ttl["AttributeName"] == "expires"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    client.update_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "team", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "later",
                    "KeySchema": [{"AttributeName": "team", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName=NAME)
    later = client.query(
        TableName=NAME,
        IndexName="later",
        KeyConditionExpression="team = :t",
        ExpressionAttributeValues={":t": {"S": "blue"}},
    )
    assert later["Count"] == 10, later["Count"]
    assert NAME in client.list_tables()["TableNames"]


def streams(table):
    """Reads what happened to one item from the table's stream."""
    table.put_item(Item={"player": "s", "game": 1, "v": 1})
    table.update_item(
        Key={"player": "s", "game": 1},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": 2},
    )
    table.delete_item(Key={"player": "s", "game": 1})
    client = boto3.client("dynamodbstreams", **SETTINGS)
    arn = client.list_streams(TableName=NAME)["Streams"][0]["StreamArn"]
    shards = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    events = []
    for shard in shards:
        iterator = client.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            answer = client.get_records(ShardIterator=iterator)
            if not answer["Records"]:
                break
            events += [r for r in answer["Records"] if r["dynamodb"]["Keys"]["player"] == {"S": "s"}]
            iterator = answer.get("NextShardIterator")
    assert [event["eventName"] for event in events] == ["INSERT", "MODIFY", "REMOVE"], events
    change = events[1]["dynamodb"]
    assert change["OldImage"]["v"] == {"N": "1"} and change["NewImage"]["v"] == {"N": "2"}


def main():
    resource = boto3.resource("dynamodb", **SETTINGS)
    client = boto3.client("dynamodb", **SETTINGS)
    table = create(resource)
    try:
        items(table)
        reads(table)
        batches(resource, table)
        transactions(client)
        settings(client, table.table_arn)
        streams(table)
    finally:
        table.delete()
        table.wait_until_not_exists()
    print(f"boto3 {boto3.__version__}: all answers are right")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        frame = error.__traceback__
        while frame.tb_next:
            frame = frame.tb_next
        sys.exit(f"boto3: {frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}: {error}")
