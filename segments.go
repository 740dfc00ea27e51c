package dynamapper

import (
	"context"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

// allOf yields the items of several streams as they arrive. All its goroutines have ended when it
// returns.
func allOf(ctx context.Context, streams []*stream, yield func(item anyItem, err error) bool) {
	if ctx == nil {
		streams[0].all(ctx, yield) // fails with errNilContext
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	items := make(chan readResult)
	ended := make(chan error, 1)
	var lost parallel.Unwound // in one of the streams
	go func() {
		defer close(items)
		parallel.Watch(func() { ended <- walkAll(ctx, streams, items) },
			func(u parallel.Unwound) { lost = u })
	}()
	defer func() {
		cancel()
		for range items { // until all streams have ended
		}
		lost.Again()
	}()
	left := streams[0].plan.limit
	for one := range items {
		left--
		if !yield(one.item(), one.err()) || left == 0 {
			return
		}
	}
	if lost.Happened() {
		return
	}
	if err := <-ended; err != nil {
		yield(nil, streams[0].explain(err))
	}
}

// collectOf reads the items of several streams. It stops at the first error.
func collectOf(
	ctx context.Context, streams []*stream, add func(item anyItem, remaining int),
) (err error) {
	allOf(ctx, streams, func(item anyItem, one error) bool {
		if err = one; err == nil {
			add(item, 0)
		}
		return err == nil
	})
	return err
}

// firstOf returns one item of several streams.
func firstOf(ctx context.Context, streams []*stream) (anyItem, error) {
	for _, one := range streams {
		one.plan.limit = 1
	}
	for item, err := range func(yield func(anyItem, error) bool) { allOf(ctx, streams, yield) } {
		return item, err
	}
	return nil, newNoMatchError(streams[0].op, streams[0].table.name)
}

// walkAll sends the items of all streams to one channel.
func walkAll(ctx context.Context, streams []*stream, items chan<- readResult) error {
	return parallel.Run(ctx, len(streams), len(streams), func(ctx context.Context, i int) error {
		_, _, err := streams[i].walk(ctx, false, func(one readResult, _ int) bool {
			select {
			case items <- one:
				return true
			case <-ctx.Done():
				return false
			}
		})
		if err == nil {
			err = ctx.Err()
		}
		return err
	})
}

// countOf adds up the counts of several streams.
func countOf(ctx context.Context, streams []*stream) (int, error) {
	if ctx == nil {
		return streams[0].count(ctx) // fails with errNilContext
	}
	counts := make([]int, len(streams))
	err := parallel.Run(ctx, len(streams), len(streams),
		func(ctx context.Context, i int) (err error) {
			counts[i], err = streams[i].count(ctx)
			return err
		})
	if err != nil {
		return 0, streams[0].explain(err)
	}
	total := 0
	for _, count := range counts {
		total += count
	}
	if limit := streams[0].plan.limit; limit > 0 {
		total = min(total, limit)
	}
	return total, nil
}
