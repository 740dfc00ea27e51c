package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func partialPlayer(t *testing.T, players *dynamapper.Table[player]) *player {
	t.Helper()
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	p, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent(),
		dynamapper.Select("name"))
	require.NoError(t, err)
	return p
}

func TestAPartialItemIsNotSavedWhole(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	p := partialPlayer(t, players)
	require.Equal(
		t,
		fixtures.Attributes{"login": fixtures.Text("waldo"), "name": fixtures.Text("Waldo")},
		players.Snapshot(p),
	)
	p.Name = "Edited"
	before := copyOf(p)
	sent.Take()
	for _, letters := range []string{"", "F", "M", "FM"} {
		err := players.Save(t.Context(), p, writeOptions(letters)...)
		require.ErrorIs(t, err, dynamapper.ErrPartial)
		require.ErrorContains(t, err, "save with ChangedOnly, or load the whole item")
	}
	require.ErrorIs(t, players.Delete(t.Context(), p, dynamapper.FailOnConflict()),
		dynamapper.ErrPartial)
	require.Empty(t, sent.Take())
	require.Equal(t, before, p)
	require.NoError(t, players.Delete(t.Context(), p))
	p.Login = "moved"
	require.ErrorIs(t, players.Save(t.Context(), p), dynamapper.ErrPartial,
		"the item stays partial after it is deleted")
	require.ErrorIs(t, players.Save(t.Context(), p, dynamapper.ChangedOnly()),
		dynamapper.ErrPartial)
	require.ErrorIs(t, fixtures.TableOf[player](t).Save(t.Context(), p), dynamapper.ErrPartial,
		"the item is also partial for another table")
}

func TestChangedOnlyTakesAPartialItem(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for _, letters := range []string{"C", "FC", "CM", "FCM"} {
		p := partialPlayer(t, players)
		p.Name = "Edited"
		fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "balance", fixtures.Number("7"))
		require.NoError(t, players.Save(t.Context(), p, writeOptions(letters)...))
		want := storedPlayer("waldo")
		want["name"], want["balance"] = fixtures.Text("Edited"), fixtures.Number("7")
		require.Equal(t, want, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
		sent.Take()
		require.NoError(t, players.Save(t.Context(), p, writeOptions(letters)...))
		require.Empty(t, sent.Take())
		require.ErrorIs(t, players.Save(t.Context(), p), dynamapper.ErrPartial, "it stays partial")
		p.Name = ""
		require.NoError(t, players.Save(t.Context(), p, writeOptions(letters)...))
		require.NotContains(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")), "name")
	}
	p := partialPlayer(t, players)
	p.Name = "Edited"
	fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "name", fixtures.Text("Theirs"))
	requireConflictIn(t, players.Save(t.Context(), p, writeOptions("FC")...), "name")
}

func TestAnEditOfWhatWasNotReadIsErrPartial(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	p := partialPlayer(t, players)
	p.Name, p.Balance = "Edited", 5
	sent.Take()
	for _, letters := range []string{"C", "FC"} {
		err := players.Save(t.Context(), p, writeOptions(letters)...)
		require.ErrorIs(t, err, dynamapper.ErrPartial)
		var wrong *dynamapper.FieldError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, "player.Balance", wrong.Field)
		require.Equal(t, "balance", wrong.Attribute)
	}
	require.Empty(t, sent.Take())
}

// withIndexes has index keys and a version, which are always read.
type withIndexes struct {
	dynamapper.Model `dynamo:"indexed"`
	ID               string `dynamo:"id,hash"`
	At               int    `dynamo:"at,range"`
	Email            string `dynamo:"email" index:"by-email,hash"`
	Rank             int    `dynamo:"rank" localIndex:"by-rank,range"`
	Name             string `dynamo:"name"`
	Clan             string `dynamo:"clan"`
	Version          int    `dynamo:"version,version"`
}

func TestSelectReadsKeysAndVersionToo(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[withIndexes](t)
	item := &withIndexes{ID: "one", At: 1, Email: "waldo@example.com", Rank: 3, Name: "Waldo",
		Clan: "reds"}
	require.NoError(t, table.Save(t.Context(), item))
	partial, err := table.Get(t.Context(), dynamapper.Key("one", 1), dynamapper.Consistent(),
		dynamapper.Select("name", "name"), dynamapper.Select("id"))
	require.NoError(t, err)
	partial.Model = item.Model
	item.Clan = ""
	require.Equal(t, item, partial)
}

func TestSelectRefuses(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	get := func(opt dynamapper.ReadOption) error {
		_, err := players.Get(t.Context(), dynamapper.Key("waldo"), opt)
		return err
	}
	require.ErrorContains(t, get(dynamapper.Select()), "Select names no attribute")
	require.ErrorContains(t, get(dynamapper.Select("Name")),
		`has no attribute "Name"; did you mean "name"?`)
	require.ErrorContains(t, get(dynamapper.Select("clan")), `has no attribute "clan"`)
	hooked, err := fixtures.TableOf[migrating](t).Get(t.Context(), dynamapper.Key("one"),
		dynamapper.Select("title"))
	require.ErrorContains(t, err, "needs the whole item")
	require.Nil(t, hooked)
	require.Empty(t, sent.Take())
}
