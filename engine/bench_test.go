package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/engine"
)

// stub answers every request with an empty object, which leaves only the SDK's own work.
type stub struct{}

func (stub) Do(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(bytes.NewReader([]byte("{}"))),
	}, nil
}

func clientOf(http aws.HTTPClient) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", HTTPClient: http,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		BaseEndpoint: aws.String("http://engine.invalid"),
	})
}

func createScores(tb testing.TB, client *dynamodb.Client) {
	tb.Helper()
	_, err := client.CreateTable(tb.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("scores"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("game"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("player"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("game"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("player"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// score is an item of 400 bytes.
func score(game string, n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"game":   &types.AttributeValueMemberS{Value: game},
		"player": &types.AttributeValueMemberS{Value: fmt.Sprintf("player-%08d", n)},
		"points": &types.AttributeValueMemberN{Value: fmt.Sprint(n)},
		"guild":  &types.AttributeValueMemberS{Value: "knights"},
		"note":   &types.AttributeValueMemberS{Value: strings.Repeat("n", 330)},
	}
}

func putScore(tb testing.TB, client *dynamodb.Client, item map[string]types.AttributeValue) {
	_, err := client.PutItem(tb.Context(), &dynamodb.PutItemInput{
		TableName: aws.String("scores"), Item: item,
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkPutItem compares a PutItem on the engine with one on the stub.
func BenchmarkPutItem(b *testing.B) {
	b.Run("stub", func(b *testing.B) {
		client := clientOf(stub{})
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			putScore(b, client, score("chess", i%1000))
		}
	})
	b.Run("engine", func(b *testing.B) {
		client := clientOf(engine.New().Client())
		createScores(b, client)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			putScore(b, client, score("chess", i%1000))
		}
	})
}

// BenchmarkFirstResponse measures what an engine of its own costs a test.
func BenchmarkFirstResponse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		createScores(b, clientOf(engine.New().Client()))
	}
}

// BenchmarkQuery reads 100 items of tables of different sizes.
func BenchmarkQuery(b *testing.B) {
	for _, items := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(items), func(b *testing.B) {
			client := clientOf(engine.New().Client())
			createScores(b, client)
			for i := range items {
				putScore(b, client, score(fmt.Sprint("game-", i/100), i))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				game := fmt.Sprint("game-", i%(items/100))
				out, err := client.Query(b.Context(), &dynamodb.QueryInput{
					TableName:              aws.String("scores"),
					KeyConditionExpression: aws.String("game = :g"),
					ExpressionAttributeValues: map[string]types.AttributeValue{
						":g": &types.AttributeValueMemberS{Value: game},
					},
				})
				if err != nil || out.Count != 100 {
					b.Fatal(err, out)
				}
			}
		})
	}
}

// BenchmarkMemory reports the heap that an item of 400 bytes takes.
func BenchmarkMemory(b *testing.B) {
	const items = 100_000
	for b.Loop() {
		e := engine.New()
		client := clientOf(e.Client())
		createScores(b, client)
		before := heap()
		for i := range items {
			putScore(b, client, score(fmt.Sprint("game-", i/100), i))
		}
		b.ReportMetric(float64(heap()-before)/items, "B/item")
		runtime.KeepAlive(e)
	}
}

// heap returns the number of bytes in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
