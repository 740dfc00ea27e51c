package service

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// With a seed, a request on an item in a transaction is refused sooner or later, and a request on
// another item never. The test only marks the items as in flight; the transaction does nothing.
func TestRequestsMeetTransactionsByChance(t *testing.T) {
	t.Parallel()
	s := New(Options{Now: newClock().Now, Seed: 1})
	call(t, s, "CreateTable", object(`"TableName":"tab"`, define("pk S"), key("pk"),
		`"BillingMode":"PAY_PER_REQUEST"`))
	entry := s.find("tab")
	busy, _ := entry.table.Keys().Key(value.Map{{Name: "pk", Value: value.String("busy")}})
	entry.inFlight.add(busy, 1)
	for _, c := range []struct{ name, operation, body, want string }{
		{"a put", "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"busy"}}}`,
			"TransactionConflictException"},
		{"a delete", "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"busy"}}}`,
			"TransactionConflictException"},
		{"a transaction", "TransactWriteItems", `{"TransactItems":[
			{"Put":{"TableName":"tab","Item":{"pk":{"S":"free"}}}},
			{"Put":{"TableName":"tab","Item":{"pk":{"S":"busy"}}}}]}`,
			"TransactionCanceledException"},
		{"a transaction that reads", "TransactGetItems", `{"TransactItems":[
			{"Get":{"TableName":"tab","Key":{"pk":{"S":"busy"}}}}]}`,
			"TransactionCanceledException"},
		{"another item", "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"free"}}}`, ""},
	} {
		got := ""
		for range 100 {
			if _, err := s.Do(t.Context(), c.operation, []byte(c.body)); err != nil {
				got = asError(t, err).Code
			}
		}
		require.Equal(t, c.want, got, c.name)
	}
	refusal := refusedSoon(t, s, `{"TransactItems":[
		{"Put":{"TableName":"tab","Item":{"pk":{"S":"free"}}}},
		{"Put":{"TableName":"tab","Item":{"pk":{"S":"busy"}}}}]}`)
	require.Equal(t, "None", refusal.Reasons[0].Code)
	require.Equal(t, "TransactionConflict", refusal.Reasons[1].Code)
}

func asError(t *testing.T, err error) *protocol.Error {
	t.Helper()
	var refusal *protocol.Error
	require.ErrorAs(t, err, &refusal)
	return refusal
}

// refusedSoon sends a transaction until it is refused.
func refusedSoon(t *testing.T, s *Service, body string) *protocol.Error {
	t.Helper()
	for range 100 {
		if _, err := s.Do(t.Context(), "TransactWriteItems", []byte(body)); err != nil {
			return asError(t, err)
		}
	}
	require.Fail(t, "no transaction was refused")
	return nil
}
