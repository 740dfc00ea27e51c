package attempt

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pace selects how long to wait after a failed try.
type Pace int

const (
	// Conflict: another writer was faster, and is done. The first wait is at most the duration of
	// the try. The bound doubles for each further wait, up to conflictSteps times that duration.
	Conflict Pace = iota
	// Overload: the service is too busy, failed, or did not respond. The first wait is at most
	// firstWait. The bound doubles for each further wait.
	Overload
)

// The bounds of the waits. docs/performance.md has the measurements behind conflictSteps.
const (
	shortestBound = time.Millisecond
	firstWait     = 10 * time.Millisecond
	longestWait   = time.Second
	conflictSteps = 8
)

// Backoff makes the waits between the tries of one call, so that writers that collided do not meet
// again. It must not be shared between goroutines.
type Backoff struct {
	tries int
	began time.Time // of the last try
}

// Begin records the beginning of a try.
func (b *Backoff) Begin() {
	b.tries++
	b.began = time.Now()
}

// Tries returns the number of tries that have begun.
func (b *Backoff) Tries() int { return b.tries }

// Wait waits for a random time before the next try. If the context ends first, Wait returns its
// error.
func (b *Backoff) Wait(ctx context.Context, pace Pace) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	timer := time.NewTimer(rand.N(b.bound(pace, time.Since(b.began))) + 1)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// bound returns the greatest duration of the next wait, after a try of the given duration.
func (b *Backoff) bound(pace Pace, took time.Duration) time.Duration {
	doublings := min(b.tries-1, 7) // with 7 doublings, 10 ms exceed a second
	if pace == Overload {
		return min(firstWait<<doublings, longestWait)
	}
	took = min(took, longestWait) // the clock may have jumped
	return max(shortestBound, min(took*time.Duration(min(1<<doublings, conflictSteps)),
		longestWait))
}
