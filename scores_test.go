package dynamapper_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// score is a model with an index of every kind. The names of its attributes are reserved words, or hold what an expression
// could take for its own.
type score struct {
	dynamapper.Model `dynamo:"scores"`
	Guild            string    `dynamo:"group,hash"`
	Player           int       `dynamo:"user,range"`
	Points           int       `dynamo:"points#" localIndex:"by-points,range"`
	Season           string    `dynamo:"season.name" index:"by-season,hash;brief,hash,include=comment+points#;keys,hash,keys_only"`
	Day              time.Time `dynamo:"date" index:"by-season,range;brief,range"`
	Rank             int       `dynamo:"order" localIndex:"by-rank,range,include=comment"`
	Comment          string    `dynamo:"comment"`
	Note             string    `dynamo:"note-to-self"`
	Version          int       `dynamo:"version,version"`
}

var firstDay = time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)

// makeScores makes a guild's scores: the points fall while the player's number rises, and each ten players share a day.
func makeScores(guild string, n int) []*score {
	scores := make([]*score, n)
	for i := range scores {
		scores[i] = &score{
			Guild: guild, Player: i, Points: 1000 - 3*i, Season: "spring", Day: firstDay.AddDate(0, 0, i/10), Rank: i % 50,
			Comment: fmt.Sprintf("comment %d", i%50), Note: "x", Version: 1,
		}
	}
	return scores
}

// putMany puts items beside the mapper.
func putMany[T any](t *testing.T, table *dynamapper.Table[T], items []*T) {
	t.Helper()
	client := rawClient(t)
	for some := range slices.Chunk(items, 25) {
		var writes []types.WriteRequest
		for _, item := range some {
			raw, err := table.MarshalItem(item)
			require.NoError(t, err)
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: raw}})
		}
		for len(writes) > 0 {
			out, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{table.Name(): writes},
			})
			require.NoError(t, err)
			writes = out.UnprocessedItems[table.Name()]
		}
	}
}

// scoreTable is a table with 120 scores of the guild "red" and 30 of "blue".
func scoreTable(t *testing.T) (*dynamapper.Table[score], *requests) {
	t.Helper()
	table, sent := watchedTable[score](t)
	putMany(t, table, append(makeScores("red", 120), makeScores("blue", 30)...))
	return table, sent
}

// players lists the players' numbers of scores in their order.
func players(scores []*score) []int {
	numbers := []int{}
	for _, one := range scores {
		numbers = append(numbers, one.Player)
	}
	return numbers
}

// upTo lists the numbers from one to another.
func upTo(from, to int) []int {
	numbers := []int{}
	for step := 1; ; from += step {
		if from > to {
			step = -1
		}
		if numbers = append(numbers, from); from == to {
			return numbers
		}
	}
}
