package service

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newSeeded returns a service that uses all the freedom it has.
func newSeeded(t *testing.T, seed uint64) *Service {
	t.Helper()
	s := New(Options{Now: newClock().Now, Seed: seed})
	createTables(t, s)
	return s
}

const chances = 200 // how often a test tries to see a result of chance

// However early pages end, walks find every item once and in order.
func TestSeededWalksAreWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed+1), func(t *testing.T) {
			t.Parallel()
			s := newSeeded(t, seed+1)
			const items = 100
			for i := range items {
				give(t, s, fmt.Sprintf(`scores {"pk":"a","sk":%d,"day":%d,"game":"go"}`, i, i))
			}
			for i := range maxLag { // so that a lagging read also sees all of them
				give(t, s, fmt.Sprintf(`scores {"pk":"b","sk":%d}`, i))
			}
			for _, open := range []string{
				`Query scores {"ConsistentRead":true,"KeyConditionExpression":"pk = :v",
					"ExpressionAttributeValues":{":v":"a"}`,
				`Query scores {"IndexName":"byDay","KeyConditionExpression":"pk = :v",
					"ExpressionAttributeValues":{":v":"a"}`,
				`Query scores {"IndexName":"games","KeyConditionExpression":"game = :v",
					"ExpressionAttributeValues":{":v":"go"}`,
				`Scan scores {"IndexName":"games"`,
			} {
				pages := 0
				found := walkPages(t, s, open, func() string {
					pages++
					return ""
				})
				require.Len(t, found, items, "%s", open)
				for i, item := range found {
					require.Equal(t, json.Number(itoa(i)), at(item, "sk"), "%s", open)
				}
				assert.Greater(t, pages, 1, "%s", open)
			}
		})
	}
}

// raw makes a request and returns the text of the response.
func raw(t *testing.T, s *Service, line string) string {
	t.Helper()
	operation, body := request(t, line)
	response, err := s.Do(t.Context(), operation, body)
	require.NoError(t, err)
	return string(response)
}

// responsesTo repeats a request and counts the different responses.
func responsesTo(t *testing.T, s *Service, line string) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for range chances {
		seen[raw(t, s, line)]++
	}
	return seen
}

func TestSeededAnswersHaveAttributesInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newSeeded(t, 1)
	give(t, s, `things {"pk":"a","x":1,"y":2}`)
	seen := responsesTo(t, s, `GetItem things {"Key":{"pk":"a"},"ConsistentRead":true}`)
	assert.Len(t, seen, 6, "all orders of three")
}

// After the last item there may or may not be a LastEvaluatedKey; before it there always is one.
func TestSeededPagesMayEndAtTheEnd(t *testing.T) {
	t.Parallel()
	s := newSeeded(t, 1)
	give(t, s, `
		scores {"pk":"a","sk":1}
		scores {"pk":"a","sk":2}`)
	with := func(limit string) (keys int) {
		for response, n := range responsesTo(t, s, querySk("pk = :p", `{":p":"a"}`,
			`,"ConsistentRead":true,"Limit":`+limit)) {
			if strings.Contains(response, "LastEvaluatedKey") {
				keys += n
			}
		}
		return keys
	}
	assert.Equal(t, chances, with("1"))
	atTheEnd := with("2")
	assert.Greater(t, atTheEnd, chances/4)
	assert.Less(t, atTheEnd, chances*3/4)
}

// Eventually consistent reads lag by some writes; consistent reads never do.
func TestSeededReadsLag(t *testing.T) {
	t.Parallel()
	s := newSeeded(t, 1)
	for n := range 10 {
		give(t, s, `things {"pk":"a","n":`+itoa(n)+`}`)
	}
	const get = `GetItem things {"Key":{"pk":"a"},"ProjectionExpression":"n"`
	assert.Len(t, responsesTo(t, s, get+`}`), maxLag+1)
	assert.Len(t, responsesTo(t, s, get+`,"ConsistentRead":true}`), 1)
}

// Resending the unprocessed part of a batch processes everything in the end.
func TestSeededBatchesComeToAnEnd(t *testing.T) {
	t.Parallel()
	s := newSeeded(t, 1)
	const items = 25
	rounds := 0
	for left := `{"things":` + thingPuts(items) + `}`; left != `{}`; rounds++ {
		response := decode(t, ask(t, s, `BatchWriteItem {"RequestItems":`+left+`}`))
		left = encode(t, at(response, "UnprocessedItems"))
		require.Less(t, rounds, 50)
	}
	assert.Greater(t, rounds, 1)
	found, rounds := map[any]int{}, 0
	left := `{"things":{"ConsistentRead":true,"Keys":` + thingKeys(items) + `}}`
	for left != `{}` {
		response := decode(t, ask(t, s, `BatchGetItem {"RequestItems":`+left+`}`))
		list, _ := at(response, "Responses", "things").([]any)
		for _, item := range list {
			found[at(item, "pk")]++
		}
		left = encode(t, at(response, "UnprocessedKeys"))
		rounds++
		require.Less(t, rounds, 50)
	}
	assert.Greater(t, rounds, 1)
	assert.Len(t, found, items)
	for pk, times := range found {
		assert.Equal(t, 1, times, "%v", pk)
	}
}

func TestSeededBatchesAnswerInAnyOrder(t *testing.T) {
	t.Parallel()
	s := newSeeded(t, 1)
	give(t, s, `
		things {"pk":"0"}
		things {"pk":"1"}`)
	const two = `BatchGetItem {"RequestItems":{"things":{"ConsistentRead":true,` +
		`"Keys":[{"pk":"0"},{"pk":"1"}]}}}`
	seen := responsesTo(t, s, two)
	orders := 0
	for response := range seen {
		if strings.Count(response, `"pk"`) == 2 && !strings.Contains(response, `"Keys"`) {
			orders++
		}
	}
	assert.Equal(t, 2, orders, "%v", seen)
}

// The same seed gives the same responses to the same requests.
func TestSeedsRepeat(t *testing.T) {
	t.Parallel()
	all := func(seed uint64) string {
		s := newSeeded(t, seed)
		text := strings.Builder{}
		for n := range 50 {
			give(t, s, `things {"pk":"a","n":`+itoa(n)+`}`)
			text.WriteString(raw(t, s, `GetItem things {"Key":{"pk":"a"}}`))
		}
		return text.String()
	}
	assert.Equal(t, all(1), all(1))
	assert.NotEqual(t, all(1), all(2))
}

// Without a seed nothing depends on chance.
func TestWithoutASeedAnswersAreTheSame(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, gamesOfA)
	for _, line := range []string{
		`Scan scores {}`,
		`Query scores {"IndexName":"games","KeyConditionExpression":"game = :g",
			"ExpressionAttributeValues":{":g":"chess"},"Limit":2}`,
		`BatchGetItem {"RequestItems":{"scores":{"Keys":[{"pk":"a","sk":0},{"pk":"b","sk":1}]}}}`,
	} {
		assert.Len(t, responsesTo(t, s, line), 1, "%s", line)
	}
}
