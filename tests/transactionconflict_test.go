package tests

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// busy refuses a write because a transaction is running on its item.
func busy() dynamotest.Fault {
	return dynamotest.Refuse(http.StatusBadRequest, "TransactionConflictException")
}

// busyCodes are the errors for an item on which another request is running: a transaction, or a
// write in another region of a table with strong consistency.
var busyCodes = []string{"TransactionConflictException", "ReplicatedWriteConflictException"}

// A write that is refused because a transaction, or a write in another region, is running on its
// item was not applied and is sent again.
func TestAWriteBesideATransactionIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, code := range busyCodes {
		t.Run(code, func(t *testing.T) {
			testAWriteBesideAnother(t, dynamotest.Refuse(http.StatusBadRequest, code))
		})
	}
}

func testAWriteBesideAnother(t *testing.T, busy dynamotest.Fault) {
	players, _, line, sent := fixtures.FaultyTable[player](t)
	p := &player{Login: "waldo"}
	for name, write := range map[string]func() error{
		"PutItem": func() error { return players.Save(t.Context(), p) },
		"UpdateItem": func() error {
			p.Balance++
			return players.Save(t.Context(), p,
				dynamapper.FailOnConflict())
		},
	} {
		require.NoError(t, players.Save(t.Context(), p))
		sent.Take()
		line.Clear()
		line.Each(name, fixtures.First(3, busy))
		require.NoError(t, write())
		require.Equal(t, []string{name, name, name, name}, sent.Take())
	}
	line.Clear()
	line.Each("DeleteItem", fixtures.First(2, busy))
	require.NoError(t, players.Delete(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, []string{"DeleteItem", "DeleteItem", "DeleteItem"}, sent.Take())
	require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

// Without retries, the call returns the SDK's error, which is not a conflict, and leaves the item
// as it was.
func TestAWriteBesideATransactionWithoutRetries(t *testing.T) {
	t.Parallel()
	players, _, line, sent := fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(1))
	p := &player{Login: "waldo"}
	require.NoError(t, players.Save(t.Context(), p))
	p.Balance = 5
	before := copyOf(p)
	sent.Take()
	for _, write := range []func() error{
		func() error { return players.Save(t.Context(), p) },
		func() error { return players.Save(t.Context(), p, dynamapper.FailOnConflict()) },
		func() error { return players.Delete(t.Context(), p) },
	} {
		line.Clear()
		line.On("", 1, busy())
		err := write()
		var running *types.TransactionConflictException
		require.ErrorAs(t, err, &running)
		require.ErrorContains(t, err, "another write is running on the item; try again")
		require.NotErrorIs(t, err, dynamapper.ErrConflict)
		require.Equal(t, before, p)
	}
	require.Equal(t, []string{"PutItem", "UpdateItem", "DeleteItem"}, sent.Take())
	require.Equal(
		t,
		fixtures.Number("0"),
		fixtures.GetRaw(t, players.Name(), playerKey("waldo"))["balance"],
	)
}

// The wait before such a write is sent again ends with the context.
func TestACancelledWriteBesideATransaction(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := dynamapper.WithObserver(func(context.Context, dynamapper.Operation) { cancel() })
	players, _, line, _ := fixtures.FaultyTable[player](t, stop)
	line.Each("PutItem", fixtures.Always(busy()))
	p := &player{Login: "waldo"}
	require.ErrorIs(t, players.Save(ctx, p), context.Canceled)
	require.True(t, players.IsNew(p))
	require.Equal(t, 1, line.Sent("PutItem"))
}

// The ADD that takes a new id is repeated like any other write.
func TestAutoincrementBesideATransaction(t *testing.T) {
	t.Parallel()
	table, _, line, sent := fixtures.FaultyTable[logEntry](t)
	line.Each("UpdateItem", fixtures.First(2, busy()))
	entry := &logEntry{Text: "first"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.Equal(t, int64(1), entry.ID)
	require.Equal(t, []string{"UpdateItem", "UpdateItem", "UpdateItem", "PutItem"}, sent.Take())
}

// A batch and a transaction that are refused as a whole for this reason are also sent again.
func TestABatchBesideAnotherWriteIsSentAgain(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	for _, code := range busyCodes {
		t.Run(code, func(t *testing.T) {
			players, good, line, _ := fixtures.FaultyTable[player](t)
			busy := dynamotest.Refuse(http.StatusBadRequest, code)
			line.Each("BatchWriteItem", fixtures.First(3, busy))
			require.NoError(t, players.BatchSave(t.Context(), crowd(3)))
			require.Equal(t, 4, line.Sent("BatchWriteItem"))
			requireStored(t, good, "p000", "p001", "p002")

			line.Each("TransactWriteItems", fixtures.First(3, busy))
			require.NoError(t,
				players.DeleteKey(t.Context(), dynamapper.Key("p001"), dynamapper.Idempotent()))
			require.Equal(t, 4, line.Sent("TransactWriteItems"))
			requireStored(t, good, "p000", "p002")
		})
	}
}
