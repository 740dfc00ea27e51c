package expr

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnused(t *testing.T) {
	t.Parallel()
	names := []Name{{"#z", "z"}, {"#a", "a"}, {"#m", "m"}} // in the order of a request
	values := `{":a":1, ":b":2, ":c":3}`
	for _, c := range []struct{ text, want string }{
		{"#a = :a AND #z IN (:b, :c) OR attribute_exists(m.#m)", ""},
		{"#a = :a", "Value provided in ExpressionAttributeNames unused in expressions: " +
			"keys: {#m, #z}"},
		{"#a = :a AND #m = :c AND #z = :c", "Value provided in ExpressionAttributeValues unused " +
			"in expressions: keys: {:b}"},
	} {
		s := NewScope(names, true, parseMap(t, values), true)
		_, err := ParseCondition(KindCondition, c.text, s)
		require.NoError(t, err)
		if c.want == "" {
			require.NoError(t, s.Unused())
			continue
		}
		requireError(t, c.want, s.Unused())
	}
	require.Equal(t, "#z", names[0].Alias, "the scope must not sort the caller's names")
}

func TestUnusedOfSeveralExpressions(t *testing.T) {
	t.Parallel()
	s := NewScope([]Name{{"#a", "a"}, {"#b", "b"}, {"#c", "c"}}, true,
		parseMap(t, `{":a":1, ":b":2}`), true)
	_, err := ParseUpdate("SET #a = if_not_exists(#b, :a)", s)
	require.NoError(t, err)
	require.Error(t, s.Unused())
	_, err = ParseCondition(KindCondition, "a = :b", s)
	require.NoError(t, err)
	require.Error(t, s.Unused())
	_, err = ParseProjection("#c", s)
	require.NoError(t, err)
	require.NoError(t, s.Unused())
}

func TestScopeOfNothing(t *testing.T) {
	t.Parallel()
	s := NewScope(nil, false, nil, false)
	require.NoError(t, s.Unused())
	_, err := ParseCondition(KindCondition, "a = :a", s)
	requireError(t, "Invalid ConditionExpression: An expression attribute value used in "+
		"expression is not defined; attribute value: :a", err)
}

func TestReservedWords(t *testing.T) {
	t.Parallel()
	require.Len(t, reserved, 573)
	for _, word := range []string{"abort", "ZONE", "Status", "localtimestamp"} {
		require.True(t, isReserved(word), word)
	}
	for _, word := range []string{"", "pk", "remove", "statuses", "localtimestamps", "x"} {
		require.False(t, isReserved(word), word)
	}
}
