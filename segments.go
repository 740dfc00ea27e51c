package dynamapper

import (
	"context"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

// allOf yields the items of several streams, page by page as they arrive.
func allOf(ctx context.Context, streams []*stream, yield func(item anyItem, err error) bool) {
	err := pagesOf(ctx, streams, func(page []readResult) bool {
		for _, one := range page {
			if !yield(one.item(), one.err()) {
				return false
			}
		}
		return true
	})
	if err != nil {
		yield(nil, err)
	}
}

// collectOf reads the items of several streams. It stops at the first error.
func collectOf(
	ctx context.Context, streams []*stream, add func(item anyItem, remaining int),
) error {
	var bad error
	err := pagesOf(ctx, streams, func(page []readResult) bool {
		for i, one := range page {
			if bad = one.err(); bad != nil {
				return false
			}
			add(one.item(), len(page)-1-i)
		}
		return true
	})
	if err == nil {
		err = bad
	}
	return err
}

// pagesOf passes the pages of several streams to hand, in the goroutine of its caller, until hand
// returns false, up to the limit. It returns the error of a stream, unless hand returned false
// before. All its goroutines have ended when it returns.
//
// The goroutines pass on pages and not items, because to pass one on costs as much as to decode
// several attributes.
func pagesOf(ctx context.Context, streams []*stream, hand func(page []readResult) bool) error {
	if ctx == nil {
		_, err := streams[0].pages(ctx, hand) // fails with errNilContext
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	pages := make(chan []readResult)
	ended := make(chan error, 1)
	var lost parallel.Unwound // in one of the streams
	go func() {
		defer close(pages)
		parallel.Watch(func() { ended <- sendAll(ctx, streams, pages) },
			func(u parallel.Unwound) { lost = u })
	}()
	defer func() {
		cancel()
		for range pages { // until all streams have ended
		}
		lost.Again()
	}()
	left := streams[0].plan.limit
	for page := range pages {
		isLast := left > 0 && len(page) >= left
		if isLast {
			page = page[:left]
		}
		left -= len(page)
		if !hand(page) || isLast {
			return nil
		}
	}
	if lost.Happened() {
		return nil
	}
	if err := <-ended; err != nil {
		return streams[0].explain(err)
	}
	return nil
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

// sendAll sends the pages of all streams to one channel.
func sendAll(ctx context.Context, streams []*stream, pages chan<- []readResult) error {
	return parallel.Run(ctx, len(streams), len(streams), func(ctx context.Context, i int) error {
		_, err := streams[i].pages(ctx, func(page []readResult) bool {
			if len(page) == 0 {
				return true
			}
			select {
			case pages <- page:
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
