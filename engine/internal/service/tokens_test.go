package service

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tokenMismatch = "IdempotentParameterMismatchException: " +
	"An error occurred (IdempotentParameterMismatchException)"

// addTo returns a transaction with a token that adds to the number of a thing.
func addTo(pk, n, token string, more ...string) string {
	return transact(`Update things {"Key":{"pk":"`+pk+`"},"UpdateExpression":"ADD n :n",
		"ExpressionAttributeValues":{":n":`+n+`}}`,
		`,"ClientRequestToken":"`+token+`"`+strings.Join(more, ""))
}

// newClocked returns a service with the tables, and its clock.
func newClocked(t *testing.T) (*Service, *clock) {
	t.Helper()
	c := newClock()
	s := New(Options{Now: c.Now})
	createTables(t, s)
	return s, c
}

func requireN(t *testing.T, s *Service, pk, n string) {
	t.Helper()
	script(t, s, `GetItem things {"Key":{"pk":"`+pk+`"},"ProjectionExpression":"n"}`,
		`{"Item":{"n":`+n+`}}`)
}

func TestTokenAppliesATransactionOnce(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	script(t, s,
		addTo("a", "1", "t1"), `{}`,
		addTo("a", "1", "t1"), `{}`)
	requireN(t, s, "a", "1")
	script(t, s, addTo("a", "1", "t2"), `{}`)
	requireN(t, s, "a", "2")
	script(t, s, addTo("a", "2", "t1"), tokenMismatch, addTo("b", "1", "t1"), tokenMismatch)
	requireN(t, s, "a", "2")
}

func TestTransactionsWithoutATokenAreAllApplied(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	add := transact(`Update things {"Key":{"pk":"a"},"UpdateExpression":"ADD n :n",
		"ExpressionAttributeValues":{":n":1}}`)
	script(t, s, add, `{}`, add, `{}`)
	requireN(t, s, "a", "2")
}

// A token is valid for ten minutes after its request was applied.
func TestTokenLivesTenMinutes(t *testing.T) {
	t.Parallel()
	const life = 10 * time.Minute
	s, clock := newClocked(t)
	script(t, s, addTo("a", "1", "t"), `{}`)
	clock.add(life - time.Nanosecond)
	script(t, s, addTo("a", "1", "t"), `{}`, addTo("a", "2", "t"), tokenMismatch)
	requireN(t, s, "a", "1")
	clock.add(time.Nanosecond)
	script(t, s, addTo("a", "2", "t"), `{}`)
	requireN(t, s, "a", "3")
	clock.add(life - time.Nanosecond)
	script(t, s, addTo("a", "2", "t"), `{}`)
	requireN(t, s, "a", "3")
}

// A refused transaction leaves nothing behind: any transaction may use the token, and the ten
// minutes begin when a transaction is applied.
func TestTokenOfARefusalIsFree(t *testing.T) {
	t.Parallel()
	s, clock := newClocked(t)
	check := transact(`ConditionCheck things {"Key":{"pk":"a"},
		"ConditionExpression":"attribute_exists(pk)"}`, `,"ClientRequestToken":"t"`)
	failed := transactionCancelled + `[ConditionalCheckFailed]
		ConditionalCheckFailed: The conditional request failed`
	script(t, s, check, failed, check, failed)
	clock.add(9 * time.Minute)
	script(t, s, addTo("a", "1", "t"), `{}`)
	clock.add(9 * time.Minute)
	script(t, s, addTo("a", "1", "t"), `{}`, check, tokenMismatch)
	requireN(t, s, "a", "1")
	clock.add(time.Minute)
	script(t, s, addTo("a", "1", "t"), `{}`)
	requireN(t, s, "a", "2")
}

// The order of a request's maps does not distinguish transactions; the order of its lists does.
func TestTokenComparesTransactions(t *testing.T) {
	t.Parallel()
	const item = `"Item":{"pk":{"S":"a"},"m":{"M":{"x":{"S":"1"},"y":{"S":"2"}}},` +
		`"l":{"SS":["p","q"]}}`
	const swapped = `"Item":{"l":{"SS":["q","p"]},"m":{"M":{"y":{"S":"2"},"x":{"S":"1"}}},` +
		`"pk":{"S":"a"}}`
	const condition = `"ConditionExpression":"#a <> :a AND #b <> :b"`
	const names = `"ExpressionAttributeNames":{"#a":"a","#b":"b"}`
	const swappedNames = `"ExpressionAttributeNames":{"#b":"b","#a":"a"}`
	const values = `"ExpressionAttributeValues":{":a":{"S":"x"},":b":{"S":"y"}}`
	const swappedValues = `"ExpressionAttributeValues":{":b":{"S":"y"},":a":{"S":"x"}}`
	put := func(token string, members ...string) string {
		return `{"ClientRequestToken":"` + token + `","TransactItems":[{"Put":{` +
			`"TableName":"things",` + strings.Join(members, ",") + `}}]}`
	}
	s := newTables(t)
	call(t, s, "TransactWriteItems", put("t", item, condition, names, values))
	for _, same := range []string{
		put("t", item, condition, names, values),
		put("t", swapped, condition, names, values),
		put("t", item, condition, swappedNames, values),
		put("t", item, condition, names, swappedValues),
		put("t", values, condition, names, item),
		strings.Replace(put("t", item, condition, names, values), `{`,
			`{"ReturnConsumedCapacity":"TOTAL","ReturnItemCollectionMetrics":"SIZE",`, 1),
	} {
		call(t, s, "TransactWriteItems", same)
	}
	for _, other := range []string{
		put("t", strings.Replace(item, `"1"`, `"3"`, 1), condition, names, values),
		put("t", item, strings.Replace(condition, "AND", "OR", 1), names, values),
		put("t", item, condition, strings.Replace(names, `"a"`, `"c"`, 1), values),
		put("t", item, condition, names, strings.Replace(values, `"x"`, `"z"`, 1)),
		put("t", item),
		put("t", item, condition, names, values, `"ReturnValuesOnConditionCheckFailure":"ALL_OLD"`),
		strings.Replace(put("t", item, condition, names, values), `}}]}`, `}},`+
			`{"Put":{"TableName":"things","Item":{"pk":{"S":"b"}}}}]}`, 1),
	} {
		e := refused(t, s, "TransactWriteItems", other)
		assert.Equal(t, "IdempotentParameterMismatchException", e.Code, "%s", other)
	}
}

func TestTokenComparesTheOrderOfActions(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	const a, b = `Put things {"Item":{"pk":"a"}}`, `Put things {"Item":{"pk":"b"}}`
	script(t, s,
		transact(a+"\n"+b, `,"ClientRequestToken":"t"`), `{}`,
		transact(b+"\n"+a, `,"ClientRequestToken":"t"`), tokenMismatch)
}

// The first request reports the units of writing, and each later one those of reading the items.
func TestTokenReplayReportsReadUnits(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `things {"pk":"b","pad":"`+ofSize(9000)+`"}`)
	both := transact(`
		Put things {"Item":{"pk":"a"}}
		Delete things {"Key":{"pk":"b"}}
		ConditionCheck scores {"Key":{"pk":"a","sk":1},
			"ConditionExpression":"attribute_not_exists(pk)"}`,
		`,"ClientRequestToken":"t","ReturnConsumedCapacity":"TOTAL"`)
	script(t, s, both, `{"ConsumedCapacity":[
			{"TableName":"scores","CapacityUnits":2,"WriteCapacityUnits":2},
			{"TableName":"things","CapacityUnits":20,"WriteCapacityUnits":20}]}`,
		both, `{"ConsumedCapacity":[
			{"TableName":"scores","CapacityUnits":2,"ReadCapacityUnits":2},
			{"TableName":"things","CapacityUnits":8,"ReadCapacityUnits":8}]}`)
}

// If requests with one token arrive at the same time, the transaction is applied once, even if
// others with that token are refused meanwhile.
func TestTokenAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	operation, add := request(t, addTo("a", "1", "t"))
	_, check := request(t, transact(`ConditionCheck things {"Key":{"pk":"b"},
		"ConditionExpression":"attribute_exists(pk)"}`, `,"ClientRequestToken":"t"`))
	errs := make(chan error, 64)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() {
			_, err := s.Do(t.Context(), operation, add)
			errs <- err
		})
		wg.Go(func() { _, _ = s.Do(t.Context(), operation, check) })
	}
	wg.Wait()
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	requireN(t, s, "a", "1")
	require.Empty(t, s.tokens.known["t"].users)
}

// Tokens are dropped, so that they do not accumulate.
func TestTokensAreForgotten(t *testing.T) {
	t.Parallel()
	s, clock := newClocked(t)
	script(t, s, transact(`Put things {"Item":{"pk":1}}`, `,"ClientRequestToken":"refused"`),
		transactionCancelled+`[ValidationError]
		ValidationError: One or more parameter values were invalid: `+
			`Type mismatch for key pk expected: S actual: N`)
	require.Empty(t, s.tokens.known)
	script(t, s, addTo("a", "1", "t1"), `{}`, addTo("a", "1", "t1"), `{}`)
	require.Len(t, s.tokens.known, 1)
	clock.add(10 * time.Minute)
	script(t, s, addTo("a", "1", "t2"), `{}`)
	require.Len(t, s.tokens.known, 1)
	require.Len(t, s.tokens.applied, 1)
}
