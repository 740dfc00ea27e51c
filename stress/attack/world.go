package attack

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// conflictTries limits the mapper's own retries.
const conflictTries = 4

// state holds the balance of each stored wallet.
type state map[string]int

// world is an engine with a table of wallets, for one call under attack.
type world[T dynamapper.IsModel, W wallet[T]] struct {
	server  *dynamotest.Server
	raw     *dynamodb.Client          // reads the stored items, independently of the mappers
	good    *dynamapper.Table[T]      // on a good line, for the other writer
	tickets *dynamapper.Table[Ticket] // on the line under attack
	table   *dynamapper.Table[T]      // on the line under attack
	mapper  *dynamapper.Mapper        // on the line under attack
	journal *journal
	sender  sender
	watch   *watch // of the mapper on the line under attack
	hand    *T     // the item that is passed to the call, if any
	version string

	mu     sync.Mutex
	states []state // in chronological order
	broken string  // a description of half-written data that was seen
}

// newWorld makes a world. through puts the line under attack in front of the engine.
func newWorld[T dynamapper.IsModel, W wallet[T]](
	ctx context.Context, version string, by sender,
	through func(aws.Config, *journal) aws.Config,
) (*world[T, W], error) {
	server, err := dynamotest.StartEngine()
	if err != nil {
		return nil, err
	}
	w := &world[T, W]{server: server, version: version, sender: by, watch: &watch{}}
	cfg := server.Config()
	w.raw = dynamodb.NewFromConfig(cfg)
	w.journal = &journal{engine: cfg.HTTPClient, tokens: map[string]bool{}}
	good, err := server.Mapper(ctx)
	if err != nil {
		return nil, err
	}
	if w.good, err = dynamapper.TableOf[T](good); err != nil {
		return nil, err
	}
	cfg.Retryer = eagerRetryer
	w.mapper, err = dynamapper.Connect(ctx, append(by.options(w.watch),
		dynamapper.WithConfig(through(cfg, w.journal)),
		dynamapper.WithMaxRetries(conflictTries))...)
	if err != nil {
		return nil, err
	}
	if err := warmUp(ctx, w.mapper, w.watch); err != nil {
		return nil, err
	}
	if w.table, err = dynamapper.TableOf[T](w.mapper); err != nil {
		return nil, err
	}
	w.tickets, err = dynamapper.TableOf[Ticket](w.mapper)
	return w, err
}

// eagerRetryer returns a retryer like the SDK's own, without its waits and its quota.
func eagerRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
			return 0, nil
		})
	})
}

// arm starts to record.
func (w *world[T, W]) arm() {
	w.journal.clear()
	w.states = nil
	w.look()
	w.journal.note = w.look
}

// look records the state of the table.
func (w *world[T, W]) look() {
	now, broken := w.read()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states = append(w.states, now)
	if broken != "" {
		w.broken = broken
	}
}

// read returns the stored state, and a description of half-written data in it.
func (w *world[T, W]) read() (now state, broken string) {
	now = state{}
	out, err := w.raw.Scan(context.Background(), &dynamodb.ScanInput{
		TableName: aws.String(w.good.Name()), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return now, "" // the table does not exist
	}
	for _, item := range out.Items {
		id := item["id"].(*types.AttributeValueMemberS).Value
		balance, spent := numberIn(item, "balance"), numberIn(item, "spent")
		if (balance+spent)%total != 0 {
			broken = id
		}
		now[id] = balance
	}
	return now, broken
}

func numberIn(item map[string]types.AttributeValue, attribute string) int {
	n, ok := item[attribute].(*types.AttributeValueMemberN)
	if !ok {
		return total + 1 // every wallet has it
	}
	number, err := strconv.Atoi(n.Value)
	if err != nil {
		return total + 1
	}
	return number
}

// history returns the states of the table since arm.
func (w *world[T, W]) history() []state {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.states
}

// was reports whether a wallet had this balance at some time; -1 means no wallet.
func (w *world[T, W]) was(id string, balance int) bool {
	for _, s := range w.history() {
		if got, stored := s[id]; stored && got == balance || !stored && balance == missing {
			return true
		}
	}
	return false
}

// missing is the balance of a wallet that is not stored.
const missing = -1

// put stores wallets as the other writer.
func (w *world[T, W]) put(ctx context.Context, balance int, ids ...string) error {
	for _, id := range ids {
		if err := w.good.Save(ctx, newWallet[T, W](id, balance)); err != nil {
			return err
		}
	}
	return nil
}

// exists reports whether the table exists.
func (w *world[T, W]) exists(ctx context.Context) bool {
	name := w.good.Name()
	_, err := w.raw.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	return err == nil
}
