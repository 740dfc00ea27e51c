package tests

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func TestConflictErrorSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	theirs := storedPlayer("waldo")
	theirs["balance"] = fixtures.Number("50") // changed
	theirs["title"] = fixtures.Text("Sir")    // added, unknown
	theirs["clan"] = fixtures.Text("blues")   // changed, unknown
	delete(theirs, "inventory")               // removed
	fixtures.PutRaw(t, players.Name(), theirs)
	p.Name = "Edited"
	for name, write := range map[string]func() error{
		"Save": func() error { return players.Save(t.Context(), p, dynamapper.FailOnConflict()) },
		"Delete": func() error {
			return players.Delete(t.Context(), p,
				dynamapper.FailOnConflict())
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := write()
			require.ErrorIs(t, err, dynamapper.ErrConflict)
			require.NotErrorIs(t, err, dynamapper.ErrOverwrite)
			var conflict *dynamapper.ConflictError
			require.ErrorAs(t, err, &conflict)
			require.Equal(t, players.Name(), conflict.Table)
			require.Equal(t, dynamapper.Key("waldo"), conflict.Key)
			require.Equal(t, []string{"balance", "clan", "inventory", "title"}, conflict.Attributes)
			require.Equal(t, theirs, conflict.Current)
			require.NotContains(t, err.Error(), "waldo", "a key may be secret")
		})
	}
	p.Name, p.Balance = "Edited", 60
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t,
		players.Save(t.Context(), p, dynamapper.FailOnConflict(), dynamapper.ChangedOnly()),
		&conflict)
	require.Equal(t, []string{"balance"}, conflict.Attributes,
		"only the edited attributes were compared")
	require.Equal(t, theirs, conflict.Current)
}

func TestConflictWithADeletedItemHasNoCurrent(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	fixtures.DeleteRaw(t, players.Name(), playerKey("waldo"))
	for _, err := range []error{
		players.Save(t.Context(), p, dynamapper.FailOnConflict()),
		players.Delete(t.Context(), p, dynamapper.FailOnConflict()),
	} {
		var conflict *dynamapper.ConflictError
		require.ErrorAs(t, err, &conflict)
		require.Nil(t, conflict.Current)
		require.Empty(t, conflict.Attributes)
	}
	require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")),
		"an update with a condition does not create an item")
}

func TestOverwriteErrorHasTheItemThatIsThere(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	err := players.Save(t.Context(), &player{Login: "waldo"}, dynamapper.FailOnConflict())
	require.ErrorIs(t, err, dynamapper.ErrOverwrite)
	require.ErrorIs(t, err, dynamapper.ErrConflict)
	var overwrite *dynamapper.OverwriteError
	require.ErrorAs(t, err, &overwrite)
	require.Equal(t, players.Name(), overwrite.Table)
	require.Equal(t, dynamapper.Key("waldo"), overwrite.Key)
	require.Equal(t, storedPlayer("waldo"), overwrite.Current)
	var conflict *dynamapper.ConflictError
	require.False(t, errors.As(err, &conflict), "an OverwriteError is not a ConflictError")
}

// A change back to the loaded value is no conflict, because items are compared by value.
func TestTheSameValuesAreNoConflict(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "balance", fixtures.Number("7"))
	fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "balance", fixtures.Number("2E2"))
	p.Balance -= 150
	require.NoError(t, players.Save(t.Context(), p, dynamapper.FailOnConflict()))
}

// Two purchases read the same balance, and the second one must not be lost.
func TestVirtualCoins(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	first, second := fixtures.Load(t, players, "waldo"), fixtures.Load(t, players, "waldo")
	first.Balance -= 150
	second.Balance -= 100
	require.NoError(t, players.Save(t.Context(), first, dynamapper.FailOnConflict()))
	require.ErrorIs(t, players.Save(t.Context(), second, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.Equal(
		t,
		fixtures.Number("50"),
		fixtures.GetRaw(t, players.Name(), playerKey("waldo"))["balance"],
	)
}

// untilNoConflict loads, changes and saves an item until the save succeeds.
func untilNoConflict[T any](
	ctx context.Context, table *dynamapper.Table[T], hash any, change func(*T),
	opts ...dynamapper.SaveOption,
) error {
	for {
		item, err := table.Get(ctx, dynamapper.Key(hash), dynamapper.Consistent())
		if err != nil {
			return err
		}
		change(item)
		if err = table.Save(ctx, item, opts...); !errors.Is(err, dynamapper.ErrConflict) {
			return err
		}
	}
}

func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	const each = 10
	players := fixtures.TableOf[player](t)
	for name, opts := range map[string][]dynamapper.SaveOption{
		"whole":        writeOptions("F"),
		"changed only": writeOptions("FC"),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, players.Save(t.Context(), &player{Login: name}))
			errs := fixtures.InParallel(func(writer int) error {
				for range each {
					err := untilNoConflict(t.Context(), players, name,
						func(p *player) { p.Balance += writer + 1 }, opts...)
					if err != nil {
						return err
					}
				}
				return nil
			})
			require.NoError(t, errors.Join(errs...))
			require.Equal(
				t,
				each*fixtures.Writers*(fixtures.Writers+1)/2,
				fixtures.Load(t, players, name).Balance,
			)
		})
	}
}

func TestOneInsertWins(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	for round := range 5 {
		login := fmt.Sprint("waldo ", round)
		errs := fixtures.InParallel(func(writer int) error {
			return players.Save(t.Context(), &player{Login: login, Balance: writer},
				dynamapper.FailOnConflict())
		})
		winner, won := 0, 0
		for writer, err := range errs {
			if err == nil {
				winner, won = writer, won+1
				continue
			}
			require.ErrorIs(t, err, dynamapper.ErrOverwrite)
		}
		require.Equal(t, 1, won)
		require.Equal(t, winner, fixtures.Load(t, players, login).Balance)
	}
}

func TestOneDeleteWins(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	loaded := make([]*player, fixtures.Writers)
	for writer := range fixtures.Writers {
		loaded[writer] = fixtures.Load(t, players, "waldo")
	}
	errs := fixtures.InParallel(func(writer int) error {
		return players.Delete(t.Context(), loaded[writer], dynamapper.FailOnConflict())
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, dynamapper.ErrConflict)
	}
	require.Equal(t, 1, won)
}

// eightHands has an attribute for each writer.
type eightHands struct {
	dynamapper.Model `dynamo:"hands"`
	ID               string `dynamo:"id,hash"`
	A, B, C, D       int
	E, F, G, H       int
}

func (h *eightHands) hand(writer int) *int {
	return []*int{&h.A, &h.B, &h.C, &h.D, &h.E, &h.F, &h.G, &h.H}[writer]
}

func TestWritersOfDifferentAttributesAllSucceed(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[eightHands](t)
	require.NoError(t, table.Save(t.Context(), &eightHands{ID: "one"}))
	loaded := make([]*eightHands, fixtures.Writers)
	for writer := range fixtures.Writers {
		loaded[writer] = fixtures.Load(t, table, "one")
	}
	errs := fixtures.InParallel(func(writer int) error {
		for range 5 {
			*loaded[writer].hand(writer) += writer + 1
			if err := table.Save(t.Context(), loaded[writer], dynamapper.ChangedOnly(),
				dynamapper.FailOnConflict()); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	now := fixtures.Load(t, table, "one")
	for writer := range fixtures.Writers {
		require.Equal(t, 5*(writer+1), *now.hand(writer))
	}
}

// requireUnsentConflict requires a conflict that was found before anything was sent.
func requireUnsentConflict(t *testing.T, err error, text string) {
	t.Helper()
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.ErrorIs(t, err, dynamapper.ErrConflict)
	require.Nil(t, conflict.Current)
	require.ErrorContains(t, err, text)
	require.ErrorContains(t, err, "nothing was sent")
}
