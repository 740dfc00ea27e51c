package tests

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// Piped is a model with a version, so that its writes are of all kinds.
type Piped struct {
	dynamapper.Model `dynamo:"piped"`
	Name             string `dynamo:"name,hash"`
	Score            int    `dynamo:"score"`
	Version          int    `dynamo:"version,version"`
}

// useEverything sends each kind of request on items twice: from the first, the pipeline learns.
func useEverything(t *testing.T, table *dynamapper.Table[Piped]) {
	t.Helper()
	ctx := t.Context()
	for _, name := range []string{"waldo", "wenda"} {
		item := &Piped{Name: name}
		require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()))
		item.Score = 7
		require.NoError(t, table.Save(ctx, item, dynamapper.ChangedOnly()))
		_, err := table.Get(ctx, dynamapper.Key(name))
		require.NoError(t, err)
		items, err := table.Query(name).Collect(ctx)
		require.NoError(t, err)
		require.Len(t, items, 1)
		_, err = table.Scan().Collect(ctx)
		require.NoError(t, err)
		items, err = table.BatchGet(ctx, dynamapper.Keys(name))
		require.NoError(t, err)
		require.Equal(t, 7, items[0].Score)
		require.NoError(t, table.BatchSave(ctx, items))
		require.NoError(t, table.Save(ctx, items[0], dynamapper.Idempotent()))
		require.NoError(t, table.Delete(ctx, items[0]))
	}
}

// operationsOnItems are the requests that the pipeline sends.
var operationsOnItems = []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan",
	"BatchGetItem", "BatchWriteItem", "TransactWriteItems"}

// byPipeline returns how often each operation was sent by the pipeline.
func byPipeline(operations []dynamapper.Operation) map[string]int {
	sent := map[string]int{}
	for _, o := range operations {
		if o.OwnPipeline {
			sent[o.Name]++
		}
	}
	return sent
}

// Every operation on items is sent by the pipeline, except for the first request of its kind.
func TestPipelineIsTaken(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	noted := &fixtures.Requests{}
	m := dynamotest.Mapper(t, dynamapper.WithObserver(noted.Observe))
	useEverything(t, fixtures.TableIn[Piped](t, m))
	sent := byPipeline(noted.Operations())
	for _, name := range operationsOnItems {
		require.NotZero(t, sent[name], name)
	}
}

// What a program has added to the SDK's client is called for every request, and WithSDKPipeline
// switches the pipeline off.
func TestPipelineStepsAside(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	seen := map[string]int{}
	watch := func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Watch", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			if in, ok := in.Parameters.(*dynamodb.PutItemInput); ok {
				require.NotEmpty(t, in.Item) // the input is whole
			}
			seen[middleware.GetOperationName(ctx)]++
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	}
	noted := &fixtures.Requests{}
	own := dynamodb.NewFromConfig(dynamotest.Run(t).Config(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, watch)
	})
	m, err := dynamapper.New(own, dynamapper.WithObserver(noted.Observe),
		dynamapper.WithTablePrefix("watched-"))
	require.NoError(t, err)
	useEverything(t, fixtures.TableIn[Piped](t, m))
	require.Empty(t, byPipeline(noted.Operations()))
	for _, o := range noted.Operations() {
		seen[o.Name]--
	}
	for _, name := range operationsOnItems {
		require.Zero(t, seen[name], name)
	}

	noted = &fixtures.Requests{}
	m = dynamotest.Mapper(t, dynamapper.WithObserver(noted.Observe), dynamapper.WithSDKPipeline(),
		dynamapper.WithTablePrefix("off-"))
	useEverything(t, fixtures.TableIn[Piped](t, m))
	require.Empty(t, byPipeline(noted.Operations()))
}

// expiring returns credentials that expire with each request, as those of a short session do.
type expiring struct{ asked int }

func (e *expiring) Retrieve(context.Context) (aws.Credentials, error) {
	e.asked++
	if e.asked%5 == 0 {
		return aws.Credentials{}, errors.New("the session has ended: log in again")
	}
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", CanExpire: true,
		SessionToken: time.Now().String()[:10], Expires: time.Now()}, nil
}

// Credentials that expire are fetched for each request, and an error of theirs is the caller's.
func TestPipelineWithExpiringCredentials(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	provider := &expiring{}
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config(), func(o *dynamodb.Options) {
		o.Credentials = provider
	})
	putTable[Piped](t)
	m, err := dynamapper.New(client)
	require.NoError(t, err)
	table, err := dynamapper.TableOf[Piped](m)
	require.NoError(t, err)
	failed := 0
	for range 20 {
		_, err := table.Get(t.Context(), dynamapper.Key("waldo"))
		if !errors.Is(err, dynamapper.ErrNotFound) {
			require.ErrorContains(t, err, "the session has ended")
			failed++
		}
	}
	require.NotZero(t, failed)
}

// putTable makes the table of a model by the client of the engine.
func putTable[T dynamapper.IsModel](t *testing.T) {
	t.Helper()
	m, err := dynamapper.New(fixtures.RawClient(t))
	require.NoError(t, err)
	fixtures.TableIn[T](t, m)
}

// refusing refuses every second request before it gets to the engine, as a proxy might.
type refusing struct {
	behind dynamodb.HTTPClient
	count  int
}

func (r *refusing) Do(request *http.Request) (*http.Response, error) {
	if r.count++; r.count%2 == 0 {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{},
			Body: http.NoBody}, nil
	}
	return r.behind.Do(request)
}

// The SDK sends what the pipeline's try did not get through.
func TestPipelineThroughABadProxy(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	noted := &fixtures.Requests{}
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config(), func(o *dynamodb.Options) {
		o.HTTPClient = &refusing{behind: o.HTTPClient}
	})
	putTable[Piped](t)
	m, err := dynamapper.New(client, dynamapper.WithObserver(noted.Observe))
	require.NoError(t, err)
	table, err := dynamapper.TableOf[Piped](m)
	require.NoError(t, err)
	require.NoError(t, table.Save(t.Context(), &Piped{Name: "waldo"}))
	for range 6 {
		_, err := table.Get(t.Context(), dynamapper.Key("waldo"))
		require.NoError(t, err)
	}
	tries := 0
	for _, o := range noted.Operations() {
		require.NoError(t, o.Err)
		tries += o.Attempts
	}
	require.Greater(t, tries, len(noted.Operations()))
}
