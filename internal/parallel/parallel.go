// Package parallel calls a function several times at once, and passes on how a call ends: with an
// error, a panic or runtime.Goexit.
package parallel

import (
	"context"
	"runtime"
	"sync"
)

// Run calls work with 0 to n-1, at most atOnce calls at a time, and returns when all calls have
// ended. If a call returns an error, Run begins no further one, cancels the context of the others,
// and returns that error. Run does not look at ctx itself: the calls do. If a call panics or calls
// runtime.Goexit, Run does the same in the goroutine of its caller.
func Run(ctx context.Context, n, atOnce int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := works{n: n, stop: cancel}
	var group sync.WaitGroup
	for range min(n, atOnce) {
		group.Go(func() { all.run(ctx, work) })
	}
	group.Wait()
	all.unwound.Again()
	return all.err
}

// works is the state that the goroutines of Run share.
type works struct {
	n    int
	stop func()

	mu      sync.Mutex
	next    int
	err     error
	unwound Unwound
}

func (w *works) run(ctx context.Context, work func(context.Context, int) error) {
	Watch(func() {
		for i, more := w.take(); more; i, more = w.take() {
			if err := work(ctx, i); err != nil {
				w.end(err, Unwound{})
			}
		}
	}, func(u Unwound) { w.end(nil, u) })
}

func (w *works) take() (i int, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == w.n {
		return 0, false
	}
	w.next++
	return w.next - 1, true
}

// end keeps the first error, and then cancels the other calls, whose errors follow from that. It
// keeps how a call was unwound even if there was an error before.
func (w *works) end(err error, u Unwound) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	if !w.unwound.Happened() {
		w.unwound = u
	}
	w.next = w.n
	w.stop()
}

// Unwound is how a function ended without returning: by a panic, or by runtime.Goexit, which
// FailNow of a test calls. The zero value means that it returned.
type Unwound struct {
	panicked any
	exited   bool
}

// Happened reports whether the function ended without returning.
func (u Unwound) Happened() bool { return u.exited || u.panicked != nil }

// Again unwinds the goroutine of its caller in the same way, as if the function had been called
// there.
func (u Unwound) Again() {
	switch {
	case u.panicked != nil:
		panic(u.panicked)
	case u.exited:
		runtime.Goexit()
	}
}

// Watch calls work. If work does not return, Watch calls note with how it was unwound.
func Watch(work func(), note func(Unwound)) {
	returned := false
	defer func() {
		if !returned {
			panicked := recover() // nil after Goexit, which nothing stops
			note(Unwound{panicked: panicked, exited: panicked == nil})
		}
	}()
	work()
	returned = true
}
