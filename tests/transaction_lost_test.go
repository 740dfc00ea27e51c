package tests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// Although responses are lost and other writers write, each transaction is applied exactly once,
// and its caller knows it.
func TestTransactionsWithLostResponses(t *testing.T) {
	t.Parallel()
	const each = 3
	line := dynamotest.NewFaults()
	m := line.Mapper(t)
	pots, entries := fixtures.TableIn[pot](t, m), fixtures.TableIn[logEntry](t, m)
	require.NoError(t, pots.BatchSave(t.Context(), []*pot{{ID: "a"}, {ID: "b"}}))
	loseTwoOfFive(line, "TransactWriteItems")
	errs := fixtures.InParallel(func(writer int) error {
		for i := range each {
			name := fmt.Sprint(writer, "/", i)
			err := m.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					a, err := pots.In(tx).Get(ctx, dynamapper.Key("a"))
					if err == nil {
						err = a.mark(name)
					}
					if err != nil {
						return err
					}
					pots.In(tx).Save(a)
					pots.In(tx).Update(dynamapper.Key("b")).Add("balance", -1)
					entries.In(tx).Save(&logEntry{Text: name})
					return nil
				})
			_, beside := pots.Update(dynamapper.Key("b")).Add("balance", 100).Run(t.Context())
			if err := errors.Join(err, beside); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	a := fixtures.Load(t, pots, "a")
	require.Equal(t, each*fixtures.Writers, a.Balance)
	require.Len(t, a.Marks, each*fixtures.Writers)
	require.Equal(t, 99*each*fixtures.Writers, fixtures.Load(t, pots, "b").Balance)
	all, err := entries.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, all, each*fixtures.Writers)
}

// After one lost response of any kind, the request is sent again with its token, and the items have
// the written values.
func TestTransactionIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault dynamotest.Fault
		times int
	}{
		"lost":    {dynamotest.Lose(), fixtures.SDKTries + 1},
		"dropped": {dynamotest.Drop(), 1}, "cut": {dynamotest.Cut(), 1},
		"damaged": {dynamotest.Corrupt(), 1}, "failed": {dynamotest.Fail(), 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			b.line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
				if n <= test.times {
					return test.fault
				}
				return nil
			})
			waldo := fixtures.Load(t, b.players, "waldo")
			require.NoError(t,
				b.mapper.RunTransaction(t.Context(),
					func(_ context.Context, tx *dynamapper.Tx) error {
						waldo.Balance -= 150
						b.players.In(tx).Save(waldo)
						return nil
					}))
			require.Equal(t, 50, b.balance(t, "waldo"))
			requireAsStored(t, b.players, waldo, "waldo")
		})
	}
}

// Another writer restores the old value, or writes another one, before the request is sent again.
// The transaction is not applied a second time.
func TestALostTransactionIsNotAppliedTwice(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]func(*txPlayers, *player){
		"Save": func(players *txPlayers, p *player) { p.Balance -= 150; players.Save(p) },
		"Update": func(players *txPlayers, _ *player) {
			players.Update(dynamapper.Key("waldo")).
				Add("balance", -150)
		},
		"If": func(players *txPlayers, _ *player) {
			players.Update(dynamapper.Key("waldo")).Add("balance", -150).If(rich())
		},
		"Delete": func(players *txPlayers, p *player) { players.Delete(p) },
	} {
		for _, balance := range []int{200, 1000} {
			t.Run(fmt.Sprint(name, balance), func(t *testing.T) {
				b := openBank(t)
				tries := 0
				b.line.On("TransactWriteItems", 1,
					dynamotest.After(dynamotest.Lose(),
						func() { b.setBalance(t, "waldo", balance) }))
				require.NoError(t,
					b.mapper.RunTransaction(t.Context(),
						func(ctx context.Context, tx *dynamapper.Tx) error {
							tries++
							stage(b.players.In(tx), b.get(t, ctx, tx, "waldo"))
							return nil
						}))
				require.Equal(t, 1, tries)
				require.Equal(t, 2, b.line.Sent("TransactWriteItems"))
				require.Equal(t, balance, b.balance(t, "waldo"))
			})
		}
	}
}

// Without any response, the outcome is unknown, the error wraps its cause, and the items are as
// before.
func TestTransactionWithoutAResponse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cancels bool
		items   int
	}{"retries": {false, 2}, "context": {true, 2}, "one item": {false, 1}} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t, dynamapper.WithMaxRetries(2))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
				if test.cancels && n == 2 {
					return dynamotest.After(dynamotest.Lose(), cancel)
				}
				return dynamotest.Lose()
			})
			waldo := fixtures.Load(t, b.players, "waldo")
			before := copyOf(waldo)
			fresh := &purse{Owner: "fresh"}
			err := b.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				waldo.Balance = before.Balance - 150
				b.players.In(tx).Save(waldo)
				if test.items == 2 {
					b.purses.In(tx).Save(fresh)
				}
				return nil
			})
			fixtures.RequireDoubt(t, err)
			require.Equal(t, test.cancels, errors.Is(err, context.Canceled))
			var doubt *dynamapper.UnknownOutcomeError
			require.ErrorAs(t, err, &doubt)
			require.Equal(t, "RunTransaction", doubt.Op)
			if test.items == 1 {
				require.Equal(t, dynamapper.Key("waldo"), doubt.Key)
				require.Equal(t, b.players.Name(), doubt.Table)
			} else {
				require.Empty(t, doubt.Table, "of several tables")
			}
			before.Balance -= 150
			require.Equal(t, before, waldo, "the snapshot is as before")
			require.Equal(t, purse{Owner: "fresh"}, *fresh)
			require.Equal(t, 50, b.balance(t, "waldo"), "applied once")
		})
	}
}

// A transaction that writes nothing has no unknown outcome: neither its checks nor an id that was
// perhaps taken count.
func TestTransactionThatWritesNothingHasNoUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]func(*bank, context.Context, *dynamapper.Tx){
		"reads": func(b *bank, ctx context.Context, tx *dynamapper.Tx) {
			b.get(t, ctx, tx, "waldo")
			b.get(t, ctx, tx, "wally")
		},
		"a check": func(b *bank, _ context.Context, tx *dynamapper.Tx) {
			b.players.In(tx).
				Check(dynamapper.Key("waldo"))
		},
		"an id": func(b *bank, _ context.Context, tx *dynamapper.Tx) {
			b.entries.In(tx).
				Save(&logEntry{Text: "x"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t, dynamapper.WithMaxRetries(1))
			for _, operation := range []string{
				"TransactWriteItems", "TransactGetItems", "UpdateItem"} {
				b.line.Each(operation, fixtures.Always(dynamotest.Lose()))
			}
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					stage(b, ctx, tx)
					return nil
				})
			require.Error(t, err)
			require.ErrorContains(t, err, "connection reset by peer")
			require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		})
	}
}

// If the function fails and its reads cannot be checked, its decision may rest on a state that
// never existed. The error contains the text of the function's error but does not wrap it.
func TestTransactionThatCannotCheckItsReads(t *testing.T) {
	t.Parallel()
	b := openBank(t, dynamapper.WithMaxRetries(1))
	b.line.Each("TransactGetItems", fixtures.Always(dynamotest.Lose()))
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		b.get(t, ctx, tx, "waldo")
		b.get(t, ctx, tx, "wally")
		return errInDebt
	})
	require.NotErrorIs(t, err, errInDebt)
	require.ErrorContains(t, err,
		"("+errInDebt.Error()+"), and what it had read could not be checked: call it again")
	require.ErrorContains(t, err, "connection reset by peer")
}

// canceled refuses a transaction with these reasons, one for each operation, without applying it.
func canceled(codes ...string) dynamotest.Fault {
	reasons := make([]string, len(codes))
	for i, code := range codes {
		reasons[i] = fmt.Sprintf(`{"Code":%q,"Message":"refused"}`, code)
	}
	body := fmt.Sprintf(
		`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[%s]}`, strings.Join(reasons, ","))
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusBadRequest,
				Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
				Header:  http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
				Request: request},
			nil
	}
}

// If another transaction is running on an item, or the table is too busy, the request is sent again
// and the function does not run again. When the retries are used up, the call returns an error.
func TestTransactionBesideAnother(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"TransactionConflict", "ReplicatedWriteConflict", "ProvisionedThroughputExceeded",
		"ThrottlingError",
	} {
		for name, responses := range map[string]int{"some": 3, "all": 100} {
			t.Run(code+", "+name, func(t *testing.T) {
				b := openBank(t, dynamapper.WithMaxRetries(4))
				b.line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
					if n > responses {
						return nil
					}
					return canceled("None", code)
				})
				tries := 0
				fresh := &purse{Owner: "fresh"}
				err := b.mapper.RunTransaction(t.Context(),
					func(_ context.Context, tx *dynamapper.Tx) error {
						tries++
						b.players.In(tx).DeleteKey(dynamapper.Key("waldo"))
						b.purses.In(tx).Save(fresh)
						return nil
					})
				require.Equal(t, 1, tries)
				require.Equal(t, 4, b.line.Sent("TransactWriteItems"))
				if name == "some" {
					require.NoError(t, err)
					require.NotZero(t, fresh.Version)
					return
				}
				var exceeded *dynamapper.MaxRetriesExceededError
				require.ErrorAs(t, err, &exceeded)
				require.Equal(t, 4, exceeded.Tries)
				require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
				require.Equal(t, purse{Owner: "fresh"}, *fresh)
			})
		}
	}
}

// If a transaction is refused for several reasons, an item in another transaction is read again,
// and an invalid operation returns an error.
func TestTransactionRefusedForSeveralReasons(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		codes []string // of the read, of the update and of the new item
		tries int
		text  string
	}{
		"the read is in use": {
			[]string{"TransactionConflict", "ConditionalCheckFailed", "None"}, 2, ""},
		"the read is invalid": {[]string{"ValidationError", "None", "None"}, 1,
			"ValidationException: refused"},
		"a write is invalid": {[]string{"None", "ValidationError", "None"}, 1,
			"operation 1: Update: "},
		"the id is taken, in use": {
			[]string{"None", "TransactionConflict", "ConditionalCheckFailed"}, 1, ""},
		"no reasons": {nil, 1, "operation 2: "},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			b.line.On("TransactWriteItems", 1, canceled(test.codes...))
			tries := 0
			entry := &logEntry{Text: "one"}
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					tries++
					b.get(t, ctx, tx, "waldo")
					b.players.In(tx).Update(dynamapper.Key("wally")).Add("balance", 1)
					b.entries.In(tx).Save(entry)
					return nil
				})
			require.Equal(t, test.tries, tries)
			if test.text != "" {
				require.ErrorContains(t, err, test.text)
				require.Equal(t, logEntry{Text: "one"}, *entry)
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, 2, entry.ID)
			require.Equal(t, 201, b.balance(t, "wally"))
		})
	}
}

// A refusal after a lost response is final, because the service never refuses a token that it has
// applied.
func TestTransactionRefusedAfterALostResponse(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	b.line.On("TransactWriteItems", 1, dynamotest.After(dynamotest.Drop(), func() {
		fixtures.PutRaw(t, b.players.Name(), storedPlayer("new"))
	}))
	err := b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		b.players.In(tx).Save(&player{Login: "new"})
		return nil
	})
	require.ErrorIs(t, err, dynamapper.ErrOverwrite)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
}

// The context's deadline ends a commit that waits for another transaction.
func TestTransactionWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	b := openBank(t, dynamapper.WithMaxRetries(1_000_000))
	b.line.Each("TransactWriteItems",
		func(int) dynamotest.Fault { return canceled("TransactionConflict") })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := b.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		b.players.In(tx).DeleteKey(dynamapper.Key("waldo"))
		return nil
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	require.Equal(t, 200, b.balance(t, "waldo"))
}
