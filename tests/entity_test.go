package tests

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// gamer and match share a table: a player's profile and the player's matches are items of one hash
// key.
type gamer struct {
	dynamapper.Model `dynamo:"game,entity=player"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
	Login   string              `dynamo:"login"`
	Balance int                 `dynamo:"balance"`
}

type match struct {
	dynamapper.Model `dynamo:"game,entity=match"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=MATCH#{at}#{id}"`

	GuildKey dynamapper.Computed `dynamo:"gsi1pk,format=GUILD#{guild}" index:"gsi1,hash"`
	ScoreKey dynamapper.Computed `dynamo:"gsi1sk,format=SCORE#{points:10}" index:"gsi1,range"`

	Player string    `dynamo:"player"`
	At     time.Time `dynamo:"at"`
	ID     string    `dynamo:"id"`
	Guild  string    `dynamo:"guild"`
	Points int       `dynamo:"points"`
	Note   string    `dynamo:"note"`
}

// gameTables returns the tables of two entities that share one table, and its name.
func gameTables(t *testing.T) (*dynamapper.Table[gamer], *dynamapper.Table[match]) {
	t.Helper()
	mapper := fixtures.Mapper(t)
	gamers, err := dynamapper.TableOf[gamer](mapper)
	require.NoError(t, err)
	matches, err := dynamapper.TableOf[match](mapper)
	require.NoError(t, err)
	require.NoError(t, matches.CreateTable(t.Context(), dynamapper.WaitActive()))
	return gamers, matches
}

var matchDay = time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)

func newMatch(id string, points int) *match {
	return &match{Player: "waldo", At: matchDay, ID: id, Guild: "reds", Points: points}
}

func TestAnEntityIsStoredWithItsKeysAndName(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	_, matches := gameTables(t)
	m := newMatch("m1", 42)
	require.NoError(t, matches.Save(t.Context(), m))
	assert.Equal(t, dynamapper.Computed("GUILD#reds"), m.GuildKey)
	assert.Equal(t, dynamapper.Computed("SCORE#0000000042"), m.ScoreKey)
	stored := fixtures.GetRaw(
		t,
		matches.Name(),
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"),
			"sk": fixtures.Text("MATCH#2026-05-31T12:00:00.000000000Z#m1")},
	)
	require.NotNil(t, stored)
	assert.Equal(t, fixtures.Text("match"), stored["entity"])
	assert.Equal(t, fixtures.Text("GUILD#reds"), stored["gsi1pk"])
	key := dynamapper.Key("waldo", matchDay, "m1")
	assert.Equal(t, key, matches.KeyOf(m))
	loaded, err := matches.Get(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "waldo", loaded.Player)
	assert.Equal(t, m.ScoreKey, loaded.ScoreKey)
	loaded.Points++
	require.NoError(t, matches.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
	assert.Equal(t, dynamapper.Computed("SCORE#0000000043"), loaded.ScoreKey)
}

// The keys of cat and dog do not tell the two entities apart.
type cat struct {
	dynamapper.Model `dynamo:"pets,entity=cat"`
	ID               string `dynamo:"id,hash"`
	Lives            int    `dynamo:"lives"`
}

type dog struct {
	dynamapper.Model `dynamo:"pets,entity=dog"`
	ID               string `dynamo:"id,hash"`
	Lives            string `dynamo:"lives"`
}

func petTables(
	t *testing.T, mapper *dynamapper.Mapper, opts ...dynamapper.TableOption,
) (*dynamapper.Table[cat], *dynamapper.Table[dog]) {
	t.Helper()
	cats, err := dynamapper.TableOf[cat](mapper, opts...)
	require.NoError(t, err)
	dogs, err := dynamapper.TableOf[dog](mapper)
	require.NoError(t, err)
	require.NoError(t, cats.CreateTable(t.Context(), dynamapper.WaitActive()))
	return cats, dogs
}

func TestItemsOfOtherEntitiesAreNotRead(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t)
	cats, dogs := petTables(t, mapper)
	saveAll(t, cats, &cat{ID: "tom", Lives: 9})
	saveAll(t, dogs, &dog{ID: "rex", Lives: "one"})
	key := dynamapper.Key("rex")
	requireOther := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, dynamapper.ErrOtherEntity)
		assert.ErrorContains(t, err,
			`the item is of the entity "dog", and the table's model is "cat"`)
		var other *dynamapper.OtherEntityError
		require.ErrorAs(t, err, &other)
		assert.Equal(t, "dog", other.Found)
		assert.Equal(t, key, other.Key)
	}
	_, err := cats.Get(t.Context(), key)
	requireOther(err)
	_, err = cats.BatchGet(t.Context(), []dynamapper.PrimaryKey{dynamapper.Key("tom"), key})
	requireOther(err)
	_, err = cats.Update(key).Set("lives", 3).Run(t.Context())
	requireOther(err)
	_, err = cats.Modify(t.Context(), key, func(*cat) error { return nil })
	requireOther(err)
	_, err = cats.ModifyOrNew(t.Context(), key, func(*cat) error { return nil })
	requireOther(err)
	err = mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		_, err := cats.In(tx).Get(ctx, key)
		return err
	})
	require.ErrorIs(t, err, dynamapper.ErrOtherEntity)
	err = mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		cats.In(tx).Update(key).Set("lives", 3)
		return nil
	})
	require.ErrorIs(t, err, dynamapper.ErrOtherEntity)

	found, err := cats.Scan().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, 9, found[0].Lives)
	none, err := cats.Query("rex").Collect(t.Context())
	require.NoError(t, err)
	assert.Empty(t, none)
	n, err := cats.Query("rex").Count(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	rex, err := dogs.Get(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "one", rex.Lives)
}

func TestUnmarkedItems(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	cats, _ := petTables(t, fixtures.Mapper(t))
	fixtures.PutRaw(
		t,
		cats.Name(),
		fixtures.Attributes{"id": fixtures.Text("old"), "lives": fixtures.Number("1")},
	)
	_, err := cats.Get(t.Context(), dynamapper.Key("old"))
	require.ErrorIs(t, err, dynamapper.ErrOtherEntity)
	assert.ErrorContains(t, err, "the item names no entity")
	assert.ErrorContains(t, err, "Unmarked")

	cats, dogs := petTables(t, fixtures.Mapper(t), dynamapper.Unmarked())
	fixtures.PutRaw(
		t,
		cats.Name(),
		fixtures.Attributes{"id": fixtures.Text("old"), "lives": fixtures.Number("1")},
	)
	saveAll(t, dogs, &dog{ID: "rex"})
	found, err := cats.Scan().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	n, err := cats.Scan().Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	_, err = cats.Update(dynamapper.Key("old")).Set("lives", 2).Run(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, cats.Save(t.Context(), found[0], dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	old, err := cats.Get(t.Context(), dynamapper.Key("old"))
	require.NoError(t, err)
	require.NoError(t, cats.Save(t.Context(), old, dynamapper.FailOnConflict()))
	assert.Equal(t, fixtures.Text("cat"),
		fixtures.GetRaw(t, cats.Name(), fixtures.Attributes{"id": fixtures.Text("old")})["entity"])

	_, err = dynamapper.TableOf[player](fixtures.Mapper(t), dynamapper.Unmarked())
	assert.ErrorContains(t, err, "Unmarked is for a model that names its entity")
}

func TestKeysInPartsAreRefused(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	gamers, matches := gameTables(t)
	const noKey = `the key has 1 value, and that of the model tests.match has 3 parts; ` +
		`use Key(player, at, id)`
	for want, key := range map[string]dynamapper.PrimaryKey{
		noKey:                           dynamapper.Key("waldo"),
		`the key has 4 values`:          dynamapper.Key("waldo", matchDay, "a", "b"),
		`the key part "at": a value of`: dynamapper.Key("waldo", 5, "a"),
		`the key part "id" is empty`:    dynamapper.Key("waldo", matchDay, ""),
		`the key part "player" is nil`:  dynamapper.Key(nil, matchDay, "x"),
		`the value 1 is formatted text`: dynamapper.Key("PLAYER#waldo", "MATCH#a#b"),
		`give the part alone`:           dynamapper.Key("PLAYER#waldo", matchDay, "x"),
	} {
		_, err := matches.Get(t.Context(), key)
		assert.ErrorContains(t, err, want)
	}
	for want, key := range map[string]dynamapper.PrimaryKey{
		`the value 1 is formatted text, and Key takes`: dynamapper.Key("PLAYER#waldo", "PROFILE"),
		`and not the formatted text`:                   dynamapper.Key("PLAYER#waldo"),
	} {
		_, err := gamers.Get(t.Context(), key)
		assert.ErrorContains(t, err, want)
	}
	for want, item := range map[string]*match{
		`the number is negative`:                 newMatch("x", -1),
		`the number has more than the 10 digits`: newMatch("x", 1e10),
		`the range key "sk" is computed from At (at) and ID (id), and one of these`: newMatch(
			"", 1),
	} {
		assert.ErrorContains(t, matches.Save(t.Context(), item), want)
	}
	err := matches.Save(t.Context(),
		&match{Player: "waldo", At: matchDay, ID: "a", Guild: "GUILD#x"})
	var field *dynamapper.FieldError
	require.ErrorAs(t, err, &field)
	assert.Equal(t, "match.Guild", field.Field)
}

func TestQueriesInPartsAreRefused(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	gamers, matches := gameTables(t)
	eq, ge, le := dynamapper.EQ, dynamapper.GE(matchDay), dynamapper.LE(matchDay)
	of := func(comparisons ...dynamapper.Comparison) *dynamapper.Query[match] {
		return matches.Query("waldo").RangeParts(comparisons...)
	}
	byPoints := matches.Query("reds").Index("gsi1").Range(dynamapper.BeginsWith("1"))
	const twoHashes = `Query has 2 values, and the hash key "pk" has 1 part; use Query(player)`
	for want, query := range map[string]*dynamapper.Query[match]{
		twoHashes:                            matches.Query("a", "b"),
		`Query has 0 values`:                 matches.Query(),
		`before its last comparison`:         of(ge, eq("x")),
		`RangeParts has 3 comparisons, and`:  of(eq(matchDay), eq("x"), eq("y")),
		`RangeParts has no comparison`:       of(),
		`which ends this part in the format`: of(dynamapper.BeginsWith("2026#")),
		`the bounds of Between are reversed`: of(dynamapper.Between(matchDay.Add(1), matchDay)),
		`Range does not take Contains`:       of(dynamapper.Contains("x")),
		`Range is given twice`:               of(ge).Range(le),
		`BeginsWith is for text, and the`:    byPoints,
	} {
		_, err := query.Collect(t.Context())
		assert.ErrorContains(t, err, want)
	}
	_, err := gamers.Query("waldo").Range(eq("PROFILE")).Collect(t.Context())
	assert.ErrorContains(t, err, "has no part that the hash key does not have")
}

// A format may have parts that are also in the hash key, and numbers without padding.
type ledger struct {
	dynamapper.Model `dynamo:"ledgers,entity=entry"`

	_      dynamapper.Computed `dynamo:"pk,hash,format={tenant}:{account}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=A#{account}#{number}#E#{line:3}"`
	Tenant string              `dynamo:"tenant"`
	Acct   string              `dynamo:"account"`
	Number int                 `dynamo:"number"`
	Line   int                 `dynamo:"line"`
}

func TestUnpaddedNumbersHaveNoRange(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	ledgers := fixtures.TableOf[ledger](t)
	for number := 8; number < 12; number++ {
		for line := range 3 {
			saveAll(t, ledgers, &ledger{Tenant: "t", Acct: "a", Number: number, Line: line})
		}
	}
	count := func(q *dynamapper.Query[ledger]) int {
		t.Helper()
		found, err := q.Collect(t.Context())
		require.NoError(t, err)
		return len(found)
	}
	assert.Equal(t, 12, count(ledgers.Query("t", "a")))
	assert.Equal(t, 3, count(ledgers.Query("t", "a").Range(dynamapper.EQ(10))))
	assert.Equal(t, 2,
		count(ledgers.Query("t", "a").RangeParts(dynamapper.EQ(10), dynamapper.GE(1))))
	_, err := ledgers.Query("t", "a").Range(dynamapper.GE(9)).Collect(t.Context())
	assert.ErrorContains(t, err, "pad the number in the format, as in {number:10}")
	got, err := ledgers.Get(t.Context(), dynamapper.Key("t", "a", 9, 2))
	require.NoError(t, err)
	assert.Equal(t, dynamapper.Key("t", "a", 9, 2), ledgers.KeyOf(got))
	_, err = ledgers.Get(t.Context(), dynamapper.Key("t:x", "a", 9, 2))
	assert.ErrorContains(t, err, `the value holds ":"`)
}

// Pages of an entity, one behind the other, are all of its items and none of the others'.
func TestPagesOfAnEntity(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	gamers, matches := gameTables(t)
	saveAll(t, gamers, &gamer{Login: "waldo"})
	for i := range 7 {
		saveAll(t, matches, newMatch(string(rune('a'+i)), i))
	}
	for name, q := range map[string]func() *dynamapper.Query[match]{
		"table": func() *dynamapper.Query[match] { return matches.Query("waldo") },
		"index": func() *dynamapper.Query[match] { return matches.Query("reds").Index("gsi1") },
	} {
		var ids []string
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			page, err := q().Limit(2).From(cursor).Page(t.Context())
			require.NoError(t, err, name)
			ids, cursor = append(ids, matchIDs(page.Items)...), page.Cursor
			require.Less(t, pages, 9)
		}
		assert.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g"}, ids, name)
	}
}

// An item of another program that stores no parts of its own is read from its keys, and keeps its
// form.
func TestPartsAreReadFromTheKeys(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t)
	matches, err := dynamapper.TableOf[match](mapper, dynamapper.Unmarked())
	require.NoError(t, err)
	require.NoError(t, matches.CreateTable(t.Context(), dynamapper.WaitActive()))
	key := fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"),
		"sk": fixtures.Text("MATCH#2026-05-31T12:00:00Z#m1")} // another spelling of the time
	foreign := fixtures.Attributes{
		"pk":     key["pk"],
		"sk":     key["sk"],
		"gsi1pk": fixtures.Text("GUILD#reds"),
		"gsi1sk": fixtures.Text(
			"old form",
		),
		"points": fixtures.Number("0"),
		"entity": fixtures.Text("match"),
	}
	fixtures.PutRaw(t, matches.Name(), foreign)
	found, err := matches.Query("waldo").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	m := found[0]
	assert.Equal(t, "waldo", m.Player)
	assert.Equal(t, matchDay, m.At)
	assert.Equal(t, "m1", m.ID)
	assert.Equal(t, "reds", m.Guild)
	require.NoError(t, matches.Save(t.Context(), m, dynamapper.FailOnConflict()))
	assert.Equal(t, foreign, fixtures.GetRaw(t, matches.Name(), key))
	again, err := matches.Get(t.Context(), matches.KeyOf(m))
	require.NoError(t, err)
	again.Note = "seen"
	require.NoError(t, matches.Save(t.Context(), again, dynamapper.ChangedOnly()))
	foreign["note"] = fixtures.Text("seen")
	assert.Equal(t, foreign, fixtures.GetRaw(t, matches.Name(), key))
	again.Guild = "blues"
	require.NoError(t, matches.Save(t.Context(), again))
	stored := fixtures.GetRaw(t, matches.Name(), key)
	assert.Equal(t, fixtures.Text("GUILD#blues"), stored["gsi1pk"])
	assert.Equal(t, fixtures.Text("blues"), stored["guild"])
	require.NoError(t, matches.Delete(t.Context(), again, dynamapper.FailOnConflict()))
	assert.Nil(t, fixtures.GetRaw(t, matches.Name(), key))
}

func TestAnEditedPartIsAnEditedKey(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	_, matches := gameTables(t)
	m := newMatch("m1", 1)
	saveAll(t, matches, m)
	m.ID = "m2"
	err := matches.Save(t.Context(), m, dynamapper.FailOnConflict())
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	assert.Equal(t, []string{"id"}, conflict.Attributes)
	assert.Equal(t, dynamapper.Key("waldo", matchDay, "m1"), conflict.Key)
	require.ErrorIs(t, matches.Delete(t.Context(), m, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.NoError(t, matches.Save(t.Context(), m))
	both, err := matches.Query("waldo").Collect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"m1", "m2"}, matchIDs(both))
}

// An Update that cannot compute a key is refused before a request.
func TestUpdatesThatCannotCompute(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	rows := fixtures.TableOf[entityRow](t)
	saveAll(t, rows, &entityRow{ID: "a", rowValues: rowValues{Count: 1, Note: "x"}})
	key := dynamapper.Key("a")
	row := func() *dynamapper.Update[entityRow] { return rows.Update(key) }
	const unknown = `the computed attribute "gsi", and does not know its other parts: note; set`
	for want, update := range map[string]*dynamapper.Update[entityRow]{
		unknown: row().Set("count", 2),
		`Add of "count" leaves a value that is not known before`: row().Add("count", 2).
			Set("note", "x"),
		`SetIfAbsent of "note" leaves a value`: row().SetIfAbsent("note", "y").
			Set("count", 2),
		`the attribute is computed by its format`:    row().Set("gsi", "x"),
		`the attribute names the entity`:             row().Set("entity", "x"),
		`the attribute is a part of the table's key`: row().Set("id", "b"),
		`the number is negative`:                     row().Set("count", -2).Set("note", "x"),
	} {
		_, err := update.Run(t.Context())
		assert.ErrorContains(t, err, want)
	}
	stored := fixtures.GetRaw(
		t,
		rows.Name(),
		fixtures.Attributes{"pk": fixtures.Text("ROW#a"), "sk": fixtures.Text("ROW")},
	)
	assert.Equal(t, fixtures.Text("N#x#001"), stored["gsi"])
	assert.Equal(t, fixtures.Number("1"), stored["count"])
	_, err := row().Remove("note").Run(t.Context()) // whatever the other parts are
	require.NoError(t, err)
	stored = fixtures.GetRaw(
		t,
		rows.Name(),
		fixtures.Attributes{"pk": fixtures.Text("ROW#a"), "sk": fixtures.Text("ROW")},
	)
	assert.Nil(t, stored["gsi"])
}

// A partial item of an entity knows its keys, and its edits compute them.
func TestPartialEntities(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	_, matches := gameTables(t)
	saveAll(t, matches, newMatch("m1", 1))
	key := dynamapper.Key("waldo", matchDay, "m1")
	m, err := matches.Get(t.Context(), key, dynamapper.Select("note"))
	require.NoError(t, err)
	assert.Equal(t, key, matches.KeyOf(m))
	m.Points, m.Note = 5, "x"
	require.ErrorIs(t, matches.Save(t.Context(), m), dynamapper.ErrPartial)
	require.NoError(t, matches.Save(t.Context(), m, dynamapper.ChangedOnly()))
	assert.Equal(t, dynamapper.Computed("SCORE#0000000005"), m.ScoreKey)
	whole, err := matches.Get(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, m.ScoreKey, whole.ScoreKey)
	assert.Equal(t, "reds", whole.Guild)
}

// A string field with a format shows its text, and refuses another one.
type labelled struct {
	dynamapper.Model `dynamo:"labelled"`
	PK               string `dynamo:"pk,hash,format=S#{id}"`
	ID               string `dynamo:"id"`
}

func TestAStringFieldWithAFormat(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[labelled](t)
	item := &labelled{ID: "a"}
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	assert.Equal(t, "S#a", item.PK)
	item.PK = "S#b"
	err := table.Save(t.Context(), item)
	assert.ErrorContains(t, err, "the field is computed by its format, and was set to another text")
	item.PK, item.ID = "S#a", "b" // as it was loaded
	require.NoError(t, table.Save(t.Context(), item))
	assert.Equal(t, "S#b", item.PK)
}

func saveAll[T any](t *testing.T, table *dynamapper.Table[T], items ...*T) {
	t.Helper()
	for _, item := range items {
		require.NoError(t, table.Save(t.Context(), item))
	}
}

func matchIDs(matches []*match) []string {
	ids := []string{}
	for _, m := range matches {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestQueriesOfAnEntityInParts(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	gamers, matches := gameTables(t)
	saveAll(t, gamers, &gamer{Login: "waldo", Balance: 5}, &gamer{Login: "odlaw"})
	for day := range 4 {
		m := newMatch("m"+string(rune('0'+day)), day)
		m.At = matchDay.AddDate(0, 0, day)
		saveAll(t, matches, m)
	}
	day := func(n int) time.Time { return matchDay.AddDate(0, 0, n) }
	of := func(comparisons ...dynamapper.Comparison) *dynamapper.Query[match] {
		return matches.Query("waldo").RangeParts(comparisons...)
	}
	byPoints := func(c dynamapper.Comparison) *dynamapper.Query[match] {
		return matches.Query("reds").Index("gsi1").Range(c)
	}
	for name, test := range map[string]struct {
		query *dynamapper.Query[match]
		want  []string
	}{
		"all":         {matches.Query("waldo"), []string{"m0", "m1", "m2", "m3"}},
		"EQ":          {of(dynamapper.EQ(day(1))), []string{"m1"}},
		"GE":          {of(dynamapper.GE(day(2))), []string{"m2", "m3"}},
		"GT":          {of(dynamapper.GT(day(2))), []string{"m3"}},
		"LE":          {of(dynamapper.LE(day(1))), []string{"m0", "m1"}},
		"LT":          {of(dynamapper.LT(day(1))), []string{"m0"}},
		"Between":     {of(dynamapper.Between(day(1), day(2))), []string{"m1", "m2"}},
		"BeginsWith":  {of(dynamapper.BeginsWith("2026-06")), []string{"m1", "m2", "m3"}},
		"two parts":   {of(dynamapper.EQ(day(1)), dynamapper.BeginsWith("m")), []string{"m1"}},
		"no match":    {of(dynamapper.EQ(day(1)), dynamapper.GT("m1")), []string{}},
		"whole key":   {of(dynamapper.EQ(day(1)), dynamapper.EQ("m1")), []string{"m1"}},
		"index below": {byPoints(dynamapper.LT(2)), []string{"m0", "m1"}},
		"index above": {byPoints(dynamapper.GT(2)), []string{"m3"}},
		"index equal": {byPoints(dynamapper.EQ(2)), []string{"m2"}},
		"reversed":    {matches.Query("waldo").Reverse().Limit(2), []string{"m3", "m2"}},
		"filtered": {matches.Query("waldo").Where(dynamapper.Attr("points", dynamapper.GE(3))),
			[]string{"m3"}},
	} {
		found, err := test.query.Collect(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, test.want, matchIDs(found), name)
		n, err := test.query.Count(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, len(test.want), n, name)
	}
	n, err := matches.Scan().Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	all, err := gamers.Scan().Collect(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 2)
	profile, err := gamers.Query("waldo").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, profile, 1)
	assert.Equal(t, 5, profile[0].Balance)
}

func TestAnUpdateRecomputes(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	_, matches := gameTables(t)
	key := dynamapper.Key("waldo", matchDay, "m1")
	made, err := matches.Update(key).Set("points", 7).Set("guild", "blues").Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &match{Player: "waldo", At: matchDay, ID: "m1", Guild: "blues", Points: 7,
		GuildKey: "GUILD#blues", ScoreKey: "SCORE#0000000007", Model: made.Model}, made)
	stored := fixtures.GetRaw(
		t,
		matches.Name(),
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"),
			"sk": fixtures.Text("MATCH#2026-05-31T12:00:00.000000000Z#m1")},
	)
	assert.Equal(t, fixtures.Text("waldo"), stored["player"])
	assert.Equal(t, fixtures.Text("match"), stored["entity"])
	after, err := matches.Update(key).Remove("guild").Run(t.Context())
	require.NoError(t, err)
	assert.Empty(t, after.GuildKey)
	_, err = matches.Update(key).Add("points", 1).Run(t.Context())
	assert.ErrorContains(t, err, "Add of \"points\"")
}

// An index that projects little still gives the keys of its items, and their edits compute them.
type badge struct {
	dynamapper.Model `dynamo:"badges,entity=badge"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=BADGE#{id}"`
	Index dynamapper.Computed `dynamo:"gsi,format=B#{kind}#{rank:2}" index:"by-kind,hash,include=entity"`
	ID    string              `dynamo:"id"`
	Kind  string              `dynamo:"kind"`
	Rank  int                 `dynamo:"rank"`
	Text  string              `dynamo:"text"`
}

func TestAPartialIndexOfAnEntity(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	badges := fixtures.TableOf[badge](t)
	saveAll(t, badges, &badge{ID: "1", Kind: "gold", Rank: 3, Text: "x"})
	found, err := badges.Query("gold", 3).Index("by-kind").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	b := found[0]
	assert.Equal(t, dynamapper.Key("1"), badges.KeyOf(b))
	assert.Equal(t, "gold", b.Kind)
	assert.Equal(t, 3, b.Rank)
	require.NoError(t, badges.Save(t.Context(), b, dynamapper.ChangedOnly()))
	b.Rank = 4 // was not read; only the key of the index has it
	require.ErrorIs(t, badges.Save(t.Context(), b, dynamapper.ChangedOnly()),
		dynamapper.ErrPartial)
	whole, err := badges.Get(t.Context(), badges.KeyOf(b))
	require.NoError(t, err)
	assert.Equal(t, 3, whole.Rank)
}

// hooked is an entity with hooks in place of its codec.
type hooked struct {
	dynamapper.Model `dynamo:"hooked,entity=hooked"`

	_    dynamapper.Computed `dynamo:"pk,hash,format=H#{id}"`
	ID   string              `dynamo:"id"`
	Note string              `dynamo:"note"`
}

func (h *hooked) MarshalItem() (map[string]types.AttributeValue, error) {
	return dynamapper.EncodeItem(h)
}

func (h *hooked) UnmarshalItem(raw map[string]types.AttributeValue) error {
	return dynamapper.DecodeItem(raw, h)
}

func TestHooksOfAnEntity(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[hooked](t)
	saveAll(t, table, &hooked{ID: "a", Note: "x"})
	key := fixtures.Attributes{"pk": fixtures.Text("H#a")}
	assert.Equal(t, fixtures.Text("hooked"), fixtures.GetRaw(t, table.Name(), key)["entity"])
	h, err := table.Get(t.Context(), dynamapper.Key("a"))
	require.NoError(t, err)
	h.Note = "y"
	require.NoError(t, table.Save(t.Context(), h, dynamapper.FailOnConflict()))
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"pk": key["pk"], "entity": fixtures.Text("other")},
	)
	_, err = table.Get(t.Context(), dynamapper.Key("a"))
	require.ErrorIs(t, err, dynamapper.ErrOtherEntity)
	none, err := table.Scan().Collect(t.Context())
	require.NoError(t, err)
	assert.Empty(t, none)
}
