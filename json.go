package dynamapper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// makeJSONCodec stores a composite type as one S that holds JSON, and reads the document form too. Inside the JSON
// encoding/json and its struct tags rule.
func (m *codecMaker) makeJSONCodec(t reflect.Type) (*codec, error) {
	if err := checkJSONType(t, map[reflect.Type]bool{}); err != nil {
		return nil, err
	}
	// Made when a document is met, as the type may contain itself as JSON; by a maker of its own, as it may have no
	// document form, and nothing half made may stay behind.
	nativeForm := sync.OnceValues(func() (*codec, error) { return newCodecMaker().makeCodec(t) })
	plain := lookupPlainJSON(t)
	return &codec{
		wire:  wire.S,
		json:  true,
		empty: isEmptyJSON,
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			text, err := encodeJSON(v)
			if err != nil {
				return nil, err
			}
			return e.newS(text), nil
		},
		decode: func(d *decoder, got wire.Type, v reflect.Value) error {
			switch {
			case got == wire.S && plain != nil:
				return plain.decode(d, v)
			case got == wire.S:
				return decodeJSON(d, v)
			case got == wire.M || got == wire.L:
				native, err := nativeForm()
				if err != nil {
					return err
				}
				return native.decode(d, got, v)
			}
			return newTypeError(got, v.Type(), "S with JSON, or the document form of it")
		},
	}, nil
}

// isEmptyJSON says that a field is a missing attribute, which reads back as the same value.
func isEmptyJSON(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	case reflect.Interface:
		if v.IsNil() {
			return true
		}
		kind := v.Elem().Kind()
		return (kind == reflect.Map || kind == reflect.Slice) && v.Elem().Len() == 0
	}
	return v.IsZero()
}

var (
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// checkJSONType refuses what encoding/json would refuse only when a value comes.
func checkJSONType(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] || implements(t, jsonMarshalerType) || implements(t, textMarshalerType) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf("type %s cannot be stored; leave the field out with `dynamo:\"-\"`, or `json:\"-\"` inside, "+
			"or, if the type around it is not yours, store one of your own", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("the interface %s cannot be decoded, nothing says into which type; use any, or a type of its own", t)
		}
	case reflect.Map:
		if err := checkJSONKey(t.Key()); err != nil {
			return err
		}
		return checkJSONType(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkJSONType(t.Elem(), seen)
	case reflect.Struct:
		return checkJSONStruct(t, seen)
	}
	return nil
}

// checkJSONKey takes the types that encoding/json both writes and reads as the key of a map.
func checkJSONKey(t reflect.Type) error {
	if err := checkMapKey(t); err != nil || isPlainMapKey(t) || t.Implements(textMarshalerType) {
		return err
	}
	return fmt.Errorf("type %s cannot be the key of a map in JSON, as only its pointer has MarshalText; "+
		"give the type itself the method, or the field the option \"document\"", t)
}

func checkJSONStruct(t reflect.Type, seen map[reflect.Type]bool) error {
	if err := checkStruct(t); err != nil {
		return err
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if isOutsideJSON(f) || f.Type == modelType { // of Model, nothing is written
			continue
		}
		if err := checkJSONType(f.Type, seen); err != nil {
			return withPath(err, f.Name, quoteElement(jsonName(f)))
		}
	}
	return nil
}

// isOutsideJSON says that encoding/json does not look at a field.
func isOutsideJSON(f reflect.StructField) bool {
	return !f.IsExported() && !f.Anonymous || f.Tag.Get("json") == "-"
}

// jsonName is the name that encoding/json gives a field.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return f.Name
	}
	return name
}

func encodeJSON(v reflect.Value) (string, error) {
	var value any
	if v.Kind() == reflect.Struct || v.Kind() == reflect.Array {
		value = addressable(v).Addr().Interface() // so that methods of pointers inside are found
	} else {
		value = v.Interface()
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", newJSONEncodeError(err, v)
	}
	if err := checkJSONText(text.Bytes(), v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// checkJSONText finds text that is not UTF-8. In a string encoding/json writes an escape in its place, which may also be
// honest; what methods of the user's write stays as it is.
func checkJSONText(text []byte, v reflect.Value) error {
	valid := utf8.Valid(text)
	if valid && !bytes.Contains(text, []byte(`\ufffd`)) {
		return nil
	}
	path, found := findInJSON(v, isInvalidText)
	if valid && !found {
		return nil
	}
	return placedAt(errInvalidText, path)
}

func newJSONEncodeError(err error, v reflect.Value) error {
	if unsupported := (*json.UnsupportedValueError)(nil); errors.As(err, &unsupported) {
		if path, found := findInJSON(v, isNotANumber); found {
			return placedAt(errors.New("JSON has no NaN and no infinities"), path)
		}
		return errors.New("the value contains itself, and cannot be written as JSON")
	}
	if unsupported := (*json.UnsupportedTypeError)(nil); errors.As(err, &unsupported) {
		return newUnsupportedError(unsupported.Type, v)
	}
	if path, found := findInJSON(v, isInvalidNumber); found {
		return placedAt(errors.New("the json.Number is not a number"), path)
	}
	return &foreignError{"the value cannot be written as JSON; unwrap this error to see why", err}
}

// newUnsupportedError says what encoding/json does not write, which an interface may hold, and where it is.
func newUnsupportedError(t reflect.Type, v reflect.Value) error {
	problem := fmt.Errorf("type %s cannot be written as JSON", t)
	if t.Kind() == reflect.Map {
		problem = newMapKeyError(t.Key())
	}
	path, _ := findInJSON(v, func(one reflect.Value) bool { return one.Type() == t })
	return placedAt(problem, path)
}

// decodeJSON reads JSON text into a Go value; numbers in interfaces become json.Number, so that none is rounded.
func decodeJSON(d *decoder, v reflect.Value) error {
	text := d.Text()
	if d.Err() != nil {
		return d.Err()
	}
	return decodeJSONText(text, v)
}

func decodeJSONText(text string, v reflect.Value) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(v.Addr().Interface()); err != nil {
		return explainJSON(err, text, v.Type())
	}
	if _, more := decoder.Token(); more != io.EOF {
		return errors.New("the attribute is not JSON: something follows the value; mend the item")
	}
	return nil
}
