package tests

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// overtaken is a write whose first try is delayed and arrives after the second one, which is
// refused.
type overtaken struct {
	write   func(players *dynamapper.Table[player], m *dynamapper.Mapper) error
	balance int // with which the second try is refused
	refused error
	later   int // with which the late try would succeed
}

var (
	isRich    = dynamapper.Attr("balance", dynamapper.GE(150))
	overtakes = map[string]overtaken{
		"Update": {func(players *dynamapper.Table[player], m *dynamapper.Mapper) error {
			_, err := players.Update(dynamapper.Key("waldo")).Add("balance", -150).If(isRich).
				Idempotent().Run(context.Background())
			return err
		}, 100, dynamapper.ErrConditionFailed, 1000},
		"Delete": {func(players *dynamapper.Table[player], m *dynamapper.Mapper) error {
			return players.DeleteKey(context.Background(), dynamapper.Key("waldo"),
				dynamapper.If(isRich), dynamapper.Idempotent())
		}, 100, dynamapper.ErrConditionFailed, 1000},
		"Save": {func(players *dynamapper.Table[player], m *dynamapper.Mapper) error {
			item, err := players.Get(context.Background(), dynamapper.Key("waldo"),
				dynamapper.Consistent())
			if err != nil {
				return err
			}
			raw := players.Snapshot(item)
			raw["balance"] = fixtures.Number("1000")
			if item, err = players.UnmarshalItem(raw); err != nil { // the item as it was before
				return err
			}
			item.Balance = 50
			return players.Save(context.Background(), item, dynamapper.FailOnConflict(),
				dynamapper.Idempotent())
		}, 100, dynamapper.ErrConflict, 1000},
		"RunTransaction": {func(players *dynamapper.Table[player], m *dynamapper.Mapper) error {
			return m.RunTransaction(context.Background(),
				func(_ context.Context, tx *dynamapper.Tx) error {
					players.In(tx).Update(dynamapper.Key("waldo")).Add("balance", -150).If(isRich)
					return nil
				})
		}, 100, dynamapper.ErrConditionFailed, 1000},
	}
)

// openOvertaken makes a table with the item of a write, behind a faulty connection.
func openOvertaken(
	t *testing.T, o overtaken,
) (*dynamapper.Table[player], *dynamapper.Mapper, *dynamotest.Faults) {
	t.Helper()
	line := dynamotest.NewFaults()
	m, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(fixtures.LineConfig(t, line)),
		dynamapper.WithMaxRetries(2))
	require.NoError(t, err)
	good := fixtures.TableOf[player](t)
	require.NoError(t, good.Save(t.Context(), plainWallets.make("waldo", o.balance)))
	players, err := dynamapper.TableOf[player](m, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	return players, m, line
}

// After a refused second try, the mapper uses the token for another transaction, the fence. A late
// first try is then refused even if its condition has become true.
func TestALateTryOfARefusedWrite(t *testing.T) {
	t.Parallel()
	for name, o := range overtakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			players, m, line := openOvertaken(t, o)
			l := &late{}
			line.On("TransactWriteItems", 1, l.fault())
			line.On("TransactWriteItems", 3, dynamotest.Lose()) // the response to the fence
			require.ErrorIs(t, o.write(players, m), o.refused)
			require.Empty(t, line.Pending())
			require.Equal(t, 4, line.Sent("TransactWriteItems"))
			require.NoError(t, players.Save(t.Context(), plainWallets.make("waldo", o.later)))
			require.Equal(t, http.StatusBadRequest, l.arrive())
			require.Equal(t, o.later, plainWallets.stored(t, players, "waldo"))
		})
	}
}

// If the late try arrives before the fence, it may have been applied, so the refusal of the second
// try does not decide the outcome.
func TestALateTryBeforeTheFence(t *testing.T) {
	t.Parallel()
	for name, o := range overtakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			players, m, line := openOvertaken(t, o)
			l := &late{}
			line.On("TransactWriteItems", 1, l.fault())
			line.On("TransactWriteItems", 3,
				func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
					fixtures.PutRaw(t, players.Name(),
						fixtures.Attributes{"login": fixtures.Text("waldo"),
							"balance": fixtures.Number("1000")})
					l.arrive()
					return send()
				})
			fixtures.RequireDoubt(t, o.write(players, m))
			require.Empty(t, line.Pending())
		})
	}
}

// If the fence gets no response, or is not permitted, the late try may still arrive.
func TestAFenceThatIsRefused(t *testing.T) {
	t.Parallel()
	o := overtakes["Update"]
	for name, fault := range map[string]dynamotest.Fault{
		"no right":    dynamotest.Refuse(http.StatusBadRequest, "AccessDeniedException"),
		"no response": dynamotest.Lose(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			players, m, line := openOvertaken(t, o)
			line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
				switch n {
				case 1:
					return dynamotest.Drop()
				case 2:
					return nil
				}
				return fault
			})
			doubt := fixtures.RequireDoubt(t, o.write(players, m))
			require.Equal(t, dynamapper.Key("waldo"), doubt.Key)
		})
	}
}

// A random version never returns, so it refuses the late try by itself and no fence is needed.
func TestALateTryThatComparesWithAStringVersion(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	require.NoError(t, good.Save(t.Context(), tokenWallets.make("1", 200)))
	item := fixtures.Load(t, faulty, "1")
	tokenWallets.setBalance(t, good, "1", 7)
	item.Balance = 50
	l := &late{}
	line.On("TransactWriteItems", 1, l.fault())
	require.ErrorIs(t,
		faulty.Save(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.Idempotent()),
		dynamapper.ErrConflict)
	require.Equal(t, 2, line.Sent("TransactWriteItems"))
	tokenWallets.setBalance(t, good, "1", 200)
	require.Equal(t, http.StatusBadRequest, l.arrive())
	require.Equal(t, 200, tokenWallets.stored(t, good, "1"))
}
