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
)

// MaxRetries is how many attempts the mapper itself makes, as in the original mapper, unless
// WithMaxRetries, which lists what is attempted, sets another number. Save and Delete never try
// again after a conflict.
const MaxRetries = 100

// Mapper maps structs to the items of one DynamoDB account and region. It owns the client and the options, and is
// safe for concurrent use.
type Mapper struct {
	client    Client
	prefix    string
	attempts  int
	logger    *slog.Logger
	observers []func(context.Context, Operation)
	buffers   bufferPool

	lastVersion atomic.Int64 // the largest that newVersion has given
}

// Option configures a Mapper.
type Option interface{ setMapper(*settings) error }

type mapperOption func(*settings) error

func (o mapperOption) setMapper(s *settings) error { return o(s) }

// settings is what the options of Connect and New say.
type settings struct {
	connection connectionSettings
	prefix     string
	attempts   int
	logger     *slog.Logger
	observers  []func(context.Context, Operation)
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

// WithTablePrefix puts a prefix before every table's name: "staging-" makes "users" the table "staging-users". Given
// twice, the prefixes stand one behind the other.
func WithTablePrefix(prefix string) Option {
	return mapperOption(func(s *settings) error {
		s.prefix += prefix
		return nil
	})
}

// WithLogger writes one debug record a request: the operation, the table, how long, how often it was sent, its error.
func WithLogger(logger *slog.Logger) Option {
	return mapperOption(func(s *settings) error {
		if logger == nil {
			return errors.New("dynamapper: WithLogger: the logger is nil; leave the option out")
		}
		s.logger = logger
		return nil
	})
}

// WithObserver calls a function once a request, when it has ended: for metrics and tracing. It is called in the
// goroutine of the caller, or of a batch's requests, perhaps in several at once. Given twice, both are called. It makes
// the service report the consumed capacity, which costs nothing.
func WithObserver(observe func(context.Context, Operation)) Option {
	return mapperOption(func(s *settings) error {
		if observe == nil {
			return errors.New("dynamapper: WithObserver: the function is nil; leave the option out")
		}
		s.observers = append(s.observers, observe)
		return nil
	})
}

// WithMaxRetries sets the number of attempts, MaxRetries by default, of each of these: Modify and
// RunTransaction call their function again after a conflict; autoincrement takes another id if one
// is taken; a write is sent again while a transaction is running on its item; a transaction or an
// Idempotent write is sent again if its answer was lost; a batch sends again what was left
// unprocessed. With 3, the third attempt is the last, and MaxRetriesExceededError.Tries is 3.
func WithMaxRetries(n int) Option {
	return mapperOption(func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("dynamapper: WithMaxRetries: %d is no number of attempts; "+
				"1 tries once, and never again", n)
		}
		s.attempts = n
		return nil
	})
}

// New makes a Mapper of a client that is there already: a *dynamodb.Client, DAX or a fake. An option about the
// connection is an error here. No request is sent.
//
// A client that does not pass the options of a call on to *dynamodb.Client hides how often it sends a request. If a
// write returns an error there that is not a refusal, it ends with ErrUnknownOutcome.
func New(client Client, opts ...Option) (*Mapper, error) {
	if isNil(client) {
		return nil, errors.New("dynamapper: New: the client is nil; give it dynamodb.NewFromConfig(cfg), or use Connect")
	}
	s, err := makeSettings("New", opts)
	if err != nil {
		return nil, err
	}
	if given := s.connection.given; given != "" {
		return nil, fmt.Errorf("dynamapper: New: %s has no effect on a client that is there already; give it to the client, or use Connect", given)
	}
	return s.mapper(client), nil
}

func (s *settings) mapper(client Client) *Mapper {
	return &Mapper{client: client, prefix: s.prefix, attempts: s.attempts, logger: s.logger, observers: s.observers}
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	value := reflect.ValueOf(v)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

// Operation is what an observer is told of one request.
type Operation struct {
	Name, Table           string // "GetItem"; Table is "" where a request names several
	Duration              time.Duration
	Attempts, Items       int     // how often it was sent; how many items were read or written
	ReadUnits, WriteUnits float64 // consumed capacity
	Err                   error   // as the caller gets it
}

// call follows one request for the observers and the logger. It is nil where there are none.
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
	return &call{mapper: m, Operation: Operation{Name: name, Table: table}, start: time.Now(), counter: &attempt.Counter{}}
}

// count makes the observers see the tries of a counter that the call's user looks at, too.
func (c *call) count(tries *attempt.Counter) {
	if c != nil {
		c.counter = tries
	}
}

// configure is the option function of a request that nobody but the observers follows.
func (c *call) configure(o *dynamodb.Options) {
	if c == nil {
		configureCall(o, nil)
	} else {
		configureCall(o, c.counter)
	}
}

// configureCall makes the SDK's client report its tries to a counter, and checks the checksum of each
// answer in place of the SDK, which logs what is wrong and does no more.
//
// The options of a client that is not the SDK's have no protocol, and stay as they are: AWS's client of
// DAX refuses a call with middleware.
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

// capacity asks for the consumed capacity where somebody wants it.
func (m *Mapper) capacity() types.ReturnConsumedCapacity {
	if len(m.observers) == 0 {
		return ""
	}
	return types.ReturnConsumedCapacityTotal
}

// consumed notes the units of an answer.
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

// end tells the observers and the logger.
func (c *call) end(ctx context.Context, items int, err error) {
	if c == nil {
		return
	}
	c.Duration, c.Attempts, c.Items, c.Err = time.Since(c.start), c.counter.Sent(), items, err
	for _, observe := range c.mapper.observers {
		observe(ctx, c.Operation)
	}
	if logger := c.mapper.logger; logger != nil && logger.Enabled(ctx, slog.LevelDebug) {
		c.log(ctx, logger)
	}
}

func (c *call) log(ctx context.Context, logger *slog.Logger) {
	attrs := []slog.Attr{
		slog.String("operation", c.Name), slog.String("table", c.Table), slog.Duration("duration", c.Duration),
		slog.Int("attempts", c.Attempts), slog.Int("items", c.Items),
	}
	if c.Err != nil {
		attrs = append(attrs, slog.Any("error", c.Err))
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "dynamapper", attrs...)
}
