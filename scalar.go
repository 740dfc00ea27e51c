package dynamapper

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

var errInvalidText = errors.New("the text is not valid UTF-8, and DynamoDB would store another one; store it as []byte")

// newTypeError refuses an attribute value of another type than the Go type can hold.
func newTypeError(got wire.Type, t reflect.Type, want string) error {
	return fmt.Errorf("the attribute is of type %s, and the Go type %s takes %s; change the field's type or options, or mend the item", got, t, want)
}

func makeStringCodec() *codec {
	return &codec{
		wire:  wire.S,
		empty: func(v reflect.Value) bool { return v.Len() == 0 },
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			return e.text(v.String())
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			if t != wire.S {
				return newTypeError(t, v.Type(), "S")
			}
			v.SetString(d.Text())
			return nil
		},
	}
}

// makeBoolCodec reads N 0 and 1 too, which is how the original mapper stored booleans.
func makeBoolCodec() *codec {
	return &codec{
		wire:  wire.BOOL,
		empty: nothingIsEmpty,
		encode: func(_ *encoder, v reflect.Value) (types.AttributeValue, error) {
			return &types.AttributeValueMemberBOOL{Value: v.Bool()}, nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			switch t {
			case wire.BOOL:
				v.SetBool(d.Bool())
				return nil
			case wire.N:
				value, err := boolOfNumber(d.Text())
				v.SetBool(value)
				return err
			}
			return newTypeError(t, v.Type(), "BOOL, or N 0 or 1")
		},
	}
}

func boolOfNumber(text string) (bool, error) {
	for value, number := range []string{"0", "1"} {
		if order, ok := wire.CompareNumbers(text, number); ok && order == 0 {
			return value == 1, nil
		}
	}
	return false, errors.New("the number is neither 0 nor 1, and a bool takes no other; mend the item")
}

func makeBytesCodec(t reflect.Type) *codec {
	made := &codec{
		wire:  wire.B,
		empty: func(v reflect.Value) bool { return v.Len() == 0 },
		encode: func(_ *encoder, v reflect.Value) (types.AttributeValue, error) {
			return &types.AttributeValueMemberB{Value: copyBytes(v)}, nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			if t != wire.B {
				return newTypeError(t, v.Type(), "B")
			}
			return setBytes(v, d.Bytes())
		},
	}
	if t.Kind() == reflect.Array {
		made.empty = func(v reflect.Value) bool { return v.IsZero() }
	}
	return made
}

// copyBytes takes the bytes of a slice or an array, for which reflect wants an addressable value.
func copyBytes(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(b), v)
	return b
}

func setBytes(v reflect.Value, b []byte) error {
	if v.Kind() == reflect.Slice {
		v.SetBytes(b)
		return nil
	}
	if len(b) != v.Len() {
		return fmt.Errorf("the attribute has %d bytes, and the Go type %s takes %d", len(b), v.Type(), v.Len())
	}
	reflect.Copy(v, reflect.ValueOf(b))
	return nil
}

// makeTextCodec stores what MarshalText writes.
func (m *codecMaker) makeTextCodec(t reflect.Type) (*codec, error) {
	if !implements(t, textUnmarshalerType) {
		return nil, fmt.Errorf("type %s has MarshalText and no UnmarshalText, and could not be read back; add it", t)
	}
	return &codec{
		wire:  wire.S,
		empty: func(v reflect.Value) bool { text, err := marshalText(v); return err == nil && text == "" },
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			text, err := marshalText(v)
			if err != nil {
				return nil, err
			}
			return e.text(text)
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			if t != wire.S {
				return newTypeError(t, v.Type(), "S")
			}
			text := d.Text()
			if d.Err() != nil {
				return d.Err()
			}
			return unmarshalText(v, text)
		},
	}, nil
}

// marshalText calls MarshalText on the value, or on a copy of it where only its pointer has the method.
func marshalText(v reflect.Value) (string, error) {
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Map) && v.IsNil() {
		return "", nil
	}
	marshaler, ok := v.Interface().(encoding.TextMarshaler)
	if !ok {
		marshaler = addressable(v).Addr().Interface().(encoding.TextMarshaler)
	}
	text, err := marshaler.MarshalText()
	return string(text), err
}

func unmarshalText(v reflect.Value, text string) error {
	return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
}

// addressable gives the value itself, or a copy that has an address.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	settable := reflect.New(v.Type()).Elem()
	settable.Set(v)
	return settable
}

// makeMarshalerCodec stores what the type's own methods say, those of package attributevalue.
func (m *codecMaker) makeMarshalerCodec(t reflect.Type) (*codec, error) {
	if !implements(t, marshalerType) || !implements(t, unmarshalerType) {
		return nil, fmt.Errorf("type %s has one of the methods MarshalDynamoDBAttributeValue and UnmarshalDynamoDBAttributeValue; "+
			"add the other, or what is written could not be read back", t)
	}
	return &codec{
		wire:  marshaledType(t),
		empty: nothingIsEmpty,
		encode: func(_ *encoder, v reflect.Value) (types.AttributeValue, error) {
			value, err := marshalAttributeValue(v)
			if err != nil || value != nil {
				return value, err
			}
			return nullValue(), nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			value := d.rest(t)
			if d.Err() != nil {
				return d.Err()
			}
			return v.Addr().Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(value)
		},
	}, nil
}

func marshalAttributeValue(v reflect.Value) (types.AttributeValue, error) {
	marshaler, ok := v.Interface().(attributevalue.Marshaler)
	if !ok {
		marshaler = addressable(v).Addr().Interface().(attributevalue.Marshaler)
	}
	return marshaler.MarshalDynamoDBAttributeValue()
}

// marshaledType asks a Marshaler for the type of its zero value: without it one could not say whether it can be a key.
func marshaledType(t reflect.Type) wire.Type {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Map {
		return wire.Invalid
	}
	value, err := marshalAttributeValue(reflect.New(t).Elem())
	if err != nil {
		return wire.Invalid
	}
	return typeOf(value)
}

// typeOf gives the descriptor of an attribute value.
func typeOf(value types.AttributeValue) wire.Type {
	switch value.(type) {
	case *types.AttributeValueMemberS:
		return wire.S
	case *types.AttributeValueMemberN:
		return wire.N
	case *types.AttributeValueMemberB:
		return wire.B
	case *types.AttributeValueMemberBOOL:
		return wire.BOOL
	case *types.AttributeValueMemberNULL:
		return wire.NULL
	case *types.AttributeValueMemberSS:
		return wire.SS
	case *types.AttributeValueMemberNS:
		return wire.NS
	case *types.AttributeValueMemberBS:
		return wire.BS
	case *types.AttributeValueMemberL:
		return wire.L
	case *types.AttributeValueMemberM:
		return wire.M
	}
	return wire.Invalid
}

// makeAttributeValueCodec keeps attribute values as they are.
func makeAttributeValueCodec(t reflect.Type) *codec {
	return &codec{
		empty: reflect.Value.IsNil,
		encode: func(_ *encoder, v reflect.Value) (types.AttributeValue, error) {
			if v.IsNil() {
				return nullValue(), nil
			}
			if t.Kind() == reflect.Map {
				members := make(map[string]types.AttributeValue, v.Len())
				for entries := v.MapRange(); entries.Next(); {
					members[entries.Key().String()] = entries.Value().Interface().(types.AttributeValue)
				}
				return &types.AttributeValueMemberM{Value: members}, nil
			}
			return v.Interface().(types.AttributeValue), nil
		},
		decode: func(d *decoder, got wire.Type, v reflect.Value) error {
			value := reflect.ValueOf(d.rest(got))
			if d.Err() != nil {
				return d.Err()
			}
			if t.Kind() == reflect.Map {
				if got != wire.M {
					return newTypeError(got, t, "M")
				}
				value = value.Elem().FieldByName("Value").Convert(attributeMapType)
				if value.Type() != t {
					return setAttributeMap(v, value)
				}
			}
			if !value.Type().AssignableTo(t) {
				return newTypeError(got, t, "only that member")
			}
			v.Set(value)
			return nil
		},
	}
}

// setAttributeMap fills a map type of the user's own with the members of an M.
func setAttributeMap(v, members reflect.Value) error {
	filled := reflect.MakeMapWithSize(v.Type(), members.Len())
	for entries := members.MapRange(); entries.Next(); {
		filled.SetMapIndex(entries.Key().Convert(v.Type().Key()), entries.Value())
	}
	v.Set(filled)
	return nil
}

// nullValue stands for nil inside documents, where an element cannot be missing.
func nullValue() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }

// encodeText checks what the service would silently change.
func (e *encoder) text(s string) (types.AttributeValue, error) {
	if !utf8.ValidString(s) {
		return nil, errInvalidText
	}
	return e.newS(s), nil
}
