package stage

import (
	"context"
	"sync"
	"sync/atomic"
)

// Together runs the tasks at once. The first error cancels the others, and is returned.
func Together(ctx context.Context, tasks []func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	for _, task := range tasks {
		running.Go(func() {
			if err := task(ctx); err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// Meeting is a point at which goroutines wait for each other.
type Meeting struct {
	missing atomic.Int64
	full    chan struct{}
}

// NewMeeting returns a meeting of the given number of goroutines.
func NewMeeting(size int) *Meeting {
	m := &Meeting{full: make(chan struct{})}
	m.missing.Store(int64(size))
	return m
}

// Join returns when all have joined, or when ctx ends.
func (m *Meeting) Join(ctx context.Context) error {
	if m.missing.Add(-1) == 0 {
		close(m.full)
	}
	select {
	case <-m.full:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
