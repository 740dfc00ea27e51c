package service

import "testing"

// If a request has several faults, the service reports the first in the order of its checks:
// members, then values, expressions, the table, its keys, the condition, and the size last. Each
// row has two faults of neighbouring kinds.
func TestValidationOrderOfWrites(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const enveloped = refusal + "1 validation error detected: "
	const noTable = "ResourceNotFoundException: Requested resource not found"
	const badMode = `"ReturnConsumedCapacity":"ALL"`
	const modes = "Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: Member " +
		"must satisfy enum value set: [INDEXES, TOTAL, NONE]"
	const reserved = "Attribute name is a reserved keyword; reserved keyword: status"
	const noMatch = refusal + "The provided key element does not match the schema"
	const emptySet = "One or more parameter values were invalid: An string set  may not be empty"
	run(t, newTables, []row{{
		rule: "PutItem reports all members together",
		ask:  `PutItem {` + badMode + `}`,
		want: refusal + "3 validation errors detected: Value null at 'tableName' failed to " +
			"satisfy constraint: Member must not be null; Value null at 'item' failed to satisfy " +
			"constraint: Member must not be null; " + modes,
	}, {
		rule: "members before values",
		ask:  `PutItem things {"Item":{"pk":"a","s":{"SS":[]}},` + badMode + `}`,
		want: enveloped + modes,
	}, {
		rule: "values before expressions",
		ask: `PutItem things {"Item":{"pk":"a","s":{"SS":[]}},
			"ConditionExpression":"attribute_exists(status)"}`,
		want: enveloped + emptySet,
	}, {
		rule: "expressions and what came before them, before the syntax",
		ask: `PutItem things {"Item":{"pk":"a"},"Expected":{},
			"ConditionExpression":"attribute_exists(status)"}`,
		want: enveloped + "Can not use both expression and non-expression parameters in the same " +
			"request: Non-expression parameters: {Expected} Expression parameters: " +
			"{ConditionExpression}",
	}, {
		rule: "expressions before the table",
		ask:  `PutItem nothing {"Item":{"pk":"a"},"ConditionExpression":"attribute_exists(status)"}`,
		want: enveloped + "Invalid ConditionExpression: " + reserved,
	}, {
		rule: "values that nothing uses before the table",
		ask: `PutItem nothing {"Item":{"pk":"a"},"ConditionExpression":"attribute_exists(x)",
			"ExpressionAttributeValues":{":v":1}}`,
		want: enveloped + "Value provided in ExpressionAttributeValues unused in expressions: " +
			"keys: {:v}",
	}, {
		rule: "the table before the key",
		ask:  `PutItem nothing {"Item":{"sk":1}}`,
		want: noTable,
	}, {
		rule: "the size of an item before the table",
		ask:  `PutItem nothing {"Item":` + thingOf("a", 400<<10+1) + `}`,
		want: refusal + "Item size has exceeded the maximum allowed size",
	}, {
		rule: "the key before the condition",
		ask:  `PutItem things {"Item":{"sk":1},"ConditionExpression":"attribute_exists(pk)"}`,
		want: refusal + "One or more parameter values were invalid: Missing the key pk in the item",
	}, {
		rule: "the keys of indexes before the condition",
		ask: `PutItem scores {"Item":{"pk":"a","sk":1,"day":"1"},
			"ConditionExpression":"attribute_exists(pk)"}`,
		want: refusal + "One or more parameter values were invalid: Type mismatch for Index Key " +
			"day Expected: N Actual: S IndexName: byDay",
	}, {
		rule: "the table's key before those of indexes",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":"1","day":"1"}}`,
		want: refusal + "One or more parameter values were invalid: Type mismatch for key sk " +
			"expected: N actual: S",
	}, {
		rule: "UpdateItem: expressions before the table",
		ask:  `UpdateItem nothing {"Key":{"pk":"a"},"UpdateExpression":"SET status = :v"}`,
		want: enveloped + "Invalid UpdateExpression: " + reserved,
	}, {
		rule: "UpdateItem: the table before the key",
		ask:  `UpdateItem nothing {"Key":{"pk":1}}`,
		want: noTable,
	}, {
		rule: "UpdateItem: the key before the condition",
		ask:  `UpdateItem things {"Key":{"pk":1},"ConditionExpression":"attribute_exists(pk)"}`,
		want: noMatch,
	}, {
		rule: "UpdateItem: the condition before the update",
		ask: `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"SET x = y",
			"ConditionExpression":"attribute_exists(pk)"}`,
		want: conditionFailed,
	}, {
		rule: "UpdateItem: the condition before the type of an index key",
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET points = :v",
			"ExpressionAttributeValues":{":v":"1"},"ConditionExpression":"attribute_exists(pk)"}`,
		want: conditionFailed,
	}, {
		rule: "UpdateItem: the condition before the item's size", given: `things ` +
			thingOf("a", 400<<10),
		ask: `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"SET n = :n",
			"ExpressionAttributeValues":{":n":1},"ConditionExpression":"attribute_not_exists(pk)"}`,
		want: conditionFailed,
	}, {
		rule: "DeleteItem: the table before the key",
		ask:  `DeleteItem nothing {"Key":{"pk":1}}`,
		want: noTable,
	}, {
		rule: "DeleteItem: the key before the condition",
		ask:  `DeleteItem things {"Key":{"pk":1},"ConditionExpression":"attribute_exists(pk)"}`,
		want: noMatch,
	}, {
		rule: "DeleteItem: values before expressions",
		ask: `DeleteItem things {"Key":{"pk":{"SS":[]}},
			"ConditionExpression":"attribute_exists(status)"}`,
		want: refusal + emptySet,
	}, {
		rule: "TransactWriteItems: all actions are checked before any table",
		ask: transact(`
			Put nothing {"Item":{"pk":"a"}}
			Update things {"Key":{"pk":"a"},"UpdateExpression":"REMOVE status"}`),
		want: refusal + "Invalid UpdateExpression: " + reserved,
	}, {
		rule: "TransactWriteItems: tables and items that are there twice, in the order of the " +
			"actions",
		ask: transact(`
			Put things {"Item":{"pk":"a"}}
			Put things {"Item":{"pk":"a"}}
			Put nothing {"Item":{"pk":"a"}}`),
		want: refusal + "Transaction request cannot include multiple operations on one item",
	}, {
		rule: "TransactWriteItems: an item that is there twice before conditions",
		ask: transact(`
			Put things {"Item":{"pk":"a"},"ConditionExpression":"attribute_exists(pk)"}
			Put things {"Item":{"pk":"a"}}`),
		want: refusal + "Transaction request cannot include multiple operations on one item",
	}, {
		rule: "BatchWriteItem: a table before a key of another one",
		ask: `BatchWriteItem {"RequestItems":{"nothing":[{"DeleteRequest":{"Key":{"pk":"a"}}}],
			"things":[{"DeleteRequest":{"Key":{"pk":1}}}]}}`,
		want: noTable,
	}})
}

func TestValidationOrderOfReads(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const enveloped = refusal + "1 validation error detected: "
	const noTable = "ResourceNotFoundException: Requested resource not found"
	const reserved = "Attribute name is a reserved keyword; reserved keyword: status"
	const modes = "Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: Member " +
		"must satisfy enum value set: [INDEXES, TOTAL, NONE]"
	run(t, newTables, []row{{
		rule: "GetItem: all members together",
		ask:  `GetItem {"ReturnConsumedCapacity":"ALL"}`,
		want: refusal + "3 validation errors detected: Value null at 'key' failed to satisfy " +
			"constraint: Member must not be null; Value null at 'tableName' failed to satisfy " +
			"constraint: Member must not be null; " + modes,
	}, {
		rule: "GetItem: members before expressions",
		ask: `GetItem things {"Key":{"pk":"a"},"ReturnConsumedCapacity":"ALL",
			"ProjectionExpression":"status"}`,
		want: enveloped + modes,
	}, {
		rule: "GetItem: expressions before the table",
		ask:  `GetItem nothing {"Key":{"pk":"a"},"ProjectionExpression":"status"}`,
		want: refusal + "Invalid ProjectionExpression: " + reserved,
	}, {
		rule: "GetItem: the table before the key",
		ask:  `GetItem nothing {"Key":{"pk":1}}`,
		want: noTable,
	}, {
		rule: "Query: members before expressions",
		ask: `Query things {"ReturnConsumedCapacity":"ALL","KeyConditionExpression":"status = :s",
			"ExpressionAttributeValues":{":s":1}}`,
		want: enveloped + modes,
	}, {
		rule: "Query: the filter before the key condition",
		ask: `Query things {"KeyConditionExpression":"status = :s","FilterExpression":"pk +",
			"ExpressionAttributeValues":{":s":1}}`,
		want: refusal + `Invalid FilterExpression: Syntax error; token: "+", near: "pk +"`,
	}, {
		rule: "Query: expressions before the table",
		ask: `Query nothing {"KeyConditionExpression":"status = :s",
			"ExpressionAttributeValues":{":s":1}}`,
		want: refusal + "Invalid KeyConditionExpression: " + reserved,
	}, {
		rule: "Query: the table before its keys",
		ask: `Query nothing {"KeyConditionExpression":"x = :s",` +
			`"ExpressionAttributeValues":{":s":1}}`,
		want: noTable,
	}, {
		rule: "Query: the index before the start key",
		ask: `Query things {"IndexName":"none","KeyConditionExpression":"pk = :s",
			"ExpressionAttributeValues":{":s":"a"},"ExclusiveStartKey":{"x":1}}`,
		want: refusal + "The table does not have the specified index: none",
	}, {
		rule: "Query: the start key before the key condition",
		ask: `Query things {"KeyConditionExpression":"x = :s","ExpressionAttributeValues":{":s":"a"},
			"ExclusiveStartKey":{"x":1}}`,
		want: refusal + "The provided starting key is invalid",
	}, {
		rule: "Query: the key condition before a filter on keys",
		ask: `Query things {"KeyConditionExpression":"x = :s","FilterExpression":"pk = :s",
			"ExpressionAttributeValues":{":s":"a"}}`,
		want: refusal + "Query condition missed key schema element: pk",
	}, {
		rule: "Scan: expressions before the table",
		ask:  `Scan nothing {"FilterExpression":"attribute_exists(status)"}`,
		want: refusal + "Invalid FilterExpression: " + reserved,
	}, {
		rule: "Scan: segments before the table",
		ask:  `Scan nothing {"Segment":1}`,
		want: refusal + "The TotalSegments parameter is required but was not present in the " +
			"request when Segment parameter is present",
	}, {
		rule: "Scan: the table before the index",
		ask:  `Scan nothing {"IndexName":"none"}`,
		want: noTable,
	}, {
		rule: "TransactGetItems: projections before tables",
		ask: `TransactGetItems {"TransactItems":[{"Get":{"TableName":"nothing","Key":{"pk":"a"},
			"ProjectionExpression":"status"}}]}`,
		want: refusal + "Invalid ProjectionExpression: " + reserved,
	}, {
		rule: "BatchGetItem: a key that is there twice before the table",
		ask:  `BatchGetItem {"RequestItems":{"nothing":{"Keys":[{"pk":"a"},{"pk":"a"}]}}}`,
		want: refusal + "Provided list of item keys contains duplicates",
	}})
}
