package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type baggage struct {
	dynamapper.Model `dynamo:"baggage"`
	ID               string         `dynamo:"id,hash"`
	List             []string       `dynamo:"list"`
	Map              map[string]int `dynamo:"map"`
	Any              any            `dynamo:"any"`
	Pointer          *[]int         `dynamo:"pointer"`
}

// Conditions on a JSON field treat empty lists and maps, which dynamodb-mapper stored before its
// version 1.8, as missing, as a load does.
func TestConditionsFindStoredEmptyJSON(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[baggage](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{
			"id":      fixtures.Text("old"),
			"list":    fixtures.Text("[]"),
			"map":     fixtures.Text("{}"),
			"any":     fixtures.Text("{}"),
			"pointer": fixtures.Text("[]"),
		},
		fixtures.Attributes{"id": fixtures.Text("new")},
		fixtures.Attributes{
			"id":      fixtures.Text("full"),
			"list":    fixtures.Text(`["a"]`),
			"map":     fixtures.Text(`{"a":1}`),
			"any":     fixtures.Text("1"),
			"pointer": fixtures.Text("[1]"),
		},
	)
	found := func(c dynamapper.Condition) []string {
		items, err := table.Scan().Consistent().Where(c).Collect(t.Context())
		require.NoError(t, err)
		ids := []string{}
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		return ids
	}
	for attribute, empty := range map[string]any{"list": []string{}, "map": map[string]int(nil),
		"any": nil} {
		require.ElementsMatch(t, []string{"old", "new"},
			found(dynamapper.Attr(attribute, dynamapper.NotExists())), attribute)
		require.ElementsMatch(t, []string{"old", "new"},
			found(dynamapper.Attr(attribute, dynamapper.EQ(empty))), attribute)
		require.ElementsMatch(t, []string{"full"},
			found(dynamapper.Attr(attribute, dynamapper.Exists())), attribute)
		require.ElementsMatch(t, []string{"full"},
			found(dynamapper.Attr(attribute, dynamapper.NE(empty))), attribute)
		require.ElementsMatch(t, []string{"full"},
			found(dynamapper.Not(dynamapper.Attr(attribute, dynamapper.NotExists()))), attribute)
	}
	require.ElementsMatch(t, []string{"old", "new"},
		found(dynamapper.Attr("any", dynamapper.EQ([]any{}))))
	require.ElementsMatch(t, []string{"full"},
		found(dynamapper.Attr("any", dynamapper.NE(map[string]any{}))))
	require.ElementsMatch(t, []string{"new"},
		found(dynamapper.Attr("pointer", dynamapper.NotExists())),
		"a pointer to an empty list is not empty")
	require.NoError(t,
		table.Save(t.Context(), &baggage{ID: "old"},
			dynamapper.If(dynamapper.Attr("list", dynamapper.NotExists()))))
}
