package legacy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// keyKinds are the keys of a table: pk S, sk N.
func keyKinds(attribute string) value.Kind {
	return map[string]value.Kind{"pk": value.KindS, "sk": value.KindN}[attribute]
}

func TestKeyConditions(t *testing.T) {
	t.Parallel()
	one, two := item(t, `"n":{"N":"1"}`).Get("n"), item(t, `"n":{"N":"2"}`).Get("n")
	for operator, op := range map[string]expr.KeyOp{
		"EQ": expr.KeyEQ, "LT": expr.KeyLT, "LE": expr.KeyLE, "GT": expr.KeyGT, "GE": expr.KeyGE,
		"BETWEEN": expr.KeyBetween,
	} {
		values, high := `{"N":"1"}`, value.Value(nil)
		if op == expr.KeyBetween {
			values, high = values+`,{"N":"2"}`, two
		}
		in := keyConditionsOf(t,
			`"sk":`+condition(operator, values)+`,"pk":`+condition("BEGINS_WITH", `{"S":"a"}`))
		require.NoError(t, CheckKeyConditions(in))
		tests, err := ParseKeyConditions(in, keyKinds)
		require.NoError(t, err)
		assert.Equal(t, []expr.KeyTest{
			{Attribute: "sk", Op: op, Low: one, High: high},
			{Attribute: "pk", Op: expr.KeyBeginsWith, Low: value.String("a")},
		}, tests)
	}
}

func TestBadKeyConditions(t *testing.T) {
	t.Parallel()
	const wrongType = invalid + "Condition parameter type does not match schema type"
	const unsupported = "Unsupported KeyConditions ComparisonOperator: "
	for _, test := range []struct{ conditions, text string }{
		{`"pk":` + condition("EQ", `{"N":"1"}`), wrongType},
		{`"sk":` + condition("BETWEEN", `{"S":"1"},{"S":"2"}`), wrongType},
		{`"sk":` + condition("NE", `{"S":"1"}`), wrongType},
		{`"sk":` + condition("NE", `{"N":"1"}`), unsupported + "NE"},
		{`"sk":` + condition("NULL", ``), unsupported + "NULL"},
		{`"sk":` + condition("NOT_NULL", ``), unsupported + "NOT_NULL"},
		{`"sk":` + condition("IN", `{"N":"1"}`), unsupported + "IN"},
		{`"pk":` + condition("CONTAINS", `{"S":"1"}`), unsupported + "CONTAINS"},
		{`"other":` + condition("NOT_CONTAINS", `{"S":"1"}`), unsupported + "NOT_CONTAINS"},
		{`"pk":` + condition("IN", `{"S":"a"}`) + `,"sk":` + condition("EQ", `{"S":"a"}`),
			wrongType},
	} {
		in := keyConditionsOf(t, test.conditions)
		require.NoError(t, CheckKeyConditions(in))
		_, err := ParseKeyConditions(in, keyKinds)
		requireRefused(t, err, test.text)
	}
}

func TestKeyConditionsOnOtherAttributes(t *testing.T) {
	t.Parallel()
	in := keyConditionsOf(t, `"other":`+condition("EQ", `{"BOOL":true}`))
	tests, err := ParseKeyConditions(in, keyKinds)
	require.NoError(t, err, "the table decides")
	assert.Equal(t, []expr.KeyTest{{Attribute: "other", Low: value.Bool(true)}}, tests)
}
