package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An item has at most 400 KB, including names and values.
func TestItemSize(t *testing.T) {
	t.Parallel()
	const put = "ValidationException: Item size has exceeded the maximum allowed size"
	const update = "ValidationException: Item size to update has exceeded the maximum allowed size"
	const limit = 400 << 10
	const setN = `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"SET n = :n",
		"ExpressionAttributeValues":{":n":1}}` // three bytes
	run(t, newTables, []row{
		{rule: "400 KB", ask: `PutItem things {"Item":` + thingOf("a", limit) + `}`, want: `{}`},
		{rule: "a byte more", ask: `PutItem things {"Item":` + thingOf("a", limit+1) + `}`,
			want: put},
		{
			rule: "in a batch", want: put,
			ask: `BatchWriteItem {"RequestItems":{"things":[
				{"PutRequest":{"Item":` + thingOf("a", limit+1) + `}}]}}`,
		},
		{
			rule: "in a transaction", want: put,
			ask: transact(`Put things {"Item":` + thingOf("a", limit+1) + `}`),
		},
		{
			rule: "an update to 400 KB", given: `things ` + thingOf("a", limit-3),
			ask: setN, want: `{}`,
		},
		{
			rule: "an update to a byte more", given: `things ` + thingOf("a", limit-2),
			ask: setN, want: update,
		},
		{
			rule: "an update that writes more than an item can have", want: update,
			ask: `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"SET filler = :v",
				"ExpressionAttributeValues":{":v":"` + ofSize(limit) + `"}}`,
		},
		{
			rule: "in a transaction's update", given: `things ` + thingOf("a", limit),
			ask: transact(`Update things {"Key":{"pk":"a"},"UpdateExpression":"SET n = :n",
				"ExpressionAttributeValues":{":n":1}}`),
			want: transactionCancelled + "[ValidationError]\nValidationError: " +
				"Item size to update has exceeded the maximum allowed size",
		},
	})
}

// Values nest 32 levels deep.
func TestDepth(t *testing.T) {
	t.Parallel()
	const refusal = "Nesting Levels have exceeded supported limits"
	nested := func(lists int) string {
		return strings.Repeat("[", lists) + `1` + strings.Repeat("]", lists)
	}
	s := newTables(t)
	require.Equal(t, `{}`, ask(t, s, `PutItem things {"Item":{"pk":"a","l":`+nested(31)+`}}`))
	require.Contains(t, ask(t, s, `PutItem things {"Item":{"pk":"b","l":`+nested(32)+`}}`),
		refusal)
	deepen := `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"SET m = :m",
		"ExpressionAttributeValues":{":m":1}}`
	require.Equal(t, `{}`, ask(t, s, deepen))
	require.Contains(t, ask(t, s, `UpdateItem things {"Key":{"pk":"a"},
		"UpdateExpression":"SET m = :m","ExpressionAttributeValues":{":m":`+nested(32)+`}}`),
		refusal)
	require.Contains(t, ask(t, s, `UpdateItem things {"Key":{"pk":"a"},
		"UpdateExpression":"SET l`+strings.Repeat("[0]", 31)+` = :m",
		"ExpressionAttributeValues":{":m":[]}}`), refusal)
}

// A condition expression has at most 300 operators and functions. Expected is not an expression and
// has no such limit.
func TestOperators(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `things {"pk":"a","n":1}`)
	condition := func(comparisons int) string {
		return strings.TrimSuffix(strings.Repeat("n=:v OR ", comparisons), " OR ")
	}
	put := func(comparisons int) string {
		return `PutItem things {"Item":{"pk":"a","n":1},"ConditionExpression":"` +
			condition(comparisons) + `","ExpressionAttributeValues":{":v":1}}`
	}
	require.Equal(t, `{}`, ask(t, s, put(150)), "150 comparisons and 149 ORs")
	require.Contains(t, ask(t, s, put(151)), "The expression contains too many operators")

	expected := make([]string, 400)
	for i := range expected {
		expected[i] = `"x` + itoa(i) + `":{"Exists":false}`
	}
	require.Equal(t, `{}`, ask(t, s, `PutItem things {"Item":{"pk":"a"},"Expected":{`+
		strings.Join(expected, ",")+`}}`))
}
