package dynamapper

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
					Options: tagOptions{version: true}},
				{Go: "Renewed.Since", Attribute: "since", Path: []int{2, 1}, Wire: wire.S,
					Options: tagOptions{created: true}},
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
					Options: tagOptions{document: true}}},
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
				Options: tagOptions{hash: true}},
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
