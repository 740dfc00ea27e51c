package bench

import (
	"bytes"
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

// itemsJSON is a list of items, those from start on.
func itemsJSON(start, n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = itemJSON(start + i)
	}
	return "[" + strings.Join(items, ",") + "]"
}

// pageJSON is the answer to a Query or a Scan.
func pageJSON() []byte {
	return []byte(fmt.Sprintf(`{"Count":%d,"Items":%s,"ScannedCount":%d}`, pageSize, itemsJSON(0, pageSize), pageSize))
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

func newConfig(client aws.HTTPClient) aws.Config {
	return aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""), HTTPClient: client,
	}
}

// newPlayers is dynamapper's table.
func newPlayers(b *testing.B, cfg aws.Config) *dynamapper.Table[player] {
	b.Helper()
	mapper, err := dynamapper.Connect(b.Context(), dynamapper.WithConfig(cfg))
	if err != nil {
		b.Fatal(err)
	}
	players, err := dynamapper.TableOf[player](mapper)
	if err != nil {
		b.Fatal(err)
	}
	return players
}

// check makes a contender that reads something else fail.
func check(b *testing.B, n int, last plainPlayer) {
	b.Helper()
	want := plainPlayer{ID: pageSize - 1, Login: fmt.Sprintf("player-%06d", pageSize-1), Balance: (pageSize - 1) * 7}
	if n != pageSize || last.ID != want.ID || last.Login != want.Login || last.Balance != want.Balance || len(last.Badges) != 2 || last.LastSeen.IsZero() {
		b.Fatalf("read %d items, the last %+v", n, last)
	}
}

// checkPlayers checks what dynamapper read.
func checkPlayers(b *testing.B, items []*player) {
	b.Helper()
	p := items[len(items)-1]
	check(b, len(items), plainPlayer{ID: p.ID, Login: p.Login, Balance: p.Balance, Badges: p.Badges, LastSeen: p.LastSeen})
}
