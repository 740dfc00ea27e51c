package tests

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// RunTransaction returns an error for an invalid staged operation before anything is sent and
// before an id is taken.
func TestTransactionRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	foreign := fixtures.TableIn[player](t, fixtures.Mapper(t))
	partial, err := b.players.Get(t.Context(), dynamapper.Key("wally"), dynamapper.Select("name"),
		dynamapper.Consistent())
	require.NoError(t, err)
	moved, again, untouched := fixtures.Load(
		t,
		b.players,
		"wally",
	), &player{
		Login: "again",
	}, fixtures.Load(
		t,
		b.players,
		"waldo",
	)
	moved.Login = "elsewhere"
	mistaken := dynamapper.Attr("balanse", dynamapper.EQ(1))
	big := strings.Repeat("x", 390_000)
	key := dynamapper.Key("waldo")
	b.Take()
	for name, test := range map[string]struct {
		stage func(ctx context.Context, tx *dynamapper.Tx, players *txPlayers)
		text  string
	}{
		"nil item to save": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Save(nil) },
			"Save: table %q: the item is nil"},
		"nil item to delete": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Delete(nil) },
			"Delete: table %q: the item is nil"},
		"two writes": {func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
			p.DeleteKey(key)
			p.Update(key).Set("name", "x")
		}, "Update: table %q: operation 3 of the transaction writes the item of operation 2, " +
			"and DynamoDB takes one write an item; put both into one"},
		"two saves of a key": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Save(again)
				p.Save(
					copyOf(again))
			}, "operation 3 of the transaction writes the item of operation 2, and"},
		"Delete of a new one": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Delete(
					&player{Login: "x"})
			}, "is new, so it has no snapshot"},
		"an edited key to save": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Save(moved) },
			"its key was edited since (login)"},
		"an edited key to delete": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Delete(moved) },
			"its key was edited since (login)"},
		"a key changed after": {func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
			n := &player{Login: "a"}
			p.Save(n)
			n.Login = "b"
		}, "the item's key was changed after the item was staged"},
		"an id set after": {func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
			e := &logEntry{}
			b.entries.In(tx).Save(e)
			e.ID = 3
		}, "id was set after the item was staged"},
		"an id unset after": {func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
			e := &logEntry{ID: 3}
			b.entries.In(tx).Save(e)
			e.ID = 0
		}, "key was changed after the item was staged"},
		"a partial item": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Save(partial) },
			"was read without some of its attributes"},
		"a partial item to delete": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Delete(partial) },
			"was read without some of its attributes"},
		"another mapper": {
			func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) { foreign.In(tx).Check(key) },
			"the transaction is of another mapper"},
		"an empty key": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Check(dynamapper.Key("")) },
			"Check: table %q: the hash key \"login\" is empty"},
		"an empty key to save": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Save(&player{}) },
			"Save: table %q: the hash key \"login\" is empty"},
		"a wrong key": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.DeleteKey(
					dynamapper.Key("a", "b"))
			}, "DeleteKey: table %q: the key has a range key"},
		"the counter": {func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
			b.entries.In(tx).DeleteKey(dynamapper.Key(-1))
		}, "the key -1 belongs to the item that counts"},
		"the counter to save": {
			func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
				b.entries.In(tx).
					Save(&logEntry{ID: -1})
			}, "the key -1 belongs to the item that counts"},
		"a wrong If": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Save(again,
					dynamapper.If(mistaken))
			}, "Save: table %q: the condition on \"balanse\": the model"},
		"a wrong Check": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Check(key, mistaken) },
			"Check: table %q: the condition on \"balanse\": the model"},
		"an empty And": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Check(key,
					dynamapper.And())
			}, "And"},
		"a wrong If of an update": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Update(key).Set("name",
					"x").If(mistaken)
			}, "Update: table %q: "},
		"an update of a key": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Update(key).Set("login",
					"x")
			}, "is a key of the table"},
		"an empty update": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) { p.Update(key) },
			"the update has no clause"},
		"an update of no id": {func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
			b.entries.In(tx).Update(dynamapper.Key(0)).Set("text", "x")
		}, "the key is 0"},
		"no UTF-8": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Save(
					&player{Login: "a", Name: "\xff"})
			}, "player.Name (attribute name)"},
		"no UTF-8 at a new id": {func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
			b.entries.In(tx).Save(&logEntry{Text: "\xff"})
		}, "logEntry.Text (attribute text)"},
		"the hook": {func(_ context.Context, tx *dynamapper.Tx, _ *txPlayers) {
			b.purses.In(tx).Save(&purse{Owner: "a", Coins: -1})
		}, "the item is not valid: in debt"},
		"more than 100 items": {func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
			for i := range 100 {
				p.Check(dynamapper.Key(fmt.Sprint(i)))
			}
		}, "the transaction has 101 items, and DynamoDB takes 100"},
		"more than 4 MB": {func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
			for i := range 11 {
				p.Save(&player{Login: fmt.Sprint(i), Name: big})
			}
		}, "more than 4 MB"},
		"more than 4 MB of updates": {func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
			for i := range 11 {
				p.Update(dynamapper.Key(fmt.Sprint(i))).Set("name", big)
			}
		}, "more than 4 MB"},
		"the first of two": {
			func(_ context.Context, _ *dynamapper.Tx, p *txPlayers) {
				p.Save(nil)
				p.Check(
					dynamapper.Key(""))
			}, "the item is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			entry := &logEntry{Text: "takes no id"}
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					b.entries.In(tx).Save(entry)
					test.stage(ctx, tx, b.players.In(tx))
					return nil
				})
			require.Error(t, err)
			require.ErrorContains(t, err,
				strings.ReplaceAll(test.text, "%q", fmt.Sprintf("%q", b.players.Name())))
			require.True(t,
				strings.HasPrefix(err.Error(), "dynamapper: ") &&
					strings.Count(err.Error(), "dynamapper: ") == 1, err)
			require.Equal(t, strings.Contains(name, "partial"),
				errors.Is(err, dynamapper.ErrPartial))
			require.Empty(t, b.Take())
			require.Equal(t, logEntry{Text: "takes no id"}, *entry)
		})
	}
	requireAsStored(t, b.players, untouched, "waldo")
}

// An item belongs to the transaction, and to the call of the function, that has read it. Another
// call cannot know that it is unchanged. Outside the transaction it is like any other item.
func TestTransactionRefusesItemsOfAnother(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	var kept *player
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			kept = b.get(t, ctx, tx, "waldo")
			return nil
		}))
	for name, stage := range map[string]func(*txPlayers){
		"Save":   func(players *txPlayers) { players.Save(kept) },
		"Delete": func(players *txPlayers) { players.Delete(kept) },
		"a copy": func(players *txPlayers) { players.Save(copyOf(kept)) },
	} {
		b.Take()
		err := b.mapper.RunTransaction(t.Context(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				stage(
					b.players.In(tx))
				return nil
			})
		require.ErrorContains(t, err, "was read in another transaction", name)
		require.Empty(t, b.Take())
	}
	var first *player
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		p := b.get(t, ctx, tx, "wally")
		if first == nil {
			first = p
			b.setBalance(t, "wally", 1)
		}
		b.players.In(tx).Save(first)
		return nil
	})
	require.ErrorContains(t, err, "in another call of its function")
	kept.Name = "Edited"
	require.NoError(t, b.players.Save(t.Context(), kept, dynamapper.FailOnConflict()))
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			b.players.In(tx).Save(kept)
			return nil
		}), "an item that was saved outside belongs to no transaction")
}

// An item that was read is written through the same pointer and as the same model.
func TestTransactionRefusesAnotherValueOfWhatItRead(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	outside := fixtures.Load(t, b.players, "waldo")
	for name, stage := range map[string]func(*txPlayers, *player){
		"loaded outside": func(players *txPlayers, _ *player) { players.Save(outside) },
		"deleted":        func(players *txPlayers, _ *player) { players.Delete(outside) },
		"new": func(players *txPlayers, _ *player) {
			players.Save(
				&player{Login: "waldo"})
		},
		"a copy": func(players *txPlayers, p *player) { players.Save(copyOf(p)) },
	} {
		err := b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				stage(b.players.In(tx), b.get(t, ctx, tx, "waldo"))
				return nil
			})
		require.ErrorContains(t, err, "another value is to be written in its place", name)
	}
	shadows, err := dynamapper.TableOf[shadow](b.mapper, dynamapper.WithTableName("players"))
	require.NoError(t, err)
	require.Equal(t, b.players.Name(), shadows.Name())
	err = b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		b.get(t, ctx, tx, "waldo")
		_, err := shadows.In(tx).Get(ctx, dynamapper.Key("waldo"))
		return err
	})
	require.ErrorContains(t, err, "as another model")
}

type shadow struct {
	dynamapper.Model `dynamo:"shadows"`
	Login            string `dynamo:"login,hash"`
}

// stagings returns all ways to stage an operation, by the name of the operation in errors.
func stagings(
	outside *player, begun func() *dynamapper.TxUpdate[player],
) map[string]func(*txPlayers) {
	key := dynamapper.Key("wally")
	return map[string]func(*txPlayers){
		"Save":                 func(players *txPlayers) { players.Save(&player{Login: "new"}) },
		"Save, nil":            func(players *txPlayers) { players.Save(nil) },
		"Delete":               func(players *txPlayers) { players.Delete(outside) },
		"DeleteKey":            func(players *txPlayers) { players.DeleteKey(key) },
		"DeleteKey, wrong":     func(players *txPlayers) { players.DeleteKey(dynamapper.Key("")) },
		"Update":               func(players *txPlayers) { players.Update(key).Set("name", "x") },
		"Check":                func(players *txPlayers) { players.Check(key) },
		"Update, Set later":    func(*txPlayers) { begun().Set("name", "x") },
		"Update, Remove later": func(*txPlayers) { begun().Remove("name") },
		"Update, If later":     func(*txPlayers) { begun().If(rich()) },
		"Update, must exist":   func(*txPlayers) { begun().MustExist() },
	}
}

// After its function has returned, a transaction accepts nothing: a read returns an error, and
// staging panics, because nobody would notice that the operation is lost. Inside another
// RunTransaction, that panic ends the transaction with an error.
func TestTransactionIsOver(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	outside := fixtures.Load(t, b.players, "wally")
	text := func(name string) string {
		op, _, _ := strings.Cut(name, ",")
		return fmt.Sprintf(
			"dynamapper: %s: table %q: the transaction is over, so that what is staged now "+
				"would be lost; "+
				"stage it in its function, and in each call of it in the transaction of that call",
			op, b.players.Name())
	}
	var over *dynamapper.Tx
	var begun *dynamapper.TxUpdate[player]
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			over, begun = tx, b.players.In(tx).Update(dynamapper.Key("waldo")).Add("balance", 1)
			return nil
		}))
	_, err := b.players.In(over).Get(t.Context(), dynamapper.Key("waldo"))
	require.ErrorContains(t, err,
		"the transaction is over; read in its function, and in each call of it with the "+
			"transaction of that call")
	foreign := fixtures.TableIn[player](t, fixtures.Mapper(t))
	for name, stage := range stagings(outside,
		func() *dynamapper.TxUpdate[player] { return begun }) {
		require.PanicsWithError(t, text(name), func() { stage(b.players.In(over)) }, name)
		if !strings.Contains(name, "later") && !strings.Contains(name, "must") {
			require.PanicsWithError(t,
				strings.Replace(text(name), b.players.Name(), foreign.Name(), 1),
				func() { stage(foreign.In(over)) }, name)
		}
		err := b.mapper.RunTransaction(t.Context(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				b.players.In(tx).DeleteKey(dynamapper.Key("waldo"))
				stage(b.players.In(over))
				t.Error("the function went on")
				return nil
			})
		require.EqualError(t, err, text(name), "another transaction")
	}
	require.Equal(t, []int{201, 200, -1},
		[]int{b.balance(t, "waldo"), b.balance(t, "wally"), b.balance(t, "new")})
}

// The transaction of an earlier call of the function is over as well.
func TestTransactionOfAnEarlierCallIsOver(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	outside := fixtures.Load(t, b.players, "wally")
	var begun *dynamapper.TxUpdate[player]
	for name, stage := range stagings(outside,
		func() *dynamapper.TxUpdate[player] { return begun }) {
		first := (*dynamapper.Tx)(nil)
		err := b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				p := b.get(t, ctx, tx, "waldo")
				if first == nil {
					first, begun = tx, b.players.In(tx).Update(dynamapper.Key("wally")).Set("name",
						"x")
					b.players.In(tx).Save(p)
					b.setBalance(t, "waldo", p.Balance+1)
					return nil
				}
				b.players.In(tx).Save(p)
				stage(b.players.In(first))
				t.Error("the function went on")
				return nil
			})
		require.ErrorContains(t, err,
			"the transaction is over, so that what is staged now would be lost", name)
	}
	require.Equal(t, "Waldo", fixtures.Load(t, b.players, "wally").Name)
}

// An operation that another goroutine stages while the function returns is written, or staging it
// panics; it is never lost.
func TestTransactionEndsWhileAnotherGoroutineStages(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	const each = 40
	for round := range 20 {
		var staged, raised []string
		var wait sync.WaitGroup
		var begun sync.WaitGroup
		begun.Add(1)
		err := b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				wait.Go(func() {
					for i := range each {
						login := fmt.Sprint("late ", round, " ", i)
						if panics(func() { b.players.In(tx).Save(&player{Login: login}) }) {
							raised = append(raised, login)
						} else {
							staged = append(staged, login)
						}
						if i == round {
							begun.Done()
						}
					}
				})
				begun.Wait()
				return nil
			})
		wait.Wait()
		require.NoError(t, err)
		require.Len(t, append(staged[:len(staged):len(staged)], raised...), each)
		found, err := b.players.BatchGet(t.Context(),
			dynamapper.Keys(append(staged[:len(staged):len(staged)], raised...)...),
			dynamapper.Consistent())
		require.NoError(t, err)
		var stored []string
		for _, p := range found {
			stored = append(stored, p.Login)
		}
		require.Equal(t, staged, stored)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return
}

// For a nil transaction, Get returns an error, and staging panics. RunTransaction returns the panic
// of its function as an error and writes nothing.
func TestTransactionThatIsNil(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	key := dynamapper.Key("wally")
	text := func(op string) string {
		return fmt.Sprintf(
			"dynamapper: %s: table %q: the transaction is nil; give the one that the function "+
				"of RunTransaction gets", op, b.players.Name())
	}
	for name, none := range map[string]*dynamapper.Tx{"nil": nil, "made by hand": {}} {
		t.Run(name, func(t *testing.T) {
			players := b.players.In(none)
			_, err := players.Get(t.Context(), key)
			require.EqualError(t, err, text("Get"))
			for op, stage := range map[string]func(){
				"Save":      func() { players.Save(&player{Login: "new"}) },
				"Delete":    func() { players.Delete(fixtures.Load(t, b.players, "wally")) },
				"DeleteKey": func() { players.DeleteKey(key) },
				"Update":    func() { players.Update(key).Set("name", "x") },
				"Check":     func() { players.Check(key) },
			} {
				err := b.mapper.RunTransaction(t.Context(),
					func(_ context.Context, tx *dynamapper.Tx) error {
						b.players.In(tx).DeleteKey(dynamapper.Key("waldo"))
						stage()
						t.Error("the function went on")
						return nil
					})
				require.EqualError(t, err, text(op))
				require.PanicsWithError(t, text(op), stage)
			}
			require.NotContains(t, b.Take(), "TransactWriteItems")
		})
	}
	require.Equal(t, []int{200, 200, -1},
		[]int{b.balance(t, "waldo"), b.balance(t, "wally"), b.balance(t, "new")})
}

// lateWriter stages operations in its hooks, which run at the commit.
type lateWriter struct {
	dynamapper.Model `dynamo:"latewriters"`
	ID               int `dynamo:"id,hash,autoincrement"`

	stage func() // nil stages nothing
}

func (w *lateWriter) ValidateItem() error {
	if w.stage != nil {
		w.stage()
	}
	return nil
}

// An operation that a hook stages during the commit would be lost, so RunTransaction returns an
// error and writes nothing.
func TestTransactionIsOverForHooks(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	late := fixtures.TableIn[lateWriter](t, b.mapper)
	for name, id := range map[string]int{"an item": 7, "an item without an id": 0} {
		var items []*lateWriter
		err := b.mapper.RunTransaction(t.Context(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				item := &lateWriter{ID: id,
					stage: func() { b.players.In(tx).DeleteKey(dynamapper.Key("waldo")) }}
				items = append(items, item)
				b.players.In(tx).DeleteKey(dynamapper.Key("wally"))
				late.In(tx).Save(item)
				return nil
			})
		require.ErrorContains(t, err,
			"the transaction is over, so that what is staged now would be lost", name)
		require.Len(t, items, 1, name)
		require.True(t, late.IsNew(items[0]), name)
		require.Equal(t, id, items[0].ID, name)
	}
	require.NotContains(t, b.Take(), "TransactWriteItems")
	require.Equal(t, []int{200, 200}, []int{b.balance(t, "waldo"), b.balance(t, "wally")})
}

// The transaction runs an update with the clauses that were added after it was staged.
func TestTransactionRunsItsUpdates(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			u := b.players.In(tx).Update(dynamapper.Key("waldo")).Add("balance", 1)
			u.Set("name", "Added")
			return nil
		}))
	require.Equal(t, []string{"TransactWriteItems"}, b.Take())
	require.Equal(t, 201, b.balance(t, "waldo"))
	require.Equal(t, "Added", fixtures.Load(t, b.players, "waldo").Name)
}

// RunTransaction refuses invalid arguments.
func TestRunTransactionRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	var noContext context.Context
	require.EqualError(t,
		b.mapper.RunTransaction(noContext,
			func(context.Context, *dynamapper.Tx) error { return nil }),
		"dynamapper: RunTransaction: the context is nil; give context.Background()")
	require.EqualError(t, b.mapper.RunTransaction(t.Context(), nil),
		"dynamapper: RunTransaction: the function is nil; pass a function that reads and stages")
}

// After an invalid staged operation, Get reads nothing, and RunTransaction returns the function's
// error unchanged.
func TestTransactionGetAfterAMistake(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		b.players.In(tx).Save(nil)
		_, err := b.players.In(tx).Get(ctx, dynamapper.Key("waldo"))
		return fmt.Errorf("mine: %w", err)
	})
	require.ErrorContains(t, err, "mine: dynamapper: Save: table ")
	require.ErrorContains(t, err, "the item is nil")
	require.Empty(t, b.Take())
}

// A transaction holds a hundred items. An id that does not fit its field is removed from it again.
func TestTransactionLimits(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			for i := range 100 {
				b.players.In(tx).Save(&player{Login: fmt.Sprint("many ", i)})
			}
			return nil
		}))
	require.Equal(t, 0, b.balance(t, "many 99"))
	tiny := fixtures.TableIn[tinyEntry](t, b.mapper)
	fixtures.PutRaw(t, tiny.Name(), counter("255"))
	entry, fresh := &tinyEntry{}, &purse{Owner: "fresh"}
	err := b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		b.purses.In(tx).Save(fresh)
		tiny.In(tx).Save(entry)
		return nil
	})
	require.ErrorContains(t, err, "the number does not fit the Go type uint8")
	require.Equal(t, tinyEntry{}, *entry)
	require.Equal(t, purse{Owner: "fresh"}, *fresh)
	fixtures.PutRaw(t, tiny.Name(), counter("-1"))
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			tiny.In(tx).Save(entry)
			return nil
		}))
	require.EqualValues(t, 1, entry.ID, "0 is not an id")

	err = b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		for i := range 101 {
			b.get(t, ctx, tx, fmt.Sprint("many ", i%100))
		}
		_, _ = b.players.In(tx).Get(ctx, dynamapper.Key("one more"))
		return nil
	})
	require.ErrorContains(t, err, "the transaction has 101 items")
}
