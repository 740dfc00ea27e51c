package service

import "testing"

func TestQueryStartKeys(t *testing.T) {
	t.Parallel()
	const invalid = "ValidationException: The provided starting key is invalid"
	const predicate = "ValidationException: The provided starting key does not match the range " +
		"key predicate"
	ofA := func(more string) string { return querySk("pk = :p", `{":p":"a"}`, more) }
	byDay := func(start string) string {
		return ofA(`,"IndexName":"byDay","ExclusiveStartKey":` + start)
	}
	games := func(more string) string {
		return querySk("game = :g", `{":g":"chess"}`, `,"IndexName":"games"`+more)
	}
	run(t, newTables, []row{{
		rule: "a query goes on after its start key", given: gamesOfA,
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a","sk":0}`),
		want: foundSk("2 10"),
	}, {
		rule: "backwards it goes on before it", given: gamesOfA,
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a","sk":2},"ScanIndexForward":false`),
		want: foundSk("0 -5"),
	}, {
		rule: "the item of a start key need not be there", given: gamesOfA,
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a","sk":1}`),
		want: foundSk("2 10"),
	}, {
		rule:  "the item of a start key may be deleted meanwhile",
		given: gamesOfA + `DeleteItem scores {"Key":{"pk":"a","sk":0}}`,
		ask:   ofA(`,"ExclusiveStartKey":{"pk":"a","sk":0},"ScanIndexForward":false`),
		want:  foundSk("-5"),
	}, {
		rule: "after the last item there is nothing", given: gamesOfA,
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a","sk":10}`),
		want: foundSk(""),
	}, {
		rule: "the start key of an index has the keys of index and table", given: gamesOfA,
		ask:  byDay(`{"pk":"a","sk":0,"day":1}`),
		want: foundSk("2 -5"),
	}, {
		rule: "an index goes on after an item that is in it no more",
		given: gamesOfA + `UpdateItem scores {"Key":{"pk":"a","sk":2},
			"UpdateExpression":"REMOVE #d","ExpressionAttributeNames":{"#d":"day"}}`,
		ask:  byDay(`{"pk":"a","sk":2,"day":2}`),
		want: foundSk("-5"),
	}, {
		rule: "equal keys of an index: on after the item, not after all of the key",
		given: `
			scores {"pk":"a","sk":1,"day":7}
			scores {"pk":"a","sk":2,"day":7}
			scores {"pk":"a","sk":3,"day":7}`,
		ask:  byDay(`{"pk":"a","sk":2,"day":7}`),
		want: foundSk("3"),
	}, {
		rule: "equal keys of an index, backwards",
		given: `
			scores {"pk":"a","sk":1,"day":7}
			scores {"pk":"a","sk":2,"day":7}
			scores {"pk":"a","sk":3,"day":7}`,
		ask: ofA(`,"IndexName":"byDay","ScanIndexForward":false,
			"ExclusiveStartKey":{"pk":"a","sk":2,"day":7}`),
		want: foundSk("1"),
	}, {
		rule: "a start key without the range key",
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a"}`), want: invalid,
	}, {
		rule: "a start key with an attribute too many",
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a","sk":1,"day":1}`), want: invalid,
	}, {
		rule: "a start key of another type",
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"a","sk":"1"}`), want: invalid,
	}, {
		rule: "an index and the table's key alone",
		ask:  byDay(`{"pk":"a","sk":1}`), want: invalid,
	}, {
		rule: "a global index and the index's keys alone",
		ask:  games(`,"ExclusiveStartKey":{"game":"chess"}`), want: invalid,
	}, {
		rule: "a start key of another partition",
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"b","sk":1}`),
		want: "ValidationException: The provided starting key is outside query boundaries " +
			"based on provided conditions",
	}, {
		rule: "a start key that the range condition excludes",
		ask: querySk("pk = :p AND sk > :s", `{":p":"a",":s":5}`,
			`,"ExclusiveStartKey":{"pk":"a","sk":1}`),
		want: predicate,
	}, {
		rule: "a start key that a BETWEEN excludes",
		ask: querySk("pk = :p AND sk BETWEEN :s AND :t", `{":p":"a",":s":5,":t":8}`,
			`,"ExclusiveStartKey":{"pk":"a","sk":9}`),
		want: predicate,
	}, {
		rule: "an empty key in a start key",
		ask:  ofA(`,"ExclusiveStartKey":{"pk":"","sk":1}`),
		want: "ValidationException: One or more parameter values are not valid. The " +
			"AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
	}})
}

// A page that ends at its limit has a LastEvaluatedKey even if no item follows.
func TestLastEvaluatedKey(t *testing.T) {
	t.Parallel()
	ofA := func(more string) string { return querySk("pk = :p", `{":p":"a"}`, more) }
	run(t, newTables, []row{{
		rule: "no limit, no key", given: gamesOfA,
		ask: ofA(``), want: foundSk("-5 0 2 10"),
	}, {
		rule: "a limit above the number of items", given: gamesOfA,
		ask: ofA(`,"Limit":5`), want: foundSk("-5 0 2 10"),
	}, {
		rule: "a limit that is the number of items", given: gamesOfA,
		ask: ofA(`,"Limit":4`),
		want: `{"Items":[{"sk":-5},{"sk":0},{"sk":2},{"sk":10}],"Count":4,"ScannedCount":4,
			"LastEvaluatedKey":{"pk":"a","sk":10}}`,
	}, {
		rule: "a limit below", given: gamesOfA,
		ask: ofA(`,"Limit":1`),
		want: `{"Items":[{"sk":-5}],"Count":1,"ScannedCount":1,
			"LastEvaluatedKey":{"pk":"a","sk":-5}}`,
	}, {
		rule: "COUNT has it, too", given: gamesOfA,
		ask: `Query scores {"KeyConditionExpression":"pk = :p","Select":"COUNT","Limit":3,
			"ExpressionAttributeValues":{":p":"a"}}`,
		want: `{"Count":3,"ScannedCount":3,"LastEvaluatedKey":{"pk":"a","sk":2}}`,
	}, {
		rule: "of an index it has the keys of index and table", given: gamesOfA,
		ask: querySk("game = :g", `{":g":"chess"}`, `,"IndexName":"byGame","Limit":1`),
		want: `{"Items":[{"sk":10}],"Count":1,"ScannedCount":1,
			"LastEvaluatedKey":{"game":"chess","points":1,"pk":"a","sk":10}}`,
	}, {
		rule: "of a local index", given: gamesOfA,
		ask: ofA(`,"IndexName":"byDay","Limit":1`),
		want: `{"Items":[{"sk":0}],"Count":1,"ScannedCount":1,
			"LastEvaluatedKey":{"day":1,"pk":"a","sk":0}}`,
	}, {
		rule: "a limit of none",
		ask:  ofA(`,"Limit":0`),
		want: "ValidationException: 1 validation error detected: Value at 'Limit' failed to " +
			"satisfy constraint: Member must have value greater than or equal to 1",
	}})
}
