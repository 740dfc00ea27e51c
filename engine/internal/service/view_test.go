package service

import (
	"testing"
	"time"
)

// newStale returns a service whose eventually consistent reads are ten seconds old.
func newStale(t *testing.T) (*Service, *clock) {
	t.Helper()
	c := newClock()
	s := New(Options{Now: c.Now, StaleReads: 10 * time.Second})
	createTables(t, s)
	return s, c
}

// An eventually consistent read sees an earlier state of the table, a consistent read the present
// one.
func TestStaleReads(t *testing.T) {
	t.Parallel()
	const one, two = `{"pk":"a","sk":1,"day":1,"game":"go","n":1}`,
		`{"pk":"a","sk":1,"day":1,"game":"go","n":2}`
	const keys = `{"Keys":[{"pk":"a","sk":1}]`
	const get = `TransactGetItems {"TransactItems":[
		{"Get":{"TableName":"scores","Key":{"pk":"a","sk":1}}}]}`
	page := func(item string) string {
		return `{"Items":[` + item + `],"Count":1,"ScannedCount":1}`
	}
	batch := func(item string) string {
		return `{"Responses":{"scores":[` + item + `]},"UnprocessedKeys":{}}`
	}
	query := func(key, value, more string) string {
		return `Query scores {"KeyConditionExpression":"` + key + ` = :v",
			"ExpressionAttributeValues":{":v":"` + value + `"}` + more + `}`
	}
	for _, test := range []struct{ rule, ask, stale, current string }{
		{"GetItem", `GetItem scores {"Key":{"pk":"a","sk":1}}`,
			`{"Item":` + one + `}`, `{"Item":` + two + `}`},
		{"GetItem, consistent", `GetItem scores {"Key":{"pk":"a","sk":1},"ConsistentRead":true}`,
			`{"Item":` + two + `}`, `{"Item":` + two + `}`},
		{"Query", query("pk", "a", ""), page(one), page(two)},
		{"Query, consistent", query("pk", "a", `,"ConsistentRead":true`), page(two), page(two)},
		{"of a local index", query("pk", "a", `,"IndexName":"byDay","Select":"ALL_ATTRIBUTES"`),
			page(one), page(two)},
		{"of a local index, consistent", query("pk", "a", `,"IndexName":"byDay",
			"Select":"ALL_ATTRIBUTES","ConsistentRead":true`), page(two), page(two)},
		{"of a global index", query("game", "go", `,"IndexName":"games"`), page(one), page(two)},
		{"Scan", `Scan scores {}`, page(one), page(two)},
		{"Scan, consistent", `Scan scores {"ConsistentRead":true}`, page(two), page(two)},
		{"BatchGetItem", `BatchGetItem {"RequestItems":{"scores":` + keys + `}}}`,
			batch(one), batch(two)},
		{"BatchGetItem, consistent", `BatchGetItem {"RequestItems":{"scores":` + keys +
			`,"ConsistentRead":true}}}`, batch(two), batch(two)},
		{"TransactGetItems is consistent", get,
			`{"Responses":[{"Item":` + two + `}]}`, `{"Responses":[{"Item":` + two + `}]}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			s, clock := newStale(t)
			give(t, s, `scores `+one)
			clock.add(time.Minute)
			give(t, s, `scores `+two)
			script(t, s, test.ask, test.stale)
			clock.add(10*time.Second - time.Nanosecond)
			script(t, s, test.ask, test.stale)
			clock.add(time.Nanosecond)
			script(t, s, test.ask, test.current)
		})
	}
}

// A lagging read sees each past state: new items do not exist yet, and deleted items still do.
func TestStaleReadsSeeEachState(t *testing.T) {
	t.Parallel()
	s, clock := newStale(t)
	const read = `GetItem things {"Key":{"pk":"a"}}`
	give(t, s, `things {"pk":"a","n":1}`)
	script(t, s, read, `{}`)
	clock.add(4 * time.Second)
	give(t, s, `things {"pk":"a","n":2}`)
	clock.add(4 * time.Second)
	give(t, s, `DeleteItem things {"Key":{"pk":"a"}}`)
	script(t, s, read, `{}`)
	for _, want := range []string{`{"Item":{"pk":"a","n":1}}`, `{"Item":{"pk":"a","n":2}}`, `{}`} {
		clock.add(2 * time.Second)
		script(t, s, read, want)
		clock.add(2 * time.Second)
	}
}

// Conditions and updates use the present state of the table.
func TestWritesAreNeverStale(t *testing.T) {
	t.Parallel()
	s, _ := newStale(t)
	give(t, s, `things {"pk":"a","n":1}`)
	script(t, s,
		`UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"ADD n :n",
			"ConditionExpression":"n = :n","ExpressionAttributeValues":{":n":1},
			"ReturnValues":"ALL_NEW"}`, `{"Attributes":{"pk":"a","n":2}}`,
		transact(`ConditionCheck things {"Key":{"pk":"a"},"ConditionExpression":"n = :n",
			"ExpressionAttributeValues":{":n":2}}`), `{}`)
}
