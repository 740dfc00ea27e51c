package dynamapper

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each row is a small struct that shows one rule of indexes, and all indexes that the struct has.
func TestMakeIndexes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule  string
		model any
		want  []plannedIndex
	}{
		{
			rule: "a global index has a hash key, and a range key if need be; fields may come " +
				"in any order",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				At    int    `dynamo:"at" index:"by-guild,range"`
				Guild string `dynamo:"guild" index:"by-guild,hash"`
				Email string `dynamo:"email" index:"by-email,partition"`
			}{},
			want: []plannedIndex{{Name: "by-guild", Hash: "Guild", Range: "At"},
				{Name: "by-email", Hash: "Email"}},
		}, {
			rule: "a field in several indexes, with semicolons; the table's keys too",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash" index:"by-guild,range"`
				Email string `dynamo:"email" index:"by-email,hash;by-guild,hash"`
			}{},
			want: []plannedIndex{{Name: "by-guild", Hash: "Email", Range: "ID"},
				{Name: "by-email", Hash: "Email"}},
		}, {
			rule: "a local index has the table's hash key",
			model: struct {
				Model `dynamo:"lines"`
				ID    string `dynamo:"id,hash"`
				At    int    `dynamo:"at,range"`
				Price int    `dynamo:"price" localIndex:"by-price,range"`
				Name  string `dynamo:"name" localIndex:"by-name,sort"`
			}{},
			want: []plannedIndex{{Name: "by-price", Local: true, Hash: "ID", Range: "Price"},
				{Name: "by-name", Local: true, Hash: "ID", Range: "Name"}},
		}, {
			rule: "a field may be in global and local indexes: the global ones come first",
			model: struct {
				Model `dynamo:"lines"`
				ID    string `dynamo:"id,hash"`
				At    int    `dynamo:"at,range"`
				Price int    `dynamo:"price" localIndex:"by-price,range" index:"all-prices,hash"`
			}{},
			want: []plannedIndex{{Name: "all-prices", Hash: "Price"},
				{Name: "by-price", Local: true, Hash: "ID", Range: "Price"}},
		}, {
			rule: "the hash element, of a local index the range element, says what is projected",
			model: struct {
				Model `dynamo:"lines"`
				ID    string `dynamo:"id,hash"`
				At    int    `dynamo:"at,range" index:"by-name,range"`
				Price int    `dynamo:"price" localIndex:"by-price,range,include=name+at"`
				Name  string `dynamo:"name" index:"by-name,hash,keys_only" localIndex:"same-name,range,keys_only"`
				Kind  string `dynamo:"kind" index:"by-kind,include=price,hash"`
			}{},
			want: []plannedIndex{
				{Name: "by-name", Hash: "Name", Range: "At", KeysOnly: true},
				{Name: "by-price", Local: true, Hash: "ID", Range: "Price",
					Include: []string{"name", "at"}},
				{Name: "same-name", Local: true, Hash: "ID", Range: "Name", KeysOnly: true},
				{Name: "by-kind", Hash: "Kind", Include: []string{"price"}},
			},
		}, {
			rule: "keys behind an embedded pointer, and pointers",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				*IndexedBehind
			}{},
			want: []plannedIndex{{Name: "by-score", Hash: "IndexedBehind.Score"}},
		},
	} {
		t.Run(row.rule, func(t *testing.T) {
			for range 20 { // the order must not depend on the iteration of a map
				made, err := makeSchema(reflect.TypeOf(row.model))
				require.NoError(t, err)
				require.Equal(t, row.want, describePlan(made).Indexes)
			}
		})
	}
}

type IndexedBehind struct {
	Score *int `dynamo:"score" index:"by-score,hash"`
}

// Only an index without a projection in its tag has whole items.
func TestProjectsAll(t *testing.T) {
	t.Parallel()
	require.True(t, (&index{}).projectsAll())
	require.False(t, (&index{keysOnly: true}).projectsAll())
	require.False(t, (&index{include: []string{"a"}}).projectsAll())
}

func TestRefusedIndexes(t *testing.T) {
	t.Parallel()
	testRefusals(t, []refusal{
		{rule: "a range key without a hash key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at" index:"by-guild,range"`
		}{}, field: "At", attribute: "at",
			problem: "index \"by-guild\" has a range key and no hash key; add " +
				"`index:\"by-guild,hash\"` to another field"},
		{rule: "two hash keys", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			One   int    `dynamo:"one" index:"by-guild,hash"`
			Other int    `dynamo:"other" index:"by-guild,hash"`
		}{}, field: "Other", attribute: "other",
			problem: `index "by-guild" has a second hash key, beside One; keep one`},
		{rule: "two range keys", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash"`
			One   int    `dynamo:"one" index:"by-guild,range"`
			Other int    `dynamo:"other" index:"by-guild,range"`
		}{}, field: "Other", attribute: "other",
			problem: `index "by-guild" has a second range key, beside One; keep one`},
		{rule: "one field as both keys", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-id,hash;by-id,range"`
		}{}, field: "ID", attribute: "id",
			problem: `index "by-id" has one field as both its keys; use two fields`},
		{rule: "a local index of the table's hash key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" localIndex:"by-id,range"`
			At    int    `dynamo:"at,range"`
		}{}, field: "ID", attribute: "id", problem: `index "by-id" has one field as both its keys`},
		{rule: "a local index without a range key in the table", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at" localIndex:"by-time,range"`
		}{}, field: "At", attribute: "at",
			problem: `index "by-time" is local, which only a table with a range key has; make it a global one with the tag index`},
		{rule: "a local index with a hash key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,range"`
			Name  string `dynamo:"name" localIndex:"by-name,hash"`
		}{}, field: "Name", attribute: "name",
			problem: `index "by-name" is local, so its hash key is the table's; declare only its range key, or a global one`},
		{rule: "global and local", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,range" index:"by-name,range"`
			Name  string `dynamo:"name" localIndex:"by-name,range"`
		}{}, field: "Name", attribute: "name",
			problem: `index "by-name" is declared with the tag index and with localIndex; keep one`},
		{rule: "a projection at the range key", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-id,hash"`
			At    int    `dynamo:"at" index:"by-id,range,keys_only"`
		}{}, field: "At", attribute: "at",
			problem: `index "by-id" says at its range key what it projects; say it at its hash key`},
		{rule: "an unknown attribute projected", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Name  string `dynamo:"name" index:"by-name,hash,include=nmae"`
		}{}, field: "Name", attribute: "name",
			problem: `has no attribute "nmae"; did you mean "name"?`},
		{rule: "an unknown attribute projected into a local index", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,range"`
			Name  string `dynamo:"name" localIndex:"by-name,range,include=Guild"`
		}{}, field: "Name", attribute: "name",
			problem: `has no attribute "Guild"; give an attribute's name, as it stands in the tags`},
		{rule: "an attribute projected twice", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Name  string `dynamo:"name" index:"by-name,hash,include=id+id"`
		}{}, field: "Name", attribute: "name",
			problem: `index "by-name" includes the attribute "id" twice; remove one of the two`},
		{rule: "a name of two characters", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"id,hash"`
		}{}, field: "ID", attribute: "id",
			problem: `the index name "id" is not one that DynamoDB takes; use 3 to 255 characters`},
		{rule: "a name with a space", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by id,hash"`
		}{}, field: "ID", attribute: "id",
			problem: `the index name "by id" is not one that DynamoDB takes`},
		{rule: "a name with a hash sign, local", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,range" localIndex:"by#at,range"`
		}{}, field: "At", attribute: "at",
			problem: `the index name "by#at" is not one that DynamoDB takes`},
		{rule: "6 local indexes", model: modelWithIndexes("localIndex", 6),
			problem: "the model has 6 local indexes, and a table has 5 at most; remove some, or " +
				"make them global ones"},
	})
}

// A table has at most 5 local indexes. The number of global ones is limited only by the account's
// quota.
func TestIndexLimits(t *testing.T) {
	t.Parallel()
	for tag, n := range map[string]int{"index": 50, "localIndex": 5} {
		made, err := makeSchema(reflect.TypeOf(modelWithIndexes(tag, n)))
		require.NoError(t, err)
		require.Len(t, made.indexes, n)
	}
}

// modelWithIndexes makes a model with n indexes of one field each.
func modelWithIndexes(tag string, n int) any {
	fields := []reflect.StructField{
		{Name: "Model", Type: modelType, Anonymous: true, Tag: `dynamo:"users"`},
		{Name: "ID", Type: reflect.TypeFor[string](), Tag: `dynamo:"id,hash"`},
		{Name: "At", Type: reflect.TypeFor[string](), Tag: `dynamo:"at,range"`},
	}
	key := map[string]string{"index": "hash", "localIndex": "range"}[tag]
	for i := range n {
		fields = append(fields,
			reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[int](),
				Tag: reflect.StructTag(
					fmt.Sprintf("%s:%q", tag, fmt.Sprintf("index-%d,%s", i, key)))})
	}
	return reflect.Zero(reflect.StructOf(fields)).Interface()
}
