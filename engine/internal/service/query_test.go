package service

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// gamesOfA are scores of the players a and b.
const gamesOfA = `
	scores {"pk":"a","sk":-5,"day":3,"game":"chess","points":7,"note":"n1","more":true}
	scores {"pk":"a","sk":0,"day":1,"game":"go","points":7,"note":"n2"}
	scores {"pk":"a","sk":2,"day":2,"game":"chess","note":"n3"}
	scores {"pk":"a","sk":10,"game":"chess","points":1,"note":"n11"}
	scores {"pk":"b","sk":1,"day":9,"game":"chess","points":7,"note":"n9"}
`

// querySk returns a Query of scores that returns only the numbers of the items, with values for the
// conditions, and more members.
func querySk(condition, values, more string) string {
	return `Query scores {"KeyConditionExpression":"` + condition +
		`","ProjectionExpression":"sk","ExpressionAttributeValues":` + values + more + `}`
}

// foundSk is the response to querySk: "-5 0 2".
func foundSk(numbers string) string {
	list := strings.Fields(numbers)
	count := `"Count":` + itoa(len(list)) + `,"ScannedCount":` + itoa(len(list))
	for i := range list {
		list[i] = `{"sk":` + list[i] + `}`
	}
	return `{"Items":[` + strings.Join(list, ",") + `],` + count + `}`
}

func TestQueryKeyConditions(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	run(t, newTables, []row{{
		rule: "a hash key alone is all its items, by the range key", given: gamesOfA,
		ask:  querySk("pk = :p", `{":p":"a"}`, ""),
		want: foundSk("-5 0 2 10"),
	}, {
		rule: "backwards", given: gamesOfA,
		ask:  querySk("pk = :p", `{":p":"a"}`, `,"ScanIndexForward":false`),
		want: foundSk("10 2 0 -5"),
	}, {
		rule: "a hash key without items", given: gamesOfA,
		ask:  querySk("pk = :p", `{":p":"c"}`, ""),
		want: foundSk(""),
	}, {
		rule: "=", given: gamesOfA,
		ask:  querySk("pk = :p AND sk = :s", `{":p":"a",":s":0}`, ""),
		want: foundSk("0"),
	}, {
		rule: "<", given: gamesOfA,
		ask:  querySk("pk = :p AND sk < :s", `{":p":"a",":s":2}`, ""),
		want: foundSk("-5 0"),
	}, {
		rule: "<=", given: gamesOfA,
		ask:  querySk("pk = :p AND sk <= :s", `{":p":"a",":s":2}`, ""),
		want: foundSk("-5 0 2"),
	}, {
		rule: ">", given: gamesOfA,
		ask:  querySk("pk = :p AND sk > :s", `{":p":"a",":s":0}`, ""),
		want: foundSk("2 10"),
	}, {
		rule: ">=", given: gamesOfA,
		ask:  querySk("pk = :p AND sk >= :s", `{":p":"a",":s":0}`, ""),
		want: foundSk("0 2 10"),
	}, {
		rule: "BETWEEN takes in both ends", given: gamesOfA,
		ask:  querySk("pk = :p AND sk BETWEEN :s AND :t", `{":p":"a",":s":-5,":t":2}`, ""),
		want: foundSk("-5 0 2"),
	}, {
		rule: "BETWEEN with its ends the wrong way round", given: gamesOfA,
		ask: querySk("pk = :p AND sk BETWEEN :s AND :t", `{":p":"a",":s":2,":t":0}`, ""),
		want: refusal + "Invalid KeyConditionExpression: The BETWEEN operator requires upper " +
			"bound to be greater than or equal to lower bound; lower bound operand: " +
			"AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:0}",
	}, {
		rule: "begins_with of a text", given: gamesOfA,
		ask: querySk("pk = :p AND begins_with(note, :n)", `{":p":"a",":n":"n1"}`,
			`,"IndexName":"byNote"`),
		want: foundSk("-5 10"),
	}, {
		rule: "begins_with of a number",
		ask:  querySk("pk = :p AND begins_with(sk, :s)", `{":p":"a",":s":1}`, ""),
		want: refusal + "Invalid KeyConditionExpression: Incorrect operand type for operator or " +
			"function; operator or function: begins_with, operand type: N",
	}, {
		rule: "the conditions in any order", given: gamesOfA,
		ask:  querySk("sk < :s AND pk = :p", `{":p":"a",":s":0}`, ""),
		want: foundSk("-5"),
	}, {
		rule: "without the hash key",
		ask:  querySk("sk = :s", `{":s":1}`, ""),
		want: refusal + "Query condition missed key schema element: pk",
	}, {
		rule: "the hash key can only be equal",
		ask:  querySk("pk > :p", `{":p":"a"}`, ""),
		want: refusal + "Query key condition not supported",
	}, {
		rule: "an attribute that is no key of the table",
		ask:  querySk("pk = :p AND game = :g", `{":p":"a",":g":"go"}`, ""),
		want: refusal + "Query condition missed key schema element: sk",
	}, {
		rule: "a value of another type than the key's",
		ask:  querySk("pk = :p", `{":p":1}`, ""),
		want: refusal + "One or more parameter values were invalid: " +
			"Condition parameter type does not match schema type",
	}, {
		rule: "no condition at all",
		ask:  `Query scores {}`,
		want: refusal + "Either the KeyConditions or KeyConditionExpression parameter must be " +
			"specified in the request.",
	}, {
		rule: "an empty condition",
		ask:  `Query scores {"KeyConditionExpression":""}`,
		want: refusal + "Invalid KeyConditionExpression: The expression can not be empty;",
	}})
}

// Range keys have the order of their type: numbers by value, texts and binaries by their bytes.
func TestQueryOrder(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, kind, sorted string }{
		{"numbers", "N", `-1E125 -100 -20 -3 -0.5 -1E-130 0 1E-130 0.5 3 20 100 1E125`},
		{"texts", "S", `"!" "A" "Z" "a" "a!" "aa" "b" "é" "☃" "😀"`},
		{"binaries", "B", `{"B":"AA=="} {"B":"AAA="} {"B":"AQ=="} {"B":"fw=="} {"B":"gA=="} ` +
			`{"B":"/w=="} {"B":"//8="}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			call(t, s, "CreateTable", object(nameOf("sorted"), onDemand,
				define("pk S, sk "+test.kind), key("pk sk")))
			keys := strings.Fields(test.sorted)
			for i := range keys { // backwards, unlike the result
				k := keys[len(keys)-1-i]
				give(t, s, `sorted {"pk":"p","sk":`+k+`}`)
			}
			for i, direction := range []string{"true", "false"} {
				want := make([]string, len(keys))
				for j, k := range keys {
					if i == 1 {
						j = len(keys) - 1 - j
					}
					want[j] = `{"sk":` + normalKey(t, k) + `}`
				}
				n := itoa(len(keys))
				script(t, s, `Query sorted {"KeyConditionExpression":"pk = :p",
					"ProjectionExpression":"sk","ScanIndexForward":`+direction+`,
					"ExpressionAttributeValues":{":p":"p"}}`,
					`{"Items":[`+strings.Join(want, ",")+`],"Count":`+n+`,"ScannedCount":`+n+`}`)
			}
		})
	}
}

func TestQueryOfIndexes(t *testing.T) {
	t.Parallel()
	run(t, newTables, []row{{
		rule: "a local index has its own order, and only items with its key", given: gamesOfA,
		ask:  querySk("pk = :p", `{":p":"a"}`, `,"IndexName":"byDay"`),
		want: foundSk("0 2 -5"),
	}, {
		rule: "a local index by both keys", given: gamesOfA,
		ask: querySk("pk = :p AND #d >= :d", `{":p":"a",":d":2}`,
			`,"IndexName":"byDay","ExpressionAttributeNames":{"#d":"day"}`),
		want: foundSk("2 -5"),
	}, {
		rule: "a local index can be read consistently", given: gamesOfA,
		ask:  querySk("pk = :p", `{":p":"b"}`, `,"IndexName":"byDay","ConsistentRead":true`),
		want: foundSk("1"),
	}, {
		rule: "a global index has the items of all hash keys, in its order", given: gamesOfA,
		ask: `Query scores {"IndexName":"byGame","ProjectionExpression":"pk, sk",
			"KeyConditionExpression":"game = :g AND points >= :n",
			"ExpressionAttributeValues":{":g":"chess",":n":1}}`,
		want: `{"Items":[{"pk":"a","sk":10},{"pk":"a","sk":-5},{"pk":"b","sk":1}],
			"Count":3,"ScannedCount":3}`,
	}, {
		rule: "a global index lacks items without one of its keys", given: gamesOfA,
		ask: `Query scores {"IndexName":"byGame","KeyConditionExpression":"game = :g",
			"ExpressionAttributeValues":{":g":"chess"},"Select":"COUNT"}`,
		want: `{"Count":3,"ScannedCount":3}`,
	}, {
		rule: "a global index of a hash key alone has them", given: gamesOfA,
		ask: `Query scores {"IndexName":"games","KeyConditionExpression":"game = :g",
			"ExpressionAttributeValues":{":g":"chess"},"Select":"COUNT"}`,
		want: `{"Count":4,"ScannedCount":4}`,
	}, {
		rule: "a global index cannot be read consistently",
		ask: querySk("game = :g", `{":g":"chess"}`,
			`,"IndexName":"byGame","ConsistentRead":true`),
		want: "ValidationException: Consistent reads are not supported on global secondary indexes",
	}, {
		rule: "an index that there is not",
		ask:  querySk("pk = :p", `{":p":"a"}`, `,"IndexName":"none"`),
		want: "ValidationException: The table does not have the specified index: none",
	}})
}

// Select, and which attributes of an item an index has.
func TestQuerySelect(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const enveloped = refusal + "1 validation error detected: "
	byGame := func(more string) string {
		return `Query scores {"IndexName":"byGame","KeyConditionExpression":"game = :g",
			"ExpressionAttributeValues":{":g":"go"}` + more + `}`
	}
	byDay := func(more string) string {
		return `Query scores {"IndexName":"byDay","KeyConditionExpression":"pk = :p AND #d = :d",
			"ExpressionAttributeNames":{"#d":"day"},
			"ExpressionAttributeValues":{":p":"a",":d":3}` + more + `}`
	}
	ofTable := func(more string) string {
		return `Query scores {"KeyConditionExpression":"pk = :p AND sk = :s",
			"ExpressionAttributeValues":{":p":"a",":s":2}` + more + `}`
	}
	const whole = `{"Items":[{"pk":"a","sk":2,"day":2,"game":"chess","note":"n3"}],
		"Count":1,"ScannedCount":1}`
	run(t, newTables, []row{{
		rule: "of a table all attributes are the default", given: gamesOfA,
		ask: ofTable(""), want: whole,
	}, {
		rule: "ALL_ATTRIBUTES of a table", given: gamesOfA,
		ask: ofTable(`,"Select":"ALL_ATTRIBUTES"`), want: whole,
	}, {
		rule: "COUNT answers no items", given: gamesOfA,
		ask:  ofTable(`,"Select":"COUNT"`),
		want: `{"Count":1,"ScannedCount":1}`,
	}, {
		rule: "SPECIFIC_ATTRIBUTES with an expression", given: gamesOfA,
		ask:  ofTable(`,"Select":"SPECIFIC_ATTRIBUTES","ProjectionExpression":"game"`),
		want: `{"Items":[{"game":"chess"}],"Count":1,"ScannedCount":1}`,
	}, {
		rule: "SPECIFIC_ATTRIBUTES without saying which",
		ask:  ofTable(`,"Select":"SPECIFIC_ATTRIBUTES"`),
		want: enveloped + "Must specify the AttributesToGet or ProjectionExpression when " +
			"choosing to get SPECIFIC_ATTRIBUTES",
	}, {
		rule: "ALL_ATTRIBUTES with a projection",
		ask:  ofTable(`,"Select":"ALL_ATTRIBUTES","ProjectionExpression":"game"`),
		want: enveloped + "Cannot specify the ProjectionExpression when choosing to get " +
			"ALL_ATTRIBUTES",
	}, {
		rule: "COUNT with a projection",
		ask:  ofTable(`,"Select":"COUNT","ProjectionExpression":"game"`),
		want: enveloped + "Cannot specify the ProjectionExpression when choosing to get only " +
			"the Count",
	}, {
		rule: "ALL_PROJECTED_ATTRIBUTES of a table",
		ask:  ofTable(`,"Select":"ALL_PROJECTED_ATTRIBUTES"`),
		want: enveloped + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an " +
			"IndexName",
	}, {
		rule: "a Select that there is not",
		ask:  ofTable(`,"Select":"EVERYTHING"`),
		want: enveloped + "Value 'EVERYTHING' at 'select' failed to satisfy constraint: Member " +
			"must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, " +
			"ALL_PROJECTED_ATTRIBUTES]",
	}, {
		rule:  "an index answers what it projects: keys of both, and what it includes",
		given: gamesOfA, ask: byGame(""),
		want: `{"Items":[{"pk":"a","sk":0,"game":"go","points":7,"note":"n2"}],
			"Count":1,"ScannedCount":1}`,
	}, {
		rule: "ALL_PROJECTED_ATTRIBUTES says so", given: gamesOfA,
		ask: byGame(`,"Select":"ALL_PROJECTED_ATTRIBUTES"`),
		want: `{"Items":[{"pk":"a","sk":0,"game":"go","points":7,"note":"n2"}],
			"Count":1,"ScannedCount":1}`,
	}, {
		rule: "a global index does not give what it does not project", given: gamesOfA,
		ask: byGame(`,"Select":"ALL_ATTRIBUTES"`),
		want: refusal + "One or more parameter values were invalid: Select type ALL_ATTRIBUTES " +
			"is not supported for global secondary index byGame because its projection type is " +
			"not ALL",
	}, {
		rule: "a global index of all attributes gives them", given: gamesOfA,
		ask: `Query scores {"IndexName":"games","KeyConditionExpression":"game = :g",
			"ExpressionAttributeValues":{":g":"go"},"Select":"ALL_ATTRIBUTES"}`,
		want: `{"Items":[{"pk":"a","sk":0,"day":1,"game":"go","points":7,"note":"n2"}],
			"Count":1,"ScannedCount":1}`,
	}, {
		rule: "a local index answers what it projects", given: gamesOfA,
		ask:  byDay(""),
		want: `{"Items":[{"pk":"a","sk":-5,"day":3}],"Count":1,"ScannedCount":1}`,
	}, {
		rule: "a global index does not give single attributes that it does not project",
		ask:  byGame(`,"ProjectionExpression":"note, more, pk, extra.deep[1]"`),
		want: refusal +
			"One or more parameter values were invalid: Global secondary index byGame " +
			"does not project [more, extra]",
	}, {
		rule:  "for an attribute that it does not project a local index fetches from the table",
		given: gamesOfA,
		ask:   byDay(`,"ProjectionExpression":"sk, game"`),
		want:  `{"Items":[{"sk":-5,"game":"chess"}],"Count":1,"ScannedCount":1}`,
	}, {
		rule: "AttributesToGet fetches, too", given: gamesOfA,
		ask: `Query scores {"IndexName":"byDay","AttributesToGet":["game"],"KeyConditions":{
			"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]},
			"day":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"3"}]}}}`,
		want: `{"Items":[{"game":"chess"}],"Count":1,"ScannedCount":1}`,
	}, {
		rule: "for ALL_ATTRIBUTES a local index fetches from the table", given: gamesOfA,
		ask: byDay(`,"Select":"ALL_ATTRIBUTES"`),
		want: `{"Items":[{"pk":"a","sk":-5,"day":3,"game":"chess","points":7,"note":"n1",
			"more":true}],"Count":1,"ScannedCount":1}`,
	}})
}

func TestQueryFilter(t *testing.T) {
	t.Parallel()
	run(t, newTables, []row{{
		rule: "a filter takes items away after they are read", given: gamesOfA,
		ask:  querySk("pk = :p", `{":p":"a",":g":"chess"}`, `,"FilterExpression":"game = :g"`),
		want: `{"Items":[{"sk":-5},{"sk":2},{"sk":10}],"Count":3,"ScannedCount":4}`,
	}, {
		rule: "Limit counts items before the filter", given: gamesOfA,
		ask: querySk("pk = :p", `{":p":"a",":g":"chess"}`,
			`,"FilterExpression":"game = :g","Limit":2`),
		want: `{"Items":[{"sk":-5}],"Count":1,"ScannedCount":2,
			"LastEvaluatedKey":{"pk":"a","sk":0}}`,
	}, {
		rule: "a page can be empty and still not be the last", given: gamesOfA,
		ask: querySk("pk = :p AND sk >= :s", `{":p":"a",":s":0,":g":"chess"}`,
			`,"FilterExpression":"game = :g","Limit":1`),
		want: `{"Items":[],"Count":0,"ScannedCount":1,"LastEvaluatedKey":{"pk":"a","sk":0}}`,
	}, {
		rule: "a filter sees attributes that the projection leaves out", given: gamesOfA,
		ask: `Query scores {"KeyConditionExpression":"pk = :p","ProjectionExpression":"note",
			"ExpressionAttributeValues":{":p":"a",":g":"go"},"FilterExpression":"game = :g"}`,
		want: `{"Items":[{"note":"n2"}],"Count":1,"ScannedCount":4}`,
	}, {
		rule: "a filter of a query cannot be about what the index does not project",
		ask: querySk("pk = :p", `{":p":"a",":g":"go"}`,
			`,"IndexName":"byDay","FilterExpression":"game = :g"`),
		want: "ValidationException: One or more parameter values were invalid: Secondary index " +
			"byDay does not project one or more filter attributes: [game]",
	}, {
		rule: "a filter can be about what the index includes", given: gamesOfA,
		ask: querySk("game = :g", `{":g":"chess",":n":"n9"}`,
			`,"IndexName":"byGame","FilterExpression":"note = :n"`),
		want: `{"Items":[{"sk":1}],"Count":1,"ScannedCount":3}`,
	}, {
		rule: "a filter cannot be about the keys of a query",
		ask:  querySk("pk = :p", `{":p":"a",":s":2}`, `,"FilterExpression":"sk = :s"`),
		want: "ValidationException: Filter Expression can only contain non-primary key " +
			"attributes: Primary key attribute: sk",
	}, {
		rule: "the keys of an index are not those of the table", given: gamesOfA,
		ask: querySk("game = :g", `{":g":"chess",":s":2}`,
			`,"IndexName":"games","FilterExpression":"sk = :s"`),
		want: `{"Items":[{"sk":2}],"Count":1,"ScannedCount":4}`,
	}})
}

// normalKey returns a key as the service returns it, with numbers without an exponent.
func normalKey(t *testing.T, k string) string {
	t.Helper()
	in, ok := decode(t, k).(json.Number)
	if !ok {
		return k
	}
	n, err := number.Parse(in.String())
	require.NoError(t, err)
	return n.String()
}
