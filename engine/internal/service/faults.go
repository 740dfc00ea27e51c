package service

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// faults are the faults that a test has set, by table. A table need not exist.
type faults struct {
	any    atomic.Bool // whether any fault was ever set; needs no lock
	mu     sync.Mutex
	tables map[string]*tableFaults
}

// tableFaults are the faults of one table.
type tableFaults struct {
	reads, writes *bucket // nil: not throttled
	unprocessed   int     // how many keys and writes of batches are still to be left unprocessed
	conflicts     int     // how many writes are still to meet another transaction
	delay         time.Duration
}

// bucket holds the units that may be consumed. It fills at a rate, up to the units of one second.
type bucket struct {
	rate  float64 // units a second
	units float64
	at    time.Time // the time at which it held the units
}

// newBucket returns a full bucket. It returns nil if the rate is negative.
func newBucket(rate float64, now time.Time) *bucket {
	if rate < 0 || math.IsNaN(rate) {
		return nil
	}
	return &bucket{rate: rate, units: rate, at: now}
}

// holds reports whether the bucket has the units now. A full bucket has any number of units, so
// that a request that costs more than a second provides can succeed at all; it leaves the bucket in
// debt. A nil bucket is unlimited.
func (b *bucket) holds(units float64, now time.Time) bool {
	if b == nil || units == 0 {
		return true
	}
	b.fill(now)
	return b.rate > 0 && b.units >= min(units, b.rate)
}

// fill adds the units since the last call. A clock that is set back adds none.
func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.units = min(b.rate, b.units+b.rate*passed)
	}
	b.at = now
}

func (b *bucket) take(units float64) {
	if b != nil {
		b.units -= units
	}
}

// Throttle limits the units that reads and writes of a table may consume in a second of the clock.
// A rate of 0 refuses all of them. A negative rate removes the limit.
func (s *Service) Throttle(table string, readUnits, writeUnits float64) {
	now := s.options.Now()
	s.faults.change(table, func(f *tableFaults) {
		f.reads, f.writes = newBucket(readUnits, now), newBucket(writeUnits, now)
	})
}

// LeaveUnprocessed leaves the next n keys and writes of batches on a table unprocessed.
func (s *Service) LeaveUnprocessed(table string, n int) {
	s.faults.change(table, func(f *tableFaults) { f.unprocessed = n })
}

// Conflict makes the next n items that are written, or read or written by transactions, meet
// another transaction.
func (s *Service) Conflict(table string, n int) {
	s.faults.change(table, func(f *tableFaults) { f.conflicts = n })
}

// Slow makes requests on a table wait before they act. A delay of 0 ends the effect.
func (s *Service) Slow(table string, delay time.Duration) {
	s.faults.change(table, func(f *tableFaults) { f.delay = delay })
}

// change changes the faults of a table.
func (f *faults) change(nameOrARN string, change func(*tableFaults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := tableName(nameOrARN)
	of := f.tables[name]
	if of == nil {
		of = &tableFaults{}
		if f.tables == nil {
			f.tables = map[string]*tableFaults{}
		}
		f.tables[name] = of
	}
	change(of)
	f.any.Store(true)
}

// of locks the faults and returns those of a table. The caller must unlock mu even if the result is
// nil.
func (f *faults) of(table string) *tableFaults {
	f.mu.Lock()
	return f.tables[table]
}

// throttle consumes units of a table. If the table is throttled and has too few units, throttle
// returns ProvisionedThroughputExceededException and consumes none.
func (s *Service) throttle(entry *tableEntry, readUnits, writeUnits float64) error {
	if !s.faults.any.Load() {
		return nil
	}
	f := s.faults.of(entry.name)
	defer s.faults.mu.Unlock()
	if f == nil || f.reads == nil && f.writes == nil {
		return nil
	}
	now := s.options.Now()
	var reasons []protocol.ThrottlingReason
	refuse := func(reason string) {
		reasons = append(reasons, protocol.ThrottlingReason{
			Reason: reason, Resource: tableARN(entry.name),
		})
	}
	if !f.reads.holds(readUnits, now) {
		refuse("TableReadProvisionedThroughputExceeded")
	}
	if !f.writes.holds(writeUnits, now) {
		refuse("TableWriteProvisionedThroughputExceeded")
	}
	if reasons != nil {
		return errThrottled(reasons)
	}
	f.reads.take(readUnits)
	f.writes.take(writeUnits)
	return nil
}

// errThrottled returns the error of a request that consumes more units than a table has.
func errThrottled(reasons []protocol.ThrottlingReason) error {
	return &protocol.Error{
		Code: "ProvisionedThroughputExceededException",
		Message: "The level of configured provisioned throughput for the table was exceeded. " +
			"Consider increasing your provisioning level with the UpdateTable API.",
		Throttling: reasons,
	}
}

// takeUnprocessed reports whether a key or write of a batch on a table must be left unprocessed.
func (s *Service) takeUnprocessed(table string) bool {
	return s.faults.takeOne(table, func(f *tableFaults) *int { return &f.unprocessed })
}

// takeConflict reports whether an item of a table must meet another transaction.
func (s *Service) takeConflict(table string) bool {
	return s.faults.takeOne(table, func(f *tableFaults) *int { return &f.conflicts })
}

// takeOne decrements a counter, and reports whether it was above 0.
func (f *faults) takeOne(table string, count func(*tableFaults) *int) bool {
	if !f.any.Load() {
		return false
	}
	of := f.of(table)
	defer f.mu.Unlock()
	if of == nil || *count(of) <= 0 {
		return false
	}
	*count(of)--
	return true
}

// wait waits for the delay that a test has set for the table. If the context ends first, wait
// returns the context's error.
func (s *Service) wait(ctx context.Context, table string) error {
	if !s.faults.any.Load() {
		return nil
	}
	var delay time.Duration
	if of := s.faults.of(table); of != nil {
		delay = of.delay
	}
	s.faults.mu.Unlock()
	if delay <= 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
