package service

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
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
	}, {
		rule: "a filter on a key attribute", given: someMatches,
		ask: byPlace("city = :p AND club = :c AND #r = :r", `{":p":"bonn",":c":"x",":r":2,":s":"a"}`,
			`,"FilterExpression":"#s = :s"`),
		want: refusal + "Filter Expression can only contain non-primary key attributes: Primary " +
			"key attribute: start",
	}, {
		rule: "a condition on an attribute that is no key",
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s = :s AND pk = :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`, ""),
		want: refusal + "The number of query conditions (5) exceeds the number of key attributes " +
			"defined in the schema (4)",
	}, {
		rule: "a start key without a range attribute of the index",
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s > :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`,
			`,"ExclusiveStartKey":{"pk":"3","city":"bonn","club":"x","round":2}`),
		want: refusal + "The provided starting key is invalid",
	}, {
		rule: "a start key with a range attribute of another type",
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s > :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`,
			`,"ExclusiveStartKey":{"pk":"3","city":"bonn","club":"x","round":"2","start":"b"}`),
		want: refusal + "The provided starting key is invalid",
	}, {
		rule: "a start key of which a range attribute fails its equality",
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s > :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`,
			`,"ExclusiveStartKey":{"pk":"3","city":"bonn","club":"x","round":3,"start":"b"}`),
		want: refusal + "The provided starting key does not match the range key predicate",
	}, {
		rule: "a start key of which a range attribute fails the last condition",
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s > :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`,
			`,"ExclusiveStartKey":{"pk":"3","city":"bonn","club":"x","round":2,"start":"a"}`),
		want: refusal + "The provided starting key does not match the range key predicate",
	}, {
		rule: "a query of the index costs its items, and names it", given: someMatches,
		ask: byPlace("city = :p AND club = :c AND #r = :r AND #s = :s",
			`{":p":"bonn",":c":"x",":r":2,":s":"a"}`, `,"ReturnConsumedCapacity":"INDEXES"`),
		want: `{"Items":[{"pk":"3"}],"Count":1,"ScannedCount":1,"ConsumedCapacity":{
			"TableName":"matches","CapacityUnits":0.5,"Table":{"CapacityUnits":0},
			"GlobalSecondaryIndexes":{"byPlace":{"CapacityUnits":0.5}}}}`,
	}, {
		rule: "a write that moves an item in the index writes there twice", given: someMatches,
		ask: `UpdateItem matches {"Key":{"pk":"3"},"UpdateExpression":"SET #s = :s",
			"ExpressionAttributeNames":{"#s":"start"},"ExpressionAttributeValues":{":s":"z"},
			"ReturnConsumedCapacity":"INDEXES"}`,
		want: `{"ConsumedCapacity":{"TableName":"matches","CapacityUnits":3,
			"Table":{"CapacityUnits":1},
			"GlobalSecondaryIndexes":{"byPlace":{"CapacityUnits":2}}}}`,
	}, {
		rule: "one that removes an attribute of the key takes it out", given: someMatches,
		ask: `UpdateItem matches {"Key":{"pk":"3"},"UpdateExpression":"REMOVE club",
			"ReturnConsumedCapacity":"INDEXES"}`,
		want: `{"ConsumedCapacity":{"TableName":"matches","CapacityUnits":2,
			"Table":{"CapacityUnits":1},
			"GlobalSecondaryIndexes":{"byPlace":{"CapacityUnits":1}}}}`,
	}, {
		rule: "an item that lacks one of the attributes costs nothing in the index",
		ask: `PutItem matches {"Item":{"pk":"9","city":"bonn","club":"x","round":1},
			"ReturnConsumedCapacity":"INDEXES"}`,
		want: `{"ConsumedCapacity":{"TableName":"matches","CapacityUnits":1,
			"Table":{"CapacityUnits":1}}}`,
	}})
}

// The legacy parameter KeyConditions has the same rules.
func TestMultiAttributeKeyConditions(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	query := func(conditions string) string {
		return `Query matches {"IndexName":"byPlace","AttributesToGet":["pk"],
			"KeyConditions":{` + conditions + `}}`
	}
	hash := `"city":` + comparison("EQ", `{"S":"bonn"}`) + `,"club":` + comparison("EQ", `{"S":"x"}`)
	run(t, newMatches, []row{{
		rule: "the hash attributes", given: someMatches, ask: query(hash), want: foundPKs("2316"),
	}, {
		rule: "an equality and a range", given: someMatches,
		ask: query(hash + `,"start":` + comparison("GT", `{"S":"a"}`) +
			`,"round":` + comparison("EQ", `{"N":"2"}`)),
		want: foundPKs("1"),
	}, {
		rule: "one hash attribute",
		ask:  query(`"club":` + comparison("EQ", `{"S":"x"}`)),
		want: refusal + "HASH key attributes city must have equality conditions specified in the " +
			"query",
	}, {
		rule: "a gap",
		ask:  query(hash + `,"start":` + comparison("EQ", `{"S":"a"}`)),
		want: refusal + "RANGE key attributes round must have equality conditions specified in " +
			"the query because a condition is present on key attribute start",
	}, {
		rule: "a range before the last attribute",
		ask: query(hash + `,"start":` + comparison("EQ", `{"S":"a"}`) +
			`,"round":` + comparison("GE", `{"N":"2"}`)),
		want: refusal + "RANGE key attributes round must have equality conditions specified in " +
			"the query because a condition is present on key attribute start",
	}})
}

// UpdateTable adds such an index to a table that has items, and keeps the order of its attributes.
func TestUpdateTableAddsAMultiAttributeIndex(t *testing.T) {
	t.Parallel()
	s := newMatches(t)
	give(t, s, someMatches)
	update := func(keys string) string {
		return object(nameOf("matches"), define("city S, club S, round N, start S, pk S"),
			indexUpdates(create("byStart", keys)))
	}
	requireRefused(t, s, "UpdateTable", update("club round city start pk | x"), validation,
		"One or more parameter values were invalid: The KeySchema exceeds the maximum allowed "+
			"number of HASH key attributes")
	call(t, s, "UpdateTable", update("round city | start pk"))
	want := []any{}
	for _, element := range []string{"round HASH", "city HASH", "start RANGE", "pk RANGE"} {
		name, role, _ := strings.Cut(element, " ")
		want = append(want, map[string]any{"AttributeName": name, "KeyType": role})
	}
	table := call(t, s, "DescribeTable", object(nameOf("matches")))["Table"]
	indexes, _ := at(table, "GlobalSecondaryIndexes").([]any)
	require.Len(t, indexes, 2)
	require.Equal(t, want, at(indexes[1], "KeySchema"))
	script(t, s, `Query matches {"IndexName":"byStart","ProjectionExpression":"pk",
		"KeyConditionExpression":"city = :c AND #r = :r AND #s = :s AND pk > :p",
		"ExpressionAttributeNames":{"#r":"round","#s":"start"},
		"ExpressionAttributeValues":{":c":"bonn",":r":1,":s":"a",":p":"4"}}`, foundPKs("8"))
}

// The segments of a parallel scan share the items of such an index among them.
func TestScanSegmentsOfAMultiAttributeIndex(t *testing.T) {
	t.Parallel()
	s := newMatches(t)
	giveRandomMatches(t, s, rand.New(rand.NewPCG(1, 1)), 120)
	whole := walk(t, s, `Scan matches {"IndexName":"byPlace"`)
	require.NotEmpty(t, whole)
	var parts []any
	for i := range 5 {
		parts = append(parts, walk(t, s, fmt.Sprintf(
			`Scan matches {"IndexName":"byPlace","Segment":%d,"TotalSegments":5,"Limit":4`, i))...)
	}
	require.ElementsMatch(t, whole, parts)
}

// giveRandomMatches puts matches, replaces and deletes some, and sets and removes key attributes.
func giveRandomMatches(t *testing.T, s *Service, r *rand.Rand, n int) {
	t.Helper()
	attribute := func() (name, value string) {
		switch r.IntN(4) {
		case 0:
			return "city", fmt.Sprintf(`"c%d"`, r.IntN(2))
		case 1:
			return "club", fmt.Sprintf(`"d%d"`, r.IntN(2))
		case 2:
			return "round", fmt.Sprint(r.IntN(25) - 12)
		}
		return "start", fmt.Sprintf(`"%s"`, strings.Repeat("s", 1+r.IntN(3)))
	}
	for range n {
		pk := r.IntN(n / 2)
		name, value := attribute()
		update := func(clause, more string) string {
			return fmt.Sprintf(`UpdateItem matches {"Key":{"pk":"%d"},"UpdateExpression":"%s",
				"ExpressionAttributeNames":{"#n":"%s"}%s}`, pk, clause, name, more)
		}
		switch r.IntN(6) {
		case 0:
			give(t, s, fmt.Sprintf(`DeleteItem matches {"Key":{"pk":"%d"}}`, pk))
		case 1:
			give(t, s, update("REMOVE #n", ""))
		case 2:
			give(t, s, update("SET #n = :v", `,"ExpressionAttributeValues":{":v":`+value+`}`))
		default:
			give(t, s, fmt.Sprintf(`matches {"pk":"%d","city":"c%d","club":"d%d","round":%d,
				"start":"%s"}`, pk, r.IntN(2), r.IntN(2), r.IntN(25)-12,
				strings.Repeat("s", 1+r.IntN(3))))
		}
	}
}

// A query of such an index finds what a filter finds in the whole table, in the order of the range
// attributes, whatever was written before.
func TestMultiAttributeIndexHasWhatTheTableHas(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		s := newMatches(t)
		giveRandomMatches(t, s, rand.New(rand.NewPCG(seed, 2)), 200)
		all := walk(t, s, `Scan matches {"Limit":50`)
		for city := range 2 {
			for club := range 2 {
				want := matchesOf(all, fmt.Sprintf("c%d", city), fmt.Sprintf("d%d", club))
				require.NotEmpty(t, want)
				got := walk(t, s, fmt.Sprintf(`Query matches {"IndexName":"byPlace","Limit":3,
					"KeyConditionExpression":"city = :p AND club = :c",
					"ExpressionAttributeValues":{":p":"c%d",":c":"d%d"}`, city, club))
				require.Equal(t, want, got)
			}
		}
	}
}

// matchesOf returns the items with all key attributes of byPlace, of a city and a club, in order.
func matchesOf(all []any, city, club string) []any {
	var found []any
	for _, one := range all {
		if at(one, "city") == city && at(one, "club") == club && at(one, "round") != nil &&
			at(one, "start") != nil {
			found = append(found, one)
		}
	}
	text := func(item any, name string) string { return fmt.Sprint(at(item, name)) }
	// The items of one key are in the order of the scan.
	slices.SortStableFunc(found, func(a, b any) int {
		first, _ := strconv.Atoi(text(a, "round"))
		second, _ := strconv.Atoi(text(b, "round"))
		return cmp.Or(cmp.Compare(first, second), strings.Compare(text(a, "start"), text(b, "start")))
	})
	return found
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
