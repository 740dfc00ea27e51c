package dynamapper

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// Page holds a part of the items that a Query or a Scan finds. Cursor is the place after the last
// of them, for From; "" is the end. The service may return a cursor although nothing follows, so
// the last page may be empty.
//
// A cursor is URL-safe and valid only for the same query, so a program can send it to a client, for
// example in the URL of the next page. It contains the key of an item and is not encrypted. It does
// not prove who made it: the program must check what a caller may read.
type Page[T any] struct {
	Items  []*T
	Cursor string
}

// stream is one run of a Query or a Scan.
type stream struct {
	table *table
	op    string // for errors, such as "Query"
	kind  string // of the requests: "Query" or "Scan"
	plan  *readPlan
	from  *origin // the origin of the items
	ask   func(context.Context, pageRequest, *responseDecoder) (page, error)
	ahead *lookahead // if the stream requests pages ahead
}

// pageRequest holds the parameters that differ between the requests of a run.
type pageRequest struct {
	start map[string]types.AttributeValue
	limit *int32
}

// page is the response to one request.
type page struct {
	// Set if the client ignores the protocol in its options.
	items    []map[string]types.AttributeValue
	last     map[string]types.AttributeValue
	count    int32
	capacity *types.ConsumedCapacity
}

// all yields the items one by one.
func (s *stream) all(ctx context.Context, yield func(anyItem, error) bool) {
	_, _, err := s.walk(ctx, false,
		func(one readResult, _ int) bool { return yield(one.item(), one.err()) })
	if err != nil {
		yield(nil, err)
	}
}

func (s *stream) first(ctx context.Context) (anyItem, error) {
	s.plan.limit = 1
	var found readResult
	_, _, err := s.walk(ctx, false, func(one readResult, _ int) bool {
		found = one
		return false
	})
	switch {
	case err != nil:
		return nil, err
	case found == readResult{}:
		return nil, newNoMatchError(s.op, s.table.name)
	}
	return found.item(), found.err()
}

// explain explains the error of a request. It returns ErrInvalidCursor if a cursor is outside of
// Range, which is possible because the values in the conditions may differ from those of its page.
func (s *stream) explain(err error) error {
	explained := s.table.mapper.explain(s.op, s.table.name, err)
	var api smithy.APIError
	if s.plan.start != nil && errors.As(err, &api) &&
		strings.Contains(strings.ToLower(api.ErrorMessage()), "starting key") {
		return shown.Errorf(errors.Join(ErrInvalidCursor, explained),
			"%s%v: the item after which the cursor continues is outside of Range; begin again "+
				"with the cursor \"\": %s",
			prefixOf(s.op, s.table.name), ErrInvalidCursor,
			textWithin(explained, s.op, s.table.name))
	}
	return explained
}

func newNoMatchError(op, table string) error {
	return &NotFoundError{Op: op, Table: table, problem: "no item matches"}
}

// page reads up to the limit, or sends one request if there is none.
func (s *stream) page(
	ctx context.Context, add func(item anyItem, remaining int),
) (cursor string, err error) {
	var last readResult
	next, within, err := s.walk(ctx, s.plan.limit == 0, func(one readResult, remaining int) bool {
		last = one
		if one.bad() != nil {
			return false
		}
		add(one.item(), remaining)
		return true
	})
	if within {
		next = s.plan.cursors.after(s.table.rawOf(last))
	}
	var cursorErr error
	if cursor, cursorErr = s.plan.cursors.write(next); cursorErr != nil ||
		within && len(next) == 0 {
		cursorErr = newCallError(s.op, s.table.name, errNoCursor)
	}
	for _, wrong := range []error{last.err(), err, cursorErr} {
		if wrong != nil {
			return cursor, wrong
		}
	}
	return cursor, nil
}

var errNoCursor = errors.New(
	"the last item has no key, so no cursor can be made; use a client that returns the keys of " +
		"items")

func (s *stream) count(ctx context.Context) (int, error) {
	total, next := 0, s.plan.start
	if s.plan.looksAtExpiry {
		_, _, err := s.walk(ctx, false, func(readResult, int) bool { total++; return true })
		if err != nil {
			return 0, err
		}
		return total, nil
	}
	for !s.plan.nothing {
		_, got, err := s.readPage(ctx, pageRequest{next, s.requestLimit(s.plan.limit - total)})
		if err != nil {
			return 0, err
		}
		total += int(got.count)
		next = got.last
		if len(next) == 0 || s.plan.limit > 0 && total >= s.plan.limit {
			break
		}
	}
	if s.plan.limit > 0 {
		total = min(total, s.plan.limit)
	}
	return total, nil
}

// collect reads all items. It stops at the first error. Without a limit it needs all pages, so it
// requests them ahead.
func (s *stream) collect(ctx context.Context, add func(item anyItem, remaining int)) error {
	if ctx != nil && s.plan.limit == 0 {
		s.ahead = &lookahead{stream: s, ctx: ctx}
		defer s.ahead.stop()
	}
	var bad error
	_, _, err := s.walk(ctx, false, func(one readResult, remaining int) bool {
		bad = one.err()
		if bad == nil {
			add(one.item(), remaining)
		}
		return bad == nil
	})
	if err == nil {
		err = bad
	}
	return err
}

// walk reads page by page and passes each item to hand, with the number of items that follow it on
// its page. It stops if hand returns false, at the limit, or at the end. It returns the key after
// which to continue, nil at the end. If it stopped within a page, within is true, and the place to
// continue is after the last item that hand has seen.
func (s *stream) walk(
	ctx context.Context, onePage bool, hand func(one readResult, remaining int) bool,
) (
	next map[string]types.AttributeValue, within bool, err error,
) {
	if s.plan.nothing {
		return nil, false, nil
	}
	left := s.plan.limit
	next, err = s.pages(ctx, func(items []readResult) bool {
		for i, one := range items {
			left--
			if hand(one, len(items)-1-i) && left != 0 {
				continue
			}
			within = i < len(items)-1
			return false
		}
		return !onePage
	})
	return next, within, err
}

// pages passes the items of each page to hand. It stops if hand returns false, after the page with
// which the limit is reached, or at the end. That page may have more items than are left. pages
// returns the key after which to continue, nil at the end.
func (s *stream) pages(
	ctx context.Context, hand func(page []readResult) bool,
) (next map[string]types.AttributeValue, err error) {
	left := s.plan.limit
	for next = s.plan.start; ; {
		items, got, err := s.readPage(ctx, pageRequest{next, s.requestLimit(left)})
		if err != nil {
			return next, err
		}
		next = got.last
		left -= len(items)
		isLast := s.plan.limit > 0 && left <= 0
		if !hand(items) || isLast || len(next) == 0 {
			return next, nil
		}
	}
}

// requestLimit returns how many items the next request reads, or nil. Without a selective filter
// nearly every item read is passed on, so no more are read than are left.
func (s *stream) requestLimit(left int) *int32 {
	size := s.plan.pageSize
	if !s.plan.selective && left > 0 && (size == 0 || left < size) {
		size = left
	}
	if size == 0 {
		return nil
	}
	limit := int32(min(size, math.MaxInt32))
	return &limit
}

// readPage reads one page.
func (s *stream) readPage(
	ctx context.Context, request pageRequest,
) (items []readResult, got page, err error) {
	switch {
	case ctx == nil:
		return nil, page{}, newCallError(s.op, s.table.name, errNilContext)
	case s.ahead != nil:
		return s.ahead.readPage(request)
	}
	r := s.newPageRead(request)
	r.send(ctx)
	return r.end(ctx)
}

// pageRead is the reading of one page.
type pageRead struct {
	stream  *stream
	request pageRequest
	call    *call
	decoder *responseDecoder
	got     page
	err     error
}

func (s *stream) newPageRead(request pageRequest) *pageRead {
	c := s.table.mapper.begin(s.kind, s.table.name)
	return &pageRead{stream: s, request: request, call: c,
		decoder: &responseDecoder{call: c,
			loader: loader{table: s.table, op: s.op, from: s.from, leavesOthers: true,
				keepsExpired: !s.plan.looksAtExpiry}}}
}

func (r *pageRead) send(ctx context.Context) {
	r.got, r.err = r.stream.ask(ctx, r.request, r.decoder)
}

// end returns the items of the page, and reports the request to the observers.
func (r *pageRead) end(ctx context.Context) (items []readResult, got page, err error) {
	defer func() { r.call.end(ctx, max(len(items), int(got.count)), err) }()
	if r.err != nil {
		return nil, page{}, r.stream.explain(r.decoder.explain(ctx, r.err))
	}
	r.call.consumed(true, r.got.capacity)
	if !r.decoder.hooked {
		for _, attributes := range r.got.items {
			r.decoder.addAttributes(attributes)
		}
	}
	return r.decoder.items, r.got, nil
}

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
