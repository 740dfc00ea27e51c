package tests

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// requireUnwritten requires a BatchError that lists exactly these positions.
func requireUnwritten(t *testing.T, err error, positions ...int) *dynamapper.BatchError {
	t.Helper()
	var batch *dynamapper.BatchError
	require.ErrorAs(t, err, &batch)
	require.Equal(t, positions, batch.Unprocessed)
	return batch
}

// allOf returns the positions of n entries.
func allOf(n int) []int {
	positions := make([]int, n)
	for i := range positions {
		positions[i] = i
	}
	return positions
}

// requireStored requires that the table has exactly these players.
func requireStored(t *testing.T, players *dynamapper.Table[player], want ...string) {
	t.Helper()
	stored, err := players.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, logins(stored))
}

// All items are written and deleted although every response leaves half of them unprocessed, and
// written items are no longer new.
func TestABatchOfHalfResponses(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, good, line, sent := fixtures.FaultyTable[player](t)
	leave(line, leavesHalf)
	items := crowd(230)
	require.NoError(t, players.BatchSave(t.Context(), items))
	written, units := 0, 0.0
	for _, one := range sent.Operations() {
		require.Equal(t, "BatchWriteItem", one.Name)
		require.Equal(t, players.Name(), one.Table)
		written, units = written+one.Items, units+one.WriteUnits
	}
	require.Equal(t, 230, written)
	require.Equal(t, 230.0, units)
	requireStored(t, good, logins(items)...)
	for _, i := range []int{0, 24, 25, 229} {
		require.False(t, players.IsNew(items[i]))
		items[i].Balance++
		require.NoError(t, players.Save(t.Context(), items[i], dynamapper.FailOnConflict()),
			"the snapshot is the written item")
	}
	require.NoError(t,
		players.BatchDelete(t.Context(),
			append(keysOf(items), dynamapper.Keys("p001", "missing", "p229")...)))
	requireStored(t, good)
}

// An empty batch sends no request, and neither does a batch without a context.
func TestABatchThatSendsNothing(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	require.NoError(t, players.BatchSave(t.Context(), nil))
	require.NoError(t, players.BatchDelete(t.Context(), nil))
	var none context.Context
	require.ErrorContains(t, players.BatchSave(none, crowd(1)), "the context is nil")
	require.ErrorContains(t, players.BatchDelete(none, dynamapper.Keys("waldo")),
		"the context is nil")
	for _, keys := range [][]dynamapper.PrimaryKey{dynamapper.Keys("a", "b", ""),
		dynamapper.Keys[any]("a", "b", 7),
		{dynamapper.Key("a"), dynamapper.Key("b"), dynamapper.Key("c", "d")}} {
		require.ErrorContains(t, players.BatchDelete(t.Context(), keys),
			"dynamapper: BatchDelete: table \""+players.Name()+"\": key 2: the ")
	}
	require.Empty(t, sent.Take())
}

// The items that the service has not processed when the context ends are listed. Written items stay
// and are known as written.
func TestABatchThatIsNeverDone(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	players, good, line, _ := fixtures.FaultyTable[player](t)
	line.Each("BatchWriteItem", func(n int) dynamotest.Fault {
		if n == 5 {
			cancel()
		}
		return leaving("UnprocessedItems", leavesWhatHas("stuck"))
	})
	items := crowd(25) // one request, so that none is in flight when the context ends
	items[3].Name, items[20].Name = "stuck", "stuck"
	before := *items[3]
	err := players.BatchSave(ctx, items)
	requireUnwritten(t, err, 3, 20)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	require.Equal(t, before, *items[3])
	require.True(t, players.IsNew(items[20]))
	require.False(t, players.IsNew(items[24]))
	requireStored(t, good,
		logins(append(append(append([]*player{}, items[:3]...), items[4:20]...), items[21:]...))...)
}

// When a request's retries are used up, its unprocessed items are listed. Later requests are still
// sent.
func TestABatchWithoutRetriesLeft(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	for _, retries := range []int{0, 2} {
		players, good, line, sent := fixtures.FaultyTable[player](
			t,
			dynamapper.WithMaxRetries(retries+1),
		)
		leave(line, leavesWhatHas("stuck"))
		items := crowd(230)
		items[7].Login = "stuck"
		err := players.BatchSave(t.Context(), items)
		requireUnwritten(t, err, 7)
		require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
		var exceeded *dynamapper.MaxRetriesExceededError
		require.ErrorAs(t, err, &exceeded)
		require.Equal(t, retries+1, exceeded.Tries)
		require.Len(t, sent.Take(), 10+retries)
		requireStored(t, good, logins(append(crowd(7), crowd(230)[8:]...))...)

		err = players.BatchDelete(t.Context(), append(keysOf(items), dynamapper.Key("stuck")))
		requireUnwritten(t, err, 7, 230)
		requireStored(t, good)
	}
}

// An item that is too large is listed and does not hold back the others of its request.
func TestAnInvalidItemOfABatch(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, sent := fixtures.WatchedTable[player](t)
	items := crowd(26)
	items[4].Name = strings.Repeat("x", 400<<10)
	err := players.BatchSave(t.Context(), items)
	requireUnwritten(t, err, 4)
	require.ErrorContains(t, err,
		"table \""+players.Name()+
			"\": 1 item was not written: item 4: the item is larger than 400 KB")
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.True(t, players.IsNew(items[4]))
	require.False(t, players.IsNew(items[5]))
	names := map[string]int{}
	for _, name := range sent.Take() {
		names[name]++
	}
	require.Equal(t, map[string]int{"BatchWriteItem": 2, "PutItem": 25}, names)

	items[6].Name = items[4].Name
	err = players.BatchSave(t.Context(), items)
	requireUnwritten(t, err, 4, 6)
	require.ErrorContains(t, err, "item 4: ")
	require.ErrorContains(t, err, "item 6: ")
	require.Equal(t, []string{"BatchWriteItem"}, sent.Take()[:1])
	requireUnwritten(t, players.BatchSave(t.Context(), items[4:5]), 0)
	require.Equal(t, []string{"BatchWriteItem"}, sent.Take(), "a single item is not sent again")
	requireStored(t, players, logins(append(crowd(4), crowd(26)[5:]...))...)
}

// A missing table ends the batch: all items are listed, and no further request is sent.
func TestABatchOnNoTable(t *testing.T) {
	t.Parallel()
	sent := &fixtures.Requests{}
	players, err := dynamapper.TableOf[player](
		fixtures.Mapper(t, dynamapper.WithObserver(sent.Observe)),
	)
	require.NoError(t, err)
	items := crowd(230)
	for _, write := range []func() error{
		func() error { return players.BatchSave(t.Context(), items) },
		func() error { return players.BatchDelete(t.Context(), keysOf(items)) },
	} {
		err := write()
		requireUnwritten(t, err, allOf(230)...)
		var missing *types.ResourceNotFoundException
		require.ErrorAs(t, err, &missing)
		require.ErrorContains(t, err, "the table does not exist")
		require.LessOrEqual(t, len(sent.Take()), 4)
	}
	require.True(t, players.IsNew(items[0]))
}

// A batch request is sent again after a lost response. If every response is lost, the outcome is
// unknown, and no further request is sent.
func TestLostResponsesOfABatch(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	lossy, good, line, _ := fixtures.FaultyTable[player](t)
	items := crowd(60)
	line.Each("BatchWriteItem", fixtures.First(2, dynamotest.Lose()))
	require.NoError(t, lossy.BatchSave(t.Context(), items))
	require.Equal(t, 5, line.Sent("BatchWriteItem"))

	line.Each("BatchWriteItem", fixtures.Always(dynamotest.Lose()))
	err := lossy.BatchDelete(t.Context(), keysOf(items[:25]))
	fixtures.RequireDoubt(t, err)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	requireUnwritten(t, err, allOf(25)...)
	requireStored(t, good, logins(items[25:])...)
}

// After a lost response, the outcome is unknown whatever the next response says, and nothing is
// sent again.
func TestARefusalAfterALostResponseOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(1)
		line.do = func(_ *http.Request, came int) (*http.Response, error) {
			if came == 0 {
				return nil, syscall.ECONNRESET
			}
			return fixtures.RawResponse(http.StatusBadRequest,
				`{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}`), nil
		}
		err := stubTable[player](t, line).BatchSave(t.Context(), crowd(3))
		fixtures.RequireDoubt(t, err)
		requireUnwritten(t, err, 0, 1, 2)
		require.Equal(t, 2, line.came)
	})
}

// If the context ends while a request is in flight, the outcome of that request alone is unknown.
func TestABatchCancelledOnItsWay(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	lossy, good, line, _ := fixtures.FaultyTable[player](t)
	ctx, cancel := context.WithCancel(t.Context())
	line.Each("BatchWriteItem", fixtures.Always(dynamotest.After(dynamotest.Lose(), cancel)))
	items := crowd(3)
	err := lossy.BatchSave(ctx, items)
	fixtures.RequireDoubt(t, err)
	require.ErrorIs(t, err, context.Canceled)
	requireUnwritten(t, err, 0, 1, 2)
	require.True(t, lossy.IsNew(items[0]))
	requireStored(t, good, logins(items)...)
	err = lossy.BatchSave(ctx, items)
	requireUnwritten(t, err, 0, 1, 2)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome, "nothing was sent")
}

// Exactly four requests are in flight at a time.
func TestABatchWritesSeveralTimesAtOnce(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, good, line, _ := fixtures.FaultyTable[player](t)
	crowded := newCrowdedLine(4)
	line.Each("BatchWriteItem", fixtures.Always(crowded.fault))
	items := crowd(250)
	require.NoError(t, players.BatchSave(until(t), items))
	require.Equal(t, 4, crowded.most)
	require.Equal(t, 10, crowded.came)
	requireStored(t, good, logins(items)...)
}

// If one request fails, the batch ends, and the requests in flight are completed.
func TestARefusalEndsABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(4)
		line.do = func(request *http.Request, came int) (*http.Response, error) {
			if came == 2 {
				return fixtures.RawResponse(http.StatusBadRequest, accessDenied), nil
			}
			select {
			case <-request.Context().Done():
				return nil, request.Context().Err()
			// of the bubble's clock: everything that follows the refusal has happened
			case <-time.After(time.Minute):
				return fixtures.RawResponse(http.StatusOK, `{"UnprocessedItems":{}}`), nil
			}
		}
		items := crowd(250)
		players := stubTable[player](t, line)
		err := players.BatchSave(t.Context(), items)
		var batch *dynamapper.BatchError
		require.ErrorAs(t, err, &batch)
		require.Len(t, batch.Unprocessed, 250-3*25)
		require.NotErrorIs(t, err, context.Canceled)
		for i, p := range items {
			require.Equal(t, !players.IsNew(p), !slices.Contains(batch.Unprocessed, i))
		}
		require.Equal(t, 4, line.came)
		require.Zero(t, line.now)
	})
}

// If one request fails, another one stops waiting to resend its unprocessed items, and its own end
// is not the reason in the error.
func TestARefusalEndsTheWaitingOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(2)
		line.do = func(_ *http.Request, came int) (*http.Response, error) {
			if came == 5 {
				return fixtures.RawResponse(http.StatusBadRequest, accessDenied), nil
			}
			return fixtures.RawResponse(http.StatusOK,
				`{"UnprocessedItems":{"players":[{"PutRequest":{"Item":{"login":{"S":"p000"}}}},`+
					`{"PutRequest":{"Item":{"login":{"S":"p029"}}}}]}}`), nil
		}
		err := stubTable[player](t, line).BatchSave(t.Context(), crowd(30))
		batch := requireUnwritten(t, err, 0, 29)
		var api smithy.APIError
		require.ErrorAs(t, batch.Err, &api)
		require.NotErrorIs(t, err, context.Canceled)
		require.LessOrEqual(t, line.came, 7)
	})
}

// A batch works with a client that ignores the SDK's options.
func TestABatchOfAClientWithoutOptions(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	direct, through, sent := bothClients[player](t)
	items := crowd(30)
	require.NoError(t, through.BatchSave(t.Context(), items))
	require.Equal(t, []string{"BatchWriteItem", "BatchWriteItem"}, sent.Take())
	require.NoError(t, through.BatchDelete(t.Context(), keysOf(items[1:])))
	requireStored(t, direct, "p000")
}

// Positions in a response that the batch did not send are not counted as written.
func TestAResponseOfAnotherBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(1)
		line.do = func(*http.Request, int) (*http.Response, error) {
			return fixtures.RawResponse(
				http.StatusOK,
				`{"UnprocessedItems":{"players":[{"DeleteRequest":{"Key":{"login":{"S":"other"}}}}]}}`,
			), nil
		}
		err := stubTable[player](t, line).BatchDelete(t.Context(), dynamapper.Keys("waldo"))
		requireUnwritten(t, err, 0)
		require.ErrorContains(t, err, "not in the batch")
	})
}

// If the service throttles a whole request, it has processed none of it, and the request is sent
// again with backoff.
func TestAThrottledBatch(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, good, line, _ := fixtures.FaultyTable[player](t)
	throttled := dynamotest.Refuse(http.StatusBadRequest, "ProvisionedThroughputExceededException")
	items := crowd(60)
	line.Each("BatchWriteItem", fixtures.First(7, throttled))
	require.NoError(t, players.BatchSave(t.Context(), items))
	requireStored(t, good, logins(items)...)
	line.Each("BatchGetItem", fixtures.First(5, throttled))
	found, err := players.BatchGet(t.Context(), keysOf(items), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, logins(items), logins(found))

	players, _, line, _ = fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(2))
	line.Each("", func(int) dynamotest.Fault { return throttled })
	err = players.BatchSave(t.Context(), crowd(3))
	require.ErrorContains(t, requireUnwritten(t, err, 0, 1, 2),
		"ProvisionedThroughputExceededException")
	_, err = players.BatchGet(t.Context(), dynamapper.Keys("p001"))
	require.ErrorContains(t, err, "ProvisionedThroughputExceededException")
}
