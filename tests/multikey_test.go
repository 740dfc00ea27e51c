package tests

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// fixture is a planned match. The keys of its indexes have several attributes.
type fixture struct {
	dynamapper.Model `dynamo:"fixtures"`

	ID         string     `dynamo:"id,hash" index:"by-cup,range=3;brief,range"`
	Cup        string     `dynamo:"cup" index:"by-cup,hash;brief,hash"`
	Region     string     `dynamo:"region" index:"by-cup,hash;brief,hash,include=note"`
	Start      *time.Time `dynamo:"start" index:"by-cup,range=2"`
	Round      int        `dynamo:"round" index:"by-cup,range=1"`
	Note       string     `dynamo:"note"`
	Attendance int        `dynamo:"attendance"`
}

var fixtureDay = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// makeFixtures makes the fixtures of two cups in two regions each, with rounds from -2 to 10.
func makeFixtures() []*fixture {
	var all []*fixture
	for i := range 240 {
		f := &fixture{ID: fmt.Sprintf("%c%03d", 'a'+i/60%3, i), Note: "n",
			Cup:    []string{"winter", "spring"}[i%2],
			Region: []string{"east", "west"}[i/2%2], Round: i/4%5*3 - 2, Attendance: i % 7}
		if i%11 != 10 { // the others are in no index by start
			start := fixtureDay.AddDate(0, 0, i/20%3)
			f.Start = &start
		}
		all = append(all, f)
	}
	return all
}

// fixturesOf returns the ids of the fixtures in by-cup for one cup and region, in its order.
func fixturesOf(cup, region string, keep func(f *fixture) bool) []string {
	var found []*fixture
	for _, f := range makeFixtures() {
		if f.Cup == cup && f.Region == region && f.Start != nil && keep(f) {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, func(a, b *fixture) int {
		return cmp.Or(cmp.Compare(a.Round, b.Round), a.Start.Compare(*b.Start),
			strings.Compare(a.ID, b.ID))
	})
	return fixtureIDs(found)
}

func fixtureIDs(fixtures []*fixture) []string {
	ids := []string{}
	for _, f := range fixtures {
		ids = append(ids, f.ID)
	}
	return ids
}

func fixtureTable(t *testing.T) (*dynamapper.Table[fixture], *fixtures.Requests) {
	t.Helper()
	fixtures.SteadyEngine(t)
	table, noted := fixtures.WatchedTable[fixture](t)
	fixtures.PutMany(t, table, makeFixtures())
	noted.Take()
	return table, noted
}

type fixtureRange struct {
	name        string
	comparisons []dynamapper.Comparison
	keep        func(f *fixture) bool
}

// fixtureRanges are the conditions that the range attributes of by-cup can have.
func fixtureRanges() []fixtureRange {
	day := fixtureDay.AddDate(0, 0, 1)
	eq, ge := dynamapper.EQ, dynamapper.GE
	onRound := func(f *fixture) bool { return f.Round == 4 }
	onDay := func(f *fixture) bool { return onRound(f) && f.Start.Equal(day) }
	of := func(comparisons ...dynamapper.Comparison) []dynamapper.Comparison { return comparisons }
	return []fixtureRange{
		{"none", nil, func(*fixture) bool { return true }},
		{"one equal", of(eq(4)), onRound},
		{"one in a range", of(ge(4)), func(f *fixture) bool { return f.Round >= 4 }},
		{
			"one between",
			of(dynamapper.Between(-2, 1)),
			func(f *fixture) bool { return f.Round <= 1 },
		},
		{"one less", of(dynamapper.LT(10)), func(f *fixture) bool { return f.Round < 10 }},
		{"two equal", of(eq(4), eq(day)), onDay},
		{"one equal, one in a range", of(eq(4), dynamapper.GT(fixtureDay)),
			func(f *fixture) bool { return onRound(f) && f.Start.After(fixtureDay) }},
		{"one equal, one begins", of(eq(4), dynamapper.BeginsWith("2026-05-02")), onDay},
		{"two equal, one begins", of(eq(4), eq(day), dynamapper.BeginsWith("b")),
			func(f *fixture) bool { return onDay(f) && f.ID[0] == 'b' }},
		{"two equal, one at most", of(eq(4), eq(day), dynamapper.LE("b090")),
			func(f *fixture) bool { return onDay(f) && f.ID <= "b090" }},
		{"all equal", of(eq(4), eq(day), eq("c150")),
			func(f *fixture) bool { return onDay(f) && f.ID == "c150" }},
	}
}

// A query of an index with several key attributes has a value for each hash attribute, and
// comparisons with the range attributes from the left. It finds what they say, in the order of the
// range attributes.
func TestQueriesOfSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	table, _ := fixtureTable(t)
	ctx := t.Context()
	for _, r := range fixtureRanges() {
		query := func() *dynamapper.Query[fixture] {
			q := table.Query("winter", "west").Index("by-cup")
			if r.comparisons != nil {
				q.RangeParts(r.comparisons...)
			}
			return q
		}
		want := fixturesOf("winter", "west", r.keep)
		require.NotEmpty(t, want, r.name)
		got, err := query().Collect(ctx)
		require.NoError(t, err, r.name)
		assert.Equal(t, want, fixtureIDs(got), r.name)
		n, err := query().Count(ctx)
		require.NoError(t, err)
		assert.Equal(t, len(want), n, r.name)
		last, err := query().Reverse().First(ctx)
		require.NoError(t, err)
		assert.Equal(t, want[len(want)-1], last.ID, r.name)
		got, err = query().Limit(2).PageSize(1).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, want[:min(2, len(want))], fixtureIDs(got), r.name)
		got, err = query().Where(dynamapper.Attr("attendance", dynamapper.GT(2))).Collect(ctx)
		require.NoError(t, err)
		assert.Equal(t, fixturesOf("winter", "west", func(f *fixture) bool {
			return r.keep(f) && f.Attendance > 2
		}), fixtureIDs(got), r.name)
		require.NoError(t, table.Save(ctx, last, dynamapper.FailOnConflict()), "it is whole")
	}
	first, err := table.Query("winter", "west").Index("by-cup").Range(dynamapper.EQ(4)).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, 4, first.Round, "Range compares the first range attribute")
	_, err = table.Query("west", "winter").Index("by-cup").First(ctx)
	require.ErrorIs(t, err, dynamapper.ErrNotFound, "the hash attributes have an order")
}

// A scan of the index has the items that have all its key attributes, in any number of segments.
func TestScansOfSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	table, _ := fixtureTable(t)
	indexed := 0
	for _, f := range makeFixtures() {
		if f.Start != nil {
			indexed++
		}
	}
	scan := func() *dynamapper.Scan[fixture] { return table.Scan().Index("by-cup") }
	n, err := scan().Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, indexed, n)
	all, err := scan().Parallel(3).Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, indexed)
	n, err = scan().Where(dynamapper.Attr("cup", dynamapper.EQ("winter")),
		dynamapper.Attr("round", dynamapper.EQ(4))).Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, len(fixturesOf("winter", "west", isRound4))+
		len(fixturesOf("winter", "east", isRound4)), n, "a scan filters key attributes")
}

func isRound4(f *fixture) bool { return f.Round == 4 }

func TestQueriesOfSeveralKeyAttributesAreRefused(t *testing.T) {
	t.Parallel()
	table, sent := fixtureTable(t)
	eq, ge := dynamapper.EQ, dynamapper.GE
	of := func(comparisons ...dynamapper.Comparison) *dynamapper.Query[fixture] {
		return table.Query("winter", "west").Index("by-cup").RangeParts(comparisons...)
	}
	for want, query := range map[string]*dynamapper.Query[fixture]{
		`Query has 1 value, and the hash attributes of the index "by-cup" have 2 parts; ` +
			`use Query(cup, region)`: table.Query("winter").Index("by-cup"),
		`Query has 3 values, and the hash attributes of the index "by-cup" have 2 parts; ` +
			`use Query(cup, region)`: table.Query("winter", "west", 4).Index("by-cup"),
		`Query has 2 values, and the hash key "id" has 1 part; use Query(id)`: table.Query("a", "b"),
		`the hash key "region": `:        table.Query("winter", 4).Index("by-cup"),
		`the hash key "region" is empty`: table.Query("winter", "").Index("by-cup"),
		`the hash key "cup" is nil`:      table.Query(nil, "west").Index("by-cup"),
		`Range on "round": RangeParts has GE before its last comparison; all but the last one are ` +
			`EQ`: of(ge(4), eq(fixtureDay)),
		`Range on "start": RangeParts has BeginsWith before its last comparison`: of(eq(4),
			dynamapper.BeginsWith("2026"), eq("a")),
		`RangeParts has 4 comparisons, and the range attributes of the index "by-cup" have 3 parts ` +
			`to compare, from round, start, id; leave the rest out`: of(eq(4), eq(fixtureDay), eq("a"),
			eq("b")),
		`RangeParts has no comparison`:                                 of(),
		`Range is given twice; give all comparisons to one RangeParts`: of(eq(4)).Range(ge(fixtureDay)),
		`the range key "round": `:                                      of(eq("four")),
		`the range key "start" is empty`:                               of(eq(4), eq(time.Time{})),
		`Range does not take Contains`:                                 of(eq(4), dynamapper.Contains("x")),
		`on "round": the attribute is a range attribute of the index, on which DynamoDB takes no ` +
			`filter; use RangeParts`: of(ge(1)).Where(dynamapper.Attr("round", eq(4))),
		`on "id": the attribute is a range attribute`: of(eq(4)).Where(dynamapper.Attr("id", eq("a"))),
		`on "region": the attribute is a hash attribute of the index, and Query has its value`: of(
			eq(4)).Where(dynamapper.Attr("region", eq("west"))),
		`the index "by-cup" is global`: of(eq(4)).Consistent(),
	} {
		_, err := query.Collect(t.Context())
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, sent.Take())
}

// Pages of such an index, one behind the other, are the whole, in both directions and whatever
// conditions there are. Each cursor holds all key attributes.
func TestPagesOfSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	table, _ := fixtureTable(t)
	for _, r := range fixtureRanges() {
		for _, reverse := range []bool{false, true} {
			for _, limit := range []int{1, 2, 7} {
				var ids []string
				for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
					q := table.Query("spring", "east").Index("by-cup").From(cursor).Limit(limit)
					if r.comparisons != nil {
						q.RangeParts(r.comparisons...)
					}
					if reverse {
						q.Reverse()
					}
					page, err := q.Page(t.Context())
					require.NoError(t, err, r.name)
					ids, cursor = append(ids, fixtureIDs(page.Items)...), page.Cursor
					require.Less(t, pages, 90)
				}
				want := fixturesOf("spring", "east", r.keep)
				if reverse {
					slices.Reverse(want)
				}
				require.ElementsMatch(t, want, ids, "%s, %d", r.name, limit)
				require.True(t, len(want) == 0 || slices.Equal(want, ids), "%s, %d", r.name, limit)
			}
		}
	}
}

func TestCursorsOfSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	table, _ := fixtureTable(t)
	query := func(cup, region string) *dynamapper.Query[fixture] {
		return table.Query(cup, region).Index("by-cup").Limit(5)
	}
	page, err := query("winter", "west").Range(dynamapper.GE(1)).Page(t.Context())
	require.NoError(t, err)
	for name, q := range map[string]*dynamapper.Query[fixture]{
		"another hash attribute":  query("winter", "east").Range(dynamapper.GE(1)),
		"another first attribute": query("spring", "west").Range(dynamapper.GE(1)),
		"no range":                query("winter", "west"),
		"more range attributes": query("winter", "west").RangeParts(dynamapper.EQ(1),
			dynamapper.GE(fixtureDay)),
		"backwards":     query("winter", "west").Range(dynamapper.GE(1)).Reverse(),
		"outside of it": query("winter", "west").Range(dynamapper.GE(9)),
	} {
		_, err := q.From(page.Cursor).Page(t.Context())
		assert.ErrorIs(t, err, dynamapper.ErrInvalidCursor, name)
	}
	rest, err := query("winter", "west").Limit(200).Range(dynamapper.GE(0)).From(page.Cursor).
		Collect(t.Context())
	require.NoError(t, err, "another value in the condition")
	want := fixturesOf("winter", "west", func(f *fixture) bool { return f.Round >= 1 })
	assert.Equal(t, want, fixtureIDs(append(page.Items, rest...)))
}

// The items of an index with a projection have all key attributes, and are partial.
func TestAPartialIndexOfSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	table, _ := fixtureTable(t)
	brief := func() *dynamapper.Query[fixture] {
		return table.Query("winter", "west").Index("brief").RangeParts(dynamapper.GE("b"))
	}
	items, err := brief().Collect(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, items)
	item := items[0]
	assert.Equal(t, []string{"cup", "id", "note", "region"}, attributesOf(table, item))
	require.ErrorIs(t, table.Save(t.Context(), item), dynamapper.ErrPartial)
	item.Note, item.Region = "moved", "east"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	moved, err := table.Query("winter", "east").Index("brief").Range(dynamapper.EQ(item.ID)).
		First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "moved", moved.Note)
	selected, err := table.Query("winter", "east").Index("by-cup").Select("note").First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"cup", "id", "note", "region", "round", "start"},
		attributesOf(table, selected), "Select reads the keys of all indexes")
	_, err = brief().Where(dynamapper.Attr("round", dynamapper.EQ(1))).Collect(t.Context())
	assert.ErrorContains(t, err, `the index "brief" does not have the attribute "round"`)
}

// An item that lacks a key attribute is not in the index, until a write sets the attribute. A save
// that leaves a missing number 0 does not.
func TestItemsWithoutAKeyAttribute(t *testing.T) {
	t.Parallel()
	table, _ := fixtureTable(t)
	ctx, start := t.Context(), fixtureDay
	indexed := func() []string {
		t.Helper()
		found, err := table.Query("old", "west").Index("by-cup").Collect(ctx)
		require.NoError(t, err)
		return fixtureIDs(found)
	}
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("x"), "cup": fixtures.Text("old"),
			"region": fixtures.Text(
				"west",
			), "start": fixtures.Text("2026-05-01T12:00:00.000000000Z")},
	)
	require.Empty(t, indexed())
	x := fixtures.Load(t, table, "x")
	x.Note = "seen"
	require.NoError(t, table.Save(ctx, x))
	require.Empty(t, indexed())
	x.Round = 2
	require.NoError(t, table.Save(ctx, x, dynamapper.ChangedOnly()))
	require.Equal(t, []string{"x"}, indexed())
	require.NoError(t, table.Save(ctx, &fixture{ID: "y", Cup: "old", Region: "west",
		Start: &start}))
	require.Equal(t, []string{"y", "x"}, indexed(), "a new item has its 0")
	_, err := table.Update(dynamapper.Key("y")).Remove("region").Run(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, indexed())
	x.Start = nil
	require.NoError(t, table.Save(ctx, x, dynamapper.FailOnConflict()))
	require.Empty(t, indexed())
}

// keyElements returns a key schema: the hash attributes before the bar, and the range attributes
// after it.
func keyElements(names string) []types.KeySchemaElement {
	var elements []types.KeySchemaElement
	role := types.KeyTypeHash
	for name := range strings.FieldsSeq(names) {
		if name == "|" {
			role = types.KeyTypeRange
			continue
		}
		elements = append(elements,
			types.KeySchemaElement{AttributeName: aws.String(name), KeyType: role})
	}
	return elements
}

// CreateTable sends all key attributes in their order, and each definition once.
func TestCreateTableWithSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	require.Equal(t, &dynamodb.CreateTableInput{
		TableName: aws.String("fixtures"),
		AttributeDefinitions: []types.AttributeDefinition{
			definitionOf("id", types.ScalarAttributeTypeS),
			definitionOf("cup", types.ScalarAttributeTypeS),
			definitionOf("region", types.ScalarAttributeTypeS),
			definitionOf("round", types.ScalarAttributeTypeN),
			definitionOf("start", types.ScalarAttributeTypeS),
		},
		KeySchema:   keySchema("id"),
		BillingMode: types.BillingModePayPerRequest,
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("by-cup"), KeySchema: keyElements("cup region | round start id"),
				Projection: projectAll},
			{IndexName: aws.String("brief"), KeySchema: keyElements("cup region | id"),
				Projection: projectSome("note")},
		},
	}, sentInput[fixture](t))
	table := tableOn[fixture](t, fixtures.Mapper(t))
	require.NoError(t, table.EnsureTable(t.Context()))
	require.NoError(t, table.EnsureTable(t.Context()))
	require.NoError(t, table.Verify(t.Context()))
}

func TestVerifySeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ keys, want string }{
		"the same": {"cup region | round start id", ""},
		"hash attributes in another order": {"region cup | round start id",
			`the keys of index "by-cup" are hash "region" (S), hash "cup" (S), range "round" (N), ` +
				`range "start" (S), range "id" (S), those of the model hash "cup" (S), hash "region" ` +
				`(S), range "round" (N), range "start" (S), range "id" (S): number them in the tags in ` +
				`this order, as in hash=1 and hash=2, or replace the index with PlanTables and ` +
				`Apply`},
		"range attributes in another order": {"cup region | start round id",
			`range "start" (S), range "round" (N), range "id" (S), those of the model`},
		"a hash attribute that is a range attribute": {"cup | region round start id",
			`: correct the tags, or replace the index with PlanTables and Apply`},
		"one attribute less": {"cup region | round start", `range "start" (S), those of the model`},
	} {
		t.Run(name, func(t *testing.T) {
			table := tableOn[fixture](t, fixtures.Mapper(t))
			in := sentInput[fixture](t)
			in.TableName = aws.String(table.Name())
			in.GlobalSecondaryIndexes[0].KeySchema = keyElements(c.keys)
			createRaw(t, in, "")
			err := table.Verify(t.Context())
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			got := differences(t, table.Name(), err)
			require.Len(t, got, 1)
			require.Contains(t, got[0], c.want)
			require.ErrorContains(t, table.EnsureTable(t.Context()), c.want)
		})
	}
}

// round is an entity of a table that other entities share. Hash and range attributes of its index
// are formats and others.
type round struct {
	dynamapper.Model `dynamo:"game,entity=round"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=ROUND#{id}"`
	Group  dynamapper.Computed `dynamo:"group,format=G#{cup}#{region}" index:"by-slot,hash=2"`
	League string              `dynamo:"league" index:"by-slot,hash=1"`
	Number int                 `dynamo:"number" index:"by-slot,range"`
	Slot   dynamapper.Computed `dynamo:"slot,format=S#{region}#{number:2}#{court}#{id}" index:"by-slot,range"`
	ID     string              `dynamo:"id"`
	Cup    string              `dynamo:"cup"`
	Region string              `dynamo:"region"`
	Court  string              `dynamo:"court"`
}

// pause shares table and index with round.
type pause struct {
	dynamapper.Model `dynamo:"game,entity=pause"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=PAUSE#{id}"`
	_      dynamapper.Computed `dynamo:"group,format=G#{cup}#{region}" index:"by-slot,hash=2"`
	League string              `dynamo:"league" index:"by-slot,hash=1"`
	Number int                 `dynamo:"number" index:"by-slot,range=1"`
	_      dynamapper.Computed `dynamo:"slot,format=P#{minutes:3}" index:"by-slot,range=2"`
	ID     string              `dynamo:"id"`
	Cup    string              `dynamo:"cup"`
	Region string              `dynamo:"region"`
	Length int                 `dynamo:"minutes"`
}

func roundTables(t *testing.T) (*dynamapper.Table[round], *dynamapper.Table[pause]) {
	t.Helper()
	fixtures.SteadyEngine(t)
	m := fixtures.Mapper(t)
	rounds := fixtures.TableIn[round](t, m)
	pauses, err := dynamapper.TableOf[pause](m)
	require.NoError(t, err)
	require.NoError(t, pauses.Verify(t.Context()))
	for i := range 36 {
		saveAll(t, rounds, &round{ID: fmt.Sprintf("r%02d", i), League: []string{"one", "two"}[i%2],
			Cup: "cup", Region: "west", Number: i / 2 % 3, Court: string(rune('a' + i/6%3))})
	}
	for i := range 6 {
		saveAll(t, pauses, &pause{ID: fmt.Sprint(i), League: "one", Cup: "cup", Region: "west",
			Number: i % 3, Length: 10 * i})
	}
	return rounds, pauses
}

// A query gives the parts of formats in the place of their attribute, and each part once.
func TestFormatsAmongSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	rounds, pauses := roundTables(t)
	eq := dynamapper.EQ
	query := func(comparisons ...dynamapper.Comparison) []string {
		t.Helper()
		q := rounds.Query("one", "cup", "west").Index("by-slot")
		if comparisons != nil {
			q.RangeParts(comparisons...)
		}
		found, err := q.Collect(t.Context())
		require.NoError(t, err)
		var ids []string
		for _, r := range found {
			assert.Equal(
				t,
				fmt.Sprintf("S#west#%02d#%s#%s", r.Number, r.Court, r.ID),
				string(r.Slot),
			)
			ids = append(ids, r.ID)
		}
		n, err := q.Count(t.Context())
		require.NoError(t, err)
		assert.Equal(t, len(ids), n, "Count leaves the items of other entities out")
		return ids
	}
	assert.Len(t, query(), 18)
	assert.Equal(t, []string{"r02", "r20", "r08", "r26", "r14", "r32"}, query(eq(1)))
	assert.Equal(t, []string{"r08", "r26"}, query(eq(1), eq("b")))
	assert.Equal(t, []string{"r26"}, query(eq(1), eq("b"), dynamapper.GT("r08")))
	assert.Equal(t, []string{"r08", "r26", "r14", "r32"}, query(eq(1), dynamapper.GE("b")))
	assert.Len(t, query(dynamapper.GE(1)), 12)

	long, err := pauses.Query("one", "cup", "west").Index("by-slot").
		RangeParts(eq(1), dynamapper.GE(20)).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, long, 1)
	assert.Equal(t, 40, long[0].Length)
	all, err := pauses.Query("one", "cup", "west").Index("by-slot").Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 6)
}

func TestFormatsAmongSeveralKeyAttributesAreRefused(t *testing.T) {
	t.Parallel()
	rounds, _ := roundTables(t)
	eq := dynamapper.EQ
	of := func(comparisons ...dynamapper.Comparison) *dynamapper.Query[round] {
		return rounds.Query("one", "cup", "west").Index("by-slot").RangeParts(comparisons...)
	}
	for want, query := range map[string]*dynamapper.Query[round]{
		`have 3 parts; use Query(league, cup, region)`: rounds.Query("one", "cup").Index("by-slot"),
		`the value holds "#"`: rounds.Query("one", "a#b",
			"west").Index("by-slot"),
		`have 3 parts to compare, from number, region, court, id; leave the rest out`: of(eq(1),
			eq("b"), eq("r08"), eq("x")),
		`Range on "slot", part "court": RangeParts has GE before its last comparison`: of(eq(1),
			dynamapper.GE("b"), eq("r08")),
		`Range on "number": RangeParts has GE before its last comparison`: of(dynamapper.GE(1),
			eq("b")),
		`Range on "slot": the number has more than the 2 digits`: of(eq(100), eq("b")),
	} {
		_, err := query.Collect(t.Context())
		assert.ErrorContains(t, err, want)
	}
}

// requireIndex compares the index of several attributes with what a filter leaves of the table.
func (w *placedWriter) requireIndex() {
	stored, err := fixtures.RawClient(w.T).Scan(w.Context(), &dynamodb.ScanInput{
		TableName: aws.String(w.good.Name()), ConsistentRead: aws.Bool(true)})
	require.NoError(w, err)
	for _, team := range []string{"red", "blue"} {
		all := indexedPlaces(stored.Items, team, func(int, int) bool { return true })
		w.found += len(all)
		w.requirePlaces(all, w.good.Query(team, "g").Index("by-place"))
		slices.Reverse(all)
		w.requirePlaces(all, w.good.Query(team, "g").Index("by-place").Reverse())
		other, points := w.checked%3, w.checked/3%3
		w.requirePlaces(
			indexedPlaces(stored.Items, team, func(o, _ int) bool { return o <= other }),
			w.good.Query(team, "g").Index("by-place").Range(dynamapper.LE(other)),
		)
		w.requirePlaces(indexedPlaces(stored.Items, team,
			func(o, p int) bool { return o == other && p >= points }),
			w.good.Query(team, "g").Index("by-place").
				RangeParts(dynamapper.EQ(other), dynamapper.GE(points)))
	}
}

// indexedPlaces returns the ids of the items in the index of several attributes, in its order.
func indexedPlaces(
	items []fixtures.Attributes,
	team string,
	keep func(other, points int) bool,
) []string {
	number := func(item fixtures.Attributes, attribute string) int {
		n, _ := strconv.Atoi(item[attribute].(*types.AttributeValueMemberN).Value)
		return n
	}
	var found []fixtures.Attributes
	for _, item := range items {
		isWhole := item["other"] != nil && item["points"] != nil && item["g2"] != nil
		if isWhole && reflect.DeepEqual(item["team"], fixtures.Text(team)) &&
			keep(number(item, "other"), number(item, "points")) {
			found = append(found, item)
		}
	}
	id := func(item fixtures.Attributes) string { return item["id"].(*types.AttributeValueMemberS).Value }
	slices.SortFunc(found, func(a, b fixtures.Attributes) int {
		return cmp.Or(cmp.Compare(number(a, "other"), number(b, "other")),
			cmp.Compare(number(a, "points"), number(b, "points")), cmp.Compare(id(a), id(b)))
	})
	ids := []string{}
	for _, item := range found {
		ids = append(ids, id(item))
	}
	return ids
}

func (w *placedWriter) requirePlaces(want []string, q *dynamapper.Query[placed]) {
	w.Helper()
	found, err := q.Collect(w.Context())
	require.NoError(w, err)
	ids := []string{}
	for _, p := range found {
		ids = append(ids, p.ID)
	}
	require.Equal(w, want, ids)
}
