package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// JSON has no sets. A save that does not edit a field keeps a set that another program stored in
// it, and one that does writes a list.
func TestASetInsideAJSONFieldIsNotLost(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[baggage](t)
	stored := fixtures.Attributes{"id": fixtures.Text("one"), "any": mapValue(fixtures.Attributes{
		"tags": &types.AttributeValueMemberSS{Value: []string{"a"}}, "n": fixtures.Number("1"),
	})}
	fixtures.PutRaw(t, table.Name(), stored)

	item := fixtures.Load(t, table, "one")
	item.List = []string{"b"}
	require.NoError(t, table.Save(t.Context(), item))
	require.Equal(t, stored["any"],
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")})["any"])

	item.Any.(map[string]any)["n"] = 2
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Equal(t, fixtures.Text(`{"n":2,"tags":["a"]}`),
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")})["any"])
}
