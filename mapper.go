package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/response"
)

// MaxRetries is the default number of attempts, the first included, that the mapper makes of
// everything that WithMaxRetries lists. The original mapper has the same limit. Save and Delete do
// not retry after a conflict.
const MaxRetries = 100

// Mapper maps structs to the items of one DynamoDB account and region. It holds the client and the
// options, and is safe for concurrent use.
type Mapper struct {
	client    Client
	prefix    string
	attempts  int
	logger    *slog.Logger
	observers []func(context.Context, Operation)
	buffers   response.Pool
	pipeline  *pipeline.Pipeline // nil: the client sends everything

	// A table is given by its ARN, whose account may have an endpoint of its own: the client sends
	// everything.
	usesARN     atomic.Bool
	lastVersion atomic.Int64 // the largest version that newVersion has returned
}

// Option configures a Mapper.
type Option interface{ setMapper(*settings) error }

type mapperOption func(*settings) error

func (o mapperOption) setMapper(s *settings) error { return o(s) }

// settings collects the options of Connect and New.
type settings struct {
	connection connectionSettings
	prefix     string
	attempts   int
	logger     *slog.Logger
	observers  []func(context.Context, Operation)

	sdkPipeline bool
}

func makeSettings(op string, opts []Option) (*settings, error) {
	s := &settings{attempts: MaxRetries}
	if err := applyOptions(opts, s, Option.setMapper); err != nil {
		if err == errNilOption {
			err = newCallError(op, "", err)
		}
		return nil, err
	}
	return s, nil
}

// WithTablePrefix puts a prefix before the name of every table. With "staging-", the table of
// "users" is "staging-users". If the option is given twice, the second prefix follows the first.
func WithTablePrefix(prefix string) Option {
	return mapperOption(func(s *settings) error {
		s.prefix += prefix
		return nil
	})
}

// WithLogger writes a record at the debug level for each request: operation, table, duration,
// attempts, items, why tries were throttled, and error.
func WithLogger(logger *slog.Logger) Option {
	return mapperOption(func(s *settings) error {
		if logger == nil {
			return errors.New("dynamapper: WithLogger: the logger is nil; leave the option out")
		}
		s.logger = logger
		return nil
	})
}

// WithObserver calls a function when a request has ended, for metrics and tracing. The function
// runs in the goroutine that sends the request. A batch sends its requests from several goroutines,
// so calls may overlap. If the option is given twice, both functions are called. With an observer,
// the mapper asks the service to report the consumed capacity, which costs nothing.
func WithObserver(observe func(context.Context, Operation)) Option {
	return mapperOption(func(s *settings) error {
		if observe == nil {
			return errors.New("dynamapper: WithObserver: the function is nil; leave the option out")
		}
		s.observers = append(s.observers, observe)
		return nil
	})
}

// WithMaxRetries sets the number of attempts, the first included. The default is MaxRetries. With
// 3, the third attempt is the last, and MaxRetriesExceededError.Tries is 3. The limit holds
// separately for each of these:
//
//   - Modify and RunTransaction call their function again after a conflict.
//   - Autoincrement takes another id if one is taken.
//   - A write is sent again while a transaction is running on its item.
//   - A transaction or an Idempotent write is sent again if its response was lost.
//   - A batch sends its unprocessed items again, and all of them if a table is throttled.
//   - TransactGet is sent again while a transaction is running on one of its items, or while a table
//     is throttled.
//
// As an option of RunTransaction, it holds for that transaction in place of the mapper's number.
func WithMaxRetries(n int) RetriesOption { return retriesOption(n) }

// RetriesOption is taken by Connect and New, for all calls of the mapper, and by RunTransaction.
type RetriesOption interface {
	Option
	TransactionOption
}

type retriesOption int

func (o retriesOption) setMapper(s *settings) error {
	if err := o.set(&s.attempts); err != nil {
		return fmt.Errorf("dynamapper: %w", err)
	}
	return nil
}

func (o retriesOption) setTransaction(s *txSettings) error { return o.set(&s.attempts) }

func (o retriesOption) set(attempts *int) error {
	if o < 1 {
		return fmt.Errorf("WithMaxRetries: %d is not a number of tries; 1 means "+
			"no retry", int(o))
	}
	*attempts = int(o)
	return nil
}

// WithSDKPipeline makes the SDK's middleware send all requests. Without this option, the mapper
// sends the first try of a request on items itself, where it knows that the request is the same,
// byte for byte; that takes a fraction of the time. docs/performance.md says where the mapper
// leaves a request to the SDK anyway. Operation.OwnPipeline reports which of them sent a request.
func WithSDKPipeline() Option {
	return mapperOption(func(s *settings) error {
		s.sdkPipeline = true
		return nil
	})
}

// New returns a Mapper that uses an existing client: a *dynamodb.Client, DAX or a fake. It sends no
// request. New returns an error if the client is nil, or if an option configures the connection,
// such as WithRegion.
//
// If a client does not pass the options of a call on to *dynamodb.Client, the mapper cannot see how
// often a request was sent. With such a client, a write that returns an error other than a refusal
// by the service ends with ErrUnknownOutcome.
func New(client Client, opts ...Option) (*Mapper, error) {
	if isNil(client) {
		return nil, errors.New(
			"dynamapper: New: the client is nil; pass dynamodb.NewFromConfig(cfg), or use " +
				"Connect")
	}
	s, err := makeSettings("New", opts)
	if err != nil {
		return nil, err
	}
	if given := s.connection.given; given != "" {
		return nil, fmt.Errorf(
			"dynamapper: New: %s has no effect on a client that exists already; configure "+
				"the client, or use Connect", given)
	}
	return s.mapper(client), nil
}

func (s *settings) mapper(client Client) *Mapper {
	m := &Mapper{client: client, prefix: s.prefix, attempts: s.attempts, logger: s.logger,
		observers: s.observers}
	if sdk, ok := client.(*dynamodb.Client); ok && !s.sdkPipeline {
		m.pipeline = pipeline.New(sdk)
	}
	return m
}

// Client returns the client that New was given or that Connect has made, for requests that this
// package does not have. That of Connect is a *dynamodb.Client. Client returns nil for a nil or
// zero Mapper. It sends no request.
func (m *Mapper) Client() Client {
	if m.isEmpty() {
		return nil
	}
	return m.client
}

// isEmpty reports whether neither Connect nor New has made the mapper.
func (m *Mapper) isEmpty() bool { return m == nil || m.client == nil }

func isNil(v any) bool {
	if v == nil {
		return true
	}
	value := reflect.ValueOf(v)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

// Operation describes one request to an observer.
type Operation struct {
	// Such as "GetItem"; Table is "" if the request names several tables.
	Name, Table string
	// From the request to the end of the decoding. A page that Collect has requested ahead waits
	// for its turn in between.
	Duration              time.Duration
	Attempts, Items       int     // how often it was sent; items read or written
	ReadUnits, WriteUnits float64 // consumed capacity units
	VectorBytes           float64 // that a search of vectors has examined and returned
	OwnPipeline           bool    // sent without the SDK's middleware; see WithSDKPipeline
	Err                   error   // the error that the caller gets
	// Why tries were throttled, each reason once, even if a later try succeeded. Reason names the
	// limit, such as "IndexWriteProvisionedThroughputExceeded", and Resource is the ARN of the table
	// or the index. An operation of a canceled transaction has the code of its reason, such as
	// "ProvisionedThroughputExceeded", and no Resource.
	// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html
	Throttling []types.ThrottlingReason
}

// call follows one request for the observers and the logger. It is nil if there are none.
type call struct {
	mapper *Mapper
	Operation
	start   time.Time
	counter *attempt.Counter
}

func (m *Mapper) begin(name, table string) *call {
	if len(m.observers) == 0 && m.logger == nil {
		return nil
	}
	return &call{mapper: m, Operation: Operation{Name: name, Table: table}, start: time.Now(),
		counter: &attempt.Counter{}}
}

// count makes the observers see the tries of a counter that the caller reads too.
func (c *call) count(tries *attempt.Counter) {
	if c != nil {
		c.counter = tries
	}
}

// tries returns the counter of the tries, or nil if nobody observes them.
func (c *call) tries() *attempt.Counter {
	if c == nil {
		return nil
	}
	return c.counter
}

// configure is the option function of a request whose tries only the observers see.
func (c *call) configure(o *dynamodb.Options) {
	if c == nil {
		configureCall(o, nil)
	} else {
		configureCall(o, c.counter)
	}
}

// configureCall makes the SDK's client report its tries to a counter, if one is given. It also
// replaces the SDK's check of the response's checksum, because the SDK only logs a wrong one.
//
// If o.Protocol is nil, the client is not the SDK's, and configureCall changes nothing: AWS's
// client of DAX refuses a call with middleware.
func configureCall(o *dynamodb.Options, tries *attempt.Counter) {
	if o.Protocol == nil {
		return
	}
	o.DisableValidateResponseChecksum = true
	o.Protocol = &checkedProtocol{ClientProtocol: guardedProtocol{o.Protocol}}
	if o.EnableAcceptEncodingGzip {
		o.APIOptions = append(o.APIOptions, keepCompressed)
	}
	if tries != nil {
		o.APIOptions = append(o.APIOptions, tries.AddTo)
	}
}

// capacity requests the consumed capacity if there are observers.
func (m *Mapper) capacity() types.ReturnConsumedCapacity {
	if len(m.observers) == 0 {
		return ""
	}
	return types.ReturnConsumedCapacityTotal
}

// consumed adds the capacity units of a response.
func (c *call) consumed(read bool, units *types.ConsumedCapacity) {
	if c == nil || units == nil || units.CapacityUnits == nil {
		return
	}
	if read {
		c.ReadUnits += *units.CapacityUnits
	} else {
		c.WriteUnits += *units.CapacityUnits
	}
}

// searched adds the bytes of a search of vectors.
func (c *call) searched(capacity *types.VectorCapacity) {
	if c != nil && capacity != nil && capacity.VectorSearchRequestBytes != nil {
		c.VectorBytes += *capacity.VectorSearchRequestBytes
	}
}

// end reports the request to the observers and the logger.
func (c *call) end(ctx context.Context, items int, err error) {
	if c == nil {
		return
	}
	c.Duration, c.Attempts, c.Items, c.Err = time.Since(c.start), c.counter.Sent(), items, err
	c.OwnPipeline = c.counter.IsOwn()
	c.counter.NoteThrottling(err) // of a client that hides its tries
	c.Throttling = c.counter.Throttled()
	for _, observe := range c.mapper.observers {
		observe(ctx, c.Operation)
	}
	if logger := c.mapper.logger; logger != nil && logger.Enabled(ctx, slog.LevelDebug) {
		c.log(ctx, logger)
	}
}

func (c *call) log(ctx context.Context, logger *slog.Logger) {
	attrs := []slog.Attr{
		slog.String("operation", c.Name), slog.String("table", c.Table),
		slog.Duration("duration", c.Duration),
		slog.Int("attempts", c.Attempts), slog.Int("items", c.Items),
	}
	if len(c.Throttling) > 0 {
		attrs = append(attrs, slog.String("throttling", describeThrottling(c.Throttling)))
	}
	if c.Err != nil {
		attrs = append(attrs, slog.Any("error", c.Err))
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "dynamapper", attrs...)
}
