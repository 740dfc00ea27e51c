package service

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestScan(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	run(t, newTables, []row{{
		rule: "a table without items",
		ask:  `Scan things {}`,
		want: `{"Items":[],"Count":0,"ScannedCount":0}`,
	}, {
		rule:  "all items",
		given: `things {"pk":"a","n":1}`,
		ask:   `Scan things {}`,
		want:  `{"Items":[{"pk":"a","n":1}],"Count":1,"ScannedCount":1}`,
	}, {
		rule: "the items of one hash key are together, by their range key", given: gamesOfA,
		ask: `Scan scores {"ProjectionExpression":"sk","FilterExpression":"pk = :p",
			"ExpressionAttributeValues":{":p":"a"}}`,
		want: `{"Items":[{"sk":-5},{"sk":0},{"sk":2},{"sk":10}],"Count":4,"ScannedCount":5}`,
	}, {
		rule: "COUNT", given: gamesOfA,
		ask:  `Scan scores {"Select":"COUNT"}`,
		want: `{"Count":5,"ScannedCount":5}`,
	}, {
		rule: "an index has the items that have its keys", given: gamesOfA,
		ask:  `Scan scores {"IndexName":"byDay","Select":"COUNT"}`,
		want: `{"Count":4,"ScannedCount":4}`,
	}, {
		rule: "a scan's filter can be about keys", given: gamesOfA,
		ask: `Scan scores {"ProjectionExpression":"game","FilterExpression":"sk = :s",
			"ExpressionAttributeValues":{":s":0}}`,
		want: `{"Items":[{"game":"go"}],"Count":1,"ScannedCount":5}`,
	}, {
		rule: "an index that there is not",
		ask:  `Scan scores {"IndexName":"none"}`,
		want: refusal + "The table does not have the specified index: none",
	}, {
		rule: "a global index cannot be read consistently",
		ask:  `Scan scores {"IndexName":"games","ConsistentRead":true}`,
		want: refusal + "Consistent reads are not supported on global secondary indexes",
	}, {
		rule: "a global index does not give what it does not project",
		ask:  `Scan scores {"IndexName":"byGame","Select":"ALL_ATTRIBUTES"}`,
		want: refusal + "One or more parameter values were invalid: Select type ALL_ATTRIBUTES " +
			"is not supported for global secondary index byGame because its projection type is " +
			"not ALL",
	}, {
		rule: "not even one attribute of it",
		ask:  `Scan scores {"IndexName":"byGame","ProjectionExpression":"more"}`,
		want: refusal +
			"One or more parameter values were invalid: Global secondary index byGame " +
			"does not project [more]",
	}, {
		rule: "a filter of a scan finds nothing of it", given: gamesOfA,
		ask: `Scan scores {"IndexName":"byGame","FilterExpression":"attribute_exists(#d)",
			"ExpressionAttributeNames":{"#d":"day"}}`,
		want: `{"Items":[],"Count":0,"ScannedCount":4}`,
	}, {
		rule: "a local index fetches it from the table", given: gamesOfA,
		ask: `Scan scores {"IndexName":"byDay","Select":"ALL_ATTRIBUTES",
			"FilterExpression":"points = :n AND pk = :p",
			"ExpressionAttributeValues":{":n":7,":p":"b"}}`,
		want: `{"Items":[{"pk":"b","sk":1,"day":9,"game":"chess","points":7,"note":"n9"}],
			"Count":1,"ScannedCount":4}`,
	}, {
		rule: "a start key without the range key",
		ask:  `Scan scores {"ExclusiveStartKey":{"pk":"a"}}`,
		want: refusal + "The provided starting key is invalid",
	}, {
		rule: "Segment without TotalSegments",
		ask:  `Scan things {"Segment":0}`,
		want: refusal + "The TotalSegments parameter is required but was not present in the " +
			"request when Segment parameter is present",
	}, {
		rule: "TotalSegments without Segment",
		ask:  `Scan things {"TotalSegments":2}`,
		want: refusal + "The Segment parameter is required but was not present in the request " +
			"when parameter TotalSegments is present",
	}, {
		rule: "segments are counted from zero",
		ask:  `Scan things {"Segment":2,"TotalSegments":2}`,
		want: refusal + "The Segment parameter is zero-based and must be less than parameter " +
			"TotalSegments: Segment: 2 is not less than TotalSegments: 2",
	}, {
		rule: "a million segments are the most",
		ask:  `Scan things {"Segment":0,"TotalSegments":1000001}`,
		want: refusal + "1 validation error detected: Value at 'TotalSegments' failed to " +
			"satisfy constraint: Member must have value less than or equal to 1000000",
	}, {
		rule: "a million segments are not too many",
		ask:  `Scan things {"Segment":999999,"TotalSegments":1000000}`,
		want: `{"Items":[],"Count":0,"ScannedCount":0}`,
	}})
}

// The segments of a parallel scan contain each item exactly once, for the table and for indexes.
func TestParallelScan(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	const items = 200
	for i := range items {
		give(t, s, fmt.Sprintf(`scores {"pk":"p%d","sk":%d,"day":1,"game":"g%d"}`, i, i, i%50))
	}
	for _, index := range []string{"", `"IndexName":"byDay",`, `"IndexName":"games",`} {
		for _, segments := range []int{1, 2, 7} {
			seen := map[any]int{}
			for segment := range segments {
				found := walk(t, s, fmt.Sprintf(
					`Scan scores {%s"Segment":%d,"TotalSegments":%d,"Limit":9`,
					index, segment, segments))
				assert.NotEmpty(t, found, "segment %d of %d", segment, segments)
				for _, item := range found {
					seen[at(item, "pk")]++
				}
			}
			assert.Len(t, seen, items, "%s%d segments", index, segments)
			for pk, times := range seen {
				assert.Equal(t, 1, times, "%v", pk)
			}
		}
	}
}
