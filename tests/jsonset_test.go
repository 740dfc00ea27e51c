package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// A set that another program stored inside a document has no form in JSON. A save that does not edit
// the field keeps it, and one that does is refused.
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
	require.Equal(t, stored["any"], getRaw(t, table.Name(), attributes{"id": textValue("one")})["any"])

	item.Any.(map[string]any)["n"] = 2
	require.ErrorContains(t, table.Save(t.Context(), item), `"document"`)
	require.Equal(t, stored["any"], getRaw(t, table.Name(), attributes{"id": textValue("one")})["any"])
}
