package main

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMinimise(t *testing.T) {
	t.Parallel()
	var all []int
	for i := range 200 {
		all = append(all, i)
	}
	tries := 0
	found := minimise(all, func(some []int) bool {
		tries++
		return slices.Contains(some, 3) && slices.Contains(some, 150) && slices.Contains(some, 199)
	})
	assert.Equal(t, []int{3, 150, 199}, found)
	assert.Less(t, tries, 100)
	assert.Equal(t, 200, len(all))
	assert.True(t, slices.IsSorted(all), "the list itself stays")
	assert.Empty(t, minimise(all, func([]int) bool { return true }))
	assert.Equal(t, all, minimise(all, func(some []int) bool { return len(some) == 200 }))
}

func TestSimplify(t *testing.T) {
	t.Parallel()
	request := tree(t, `{"TableName":"t","Item":{"a":{"L":[{"S":"x"},{"N":"12"}]},"b":{"S":"`+
		strings.Repeat("v", 1000)+`"}},"Limit":7}`)
	found := simplify(request, func(smaller any) bool {
		return len(elements(smaller, "Item", "a", "L")) > 0 &&
			len(text(smaller, "Item", "b", "S")) > 100
	})
	want := `{"Item":{"a":{"L":[{}]},"b":{"S":"` + strings.Repeat("v", 128) + `"}}}`
	assert.Equal(t, want, encode(found))
}

// A forgetful endpoint counts the requests of each run, except those with an x. The shrinker needs
// no more of a service.
type forgetful struct {
	loses  bool
	counts map[string]int
}

var runNumber = regexp.MustCompile(`Q[0-9A-Z]{5}`)

func (f *forgetful) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	run := runNumber.FindString(string(body))
	isPut := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem")
	if isPut && !(f.loses && bytes.Contains(body, []byte("x"))) {
		f.counts[run]++
	}
	shown := fmt.Appendf(nil, `{"Table":{"n":%d,"TableStatus":"ACTIVE"}}`, f.counts[run])
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amzn-Requestid": {"1"},
		"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE(shown)), 10)}}
	shownBody := io.NopCloser(bytes.NewReader(shown))
	return &http.Response{StatusCode: 200, Header: header, Body: shownBody}, nil
}

func TestShrinkFindsTheRequestThatMatters(t *testing.T) {
	t.Parallel()
	at := func(loses bool) *endpoint {
		return &endpoint{name: "e", url: "http://e/", caller: &forgetful{loses, map[string]int{}}}
	}
	c := newComparer(at(true), at(false), settings{replays: 300}, io.Discard)
	request := func(operation, value string) *step {
		return &step{operation: operation,
			body: newObject("T", runMark, "A", newObject("S", value))}
	}
	history := []*step{request("CreateTable", "t")}
	for i := range 40 {
		history = append(history, request("PutItem", strconv.Itoa(i)), request("GetItem", ""))
	}
	history = slices.Insert(history, 33, request("PutItem", "long text with an x"))
	last := request("DescribeTable", "t")
	kind := c.replay(history, last).kind
	assert.Equal(t, "DescribeTable: 200: .Table.n", kind)

	short, smallest, again := c.shrink(history, last, kind)
	assert.True(t, again)
	assert.Equal(t, `DescribeTable {"T":"Q00000"}`, scriptLine(smallest))
	if assert.Len(t, short, 1) {
		assert.Equal(t, `PutItem {"T":"Q00000","A":{"S":"x"}}`, scriptLine(short[0]))
	}
}

func TestAScriptLineIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, s := range []*step{
		{operation: "Scan", body: newObject("TableName", "t."+runMark), mode: segments},
		{operation: "Query", body: newObject("Limit", newInt(1)), mode: walk},
		{operation: "PutItem", raw: `{"TableName":`},
	} {
		assert.Equal(t, s, parseStep(scriptLine(s)))
	}
	assert.Nil(t, parseStep("# ours: 200 {}"))
	assert.Nil(t, parseStep(""))
}

func TestTheSameSeedMakesTheSameRequests(t *testing.T) {
	t.Parallel()
	steps := func(seed uint64) string {
		var lines []string
		g := newGenerator(newRandom(seed, 3), settings{malformed: 20}, 3)
		for _, s := range append(g.prologue(), g.filling()...) {
			lines = append(lines, scriptLine(s))
		}
		for range 200 {
			lines = append(lines, scriptLine(g.next()))
		}
		return strings.Join(lines, "\n")
	}
	assert.Equal(t, steps(1), steps(1))
	assert.NotEqual(t, steps(1), steps(2))
}
