package expr

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// keyConditionErrors are key conditions, each with the service's text.
var keyConditionErrors = []struct{ text, want string }{
	{"", "Invalid KeyConditionExpression: The expression can not be empty;"},
	{"pk =", `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="`},
	{"pk = :s AND", `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "AND"`},
	{"pk = :s x", `Invalid KeyConditionExpression: Syntax error; token: "x", near: ":s x"`},
	{"pk = :s :t", `Invalid KeyConditionExpression: Syntax error; token: ":t", near: ":s :t"`},
	{"foo(pk)", "Invalid KeyConditionExpression: Invalid function name; function: foo"},
	{"pk = :s AND begins_with(sk",
		`Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "sk"`},
	{"pk :s", `Invalid KeyConditionExpression: Syntax error; token: ":s", near: "pk :s"`},
	{"= :s", `Invalid KeyConditionExpression: Syntax error; token: "=", near: "= :s"`},
	{"pk = :s)", `Invalid KeyConditionExpression: Syntax error; token: ")", near: ":s)"`},
	{"((pk = :s))",
		"Invalid KeyConditionExpression: The expression has redundant parentheses;"},
	{"pk = :no", "Invalid KeyConditionExpression: An expression attribute value used in " +
		"expression is not defined; attribute value: :no"},
	{"#no = :s", "Invalid KeyConditionExpression: An expression attribute name used in the " +
		"document path is not defined; attribute name: #no"},
	{"status = :s", "Invalid KeyConditionExpression: Attribute name is a reserved keyword; " +
		"reserved keyword: status"},
	// Operands.
	{":true < sk", "Invalid KeyConditionExpression: Incorrect operand type for operator or " +
		"function; operator or function: <, operand type: BOOL"},
	{"pk = :s AND begins_with(sk, :n)", "Invalid KeyConditionExpression: Incorrect operand " +
		"type for operator or function; operator or function: begins_with, operand type: N"},
	{"sk BETWEEN :t AND :s", "Invalid KeyConditionExpression: The BETWEEN operator requires " +
		"upper bound to be greater than or equal to lower bound; lower bound operand: " +
		"AttributeValue: {S:uvw}, upper bound operand: AttributeValue: {S:text}"},
	// What a key condition may not contain.
	{"pk = :s or sk = :t", "Invalid operator used in KeyConditionExpression: OR"},
	{"NOT pk = :s", "Invalid operator used in KeyConditionExpression: NOT"},
	{"pk = :s AND sk in (:t)", "Invalid operator used in KeyConditionExpression: IN"},
	{"pk <> :s", "Invalid operator used in KeyConditionExpression: <>"},
	{"attribute_exists(pk)",
		"Invalid operator used in KeyConditionExpression: attribute_exists"},
	{"contains(pk, :s)", "Invalid operator used in KeyConditionExpression: contains"},
	{"size(pk) = :n", "Invalid KeyConditionExpression: KeyConditionExpressions cannot " +
		"contain nested operations"},
	{"pk.a = :n", "Invalid KeyConditionExpression: KeyConditionExpressions cannot have " +
		"conditions on nested attributes"},
	{":n <= pk[0]", "Invalid KeyConditionExpression: KeyConditionExpressions cannot have " +
		"conditions on nested attributes"},
	{"pk = sk", "Invalid condition in KeyConditionExpression: Multiple attribute names used " +
		"in one condition"},
	{":s = :t", "Invalid condition in KeyConditionExpression: No key attribute specified"},
	{":s between sk and :t", "Invalid condition in KeyConditionExpression: BETWEEN operator " +
		"must have the key attribute as its first operand"},
	{"begins_with(:s, sk)", "Invalid condition in KeyConditionExpression: begins_with " +
		"operator must have the key attribute as its first operand"},
	{"pk = :s AND sk > :s AND sk < :t", "Invalid KeyConditionExpression: " +
		"KeyConditionExpressions must only contain one condition per key"},
}

func TestKeyConditionErrors(t *testing.T) {
	t.Parallel()
	for _, c := range keyConditionErrors {
		_, err := ParseKeyCondition(c.text, testScope(t))
		requireError(t, c.want, err)
	}
}

func TestKeyCondition(t *testing.T) {
	t.Parallel()
	s, u, n := value.String("text"), value.String("uvw"), parseNumber(t, "5")
	pk := KeyTest{"pk", KeyEQ, s, nil}
	for _, c := range []struct {
		text string
		want []KeyTest
	}{
		{"pk = :s", []KeyTest{pk}},
		{"(pk = :s)", []KeyTest{pk}},
		{":s = pk", []KeyTest{pk}},
		{"pk = :s AND sk = :n", []KeyTest{pk, {"sk", KeyEQ, n, nil}}},
		{"sk < :n AND pk = :s", []KeyTest{{"sk", KeyLT, n, nil}, pk}},
		{"(pk = :s) and (sk <= :n)", []KeyTest{pk, {"sk", KeyLE, n, nil}}},
		{"(pk = :s AND (sk > :n))", []KeyTest{pk, {"sk", KeyGT, n, nil}}},
		{"pk = :s AND #a >= :n", []KeyTest{pk, {"a", KeyGE, n, nil}}},
		{"pk = :s AND sk BETWEEN :s AND :t", []KeyTest{pk, {"sk", KeyBetween, s, u}}},
		{"pk = :s AND begins_with(sk, :t)", []KeyTest{pk, {"sk", KeyBeginsWith, u, nil}}},
		{"pk = :s AND :n < sk", []KeyTest{pk, {"sk", KeyGT, n, nil}}},
		{"pk = :s AND :n <= sk", []KeyTest{pk, {"sk", KeyGE, n, nil}}},
		{"pk = :s AND :n > sk", []KeyTest{pk, {"sk", KeyLT, n, nil}}},
		{"pk = :s AND :n >= sk", []KeyTest{pk, {"sk", KeyLE, n, nil}}},
		{"a = :s AND b = :n AND c = :t",
			[]KeyTest{{"a", KeyEQ, s, nil}, {"b", KeyEQ, n, nil}, {"c", KeyEQ, u, nil}}},
		{"(a = :s AND b = :n) AND c = :t",
			[]KeyTest{{"a", KeyEQ, s, nil}, {"b", KeyEQ, n, nil}, {"c", KeyEQ, u, nil}}},
	} {
		got, err := ParseKeyCondition(c.text, testScope(t))
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, got, c.text)
	}
}
