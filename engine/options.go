package engine

import (
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/service"
)

// Option changes how an [Engine] behaves.
type Option func(*options)

type options = service.Options

// WithClock sets the clock that the engine reads the time from, instead of [time.Now]. A nil clock
// is time.Now. The engine calls it from the goroutines of its callers, so it must be safe for
// concurrent use.
func WithClock(now func() time.Time) Option {
	return func(o *options) {
		if now == nil {
			now = time.Now
		}
		o.Now = now
	}
}

// WithStaleReads makes eventually consistent reads return the data as it was an age ago, or as it
// was at first if it is younger. Reads of a global secondary index are always eventually
// consistent. The default is that all reads are current. An engine with stale reads keeps the
// versions of its tables that are younger than the age.
func WithStaleReads(age time.Duration) Option {
	return func(o *options) { o.StaleReads = max(age, 0) }
}

// WithSeed makes the engine use the freedom that DynamoDB has. It returns the attributes of an item
// and the items of a batch in any order, lets eventually consistent reads lag, ends pages early,
// may return a LastEvaluatedKey at the very end, leaves some keys and items of batches unprocessed,
// and refuses some writes that meet a transaction. The same seed and the same sequence of requests
// give the same answers. The seed 0 is the default and means none of this.
func WithSeed(n uint64) Option {
	return func(o *options) { o.Seed = n }
}

// WithTableDelay sets how long a table or an index is CREATING, UPDATING or DELETING, by the
// engine's clock. The default is 0: every change is done at once.
func WithTableDelay(d time.Duration) Option {
	return func(o *options) { o.TableDelay = max(d, 0) }
}
