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
	request, err := t.makeKeysAndAttributes(settings)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	from := t.originOf(settings)
	parts := (len(wanted.keys) + maxBatchGet - 1) / maxBatchGet
	err = parallel.Run(ctx, parts, batchRequests, func(ctx context.Context, i int) error {
		return t.getBatch(ctx, request, from, wanted.part(i))
	})
	if err != nil {
		return nil, err
	}
	return wanted.found(), nil
}

// batchKeys holds the keys of a batch without duplicates, and the items that were found.
type batchKeys struct {
	keys      []map[string]types.AttributeValue
	items     []anyItem // parallel to keys; nil if no item was found
	positions map[identity]int
}

// makeBatchKeys encodes the keys without duplicates.
func (t *table) makeBatchKeys(keys []PrimaryKey) (*batchKeys, error) {
	made := &batchKeys{
		keys:      make([]map[string]types.AttributeValue, 0, len(keys)),
		positions: make(map[identity]int, len(keys)),
	}
	encoded, err := t.schema.encodeKeys(keys)
	if err != nil {
		return nil, err
	}
	slab := wire.Slab{Size: len(keys)}
	for _, key := range encoded {
		id := t.schema.identityOf(key)
		if _, twice := made.positions[id]; !twice && !t.schema.isCounter(key) {
			made.positions[id] = len(made.keys)
			made.keys = append(made.keys, t.schema.keyFrom(key, &slab))
		}
	}
	made.items = make([]anyItem, len(made.keys))
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
	start, end int
}

func (b *batchKeys) part(i int) batchPart {
	start := i * maxBatchGet
	return batchPart{b, start, min(start+maxBatchGet, len(b.keys))}
}

// put stores an item at the place of its key, unless the part did not ask for it.
func (p batchPart) put(id identity, item anyItem) {
	if i, ok := p.positions[id]; ok && i >= p.start && i < p.end {
		p.items[i] = item
	}
}

func (t *table) makeKeysAndAttributes(
	settings readSettings,
) (request types.KeysAndAttributes, err error) {
	if settings.consistent {
		consistent := true
		request.ConsistentRead = &consistent
	}
	request.ProjectionExpression, request.ExpressionAttributeNames, err = t.schema.projection(
		settings)
	return request, err
}

// getBatch reads up to 100 items, and stores each at the place of its key. It sends unprocessed
// keys again with backoff.
func (t *table) getBatch(
	ctx context.Context, request types.KeysAndAttributes, from *origin, part batchPart,
) error {
	request.Keys = part.keys[part.start:part.end:part.end]
	row := t.mapper.newTries("BatchGet", t.name)
	for {
		row.begin()
		items, unprocessed, err := t.getBatchOnce(ctx, request, from)
		var reason error
		if isThrottled(err) && !row.usedUp() {
			unprocessed, reason, err = request.Keys, err, nil // the service processed none
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
		if len(unprocessed) == 0 {
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
		request.Keys = unprocessed
	}
}

// getBatchOnce sends one request. It returns the items of the response, and the unprocessed keys.
func (t *table) getBatchOnce(ctx context.Context, wanted types.KeysAndAttributes, from *origin) (
	items []readResult, unprocessed []map[string]types.AttributeValue, err error,
) {
	c := t.mapper.begin("BatchGetItem", t.name)
	defer func() { c.end(ctx, len(items), err) }()
	d := &responseDecoder{loader: loader{table: t, op: "BatchGet", from: from}, call: c}
	in := &dynamodb.BatchGetItemInput{
		RequestItems:           map[string]types.KeysAndAttributes{t.name: wanted},
		ReturnConsumedCapacity: t.mapper.capacity(),
	}
	out, err := send(ctx, t.mapper, request[dynamodb.BatchGetItemInput]{
		operation: pipeline.BatchGetItem,
		input:     func() *dynamodb.BatchGetItemInput { return in },
		body:      func() ([]byte, error) { return batchGetBody(in) },
	}, Client.BatchGetItem, d)
	if err != nil {
		return nil, nil, d.explain(ctx, err)
	}
	for i := range out.ConsumedCapacity {
		c.consumed(true, &out.ConsumedCapacity[i])
	}
	if !d.hooked {
		for _, attributes := range out.Responses[t.name] {
			d.addAttributes(attributes)
		}
	}
	return d.items, out.UnprocessedKeys[t.name].Keys, nil
}
