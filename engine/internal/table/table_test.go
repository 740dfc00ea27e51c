package table

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

func num(n int64) value.Value { return value.Number{Number: number.FromInt(n)} }

// item makes an item of alternating names and values.
func item(members ...any) value.Map {
	var m value.Map
	for i := 0; i < len(members); i += 2 {
		v, ok := members[i+1].(value.Value)
		if !ok {
			v = value.String(members[i+1].(string))
		}
		m = m.With(members[i].(string), v)
	}
	return m
}

var (
	byPlayer = KeySchema{
		Hash:  []KeyPart{{"player", value.KindS}},
		Range: []KeyPart{{"time", value.KindN}},
	}
	byGame = IndexSchema{
		Name: "game", Projection: ProjectKeys,
		Keys: KeySchema{
			Hash:  []KeyPart{{"game", value.KindS}},
			Range: []KeyPart{{"score", value.KindN}},
		},
	}
)

// put stores an item under its own key.
func put(t *testing.T, table *Table, it value.Map) Write {
	t.Helper()
	key, ok := table.Keys().Key(it)
	require.True(t, ok)
	return table.Put(key, it)
}

func walkTable(table *Table, span Span, backward bool) []value.Map {
	var items []value.Map
	table.Walk(span, backward, func(_ string, r *Record) bool {
		items = append(items, r.Item)
		return true
	})
	return items
}

func TestAPartitionIsInTheOrderOfItsRangeKey(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, nil)
	times := []int64{10, -3, 200, 0, 7}
	for _, at := range times {
		put(t, table, item("player", "waldo", "time", num(at)))
		put(t, table, item("player", "other", "time", num(at)))
	}
	slices.Sort(times)
	var want []value.Map
	for _, at := range times {
		want = append(want, item("player", "waldo", "time", num(at)))
	}
	span := byPlayer.Partition(item("player", "waldo"), nil)
	assert.Equal(t, want, walkTable(table, span, false))
	slices.Reverse(want)
	assert.Equal(t, want, walkTable(table, span, true))
}

func TestSpansOfRangeTests(t *testing.T) {
	t.Parallel()
	keys := KeySchema{
		Hash: []KeyPart{{"h", value.KindS}}, Range: []KeyPart{{"r", value.KindS}},
	}
	texts := []string{"", "\x00", "\x00\x00", "\x00\xff", "a", "a\x00", "a\x00b", "ab", "b", "\xff"}
	table := New(keys, nil)
	for _, text := range texts {
		put(t, table, item("h", "x", "r", text))
	}
	between := func(s string) bool { return s >= "a" && s <= "ab" }
	tests := []struct {
		name string
		test RangeTest
		want func(string) bool
	}{
		{"=", RangeTest{Bound: Equal}, func(s string) bool { return s == "a" }},
		{"<", RangeTest{Bound: Less}, func(s string) bool { return s < "a" }},
		{"<=", RangeTest{Bound: LessOrEqual}, func(s string) bool { return s <= "a" }},
		{">", RangeTest{Bound: Greater}, func(s string) bool { return s > "a" }},
		{">=", RangeTest{Bound: GreaterOrEqual}, func(s string) bool { return s >= "a" }},
		{"between", RangeTest{Bound: Between, High: value.String("ab")}, between},
		{"begins_with", RangeTest{Bound: BeginsWith}, func(s string) bool {
			return strings.HasPrefix(s, "a")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.test.Low = value.String("a")
			span := keys.Partition(item("h", "x"), nil).Where(test.test)
			var got, want []string
			for _, it := range walkTable(table, span, false) {
				got = append(got, string(it.Get("r").(value.String)))
			}
			for _, text := range texts {
				if test.want(text) {
					want = append(want, text)
				}
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestPagesForwardsAndBackwardsAreTheWhole(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, []IndexSchema{byGame})
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		put(t, table, item("player", fmt.Sprint("p", r.IntN(20)), "time", num(int64(i)),
			"game", fmt.Sprint("g", r.IntN(2)), "score", num(int64(r.IntN(3)))))
	}
	span := byGame.Keys.Partition(item("game", "g1"), nil)
	index := table.Index("game")
	for _, backward := range []bool{false, true} {
		var whole, paged []string
		index.Walk(span, backward, func(key string, _ *Record) bool {
			whole = append(whole, key)
			return true
		})
		rest := span
		for more := true; more; {
			n := 0
			more = false
			index.Walk(rest, backward, func(key string, _ *Record) bool {
				if n == 7 {
					more = true
					return false
				}
				n++
				paged = append(paged, key)
				return true
			})
			if backward {
				rest = span.Before(paged[len(paged)-1])
			} else {
				rest = span.After(paged[len(paged)-1])
			}
		}
		assert.Equal(t, whole, paged)
		assert.Greater(t, len(whole), 50)
	}
}

func TestSegmentsAreAllItemsEachOnce(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, nil)
	for i := range 1000 {
		put(t, table, item("player", fmt.Sprint("p", i), "time", num(0)))
	}
	const n = 7
	seen := map[string]int{}
	for i := range int64(n) {
		count := 0
		table.Walk(Segment(i, n), false, func(key string, _ *Record) bool {
			seen[key]++
			count++
			return true
		})
		assert.Greater(t, count, 1000/n/2, "segment %d", i)
	}
	assert.Len(t, seen, 1000)
}

func TestAnIndexHoldsWhatItProjects(t *testing.T) {
	t.Parallel()
	include := byGame
	include.Name, include.Projection, include.Included = "include", ProjectInclude, []string{"note"}
	all := byGame
	all.Name, all.Projection = "all", ProjectAll
	table := New(byPlayer, []IndexSchema{byGame, include, all})
	whole := item("player", "waldo", "time", num(1), "game", "chess", "score", num(7),
		"note", "n", "other", "o")
	put(t, table, whole)
	put(t, table, item("player", "waldo", "time", num(2), "game", "chess")) // no score
	held := func(name string) []value.Map {
		var items []value.Map
		table.Index(name).Walk(Span{}, false, func(_ string, r *Record) bool {
			items = append(items, r.Item)
			return true
		})
		return items
	}
	assert.Equal(t, []value.Map{whole.Without("note").Without("other")}, held("game"))
	assert.Equal(t, []value.Map{whole.Without("other")}, held("include"))
	assert.Equal(t, []value.Map{whole}, held("all"))
}

func TestAWriteTellsWhatItDidToIndexes(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, []IndexSchema{byGame})
	at := func(score int64, game any) value.Map {
		return item("player", "waldo", "time", num(1), "game", game, "score", num(score))
	}
	first := put(t, table, at(1, "chess"))
	require.Len(t, first.Indexes, 1)
	assert.Nil(t, first.Old)
	assert.Nil(t, first.Indexes[0].Old)
	moved := put(t, table, at(2, "chess"))
	require.Len(t, moved.Indexes, 1)
	assert.True(t, moved.Indexes[0].Moved)
	assert.Equal(t, at(1, "chess"), moved.Indexes[0].Old.Item)
	same := put(t, table, at(2, "chess").With("note", value.String("n")))
	require.Len(t, same.Indexes, 1)
	assert.False(t, same.Indexes[0].Moved)
	key, _ := byPlayer.Key(at(2, "chess"))
	gone := table.Delete(key)
	require.Len(t, gone.Indexes, 1)
	assert.Nil(t, gone.Indexes[0].New)
	assert.Zero(t, table.Index("game").Len())
	assert.Zero(t, table.Bytes())
	assert.Zero(t, table.Index("game").Bytes())
}

// After random writes, the indexes equal indexes that are built from the items.
func TestIndexesStayWhatTheItemsSay(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, []IndexSchema{byGame})
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		it := item("player", fmt.Sprint("p", r.IntN(5)), "time", num(int64(r.IntN(5))))
		if r.IntN(3) > 0 {
			it = it.With("game", value.String(fmt.Sprint("g", r.IntN(3))))
		}
		if r.IntN(3) > 0 {
			it = it.With("score", num(int64(r.IntN(3))))
		}
		key, _ := byPlayer.Key(it)
		if r.IntN(4) == 0 {
			table.Delete(key)
		} else {
			table.Put(key, it)
		}
	}
	fresh := New(byPlayer, nil)
	table.Walk(Span{}, false, func(key string, r *Record) bool {
		fresh.Put(key, r.Item)
		return true
	})
	fresh.AddIndex(byGame)
	assert.Equal(t, indexKeys(fresh), indexKeys(table))
	assert.Equal(t, fresh.Index("game").Bytes(), table.Index("game").Bytes())
	assert.Equal(t, fresh.Bytes(), table.Bytes())
}

func indexKeys(t *Table) []string {
	var keys []string
	t.Index("game").Walk(Span{}, false, func(key string, _ *Record) bool {
		keys = append(keys, key)
		return true
	})
	return keys
}

func TestASnapshotStays(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, []IndexSchema{byGame})
	before := item("player", "waldo", "time", num(1), "game", "chess", "score", num(1))
	put(t, table, before)
	view := table.Snapshot()
	put(t, table, before.With("score", num(2)))
	put(t, table, item("player", "other", "time", num(1)))
	key, _ := byPlayer.Key(before)
	assert.Equal(t, before, view.Get(key).Item)
	assert.Equal(t, 1, view.Len())
	assert.Equal(t, 1, view.Index("game").Len())
	assert.Equal(t, 2, table.Len())
}

func TestItemsExpireAtTheirSecond(t *testing.T) {
	t.Parallel()
	table := New(byPlayer, nil)
	now := time.Unix(2_000_000_000, 0)
	put(t, table, item("player", "gone", "time", num(1), "until", num(now.Unix())))
	put(t, table, item("player", "stays", "time", num(1), "until", num(now.Unix()+1)))
	put(t, table, item("player", "text", "time", num(1), "until", "1"))
	put(t, table, item("player", "ancient", "time", num(1),
		"until", num(now.AddDate(-6, 0, 0).Unix())))
	assert.False(t, table.HasExpired(now))
	table.SetExpiry("until")
	require.True(t, table.HasExpired(now))
	expired := table.Expired(now)
	require.Len(t, expired, 1)
	assert.Equal(t, value.String("gone"), table.Get(expired[0]).Item.Get("player"))
	put(t, table, item("player", "gone", "time", num(1)))
	assert.False(t, table.HasExpired(now))
	assert.False(t, table.HasExpired(now.Add(-time.Hour)))
}

// Keys of several attributes do not run into each other.
func FuzzKeysAreOrderedAndDistinct(f *testing.F) {
	f.Add("a", "b", "ab", "")
	f.Add("a\x00", "b", "a", "\x00b")
	f.Add("\xff", "\x00", "\xff\x00", "")
	keys := KeySchema{
		Hash:  []KeyPart{{"h", value.KindS}},
		Range: []KeyPart{{"r1", value.KindS}, {"r2", value.KindS}},
	}
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string) {
		a, _ := keys.Key(item("h", "x", "r1", a1, "r2", a2))
		b, _ := keys.Key(item("h", "x", "r1", b1, "r2", b2))
		want := strings.Compare(a1, b1)
		if want == 0 {
			want = strings.Compare(a2, b2)
		}
		if got := strings.Compare(a, b); got != want {
			t.Errorf("(%q, %q) to (%q, %q): %d, want %d", a1, a2, b1, b2, got, want)
		}
	})
}
