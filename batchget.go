package dynamapper

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxBatchGet is the largest number of keys in a BatchGetItem.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

// BatchGet reads the items of any number of keys. It returns the items that exist, in the order of
// the keys. If a key is given twice, its item is returned once, at the first place.
//
// BatchGet sends a BatchGetItem for each 100 keys, several at a time. It sends unprocessed keys
// again with backoff, as often as WithMaxRetries says. It stops at the first error. Errors:
// *FieldError, ErrMaxRetriesExceeded.
func (t *Table[T]) BatchGet(
	ctx context.Context, keys []PrimaryKey, opts ...ReadOption,
) ([]*T, error) {
	return typedAll[T](orZero(t).untyped.batchGet(ctx, keys, opts))
}

func (t *table) batchGet(
	ctx context.Context, keys []PrimaryKey, opts []ReadOption,
) ([]anyItem, error) {
	if err := t.check(ctx); err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	settings, err := settingsOf(opts, ReadOption.setRead)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	wanted, err := t.makeBatchKeys(keys)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	settings = t.selectExpiry(settings)
	read, err := t.schema.projection(settings)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	from := t.originOf(settings)
	get := func(ctx context.Context, i int) error {
		return t.getBatch(ctx, read, from, wanted.part(i))
	}
	err = parallel.Run(ctx, len(wanted.parts), batchRequests, get)
	if err != nil {
		return nil, err
	}
	return wanted.found(), nil
}

// batchKeys holds the keys of a batch without duplicates, and the items that were found.
type batchKeys struct {
	parts     []keyList // of each request
	items     []anyItem // by the positions of the keys; nil if no item was found
	positions map[identity]int
}

// keyList holds the keys of a request as they stand in its JSON: objects with commas between them.
type keyList string

// attributes returns the keys in the SDK's types.
func (l keyList) attributes() (keys []map[string]types.AttributeValue) {
	r := wire.NewReader("[" + string(l) + "]")
	r.Array()
	for r.Element() {
		keys = append(keys, r.Item())
	}
	return keys
}

// makeKeyList returns the list of keys in the SDK's types.
func makeKeyList(keys []map[string]types.AttributeValue) (keyList, error) {
	var text []byte
	for i, key := range keys {
		if i > 0 {
			text = append(text, ',')
		}
		var err error
		if text, err = wire.AppendItem(text, key); err != nil {
			return "", err
		}
	}
	return keyList(text), nil
}

// makeBatchKeys encodes the keys without duplicates.
func (t *table) makeBatchKeys(keys []PrimaryKey) (*batchKeys, error) {
	encoded, err := t.schema.encodeKeys(keys)
	if err != nil {
		return nil, err
	}
	made := &batchKeys{positions: make(map[identity]int, len(keys))}
	var part []byte
	endPart := func() { made.parts, part = append(made.parts, keyList(part)), part[:0] }
	for _, key := range encoded {
		id := t.schema.identityOf(key)
		if _, twice := made.positions[id]; twice || t.schema.isCounter(key) {
			continue
		}
		if n := len(made.positions); n > 0 && n%maxBatchGet == 0 {
			endPart()
		}
		made.positions[id] = len(made.positions)
		if len(part) > 0 {
			part = append(part, ',')
		}
		part = t.schema.appendKey(part, key)
	}
	if len(part) > 0 {
		endPart()
	}
	made.items = make([]anyItem, len(made.positions))
	return made, nil
}

// found lists the items that were found, in the order of the keys.
func (b *batchKeys) found() []anyItem {
	items := slices.DeleteFunc(b.items, func(item anyItem) bool { return item == nil })
	if len(items) == 0 {
		return nil
	}
	return items
}

// batchPart is the range of keys in one request of a batch.
type batchPart struct {
	*batchKeys
	keys       keyList
	start, end int
}

func (b *batchKeys) part(i int) batchPart {
	start := i * maxBatchGet
	return batchPart{b, b.parts[i], start, min(start+maxBatchGet, len(b.items))}
}

// put stores an item at the place of its key, unless the part did not ask for it.
func (p batchPart) put(id identity, item anyItem) {
	if i, ok := p.positions[id]; ok && i >= p.start && i < p.end {
		p.items[i] = item
	}
}

// batchGetRequest is one BatchGetItem.
type batchGetRequest struct {
	mapper *Mapper
	table  string // "" if the request names several
	parts  []batchGetPart
}

// batchGetPart is what a request reads of one table.
type batchGetPart struct {
	table string
	keys  keyList
	projection
}

func (g *batchGetRequest) makeInput() *dynamodb.BatchGetItemInput {
	items := make(map[string]types.KeysAndAttributes, len(g.parts))
	for i := range g.parts {
		part := &g.parts[i]
		items[part.table] = types.KeysAndAttributes{
			Keys: part.keys.attributes(), ConsistentRead: part.consistent,
			ProjectionExpression:     part.text,
			ExpressionAttributeNames: part.aliases.Names(),
		}
	}
	return &dynamodb.BatchGetItemInput{RequestItems: items,
		ReturnConsumedCapacity: g.mapper.capacity()}
}

// unprocessed returns the request of the keys that a response left unprocessed, or nil if it left
// none.
func (g *batchGetRequest) unprocessed(
	left map[string]types.KeysAndAttributes,
) (*batchGetRequest, error) {
	if len(left) == 0 {
		return nil, nil // as nearly always, and nothing is allocated
	}
	rest := *g
	rest.parts = nil
	for _, part := range g.parts {
		keys, err := makeKeyList(ofTable(left, part.table).Keys)
		if err != nil {
			return nil, err
		}
		if keys != "" {
			part.keys = keys
			rest.parts = append(rest.parts, part)
		}
	}
	if rest.parts == nil {
		return nil, nil
	}
	return &rest, nil
}

// getBatch reads up to 100 items, and stores each at the place of its key.
func (t *table) getBatch(
	ctx context.Context, read projection, from *origin, part batchPart,
) error {
	request := &batchGetRequest{t.mapper, t.name, []batchGetPart{{t.name, part.keys, read}}}
	decoder := responseDecoder{loader: loader{table: t, op: "BatchGet", from: from}}
	return request.send(ctx, decoder, func(d *responseDecoder) error {
		for _, one := range d.items {
			if one.bad() != nil {
				return one.bad().err
			}
			part.put(t.schema.identityIn(t.rawOf(one)), one.item())
		}
		return nil
	})
}

// send sends the request until no keys are left: unprocessed keys again, with backoff. Each
// response is read by a copy of the decoder, and then given to take.
func (g *batchGetRequest) send(
	ctx context.Context, decoder responseDecoder, take func(*responseDecoder) error,
) error {
	row := g.mapper.newTries("BatchGet", g.table)
	for {
		row.begin()
		d := decoder
		rest, err := g.sendOnce(ctx, &d)
		reason := errUnprocessed
		if isThrottled(err) && !row.usedUp() {
			rest, reason, err = g, err, nil // the service processed none
		}
		if err != nil {
			return row.ended(ctx, err)
		}
		if err := take(&d); err != nil {
			return err
		}
		if rest == nil {
			return nil
		}
		if row.usedUp() {
			return row.exceeded(reason)
		}
		if err := row.wait(ctx, reason); err != nil {
			return err
		}
		g = rest
	}
}

// sendOnce sends one request. It returns the request of the unprocessed keys, or nil.
func (g *batchGetRequest) sendOnce(
	ctx context.Context, d *responseDecoder,
) (rest *batchGetRequest, err error) {
	c := g.mapper.begin("BatchGetItem", g.table)
	defer func() { c.end(ctx, len(d.items)+len(d.stored), err) }()
	d.call = c
	out, err := send(ctx, g.mapper, request[dynamodb.BatchGetItemInput]{
		operation: pipeline.BatchGetItem,
		input:     g.makeInput,
		body:      g.body,
	}, Client.BatchGetItem, d)
	if err != nil {
		d.items, d.stored = nil, nil
		return nil, d.explain(ctx, err)
	}
	for i := range out.ConsumedCapacity {
		c.consumed(true, &out.ConsumedCapacity[i])
	}
	if !d.hooked {
		for _, part := range g.parts {
			for _, attributes := range ofTable(out.Responses, part.table) {
				d.addResponse(part.table, attributes)
			}
		}
	}
	rest, err = g.unprocessed(out.UnprocessedKeys)
	if err != nil {
		return nil, newCallError("BatchGet", g.table, err)
	}
	return rest, nil
}
