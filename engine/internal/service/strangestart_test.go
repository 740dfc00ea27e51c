package service

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// A start key may have a value of an index's key that no item of the index can have. It is a
// position in the order all the same, and no page reaches beyond the partition.
func TestStartKeysThatNoItemOfTheIndexHas(t *testing.T) {
	t.Parallel()
	notes := ``
	for _, pk := range strings.Split("a b c d e f", " ") {
		for sk := range 3 {
			notes += fmt.Sprintf("\n"+`scores {"pk":"%s","sk":%d,"note":"n%d"}`, pk, sk, sk)
		}
	}
	long := strings.Repeat("z", 1025)
	after := func(note, more string) string {
		return querySk("pk = :p", `{":p":"a"}`, `,"IndexName":"byNote",
			"ExclusiveStartKey":{"pk":"a","sk":0,"note":"`+note+`"}`+more)
	}
	const backwards = `,"ScanIndexForward":false`
	run(t, newTables, []row{{
		rule: "after an empty string is all", given: notes,
		ask: after("", ""), want: foundSk("0 1 2"),
	}, {
		rule: "before an empty string is nothing", given: notes,
		ask: after("", backwards), want: foundSk(""),
	}, {
		rule: "after a string that is too long for a key", given: notes,
		ask: after(long, ""), want: foundSk(""),
	}, {
		rule: "before a string that is too long for a key", given: notes,
		ask: after(long, backwards), want: foundSk("2 1 0"),
	}})
}

// A page of a segment can continue only in that segment. In another, the response would omit items
// or be empty.
func TestScanRefusesAStartKeyOfAnotherSegment(t *testing.T) {
	t.Parallel()
	const segments = 4
	s := newTables(t)
	for i := range 40 {
		give(t, s, `things {"pk":"`+itoa(i)+`"}`)
	}
	segment := func(i int, key string) string {
		return fmt.Sprintf(`{"TableName":"things","Segment":%d,"TotalSegments":%d,
			"ExclusiveStartKey":{"pk":{"S":"%s"}}}`, i, segments, key)
	}
	for i := range 40 {
		home := 0
		for j := range segments {
			_, err := s.Do(t.Context(), "Scan", []byte(segment(j, itoa(i))))
			if err == nil {
				home++
				continue
			}
			require.Equal(t, protocol.Validation("The provided starting key is invalid: Invalid "+
				"ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "+
				"TotalSegments: 4 Segment: %d", j), err)
		}
		assert.Equal(t, 1, home, "the segments that have the key %d", i)
	}
}
