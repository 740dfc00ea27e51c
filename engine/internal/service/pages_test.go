package service

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// walk sends a Query or Scan page by page until there is no LastEvaluatedKey, and returns the
// items. open is the request without its closing brace.
func walk(t *testing.T, s *Service, open string) []any {
	t.Helper()
	return walkPages(t, s, open, func() string { return "" })
}

// walkPages is walk with new members for each page.
func walkPages(t *testing.T, s *Service, open string, more func() string) []any {
	t.Helper()
	var all []any
	start := ""
	for range 10_000 {
		page, ok := decode(t, ask(t, s, open+more()+start+"}")).(map[string]any)
		require.True(t, ok)
		items, _ := page["Items"].([]any)
		require.Equal(t, json.Number(itoa(len(items))), page["Count"])
		all = append(all, items...)
		if page["LastEvaluatedKey"] == nil {
			return all
		}
		start = `,"ExclusiveStartKey":` + encode(t, page["LastEvaluatedKey"])
	}
	require.Fail(t, "the walk does not end", open)
	return nil
}

// Walking page by page, with a limit that changes between pages, finds the same items as one large
// page: for tables and both kinds of index, in both directions, and with keys that are equal,
// missing, negative and of all lengths.
func TestWalksFindWhatOnePageFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newTables(t)
			r := rand.New(rand.NewPCG(seed, 1))
			giveRandomScores(t, s, r, 300)
			requireWalks(t, s, r)
		})
	}
}

// giveRandomScores puts scores, updates and deletes some of them.
func giveRandomScores(t *testing.T, s *Service, r *rand.Rand, n int) {
	t.Helper()
	for range n {
		item := fmt.Sprintf(`{"pk":"p%d","sk":%d`, r.IntN(3), r.IntN(100)-50)
		if r.IntN(4) > 0 {
			item += fmt.Sprintf(`,"day":%d`, r.IntN(5)-2)
		}
		if r.IntN(4) > 0 {
			item += fmt.Sprintf(`,"note":"%s"`, strings.Repeat("x", 1+r.IntN(3)))
		}
		if r.IntN(4) > 0 {
			item += fmt.Sprintf(`,"game":"g%d"`, r.IntN(2))
		}
		if r.IntN(4) > 0 {
			item += fmt.Sprintf(`,"points":%d`, r.IntN(4))
		}
		give(t, s, "scores "+item+"}")
		if r.IntN(5) == 0 {
			give(t, s, fmt.Sprintf(`DeleteItem scores {"Key":{"pk":"p%d","sk":%d}}`,
				r.IntN(3), r.IntN(100)-50))
		}
	}
}

// requireWalks compares walks of scores with single pages of all scores.
func requireWalks(t *testing.T, s *Service, r *rand.Rand) {
	t.Helper()
	const byPK = `,"KeyConditionExpression":"pk = :k","ExpressionAttributeValues":{":k":"p1"}`
	const byGame = `,"KeyConditionExpression":"game = :k","ExpressionAttributeValues":{":k":"g1"}`
	limit := func() string { return fmt.Sprintf(`,"Limit":%d`, 1+r.IntN(12)) }
	for _, open := range []string{
		`Query scores {"ConsistentRead":true` + byPK,
		`Query scores {"IndexName":"byDay"` + byPK,
		`Query scores {"IndexName":"byNote"` + byPK,
		`Query scores {"IndexName":"byGame"` + byGame,
		`Query scores {"IndexName":"games"` + byGame,
	} {
		forwards := walk(t, s, open)
		require.Greater(t, len(forwards), 20, "%s", open)
		backwards := walk(t, s, open+`,"ScanIndexForward":false`)
		for i := range backwards {
			require.Equal(t, forwards[len(forwards)-1-i], backwards[i], "%s", open)
		}
		require.Equal(t, forwards, walkPages(t, s, open, limit), "%s", open)
		require.Equal(t, backwards,
			walkPages(t, s, open+`,"ScanIndexForward":false`, limit), "%s", open)
	}
	for _, open := range []string{
		`Scan scores {"ConsistentRead":true`,
		`Scan scores {"IndexName":"byDay"`,
		`Scan scores {"IndexName":"games"`,
	} {
		require.Equal(t, walk(t, s, open), walkPages(t, s, open, limit), "%s", open)
	}
}

// A page ends before the item that would make it larger than 1 MB. The size is that of the items
// read, before the filter and the projection.
func TestPagesOfAMegabyte(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	// A digit counts two bytes: one for itself, one for the number.
	pad := strings.Repeat("x", 1<<18-len("pk")-len("a")-len("sk")-2-len("pad"))
	for sk := range 6 {
		give(t, s, fmt.Sprintf(`scores {"pk":"a","sk":%d,"pad":"%s"}`, sk+1, pad))
	}
	const ofA = `,"KeyConditionExpression":"pk = :p","ProjectionExpression":"sk",
		"ExpressionAttributeValues":{":p":"a"}`
	for _, test := range []struct{ rule, more, skipped string }{
		{"four items of a quarter each are a page", "", ""},
		{"of a filter that lets nothing through", `,"FilterExpression":"attribute_exists(nn)"`,
			"y"},
	} {
		response := decode(t, ask(t, s, `Query scores {"ReturnConsumedCapacity":"TOTAL"`+ofA+
			test.more+`}`))
		assert.Equal(t, json.Number("4"), at(response, "ScannedCount"), test.rule)
		assert.Equal(t, json.Number("4"), at(response, "LastEvaluatedKey", "sk"), test.rule)
		assert.Equal(t, json.Number("128"), at(response, "ConsumedCapacity", "CapacityUnits"))
	}
	give(t, s, `scores {"pk":"a","sk":4,"pad":"`+pad+`x"}`)
	response := decode(t, ask(t, s, `Query scores {"Select":"COUNT"`+
		strings.Replace(ofA, `,"ProjectionExpression":"sk"`, "", 1)+`}`))
	assert.Equal(t, json.Number("3"), at(response, "Count"), "a byte more, and the fourth is left")
	assert.Len(t, walk(t, s, `Query scores {"ScanIndexForward":false`+ofA), 6)
	assert.Len(t, walk(t, s, `Scan scores {"ProjectionExpression":"sk"`), 6)
}
