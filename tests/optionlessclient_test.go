package tests

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// plain is a client that ignores the options of a call and refuses middleware, as AWS's DAX client
// does.
type plain struct{ *dynamodb.Client }

type sdkOptions = func(*dynamodb.Options)

// sendPlain sends a request without the call's options.
func sendPlain[In, Out any](
	ctx context.Context, in *In, opts []sdkOptions,
	send func(context.Context, *In, ...sdkOptions) (*Out, error),
) (*Out, error) {
	options := dynamodb.Options{RetryMaxAttempts: 2}
	for _, opt := range opts {
		opt(&options)
	}
	if len(options.APIOptions) > 0 {
		return nil, errors.New("this client takes no middleware")
	}
	return send(ctx, in)
}

func (c plain) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, opts ...sdkOptions,
) (*dynamodb.GetItemOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.GetItem)
}

func (c plain) Query(
	ctx context.Context, in *dynamodb.QueryInput, opts ...sdkOptions,
) (*dynamodb.QueryOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.Query)
}

func (c plain) Scan(
	ctx context.Context, in *dynamodb.ScanInput, opts ...sdkOptions,
) (*dynamodb.ScanOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.Scan)
}

func (c plain) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...sdkOptions,
) (*dynamodb.BatchGetItemOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.BatchGetItem)
}

func (c plain) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...sdkOptions,
) (*dynamodb.BatchWriteItemOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.BatchWriteItem)
}

func (c plain) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, opts ...sdkOptions,
) (*dynamodb.PutItemOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.PutItem)
}

func (c plain) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, opts ...sdkOptions,
) (*dynamodb.UpdateItemOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.UpdateItem)
}

func (c plain) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, opts ...sdkOptions,
) (*dynamodb.DeleteItemOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.DeleteItem)
}

func (c plain) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...sdkOptions,
) (*dynamodb.TransactWriteItemsOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.TransactWriteItems)
}

func (c plain) CreateTable(
	ctx context.Context, in *dynamodb.CreateTableInput, opts ...sdkOptions,
) (*dynamodb.CreateTableOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.CreateTable)
}

func (c plain) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput, opts ...sdkOptions,
) (*dynamodb.DescribeTableOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.DescribeTable)
}

func (c plain) DeleteTable(
	ctx context.Context, in *dynamodb.DeleteTableInput, opts ...sdkOptions,
) (*dynamodb.DeleteTableOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.DeleteTable)
}

func (c plain) UpdateTimeToLive(
	ctx context.Context, in *dynamodb.UpdateTimeToLiveInput, opts ...sdkOptions,
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.UpdateTimeToLive)
}

func (c plain) DescribeTimeToLive(
	ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, opts ...sdkOptions,
) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return sendPlain(ctx, in, opts, c.Client.DescribeTimeToLive)
}

// bothClients returns one table through the SDK's client and through a client that ignores options.
func bothClients[T dynamapper.IsModel](
	t *testing.T,
) (direct, through *dynamapper.Table[T], sent *fixtures.Requests) {
	t.Helper()
	direct, sent = fixtures.WatchedTable[T](t)
	mapper, err := dynamapper.New(plain{fixtures.RawClient(t)},
		dynamapper.WithObserver(sent.Observe))
	require.NoError(t, err)
	through, err = dynamapper.TableOf[T](mapper, dynamapper.WithTableName(direct.Name()))
	require.NoError(t, err)
	return direct, through, sent
}

// everyRead reads a table in every way.
func everyRead(t *testing.T, table *dynamapper.Table[keeper]) []*keeper {
	t.Helper()
	ctx, key := t.Context(), dynamapper.Key(keeperKey["at"])
	got, err := table.Get(ctx, key, dynamapper.Consistent())
	require.NoError(t, err)
	selected, err := table.Get(ctx, key, dynamapper.Consistent(),
		dynamapper.Select("name", "settings"))
	require.NoError(t, err)
	queried, err := table.Query(key.Hash()).Consistent().Collect(ctx)
	require.NoError(t, err)
	scanned, err := table.Scan().Consistent().Collect(ctx)
	require.NoError(t, err)
	batch, err := table.BatchGet(ctx, []dynamapper.PrimaryKey{key}, dynamapper.Consistent())
	require.NoError(t, err)
	all := append([]*keeper{got, selected}, queried...)
	return append(append(all, scanned...), batch...)
}

func TestAClientWithoutOptionsReadsTheSame(t *testing.T) {
	t.Parallel()
	direct, through, _ := bothClients[keeper](t)
	fixtures.PutRaw(t, direct.Name(), storedKeeper())
	want, got := everyRead(t, direct), everyRead(t, through)
	require.Len(t, want, 5)
	require.Len(t, got, 5)
	for i := range want {
		require.Equal(t, direct.Snapshot(want[i]), through.Snapshot(got[i]))
		require.Equal(t, direct.ToMap(want[i]), through.ToMap(got[i]))
		got[i].Model = want[i].Model
		require.Equal(t, want[i], got[i])
	}
	_, err := through.Get(t.Context(), dynamapper.Key(keeperTime))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
}

func TestAClientWithoutOptionsGivesTheSameErrors(t *testing.T) {
	t.Parallel()
	direct, through, _ := bothClients[player](t)
	broken := storedPlayer("waldo")
	broken["balance"] = fixtures.Text("x")
	fixtures.PutRaw(t, direct.Name(), broken)
	for _, read := range []func(*dynamapper.Table[player]) error{
		func(table *dynamapper.Table[player]) error {
			_, err := table.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
			return err
		},
		func(table *dynamapper.Table[player]) error {
			_, err := table.Query("waldo").Consistent().Collect(t.Context())
			return err
		},
		func(table *dynamapper.Table[player]) error {
			_, err := table.Scan().Consistent().Collect(t.Context())
			return err
		},
		func(table *dynamapper.Table[player]) error {
			_, err := table.BatchGet(t.Context(), dynamapper.Keys("waldo"), dynamapper.Consistent())
			return err
		},
	} {
		var want, got *dynamapper.FieldError
		require.ErrorAs(t, read(direct), &want)
		require.ErrorAs(t, read(through), &got)
		require.Equal(t, want, got)
	}
}

func TestAClientWithoutOptionsWritesTheSame(t *testing.T) {
	t.Parallel()
	_, through, sent := bothClients[player](t)
	for _, row := range saveOutcomes {
		for letters, want := range row.outcomes {
			t.Run(row.state+" "+letters, func(t *testing.T) {
				p := states[row.state](t, through, row.state+letters)
				before := copyOf(p)
				sent.Take()
				err := through.Save(t.Context(), p, writeOptions(letters)...)
				require.Equal(t, want, outcome(sent.Take(), err))
				if err != nil {
					require.Equal(t, before, p)
				}
			})
		}
	}
	p := loadedPlayer(t, through, "waldo")
	fixtures.SetRaw(t, through.Name(), playerKey("waldo"), "balance", fixtures.Number("7"))
	requireConflictIn(t, through.Save(t.Context(), p, dynamapper.FailOnConflict()), "balance")
	requireConflictIn(t, through.Delete(t.Context(), p, dynamapper.FailOnConflict()), "balance")
	entries, otherEntries, _ := bothClients[logEntry](t)
	fixtures.PutRaw(t, entries.Name(), pythonItems(t, "log_entry")...)
	entry := &logEntry{}
	require.NoError(t, otherEntries.Save(t.Context(), entry))
	require.Equal(t, int64(8), entry.ID)
	_, err := otherEntries.Get(t.Context(), dynamapper.Key(-1))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	items, err := otherEntries.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 6)
}
