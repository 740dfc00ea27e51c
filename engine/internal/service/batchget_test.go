package service

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// thingKeys returns n keys of things.
func thingKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = `{"pk":"` + itoa(i) + `"}`
	}
	return "[" + strings.Join(keys, ",") + "]"
}

func TestBatchGetItem(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const enveloped = refusal + "1 validation error detected: "
	batch := func(things string) string {
		return `BatchGetItem {"RequestItems":{"things":` + things + `}}`
	}
	run(t, newTables, []row{{
		rule: "items of several tables, without those that are not there",
		given: `
			things {"pk":"a","n":1}
			scores {"pk":"a","sk":1,"n":2}`,
		ask: `BatchGetItem {"RequestItems":{"things":{"Keys":[{"pk":"a"},{"pk":"b"}]},
			"scores":{"Keys":[{"pk":"a","sk":1}]}}}`,
		want: `{"Responses":{"things":[{"pk":"a","n":1}],"scores":[{"pk":"a","sk":1,"n":2}]},
			"UnprocessedKeys":{}}`,
	}, {
		rule: "a table without any of the items is there, empty",
		ask:  batch(`{"Keys":[{"pk":"a"}]}`),
		want: `{"Responses":{"things":[]},"UnprocessedKeys":{}}`,
	}, {
		rule:  "a projection for each table",
		given: `things {"pk":"a","n":1,"m":{"x":1,"y":2}}`,
		ask: batch(`{"Keys":[{"pk":"a"}],"ProjectionExpression":"#m.x",
			"ExpressionAttributeNames":{"#m":"m"}}`),
		want: `{"Responses":{"things":[{"m":{"x":1}}]},"UnprocessedKeys":{}}`,
	}, {
		rule:  "AttributesToGet",
		given: `things {"pk":"a","n":1,"m":2}`,
		ask:   batch(`{"Keys":[{"pk":"a"}],"AttributesToGet":["n"]}`),
		want:  `{"Responses":{"things":[{"n":1}]},"UnprocessedKeys":{}}`,
	}, {
		rule: "a key twice",
		ask:  batch(`{"Keys":[{"pk":"a"},{"pk":"b"},{"pk":"a"}]}`),
		want: refusal + "Provided list of item keys contains duplicates",
	}, {
		rule: "keys that are twice the same number",
		ask: `BatchGetItem {"RequestItems":{"scores":{"Keys":[
			{"pk":"a","sk":1},{"pk":"a","sk":1.0}]}}}`,
		want: refusal + "Provided list of item keys contains duplicates",
	}, {
		rule: "a table that is not there refuses all",
		ask: `BatchGetItem {"RequestItems":{"things":{"Keys":[{"pk":"a"}]},
			"nothing":{"Keys":[{"pk":"a"}]}}}`,
		want: "ResourceNotFoundException: Requested resource not found",
	}, {
		rule: "a key of another schema",
		ask:  batch(`{"Keys":[{"pk":1}]}`),
		want: refusal + "The provided key element does not match the schema",
	}, {
		rule: "no tables",
		ask:  `BatchGetItem {"RequestItems":{}}`,
		want: enveloped + "Value at 'RequestItems' failed to satisfy constraint: Member must " +
			"have length greater than or equal to 1",
	}, {
		rule: "no keys",
		ask:  batch(`{"Keys":[]}`),
		want: enveloped + "Value at 'RequestItems.things.member.Keys' failed to satisfy " +
			"constraint: Member must have length greater than or equal to 1",
	}, {
		rule: "a hundred keys",
		ask:  batch(`{"Keys":` + thingKeys(100) + `}`),
		want: `{"Responses":{"things":[]},"UnprocessedKeys":{}}`,
	}, {
		rule: "more than a hundred",
		ask:  batch(`{"Keys":` + thingKeys(101) + `}`),
		want: enveloped + "Value at 'RequestItems.things.member.Keys' failed to satisfy " +
			"constraint: Member must have length less than or equal to 100",
	}})
}

// Unprocessed keys form a request that a client can send unchanged.
func TestBatchGetUnprocessedKeysAreARequest(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `
		things {"pk":"a","n":1,"m":1}
		things {"pk":"b","n":2,"m":2}`)
	s.LeaveUnprocessed("things", 1)
	const rest = `"ProjectionExpression":"#n","ExpressionAttributeNames":{"#n":"n"},
		"ConsistentRead":true`
	script(t, s,
		`BatchGetItem {"RequestItems":{"things":{"Keys":[{"pk":"a"},{"pk":"b"}],`+rest+`}}}`,
		`{"Responses":{"things":[{"n":2}]},
		"UnprocessedKeys":{"things":{"Keys":[{"pk":"a"}],`+rest+`}}}`,
		`BatchGetItem {"RequestItems":{"things":{"Keys":[{"pk":"a"}],`+rest+`}}}`,
		`{"Responses":{"things":[{"n":1}]},"UnprocessedKeys":{}}`)
	s.LeaveUnprocessed("things", 1)
	script(t, s,
		`BatchGetItem {"RequestItems":{"things":{"Keys":[{"pk":"a"}],"AttributesToGet":["m"]}}}`,
		`{"Responses":{"things":[]},
		"UnprocessedKeys":{"things":{"Keys":[{"pk":"a"}],"AttributesToGet":["m"]}}}`)
}

// The response to a batch has at most 16 MB. Keys that do not fit are unprocessed and cost nothing.
func TestBatchGetAnswersSixteenMegabytes(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	const items = 50
	pad := strings.Repeat("x", 390<<10)
	for i := range items {
		give(t, s, fmt.Sprintf(`things {"pk":"%d","pad":"%s"}`, i, pad))
	}
	response := decode(t, ask(t, s, `BatchGetItem {"ReturnConsumedCapacity":"TOTAL","RequestItems":
		{"things":{"Keys":`+thingKeys(items)+`,"ProjectionExpression":"pk"}}}`))
	found, _ := at(response, "Responses", "things").([]any)
	left, _ := at(response, "UnprocessedKeys", "things", "Keys").([]any)
	assert.Len(t, found, 16<<20/(390<<10))
	require.Len(t, left, items-len(found))
	assert.Equal(t, map[string]any{"pk": itoa(len(found))}, left[0])
	units, _ := at(response, "ConsumedCapacity").([]any)
	require.Len(t, units, 1)
	assert.Equal(t, itoa(len(found)*98/2), fmt.Sprint(at(units[0], "CapacityUnits")))
}
