package service

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// newMatches returns a service with the table matches. Its index byPlace has two hash and two range
// attributes.
func newMatches(t *testing.T) *Service {
	t.Helper()
	s := newService()
	call(t, s, "CreateTable", object(nameOf("matches"), onDemand,
		define("pk S, city S, club S, round N, start S"), key("pk"),
		globals(indexOf("byPlace", "city club | round start", projectAll))))
	return s
}

const someMatches = `
	matches {"pk":"1","city":"bonn","club":"x","round":2,"start":"b"}
	matches {"pk":"2","city":"bonn","club":"x","round":1,"start":"c"}
	matches {"pk":"3","city":"bonn","club":"x","round":2,"start":"a"}
	matches {"pk":"4","city":"bonn","club":"y","round":1,"start":"a"}
	matches {"pk":"5","city":"bon","club":"nx","round":1,"start":"a"}
	matches {"pk":"6","city":"bonn","club":"x","round":10,"start":"a"}
	matches {"pk":"7","city":"bonn","club":"x","round":1}
	matches {"pk":"8","city":"bonn","round":1,"start":"a"}
`

// byPlace returns a Query of the index for the pks.
func byPlace(condition, values, more string) string {
	return `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",
		"KeyConditionExpression":"` + condition + `",
		"ExpressionAttributeNames":{"#r":"round","#s":"start"},
		"ExpressionAttributeValues":` + values + more + `}`
}

// foundPKs is the response to byPlace: "123" stands for the items 1, 2 and 3.
func foundPKs(pks string) string {
	items := ""
	for i, pk := range pks {
		if i > 0 {
			items += ","
		}
		items += `{"pk":"` + string(pk) + `"}`
	}
	n := itoa(len(pks))
	return `{"Items":[` + items + `],"Count":` + n + `,"ScannedCount":` + n + `}`
}

// A global index may have up to four hash and four range attributes. A query has a value for each
// hash attribute, and conditions on range attributes from the first on: equalities, and any
// condition on the last.
func TestMultiAttributeKeys(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const names = `"ExpressionAttributeNames":{"#r":"round"}`
	run(t, newMatches, []row{{
		rule: "all hash attributes: sorted by the range attributes in turn", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",
			"KeyConditionExpression":"club = :c AND city = :p",
			"ExpressionAttributeValues":{":p":"bonn",":c":"x"}}`,
		want: foundPKs("2316"),
	}, {
		rule: "backwards", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",
			"KeyConditionExpression":"club = :c AND city = :p","ScanIndexForward":false,
			"ExpressionAttributeValues":{":p":"bonn",":c":"x"}}`,
		want: foundPKs("6132"),
	}, {
		rule: "the first range attribute equal", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",` + names + `,
			"KeyConditionExpression":"city = :p AND club = :c AND #r = :r",
			"ExpressionAttributeValues":{":p":"bonn",":c":"x",":r":2}}`,
		want: foundPKs("31"),
	}, {
		rule: "the first range attribute in a range", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",` + names + `,
			"KeyConditionExpression":"city = :p AND club = :c AND #r BETWEEN :r AND :s",
			"ExpressionAttributeValues":{":p":"bonn",":c":"x",":r":2,":s":10}}`,
		want: foundPKs("316"),
	}, {
		rule: "the first equal, the second in a range", given: someMatches,
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s > :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`, ""),
		want: foundPKs("1"),
	}, {
		rule: "the second begins with a text", given: someMatches,
		ask: byPlace("city = :p AND club = :c AND #r = :r AND begins_with(#s, :s)",
			`{":p":"bonn",":c":"x",":r":2,":s":"b"}`, ""),
		want: foundPKs("1"),
	}, {
		rule: "all equal", given: someMatches,
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s = :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`, ""),
		want: foundPKs("3"),
	}, {
		rule: "attributes do not run into each other", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",
			"KeyConditionExpression":"city = :p AND club = :c",
			"ExpressionAttributeValues":{":p":"bon",":c":"nx"}}`,
		want: foundPKs("5"),
	}, {
		rule: "the index lacks items without one of the attributes", given: someMatches,
		ask:  `Scan matches {"IndexName":"byPlace","Select":"COUNT"}`,
		want: `{"Count":6,"ScannedCount":6}`,
	}, {
		rule: "without a hash attribute",
		ask: `Query matches {"IndexName":"byPlace","KeyConditionExpression":"city = :p",
			"ExpressionAttributeValues":{":p":"bonn"}}`,
		want: refusal + "HASH key attributes club must have equality conditions specified in the " +
			"query",
	}, {
		rule: "a hash attribute in a range",
		ask: `Query matches {"IndexName":"byPlace",
			"KeyConditionExpression":"city > :p AND club = :c",
			"ExpressionAttributeValues":{":p":"bonn",":c":"x"}}`,
		want: refusal + "HASH key attributes city must have equality conditions specified in the " +
			"query",
	}, {
		rule: "the second range attribute without the first",
		ask: `Query matches {"IndexName":"byPlace",
			"KeyConditionExpression":"city = :p AND club = :c AND #s = :s",
			"ExpressionAttributeNames":{"#s":"start"},
			"ExpressionAttributeValues":{":p":"bonn",":c":"x",":s":"a"}}`,
		want: refusal + "RANGE key attributes round must have equality conditions specified in " +
			"the query because a condition is present on key attribute start",
	}, {
		rule: "the second range attribute after the first in a range",
		ask: byPlace("city = :p AND club = :c AND #r > :r AND #s = :s",
			`{":p":"bonn",":c":"x",":r":1,":s":"a"}`, ""),
		want: refusal + "RANGE key attributes round must have equality conditions specified in " +
			"the query because a condition is present on key attribute start",
	}, {
		rule: "one of the attributes of another type",
		ask:  `PutItem matches {"Item":{"pk":"1","city":"bonn","club":"x","round":"1","start":"a"}}`,
		want: refusal + "One or more parameter values were invalid: Type mismatch for Index Key " +
			"round Expected: N Actual: S IndexName: byPlace",
	}, {
		rule: "a page ends with all attributes, and the table's key", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk","Limit":2,
			"KeyConditionExpression":"club = :c AND city = :p",
			"ExpressionAttributeValues":{":p":"bonn",":c":"x"}}`,
		want: `{"Items":[{"pk":"2"},{"pk":"3"}],"Count":2,"ScannedCount":2,"LastEvaluatedKey":
			{"pk":"3","city":"bonn","club":"x","round":2,"start":"a"}}`,
	}, {
		rule: "and the next begins with them", given: someMatches,
		ask: `Query matches {"IndexName":"byPlace","ProjectionExpression":"pk",
			"ExclusiveStartKey":{"pk":"3","city":"bonn","club":"x","round":2,"start":"a"},
			"KeyConditionExpression":"club = :c AND city = :p",
			"ExpressionAttributeValues":{":p":"bonn",":c":"x"}}`,
		want: foundPKs("16"),
	}})
}

func TestMultiAttributeKeysPageByPage(t *testing.T) {
	t.Parallel()
	s := newMatches(t)
	for i := range 60 {
		give(t, s, fmt.Sprintf(
			`matches {"pk":"%d","city":"c%d","club":"d%d","round":%d,"start":"%d"}`,
			i, i%2, i/2%2, i%3, i%5))
	}
	const open = `Query matches {"IndexName":"byPlace",
		"KeyConditionExpression":"city = :p AND club = :c",
		"ExpressionAttributeValues":{":p":"c1",":c":"d1"}`
	whole := walk(t, s, open)
	require.Len(t, whole, 15)
	for limit := 1; limit < 8; limit++ {
		more := fmt.Sprintf(`,"Limit":%d`, limit)
		require.Equal(t, whole, walk(t, s, open+more))
		backwards := walk(t, s, open+more+`,"ScanIndexForward":false`)
		require.Len(t, backwards, len(whole))
		require.Equal(t, whole[0], backwards[len(backwards)-1])
	}
}
