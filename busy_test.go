package dynamapper_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// busyEngine stands before the engine, and says of the next writes that a transaction is running on their item.
type busyEngine struct {
	refusals atomic.Int64
	engine   *httputil.ReverseProxy
}

const transactionConflict = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException",` +
	`"message":"Transaction is ongoing for the item"}`

func (e *busyEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem":
		if e.refusals.Add(-1) >= 0 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, transactionConflict)
			return
		}
	}
	e.engine.ServeHTTP(w, r)
}

// busyTable is a table behind a busy engine.
func busyTable[T any](t *testing.T, opts ...dynamapper.Option) (*dynamapper.Table[T], *busyEngine, *requests) {
	t.Helper()
	created := tableOf[T](t)
	endpoint, err := url.Parse(dynamotest.Run(t).Endpoint())
	require.NoError(t, err)
	busy := &busyEngine{engine: httputil.NewSingleHostReverseProxy(endpoint)}
	server := httptest.NewServer(busy)
	t.Cleanup(server.Close)
	noted := &requests{}
	all := append([]dynamapper.Option{dynamapper.WithEndpoint(server.URL), dynamapper.WithObserver(noted.observe)}, opts...)
	mapper, err := dynamotest.Run(t).Mapper(t.Context(), all...)
	require.NoError(t, err)
	table, err := dynamapper.TableOf[T](mapper, dynamapper.WithTableName(created.Name()))
	require.NoError(t, err)
	return table, busy, noted
}

func TestAWriteBesideATransactionIsSentAgain(t *testing.T) {
	players, busy, sent := busyTable[player](t)
	p := &player{Login: "waldo"}
	for name, write := range map[string]func() error{
		"PutItem":    func() error { return players.Save(t.Context(), p) },
		"UpdateItem": func() error { p.Balance++; return players.Save(t.Context(), p, dynamapper.FailOnConflict()) },
	} {
		require.NoError(t, players.Save(t.Context(), p))
		sent.take()
		busy.refusals.Store(3)
		require.NoError(t, write())
		require.Equal(t, []string{name, name, name, name}, sent.take())
	}
	busy.refusals.Store(2)
	require.NoError(t, players.Delete(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, []string{"DeleteItem", "DeleteItem", "DeleteItem"}, sent.take())
	require.Nil(t, getRaw(t, players.Name(), playerKey("waldo")))
}

func TestAWriteBesideATransactionWithoutRetries(t *testing.T) {
	players, busy, sent := busyTable[player](t, dynamapper.WithConflictRetries(0))
	p := &player{Login: "waldo"}
	require.NoError(t, players.Save(t.Context(), p))
	p.Balance = 5
	before := copyOf(p)
	sent.take()
	for _, write := range []func() error{
		func() error { return players.Save(t.Context(), p) },
		func() error { return players.Save(t.Context(), p, dynamapper.FailOnConflict()) },
		func() error { return players.Delete(t.Context(), p) },
	} {
		busy.refusals.Store(1)
		err := write()
		var running *types.TransactionConflictException
		require.ErrorAs(t, err, &running)
		require.ErrorContains(t, err, "another write is running on the item; try again")
		require.NotErrorIs(t, err, dynamapper.ErrConflict)
		require.Equal(t, before, p)
	}
	require.Equal(t, []string{"PutItem", "UpdateItem", "DeleteItem"}, sent.take())
	require.Equal(t, numberValue("0"), getRaw(t, players.Name(), playerKey("waldo"))["balance"])
}

func TestACancelledWriteBesideATransaction(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := dynamapper.WithObserver(func(context.Context, dynamapper.Operation) { cancel() })
	players, busy, _ := busyTable[player](t, stop)
	busy.refusals.Store(1 << 30)
	p := &player{Login: "waldo"}
	require.ErrorIs(t, players.Save(ctx, p), context.Canceled)
	require.True(t, players.IsNew(p))
	require.Equal(t, int64(1<<30-1), busy.refusals.Load(), "the wait ended with the context")
}

func TestAutoincrementBesideATransaction(t *testing.T) {
	table, busy, sent := busyTable[logEntry](t)
	busy.refusals.Store(2)
	entry := &logEntry{Text: "first"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.Equal(t, int64(1), entry.ID)
	require.Equal(t, []string{"UpdateItem", "UpdateItem", "UpdateItem", "PutItem"}, sent.take())
}
