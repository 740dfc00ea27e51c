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
	return typedAll[T](orZero(t).batchGet(ctx, keys, opts))
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
	table *table
	keys  keyList
	projection
}

func (g *batchGetRequest) makeInput() *dynamodb.BatchGetItemInput {
	return &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{g.table.name: {
			Keys: g.keys.attributes(), ConsistentRead: g.consistent,
			ProjectionExpression:     g.projection.text,
			ExpressionAttributeNames: g.aliases.Names(),
		}},
		ReturnConsumedCapacity: g.table.mapper.capacity(),
	}
}

// getBatch reads up to 100 items, and stores each at the place of its key. It sends unprocessed
// keys again with backoff.
func (t *table) getBatch(
	ctx context.Context, read projection, from *origin, part batchPart,
) error {
	request := &batchGetRequest{t, part.keys, read}
	row := t.mapper.newTries("BatchGet", t.name)
	for {
		row.begin()
		items, unprocessed, err := t.getBatchOnce(ctx, request, from)
		var reason error
		if isThrottled(err) && !row.usedUp() {
			unprocessed, reason, err = request.keys, err, nil // the service processed none
		}
		if err != nil {
			return row.ended(ctx, err)
		}
		for _, one := range items {
			if one.bad() != nil {
				return one.bad().err
			}
			part.put(t.schema.identityIn(t.rawOf(one)), one.item())
		}
		if unprocessed == "" {
			return nil
		}
		if reason == nil {
			reason = errUnprocessed
		}
		if row.usedUp() {
			return row.exceeded(reason)
		}
		if err := row.wait(ctx, reason); err != nil {
			return err
		}
		request.keys = unprocessed
	}
}

// getBatchOnce sends one request. It returns the items of the response, and the unprocessed keys.
func (t *table) getBatchOnce(ctx context.Context, get *batchGetRequest, from *origin) (
	items []readResult, unprocessed keyList, err error,
) {
	c := t.mapper.begin("BatchGetItem", t.name)
	defer func() { c.end(ctx, len(items), err) }()
	d := &responseDecoder{loader: loader{table: t, op: "BatchGet", from: from}, call: c}
	out, err := send(ctx, t.mapper, request[dynamodb.BatchGetItemInput]{
		operation: pipeline.BatchGetItem,
		input:     get.makeInput,
		body:      get.body,
	}, Client.BatchGetItem, d)
	if err != nil {
		return nil, "", d.explain(ctx, err)
	}
	for i := range out.ConsumedCapacity {
		c.consumed(true, &out.ConsumedCapacity[i])
	}
	if !d.hooked {
		for _, attributes := range out.Responses[t.name] {
			d.addAttributes(attributes)
		}
	}
	unprocessed, err = makeKeyList(out.UnprocessedKeys[t.name].Keys)
	if err != nil {
		return nil, "", newCallError("BatchGet", t.name, err)
	}
	return d.items, unprocessed, nil
}
