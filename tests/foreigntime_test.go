package tests

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// moment has a time in each form that conditions compare.
type moment struct {
	dynamapper.Model `dynamo:"moments"`
	ID               string      `dynamo:"id,hash"`
	At               time.Time   `dynamo:"at"`
	Layout           time.Time   `dynamo:"layout,layout=2006-01-02T15:04:05.000000000-07:00"`
	Nano             time.Time   `dynamo:"nano,layout=RFC3339Nano"`
	Unix             time.Time   `dynamo:"unix,unixtime"`
	Milli            time.Time   `dynamo:"milli,unixmilli"`
	Times            []time.Time `dynamo:"times,set"`
}

// momentPool returns instants whose texts begin alike.
func momentPool() []time.Time {
	second := time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC)
	var pool []time.Time
	for _, at := range []time.Time{second.Add(-time.Second), second, second.Add(time.Second)} {
		for _, fraction := range []time.Duration{
			0, 1, 1000, 4e7, 40e6 + 1, 42e6, 42e6 + 1, 42042e3, 420e6, 42042042, 9e8, 99e7, 999e6,
			999999e3, 999999999, 1e6, 1e5, 100,
		} {
			pool = append(pool, at.Add(fraction))
		}
	}
	slices.SortFunc(pool, time.Time.Compare)
	return pool
}

// spelling formats an instant as some program would: with a fraction of one of the widths that can
// hold it.
func spelling(r *rand.Rand, at time.Time, widths []int) string {
	text := at.Format("2006-01-02T15:04:05.000000000")
	least := len(strings.TrimRight(text[20:], "0"))
	fitting := []int{least}
	for _, width := range widths {
		if width >= least {
			fitting = append(fitting, width)
		}
	}
	width := fitting[r.IntN(len(fitting))]
	fraction := text[:19]
	if width > 0 {
		fraction = text[:20+width]
	}
	return fraction + []string{"Z", "+00:00"}[r.IntN(2)]
}

// foreignMoments returns items as programs with other time formats write them.
func foreignMoments(n int, widths []int) []fixtures.Attributes {
	r := rand.New(rand.NewPCG(27, uint64(len(widths))))
	pool := momentPool()
	items := make([]fixtures.Attributes, n)
	for i := range items {
		at := pool[i%len(pool)]
		spelt := func() types.AttributeValue { return fixtures.Text(spelling(r, at, widths)) }
		nanoseconds := at.Nanosecond()
		items[i] = fixtures.Attributes{
			"id": fixtures.Text(fmt.Sprint(i)), "at": spelt(), "layout": spelt(), "nano": spelt(),
			"unix":  fixtures.Number(fmt.Sprintf("%d.%09d", at.Unix(), nanoseconds)),
			"milli": fixtures.Number(fmt.Sprintf("%d.%06d", at.UnixMilli(), nanoseconds%1e6)),
			"times": &types.AttributeValueMemberSS{Value: []string{spelling(r, at, widths)}},
		}
	}
	return items
}

// Whichever program has written a time, and whatever it is compared with, the service finds the
// items that Go's comparison finds.
func TestTimesCompareAsInstants(t *testing.T) {
	t.Parallel()
	common, every := []int{0, 3, 6, 7, 9}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	t.Run("equality of the common spellings", func(t *testing.T) {
		testInstants(t, foreignMoments(216, common), equalities())
	})
	t.Run("order of any spelling", func(t *testing.T) {
		testInstants(t, foreignMoments(216, every), orders())
	})
	t.Run("our own spelling", func(t *testing.T) {
		all := append(equalities(), orders()...)
		testInstants(t, foreignMoments(54, []int{9, 9, 9, 9, 9, 9}), all)
	})
}

// instantTest is a comparison of instants and its expected result.
type instantTest struct {
	attribute string
	compare   func(low, high time.Time) dynamapper.Comparison
	holds     func(at, low, high time.Time) bool
}

func equalities() []instantTest {
	var tests []instantTest
	for _, attribute := range []string{"at", "layout", "nano"} {
		tests = append(tests,
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.EQ(a) },
				func(at, a, _ time.Time) bool { return at.Equal(a) }},
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.NE(&a) },
				func(at, a, _ time.Time) bool { return !at.Equal(a) }},
			instantTest{attribute,
				func(a, b time.Time) dynamapper.Comparison { return dynamapper.In(a, b) },
				func(at, a, b time.Time) bool { return at.Equal(a) || at.Equal(b) }},
		)
	}
	for attribute, unit := range map[string]time.Duration{"unix": time.Second,
		"milli": time.Millisecond} {
		tests = append(tests,
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.EQ(a) },
				func(at, a, _ time.Time) bool { return at.Equal(a) || at.Equal(a.Truncate(unit)) }})
	}
	return append(tests,
		instantTest{"times",
			func(a, _ time.Time) dynamapper.Comparison { return dynamapper.Contains(a) },
			func(at, a, _ time.Time) bool { return at.Equal(a) }})
}

func orders() []instantTest {
	var tests []instantTest
	for _, attribute := range []string{"at", "layout", "unix", "milli"} {
		tests = append(tests,
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.LT(a) },
				func(at, a, _ time.Time) bool { return at.Before(a) }},
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.LE(a) },
				func(at, a, _ time.Time) bool { return !at.After(a) }},
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.GT(a) },
				func(at, a, _ time.Time) bool { return at.After(a) }},
			instantTest{attribute,
				func(a, _ time.Time) dynamapper.Comparison { return dynamapper.GE(a) },
				func(at, a, _ time.Time) bool { return !at.Before(a) }},
			instantTest{attribute,
				func(a, b time.Time) dynamapper.Comparison { return dynamapper.Between(a, b) },
				func(at, a, b time.Time) bool { return !at.Before(a) && !at.After(b) }},
		)
	}
	return tests
}

func testInstants(t *testing.T, items []fixtures.Attributes, tests []instantTest) {
	table := fixtures.TableOf[moment](t)
	fixtures.PutRaw(t, table.Name(), items...)
	loaded, err := table.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, loaded, len(items))
	pool := momentPool()
	east := time.FixedZone("east", 7200)
	for i, low := range pool {
		low, high := low.In(east), pool[min(len(pool)-1, i+i%7)]
		for _, test := range tests {
			var want []string
			for _, item := range loaded {
				if test.holds(item.time(test.attribute), low, high) {
					want = append(want, item.ID)
				}
			}
			condition := dynamapper.Attr(test.attribute, test.compare(low, high))
			found, err := table.Scan().Consistent().Where(condition).Collect(t.Context())
			require.NoError(t, err)
			var got []string
			for _, item := range found {
				got = append(got, item.ID)
			}
			require.ElementsMatch(t, want, got, "%s %v %v %v", test.attribute, condition, low, high)
		}
	}
}

func (m *moment) time(attribute string) time.Time {
	return map[string]time.Time{"at": m.At, "layout": m.Layout, "nano": m.Nano, "unix": m.Unix,
		"milli": m.Milli, "times": m.Times[0]}[attribute]
}

// A time that another program has stored in its own zone matches a time in that zone. A stored zero
// time matches the zero time that it decodes to.
func TestTimesOfOtherZones(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[moment](t)
	east := time.FixedZone("", 2*60*60)
	at := time.Date(2026, 5, 31, 12, 0, 0, 42e6, east)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{
			"id":   fixtures.Text("east"),
			"at":   fixtures.Text(at.Format(time.RFC3339Nano)),
			"nano": fixtures.Text(at.Format(time.RFC3339Nano)),
		},
		fixtures.Attributes{
			"id":   fixtures.Text("zero"),
			"at":   fixtures.Text("0001-01-01T00:00:00Z"),
			"nano": fixtures.Text("0001-01-01T00:00:00Z"),
		},
		fixtures.Attributes{"id": fixtures.Text("missing")},
	)
	for _, attribute := range []string{"at", "nano"} {
		for want, c := range map[string]dynamapper.Comparison{
			"east":              dynamapper.EQ(at),
			"missing zero":      dynamapper.EQ(time.Time{}),
			"east,":             dynamapper.NE(time.Time{}),
			"missing zero,":     dynamapper.NE(at),
			"east missing zero": dynamapper.In(at, time.Time{}),
		} {
			found, err := table.Scan().Consistent().Where(dynamapper.Attr(attribute, c)).
				Collect(t.Context())
			require.NoError(t, err)
			var ids []string
			for _, item := range found {
				ids = append(ids, item.ID)
			}
			slices.Sort(ids)
			require.Equal(t, strings.TrimRight(want, ","), strings.Join(ids, " "), attribute)
		}
	}
	_, err := table.Update(dynamapper.Key("east")).Set("at", at).
		If(dynamapper.Attr("at", dynamapper.EQ(at))).Run(t.Context())
	require.NoError(t, err, "this rewrites its text")
	require.Equal(t, fixtures.Text("2026-05-31T10:00:00.042000000Z"),
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("east")})["at"])
}

// event has a time as its range key.
type event struct {
	dynamapper.Model `dynamo:"events"`
	ID               string    `dynamo:"id,hash"`
	At               time.Time `dynamo:"at,range"`
}

// A range key is compared as text. Bounds are exact for the mapper's own format, and bounds of
// whole seconds work for every format.
func TestRangesOfTimes(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[event](t)
	pool := momentPool()
	r := rand.New(rand.NewPCG(27, 27))
	for _, at := range pool {
		require.NoError(t, table.Save(t.Context(), &event{ID: "ours", At: at}))
		fixtures.PutRaw(t, table.Name(),
			fixtures.Attributes{"id": fixtures.Text("theirs"),
				"at": fixtures.Text(spelling(r, at, []int{0, 3, 6, 7}))})
	}
	for i, low := range pool {
		high := pool[min(len(pool)-1, i+i%7)]
		for _, test := range orders()[:5] {
			var want []time.Time
			for _, at := range pool {
				if test.holds(at, low, high) {
					want = append(want, at)
				}
			}
			require.Equal(t, want, rangeOf(t, table, "ours", test.compare(low, high)), "%v %v", low,
				high)
		}
		if low.Nanosecond() == 0 {
			require.Len(t, rangeOf(t, table, "theirs", dynamapper.LT(low)), i)
			require.Len(t, rangeOf(t, table, "theirs", dynamapper.GE(low)), len(pool)-i)
		}
	}
}

func rangeOf(
	t *testing.T, table *dynamapper.Table[event], id string, c dynamapper.Comparison,
) []time.Time {
	t.Helper()
	items, err := table.Query(id).Range(c).Consistent().Collect(t.Context())
	require.NoError(t, err)
	var times []time.Time
	for _, item := range items {
		times = append(times, item.At)
	}
	return times
}

// The recipe in the guide rewrites times in the mapper's format if they have not been edited since
// they were read.
func TestRespellingTimes(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[moment](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{
			"id": fixtures.Text("east"),
			"at": fixtures.Text("2026-05-31T12:00:00.042+02:00"),
		},
		fixtures.Attributes{
			"id": fixtures.Text("python"),
			"at": fixtures.Text("2026-05-31T10:00:00.042000+00:00"),
		},
		fixtures.Attributes{"id": fixtures.Text("missing")},
		fixtures.Attributes{
			"id": fixtures.Text("zero"),
			"at": fixtures.Text("0001-01-01T00:00:00Z"),
		},
	)
	for item, err := range table.Scan().Consistent().All(t.Context()) {
		require.NoError(t, err)
		stored := table.Snapshot(item)["at"]
		if item.ID == "python" {
			fixtures.SetRaw(
				t,
				table.Name(),
				fixtures.Attributes{"id": fixtures.Text("python")},
				"at",
				fixtures.Text("2026-06-01T00:00:00Z"),
			)
		}
		_, err = table.Update(table.KeyOf(item)).Set("at", item.At).
			If(dynamapper.Attr("at", dynamapper.EQ(stored))).Run(t.Context())
		if item.ID == "python" {
			require.ErrorIs(t, err, dynamapper.ErrConditionFailed, "another writer has changed it")
			continue
		}
		require.NoError(t, err)
	}
	for id, want := range map[string]types.AttributeValue{
		"east":   fixtures.Text("2026-05-31T10:00:00.042000000Z"),
		"python": fixtures.Text("2026-06-01T00:00:00Z"), "missing": nil, "zero": nil,
	} {
		require.Equal(
			t,
			want,
			fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text(id)})["at"],
			id,
		)
	}
}
