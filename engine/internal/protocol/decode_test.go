package protocol

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

func decoded[In any](t *testing.T, body string) *In {
	t.Helper()
	in, err := Decode[In]([]byte(body))
	require.NoError(t, err)
	return in
}

func to[T any](v T) *T { return &v }

func TestDecodeMembers(t *testing.T) {
	t.Parallel()
	in := decoded[QueryInput](t, ` {
		"TableName" : "players", "Limit": 25, "ConsistentRead": true,
		"ScanIndexForward": false, "Select": null, "Unknown": [{"a": [1, "]"]}, null],
		"AttributesToGet": ["a", "b"],
		"ExpressionAttributeNames": {"#b": "b", "#a": "a"},
		"KeyConditions": {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}}
	} `)
	assert.Equal(t, &QueryInput{
		TableName:        to("players"),
		Limit:            to(int64(25)),
		ConsistentRead:   to(true),
		ScanIndexForward: to(false),
		AttributesToGet:  []string{"a", "b"},
		ExpressionAttributeNames: Map[string]{
			{Key: "#b", Value: "b"}, {Key: "#a", Value: "a"},
		},
		KeyConditions: Map[Condition]{{Key: "id", Value: Condition{
			ComparisonOperator: to("EQ"),
			AttributeValueList: []Value{{Value: value.String("x")}},
		}}},
	}, in)
}

func TestDecodeNestedShapes(t *testing.T) {
	t.Parallel()
	in := decoded[BatchWriteItemInput](t, `{"RequestItems": {
		"one": [{"PutRequest": {"Item": {"id": {"S": "a"}}}}, {"DeleteRequest": null}],
		"two": []}}`)
	assert.Equal(t, Map[[]WriteRequest]{
		{Key: "one", Value: []WriteRequest{
			{PutRequest: &PutRequest{Item: &Item{
				Attributes: value.Map{{Name: "id", Value: value.String("a")}},
			}}},
			{},
		}},
		{Key: "two", Value: []WriteRequest{}},
	}, in.RequestItems)

	batch := decoded[BatchGetItemInput](t,
		`{"RequestItems":{"one":{"Keys":[{"id":{"S":"a"}},{"id":{"S":"b"}}]}}}`)
	assert.Len(t, batch.RequestItems[0].Value.Keys, 2)
	assert.Equal(t, value.String("b"), batch.RequestItems[0].Value.Keys[1].Attributes.Get("id"))

	iterator := decoded[GetShardIteratorInput](t, `{"Timestamp": 1.7e9}`)
	assert.Equal(t, to(1.7e9), iterator.Timestamp)
}

func TestDecodeEmptyIsNotAbsent(t *testing.T) {
	t.Parallel()
	in := decoded[ScanInput](t, `{"AttributesToGet":[],"ExpressionAttributeNames":{},`+
		`"ExpressionAttributeValues":{},"FilterExpression":""}`)
	assert.NotNil(t, in.AttributesToGet)
	assert.NotNil(t, in.ExpressionAttributeNames)
	assert.NotNil(t, in.ExpressionAttributeValues)
	assert.Equal(t, to(""), in.FilterExpression)
	assert.Nil(t, in.ScanFilter)
}

func numberOf(t *testing.T, text string) number.Number {
	t.Helper()
	n, err := number.Parse(text)
	require.NoError(t, err)
	return n
}

func TestDecodeValues(t *testing.T) {
	t.Parallel()
	one, ten := numberOf(t, "1"), numberOf(t, "10")
	for body, want := range map[string]value.Value{
		`{"S":""}`:                value.String(""),
		`{"S":"a\"\\\/\n\u00e9"}`: value.String("a\"\\/\né"),
		`{"S":"\ud83d\ude00é"}`:   value.String("😀é"),
		`{"N":"1.0"}`:             value.Number{Number: one},
		`{"B":"AP8="}`:            value.Binary("\x00\xff"),
		`{"B":""}`:                value.Binary(""),
		`{"BOOL":true}`:           value.Bool(true),
		`{"BOOL":"No"}`:           value.Bool(false),
		`{"NULL":true}`:           value.Null{},
		`{"NULL":"Y"}`:            value.Null{},
		`{"SS":["b","a"]}`:        value.StringSet{"a", "b"},
		`{"NS":["10","1"]}`:       value.NumberSet{one, ten},
		`{"BS":["Yg==","YQ=="]}`:  value.BinarySet{"a", "b"},
		`{"L":[]}`:                value.List{},
		`{"L":[{"S":"a"},{"L":[{"BOOL":true}]}]}`: value.List{
			value.String("a"), value.List{value.Bool(true)},
		},
		`{"M":{}}`: value.Map{},
		`{"M":{"b":{"S":"2"},"a":{"M":{"z":{"S":"3"},"y":{"S":"4"}}},"c":{"S":"1"}}}`: value.Map{
			{Name: "a", Value: value.Map{
				{Name: "y", Value: value.String("4")}, {Name: "z", Value: value.String("3")},
			}},
			{Name: "b", Value: value.String("2")},
			{Name: "c", Value: value.String("1")},
		},
		`{"S":"a","N":null,"X":[{}]}`: value.String("a"),
		`{"S":"a","S":"b"}`:           value.String("b"),
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			in := decoded[PutItemInput](t, `{"Item":{"v":`+body+`}}`)
			assert.Equal(t, want, in.Item.Attributes.Get("v"))
			assert.Nil(t, in.Item.Problem)
		})
	}
}

func TestDecodeLastDuplicateCounts(t *testing.T) {
	t.Parallel()
	in := decoded[PutItemInput](t, `{"TableName":"one","TableName":"two",
		"Item":{"a":{"S":"old"}}, "Item":{"b":{"S":"1"},"a":{"S":"2"},"b":{"S":"3"}},
		"ReturnValues":"NONE","ReturnValues":null,
		"ExpressionAttributeNames":{"#a":"x","#b":"y","#a":"z"}}`)
	assert.Equal(t, to("two"), in.TableName)
	assert.Equal(t, value.Map{
		{Name: "a", Value: value.String("2")}, {Name: "b", Value: value.String("3")},
	}, in.Item.Attributes)
	assert.Nil(t, in.ReturnValues)
	assert.Equal(t, Map[string]{{Key: "#a", Value: "z"}, {Key: "#b", Value: "y"}},
		in.ExpressionAttributeNames)
}

func TestDecodeLargeMap(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 100 {
		names = append(names, `"#`+strings.Repeat("a", i%50)+`":"`+strings.Repeat("b", i)+`"`)
	}
	in := decoded[GetItemInput](t,
		`{"ExpressionAttributeNames":{`+strings.Join(names, ",")+`}}`)
	require.Len(t, in.ExpressionAttributeNames, 50)
	got, _ := in.ExpressionAttributeNames.Get("#aaa")
	assert.Equal(t, strings.Repeat("b", 53), got)
}

func TestDecodeKeepsNothingOfTheBody(t *testing.T) {
	t.Parallel()
	body := []byte(`{"TableName":"players","Item":{"name":{"S":"value"},"n":{"N":"12345"},` +
		`"b":{"B":"YWJj"},"ss":{"SS":["one","two"]}},"ExpressionAttributeNames":{"#a":"a"}}`)
	in, err := Decode[PutItemInput](body)
	require.NoError(t, err)
	want := decoded[PutItemInput](t, string(body))
	for i := range body {
		body[i] = '?'
	}
	assert.Equal(t, want, in)
}

func TestDecodeManyTexts(t *testing.T) {
	t.Parallel()
	var attributes []string
	for i := range 200 {
		text := strings.Repeat("x", i*7)
		attributes = append(attributes, `"a`+text+`":{"S":"`+text+`"}`)
	}
	in := decoded[PutItemInput](t, `{"Item":{`+strings.Join(attributes, ",")+`}}`)
	require.Len(t, in.Item.Attributes, 200)
	for _, a := range in.Item.Attributes {
		assert.Equal(t, value.String(a.Name[1:]), a.Value)
	}
}

func TestDecodeIntegers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body    string
		want    int64
		coerced bool
	}{
		{`7`, 7, false},
		{`-0`, 0, false},
		{`1e2`, 100, false},
		{`1.0`, 1, false},
		{`1.9`, 1, true},
		{`-1.9`, -1, true},
		{`2147483647`, 2147483647, false},
		{`2147483648`, 2147483647, true},
		{`-99999999999999999999`, -2147483648, true},
		{`1e999`, 2147483647, true},
	} {
		in := decoded[ScanInput](t, `{"Limit":`+tt.body+`}`)
		assert.Equal(t, tt.want, *in.Limit, tt.body)
		assert.Equal(t, tt.coerced, in.Coerced, tt.body)
	}
	long := decoded[CreateTableInput](t,
		`{"ProvisionedThroughput":{"ReadCapacityUnits":9007199254740993}}`)
	assert.Equal(t, int64(9007199254740993), *long.ProvisionedThroughput.ReadCapacityUnits)
}
