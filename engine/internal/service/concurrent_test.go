package service

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// do sends a JSON request. The goroutines of a test use it.
func do(ctx context.Context, s *Service, operation, body string) (map[string]any, error) {
	response, err := s.Do(ctx, operation, []byte(body))
	if err != nil || len(response) == 0 {
		return nil, err
	}
	out := map[string]any{}
	return out, json.Unmarshal(response, &out)
}

// accountKey returns the table and the key of an account. The accounts are in two tables.
func accountKey(i int) (table, key string) {
	if i%2 == 0 {
		return "things", fmt.Sprintf(`{"pk":{"S":"%d"}}`, i)
	}
	return "scores", fmt.Sprintf(`{"pk":{"S":"%d"},"sk":{"N":"1"}}`, i)
}

// addPart returns the part of a transaction that adds an amount to an account.
func addPart(i, amount int) string {
	table, key := accountKey(i)
	return fmt.Sprintf(`{"Update":{"TableName":"%s","Key":%s,"UpdateExpression":"ADD n :n",
		"ExpressionAttributeValues":{":n":{"N":"%d"}}}}`, table, key, amount)
}

// Transactions move money between many accounts in two tables while others read all accounts in one
// transaction. No reader ever sees money in transit, and none is lost.
func TestTransactionsAreSeenWhole(t *testing.T) {
	t.Parallel()
	const accounts, each, movers, readers, moves = 50, 1000, 8, 4, 50
	s := newTables(t)
	parts := func(amount func(i int) int) string {
		list := make([]string, accounts)
		for i := range list {
			list[i] = addPart(i, amount(i))
		}
		return `{"TransactItems":[` + strings.Join(list, ",") + `]}`
	}
	_, err := do(t.Context(), s, "TransactWriteItems", parts(func(int) int { return each }))
	require.NoError(t, err)
	gets := make([]string, accounts)
	for i := range gets {
		table, key := accountKey(i)
		gets[i] = fmt.Sprintf(`{"Get":{"TableName":"%s","Key":%s}}`, table, key)
	}
	readAll := `{"TransactItems":[` + strings.Join(gets, ",") + `]}`
	var wg sync.WaitGroup
	for mover := range movers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(mover), 1))
			for range moves {
				amount := r.IntN(200) - 100 // from an account of one table to one of the other
				_, err := do(t.Context(), s, "TransactWriteItems", parts(func(i int) int {
					return amount * (1 - i%2*2)
				}))
				assert.NoError(t, err)
			}
		})
	}
	for range readers {
		wg.Go(func() {
			for range moves {
				response, err := do(t.Context(), s, "TransactGetItems", readAll)
				if !assert.NoError(t, err) || !assert.Equal(t, accounts*each, sum(response)) {
					return
				}
			}
		})
	}
	wg.Wait()
	response, err := do(t.Context(), s, "TransactGetItems", readAll)
	require.NoError(t, err)
	require.Equal(t, accounts*each, sum(response))
}

// sum adds up the numbers of the items in a response of TransactGetItems.
func sum(response map[string]any) int {
	total := 0
	responses, _ := response["Responses"].([]any)
	for _, r := range responses {
		var n int
		_, _ = fmt.Sscan(fmt.Sprint(at(r, "Item", "n", "N")), &n)
		total += n
	}
	return total
}

// Conditional updates, each repeated until it succeeds, count exactly.
func TestConditionsHoldUntilTheWrite(t *testing.T) {
	t.Parallel()
	const writers, times = 8, 50
	s := newTables(t)
	give(t, s, `things {"pk":"a","n":0}`)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for done, tries := 0, 0; done < times; tries++ {
				if !assert.Less(t, tries, 100*writers*times, "an update never comes through") {
					return
				}
				response, err := do(t.Context(), s, "GetItem",
					`{"TableName":"things","Key":{"pk":{"S":"a"}},"ConsistentRead":true}`)
				if !assert.NoError(t, err) {
					return
				}
				was := at(response, "Item", "n", "N")
				_, err = do(t.Context(), s, "UpdateItem", fmt.Sprintf(`{"TableName":"things",
					"Key":{"pk":{"S":"a"}},"UpdateExpression":"SET n = n + :one",
					"ConditionExpression":"n = :was",
					"ExpressionAttributeValues":{":one":{"N":"1"},":was":{"N":"%v"}}}`, was))
				if err == nil {
					done++
				} else if !assert.Equal(t, conditionFailed, err.Error()) {
					return
				}
			}
		})
	}
	wg.Wait()
	requireN(t, s, "a", itoa(writers*times))
}

// All operations run at the same time on the same few items of two tables. Only conditions make one
// fail, none waits for ever, and the indexes agree with the table.
func TestAllOperationsAtTheSameTime(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{0, 7} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := New(Options{Now: newClock().Now, Seed: seed})
			createTables(t, s)
			give(t, s, expireUntil)
			var wg sync.WaitGroup
			for worker := range 8 {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(worker)))
					for range 150 {
						operation, body := randomRequest(r)
						_, err := do(t.Context(), s, operation, body)
						assertExpected(t, err, operation, body)
					}
				})
			}
			wg.Wait()
			view := s.catalog.tables["scores"].table
			for _, index := range view.Indexes() {
				held := index.Len()
				view.DropIndex(index.Name)
				view.AddIndex(index.IndexSchema)
				assert.Equal(t, view.Index(index.Name).Len(), held, "%s", index.Name)
				assert.Equal(t, view.Index(index.Name).Bytes(), index.Bytes(), "%s", index.Name)
			}
		})
	}
}

// assertExpected checks that a request succeeded, or failed in one of the expected ways.
func assertExpected(t *testing.T, err error, operation, body string) {
	t.Helper()
	if err == nil {
		return
	}
	refusal, ok := err.(*protocol.Error)
	if !assert.True(t, ok, "%T", err) {
		return
	}
	switch refusal.Code {
	case "ConditionalCheckFailedException", "TransactionConflictException":
	case "TransactionCanceledException":
		assert.True(t, slices.ContainsFunc(refusal.Reasons, func(r protocol.Reason) bool {
			return r.Code == "TransactionConflict"
		}), "%s %s: %v", operation, body, refusal)
	default:
		assert.Fail(t, refusal.Error(), "%s %s", operation, body)
	}
}

// randomRequest returns a request on one of a few items.
func randomRequest(r *rand.Rand) (operation, body string) {
	sk := func() int { return r.IntN(6) }
	itemKey := func(sk int) string { return fmt.Sprintf(`{"pk":{"S":"a"},"sk":{"N":"%d"}}`, sk) }
	item := func(sk int) string {
		return fmt.Sprintf(`{"pk":{"S":"a"},"sk":{"N":"%d"},"day":{"N":"%d"},"game":{"S":"g%d"},
			"points":{"N":"%d"},"until":{"N":"%d"}}`,
			sk, r.IntN(3), r.IntN(2), r.IntN(3), []int{1_772_627_000, 4_000_000_000}[r.IntN(2)])
	}
	const metrics = `"ReturnItemCollectionMetrics":"SIZE","ReturnConsumedCapacity":"INDEXES"`
	const table = `{"TableName":"scores",`
	first, second := sk(), 6+sk()
	switch r.IntN(10) {
	case 0:
		return "PutItem", table + metrics + `,"Item":` + item(sk()) + `}`
	case 1:
		return "DeleteItem", table + metrics + `,"Key":` + itemKey(sk()) + `}`
	case 2:
		return "UpdateItem", table + metrics + `,"Key":` + itemKey(sk()) +
			`,"UpdateExpression":"SET points = :v REMOVE game",` +
			`"ExpressionAttributeValues":{":v":{"N":"5"}}}`
	case 3:
		return "PutItem", table + `"ConditionExpression":"attribute_not_exists(pk)","Item":` +
			item(sk()) + `}`
	case 4:
		return "TransactWriteItems", `{` + metrics + `,"TransactItems":[
			{"Put":` + table + `"Item":` + item(first) + `}},
			{"Put":{"TableName":"things","Item":{"pk":{"S":"a"}}}},
			{"Delete":` + table + `"Key":` + itemKey(second) + `}}]}`
	case 5:
		return "TransactGetItems", `{"TransactItems":[
			{"Get":{"TableName":"things","Key":{"pk":{"S":"a"}}}},
			{"Get":` + table + `"Key":` + itemKey(first) + `}},
			{"Get":` + table + `"Key":` + itemKey(second) + `}}]}`
	case 6:
		return "BatchWriteItem", `{` + metrics + `,"RequestItems":{
			"scores":[{"PutRequest":{"Item":` + item(first) + `}},
				{"DeleteRequest":{"Key":` + itemKey(second) + `}}],
			"things":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}]}}`
	case 7:
		return "BatchGetItem", `{"RequestItems":{"scores":{"Keys":[` + itemKey(first) + `,` +
			itemKey(second) + `]},"things":{"Keys":[{"pk":{"S":"a"}}]}}}`
	case 8:
		return "Query", table + `"IndexName":"byGame","KeyConditionExpression":"game = :g",` +
			`"ExpressionAttributeValues":{":g":{"S":"g1"}}}`
	default:
		return "Scan", table + `"IndexName":"byDay","Select":"ALL_ATTRIBUTES"}`
	}
}
