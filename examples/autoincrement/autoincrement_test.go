package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

// newTestStory returns a story whose table exists.
func newTestStory(t *testing.T, settings settings) *story {
	on, tickets := stagetest.NewStage[Ticket](t)
	items, err := dynamapper.TableOf[Item](on.Mapper)
	require.NoError(t, err)
	return &story{Stage: on, settings: settings, tickets: tickets, items: items}
}

func TestStory(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	stagetest.RequireLines(t, program(&settings{tickets: 2, batch: 3}), engine, []string{
		`Its table is ` + engine.Prefix +
			`autoincrement-\w{10}-tickets; it is deleted at the end\.`,

		`1\. Eight writers at once`,
		"    ID int `dynamo:\"id,hash,autoincrement\"`",
		`.* Writers that save at once: 8\. Tickets of each: 2\.`,
		`  8 +\d+, \d+`,
		`  16 +16 +1 +16 +16`,
		`Requests: 16 that increment the counter, and 16 that put a new ticket\.`,

		`2\. Ids taken by hand`,
		`.* Here 17 and 19 are taken, then`,
		`  17 +17 +0 +1`,
		`  19 +19 +0 +1`,
		`  0 +18 +2 +2`,
		`  0 +20 +2 +2`,
		`  0 +21 +1 +1`,

		`3\. A batch`,
		`  one by one +3 +22 +24 +3 +3`,
		`  BatchSave +3 +25 +27 +1 +3`,

		`4\. A save that fails`,
		`The last id is 27\. .*`,
		`    dynamapper: .*: the item is not valid: a ticket needs a text`,
		`    dynamapper: .*: the item is larger than 400 KB, .*\.\.\.`,
		`  none +refused +0 +0 +0`,
		`  500 KB +refused +1 +1 +0`,
		`  short +saved +1 +1 +29`,
		`.*: 29 after 27\.`,

		`5\. Where the count is stored`,
		`    {"__max_hash_key__": {"N": "29"}, "id": {"N": "-1"}}`,
		`  items\.Scan\(\)\.Count +29`,
		`  tickets\.Scan\(\)\.Count +28`,
		`  tickets\.Scan\(\)\.Collect +28 tickets`,
		`  tickets\.Get at -1 +ErrNotFound`,
		`  tickets\.Save at -1 +ErrSchema`,

		`6\. A table of the Python mapper`,
		`    {"__max_hash_key__": {"N": "1000"}, "id": {"N": "-1"}}`,
		`They got the ids 1001 and 1002, .*`,
		`    {"__max_hash_key__": {"N": "1002"}, "id": {"N": "-1"}}`,

		`The table is deleted\.`,
	})
}

func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{tickets: 5})
	saved, err := s.runWriters(t.Context())
	require.NoError(t, err)
	sum, err := s.check(t.Context(), saved)
	require.NoError(t, err)
	require.Equal(t, sumOf(40), sum)
	require.NoError(t, sum.complain())
	for _, tickets := range saved {
		for i := range tickets[1:] {
			require.Less(t, tickets[i].ID, tickets[i+1].ID)
		}
	}
}

// sumOf returns the sum of n tickets with the ids from 1.
func sumOf(n int) sum { return sum{saved: n, different: n, lowest: 1, highest: n, found: n} }

func TestSumOfLostTickets(t *testing.T) {
	t.Parallel()
	one, twice, other := &Ticket{ID: 3, Text: "a"}, &Ticket{ID: 3, Text: "b"}, &Ticket{ID: 2,
		Text: "c"}
	s := sumUp([][]*Ticket{{one, other}, {twice}}, map[int]*Ticket{3: twice})
	require.Equal(t, sum{saved: 3, different: 2, lowest: 2, highest: 3, found: 1}, s)
	require.EqualError(t, s.complain(),
		"of 3 tickets with 2 different ids, 1 are in the table unchanged")
	require.Error(t, sum{saved: 2, different: 2, found: 1}.complain())
	require.NoError(t, sumUp(nil, nil).complain())
}

func TestWriterEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{tickets: 3})
	require.NoError(t, s.tickets.DeleteTable(t.Context()))
	var done atomic.Int64
	_, err := s.write(t.Context(), "player-1", 3, &done)
	require.Error(t, err)
	require.Zero(t, done.Load())
	_, err = s.runWriters(t.Context())
	require.Error(t, err)
}

func TestRefusedTicketKeepsItsZero(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{})
	ticket := &Ticket{Text: strings.Repeat("x", 500_000)}
	row, err := s.refused(t.Context(), "long", ticket)
	require.NoError(t, err)
	require.Equal(t, []any{"long", "refused", 1, 1, 0}, row)
	require.True(t, s.tickets.IsNew(ticket))
	ticket.Text = "short"
	_, err = s.refused(t.Context(), "short", ticket)
	require.EqualError(t, err, "the ticket with the text short should have been refused")
	require.Equal(t, 2, ticket.ID)
}

// The counter of the items that the Python mapper has written, in testdata, is the one that the
// story shows.
func TestCounterIsTheOriginals(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../tests/testdata/python_items.json")
	require.NoError(t, err)
	var tables []struct {
		Table string
		Items []map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(text, &tables))
	var counters []map[string]map[string]any
	for _, table := range tables {
		for _, item := range table.Items {
			if item["__max_hash_key__"] != nil {
				counters = append(counters, item)
			}
		}
	}
	require.Len(t, counters, 1)
	stored, err := json.Marshal(counters[0])
	require.NoError(t, err)
	count, err := strconv.Atoi(counters[0]["__max_hash_key__"]["N"].(string))
	require.NoError(t, err)
	require.JSONEq(t, string(stored), originalCounter(count))
}

func TestShowRaw(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{})
	const raw = `{"id": {"N": "7"}, "text": {"S": "a \"word\""}}`
	item, err := s.items.UnmarshalItemJSON([]byte(raw))
	require.NoError(t, err)
	require.Equal(t, raw, showRaw(s.items.Snapshot(item)))
}

func TestInterruptLeavesNoTable(t *testing.T) {
	t.Parallel()
	for _, interrupt := range []struct {
		at  string
		nth int64
	}{
		{"CreateTable", 1},
		{"PutItem", 1},     // of the counter
		{"UpdateItem", 12}, // of the writers
		{"PutItem", 22},    // an id taken by hand
		{"UpdateItem", 25}, // of the batch
		{"PutItem", 31},    // a ticket that is too large
		{"GetItem", 1},
		{"Scan", 2},
	} {
		t.Run(interrupt.at+strconv.FormatInt(interrupt.nth, 10), func(t *testing.T) {
			stagetest.RequireNoTableAfterInterrupt(t, program(&settings{tickets: 2, batch: 3}),
				interrupt.at, interrupt.nth)
		})
	}
}

func TestRun(t *testing.T) {
	printed := stagetest.RequireRun(t, program(&settings{}), "-tickets", "1", "-batch", "1")
	require.Contains(t, printed, "Writers that save at once: 8. Tickets of each: 1.")
}

func TestRunRefusesFlags(t *testing.T) {
	t.Parallel()
	for _, failure := range []struct{ args, want string }{
		{"-ticket 2", `autoincrement: flag provided but not defined: -ticket; see -help`},
		{"-tickets 0", `autoincrement: -tickets is 0; give 1 to 1000`},
		{"-tickets 1001", `autoincrement: -tickets is 1001; give 1 to 1000`},
		{"-batch 0", `autoincrement: -batch is 0; give 1 to 1000`},
		{"-batch 1001", `autoincrement: -batch is 1001; give 1 to 1000`},
		{"8", `autoincrement: there is no argument "8"; see -help`},
	} {
		stagetest.RequireRefused(t, program(&settings{}), failure.args, failure.want)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	stagetest.RequireHelp(t, program(&settings{}),
		"number of tickets that each of the 8 writers saves, 1 to 1000 (default 25)")
}

func TestCodeShownIsCodeRun(t *testing.T) {
	t.Parallel()
	stagetest.RequireShownCodeRuns(t, 9)
}
