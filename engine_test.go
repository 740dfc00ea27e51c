package dynamapper_test

import (
	"context"
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

// prefixLength leaves the names of the tables short enough to read.
const prefixLength = 6

// attributes is an item, or its key, in the SDK's types.
type attributes = map[string]types.AttributeValue

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberValue(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }

// steadyEngine gives the test an engine in process that takes no freedom, whatever DYNAMOTEST_SEED says. A test needs one that
// counts requests, or that reads from an index what it has just written.
func steadyEngine(t *testing.T) {
	t.Helper()
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		dynamotest.RunEngine(t, engine.WithSeed(0))
	}
}

// testMapper makes a mapper on the engine of the test, with a prefix of its own: a test may have several tables of a model.
func testMapper(t *testing.T, opts ...dynamapper.Option) *dynamapper.Mapper {
	t.Helper()
	prefix := dynamapper.WithTablePrefix(strings.ToLower(rand.Text()[:prefixLength]) + "-")
	return dynamotest.Mapper(t, append([]dynamapper.Option{prefix}, opts...)...)
}

// tableOf makes a table of its own for the test, on the engine.
func tableOf[T any](t *testing.T) *dynamapper.Table[T] {
	t.Helper()
	return tableIn[T](t, testMapper(t))
}

// tableIn makes a mapper's table of a model on the engine.
func tableIn[T any](t *testing.T, m *dynamapper.Mapper, opts ...dynamapper.TableOption) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m, opts...)
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

// requests notes which requests a mapper sends.
type requests struct {
	mu   sync.Mutex
	sent []dynamapper.Operation
}

func (r *requests) observe(_ context.Context, operation dynamapper.Operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, operation)
}

// take gives the names of the requests since the last call.
func (r *requests) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := []string{}
	for _, operation := range r.sent {
		names = append(names, operation.Name)
	}
	r.sent = nil
	return names
}

// operations gives the requests since the last call of take.
func (r *requests) operations() []dynamapper.Operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// watchedTable is a table of which the requests are noted, from its creation on.
func watchedTable[T any](t *testing.T, opts ...dynamapper.Option) (*dynamapper.Table[T], *requests) {
	t.Helper()
	noted := &requests{}
	table := tableIn[T](t, testMapper(t, append(opts, dynamapper.WithObserver(noted.observe))...))
	noted.take()
	return table, noted
}

// rawClient is a client beside the mapper: somebody else's program.
func rawClient(t *testing.T) *dynamodb.Client {
	t.Helper()
	return dynamodb.NewFromConfig(dynamotest.Run(t).Config())
}

func putRaw(t *testing.T, table string, items ...attributes) {
	t.Helper()
	for _, item := range items {
		_, err := rawClient(t).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
}

// getRaw reads an item as it is stored, nil where there is none.
func getRaw(t *testing.T, table string, key attributes) attributes {
	t.Helper()
	consistent := true
	out, err := rawClient(t).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: &consistent})
	require.NoError(t, err)
	return out.Item
}

func deleteRaw(t *testing.T, table string, key attributes) {
	t.Helper()
	_, err := rawClient(t).DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key})
	require.NoError(t, err)
}

// setRaw gives one attribute of a stored item a value, nil removing it, and leaves the others alone.
func setRaw(t *testing.T, table string, key attributes, attribute string, value types.AttributeValue) {
	t.Helper()
	in := &dynamodb.UpdateItemInput{TableName: &table, Key: key, ExpressionAttributeNames: map[string]string{"#a": attribute}}
	expression := "REMOVE #a"
	if value != nil {
		expression = "SET #a = :v"
		in.ExpressionAttributeValues = attributes{":v": value}
	}
	in.UpdateExpression = &expression
	_, err := rawClient(t).UpdateItem(t.Context(), in)
	require.NoError(t, err)
}

// load reads an item with strong consistency.
func load[T any](t *testing.T, table *dynamapper.Table[T], hash any, rng ...any) *T {
	t.Helper()
	item, err := table.Get(t.Context(), dynamapper.Key(hash, rng...), dynamapper.Consistent())
	require.NoError(t, err)
	return item
}

// sdkTries is how often the client of a faulty table sends a request.
const sdkTries = 3

// quickRetryer makes a retryer of the SDK that does not wait and has no quota, so that a test may lose any number of answers.
func quickRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = sdkTries
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		o.RateLimiter = ratelimit.None
	})
}

// lineConfig is the configuration of a client at the end of a line that fails as it is told.
func lineConfig(t *testing.T, line *dynamotest.Faults) aws.Config {
	t.Helper()
	cfg := line.Config(dynamotest.Run(t))
	cfg.Retryer = quickRetryer
	return cfg
}

// faultyTable is a table at the end of a line that fails as it is told, and the same at the end of a good one.
func faultyTable[T any](t *testing.T, opts ...dynamapper.Option) (faulty, good *dynamapper.Table[T], line *dynamotest.Faults, sent *requests) {
	t.Helper()
	good = tableOf[T](t)
	line, sent = dynamotest.NewFaults(), &requests{}
	opts = append([]dynamapper.Option{dynamapper.WithConfig(lineConfig(t, line)), dynamapper.WithObserver(sent.observe)}, opts...)
	mapper, err := dynamapper.Connect(t.Context(), opts...)
	require.NoError(t, err)
	faulty, err = dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	return faulty, good, line, sent
}

// first makes the first n requests go wrong.
func first(n int, fault dynamotest.Fault) func(int) dynamotest.Fault {
	return func(seen int) dynamotest.Fault {
		if seen <= n {
			return fault
		}
		return nil
	}
}

// always makes all requests go wrong.
func always(fault dynamotest.Fault) func(int) dynamotest.Fault {
	return func(int) dynamotest.Fault { return fault }
}

// optionsAs gives options to another call: a test goes over the options of several.
func optionsAs[O any](opts []dynamapper.SaveOption) []O {
	as := make([]O, len(opts))
	for i, opt := range opts {
		as[i] = any(opt).(O)
	}
	return as
}
