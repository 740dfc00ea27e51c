package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/dynamapper/dynamapper/internal/wire"
)

var errInvalidText = errors.New(
	"the text is not valid UTF-8, and DynamoDB would store another one; store it as []byte")

// newTypeError returns the error of an attribute value whose type the Go type cannot hold.
func newTypeError(got wire.Type, t reflect.Type, want string) error {
	return fmt.Errorf(
		"the attribute is of type %s, and the Go type %s takes %s; change the field's type or "+
			"options, or correct the item", got, t, want)
}

func makeStringCodec(goType reflect.Type) *codec {
	return decodedAt(codec{
		wire:     wire.S,
		empty:    func(v reflect.Value) bool { return v.Len() == 0 },
		encode:   func(e *encoder, v reflect.Value) error { return e.appendS(v.String()) },
		encodeAt: func(e *encoder, from slot) error { return e.appendText(*at[string](from)) },
		emptyAt:  func(from slot) bool { return *at[string](from) == "" },
	}, func(d *decoder, t wire.Type, to slot) error {
		if t != wire.S {
			return newTypeError(t, goType, "S")
		}
		*at[string](to) = d.Text()
		return nil
	})
}

// makeBoolCodec also decodes N 0 and 1, as the original mapper stores booleans, and S true and
// false, as programs do that store everything as text.
func makeBoolCodec(goType reflect.Type) *codec {
	return decodedAt(codec{
		wire:  wire.BOOL,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			e.open(wire.BOOL)
			e.text = strconv.AppendBool(e.text, v.Bool())
			e.close()
			return nil
		},
		encodeAt: func(e *encoder, from slot) error {
			e.text = strconv.AppendBool(e.text, *at[bool](from))
			return nil
		},
	}, func(d *decoder, t wire.Type, to slot) (err error) {
		switch value := at[bool](to); t {
		case wire.BOOL:
			*value = d.Bool()
		case wire.N:
			*value, err = boolOfNumber(d.Text())
		case wire.S:
			*value, err = boolOfText(d.Text())
		default:
			err = newTypeError(t, goType, "BOOL, N 0 or 1, or S true or false")
		}
		return err
	})
}

func boolOfNumber(text string) (bool, error) {
	for value, number := range []string{"0", "1"} {
		if order, ok := wire.CompareNumbers(text, number); ok && order == 0 {
			return value == 1, nil
		}
	}
	return false, errors.New(
		"the number is neither 0 nor 1, and a bool takes no other; correct the item")
}

func boolOfText(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New(
		"the text is neither true nor false, and a bool takes no other; correct the item")
}

func makeBytesCodec(t reflect.Type) *codec {
	made := &codec{
		wire:  wire.B,
		empty: func(v reflect.Value) bool { return v.Len() == 0 },
		encode: func(e *encoder, v reflect.Value) error {
			e.open(wire.B)
			e.text = wire.AppendBytes(e.text, bytesIn(v))
			e.close()
			return nil
		},
	}
	if t.Kind() == reflect.Array {
		made.empty = reflect.Value.IsZero
	}
	return decodedAt(*made, func(d *decoder, got wire.Type, to slot) error {
		if got != wire.B {
			return newTypeError(got, t, "B")
		}
		b := d.Bytes()
		if t.Kind() == reflect.Slice {
			*at[[]byte](to) = b
			return nil
		}
		return copyToArray(valueAt(t, to), b)
	})
}

// bytesIn returns the bytes of a slice or an array, which the value may share.
func bytesIn(v reflect.Value) []byte {
	if v.Kind() == reflect.Array {
		v = addressable(v)
	}
	return v.Bytes()
}

func copyToArray(v reflect.Value, b []byte) error {
	if len(b) != v.Len() {
		return fmt.Errorf("the attribute has %d bytes, and the Go type %s takes %d", len(b),
			v.Type(), v.Len())
	}
	copy(v.Bytes(), b)
	return nil
}

// addressable returns the value, or a copy of it that has an address.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	settable := reflect.New(v.Type()).Elem()
	settable.Set(v)
	return settable
}
