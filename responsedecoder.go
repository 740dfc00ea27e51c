package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// responseDecoder decodes the items of one read directly from the bytes of the response. The SDK
// would first make maps of them. For one call, responseDecoder replaces the protocol of the client.
// Everything but the items, and every error response, it passes on to the original protocol.
type responseDecoder struct {
	smithyhttp.ClientProtocol // for error responses
	// For everything but the items, once the response is checked.
	rest    smithyhttp.ClientProtocol
	loader  loader
	call    *call
	hooked  bool // the client used this protocol
	items   []readResult
	scores  []float64 // of the items, if they are the results of a search
	decoder *decoder

	// Called with a checked response before it is decoded, if not nil.
	beforeScan func(response []byte)
	// Reads the items of a response, to be kept as they are stored; nil: they are decoded.
	keep   func(*responseDecoder)
	stored []storedItem // what keep has kept

	// Calls its function in the goroutine that is to decode the response; nil: in that of the
	// client. If it returns an error, it has not called the function.
	inTurn func(context.Context, func()) error

	expired string // the JSON of the last item that was hidden because it has expired

	failed int   // the tries with an error response or an unreadable one
	reason error // the error of the last of them
}

// readResult is one item of a response, or a *badItem. Thousands of them exist at a time, so it is
// a single interface.
type readResult struct{ found any }

// badItem is an item that could not be decoded.
type badItem struct {
	err error
	raw string // its JSON
}

// storedItem is an item of a response as it is stored.
type storedItem struct {
	table string // in the response to a BatchGetItem
	raw   string // its JSON; "" if there is no item
	// The item from a client that ignores the protocol in its options, in place of raw.
	attributes map[string]types.AttributeValue
}

// item returns the item, or nil if it is a bad one.
func (r readResult) item() anyItem {
	if r.bad() != nil {
		return nil
	}
	return r.found
}

// bad returns the bad item, or nil if the item was decoded.
func (r readResult) bad() *badItem {
	bad, _ := r.found.(*badItem)
	return bad
}

// err returns the error of a bad item, or nil.
func (r readResult) err() error {
	if bad := r.bad(); bad != nil {
		return bad.err
	}
	return nil
}

// rawOf returns an item's JSON.
func (t *table) rawOf(one readResult) string {
	switch found := one.found.(type) {
	case nil:
		return ""
	case *badItem:
		return found.raw
	}
	if t.kinds != nil {
		t = t.kinds.tableOf(reflect.TypeOf(one.found))
	}
	return t.modelOf(one.found).raw
}

// configure is the option function of the call.
func (rd *responseDecoder) configure(o *dynamodb.Options) {
	if o.Protocol == nil {
		return // see configureCall
	}
	rd.rest = guardedProtocol{o.Protocol}
	rd.call.configure(o)
	rd.ClientProtocol, o.Protocol = o.Protocol, rd
}

// addAttributes adds an item from a client that ignores the protocol in its options.
func (rd *responseDecoder) addAttributes(attributes map[string]types.AttributeValue) {
	if rd.loader.table.schema.isCounterItem(attributes) {
		return
	}
	item, err := rd.loader.attributes(attributes)
	if rd.loader.leavesOthers && errors.Is(err, ErrOtherEntity) {
		return
	}
	one := readResult{item}
	if err != nil {
		raw, _ := wire.AppendItem(nil, attributes) // the loader has reported any error
		one = readResult{&badItem{err, string(raw)}}
	}
	if !rd.hides(rd.loader.table.rawOf(one)) {
		rd.items = append(rd.items, one)
	}
}

// hides reports whether the read leaves an item out because it has expired.
func (rd *responseDecoder) hides(raw string) bool {
	if rd.loader.keepsExpired || !rd.loader.table.hides(raw) {
		return false
	}
	rd.expired = raw
	return true
}

// addResponse adds an item of a table from a client that ignores the protocol in its options, or
// keeps it.
func (rd *responseDecoder) addResponse(table string, item map[string]types.AttributeValue) {
	if rd.keep != nil {
		rd.stored = append(rd.stored, storedItem{table: table, attributes: item})
		return
	}
	rd.addAttributes(item)
}

// DeserializeResponse starts again at each call, because the SDK calls it once per try. The output
// is filled only by a try that succeeds.
func (rd *responseDecoder) DeserializeResponse(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry,
	response *smithyhttp.Response, out smithy.Deserializable,
) error {
	err := rd.deserialize(ctx, operation, registry, response, out)
	if err != nil {
		rd.failed, rd.reason = rd.failed+1, err
	}
	return err
}

// explain explains the error of the call, as Mapper.explain does. If the end of the context ended
// the SDK's tries, the error also contains the reason of the last response, which the SDK drops.
func (rd *responseDecoder) explain(ctx context.Context, err error) error {
	t, op := rd.loader.table, rd.loader.op
	if rd.reason == nil || isOwn(err) || !isCut(ctx, err) || isCut(ctx, rd.reason) {
		return t.mapper.explain(op, t.name, err)
	}
	return newInterruptedError(op, t.name, interruptedError{count: rd.failed, responses: true,
		ended: err, last: t.mapper.explain(op, t.name, rd.reason)})
}

func (rd *responseDecoder) deserialize(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry,
	response *smithyhttp.Response, out smithy.Deserializable,
) error {
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return rd.ClientProtocol.DeserializeResponse(ctx, operation, registry, response, out)
	}
	buffers := &rd.loader.table.mapper.buffers
	body := buffers.Get()
	defer buffers.Put(body)
	if err := readResponse(body, response); err != nil {
		return err
	}
	rest, err := rd.scanInTurn(ctx, body.Bytes())
	if err != nil || rest == nil {
		return err
	}
	return rd.rest.DeserializeResponse(ctx, operation, registry, withBody(response, rest), out)
}

// read reads a response that the pipeline has received.
func (rd *responseDecoder) read(ctx context.Context, r *received) error {
	if err := r.open(); err != nil {
		return err
	}
	rest, err := rd.scanInTurn(ctx, r.body.Bytes())
	if err != nil || rest == nil {
		return err
	}
	return r.decode(ctx, rest)
}

func (rd *responseDecoder) tries() *attempt.Counter { return rd.call.tries() }

// scanInTurn calls scan in the goroutine that is to decode the response.
func (rd *responseDecoder) scanInTurn(ctx context.Context, body []byte) (rest []byte, err error) {
	if rd.inTurn != nil {
		return rd.scanAhead(ctx, body)
	}
	if rd.beforeScan != nil {
		rd.beforeScan(body)
	}
	return rd.scan(body)
}

// scanAhead is scanInTurn for a response that another goroutine has requested ahead.
func (rd *responseDecoder) scanAhead(ctx context.Context, body []byte) (rest []byte, err error) {
	missed := rd.inTurn(ctx, func() {
		rd.beforeScan(body)
		rest, err = rd.scan(body)
	})
	if missed != nil {
		return nil, missed
	}
	return rest, err
}

// scan reads a response once. It returns the response without its items, for the SDK, or nil if
// nothing else is in it.
func (rd *responseDecoder) scan(body []byte) (rest []byte, err error) {
	rd.hooked, rd.items, rd.scores, rd.stored, rd.expired = true, nil, nil, nil, ""
	d := newDecoder(wire.NewPageReader(body))
	rd.decoder = d
	d.Object()
	for {
		mark := d.Mark()
		more := rd.scanMember(&rest)
		if d.Grow(mark) {
			continue
		}
		if !more || d.Err() != nil {
			break
		}
	}
	d.Done()
	if d.Truncated() {
		return nil, &damagedResponseError{"the response was cut short", d.Err()}
	}
	if d.Err() != nil {
		return nil, fmt.Errorf("the response is malformed: %w", d.Err())
	}
	if rest != nil {
		rest = append(rest, '}')
	}
	return rest, nil
}

// scanMember reads one member of the response. It returns false at the end.
func (rd *responseDecoder) scanMember(rest *[]byte) bool {
	d := rd.decoder
	name, ok := d.Member()
	if !ok {
		return false
	}
	switch name {
	case "Item":
		if !d.Null() {
			rd.scanItem()
		}
	case "Items":
		if !d.Null() {
			rd.scanItems()
		}
	case "SearchResults":
		if !d.Null() {
			rd.scanResults()
		}
	case "Responses":
		if rd.keep != nil {
			rd.keep(rd)
		} else {
			rd.scanTables(func(string) { rd.scanItems() })
		}
	default:
		start := d.Offset()
		d.Skip()
		// The service says with an empty object that there are no unprocessed keys.
		if value := d.Since(start); d.Err() == nil && value != "{}" {
			*rest = appendMember(*rest, name, value)
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

// scanTables reads the response of BatchGetItem: lists of items by table. scan reads a list.
func (rd *responseDecoder) scanTables(scan func(table string)) {
	d := rd.decoder
	d.Object()
	for {
		mark := d.Mark()
		table, more := d.Member()
		if more {
			scan(table)
		}
		if d.Grow(mark) {
			continue
		}
		if !more || d.Err() != nil {
			return
		}
	}
}

// scanItems reads a list of items. It stores the error of an item in its place and continues.
func (rd *responseDecoder) scanItems() {
	rd.decoder.remembers = true
	rd.scanList(rd.scanItem)
}

// scanList reads a list. scan reads an element, and returns false if the text is unreadable.
func (rd *responseDecoder) scanList(scan func() bool) {
	d := rd.decoder
	d.Array()
	if d.Err() != nil {
		return
	}
	for {
		mark := d.Mark()
		if d.Element() && scan() {
			continue
		}
		if !d.Grow(mark) {
			return
		}
	}
}

// keepByTable keeps the items of the response of BatchGetItem, with their tables.
func (rd *responseDecoder) keepByTable() {
	d := rd.decoder
	rd.scanTables(func(table string) {
		rd.scanList(func() bool {
			start := d.Offset()
			if d.Skip(); d.Err() != nil {
				return false
			}
			rd.stored = append(rd.stored, storedItem{table: table, raw: d.Since(start)})
			return true
		})
	})
}

// keepInOrder keeps the items of the response of TransactGetItems: an object for each Get, which is
// empty if there is no item.
func (rd *responseDecoder) keepInOrder() {
	d := rd.decoder
	rd.scanList(func() bool {
		item := storedItem{}
		d.Object()
		for name, more := d.Member(); more; name, more = d.Member() {
			start := d.Offset()
			isNull := d.Null()
			if !isNull {
				d.Skip()
			}
			if name == "Item" && !isNull && d.Err() == nil {
				item.raw = d.Since(start)
			}
		}
		if d.Err() != nil {
			return false
		}
		rd.stored = append(rd.stored, item)
		return true
	})
}

// scanItem reads the item at the decoder's position. It returns false if the text is unreadable,
// and not only the item.
func (rd *responseDecoder) scanItem() bool {
	d := rd.decoder
	start := d.Mark()
	item, raw, err := rd.loader.next(d)
	if err == nil {
		rd.add(raw, readResult{item})
		return true
	}
	if err == errCounterItem {
		return true
	}
	if d.Truncated() {
		return false
	}
	raw, ok := rd.readOver(start)
	if ok {
		rd.addBad(raw, err)
	}
	return ok
}

// addBad adds an item that could not be decoded, unless it is one of another entity that is left
// out.
func (rd *responseDecoder) addBad(raw string, err error) {
	l := rd.loader
	if l.table.kinds != nil {
		rd.addByText(raw)
		return
	}
	if other := l.checkEntityIn(raw); other != nil {
		err = other
		if l.leavesOthers {
			return
		}
	} else {
		err = l.newError(err, raw)
	}
	rd.add(raw, readResult{&badItem{err, raw}})
}

// addByText adds an item of a mixed page that could not be decoded by the entity that its text
// seems to name.
func (rd *responseDecoder) addByText(raw string) {
	item, err := rd.loader.text(raw)
	if err != nil {
		rd.add(raw, readResult{&badItem{err, raw}})
		return
	}
	rd.add(raw, readResult{item})
}

// add adds an item, unless the item counts the ids or is hidden.
func (rd *responseDecoder) add(raw string, one readResult) {
	if s := rd.loader.table.schema; s.autoincrement && s.isCounterText(raw) || rd.hides(raw) {
		return
	}
	if rd.items == nil {
		// Room for all, if the others are as large.
		rd.items = make([]readResult, 0, 1+rd.decoder.Left()/max(1, len(raw)))
	}
	rd.items = append(rd.items, one)
}

// readOver reads an item that could not be decoded again, to find its end.
func (rd *responseDecoder) readOver(start wire.Mark) (raw string, ok bool) {
	d := rd.decoder
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
