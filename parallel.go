package dynamapper

import (
	"context"
	"runtime"
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
	works.unwound.again()
	return works.err
}

// parallelWorks is what the workers of inParallel share.
type parallelWorks struct {
	n    int
	stop func()

	mu      sync.Mutex
	next    int
	err     error
	unwound unwound
}

func (w *parallelWorks) run(ctx context.Context, work func(context.Context, int) error) {
	watch(func() {
		for i, more := w.take(); more; i, more = w.take() {
			if err := work(ctx, i); err != nil {
				w.end(err, unwound{})
			}
		}
	}, func(u unwound) { w.end(nil, u) })
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

// end keeps the first error before it cancels the others: what that does to them is no news. It keeps what has unwound a
// worker even if there was an error before.
func (w *parallelWorks) end(err error, u unwound) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	if !w.unwound.happened() {
		w.unwound = u
	}
	w.next = w.n
	w.stop()
}

// unwound tells how a hook or an observer has ended a goroutine of this package: by a panic, or by
// runtime.Goexit, which FailNow of a test calls. The zero value: it has not.
type unwound struct {
	panicked any
	exited   bool
}

func (u unwound) happened() bool { return u.exited || u.panicked != nil }

// again unwinds the caller's goroutine in the same way, as if the hook had been called there.
func (u unwound) again() {
	switch {
	case u.panicked != nil:
		panic(u.panicked)
	case u.exited:
		runtime.Goexit()
	}
}

// watch calls work. If work does not return, watch calls note with what has unwound it.
func watch(work func(), note func(unwound)) {
	returned := false
	defer func() {
		if !returned {
			panicked := recover() // nil after Goexit, which nothing stops
			note(unwound{panicked: panicked, exited: panicked == nil})
		}
	}()
	work()
	returned = true
}
