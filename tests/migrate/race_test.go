package migrate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// faulty returns the table of a world behind a line with faults.
func (w *world[T]) faulty() (*dynamapper.Table[T], *dynamotest.Faults) {
	w.t.Helper()
	line := dynamotest.NewFaults()
	m, err := dynamapper.Connect(w.t.Context(), dynamapper.WithConfig(fixtures.LineConfig(w.t, line)),
		dynamapper.WithObserver(w.observe))
	require.NoError(w.t, err)
	return w.tableIn(m), line
}

// before acts as another writer before a request arrives.
func before(act func()) dynamotest.Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		act()
		return send()
	}
}

func TestAConflictIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	table, line := w.faulty()
	line.On("UpdateItem", 1, before(func() {
		edited := oldPlayer("1")
		edited["level"] = number("8")
		w.put(edited)
	}))
	report, err := table.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, report.Conflicts)
	require.Equal(t, 1, report.Changed)
	want := newPlayer("1")
	want["level"] = number("8")
	require.Equal(t, want, w.stored("id")["1"])
	require.Equal(t, []string{"Scan", "UpdateItem", "GetItem", "UpdateItem"}, w.take())
	require.Equal(t, 2.0, report.WriteUnits, "the refused write counts")
}

func TestAConflictWithANewProgramNeedsNoWrite(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	table, line := w.faulty()
	line.On("UpdateItem", 1, before(func() { w.put(newPlayer("1")) }))
	report, err := table.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, report.Conflicts)
	require.Zero(t, report.Changed)
	require.Equal(t, []string{"Scan", "UpdateItem", "GetItem"}, w.take())
}

func TestADeletedItemStaysDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	table, line := w.faulty()
	line.On("UpdateItem", 1, before(func() {
		require.NoError(t, w.table.DeleteKey(t.Context(), dynamapper.Key("1")))
	}))
	report, err := table.Migrate(t.Context())
	require.NoError(t, err)
	require.Empty(t, w.stored("id"))
	require.Zero(t, report.Changed)
	require.Equal(t, 1, report.Seen)
}

func TestAnItemThatIsNeverLeftAloneIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"), oldPlayer("2"))
	line := dynamotest.NewFaults()
	m, err := dynamapper.Connect(t.Context(), dynamapper.WithMaxRetries(3),
		dynamapper.WithConfig(fixtures.LineConfig(t, line)))
	require.NoError(t, err)
	faulty := w.tableIn(m)
	var writes atomic.Int32
	line.Each("UpdateItem", func(int) dynamotest.Fault {
		return before(func() {
			edited := oldPlayer("1")
			edited["level"] = number(fmt.Sprint(writes.Add(1)))
			w.put(edited)
		})
	})
	var skipped []error
	report, err := faulty.Migrate(t.Context(),
		dynamapper.SkipInvalid(func(err error) { skipped = append(skipped, err) }))
	require.NoError(t, err)
	require.Equal(t, 3, report.Conflicts)
	require.Equal(t, 1, report.Changed)
	require.ErrorIs(t, skipped[0], dynamapper.ErrMaxRetriesExceeded)
	require.Equal(t, dynamapper.Key("1"), skipped[0].(*dynamapper.MigrateError).Key)
}

func TestLostResponsesAreSettled(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]dynamotest.Fault{
		"applied": dynamotest.Lose(), "never arrived": dynamotest.Drop(),
		"failed": dynamotest.Fail(), "cut": dynamotest.Cut(), "damaged": dynamotest.Corrupt(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld[player](t)
			w.put(oldPlayer("1"), oldPlayer("2"))
			table, line := w.faulty()
			for n := range 3 {
				line.On("UpdateItem", n+1, fault)
			}
			report, err := table.Migrate(t.Context())
			require.NoError(t, err)
			require.Equal(t, 2, report.Changed)
			require.Zero(t, report.Conflicts)
			require.Equal(t, map[string]attributes{"1": newPlayer("1"), "2": newPlayer("2")},
				w.stored("id"))
		})
	}
}

func TestALostReadIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	table, line := w.faulty()
	line.On("Scan", 1, dynamotest.Cut())
	line.On("Scan", 2, dynamotest.Corrupt())
	report, err := table.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, report.Changed)
}

func TestThrottledRequestsAreSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	table, line := w.faulty()
	throttled := dynamotest.Refuse(400, "ProvisionedThroughputExceededException")
	for n := range 4 { // one more than the SDK tries
		line.On("Scan", n+1, throttled)
		line.On("UpdateItem", n+1, throttled)
	}
	report, err := table.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, report.Changed)
}

func TestOtherErrorsEndTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	table, line := w.faulty()
	line.On("UpdateItem", 1, dynamotest.Refuse(400, "AccessDeniedException"))
	_, err := table.Migrate(t.Context(), dynamapper.SkipInvalid(func(error) { t.Fail() }))
	require.ErrorContains(t, err, "dynamapper: Migrate: table")
	var item *dynamapper.MigrateError
	require.False(t, errors.As(err, &item))

	line.On("Scan", 1, dynamotest.Refuse(400, "AccessDeniedException"))
	_, err = table.Migrate(t.Context())
	require.ErrorContains(t, err, "dynamapper: Migrate: table")
}

// counted has a version and times.
type counted struct {
	dynamapper.Model `dynamo:"counted"`
	ID               string    `dynamo:"id,hash"`
	Data             []string  `dynamo:"data,document"`
	Version          int       `dynamo:"version,version"`
	Created          time.Time `dynamo:"created,created"`
	Updated          time.Time `dynamo:"updated,updated"`
}

func oldCounted(id, version string) attributes {
	item := attributes{"id": text(id), "data": text(`["a"]`),
		"created": text("2020-01-02T03:04:05.000000000Z"),
		"updated": text("2020-01-02T03:04:05.000000000Z")}
	if version != "" {
		item["version"] = number(version)
	}
	return item
}

func TestTheVersionIsRenewedAndTheTimesAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld[counted](t)
	w.put(oldCounted("1", "41"), oldCounted("2", ""))
	held, err := w.table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 2, w.migrate().Changed)
	stored := w.stored("id")
	want := oldCounted("1", "42")
	want["data"] = list(text("a"))
	require.Equal(t, want, stored["1"])
	require.NotNil(t, stored["2"]["version"], "every save writes a version")
	require.Equal(t, oldCounted("2", "")["updated"], stored["2"]["updated"])

	held.Data = append(held.Data, "b")
	err = w.table.Save(t.Context(), held, dynamapper.FailOnConflict())
	require.ErrorIs(t, err, dynamapper.ErrConflict, "a program that has read the old form")
	w.requireSettled()
}

func TestCancellingReturnsTheReport(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	for i := range 20 {
		w.put(oldPlayer(fmt.Sprint(i)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	table, line := w.faulty()
	line.On("UpdateItem", 5, before(cancel))
	report, err := table.Migrate(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "dynamapper: Migrate: table")
	require.Equal(t, 4, report.Changed)
	require.False(t, report.Done())
}

// plainClient ignores the options of its calls, and reports no capacity, as a cache may.
type plainClient struct{ dynamapper.Client }

func (c plainClient) Scan(
	ctx context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	out, err := c.Client.Scan(ctx, in)
	if out != nil {
		out.ConsumedCapacity = nil
	}
	return out, err
}

func (c plainClient) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	out, err := c.Client.UpdateItem(ctx, in)
	if out != nil {
		out.ConsumedCapacity = nil
	}
	return out, err
}

func (c plainClient) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return c.Client.GetItem(ctx, in)
}

func TestOtherClients(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"), newPlayer("2"), attributes{"id": text("bad"), "level": text("x")})
	m, err := dynamapper.New(plainClient{w.client})
	require.NoError(t, err)
	skipped := 0
	report, err := w.tableIn(m).Migrate(t.Context(), dynamapper.Segments(2),
		dynamapper.SkipInvalid(func(error) { skipped++ }))
	require.NoError(t, err)
	require.Equal(t, 1, report.Changed)
	require.Equal(t, 1, skipped)
	require.Equal(t, newPlayer("1"), w.stored("id")["1"])
	require.Positive(t, report.ReadUnits, "estimated")
	require.Equal(t, 1.0, report.WriteUnits, "estimated")
}
