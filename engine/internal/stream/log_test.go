package stream

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

var start = time.Date(2026, time.March, 4, 12, 30, 0, 0, time.UTC)

const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/2026-03-04T12:30:00.000"

// newItem returns an item with the key pk and an attribute.
func newItem(pk, text string) value.Map {
	return value.NewMap([]value.Attribute{
		{Name: "pk", Value: value.String(pk)}, {Name: "text", Value: value.String(text)},
	})
}

// added returns the change of adding an item.
func added(pk, text string, at time.Time) Change {
	item := newItem(pk, text)
	return Change{At: at, Keys: item[:1], New: item}
}

// newLog returns a stream to which items a, b, c, ... have been added, one each minute.
func newLog(items int) *Log {
	l := New(arn, "NEW_IMAGE", start)
	for i := range items {
		l.Append(added(string(rune('a'+i)), "x", start.Add(time.Duration(i)*time.Minute)))
	}
	return l
}

// keys returns the keys of records: "abc".
func keys(records []Record) string {
	var all strings.Builder
	for _, r := range records {
		all.WriteString(string(r.Keys.Get("pk").(value.String)))
	}
	return all.String()
}

// read returns all records from a place on that can be read at a time.
func read(t *testing.T, l *Log, place uint64, now time.Time) string {
	t.Helper()
	records, ok := l.Read(place, math.MaxInt, math.MaxInt, now)
	require.True(t, ok)
	return keys(records)
}

func TestViews(t *testing.T) {
	t.Parallel()
	old, now := newItem("a", "before"), newItem("a", "now")
	// pk and "a" have 3 bytes, text and "before" 10, text and "now" 7.
	for view, want := range map[string]struct {
		hasOld, hasNew                     bool
		insertSize, modifySize, removeSize int
	}{
		"KEYS_ONLY":          {false, false, 3, 3, 3},
		"NEW_IMAGE":          {false, true, 13, 13, 3},
		"OLD_IMAGE":          {true, false, 3, 16, 16},
		"NEW_AND_OLD_IMAGES": {true, true, 13, 26, 16},
	} {
		l := New(arn, view, start)
		l.Append(Change{At: start, Keys: now[:1], New: now})
		l.Append(Change{At: start, Keys: now[:1], Old: old, New: now})
		l.Append(Change{At: start, Keys: old[:1], Old: old, Expired: true})
		oldest, _ := l.Bounds(start)
		records, ok := l.Read(oldest, 10, 1<<20, start)
		require.True(t, ok)
		require.Len(t, records, 3, view)
		insert, modify, remove := records[0], records[1], records[2]
		assert.Equal(t, []string{"INSERT", "MODIFY", "REMOVE"},
			[]string{insert.Event, modify.Event, remove.Event}, view)
		assert.Equal(t, []int{want.insertSize, want.modifySize, want.removeSize},
			[]int{insert.Size, modify.Size, remove.Size}, view)
		assert.Nil(t, insert.Old, view)
		assert.Nil(t, remove.New, view)
		assert.Equal(t, want.hasNew, insert.New != nil, view)
		assert.Equal(t, want.hasOld, modify.Old != nil, view)
		assert.Equal(t, want.hasNew, modify.New != nil, view)
		assert.Equal(t, want.hasOld, remove.Old != nil, view)
		assert.Equal(t, now[:1], modify.Keys, view)
		assert.False(t, modify.Expired, view)
		assert.True(t, remove.Expired, view)
	}
}

func TestWhatChangesNothingHasNoRecord(t *testing.T) {
	t.Parallel()
	l := New(arn, "KEYS_ONLY", start)
	item := newItem("a", "x")
	l.Append(Change{At: start, Keys: item[:1], Old: item, New: newItem("a", "x")})
	oldest, next := l.Bounds(start)
	assert.Equal(t, oldest, next)
	l.Append(Change{At: start, Keys: item[:1], Old: item, New: newItem("a", "y")})
	oldest, next = l.Bounds(start)
	assert.Equal(t, oldest+1, next)
}

func TestSequences(t *testing.T) {
	t.Parallel()
	l := newLog(3)
	oldest, next := l.Bounds(start)
	require.Equal(t, oldest+3, next)
	records, _ := l.Read(oldest, 10, 1<<20, start)
	ids := map[string]bool{}
	for i := range records {
		assert.Equal(t, oldest+uint64(i), records[i].Sequence)
		id := l.EventID(&records[i])
		assert.Len(t, id, 32)
		ids[id] = true
	}
	assert.Len(t, ids, 3)

	later := New(arn+"1", "NEW_IMAGE", start.Add(time.Second))
	first, _ := later.Bounds(start)
	assert.Greater(t, first, next, "a later stream goes on above an earlier one")
	assert.NotEqual(t, l.EventID(&records[0]), later.EventID(&records[0]))
	assert.NotEqual(t, l.Shard(), later.Shard())

	ancient := New(arn, "NEW_IMAGE", time.Time{})
	first, _ = ancient.Bounds(time.Time{})
	assert.Equal(t, uint64(1), first)
}

func TestRead(t *testing.T) {
	t.Parallel()
	l := newLog(5)
	oldest, next := l.Bounds(start)
	for _, test := range []struct {
		from         uint64 // from the oldest record
		limit, bytes int    // a record has 11 bytes: pk twice, and text
		want         string
	}{
		{0, 10, 1 << 20, "abcde"},
		{0, 2, 1 << 20, "ab"},
		{3, 10, 1 << 20, "de"},
		{5, 10, 1 << 20, ""},
		{6, 10, 1 << 20, ""},
		{math.MaxUint64 - oldest, 10, 1 << 20, ""},
		{0, 10, 11 * 3, "abc"},
		{0, 10, 11*3 - 1, "ab"},
		{1, 10, 1, "b"},
	} {
		records, ok := l.Read(oldest+test.from, test.limit, test.bytes, start)
		assert.True(t, ok)
		assert.Equal(t, test.want, keys(records), "%v", test)
	}
	assert.Equal(t, "e", read(t, l, next-1, start))
	_, ok := l.Read(oldest-1, 10, 1<<20, start)
	assert.False(t, ok)
	_, ok = l.Read(0, 10, 1<<20, start)
	assert.False(t, ok)
}

func TestRecordsAreReadForADay(t *testing.T) {
	t.Parallel()
	l := newLog(3)
	oldest, next := l.Bounds(start)
	assert.Equal(t, "abc", read(t, l, oldest, start.Add(Life-1)))

	now := start.Add(Life + time.Minute)
	all := l.records
	assert.Equal(t, "c", read(t, l, oldest+2, now))
	assert.Equal(t, []Record{{}, {}}, all[:2], "nothing holds on to the images")
	_, ok := l.Read(oldest+1, 10, 1<<20, now)
	assert.False(t, ok)
	trimmed, same := l.Bounds(now)
	assert.Equal(t, oldest+2, trimmed)
	assert.Equal(t, next, same)

	now = now.Add(Life)
	trimmed, same = l.Bounds(now)
	assert.Equal(t, next, trimmed)
	assert.Equal(t, next, same)
	l.Append(added("d", "x", now))
	assert.Equal(t, "d", read(t, l, next, now))
}

func TestAppendForgetsOldRecords(t *testing.T) {
	t.Parallel()
	l := New(arn, "NEW_IMAGE", start)
	const many = 10_000
	for i := range many {
		l.Append(added("a", "x", start.Add(time.Duration(i)*time.Hour)))
	}
	assert.Len(t, l.records, 24)
	assert.Less(t, cap(l.records), 500)
	_, next := l.Bounds(start.Add(many * time.Hour))
	assert.Equal(t, l.records[0].Sequence+uint64(len(l.records)), next)
}

func TestSince(t *testing.T) {
	t.Parallel()
	l := newLog(3)
	oldest, _ := l.Bounds(start)
	for after, want := range map[time.Duration]string{
		-time.Hour: "abc", 0: "abc", 1: "bc", time.Minute: "bc", 2 * time.Minute: "c",
		2*time.Minute + 1: "",
	} {
		place := l.Since(start.Add(after), start)
		assert.Equal(t, want, read(t, l, place, start), "%v", after)
	}
	assert.Equal(t, oldest+1, l.Since(start, start.Add(Life)), "the oldest is gone")
}

func TestClose(t *testing.T) {
	t.Parallel()
	l := newLog(2)
	assert.False(t, l.Closed())
	assert.False(t, l.Gone(start.Add(1000*Life)))
	end := start.Add(2 * time.Minute)
	l.Close(end)
	assert.True(t, l.Closed())
	assert.False(t, l.Gone(end.Add(Life-1)))
	assert.True(t, l.Gone(end.Add(Life)))
	oldest, _ := l.Bounds(end)
	assert.Equal(t, "ab", read(t, l, oldest, end))
}

func TestFormatSequence(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, n := range []uint64{0, 1, 9, 10, 1_772_627_400_000_000, math.MaxUint64} {
		text := FormatSequence(n)
		assert.Len(t, text, 21)
		parsed, ok := ParseSequence(text)
		assert.True(t, ok, text)
		assert.Equal(t, n, parsed)
		texts = append(texts, text)
	}
	assert.True(t, slices.IsSorted(texts))
	for _, text := range []string{
		"", "1", "000000000000000000000", "200000000000000000000", "199999999999999999999",
		"1+0000000000000000005", "1-0000000000000000005", "10000000000000000000x",
		"0100000000000000000005", strings.Repeat("1", 40), "1_0000000000000000005",
	} {
		_, ok := ParseSequence(text)
		assert.False(t, ok, text)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	l := New(arn, "NEW_IMAGE", start)
	var group sync.WaitGroup
	for writer := range 4 {
		group.Go(func() {
			for i := range 500 {
				at := start.Add(time.Duration(i) * 10 * time.Minute)
				l.Append(added(fmt.Sprint(writer), "x", at))
			}
		})
		group.Go(func() {
			place, _ := l.Bounds(start)
			for range 500 {
				records, ok := l.Read(place, 7, 1<<20, start)
				if !ok {
					place, _ = l.Bounds(start)
				}
				for i := range records {
					assert.Equal(t, place+uint64(i), records[i].Sequence)
					assert.NotNil(t, records[i].New)
				}
				place += uint64(len(records))
			}
		})
	}
	group.Wait()
	_, next := l.Bounds(start)
	first := New(arn, "NEW_IMAGE", start).next
	assert.Equal(t, first+2000, next)
}
