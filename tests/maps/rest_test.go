// Package maps tests models that hold attributes in a map: the option rest, and ItemTable.
package maps

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type (
	attributes = fixtures.Attributes
	object     = map[string]any
)

var (
	text   = fixtures.Text
	number = fixtures.Number
)

// row has the key of a table in fields, and everything else in a map.
type row struct {
	dynamapper.Model `dynamo:"rows"`
	Size             int    `dynamo:"size,hash"`
	Sum              []byte `dynamo:"sum,range"`
	Note             string `dynamo:"note"`
	Rest             object `dynamo:",rest"`
}

func rowKey() attributes {
	return attributes{"size": number("7"), "sum": &types.AttributeValueMemberB{Value: []byte{1, 0}}}
}

// allTypes returns an item with a value of each type, below the attributes of a key.
func allTypes(key attributes) attributes {
	item := attributes{
		"s": text("Grüße"), "empty": text(""), "n": number("12345678901234567890.5"),
		"b":     &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"b0":    &types.AttributeValueMemberB{Value: []byte{}},
		"true":  &types.AttributeValueMemberBOOL{Value: true},
		"null":  &types.AttributeValueMemberNULL{Value: true},
		"ss":    &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"ns":    &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}},
		"bs":    &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		"list":  &types.AttributeValueMemberL{Value: []types.AttributeValue{text("x"), number("1")}},
		"a.b c": &types.AttributeValueMemberM{Value: attributes{"in": number("1")}},
		"map": &types.AttributeValueMemberM{Value: attributes{
			"null": &types.AttributeValueMemberNULL{Value: true},
			"ss":   &types.AttributeValueMemberSS{Value: []string{"z"}}}},
	}
	for name, value := range key {
		item[name] = value
	}
	return item
}

func rowsWithItem(t *testing.T) (*dynamapper.Table[row], *fixtures.Requests, *row) {
	t.Helper()
	rows, noted := fixtures.WatchedTable[row](t)
	fixtures.PutRaw(t, rows.Name(), allTypes(rowKey()))
	loaded, err := rows.Get(t.Context(), dynamapper.Key(7, []byte{1, 0}),
		dynamapper.Consistent())
	require.NoError(t, err)
	noted.Take()
	return rows, noted, loaded
}

func TestRestHasTheOtherAttributes(t *testing.T) {
	t.Parallel()
	_, _, loaded := rowsWithItem(t)
	require.Equal(t, object{
		"s": "Grüße", "empty": "", "n": json.Number("12345678901234567890.5"),
		"b": []byte{0, 255}, "b0": []byte{}, "true": true, "null": nil,
		"ss":    &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"ns":    &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}},
		"bs":    &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		"list":  []any{"x", json.Number("1")},
		"a.b c": object{"in": json.Number("1")},
		"map": object{"null": nil,
			"ss": &types.AttributeValueMemberSS{Value: []string{"z"}}},
	}, loaded.Rest)
}

func TestUneditedRestIsSavedUnchanged(t *testing.T) {
	t.Parallel()
	rows, noted, loaded := rowsWithItem(t)
	require.NoError(t, rows.Save(t.Context(), loaded, dynamapper.ChangedOnly()))
	require.Empty(t, noted.Take(), "nothing was edited")
	for _, opts := range [][]dynamapper.SaveOption{nil, {dynamapper.FailOnConflict()}} {
		require.NoError(t, rows.Save(t.Context(), loaded, opts...))
		require.Equal(t, allTypes(rowKey()), fixtures.GetRaw(t, rows.Name(), rowKey()))
	}
	raw, err := rows.MarshalItem(loaded)
	require.NoError(t, err)
	require.Equal(t, allTypes(rowKey()), raw)
	back, err := rows.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Equal(t, loaded.Rest, back.Rest)
}

func TestEditsOfARestAreSaved(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.SaveOption{
		"all": nil, "changed": {dynamapper.ChangedOnly()},
		"compared":   {dynamapper.FailOnConflict()},
		"differing":  {dynamapper.ChangedOnly(), dynamapper.FailOnConflict()},
		"idempotent": {dynamapper.Idempotent()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, _, loaded := rowsWithItem(t)
			loaded.Rest["s"] = "edited"
			loaded.Rest["added"] = []int{1, 2}
			delete(loaded.Rest, "ss")
			delete(loaded.Rest, "null")
			loaded.Rest["map"].(object)["more"] = 2.5
			require.NoError(t, rows.Save(t.Context(), loaded, opts...))

			want := allTypes(rowKey())
			want["s"] = text("edited")
			want["added"] = &types.AttributeValueMemberL{
				Value: []types.AttributeValue{number("1"), number("2")}}
			delete(want, "ss")
			delete(want, "null")
			want["map"].(*types.AttributeValueMemberM).Value["more"] = number("2.5")
			require.Equal(t, want, fixtures.GetRaw(t, rows.Name(), rowKey()))
			require.Equal(t, want, rows.Snapshot(loaded))
		})
	}
}

func TestConflictsInARest(t *testing.T) {
	t.Parallel()
	rows, _, loaded := rowsWithItem(t)
	other := allTypes(rowKey())
	other["s"] = text("other")
	fixtures.PutRaw(t, rows.Name(), other)
	loaded.Rest["n"] = 1
	err := rows.Save(t.Context(), loaded, dynamapper.FailOnConflict())
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Contains(t, conflict.Attributes, "s")
	require.ErrorIs(t, rows.Delete(t.Context(), loaded, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)

	require.NoError(t, rows.Save(t.Context(), loaded, dynamapper.FailOnConflict(),
		dynamapper.ChangedOnly()), "two writers of different attributes")
	other["n"] = number("1")
	require.Equal(t, other, fixtures.GetRaw(t, rows.Name(), rowKey()))

	// An attribute that both add.
	other["added"] = text("first")
	fixtures.PutRaw(t, rows.Name(), other)
	loaded.Rest["added"] = "second"
	for _, opts := range [][]dynamapper.SaveOption{
		{dynamapper.FailOnConflict()},
		{dynamapper.FailOnConflict(), dynamapper.ChangedOnly()},
	} {
		require.ErrorIs(t, rows.Save(t.Context(), loaded, opts...), dynamapper.ErrConflict)
	}
	require.Equal(t, other, fixtures.GetRaw(t, rows.Name(), rowKey()))
}

func TestNewItemsWithARest(t *testing.T) {
	t.Parallel()
	rows := fixtures.TableOf[row](t)
	made := rows.New(func(r *row) { r.Size, r.Sum, r.Rest["level"] = 1, []byte{1}, 5 })
	require.NoError(t, rows.Save(t.Context(), made, dynamapper.FailOnConflict()))
	key := attributes{"size": number("1"), "sum": &types.AttributeValueMemberB{Value: []byte{1}}}
	want := attributes{"size": key["size"], "sum": key["sum"], "level": number("5")}
	require.Equal(t, want, fixtures.GetRaw(t, rows.Name(), key))
	require.ErrorIs(t, rows.Save(t.Context(), &row{Size: 1, Sum: []byte{1}},
		dynamapper.FailOnConflict()), dynamapper.ErrOverwrite)
	loaded := fixtures.Load(t, rows, 1, []byte{1})
	require.Equal(t, object{"level": json.Number("5")}, loaded.Rest)
	require.Equal(t, object{"size": 1, "sum": []byte{1}, "level": json.Number("5")},
		rows.ToMap(loaded))

	loaded.Size = 2
	require.NoError(t, rows.Save(t.Context(), loaded), "a save at another key is another item")
	require.Equal(t, want, fixtures.GetRaw(t, rows.Name(), key))
	require.NoError(t, rows.Delete(t.Context(), made, dynamapper.FailOnConflict()))
	require.Nil(t, fixtures.GetRaw(t, rows.Name(), key))
}

func TestMembersOfARestAreChecked(t *testing.T) {
	t.Parallel()
	rows := fixtures.TableOf[row](t)
	for _, one := range []struct {
		rest object
		want string
	}{
		{object{"note": "x"}, `(attribute note): the attribute has a field of its own, Note`},
		{object{"size": 8}, `the attribute has a field of its own, Size`},
		{object{"": 1}, `there is an empty name`},
		{object{"a\xff": 1}, `not valid UTF-8`},
		{object{"f": func() {}}, `row.Rest["f"] (attribute f): type func() cannot be stored`},
		{object{"d": object{"in": make(chan int)}}, `type chan int cannot be stored`},
	} {
		item := &row{Size: 1, Sum: []byte{1}, Note: "n", Rest: one.rest}
		err := rows.Save(t.Context(), item)
		var placed *dynamapper.FieldError
		require.ErrorAs(t, err, &placed)
		require.ErrorContains(t, err, one.want)
		require.ErrorContains(t, err, "Save")
	}
}

func TestConditionsAndUpdatesOnARest(t *testing.T) {
	t.Parallel()
	rows := fixtures.TableOf[row](t)
	ctx, key := t.Context(), dynamapper.Key(1, []byte{1})
	_, err := rows.Update(key).Set("level", 5).Set("name", "Duke").Set("on", true).
		Set("raw", []byte{9}).Set("doc", object{"a": 1}).Add("count", 2).
		Set("tags", &types.AttributeValueMemberSS{Value: []string{"x", "y"}}).Append("log", "hi").Run(ctx)
	require.NoError(t, err)
	updated, err := rows.Update(key).If(dynamapper.Attr("level", dynamapper.GT(4))).
		Set("doc.a", 2).Add("level", 1).Remove("raw").Set("name", nil).Run(ctx)
	require.NoError(t, err)
	loaded := fixtures.Load(t, rows, 1, []byte{1})
	require.Equal(t, object{"level": json.Number("6"), "on": true,
		"doc": object{"a": json.Number("2")}, "count": json.Number("2"),
		"tags": &types.AttributeValueMemberSS{Value: []string{"x", "y"}}, "log": []any{"hi"},
	}, loaded.Rest)
	require.Equal(t, loaded.Rest, updated.Rest)
	_, err = rows.Update(key).If(dynamapper.Attr("level", dynamapper.EQ(5))).Set("x", 1).Run(ctx)
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)

	found, err := rows.Scan().Consistent().Where(dynamapper.Attr("level", dynamapper.EQ(6)),
		dynamapper.Attr("doc.a", dynamapper.LT(3)),
		dynamapper.Attr("tags", dynamapper.Contains("x"))).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 1)
	found, err = rows.Query(1).Consistent().
		Where(dynamapper.Attr("missing", dynamapper.Exists())).Collect(ctx)
	require.NoError(t, err)
	require.Empty(t, found)

	part, err := rows.Get(ctx, key, dynamapper.Select("level", "doc.a"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, object{"level": json.Number("6"), "doc": object{"a": json.Number("2")}},
		part.Rest)
	part.Rest["level"] = 7
	require.NoError(t, rows.Save(ctx, part, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	part.Rest["on"] = false
	require.ErrorContains(t, rows.Save(ctx, part, dynamapper.ChangedOnly()), "had not been read")
	delete(part.Rest, "on")
	part.Rest["doc"] = object{"a": 3}
	require.ErrorContains(t, rows.Save(ctx, part, dynamapper.ChangedOnly()), "read in part")
}

func TestModifyOfARestNeedsAVersion(t *testing.T) {
	t.Parallel()
	type versioned struct {
		dynamapper.Model `dynamo:"versioned"`
		ID               string `dynamo:"id,hash"`
		Version          string `dynamo:"version,version"`
		Rest             object `dynamo:",rest"`
	}
	rows, _, loaded := rowsWithItem(t)
	ctx, key := t.Context(), rows.KeyOf(loaded)
	_, err := rows.Modify(ctx, key, func(*row) error { return nil })
	require.ErrorContains(t, err, `option "version"`)
	m := fixtures.Mapper(t)
	err = m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		_, err := rows.In(tx).Get(ctx, key)
		return err
	})
	require.Error(t, err)

	items := fixtures.TableIn[versioned](t, m)
	one := items.New(func(v *versioned) { v.ID, v.Rest["coins"] = "a", 1 })
	require.NoError(t, items.Save(ctx, one))
	_, err = items.Modify(ctx, dynamapper.Key("a"), func(v *versioned) error {
		v.Rest["coins"] = 2
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		v, err := items.In(tx).Get(ctx, dynamapper.Key("a"))
		if err != nil {
			return err
		}
		v.Rest["more"] = strings.Repeat("x", 3)
		return items.In(tx).Save(v)
	}))
	after := fixtures.Load(t, items, "a")
	require.Equal(t, object{"coins": json.Number("2"), "more": "xxx"}, after.Rest)
	for _, edit := range []func(object){
		func(rest object) { rest["coins"] = 9 },
		func(rest object) { rest["new"] = 9 },
		func(rest object) { delete(rest, "more") },
	} {
		err = m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			v, err := items.In(tx).Get(ctx, dynamapper.Key("a"))
			if err == nil {
				edit(v.Rest)
			}
			return err
		})
		require.ErrorContains(t, err, "Save", "an edit that is not saved is an error")
	}
}

// renamed had its coins in the attribute gold.
type renamed struct {
	dynamapper.Model `dynamo:"versioned"`
	ID               string `dynamo:"id,hash"`
	Version          string `dynamo:"version,version"`
	Rest             object `dynamo:",rest"`
}

func (*renamed) MigrateItem(item map[string]types.AttributeValue) error {
	if gold := item["gold"]; gold != nil {
		item["coins"] = gold
		delete(item, "gold")
	}
	return nil
}

// An edit of a rest that MigrateItem has changed is not lost in silence.
func TestUnstagedEditsOfAMigratedRest(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	items := fixtures.TableIn[renamed](t, m)
	fixtures.PutRaw(t, items.Name(), attributes{"id": text("a"), "version": text("1"),
		"gold": number("5"), "level": number("2")})
	for name, edit := range map[string]func(object){
		"add":                func(rest object) { rest["new"] = 9 },
		"change":             func(rest object) { rest["level"] = 3 },
		"change the renamed": func(rest object) { rest["coins"] = 9 },
		"remove":             func(rest object) { delete(rest, "level") },
		"remove the renamed": func(rest object) { delete(rest, "coins") },
		"nothing":            func(object) {},
	} {
		err := m.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			item, err := items.In(tx).Get(ctx, dynamapper.Key("a"))
			if err == nil {
				edit(item.Rest)
			}
			return err
		})
		if name == "nothing" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "no write of the item is staged", name)
		}
	}
}

func TestRestInAnEntity(t *testing.T) {
	t.Parallel()
	type hero struct {
		dynamapper.Model `dynamo:"game,entity=hero"`
		_                dynamapper.Computed `dynamo:"pk,hash,format=HERO#{name}"`
		Name             string              `dynamo:"name"`
		Rest             object              `dynamo:",rest"`
	}
	heroes := fixtures.TableOf[hero](t)
	ctx := t.Context()
	require.NoError(t, heroes.Save(ctx,
		&hero{Name: "Duke", Rest: object{"level": 1}}))
	loaded := fixtures.Load(t, heroes, "Duke")
	require.Equal(t, object{"level": json.Number("1")}, loaded.Rest)
	loaded.Rest["entity"] = "x"
	require.ErrorContains(t, heroes.Save(ctx, loaded), "has a field of its own")
	fixtures.PutRaw(t, heroes.Name(), attributes{"pk": text("HERO#Waldo"), "entity": text("sword")})
	_, err := heroes.Get(ctx, dynamapper.Key("Waldo"), dynamapper.Consistent())
	require.ErrorIs(t, err, dynamapper.ErrOtherEntity)
	found, err := heroes.Scan().Consistent().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestWrongRestTags(t *testing.T) {
	t.Parallel()
	type id struct {
		ID string `dynamo:"id,hash"`
	}
	type inner struct {
		Rest object `dynamo:",rest"`
	}
	check := func(err error, want string) {
		t.Helper()
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, want)
	}
	m := fixtures.Offline(t)
	_, err := dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"wrong"`
		id
		Rest map[string]string `dynamo:",rest"`
	}](m)
	check(err, "Rest: option \"rest\" is for map[string]any")
	_, err = dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"wrong"`
		id
		Rest object `dynamo:"others,rest"`
	}](m)
	check(err, "has neither a name nor other options")
	_, err = dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"wrong"`
		id
		Rest object `dynamo:",rest,document"`
	}](m)
	check(err, "has neither a name nor other options")
	_, err = dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"wrong"`
		id
		Rest, More object `dynamo:",rest"`
	}](m)
	check(err, "a second field with the option \"rest\", beside Rest")
	_, err = dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"wrong"`
		id
		Doc inner `dynamo:"doc,document"`
	}](m)
	check(err, "option \"rest\" is for fields of the model itself")
	_, err = dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"right"`
		id
		inner
	}](m)
	require.NoError(t, err)
}
