package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// JSON has no sets. A save that does not edit a field keeps a set that another program stored in
// it, and one that does writes a list.
func TestASetInsideAJSONFieldIsNotLost(t *testing.T) {
	t.Parallel()
	table := tableOf[baggage](t)
	stored := attributes{"id": textValue("one"), "any": mapValue(attributes{
		"tags": &types.AttributeValueMemberSS{Value: []string{"a"}}, "n": numberValue("1"),
	})}
	putRaw(t, table.Name(), stored)

	item := load(t, table, "one")
	item.List = []string{"b"}
	require.NoError(t, table.Save(t.Context(), item))
	require.Equal(t, stored["any"],
		getRaw(t, table.Name(), attributes{"id": textValue("one")})["any"])

	item.Any.(map[string]any)["n"] = 2
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Equal(t, textValue(`{"n":2,"tags":["a"]}`),
		getRaw(t, table.Name(), attributes{"id": textValue("one")})["any"])
}
