package dynamapper

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

type attributeMap = map[string]types.AttributeValue

// Models with hooks. The methods may have value receivers and may come from an embedded struct.
type (
	hooksOnPointer struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
	}
	hooksOnValue struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
	}
	hooksPromoted struct {
		Model `dynamo:"users"`
		hookBase
	}
	hookBase struct {
		ID string `dynamo:"id,hash"`
	}
)

func (*hooksOnPointer) InitItem()                                   {}
func (*hooksOnPointer) MarshalItem() (attributeMap, error)          { return nil, nil }
func (*hooksOnPointer) UnmarshalItem(attributeMap) error            { return nil }
func (*hooksOnPointer) MigrateItem(attributeMap) error              { return nil }
func (*hooksOnPointer) ValidateItem() error                         { return nil }
func (hooksOnValue) ValidateItem() error                            { return nil }
func (hooksOnValue) MarshalItem() (itemAsMap attributeMap, _ error) { return nil, nil }
func (*hookBase) InitItem()                                         {}

func TestHooks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule  string
		model reflect.Type
		want  hooks
	}{
		{"no hooks", reflect.TypeFor[cachedModel](), hooks{}},
		{"all hooks, on the pointer", reflect.TypeFor[hooksOnPointer](),
			hooks{init: true, marshal: true, unmarshal: true, migrate: true, validate: true}},
		{"value receivers are fine", reflect.TypeFor[hooksOnValue](),
			hooks{marshal: true, validate: true}},
		{"hooks of an embedded struct", reflect.TypeFor[hooksPromoted](), hooks{init: true}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			made, err := makeSchema(row.model)
			require.NoError(t, err)
			require.Equal(t, row.want, made.hooks)
		})
	}
}

// Models with a method that has the name of a hook but another signature.
type (
	wrongInit      struct{ hookModel }
	wrongMarshal   struct{ hookModel }
	wrongUnmarshal struct{ hookModel }
	wrongMigrate   struct{ hookModel }
	wrongValidate  struct{ hookModel }
	wrongVariadic  struct{ hookModel }
	hookModel      struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
	}
)

func (*wrongInit) InitItem() error                                        { return nil }
func (*wrongMarshal) MarshalItem() attributeMap                           { return nil }
func (wrongUnmarshal) UnmarshalItem(map[string]any) error                 { return nil }
func (*wrongMigrate) MigrateItem(attributeMap, int) (attributeMap, error) { return nil, nil }
func (*wrongValidate) ValidateItem() bool                                 { return true }
func (wrongVariadic) ValidateItem(...string) error                        { return nil }

// If two embedded structs have the same method, Go promotes neither.
type hookRival struct{ Note string }

func (*hookRival) InitItem() {}

func TestAmbiguousHook(t *testing.T) {
	t.Parallel()
	testRefusals(t, []refusal{{rule: "in two embedded structs", model: struct {
		Model `dynamo:"users"`
		hookBase
		hookRival
	}{}, problem: "two embedded structs have the hook InitItem, and Go promotes neither, so it " +
		"would never be called; give the model itself the method"}})
}

func TestRefusedHooks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		model any
		is    string
		want  string
	}{
		{wrongInit{}, "InitItem() error", "InitItem()"},
		{wrongMarshal{}, "MarshalItem() map[string]types.AttributeValue",
			"MarshalItem() (map[string]types.AttributeValue, error)"},
		{wrongUnmarshal{}, "UnmarshalItem(map[string]interface {}) error",
			"UnmarshalItem(map[string]types.AttributeValue) error"},
		{wrongMigrate{},
			"MigrateItem(map[string]types.AttributeValue, int) " +
				"(map[string]types.AttributeValue, error)",
			"MigrateItem(map[string]types.AttributeValue) error"},
		{wrongValidate{}, "ValidateItem() bool", "ValidateItem() error"},
		{wrongVariadic{}, "ValidateItem(...string) error", "ValidateItem() error"},
	} {
		testRefusals(t, []refusal{{rule: row.is, model: row.model,
			problem: "the method " + row.is +
				" is not the hook of that name, and would never be called; make it " + row.want +
				", or rename it"}})
	}
}
