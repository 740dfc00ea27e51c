package dynamapper

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Types that the models of the tests embed.
type (
	Audited struct {
		CreatedBy string `dynamo:"created_by"`
		Note      string `dynamo:"note"`
	}
	unexportedBase struct {
		ID string `dynamo:"id,hash"`
	}
	Outer struct {
		Inner
		Depth int `dynamo:"depth"`
	}
	Inner struct {
		Depth int `dynamo:"depth"` // hidden by Outer.Depth
		Core  int `dynamo:"core"`
	}
	WithModel struct {
		Model `dynamo:"users,document"`
		ID    string `dynamo:"id,hash"`
	}
	Labels       map[string]string
	Level        int
	hiddenLevel  int
	EmbeddedTime struct{ time.Time }
	Renewed      struct {
		Rev   int       `dynamo:"rev,version"`
		Since time.Time `dynamo:"since,created"`
	}
	AuditedPointer struct {
		*Audited
	}
)

// Each row is a small struct that shows one rule of anonymous structs, and the fields that the
// struct has.
func TestFlatten(t *testing.T) {
	t.Parallel()
	audited := func(goPath string, path ...int) []plannedField {
		return []plannedField{
			{Go: goPath + ".CreatedBy", Attribute: "created_by",
				Path: append(path[:len(path):len(path)], 0), Wire: wire.S},
			{Go: goPath + ".Note", Attribute: "note", Path: append(path[:len(path):len(path)], 1),
				Wire: wire.S},
		}
	}
	behind := func(pointer string, fields []plannedField) []plannedField {
		for i := range fields {
			fields[i].Behind = pointer
		}
		return fields
	}
	for _, row := range []struct {
		rule  string
		model any
		want  []plannedField // without the hash key
	}{
		{
			rule: "the fields of an anonymous struct count as the struct's own",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				Audited
			}{},
			want: audited("Audited", 2),
		}, {
			rule: "at any depth; of two with one name the one less deep wins: Outer.Depth",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				Outer
			}{},
			want: []plannedField{
				{Go: "Outer.Inner.Core", Attribute: "core", Path: []int{2, 0, 1}, Wire: wire.N},
				{Go: "Outer.Depth", Attribute: "depth", Path: []int{2, 1}, Wire: wire.N},
			},
		}, {
			rule: "the one less deep wins by the attribute's name, not by Go's: Note is " +
				"another, CreatedBy is hidden",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				Note  int    `dynamo:"remark"`
				Maker int    `dynamo:"created_by"`
				Audited
			}{},
			want: []plannedField{
				{Go: "Note", Attribute: "remark", Path: []int{2}, Wire: wire.N},
				{Go: "Maker", Attribute: "created_by", Path: []int{3}, Wire: wire.N},
				audited("Audited", 4)[1],
			},
		}, {
			rule: "behind a pointer too, and it may be nil",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				*Audited
			}{},
			want: behind("Audited", audited("Audited", 2)),
		}, {
			rule: "the pointer on the way may be anywhere",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				AuditedPointer
			}{},
			want: behind("AuditedPointer.Audited", audited("AuditedPointer.Audited", 2, 0)),
		}, {
			rule: "what the mapper renews may be there too: a save that fails makes the pointer " +
				"nil again",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				*Renewed
			}{},
			want: behind("Renewed", []plannedField{
				{Go: "Renewed.Rev", Attribute: "rev", Path: []int{2, 0}, Wire: wire.N,
					Options: tag.Options{Version: true}},
				{Go: "Renewed.Since", Attribute: "since", Path: []int{2, 1}, Wire: wire.S,
					Options: tag.Options{Created: true}},
			}),
		}, {
			rule: "of several pointers on the way the first counts",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				*AuditedPointer
			}{},
			want: behind("AuditedPointer", audited("AuditedPointer.Audited", 2, 0)),
		}, {
			rule: "one with a name in its tag is one attribute",
			model: struct {
				Model   `dynamo:"users"`
				ID      string `dynamo:"id,hash"`
				Audited `dynamo:"audit,document"`
			}{},
			want: []plannedField{
				{Go: "Audited", Attribute: "audit", Path: []int{2}, Wire: wire.M,
					Options: tag.Options{Document: true}}},
		}, {
			rule: "one with a dash is skipped",
			model: struct {
				Model    `dynamo:"users"`
				ID       string `dynamo:"id,hash"`
				*Audited `dynamo:"-"`
			}{},
		}, {
			rule: "embedded types that are no structs are fields, where they are exported",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				Labels
				*Level
				hiddenLevel
			}{},
			want: []plannedField{
				{Go: "Labels", Attribute: "Labels", Path: []int{2}, Wire: wire.S},
				{Go: "Level", Attribute: "Level", Path: []int{3}, Wire: wire.N},
			},
		}, {
			rule: "embedded structs with a codec of their own are fields; a struct that embeds " +
				"one has its codec by promotion",
			model: struct {
				Model `dynamo:"users"`
				ID    string `dynamo:"id,hash"`
				time.Time
				*netip.Addr
				EmbeddedTime
			}{},
			want: []plannedField{
				{Go: "Time", Attribute: "Time", Path: []int{2}, Wire: wire.S},
				{Go: "Addr", Attribute: "Addr", Path: []int{3}, Wire: wire.S},
				{Go: "EmbeddedTime", Attribute: "EmbeddedTime", Path: []int{4}, Wire: wire.S},
			},
		},
	} {
		t.Run(row.rule, func(t *testing.T) {
			made, err := makeSchema(reflect.TypeOf(row.model))
			require.NoError(t, err)
			got := describePlan(made)
			require.Equal(t, append([]plannedField{hashID}, row.want...), got.Fields)
			for i, f := range made.fields {
				require.Equal(t, i, f.number)
				require.Same(t, f, made.byAttribute[f.attribute])
			}
		})
	}
}

// Model and the keys may come from an anonymous struct, exported or not. The fields are in source
// order.
func TestFlattenFindsModel(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[struct {
		First int `dynamo:"first"`
		unexportedBase
		Between struct{ Model string }
		Last    struct {
			A int
		} `dynamo:"last"`
		Holder
	}]())
	require.NoError(t, err)
	require.Equal(t, []int{4, 0}, made.modelPath)
	require.Equal(t, planned{
		Table: "users", Hash: "unexportedBase.ID", Model: []int{4, 0},
		Fields: []plannedField{
			{Go: "First", Attribute: "first", Path: []int{0}, Wire: wire.N},
			{Go: "unexportedBase.ID", Attribute: "id", Path: []int{1, 0}, Wire: wire.S,
				Options: tag.Options{Hash: true}},
			{Go: "Between", Attribute: "Between", Path: []int{2}, Wire: wire.S},
			{Go: "Last", Attribute: "last", Path: []int{3}, Wire: wire.S},
		},
	}, describePlan(made))

	made, err = makeSchema(reflect.TypeFor[struct{ WithModel }]())
	require.NoError(t, err)
	require.Equal(t, []int{0, 0}, made.modelPath)
	require.Equal(t, "users", made.table)
}

type Holder struct {
	Model `dynamo:"users"`
}

// A model inside a document is an ordinary struct, and its Model is not a member.
func TestModelInsideADocument(t *testing.T) {
	t.Parallel()
	type inside struct {
		Model `dynamo:"inside"`
		Name  string `dynamo:"name"`
	}
	plan, err := newCodecMaker().makeStructPlan(reflect.TypeFor[inside]())
	require.NoError(t, err)
	require.Equal(t, []plannedField{{Go: "Name", Attribute: "name", Path: []int{1}, Wire: wire.S}},
		describeFields(plan.fields))
}

// valueIn and settableIn follow the path of a field; only settableIn allocates the structs on the
// way.
func TestFieldAccess(t *testing.T) {
	t.Parallel()
	type model struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
		AuditedPointer
		Outer
	}
	made, err := makeSchema(reflect.TypeFor[model]())
	require.NoError(t, err)

	item := model{ID: "waldo", Outer: Outer{Depth: 1, Inner: Inner{Core: 2, Depth: 3}}}
	holder := reflect.ValueOf(&item).Elem()
	for attribute, want := range map[string]any{"id": "waldo", "depth": 1, "core": 2} {
		got, ok := made.byAttribute[attribute].valueIn(holder)
		require.True(t, ok, attribute)
		require.Equal(t, want, got.Interface(), attribute)
	}

	note := made.byAttribute["note"]
	_, ok := note.valueIn(holder)
	require.False(t, ok, "the pointer on the way is nil")
	require.Nil(t, item.Audited)
	note.settableIn(holder).SetString("hello")
	require.Equal(t, &Audited{Note: "hello"}, item.Audited)
	got, ok := note.valueIn(holder)
	require.True(t, ok)
	require.Equal(t, "hello", got.String())
}

// A field inside unexported anonymous structs can be read and set, whatever lies between.
func TestFieldAccessThroughUnexportedStructs(t *testing.T) {
	t.Parallel()
	type deep struct {
		*Audited
	}
	type model struct {
		Holder
		unexportedBase
		deep
	}
	made, err := makeSchema(reflect.TypeFor[model]())
	require.NoError(t, err)
	var item model
	holder := reflect.ValueOf(&item).Elem()
	for _, f := range made.fields {
		f.settableIn(holder).SetString(f.attribute)
	}
	require.Equal(t,
		model{unexportedBase: unexportedBase{ID: "id"},
			deep: deep{&Audited{CreatedBy: "created_by", Note: "note"}}}, item)
	require.Same(t, &item.Model, holder.FieldByIndex(made.modelPath).Addr().Interface())
}

// In a deep model, appending the index of one field must not change the path of another.
func TestPathsAreNotShared(t *testing.T) {
	t.Parallel()
	type (
		third  struct{ A, B, C int }
		second struct{ third }
		first  struct{ second }
	)
	made, err := makeSchema(reflect.TypeFor[struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
		first
	}]())
	require.NoError(t, err)
	var paths []string
	for _, f := range made.fields {
		paths = append(paths, fmt.Sprint(f.path))
	}
	require.Equal(t, []string{"[1]", "[2 0 0 0]", "[2 0 0 1]", "[2 0 0 2]"}, paths)
}

// An option that does not suit the field's type is refused.
func TestRefusedOptionsForTheType(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		option  string
		field   any
		problem string
	}{
		{"set", "", `type string cannot be a set; use []T, map[T]struct{} or map[T]bool`},
		{"set", [2]string{}, `type [2]string cannot be a set; use []T`},
		{"set", []byte{}, `type []uint8 cannot be a set; use []T`},
		{"set", map[string]int{}, `type map[string]int cannot be a set; use []T`},
		{"set", address{}, `type dynamapper.address cannot be a set; use []T`},
		{"set", []bool{},
			`its members are bool, and DynamoDB has sets of strings, numbers and bytes`},
		{"set", []any{}, `its members are interface {}`},
		{"set", []address{}, `its members are dynamapper.address`},
		{"set", [][]string{}, `its members are []string`},
		{"set", []*string{}, `its members are *string`},
		{"document", "",
			`option "document" is for structs, maps, slices and any, and the field is of type string; remove the option`},
		{"document", time.Time{},
			`option "document" is for structs, maps, slices and any, and the field is of type time.Time`},
		{"document", []byte{}, `and the field is of type []uint8; remove the option`},
		{"json", 0,
			`option "json" is for structs, maps, slices and any, and the field is of type int; remove the option`},
		{"json", big.Int{}, `and the field is of type big.Int; remove the option`},
		{"unixtime", "",
			`option "unixtime" is for time.Time, and the field is of type string; change the type, or remove the option`},
		{"unixmilli", 0, `option "unixmilli" is for time.Time, and the field is of type int`},
		{"unixtime", 0, `option "unixtime" is for time.Time, and the field is of type int`},
		{"set,unixtime", []string{},
			`option "unixtime" is for time.Time, and the field is of type []string`},
		{"set,unixtime", map[int]bool{},
			`option "unixtime" is for time.Time, and the field is of type map[int]bool`},
		{"unixtime", []time.Time{},
			`option "unixtime" is for time.Time, and the field is of type []time.Time`},
		{"layout=DateOnly", "",
			`option "layout" is for time.Time, and the field is of type string`},
		{"set,layout=DateOnly", []string{},
			`option "layout" is for time.Time, and the field is of type []string`},
		{"ttl", "",
			`option "ttl" is for time.Time and integers, and the field is of type string; use time.Time`},
		{"ttl", 1.5,
			`option "ttl" is for time.Time and integers, and the field is of type float64`},
		{"ttl", []time.Time{}, `option "ttl" is for time.Time and integers`},
		{"version", 1.5,
			`option "version" is for integers and strings, and the field is of type float64; use int64, or string`},
		{"version", new(int),
			`option "version" is for integers and strings, and the field is of type *int`},
		{"version", time.Time{},
			`option "version" is for integers and strings, and the field is of type time.Time`},
		{"version", json.Number(""),
			`option "version" is for integers and strings, and the field is of type json.Number`},
		{"created", 0,
			`option "created" is for time.Time, and the field is of type int; use time.Time`},
		{"created", &time.Time{},
			`option "created" is for time.Time, and the field is of type *time.Time; use time.Time`},
		{"updated", "",
			`option "updated" is for time.Time, and the field is of type string; use time.Time`},
		{"updated", &time.Time{},
			`option "updated" is for time.Time, and the field is of type *time.Time`},
		{"", new(*int), `type **int is a pointer to a pointer, which cannot be stored; use *int`},
		{"", pointerToItself(nil), `type dynamapper.pointerToItself is a pointer to a pointer`},
	} {
		testOneField(t, row.option, row.field, row.problem)
	}
}

type pointerToItself *pointerToItself

// testOneField requires that a field of the type is refused with the option.
func testOneField(t *testing.T, option string, value any, problem string) {
	t.Helper()
	tag := fmt.Sprintf("dynamo:%q", strings.TrimSuffix("a,"+option, ","))
	model := reflect.StructOf([]reflect.StructField{
		{Name: "Model", Type: modelType, Anonymous: true, Tag: `dynamo:"users"`},
		{Name: "ID", Type: reflect.TypeFor[string](), Tag: `dynamo:"id,hash"`},
		{Name: "A", Type: reflect.TypeOf(value), Tag: reflect.StructTag(tag)},
	})
	testRefusals(t,
		[]refusal{
			{rule: fmt.Sprintf("%s of %T", option, value), model: reflect.Zero(model).Interface(),
				field: "A", attribute: "a", problem: problem}})
}

// Options that exclude each other, and invalid values of options, are refused.
func TestRefusedOptionPairs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		option  string
		field   any
		problem string
	}{
		{"document,json", address{}, `options "document" and "json" exclude each other; keep one`},
		{"set,document", []string{}, `options "set" and "document" exclude each other; keep one`},
		{"set,json", []string{}, `options "set" and "json" exclude each other; keep one`},
		{"unixmilli,layout=DateOnly", time.Time{},
			`options "unixmilli" and "layout" exclude each other; keep one`},
		{"unixmilli,unixtime", time.Time{},
			`options "unixtime" and "unixmilli" exclude each other; keep one`},
		{"unixmilli,ttl", time.Time{}, `options "ttl" and "unixmilli" exclude each other`},
		{"unixtime,layout=DateOnly", time.Time{},
			`options "unixtime" and "layout" exclude each other; keep one`},
		{"ttl,layout=DateOnly", time.Time{},
			`options "ttl" and "layout" exclude each other, as DynamoDB's TTL wants seconds; remove "layout"`},
		{"ttl,created", time.Time{},
			`options "ttl" and "created" on one field, which would expire the item at once; use two fields`},
		{"ttl,version", 0, `options "ttl" and "version" on one field`},
		{"created,updated", time.Time{},
			`options "created" and "updated" on one field; use two fields`},
		{"range,version", 0,
			`option "version" on a key, which every write would change; use a field of its own`},
		{"range,updated", time.Time{},
			`option "updated" on a key, which every write would change; use a field of its own`},
		{"range,omitempty", 0, `option "omitempty" on a key, which cannot be missing; remove it`},
		{"version,omitempty", 0,
			`option "omitempty" on the version, which is never empty; remove it`},
		{"version,default=1", 0,
			`option "default" on the version, which the mapper sets; remove it`},
		{"hsh", "", `option "hsh" is not known; did you mean "hash"?`},
		{"set,omitEmpty", []string{}, `option "omitEmpty" is not known; did you mean "omitempty"?`},
		{"set=true", []string{}, `option "set" takes no value; write only "set"`},
		// Defaults that do not parse, or whose value cannot be stored.
		{"default=x", 0,
			`default "x" is not a value that type int can store; write an integer that fits it`},
		{"default=", 0, `default "" is not a value that type int can store`},
		{"default=128", int8(0),
			`default "128" is not a value that type int8 can store; write an integer that fits it`},
		{"default=-1", uint(0),
			`default "-1" is not a value that type uint can store; write an integer that fits it`},
		{"default=yes", false,
			`default "yes" is not a value that type bool can store; write true or false`},
		{"default=1,5", 1.5, `a value of "default" with a comma stands in single quotes`},
		{"default='1,5'", 1.5,
			`default "1,5" is not a value that type float64 can store; write a number`},
		{"default=NaN", 1.5, `default "NaN" is not a value that type float64 can store`},
		{"default=1e200", 1.5, `default "1e200" is not a value that type float64 can store`},
		{"default=1e39", float32(0), `default "1e39" is not a value that type float32 can store`},
		{"default=0x10", json.Number(""),
			`default "0x10" is not a value that type json.Number can store; write a number`},
		{"default=x", big.Int{},
			`default "x" is not a value that type big.Int can store; write text that its UnmarshalText takes`},
		{"default=\xff", "", `is not a value that type string can store; write valid UTF-8`},
		{"default=today", time.Time{},
			`default "today" is not a value that type time.Time can store; write a time such as 2012-05-31T12:00:00Z, or now`},
		{"default=2012-05-31,unixtime", &time.Time{},
			`default "2012-05-31" is not a value that type time.Time can store`},
		{"default=31.5.2012,layout=DateOnly", time.Time{},
			`write a time in the layout "2006-01-02", or now`},
		{"default=now", 0, `default "now" is not a value that type int can store`},
		{"default=x", []string{},
			`option "default" is for scalars, and the field is of type []string; set it in the hook InitItem`},
		{"default=x,set", []string{}, `option "default" is for scalars`},
		{"default=x", []byte{},
			`option "default" is for scalars, and the field is of type []uint8`},
		{"default={}", map[string]int{},
			`option "default" is for scalars, and the field is of type map[string]int`},
		{"default=x", &address{},
			`option "default" is for scalars, and the field is of type *dynamapper.address`},
		{"default", 0, `option "default" needs a value; write "default=VALUE"`},
		// Layouts whose text does not parse back.
		{"layout=hello", time.Time{},
			`layout "hello" does not read back what it writes; take one of package time, such as DateOnly`},
		{"layout=yyyy-mm-dd", time.Time{}, `layout "yyyy-mm-dd" does not read back what it writes`},
		{"layout=2006-01-02 3:04", time.Time{},
			`layout "2006-01-02 3:04" is ambiguous, as it can read back another time than it wrote; separate its parts, or write PM beside the hour`},
		{"layout=200612", time.Time{}, `layout "200612" is ambiguous`},
		{"layout=Date", time.Time{}, `layout "Date" is not known; did you mean "DateOnly"?`},
		{"layout=dateonly", time.Time{},
			`layout "dateonly" is not known; did you mean "DateOnly"?`},
		{"layout=RFC3393", time.Time{}, `layout "RFC3393" is not known; did you mean "RFC3339"?`},
		{"layout=RFC1123z", time.Time{},
			`layout "RFC1123z" is not known; did you mean "RFC1123Z"?`},
	} {
		testOneField(t, row.option, row.field, row.problem)
	}
	testRefusals(t, []refusal{{rule: "autoincrement and default", model: struct {
		Model `dynamo:"users"`
		ID    int `dynamo:"id,hash,autoincrement,default=1"`
	}{}, field: "ID", attribute: "id",
		problem: `options "autoincrement" and "default" exclude each other; keep one`}})
}

// Types that cannot be stored are refused at any depth, with their Go path.
func TestRefusedTypes(t *testing.T) {
	t.Parallel()
	type deepest struct {
		Bad  complex128
		Fine int
	}
	type middle struct{ Deepest []deepest }
	type outer struct {
		Middle map[string]*middle `dynamo:"middle" json:"middle"`
	}
	type hidden struct{ _, _ int }
	for _, row := range []struct {
		option  string
		field   any
		problem string
	}{
		{"", make(chan int),
			"type chan int cannot be stored; leave the field out with `dynamo:\"-\"`"},
		{"", func() {}, "type func() cannot be stored; leave the field out with `dynamo:\"-\"`"},
		{"", complex64(0), "type complex64 cannot be stored; leave the field out"},
		{"", new(chan int), "type chan int cannot be stored; leave the field out"},
		{"", []chan int{}, "type chan int cannot be stored; leave the field out"},
		{"document", []chan int{}, "type chan int cannot be stored; leave the field out"},
		{"", []io.Reader{},
			"the interface io.Reader cannot be decoded, because the table " +
				"does not store its Go type; use any, " +
				"or a type of its own"},
		{"document", map[string]error{},
			"the interface error cannot be decoded, because the table " +
				"does not store its Go type; use any"},
		{"", map[address]int{},
			"type dynamapper.address cannot be the key of a stored map; use a string, an integer"},
		{"document", map[float64]int{},
			"type float64 cannot be the key of a stored map; use a string, an integer"},
		{"document", hidden{},
			"type dynamapper.hidden has no exported field, and nothing of it would be stored; " +
				"add the methods MarshalText"},
		{"document", []hidden{}, "type dynamapper.hidden has no exported field"},
	} {
		testOneField(t, row.option, row.field, row.problem)
	}
	testRefusals(t, []refusal{
		{rule: "three levels down in a document", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Outer outer  `dynamo:"outer,document"`
		}{}, field: "Outer.Middle.Deepest.Bad", attribute: "outer.middle.Deepest.Bad",
			problem: "type complex128 cannot be stored"},
		{rule: "three levels down in JSON", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Outer outer  `dynamo:"outer"`
		}{}, field: "Outer.Middle.Deepest.Bad", attribute: "outer.middle.Deepest.Bad",
			problem: "type complex128 cannot be stored"},
		{rule: "an interface", model: struct {
			Model `dynamo:"users"`
			ID    string                 `dynamo:"id,hash"`
			Text  encoding.TextMarshaler `dynamo:"text"`
		}{}, field: "Text", attribute: "text",
			problem: "the interface encoding.TextMarshaler cannot be decoded"},
		{rule: "an option of the model inside a document", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Inner struct {
				Key string `dynamo:"key,hash"`
			} `dynamo:"inner,document"`
		}{}, field: "Inner.Key", attribute: "inner.key",
			problem: `option "hash" is for fields of the model itself, and this one stands in a document; remove it`},
		{rule: "an index inside a document", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Inner []struct {
				Key string `dynamo:"key" index:"by-key,hash"`
			} `dynamo:"inner,document"`
		}{}, field: "Inner.Key", attribute: "inner.key",
			problem: `option "index" is for fields of the model itself, and this one stands in a document; remove it`},
		{rule: "a misspelt option inside a document", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Inner struct {
				Key string `dynamo:"key,omitEmpty"`
			} `dynamo:"inner,document"`
		}{}, field: "Inner.Key", attribute: "inner.key", problem: `did you mean "omitempty"?`},
		{rule: "an option that does not fit inside a document", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Inner struct {
				Key []string `dynamo:"key,set,unixtime"`
			} `dynamo:"inner,document"`
		}{}, field: "Inner.Key", attribute: "inner.key",
			problem: `option "unixtime" is for time.Time`},
		{rule: "a pointer to a pointer inside a document", model: struct {
			Model `dynamo:"users"`
			ID    string                        `dynamo:"id,hash"`
			Inner struct{ Key pointerToItself } `dynamo:",document"`
		}{}, field: "Inner.Key", attribute: "Inner.Key",
			problem: "type dynamapper.pointerToItself is a pointer to a pointer"},
	})
}

// Fields that share a name, or that cannot be set, are refused.
func TestRefusedFields(t *testing.T) {
	t.Parallel()
	type first struct{ A int }
	type second struct{ A int }
	type itself struct {
		*Recursive
	}
	testRefusals(t, []refusal{
		{rule: "one attribute twice", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			One   int    `dynamo:"a"`
			Other int    `dynamo:"a"`
		}{}, field: "Other", attribute: "a",
			problem: "the field One has the same attribute; give one of the two another name, " +
				"or leave this one out with `dynamo:\"-\"`"},
		{rule: "one attribute by a tag and by a name", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			A     int
			Other int `dynamo:"A"`
		}{}, field: "Other", attribute: "A", problem: "the field A has the same attribute"},
		{rule: "one attribute by two embedded structs", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			first
			second
		}{}, field: "second.A", attribute: "A",
			problem: "the field first.A has the same attribute; give one of the two another name"},
		{rule: "one struct embedded by two", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			AuditedPointer
			AuditedAgain
		}{}, field: "AuditedAgain.Audited.CreatedBy", attribute: "created_by",
			problem: "the field AuditedPointer.Audited.CreatedBy has the same attribute"},
		{rule: "one attribute twice inside a document", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Inner struct {
				One   int `dynamo:"a"`
				Other int `dynamo:"a"`
			} `dynamo:"inner,document"`
		}{}, field: "Inner.Other", attribute: "inner.a",
			problem: "the field One has the same attribute"},
		{rule: "a tagged unexported field", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			name  string `dynamo:"name"`
		}{}, field: "name", attribute: "name",
			problem: "the field is tagged and not exported, so it cannot be filled; export it, " +
				"or remove the tag"},
		{rule: "an unexported field with an index", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			name  string `index:"by-name,hash"`
		}{}, field: "name", attribute: "name", problem: "the field is tagged and not exported"},
		{rule: "a tagged unexported embedded struct", model: struct {
			Model   `dynamo:"users"`
			ID      string `dynamo:"id,hash"`
			address `dynamo:"home"`
		}{}, field: "address", attribute: "home", problem: "the field is tagged and not exported"},
		{rule: "a pointer to an unexported struct embedded", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			*address
		}{}, field: "address",
			problem: "a pointer to the unexported struct dynamapper.address is embedded, which " +
				"cannot be filled; embed it by value"},
		{rule: "options on an embedded struct", model: struct {
			Model   `dynamo:"users"`
			ID      string `dynamo:"id,hash"`
			Audited `dynamo:",document"`
		}{}, field: "Audited",
			problem: "give the struct a name in the tag to store it as one attribute, or remove the " +
				"options"},
		{rule: "an index on an embedded struct", model: struct {
			Model   `dynamo:"users"`
			ID      string `dynamo:"id,hash"`
			Audited `index:"by-audit,hash"`
		}{}, field: "Audited",
			problem: "the fields of this embedded struct are attributes of their own"},
		{rule: "a skipped field with an index", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Name  string `dynamo:"-" index:"by-name,hash"`
		}{}, field: "Name", attribute: "Name",
			problem: "the tag index is on a field that `dynamo:\"-\"` leaves out; remove one of " +
				"the two"},
		{rule: "a struct that embeds itself", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Recursive
		}{}, field: "Recursive.Recursive",
			problem: "the struct dynamapper.Recursive embeds itself; give the field a name"},
		{rule: "a struct that embeds itself by another", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			itself
		}{}, field: "itself.Recursive.Recursive", problem: "embeds itself; give the field a name"},
		{rule: "a model that embeds itself", model: RecursiveModel{}, field: "RecursiveModel",
			problem: "embeds itself; give the field a name"},
		{rule: "a broken tag", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Name  string `dynamo:"name,default='x"`
		}{}, field: "Name", attribute: "name",
			problem: `option "default": the value's single quote is not closed; close it`},
		{rule: "a broken index tag", model: struct {
			Model `dynamo:"users"`
			ID    string `dynamo:"id,hash"`
			Name  string `dynamo:"name" localIndex:"by-name"`
		}{}, field: "Name", attribute: "name",
			problem: `index "by-name" does not say which of its keys the field is; write "by-name,range"`},
	})
}

type (
	Recursive    struct{ *Recursive }
	AuditedAgain struct {
		Audited
	}
	RecursiveModel struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
		*RecursiveModel
	}
)

// TableOf refuses such a tag of a model's field.
func TestTagKeysOfAModel(t *testing.T) {
	t.Parallel()
	type misspelt struct {
		Model `dynamo:"misspelt"`
		ID    string `dynamo:"id,hash"`
		Name  string `dynamodbav:"name"`
	}
	_, err := makeSchema(reflect.TypeFor[misspelt]())
	var schema *SchemaError
	require.ErrorAs(t, err, &schema)
	require.Equal(t, "Name", schema.Field)
	require.ErrorContains(t, err, "the tag dynamodbav would not be read")
}
