package tests

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// safePlayers returns a table whose Defaults include FailOnConflict.
func safePlayers(
	t *testing.T, opts ...dynamapper.DefaultOption,
) (safe *dynamapper.Table[player], sent *fixtures.Requests) {
	t.Helper()
	sent = &fixtures.Requests{}
	opts = append(opts, dynamapper.FailOnConflict())
	mapper := fixtures.Mapper(t, dynamapper.WithObserver(sent.Observe))
	safe = fixtures.TableIn[player](t, mapper, dynamapper.Defaults(opts...))
	sent.Take()
	return safe, sent
}

// Defaults apply to every Save and Delete, and LastWriterWins overrides them for one call.
func TestDefaultsHoldForSaveAndDelete(t *testing.T) {
	t.Parallel()
	safe, _ := safePlayers(t)
	ctx := t.Context()
	require.NoError(t, safe.Save(ctx, &player{Login: "waldo", Balance: 1}))
	require.ErrorIs(t, safe.Save(ctx, &player{Login: "waldo"}), dynamapper.ErrOverwrite)

	stale := fixtures.Load(t, safe, "waldo")
	fresh := fixtures.Load(t, safe, "waldo")
	fresh.Balance = 2
	require.NoError(t, safe.Save(ctx, fresh))
	stale.Balance = 3
	require.ErrorIs(t, safe.Save(ctx, stale), dynamapper.ErrConflict)
	require.ErrorIs(t, safe.Delete(ctx, stale), dynamapper.ErrConflict)
	require.Equal(t, 2, fixtures.Load(t, safe, "waldo").Balance)

	require.NoError(t, safe.Save(ctx, stale, dynamapper.LastWriterWins()))
	require.Equal(t, 3, fixtures.Load(t, safe, "waldo").Balance)
	require.NoError(t, safe.Delete(ctx, fresh, dynamapper.LastWriterWins()))
	require.Nil(t, fixtures.GetRaw(t, safe.Name(), playerKey("waldo")))
}

// A default option that only Save takes applies to Save alone, and stays in effect beside
// LastWriterWins.
func TestDefaultsOfSaveAlone(t *testing.T) {
	t.Parallel()
	safe, sent := safePlayers(t, dynamapper.ChangedOnly())
	ctx := t.Context()
	require.NoError(t, safe.Save(ctx, &player{Login: "waldo", Balance: 1}))
	p := fixtures.Load(t, safe, "waldo")
	sent.Take()
	require.NoError(t, safe.Save(ctx, p))
	require.Empty(t, sent.Take(), "ChangedOnly has nothing to send")
	require.NoError(t, safe.Save(ctx, p, dynamapper.LastWriterWins()))
	require.Equal(t, []string{"PutItem"}, sent.Take())
	require.NoError(t, safe.Save(ctx, p, dynamapper.LastWriterWins(), dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take())
	require.NoError(t, safe.Delete(ctx, p))
}

// BatchSave cannot send conditions, so it refuses to ignore a default silently.
func TestBatchSaveRefusesToBreakADefault(t *testing.T) {
	t.Parallel()
	safe, sent := safePlayers(t)
	items := []*player{{Login: "waldo", Balance: 1}}
	err := safe.BatchSave(t.Context(), items)
	require.ErrorContains(t, err,
		"the table's Defaults have FailOnConflict, and a batch has no conditions")
	require.ErrorContains(t, err, "LastWriterWins")
	require.Empty(t, sent.Take())
	require.NoError(t, safe.BatchSave(t.Context(), items, dynamapper.LastWriterWins()))
	require.Equal(t, 1, fixtures.Load(t, safe, "waldo").Balance)
}

// Contradictory or nil options return an error, and nothing is sent.
func TestDefaultsThatContradict(t *testing.T) {
	t.Parallel()
	safe, sent := safePlayers(t)
	p := &player{Login: "waldo"}
	for _, err := range []error{
		safe.Save(t.Context(), p, dynamapper.LastWriterWins(), dynamapper.FailOnConflict()),
		safe.Delete(t.Context(), p, dynamapper.FailOnConflict(), dynamapper.LastWriterWins()),
	} {
		require.ErrorContains(t, err,
			"LastWriterWins and FailOnConflict contradict each other; keep one")
	}
	require.Empty(t, sent.Take())
	_, err := dynamapper.TableOf[player](fixtures.Mapper(t), dynamapper.Defaults(nil))
	require.EqualError(t, err, "dynamapper: TableOf: Defaults: an option is nil; remove the option")
}

// Every kind of option handles nil in the same way.
func TestNilOptions(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[player](t)
	mapper := fixtures.Mapper(t)
	ctx, key, item := t.Context(), dynamapper.Key("waldo"), &player{Login: "waldo"}
	_, connect := dynamapper.Connect(ctx, nil)
	_, made := dynamapper.New(fixtures.RawClient(t), nil)
	_, of := dynamapper.TableOf[player](mapper, nil)
	_, get := table.Get(ctx, key, nil)
	_, batchGet := table.BatchGet(ctx, []dynamapper.PrimaryKey{key}, nil)
	_, modify := table.Modify(ctx, key, func(*player) error { return nil }, nil)
	for call, err := range map[string]error{
		"Connect": connect, "New": made, "TableOf": of, "Get": get, "BatchGet": batchGet,
		"Modify": modify,
		"Save":   table.Save(ctx, item, nil), "Delete": table.Delete(ctx, item, nil),
		"DeleteKey": table.DeleteKey(ctx, key, nil), "BatchSave": table.BatchSave(ctx, nil, nil),
		"CreateTable": table.CreateTable(ctx, nil), "EnsureTable": table.EnsureTable(ctx, nil),
	} {
		require.ErrorContains(t, err, "dynamapper: "+call+": ", call)
		require.ErrorContains(t, err, "an option is nil; remove the option", call)
	}
	require.Nil(t, fixtures.GetRaw(t, table.Name(), playerKey("waldo")))
}

// An error in a staged write is returned where it is staged and by RunTransaction.
func TestStagingReturnsItsError(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	key := dynamapper.Key("")
	for name, stage := range map[string]func(*txPlayers) error{
		"Save":      func(players *txPlayers) error { return players.Save(&player{}) },
		"Save, nil": func(players *txPlayers) error { return players.Save(nil) },
		"Delete":    func(players *txPlayers) error { return players.Delete(&player{}) },
		"DeleteKey": func(players *txPlayers) error { return players.DeleteKey(key) },
		"Check":     func(players *txPlayers) error { return players.Check(key) },
		"two writes": func(players *txPlayers) error {
			require.NoError(t, players.DeleteKey(dynamapper.Key("wally")))
			return players.DeleteKey(dynamapper.Key("wally"))
		},
	} {
		var staged error
		err := b.mapper.RunTransaction(t.Context(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				staged = stage(b.players.In(tx))
				return nil
			})
		require.Error(t, staged, name)
		require.Equal(t, staged, err, name)
	}
}
