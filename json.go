package dynamapper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"time"
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
	// A maker of its own: where the type has no document form, nothing half made may stay behind.
	native, err := newCodecMaker().makeCodec(t)
	if err != nil {
		native = nil
	}
	return &codec{
		wire:  wire.S,
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
			case got == wire.S:
				return decodeJSON(d, v)
			case native != nil && (got == wire.M || got == wire.L):
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

// checkJSONType refuses what encoding/json would refuse only when a value comes.
func checkJSONType(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] || implements(t, reflect.TypeFor[json.Marshaler]()) || implements(t, textMarshalerType) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf("type %s cannot be stored; leave the field out with `dynamo:\"-\"`, or `json:\"-\"` inside", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("the interface %s cannot be decoded, nothing says into which type; use any, or a type of its own", t)
		}
	case reflect.Map:
		if err := checkMapKey(t.Key()); err != nil {
			return err
		}
		return checkJSONType(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkJSONType(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() && !f.Anonymous || f.Tag.Get("json") == "-" {
				continue
			}
			if err := checkJSONType(f.Type, seen); err != nil {
				return withPath(err, f.Name, f.Name)
			}
		}
	}
	return nil
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
	// encoding/json writes this escape in place of bytes that are not UTF-8. It may also be honest, in a RawMessage.
	if bytes.Contains(text.Bytes(), []byte(`\ufffd`)) {
		if path, found := findInJSON(v, isInvalidText); found {
			return "", withPath(errInvalidText, path.golang, path.attribute)
		}
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

func newJSONEncodeError(err error, v reflect.Value) error {
	if unsupported := (*json.UnsupportedValueError)(nil); errors.As(err, &unsupported) {
		if path, found := findInJSON(v, isNotANumber); found {
			return withPath(errors.New("JSON has no NaN and no infinities"), path.golang, path.attribute)
		}
		return errors.New("the value contains itself, and cannot be written as JSON")
	}
	return fmt.Errorf("the value cannot be written as JSON: %w", err)
}

func isNotANumber(v reflect.Value) bool {
	return v.CanFloat() && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0))
}

func isInvalidText(v reflect.Value) bool {
	return v.Kind() == reflect.String && !utf8.ValidString(v.String())
}

// fieldPath is a place below a field, in Go's words and in DynamoDB's.
type fieldPath struct{ golang, attribute string }

func (p fieldPath) below(golang, attribute string) fieldPath {
	return fieldPath{joinPath(golang, p.golang), joinPath(attribute, p.attribute)}
}

// findInJSON looks for a value that is wrong, to tell its place.
func findInJSON(v reflect.Value, wrong func(reflect.Value) bool) (fieldPath, bool) {
	return searchJSON(v, wrong, 0)
}

func searchJSON(v reflect.Value, wrong func(reflect.Value) bool, depth int) (fieldPath, bool) {
	if depth > 100 || !v.IsValid() {
		return fieldPath{}, false
	}
	if wrong(v) {
		return fieldPath{}, true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return searchJSON(v.Elem(), wrong, depth+1)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if path, found := searchJSON(v.Index(i), wrong, depth+1); found {
				return path.below(indexText(i), indexText(i)), true
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			name, _ := encodeMapKey(entries.Key())
			if wrong(entries.Key()) {
				return fieldPath{"[a key]", "[a key]"}, true
			}
			if path, found := searchJSON(entries.Value(), wrong, depth+1); found {
				return path.below(memberText(name), quoteElement(name)), true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if path, found := searchJSON(v.Field(i), wrong, depth+1); found {
				return path.below(f.Name, jsonName(f)), true
			}
		}
	}
	return fieldPath{}, false
}

// jsonName is the name that encoding/json gives a field.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return f.Name
	}
	return name
}

// decodeJSON reads JSON text into a Go value; numbers in interfaces become json.Number, so that none is rounded.
func decodeJSON(d *decoder, v reflect.Value) error {
	text := d.Text()
	if d.Err() != nil {
		return d.Err()
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(v.Addr().Interface())
	if err == nil {
		if _, more := decoder.Token(); more != io.EOF {
			return errors.New("the attribute is not JSON: something follows the value; mend the item")
		}
		return nil
	}
	path, problem := explainJSON(err, text, v.Type())
	if path.golang == "" {
		return problem
	}
	return withPath(problem, path.golang, path.attribute)
}

// explainJSON finds the place of a decoding error, and says what is wrong without the value.
func explainJSON(err error, text string, t reflect.Type) (fieldPath, error) {
	if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
		kind, _, _ := strings.Cut(mismatch.Value, " ")
		return pathInJSON(text, mismatch.Offset, t),
			fmt.Errorf("the JSON holds a %s, and the Go type %s takes another, or a smaller one; change the type or mend the item", kind, mismatch.Type)
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return pathInJSON(text, syntax.Offset, t),
			fmt.Errorf("the attribute is not JSON, from byte %d on; mend the item", syntax.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return pathInJSON(text, int64(len(text)), t), errors.New("the attribute is not JSON: it ends too early; mend the item")
	}
	if unreadable := (*time.ParseError)(nil); errors.As(err, &unreadable) {
		return fieldPath{}, errors.New("the JSON holds a time that is not RFC 3339; mend the item")
	}
	return fieldPath{}, fmt.Errorf("the JSON cannot be read: %w", err)
}

// jsonLevel is one object or array that a place in JSON stands in.
type jsonLevel struct {
	array bool
	index int
	name  string
	named bool // of an object: the name has come, its value not yet
}

// pathInJSON tells the place of a byte, as far as the text can be read.
func pathInJSON(text string, offset int64, t reflect.Type) fieldPath {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var levels []jsonLevel
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		levels = stepJSON(levels, token)
		if decoder.InputOffset() >= offset {
			break
		}
	}
	return describeLevels(levels, t)
}

// stepJSON follows one token into and out of objects and arrays.
func stepJSON(levels []jsonLevel, token json.Token) []jsonLevel {
	if token == json.Delim('}') || token == json.Delim(']') {
		return levels[:len(levels)-1]
	}
	if n := len(levels); n > 0 {
		top := &levels[n-1]
		switch {
		case top.array:
			top.index++
		case !top.named:
			top.name, top.named = token.(string), true
			return levels
		default:
			top.named = false
		}
	}
	switch token {
	case json.Delim('{'):
		return append(levels, jsonLevel{})
	case json.Delim('['):
		return append(levels, jsonLevel{array: true, index: -1})
	}
	return levels
}

func describeLevels(levels []jsonLevel, t reflect.Type) fieldPath {
	var path fieldPath
	for _, level := range levels {
		for t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		var golang, attribute string
		switch {
		case level.array && level.index >= 0:
			golang, attribute = indexText(level.index), indexText(level.index)
			t = elementType(t)
		case level.name != "":
			golang, attribute = memberText(level.name), quoteElement(level.name)
			if f, ok := fieldOfJSON(t, level.name); ok {
				golang, t = f.Name, f.Type
			} else {
				t = elementType(t)
			}
		}
		path = fieldPath{joinPath(path.golang, golang), joinPath(path.attribute, attribute)}
	}
	return path
}

func elementType(t reflect.Type) reflect.Type {
	if t == nil || t.Kind() != reflect.Slice && t.Kind() != reflect.Array && t.Kind() != reflect.Map {
		return nil
	}
	return t.Elem()
}

// fieldOfJSON finds the field that encoding/json fills from a name.
func fieldOfJSON(t reflect.Type, name string) (reflect.StructField, bool) {
	if t == nil || t.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	for _, f := range reflect.VisibleFields(t) {
		if !f.Anonymous && strings.EqualFold(jsonName(f), name) {
			return f, true
		}
	}
	return reflect.StructField{}, false
}
