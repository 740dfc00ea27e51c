package tests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

var saveOutcomes = []struct {
	state    string
	outcomes map[string]string // by options: FailOnConflict, ChangedOnly, MustExist
}{
	{"new, free", map[string]string{
		"": "PutItem", "F": "PutItem", "C": "PutItem", "M": "PutItem missing",
		"FC": "PutItem", "FM": "PutItem missing", "CM": "PutItem missing", "FCM": "PutItem missing",
	}},
	{"new, taken", map[string]string{
		"": "PutItem", "F": "PutItem overwrite", "C": "PutItem", "M": "PutItem",
		"FC": "PutItem overwrite", "FM": "PutItem overwrite", "CM": "PutItem",
		"FCM": "PutItem overwrite",
	}},
	{"loaded", map[string]string{
		"": "PutItem", "F": "UpdateItem", "C": "UpdateItem", "M": "PutItem",
		"FC": "UpdateItem", "FM": "UpdateItem", "CM": "UpdateItem", "FCM": "UpdateItem",
	}},
	{"unedited", map[string]string{
		"": "PutItem", "F": "UpdateItem", "C": "none", "M": "PutItem",
		"FC": "none", "FM": "UpdateItem", "CM": "none", "FCM": "none",
	}},
	{"other attribute changed", map[string]string{
		"": "PutItem", "F": "UpdateItem conflict", "C": "UpdateItem", "M": "PutItem",
		"FC": "UpdateItem", "FM": "UpdateItem conflict", "CM": "UpdateItem", "FCM": "UpdateItem",
	}},
	{"same attribute changed", map[string]string{
		"": "PutItem", "F": "UpdateItem conflict", "C": "UpdateItem", "M": "PutItem",
		"FC": "UpdateItem conflict", "FM": "UpdateItem conflict", "CM": "UpdateItem",
		"FCM": "UpdateItem conflict",
	}},
	{"gone", map[string]string{
		"": "PutItem", "F": "UpdateItem conflict", "C": "UpdateItem missing",
		"M":  "PutItem missing",
		"FC": "UpdateItem conflict", "FM": "UpdateItem missing", "CM": "UpdateItem missing",
		"FCM": "UpdateItem missing",
	}},
	{"key edited", map[string]string{
		"": "PutItem", "F": "none conflict", "C": "none conflict", "M": "PutItem missing",
		"FC": "none conflict", "FM": "none conflict", "CM": "none conflict", "FCM": "none conflict",
	}},
	{"deleted", map[string]string{
		"": "PutItem", "F": "PutItem", "C": "PutItem", "M": "PutItem missing",
		"FC": "PutItem", "FM": "PutItem missing", "CM": "PutItem missing", "FCM": "PutItem missing",
	}},
	{"of another table", map[string]string{
		"": "PutItem", "F": "PutItem", "C": "PutItem", "M": "PutItem missing",
		"FC": "PutItem", "FM": "PutItem missing", "CM": "PutItem missing", "FCM": "PutItem missing",
	}},
}

func TestSaveSendsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for _, row := range saveOutcomes {
		for letters, want := range row.outcomes {
			t.Run(row.state+" "+letters, func(t *testing.T) {
				login := row.state + letters
				p := states[row.state](t, players, login)
				before, storedBefore := copyOf(p), fixtures.GetRaw(t, players.Name(),
					playerKey(login))
				sent.Take()
				err := players.Save(t.Context(), p, writeOptions(letters)...)
				require.Equal(t, want, outcome(sent.Take(), err))
				stored := fixtures.GetRaw(t, players.Name(), playerKey(login))
				if err != nil || want == "none" {
					require.Equal(t, before, p)
					require.Equal(t, storedBefore, stored)
					return
				}
				requireSaved(t, p, stored, row.state)
				if row.state == "other attribute changed" && strings.Contains(letters, "C") {
					require.Equal(t, fixtures.Number("7"), stored["balance"])
					require.ErrorIs(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()),
						dynamapper.ErrConflict,
						"another writer's change was not seen by the save")
					return
				}
				if row.state == "same attribute changed" && strings.Contains(letters, "C") {
					require.Equal(t, stored, players.Snapshot(p))
				}
				requireSnapshotIsStored(t, players, p, sent)
			})
		}
	}
}

// requireSaved checks the stored item.
func requireSaved(t *testing.T, p *player, stored fixtures.Attributes, state string) {
	t.Helper()
	require.Equal(t, fixtures.Text(p.Login), stored["login"])
	require.Equal(t, fixtures.Text(p.Name), stored["name"])
	if strings.HasPrefix(state, "new") {
		require.NotContains(t, stored, "clan")
		return
	}
	require.Equal(t, fixtures.Text("reds"), stored["clan"], "an unknown attribute is kept")
	require.Equal(t, fixtures.Text(`{"armor": 1, "sword": 2}`), stored["inventory"],
		"an unedited attribute keeps its spelling")
}

// requireSnapshotIsStored requires that the snapshot after a successful save is the stored item.
func requireSnapshotIsStored(
	t *testing.T, players *dynamapper.Table[player], p *player, sent *fixtures.Requests,
) {
	t.Helper()
	require.False(t, players.IsNew(p))
	require.Equal(t, fixtures.GetRaw(t, players.Name(), playerKey(p.Login)), players.Snapshot(p))
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
	sent.Take()
	require.NoError(t, players.Save(t.Context(), p, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take(), "nothing has changed since")
}

// Saving under an edited key makes a copy and leaves the original.
func TestSaveWithEditedKeyCopies(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "old")
	p.Login = "new"
	require.NoError(t, players.Save(t.Context(), p))
	require.Equal(t, storedPlayer("old"), fixtures.GetRaw(t, players.Name(), playerKey("old")))
	require.Equal(t, storedPlayer("new"), fixtures.GetRaw(t, players.Name(), playerKey("new")))
	p.Balance = 1
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()),
		"the variable now holds the copy")
	p.Login = "old"
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()), &conflict)
	require.Equal(t, []string{"login"}, conflict.Attributes)
	require.Equal(t, dynamapper.Key("new"), conflict.Key, "the key of the item that was loaded")
	require.Nil(t, conflict.Current)
}

// An item moves if it is deleted and then saved under another key.
func TestDeleteThenSaveMovesTheItem(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "old")
	require.NoError(t, players.Delete(t.Context(), p, dynamapper.FailOnConflict()))
	require.True(t, players.IsNew(p))
	require.Nil(t, players.Snapshot(p))
	p.Login = "new"
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
	require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey("old")))
	require.Equal(t, storedPlayer("new"), fixtures.GetRaw(t, players.Name(), playerKey("new")))
}

func TestModelSetToZeroMakesTheItemNew(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	p.Model = dynamapper.Model{}
	require.True(t, players.IsNew(p))
	require.ErrorIs(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()),
		dynamapper.ErrOverwrite)
	require.NoError(t, players.Save(t.Context(), p))
	require.NotContains(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")), "clan")
}

func TestFailOnConflictKeepsWhatOthersAdded(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "title", fixtures.Text("Sir"))
	p.Name, p.Inventory = "", nil
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
	want := storedPlayer("waldo")
	want["title"] = fixtures.Text("Sir")
	delete(want, "name")
	delete(want, "inventory")
	require.Equal(t, want, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

func TestSaveRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for name, c := range map[string]struct {
		item *player
		opts []dynamapper.SaveOption
		want string
	}{
		"nil item":  {nil, nil, "the item is nil"},
		"empty key": {&player{Name: "Waldo"}, nil, `the hash key "login" is empty`},
		"nil option": {&player{Login: "waldo"}, []dynamapper.SaveOption{nil},
			"an option is nil"},
		"invalid UTF-8": {&player{Login: "waldo", Name: "\xff"}, nil, "not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			err := players.Save(t.Context(), c.item, c.opts...)
			require.ErrorContains(t, err, c.want)
			require.True(t, players.IsNew(c.item))
			require.Empty(t, sent.Take())
		})
	}
}
