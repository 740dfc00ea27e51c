package tests

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// award is a third entity of the game, besides gamer and match. It has the index of matches with
// another format of the range key, and expires.
type award struct {
	dynamapper.Model `dynamo:"game,entity=award"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=AWARD#{name}"`

	_ dynamapper.Computed `dynamo:"gsi1pk,format=GUILD#{guild}" index:"gsi1,hash,include=entity"`
	_ dynamapper.Computed `dynamo:"gsi1sk,format=AWARD#{name}" index:"gsi1,range"`
	_ dynamapper.Computed `dynamo:"gsi2pk,format=NAME#{name}" index:"gsi2,hash"`

	Player  string    `dynamo:"player"`
	Name    string    `dynamo:"name"`
	Guild   string    `dynamo:"guild"`
	Points  int       `dynamo:"points"`
	Expires time.Time `dynamo:"expires,ttl"`
}

// game is a collection of three entities and their tables.
type game struct {
	*dynamapper.Collection
	mapper  *dynamapper.Mapper
	gamers  *dynamapper.Table[gamer]
	matches *dynamapper.Table[match]
	awards  *dynamapper.Table[award]
}

func openGame(t *testing.T, opts ...dynamapper.Option) *game {
	t.Helper()
	g := &game{mapper: fixtures.Mapper(t, opts...)}
	var err error
	g.gamers, err = dynamapper.TableOf[gamer](g.mapper)
	require.NoError(t, err)
	g.matches, err = dynamapper.TableOf[match](g.mapper)
	require.NoError(t, err)
	g.awards, err = dynamapper.TableOf[award](g.mapper)
	require.NoError(t, err)
	g.Collection, err = dynamapper.NewCollection(g.gamers, g.matches, g.awards)
	require.NoError(t, err)
	require.NoError(t, g.CreateTable(t.Context()))
	return g
}

// fill stores the items of waldo: two awards, n matches and the profile.
func (g *game) fill(t *testing.T, n int) *game {
	t.Helper()
	saveAll(t, g.gamers, &gamer{Login: "waldo", Balance: 200})
	for i := range n {
		m := newMatch(fmt.Sprintf("m%03d", i), i)
		require.NoError(t, g.matches.Save(t.Context(), m))
	}
	saveAll(t, g.awards, &award{Player: "waldo", Name: "fast", Guild: "reds", Points: 3},
		&award{Player: "waldo", Name: "kind", Guild: "reds"})
	return g
}

// labels names items by their kinds, such as "award fast".
func labels(items []any) []string {
	texts := []string{}
	for _, item := range items {
		switch item := item.(type) {
		case *gamer:
			texts = append(texts, "gamer "+item.Login)
		case *match:
			texts = append(texts, "match "+item.ID)
		case *award:
			texts = append(texts, "award "+item.Name)
		default:
			texts = append(texts, fmt.Sprintf("%T", item))
		}
	}
	return texts
}

var waldosItems = []string{"award fast", "award kind", "match m000", "match m001", "gamer waldo"}

// collectLabels returns the labels of all items of a query, read in every way.
func collectLabels(t *testing.T, query func() *dynamapper.CollectionQuery) []string {
	t.Helper()
	items, err := query().Collect(t.Context())
	require.NoError(t, err)
	looped := []any{}
	for item, err := range query().All(t.Context()) {
		require.NoError(t, err)
		looped = append(looped, item)
	}
	require.Equal(t, labels(items), labels(looped))
	n, err := query().Count(t.Context())
	require.NoError(t, err)
	require.Len(t, items, n)
	page, err := query().Limit(max(1, n)).Page(t.Context())
	require.NoError(t, err)
	require.Equal(t, labels(items), labels(page.Items))
	return labels(items)
}

func TestACollectionReadsItemsOfAllModels(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	sent := &fixtures.Requests{}
	g := openGame(t, dynamapper.WithObserver(sent.Observe)).fill(t, 2)
	saveAll(t, g.gamers, &gamer{Login: "wally"})
	sent.Take()
	items, err := g.Query("waldo").Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, waldosItems, labels(items))
	require.Equal(t, []string{"Query"}, sent.Take())
	assert.Equal(t, g.matches.Name(), g.Name())

	waldo := func() *dynamapper.CollectionQuery { return g.Query("waldo") }
	reversed := slices.Clone(waldosItems)
	slices.Reverse(reversed)
	for name, test := range map[string]struct {
		query func() *dynamapper.CollectionQuery
		want  []string
	}{
		"all": {waldo, waldosItems},
		"consistent": {func() *dynamapper.CollectionQuery {
			return waldo().Consistent()
		}, waldosItems},
		"in " +
			"pages": {func() *dynamapper.CollectionQuery {
			return waldo().PageSize(2)
		}, waldosItems},
		"reversed": {func() *dynamapper.CollectionQuery { return waldo().Reverse() }, reversed},
		"a kind": {func() *dynamapper.CollectionQuery {
			return waldo().Range(dynamapper.BeginsWith("MATCH#2026-05"))
		}, waldosItems[2:4]},
		"by entity": {func() *dynamapper.CollectionQuery {
			return waldo().Where(dynamapper.Attr("entity", dynamapper.In("award", "player")))
		}, []string{"award fast", "award kind", "gamer waldo"}},
		"of an index": {func() *dynamapper.CollectionQuery {
			return g.Query("reds").Index("gsi1").Where(dynamapper.Attr("points", dynamapper.GE(1)))
		}, []string{"award fast", "match m001"}},
		"a kind of an index": {func() *dynamapper.CollectionQuery {
			return g.Query("reds").Index("gsi1").Range(dynamapper.BeginsWith("SCORE#"))
		}, waldosItems[2:4]},
		"of one model": {func() *dynamapper.CollectionQuery {
			return g.Query("kind").Index("gsi2")
		}, []string{"award kind"}},
		"nobody": {func() *dynamapper.CollectionQuery { return g.Query("nobody") }, []string{}},
	} {
		assert.Equal(t, test.want, collectLabels(t, test.query), name)
	}
}

// An item of a collection is loaded as by its own table, which saves and deletes it.
func TestItemsOfACollectionAreSavedByTheirTables(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 1)
	key := fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"), "sk": fixtures.Text("PROFILE")}
	fixtures.SetRaw(t, g.Name(), key, "clan", fixtures.Text("reds"))
	for item, err := range g.Query("waldo").All(t.Context()) {
		require.NoError(t, err)
		switch item := item.(type) {
		case *gamer:
			require.False(t, g.gamers.IsNew(item))
			require.Equal(t, fixtures.GetRaw(t, g.Name(), key), g.gamers.Snapshot(item))
			item.Balance++
			require.NoError(t, g.gamers.Save(t.Context(), item, dynamapper.FailOnConflict()))
			require.Equal(t, fixtures.Text("reds"), fixtures.GetRaw(t, g.Name(), key)["clan"])
			fixtures.SetRaw(t, g.Name(), key, "balance", fixtures.Number("7"))
			item.Balance++
			err := g.gamers.Save(t.Context(), item, dynamapper.FailOnConflict())
			requireConflictIn(t, err, "balance")
		case *match:
			require.Equal(t, dynamapper.Key("waldo", matchDay, "m000"), g.matches.KeyOf(item))
			item.Points = 12
			require.NoError(t, g.matches.Save(t.Context(), item, dynamapper.ChangedOnly()))
			require.Equal(t, dynamapper.Computed("SCORE#0000000012"), item.ScoreKey)
			_, err := g.matches.Modify(t.Context(), g.matches.KeyOf(item), func(m *match) error {
				m.Points++
				return nil
			})
			require.NoError(t, err)
		case *award:
			require.NoError(t, g.awards.Delete(t.Context(), item, dynamapper.FailOnConflict()))
		}
	}
	require.Equal(t, []string{"match m000", "gamer waldo"},
		collectLabels(t, func() *dynamapper.CollectionQuery { return g.Query("waldo") }))
}

// The pages of a collection go on at the cursor, wherever a page ends and of whichever kind its
// last item is.
func TestPagesOfACollection(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 2)
	for _, query := range []func() *dynamapper.CollectionQuery{
		func() *dynamapper.CollectionQuery { return g.Query("waldo") },
		func() *dynamapper.CollectionQuery { return g.Query("waldo").Reverse() },
		func() *dynamapper.CollectionQuery { return g.Query("waldo").PageSize(3) },
		func() *dynamapper.CollectionQuery { return g.Query("reds").Index("gsi1") },
		func() *dynamapper.CollectionQuery {
			return g.Query("waldo").PageSize(2).
				Where(dynamapper.Attr("entity", dynamapper.NE("award")))
		},
	} {
		want, err := query().Collect(t.Context())
		require.NoError(t, err)
		for limit := 1; limit <= len(want)+1; limit++ {
			var got []any
			for cursor := ""; ; {
				page, err := query().Limit(limit).From(cursor).Page(t.Context())
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Items), limit)
				got = append(got, page.Items...)
				if cursor = page.Cursor; cursor == "" {
					break
				}
			}
			require.Equal(t, labels(want), labels(got), limit)
		}
	}
}

// A cursor of one query is refused by the others.
func TestCursorsOfACollectionAreItsOwn(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 3)
	page, err := g.Query("waldo").Limit(1).Page(t.Context())
	require.NoError(t, err)
	ofTable, err := g.matches.Query("waldo").Limit(1).Page(t.Context())
	require.NoError(t, err)
	_, err = g.Query("waldo").From(ofTable.Cursor).Page(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)
	_, err = g.matches.Query("waldo").From(page.Cursor).Page(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)
	for name, query := range map[string]*dynamapper.CollectionQuery{
		"another hash key": g.Query("wally"), "reversed": g.Query("waldo").Reverse(),
		"a range":  g.Query("waldo").Range(dynamapper.BeginsWith("MATCH#")),
		"an index": g.Query("waldo").Index("gsi1"),
		"a filter": g.Query("waldo").Where(dynamapper.Attr("entity", dynamapper.EQ("award"))),
		"damaged":  g.Query("waldo"),
	} {
		cursor := page.Cursor
		if name == "damaged" {
			cursor = cursor[1:]
		}
		_, err := query.From(cursor).Collect(t.Context())
		require.ErrorIs(t, err, dynamapper.ErrInvalidCursor, name)
	}
	_, err = g.Scan().From(page.Cursor).Page(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)

	// A further model does not change the order of the items.
	two, err := dynamapper.NewCollection(g.gamers, g.awards)
	require.NoError(t, err)
	first, err := two.Query("waldo").Limit(2).Page(t.Context())
	require.NoError(t, err)
	rest, err := g.Query("waldo").From(first.Cursor).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"match m000", "match m001", "match m002", "gamer waldo"},
		labels(rest))
}

// bossItem is an item of an entity that the game does not know. It is between the awards and the
// matches.
func bossItem() fixtures.Attributes {
	return fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"), "sk": fixtures.Text("BOSS#1"),
		"entity": fixtures.Text("boss"), "hp": fixtures.Number("9"),
		"parts": &types.AttributeValueMemberM{
			Value: fixtures.Attributes{"entity": fixtures.Text("match")},
		}}
}

func requireBoss(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, dynamapper.ErrUnknownEntity)
	var unknown *dynamapper.UnknownEntityError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "boss", unknown.Entity)
	require.Equal(t, dynamapper.Key("PLAYER#waldo", "BOSS#1"), unknown.Key)
	require.Equal(t, "Query", unknown.Op)
	require.ErrorContains(t, err, `the item is of the entity "boss", which no model of the `+
		`collection has; give the table of its model to NewCollection`)
}

// An item of an unknown entity, or one that cannot be decoded, ends no loop.
func TestABadItemInTheMiddleOfAMixedPage(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 2)
	fixtures.PutRaw(t, g.Name(), bossItem())
	var items []any
	for item, err := range g.Query("waldo").All(t.Context()) {
		if err != nil {
			require.Nil(t, item)
			requireBoss(t, err)
			continue
		}
		items = append(items, item)
	}
	require.Equal(t, waldosItems, labels(items))
	_, err := g.Query("waldo").Collect(t.Context())
	requireBoss(t, err)
	var view struct{ Others []any }
	requireBoss(t, g.Query("waldo").Into(t.Context(), &view))
	page, err := g.Query("waldo").Page(t.Context())
	requireBoss(t, err)
	require.Equal(t, waldosItems[:2], labels(page.Items))
	rest, err := g.Query("waldo").From(page.Cursor).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, waldosItems[2:], labels(rest))
	n, err := g.Query("waldo").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 6, n)

	fixtures.DeleteRaw(
		t,
		g.Name(),
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"), "sk": fixtures.Text("BOSS#1")},
	)
	fixtures.SetRaw(
		t,
		g.Name(),
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"), "sk": fixtures.Text("AWARD#kind")},
		"guild",
		fixtures.Number("5"),
	)
	page, err = g.Query("waldo").Page(t.Context())
	var field *dynamapper.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "award.Guild", field.Field)
	require.Equal(t, dynamapper.Key("waldo", "kind"), field.Key)
	require.Equal(t, waldosItems[:1], labels(page.Items))
	rest, err = g.Query("waldo").From(page.Cursor).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, waldosItems[2:], labels(rest))
}

// An item without a name, or whose name is no text, is of no entity.
func TestItemsWithoutAnEntity(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t)
	fixtures.PutRaw(t, g.Name(),
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#old"), "sk": fixtures.Text("MATCH#2026#1"),
			"entity": fixtures.Number("5")},
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#old"), "sk": fixtures.Text("PROFILE")})
	var found []string
	for _, err := range g.Query("old").All(t.Context()) {
		var unknown *dynamapper.UnknownEntityError
		require.ErrorAs(t, err, &unknown)
		found = append(found, unknown.Entity+": "+err.Error())
	}
	require.Len(t, found, 2)
	require.Contains(t, found[0], `5: `)
	require.Contains(t, found[1], `the item names no entity; give TableOf of its model the option `+
		`Unmarked, and the table to NewCollection`)

	// The option gives such items to one model, or to several whose keys tell them apart.
	gamers, err := dynamapper.TableOf[gamer](g.mapper, dynamapper.Unmarked())
	require.NoError(t, err)
	one, err := dynamapper.NewCollection(gamers, g.matches, g.awards)
	require.NoError(t, err)
	profile, err := one.Query("old").Range(dynamapper.BeginsWith("PROFILE")).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"gamer old"}, labels(profile))
	require.NoError(t, gamers.Save(t.Context(), profile[0].(*gamer), dynamapper.FailOnConflict()))
	profile, err = g.Query("old").Range(dynamapper.BeginsWith("PROFILE")).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"gamer old"}, labels(profile))

	awards, err := dynamapper.TableOf[award](g.mapper, dynamapper.Unmarked())
	require.NoError(t, err)
	two, err := dynamapper.NewCollection(gamers, awards, g.matches)
	require.NoError(t, err)
	for _, sk := range []string{"PROFILE", "AWARD#first", "ELSE#"} {
		fixtures.PutRaw(
			t,
			g.Name(),
			fixtures.Attributes{"pk": fixtures.Text("PLAYER#older"), "sk": fixtures.Text(sk)},
		)
	}
	var items []any
	for item, err := range two.Query("older").All(t.Context()) {
		if err != nil {
			require.ErrorIs(t, err, dynamapper.ErrUnknownEntity)
			items = append(items, nil)
			continue
		}
		items = append(items, item)
	}
	require.Equal(t, []string{"award first", "<nil>", "gamer older"}, labels(items))
}

// Into fills the fields of a struct by their types.
func TestIntoAView(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 2)
	var view struct {
		Waldo   *gamer
		Matches []*match
		Rest    []any
	}
	view.Matches = []*match{{ID: "before"}}
	require.NoError(t, g.Query("waldo").Into(t.Context(), &view))
	require.Equal(t, 200, view.Waldo.Balance)
	require.Equal(t, []string{"m000", "m001"}, matchIDs(view.Matches))
	require.Equal(t, waldosItems[:2], labels(view.Rest))
	view.Waldo.Balance = 1
	require.NoError(t, g.gamers.Save(t.Context(), view.Waldo, dynamapper.FailOnConflict()))
	require.NoError(t, g.Query("nobody").Into(t.Context(), &view))
	require.Zero(t, view)

	require.NoError(t, g.Scan().Into(t.Context(), &view))
	require.NotNil(t, view.Waldo)
	require.Len(t, view.Matches, 2)
}

// Items without a place are an error, and leave the view as it was.
func TestAViewWithoutAPlace(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 2)
	var narrow struct {
		Match  *match
		Waldo  *gamer
		Awards []*award
	}
	err := g.Query("waldo").Into(t.Context(), &narrow)
	var missing *dynamapper.ViewError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "Match", missing.Field)
	require.Equal(t, []dynamapper.PrimaryKey{dynamapper.Key("waldo", matchDay, "m000"),
		dynamapper.Key("waldo", matchDay, "m001")}, missing.Keys)
	require.ErrorContains(t, err, "Match: the field takes one item, and there is a second one; "+
		"make it a slice, []*tests.match, or read less")
	require.Zero(t, narrow)

	var lacking struct{ Awards []*award }
	err = g.Query("waldo").Into(t.Context(), &lacking)
	require.ErrorAs(t, err, &missing)
	require.Empty(t, missing.Field)
	require.Equal(t, []dynamapper.PrimaryKey{dynamapper.Key("waldo", matchDay, "m000")},
		missing.Keys)
	require.ErrorContains(t, err, `an item is of the entity "match", and the struct has no field `+
		`for it; add one of type []*tests.match, or one of type []any for items of all others`)
	require.Empty(t, lacking.Awards)
}

// A view that cannot be filled is refused before a request is sent.
func TestAnImpossibleView(t *testing.T) {
	t.Parallel()
	sent := &fixtures.Requests{}
	g := openGame(t, dynamapper.WithObserver(sent.Observe))
	sent.Take()
	type embedded struct{ Waldo *gamer }
	var noView *embedded
	for want, view := range map[string]any{
		"Into takes a pointer to a struct":        nil,
		"not a *tests.embedded that is nil":       noView,
		"not a tests.embedded":                    embedded{},
		"not a *int":                              new(int),
		"has no field, so it takes no item":       &struct{}{},
		"the field waldo":                         &struct{ waldo *gamer }{},
		"Waldo of struct { Waldo *tests.player }": &struct{ Waldo *player }{},
		"is of type tests.gamer, and takes no":    &struct{ Waldo gamer }{},
		"is of type []tests.match":                &struct{ Matches []match }{},
		"is of type int":                          &struct{ Total int }{},
		"is of type interface {}":                 &struct{ Any any }{},
		"the field embedded":                      &struct{ embedded }{},
		"takes items of the model tests.match": &struct {
			Match   *match
			Matches []*match
		}{},
		"the field B of struct { A []interface {}": &struct{ A, B []any }{},
	} {
		err := g.Query("waldo").Into(t.Context(), view)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "dynamapper: Query: table ")
		require.ErrorContains(t, g.Scan().Into(t.Context(), view), want)
	}
	require.Empty(t, sent.Take())
}

func TestScanOfACollection(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 40)
	saveAll(t, g.gamers, &gamer{Login: "wally"})
	fixtures.PutRaw(t, g.Name(), bossItem())
	want := []string{"award fast", "award kind", "gamer waldo", "gamer wally"}
	for i := range 40 {
		want = append(want, fmt.Sprintf("match m%03d", i))
	}
	for name, scan := range map[string]*dynamapper.CollectionScan{
		"whole": g.Scan(), "consistent": g.Scan().Consistent().PageSize(7),
		"parallel": g.Scan().Parallel(4).PageSize(5),
	} {
		var items []any
		unknown := 0
		for item, err := range scan.All(t.Context()) {
			if err != nil {
				requireScanBoss(t, err)
				unknown++
				continue
			}
			items = append(items, item)
		}
		got := labels(items)
		slices.Sort(got)
		require.Equal(t, want, got, name)
		require.Equal(t, 1, unknown, name)
		n, err := scan.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, len(want)+1, n)
	}
	fixtures.DeleteRaw(
		t,
		g.Name(),
		fixtures.Attributes{"pk": fixtures.Text("PLAYER#waldo"), "sk": fixtures.Text("BOSS#1")},
	)
	var got []any
	for i := range 3 {
		for cursor := ""; ; {
			page, err := g.Scan().Segment(i, 3).Limit(4).From(cursor).Page(t.Context())
			require.NoError(t, err)
			got = append(got, page.Items...)
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	require.Len(t, got, len(want))
	indexed, err := g.Scan().Index("gsi1").
		Where(dynamapper.Attr("points", dynamapper.LT(1))).Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"award kind", "match m000"}, labels(indexed))
	_, err = g.Scan().Index("gsi3").Collect(t.Context())
	require.ErrorContains(t, err, `has no index "gsi3"; did you mean "gsi1"?`)
}

func requireScanBoss(t *testing.T, err error) {
	t.Helper()
	var unknown *dynamapper.UnknownEntityError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "Scan", unknown.Op)
}

// mailbox shares the index gsi1 with other models under another hash key.
type mailbox struct {
	dynamapper.Model `dynamo:"game,entity=mailbox"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=MAIL"`
	_ dynamapper.Computed `dynamo:"gsi1pk,format=EMAIL#{email}" index:"gsi1,hash"`
	_ dynamapper.Computed `dynamo:"gsi1sk,format=MAIL" index:"gsi1,range"`

	Player string `dynamo:"player"`
	Email  string `dynamo:"email"`
	Points string `dynamo:"points"` // a number in other models
}

// A query that the models do not have in common is refused before a request is sent.
func TestWrongQueriesOfACollection(t *testing.T) {
	t.Parallel()
	sent := &fixtures.Requests{}
	g := openGame(t, dynamapper.WithObserver(sent.Observe))
	mailboxes, err := dynamapper.TableOf[mailbox](g.mapper)
	require.NoError(t, err)
	game, err := dynamapper.NewCollection(g.gamers, g.matches, g.awards, mailboxes)
	require.NoError(t, err)
	sent.Take()
	attr := func(name string) dynamapper.Condition {
		return dynamapper.Attr(name, dynamapper.EQ("x"))
	}
	begins := dynamapper.BeginsWith("A")
	query := func() *dynamapper.CollectionQuery { return game.Query("x") }
	of := func(index string) *dynamapper.CollectionQuery { return game.Query("x").Index(index) }
	for want, query := range map[string]*dynamapper.CollectionQuery{
		`has no index "gsi3"; did you mean`:                     of("gsi3"),
		`has the form GUILD#{S} in tests.match and EMAIL#{S}`:   of("gsi1"),
		`Range has GE, and the range keys of the models differ`: query().Range(dynamapper.GE("A")),
		`such as BeginsWith("PROFILE")`:                         query().Range(dynamapper.EQ("A")),
		`Range is given ` +
			`twice`: query().Range(begins).Range(begins),
		`has 0 values, and the hash key "pk" has 1 part`: game.Query(),
		`Query has 2 values`:                             game.Query("a", "b"),
		`begins with "PLAYER#"`:                          game.Query("PLAYER#waldo"),
		`the model tests.gamer has no such`:              query().Where(attr("points")),
		`no attribute "balances"; did you mean`:          query().Where(attr("balances")),
		`is the range key of the query; use Range`:       query().Where(attr("sk")),
		`the index "gsi2" is global`:                     of("gsi2").Consistent(),
		`what is queried has no range key`:               of("gsi2").Range(begins),
		`Limit is 0`:                                     query().Limit(0),
		`PageSize is -1`:                                 query().PageSize(-1),
	} {
		_, err := query.Collect(t.Context())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "dynamapper: Query: table ")
	}
	two, err := dynamapper.NewCollection(g.matches, mailboxes)
	require.NoError(t, err)
	_, err = two.Query("x").Where(dynamapper.Attr("points", dynamapper.EQ(1))).Count(t.Context())
	require.ErrorContains(t, err,
		"tests.mailbox stores the attribute in another way than tests.match")
	_, err = two.Query("x").Where(attr("player")).Range(dynamapper.BeginsWith("")).Page(t.Context())
	require.ErrorContains(t, err, "is empty")
	require.Empty(t, sent.Take())
	// A scan of the index needs no hash key.
	_, err = game.Scan().Index("gsi1").Collect(t.Context())
	require.NoError(t, err)
}

// Range keys without a format are compared as in a query of one model, if all models have one kind.
type note struct {
	dynamapper.Model `dynamo:"inbox,entity=note"`
	ID               string    `dynamo:"id,hash"`
	Owner            string    `dynamo:"owner" index:"by-owner,hash"`
	At               time.Time `dynamo:"at" index:"by-owner,range"`
}

type alarm struct {
	dynamapper.Model `dynamo:"inbox,entity=alarm"`
	ID               string    `dynamo:"id,hash"`
	Owner            string    `dynamo:"owner" index:"by-owner,hash"`
	At               time.Time `dynamo:"at" index:"by-owner,range"`
	Level            int       `dynamo:"level"`
}

func TestACollectionOfPlainKeys(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t)
	notes, err := dynamapper.TableOf[note](mapper)
	require.NoError(t, err)
	alarms, err := dynamapper.TableOf[alarm](mapper)
	require.NoError(t, err)
	inbox, err := dynamapper.NewCollection(notes, alarms)
	require.NoError(t, err)
	require.NoError(t, inbox.EnsureTable(t.Context()))
	saveAll(t, notes, &note{ID: "1", Owner: "ann", At: matchDay},
		&note{ID: "2", Owner: "ann", At: matchDay.Add(2 * time.Hour)})
	saveAll(t, alarms, &alarm{ID: "3", Owner: "ann", At: matchDay.Add(time.Hour), Level: 4})
	items, err := inbox.Query("ann").Index("by-owner").
		Range(dynamapper.GE(matchDay.Add(time.Minute))).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 2)
	require.Equal(t, 4, items[0].(*alarm).Level)
	require.Equal(t, "2", items[1].(*note).ID)
}

// A client that ignores the options of a call returns attribute values of the SDK.
func TestACollectionOfAPlainClient(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t).fill(t, 2)
	fixtures.PutRaw(t, g.Name(), bossItem())
	mapper, err := dynamapper.New(plain{dynamodb.NewFromConfig(dynamotest.Run(t).Config())})
	require.NoError(t, err)
	named := dynamapper.WithTableName(g.Name())
	gamers, err := dynamapper.TableOf[gamer](mapper, named)
	require.NoError(t, err)
	matches, err := dynamapper.TableOf[match](mapper, named)
	require.NoError(t, err)
	both, err := dynamapper.NewCollection(gamers, matches)
	require.NoError(t, err)
	var items []any
	unknown := 0
	for item, err := range both.Query("waldo").All(t.Context()) {
		if err != nil {
			require.ErrorIs(t, err, dynamapper.ErrUnknownEntity)
			unknown++
			continue
		}
		items = append(items, item)
	}
	require.Equal(t, waldosItems[2:], labels(items))
	require.Equal(t, 3, unknown)
}

// member makes a table of a model for tests of NewCollection.
func member[T dynamapper.IsModel](
	t *testing.T, mapper *dynamapper.Mapper, opts ...dynamapper.TableOption,
) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](mapper, opts...)
	require.NoError(t, err)
	return table
}

// The models below differ from gamer, match or award in one way each.
type (
	sharedKeys struct {
		_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
		_ dynamapper.Computed `dynamo:"sk,range,format=OTHER#{name}"`

		Player string `dynamo:"player"`
		Name   string `dynamo:"name"`
	}
	nameless struct {
		dynamapper.Model `dynamo:"game"`
		sharedKeys
	}
	elsewhere struct {
		dynamapper.Model `dynamo:"other,entity=elsewhere"`
		sharedKeys
	}
	typed struct {
		dynamapper.Model `dynamo:"game,entity=typed,entityAttribute=_type"`
		sharedKeys
	}
	namesake struct {
		dynamapper.Model `dynamo:"game,entity=match"`
		sharedKeys
	}
	otherKeys struct {
		dynamapper.Model `dynamo:"game,entity=otherkeys"`
		_                dynamapper.Computed `dynamo:"PK,hash,format=PLAYER#{player}"`
		_                dynamapper.Computed `dynamo:"SK,range,format=OTHER"`
		Player           string              `dynamo:"player"`
	}
	noRange struct {
		dynamapper.Model `dynamo:"game,entity=norange"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
		Player           string              `dynamo:"player"`
	}
	otherHash struct {
		dynamapper.Model `dynamo:"game,entity=otherhash"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=GUILD#{guild}"`
		_                dynamapper.Computed `dynamo:"sk,range,format=GUILD"`
		Guild            string              `dynamo:"guild"`
	}
	numberHash struct {
		dynamapper.Model `dynamo:"game,entity=numberhash"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{id}"`
		_                dynamapper.Computed `dynamo:"sk,range,format=NUMBER"`
		ID               int                 `dynamo:"id"`
	}
	timeHash struct {
		dynamapper.Model `dynamo:"game,entity=timehash"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{at}"`
		_                dynamapper.Computed `dynamo:"sk,range,format=TIME"`
		At               time.Time           `dynamo:"at"`
	}
	plainHash struct {
		dynamapper.Model `dynamo:"game,entity=plainhash"`
		PK               string `dynamo:"pk,hash"`
		SK               string `dynamo:"sk,range"`
	}
	sameKeys struct {
		dynamapper.Model `dynamo:"game,entity=samekeys"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
		_                dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
		Login            string              `dynamo:"login"`
	}
	numberKey struct {
		dynamapper.Model `dynamo:"game,entity=numberkey"`
		sharedKeys
		GSI int `dynamo:"gsi1pk" index:"gsi1,hash"`
	}
	numberElsewhere struct {
		dynamapper.Model `dynamo:"game,entity=numberelsewhere"`
		sharedKeys
		GSI int `dynamo:"gsi1pk"`
	}
	localIndexed struct {
		dynamapper.Model `dynamo:"game,entity=localindexed"`
		sharedKeys
		GSI string `dynamo:"gsi1sk" localIndex:"gsi1,range"`
	}
	shortIndex struct {
		dynamapper.Model `dynamo:"game,entity=shortindex"`
		sharedKeys
		GSI string `dynamo:"gsi1pk" index:"gsi1,hash"`
	}
	otherTTL struct {
		dynamapper.Model `dynamo:"game,entity=otherttl"`
		sharedKeys
		Ends time.Time `dynamo:"ends,ttl"`
	}
	noTTL struct {
		dynamapper.Model `dynamo:"game,entity=nottl"`
		sharedKeys
		Expires time.Time `dynamo:"expires,unixtime"`
	}
	threeLocals struct {
		dynamapper.Model `dynamo:"game,entity=threelocals"`
		sharedKeys
		A int `dynamo:"a" localIndex:"l-a,range"`
		B int `dynamo:"b" localIndex:"l-b,range"`
		C int `dynamo:"c" localIndex:"l-c,range"`
	}
	moreLocals struct {
		dynamapper.Model `dynamo:"game,entity=morelocals"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
		_                dynamapper.Computed `dynamo:"sk,range,format=LOCALS"`
		Player           string              `dynamo:"player"`
		D                int                 `dynamo:"d" localIndex:"l-d,range"`
		E                int                 `dynamo:"e" localIndex:"l-e,range"`
		F                int                 `dynamo:"f" localIndex:"l-f,range"`
	}
)

// Tables that are missing, or given twice, are refused.
func TestNewCollectionNeedsTables(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	gamers, matches := member[gamer](t, mapper), member[match](t, mapper)
	var noTable *dynamapper.Table[gamer]
	type tables = []dynamapper.AnyTable
	for _, test := range []struct {
		tables tables
		want   string
	}{
		{nil, "no table is given; give the tables of the models"},
		{tables{gamers, nil}, "table 2 is nil or empty; make it with TableOf"},
		{tables{noTable}, "table 1 is nil or empty; make it with TableOf"},
		{tables{&dynamapper.Table[match]{}}, "table 1 is nil or empty; make it with TableOf"},
		{tables{gamers, matches, gamers}, "table 3 is given twice; give each table once"},
	} {
		made, err := dynamapper.NewCollection(test.tables...)
		require.ErrorContains(t, err, test.want)
		require.ErrorContains(t, err, "dynamapper: NewCollection: ")
		require.Nil(t, made)
	}
}

// Models that do not fit together are refused with the model, the field and the fix.
func TestNewCollectionRefuses(t *testing.T) {
	t.Parallel()
	mapper, unmarked := fixtures.Mapper(t), dynamapper.Unmarked()
	gamers, matches := member[gamer](t, mapper), member[match](t, mapper)
	awards := member[award](t, mapper)
	type tables = []dynamapper.AnyTable
	for _, test := range []struct {
		tables tables
		want   string
	}{
		{tables{gamers, member[nameless](t, mapper)},
			"tests.nameless: the model names no entity"},
		{tables{gamers, member[match](t, fixtures.Mapper(t))},
			"another mapper than that of tests.gamer"},
		{tables{gamers, member[elsewhere](t, mapper)},
			"a collection reads one table"},
		{tables{gamers, member[typed](t, mapper)},
			`(attribute "_type"): the name of the entity is in another attribute than "entity"`},
		{tables{gamers, matches, member[namesake](t, mapper)},
			`the entity "match" is also that of tests.match`},
		{tables{gamers, member[gamer](t, mapper)},
			`the entity "player" is also that of tests.gamer`},
		{tables{gamers, member[otherKeys](t, mapper)},
			`the keys are hash "PK" (S), range "SK" (S), and those of tests.gamer are`},
		{tables{gamers, member[noRange](t, mapper)},
			`the keys are hash "pk" (S), and those of`},
		{tables{gamers, member[otherHash](t, mapper)},
			`the hash key has the form GUILD#{S}, and that of tests.gamer has PLAYER#{S}`},
		{tables{gamers, member[numberHash](t, mapper)}, `has the form PLAYER#{N}`},
		{tables{gamers, member[timeHash](t, mapper)}, `has the form PLAYER#{S time.Time}`},
		{tables{gamers, member[plainHash](t, mapper)}, `has the form {S}`},
		{tables{gamers, member[sameKeys](t, mapper)},
			`the key has the form PROFILE, and so has that of tests.gamer`},
		{tables{matches, member[numberKey](t, mapper)},
			`tests.numberKey.GSI (attribute "gsi1pk"): the attribute is stored as N, and it is a ` +
				`key of type S in tests.match`},
		{tables{member[numberElsewhere](t, mapper), matches},
			`tests.numberElsewhere.GSI (attribute "gsi1pk"): the attribute is stored as N`},
		{tables{matches, member[localIndexed](t, mapper)},
			`index "gsi1" is local, and global in another model`},
		{tables{matches, member[shortIndex](t, mapper)},
			`the keys of index "gsi1" are hash "gsi1pk" (S), and hash "gsi1pk" (S), range`},
		{tables{awards, member[otherTTL](t, mapper)},
			`option "ttl" is on the attribute "expires" in tests.award`},
		{tables{member[noTTL](t, mapper), awards},
			`tests.noTTL.Expires (attribute "expires"): the attribute has the option "ttl" in`},
		{tables{member[threeLocals](t, mapper), member[moreLocals](t, mapper)},
			"the models have 6 local indexes together, and a table has 5 at most"},
		{tables{member[cat](t, mapper, unmarked), member[dog](t, mapper, unmarked)},
			"the keys do not tell which of them an item without a name belongs to"},
	} {
		made, err := dynamapper.NewCollection(test.tables...)
		require.ErrorContains(t, err, test.want)
		require.ErrorContains(t, err, "dynamapper: NewCollection: table ")
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.Nil(t, made)
	}
	// The values of plain keys, such as UUIDs, are the program's.
	_, err := dynamapper.NewCollection(member[cat](t, mapper), member[dog](t, mapper))
	require.NoError(t, err)
}

// The table of a collection has what the models say together.
func TestTheTableOfACollection(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	g := openGame(t)
	for _, verify := range []func(context.Context) error{
		g.Verify, g.gamers.Verify, g.matches.Verify, g.awards.Verify} {
		require.NoError(t, verify(t.Context()))
	}
	require.NoError(t, g.EnsureTable(t.Context()))
	out, err := fixtures.RawClient(t).DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: aws.String(g.Name())})
	require.NoError(t, err)
	require.Len(t, out.Table.GlobalSecondaryIndexes, 2)
	require.Equal(t, types.ProjectionTypeAll, // as match needs, and not as award
		out.Table.GlobalSecondaryIndexes[0].Projection.ProjectionType)
	require.Len(t, out.Table.AttributeDefinitions, 5)
	described, err := g.Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, out.Table, described)

	require.NoError(t, g.DeleteTable(t.Context()))
	require.NoError(t, g.matches.CreateTable(t.Context()))
	for _, compare := range []func(context.Context) error{g.Verify,
		func(ctx context.Context) error { return g.EnsureTable(ctx) }} {
		err := compare(t.Context())
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, `dynamapper.Collection: the table is not as the model says: `+
			`the index "gsi2" is missing: add it with PlanTables and Apply`)
	}
	require.NoError(t, g.DeleteTable(t.Context()))
	require.NoError(t, g.EnsureTable(t.Context()))
	require.NoError(t, g.awards.Verify(t.Context()))
}

// carPart and carPiece project different attributes into one index.
type carPart struct {
	dynamapper.Model `dynamo:"parts,entity=part"`
	ID               string `dynamo:"id,hash"`
	Of               string `dynamo:"of" index:"by-of,hash,include=entity+size"`
	Size             int    `dynamo:"size"`
	Note             string `dynamo:"note"`
}

type carPiece struct {
	dynamapper.Model `dynamo:"parts,entity=piece"`
	ID               string `dynamo:"id,hash"`
	Of               string `dynamo:"of" index:"by-of,hash,include=entity+color"`
	Color            string `dynamo:"color"`
	Note             string `dynamo:"note"`
}

// Items of a partial index are partial, as those of a query of one table.
func TestACollectionOfAPartialIndex(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t)
	parts, pieces := member[carPart](t, mapper), member[carPiece](t, mapper)
	both, err := dynamapper.NewCollection(parts, pieces)
	require.NoError(t, err)
	require.NoError(t, both.CreateTable(t.Context()))
	require.NoError(t, parts.Verify(t.Context()))
	require.NoError(t, pieces.Verify(t.Context()))
	saveAll(t, parts, &carPart{ID: "1", Of: "car", Size: 7, Note: "n"})
	saveAll(t, pieces, &carPiece{ID: "2", Of: "car", Color: "red", Note: "n"})
	var view struct {
		Part  *carPart
		Piece *carPiece
	}
	require.NoError(t, both.Query("car").Index("by-of").Into(t.Context(), &view))
	require.Equal(t, 7, view.Part.Size)
	require.Equal(t, "red", view.Piece.Color)
	require.Empty(t, view.Piece.Note)
	require.ErrorIs(t, parts.Save(t.Context(), view.Part), dynamapper.ErrPartial)
	view.Part.Size++
	require.NoError(t, parts.Save(t.Context(), view.Part, dynamapper.ChangedOnly()))
	require.Equal(t, "n", fixtures.Load(t, parts, "1").Note)
	page, err := both.Query("car").Index("by-of").Limit(1).Page(t.Context())
	require.NoError(t, err)
	rest, err := both.Query("car").Index("by-of").From(page.Cursor).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rest, 1)
	_, err = both.Query("car").Index("by-of").Where(dynamapper.Attr("note", dynamapper.EQ("n"))).
		Count(t.Context())
	require.ErrorContains(t, err, `the index "by-of" does not have the attribute "note"`)
}

// quest and raidEvent share an index with two hash attributes and two range attributes.
type quest struct {
	dynamapper.Model `dynamo:"events,entity=quest"`
	ID               string `dynamo:"id,hash"`
	Realm            string `dynamo:"realm" index:"by-realm,hash=1"`
	Season           int    `dynamo:"season" index:"by-realm,hash=2"`
	Round            int    `dynamo:"round" index:"by-realm,range=1"`
	Bracket          string `dynamo:"bracket" index:"by-realm,range=2"`
}

type raidEvent struct {
	dynamapper.Model `dynamo:"events,entity=raid"`
	ID               string `dynamo:"id,hash"`
	Realm            string `dynamo:"realm" index:"by-realm,hash=1"`
	Season           int    `dynamo:"season" index:"by-realm,hash=2"`
	Round            int    `dynamo:"round" index:"by-realm,range=1"`
	Bracket          string `dynamo:"bracket" index:"by-realm,range=2"`
	Boss             string `dynamo:"boss"`
}

func TestACollectionOfAnIndexWithSeveralKeyAttributes(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t)
	quests, raids := member[quest](t, mapper), member[raidEvent](t, mapper)
	events, err := dynamapper.NewCollection(quests, raids)
	require.NoError(t, err)
	require.NoError(t, events.CreateTable(t.Context()))
	saveAll(t, quests, &quest{ID: "1", Realm: "north", Season: 2, Round: 1, Bracket: "a"},
		&quest{ID: "2", Realm: "north", Season: 2, Round: 2, Bracket: "a"},
		&quest{ID: "3", Realm: "north", Season: 3, Round: 2, Bracket: "a"})
	saveAll(t, raids, &raidEvent{ID: "4", Realm: "north", Season: 2, Round: 2, Bracket: "b"})
	query := func() *dynamapper.CollectionQuery {
		return events.Query("north", 2).Index("by-realm").Range(dynamapper.GE(2))
	}
	var view struct {
		Quest *quest
		Raid  *raidEvent
	}
	require.NoError(t, query().Into(t.Context(), &view))
	require.Equal(t, "2", view.Quest.ID)
	require.Equal(t, "4", view.Raid.ID)
	page, err := query().Limit(1).Page(t.Context())
	require.NoError(t, err)
	rest, err := query().From(page.Cursor).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rest, 1)
	_, err = events.Query("north").Index("by-realm").Collect(t.Context())
	require.ErrorContains(t, err, "Query has 1 value")
}
