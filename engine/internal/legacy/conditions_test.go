package legacy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOperators(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attribute        string // the attribute's value; "" if the item has none
		operator, values string
		holds            bool
	}{
		{`{"S":"b"}`, "EQ", `{"S":"b"}`, true},
		{`{"S":"b"}`, "EQ", `{"S":"a"}`, false},
		{`{"N":"1.0"}`, "EQ", `{"N":"1"}`, true},
		{`{"N":"1"}`, "EQ", `{"S":"1"}`, false},
		{`{"SS":["a","b"]}`, "EQ", `{"SS":["b","a"]}`, true},
		{`{"L":[{"N":"1"},{"N":"2"}]}`, "EQ", `{"L":[{"N":"2"},{"N":"1"}]}`, false},
		{`{"M":{"a":{"L":[]}}}`, "EQ", `{"M":{"a":{"L":[]}}}`, true},
		{``, "EQ", `{"NULL":true}`, false},
		{`{"S":"b"}`, "NE", `{"S":"b"}`, false},
		{`{"S":"b"}`, "NE", `{"N":"1"}`, true},
		{``, "NE", `{"S":"b"}`, true},

		{`{"N":"9"}`, "LT", `{"N":"10"}`, true},
		{`{"N":"10"}`, "LT", `{"N":"10"}`, false},
		{`{"N":"10"}`, "LE", `{"N":"10"}`, true},
		{`{"N":"11"}`, "LE", `{"N":"10"}`, false},
		{`{"N":"11"}`, "GT", `{"N":"10"}`, true},
		{`{"N":"10"}`, "GT", `{"N":"10"}`, false},
		{`{"N":"10"}`, "GE", `{"N":"10"}`, true},
		{`{"N":"9"}`, "GE", `{"N":"10"}`, false},
		{`{"S":"é"}`, "GT", `{"S":"z"}`, true},
		{`{"B":"/w=="}`, "GT", `{"B":"fw=="}`, true},
		{`{"S":"1"}`, "LE", `{"N":"1"}`, false},
		{`{"S":"1"}`, "GT", `{"N":"1"}`, false},
		{`{"BOOL":true}`, "GE", `{"N":"0"}`, false},
		{``, "LE", `{"N":"1"}`, false},
		{``, "GE", `{"N":"1"}`, false},

		{`{"N":"1"}`, "BETWEEN", `{"N":"1"},{"N":"3"}`, true},
		{`{"N":"3"}`, "BETWEEN", `{"N":"1"},{"N":"3"}`, true},
		{`{"N":"3.1"}`, "BETWEEN", `{"N":"1"},{"N":"3"}`, false},
		{`{"N":"0"}`, "BETWEEN", `{"N":"1"},{"N":"3"}`, false},
		{`{"S":"2"}`, "BETWEEN", `{"N":"1"},{"N":"3"}`, false},
		{``, "BETWEEN", `{"N":"1"},{"N":"3"}`, false},

		{`{"N":"3"}`, "IN", `{"N":"2"},{"N":"3"}`, true},
		{`{"N":"4"}`, "IN", `{"N":"2"},{"N":"3"}`, false},
		{`{"NS":["2"]}`, "IN", `{"N":"2"}`, false},
		{``, "IN", `{"N":"2"}`, false},

		{`{"NULL":true}`, "NOT_NULL", ``, true},
		{`{"NULL":true}`, "NULL", ``, false},
		{``, "NOT_NULL", ``, false},
		{``, "NULL", ``, true},

		{`{"S":"hello"}`, "BEGINS_WITH", `{"S":"hell"}`, true},
		{`{"S":"hello"}`, "BEGINS_WITH", `{"S":"ello"}`, false},
		{`{"B":"AQI="}`, "BEGINS_WITH", `{"B":"AQ=="}`, true},
		{`{"B":"AQI="}`, "BEGINS_WITH", `{"S":"\u0001"}`, false},
		{`{"N":"33"}`, "BEGINS_WITH", `{"S":"3"}`, false},
		{``, "BEGINS_WITH", `{"S":"3"}`, false},

		{`{"S":"hello"}`, "CONTAINS", `{"S":"ell"}`, true},
		{`{"S":"hello"}`, "CONTAINS", `{"S":"elk"}`, false},
		{`{"S":"10"}`, "CONTAINS", `{"N":"1"}`, false},
		{`{"B":"AQID"}`, "CONTAINS", `{"B":"Ag=="}`, true},
		{`{"SS":["a","b"]}`, "CONTAINS", `{"S":"b"}`, true},
		{`{"SS":["ab"]}`, "CONTAINS", `{"S":"b"}`, false},
		{`{"NS":["1","2"]}`, "CONTAINS", `{"N":"2.0"}`, true},
		{`{"BS":["AQ=="]}`, "CONTAINS", `{"B":"AQ=="}`, true},
		{`{"L":[{"S":"a"},{"BOOL":false}]}`, "CONTAINS", `{"BOOL":false}`, true},
		{`{"L":[{"S":"a"}]}`, "CONTAINS", `{"NULL":true}`, false},
		{``, "CONTAINS", `{"S":"a"}`, false},
		{`{"S":"hello"}`, "NOT_CONTAINS", `{"S":"ell"}`, false},
		{`{"S":"hello"}`, "NOT_CONTAINS", `{"S":"elk"}`, true},
		{`{"S":"10"}`, "NOT_CONTAINS", `{"N":"1"}`, true},
		{``, "NOT_CONTAINS", `{"S":"a"}`, false},
	} {
		attributes := `"other":{"N":"7"}`
		if test.attribute != "" {
			attributes = `"a":` + test.attribute
		}
		conditions, err := ParseFilter(
			filterOf(t, `"a":`+condition(test.operator, test.values)), nil)
		require.NoError(t, err, "%v", test)
		assert.Equal(t, test.holds, conditions.Eval(item(t, attributes)), "%v", test)
	}
}

func TestConditionalOperator(t *testing.T) {
	t.Parallel()
	and, or := "AND", "OR"
	const one, two = `"a":{"N":"1"}`, `"b":{"N":"2"}`
	conditions := `"a":` + condition("EQ", `{"N":"1"}`) +
		`,"b":` + condition("EQ", `{"N":"2"}`)
	for _, test := range []struct {
		operator              *string
		neither, either, both bool
	}{
		{nil, false, false, true}, {&and, false, false, true}, {&or, false, true, true},
	} {
		c, err := ParseFilter(filterOf(t, conditions), test.operator)
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, c.Attributes())
		assert.Equal(t, test.neither, c.Eval(item(t, `"c":{"N":"1"}`)))
		assert.Equal(t, test.either, c.Eval(item(t, one)))
		assert.Equal(t, test.either, c.Eval(item(t, two)))
		assert.Equal(t, test.both, c.Eval(item(t, one+","+two)))
		assert.Equal(t, test.neither, c.Eval(nil))

		c, err = ParseFilter(nil, test.operator)
		require.NoError(t, err)
		assert.True(t, c.Eval(nil), "no conditions")
	}
}

const (
	textCount = invalid + "Invalid number of argument(s) for the %s ComparisonOperator"
	textType  = invalid + "ComparisonOperator %s is not valid for %s AttributeValue type"
	textMixed = invalid + "AttributeValues inside AttributeValueList must be of same type"
	textRange = "The BETWEEN condition was provided a range where the lower bound is greater " +
		"than the upper bound"
	textUnknown = invalid + "Invalid comparison operator"
)

// badComparisons are operators with values that they do not take.
var badComparisons = []struct{ operator, values, text string }{
	{"EQ", ``, fmt.Sprintf(textCount, "EQ")},
	{"NE", `{"N":"1"},{"N":"2"}`, fmt.Sprintf(textCount, "NE")},
	{"NULL", `{"N":"1"}`, fmt.Sprintf(textCount, "NULL")},
	{"NOT_NULL", `{"N":"1"}`, fmt.Sprintf(textCount, "NOT_NULL")},
	{"IN", ``, fmt.Sprintf(textCount, "IN")},
	{"BETWEEN", `{"N":"1"}`, fmt.Sprintf(textCount, "BETWEEN")},
	{"BETWEEN", `{"N":"1"},{"N":"2"},{"N":"3"}`, fmt.Sprintf(textCount, "BETWEEN")},
	{"BEGINS_WITH", `{"SS":["a"]},{"SS":["b"]}`, fmt.Sprintf(textCount, "BEGINS_WITH")},
	{"LT", `{"BOOL":true}`, fmt.Sprintf(textType, "LT", "BOOL")},
	{"LE", `{"NULL":true}`, fmt.Sprintf(textType, "LE", "NULL")},
	{"GT", `{"M":{}}`, fmt.Sprintf(textType, "GT", "M")},
	{"GE", `{"SS":["a"]}`, fmt.Sprintf(textType, "GE", "SS")},
	{"BEGINS_WITH", `{"N":"1"}`, fmt.Sprintf(textType, "BEGINS_WITH", "N")},
	{"CONTAINS", `{"L":[]}`, fmt.Sprintf(textType, "CONTAINS", "L")},
	{"NOT_CONTAINS", `{"BS":["AQ=="]}`, fmt.Sprintf(textType, "NOT_CONTAINS", "BS")},
	{"IN", `{"S":"a"},{"NS":["1"]}`, fmt.Sprintf(textType, "IN", "NS")},
	{"BETWEEN", `{"NS":["1"]},{"NS":["2"]}`, fmt.Sprintf(textType, "BETWEEN", "NS")},
	{"IN", `{"S":"a"},{"N":"1"}`, textMixed},
	{"BETWEEN", `{"S":"a"},{"N":"1"}`, textMixed},
	{"BETWEEN", `{"N":"10"},{"N":"9"}`, textRange},
	{"BETWEEN", `{"S":"b"},{"S":"a"}`, textRange},
	{"BETWEEN", `{"B":"Ag=="},{"B":"AQ=="}`, textRange},
	{"eq", `{"N":"1"}`, textUnknown},
	{"", ``, textUnknown},
}

func TestBadComparisons(t *testing.T) {
	t.Parallel()
	for _, test := range badComparisons {
		conditions := `"a":` + condition(test.operator, test.values)
		_, err := ParseFilter(filterOf(t, conditions), nil)
		requireRefused(t, err, test.text)
		_, err = ParseExpected(expectedOf(t, conditions), nil)
		requireRefused(t, err, test.text)
		requireRefused(t, CheckKeyConditions(keyConditionsOf(t, conditions)), test.text)
	}
}

func TestFirstBadConditionIsReported(t *testing.T) {
	t.Parallel()
	conditions := `"b":` + condition("EQ", "") + `,"a":` + condition("FOO", "")
	_, err := ParseFilter(filterOf(t, conditions), nil)
	requireRefused(t, err, fmt.Sprintf(textCount, "EQ"))
	_, err = ParseExpected(expectedOf(t, conditions), nil)
	requireRefused(t, err, fmt.Sprintf(textCount, "EQ"))
}

func TestMissingOperators(t *testing.T) {
	t.Parallel()
	const broken = "Value null at 'scanFilter.%s.member.comparisonOperator' failed to satisfy " +
		"constraint: Member must not be null"
	in := filterOf(t, `"b":{},"c":`+condition("NULL", "")+`,"a":{"ComparisonOperator":null}`)
	assert.Equal(t, []string{fmt.Sprintf(broken, "b"), fmt.Sprintf(broken, "a")},
		MissingOperators(in, "scanFilter"))
	assert.Empty(t, MissingOperators(filterOf(t, `"c":`+condition("NULL", "")), "scanFilter"))
}

// An expression may have 300 operators and 4,096 bytes. Conditions have no such limit.
func TestManyConditions(t *testing.T) {
	t.Parallel()
	var conditions, attributes []string
	for i := range 1000 {
		name := fmt.Sprintf(`"attribute %d":`, i)
		conditions = append(conditions, name+`{"Value":{"N":"1"}}`)
		attributes = append(attributes, name+`{"N":"1"}`)
	}
	c, err := ParseExpected(expectedOf(t, strings.Join(conditions, ",")), nil)
	require.NoError(t, err)
	assert.True(t, c.Eval(item(t, strings.Join(attributes, ","))))
	assert.False(t, c.Eval(item(t, strings.Join(attributes[1:], ","))))
}
