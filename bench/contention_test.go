package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

var contention = flag.Int("contention", 0,
	"number of changes of one item by several writers; prints a table")

// wallet is the item that all writers change.
type wallet struct {
	dynamapper.Model `dynamo:"wallets"`

	Owner   string `dynamo:"owner,hash"`
	Balance int    `dynamo:"balance"`
	Version int    `dynamo:"version,version"`
}

// TestContention makes several writers change one item at once, each one change after the other,
// with Modify, RunTransaction and a plain loop, which does not wait before it retries. It runs on
// the clock of a bubble, so that the results do not depend on the machine.
//
//	go -C bench test -run TestContention -contention 4000 -v .
func TestContention(t *testing.T) {
	shows := *contention > 0
	changes, counts := *contention, []int{1, 2, 8, 32}
	latencies := []time.Duration{2 * time.Millisecond, 10 * time.Millisecond}
	if !shows {
		changes, latencies, counts = 64, latencies[:1], []int{8}
	}
	for _, latency := range latencies {
		for _, writers := range counts {
			for _, way := range ways {
				m := contend(t, way, latency, writers, changes)
				if shows {
					fmt.Printf("| %v | %d | %s | %.0f | %.0f ms | %.0f ms | %.2f |\n", latency,
						writers, way.name, m.throughput(),
						milliseconds(m.quantile(0.5)), milliseconds(m.quantile(0.99)),
						float64(m.tries)/float64(len(m.took)))
				}
			}
		}
	}
}

// way is one way to change an item.
type way struct {
	name   string
	plain  bool // retries on its own, without waiting
	change func(ctx context.Context, mapper *dynamapper.Mapper, wallets *dynamapper.Table[wallet],
		edit func(*wallet)) error
}

var ways = []way{
	{"Modify", false, modify},
	{"Modify, plain loop", true, modify},
	{"RunTransaction", false, runTransaction},
	{"RunTransaction, plain loop", true, runTransaction},
}

func modify(
	ctx context.Context, _ *dynamapper.Mapper, wallets *dynamapper.Table[wallet],
	edit func(*wallet),
) error {
	_, err := wallets.Modify(ctx, dynamapper.Key("waldo"), func(w *wallet) error {
		edit(w)
		return nil
	})
	return err
}

func runTransaction(
	ctx context.Context, mapper *dynamapper.Mapper,
	wallets *dynamapper.Table[wallet], edit func(*wallet),
) error {
	return mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		w, err := wallets.In(tx).Get(ctx, dynamapper.Key("waldo"))
		if err == nil {
			edit(w)
			wallets.In(tx).Save(w)
		}
		return err
	})
}

// untilDone makes one change.
func (w way) untilDone(
	ctx context.Context, mapper *dynamapper.Mapper,
	wallets *dynamapper.Table[wallet], edit func(*wallet),
) error {
	for {
		err := w.change(ctx, mapper, wallets, edit)
		if !w.plain || !errors.Is(err, dynamapper.ErrMaxRetriesExceeded) {
			return err
		}
	}
}

// contend makes the writers change the item, and measures them.
func contend(t *testing.T, way way, latency time.Duration, writers, changes int) (m measured) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		line := dynamotest.NewFaults()
		opts := []dynamapper.Option{dynamapper.WithConfig(
			line.Through(dynamotest.RunEngine(t, engine.WithSeed(0)).Config()))}
		if way.plain {
			opts = append(opts, dynamapper.WithMaxRetries(1))
		}
		mapper := dynamotest.Mapper(t, opts...)
		wallets, err := dynamapper.TableOf[wallet](mapper)
		require.NoError(t, err)
		require.NoError(t, wallets.CreateTable(t.Context()))
		require.NoError(t, wallets.Save(t.Context(), &wallet{Owner: "waldo"}))
		line.Each("", func(int) dynamotest.Fault { return distant(latency) })

		var tries atomic.Int64
		took := make([][]time.Duration, writers)
		start := time.Now()
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				for range changes / writers {
					began := time.Now()
					assert.NoError(t, way.untilDone(t.Context(), mapper, wallets, func(w *wallet) {
						tries.Add(1)
						w.Balance++
					}))
					took[i] = append(took[i], time.Since(began))
				}
			})
		}
		group.Wait()
		m = measured{took: slices.Sorted(slices.Values(slices.Concat(took...))),
			tries: tries.Load(), elapsed: time.Since(start)}
		final, err := wallets.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, writers*(changes/writers), final.Balance, "no change is lost")
	})
	return m
}

// distant simulates a service with a latency, which varies by a fifth between requests.
func distant(latency time.Duration) dynamotest.Fault {
	half := func() { time.Sleep(time.Duration(float64(latency) * (0.4 + 0.2*rand.Float64()))) }
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		half()
		defer half()
		return send()
	}
}

// measured holds the measurements of a run.
type measured struct {
	took    []time.Duration // each change, sorted
	tries   int64
	elapsed time.Duration
}

func (m measured) throughput() float64 { return float64(len(m.took)) / m.elapsed.Seconds() }

func (m measured) quantile(q float64) time.Duration { return m.took[int(q*float64(len(m.took)-1))] }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
