// Package rawexpr tests expressions in DynamoDB's own language.
package rawexpr

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type args = dynamapper.Args

type hero struct {
	dynamapper.Model `dynamo:"heroes"`
	Name             string         `dynamo:"name,hash"`
	Level            int            `dynamo:"level"`
	Size             int            `dynamo:"size"`
	And              int            `dynamo:"and"`
	Dotted           int            `dynamo:"a.b"`
	Bag              []string       `dynamo:"bag,document"`
	More             []string       `dynamo:"more,document"`
	Note             map[string]int `dynamo:"note"`
	Stats            struct {
		Max int `dynamo:"max"`
	} `dynamo:"stats,document"`
	Any  any       `dynamo:"any,document"`
	Seen time.Time `dynamo:"seen,unixtime"`
	OK   bool      `dynamo:"ok"`
}

var (
	key  = dynamapper.Key("waldo")
	noon = time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)
)

func newHero() *hero {
	h := &hero{Name: "waldo", Level: 3, Size: 2, And: 1, Dotted: 7, Bag: []string{"a", "b"},
		Note: map[string]int{"x": 1}, Seen: noon, OK: true}
	h.Stats.Max = 9
	return h
}

// Each expression is tried as a filter and as the condition of a write.
func TestExprAsACondition(t *testing.T) {
	t.Parallel()
	heroes := fixtures.TableOf[hero](t)
	ctx := t.Context()
	require.NoError(t, heroes.Save(ctx, newHero()))
	level := func(c dynamapper.Comparison) dynamapper.Condition { return dynamapper.Attr("level", c) }
	for _, c := range []struct {
		text string
		args args
		want bool
	}{
		{"size(bag) > :n AND level = :l", args{":n": 1, ":l": 3}, true},
		{"size(bag) > :n and level = :l", args{":n": 1, ":l": 4}, false},
		{"((size(bag) > :n))", args{":n": 2}, false},
		{"(level = :n) OR (size = :n)", args{":n": 2}, true},
		{"NOT level BETWEEN :a AND :b", args{":a": 1, ":b": 2}, true},
		{"level IN (:a, :b)", args{":a": 1, ":b": uint8(3)}, true},
		{"level < stats.max", nil, true},
		{"#l < #s.max AND #l < #p", args{"#l": "level", "#s": "stats", "#p": "stats.max"}, true},
		{`"and" = :n AND #and = :n`, args{":n": 1, "#and": "and"}, true},
		{`"a.b" = :n AND #d = :n`, args{":n": 7, "#d": "a.b"}, true},
		{"bag[1] = :b", args{":b": "b"}, true},
		{"attribute_type(note, :s)", args{":s": "S"}, true},
		{"size(note) > :n", args{":n": 3}, true},
		{"seen = :at", args{":at": dynamapper.As("seen", noon)}, true},
		{"seen < :at", args{":at": dynamapper.As("seen", noon)}, false},
		{"ok = :ok AND any <> :v", args{":ok": true, ":v": fixtures.Text("x")}, true},
		{"attribute_not_exists(more)", nil, true},
	} {
		expr := dynamapper.Expr(c.text, c.args)
		for _, condition := range []dynamapper.Condition{expr,
			dynamapper.And(level(dynamapper.EQ(3)), expr),
			dynamapper.Or(level(dynamapper.EQ(5)), expr), dynamapper.Not(dynamapper.Not(expr)),
			dynamapper.Or(dynamapper.And(expr, level(dynamapper.EQ(3))), level(dynamapper.GT(4)))} {
			count, err := heroes.Scan().Consistent().Where(condition).Count(ctx)
			require.NoError(t, err, c.text)
			require.Equal(t, c.want, count == 1, c.text)
			_, err = heroes.Update(key).Set("ok", true).If(condition).Run(ctx)
			require.Equal(t, !c.want, errors.Is(err, dynamapper.ErrConditionFailed), c.text)
		}
	}
}

func TestTheRequestsOfExpr(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	heroes, sent := fixtures.NotedTable[hero](t)
	ctx := t.Context()
	either := dynamapper.Expr("(size(bag)>:n OR level BETWEEN :n AND :m)", args{":n": 1, ":m": 2})
	one := func() *dynamapper.Update[hero] { return heroes.Update(key) }
	last := func(_ *hero, err error) error { return err }
	for _, c := range []struct {
		call func() error
		want string
	}{
		{func() error { return heroes.DeleteKey(ctx, key, dynamapper.If(either)) },
			`DeleteItem if size(bag)>{"N":"1"} OR level BETWEEN {"N":"1"} AND {"N":"2"}`},
		{func() error {
			return heroes.Save(ctx, newHero(), dynamapper.FailOnConflict(), dynamapper.If(either))
		},
			`PutItem if attribute_not_exists(name) AND ` +
				`(size(bag)>{"N":"1"} OR level BETWEEN {"N":"1"} AND {"N":"2"})`},
		{func() error { return last(one().SetExpr("level", "level-stats.max", nil).Run(ctx)) },
			`UpdateItem: SET level=level - stats.max` +
				` if attribute_exists(level) AND attribute_exists(stats.max)`},
		{func() error {
			return last(one().SetExpr("level", "if_not_exists(level, :z) + :n",
				args{":z": 0, ":n": 2}).Run(ctx))
		},
			`UpdateItem: SET level=if_not_exists(level,{"N":"0"}) + {"N":"2"}`},
		{func() error {
			return last(one().SetExpr("bag", "list_append(if_not_exists(bag, :e), more)",
				args{":e": dynamapper.As("bag", []string{})}).Run(ctx))
		},
			`UpdateItem: SET bag=list_append(if_not_exists(bag,{"L":[]}),more)` +
				` if attribute_exists(more)`},
		{func() error {
			_, err := heroes.Query("waldo").Where(dynamapper.Expr("level < size", nil)).Collect(ctx)
			return err
		}, `Query key name={"S":"waldo"} where level<size`},
	} {
		err := c.call()
		require.Equal(t, []string{c.want}, sent.Take())
		if err != nil {
			require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
		}
	}
}

func TestExprIsRefused(t *testing.T) {
	t.Parallel()
	heroes := fixtures.OfflineTable[hero](t)
	for _, c := range []struct {
		text string
		args args
		want string
	}{
		{"", nil, `Expr(""): the expression is empty`},
		{"()", nil, "the expression is empty"},
		{"level > 3", nil, "a value stands in the expression; write a placeholder such as :n"},
		{"level > :n", nil, `the Args have no value for ":n"; give one`},
		{"level > :n", args{"n": 1}, `the Args have no value for ":n"; give one`},
		{"level > :n", args{":n": 1, ":m": 1}, `the expression does not use ":m" of its Args; leave it ` +
			`out`},
		{"#l > :n", args{":n": 1}, `the Args have no text for "#l"; give the name of an attribute`},
		{"#l > :n", args{":n": 1, "#l": 3}, `the Args have no text for "#l"`},
		{"levl > :n", args{":n": 1}, `has no attribute "levl"; did you mean "level"?`},
		{"stats.min > :n", args{":n": 1}, `the document "stats" has no member "min"`},
		{"note.x > :n", args{":n": 1}, `the attribute "note" is stored as JSON`},
		{"level > :n) OR (size > :n", args{":n": 1}, "the parentheses do not match; close each one"},
		{"(level > :n", args{":n": 1}, "the parentheses do not match; close each one"},
		{"sise(bag) > :n", args{":n": 1}, `DynamoDB has no function "sise" here; did you mean "size"?`},
		{"if_not_exists(level, :n)", args{":n": 1}, `DynamoDB has no function "if_not_exists" here`},
		{"level ! :n", args{":n": 1}, `the character "!" does not belong into an expression`},
		{"level > :", nil, "a colon has no name behind it"},
		{"# > :n", args{":n": 1}, "a # has no name behind it"},
		{`"level > :n`, args{":n": 1}, "a quote is not closed"},
		{"bag[x] = :n", args{":n": 1}, "brackets hold an index"},
		{"bag[0 = :n", args{":n": 1}, "a bracket is not closed"},
		{"stats. = :n", args{":n": 1}, "a name is missing behind a dot"},
		{"seen > :n", args{":n": noon}, `the value of ":n": the stored form of a value of type ` +
			`time.Time depends on its field; give As(attribute, value)`},
		{"seen > :n", args{":n": dynamapper.As("sean", noon)}, `has no attribute "sean"`},
		{"seen > :n", args{":n": dynamapper.As("seen", time.Time{})}, `the value is empty, which "seen" ` +
			`stores as a missing attribute`},
		{"level > :n", args{":n": nil}, "the value is nil; use attribute_exists"},
		{"level > :n", args{":n": dynamapper.As("level", "x")}, "a value of type string is given"},
		{"level > :n", args{":n": dynamapper.Ref("size")}, "depends on its field"},
	} {
		_, err := heroes.Scan().Where(dynamapper.Expr(c.text, c.args)).Collect(t.Context())
		require.ErrorContains(t, err, c.want, c.text)
	}
	_, err := heroes.Query("waldo").Where(dynamapper.Expr("name = level", nil)).Collect(t.Context())
	require.ErrorContains(t, err, `"name": the attribute is the hash key of the query`)
	for _, c := range []struct {
		attr, text string
		want       string
	}{
		{"name", "level", "the attribute is a key of the table"},
		{"level", "size(bag)", `DynamoDB has no function "size" here; use if_not_exists or list_append`},
		{"level", "level, size = level", `the expression has "=", and SetExpr takes only the value`},
		{"level", "level AND size", "AND does not stand in an update; it belongs into an If"},
		{"level", "level REMOVE size", `has no attribute "REMOVE"`},
		{"level", "", "the expression is empty"},
		{"levl", "level", `has no attribute "levl"`},
	} {
		_, err := heroes.Update(key).SetExpr(c.attr, c.text, nil).Run(t.Context())
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, `SetExpr of "`+c.attr+`": `)
	}
	for _, empty := range []any{nil, dynamapper.As("note", map[string]int{})} {
		_, err = heroes.Update(key).SetExpr("note", ":v", args{":v": empty}).Run(t.Context())
		require.ErrorContains(t, err, "to remove the attribute, use Remove")
		_, err = heroes.Scan().Where(dynamapper.Expr("note = :v", args{":v": empty})).
			Collect(t.Context())
		require.ErrorContains(t, err, "use attribute_exists or attribute_not_exists")
	}
	_, err = heroes.Update(key).SetExpr("level", "size", nil).Set("level", 3).Run(t.Context())
	require.ErrorContains(t, err, `another clause changes "level" already`)
}

// The service's own error says what is wrong with the grammar, and nothing is written.
func TestExprWithAWrongGrammar(t *testing.T) {
	t.Parallel()
	heroes := fixtures.TableOf[hero](t)
	var request *dynamapper.RequestError
	_, err := heroes.Scan().Where(dynamapper.Expr("level = ", nil)).Collect(t.Context())
	require.ErrorAs(t, err, &request)
	require.ErrorContains(t, err, "Syntax error")
	_, err = heroes.Update(key).SetExpr("level", "if_not_exists(size)", nil).Run(t.Context())
	require.ErrorAs(t, err, &request)
	_, err = heroes.Get(t.Context(), key)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
}

func TestSetExpr(t *testing.T) {
	t.Parallel()
	mapper := dynamotest.Mapper(t)
	heroes := fixtures.TableIn[hero](t, mapper)
	ctx := t.Context()
	count := args{":z": 0, ":n": 5}
	h, err := heroes.Update(key).SetExpr("level", "if_not_exists(level, :z) + :n", count).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, 5, h.Level, "the item is new")
	_, err = heroes.Update(key).SetExpr("level", "level - size", nil).Run(ctx)
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.ErrorContains(t, err, "the item has no attribute size, to which the update refers")
	h, err = heroes.Update(key).Set("size", 2).SetExpr("stats", ":s", args{
		":s": dynamapper.As("stats", newHero().Stats)}).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, 9, h.Stats.Max)
	err = mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		heroes.In(tx).Update(key).SetExpr("level", "level - size", nil).
			SetExpr("stats.max", "stats.max + size", nil)
		return heroes.In(tx).Check(key, dynamapper.Expr("level > :n", args{":n": 4}))
	})
	require.NoError(t, err)
	h, err = heroes.Get(ctx, key, dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, []int{3, 11}, []int{h.Level, h.Stats.Max})
	err = mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		return heroes.In(tx).Check(key, dynamapper.Expr("level > :n OR size(bag) > :n",
			args{":n": 4}))
	})
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.ErrorContains(t, err, "the condition on the item is false (bag, level)")
}

// A lost update by an expression is not sent again, and with Idempotent it is applied once.
func TestALostSetExpr(t *testing.T) {
	t.Parallel()
	heroes, _, line, _ := fixtures.FaultyTable[hero](t)
	ctx := t.Context()
	add := func() *dynamapper.Update[hero] {
		return heroes.Update(key).SetExpr("level", "if_not_exists(level, :z) + :n",
			args{":z": 0, ":n": 1})
	}
	line.On("UpdateItem", 1, dynamotest.Lose())
	_, err := add().Run(ctx)
	require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	require.Equal(t, 1, line.Sent("UpdateItem"))
	line.On("TransactWriteItems", 1, dynamotest.Lose())
	h, err := add().Idempotent().Run(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, h.Level, "added twice by two calls")
}

// The Args may be changed after the call, and a cursor belongs to the text and its names.
func TestExprKeepsItsArgs(t *testing.T) {
	t.Parallel()
	heroes := fixtures.TableOf[hero](t)
	ctx := t.Context()
	for _, name := range []string{"a", "b", "c"} {
		h := newHero()
		h.Name = name
		require.NoError(t, heroes.Save(ctx, h))
	}
	given := args{":n": 3, "#a": "level"}
	equal := dynamapper.Expr("#a = :n", given)
	given["#a"], given[":n"] = "size", 5
	page, err := heroes.Scan().Consistent().Where(equal).Limit(1).Page(ctx)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	of := func(a string, n int) error {
		_, err := heroes.Scan().Consistent().Limit(1).From(page.Cursor).
			Where(dynamapper.Expr("#a = :n", args{":n": n, "#a": a})).Page(ctx)
		return err
	}
	require.NoError(t, of("level", 4))
	require.ErrorIs(t, of("size", 3), dynamapper.ErrInvalidCursor)
}

// An expression counts towards the limits of a request.
func TestExprCountsItsOperators(t *testing.T) {
	t.Parallel()
	heroes := fixtures.OfflineTable[hero](t)
	text := "level = :n"
	for range 150 {
		text += " OR level = :n"
	}
	_, err := heroes.Scan().Where(dynamapper.Expr(text, args{":n": 1})).Collect(t.Context())
	require.ErrorContains(t, err, "the conditions have 301 operators and")
}

// The zero values of receivers return errors.
func TestNilReceiversOfSetExpr(t *testing.T) {
	t.Parallel()
	var none *dynamapper.Update[hero]
	_, err := none.SetExpr("level", "size", nil).Run(t.Context())
	require.Error(t, err)
}

// Inside a path, a placeholder is one member, as in DynamoDB's own language, whatever its name is
// and whatever attributes the model has.
func TestAPlaceholderInsideAPath(t *testing.T) {
	t.Parallel()
	heroes := fixtures.TableOf[hero](t)
	ctx := t.Context()
	h := newHero()
	h.Any = map[string]any{"a.b": 1, "q.r": 2, "[0]": 3, "level": 4, `"`: 5, "q": map[string]any{"r": 6},
		"a": map[string]any{"b": 7}}
	require.NoError(t, heroes.Save(ctx, h))
	for name, want := range map[string]int{
		"a.b": 1, "q.r": 2, "[0]": 3, "level": 4, `"`: 5, dynamapper.Path("q.r"): 2,
	} {
		count, err := heroes.Scan().Consistent().
			Where(dynamapper.Expr("any.#k = :v", args{"#k": name, ":v": want})).Count(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, count, name)
		loaded, err := heroes.Update(key).SetExpr("level", "any.#k", args{"#k": name}).Run(ctx)
		require.NoError(t, err)
		require.Equal(t, want, loaded.Level, name)
	}
	loaded, err := heroes.Update(key).SetExpr("level", "#p", args{"#p": "any.q.r"}).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, 6, loaded.Level, "alone, it is a path")
}
