package tests

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// collected runs a query and returns the players of its items.
func collected(t *testing.T, q *dynamapper.Query[score]) []int {
	t.Helper()
	scores, err := q.Collect(t.Context())
	require.NoError(t, err)
	return players(scores)
}

// A query returns the items of one hash key in the order of the range key. Range returns those that
// match the comparison.
func TestQueryRanges(t *testing.T) {
	t.Parallel()
	table, _ := scoreTable(t)
	require.Equal(t, upTo(0, 119), collected(t, table.Query("red").Consistent()))
	require.Equal(t, upTo(119, 0), collected(t, table.Query("red").Consistent().Reverse()))
	require.Equal(t, upTo(0, 29), collected(t, table.Query("blue").Consistent()))
	require.Empty(t, collected(t, table.Query("green")))
	for want, comparison := range map[[2]int]dynamapper.Comparison{
		{7, 7}:     dynamapper.EQ(7),
		{0, 6}:     dynamapper.LT(int8(7)),
		{0, 7}:     dynamapper.LE(7.0),
		{118, 119}: dynamapper.GT(uint64(117)),
		{117, 119}: dynamapper.GE(117),
		{10, 20}:   dynamapper.Between(10, 20),
	} {
		require.Equal(t, upTo(want[0], want[1]),
			collected(t, table.Query("red").Consistent().Range(comparison)), comparison)
	}
	require.Equal(t, upTo(20, 10),
		collected(t,
			table.Query("red").Consistent().Range(dynamapper.Between(10, 20)).Reverse().
				Consistent()))
}

// A query of an index returns the items in the order of its range key. They are whole if the index
// projects all attributes.
func TestQueryIndexes(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _ := scoreTable(t)
	require.Equal(t, upTo(119, 0), collected(t, table.Query("red").Index("by-points")),
		"the points fall")
	require.Equal(t, upTo(10, 0),
		collected(t, table.Query("red").Index("by-points").Range(dynamapper.GE(970)).Consistent()))
	require.Equal(t, upTo(0, 3),
		collected(t, table.Query("red").Index("by-points").Reverse().Limit(4)))

	day := table.Query("spring").Index("by-season").Range(dynamapper.BeginsWith("2026-05-02"))
	require.ElementsMatch(t, append(upTo(10, 19), upTo(10, 19)...), collected(t, day))
	june := table.Query("spring").Index("by-season").
		Range(dynamapper.GE(firstDay.AddDate(0, 0, 11).In(time.FixedZone("east", 7200))))
	scores, err := june.Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, upTo(110, 119), players(scores))
	require.Equal(t, *makeScores("red", 120)[scores[0].Player], withoutModel(*scores[0]),
		"the item is whole")
	require.NoError(t, table.Save(t.Context(), scores[0], dynamapper.FailOnConflict()))
}

func withoutModel(s score) score {
	s.Model = dynamapper.Model{}
	return s
}

// Where filters the items that the service has read. Two calls of Where are combined with And.
func TestQueryWhere(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := scoreTable(t)
	q := table.Query("red").Where(dynamapper.Attr("order", dynamapper.EQ(7)))
	sent.Take()
	require.Equal(t, []int{7, 57, 107}, collected(t, q))
	require.Equal(t, []string{"Query"}, sent.Take())
	require.Equal(t, []int{57, 107},
		collected(t, q.Where(dynamapper.Attr("points#", dynamapper.LT(900)))))
	require.Equal(t, []int{107, 57}, collected(t, q.Reverse()),
		"a query can be changed and run again")
	require.Equal(t, []int{9},
		collected(t,
			table.Query("spring").Index("by-season").
				Range(dynamapper.LT(firstDay.AddDate(0, 0, 1))).
				Where(dynamapper.Attr("user", dynamapper.EQ(9)),
					dynamapper.Attr("group", dynamapper.EQ("red")))),
		"the table's keys are not keys of the index")
	require.Len(t, collected(t, table.Query("red").Where()), 120)
}

// Limit counts the items that match. If every item matches, no more items are read than needed.
func TestQueryLimit(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := scoreTable(t)
	for _, c := range []struct {
		limit, pageSize, requests, read int
	}{{1, 0, 1, 1}, {10, 0, 1, 10}, {10, 4, 3, 10}, {120, 0, 1, 120}, {200, 50, 3, 120},
		{200, 0, 1, 120}} {
		q := table.Query("red").Limit(c.limit)
		if c.pageSize > 0 {
			q.PageSize(c.pageSize)
		}
		sent.Take()
		require.Equal(t, upTo(0, min(c.limit, 120)-1), collected(t, q), c)
		read := 0
		for _, operation := range sent.Operations() {
			read += operation.Items
		}
		require.Equal(t, c.read, read, c)
		require.Len(t, sent.Take(), c.requests, c)
	}
	// One item in fifty matches, and a page has seven.
	q := table.Query("red").Where(dynamapper.Attr("order", dynamapper.EQ(7))).PageSize(7)
	sent.Take()
	require.Equal(t, []int{7, 57}, collected(t, q.Limit(2)))
	require.Len(t, sent.Take(), 9, "the 58th item is on the ninth page")
	require.Equal(t, []int{7, 57, 107}, collected(t, q.Limit(3)))
	require.Equal(t, []int{7, 57, 107}, collected(t, q.Limit(4)))
}

// All requests a page only when the loop needs it, can stop at any item, and yields a new value for
// each item.
func TestQueryAllIsLazy(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := scoreTable(t)
	all := table.Query("red").PageSize(10).All(t.Context())
	sent.Take()
	for stop := range 25 {
		seen := []*score{}
		for item, err := range all {
			require.NoError(t, err)
			if seen = append(seen, item); len(seen) > stop {
				break
			}
		}
		require.Equal(t, upTo(0, stop), players(seen), "every item is a new value")
		require.Len(t, sent.Take(), stop/10+1, "nothing is read ahead")
	}
	first, err := table.Query("red").Limit(1).Collect(t.Context())
	require.NoError(t, err)
	second, err := table.Query("red").Limit(1).Collect(t.Context())
	require.NoError(t, err)
	first[0].Comment = "edited"
	require.NotEqual(t, first[0].Comment, second[0].Comment)
}

// First reads one item. If there is none, it returns ErrNotFound.
func TestQueryFirst(t *testing.T) {
	t.Parallel()
	table, sent := scoreTable(t)
	sent.Take()
	first, err := table.Query("red").Reverse().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, 119, first.Player)
	require.Equal(t, 1, sent.Operations()[0].Items)
	first, err = table.Query("red").Where(dynamapper.Attr("order", dynamapper.EQ(7))).
		Range(dynamapper.GT(7)).PageSize(3).First(t.Context())
	require.NoError(t, err)
	require.Equal(t, 57, first.Player)
	_, err = table.Query("green").First(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.ErrorContains(t, err, table.Name())
}

// The service counts the items and sends none.
func TestQueryCount(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := scoreTable(t)
	for want, q := range map[int]*dynamapper.Query[score]{
		120: table.Query("red"),
		30:  table.Query("blue").Select("comment"),
		3:   table.Query("red").Where(dynamapper.Attr("order", dynamapper.EQ(7))).PageSize(7),
		2:   table.Query("red").Where(dynamapper.Attr("order", dynamapper.EQ(7))).Limit(2),
		50:  table.Query("red").Limit(50).PageSize(20),
		150: table.Query("spring").Index("brief"),
		0:   table.Query("green"),
	} {
		got, err := q.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	sent.Take()
	_, err := table.Query("red").Limit(50).PageSize(20).Count(t.Context())
	require.NoError(t, err)
	counts := []int{}
	for _, operation := range sent.Operations() {
		counts = append(counts, operation.Items)
	}
	require.Equal(t, []int{20, 20, 10}, counts)
}

// Select reads the selected attributes, the keys and the version; such an item is partial.
func TestQuerySelect(t *testing.T) {
	t.Parallel()
	table, _ := scoreTable(t)
	item, err := table.Query("red").Select("comment").First(t.Context())
	require.NoError(t, err)
	require.Equal(t,
		[]string{"comment", "date", "group", "order", "points#", "season.name", "user", "version"},
		attributesOf(table, item))
	require.ErrorIs(t, table.Save(t.Context(), item), dynamapper.ErrPartial)
	item.Comment = "edited"
	require.NoError(t,
		table.Save(t.Context(), item, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	require.Equal(t, "x", fixtures.Load(t, table, "red", 0).Note)
}

// attributesOf returns the names of the attributes that were read.
func attributesOf[T any](table *dynamapper.Table[T], item *T) []string {
	names := []string{}
	for name := range table.Snapshot(item) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// An invalid query returns an error before anything is sent, whichever method runs it.
func TestQueryRefuses(t *testing.T) {
	t.Parallel()
	table, sent := scoreTable(t)
	q := table.Query
	sent.Take()
	for want, wrong := range map[string]*dynamapper.Query[score]{
		`the hash key "group" is nil`:   q(nil),
		`the hash key "group" is empty`: q(""),
		`a value of type int is given`:  q(7),
		`the model tests.score has no index "by-saison"; did you mean "by-season"?`: q("spring").
			Index("by-saison"),
		`no index ""`: q("spring").Index(""),
		`the index "by-season" is global, and DynamoDB reads such an index only eventually consistent; leave Consistent out`: q("spring").Index("by-season").Consistent(),
		`Limit is 0; give 1 or more`: q("red").
			Limit(0),
		`Limit is -1; give 1 or more`: q("red").
			Limit(-1),
		`PageSize is 0; give 1 or more`: q("red").
			PageSize(0),
		`PageSize is -7; give 1 or more`: q("red").
			PageSize(-7),
		`Range is given twice`: q("red").Range(dynamapper.GT(1)).Range(dynamapper.LT(9)),
		`what is queried has no range key; use Where, or another index`: q("spring").Index("keys").
			Range(dynamapper.GT(1)),
		`Range does not take NE; on a range key DynamoDB has EQ, LT`: q("red").
			Range(dynamapper.NE(1)),
		`Range does not take In`: q("red").
			Range(dynamapper.In(1, 2)),
		`Range does not take Exists`: q("red").
			Range(dynamapper.Exists()),
		`Range does not take Contains`: q("spring").
			Index("by-season").Range(dynamapper.Contains("x")),
		`Range does not take Size`: q("red").
			Range(dynamapper.Size(dynamapper.EQ(1))),
		`the comparison of Range is empty`: q("red").
			Range(dynamapper.Comparison{}),
		`Range on "user": BeginsWith is for text or bytes`: q("red").
			Range(dynamapper.BeginsWith("1")),
		`Range on "user": a value of type string is given`: q("red").
			Range(dynamapper.GT("7")),
		`Range on "user": the bounds of Between are reversed`: q("red").
			Range(dynamapper.Between(10, 9)),
		`Range on "date": the value of GT is empty`: q("spring").
			Index("by-season").Range(dynamapper.GT(time.Time{})),
		`the range key "date" is nil`: q("spring").
			Index("by-season").Range(dynamapper.EQ(nil)),
		`the hash key "season.name" is nil`: q(nil).
			Index("by-season"),
		`the range key "user" is nil`: q("red").Range(dynamapper.EQ(nil)),
		`the condition on "group": the attribute is the hash key of the query`: q("red").
			Where(dynamapper.Attr("group", dynamapper.EQ("red"))),
		`the condition on "user": the attribute is the range key of the query; use Range`: q(
			"red").Where(
			dynamapper.Or(dynamapper.Attr("comment", dynamapper.Exists()),
				dynamapper.Not(dynamapper.Attr("user", dynamapper.GT(7))))),
		`the condition on "date": the attribute is the range key`: q("spring").Index("by-season").
			Where(dynamapper.Attr("date", dynamapper.Exists())),
		`no attribute "pionts#"; did you mean "points#"?`: q("red").
			Where(dynamapper.Attr("pionts#", dynamapper.EQ(7))),
		`no attribute "coment"; did you mean "comment"?`: q("red").Select("coment"),
		`Select names no attribute`:                      q("red").Select(),
		`And contains no condition`:                      q("red").Where(dynamapper.And()),
		`the index "brief" does not have the attribute "note-to-self"; let it project that, or read the table`: q("spring").Index("brief").Select("note-to-self"),
		`the condition on "note-to-self": the index "brief" does not have`:                                     q("spring").Index("brief").Where(dynamapper.Attr("note-to-self", dynamapper.EQ("x"))),
		`the condition on "note-to-self": the index "by-rank" does not`:                                        q("red").Index("by-rank").Where(dynamapper.Attr("note-to-self", dynamapper.EQ("x"))),
	} {
		for method, run := range runs(wrong) {
			err := run(t)
			require.ErrorContains(t, err, want, method)
			require.ErrorContains(t, err, `dynamapper: Query: table "`+table.Name()+`": `)
			require.NotErrorIs(t, err, dynamapper.ErrNotFound)
		}
	}
	require.Empty(t, sent.Take())
}

// runs are the methods that run a query.
func runs(q *dynamapper.Query[score]) map[string]func(*testing.T) error {
	return map[string]func(*testing.T) error{
		"All": func(t *testing.T) error {
			var last error
			for item, err := range q.All(t.Context()) {
				require.Nil(t, item)
				last = err
			}
			return last
		},
		"Collect": func(t *testing.T) error { _, err := q.Collect(t.Context()); return err },
		"First":   func(t *testing.T) error { _, err := q.First(t.Context()); return err },
		"Count":   func(t *testing.T) error { _, err := q.Count(t.Context()); return err },
		"Page":    func(t *testing.T) error { _, err := q.Page(t.Context()); return err },
	}
}

// If an item cannot be decoded, All continues, Collect and First stop, and Page stops and returns a
// cursor to the item after it.
func TestQueryWithAnItemThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _ := scoreTable(t)
	fixtures.SetRaw(
		t,
		table.Name(),
		fixtures.Attributes{"group": fixtures.Text("red"), "user": fixtures.Number("5")},
		"version",
		fixtures.Text("secret"),
	)
	ctx := t.Context()
	seen, broken := []int{}, 0
	for item, err := range table.Query("red").PageSize(3).All(ctx) {
		if err != nil {
			requireBrokenScore(t, err)
			require.Nil(t, item)
			broken++
			continue
		}
		seen = append(seen, item.Player)
	}
	require.Equal(t, 1, broken)
	require.Equal(t, append(upTo(0, 4), upTo(6, 119)...), seen)

	_, err := table.Query("red").Collect(ctx)
	requireBrokenScore(t, err)
	_, err = table.Query("red").Range(dynamapper.EQ(5)).First(ctx)
	requireBrokenScore(t, err)
	count, err := table.Query("red").Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 120, count)

	for _, q := range []*dynamapper.Query[score]{table.Query("red"), table.Query("red").Limit(7),
		table.Query("red").Limit(6), table.Query("red").PageSize(6)} {
		page, err := q.Page(ctx)
		requireBrokenScore(t, err)
		require.Equal(t, upTo(0, 4), players(page.Items))
		page, err = q.From(page.Cursor).Limit(2).Page(ctx)
		require.NoError(t, err)
		require.Equal(t, []int{6, 7}, players(page.Items))
	}
}

func requireBrokenScore(t *testing.T, err error) {
	t.Helper()
	var broken *dynamapper.FieldError
	require.ErrorAs(t, err, &broken)
	require.Equal(t, "score.Version", broken.Field)
	require.Equal(t, dynamapper.Key("red", 5), broken.Key)
	require.NotContains(t, err.Error(), "secret")
}

// ranked has index keys that omitempty can leave out.
type ranked struct {
	dynamapper.Model `dynamo:"ranked"`
	ID               string `dynamo:"id,hash"`
	Level            int    `dynamo:"level,omitempty" index:"by-level,hash"`
	Points           int    `dynamo:"points,omitempty" index:"by-level,range"`
	Rank             *int   `dynamo:"rank,omitempty" index:"by-rank,hash"`
	Wins             int    `dynamo:"wins" index:"by-wins,hash"`
}

// An item without the key of an index is not in the index, and a query for the empty key returns an
// error that explains this. An empty key that is stored is found.
func TestQueryOfAnEmptyIndexKey(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := fixtures.WatchedTable[ranked](t)
	zero := 0
	require.NoError(t, table.Save(t.Context(), &ranked{ID: "none", Rank: &zero}))
	require.NoError(t, table.Save(t.Context(), &ranked{ID: "some", Level: 1, Points: 5}))
	sent.Take()
	for _, query := range []*dynamapper.Query[ranked]{
		table.Query(0).Index("by-level"),
		table.Query(1).Index("by-level").Range(dynamapper.EQ(0)),
	} {
		_, err := query.Collect(t.Context())
		require.ErrorContains(t, err, "which the option omitempty of the field ")
		require.ErrorContains(t, err, `no item with it is in the index "by-level"`)
		_, err = query.Count(t.Context())
		require.ErrorContains(t, err, "omitempty")
	}
	require.Empty(t, sent.Take())
	for name, query := range map[string]*dynamapper.Query[ranked]{
		"a bound":       table.Query(1).Index("by-level").Range(dynamapper.GE(0)),
		"two bounds":    table.Query(1).Index("by-level").Range(dynamapper.Between(0, 5)),
		"of a pointer":  table.Query(0).Index("by-rank"),
		"not left out":  table.Query(0).Index("by-wins").Limit(1),
		"a full key":    table.Query(1).Index("by-level"),
		"another value": table.Query(1).Index("by-level").Range(dynamapper.EQ(5)),
	} {
		items, err := query.Collect(t.Context())
		require.NoError(t, err, name)
		require.Len(t, items, 1, name)
	}
}
