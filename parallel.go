package dynamapper

import (
	"context"
	"sync"
)

// inParallel does work number 0 to n-1, so many at once. The first error cancels the rest, and is returned when all have
// ended.
func inParallel(ctx context.Context, n, atOnce int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first error
	var once sync.Once
	fail := func(err error) {
		once.Do(func() { first = err })
		cancel()
	}
	var wait sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for i := range n {
		free <- struct{}{}
		if err := ctx.Err(); err != nil {
			fail(err)
			break
		}
		wait.Go(func() {
			defer func() { <-free }()
			if err := work(ctx, i); err != nil {
				fail(err)
			}
		})
	}
	wait.Wait()
	return first
}
