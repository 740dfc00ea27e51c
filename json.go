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

	"github.com/dynamapper/dynamapper/internal/plainjson"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// makeJSONCodec makes the codec of a composite type that is stored as JSON in an S. It also decodes
// the document form. Inside the JSON, encoding/json and its struct tags apply.
func (m *codecMaker) makeJSONCodec(t reflect.Type) (*codec, error) {
	consists := newJSONTypes()
	if err := consists.check(jsonPlace{goType: t, addressable: true}); err != nil {
		return nil, err
	}
	found := &foundTypes{}
	// The codec of the document form is made when a document is decoded, because the type may
	// contain itself as JSON. It has a maker of its own, because the type may have no document
	// form, and a failed attempt must leave no incomplete codec behind.
	nativeForm := sync.OnceValues(func() (*codec, error) { return newCodecMaker().makeCodec(t) })
	plain := lookupPlainJSON(t)
	return decodedAt(codec{
		wire:  wire.S,
		json:  true,
		empty: isEmptyJSON,
		encode: func(e *encoder, v reflect.Value) error {
			text, err := encodePlainJSON(v)
			if err == nil && consists.dynamic {
				err = found.checkIn(v)
			}
			if err == nil && consists.textKeys {
				err = checkMembers(text, t)
			}
			if err == nil && consists.unsure {
				err = checkReadable(text, v, consists.lossy)
			}
			if err != nil {
				return err
			}
			return e.appendS(text)
		},
	}, func(d *decoder, got wire.Type, to slot) error {
		switch {
		case got == wire.S && plain != nil:
			return decodePlainJSON(plain, d, t, to)
		case got == wire.S:
			return decodeJSON(d, valueAt(t, to), consists.arrays)
		case got == wire.M || got == wire.L:
			native, err := nativeForm()
			if placed, ok := err.(*FieldError); ok {
				one := *placed // the caller adds its own place, and err is shared
				return &one
			}
			if err != nil {
				return err
			}
			return native.decodeAt(d, got, to)
		}
		return newTypeError(got, t, "S with JSON, or the document form of it")
	}), nil
}

// isEmptyJSON reports whether a field is stored as a missing attribute, which decodes to the same
// value.
func isEmptyJSON(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	case reflect.Interface:
		if v.IsNil() {
			return true
		}
		kind := v.Elem().Kind()
		return (kind == reflect.Map || kind == reflect.Slice) && v.Elem().IsNil()
	}
	return v.IsZero()
}

func encodeJSON(v reflect.Value) (string, error) {
	var value any
	if v.Kind() == reflect.Interface {
		value = v.Interface()
	} else {
		value = addressable(v).Addr().Interface() // so that methods of pointers are found
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

// encodePlainJSON is encodeJSON, but it writes values of the SDK's types as plain JSON. A load
// leaves such a value for a set that another program stored inside a document. encoding/json would
// write its Go field, which nothing reads back.
func encodePlainJSON(v reflect.Value) (string, error) {
	text, err := encodeJSON(v)
	if err != nil || !strings.Contains(text, `"Value":`) {
		return text, err
	}
	isOfSDK := func(v reflect.Value) bool { return isAttributeValue(v.Type()) }
	if _, found := findInJSON(v, isOfSDK); !found {
		return text, nil
	}
	plain := presentable(v)
	if path, found := findInJSON(plain, isOfSDK); found {
		return "", placedAt(errors.New("JSON has no form for an attribute value of the SDK; "+
			"give the field the option \"document\""), path)
	}
	return encodeJSON(plain)
}

// checkJSONText finds text that is not UTF-8. encoding/json replaces such bytes in a string with an
// escape, which the text may also contain correctly. The output of the user's methods may contain
// such bytes unchanged.
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

// newUnsupportedError names a type that encoding/json cannot write, which an interface may hold,
// and its place.
func newUnsupportedError(t reflect.Type, v reflect.Value) error {
	problem := fmt.Errorf("type %s cannot be written as JSON", t)
	if t.Kind() == reflect.Map {
		problem = newMapKeyError(t.Key())
	}
	path, _ := findInJSON(v, func(one reflect.Value) bool { return one.Type() == t })
	return placedAt(problem, path)
}

// decodeJSON decodes JSON text into a Go value. Numbers in interfaces become json.Number, so that
// none is rounded. With arrays, it checks the length of the Go arrays in the value.
func decodeJSON(d *decoder, v reflect.Value, arrays bool) error {
	text := d.Text()
	if d.Err() != nil {
		return d.Err()
	}
	if arrays {
		if err := checkJSONArrays(text, v.Type()); err != nil {
			return err
		}
	}
	return decodeJSONText(text, v)
}

// decodeJSONText also reads integers that other programs spell as 2.0 and 1e2.
func decodeJSONText(text string, v reflect.Value) error {
	rest, err := unmarshalJSON(text, v)
	if isIntegerError(err) {
		v.SetZero()
		text = spellIntegers(text, v.Type())
		rest, err = unmarshalJSON(text, v)
	}
	switch {
	case err != nil:
		return explainJSON(err, text, v.Type())
	case rest:
		return errors.New(
			"the attribute is not JSON: something follows the value; correct the item")
	}
	return checkUnreadJSON(text, v)
}

// plainJSONValue decodes JSON into maps, slices and json.Number.
func plainJSONValue(text string) (value any, err error) {
	_, err = unmarshalJSON(text, reflect.ValueOf(&value).Elem())
	return value, err
}

// unmarshalJSON reports whether something follows the value.
func unmarshalJSON(text string, v reflect.Value) (rest bool, err error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(v.Addr().Interface()); err != nil {
		return false, err
	}
	_, err = decoder.Token()
	return err != io.EOF, nil
}

// jsonText reads JSON token by token, and keeps the Go type that each value is read into.
type jsonText struct {
	decoder *json.Decoder
	levels  []jsonLevel
	types   []reflect.Type // the Go type of each level; nil if it is not known
	goType  reflect.Type   // the Go type of the value that the last token is or begins
}

func newJSONText(text string, t reflect.Type) *jsonText {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return &jsonText{decoder: decoder, goType: t}
}

// next returns the next token. It returns false at the end of the text, or before text that is not
// JSON.
func (j *jsonText) next() (json.Token, bool) {
	token, err := j.decoder.Token()
	if err != nil {
		return nil, false
	}
	if n := len(j.levels); n > 0 {
		j.goType = j.typeIn(j.levels[n-1], j.types[n-1], token)
	}
	j.levels = stepJSON(j.levels, token)
	switch n := len(j.levels); {
	case n > len(j.types):
		j.types = append(j.types, j.goType)
	case n < len(j.types):
		j.types = j.types[:n]
	}
	return token, true
}

// typeIn returns the Go type of the value that a token begins in an object or an array.
func (j *jsonText) typeIn(level jsonLevel, t reflect.Type, token json.Token) reflect.Type {
	t = behindPointer(t)
	switch {
	case t == nil || implements(t, jsonUnmarshalerType):
		return nil
	case level.array:
		return elementType(t)
	case level.named:
		_, t = memberOfJSON(t, level.name)
		return t
	}
	return nil
}

// checkJSONArrays refuses a list that is longer than its Go array. encoding/json would drop the
// rest.
func checkJSONArrays(text string, t reflect.Type) error {
	for j := newJSONText(text, t); ; {
		if _, ok := j.next(); !ok {
			return nil // decoding reports the errors of the text
		}
		n := len(j.levels)
		if n == 0 || !j.levels[n-1].array {
			continue
		}
		holder := behindPointer(j.types[n-1])
		if holder != nil && holder.Kind() == reflect.Array && j.levels[n-1].index >= holder.Len() {
			problem := fmt.Errorf("the list has more elements than the Go type %s", holder)
			return placedAt(problem, describeLevels(j.levels[:min(n-1, maxPathDepth)], t))
		}
	}
}

// isIntegerError reports whether encoding/json could not read a number into an integer.
func isIntegerError(err error) bool {
	mismatch := (*json.UnmarshalTypeError)(nil)
	return errors.As(err, &mismatch) && strings.HasPrefix(mismatch.Value, "number ") &&
		isInteger(mismatch.Type)
}

// spellIntegers returns the text with 2 in place of 2.0, and 100 in place of 1e2, where the Go type
// has an integer: encoding/json reads only these. A number with a fraction is not changed.
func spellIntegers(text string, t reflect.Type) string {
	var spelt bytes.Buffer
	done := 0
	for j := newJSONText(text, t); ; {
		token, ok := j.next()
		if !ok {
			break
		}
		goType := behindPointer(j.goType)
		number, isNumber := token.(json.Number)
		if !isNumber || goType == nil || !isInteger(goType) ||
			!strings.ContainsAny(number.String(), ".eE") {
			continue
		}
		exact, err := exactInteger(number.String(), goType)
		if err != nil {
			continue
		}
		end := int(j.decoder.InputOffset())
		spelt.WriteString(text[done : end-len(number)])
		spelt.WriteString(exact.String())
		done = end
	}
	spelt.WriteString(text[done:])
	return spelt.String()
}

// lookupPlainJSON returns the decoder of a common type that has no methods for JSON, or nil.
func lookupPlainJSON(t reflect.Type) *plainjson.Decoder {
	if implements(t, jsonMarshalerType) || implements(t, jsonUnmarshalerType) {
		return nil
	}
	return plainjson.Lookup(t)
}

func decodePlainJSON(p *plainjson.Decoder, d *decoder, goType reflect.Type, to slot) error {
	body, escapes := d.Body()
	if d.Err() != nil {
		return d.Err()
	}
	if p.Read(body, valueAt(p.Type, to).Addr().Interface()) {
		return nil
	}
	text := d.Unescape(body, escapes)
	if d.Err() != nil {
		return d.Err()
	}
	return decodeJSONText(text, valueAt(goType, to))
}
