package dynamapper

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// foreignError wraps an error of a type's own method. Such errors often quote the value, so their
// text is not part of the message. errors.As finds them.
type foreignError struct {
	problem string
	err     error
}

func (e *foreignError) Error() string { return e.problem }

func (e *foreignError) Unwrap() error { return e.err }

func newForeignError(err error, t reflect.Type, method string) error {
	if err == nil {
		return nil
	}
	return &foreignError{
		fmt.Sprintf(
			"the method %s of the Go type %s refused the value; unwrap this error to see why",
			method, t), err}
}

// makeTextCodec makes the codec of a type with MarshalText and UnmarshalText.
func (m *codecMaker) makeTextCodec(t reflect.Type) (*codec, error) {
	if !implements(t, textUnmarshalerType) {
		return nil, fmt.Errorf(
			"type %s has MarshalText and no UnmarshalText, so that its values could not be read "+
				"back; add UnmarshalText, or, if the type is not yours, embed it in a type that has "+
				"both", t)
	}
	f := newTextForm()
	if err := f.checkPromoted(t); err != nil {
		return nil, err
	}
	zero := f.tryZero(t)
	if err := f.checkReader(t, zero); err != nil {
		return nil, err
	}
	// The zero value is a missing attribute. As an element it is read without the method.
	if zero.written && zero.err != nil && zero.text == "" {
		return textCodec(marshalText, unmarshalSomeText), nil
	}
	return f.readingBack(textCodec(marshalText, unmarshalText), zero), nil
}

// unmarshalSomeText takes no text for the zero value.
func unmarshalSomeText(v reflect.Value, text string) error {
	if text == "" {
		v.SetZero()
		return nil
	}
	return unmarshalText(v, text)
}

// makeURLCodec makes the codec of a URL, which is stored as its text. The type's own methods would
// store bytes.
func makeURLCodec() *codec {
	return textCodec(func(v reflect.Value) (string, error) { return urlText(v), nil }, setURL)
}

// textCodec makes the codec of a type that these functions convert to text and back.
func textCodec(
	textOf func(reflect.Value) (string, error), set func(v reflect.Value, text string) error,
) *codec {
	return &codec{
		wire: wire.S,
		empty: func(v reflect.Value) bool {
			text, err := textOf(v)
			return err == nil &&
				text == ""
		},
		encode: func(e *encoder, v reflect.Value) error {
			text, err := textOf(v)
			if err != nil {
				return err
			}
			return e.appendS(text)
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			if t != wire.S {
				return newTypeError(t, v.Type(), "S")
			}
			text := d.Text()
			if d.Err() != nil {
				return d.Err()
			}
			return set(v, text)
		},
	}
}

func urlText(v reflect.Value) string {
	return addressable(v).Addr().Interface().(*url.URL).String()
}

// setURL parses a URL. The parser's error quotes the text, so its text is not part of the message.
func setURL(v reflect.Value, text string) error {
	parsed, err := url.Parse(text)
	if err != nil {
		return &foreignError{"the text is not a URL; unwrap this error to see why", err}
	}
	*v.Addr().Interface().(*url.URL) = *parsed
	return nil
}

// marshalText calls MarshalText through the value's address, to find methods of the pointer too. A
// pointer, which may be the key of a map in an interface, already has them.
func marshalText(v reflect.Value) (string, error) {
	if (v.Kind() == reflect.Map || v.Kind() == reflect.Pointer) && v.IsNil() {
		return "", nil
	}
	if v.Kind() != reflect.Pointer {
		v = addressable(v).Addr()
	}
	text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	return string(text), newForeignError(err, v.Type().Elem(), "MarshalText")
}

func unmarshalText(v reflect.Value, text string) error {
	err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	return newForeignError(err, v.Type(), "UnmarshalText")
}

// makeMarshalerCodec makes the codec of a type with the methods of package attributevalue.
func (m *codecMaker) makeMarshalerCodec(t reflect.Type) (*codec, error) {
	if !implements(t, marshalerType) || !implements(t, unmarshalerType) {
		return nil, fmt.Errorf(
			"type %s has one of the methods MarshalDynamoDBAttributeValue and "+
				"UnmarshalDynamoDBAttributeValue, so that its values could not be read back; add the "+
				"other method, or, if the type is not yours, embed it in a type that has both", t)
	}
	f := newValueForm()
	if err := f.checkPromoted(t); err != nil {
		return nil, err
	}
	made := &codec{
		wire:   marshaledType(t),
		ownNil: true,
		empty:  nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			value, err := marshalAttributeValue(v)
			if err != nil {
				return err
			}
			return e.appendValue(value)
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			value := d.rest(t)
			if d.Err() != nil {
				return d.Err()
			}
			err := v.Addr().
				Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(value)
			return newForeignError(err, v.Type(), "UnmarshalDynamoDBAttributeValue")
		},
	}
	zero := f.tryZero(t)
	return f.readingBack(made, zero), f.checkReader(t, zero)
}

func marshalAttributeValue(v reflect.Value) (types.AttributeValue, error) {
	value, err := addressable(v).Addr().
		Interface().(attributevalue.Marshaler).MarshalDynamoDBAttributeValue()
	return value, newForeignError(err, v.Type(), "MarshalDynamoDBAttributeValue")
}

// marshaledType returns the type that a Marshaler stores its zero value as. It decides whether the
// Go type can be a key.
func marshaledType(t reflect.Type) wire.Type {
	if t.Kind() == reflect.Map {
		return wire.Invalid
	}
	value, _ := probe(
		func() (types.AttributeValue, error) {
			return marshalAttributeValue(
				reflect.New(t).Elem())
		})
	return wire.TypeOf(value)
}

// probe encodes a zero value that no program has made. A user's type may refuse it, even with a
// panic. probe then returns the zero V.
func probe[V any](encode func() (V, error)) (value V, err error) {
	var none V
	defer func() {
		if panicked := recover(); panicked != nil {
			value, err = none, fmt.Errorf("the zero value panicked: %v", panicked)
		}
	}()
	if value, err = encode(); err != nil {
		value = none
	}
	return value, err
}
