package legacy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		condition, attributes string
		holds                 bool
	}{
		{`{"Value":{"N":"1"}}`, `"a":{"N":"1"}`, true},
		{`{"Value":{"N":"1"}}`, `"a":{"N":"2"}`, false},
		{`{"Value":{"N":"1"}}`, ``, false},
		{`{"Value":{"N":"1"},"Exists":true}`, `"a":{"N":"1"}`, true},
		{`{"Value":{"N":"1"},"Exists":true}`, ``, false},
		{`{"Exists":false}`, ``, true},
		{`{"Exists":false}`, `"a":{"NULL":true}`, false},
		{`{"ComparisonOperator":"GT","Value":{"N":"1"}}`, `"a":{"N":"2"}`, true},
		{`{"ComparisonOperator":"GT","Value":{"N":"1"}}`, `"a":{"N":"1"}`, false},
		{`{"ComparisonOperator":"IN","Value":{"N":"1"}}`, `"a":{"N":"1"}`, true},
		{`{"ComparisonOperator":"NULL"}`, ``, true},
		{`{"ComparisonOperator":"NOT_NULL","AttributeValueList":[]}`, ``, false},
		{condition("BETWEEN", `{"N":"1"},{"N":"2"}`), `"a":{"N":"2"}`, true},
	} {
		conditions, err := ParseExpected(expectedOf(t, `"a":`+test.condition), nil)
		require.NoError(t, err, "%s", test.condition)
		assert.Equal(t, test.holds, conditions.Eval(item(t, test.attributes)), "%v", test)
	}
}

func TestExpectedJoins(t *testing.T) {
	t.Parallel()
	or := "OR"
	in := expectedOf(t, `"a":{"Value":{"N":"1"}},"b":{"Exists":false}`)
	all, err := ParseExpected(in, nil)
	require.NoError(t, err)
	one, err := ParseExpected(in, &or)
	require.NoError(t, err)
	assert.False(t, all.Eval(item(t, `"b":{"N":"1"},"a":{"N":"1"}`)))
	assert.True(t, one.Eval(item(t, `"b":{"N":"1"},"a":{"N":"1"}`)))
	assert.True(t, all.Eval(item(t, `"a":{"N":"1"}`)))
	assert.False(t, one.Eval(item(t, `"b":{"N":"1"}`)))
}

func TestBadExpected(t *testing.T) {
	t.Parallel()
	const about, list = " for Attribute: a", `"AttributeValueList":[{"N":"1"}]`
	for _, test := range []struct{ condition, text string }{
		{`{}`, "Value must be provided when Exists is null" + about},
		{`{"Exists":true}`, "Value must be provided when Exists is true" + about},
		{`{"Exists":false,"Value":{"N":"1"}}`, "Value cannot be used when Exists is false" + about},
		{`{"Exists":false,"ComparisonOperator":"NULL"}`,
			"Exists and ComparisonOperator cannot be used together" + about},
		{`{"Exists":true,"ComparisonOperator":"FOO","Value":{"N":"1"},` + list + `}`,
			"Exists and ComparisonOperator cannot be used together" + about},
		{`{"Value":{"N":"1"},` + list + `}`,
			"Value and AttributeValueList cannot be used together" + about},
		{`{"Value":{"N":"1"},"ComparisonOperator":"EQ",` + list + `}`,
			"Value and AttributeValueList cannot be used together" + about},
		{`{` + list + `}`, "AttributeValueList can only be used with a ComparisonOperator" + about},
		{`{"Exists":true,` + list + `}`,
			"AttributeValueList can only be used with a ComparisonOperator" + about},
		{`{"ComparisonOperator":"LT"}`,
			"Value or AttributeValueList must be used with ComparisonOperator: LT" + about},
		{`{"ComparisonOperator":"BETWEEN"}`,
			"Value or AttributeValueList must be used with ComparisonOperator: BETWEEN" + about},
		{`{"ComparisonOperator":"BETWEEN","Value":{"N":"1"}}`,
			"Invalid number of argument(s) for the BETWEEN ComparisonOperator"},
		{`{"ComparisonOperator":"NULL","Value":{"N":"1"}}`,
			"Invalid number of argument(s) for the NULL ComparisonOperator"},
		{`{"ComparisonOperator":"CONTAINS","Value":{"M":{}}}`,
			"ComparisonOperator CONTAINS is not valid for M AttributeValue type"},
		{`{"ComparisonOperator":"foo"}`, "Invalid comparison operator"},
	} {
		_, err := ParseExpected(expectedOf(t, `"a":`+test.condition), nil)
		requireRefused(t, err, invalid+test.text)
	}
}
