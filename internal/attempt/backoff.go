package attempt

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pace says how long to wait after a try that failed.
type Pace int

const (
	// Conflict: somebody else was faster, and is done. The first wait is up to the time that the
	// try has taken, and each next one up to twice as long, until conflictSteps times that time.
	Conflict Pace = iota
	// Overload: the service is too busy, or failed, or gave no answer. The first wait is up to
	// firstWait, and each next one up to twice as long.
	Overload
)

// The bounds of the waits. docs/performance.md has the measurements behind conflictSteps.
const (
	shortestBound = time.Millisecond
	firstWait     = 10 * time.Millisecond
	longestWait   = time.Second
	conflictSteps = 8
)

// Backoff is the waits between the tries of one call, so that those who collided do not meet
// again. It is for one goroutine.
type Backoff struct {
	tries int
	began time.Time // of the last try
}

// Begin notes that a try begins.
func (b *Backoff) Begin() {
	b.tries++
	b.began = time.Now()
}

// Tries returns how many tries have begun.
func (b *Backoff) Tries() int { return b.tries }

// Wait waits before the next try for a random time. It ends with the context, whose error it
// returns.
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

// bound returns how long the next wait is at most, after a try that took so long.
func (b *Backoff) bound(pace Pace, took time.Duration) time.Duration {
	doublings := min(b.tries-1, 7) // by then 10 ms are more than a second
	if pace == Overload {
		return min(firstWait<<doublings, longestWait)
	}
	took = min(took, longestWait) // the clock may have jumped
	return max(shortestBound, min(took*time.Duration(min(1<<doublings, conflictSteps)), longestWait))
}
