package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
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

var errHook = errors.New("the hook refused")

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// defaulted has defaults in its tags and an InitItem hook.
type defaulted struct {
	Model `dynamo:"defaulted"`
	ID    string `dynamo:"id,hash"`
	Level int    `dynamo:"level,default=3"`
	Title string `dynamo:"title,default=Dr"`
	seen  int
}

func (d *defaulted) InitItem() { d.seen, d.Title = d.Level, d.Title+"." }

// InitItem runs after the defaults of the tags and before the caller's functions, and never when an
// item is loaded.
func TestInitItem(t *testing.T) {
	t.Parallel()
	table := tableOf[defaulted](t)
	item := table.New(func(d *defaulted) { d.ID = d.Title })
	require.Equal(t, &defaulted{ID: "Dr.", Level: 3, Title: "Dr.", seen: 3}, item)
	loaded, err := table.UnmarshalItem(map[string]types.AttributeValue{"id": textValue("1")})
	require.NoError(t, err)
	require.Zero(t, loaded.Level)
	require.Zero(t, loaded.Title)
	require.NoError(t, DecodeItem(map[string]types.AttributeValue{"id": textValue("1")}, loaded))
	require.Zero(t, loaded.Level)
}

// custom stores its words as one attribute and uses the codec for the others.
type custom struct {
	Model `dynamo:"custom"`
	ID    string   `dynamo:"id,hash"`
	Count int8     `dynamo:"count"`
	Words []string `dynamo:"-"`
}

func (c *custom) MarshalItem() (map[string]types.AttributeValue, error) {
	if len(c.Words) == 0 {
		return nil, errHook
	}
	raw, err := EncodeItem(c)
	if err == nil {
		raw["words"] = textValue(strings.Join(c.Words, " "))
	}
	return raw, err
}

func (c *custom) UnmarshalItem(raw map[string]types.AttributeValue) error {
	words, ok := raw["words"].(*types.AttributeValueMemberS)
	if !ok {
		return errHook
	}
	c.Words = strings.Fields(words.Value)
	return DecodeItem(raw, c)
}

// MarshalItem and UnmarshalItem replace the codec, and can call it for the other attributes.
func TestMarshalItemHook(t *testing.T) {
	t.Parallel()
	table := tableOf[custom](t)
	raw, err := table.MarshalItem(&custom{ID: "1", Count: 2, Words: []string{"a", "b"}})
	require.NoError(t, err)
	require.Equal(t,
		map[string]types.AttributeValue{"id": textValue("1"),
			"count": &types.AttributeValueMemberN{Value: "2"}, "words": textValue("a b")}, raw)

	loaded, err := table.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, loaded.Words)
	require.Equal(t, int8(2), loaded.Count)
	require.Equal(t, raw, table.Snapshot(loaded))
}

// MarshalItem returns the whole item: attributes that it omits are dropped, and unedited ones keep
// their spelling.
func TestMarshalItemHookIsTheWholeItem(t *testing.T) {
	t.Parallel()
	got := rewrite[custom](t,
		`{"id":{"S":"1"},"count":{"N":"1E1"},"words":{"S":"a   b"},"other":{"S":"x"}}`, nil)
	require.Equal(t,
		map[string]string{"id": `{"S":"1"}`, "count": `{"N":"1E1"}`, "words": `{"S":"a   b"}`}, got)
	got = rewrite(t, `{"id":{"S":"1"},"count":{"N":"1E1"},"words":{"S":"a   b"}}`,
		func(c *custom) { c.Words = append(c.Words, "c") })
	require.Equal(t,
		map[string]string{"id": `{"S":"1"}`, "count": `{"N":"1E1"}`, "words": `{"S":"a b c"}`}, got)
}

func TestMarshalItemHookErrors(t *testing.T) {
	t.Parallel()
	table := tableOf[custom](t)
	_, err := table.MarshalItem(&custom{ID: "1"})
	require.ErrorIs(t, err, errHook)
	_, err = table.UnmarshalItem(map[string]types.AttributeValue{"id": textValue("1")})
	require.ErrorIs(t, err, errHook)
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "custom", placed.Field)
	require.Equal(t, Key("1"), placed.Key)

	_, err = table.UnmarshalItem(
		map[string]types.AttributeValue{"id": textValue("1"), "words": textValue("a"),
			"count": &types.AttributeValueMemberN{Value: "300"}})
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "UnmarshalItem", placed.Op)
	require.Equal(t, "custom.Count", placed.Field, "the path of DecodeItem appears once")
	require.Equal(t, "count", placed.Attribute)

	_, err = table.MarshalItem(&custom{ID: "1", Words: []string{"\xff"}})
	require.ErrorContains(t, err, "not valid UTF-8")
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "words", placed.Attribute)
}

// outer has a hook that decodes another model.
type outer struct {
	Model `dynamo:"outer"`
	ID    string `dynamo:"id,hash"`
	inner custom
}

func (o *outer) UnmarshalItem(raw map[string]types.AttributeValue) error {
	if err := DecodeItem(raw, o); err != nil {
		return err
	}
	return DecodeItem(raw, &o.inner)
}

// If a hook decodes another model, the error of that model is wrapped unchanged.
func TestHookDecodesAnotherModel(t *testing.T) {
	t.Parallel()
	_, err := tableOf[outer](t).
		UnmarshalItem(
			map[string]types.AttributeValue{"id": textValue("1"), "count": textValue("x")})
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "outer", placed.Field)
	require.ErrorAs(t, placed.Err, &placed)
	require.Equal(t, "custom.Count", placed.Field)
}

// migrated renames an attribute, adds one and drops one.
type migrated struct {
	Model `dynamo:"migrated"`
	ID    string `dynamo:"id,hash"`
	Name  string `dynamo:"name"`
	Level int    `dynamo:"level"`
}

func (m *migrated) MigrateItem(raw map[string]types.AttributeValue) error {
	if raw["broken"] != nil {
		return fmt.Errorf("migrate: %w", errHook)
	}
	if old, ok := raw["oldName"]; ok {
		raw["name"] = old
		raw["level"] = &types.AttributeValueMemberN{Value: "1"}
		delete(raw, "oldName")
		delete(raw, "junk")
	}
	return nil
}

// MigrateItem receives a copy of the attributes before the codec decodes them. The snapshot stays
// as the item is stored, and a save removes the attributes that the hook deleted.
func TestMigrateItem(t *testing.T) {
	t.Parallel()
	table := tableOf[migrated](t)
	raw := map[string]types.AttributeValue{"id": textValue("1"), "oldName": textValue("x"),
		"junk": textValue("j"), "other": textValue("o")}
	item, err := table.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Equal(t, "x", item.Name)
	require.Equal(t, 1, item.Level)
	require.Len(t, raw, 4, "the caller's map is unchanged")
	require.Equal(t, raw, table.Snapshot(item))

	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	require.Equal(t,
		map[string]types.AttributeValue{"id": textValue("1"), "name": textValue("x"),
			"other": textValue("o"),
			"level": &types.AttributeValueMemberN{Value: "1"}}, written)

	_, err = table.UnmarshalItem(
		map[string]types.AttributeValue{"id": textValue("1"), "broken": textValue("")})
	require.ErrorIs(t, err, errHook)
	plain := new(migrated)
	require.NoError(t,
		DecodeItem(map[string]types.AttributeValue{"oldName": textValue("x")}, plain),
		"no hook is called")
	require.Empty(t, plain.Name)
}

// The codec returns errors for nil items and does not panic.
func TestNilItemsOfTheCodec(t *testing.T) {
	t.Parallel()
	table := tableOf[custom](t)
	_, err := table.MarshalItem(nil)
	require.ErrorIs(t, err, errNilItem)
	_, err = EncodeItem[custom](nil)
	require.ErrorIs(t, err, errNilItem)
	require.ErrorIs(t, DecodeItem[custom](nil, nil), errNilItem)
	_, err = EncodeItem(new(int))
	require.ErrorIs(t, err, ErrSchema)
	require.ErrorIs(t, DecodeItem(nil, new(int)), ErrSchema)
	require.NoError(t, DecodeItem(nil, &keeper{}))
	_, err = tableOf[keeper](t).UnmarshalItem(nil)
	require.ErrorIs(t, err, ErrNotFound)
	item, err := tableOf[keeper](t).UnmarshalItem(map[string]types.AttributeValue{})
	require.NoError(t, err)
	require.NotNil(t, item)
}
