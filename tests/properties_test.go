package tests

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// randomCondition combines conditions at random and returns the specimens that the result matches.
func randomCondition(
	r *rand.Rand, atoms []dynamapper.Condition, truths [][]string, all []string, depth int,
) (dynamapper.Condition, []string) {
	if depth == 0 || r.IntN(4) == 0 {
		i := r.IntN(len(atoms))
		return atoms[i], truths[i]
	}
	one, isOne := randomCondition(r, atoms, truths, all, depth-1)
	if r.IntN(3) == 0 {
		return dynamapper.Not(one), without(all, isOne)
	}
	other, isOther := randomCondition(r, atoms, truths, all, depth-1)
	if r.IntN(2) == 0 {
		return dynamapper.And(one, other), without(isOne, without(all, isOther))
	}
	either := slices.Concat(isOne, isOther)
	slices.Sort(either)
	return dynamapper.Or(one, other), slices.Compact(either)
}

func without(ids, but []string) []string {
	return slices.DeleteFunc(slices.Clone(ids),
		func(id string) bool { return slices.Contains(but, id) })
}

// However conditions are combined, the engine accepts the expression, and its result follows from
// the results of the parts.
func TestRandomConditionsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	table := putSpecimens(t)
	atoms := []dynamapper.Condition{
		dynamapper.Attr("int", dynamapper.GE(5)), dynamapper.Attr("int", dynamapper.NE(5)),
		dynamapper.Attr("text", dynamapper.EQ("")),
		dynamapper.Attr("text", dynamapper.In("apple", "banana", "")),
		dynamapper.Attr("text", dynamapper.BeginsWith("b")),
		dynamapper.Attr("bool", dynamapper.EQ(true)),
		dynamapper.Attr("strings", dynamapper.Contains("y")),
		dynamapper.Attr("strings", dynamapper.NotContains("x")),
		dynamapper.Attr("settings.lang", dynamapper.Exists()),
		dynamapper.Attr(dynamapper.Path("counts", "p.q"), dynamapper.LT(2)),
		dynamapper.Attr("lines[1].count", dynamapper.Between(1, 3)),
		dynamapper.Attr("at", dynamapper.LE(may31)),
		dynamapper.Attr("some", dynamapper.NotExists()),
		dynamapper.Attr("list", dynamapper.Size(dynamapper.GT(0))),
	}
	all := strings.Fields(everyone())
	truths := make([][]string, len(atoms))
	for i, atom := range atoms {
		truths[i] = specimensWhere(t, table, atom)
	}
	r := rand.New(rand.NewPCG(11, 12))
	kinds := map[int]bool{}
	for range 80 {
		condition, want := randomCondition(r, atoms, truths, all, 4)
		kinds[len(want)] = true
		require.Equal(t, strings.Join(want, " "),
			strings.Join(specimensWhere(t, table, condition), " "), condition)
	}
	require.Greater(t, len(kinds), 4, "the conditions match too few different sets of items")
}

// specimensWhere returns the sorted ids of the specimens that a condition matches.
func specimensWhere(
	t *testing.T, table *dynamapper.Table[specimen], condition dynamapper.Condition,
) []string {
	t.Helper()
	items, err := table.Scan().Where(condition).Consistent().Collect(t.Context())
	require.NoError(t, err, condition)
	var ids []string
	for _, item := range items {
		ids = append(ids, item.ID)
	}
	slices.Sort(ids)
	return ids
}
