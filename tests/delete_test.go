package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

var deleteOutcomes = []struct {
	state    string
	outcomes map[string]string // by options: FailOnConflict, MustExist
}{
	{"new, free",
		map[string]string{"": "DeleteItem", "F": "none conflict", "M": "DeleteItem missing",
			"FM": "none conflict"}},
	{"new, taken",
		map[string]string{"": "DeleteItem", "F": "none conflict", "M": "DeleteItem",
			"FM": "none conflict"}},
	{"loaded",
		map[string]string{"": "DeleteItem", "F": "DeleteItem", "M": "DeleteItem",
			"FM": "DeleteItem"}},
	{"other attribute changed", map[string]string{
		"": "DeleteItem", "F": "DeleteItem conflict", "M": "DeleteItem",
		"FM": "DeleteItem conflict",
	}},
	{"gone",
		map[string]string{"": "DeleteItem", "F": "DeleteItem conflict", "M": "DeleteItem missing",
			"FM": "DeleteItem missing"}},
	{"key edited",
		map[string]string{"": "DeleteItem", "F": "none conflict", "M": "DeleteItem missing",
			"FM": "none conflict"}},
	{"deleted",
		map[string]string{"": "DeleteItem", "F": "none conflict", "M": "DeleteItem missing",
			"FM": "none conflict"}},
	{"of another table",
		map[string]string{"": "DeleteItem", "F": "none conflict", "M": "DeleteItem missing",
			"FM": "none conflict"}},
}

func TestDeleteSendsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for _, row := range deleteOutcomes {
		for letters, want := range row.outcomes {
			t.Run(row.state+" "+letters, func(t *testing.T) {
				login := row.state + letters
				p := states[row.state](t, players, login)
				before, storedBefore := copyOf(p), fixtures.GetRaw(t, players.Name(),
					playerKey(login))
				sent.Take()
				err := players.Delete(t.Context(), p,
					fixtures.OptionsAs[dynamapper.DeleteOption](writeOptions(letters))...)
				require.Equal(t, want, outcome(sent.Take(), err))
				if err != nil {
					require.Equal(t, before, p)
					require.Equal(t, storedBefore, fixtures.GetRaw(t, players.Name(),
						playerKey(login)))
					return
				}
				require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey(login)))
				require.True(t, players.IsNew(p))
				require.Nil(t, players.Snapshot(p))
				require.ErrorIs(t, players.Delete(t.Context(), p, dynamapper.FailOnConflict()),
					dynamapper.ErrConflict)
				require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()),
					"a deleted item counts as new")
			})
		}
	}
}

// Deleting an item at the same key of another table leaves its snapshot of the first table.
func TestDeleteInAnotherTableLeavesTheSnapshot(t *testing.T) {
	t.Parallel()
	players, others := fixtures.TableOf[player](t), fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	require.NoError(t, others.Save(t.Context(), loadedPlayer(t, others, "waldo")))
	require.NoError(t, others.Delete(t.Context(), p))
	require.Nil(t, fixtures.GetRaw(t, others.Name(), playerKey("waldo")))
	require.False(t, players.IsNew(p))
	p.Balance = 1
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
}

func TestDeleteRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	p := loadedPlayer(t, players, "waldo")
	sent.Take()
	key := dynamapper.Key("waldo")
	require.ErrorContains(t, players.DeleteKey(t.Context(), key, nil),
		"an option is nil; remove the option")
	require.ErrorContains(t, players.Delete(t.Context(), p, nil),
		"an option is nil; remove the option")
	require.ErrorContains(t, players.Delete(t.Context(), nil), "the item is nil")
	require.ErrorContains(t, players.Delete(t.Context(), &player{}),
		`the hash key "login" is empty`)
	require.Empty(t, sent.Take())
	require.NotNil(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

func TestDeleteKey(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	require.NoError(t,
		players.DeleteKey(t.Context(), dynamapper.Key("waldo"), dynamapper.MustExist()))
	require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
	require.ErrorIs(t,
		players.DeleteKey(t.Context(), dynamapper.Key("waldo"), dynamapper.MustExist()),
		dynamapper.ErrNotFound)
	require.NoError(t, players.DeleteKey(t.Context(), dynamapper.Key("waldo")),
		"deleting a missing key is not an error")
	require.Equal(t, []string{"DeleteItem", "DeleteItem", "DeleteItem"}, sent.Take())
}

// Delete works for an item that has only its key.
func TestDeleteOfAnItemThatIsOnlyAKey(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	require.NoError(t, players.Delete(t.Context(), &player{Login: "waldo"}))
	require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

// Delete ignores an invalid value in a field that is not part of the key.
func TestDeleteLooksAtTheKeyAlone(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	p.Name = "\xff"
	require.NoError(t, players.Delete(t.Context(), p, dynamapper.FailOnConflict()))
}
