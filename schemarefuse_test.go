package dynamapper

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// refusal is an invalid model and its expected error: the location, the problem and the hint.
type refusal struct {
	rule      string
	model     any
	field     string
	attribute string
	problem   string // part of the text
}

func testRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, row := range refusals {
		t.Run(row.rule, func(t *testing.T) {
			model := reflect.TypeOf(row.model)
			_, err := makeSchema(model)
			requireRefused(t, err, model, row)
		})
	}
}

func requireRefused(t *testing.T, err error, model reflect.Type, row refusal) {
	t.Helper()
	var refused *SchemaError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, ErrSchema)
	require.Equal(t, model, refused.Type)
	require.Equal(t, row.field, refused.Field, err)
	require.Equal(t, row.attribute, refused.Attribute, err)
	require.Contains(t, refused.Problem, row.problem)
	require.NotContains(t, err.Error(), "%!")
	if testing.Verbose() {
		t.Log(strings.ReplaceAll(err.Error(), model.String(), "game.User"))
	}
}

// Model must have a valid place and tag.
func TestRefusedModels(t *testing.T) {
	t.Parallel()
	type base struct{ Model }
	type aliased = Model
	testRefusals(t, []refusal{
		{rule: "no Model", model: struct {
			ID string `dynamo:"id,hash"`
		}{},
			problem: "no dynamapper.Model is embedded; add the line: dynamapper.Model " +
				"`dynamo:\"table-name\"`"},
		{rule: "Model twice", model: struct {
			Model `dynamo:"users"`
			base
			ID string `dynamo:"id,hash"`
		}{}, field: "base.Model", problem: "embedded a second time, beside Model; keep one"},
		{rule: "Model as a pointer", model: struct {
			*Model `dynamo:"users"`
			ID     string `dynamo:"id,hash"`
		}{}, field: "Model", problem: "embedded as a pointer, which may be nil; embed it by value"},
		{rule: "Model behind a pointer", model: struct {
			*Holder
			ID string `dynamo:"id,hash"`
		}{}, field: "Holder.Model",
			problem: "behind the embedded pointer Holder, which may be nil; embed Holder by value"},
		{rule: "Model with a name", model: struct {
			Base Model  `dynamo:"users"`
			ID   string `dynamo:"id,hash"`
		}{}, field: "Base",
			problem: "is a field with a name, where it can keep no snapshot; embed it, by " +
				"leaving the name out"},
		{rule: "Model with a name, as a pointer", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Other *Model
		}{}, field: "Other", problem: "is a field with a name"},
		{rule: "Model by an unexported name", model: struct {
			aliased
			ID string `dynamo:"id,hash"`
		}{}, field: "aliased", problem: "which is not exported; embed it as dynamapper.Model"},
		{rule: "a misspelt option", model: struct {
			Model `dynamo:"users,documents"`
			ID    string `dynamo:"id,hash"`
		}{}, field: "Model", problem: `option "documents" is not known; did you mean "document"?`},
		{rule: "an option of fields", model: struct {
			Model `dynamo:"users,json"`
			ID    string `dynamo:"id,hash"`
		}{}, field: "Model", problem: `option "json" is not known; remove it, or write document`},
		{rule: "an empty option", model: struct {
			Model `dynamo:"users,"`
			ID    string `dynamo:"id,hash"`
		}{}, field: "Model", problem: `there is an empty option in the tag; remove the comma`},
		{rule: "not a struct", model: 0,
			problem: "the type is no struct; a model is a struct that embeds dynamapper.Model"},
		{rule: "a pointer to a struct", model: &cachedModel{},
			problem: "the type is a pointer; give TableOf the struct itself, " +
				"dynamapper.cachedModel"},
		{rule: "a pointer to a pointer", model: new(*cachedModel),
			problem: "the type is no struct"},
	})
}

// A name may have 255 characters, but not 256.
func TestLongNames(t *testing.T) {
	t.Parallel()
	require.NoError(t, checkName("table", strings.Repeat("a", 255)))
	require.ErrorContains(t, checkName("table", strings.Repeat("a", 256)),
		"use 3 to 255 characters")
	require.NoError(t, checkName("index", "a_B"))
	require.NoError(t, checkName("index", "..."))
	for _, name := range []string{"", "ab", "a b", "a#b", "a/b", "käfer", "abc\x00"} {
		require.Error(t, checkName("index", name), name)
	}
}

// The final name of the table is checked: with the mapper's prefix, and with the name of
// WithTableName in place of that in the tag.
func TestTheFinalTableNameIsChecked(t *testing.T) {
	t.Parallel()
	type short struct {
		Model `dynamo:"us"`
		ID    string `dynamo:"id,hash"`
	}
	type spaced struct {
		Model `dynamo:"game users"`
		ID    string `dynamo:"id,hash"`
	}
	type hashed struct {
		Model `dynamo:"users#1"`
		ID    string `dynamo:"id,hash"`
	}
	type skipped struct {
		Model `dynamo:"-"`
		ID    string `dynamo:"id,hash"`
	}
	prefixed := &Mapper{client: offline().client, prefix: "p-"}
	table, err := TableOf[short](prefixed)
	require.NoError(t, err)
	require.Equal(t, "p-us", table.Name())
	for _, makeTable := range []func(...TableOption) (string, error){
		func(opts ...TableOption) (string, error) { return nameOf[short](offline(), opts) },
		func(opts ...TableOption) (string, error) { return nameOf[spaced](prefixed, opts) },
		func(opts ...TableOption) (string, error) { return nameOf[hashed](prefixed, opts) },
		func(opts ...TableOption) (string, error) { return nameOf[skipped](offline(), opts) },
	} {
		_, err := makeTable()
		require.ErrorIs(t, err, ErrSchema)
		require.ErrorContains(t, err,
			"is not one that DynamoDB takes; use 3 to 255 characters of a-z, A-Z, 0-9, '_', '-' "+
				"and '.'")
		name, err := makeTable(WithTableName("users"))
		require.NoError(t, err)
		require.Contains(t, []string{"users", "p-users"}, name)
	}
}

func nameOf[T IsModel](m *Mapper, opts []TableOption) (string, error) {
	table, err := TableOf[T](m, opts...)
	if err != nil {
		return "", err
	}
	return table.Name(), nil
}

// Only TableOf checks the table's name, because WithTableName gives one if Model's tag has none.
func TestNamesOfTheModelsTable(t *testing.T) {
	t.Parallel()
	type nameless struct {
		Model
		ID string `dynamo:"id,hash"`
	}
	model := reflect.TypeFor[nameless]()
	_, err := TableOf[nameless](offline())
	requireRefused(t, err, model,
		refusal{
			problem: "no table name; write it in Model's tag, as in `dynamo:\"users\"`, or give " +
				"TableOf WithTableName"})
	table, err := TableOf[nameless](offline(), WithTableName("users"))
	require.NoError(t, err)
	require.Equal(t, "users", table.Name())
	_, err = TableOf[nameless](offline(), WithTableName("a user"))
	requireRefused(t, err, model,
		refusal{problem: `the table name "a user" is not one that DynamoDB takes`})
	_, err = TableOf[nameless](&Mapper{client: offline().client, prefix: "staging/"},
		WithTableName("users"))
	requireRefused(t, err, model,
		refusal{problem: `the table name "staging/users" is not one that DynamoDB takes; ` +
			`use 3 to 255 characters of a-z, A-Z, 0-9, '_', '-' and '.'; the prefix "staging/" counts, too`})
	_, err = makeSchema(reflect.TypeFor[any]())
	requireRefused(t, err, reflect.TypeFor[any](), refusal{problem: "the type is no struct"})
}

// Invalid keys are refused.
func TestRefusedKeys(t *testing.T) {
	t.Parallel()
	testRefusals(t, []refusal{
		{rule: "no hash key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id"`
		}{},
			problem: "no field is the hash key; add the option \"hash\" behind an attribute's " +
				"name, as in `dynamo:\"login,hash\"`"},
		{rule: "a range key alone", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,range"`
		}{}, problem: "no field is the hash key"},
		{rule: "the option in the place of the name", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"hash"`
		}{}, field: "ID", attribute: "hash",
			problem: "here \"hash\" stands in the place of the attribute's name; write " +
				"`dynamo:\",hash\"`"},
		{rule: "two hash keys", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Other string `dynamo:"other,partition"`
		}{}, field: "Other", attribute: "other",
			problem: `a second hash key, beside ID; a table has one, make one of the two the range key (option "range") or remove it`},
		{rule: "two range keys", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			One   string `dynamo:"one,range"`
			Other string `dynamo:"other,sort"`
		}{}, field: "Other", attribute: "other",
			problem: "a second range key, beside One; a table has one at most, remove one of " +
				"the two"},
		{rule: "one field as both", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash,range"`
		}{}, field: "ID", attribute: "id",
			problem: "a table's keys are two fields, remove one of them"},
		{rule: "a bool", model: struct {
			Model `dynamo:"users"`
			ID    bool `dynamo:"id,hash"`
		}{}, field: "ID", attribute: "id",
			problem: "type bool cannot be a key: DynamoDB has keys of strings, numbers and " +
				"bytes; use such a type"},
		{rule: "a map in JSON", model: struct {
			Model `dynamo:"users"`
			ID    map[string]int `dynamo:"id,hash"`
		}{}, field: "ID", attribute: "id", problem: "type map[string]int cannot be a key"},
		{rule: "a map as a document", model: struct {
			Model `dynamo:"users"`
			ID    map[string]int `dynamo:"id,hash,document"`
		}{}, field: "ID", attribute: "id", problem: "type map[string]int cannot be a key"},
		{rule: "a slice", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    []int  `dynamo:"at,range"`
		}{}, field: "At", attribute: "at", problem: "type []int cannot be a key"},
		{rule: "a struct in JSON", model: struct {
			Model `dynamo:"users"`
			ID    address `dynamo:"id,hash,json"`
		}{}, field: "ID", attribute: "id", problem: "type dynamapper.address cannot be a key"},
		{rule: "a pointer to a struct in JSON", model: struct {
			Model `dynamo:"users"`
			ID    *address `dynamo:"id,hash"`
		}{}, field: "ID", attribute: "id", problem: "type *dynamapper.address cannot be a key"},
		{rule: "an array in JSON", model: struct {
			Model `dynamo:"users"`
			ID    [2]int `dynamo:"id,hash"`
		}{}, field: "ID", attribute: "id", problem: "type [2]int cannot be a key"},
		{rule: "any", model: struct {
			Model `dynamo:"users"`
			ID    any `dynamo:"id,hash"`
		}{}, field: "ID", attribute: "id", problem: "type interface {} cannot be a key"},
		{rule: "a set", model: struct {
			Model `dynamo:"users"`
			ID    []string `dynamo:"id,hash,set"`
		}{}, field: "ID", attribute: "id", problem: "type []string cannot be a key"},
		{rule: "an attribute value", model: struct {
			Model `dynamo:"users"`
			ID    types.AttributeValue `dynamo:"id,hash"`
		}{}, field: "ID", attribute: "id", problem: "type types.AttributeValue cannot be a key"},
		{rule: "an index key of a bool", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Flag  bool   `dynamo:"flag" index:"by-flag,hash"`
		}{}, field: "Flag", attribute: "flag", problem: "type bool cannot be a key"},
		{rule: "an index key of a JSON map", model: struct {
			Model `dynamo:"users"`
			ID    string         `dynamo:"id,hash"`
			Bag   map[string]int `dynamo:"bag" index:"by-bag,hash"`
		}{}, field: "Bag", attribute: "bag", problem: "type map[string]int cannot be a key"},
		{rule: "an index key of a slice", model: struct {
			Model `dynamo:"users"`
			ID    string   `dynamo:"id,hash"`
			At    string   `dynamo:"at,range"`
			Bag   []string `dynamo:"bag,document" localIndex:"by-bag,range"`
		}{}, field: "Bag", attribute: "bag", problem: "type []string cannot be a key"},
		{rule: "an index key of a JSON struct", model: struct {
			Model `dynamo:"users"`
			ID    string  `dynamo:"id,hash"`
			Home  address `dynamo:"home" index:"by-home,hash"`
		}{}, field: "Home", attribute: "home", problem: "type dynamapper.address cannot be a key"},
		{rule: "autoincrement with a range key", model: struct {
			Model `dynamo:"users"`
			ID    int `dynamo:"id,hash,autoincrement"`
			At    int `dynamo:"at,range"`
		}{}, field: "ID", attribute: "id",
			problem: `option "autoincrement" is for a table without a range key; remove it, or the option "range" of At`},
		{rule: "autoincrement of a string", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash,autoincrement"`
		}{}, field: "ID", attribute: "id",
			problem: `option "autoincrement" is for integers, and the field is of type string; use int64`},
		{rule: "autoincrement of a pointer", model: struct {
			Model `dynamo:"users"`
			ID    *int `dynamo:"id,hash,autoincrement"`
		}{}, field: "ID", attribute: "id",
			problem: `option "autoincrement" is for integers, and the field is of type *int; use int64`},
		{rule: "autoincrement not of the hash key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,range,autoincrement"`
		}{}, field: "At", attribute: "at",
			problem: `option "autoincrement" on a range key; only a hash key that is an integer, of a table without a range key, takes it: remove it`},
		{rule: "autoincrement of no key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,autoincrement"`
		}{}, field: "At", attribute: "at",
			problem: `option "autoincrement" is for the hash key; add "hash", or remove it`},
		{rule: "the counter's attribute", model: struct {
			Model `dynamo:"users"`
			ID    int `dynamo:"id,hash"`
			Last  int `dynamo:"__max_hash_key__"`
		}{}, field: "Last", attribute: "__max_hash_key__",
			problem: "is where autoincrement keeps the last id; choose another name"},
	})
}

// A model has at most one field for each value that the mapper sets itself, at a place where it can
// be set.
func TestRefusedRoles(t *testing.T) {
	t.Parallel()
	type times struct {
		ID    string    `dynamo:"id,hash"`
		Since time.Time `dynamo:"since,created"`
	}
	testRefusals(t, []refusal{
		{rule: "two versions", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			One   int    `dynamo:"one,version"`
			Other string `dynamo:"other,version"`
		}{}, field: "Other", attribute: "other",
			problem: `a second field with the option "version", beside One; keep one`},
		{rule: "two created", model: struct {
			Model `dynamo:"users"`
			times
			Other time.Time `dynamo:"other,created"`
		}{}, field: "Other", attribute: "other",
			problem: `a second field with the option "created", beside times.Since; keep one`},
		{rule: "two updated", model: struct {
			Model `dynamo:"users"`
			ID    string    `dynamo:"id,hash"`
			One   time.Time `dynamo:"one,updated"`
			Other time.Time `dynamo:"other,updated"`
		}{}, field: "Other", attribute: "other",
			problem: `a second field with the option "updated", beside One; keep one`},
		{rule: "two ttl", model: struct {
			Model `dynamo:"users"`
			ID    string    `dynamo:"id,hash"`
			One   time.Time `dynamo:"one,ttl"`
			Other int       `dynamo:"other,ttl"`
		}{}, field: "Other", attribute: "other",
			problem: `a second field with the option "ttl", beside One; keep one`},
		{rule: "autoincrement behind a pointer", model: struct {
			Model `dynamo:"users"`
			*RenewedID
		}{}, field: "RenewedID.ID", attribute: "id",
			problem: `option "autoincrement" is behind the embedded pointer RenewedID`},
	})
}

type RenewedID struct {
	ID int `dynamo:"id,hash,autoincrement"`
}

// The text of a SchemaError is one sentence: the type, the field and attribute, the problem and the
// hint.
func TestSchemaErrorText(t *testing.T) {
	t.Parallel()
	_, err := makeSchema(reflect.TypeFor[cachedBadModel]())
	require.EqualError(t, err, "dynamapper: dynamapper.cachedBadModel: no field is the hash key; "+
		"add the option \"hash\" behind an attribute's name, as in `dynamo:\"login,hash\"`")
	err = &SchemaError{Type: reflect.TypeFor[cachedModel](), Field: "Base.Flag", Attribute: "flag",
		Problem: "type bool cannot be a key"}
	require.EqualError(t, err,
		`dynamapper: dynamapper.cachedModel.Base.Flag (attribute "flag"): type bool cannot be a key`)
	require.False(t, errors.Is(err, ErrNotFound))
}
