package dynamapper

import (
	"context"
	"sync"
)

// inParallel does work number 0 to n-1, so many at once, and returns when all have ended. After an error it begins no
// further one, cancels the context of those under way, and gives that error. The end of ctx is for the works to see.
func inParallel(ctx context.Context, n, atOnce int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	works := parallelWorks{n: n, stop: cancel}
	var group sync.WaitGroup
	for range min(n, atOnce) {
		group.Go(func() { works.run(ctx, work) })
	}
	group.Wait()
	if works.panicked != nil {
		panic(works.panicked) // of a hook or an observer: where the caller can recover it, as from a call of its own
	}
	return works.err
}

// parallelWorks is what the workers of inParallel share.
type parallelWorks struct {
	n    int
	stop func()

	mu       sync.Mutex
	next     int
	err      error
	panicked any
}

func (w *parallelWorks) run(ctx context.Context, work func(context.Context, int) error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			w.end(nil, panicked)
		}
	}()
	for {
		i, more := w.take()
		if !more {
			return
		}
		if err := work(ctx, i); err != nil {
			w.end(err, nil)
		}
	}
}

func (w *parallelWorks) take() (i int, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == w.n {
		return 0, false
	}
	w.next++
	return w.next - 1, true
}

// end keeps the first error before it cancels the others: what that does to them is no news. A panic is, always.
func (w *parallelWorks) end(err error, panicked any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	if w.panicked == nil {
		w.panicked = panicked
	}
	w.next = w.n
	w.stop()
}
