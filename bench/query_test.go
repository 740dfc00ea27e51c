package bench

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// pageSize is how many items the measured page has.
const pageSize = 1000

// player is dynamapper's model. The two below hold the same, as their libraries want it.
type player struct {
	dynamapper.Model `dynamo:"players"`
	Guild            string    `dynamo:"guild,hash"`
	ID               int64     `dynamo:"id,range"`
	Login            string    `dynamo:"login"`
	Name             string    `dynamo:"name"`
	Email            string    `dynamo:"email"`
	Balance          int       `dynamo:"balance"`
	Level            int       `dynamo:"level"`
	Rating           float64   `dynamo:"rating"`
	Banned           bool      `dynamo:"banned"`
	Badges           []string  `dynamo:"badges,set"`
	LastSeen         time.Time `dynamo:"last_seen"`
	Motto            string    `dynamo:"motto"`
}

type plainPlayer struct {
	Guild    string    `dynamodbav:"guild" dynamo:"guild,hash"`
	ID       int64     `dynamodbav:"id" dynamo:"id,range"`
	Login    string    `dynamodbav:"login" dynamo:"login"`
	Name     string    `dynamodbav:"name" dynamo:"name"`
	Email    string    `dynamodbav:"email" dynamo:"email"`
	Balance  int       `dynamodbav:"balance" dynamo:"balance"`
	Level    int       `dynamodbav:"level" dynamo:"level"`
	Rating   float64   `dynamodbav:"rating" dynamo:"rating"`
	Banned   bool      `dynamodbav:"banned" dynamo:"banned"`
	Badges   []string  `dynamodbav:"badges,stringset" dynamo:"badges,set"`
	LastSeen time.Time `dynamodbav:"last_seen" dynamo:"last_seen"`
	Motto    string    `dynamodbav:"motto" dynamo:"motto"`
}

// itemJSON is one item as DynamoDB sends it.
func itemJSON(i int) string {
	return fmt.Sprintf(`{"guild":{"S":"night-watch"},"id":{"N":"%d"},"login":{"S":"player-%06d"},"name":{"S":"Waldo the %d. of his name"},`+
		`"email":{"S":"player-%06d@example.com"},"balance":{"N":"%d"},"level":{"N":"%d"},"rating":{"N":"%g"},"banned":{"BOOL":false},`+
		`"badges":{"SS":["first-blood","marathon"]},"last_seen":{"S":"2026-05-31T12:%02d:%02d.000042000Z"},"motto":{"S":"It is dark; you may be eaten."}}`,
		i, i, i, i, i*7, i%60, 1000.5+float64(i), i/60%60, i%60)
}

// pageJSON is the answer to a Query.
func pageJSON() []byte {
	items := make([]string, pageSize)
	for i := range items {
		items[i] = itemJSON(i)
	}
	return []byte(fmt.Sprintf(`{"Count":%d,"Items":[%s],"ScannedCount":%d}`, pageSize, strings.Join(items, ","), pageSize))
}

// answers is an HTTP client that always gives the same answer.
type answers struct {
	body []byte
	sum  string
}

func newAnswers(body []byte) *answers {
	return &answers{body, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
}

func (a *answers) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"X-Amz-Crc32": {a.sum}, "Content-Type": {"application/x-amz-json-1.0"}},
		ContentLength: int64(len(a.body)), Body: io.NopCloser(bytes.NewReader(a.body)),
	}, nil
}

func newConfig(body []byte) aws.Config {
	return aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""), HTTPClient: newAnswers(body),
	}
}

// check makes a contender that reads something else fail.
func check(b *testing.B, n int, last plainPlayer) {
	b.Helper()
	want := plainPlayer{ID: pageSize - 1, Login: fmt.Sprintf("player-%06d", pageSize-1), Balance: (pageSize - 1) * 7}
	if n != pageSize || last.ID != want.ID || last.Login != want.Login || last.Balance != want.Balance || len(last.Badges) != 2 || last.LastSeen.IsZero() {
		b.Fatalf("read %d items, the last %+v", n, last)
	}
}

func BenchmarkQuery(b *testing.B) {
	ctx := context.Background()
	cfg := newConfig(pageJSON())
	b.Run("dynamapper", func(b *testing.B) {
		mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(cfg))
		if err != nil {
			b.Fatal(err)
		}
		players, err := dynamapper.TableOf[player](mapper)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			items, err := players.Query("night-watch").Collect(ctx)
			if err != nil {
				b.Fatal(err)
			}
			p := items[len(items)-1]
			check(b, len(items), plainPlayer{ID: p.ID, Login: p.Login, Balance: p.Balance, Badges: p.Badges, LastSeen: p.LastSeen})
		}
	})
	b.Run("sdk", func(b *testing.B) {
		client := dynamodb.NewFromConfig(cfg)
		b.ReportAllocs()
		for b.Loop() {
			out, err := client.Query(ctx, queryInput())
			if err != nil || len(out.Items) != pageSize {
				b.Fatal(len(out.Items), err)
			}
		}
	})
	b.Run("attributevalue", func(b *testing.B) {
		client := dynamodb.NewFromConfig(cfg)
		b.ReportAllocs()
		for b.Loop() {
			out, err := client.Query(ctx, queryInput())
			if err != nil {
				b.Fatal(err)
			}
			var items []*plainPlayer
			if err := attributevalue.UnmarshalListOfMaps(out.Items, &items); err != nil {
				b.Fatal(err)
			}
			check(b, len(items), *items[len(items)-1])
		}
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.New(cfg).Table("players")
		b.ReportAllocs()
		for b.Loop() {
			var items []*plainPlayer
			if err := table.Get("guild", "night-watch").All(ctx, &items); err != nil {
				b.Fatal(err)
			}
			check(b, len(items), *items[len(items)-1])
		}
	})
}

func queryInput() *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String("players"), KeyConditionExpression: aws.String("#g = :g"),
		ExpressionAttributeNames:  map[string]string{"#g": "guild"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":g": &types.AttributeValueMemberS{Value: "night-watch"}},
	}
}
