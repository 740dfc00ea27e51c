package dynamapper

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxBatchGet is how many keys one BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

// BatchGet reads the items of any number of keys, 100 in one BatchGetItem, several of those at a time, and asks again
// with backoff for what the service did not get to, as often as WithConflictRetries says. It gives the items that exist,
// in the order of the keys; of a key that stands twice, at its first place.
//
// Errors: *FieldError, ErrMaxRetriesExceeded. The first one ends it.
func (t *Table[T]) BatchGet(ctx context.Context, keys []PrimaryKey, opts ...ReadOption) ([]*T, error) {
	if ctx == nil {
		return nil, newCallError("BatchGet", t.name, errNilContext)
	}
	settings := makeReadSettings(opts)
	wanted, err := t.makeBatchKeys(keys)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	request, err := t.makeKeysAndAttributes(settings)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	parts := slices.Collect(slices.Chunk(wanted, maxBatchGet))
	from := t.originOf(settings)
	err = inParallel(ctx, len(parts), batchRequests, func(ctx context.Context, i int) error {
		return t.getBatch(ctx, *request, from, parts[i])
	})
	if err != nil {
		return nil, err
	}
	var items []*T
	for _, key := range wanted {
		if key.item != nil {
			items = append(items, key.item)
		}
	}
	return items, nil
}

// batchKey is a key with a text that only equal keys share, and the item that was found there.
type batchKey[T any] struct {
	attributes map[string]types.AttributeValue
	identity   string
	item       *T
}

// makeBatchKeys encodes the keys, each once.
func (t *Table[T]) makeBatchKeys(keys []PrimaryKey) ([]batchKey[T], error) {
	made := make([]batchKey[T], 0, len(keys))
	seen := make(map[string]bool, len(keys))
	for i, key := range keys {
		encoded, err := t.schema.encodeKey(key)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		identity := t.schema.identityOf(encoded)
		if !seen[identity] && !t.schema.isCounter(encoded) {
			made = append(made, batchKey[T]{attributes: encoded, identity: identity})
		}
		seen[identity] = true
	}
	return made, nil
}

func (t *Table[T]) makeKeysAndAttributes(settings readSettings) (*types.KeysAndAttributes, error) {
	request := &types.KeysAndAttributes{}
	if settings.consistent {
		request.ConsistentRead = &settings.consistent
	}
	var err error
	request.ProjectionExpression, request.ExpressionAttributeNames, err = t.schema.projection(settings)
	if err != nil {
		return nil, err
	}
	return request, nil
}

// getBatch reads up to 100 items, again with backoff while some are unprocessed, and puts each beside its key.
func (t *Table[T]) getBatch(ctx context.Context, request types.KeysAndAttributes, from *origin, part []batchKey[T]) error {
	places := make(map[string]*batchKey[T], len(part))
	for i := range part {
		places[part[i].identity] = &part[i]
		request.Keys = append(request.Keys, part[i].attributes)
	}
	for try := 1; ; try++ {
		items, unprocessed, err := t.getBatchOnce(ctx, request, from)
		if isThrottled(err) && try <= t.mapper.retries {
			unprocessed, err = request.Keys, nil // the service got to none of them
		}
		if err != nil {
			return err
		}
		for _, one := range items {
			if one.bad != nil {
				return one.bad.err
			}
			if place := places[t.schema.identityIn(t.rawOf(one))]; place != nil {
				place.item = one.item
			}
		}
		if len(unprocessed) == 0 {
			return nil
		}
		if try > t.mapper.retries {
			return newUnprocessedError("BatchGet", t.name, try)
		}
		if err := attempt.Wait(ctx, try); err != nil {
			return t.mapper.explain("BatchGet", t.name, err)
		}
		request.Keys = unprocessed
	}
}

// getBatchOnce sends one request. It gives the items of the answer, and the keys to which the service did not get.
func (t *Table[T]) getBatchOnce(ctx context.Context, request types.KeysAndAttributes, from *origin) (
	items []loaded[T], unprocessed []map[string]types.AttributeValue, err error,
) {
	c := t.mapper.begin("BatchGetItem", t.name)
	defer func() { c.end(ctx, len(items), err) }()
	a := &answer[T]{loader: loader[T]{t, "BatchGet", from}, call: c}
	out, err := t.mapper.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{t.name: request}, ReturnConsumedCapacity: t.mapper.capacity(),
	}, a.configure)
	if err != nil {
		return nil, nil, t.mapper.explain("BatchGet", t.name, err)
	}
	for i := range out.ConsumedCapacity {
		c.consumed(true, &out.ConsumedCapacity[i])
	}
	if !a.taken {
		for _, attributes := range out.Responses[t.name] {
			a.addAttributes(attributes)
		}
	}
	return a.items, out.UnprocessedKeys[t.name].Keys, nil
}

// identityIn is the identity of an item's key, out of its wire JSON, which has been decoded before.
func (s *schema) identityIn(raw string) string {
	r := wire.NewReader(raw)
	key := make(map[string]types.AttributeValue, 2)
	r.Object()
	for {
		name, more := r.Member()
		switch {
		case !more:
			return s.identityOf(key)
		case name == s.hash.attribute, s.rng != nil && name == s.rng.attribute:
			key[name] = r.AttributeValue()
		default:
			r.SkipValue()
		}
	}
}
