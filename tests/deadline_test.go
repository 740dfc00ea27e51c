package tests

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// bubbleTable returns a table with faults for a bubble of testing/synctest, in which waiting takes
// no time.
func bubbleTable[T dynamapper.IsModel](
	t *testing.T, opts ...dynamapper.Option,
) (*dynamapper.Mapper, *dynamapper.Table[T], *dynamotest.Faults) {
	t.Helper()
	line := dynamotest.NewFaults()
	cfg := line.Through(dynamotest.RunEngine(t, engine.WithSeed(0)).Config())
	mapper := dynamotest.Mapper(t,
		append([]dynamapper.Option{dynamapper.WithConfig(cfg)}, opts...)...)
	table := fixtures.TableIn[T](t, mapper)
	line.Clear()
	return mapper, table, line
}

func throttled() dynamotest.Fault {
	return dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")
}

// If a deadline ends a series of tries, the error wraps and names both the context's error and the
// reason of the last try.
func TestADeadlineSaysWhyTheTriesFailed(t *testing.T) {
	t.Parallel()
	ever := func(operation string, fault dynamotest.Fault) func(*dynamotest.Faults) {
		return func(line *dynamotest.Faults) { line.Each(operation, fixtures.Always(fault)) }
	}
	for name, test := range map[string]struct {
		fail   func(*dynamotest.Faults)
		call   func(context.Context, *dynamapper.Mapper, *dynamapper.Table[player]) error
		reason any // the target of errors.As; nil for an error without a type
		says   string
	}{
		"a save beside a transaction": {ever("PutItem", busy()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return players.Save(ctx, &player{Login: "new"})
			}, new(*types.TransactionConflictException), "another write is running on the item"},
		"a save that is throttled": {ever("PutItem", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return players.Save(ctx, &player{Login: "new"})
			}, new(*types.ThrottlingException), "the service throttles the requests"},
		"an idempotent save": {ever("TransactWriteItems", canceled("TransactionConflict")),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return players.Save(ctx, &player{Login: "new"}, dynamapper.Idempotent())
			}, new(*types.TransactionCanceledException), "other writes were running on the items"},
		"a transaction": {ever("TransactWriteItems", canceled("ThrottlingError")),
			func(ctx context.Context, mapper *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
					players.In(tx).Save(&player{Login: "new"})
					return nil
				})
			}, new(*types.TransactionCanceledException), "TransactionCanceledException"},
		"a batch that is throttled": {ever("BatchWriteItem", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return players.BatchSave(ctx, []*player{{Login: "new"}})
			}, new(*types.ThrottlingException), "the service throttles the requests"},
		"a batch of reads that is throttled": {ever("BatchGetItem", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				_, err := players.BatchGet(ctx, dynamapper.Keys("new"))
				return err
			}, new(*types.ThrottlingException), "the service throttles the requests"},
		"a batch that is left unprocessed": {
			func(line *dynamotest.Faults) {
				leave(line,
					func(int, int, string) bool { return true })
			},
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return players.BatchSave(ctx, []*player{{Login: "new"}})
			}, nil, "left a part of the batch"},
		"a read that is throttled": {ever("GetItem", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				_, err := players.Get(ctx, dynamapper.Key("new"))
				return err
			}, new(*types.ThrottlingException), "the service throttles the requests"},
		"a query that is throttled": {ever("Query", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				_, err := players.Query("new").Collect(ctx)
				return err
			}, new(*types.ThrottlingException), "the service throttles the requests"},
		"a Modify that is throttled": {ever("UpdateItem", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				_, err := players.Modify(ctx, dynamapper.Key("waldo"), addOne)
				return err
			}, new(*types.ThrottlingException), "the service throttles the requests"},
		"the description of a table": {ever("DescribeTable", throttled()),
			func(ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player]) error {
				return players.Verify(ctx)
			}, new(*types.ThrottlingException), "the service throttles the requests"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mapper, players, line := bubbleTable[player](t,
					dynamapper.WithMaxRetries(1_000_000))
				require.NoError(t, players.Save(t.Context(), &player{Login: "waldo"}))
				line.Clear()
				test.fail(line)
				// The SDK's own retries of a throttling last up to 7 s.
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				err := test.call(ctx, mapper, players)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if test.reason != nil {
					require.ErrorAs(t, err, test.reason)
				}
				require.ErrorContains(t, err, "the deadline ended ")
				require.ErrorContains(t, err, test.says)
				var request *dynamapper.RequestError
				require.ErrorAs(t, err, &request)
				require.NotEmpty(t, request.Op)
				require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
				require.NotErrorIs(t, err, dynamapper.ErrConflict)
				require.NotErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
			})
		})
	}
}

func addOne(p *player) error {
	p.Balance++
	return nil
}

// If a deadline ends Modify or RunTransaction after conflicts, the error mentions them, whether the
// deadline ended a wait, a read or a write.
func TestADeadlineReportsConflicts(t *testing.T) {
	t.Parallel()
	for _, slow := range []string{"", "GetItem", "UpdateItem", "TransactWriteItems"} {
		for name, modify := range map[string]func(
			context.Context, *dynamapper.Mapper, *dynamapper.Table[player], func(),
		) error{
			"Modify": func(
				ctx context.Context, _ *dynamapper.Mapper, players *dynamapper.Table[player],
				interfere func(),
			) error {
				_, err := players.Modify(ctx, dynamapper.Key("waldo"), func(p *player) error {
					interfere()
					return addOne(p)
				})
				return err
			},
			"RunTransaction": func(
				ctx context.Context, mapper *dynamapper.Mapper,
				players *dynamapper.Table[player], interfere func(),
			) error {
				return mapper.RunTransaction(ctx,
					func(ctx context.Context, tx *dynamapper.Tx) error {
						p, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
						if err != nil {
							return err
						}
						interfere()
						players.In(tx).Save(p)
						return addOne(p)
					})
			},
		} {
			t.Run(name+" "+slow, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					mapper, players, line := bubbleTable[player](t,
						dynamapper.WithMaxRetries(1_000_000))
					require.NoError(t, players.Save(t.Context(), &player{Login: "waldo"}))
					ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
					defer cancel()
					calls := 0
					line.Each(slow, func(int) dynamotest.Fault {
						if calls == 3 && slow != "" {
							return dynamotest.Silence(dynamotest.Drop())
						}
						return nil
					})
					err := modify(ctx, mapper, players, func() {
						calls++
						fixtures.SetRaw(t, players.Name(), playerKey("waldo"), "name",
							fixtures.Text(fmt.Sprint("name ", calls)))
					})
					require.ErrorIs(t, err, context.DeadlineExceeded)
					if written := slow == "UpdateItem" || slow == "TransactWriteItems"; written &&
						line.Sent(slow) == calls && calls == 3 {
						require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
						require.NotErrorIs(t, err, dynamapper.ErrConflict)
						return
					}
					var conflict *dynamapper.ConflictError
					require.ErrorAs(t, err, &conflict)
					require.ErrorIs(t, err, dynamapper.ErrConflict)
					require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
					require.ErrorContains(t, err, "the deadline ended ")
					require.ErrorContains(t, err, "is not as it was read (name)")
				})
			})
		}
	}
}

// An unknown outcome stays unknown, and its error wraps the context's error and the reason of the
// earlier tries.
func TestADeadlineAfterALostResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, players, line := bubbleTable[player](t)
		line.On("PutItem", 1, throttled())
		line.On("PutItem", 2, dynamotest.Silence(nil))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := players.Save(ctx, &player{Login: "waldo"})
		require.Empty(t, line.Pending())
		require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err,
			"the deadline ended in another try, after 1 try; the last one: ")
		var throttling *types.ThrottlingException
		require.ErrorAs(t, err, &throttling)
		require.NotErrorIs(t, err, dynamapper.ErrConflict)
	})
}

// A cancellation reports the same. If no try came before it, the error is the context's error
// alone.
func TestACancellationSaysWhyTheTriesFailed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := dynamapper.WithObserver(func(context.Context, dynamapper.Operation) { cancel() })
	players, _, line, _ := fixtures.FaultyTable[player](t, stop)
	line.Each("PutItem", fixtures.Always(busy()))
	p := &player{Login: "waldo"}
	err := players.Save(ctx, p)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err,
		"Save: table \""+players.Name()+"\": the context was cancelled after 1 try; "+
			"the last one: another write is running on the item; try again: ")
	err = players.Save(ctx, p)
	require.EqualError(t, err,
		"dynamapper: Save: table \""+players.Name()+"\": the context was cancelled")
}

// If a wait for a table ends, the error says which state the table was in.
func TestADeadlineReportsTheStateOfATable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inUse := &types.ResourceInUseException{}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		fake := &tableClient{
			remove: func() error { return inUse },
			create: func(*dynamodb.CreateTableInput) error { return nil },
			describe: func() (*types.TableDescription, error) {
				return nil, &types.ResourceNotFoundException{}
			},
		}
		logins := tableOn[loginModel](t, givenTableClient(t, fake))
		err := logins.DeleteTable(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, inUse)
		require.ErrorContains(t, err, "the table is still in use")

		ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err = logins.CreateTable(ctx, dynamapper.WaitActive())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var missing *types.ResourceNotFoundException
		require.ErrorAs(t, err, &missing)
	})
}
