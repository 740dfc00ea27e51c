// Package rate holds requests to a number of units a second, although what a request costs is known
// only from its response.
package rate

import (
	"context"
	"sync"
	"time"
)

// credit bounds what a limiter that nobody used gives at once: the units of this time.
const credit = 250 * time.Millisecond

// Limiter is a bucket of units that fills at a constant rate. A nil Limiter does not limit. It is
// safe for concurrent use.
type Limiter struct {
	unit time.Duration // the time of one unit

	mu   sync.Mutex
	free time.Time // when everything that was taken is paid for
}

// New returns a limiter of a number of units a second, above 0, which begins empty.
func New(perSecond float64) *Limiter {
	return &Limiter{unit: time.Duration(float64(time.Second) / perSecond), free: time.Now()}
}

// Take takes units, and waits until those taken before are paid for. If the context ends, Take
// gives the units back and returns the context's error.
func (l *Limiter) Take(ctx context.Context, units float64) error {
	if l == nil {
		return ctx.Err()
	}
	at := l.take(units)
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		l.Correct(-units)
		return ctx.Err()
	}
}

// take books units and returns when their turn is.
func (l *Limiter) take(units float64) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if least := time.Now().Add(-credit); l.free.Before(least) {
		l.free = least
	}
	at := l.free
	l.free = l.free.Add(l.timeOf(units))
	return at
}

// Correct books units that a request cost more than were taken for it, or less if negative.
func (l *Limiter) Correct(units float64) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = l.free.Add(l.timeOf(units))
}

func (l *Limiter) timeOf(units float64) time.Duration {
	return time.Duration(units * float64(l.unit))
}
