package service

import (
	"strings"
	"testing"
)

// gets returns a TransactGetItems of things by the JSON of their keys.
func gets(keys ...string) string {
	items := make([]string, len(keys))
	for i, key := range keys {
		items[i] = `{"Get":{"TableName":"things","Key":` + key + `}}`
	}
	return `TransactGetItems {"TransactItems":[` + strings.Join(items, ",") + `]}`
}

func TestTransactGetItems(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const cancelled = "TransactionCanceledException: Transaction cancelled, please refer " +
		"cancellation reasons for specific reasons "
	run(t, newTables, []row{{
		rule: "responses are in the order of the requests, empty for what is not there",
		given: `
			things {"pk":"a","n":1}
			things {"pk":"b","n":2}`,
		ask:  gets(`{"pk":"b"}`, `{"pk":"c"}`, `{"pk":"a"}`),
		want: `{"Responses":[{"Item":{"pk":"b","n":2}},{},{"Item":{"pk":"a","n":1}}]}`,
	}, {
		rule: "of several tables, each with its projection",
		given: `
			things {"pk":"a","n":1,"m":2}
			scores {"pk":"a","sk":1,"n":1,"m":2}`,
		ask: `TransactGetItems {"TransactItems":[
			{"Get":{"TableName":"things","Key":{"pk":"a"},"ProjectionExpression":"n"}},
			{"Get":{"TableName":"scores","Key":{"pk":"a","sk":1},"ProjectionExpression":"#m",
				"ExpressionAttributeNames":{"#m":"m"}}}]}`,
		want: `{"Responses":[{"Item":{"n":1}},{"Item":{"m":2}}]}`,
	}, {
		rule: "an item twice",
		ask:  gets(`{"pk":"a"}`, `{"pk":"a"}`),
		want: refusal + "Transaction request cannot include multiple operations on one item",
	}, {
		rule: "a wrong key is the reason of its item",
		ask:  gets(`{"pk":"a"}`, `{"pk":1}`, `{"pk":"b"}`),
		want: cancelled + "[None, ValidationError, None]\nNone\n" +
			"ValidationError: The provided key element does not match the schema\nNone",
	}, {
		rule: "a table that is not there",
		ask:  `TransactGetItems {"TransactItems":[{"Get":{"TableName":"none","Key":{"pk":"a"}}}]}`,
		want: "ResourceNotFoundException: Requested resource not found",
	}, {
		rule: "no items",
		ask:  `TransactGetItems {"TransactItems":[]}`,
		want: refusal + "1 validation error detected: Value '[]' at 'transactItems' failed to " +
			"satisfy constraint: Member must have length greater than or equal to 1",
	}, {
		rule: "an item without a Get",
		ask:  `TransactGetItems {"TransactItems":[{}]}`,
		want: refusal + "1 validation error detected: Value null at " +
			"'transactItems.1.member.get' failed to satisfy constraint: Member must not be null",
	}, {
		rule: "a projection that is wrong",
		ask: `TransactGetItems {"TransactItems":[{"Get":{"TableName":"things","Key":{"pk":"a"},
			"ProjectionExpression":"status"}}]}`,
		want: refusal + "Invalid ProjectionExpression: Attribute name is a reserved keyword; " +
			"reserved keyword: status",
	}})
}

// All items together have at most 4 MB.
func TestTransactGetAnswersFourMegabytes(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	const items = 17
	keys := make([]string, items)
	for i := range keys {
		pk := string(rune('a' + i))
		keys[i] = `{"pk":"` + pk + `"}`
		give(t, s, `things `+thingOf(pk, 1<<18))
	}
	if response := ask(t, s, gets(keys[:items-1]...)); !strings.HasPrefix(response, "{") {
		t.Error(response)
	}
	script(t, s, gets(keys...), "ValidationException: Collection size of items exceeded, which "+
		"can also be caused by the aggregate size of the items in the transaction exceeding the "+
		"4MB limit")
}

func TestTransactGetTakesAHundred(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	keys := make([]string, 101)
	for i := range keys {
		keys[i] = `{"pk":"` + itoa(i) + `"}`
	}
	script(t, s, gets(keys[:100]...),
		`{"Responses":[{}`+strings.Repeat(",{}", 99)+`]}`)
	if response := ask(t, s, gets(keys...)); !strings.HasSuffix(response, "at 'transactItems' failed "+
		"to satisfy constraint: Member must have length less than or equal to 100") {
		t.Error(response)
	}
}
