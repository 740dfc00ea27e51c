package expression

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Parts have parentheses where the service could otherwise read them differently.
func TestPartText(t *testing.T) {
	a, b, c := Compare("#0", "=", ":0"), Call("size", "#1"), Between("#2", ":1", ":2")
	for want, part := range map[string]Part{
		"#0=:0":                         And(a),
		"#0=:0 AND size(#1)":            And(a, b),
		"(#0=:0 AND size(#1)) OR #0=:0": Or(And(a, b), a),
		"#0=:0 AND #2 BETWEEN :1 AND :2 AND size(#1)": And(a, c, b),
		"NOT #0=:0":                Not(a),
		"NOT (#0=:0 OR size(#1))":  Not(Or(a, b)),
		"(NOT #0=:0) AND size(#1)": And(Not(a), b),
		"#0 IN (:0,:1)":            In("#0", []string{":0", ":1"}),
		"contains(#0,:0)":          Call("contains", "#0", ":0"),
	} {
		require.Equal(t, want, *part.Text())
	}
	require.Nil(t, Part{}.Text())
}

// Operators are comparisons, functions and the operators that join them.
func TestPartOperators(t *testing.T) {
	one := Compare("#0", "=", ":0")
	for want, part := range map[int]Part{
		0: {}, 1: one, 2: Not(one), 3: And(one, one),
		6: Or(And(one, one), Not(one)), 5: And(one, one, one),
	} {
		require.Equal(t, want, part.operators)
	}
	for _, part := range []Part{
		Compare(Size("#0"), "<", ":0"), Between(Size("#0"), ":0", ":1"),
		In(Size("#0"), []string{":0"}),
	} {
		require.Equal(t, 2, part.operators, "a size counts too")
	}
	for _, part := range []Part{
		Between("#0", ":0", ":1"), In("#0", []string{":0", ":1"}), Call("contains", "#0", ":0"),
	} {
		require.Equal(t, 1, part.operators)
	}
}

func TestPathText(t *testing.T) {
	var aliases Aliases
	require.Equal(t, "#0[3].#1[0][1].#0", aliases.Path([]Step{
		{Name: "lines"}, {Index: 3, List: true}, {Name: "a.b"}, {Index: 0, List: true},
		{Index: 1, List: true}, {Name: "lines"},
	}))
	require.Equal(t, map[string]string{"#0": "lines", "#1": "a.b"}, aliases.Names())
}
