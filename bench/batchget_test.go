package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// partSize is how many keys one request asks for: as many as it takes.
const partSize = 100

// batchAnswers is an HTTP client that answers a BatchGetItem by the first id that it asks for.
type batchAnswers []*answers

func newBatchAnswers() batchAnswers {
	var parts batchAnswers
	for start := 0; start < pageSize; start += partSize {
		parts = append(parts, newAnswers([]byte(fmt.Sprintf(`{"Responses":{"players":%s},"UnprocessedKeys":{}}`, itemsJSON(start, partSize)))))
	}
	return parts
}

func (a batchAnswers) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	_, rest, _ := bytes.Cut(body, []byte(`"N":"`))
	digits, _, _ := bytes.Cut(rest, []byte(`"`))
	id, err := strconv.Atoi(string(digits))
	if err != nil || id%partSize != 0 {
		return nil, errors.New("the request asks for other keys")
	}
	return a[id/partSize].Do(request)
}

// BenchmarkBatchGet reads 1,000 items by their keys in 10 requests of 100. dynamapper sends four at a time, and finds
// the place of each item among the keys; guregu and the SDK's side send one after the other, and give the items as they come.
func BenchmarkBatchGet(b *testing.B) {
	ctx := context.Background()
	cfg := newConfig(newBatchAnswers())
	b.Run("dynamapper", func(b *testing.B) {
		players := newPlayers(b, cfg)
		b.ReportAllocs()
		for b.Loop() {
			keys := make([]dynamapper.PrimaryKey, pageSize)
			for i := range keys {
				keys[i] = dynamapper.Key("night-watch", i)
			}
			items, err := players.BatchGet(ctx, keys)
			if err != nil {
				b.Fatal(err)
			}
			checkPlayers(b, items)
		}
	})
	b.Run("sdk", func(b *testing.B) {
		client := dynamodb.NewFromConfig(cfg)
		b.ReportAllocs()
		for b.Loop() {
			if items := batchGet(b, client); len(items) != pageSize {
				b.Fatal(len(items))
			}
		}
	})
	b.Run("attributevalue", func(b *testing.B) {
		client := dynamodb.NewFromConfig(cfg)
		b.ReportAllocs()
		for b.Loop() {
			var items []*plainPlayer
			if err := attributevalue.UnmarshalListOfMaps(batchGet(b, client), &items); err != nil {
				b.Fatal(err)
			}
			check(b, len(items), *items[len(items)-1])
		}
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.New(cfg).Table("players")
		b.ReportAllocs()
		for b.Loop() {
			keys := make([]dynamo.Keyed, pageSize)
			for i := range keys {
				keys[i] = dynamo.Keys{"night-watch", i}
			}
			var items []*plainPlayer
			if err := table.Batch("guild", "id").Get(keys...).All(ctx, &items); err != nil {
				b.Fatal(err)
			}
			check(b, len(items), *items[len(items)-1])
		}
	})
}

// batchGet asks by the SDK's client, request after request.
func batchGet(b *testing.B, client *dynamodb.Client) []map[string]types.AttributeValue {
	b.Helper()
	items := make([]map[string]types.AttributeValue, 0, pageSize)
	for start := 0; start < pageSize; start += partSize {
		keys := make([]map[string]types.AttributeValue, partSize)
		for i := range keys {
			keys[i] = map[string]types.AttributeValue{
				"guild": &types.AttributeValueMemberS{Value: "night-watch"},
				"id":    &types.AttributeValueMemberN{Value: strconv.Itoa(start + i)},
			}
		}
		out, err := client.BatchGetItem(b.Context(), &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{"players": {Keys: keys}},
		})
		if err != nil {
			b.Fatal(err)
		}
		items = append(items, out.Responses["players"]...)
	}
	return items
}
