package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// An item from an index that does not project all attributes is partial: it has what the tags
// declare, and it is never saved whole.
func TestItemsOfAPartialIndex(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _ := scoreTable(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		read *dynamapper.Query[score]
		has  []string
	}{
		"keys only": {table.Query("spring").Index("keys"),
			[]string{"group", "season.name", "user"}},
		"some": {table.Query("spring").Index("brief"),
			[]string{"comment", "date", "group", "points#", "season.name", "user"}},
		"selected": {table.Query("spring").Index("brief").Select("comment"),
			[]string{"comment", "date", "group", "points#", "season.name", "user"}},
		"local": {table.Query("red").Index("by-rank"),
			[]string{"comment", "group", "order", "user"}},
		"local, selected beside": {table.Query("red").Index("by-rank").Select("note-to-self"),
			[]string{"group", "note-to-self", "order", "user", "version"}},
		"whole, selected": {table.Query("red").Index("by-points").Select("comment"),
			[]string{"comment", "date", "group", "order", "points#", "season.name", "user",
				"version"}},
	} {
		items, err := c.read.Limit(3).Collect(ctx)
		require.NoError(t, err, name)
		require.Len(t, items, 3, name)
		item := items[1]
		require.Equal(t, c.has, attributesOf(table, item), name)
		require.False(t, table.IsNew(item))
		before := fixtures.Load(t, table, item.Guild, item.Player)
		require.ErrorIs(t, table.Save(ctx, item), dynamapper.ErrPartial, name)
		require.ErrorIs(t, table.Save(ctx, item, dynamapper.FailOnConflict()),
			dynamapper.ErrPartial, name)
		if name != "whole, selected" && name != "local, selected beside" { // the version was read
			require.ErrorIs(t, table.Delete(ctx, item, dynamapper.FailOnConflict()),
				dynamapper.ErrPartial, name)
		}
		item.Note = "edited"
		err = table.Save(ctx, item, dynamapper.ChangedOnly())
		if name == "local, selected beside" {
			require.NoError(t, err)
			require.Equal(t, "edited", fixtures.Load(t, table, item.Guild, item.Player).Note)
			continue
		}
		require.ErrorIs(t, err, dynamapper.ErrPartial,
			"an attribute that was not read cannot be edited")
		require.Equal(t, withoutModel(*before),
			withoutModel(*fixtures.Load(t, table, item.Guild, item.Player)), name)
	}
}

// If the real index has fewer attributes than the tags declare, the call returns the service's
// error, and no item is partial unnoticed.
func TestALiveIndexThatHasLess(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	declared := fixtures.TableOf[score](t)
	name := declared.Name() + "-keys"
	client := fixtures.RawClient(t)
	described, err := client.DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: strPtr(declared.Name())})
	require.NoError(t, err)
	in := &dynamodb.CreateTableInput{
		TableName: &name, KeySchema: described.Table.KeySchema,
		AttributeDefinitions: described.Table.AttributeDefinitions,
		BillingMode:          types.BillingModePayPerRequest,
	}
	keysOnly := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	for _, i := range described.Table.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes,
			types.GlobalSecondaryIndex{IndexName: i.IndexName, KeySchema: i.KeySchema,
				Projection: keysOnly})
	}
	for _, i := range described.Table.LocalSecondaryIndexes {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes,
			types.LocalSecondaryIndex{IndexName: i.IndexName, KeySchema: i.KeySchema,
				Projection: keysOnly})
	}
	_, err = client.CreateTable(t.Context(), in)
	require.NoError(t, err)
	t.Cleanup(
		func() {
			_, _ = client.DeleteTable(t.Context(),
				&dynamodb.DeleteTableInput{TableName: &name})
		})

	table, err := dynamapper.TableOf[score](rawMapper(t), dynamapper.WithTableName(name))
	require.NoError(t, err)
	fixtures.PutMany(t, table, makeScores("red", 3))
	for _, q := range []*dynamapper.Query[score]{
		table.Query("spring").Index("by-season"), table.Query("spring").Index("brief"),
		table.Query("spring").Index("by-season").Select("comment"),
	} {
		_, err = q.Collect(t.Context())
		require.ErrorContains(t, err, "fewer attributes than the tags say")
		require.ErrorContains(t, err, "call Verify")
	}
	_, err = table.Scan().Index("by-season").Collect(t.Context())
	require.ErrorContains(t, err, "call Verify")
	items, err := table.Query("red").Index("by-points").Collect(t.Context())
	require.NoError(t, err, "a local index reads missing attributes from the table")
	require.Equal(t, "x", items[0].Note)
	items, err = table.Query("spring").Index("keys").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 3)
}

func strPtr(s string) *string { return &s }

type migratedScore struct {
	dynamapper.Model `dynamo:"migrated-scores"`
	ID               string `dynamo:"id,hash" index:"all,range"`
	Guild            string `dynamo:"guild" index:"some,hash,keys_only;all,hash"`
}

func (*migratedScore) MigrateItem(map[string]types.AttributeValue) error { return nil }

// A hook that needs the whole item refuses a partial one.
func TestAModelWithAHookRefusesAPartialIndex(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := fixtures.WatchedTable[migratedScore](t)
	require.NoError(t, table.Save(t.Context(), &migratedScore{ID: "1", Guild: "red"}))
	sent.Take()
	_, err := table.Query("red").Index("some").Collect(t.Context())
	require.ErrorContains(t, err, `the index "some" does not have all attributes`)
	_, err = table.Scan().Index("some").First(t.Context())
	require.ErrorContains(t, err, `the index "some" does not have all attributes`)
	_, err = table.Scan().Select("guild").First(t.Context())
	require.ErrorContains(t, err, "leave Select out")
	require.Empty(t, sent.Take())
	items, err := table.Query("red").Index("all").Collect(t.Context())
	require.NoError(t, err)
	require.NoError(t, table.Save(t.Context(), items[0]))
	count, err := table.Query("red").Index("some").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, count)
}

// FailOnConflict refuses to delete an item from an index that lacks its version, because nothing
// shows whether it has changed.
func TestAPartialItemWithoutItsVersion(t *testing.T) {
	t.Parallel()
	table, sent := scoreTable(t)
	items, err := table.Query("spring").Index("keys").Limit(1).Collect(t.Context())
	require.NoError(t, err)
	items[0].Season = "summer"
	require.NoError(t, table.Save(t.Context(), items[0], dynamapper.ChangedOnly()))
	sent.Take()
	require.ErrorIs(t, table.Delete(t.Context(), items[0], dynamapper.FailOnConflict()),
		dynamapper.ErrPartial)
	require.Empty(t, sent.Take())
}
