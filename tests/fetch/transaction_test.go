package fetch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// A transaction that has only read is committed by one TransactGetItems: 10 items of 4 KB cost 20
// read units.
func TestTheCostOfReadsInATransaction(t *testing.T) {
	t.Parallel()
	w := open(t)
	var players []*player
	for i := range 10 {
		// 4,096 bytes with the names of the attributes and the number.
		p := &player{Login: fmt.Sprintf("p%02d", i)}
		p.Name = strings.Repeat("x", 4096-len("login")-len(p.Login)-len("name")-len("balance")-1)
		players = append(players, p)
	}
	fixtures.PutMany(t, w.players, players)
	require.NoError(t, w.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			for _, p := range players {
				if _, err := w.players.In(tx).Get(ctx, key(p.Login)); err != nil {
					return err
				}
			}
			return nil
		}))
	sent := w.Operations()
	require.Len(t, sent, 11)
	for _, get := range sent[:10] {
		require.Equal(t, []any{"GetItem", 1.0}, []any{get.Name, get.ReadUnits})
	}
	commit := sent[10]
	require.Equal(t, []any{"TransactGetItems", "players", 10, 20.0, 0.0},
		[]any{commit.Name, commit.Table, commit.Items, commit.ReadUnits, commit.WriteUnits})
}

// changes are what another writer may do between a read and the commit.
var changes = map[string]struct {
	by    func(*testing.T, *world)
	again bool
}{
	"nothing": {func(*testing.T, *world) {}, false},
	"the same values, in another order": {func(t *testing.T, w *world) {
		fixtures.PutRaw(t, "players", fixtures.Attributes{"login": fixtures.Text("waldo"),
			"balance": fixtures.Number("200.0"), "name": fixtures.Text("Waldo")})
	}, false},
	"an attribute": {func(t *testing.T, w *world) { w.setBalance(t, "waldo", 1) }, true},
	"an attribute that the model does not know": {func(t *testing.T, w *world) {
		fixtures.SetRaw(t, "players", fixtures.Attributes{"login": fixtures.Text("waldo")}, "clan",
			fixtures.Text("reds"))
	}, true},
	"a deletion": {func(t *testing.T, w *world) {
		fixtures.DeleteRaw(t, "players", fixtures.Attributes{"login": fixtures.Text("waldo")})
	}, true},
	"an insertion": {func(t *testing.T, w *world) {
		fixtures.PutMany(t, w.players, []*player{{Login: "nobody"}})
	}, true},
}

// If an item was changed, deleted or inserted, the function runs again. The same holds before an
// error of the function is returned.
func TestReadsAreComparedByTheirValues(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, change := range changes {
		for _, want := range []error{nil, failed} {
			t.Run(fmt.Sprint(name, want), func(t *testing.T) {
				w := open(t)
				tries := 0
				err := w.mapper.RunTransaction(t.Context(),
					func(ctx context.Context, tx *dynamapper.Tx) error {
						_, waldo := w.players.In(tx).Get(ctx, key("waldo"))
						_, nobody := w.players.In(tx).Get(ctx, key("nobody"))
						if tries++; tries == 1 {
							require.NoError(t, waldo)
							require.ErrorIs(t, nobody, dynamapper.ErrNotFound)
							change.by(t, w)
						}
						return want
					})
				require.Equal(t, want, err)
				once := []string{"GetItem", "GetItem", "TransactGetItems"}
				if change.again {
					once = append(once, once...)
				}
				require.Equal(t, once, w.Take())
			})
		}
	}
}

// When the retries are used up, the error names the item and what has changed.
func TestReadsThatKeepChanging(t *testing.T) {
	t.Parallel()
	w := open(t)
	n := 0
	err := w.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			_, err := w.players.In(tx).Get(ctx, key("waldo"))
			require.NoError(t, err)
			_, err = w.players.In(tx).Get(ctx, key("wally"))
			n++
			w.setBalance(t, "wally", n)
			return err
		}, dynamapper.WithMaxRetries(2))
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, []any{"Get", "players", key("wally"), []string{"balance"}},
		[]any{conflict.Op, conflict.Table, conflict.Key, conflict.Attributes})
	require.Equal(t, fixtures.Number("2"), conflict.Current["balance"])
}

// An item of more attributes than a condition compares is no problem; more than 100 items are.
func TestTheLimitsOfReadsInATransaction(t *testing.T) {
	t.Parallel()
	w := open(t)
	wide := fixtures.Attributes{"login": fixtures.Text("wide")}
	for i := range 400 {
		wide[fmt.Sprint("a", i)] = fixtures.Number(fmt.Sprint(i))
	}
	fixtures.PutRaw(t, "players", wide)
	read := func(logins ...string) error {
		return w.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				for _, login := range logins {
					_, err := w.players.In(tx).Get(ctx, key(login))
					if err != nil && !errors.Is(err, dynamapper.ErrNotFound) {
						return err
					}
				}
				return nil
			})
	}
	require.NoError(t, read("wide", "waldo"))
	var logins []string
	for i := range 101 {
		logins = append(logins, fmt.Sprint("p", i))
	}
	require.NoError(t, read(logins[:100]...))
	w.line.Clear()
	require.ErrorContains(t, read(logins...), "the transaction has 101 items, and DynamoDB takes 100")
	require.Zero(t, w.line.Sent("TransactGetItems")+w.line.Sent("TransactWriteItems"))
}

// An edit that would be lost is found before anything is sent.
func TestAnEditInATransactionThatOnlyReads(t *testing.T) {
	t.Parallel()
	w := open(t)
	err := w.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			_, err := w.players.In(tx).Get(ctx, key("wally"))
			require.NoError(t, err)
			waldo, err := w.players.In(tx).Get(ctx, key("waldo"))
			waldo.Balance++
			return err
		})
	require.ErrorContains(t, err, "no write of the item is staged")
	require.Equal(t, []string{"GetItem", "GetItem"}, w.Take())
}

// Transfers between accounts leave the sum as it is, and a reader of one moment always sees that
// sum. The writers go on until the reader has read enough.
func TestAMomentHasNoHalfTransfer(t *testing.T) {
	t.Parallel()
	dynamotest.RunEngine(t)
	m := dynamotest.Mapper(t)
	players := tableOf[player](t, m)
	const accounts, each, reads = 4, 100, 100
	var all []*player
	for i := range accounts {
		all = append(all, &player{Login: fmt.Sprint(i), Balance: each})
	}
	fixtures.PutMany(t, players, all)
	transfer := func(from, to int) error {
		return m.RunTransaction(context.Background(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				players.In(tx).Update(key(fmt.Sprint(from))).Add("balance", -1)
				players.In(tx).Update(key(fmt.Sprint(to))).Add("balance", 1)
				return nil
			})
	}
	var done atomic.Bool
	var group sync.WaitGroup
	for writer := range 2 {
		group.Go(func() {
			for i := writer; !done.Load(); i++ {
				if err := transfer(i%accounts, (i+1+i%3)%accounts); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	defer group.Wait()
	defer done.Store(true)
	for range reads {
		var fetches []dynamapper.AnyFetch
		for _, p := range all {
			fetches = append(fetches, players.Fetch(key(p.Login)))
		}
		require.NoError(t, m.TransactGet(t.Context(), fetches...))
		sum := 0
		for _, f := range fetches {
			sum += f.(*dynamapper.Fetch[player]).Item.Balance
		}
		require.Equal(t, accounts*each, sum)
	}
}
