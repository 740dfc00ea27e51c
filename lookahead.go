package dynamapper

import (
	"bytes"
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// lookahead reads the pages of one stream, and requests the next page while it decodes one. It
// belongs to the goroutine of its caller, which decodes all pages in their order, so that the
// model's hooks and the observers run there, too. At most one request is ahead.
type lookahead struct {
	stream *stream
	ctx    context.Context // of the call that reads the stream
	next   *pageAhead      // the request that is ahead, or nil
}

// pageAhead is a request for a page that another goroutine sends. The response is decoded in the
// goroutine that calls wait.
type pageAhead struct {
	pageRead
	cancel  context.CancelFunc
	decodes chan func()   // the decoding of a response, for wait to call
	ended   chan struct{} // closed when the goroutine has ended
	lost    parallel.Unwound
}

// readPage reads a page. It uses the response that was requested ahead if that is for this page.
func (l *lookahead) readPage(request pageRequest) (items []readResult, got page, err error) {
	ahead := l.next
	l.next = nil
	if ahead != nil && !reflect.DeepEqual(ahead.request.start, request.start) {
		ahead.drop(l.ctx)
		ahead = nil
	}
	if ahead == nil {
		r := l.stream.newPageRead(request)
		r.decoder.beforeScan = l.request
		r.send(l.ctx)
		return r.end(l.ctx)
	}
	ahead.wait()
	return ahead.end(l.ctx)
}

// request requests the page after the one of a response, before that is decoded. The response may
// be malformed, or be decoded twice, so this is a guess: readPage compares the key.
func (l *lookahead) request(response []byte) {
	start := lastKey(response)
	if start == nil || l.next != nil {
		return
	}
	ctx, cancel := context.WithCancel(l.ctx)
	p := &pageAhead{
		pageRead: *l.stream.newPageRead(pageRequest{start, l.stream.requestLimit(0)}),
		cancel:   cancel, decodes: make(chan func()), ended: make(chan struct{})}
	p.decoder.beforeScan = l.request
	p.decoder.inTurn = p.inTurn
	l.next = p
	go func() {
		defer close(p.ended)
		parallel.Watch(func() { p.send(ctx) }, func(u parallel.Unwound) { p.lost = u })
	}()
}

// stop cancels the request that is ahead, if there is one, and returns when it has ended.
func (l *lookahead) stop() {
	if l.next != nil {
		l.next.drop(l.ctx)
	}
}

// inTurn has wait call a function, and returns when that has returned. It returns the error of the
// context if nobody waits until the context ends.
func (p *pageAhead) inTurn(ctx context.Context, decode func()) error {
	done := make(chan struct{})
	select {
	case p.decodes <- func() { defer close(done); decode() }:
		<-done // even if the context ends, because decode uses the buffer of the response
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait returns when the request has ended. It decodes the response.
func (p *pageAhead) wait() {
	defer p.stop() // also if a hook of the model panics
	for {
		select {
		case decode := <-p.decodes:
			decode()
		case <-p.ended:
			return
		}
	}
}

// drop cancels the request, and reports it to the observers.
func (p *pageAhead) drop(ctx context.Context) {
	p.stop()
	if p.err == nil {
		p.err = context.Canceled
	}
	_, _, _ = p.end(ctx)
}

// stop ends the goroutine. If that has panicked, so does stop.
func (p *pageAhead) stop() {
	p.cancel()
	<-p.ended
	p.lost.Again()
}

// maxTail is how far from the end of a response the key after which to continue is searched, in
// bytes: the longest keys of a table have 3 KB.
const maxTail = 4 << 10

var lastKeyName = []byte(`"LastEvaluatedKey":{`)

// lastKey returns the key after which to continue from the JSON of a response, or nil if it finds
// none. An attribute may have the same name, so the text from there on must be the rest of an
// object.
func lastKey(response []byte) (key map[string]types.AttributeValue) {
	tail := response[max(0, len(response)-maxTail):]
	at := bytes.LastIndex(tail, lastKeyName)
	if at < 0 {
		return nil
	}
	r := wire.NewReader("{" + string(tail[at:]))
	r.Object()
	for name, more := r.Member(); more; name, more = r.Member() {
		if key == nil && name == "LastEvaluatedKey" {
			key = r.Item()
		} else {
			r.Skip()
		}
	}
	if r.Done(); r.Err() != nil {
		return nil
	}
	return key
}
