package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var indexedTables = []*table{{name: "t", hash: key{"h", "S"}, ranged: key{"r", "S"},
	indexes: []index{{name: "x", hash: []key{{"g", "S"}}, ranged: []key{{"l", "N"}}}}}}

func TestNormaliseTakesOutWhatIsFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, operation, request, one, other string
	}{
		{"attributes of an item", "GetItem", `{}`,
			`{"Item":{"a":{"S":"1"},"b":{"NS":["1","2"]}}}`,
			`{"Item":{"b":{"NS":["2","1"]},"a":{"S":"1"}}}`},
		{"dates and sizes", "DescribeTable", `{}`,
			`{"Table":{"CreationDateTime":1,"ItemCount":3,"TableId":"a"}}`,
			`{"Table":{"CreationDateTime":2,"ItemCount":0,"TableId":"b"}}`},
		{"order of a scan", "Scan", `{}`,
			`{"Items":[{"h":{"S":"a"}},{"h":{"S":"b"}}],"Count":2}`,
			`{"Items":[{"h":{"S":"b"}},{"h":{"S":"a"}}],"Count":2}`},
		{"items of a page of a scan", "Scan", `{"Limit":1}`,
			`{"Items":[{"h":{"S":"a"}}],"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"h":{"S":"a"}}}`,
			`{"Items":[{"h":{"S":"b"}}],"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"h":{"S":"b"}}}`},
		{"equal index keys", "Query", `{"TableName":"t","IndexName":"x"}`,
			`{"Items":[{"l":{"N":"1"},"r":{"S":"a"}},{"l":{"N":"1"},"r":{"S":"b"}}]}`,
			`{"Items":[{"l":{"N":"1"},"r":{"S":"b"}},{"l":{"N":"1"},"r":{"S":"a"}}]}`},
		{"a batch", "BatchGetItem", `{}`,
			`{"Responses":{"t":[{"h":{"S":"a"}},{"h":{"S":"b"}}]},"UnprocessedKeys":{}}`,
			`{"Responses":{"t":[{"h":{"S":"b"}},{"h":{"S":"a"}}]},"UnprocessedKeys":{}}`},
		{"tables of others", "ListTables", `{}`,
			`{"TableNames":["a","t` + runMark + `"]}`, `{"TableNames":["t` + runMark + `","z"]}`},
	} {
		assert.Empty(t, kindOfTexts(t, c.operation, c.request, c.one, c.other), c.name)
	}
}

func TestNormaliseLeavesWhatMatters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, operation, request, one, other string
	}{
		{"order of a query", "Query", `{"TableName":"t"}`,
			`{"Items":[{"r":{"S":"a"}},{"r":{"S":"b"}}]}`,
			`{"Items":[{"r":{"S":"b"}},{"r":{"S":"a"}}]}`},
		{"order of index keys", "Query", `{"TableName":"t","IndexName":"x"}`,
			`{"Items":[{"l":{"N":"1"}},{"l":{"N":"2"}}]}`,
			`{"Items":[{"l":{"N":"2"}},{"l":{"N":"1"}}]}`},
		{"how many a page of a scan has", "Scan", `{"Limit":2}`,
			`{"Items":[],"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"h":{"S":"a"}}}`,
			`{"Items":[],"Count":2,"ScannedCount":2,"LastEvaluatedKey":{"h":{"S":"b"}}}`},
		{"the last item of a scan", "Scan", `{}`,
			`{"Items":[{"h":{"S":"a"}}]}`, `{"Items":[{"h":{"S":"b"}}]}`},
		{"the text of a number", "GetItem", `{}`,
			`{"Item":{"a":{"N":"1.0"}}}`, `{"Item":{"a":{"N":"1"}}}`},
		{"capacity", "GetItem", `{}`,
			`{"ConsumedCapacity":{"CapacityUnits":0.5}}`,
			`{"ConsumedCapacity":{"CapacityUnits":1.0}}`},
		{"order of a list", "GetItem", `{}`,
			`{"Item":{"a":{"L":[{"S":"a"},{"S":"b"}]}}}`,
			`{"Item":{"a":{"L":[{"S":"b"},{"S":"a"}]}}}`},
		{"an attribute with the name of a date", "GetItem", `{}`,
			`{"Item":{"TableId":{"S":"a"}}}`, `{"Item":{"TableId":{"S":"b"}}}`},
	} {
		assert.NotEmpty(t, kindOfTexts(t, c.operation, c.request, c.one, c.other), c.name)
	}
}

// kindOfTexts compares two bodies of responses to one request.
func kindOfTexts(t *testing.T, operation, request, one, other string) string {
	t.Helper()
	s := &step{operation: operation, body: tree(t, request)}
	return kindOf(s, normalise(s, indexedTables, rawResponse{status: 200, body: tree(t, one)}),
		normalise(s, indexedTables, rawResponse{status: 200, body: tree(t, other)}))
}

func TestKindsOfDifferences(t *testing.T) {
	t.Parallel()
	refusal := func(message string) observation {
		body := newObject("__type", "x#ValidationException", "message", message)
		return observation{status: 400, tree: body}
	}
	s := &step{operation: "PutItem"}
	plus := refusal(`Syntax error; token: "+", near: "a+"`)
	equals := refusal(`Syntax error; token: "=", near: "=="`)
	one := kindOf(s, refusal("no such name: #a, in 'x'"), plus)
	other := kindOf(s, refusal("no such name: #b, in 'y'"), equals)
	assert.Equal(t, one, other, "names and values do not make another kind")
	assert.NotEqual(t, one, kindOf(s, refusal("too long"), equals))
	assert.Equal(t, "PutItem: 200: .Item….N .Item…(+)", kindOf(s,
		observation{status: 200, tree: tree(t, `{"Item":{"a":{"N":"1"},"b":{"S":""}}}`)},
		observation{status: 200, tree: tree(t, `{"Item":{"a":{"N":"2"}}}`)}))
	assert.Equal(t, "PutItem: 200: fault", kindOf(s,
		observation{status: 200}, observation{status: 200, fault: "no X-Amz-Crc32"}))
}
