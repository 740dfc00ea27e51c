package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

var errInDebt = errors.New("in debt")

// credit returns a change that adds coins.
func credit(coins int) func(*purse) error {
	return func(p *purse) error {
		p.Coins += coins
		return nil
	}
}

func keepCoins(*purse) error { return nil }

// Modify sends one read and one write, with a token if it is idempotent, and returns the item as
// saved.
func TestModify(t *testing.T) {
	t.Parallel()
	purses, sent := fixtures.WatchedTable[purse](t)
	for name, test := range map[string]struct {
		opts []dynamapper.ModifyOption
		sent []string
	}{
		"plain": {nil, []string{"GetItem", "UpdateItem"}},
		"idempotent": {[]dynamapper.ModifyOption{dynamapper.Idempotent()},
			[]string{"GetItem", "TransactWriteItems"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, purses.Save(t.Context(), &purse{Owner: name, Coins: 200}))
			before := fixtures.Load(t, purses, name)
			sent.Take()
			saved, err := purses.Modify(t.Context(), dynamapper.Key(name), credit(-150),
				test.opts...)
			require.NoError(t, err)
			require.Equal(t, test.sent, sent.Take())
			require.Equal(t, 50, saved.Coins)
			require.Equal(t, before.Version+1, saved.Version)
			require.Equal(t, before.Created, saved.Created)
			require.True(t, saved.Updated.After(before.Updated))
			requireAsStored(t, purses, saved, name)
			saved.Coins = 1
			require.NoError(t, purses.Save(t.Context(), saved, dynamapper.FailOnConflict()),
				"the snapshot is the saved item")
		})
	}
}

// A change that edits nothing is still saved, under the same condition.
func TestModifyWithoutAChange(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	for _, opts := range [][]dynamapper.ModifyOption{nil, {dynamapper.Idempotent()}} {
		_, err := players.Modify(t.Context(), dynamapper.Key("waldo"),
			func(*player) error { return nil }, opts...)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"GetItem", "UpdateItem", "GetItem", "TransactWriteItems"},
		sent.Take())
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

// If another writer has written between the read and the save, Modify reads and changes the item
// again.
func TestModifyBesideAnotherWriter(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.ModifyOption{"plain": nil,
		"idempotent": {dynamapper.Idempotent()}} {
		t.Run(name, func(t *testing.T) {
			players := fixtures.TableOf[player](t)
			fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
			var seen []int
			var items []*player
			saved, err := players.Modify(t.Context(), dynamapper.Key("waldo"),
				func(p *player) error {
					seen, items = append(seen, p.Balance), append(items, p)
					if len(seen) < 3 {
						fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "balance",
							fixtures.Number(numberText(int64(1000*len(seen)))))
					}
					p.Balance -= 150
					return nil
				}, opts...)
			require.NoError(t, err)
			require.Equal(t, []int{200, 1000, 2000}, seen)
			require.NotSame(t, items[0], items[1])
			require.Equal(t, 1850, saved.Balance)
			require.Equal(t, fixtures.Number("1850"),
				fixtures.GetRaw(t, players.Name(), playerKey("waldo"))["balance"])
		})
	}
}

// If the item does not exist, or no longer exists, Modify returns ErrNotFound and does not call
// change for a missing item.
func TestModifyOfAMissingItem(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	calls := 0
	change := func(*player) error {
		calls++
		fixtures.DeleteRaw(t, players.Name(), playerKey("waldo"))
		return nil
	}
	item, err := players.Modify(t.Context(), dynamapper.Key("nobody"), change)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.ErrorContains(t, err, "Modify")
	require.Nil(t, item)
	require.Zero(t, calls)

	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	item, err = players.Modify(t.Context(), dynamapper.Key("waldo"), change)
	require.ErrorIs(t, err, dynamapper.ErrNotFound, "deleted meanwhile")
	require.Nil(t, item)
	require.Equal(t, 1, calls)
	require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

// If no item exists, change receives a new item with its defaults, the values of the hook and the
// key, and the item is inserted.
func TestModifyOrNew(t *testing.T) {
	t.Parallel()
	purses, sent := fixtures.WatchedTable[purse](t)
	var given purse
	change := func(p *purse) error {
		given = *p
		return credit(5)(p)
	}
	saved, err := purses.ModifyOrNew(t.Context(), dynamapper.Key("waldo"), change)
	require.NoError(t, err)
	require.Equal(t, purse{Owner: "waldo", Coins: 10, Motto: "new"}, given)
	require.Equal(t, []string{"GetItem", "PutItem"}, sent.Take())
	requireAsStored(t, purses, saved, "waldo")
	require.Equal(t, 15, saved.Coins)
	require.NotZero(t, saved.Version)
	require.False(t, saved.Created.IsZero())
	sent.Take()

	saved, err = purses.ModifyOrNew(t.Context(), dynamapper.Key("waldo"), change)
	require.NoError(t, err)
	require.Equal(t, 20, saved.Coins)
	require.Equal(t, []string{"GetItem", "UpdateItem"}, sent.Take())

	_, err = purses.ModifyOrNew(t.Context(), dynamapper.Key("wally"), change,
		dynamapper.Idempotent())
	require.NoError(t, err)
	require.Equal(t, []string{"GetItem", "TransactWriteItems"}, sent.Take())
	require.Equal(t, 15, fixtures.Load(t, purses, "wally").Coins)
}

// Of two insertions, the second is repeated on the inserted item. An item that was deleted
// meanwhile is inserted.
func TestModifyOrNewBesideAnotherWriter(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.ModifyOption{"plain": nil,
		"idempotent": {dynamapper.Idempotent()}} {
		t.Run(name, func(t *testing.T) {
			players := fixtures.TableOf[player](t)
			var seen []int
			_, err := players.ModifyOrNew(t.Context(), dynamapper.Key("waldo"),
				func(p *player) error {
					seen = append(seen, p.Balance)
					switch len(seen) {
					case 1:
						fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
					case 2:
						fixtures.DeleteRaw(t, players.Name(), playerKey("waldo"))
					}
					p.Balance += 7
					return nil
				}, opts...)
			require.NoError(t, err)
			require.Equal(t, []int{0, 200, 0}, seen)
			require.Equal(
				t,
				fixtures.Attributes{
					"login":   fixtures.Text("waldo"),
					"balance": fixtures.Number("7"),
				},
				fixtures.GetRaw(t, players.Name(), playerKey("waldo")),
			)
		})
	}
}

// ModifyOrNew also sets the range key, and accepts any spelling of the key.
func TestModifyOrNewWithARangeKey(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[timedEntry](t)
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	saved, err := table.ModifyOrNew(t.Context(), dynamapper.Key(7, at), func(e *timedEntry) error {
		e.Text = "noted"
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 7, saved.ID)
	require.True(t, at.Equal(saved.At))

	theirs := fixtures.Attributes{"id": fixtures.Number("7"),
		"at": fixtures.Text("2026-05-02T12:00:00.000000+00:00")}
	fixtures.PutRaw(t, table.Name(), theirs)
	_, err = table.Modify(t.Context(), dynamapper.Key(fixtures.Number("7.0"), theirs["at"]),
		func(e *timedEntry) error {
			e.Text = "noted"
			return nil
		})
	require.NoError(t, err, "the key keeps the spelling of dynamodb-mapper")
	require.Equal(t, fixtures.Text("noted"), fixtures.GetRaw(t, table.Name(), theirs)["text"])
}

// timedEntry has a key that two writers spell differently.
type timedEntry struct {
	dynamapper.Model `dynamo:"timed"`
	ID               int       `dynamo:"id,hash"`
	At               time.Time `dynamo:"at,range"`
	Text             string    `dynamo:"text"`
}

// Any error ends Modify at once, with nothing written: an error of change, of the hook or of the
// codec, an edited key, or an item without its Model.
func TestModifyEndsWithAnError(t *testing.T) {
	t.Parallel()
	purses, sent := fixtures.WatchedTable[purse](t)
	require.NoError(t, purses.Save(t.Context(), &purse{Owner: "waldo", Coins: 200}))
	stored := fixtures.GetRaw(
		t,
		purses.Name(),
		fixtures.Attributes{"owner": fixtures.Text("waldo")},
	)
	mine := fmt.Errorf("not today: %w", dynamapper.ErrConflict)
	for name, test := range map[string]struct {
		change func(*purse) error
		is     error
		text   string
	}{
		"change":       {func(*purse) error { return mine }, mine, ""},
		"ValidateItem": {credit(-201), errInDebt, "the item is not valid"},
		"the codec": {func(p *purse) error { p.Motto = "\xff"; return nil }, nil,
			"purse.Motto (attribute motto)"},
		"the key": {func(p *purse) error { p.Owner = "wally"; return nil }, nil,
			"has changed the item's key"},
		"no key": {func(p *purse) error { p.Owner = ""; return nil }, nil, "is empty"},
		"no Model": {func(p *purse) error { *p = purse{Owner: "waldo"}; return nil }, nil,
			"has replaced the item together with its Model"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, owner := range []string{"waldo", "nobody"} {
				if owner == "nobody" &&
					test.text == "has replaced the item together with its Model" {
					continue // a new item has no snapshot to lose
				}
				sent.Take()
				calls := 0
				item, err := purses.ModifyOrNew(t.Context(), dynamapper.Key(owner),
					func(p *purse) error {
						calls++
						if owner == "nobody" && p.Coins == 10 {
							p.Coins = 200
						}
						return test.change(p)
					})
				require.Error(t, err)
				require.ErrorContains(t, err, test.text)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				require.NotContains(t, err.Error(), owner)
				require.Nil(t, item)
				require.Equal(t, 1, calls)
				require.Equal(t, []string{"GetItem"}, sent.Take())
			}
		})
	}
	item, err := purses.Modify(t.Context(), dynamapper.Key("waldo"),
		func(*purse) error { return mine })
	require.Nil(t, item)
	require.Equal(t, mine, err, "an error of change is returned unchanged")
	require.Equal(
		t,
		stored,
		fixtures.GetRaw(t, purses.Name(), fixtures.Attributes{"owner": fixtures.Text("waldo")}),
	)
	require.Nil(
		t,
		fixtures.GetRaw(t, purses.Name(), fixtures.Attributes{"owner": fixtures.Text("nobody")}),
	)
}

// If conflicts use up the retries, the error wraps the last conflict.
func TestModifyUsesUpItsRetries(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t, dynamapper.WithMaxRetries(3))
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	calls := 0
	item, err := players.Modify(t.Context(), dynamapper.Key("waldo"), func(p *player) error {
		calls++
		fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "balance",
			fixtures.Number(numberText(int64(calls))))
		p.Name = "Edited"
		return nil
	})
	require.Nil(t, item)
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	var exceeded *dynamapper.MaxRetriesExceededError
	require.ErrorAs(t, err, &exceeded)
	require.Equal(t, "Modify", exceeded.Op)
	require.Equal(t, 3, exceeded.Tries)
	require.Equal(t, 3, calls)
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, []string{"balance"}, conflict.Attributes)
	require.Equal(t, fixtures.Number("3"), conflict.Current["balance"])
	require.Len(t, sent.Take(), 6)
}

// The end of the context ends Modify, also between two tries.
func TestModifyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := players.Modify(ctx, dynamapper.Key("waldo"), func(*player) error {
		calls++
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, calls)
	_, err = players.Modify(ctx, dynamapper.Key("waldo"),
		func(*player) error { calls++; return nil })
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, calls)
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

// Invalid arguments return an error before anything is sent.
func TestModifyRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	purses, sent := fixtures.WatchedTable[purse](t)
	entries, sentOfEntries := fixtures.WatchedTable[logEntry](t)
	var noContext context.Context
	type modify = func(
		context.Context, dynamapper.PrimaryKey, func(*purse) error, ...dynamapper.ModifyOption,
	) (*purse, error)
	for name, modify := range map[string]modify{"Modify": purses.Modify,
		"ModifyOrNew": purses.ModifyOrNew} {
		for _, test := range []struct {
			ctx    context.Context
			key    dynamapper.PrimaryKey
			change func(*purse) error
			opts   []dynamapper.ModifyOption
			text   string
		}{
			{noContext, dynamapper.Key("waldo"), keepCoins, nil, "the context is nil"},
			{t.Context(), dynamapper.Key("waldo"), nil, nil, "the function is nil"},
			{t.Context(), dynamapper.Key(""), keepCoins, nil, "is empty"},
			{t.Context(), dynamapper.Key("waldo", 1), keepCoins, nil, "has a range key"},
			{t.Context(), dynamapper.Key("waldo"), keepCoins, []dynamapper.ModifyOption{nil},
				"an option is nil"},
		} {
			item, err := modify(test.ctx, test.key, test.change, test.opts...)
			require.Nil(t, item)
			require.ErrorContains(t, err, test.text)
			require.ErrorContains(t, err, "dynamapper: "+name+": table ")
			require.NotContains(t, err.Error(), "waldo")
		}
	}
	for _, modify := range []func(
		context.Context, dynamapper.PrimaryKey, func(*logEntry) error, ...dynamapper.ModifyOption,
	) (*logEntry, error){
		entries.Modify, entries.ModifyOrNew,
	} {
		_, err := modify(t.Context(), dynamapper.Key(-1), func(*logEntry) error { return nil })
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		_, err = modify(t.Context(), dynamapper.Key(0), func(*logEntry) error { return nil })
		require.ErrorContains(t, err, "the key is 0")
	}
	require.Empty(t, sent.Take())
	require.Empty(t, sentOfEntries.Take())
}

type pot struct {
	dynamapper.Model `dynamo:"pots"`
	ID               string   `dynamo:"id,hash"`
	Balance          int      `dynamo:"balance"`
	Marks            []string `dynamo:"marks,set"`
}

// Six writers move money between two pots and increment counters at the same time, and nothing is
// lost.
func TestModifyLosesNothing(t *testing.T) {
	t.Parallel()
	const each = 8
	pots := fixtures.TableOf[pot](t)
	add := func(id string, amount int) error {
		_, err := pots.ModifyOrNew(t.Context(), dynamapper.Key(id), func(a *pot) error {
			a.Balance += amount
			return nil
		})
		return err
	}
	errs := fixtures.InParallel(func(writer int) error {
		for i := range each {
			amount := writer*each + i
			if err := errors.Join(add("a", -amount), add("b", amount), add("count", 1)); err !=
				nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	moved := each * fixtures.Writers * (each*fixtures.Writers - 1) / 2
	require.Equal(t, -moved, fixtures.Load(t, pots, "a").Balance)
	require.Equal(t, moved, fixtures.Load(t, pots, "b").Balance)
	require.Equal(t, each*fixtures.Writers, fixtures.Load(t, pots, "count").Balance)
}

// loseTwoOfFive makes four of ten requests fail: two lose their response, one gets an error, and
// one is never delivered.
func loseTwoOfFive(line *dynamotest.Faults, operation string) {
	random := rand.New(rand.NewPCG(1, 2))
	line.Each(operation, func(int) dynamotest.Fault {
		switch random.IntN(10) {
		case 0, 1:
			return dynamotest.Lose()
		case 2:
			return dynamotest.Fail()
		case 3:
			return dynamotest.Drop()
		}
		return nil
	})
}

// mark records in a pot that a change was applied. It returns an error if the change was applied
// before.
func (a *pot) mark(name string) error {
	for _, mark := range a.Marks {
		if mark == name {
			return fmt.Errorf("%s was applied twice", name)
		}
	}
	a.Marks = append(a.Marks, name)
	a.Balance++
	return nil
}

// With Idempotent, each change is applied exactly once and reported as such, although responses are
// lost and other writers write.
func TestModifyIdempotentWithLostResponses(t *testing.T) {
	t.Parallel()
	const each = 5
	line := dynamotest.NewFaults()
	pots := fixtures.TableIn[pot](t, line.Mapper(t))
	loseTwoOfFive(line, "TransactWriteItems")
	errs := fixtures.InParallel(func(writer int) error {
		for i := range each {
			_, err := pots.ModifyOrNew(t.Context(), dynamapper.Key("a"), func(a *pot) error {
				return a.mark(fmt.Sprint(writer, "/", i))
			}, dynamapper.Idempotent())
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	now := fixtures.Load(t, pots, "a")
	require.Equal(t, each*fixtures.Writers, now.Balance)
	require.Len(t, now.Marks, each*fixtures.Writers)
}

// Without Idempotent, an unknown outcome is returned as such. No change is applied twice, or
// reported as applied when it was not.
func TestModifyWithLostResponses(t *testing.T) {
	t.Parallel()
	const each = 5
	line := dynamotest.NewFaults()
	pots := fixtures.TableIn[pot](t, line.Mapper(t))
	loseTwoOfFive(line, "UpdateItem")
	loseTwoOfFive(line, "PutItem")
	acknowledged, unknown := make([]int, fixtures.Writers), make([]int, fixtures.Writers)
	errs := fixtures.InParallel(func(writer int) error {
		for range each {
			_, err := pots.ModifyOrNew(t.Context(), dynamapper.Key("a"),
				func(a *pot) error { a.Balance++; return nil })
			switch {
			case err == nil:
				acknowledged[writer]++
			case errors.Is(err, dynamapper.ErrUnknownOutcome):
				unknown[writer]++
			default:
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	known, doubts := 0, 0
	for writer := range fixtures.Writers {
		known, doubts = known+acknowledged[writer], doubts+unknown[writer]
	}
	require.NotZero(t, doubts)
	require.LessOrEqual(t, known, fixtures.Load(t, pots, "a").Balance)
	require.GreaterOrEqual(t, known+doubts, fixtures.Load(t, pots, "a").Balance)
}

// Another writer restores the old balance, or writes another one, after the lost save: the change
// is not applied again. Without Idempotent, the outcome is unknown.
func TestALostModifyIsNotAppliedTwice(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.ModifyOption{"plain": nil,
		"idempotent": {dynamapper.Idempotent()}} {
		for _, balance := range []int{200, 1000} {
			t.Run(fmt.Sprint(name, balance), func(t *testing.T) {
				testLostModify(t, plainWallets, balance, opts...)
				testLostModify(t, countedWallets, balance, opts...)
				testLostModify(t, tokenWallets, balance, opts...)
			})
		}
	}
}

func testLostModify[T dynamapper.IsModel](
	t *testing.T, w wallets[T], balance int, opts ...dynamapper.ModifyOption,
) {
	t.Helper()
	faulty, good, line, _ := fixtures.FaultyTable[T](t)
	require.NoError(t, good.Save(t.Context(), w.make("1", 200)))
	calls := 0
	write := map[bool]string{true: "UpdateItem", false: "TransactWriteItems"}[len(opts) == 0]
	line.On(write, 1,
		dynamotest.After(dynamotest.Lose(), func() { w.setBalance(t, good, "1", balance) }))
	_, err := faulty.Modify(t.Context(), dynamapper.Key("1"), func(item *T) error {
		calls++
		*w.balance(item) -= 150
		return nil
	}, opts...)
	if len(opts) == 0 {
		fixtures.RequireDoubt(t, err)
	} else {
		require.NoError(t, err)
	}
	require.Equal(t, 1, calls)
	require.Equal(t, balance, w.stored(t, good, "1"))
}

// If an insertion was lost and another writer inserted an equal item, ModifyOrNew does not take
// that item for its own: the outcome is unknown.
func TestModifyOrNewDoesNotClaimAnEqualItem(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	pots := fixtures.TableIn[pot](t, line.Mapper(t))
	name := pots.Name()
	count := func(a *pot) error { a.Balance++; return nil }
	line.On("PutItem", 1, dynamotest.After(dynamotest.Drop(), func() {
		fixtures.PutRaw(
			t,
			name,
			fixtures.Attributes{"id": fixtures.Text("a"), "balance": fixtures.Number("1")},
		)
	}))
	_, err := pots.ModifyOrNew(t.Context(), dynamapper.Key("a"), count)
	fixtures.RequireDoubt(t, err)
	require.Equal(t, 1, fixtures.Load(t, pots, "a").Balance)

	wallets := fixtures.TableIn[tokenWallet](t, line.Mapper(t))
	line.On("PutItem", 1, dynamotest.Lose())
	_, err = wallets.ModifyOrNew(t.Context(), dynamapper.Key("a"),
		func(w *tokenWallet) error { w.Balance++; return nil })
	require.NoError(t, err, "a string version identifies the own item")
}
