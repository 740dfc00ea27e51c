package dynamapper

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxBatchGet is how many keys one BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxBatchGet = 100

// BatchGet reads the items of any number of keys, 100 in one BatchGetItem, and asks again with backoff for those that
// the service did not get to. It gives the items that exist, in the order of the keys; of a key that stands twice, at
// its first place. Errors: *FieldError, which ends it.
func (t *Table[T]) BatchGet(ctx context.Context, keys []PrimaryKey, opts ...ReadOption) ([]*T, error) {
	settings := makeReadSettings(opts)
	wanted, err := t.makeBatchKeys(keys)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	request, err := t.makeKeysAndAttributes(settings)
	if err != nil {
		return nil, newCallError("BatchGet", t.name, err)
	}
	found := make(map[string]*T, len(wanted))
	for start := 0; start < len(wanted); start += maxBatchGet {
		part := *request
		for _, key := range wanted[start:min(start+maxBatchGet, len(wanted))] {
			part.Keys = append(part.Keys, key.attributes)
		}
		if err := t.getBatch(ctx, part, t.originOf(settings), found); err != nil {
			return nil, err
		}
	}
	var items []*T
	for _, key := range wanted {
		if item := found[key.identity]; item != nil {
			items = append(items, item)
		}
	}
	return items, nil
}

// batchKey is a key with a text that only equal keys share.
type batchKey struct {
	attributes map[string]types.AttributeValue
	identity   string
}

// makeBatchKeys encodes the keys, each once.
func (t *Table[T]) makeBatchKeys(keys []PrimaryKey) ([]batchKey, error) {
	made := make([]batchKey, 0, len(keys))
	seen := make(map[string]bool, len(keys))
	for i, key := range keys {
		encoded, err := t.schema.encodeKey(key)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		identity := t.schema.identityOf(encoded)
		if !seen[identity] && !t.schema.isCounter(encoded) {
			made = append(made, batchKey{encoded, identity})
		}
		seen[identity] = true
	}
	return made, nil
}

// identityOf writes a key as a text that only equal keys share.
func (s *schema) identityOf(key map[string]types.AttributeValue) string {
	var text strings.Builder
	for _, f := range s.keyFields() {
		switch value := key[f.attribute].(type) {
		case *types.AttributeValueMemberS:
			fmt.Fprintf(&text, "%d:%s", len(value.Value), value.Value)
		case *types.AttributeValueMemberN:
			number := wire.CanonicalNumber(value.Value)
			fmt.Fprintf(&text, "%d:%s", len(number), number)
		case *types.AttributeValueMemberB:
			fmt.Fprintf(&text, "%d:%s", len(value.Value), value.Value)
		}
	}
	return text.String()
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

// getBatch reads up to 100 items, again with backoff while some are unprocessed.
func (t *Table[T]) getBatch(ctx context.Context, request types.KeysAndAttributes, from *origin, found map[string]*T) error {
	for try := 1; ; try++ {
		items, unprocessed, err := t.getBatchOnce(ctx, request, from)
		if err != nil {
			return err
		}
		for _, one := range items {
			if one.err != nil {
				return one.err
			}
			found[t.schema.identityOf(t.storedKey(one.item))] = one.item
		}
		rest, more := unprocessed[t.name]
		if !more || len(rest.Keys) == 0 {
			return nil
		}
		request = rest
		if try > t.mapper.retries {
			return newCallError("BatchGet", t.name, fmt.Errorf("the service left keys unprocessed in %d tries; raise the capacity, or slow down", try))
		}
		if err := attempt.Wait(ctx, try); err != nil {
			return t.mapper.explain("BatchGet", t.name, err)
		}
	}
}

func (t *Table[T]) getBatchOnce(ctx context.Context, request types.KeysAndAttributes, from *origin) (
	items []loaded[T], unprocessed map[string]types.KeysAndAttributes, err error,
) {
	if ctx == nil {
		return nil, nil, newCallError("BatchGet", t.name, errNilContext)
	}
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
	return a.items, out.UnprocessedKeys, nil
}

// storedKey is a loaded item's key as it is stored.
func (t *Table[T]) storedKey(item *T) map[string]types.AttributeValue {
	raw, _ := parseRawItem(t.modelOf(item).raw) // has been decoded
	key := make(map[string]types.AttributeValue, 2)
	for _, f := range t.schema.keyFields() {
		key[f.attribute] = raw.value(f.attribute)
	}
	return key
}
