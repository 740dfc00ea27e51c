package tests

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// late holds a request back, and its caller gets the error of a reset connection. The method arrive
// delivers the request.
type late struct {
	arrive func() (status int)
}

func (l *late) fault() dynamotest.Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		// The context of the call is canceled when the call returns.
		*request = *request.WithContext(context.WithoutCancel(request.Context()))
		l.arrive = func() int {
			request.Body = io.NopCloser(bytes.NewReader(body))
			response, err := send()
			if err != nil {
				return 0
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			return response.StatusCode
		}
		return dynamotest.Drop()(request, nil)
	}
}

// testSettled gives up writes of a wallet, settles them, and delivers the requests afterwards.
func testSettled[T dynamapper.IsModel](t *testing.T, w wallets[T]) {
	good, line, ctx := fixtures.TableOf[T](t), dynamotest.NewFaults(), t.Context()
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(fixtures.LineConfig(t, line)),
		dynamapper.WithMaxRetries(1))
	require.NoError(t, err)
	faulty, err := dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	for name, write := range map[string]func(item *T, id string) error{
		"Save": func(item *T, _ string) error {
			return faulty.Save(ctx, item,
				dynamapper.FailOnConflict())
		},
		"Save, If": func(item *T, _ string) error {
			return faulty.Save(ctx, item, dynamapper.FailOnConflict(),
				dynamapper.If(dynamapper.Attr("balance", dynamapper.GE(0))))
		},
		"Save, Idempotent": func(item *T, _ string) error {
			return faulty.Save(ctx, item, dynamapper.FailOnConflict(), dynamapper.Idempotent())
		},
		"Delete": func(item *T, _ string) error {
			return faulty.Delete(ctx, item,
				dynamapper.FailOnConflict())
		},
		"Modify": func(_ *T, id string) error {
			_, err := faulty.Modify(ctx, dynamapper.Key(id),
				func(item *T) error { *w.balance(item) = 50; return nil })
			return err
		},
		"RunTransaction": func(item *T, _ string) error {
			return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				faulty.In(tx).Save(item)
				return nil
			})
		},
	} {
		for _, arrives := range []string{"before", "after"} {
			t.Run(name+", it arrives "+arrives, func(t *testing.T) {
				id := name + arrives
				require.NoError(t, good.Save(ctx, w.make(id, 200)))
				item := fixtures.Load(t, faulty, id)
				*w.balance(item) = 50
				l := &late{}
				line.Clear()
				line.Each("", func(n int) dynamotest.Fault {
					if name == "Modify" && n == 1 {
						return nil // the read
					}
					return l.fault()
				})
				fixtures.RequireDoubt(t, write(item, id))
				line.Clear()
				if arrives == "before" {
					require.Equal(t, http.StatusOK, l.arrive())
				}
				settled, err := faulty.Settle(ctx, dynamapper.Key(id))
				if name == "Delete" && arrives == "before" {
					require.ErrorIs(t, err, dynamapper.ErrNotFound)
					return
				}
				require.NoError(t, err)
				balance := map[string]int{"before": 50, "after": 200}[arrives]
				require.Equal(t, balance, *w.balance(settled))
				requireAsStored(t, faulty, settled, id)
				if arrives == "after" {
					require.Equal(t, http.StatusBadRequest, l.arrive(), "it is refused")
					require.Equal(t, 200, w.stored(t, good, id))
				}
				*w.balance(settled)++
				require.NoError(t, faulty.Save(ctx, settled, dynamapper.FailOnConflict()))
			})
		}
	}
}

// A request that was given up and arrives after Settle is refused. If it arrived before, the item
// that Settle returns shows it.
func TestSettle(t *testing.T) {
	t.Parallel()
	t.Run("integer", func(t *testing.T) { t.Parallel(); testSettled(t, countedWallets) })
	t.Run("string", func(t *testing.T) { t.Parallel(); testSettled(t, tokenWallets) })
}

// testSettleWithFaults settles while responses are lost and other writers write.
func testSettleWithFaults[T dynamapper.IsModel](t *testing.T, w wallets[T]) {
	faulty, good, line, sent := fixtures.FaultyTable[T](t)
	for how, loss := range losses {
		for _, busy := range []bool{false, true} {
			t.Run(how+map[bool]string{true: ", busy"}[busy], func(t *testing.T) {
				require.NoError(t, good.Save(t.Context(), w.make(how, 200)))
				before := fixtures.Load(t, good, how)
				line.Clear()
				line.On("UpdateItem", 1, dynamotest.After(loss.fault, func() {
					if busy {
						w.setBalance(t, good, how, 7)
					}
				}))
				sent.Take()
				settled, err := faulty.Settle(t.Context(), dynamapper.Key(how))
				require.NoError(t, err)
				require.LessOrEqual(t, len(sent.Take()), 4)
				require.Empty(t, line.Pending())
				require.Equal(t, map[bool]int{true: 7, false: 200}[busy], *w.balance(settled))
				requireAsStored(t, faulty, settled, how)
				require.NotEqual(t, good.Snapshot(before)["version"],
					faulty.Snapshot(settled)["version"])
			})
		}
	}
}

// Settle returns the item in whatever way its own response is lost, and whoever writes meanwhile.
func TestSettleWithLostResponses(t *testing.T) {
	t.Parallel()
	testSettleWithFaults(t, countedWallets)
	testSettleWithFaults(t, tokenWallets)
}

// Settle sends a read and a write, and renews only the version and the updated time.
func TestSettleChangesNothingElse(t *testing.T) {
	t.Parallel()
	purses, sent := fixtures.WatchedTable[purse](t)
	require.NoError(t, purses.Save(t.Context(), &purse{Owner: "waldo", Coins: 200, Motto: "rich"}))
	key := fixtures.Attributes{"owner": fixtures.Text("waldo")}
	fixtures.SetRaw(t, purses.Name(), key, "unknown", fixtures.Text("kept"))
	fixtures.SetRaw(
		t,
		purses.Name(),
		key,
		"coins",
		fixtures.Number("-5"),
	) // refused by ValidateItem
	before := fixtures.GetRaw(t, purses.Name(), key)
	sent.Take()
	settled, err := purses.Settle(t.Context(), dynamapper.Key("waldo"))
	require.NoError(t, err)
	require.Equal(t, []string{"GetItem", "UpdateItem"}, sent.Take())
	after := fixtures.GetRaw(t, purses.Name(), key)
	require.Equal(t, purses.Snapshot(settled), after)
	for _, renewed := range []string{"version", "updated"} {
		require.NotEqual(t, before[renewed], after[renewed])
		delete(before, renewed)
		delete(after, renewed)
	}
	require.Equal(t, before, after)
}

// An item that was stored before its model had a version gets one, which refuses a late write that
// compares the other attributes.
func TestSettleOfAnItemWithoutVersion(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	fixtures.PutRaw(
		t,
		good.Name(),
		fixtures.Attributes{"id": fixtures.Text("1"), "balance": fixtures.Number("200")},
	)
	item := fixtures.Load(t, faulty, "1")
	item.Balance = 50
	l := &late{}
	line.On("UpdateItem", 1, l.fault())
	fixtures.RequireDoubt(t, faulty.Save(t.Context(), item, dynamapper.FailOnConflict()))
	settled, err := faulty.Settle(t.Context(), dynamapper.Key("1"))
	require.NoError(t, err)
	require.NotEmpty(t, settled.Version)
	require.Equal(t, http.StatusBadRequest, l.arrive())
	require.Equal(t, 200, tokenWallets.stored(t, good, "1"))
}

// Settle returns an error for items that it cannot settle.
func TestSettleRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	_, err := players.Settle(t.Context(), dynamapper.Key("waldo"))
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, `add a field to the model with the option "version"`)
	var noContext context.Context
	_, err = players.Settle(noContext, dynamapper.Key("waldo"))
	require.ErrorContains(t, err, "context is nil")
	require.Empty(t, sent.Take())

	wallets, sent := fixtures.WatchedTable[tokenWallet](t)
	_, err = wallets.Settle(t.Context(), dynamapper.Key(7))
	require.Error(t, err)
	require.Empty(t, sent.Take())
	_, err = wallets.Settle(t.Context(), dynamapper.Key("nobody"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.Equal(t, []string{"GetItem"}, sent.Take())
}
