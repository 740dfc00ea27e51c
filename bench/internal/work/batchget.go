package work

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// batchGet reads n items by their keys, in requests of 100. dynamapper sends four at a time, and
// returns the items in the order of the keys; the others send one after the other, and return the
// items as they come.
func (k kind[P, M]) batchGet(name string, n int) Work {
	return k.read(name, n, k.parts, readers[P, M]{
		dynamapper: func(ctx context.Context, table *dynamapper.Table[M]) ([]*M, error) {
			keys := make([]dynamapper.PrimaryKey, n)
			for i := range keys {
				keys[i] = dynamapper.Key(guild, i)
			}
			return table.BatchGet(ctx, keys)
		},
		sdk: func(ctx context.Context, client *dynamodb.Client, each func(rawItems) error) error {
			return getParts(ctx, client, n, each)
		},
		guregu: func(ctx context.Context, table dynamo.Table) (items []P, err error) {
			keys := make([]dynamo.Keyed, n)
			for i := range keys {
				keys[i] = dynamo.Keys{guild, i}
			}
			err = table.Batch("guild", "id").Get(keys...).All(ctx, &items)
			return items, err
		},
	})
}

// parts returns clients that respond to the requests for n items.
func (k kind[P, M]) parts(n int) (clients, error) {
	var peersParts, oursParts parts
	for start := 0; start < n; start += partSize {
		peers, ours, err := k.wire(start, partSize)
		if err != nil {
			return clients{}, err
		}
		respondWith := func(items []byte) *response {
			return newResponse(fmt.Appendf(nil, `{"Responses":{"%s":%s},"UnprocessedKeys":{}}`,
				tableName, items))
		}
		peersParts, oursParts = append(peersParts, respondWith(peers)), append(oursParts,
			respondWith(ours))
	}
	return clients{peersParts, oursParts}, nil
}

// getParts sends the requests with the SDK's client, one after the other.
func getParts(
	ctx context.Context, client *dynamodb.Client, n int, each func(rawItems) error,
) error {
	for start := 0; start < n; start += partSize {
		keys := make(rawItems, partSize)
		for i := range keys {
			keys[i] = keyMap(start + i)
		}
		for len(keys) > 0 {
			out, err := client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{tableName: {Keys: keys}},
			})
			if err != nil {
				return err
			}
			if err := each(out.Responses[tableName]); err != nil {
				return err
			}
			keys = out.UnprocessedKeys[tableName].Keys
		}
	}
	return nil
}

// keyMap returns the primary key of item i.
func keyMap(i int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"guild": &types.AttributeValueMemberS{Value: guild},
		"id":    &types.AttributeValueMemberN{Value: strconv.Itoa(i)},
	}
}
