package dynamapper

import (
	"encoding/json"
	"math/big"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// order computes its total when it is read.
type order struct{ Quantity, Price, Total int }

func (o *order) UnmarshalJSON(text []byte) error {
	type plain order
	if err := json.Unmarshal(text, (*plain)(o)); err != nil {
		return err
	}
	o.Total = o.Quantity * o.Price
	return nil
}

// A type may compute a field when it is read. A value that would be lost is refused when it is
// written.
func TestJSONMethodsThatComputeAField(t *testing.T) {
	t.Parallel()
	for _, value := range []order{{}, {2, 3, 6}, {2, 3, 0}} {
		_, err := encodeOne(t, reflect.ValueOf([]order{value}), "")
		require.NoError(t, err)
	}
	for _, value := range []any{[]order{{2, 3, 7}}, []forgetful{{1, 2}}, []readOnly{{1}}} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.ErrorContains(t, err, "not read back")
	}
}

// SelfEmbedded embeds itself.
type SelfEmbedded struct {
	*SelfEmbedded
	X int
}

type idOfOne struct{ ID int }

type idOfOther struct{ ID int }

// Structs that encoding/json would not write whole are refused, and no type or value makes the
// check recurse without end.
func TestStructsInJSON(t *testing.T) {
	t.Parallel()
	_, _, err := makeOneField(reflect.TypeFor[SelfEmbedded](), "")
	require.ErrorContains(t, err, "embeds itself")
	_, _, err = makeOneField(reflect.TypeFor[struct {
		idOfOne
		idOfOther
	}](), "")
	require.ErrorContains(t, err, `the fields idOfOne.ID and idOfOther.ID both have the name "ID"`)

	type coded struct {
		error
		Code int
	}
	text, err := encodeOne(t, reflect.ValueOf(map[string]any{"a": coded{Code: 1}}), "")
	require.NoError(t, err)
	require.JSONEq(t, `{"S":"{\"a\":{\"Code\":1}}"}`, text)

	type base struct{ Parent any }
	type shadowed struct {
		base
		Parent string
	}
	loop := &shadowed{Parent: "p"}
	loop.base.Parent = loop
	text, err = encodeOne(t, reflect.ValueOf(map[string]any{"a": loop}), "")
	require.NoError(t, err)
	require.JSONEq(t, `{"S":"{\"a\":{\"Parent\":\"p\"}}"}`, text)
}

// vague is a key of which several values have one text.
type vague int

func (v vague) MarshalText() ([]byte, error) {
	if v > 1 {
		return []byte("many"), nil
	}
	return []byte("one"), nil
}

func (v *vague) UnmarshalText(text []byte) error {
	if *v = 1; string(text) == "many" {
		*v = 2
	}
	return nil
}

// A map of which two keys have one text would lose a member.
func TestMapKeysOfOneTextInJSON(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		map[vague]string{1: "a", 2: "b"}, []map[vague][]string{{1: {"b"}, 2: {"b", "b"}}, {2: nil}},
		map[vague]map[vague]int{1: {1: 1}, 2: {1: 1, 2: 2}},
	} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.NoError(t, err)
	}
	for _, value := range []any{
		map[vague]string{2: "a", 3: "b"}, []map[vague]int{{}, {2: 1, 3: 2}},
		map[vague]map[vague]int{1: {1: 1}, 2: {4: 1, 2: 2}},
	} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.ErrorContains(t, err, "same text")
	}
}

// An attribute value of the SDK where JSON cannot replace it is refused, and presented unchanged.
func TestAttributeValuesInsideJSON(t *testing.T) {
	t.Parallel()
	text := &types.AttributeValueMemberS{Value: "x"}
	type holder struct {
		Item map[string]types.AttributeValue
	}
	for _, value := range []any{
		holder{map[string]types.AttributeValue{"k": text}}, &struct{ V types.AttributeValue }{text},
		map[string][]types.AttributeValue{"k": {text}},
		map[string]map[string]types.AttributeValue{"k": {"k": text}},
	} {
		v := reflect.ValueOf(map[string]any{"a": value})
		_, err := encodeOne(t, v, "")
		require.ErrorContains(t, err, "JSON has no form for an attribute value")
		require.NotPanics(t, func() { presentJSON(v) })
	}
}

// Each read of a document that the type cannot have returns an error with the same place.
func TestDocumentFormOfJSONIsRefusedAnew(t *testing.T) {
	t.Parallel()
	type twice struct{ P **int }
	f, holder := oneField(t, reflect.TypeFor[twice](), "")
	for range 3 {
		err := newDecoder(wire.NewReader(`{"M":{"P":{"N":"1"}}}`)).
			decodeField(f, reflect.New(holder).Elem())
		require.ErrorContains(t, err, "A.P (attribute a.P)")
		require.NotContains(t, err.Error(), "A.A")
	}
}

// Of two fields of one name at one depth, encoding/json writes the one with a json tag.
func TestTheTaggedFieldIsWritten(t *testing.T) {
	t.Parallel()
	type plain struct{ ID any }
	type tagged struct {
		Other any `json:"ID"`
	}
	type both struct {
		plain
		tagged
	}
	fields, err := writtenJSONFields(reflect.TypeFor[both]())
	require.NoError(t, err)
	require.Len(t, fields, 1)
	require.Equal(t, "Other", fields[0].Name)
	value := both{tagged: tagged{*big.NewInt(1)}}
	_, err = encodeOne(t, reflect.ValueOf(map[string]any{"a": value}), "")
	require.ErrorContains(t, err, "type big.Int is written by the method MarshalJSON of its pointer")
}
