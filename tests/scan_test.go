package tests

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// sorted runs a scan and returns its items as sorted names.
func sorted(t *testing.T, s *dynamapper.Scan[score]) []string {
	t.Helper()
	scores, err := s.Collect(t.Context())
	require.NoError(t, err)
	list := names(scores)
	slices.Sort(list)
	return list
}

// sortedNames returns the sorted names of scores.
func sortedNames(scores ...*score) []string {
	list := names(scores)
	slices.Sort(list)
	return list
}

// requireNoWorkers requires that no goroutine of the package is left. It looks at all goroutines of
// the process, so the tests that call it are not parallel.
func requireNoWorkers(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	require.NotContains(t, string(stacks), "dynamapper.inParallel")
	require.NotContains(t, string(stacks), "dynamapper.walkAll")
}

// A scan reads all items, or those that match, page by page and in parallel.
func TestScan(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := scoreTable(t)
	all := sortedNames(append(makeScores("red", 120), makeScores("blue", 30)...)...)
	for name, s := range map[string]*dynamapper.Scan[score]{
		"all":              table.Scan(),
		"consistent":       table.Scan().Consistent(),
		"in pages":         table.Scan().PageSize(7),
		"an index":         table.Scan().Index("by-season"),
		"a partial index":  table.Scan().Index("keys").PageSize(40),
		"a local index":    table.Scan().Index("by-points").Consistent(),
		"one segment":      table.Scan().Segment(0, 1),
		"at once":          table.Scan().Parallel(4),
		"one at once":      table.Scan().Parallel(1),
		"many, in pages":   table.Scan().Parallel(16).PageSize(3),
		"an index at once": table.Scan().Index("brief").Parallel(3),
		"limited":          table.Scan().Limit(1000),
	} {
		require.Equal(t, all, sorted(t, s), name)
	}
	few := dynamapper.Attr("order", dynamapper.EQ(7))
	want := []string{"blue7", "red107", "red57", "red7"}
	require.Equal(t, want, sorted(t, table.Scan().Where(few).PageSize(7)))
	require.Equal(t, want, sorted(t, table.Scan().Where(few).Parallel(3)))
	require.Equal(t, want[:1],
		sorted(t, table.Scan().Where(few, dynamapper.Attr("group", dynamapper.EQ("blue")))),
		"a key can be used like any attribute")
	sent.Take()
	require.Len(t, sorted(t, table.Scan().Limit(10).PageSize(4)), 10)
	require.Len(t, sent.Take(), 3)
	require.Len(t, sorted(t, table.Scan().Where(few).Limit(3).PageSize(7)), 3)
}

// The segments of several workers cover the table, and each item is in exactly one of them.
func TestScanSegments(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[score](t)
	var scores []*score
	for i := range 300 {
		scores = append(scores, makeScores(fmt.Sprintf("guild%d", i), 1)...)
	}
	fixtures.PutMany(t, table, scores)
	for _, of := range []int{1, 2, 5} {
		whole, used := []string{}, 0
		for i := range of {
			part := sorted(t, table.Scan().Consistent().Segment(i, of).PageSize(50))
			whole = append(whole, part...)
			used += min(1, len(part))
		}
		slices.Sort(whole)
		require.Equal(t, sortedNames(scores...), whole)
		require.Greater(t, used, of/2, "the items are spread over the segments")
	}
	require.Equal(t, sortedNames(scores...),
		sorted(t, table.Scan().Consistent().Parallel(5).PageSize(11)))
	count, err := table.Scan().Consistent().Parallel(5).PageSize(11).Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 300, count)
	count, err = table.Scan().Consistent().Segment(0, 5).Count(t.Context())
	require.NoError(t, err)
	require.Len(t, sorted(t, table.Scan().Consistent().Segment(0, 5)), count)
	require.Len(t, sorted(t, table.Scan().Consistent().Parallel(5).Limit(17)), 17)
}

func TestScanCount(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _ := scoreTable(t)
	few := dynamapper.Attr("order", dynamapper.EQ(7))
	for want, s := range map[int]*dynamapper.Scan[score]{
		150: table.Scan(),
		4:   table.Scan().Where(few).PageSize(11),
		3:   table.Scan().Where(few).Limit(3),
		149: table.Scan().Parallel(3).Limit(149),
		0:   table.Scan().Where(dynamapper.Attr("order", dynamapper.GT(50))),
	} {
		got, err := s.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// First returns one item of any segment. If there is none, it returns ErrNotFound.
func TestScanFirst(t *testing.T) {
	table, _ := scoreTable(t)
	for _, s := range []*dynamapper.Scan[score]{table.Scan(), table.Scan().Parallel(3),
		table.Scan().Parallel(1)} {
		item, err := s.Where(dynamapper.Attr("order", dynamapper.EQ(49))).First(t.Context())
		require.NoError(t, err)
		require.Equal(t, 49, item.Rank)
		_, err = s.Where(dynamapper.Attr("order", dynamapper.GT(50))).First(t.Context())
		require.ErrorIs(t, err, dynamapper.ErrNotFound)
	}
	requireNoWorkers(t)
}

// No goroutine survives a parallel scan that is stopped, panics, is canceled, fails or ends.
func TestParallelScansLeaveNothingBehind(t *testing.T) {
	table, _ := scoreTable(t)
	scan := func() *dynamapper.Scan[score] { return table.Scan().Parallel(4).PageSize(5) }
	for stop := range 12 {
		seen := 0
		for _, err := range scan().All(t.Context()) {
			require.NoError(t, err)
			if seen++; seen > stop {
				break
			}
		}
		requireNoWorkers(t)
	}
	require.Panics(t, func() {
		for range scan().All(t.Context()) {
			panic("in the loop")
		}
	})
	requireNoWorkers(t)

	for _, after := range []int{0, 1, 9} {
		ctx, cancel := context.WithCancel(t.Context())
		seen, last := 0, error(nil)
		if after == 0 {
			cancel()
		}
		for item, err := range scan().All(ctx) {
			require.NoError(t, last, "an error comes last")
			if last = err; err == nil {
				require.NotNil(t, item)
			}
			if seen++; seen == after {
				cancel()
			}
		}
		cancel()
		require.ErrorIs(t, last, context.Canceled)
		require.ErrorContains(t, last, "dynamapper: Scan: ")
		requireNoWorkers(t)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := scan().Count(ended)
	require.ErrorIs(t, err, context.Canceled)
	missing, err := dynamapper.TableOf[score](rawMapper(t),
		dynamapper.WithTableName("no-such-table"))
	require.NoError(t, err)
	_, err = missing.Scan().Parallel(4).Collect(t.Context())
	require.ErrorContains(t, err, "the table does not exist")
	_, err = missing.Scan().Parallel(4).Count(t.Context())
	require.ErrorContains(t, err, "the table does not exist")
	requireNoWorkers(t)
}

// rawMapper makes a mapper without a prefix, which sees the tables of all mappers of the test.
func rawMapper(t *testing.T) *dynamapper.Mapper {
	t.Helper()
	mapper, err := dynamapper.New(fixtures.RawClient(t))
	require.NoError(t, err)
	return mapper
}

// An item that cannot be decoded does not end a parallel scan.
func TestAParallelScanWithAnItemThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	table, _ := scoreTable(t)
	fixtures.SetRaw(
		t,
		table.Name(),
		fixtures.Attributes{"group": fixtures.Text("red"), "user": fixtures.Number("5")},
		"version",
		fixtures.Text("secret"),
	)
	seen, broken := 0, 0
	for _, err := range table.Scan().Consistent().Parallel(3).All(t.Context()) {
		if seen++; err != nil {
			requireBrokenScore(t, err)
			broken++
		}
	}
	require.Equal(t, 150, seen)
	require.Equal(t, 1, broken)
}

// An invalid scan returns an error before anything is sent, whichever method runs it.
func TestScanRefuses(t *testing.T) {
	t.Parallel()
	table, sent := scoreTable(t)
	page, err := table.Scan().Limit(1).Page(t.Context())
	require.NoError(t, err)
	sent.Take()
	for want, s := range map[string]*dynamapper.Scan[score]{
		"Parallel is 0; give 1 to 1000000 segments": table.Scan().Parallel(0),
		"Parallel is -1; give":                      table.Scan().Parallel(-1),
		"Parallel is 1000001": table.Scan().
			Parallel(1_000_001),
		"Segment is one of 0; give 1 to 1000000 segments":         table.Scan().Segment(0, 0),
		"Segment is 2 of 2; the segments are counted from 0 to 1": table.Scan().Segment(2, 2),
		"Segment is -1 of 2": table.Scan().Segment(-1, 2),
		"Parallel reads all segments in this process, and Segment one": table.Scan().Parallel(2).
			Segment(0, 2),
		"Parallel has no order in which to go on": table.Scan().Parallel(2).From(page.Cursor),
		"Limit is 0":     table.Scan().Limit(0),
		"PageSize is -1": table.Scan().PageSize(-1),
		`no index "by-seasons"; did you mean "by-season"?`: table.Scan().
			Index("by-seasons"),
		`the index "keys" is global`: table.Scan().Index("keys").
			Consistent(),
		`the condition on "note-to-self": the index "brief" does not`: table.Scan().Index("brief").
			Where(dynamapper.Attr("note-to-self", dynamapper.Exists())),
		`the index "keys" does not have the attribute "comment"`: table.Scan().Index("keys").
			Select("comment"),
		`the condition on "order": a value of type string is given`: table.Scan().
			Where(dynamapper.Attr("order", dynamapper.EQ("7"))),
		`Select of "order.first": the attribute "order" is of type N and has no members`: table.Scan().
			Select("order.first"),
	} {
		_, err := s.Collect(t.Context())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, `dynamapper: Scan: table "`+table.Name()+`": `)
		_, err = s.First(t.Context())
		require.ErrorContains(t, err, want)
		_, err = s.Count(t.Context())
		require.ErrorContains(t, err, want)
	}
	_, err = table.Scan().Parallel(2).Page(t.Context())
	require.ErrorContains(t, err, "neither Page nor From")
	require.Empty(t, sent.Take())
	var none context.Context
	for _, s := range []*dynamapper.Scan[score]{table.Scan(), table.Scan().Parallel(2)} {
		_, err = s.Collect(none)
		require.ErrorContains(t, err, "the context is nil")
		_, err = s.Count(none)
		require.ErrorContains(t, err, "the context is nil")
	}
}

// The item that counts the ids is no item of the model, and no read returns it.
func TestReadsLeaveTheCounterOut(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	for range 12 {
		require.NoError(t, table.Save(t.Context(), &logEntry{Text: "x"}))
	}
	ctx := t.Context()
	for name, s := range map[string]*dynamapper.Scan[logEntry]{
		"all": table.Scan().Consistent(), "in pages": table.Scan().Consistent().PageSize(1),
		"at once": table.Scan().Consistent().Parallel(3),
		"filtered": table.Scan().Consistent().
			Where(dynamapper.Attr("id", dynamapper.GE(-1))),
		"filtered by a missing attribute": table.Scan().Consistent().
			Where(
				dynamapper.Or(dynamapper.Attr("text", dynamapper.NotExists()),
					dynamapper.Attr("id", dynamapper.Exists()))),
	} {
		entries, err := s.Collect(ctx)
		require.NoError(t, err)
		require.Len(t, entries, 12, name)
		count, err := s.Count(ctx)
		require.NoError(t, err)
		require.Equal(t, 12, count, name)
	}
	limited, err := table.Scan().Consistent().Limit(12).PageSize(4).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, limited, 12)
	seen, cursor := 0, ""
	for {
		page, err := table.Scan().Consistent().Limit(5).From(cursor).Page(ctx)
		require.NoError(t, err)
		seen += len(page.Items)
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	require.Equal(t, 12, seen)
	sent.Take()
	entries, err := table.Query(-1).Collect(ctx)
	require.NoError(t, err)
	require.Empty(t, entries)
	count, err := table.Query(int8(-1)).Count(ctx)
	require.NoError(t, err)
	require.Zero(t, count)
	page, err := table.Query(-1).Page(ctx)
	require.NoError(t, err)
	require.Equal(t, dynamapper.Page[logEntry]{}, page)
	_, err = table.Query(-1).First(ctx)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.Empty(t, sent.Take())
}

type fragile struct {
	dynamapper.Model `dynamo:"fragile"`
	ID               int    `dynamo:"id,hash,autoincrement"`
	Name             string `dynamo:"name"`
}

func (*fragile) MigrateItem(raw map[string]types.AttributeValue) error {
	if raw["name"].(*types.AttributeValueMemberS).Value == "panic" {
		panic("in the hook")
	}
	return nil
}

// The item that counts the ids is not passed to the model's hooks.
func TestTheCounterMeetsNoHook(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[fragile](t)
	require.NoError(t, table.BatchSave(t.Context(), []*fragile{{Name: "a"}, {Name: "b"}}))
	items, err := table.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 2)
	count, err := table.Scan().Consistent().Parallel(2).Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, count)
}

// A caller can recover the panic of a hook, and no goroutine is left.
func TestAPanicInAParallelScan(t *testing.T) {
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[fragile](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Number("7"), "name": fixtures.Text("panic")},
	)
	for _, s := range []*dynamapper.Scan[fragile]{table.Scan(), table.Scan().Parallel(3)} {
		require.PanicsWithValue(t, "in the hook", func() { _, _ = s.Collect(t.Context()) })
		require.PanicsWithValue(t, "in the hook", func() { _, _ = s.First(t.Context()) })
	}
	requireNoWorkers(t)
}
