package dynamapper

import (
	"math/big"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

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
	Options       tagOptions
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
	plan := planned{
		Table: s.table, Hash: goPath(s.hash), Range: goPath(s.rng), Version: goPath(s.version),
		Created: goPath(s.created),
		Updated: goPath(s.updated), TTL: goPath(s.ttl), Autoincrement: s.autoincrement,
		Model:  s.modelPath,
		Fields: describeFields(s.fields), Hooks: s.hooks,
	}
	for _, i := range s.indexes {
		plan.Indexes = append(plan.Indexes,
			plannedIndex{i.name, i.local, goPath(i.hash), goPath(i.rng), i.keysOnly, i.include})
	}
	return plan
}

func describeFields(fields []*field) []plannedField {
	var described []plannedField
	for _, f := range fields {
		one := plannedField{Go: f.goPath, Attribute: f.attribute, Path: f.path,
			Behind: f.viaPointer, Wire: f.codec.wire, Options: f.tagOptions,
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
	Options: tagOptions{hash: true}}

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
					Options: tagOptions{hash: true}},
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
						Options: tagOptions{rng: true}},
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
						Options: tagOptions{hash: true}},
					{Go: "At", Attribute: "at", Path: []int{2}, Wire: wire.N,
						Options: tagOptions{rng: true, unixtime: true}},
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
						Options: tagOptions{hash: true, autoincrement: true}},
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
						Options: tagOptions{version: true}},
					{Go: "Since", Attribute: "since", Path: []int{3}, Wire: wire.S,
						Options: tagOptions{created: true}},
					{Go: "Changed", Attribute: "changed", Path: []int{4}, Wire: wire.N,
						Options: tagOptions{updated: true, unixtime: true}},
					{Go: "Until", Attribute: "until", Path: []int{5}, Wire: wire.N,
						Options: tagOptions{ttl: true}},
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
						Options: tagOptions{version: true, indexKey: true}},
					{Go: "Until", Attribute: "until", Path: []int{3}, Wire: wire.N,
						Options: tagOptions{ttl: true}},
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
					Options: tagOptions{set: true}},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.NS,
					Options: tagOptions{set: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.BS,
					Options: tagOptions{set: true}},
				{Go: "D", Attribute: "d", Path: []int{5}, Wire: wire.SS,
					Options: tagOptions{set: true}},
				{Go: "E", Attribute: "e", Path: []int{6}, Wire: wire.NS,
					Options: tagOptions{set: true, unixtime: true}},
				{Go: "F", Attribute: "f", Path: []int{7}, Wire: wire.SS,
					Options: tagOptions{set: true, layout: time.DateOnly}},
				{Go: "G", Attribute: "g", Path: []int{8}, Wire: wire.SS,
					Options: tagOptions{set: true, omitEmpty: true}},
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
					Options: tagOptions{json: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.L,
					Options: tagOptions{document: true}},
				{Go: "D", Attribute: "d", Path: []int{5}, Wire: wire.M,
					Options: tagOptions{document: true}},
				{Go: "E", Attribute: "e", Path: []int{6}, Wire: wire.M,
					Options: tagOptions{document: true}},
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
					Options: tagOptions{json: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.SS,
					Options: tagOptions{set: true}},
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
					Options: tagOptions{unixtime: true}},
				{Go: "C", Attribute: "c", Path: []int{4}, Wire: wire.S,
					Options: tagOptions{layout: "Jan 2, 2006"}},
				{Go: "D", Attribute: "d", Path: []int{5}, Wire: wire.S,
					Options: tagOptions{layout: "2006-01-02"}},
				{Go: "E", Attribute: "e", Path: []int{6}, Wire: wire.S,
					Options: tagOptions{layout: "2006-01-02T15:04:05.000000-07:00"}},
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
					Options: tagOptions{omitEmpty: true, indexKey: true}},
				{Go: "B", Attribute: "b", Path: []int{3}, Wire: wire.BOOL, Default: true,
					Options: tagOptions{omitEmpty: true, defaultText: "true", hasDefault: true}},
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
			Options: tagOptions{omitEmpty: true}},
		{Go: "Tags", Attribute: "tags", Path: []int{1}, Wire: wire.SS,
			Options: tagOptions{set: true}},
		{Go: "Notes", Attribute: "notes", Path: []int{2}, Wire: wire.S,
			Options: tagOptions{json: true}},
		{Go: "At", Attribute: "at", Path: []int{3}, Wire: wire.S,
			Options: tagOptions{layout: time.DateOnly}},
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
		form := map[bool]wire.Type{true: wire.M, false: wire.S}[f.document]
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
	require.Same(t, one.schema, other.schema)
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
