package engine

import (
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/service"
)

// Option changes how an [Engine] behaves.
type Option func(*options)

type options = service.Options

// WithClock sets the clock of the engine. The default, also for a nil clock, is [time.Now]. The
// engine calls the clock from the goroutines of its callers, so it must be safe for concurrent use.
func WithClock(now func() time.Time) Option {
	return func(o *options) {
		if now == nil {
			now = time.Now
		}
		o.Now = now
	}
}

// WithStaleReads makes eventually consistent reads return data of the given age, or the oldest data
// if the table is younger. Reads of a global secondary index are always eventually consistent. By
// default all reads are current. An engine with stale reads keeps the versions of its tables that
// are younger than the age.
func WithStaleReads(age time.Duration) Option {
	return func(o *options) { o.StaleReads = max(age, 0) }
}

// WithSeed makes the engine use the freedom that DynamoDB has. It returns the attributes of an item
// and the items of a batch in any order, lets eventually consistent reads lag, ends pages early,
// may return a LastEvaluatedKey after the last item, leaves some keys and items of batches
// unprocessed, lets searches of vectors miss a neighbor, and refuses some writes that meet a
// transaction. The same seed and the same sequence of requests give the same responses. The seed 0
// is the default and disables all of this.
func WithSeed(n uint64) Option {
	return func(o *options) { o.Seed = n }
}

// WithTableDelay sets how long a table or an index is CREATING, UPDATING or DELETING, and time to
// live ENABLING or DISABLING, by the engine's clock. Items expire from when it is ENABLED until it
// is DISABLED. By default the delay is 0 and every change is immediate.
func WithTableDelay(d time.Duration) Option {
	return func(o *options) { o.TableDelay = max(d, 0) }
}
