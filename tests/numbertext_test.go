package tests

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type treasury struct {
	dynamapper.Model `dynamo:"treasuries,document"`
	ID               string        `dynamo:"id,hash"`
	Name             string        `dynamo:"name"`
	Gold             *big.Int      `dynamo:"gold"`
	Rate             *big.Float    `dynamo:"rate"`
	Number           json.Number   `dynamo:"number"`
	Set              []json.Number `dynamo:"set,set"`
	List             []*big.Int    `dynamo:"list"`
}

// Numbers that another library stored as text are read, compared by conditions, and kept as they
// are until they are edited.
func TestNumbersStoredAsText(t *testing.T) {
	t.Parallel()
	table, ctx := fixtures.TableOf[treasury](t), t.Context()
	stored := fixtures.Attributes{
		"id": fixtures.Text(
			"1",
		), "name": fixtures.Text("old"), "gold": fixtures.Text("12345678901234567890"),
		"rate":   fixtures.Text("2.5"),
		"number": fixtures.Text("1.50"),
		"set":    &types.AttributeValueMemberSS{Value: []string{"1.50", "2"}},
		"list": &types.AttributeValueMemberL{
			Value: []types.AttributeValue{fixtures.Text("5"), fixtures.Text("6")}},
	}
	fixtures.PutRaw(t, table.Name(), stored)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("2"), "gold": fixtures.Number("5")},
	)
	item := fixtures.Load(t, table, "1")
	require.Equal(t, "12345678901234567890", item.Gold.String())
	require.ElementsMatch(t, []json.Number{"1.50", "2"}, item.Set)
	for name, c := range map[string]struct {
		condition dynamapper.Condition
		want      int
	}{
		"EQ":          {dynamapper.Attr("gold", dynamapper.EQ(item.Gold)), 1},
		"NE":          {dynamapper.Attr("gold", dynamapper.NE(item.Gold)), 1},
		"In":          {dynamapper.Attr("gold", dynamapper.In[any](item.Gold, 5)), 2},
		"a float":     {dynamapper.Attr("rate", dynamapper.EQ(2.5)), 1},
		"json.Number": {dynamapper.Attr("number", dynamapper.EQ(json.Number("1.50"))), 1},
		"Contains":    {dynamapper.Attr("set", dynamapper.Contains(json.Number("1.50"))), 1},
		"NotContains": {dynamapper.Attr("set", dynamapper.NotContains(2)), 1},
		"an element":  {dynamapper.Attr("list", dynamapper.Contains(6)), 1},
		"a path":      {dynamapper.Attr("list[0]", dynamapper.EQ(5)), 1},
	} {
		items, err := table.Scan().Consistent().Where(c.condition).Collect(ctx)
		require.NoError(t, err, name)
		require.Len(t, items, c.want, name)
	}
	item.Name = "new"
	require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()))
	stored["name"] = fixtures.Text("new")
	requireSameValues(
		t,
		stored,
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("1")}),
	)
	item.Gold.Add(item.Gold, big.NewInt(1))
	require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict(), dynamapper.ChangedOnly()))
	stored["gold"] = fixtures.Number("12345678901234567891")
	requireSameValues(
		t,
		stored,
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("1")}),
	)
}

// An edit of an any from an empty list to an empty map, to nil and back is an edit.
func TestEmptyValuesOfAnyAreEdits(t *testing.T) {
	t.Parallel()
	table, ctx, key := fixtures.TableOf[baggage](
		t,
	), t.Context(), fixtures.Attributes{
		"id": fixtures.Text("1"),
	}
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("1"), "any": fixtures.Text("[ ]")},
	)
	item := fixtures.Load(t, table, "1")
	require.Equal(t, []any{}, item.Any)
	for _, opts := range [][]dynamapper.SaveOption{
		{dynamapper.ChangedOnly()}, {dynamapper.FailOnConflict()},
		{dynamapper.FailOnConflict(), dynamapper.ChangedOnly()}, nil,
	} {
		for _, c := range []struct {
			value any
			want  types.AttributeValue
		}{{map[string]any{}, fixtures.Text("{}")}, {[]any{}, fixtures.Text("[]")}, {nil, nil},
			{map[string]int{}, fixtures.Text("{}")}} {
			item.Any = c.value
			require.NoError(t, table.Save(ctx, item, opts...))
			require.Equal(t, c.want, fixtures.GetRaw(t, table.Name(), key)["any"], "%v", c.value)
		}
	}
	fixtures.SetRaw(t, table.Name(), key, "any", fixtures.Text("[]"))
	item.Any = "edited"
	require.ErrorIs(t, table.Save(ctx, item, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
}
