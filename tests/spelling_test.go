package tests

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// keeper has fields whose values other programs spell in other ways.
type keeper struct {
	dynamapper.Model `dynamo:"keepers"`
	At               time.Time       `dynamo:"at,hash"`
	Name             string          `dynamo:"name"`
	Inventory        map[string]int  `dynamo:"inventory"`
	Payload          any             `dynamo:"payload"`
	Settings         keeperSettings  `dynamo:"settings,document"`
	Lines            []keeperSetting `dynamo:"lines,document"`
	Seen             time.Time       `dynamo:"seen"`
	Done             bool            `dynamo:"done"`
	Tags             []string        `dynamo:"tags,set"`
	Scores           []float64       `dynamo:"scores,set"`
	Score            float64         `dynamo:"score"`
	Nothing          int             `dynamo:"nothing"`
	Balance          int             `dynamo:"balance"`
}

type keeperSettings struct {
	Lang string  `dynamo:"lang"`
	Zoom float64 `dynamo:"zoom"`
}

type keeperSetting struct {
	Quantity int `dynamo:"quantity"`
}

// storedKeeper returns an item as other programs spell it, with members that the model does not
// know.
func storedKeeper() fixtures.Attributes {
	return fixtures.Attributes{
		"at":        fixtures.Text("2012-05-31T12:00:00.000042+00:00"),
		"name":      fixtures.Text("Waldo"),
		"inventory": fixtures.Text(`{"sword": 2, "armor" : 1}`),
		"payload":   fixtures.Text(`[1, 2.50, {"a": null, "b": "\u00e9"}]`),
		"settings": &types.AttributeValueMemberM{Value: fixtures.Attributes{
			"lang": fixtures.Text("fr"), "zoom": fixtures.Number("1.50"),
			"newer": fixtures.Number("1E2"),
		}},
		"lines": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{
				Value: fixtures.Attributes{"quantity": fixtures.Number("1E1"),
					"note": fixtures.Text("")}},
		}},
		"seen":    fixtures.Text("2013-01-01T01:00:00.5+01:00"),
		"done":    fixtures.Number("1"),
		"tags":    &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
		"scores":  &types.AttributeValueMemberNS{Value: []string{"1E2", "0.50"}},
		"score":   fixtures.Number("-1.5e-07"),
		"nothing": &types.AttributeValueMemberNULL{Value: true},
		"unknown": nested(fixtures.Number("0.10")),
	}
}

var (
	keeperTime = time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	keeperKey  = fixtures.Attributes{"at": fixtures.Text("2012-05-31T12:00:00.000042+00:00")}
)

// requireSameSpelling compares items byte for byte, except top-level numbers, which the service
// normalizes.
func requireSameSpelling(t *testing.T, want, got fixtures.Attributes) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	for name, value := range want {
		switch value.(type) {
		case *types.AttributeValueMemberN, *types.AttributeValueMemberNS:
			require.True(t, wire.Equal(value, got[name]), name)
		default:
			require.Equal(t, value, got[name], name)
		}
	}
}

func requireOneItem[T any](t *testing.T, table *dynamapper.Table[T]) {
	t.Helper()
	items, err := table.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 1)
}

func TestWhatWasNotEditedKeepsItsSpelling(t *testing.T) {
	t.Parallel()
	for _, letters := range []string{"", "F", "C", "FC", "M"} {
		t.Run(letters, func(t *testing.T) {
			table, sent := fixtures.WatchedTable[keeper](t)
			fixtures.PutRaw(t, table.Name(), storedKeeper())
			want := fixtures.GetRaw(t, table.Name(), keeperKey)
			item := fixtures.Load(t, table, keeperKey["at"])
			sent.Take()
			require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
			require.Empty(t, sent.Take(), "another spelling of the same value is not an edit")
			for _, name := range []string{"Edited", "Waldo"} {
				item.Name = name
				require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
				want["name"] = fixtures.Text(name)
				requireSameSpelling(t, want, fixtures.GetRaw(t, table.Name(), keeperKey))
				requireSameSpelling(t, want, table.Snapshot(item))
			}
			written, err := table.MarshalItem(item)
			require.NoError(t, err)
			requireSameSpelling(t, want, written)
			requireOneItem(t, table)
			require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
			require.Nil(t, fixtures.GetRaw(t, table.Name(), keeperKey))
		})
	}
}

func TestAnEditedFieldIsWrittenInTheOwnSpelling(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[keeper](t)
	fixtures.PutRaw(t, table.Name(), storedKeeper())
	item := fixtures.Load(t, table, keeperKey["at"])
	item.Inventory["shield"] = 3
	item.Settings.Lang = "en"
	item.Done = false
	item.Tags = append(item.Tags, "c")
	item.Nothing = 7
	item.Seen = time.Time{}
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	want := storedKeeper()
	want["inventory"] = fixtures.Text(`{"armor":1,"shield":3,"sword":2}`)
	want["settings"] = &types.AttributeValueMemberM{Value: fixtures.Attributes{
		"lang": fixtures.Text("en"), "zoom": fixtures.Number("1.5"),
		"newer": fixtures.Number("100"),
	}}
	want["done"] = &types.AttributeValueMemberBOOL{Value: false}
	want["tags"] = &types.AttributeValueMemberSS{Value: []string{"a", "b", "c"}}
	want["nothing"] = fixtures.Number("7")
	delete(want, "seen")
	requireSameValues(t, want, fixtures.GetRaw(t, table.Name(), keeperKey))
	requireOneItem(t, table)
}

// A different order or spelling is not an edit, and sets are equal in any order.
func TestAnEditIsJudgedOnValues(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[keeper](t)
	fixtures.PutRaw(t, table.Name(), storedKeeper())
	item := fixtures.Load(t, table, keeperKey["at"])
	slices.Reverse(item.Tags)
	slices.Reverse(item.Scores)
	item.At = item.At.In(time.FixedZone("Paris", 7200))
	item.Seen = item.Seen.In(time.FixedZone("Paris", 3600))
	item.Inventory = maps.Clone(item.Inventory)
	sent.Take()
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take())
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.NoError(t,
		table.Delete(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.MustExist()))
}

// A loaded key is used as it is stored, also by a delete without options.
func TestALoadedKeyIsTheStoredOne(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[keeper](t)
	for _, letters := range []string{"", "M"} {
		fixtures.PutRaw(t, table.Name(), storedKeeper())
		want := fixtures.GetRaw(t, table.Name(), keeperKey)
		item := fixtures.Load(t, table, keeperKey["at"])
		require.Equal(t, keeperTime, item.At)
		require.NoError(t,
			table.Delete(t.Context(), item,
				fixtures.OptionsAs[dynamapper.DeleteOption](writeOptions(letters))...))
		require.Nil(t, fixtures.GetRaw(t, table.Name(), keeperKey))
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
		requireSameSpelling(t, want, fixtures.GetRaw(t, table.Name(), keeperKey))
		item.At = item.At.Add(time.Nanosecond)
		require.ErrorIs(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		require.NoError(t, table.Save(t.Context(), item))
		require.Equal(t, fixtures.Text("2012-05-31T12:00:00.000042001Z"),
			table.Snapshot(item)["at"])
		require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
	}
}

// A snapshot belongs to its table; the same table in another mapper is another table.
func TestASnapshotBelongsToItsTable(t *testing.T) {
	t.Parallel()
	staging, live := fixtures.TableOf[player](t), fixtures.TableOf[player](t)
	p := loadedPlayer(t, staging, "waldo")
	require.False(t, staging.IsNew(p))
	require.True(t, live.IsNew(p))
	require.Nil(t, live.Snapshot(p))
	require.ErrorIs(t, live.Delete(t.Context(), p, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.NoError(t, live.Save(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, live.Name(), playerKey("waldo")))
	require.True(t, staging.IsNew(p), "the item now belongs to the other table")
	p = fixtures.Load(t, staging, "waldo")
	require.ErrorIs(t, live.Save(t.Context(), p, dynamapper.FailOnConflict()),
		dynamapper.ErrOverwrite)
	require.False(t, staging.IsNew(p), "after a failed save, the item belongs to its table")

	mapper, err := dynamotest.Run(t).Mapper(t.Context())
	require.NoError(t, err)
	same, err := dynamapper.TableOf[player](mapper, dynamapper.WithTableName(staging.Name()))
	require.NoError(t, err)
	require.True(t, same.IsNew(p))
}

func TestTwoTablesOfOneMapper(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	players, archive := fixtures.TableIn[player](t, mapper), fixtures.TableIn[player](t, mapper,
		dynamapper.WithTableName("archive"))
	p := loadedPlayer(t, players, "waldo")
	require.True(t, archive.IsNew(p))
	require.NoError(t, archive.Save(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, archive.Name(), playerKey("waldo")))
	require.True(t, players.IsNew(p))
	again, err := dynamapper.TableOf[player](mapper, dynamapper.WithTableName("archive"))
	require.NoError(t, err)
	require.False(t, again.IsNew(p), "the same table, made twice")
}

func TestUnmarshalItemIsAsIfLoaded(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	p, err := players.UnmarshalItem(storedPlayer("waldo"))
	require.NoError(t, err)
	require.False(t, players.IsNew(p))
	p.Balance = 50
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
	p, err = players.UnmarshalItemJSON([]byte(`{"login": {"S": "waldo"}, "balance": {"N": "200"}}`))
	require.NoError(t, err)
	requireConflictIn(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()), "balance",
		"clan", "inventory", "name")
}

// A copy of the struct copies its snapshot, and both are independent afterwards.
func TestACopyHasItsOwnSnapshot(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	other := *copyOf(p)
	p.Balance = 1
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
	other.Balance = 2
	require.ErrorIs(t, players.Save(t.Context(), &other, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.NoError(t, players.Delete(t.Context(), p))
	require.False(t, players.IsNew(&other))
}
