package dynamapper

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// answer takes the items of one read out of the response's bytes, in place of the SDK, which would first make maps of
// them: it stands in for the client's protocol for one call. Whatever is not an item, and every error response, it
// leaves to the protocol that was there.
type answer struct {
	smithyhttp.ClientProtocol                           // of error responses
	rest                      smithyhttp.ClientProtocol // of what is not an item, once the response is checked
	loader                    loader
	call                      *call
	taken                     bool // the client honoured the hook
	items                     []loaded
	decoder                   *decoder

	failed int   // answers that were no items, each of one try
	reason error // of the last of them
}

// loaded is one item of an answer, or a *badItem. Thousands of them are kept at a time, so it is no larger than that.
type loaded struct{ found any }

// badItem is an item that could not be decoded.
type badItem struct {
	err error
	raw string // its wire JSON
}

// item is the item; nil where it is a bad one.
func (l loaded) item() any {
	if l.bad() != nil {
		return nil
	}
	return l.found
}

// bad is what is there in place of the item; nil where it could be decoded.
func (l loaded) bad() *badItem {
	bad, _ := l.found.(*badItem)
	return bad
}

// err is what is wrong with the item, nil if nothing is.
func (l loaded) err() error {
	if bad := l.bad(); bad != nil {
		return bad.err
	}
	return nil
}

// rawOf gives an item's wire JSON.
func (t *table) rawOf(one loaded) string {
	switch found := one.found.(type) {
	case nil:
		return ""
	case *badItem:
		return found.raw
	}
	return t.modelOf(one.found).raw
}

// configure is the option function of the call.
func (a *answer) configure(o *dynamodb.Options) {
	if o.Protocol == nil {
		return // see configureCall
	}
	a.rest = guardedProtocol{o.Protocol}
	a.call.configure(o)
	a.ClientProtocol, o.Protocol = o.Protocol, a
}

// addAttributes adds an item of a client that does not honour the hook.
func (a *answer) addAttributes(attributes map[string]types.AttributeValue) {
	if a.loader.table.schema.isCounter(attributes) {
		return
	}
	item, err := a.loader.attributes(attributes)
	if err == nil {
		a.items = append(a.items, loaded{item})
		return
	}
	raw, _ := wire.AppendItem(nil, attributes) // what is wrong with it, the loader has said
	a.items = append(a.items, loaded{&badItem{err, string(raw)}})
}

// DeserializeResponse is called by the SDK once a try, so it begins anew each time. The output is filled only by a try
// that has succeeded.
func (a *answer) DeserializeResponse(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry, response *smithyhttp.Response, out smithy.Deserializable,
) error {
	err := a.deserialize(ctx, operation, registry, response, out)
	if err != nil {
		a.failed, a.reason = a.failed+1, err
	}
	return err
}

// explain is that of the mapper, for the error of the call: if the end of the context has ended the
// SDK's tries, the error also says what the service answered before. The SDK drops that.
func (a *answer) explain(ctx context.Context, err error) error {
	t, op := a.loader.table, a.loader.op
	if a.reason == nil || isOwn(err) || !isCut(ctx, err) || isCut(ctx, a.reason) {
		return t.mapper.explain(op, t.name, err)
	}
	return &interruptedError{op: op, table: t.name, count: a.failed, answers: true, ended: err,
		last: t.mapper.explain(op, t.name, a.reason)}
}

func (a *answer) deserialize(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry, response *smithyhttp.Response, out smithy.Deserializable,
) error {
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return a.ClientProtocol.DeserializeResponse(ctx, operation, registry, response, out)
	}
	a.taken, a.items = true, nil
	buffers := &a.loader.table.mapper.buffers
	body := buffers.get()
	defer buffers.put(body)
	if err := readAnswer(body, response); err != nil {
		return err
	}
	rest, err := a.scan(body.Bytes())
	if err != nil || rest == nil {
		return err
	}
	return a.rest.DeserializeResponse(ctx, operation, registry, withBody(response, rest), out)
}

// scan goes through a response once. It gives a response without the items, for the SDK, or nil if nothing else is in it.
func (a *answer) scan(body []byte) (rest []byte, err error) {
	d := newDecoder(wire.NewPageReader(body))
	a.decoder = d
	d.Object()
	for {
		mark := d.Mark()
		more := a.scanMember(&rest)
		if d.Grow(mark) {
			continue
		}
		if !more || d.Err() != nil {
			break
		}
	}
	d.Done()
	if d.Truncated() {
		return nil, &brokenAnswerError{"the response was cut short", d.Err()}
	}
	if d.Err() != nil {
		return nil, fmt.Errorf("the response is malformed: %w", d.Err())
	}
	if rest != nil {
		rest = append(rest, '}')
	}
	return rest, nil
}

// scanMember reads one member of the response; false at the end.
func (a *answer) scanMember(rest *[]byte) bool {
	d := a.decoder
	name, ok := d.Member()
	if !ok {
		return false
	}
	switch name {
	case "Item":
		if !d.Null() {
			a.scanItem()
		}
	case "Items":
		if !d.Null() {
			a.scanItems()
		}
	case "Responses":
		a.scanTables()
	default:
		start := d.Offset()
		d.Skip()
		if d.Err() == nil {
			*rest = appendMember(*rest, name, d.Since(start))
		}
	}
	return true
}

func appendMember(rest []byte, name, value string) []byte {
	if rest == nil {
		rest = append(rest, '{')
	} else {
		rest = append(rest, ',')
	}
	rest = wire.AppendString(rest, name)
	rest = append(rest, ':')
	return append(rest, value...)
}

// scanTables reads the answer of BatchGetItem: lists of items by table.
func (a *answer) scanTables() {
	d := a.decoder
	d.Object()
	for {
		mark := d.Mark()
		_, more := d.Member()
		if more {
			a.scanItems()
		}
		if d.Grow(mark) {
			continue
		}
		if !more || d.Err() != nil {
			return
		}
	}
}

// scanItems reads a list of items. What concerns one item is kept beside it; then the list goes on.
func (a *answer) scanItems() {
	d := a.decoder
	d.remembers = true
	d.Array()
	if d.Err() != nil {
		return
	}
	for {
		mark := d.Mark()
		if d.Element() && a.scanItem() {
			continue
		}
		if !d.Grow(mark) {
			return
		}
	}
}

// scanItem reads the item where the decoder stands. It returns false where the text, and not only the item, is at
// fault.
func (a *answer) scanItem() bool {
	d := a.decoder
	start := d.Mark()
	item, raw, err := a.loader.next(d)
	if err == nil {
		a.add(raw, loaded{item})
		return true
	}
	if err == errCounterItem {
		return true
	}
	if d.Truncated() {
		return false
	}
	raw, ok := a.readOver(start)
	if ok {
		a.add(raw, loaded{&badItem{a.loader.newError(err, raw), raw}})
	}
	return ok
}

// add keeps an item, unless it is the one that only counts the ids.
func (a *answer) add(raw string, one loaded) {
	if s := a.loader.table.schema; s.autoincrement && s.isCounterText(raw) {
		return
	}
	if a.items == nil {
		a.items = make([]loaded, 0, 1+a.decoder.Left()/max(1, len(raw))) // if the others are as large
	}
	a.items = append(a.items, one)
}

// readOver reads an item that could not be decoded again, only to find its end.
func (a *answer) readOver(start wire.Mark) (raw string, ok bool) {
	d := a.decoder
	d.Back(start)
	for offset := d.Offset(); ; {
		d.Skip()
		if d.Err() == nil {
			return d.Since(offset), true
		}
		if !d.Grow(start) {
			return "", false
		}
	}
}

// maxKeptBuffer bounds the buffers that are kept: a response has at most 1 MB of items, and their JSON some more.
const maxKeptBuffer = 4 << 20

// bufferPool keeps the buffers of responses. Those of requests are never kept: the transport may read them after the
// call has returned.
type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) get() *bytes.Buffer {
	if kept, ok := p.pool.Get().(*bytes.Buffer); ok {
		return kept
	}
	return &bytes.Buffer{}
}

func (p *bufferPool) put(b *bytes.Buffer) {
	if b.Cap() <= maxKeptBuffer {
		b.Reset()
		p.pool.Put(b)
	}
}
