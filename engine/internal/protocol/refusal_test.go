package protocol

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decodeAs returns the code and the message of the error of decoding a body.
func decodeAs[In any](t *testing.T, body string) string {
	t.Helper()
	_, err := Decode[In]([]byte(body))
	if err == nil {
		return ""
	}
	var refusal *Error
	require.True(t, errors.As(err, &refusal))
	return strings.TrimSuffix(refusal.Code, "Exception") + ": " + refusal.Message
}

func TestDecodeRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, ` `, `{`, `{"TableName":"a"`, `{"TableName":"a",}`, `{"TableName" "a"}`, `{,}`,
		`{"TableName":"a"}x`, `{"TableName":"a"}{}`, `{TableName:"a"}`, `{"TableName":'a'}`,
		`{"AttributesToGet":[1,]}`, `{"AttributesToGet":["a" "b"]}`, `{"X":01}`, `{"X":1.}`,
		`{"X":.5}`, `{"X":+1}`, `{"X":1e}`, `{"X":-}`, `{"X":tru}`, `{"X":nul}`, `{"X":NaN}`,
		"{\"X\":\"\n\"}", `{"X":"\x"}`, `{"X":"\u12"}`, `{"X":"\ud800"}`, `{"X":"\ud800\u0041"}`,
		`{"X":"\udc00"}`, "{\"X\":\"\xff\"}", `{"TableName":1,"X":}`, `{"TableName":"a`,
		`{"X":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`,
		"\ufeff{}",
	} {
		assert.Equal(t, "Serialization: ", decodeAs[GetItemInput](t, body), body)
	}
}

func TestDecodeRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	const (
		structure = "Start of structure or map found where not expected"
		class     = "Unrecognized collection type class "
	)
	get, scan, put := decodeAs[GetItemInput], decodeAs[ScanInput], decodeAs[PutItemInput]
	create, write := decodeAs[CreateTableInput], decodeAs[BatchWriteItemInput]
	for _, tt := range []struct {
		decode     func(*testing.T, string) string
		body, want string
	}{
		{get, `{"TableName":1}`, "NUMBER_VALUE cannot be converted to String"},
		{get, `{"TableName":1.5}`, "DECIMAL_VALUE cannot be converted to String"},
		{get, `{"TableName":true}`, "TRUE_VALUE cannot be converted to String"},
		{get, `{"TableName":false}`, "FALSE_VALUE cannot be converted to String"},
		{get, `{"TableName":[]}`, class + "java.lang.String"},
		{get, `{"TableName":{}}`, structure},
		{get, `{"AttributesToGet":{}}`, structure},
		{get, `{"AttributesToGet":"a"}`, "Unexpected field type"},
		{get, `{"AttributesToGet":[1]}`, "NUMBER_VALUE cannot be converted to String"},
		{get, `{"ConsistentRead":"maybe"}`, "Unexpected token received from parser"},
		{get, `{"ConsistentRead":1}`, "NUMBER_VALUE cannot be converted to Boolean"},
		{get, `{"ConsistentRead":-0}`, "NUMBER_VALUE cannot be converted to Boolean"},
		{get, `{"ConsistentRead":1e0}`, "DECIMAL_VALUE cannot be converted to Boolean"},
		{get, `{"ConsistentRead":[]}`, class + "java.lang.Boolean"},
		{get, `{"Key":"a"}`, "Unexpected field type"},
		{get, `{"Key":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, " +
			model + "AttributeValue>"},
		{get, `{"Key":{"a":"b"}}`, "Unexpected value type in payload"},
		{get, `{"Key":{"a":[]}}`, class + model + "AttributeValue"},
		{get, `[]`, structure},
		{get, `"a"`, "Unexpected field type"},
		{scan, `{"Limit":"1"}`, "STRING_VALUE cannot be converted to Integer"},
		{scan, `{"Limit":true}`, "TRUE_VALUE cannot be converted to Integer"},
		{scan, `{"Limit":{}}`, structure},
		{scan, `{"ScanFilter":{"a":1}}`, "Unexpected value type in payload"},
		{scan, `{"ScanFilter":{"a":[]}}`, class + model + "Condition"},
		{scan, `{"ScanFilter":[]}`, "Unrecognized collection type " +
			"java.util.Map<java.lang.String, " + model + "Condition>"},
		{put, `{"ExpressionAttributeNames":[]}`, "Unrecognized collection type " +
			"java.util.Map<java.lang.String, java.lang.String>"},
		{put, `{"Expected":{"a":{"Exists":1.5}}}`, "DECIMAL_VALUE cannot be converted to Boolean"},
		{put, `{"Item":{"a":{"S":1}}}`, "NUMBER_VALUE cannot be converted to String"},
		{put, `{"Item":{"a":{"SS":"a"}}}`, "Unexpected field type"},
		{put, `{"Item":{"a":{"BOOL":[]}}}`, ""},
		{put, `{"Item":{"a":{"BOOL":{}}}}`, structure},
		{put, `{"Item":{"a":{"BOOL":1}}}`, "NUMBER_VALUE cannot be converted to Boolean"},
		{put, `{"Item":{"a":{"B":1}}}`, "only base-64-encoded strings are convertible to bytes"},
		{put, `{"Item":{"a":{"B":"abc"}}}`,
			"Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
		{put, `{"Item":{"a":{"B":"ab!="}}}`, "Invalid Base64 character: '!'"},
		{put, `{"Item":{"a":{"B":"YWF="}}}`, "Invalid last non-pad Base64 character dectected"},
		{put, `{"Item":{"a":{"B":"YWJj\n\n\n\nYWJj"}}}`, "Invalid Base64 character: '\n'"},
		{put, `{"Item":{"a":{"L":[{"M":{"b":3}}]}}}`, "Unexpected value type in payload"},
		{create, `{"KeySchema":{}}`, structure},
		{create, `{"KeySchema":[[]]}`, class + model + "KeySchemaElement"},
		{create, `{"KeySchema":[3]}`, "Unexpected value type in payload"},
		{create, `{"ProvisionedThroughput":[]}`, class + model + "ProvisionedThroughput"},
		{create, `{"ProvisionedThroughput":"x"}`, "Unexpected field type"},
		{create, `{"ProvisionedThroughput":{"ReadCapacityUnits":"x"}}`,
			"STRING_VALUE cannot be converted to Long"},
		{write, `{"RequestItems":[]}`, "Unrecognized collection type java.util.Map<" +
			"java.lang.String, java.util.List<" + model + "WriteRequest>>"},
		{write, `{"RequestItems":{"t":{}}}`, notNested().(*Error).Message},
		{decodeAs[BatchGetItemInput], `{"RequestItems":{"t":{"Keys":["a"]}}}`,
			notNested().(*Error).Message},
	} {
		assert.Equal(t, "Serialization: "+tt.want, tt.decode(t, tt.body), tt.body)
	}
}

func TestDecodeRefusesValues(t *testing.T) {
	t.Parallel()
	const (
		item   = `{"Item":{"a":%s}}`
		key    = `{"Key":{"a":%s}}`
		values = `{"ExpressionAttributeValues":{":v":%s}}`
	)
	put, update := decodeAs[PutItemInput], decodeAs[UpdateItemInput]
	get, query := decodeAs[GetItemInput], decodeAs[QueryInput]
	in := func(message string) string { return named(message, ":v") }
	for _, tt := range []struct {
		decode            func(*testing.T, string) string
		body, value, want string
	}{
		{put, item, `{}`, emptyValue},
		{put, item, `null`, emptyValue},
		{put, item, `{"S":null}`, emptyValue},
		{put, item, `{"s":"a"}`, emptyValue},
		{put, item, `{"L":[{}]}`, emptyValue},
		{put, item, `{"S":"a","N":"1"}`, severalTypes},
		{put, item, `{"S":"a","N":"x"}`, notANumber + ": x"},
		{put, item, `{"SS":[],"N":"x"}`, emptyStringSet},
		{put, item, `{"M":{"b":{}},"S":"a"}`, severalTypes},
		{put, item, `{"N":"x"}`, oneError + notANumber + ": x"},
		{put, item, `{"N":""}`, oneError + notANumber + ": "},
		{put, item, `{"N":"1e126"}`, oneError + tooLarge},
		{put, item, `{"N":"1e-131"}`, oneError + tooSmall},
		{put, item, `{"NS":["1","` + strings.Repeat("1", 39) + `"]}`, oneError + tooPrecise},
		{put, item, `{"NULL":false}`, oneError + nullFalse},
		{put, item, `{"NULL":"no"}`, nullFalse},
		{put, item, `{"NULL":false,"S":"a"}`, nullFalse},
		{put, item, `{"L":[{"BOOL":"t"},{"N":"x"}]}`, notANumber + ": x"},
		{put, item, `{"L":[{"BOOL":"t"},{"N":""}]}`, notANumber},
		{put, values, `{"N":"x"}`, oneError + notANumber + ": x"},
		{put, values, `{}`, emptyValue},
		{update, key, `{"N":"x"}`, oneError + notANumber + ": x"},
		{update, values, `{"N":"x"}`, oneError + notANumber + ": x"},
		{update, values, `{"S":"a","N":"1"}`, in(severalTypes)},
		{update, values, `{"S":"a","N":"x"}`, in(notANumber + ": x")},
		{update, values, `{"NULL":"no"}`, in(nullFalse)},
		{update, values, `{}`, emptyValue},
		{get, key, `{"N":"x"}`, notANumber + ": x"},
		{get, key, `{"NULL":false}`, nullFalse},
		{query, values, `{}`, in(emptyValue)},
		{query, values, `{"N":"x"}`, notANumber + ": x"},
		{decodeAs[TransactWriteItemsInput], `{"TransactItems":[{"Put":` + values + `}]}`,
			`{"N":"x"}`, in(notANumber + ": x")},
		{decodeAs[BatchWriteItemInput], `{"RequestItems":{"t":[{"PutRequest":` + item + `}]}}`,
			`{"N":"1e2147483646"}`, tooSmall},
		{decodeAs[BatchWriteItemInput], `{"RequestItems":{"t":[{"PutRequest":` + item + `}]}}`,
			`{"N":"1e2147483645"}`, tooLarge},
		{decodeAs[BatchWriteItemInput], `{"RequestItems":{"t":[{"PutRequest":` + item + `}]}}`,
			`{"N":"1e2147483648"}`, notANumber + ": 1e2147483648"},
	} {
		body := fmt.Sprintf(tt.body, tt.value)
		assert.Equal(t, "Validation: "+tt.want, tt.decode(t, body), body)
	}
}

func TestDecodeRefusesTheFirstValue(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Validation: "+oneError+notANumber+": one",
		decodeAs[PutItemInput](t, `{"Item":{"a":{"N":"one"},"b":{}}}`))
	assert.Equal(t, "Serialization: NUMBER_VALUE cannot be converted to String",
		decodeAs[PutItemInput](t, `{"Item":{"a":{"N":"one"}},"TableName":3}`))
	assert.Equal(t, "Serialization: ",
		decodeAs[PutItemInput](t, `{"Item":{"a":{"N":"one"}},"TableName":"x"`))
}

// nest returns a value inside n lists.
func nest(n int, v string) string {
	return strings.Repeat(`{"L":[`, n) + v + strings.Repeat(`]}`, n)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	type problem struct {
		kind      ProblemKind
		message   string
		enveloped bool
	}
	for body, want := range map[string]problem{
		`{"SS":[]}`:                   {EmptySet, emptyStringSet, true},
		`{"NS":[]}`:                   {EmptySet, emptyNumberSet, true},
		`{"BS":[]}`:                   {EmptySet, emptyBinarySet, true},
		`{"L":[{"SS":[]}]}`:           {EmptySet, emptyStringSet, true},
		`{"M":{"m":{"BS":[]}}}`:       {EmptySet, emptyBinarySet, true},
		`{"L":[{"M":{"":{"S":""}}}]}`: {EmptyName, emptyName, true},
		`{"NS":["1","1.0"]}`: {Duplicates,
			invalid + "Input collection contains duplicates.", true},
		`{"SS":["b","a","b","C"]}`: {Duplicates, invalid +
			`Input collection ["a", "b", "b", "C"] contains duplicates.`, true},
		`{"BS":["Yg==","YQ==","Yg=="]}`: {Duplicates, invalid +
			`Input collection ["YQ==","Yg==","Yg=="]of type BS contains duplicates.`, true},
		`{"L":[{"BOOL":"t"},{"SS":["b","a","b"]}]}`: {Duplicates, invalid +
			`Input collection [b, a, b] contains duplicates.`, false},
		`{"L":[{"BOOL":"t"},{"BS":["YQ==","YQ=="]}]}`: {Duplicates, invalid +
			`Input collection [YQ==, YQ==]of type BS contains duplicates.`, false},
		`{"L":[{"BOOL":"t"},{"NS":["1","1"]}]}`: {Duplicates,
			"Input collection contains duplicates", false},
		`{"L":[{"BOOL":"t"},{"M":{"":{"S":""}}}]}`: {EmptyName, emptyName, true},
		`{"L":[{"BOOL":"t"},{"SS":[]}]}`:           {EmptySet, emptyStringSet, false},
		nest(32, `{"S":"a"}`):                      {TooDeep, tooDeep, true},
		nest(62, `{"S":"a"}`):                      {TooDeep, tooDeep, true},
		nest(63, `{"S":"a"}`):                      {TooDeep, tooDeep, false},
	} {
		in := decoded[PutItemInput](t, `{"Item":{"a":{"S":"b"},"v":`+body+`}}`)
		require.NotNil(t, in.Item.Problem, body)
		p := in.Item.Problem
		assert.Equal(t, want, problem{p.Kind, p.Message, p.Enveloped}, body)
		assert.Equal(t, "v", p.Name)
		assert.True(t, in.Item.Attributes.Get("v") != nil, "some value stands there")
	}
	assert.Nil(t, decoded[PutItemInput](t, `{"Item":{"v":`+nest(31, `{"S":"a"}`)+`}}`).Item.Problem)
	assert.Equal(t, "Serialization: ",
		decodeAs[PutItemInput](t, `{"Item":{"v":`+nest(2001, `{"S":"a"}`)+`}}`))
}

func TestProblemsByMember(t *testing.T) {
	t.Parallel()
	in := decoded[UpdateItemInput](t, `{"Key":{"k":{"SS":[]}},
		"AttributeUpdates":{"a":{"Value":{"SS":[]}}},"Expected":{"a":{"Value":{"N":"x"}}},
		"ExpressionAttributeValues":{":v":{"SS":[]},":w":{"SS":["a","a"]},":x":{"M":{"":{"S":""}}}}}`)
	assert.Equal(t, emptyStringSet, in.Key.Problem.Refusal().Message)
	assert.Equal(t, emptyStringSet, in.AttributeUpdates[0].Value.Value.Problem.Refusal().Message)
	assert.Equal(t, oneError+notANumber+": x", in.Expected[0].Value.Value.Problem.Refusal().Message)
	p := in.ExpressionAttributeValues.Problem
	assert.Equal(t, oneError+named(emptyStringSet, ":v"), p.Find(EmptySet).Refusal().Message)
	assert.Equal(t, ":w", p.Find(Duplicates, TooDeep).Name)
	assert.Equal(t, oneError+emptyName, p.Find(EmptyName).Refusal().Message)
	assert.Equal(t, Duplicates, p.Except(EmptySet, EmptyName).Kind)
	assert.Nil(t, p.Find(TooDeep))
	assert.Nil(t, (*Problem)(nil).Except())
}

func TestProblemsOfLateReads(t *testing.T) {
	t.Parallel()
	late := func(v string) *Problem {
		in := decoded[DeleteItemInput](t, `{"ExpressionAttributeValues":{":v":`+v+`}}`)
		return in.ExpressionAttributeValues.Problem
	}
	assert.Equal(t, named(emptyValue, ":v"), late(`{}`).Refusal().Message)
	assert.Equal(t, oneError+notANumber+": x", late(`{"N":"x"}`).Refusal().Message)
	assert.Equal(t, named(notANumber+": x", ":v"), late(`{"N":"x","S":""}`).Refusal().Message)
	assert.Equal(t, oneError+nullFalse, late(`{"NULL":false}`).Refusal().Message)

	query := func(v string) string {
		in := decoded[QueryInput](t, `{"ExclusiveStartKey":{"a":`+v+`}}`)
		return in.ExclusiveStartKey.Problem.Refusal().Message
	}
	scan := func(v string) string {
		in := decoded[ScanInput](t, `{"ExclusiveStartKey":{"a":`+v+`}}`)
		return in.ExclusiveStartKey.Problem.Refusal().Message
	}
	assert.Equal(t, startKey+emptyValue, query(`{}`))
	assert.Equal(t, startKey+severalTypes, query(`{"S":"","B":""}`))
	assert.Equal(t, emptyStringSet, query(`{"SS":[]}`))
	assert.Equal(t, startKey+emptyStringSet, scan(`{"SS":[]}`))
	assert.Equal(t, emptyNumberSet, scan(`{"NS":[]}`))
	assert.Equal(t, startKey+nullFalse, scan(`{"NULL":false}`))
	assert.Equal(t, notANumber+": x", scan(`{"N":"x"}`))
	assert.Equal(t, tooDeep, query(nest(32, `{"S":""}`)))
	assert.Equal(t, startKey+tooDeep, scan(nest(32, `{"S":""}`)))
}

func TestDeeperValues(t *testing.T) {
	t.Parallel()
	depths := func(levels int) (filter, condition, transaction *Problem) {
		v := nest(levels, `{"S":""}`)
		scan := decoded[ScanInput](t, `{"ScanFilter":{"a":{"AttributeValueList":[`+v+`]}}}`)
		query := decoded[QueryInput](t, `{"QueryFilter":{"a":{"AttributeValueList":[`+v+`]}}}`)
		write := decoded[TransactWriteItemsInput](t,
			`{"TransactItems":[{"Put":{"ExpressionAttributeValues":{":v":`+v+`}}}]}`)
		return scan.ScanFilter[0].Value.AttributeValueList[0].Problem,
			query.QueryFilter[0].Value.AttributeValueList[0].Problem,
			write.TransactItems[0].Put.ExpressionAttributeValues.Problem
	}
	filter, condition, transaction := depths(32)
	assert.Nil(t, filter)
	assert.Equal(t, tooDeep, condition.Message)
	assert.Nil(t, transaction)
	filter, _, transaction = depths(33)
	assert.Equal(t, tooDeep, filter.Message)
	assert.Equal(t, 33, filter.Depth)
	assert.Equal(t, named(tooDeep, ":v"), transaction.Message)
}

func TestOlderRequests(t *testing.T) {
	t.Parallel()
	for body, older := range map[string]bool{
		`{"Item":{"a":{"BOOL":true}}}`:           false,
		`{"Item":{"a":{"BOOL":"true"}}}`:         true,
		`{"Expected":{"a":{"Exists":"f"}}}`:      true,
		`{"Item":{"a":{"L":[{"NULL":"true"}]}}}`: true,
	} {
		assert.Equal(t, older, decoded[PutItemInput](t, body).Older, body)
	}
	assert.True(t, decoded[TransactGetItemsInput](t, `{}`).Older)
}
