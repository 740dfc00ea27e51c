// Package refs tests attributes that are compared with, or copied from, other attributes.
package refs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type stats struct {
	Max  int      `dynamo:"max"`
	Best float64  `dynamo:"best"`
	Tags []string `dynamo:"tags,set"`
}

type shelf struct {
	dynamapper.Model `dynamo:"shelves"`
	ID               string    `dynamo:"id,hash"`
	Have             int       `dynamo:"have"`
	Reserved         int       `dynamo:"reserved"`
	Small            int8      `dynamo:"small"`
	Weight           float64   `dynamo:"weight"`
	Name             string    `dynamo:"name"`
	Prefix           string    `dynamo:"prefix"`
	Tags             []string  `dynamo:"tags,set"`
	Stats            stats     `dynamo:"stats,document"`
	Log              []string  `dynamo:"log,document"`
	Queue            []string  `dynamo:"queue,document"`
	Parts            []int     `dynamo:"parts,document"`
	Note             []string  `dynamo:"note"`
	Note2            []string  `dynamo:"note2"`
	Any              any       `dynamo:"any,document"`
	Opened           time.Time `dynamo:"opened"`
	Closed           time.Time `dynamo:"closed"`
	Due              time.Time `dynamo:"due,unixtime"`
	Day              time.Time `dynamo:"day,layout=2006-01-02"`
	US               time.Time `dynamo:"us,layout=01/02/2006"`
	US2              time.Time `dynamo:"us2,layout=01/02/2006"`
	OK               bool      `dynamo:"ok"`
	OK2              bool      `dynamo:"ok2"`
}

// update is an update of a shelf.
type update = *dynamapper.Update[shelf]

func attr(name string, c dynamapper.Comparison) dynamapper.Condition {
	return dynamapper.Attr(name, c)
}

func ref(name string) dynamapper.Reference { return dynamapper.Ref(name) }

var noon = time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)

// Each condition is tried as a filter and as the condition of a write.
func TestConditionsOnOtherAttributes(t *testing.T) {
	t.Parallel()
	shelves := fixtures.TableOf[shelf](t)
	require.NoError(t, shelves.Save(t.Context(), &shelf{ID: "one", Have: 5, Reserved: 5, Weight: 5.5,
		Name: "blue sword", Prefix: "blue", Tags: []string{"blue", "x"},
		Stats: stats{Max: 4, Best: 6, Tags: []string{"a"}}, Log: []string{"a", "blue"},
		Opened: noon, Closed: noon.Add(time.Hour), Due: noon, Day: noon, OK: true, OK2: true}))
	for text, c := range map[string]struct {
		condition dynamapper.Condition
		want      bool
	}{
		"EQ":             {attr("have", dynamapper.EQ(ref("reserved"))), true},
		"NE":             {attr("have", dynamapper.NE(ref("reserved"))), false},
		"LT":             {attr("have", dynamapper.LT(ref("weight"))), true},
		"LE":             {attr("have", dynamapper.LE(ref("reserved"))), true},
		"GT":             {attr("have", dynamapper.GT(ref("weight"))), false},
		"GE":             {attr("have", dynamapper.GE(ref("reserved"))), true},
		"a document":     {attr("have", dynamapper.GT(ref("stats.max"))), true},
		"of a document":  {attr("stats.max", dynamapper.LT(ref("have"))), true},
		"in a document":  {attr("stats.max", dynamapper.LT(ref("stats.best"))), true},
		"Between":        {attr("have", dynamapper.Between(ref("stats.max"), ref("stats.best"))), true},
		"low value":      {attr("have", dynamapper.Between(6, ref("stats.best"))), false},
		"high value":     {attr("have", dynamapper.Between(ref("stats.max"), 5)), true},
		"In":             {attr("have", dynamapper.In(ref("stats.max"), ref("reserved"))), true},
		"In with values": {attr("have", dynamapper.In[any](3, ref("stats.max"), 5)), true},
		"In without":     {attr("have", dynamapper.In[any](3, ref("stats.max"))), false},
		"BeginsWith":     {attr("name", dynamapper.BeginsWith(ref("prefix"))), true},
		"Contains text":  {attr("name", dynamapper.Contains(ref("prefix"))), true},
		"of a set":       {attr("tags", dynamapper.Contains(ref("prefix"))), true},
		"of a list":      {attr("log", dynamapper.Contains(ref("prefix"))), true},
		"NotContains":    {attr("log", dynamapper.NotContains(ref("name"))), true},
		"Size":           {attr("log", dynamapper.Size(dynamapper.LT(ref("have")))), true},
		"Size In":        {attr("log", dynamapper.Size(dynamapper.In[any](ref("have"), 2))), true},
		"times":          {attr("opened", dynamapper.LT(ref("closed"))), true},
		"Not":            {dynamapper.Not(attr("opened", dynamapper.LT(ref("closed")))), false},
		"booleans":       {attr("ok", dynamapper.EQ(ref("ok2"))), true},
		"an element":     {attr("log[1]", dynamapper.EQ(ref("prefix"))), true},
		"any type":       {attr("any", dynamapper.EQ(ref("have"))), false},
		"EQ, missing":    {attr("small", dynamapper.EQ(ref("queue[0]"))), false},
		"NE, missing":    {attr("prefix", dynamapper.NE(ref("queue[0]"))), true},
		"both missing":   {attr("queue[0]", dynamapper.EQ(ref("queue[1]"))), false},
		"NE, both":       {attr("queue[0]", dynamapper.NE(ref("queue[1]"))), true},
		"LT, missing":    {attr("prefix", dynamapper.LT(ref("queue[0]"))), false},
		"a text":         {attr("id", dynamapper.NE(ref("name"))), true},
	} {
		found, err := shelves.Scan().Consistent().Where(c.condition).Collect(t.Context())
		if text == "EQ, missing" {
			require.ErrorContains(t, err, `it is of type S, and the attribute takes one of type N`)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, c.want, len(found) == 1, text)
		_, err = shelves.Update(dynamapper.Key("one")).Set("ok", true).If(c.condition).
			Run(t.Context())
		require.Equal(t, !c.want, errors.Is(err, dynamapper.ErrConditionFailed), text)
	}
}

// The service compares and adds numbers of 38 digits, which a float64 would round.
func TestReferencesKeepAllDigits(t *testing.T) {
	t.Parallel()
	type row struct {
		dynamapper.Model `dynamo:"rows"`
		ID               string `dynamo:"id,hash"`
		A                any    `dynamo:"a,document"`
		B                any    `dynamo:"b,document"`
	}
	rows := fixtures.TableOf[row](t)
	const long = "12345678901234567890123456789012345678"
	fixtures.PutRaw(t, rows.Name(), fixtures.Attributes{"id": fixtures.Text("one"),
		"a": fixtures.Number(long), "b": fixtures.Number(long[:37] + "9")})
	count, err := rows.Scan().Consistent().Where(attr("a", dynamapper.LT(ref("b")))).
		Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, count)
	_, err = rows.Update(dynamapper.Key("one")).Set("b", ref("a")).Run(t.Context())
	require.NoError(t, err)
	stored := fixtures.GetRaw(t, rows.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
	require.Equal(t, fixtures.Number(long), stored["b"])
}

func TestTheRequestsOfReferences(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	shelves, sent := fixtures.NotedTable[shelf](t)
	ctx, key := t.Context(), dynamapper.Key("one")
	one := func() *dynamapper.Update[shelf] { return shelves.Update(key) }
	enough := attr("have", dynamapper.GE(ref("reserved")))
	for _, c := range []struct {
		call func() error
		want string
	}{
		{func() error { return shelves.DeleteKey(ctx, key, dynamapper.If(enough)) },
			`DeleteItem if have>=reserved`},
		{func() error { return shelves.Save(ctx, &shelf{ID: "one"}, dynamapper.If(enough)) },
			`PutItem if have>=reserved`},
		{func() error {
			return shelves.Save(ctx, &shelf{ID: "one"}, dynamapper.If(enough),
				dynamapper.FailOnConflict())
		},
			`PutItem if attribute_not_exists(id) AND have>=reserved`},
		{func() error { _, err := one().Set("have", ref("reserved")).Run(ctx); return err },
			`UpdateItem: SET have=reserved if attribute_exists(reserved)`},
		{func() error { _, err := one().Set("have", ref("stats.max")).Run(ctx); return err },
			`UpdateItem: SET have=stats.max if attribute_exists(stats.max)`},
		{func() error { _, err := one().SetIfAbsent("have", ref("reserved")).Run(ctx); return err },
			`UpdateItem: SET have=if_not_exists(have,reserved)` +
				` if attribute_exists(have) OR attribute_exists(reserved)`},
		{func() error { _, err := one().Add("have", ref("reserved")).If(enough).Run(ctx); return err },
			`UpdateItem: SET have=if_not_exists(have,{"N":"0"})+reserved` +
				` if have>=reserved AND attribute_exists(reserved)`},
		{func() error { _, err := one().Append("log", ref("queue")).Run(ctx); return err },
			`UpdateItem: SET log=list_append(if_not_exists(log,{"L":[]}),queue)` +
				` if attribute_exists(queue)`},
		{func() error { _, err := one().Prepend("log", ref("queue")).Run(ctx); return err },
			`UpdateItem: SET log=list_append(queue,if_not_exists(log,{"L":[]}))` +
				` if attribute_exists(queue)`},
		{func() error { _, err := one().Set("note", ref("note2")).Run(ctx); return err },
			`UpdateItem: SET note=note2 if attribute_exists(note2)`},
		{func() error { _, err := shelves.Query("one").Where(enough).Collect(ctx); return err },
			`Query key id={"S":"one"} where have>=reserved`},
		{func() error { _, err := shelves.Scan().Where(enough).Count(ctx); return err },
			`Scan where have>=reserved`},
	} {
		err := c.call()
		got := sent.Take()
		require.Equal(t, []string{c.want}, got)
		if err != nil {
			require.ErrorIs(t, err, dynamapper.ErrConditionFailed, c.want)
		}
	}
}

func TestUpdatesFromOtherAttributes(t *testing.T) {
	t.Parallel()
	shelves := fixtures.TableOf[shelf](t)
	ctx, key := t.Context(), dynamapper.Key("one")
	require.NoError(t, shelves.Save(ctx, &shelf{ID: "one", Have: 5, Reserved: 2, Small: 7,
		Name: "sword", Log: []string{"a"}, Queue: []string{"b", "c"}, Opened: noon,
		Stats: stats{Max: 9, Tags: []string{"t"}}, Note: []string{"n"}}))
	one, err := shelves.Update(key).Set("have", ref("reserved")).Set("reserved", ref("have")).
		Set("prefix", ref("name")).Append("log", ref("queue")).Set("closed", ref("opened")).
		Set("weight", ref("small")).Add("stats.max", ref("small")).SetIfAbsent("name", ref("id")).
		Set("tags", ref("stats.tags")).Set("note2", ref("note")).Set("any", ref("queue")).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, one.Have, "all are read before the update")
	require.Equal(t, 5, one.Reserved)
	require.Equal(t, "sword", one.Prefix)
	require.Equal(t, []string{"a", "b", "c"}, one.Log)
	require.Equal(t, noon, one.Closed)
	require.InDelta(t, 7, one.Weight, 0)
	require.Equal(t, 16, one.Stats.Max)
	require.Equal(t, "sword", one.Name)
	require.Equal(t, []string{"t"}, one.Tags)
	require.Equal(t, []string{"n"}, one.Note2)
	require.Equal(t, []any{"b", "c"}, one.Any)

	one, err = shelves.Update(key).Set("stats.best", ref("weight")).Set("queue[1]", ref("queue[0]")).
		Idempotent().Run(ctx)
	require.NoError(t, err)
	require.InDelta(t, 7, one.Stats.Best, 0)
	require.Equal(t, []string{"b", "b"}, one.Queue)
}

// If the attribute that Ref names is missing, nothing is written, and no item is created.
func TestAMissingSource(t *testing.T) {
	t.Parallel()
	shelves := fixtures.TableOf[shelf](t)
	ctx, key := t.Context(), dynamapper.Key("one")
	var failed *dynamapper.ConditionError
	_, err := shelves.Update(key).Set("have", ref("reserved")).Run(ctx)
	require.ErrorAs(t, err, &failed)
	require.Nil(t, failed.Current)
	require.ErrorContains(t, err, "there is no item, and the update refers to its attribute reserved;")
	_, err = shelves.Get(ctx, key)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	_, err = shelves.Update(key).Set("have", ref("reserved")).MustExist().Run(ctx)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)

	fixtures.PutRaw(t, shelves.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
	for _, u := range []*dynamapper.Update[shelf]{
		shelves.Update(key).Set("have", ref("reserved")),
		shelves.Update(key).SetIfAbsent("have", ref("reserved")).Set("name", "x"),
		shelves.Update(key).Add("have", ref("reserved")).
			If(attr("id", dynamapper.EQ("one"))).Idempotent(),
	} {
		_, err = u.Run(ctx)
		require.ErrorAs(t, err, &failed)
		require.NotNil(t, failed.Current)
		require.ErrorContains(t, err, `: the item has no attribute reserved, to which `+
			`the update refers; nothing was written`)
	}
	_, err = shelves.Update(key).Set("have", ref("stats.max")).Run(ctx)
	require.ErrorContains(t, err, "the item has no attribute stats,")
	fixtures.PutRaw(t, shelves.Name(), fixtures.Attributes{"id": fixtures.Text("one"),
		"stats": &types.AttributeValueMemberM{
			Value: fixtures.Attributes{"best": fixtures.Number("1")}}})
	_, err = shelves.Update(key).Set("have", ref("stats.max")).Run(ctx)
	require.ErrorContains(t, err, "the attribute stats has no value in the place to which the update "+
		"refers")
	_, err = shelves.Update(key).Set("have", 3).Set("ok", true).Run(ctx)
	require.NoError(t, err)
	one, err := shelves.Update(key).SetIfAbsent("have", ref("reserved")).Run(ctx)
	require.NoError(t, err, "have is there, so that nothing is read")
	require.Equal(t, 3, one.Have)
}

func TestReferencesInTransactions(t *testing.T) {
	t.Parallel()
	mapper := dynamotest.Mapper(t)
	shelves := fixtures.TableIn[shelf](t, mapper)
	ctx, key := t.Context(), dynamapper.Key("one")
	require.NoError(t, shelves.Save(ctx, &shelf{ID: "one", Have: 5, Reserved: 2}))
	run := func(check dynamapper.Condition) error {
		return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			if err := shelves.In(tx).Check(key, check); err != nil {
				return err
			}
			shelves.In(tx).Update(key).Set("small", 1).Add("have", ref("reserved"))
			return nil
		})
	}
	require.NoError(t, run(attr("have", dynamapper.GT(ref("reserved")))))
	one, err := shelves.Get(ctx, key, dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 7, one.Have)
	err = run(attr("have", dynamapper.LE(ref("reserved"))))
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.ErrorContains(t, err, "the condition on the item is false (have, reserved)")
	err = mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		shelves.In(tx).Update(key).Set("have", ref("stats.best"))
		return nil
	})
	require.ErrorContains(t, err, `of type int and takes not every value of Stats.Best`)
}

func TestReferencesAreRefused(t *testing.T) {
	t.Parallel()
	shelves := fixtures.OfflineTable[shelf](t)
	where := func(c ...dynamapper.Condition) error {
		_, err := shelves.Scan().Where(c...).Collect(t.Context())
		return err
	}
	for want, c := range map[string]dynamapper.Condition{
		`Ref("have") is the attribute itself; name another attribute`: attr("have",
			dynamapper.GE(ref("have"))),
		`Ref("hav"): `: attr("have", dynamapper.GE(ref("hav"))),
		`Ref("stats.mox"): the document "stats" has no member "mox"; did you mean "max"?`: attr("have",
			dynamapper.GE(ref("stats.mox"))),
		`Ref("name"): it is of type S, and the attribute takes one of type N; DynamoDB compares ` +
			`values of one type only`: attr("have", dynamapper.EQ(ref("name"))),
		`Ref("due"): it is a time stored as a number of seconds, and the attribute is one stored as ` +
			`text in RFC 3339; DynamoDB compares what is stored, so give both fields the same ` +
			`options`: attr("opened", dynamapper.LT(ref("due"))),
		`Ref("opened"): it is a time stored as text in RFC 3339, and the attribute is one stored as ` +
			`text in the layout "2006-01-02"`: attr("day", dynamapper.LT(ref("opened"))),
		`times in the layout "01/02/2006" do not sort as text`: attr("us", dynamapper.LT(ref("us2"))),
		`an attribute of type BOOL has no order, so that GT cannot compare it`: attr("ok",
			dynamapper.GT(ref("ok2"))),
		`"note" is stored as JSON, and DynamoDB would compare its text; give the field Note the ` +
			`option "document"`: attr("log", dynamapper.EQ(ref("note"))),
		`the attribute is stored as JSON, and DynamoDB can only test whether it exists`: attr("note",
			dynamapper.EQ(ref("note2"))),
		`BeginsWith is for text or bytes, and the attribute is of type N`: attr("have",
			dynamapper.BeginsWith(ref("reserved"))),
		`Contains is for text, sets and lists, and the attribute is of type N`: attr("have",
			dynamapper.Contains(ref("reserved"))),
		`Ref("have"): it is of type N, and the attribute takes one of type S`: attr("tags",
			dynamapper.Contains(ref("have"))),
		`Ref("name"): it is of type S, and the attribute takes one of type N;`: attr("log",
			dynamapper.Size(dynamapper.LT(ref("name")))),
		`Ref stands where DynamoDB takes only a value`: attr("any",
			dynamapper.EQ([]any{ref("have")})),
	} {
		require.ErrorContains(t, where(c), want)
	}
	for want, change := range map[string]func(update) update{
		`Set of "have": Ref("have") is the attribute itself`: func(u update) update {
			return u.Set("have", ref("have"))
		},
		`Set of "small": the field Small is of type int8 and takes not every value of Have, which is ` +
			`of type int; use fields of one type, or Modify`: func(u update) update {
			return u.Set("small", ref("have"))
		},
		`takes not every value of Weight`: func(u update) update {
			return u.Set("have", ref("weight"))
		},
		`takes not every value of Any`: func(u update) update {
			return u.Set("have", ref("any"))
		},
		`Opened is stored as text in RFC 3339, and Due as a number of seconds`: func(u update) update {
			return u.Set("opened", ref("due"))
		},
		`the field Note is stored as JSON, and Log is not`: func(u update) update {
			return u.Set("log", ref("note"))
		},
		`the attribute is a key of the table`: func(u update) update {
			return u.Set("id", ref("name"))
		},
		`"name" does not hold a number; name a number`: func(u update) update {
			return u.Add("have", ref("name"))
		},
		`the field Name does not hold a number to add to`: func(u update) update {
			return u.Add("name", ref("have"))
		},
		`"name" is no document list, and Append takes the elements of one`: func(u update) update {
			return u.Append("log", ref("name"))
		},
		`the field Log is of type string and takes not every value of Parts`: func(u update) update {
			return u.Append("log", ref("parts"))
		},
		`Ref is given beside other values, and DynamoDB joins two lists`: func(u update) update {
			return u.Append("log", "x", ref("queue"))
		},
		`AddToSet of "tags": Ref is given, and DynamoDB's sets take values only`: func(u update) update {
			return u.AddToSet("tags", ref("stats.tags"))
		},
		`Ref stands where DynamoDB takes only a value`: func(u update) update {
			return u.Set("any", map[string]any{"a": ref("have")})
		},
	} {
		_, err := change(shelves.Update(dynamapper.Key("one"))).Run(t.Context())
		require.ErrorContains(t, err, want)
	}
	_, err := shelves.Get(t.Context(), dynamapper.Key(ref("name")))
	require.ErrorContains(t, err, "Ref stands where DynamoDB takes only a value")
	_, err = shelves.Query(ref("name")).Collect(t.Context())
	require.ErrorContains(t, err, "Ref stands where DynamoDB takes only a value")
}

type guildScore struct {
	dynamapper.Model `dynamo:"guild-scores"`
	Player           string `dynamo:"player,hash"`
	Round            int    `dynamo:"round,range"`
	Guild            string `dynamo:"guild" index:"by-guild,hash,keys_only"`
	Points           int    `dynamo:"points"`
	Best             int    `dynamo:"best"`
}

// A filter takes no attribute of the key of the query, and none that the index does not have.
func TestReferencesInQueries(t *testing.T) {
	t.Parallel()
	scores := fixtures.OfflineTable[guildScore](t)
	_, err := scores.Query("waldo").Where(attr("points", dynamapper.GT(ref("round")))).
		Collect(t.Context())
	require.ErrorContains(t, err, `Ref("round"): the attribute is the range key of the query`)
	_, err = scores.Query("waldo").Range(dynamapper.GT(ref("points"))).Collect(t.Context())
	require.ErrorContains(t, err, "Ref is given, and DynamoDB compares a key with values only;")
	_, err = scores.Query("waldo").Range(dynamapper.EQ(ref("points"))).Collect(t.Context())
	require.ErrorContains(t, err, "Ref stands where DynamoDB takes only a value")
	_, err = scores.Scan().Index("by-guild").Where(attr("round", dynamapper.GT(ref("points")))).
		Collect(t.Context())
	require.ErrorContains(t, err, `the index "by-guild" does not have the attribute "points"`)
}

// A cursor belongs to the attributes that are compared.
func TestACursorOfAnotherReference(t *testing.T) {
	t.Parallel()
	scores := fixtures.TableOf[guildScore](t)
	for round := range 3 {
		require.NoError(t, scores.Save(t.Context(), &guildScore{Player: "waldo", Round: round, Guild: "g",
			Points: 5, Best: 9}))
	}
	query := func(r string) *dynamapper.Query[guildScore] {
		return scores.Query("waldo").Consistent().Where(attr("points", dynamapper.LE(ref(r)))).
			Limit(1)
	}
	page, err := query("best").Page(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, page.Cursor)
	_, err = query("best").From(page.Cursor).Page(t.Context())
	require.NoError(t, err)
	_, err = scores.Query("waldo").Consistent().Where(attr("points", dynamapper.LE(9))).
		From(page.Cursor).Page(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)
}

// A lost update from another attribute is not sent again: the attribute may have changed since.
func TestALostUpdateFromAReference(t *testing.T) {
	t.Parallel()
	shelves, _, line, _ := fixtures.FaultyTable[shelf](t)
	ctx, key := t.Context(), dynamapper.Key("one")
	require.NoError(t, shelves.Save(ctx, &shelf{ID: "one", Have: 5, Reserved: 2}))
	line.On("UpdateItem", 1, dynamotest.Lose())
	_, err := shelves.Update(key).Set("have", ref("reserved")).Set("reserved", ref("have")).Run(ctx)
	require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	one, err := shelves.Get(ctx, key, dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, []int{2, 5}, []int{one.Have, one.Reserved}, "swapped once")
	require.Equal(t, 1, line.Sent("UpdateItem"))

	line.On("TransactWriteItems", 1, dynamotest.Lose())
	one, err = shelves.Update(key).Set("have", ref("reserved")).Set("reserved", ref("have")).
		Idempotent().Run(ctx)
	require.NoError(t, err)
	require.Equal(t, []int{5, 2}, []int{one.Have, one.Reserved}, "swapped back once")
}

type match struct {
	dynamapper.Model `dynamo:"game,entity=match"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=MATCH#{id}"`
	_                dynamapper.Computed `dynamo:"by,format=TEAM#{team}" index:"by-team,hash"`
	ID               string              `dynamo:"id"`
	Team             string              `dynamo:"team"`
	Other            string              `dynamo:"other"`
	Goals            int                 `dynamo:"goals"`
	Shots            int                 `dynamo:"shots"`
}

// A part of a format cannot be copied, because the update would not know the text of the format.
func TestReferencesAndFormats(t *testing.T) {
	t.Parallel()
	matches := fixtures.TableOf[match](t)
	ctx, key := t.Context(), dynamapper.Key("m")
	require.NoError(t, matches.Save(ctx, &match{ID: "m", Team: "red", Other: "blue", Goals: 1,
		Shots: 4}))
	for fix, u := range map[string]*dynamapper.Update[match]{
		"give Set a value": matches.Update(key).Set("team", ref("other")),
		"use Set":          matches.Update(key).SetIfAbsent("team", ref("other")),
	} {
		_, err := u.Run(ctx)
		require.ErrorContains(t, err, `leaves a value that is not known before, and the `+
			`attribute "by" is computed from it; `+fix+", or use Modify")
	}
	_, err := matches.Update(key).Set("by", ref("other")).Run(ctx)
	require.ErrorContains(t, err, "the attribute is computed by its format; change its parts")
	_, err = matches.Update(key).Set("id", ref("other")).Run(ctx)
	require.ErrorContains(t, err, "the attribute is a part of the table's key")
	one, err := matches.Update(key).Set("other", ref("team")).
		If(attr("goals", dynamapper.LT(ref("shots")))).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, "red", one.Other)

	game, err := dynamapper.NewCollection(matches)
	require.NoError(t, err)
	found, err := game.Scan().Consistent().Where(attr("goals", dynamapper.LT(ref("shots")))).
		Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// The legacy parameters, in which a wide item is compared, have no references.
func TestReferencesBesideAWideItem(t *testing.T) {
	t.Parallel()
	shelves := fixtures.TableOf[shelf](t)
	raw := fixtures.Attributes{"id": fixtures.Text("one"), "have": fixtures.Number("1"),
		"reserved": fixtures.Number("1")}
	for i := range 400 {
		raw["attribute-"+strings.Repeat("x", 5)+string(rune('a'+i%26))+string(rune('a'+i/26))] =
			fixtures.Text("v")
	}
	fixtures.PutRaw(t, shelves.Name(), raw)
	one := fixtures.Load(t, shelves, "one")
	one.Name = "wide"
	err := shelves.Save(t.Context(), one, dynamapper.FailOnConflict(),
		dynamapper.If(attr("have", dynamapper.GE(ref("reserved")))))
	require.ErrorContains(t, err, "a larger comparison cannot be combined with an If")
}
