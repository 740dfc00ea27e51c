package dynamapper

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// planned is a schema as plain data without codecs, so that a test can compare all of it.
type planned struct {
	Table, Hash, Range, Version, Created, Updated, TTL string // Go paths of fields
	Autoincrement                                      bool
	Model                                              []int
	Fields                                             []plannedField
	Indexes                                            []plannedIndex
	Hooks                                              hooks
}

type plannedField struct {
	Go, Attribute string
	Path          []int
	Behind        string
	Wire          wire.Type
	Options       tag.Options
	Default       any
	DefaultNow    bool
}

type plannedIndex struct {
	Name        string
	Local       bool
	Hash, Range string
	KeysOnly    bool
	Include     []string
}

func describePlan(s *schema) planned {
	goPath := func(f *field) string {
		if f == nil {
			return ""
		}
		return f.goPath
	}
	goPaths := func(fields []*field) string {
		paths := make([]string, len(fields))
		for i, f := range fields {
			paths[i] = goPath(f)
		}
		return strings.Join(paths, ", ")
	}
	plan := planned{
		Table: s.table, Hash: goPath(s.hash), Range: goPath(s.rng), Version: goPath(s.version),
		Created: goPath(s.created),
		Updated: goPath(s.updated), TTL: goPath(s.ttl), Autoincrement: s.autoincrement,
		Model:  s.modelPath,
		Fields: describeFields(s.fields), Hooks: s.hooks,
	}
	for _, i := range s.indexes {
		plan.Indexes = append(plan.Indexes,
			plannedIndex{i.name, i.local, goPaths(i.keys.hash), goPaths(i.keys.rng), i.keysOnly, i.include})
	}
	return plan
}

func describeFields(fields []*field) []plannedField {
	var described []plannedField
	for _, f := range fields {
		one := plannedField{Go: f.goPath, Attribute: f.attribute, Path: f.path,
			Behind: f.viaPointer, Wire: f.codec.wire, Options: f.Options,
			DefaultNow: f.defaultNow}
		if f.defaultValue.IsValid() {
			one.Default = f.defaultValue.Interface()
		}
		described = append(described, one)
	}
	return described
}

// hashID is the hash key of most models in the tests, the second field of the struct.
var hashID = plannedField{Go: "ID", Attribute: "id", Path: []int{1}, Wire: wire.S,
	Options: tag.Options{Hash: true}}

type address struct {
	Street string `dynamo:"street"`
}

// Each row is a small struct that shows one rule, and its whole plan.
func TestMakeSchema(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule  string
		model any
		want  planned
	}{
		{
			rule: "the first element of a tag is the name: on Model it is the table's, on a " +
				"field the attribute's",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0},
				Fields: []plannedField{hashID}},
		}, {
			rule: "without a name, or without a tag, the attribute is named as the Go field; " +
				"without a table, TableOf gives one",
			model: struct {
				Model
				ID    string `dynamo:",hash"`
				Plain int
				Other int `json:"other"`
			}{},
			want: planned{Hash: "ID", Model: []int{0}, Fields: []plannedField{
				{Go: "ID", Attribute: "ID", Path: []int{1}, Wire: wire.S,
					Options: tag.Options{Hash: true}},
				{Go: "Plain", Attribute: "Plain", Path: []int{2}, Wire: wire.N},
				{Go: "Other", Attribute: "Other", Path: []int{3}, Wire: wire.N},
			}},
		}, {
			rule: "a dash skips, and so does a small letter",
			model: struct {
				Model    `dynamo:"users"`
				ID       string   `dynamo:"id,hash"`
				Skipped  chan int `dynamo:"-"`
				internal func()
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0},
				Fields: []plannedField{hashID}},
		}, {
			rule: "hash and range are the primary key",
			model: struct {
				Model `dynamo:"lines"`
				ID    string `dynamo:"id,hash"`
				At    int    `dynamo:"at,range"`
			}{},
			want: planned{Table: "lines", Hash: "ID", Range: "At", Model: []int{0},
				Fields: []plannedField{
					hashID,
					{Go: "At", Attribute: "at", Path: []int{2}, Wire: wire.N,
						Options: tag.Options{Range: true}},
				}},
		}, {
			rule: "partition and sort are the same options; keys are strings, numbers, bytes, " +
				"and pointers to them",
			model: struct {
				Model `dynamo:"lines"`
				ID    []byte     `dynamo:"id,partition"`
				At    *time.Time `dynamo:"at,sort,unixtime"`
			}{},
			want: planned{Table: "lines", Hash: "ID", Range: "At", Model: []int{0},
				Fields: []plannedField{
					{Go: "ID", Attribute: "id", Path: []int{1}, Wire: wire.B,
						Options: tag.Options{Hash: true}},
					{Go: "At", Attribute: "at", Path: []int{2}, Wire: wire.N,
						Options: tag.Options{Range: true, UnixTime: true}},
				}},
		}, {
			rule: "autoincrement",
			model: struct {
				Model `dynamo:"maps"`
				ID    uint32 `dynamo:"id,hash,autoincrement"`
			}{},
			want: planned{Table: "maps", Hash: "ID", Autoincrement: true, Model: []int{0},
				Fields: []plannedField{
					{Go: "ID", Attribute: "id", Path: []int{1}, Wire: wire.N,
						Options: tag.Options{Hash: true, Autoincrement: true}},
				}},
		}, {
			rule: "the fields that the mapper renews: an integer version",
			model: struct {
				Model   `dynamo:"users"`
				ID      string    `dynamo:"id,hash"`
				Rev     int       `dynamo:"rev,version"`
				Since   time.Time `dynamo:"since,created"`
				Changed time.Time `dynamo:"changed,updated,unixtime"`
				Until   time.Time `dynamo:"until,ttl"`
			}{},
			want: planned{Table: "users", Hash: "ID", Version: "Rev", Created: "Since",
				Updated: "Changed", TTL: "Until", Model: []int{0},
				Fields: []plannedField{
					hashID,
					{Go: "Rev", Attribute: "rev", Path: []int{2}, Wire: wire.N,
						Options: tag.Options{Version: true}},
					{Go: "Since", Attribute: "since", Path: []int{3}, Wire: wire.S,
						Options: tag.Options{Created: true}},
					{Go: "Changed", Attribute: "changed", Path: []int{4}, Wire: wire.N,
						Options: tag.Options{Updated: true, UnixTime: true}},
					{Go: "Until", Attribute: "until", Path: []int{5}, Wire: wire.N,
						Options: tag.Options{TTL: true}},
				}},
		}, {
			rule: "a version may be a string, and an index key; a ttl an integer, or a pointer",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				Rev   string `dynamo:"rev,version" index:"by-rev,hash"`
				Until *int64 `dynamo:"until,ttl"`
			}{},
			want: planned{Table: "users", Hash: "ID", Version: "Rev", TTL: "Until", Model: []int{0},
				Fields: []plannedField{
					hashID,
					{Go: "Rev", Attribute: "rev", Path: []int{2}, Wire: wire.S,
						Options: tag.Options{Version: true, IndexKey: true}},
					{Go: "Until", Attribute: "until", Path: []int{3}, Wire: wire.N,
						Options: tag.Options{TTL: true}},
				},
				Indexes: []plannedIndex{{Name: "by-rev", Hash: "Rev"}}},
		}, {
			rule: "sets: of slices and maps, behind a pointer, of times in a form",
			model: struct {
				Model `dynamo:"users"`
				ID    string                  `dynamo:"id,hash"`
				A     []string                `dynamo:"a,set"`
				B     map[int]struct{}        `dynamo:"b,set"`
				C     map[[4]byte]bool        `dynamo:"c,set"`
				D     *[]netip.Addr           `dynamo:"d,set"`
				E     []time.Time             `dynamo:"e,set,unixtime"`
				F     map[time.Time]struct{}  `dynamo:"f,set,layout=DateOnly"`
				G     map[netip.Addr]struct{} `dynamo:"g,set,omitempty"`
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0}, Fields: []plannedField{
				hashID,
				{Go: "A", Attribute: "a", Path: []int{2}, Wire: wire.SS,
					Options: tag.Options{Set: true}},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.NS,
					Options: tag.Options{Set: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.BS,
					Options: tag.Options{Set: true}},
				{Go: "D", Attribute: "d", Path: []int{5}, Wire: wire.SS,
					Options: tag.Options{Set: true}},
				{Go: "E", Attribute: "e", Path: []int{6}, Wire: wire.NS,
					Options: tag.Options{Set: true, UnixTime: true}},
				{Go: "F", Attribute: "f", Path: []int{7}, Wire: wire.SS,
					Options: tag.Options{Set: true, Layout: time.DateOnly}},
				{Go: "G", Attribute: "g", Path: []int{8}, Wire: wire.SS,
					Options: tag.Options{Set: true, OmitEmpty: true}},
			}},
		}, {
			rule: "structs, maps, slices and any are JSON, unless document",
			model: struct {
				Model `dynamo:"users"`
				ID    string         `dynamo:"id,hash"`
				A     address        `dynamo:"a"`
				B     map[string]int `dynamo:"b,json"`
				C     []int          `dynamo:"c,document"`
				D     *address       `dynamo:"d,document"`
				E     map[string]int `dynamo:"e,document"`
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0}, Fields: []plannedField{
				hashID,
				{Go: "A", Attribute: "a", Path: []int{2}, Wire: wire.S},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.S,
					Options: tag.Options{JSON: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.L,
					Options: tag.Options{Document: true}},
				{Go: "D", Attribute: "d", Path: []int{5}, Wire: wire.M,
					Options: tag.Options{Document: true}},
				{Go: "E", Attribute: "e", Path: []int{6}, Wire: wire.M,
					Options: tag.Options{Document: true}},
			}},
		}, {
			rule: "document in Model's tag: composite fields are native unless json; sets and " +
				"keys stay what they are",
			model: struct {
				Model `dynamo:" users , document "`
				ID    string   `dynamo:"id,hash"`
				A     address  `dynamo:"a"`
				B     address  `dynamo:"b,json"`
				C     []string `dynamo:"c,set"`
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0}, Fields: []plannedField{
				hashID,
				{Go: "A", Attribute: "a", Path: []int{2}, Wire: wire.M},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.S,
					Options: tag.Options{JSON: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.SS,
					Options: tag.Options{Set: true}},
			}},
		}, {
			rule: "times: text, seconds, a layout by its text and by its name",
			model: struct {
				Model `dynamo:"users"`
				ID    string     `dynamo:"id,hash"`
				A     time.Time  `dynamo:"a"`
				B     *time.Time `dynamo:"b,unixtime"`
				C     time.Time  `dynamo:"c,layout='Jan 2, 2006'"`
				D     *time.Time `dynamo:"d,layout=DateOnly"`
				E     time.Time  `dynamo:"e,layout=2006-01-02T15:04:05.000000-07:00"`
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0}, Fields: []plannedField{
				hashID,
				{Go: "A", Attribute: "a", Path: []int{2}, Wire: wire.S},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.N,
					Options: tag.Options{UnixTime: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.S,
					Options: tag.Options{Layout: "Jan 2, 2006"}},
				{Go: "D", Attribute: "d", Path: []int{5}, Wire: wire.S,
					Options: tag.Options{Layout: "2006-01-02"}},
				{Go: "E", Attribute: "e", Path: []int{6}, Wire: wire.S,
					Options: tag.Options{Layout: "2006-01-02T15:04:05.000000-07:00"}},
			}},
		}, {
			rule: "omitempty goes with any option that can be missing",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				A     int    `dynamo:",omitempty" index:"by-a,hash"`
				B     bool   `dynamo:"b,omitempty,default=true"`
			}{},
			want: planned{Table: "users", Hash: "ID", Model: []int{0}, Fields: []plannedField{
				hashID,
				{Go: "A", Attribute: "A", Path: []int{2}, Wire: wire.N,
					Options: tag.Options{OmitEmpty: true, IndexKey: true}},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.BOOL, Default: true,
					Options: tag.Options{OmitEmpty: true, DefaultText: "true", HasDefault: true}},
			}, Indexes: []plannedIndex{{Name: "by-a", Hash: "A"}}},
		},
	} {
		t.Run(row.rule, func(t *testing.T) {
			made, err := makeSchema(reflect.TypeOf(row.model))
			require.NoError(t, err)
			require.Equal(t, row.want, describePlan(made))
		})
	}
}

// The fields of a document are native unless they have json, at any depth, and keep the options for
// values.
func TestMakeStructPlan(t *testing.T) {
	t.Parallel()
	type line struct {
		SKU   string    `dynamo:"sku,omitempty"`
		Tags  []string  `dynamo:"tags,set"`
		Notes []string  `dynamo:"notes,json"`
		At    time.Time `dynamo:"at,layout=DateOnly"`
		Home  *address
	}
	plan, err := newCodecMaker().makeStructPlan(reflect.TypeFor[line]())
	require.NoError(t, err)
	require.Equal(t, []plannedField{
		{Go: "SKU", Attribute: "sku", Path: []int{0}, Wire: wire.S,
			Options: tag.Options{OmitEmpty: true}},
		{Go: "Tags", Attribute: "tags", Path: []int{1}, Wire: wire.SS,
			Options: tag.Options{Set: true}},
		{Go: "Notes", Attribute: "notes", Path: []int{2}, Wire: wire.S,
			Options: tag.Options{JSON: true}},
		{Go: "At", Attribute: "at", Path: []int{3}, Wire: wire.S,
			Options: tag.Options{Layout: time.DateOnly}},
		{Go: "Home", Attribute: "Home", Path: []int{4}, Wire: wire.M},
	}, describeFields(plan.fields))
}

// A type with its own codec is one attribute of any kind. It needs no option and is not JSON.
func TestTypesWithTheirOwnCodec(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[struct {
		Model `dynamo:"users"`
		ID    netip.Addr `dynamo:"id,hash"`
		A     big.Int
		B     *big.Float
		C     [16]byte
		D     types.AttributeValue
		E     map[string]types.AttributeValue
		F     *types.AttributeValueMemberSS
		G     any
	}]())
	require.NoError(t, err)
	var got []wire.Type
	for _, f := range made.fields {
		got = append(got, f.codec.wire)
	}
	require.Equal(t,
		[]wire.Type{wire.S, wire.N, wire.N, wire.B, wire.Invalid, wire.M, wire.Invalid, wire.S},
		got)
}

// Recursive types in both forms: direct, mutual, through slices, maps and pointers, and without
// other fields.
type (
	treeNode struct {
		Name     string               `dynamo:"name"`
		Next     *treeNode            `dynamo:"next"`
		Children []treeNode           `dynamo:"children"`
		ByName   map[string]*treeNode `dynamo:"by_name"`
		Text     *treeNode            `dynamo:"text,json"`
	}
	pingNode struct{ Pong *pongNode }
	pongNode struct {
		Ping  []pingNode
		Lists listOfLists
	}
	listOfLists []listOfLists
	mapOfMaps   map[string]mapOfMaps
)

func TestRecursiveTypes(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[struct {
		Model     `dynamo:"trees"`
		ID        string      `dynamo:"id,hash"`
		Tree      treeNode    `dynamo:"tree,document"`
		TreeText  treeNode    `dynamo:"tree_text"`
		Ping      *pingNode   `dynamo:"ping,document"`
		PingText  *pingNode   `dynamo:"ping_text"`
		Lists     listOfLists `dynamo:"lists,document"`
		ListsText listOfLists `dynamo:"lists_text"`
		Maps      mapOfMaps   `dynamo:"maps,document"`
		MapsText  mapOfMaps   `dynamo:"maps_text"`
	}]())
	require.NoError(t, err)
	for _, f := range made.fields[1:] {
		form := map[bool]wire.Type{true: wire.M, false: wire.S}[f.Document]
		if f.attribute == "lists" {
			form = wire.L
		}
		require.Equal(t, form, f.codec.wire, f.attribute)
	}
}

// A recursive struct has one plan, which contains itself and has one codec.
func TestRecursiveStructsShareOnePlan(t *testing.T) {
	t.Parallel()
	maker := newCodecMaker()
	plan, err := maker.makeStructPlan(reflect.TypeFor[treeNode]())
	require.NoError(t, err)
	again, err := maker.makeStructPlan(reflect.TypeFor[treeNode]())
	require.NoError(t, err)
	require.Same(t, plan, again)
	require.Len(t, plan.fields, 5)
}

type cachedModel struct {
	Model `dynamo:"users"`
	ID    string `dynamo:"id,hash"`
}

type cachedBadModel struct {
	Model `dynamo:"users"`
	ID    string `dynamo:"id"`
}

// A type is parsed once, and an error is cached as well.
func TestSchemaCache(t *testing.T) {
	t.Parallel()
	var cache schemaCache
	first, err := cache.lookup(reflect.TypeFor[cachedModel]())
	require.NoError(t, err)
	second, err := cache.lookup(reflect.TypeFor[cachedModel]())
	require.NoError(t, err)
	require.Same(t, first, second)

	_, firstErr := cache.lookup(reflect.TypeFor[cachedBadModel]())
	_, secondErr := cache.lookup(reflect.TypeFor[cachedBadModel]())
	require.ErrorIs(t, firstErr, ErrSchema)
	require.Same(t, firstErr, secondErr)
}

// Tables of all mappers share the schema.
func TestTableOfUsesTheCache(t *testing.T) {
	t.Parallel()
	one, err := TableOf[cachedModel](offline())
	require.NoError(t, err)
	other, err := TableOf[cachedModel](&Mapper{client: offline().client, prefix: "staging-"},
		WithTableName("customers"))
	require.NoError(t, err)
	require.Same(t, one.untyped.schema, other.untyped.schema)
	require.Equal(t, []string{"users", "staging-customers"}, []string{one.Name(), other.Name()})
}

// Goroutines that use a new type at the same time all get the same schema.
func TestSchemaCacheConcurrently(t *testing.T) {
	t.Parallel()
	for range 50 {
		var cache schemaCache
		var got [32]*schema
		var failed [32]error
		var start, done sync.WaitGroup
		start.Add(1)
		for i := range got {
			done.Go(func() {
				start.Wait()
				got[i], _ = cache.lookup(reflect.TypeFor[cachedModel]())
				_, failed[i] = cache.lookup(reflect.TypeFor[cachedBadModel]())
			})
		}
		start.Done()
		done.Wait()
		for i := range got {
			require.Same(t, got[0], got[i])
			require.Same(t, failed[0], failed[i])
		}
	}
}

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
			rule: "up to four hash and four range attributes, in the order of the fields",
			model: struct {
				Model `dynamo:"matches"`
				ID    string `dynamo:"id,hash" index:"by-place,range"`
				A     string `dynamo:"a" index:"by-place,hash,include=c;full,hash"`
				B     int    `dynamo:"b" index:"by-place,hash;full,hash"`
				C     string `dynamo:"c" index:"full,hash"`
				D     string `dynamo:"d" index:"full,hash"`
				E     int    `dynamo:"e" index:"full,range;by-place,range"`
				F     string `dynamo:"f" index:"full,range"`
				G     []byte `dynamo:"g" index:"full,range"`
				H     string `dynamo:"h" index:"full,range"`
			}{},
			want: []plannedIndex{
				{Name: "by-place", Hash: "A, B", Range: "ID, E", Include: []string{"c"}},
				{Name: "full", Hash: "A, B, C, D", Range: "E, F, G, H"},
			},
		}, {
			rule: "in the order of their numbers, of hash and range attributes each; computed " +
				"attributes, too",
			model: struct {
				Model `dynamo:"matches"`
				ID    string   `dynamo:"id,hash" index:"by-place,hash=2;one,hash=1"`
				A     string   `dynamo:"a" index:"by-place,range=3"`
				B     string   `dynamo:"b" index:"by-place,hash=1;named,hash"`
				C     string   `dynamo:"c" index:"by-place,range=1"`
				_     Computed `dynamo:"d,format=D#{a}" index:"by-place,range=2;named,hash,keys_only"`
				E     string   `dynamo:"e" index:"named,range=2"`
				F     string   `dynamo:"f" index:"named,range=1"`
			}{},
			want: []plannedIndex{
				{Name: "by-place", Hash: "B, ID", Range: "C, _, A"},
				{Name: "one", Hash: "ID"},
				{Name: "named", Hash: "B, _", Range: "F, E", KeysOnly: true},
			},
		}, {
			rule: "the fields of an embedded struct are where it is embedded",
			model: struct {
				Model `dynamo:"matches"`
				ID    string `dynamo:"id,hash"`
				A     string `dynamo:"a" index:"by-place,hash"`
				indexedPlace
				B string `dynamo:"b" index:"by-place,hash"`
			}{},
			want: []plannedIndex{{Name: "by-place", Hash: "A, indexedPlace.City, B"}},
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

type indexedPlace struct {
	City string `dynamo:"city" index:"by-place,hash"`
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
		{rule: "five hash attributes", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash"`
			One   int    `dynamo:"one" index:"by-guild,hash"`
			Two   int    `dynamo:"two" index:"by-guild,hash"`
			Three int    `dynamo:"three" index:"by-guild,hash"`
			Four  int    `dynamo:"four" index:"by-guild,hash"`
		}{}, field: "Four", attribute: "four",
			problem: `index "by-guild" has 5 hash attributes, and DynamoDB takes 4 at most; remove ` +
				`some, or compute one attribute from several with the option "format"`},
		{rule: "five range attributes", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash"`
			One   int    `dynamo:"one" index:"by-guild,range=1"`
			Two   int    `dynamo:"two" index:"by-guild,range=2"`
			Three int    `dynamo:"three" index:"by-guild,range=3"`
			Four  int    `dynamo:"four" index:"by-guild,range=4"`
			Five  int    `dynamo:"five" index:"by-guild,range"`
		}{}, field: "Five", attribute: "five",
			problem: `index "by-guild" has 5 range attributes, and DynamoDB takes 4 at most`},
		{rule: "one attribute with a number and one without", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash"`
			One   int    `dynamo:"one" index:"by-guild,range=1"`
			Other int    `dynamo:"other" index:"by-guild,range"`
		}{}, field: "Other", attribute: "other",
			problem: `index "by-guild" numbers some of its range attributes and not this one; ` +
				`number all, as in range=1, or none`},
		{rule: "a gap in the numbers", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash=1"`
			Other int    `dynamo:"other" index:"by-guild,hash=3"`
		}{}, field: "Other", attribute: "other",
			problem: `index "by-guild" gives the number 3 to one of its 2 hash attributes; number ` +
				`them from 1 to 2`},
		{rule: "one number for two attributes", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash=1"`
			Other int    `dynamo:"other" index:"by-guild,hash=1"`
		}{}, field: "Other", attribute: "other",
			problem: `index "by-guild" gives the number 1 to this hash attribute and to ID; number ` +
				`them from 1 to 2`},
		{rule: "one field as two hash attributes", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash=1;by-guild,hash=2"`
		}{}, field: "ID", attribute: "id",
			problem: `index "by-guild" has the field twice; keep one`},
		{rule: "one field as a hash and a range attribute of several", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash;by-guild,range"`
			One   string `dynamo:"one" index:"by-guild,hash;by-guild,range"`
		}{}, field: "ID", attribute: "id",
			problem: `index "by-guild" has one field as both its keys; use two fields`},
		{rule: "a projection at two hash attributes", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash,keys_only"`
			One   string `dynamo:"one" index:"by-guild,hash,keys_only"`
		}{}, field: "One", attribute: "one",
			problem: `index "by-guild" says what it projects here and at ID; keep one`},
		{rule: "an unknown attribute projected at the second hash attribute", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash" index:"by-guild,hash"`
			One   string `dynamo:"one" index:"by-guild,hash,include=two"`
		}{}, field: "One", attribute: "one", problem: `index "by-guild": `},
		{rule: "a local index with two range keys", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			At    int    `dynamo:"at,range"`
			One   int    `dynamo:"one" localIndex:"by-guild,range"`
			Other int    `dynamo:"other" localIndex:"by-guild,range"`
		}{}, field: "Other", attribute: "other",
			problem: `index "by-guild" has a second range key, beside One, and a local index has ` +
				`one; keep one, or make it a global index with the tag index`},
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
