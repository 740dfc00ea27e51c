package tests

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// everyType has values of all attribute types, including empty and nested ones, each with another
// value of its type.
var everyType = map[string]struct{ value, other types.AttributeValue }{
	"s":       {fixtures.Text("text"), fixtures.Text("Text")},
	"s empty": {fixtures.Text(""), fixtures.Text(" ")},
	"n":       {fixtures.Number("-1.5e-07"), fixtures.Number("-1.5e-08")},
	"n long": {fixtures.Number("12345678901234567890123456789012345678"),
		fixtures.Number("12345678901234567890123456789012345679")},
	"b": {&types.AttributeValueMemberB{Value: []byte{0, 255}},
		&types.AttributeValueMemberB{Value: []byte{0, 254}}},
	"b empty": {&types.AttributeValueMemberB{Value: []byte{}},
		&types.AttributeValueMemberB{Value: []byte{0}}},
	"bool": {&types.AttributeValueMemberBOOL{Value: true},
		&types.AttributeValueMemberBOOL{Value: false}},
	"null": {&types.AttributeValueMemberNULL{Value: true}, fixtures.Text("")},
	"ss": {&types.AttributeValueMemberSS{Value: []string{"b", "a", ""}},
		&types.AttributeValueMemberSS{Value: []string{"b", "a"}}},
	"ns": {&types.AttributeValueMemberNS{Value: []string{"1E2", "0.50"}},
		&types.AttributeValueMemberNS{Value: []string{"100", "5"}}},
	"bs": {
		&types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}},
		&types.AttributeValueMemberBS{Value: [][]byte{{2}, {1, 0}}},
	},
	"m": {nested(fixtures.Number("1E2")), nested(fixtures.Number("101"))},
	"m empty": {&types.AttributeValueMemberM{Value: fixtures.Attributes{}},
		&types.AttributeValueMemberL{Value: []types.AttributeValue{}}},
	"l": {
		&types.AttributeValueMemberL{
			Value: []types.AttributeValue{fixtures.Number("1.50"), nested(fixtures.Number("0.10")),
				fixtures.Text("")}},
		&types.AttributeValueMemberL{
			Value: []types.AttributeValue{nested(fixtures.Number("0.10")), fixtures.Number("1.50"),
				fixtures.Text("")}},
	},
	"l empty": {&types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		&types.AttributeValueMemberM{Value: fixtures.Attributes{}}},
}

func nested(number types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: fixtures.Attributes{
		"number": number,
		"null":   &types.AttributeValueMemberNULL{Value: true},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberBOOL{Value: false},
			&types.AttributeValueMemberNS{Value: []string{"3", "1"}}, number,
		}},
	}}
}

// oddNames are attribute names that need aliases in an expression.
var oddNames = []string{
	"a.b", "a-b", "#x", ":x", "a b", "select", "size", "ADD", "[0]", `"quoted"`, "a,b=c", "0",
	"ünï☢", "$", strings.Repeat("n", 255),
}

func TestConditionsHoldValuesOfEveryType(t *testing.T) {
	t.Parallel()
	for form, width := range map[string]int{"expression": 2, "legacy parameters": 200} {
		t.Run(form, func(t *testing.T) {
			table := fixtures.TableOf[narrow](t)
			key := fixtures.Attributes{"id": fixtures.Text("one")}
			stored, values := unknownAttributes(width), maps.Clone(everyType)
			if width > 150 {
				delete(values, "l") // see TestAListInAWideConditionIsRefused
			}
			for name, c := range values {
				stored[name] = c.value
			}
			fixtures.PutRaw(t, table.Name(), stored)
			loaded := fixtures.Load(t, table, "one")
			for name, c := range values {
				fixtures.SetRaw(t, table.Name(), key, name, c.other)
				loaded.Name = "Edited"
				requireConflictIn(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
					name)
				requireConflictIn(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()),
					name)
				fixtures.SetRaw(t, table.Name(), key, name, nil)
				requireConflictIn(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
					name)
				fixtures.SetRaw(t, table.Name(), key, name, c.value)
			}
			requireSavedTwice(t, table, loaded)
			require.NoError(t, table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()))
			require.Nil(t, fixtures.GetRaw(t, table.Name(), key))
		})
	}
}

// requireSavedTwice saves under a condition and repeats it with the snapshot of the first save.
func requireSavedTwice(t *testing.T, table *dynamapper.Table[narrow], loaded *narrow) {
	t.Helper()
	for _, name := range []string{"First", "Second"} {
		loaded.Name = name
		want := table.Snapshot(loaded)
		want["name"] = fixtures.Text(name)
		require.NoError(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
		requireSameValues(t, want, table.Snapshot(loaded))
		requireSameValues(
			t,
			want,
			fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")}),
		)
	}
}

// requireSameValues compares items by value, because the service normalizes numbers.
func requireSameValues(t *testing.T, want, got fixtures.Attributes) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	for name := range want {
		require.True(t, wire.Equal(want[name], got[name]), name)
	}
}

// DynamoDB's documentation does not say how the legacy parameters compare lists. DynamoDB Local
// ignores the order of the elements, so the mapper does not send lists in them.
func TestAListInAWideConditionIsRefused(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[narrow](t)
	stored := unknownAttributes(200)
	stored["list"] = everyType["l"].value
	fixtures.PutRaw(t, table.Name(), stored)
	loaded := fixtures.Load(t, table, "one")
	loaded.Name = "Edited"
	sent.Take()
	for _, err := range []error{
		table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
		table.Delete(t.Context(), loaded, dynamapper.FailOnConflict()),
	} {
		require.ErrorContains(
			t,
			err,
			`a larger comparison cannot compare the list "list"; give the model a field with the option "version"`,
		)
	}
	require.Empty(t, sent.Take())
	require.NoError(t,
		table.Save(t.Context(), loaded, dynamapper.FailOnConflict(), dynamapper.ChangedOnly()),
		"the list is not compared")
}

func TestConditionsHoldAnyAttributeName(t *testing.T) {
	t.Parallel()
	for form, width := range map[string]int{"expression": 2, "legacy parameters": 200} {
		t.Run(form, func(t *testing.T) {
			table := fixtures.TableOf[narrow](t)
			key := fixtures.Attributes{"id": fixtures.Text("one")}
			stored := unknownAttributes(width)
			for _, name := range oddNames {
				stored[name] = fixtures.Text("value of " + name)
			}
			fixtures.PutRaw(t, table.Name(), stored)
			loaded := fixtures.Load(t, table, "one")
			for _, name := range oddNames {
				fixtures.SetRaw(t, table.Name(), key, name, fixtures.Text("theirs"))
				requireConflictIn(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
					name)
				fixtures.SetRaw(t, table.Name(), key, name, stored[name])
			}
			requireSavedTwice(t, table, loaded)
		})
	}
}

// odd has fields whose attribute names need aliases.
type odd struct {
	dynamapper.Model `dynamo:"odd"`
	ID               string `dynamo:"#id,hash"`
	Range            string `dynamo:"order by,range"`
	Dotted           string `dynamo:"a.b"`
	Dashed           string `dynamo:"a-b"`
	Reserved         string `dynamo:"select"`
	Index            string `dynamo:"[0]"`
	Spaced           int    `dynamo:"a b"`
}

func TestFieldsOfAnyAttributeName(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[odd](t)
	for width := range 2 {
		stored := fixtures.Attributes{"#id": fixtures.Text("one"), "order by": fixtures.Text("r"),
			"a.b": fixtures.Text("1"), "select": fixtures.Text("2")}
		wide := unknownAttributes(width * 400)
		delete(wide, "id")
		maps.Copy(stored, wide)
		fixtures.PutRaw(t, table.Name(), stored)
		item := fixtures.Load(t, table, "one", "r")
		item.Dotted, item.Dashed, item.Reserved, item.Index, item.Spaced = "", "dashed", "reserved",
			"index", 5
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
		again := fixtures.Load(t, table, "one", "r")
		again.Model = item.Model
		require.Equal(t, item, again)
		item.Dotted, item.Index = "dotted", ""
		require.NoError(t,
			table.Save(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.ChangedOnly()))
		selected, err := table.Get(t.Context(), dynamapper.Key("one", "r"),
			dynamapper.Select("a.b", "select", "[0]"), dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, []string{"dotted", "reserved", "", ""},
			[]string{selected.Dotted, selected.Reserved, selected.Index, selected.Dashed})
		require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
	}
}
