package service

import (
	"strings"
	"testing"
)

// thingPuts returns n puts of things.
func thingPuts(n int) string {
	puts := make([]string, n)
	for i := range puts {
		puts[i] = `{"PutRequest":{"Item":{"pk":"` + itoa(i) + `"}}}`
	}
	return "[" + strings.Join(puts, ",") + "]"
}

func TestBatchWriteItem(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	batch := func(things string) string {
		return `BatchWriteItem {"RequestItems":{"things":` + things + `}}`
	}
	run(t, newTables, []row{{
		rule:  "all is done",
		given: `things {"pk":"a"}`,
		ask: `BatchWriteItem {"RequestItems":{
			"things":[{"PutRequest":{"Item":{"pk":"b"}}},{"DeleteRequest":{"Key":{"pk":"a"}}}],
			"scores":[{"PutRequest":{"Item":{"pk":"a","sk":1}}}]}}`,
		want: `{"UnprocessedItems":{}}`,
	}, {
		rule: "an item that is not there can be deleted",
		ask:  batch(`[{"DeleteRequest":{"Key":{"pk":"a"}}}]`),
		want: `{"UnprocessedItems":{}}`,
	}, {
		rule: "two puts of one item",
		ask:  batch(`[{"PutRequest":{"Item":{"pk":"a"}}},{"PutRequest":{"Item":{"pk":"a"}}}]`),
		want: refusal + "Provided list of item keys contains duplicates",
	}, {
		rule: "a put and a delete of one item",
		ask:  batch(`[{"PutRequest":{"Item":{"pk":"a"}}},{"DeleteRequest":{"Key":{"pk":"a"}}}]`),
		want: refusal + "Provided list of item keys contains duplicates",
	}, {
		rule: "one key in two tables",
		ask: `BatchWriteItem {"RequestItems":{
			"things":[{"PutRequest":{"Item":{"pk":"a"}}}],
			"scores":[{"PutRequest":{"Item":{"pk":"a","sk":1}}}]}}`,
		want: `{"UnprocessedItems":{}}`,
	}, {
		rule: "a put and a delete in one",
		ask:  batch(`[{"PutRequest":{"Item":{"pk":"a"}},"DeleteRequest":{"Key":{"pk":"b"}}}]`),
		want: refusal + "Supplied AttributeValue has more than one datatypes set, must contain " +
			"exactly one of the supported datatypes",
	}, {
		rule: "neither a put nor a delete",
		ask:  batch(`[{}]`),
		want: refusal + "Supplied AttributeValue has more than one datatypes set, must contain " +
			"exactly one of the supported datatypes",
	}, {
		rule: "a table that is not there",
		ask: `BatchWriteItem {"RequestItems":{
			"nothing":[{"PutRequest":{"Item":{"pk":"a"}}}]}}`,
		want: "ResourceNotFoundException: Requested resource not found",
	}, {
		rule: "no tables",
		ask:  `BatchWriteItem {"RequestItems":{}}`,
		want: refusal + "The requestItems parameter is required for BatchWriteItem",
	}, {
		rule: "25 writes",
		ask:  batch(thingPuts(25)),
		want: `{"UnprocessedItems":{}}`,
	}, {
		rule: "an item without its key",
		ask:  batch(`[{"PutRequest":{"Item":{"n":1}}}]`),
		want: refusal + "The provided key element does not match the schema",
	}, {
		rule: "a value of the wrong type for an index",
		ask: `BatchWriteItem {"RequestItems":{
			"scores":[{"PutRequest":{"Item":{"pk":"a","sk":1,"day":"monday"}}}]}}`,
		want: refusal + "One or more parameter values were invalid: Type mismatch for Index Key " +
			"day Expected: N Actual: S IndexName: byDay",
	}})
}

func TestBatchWriteTakesTwentyFive(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	e := refused(t, s, "BatchWriteItem", `{"RequestItems":{"things":[`+
		strings.Repeat(`{"PutRequest":{"Item":{"pk":{"S":"a"}}}},`, 25)+
		`{"PutRequest":{"Item":{"pk":{"S":"a"}}}}]}}`)
	if !strings.HasSuffix(e.Message, "Map value must satisfy constraint: [Member must have length "+
		"less than or equal to 25, Member must have length greater than or equal to 1]") {
		t.Error(e.Message)
	}
}

// A batch is not a transaction, but an invalid write refuses the whole batch.
func TestBatchWriteThatIsRefusedWritesNothing(t *testing.T) {
	t.Parallel()
	for rule, wrong := range map[string]string{
		"a wrong key": `{"PutRequest":{"Item":{"pk":1}}}`,
		"an item of 400 KB": `{"PutRequest":{"Item":{"pk":"x","pad":"` + ofSize(400<<10) +
			`"}}}`,
		"a delete of no key":   `{"DeleteRequest":{"Key":{"n":1}}}`,
		"the same item, twice": `{"DeleteRequest":{"Key":{"pk":"a"}}}`,
	} {
		s := newTables(t)
		response := ask(t, s, `BatchWriteItem {"RequestItems":{"things":[
			{"PutRequest":{"Item":{"pk":"a"}}},`+wrong+`]}}`)
		if !strings.HasPrefix(response, "ValidationException: ") {
			t.Errorf("%s: %s", rule, response)
		}
		script(t, s, `GetItem things {"Key":{"pk":"a"}}`, `{}`)
	}
}

func ofSize(bytes int) string { return strings.Repeat("x", bytes) }

// Unprocessed items form a request that a client can send unchanged, and they are not written.
func TestBatchWriteUnprocessedItemsAreARequest(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `things {"pk":"b","n":1}`)
	s.LeaveUnprocessed("things", 2)
	const left = `{"things":[{"PutRequest":{"Item":{"pk":"a","n":1}}},
		{"DeleteRequest":{"Key":{"pk":"b"}}}]}`
	script(t, s,
		`BatchWriteItem {"RequestItems":{"things":[
			{"PutRequest":{"Item":{"pk":"a","n":1}}},
			{"DeleteRequest":{"Key":{"pk":"b"}}},
			{"PutRequest":{"Item":{"pk":"c"}}}]}}`, `{"UnprocessedItems":`+left+`}`,
		`GetItem things {"Key":{"pk":"a"}}`, `{}`,
		`GetItem things {"Key":{"pk":"b"}}`, `{"Item":{"pk":"b","n":1}}`,
		`GetItem things {"Key":{"pk":"c"}}`, `{"Item":{"pk":"c"}}`,
		`BatchWriteItem {"RequestItems":`+left+`}`, `{"UnprocessedItems":{}}`,
		`GetItem things {"Key":{"pk":"a"}}`, `{"Item":{"pk":"a","n":1}}`,
		`GetItem things {"Key":{"pk":"b"}}`, `{}`)
}

// A put in a batch has no condition and replaces the whole item.
func TestBatchWriteReplacesItems(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `
		scores {"pk":"a","sk":1,"game":"chess","points":1}
		BatchWriteItem {"RequestItems":{"scores":[
			{"PutRequest":{"Item":{"pk":"a","sk":1,"game":"go","points":2}}}]}}`)
	script(t, s,
		querySk("game = :g", `{":g":"chess"}`, `,"IndexName":"byGame"`), foundSk(""),
		querySk("game = :g", `{":g":"go"}`, `,"IndexName":"byGame"`), foundSk("1"))
}
