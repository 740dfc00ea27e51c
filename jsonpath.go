package dynamapper

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/internal/expression"
)

func isNotANumber(v reflect.Value) bool {
	return v.CanFloat() && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0))
}

// isInvalidNumber reports whether a value is a json.Number with an invalid text. Nothing has
// checked the text before.
func isInvalidNumber(v reflect.Value) bool {
	return v.Type() == jsonNumberType && v.Len() > 0 && !json.Valid([]byte(v.String()))
}

func isInvalidText(v reflect.Value) bool {
	if v.Kind() == reflect.String {
		return !utf8.ValidString(v.String())
	}
	if v.Kind() == reflect.Pointer || !v.CanInterface() ||
		!implements(v.Type(), textMarshalerType) {
		return false
	}
	text, err := addressable(v).Addr().Interface().(encoding.TextMarshaler).MarshalText()
	return err == nil && !utf8.Valid(text)
}

// findInJSON returns the place of the first wrong value.
func findInJSON(v reflect.Value, wrong func(reflect.Value) bool) (placedPath, bool) {
	s := jsonSearch{wrong: wrong, seen: map[visit]bool{}}
	return s.find(v)
}

// jsonSearch visits every value once. A value that contains itself several times could be reached
// by infinitely many paths.
type jsonSearch struct {
	wrong func(reflect.Value) bool
	seen  map[visit]bool
}

type visit struct {
	address uintptr
	length  int
	goType  reflect.Type
}

// again reports whether a pointer, a map or a slice has been visited.
func (s *jsonSearch) again(v reflect.Value) bool {
	at := visit{goType: v.Type()}
	switch v.Kind() {
	case reflect.Slice:
		at.length = v.Len()
		fallthrough
	case reflect.Pointer, reflect.Map:
		at.address = v.Pointer()
	default:
		return false
	}
	known := s.seen[at]
	s.seen[at] = true
	return known
}

func (s *jsonSearch) find(v reflect.Value) (placedPath, bool) {
	if !v.IsValid() || s.again(v) {
		return placedPath{}, false
	}
	if s.wrong(v) {
		return placedPath{}, true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return s.find(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if path, found := s.find(v.Index(i)); found {
				return path.below(plainPath(indexText(i), indexText(i))), true
			}
		}
	case reflect.Map:
		return s.findInMap(v)
	case reflect.Struct:
		return s.findInStruct(v)
	}
	return placedPath{}, false
}

func (s *jsonSearch) findInMap(v reflect.Value) (placedPath, bool) {
	for entries := v.MapRange(); entries.Next(); {
		name, err := encodeMapKey(entries.Key())
		if err != nil && s.wrong(entries.Key()) {
			return memberPath(name), true
		}
		if path, found := s.find(entries.Value()); found {
			return path.below(memberPath(name)), true
		}
	}
	return placedPath{}, false
}

func (s *jsonSearch) findInStruct(v reflect.Value) (placedPath, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if isOutsideJSON(f) {
			continue
		}
		path, found := s.find(v.Field(i))
		if !found {
			continue
		}
		if f.Anonymous && f.Tag.Get("json") == "" {
			// In JSON its members belong to the outer struct.
			return path.below(plainPath(f.Name, "")), true
		}
		return path.below(namedPath(f.Name, jsonName(f))), true
	}
	return placedPath{}, false
}

// explainJSON returns a decoding error with its place, and without the value.
func explainJSON(err error, text string, t reflect.Type) error {
	if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
		return placedAt(newMismatchError(mismatch), pathInJSON(text, mismatch.Offset, t))
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		problem := fmt.Errorf("the attribute is not JSON, from byte %d on; correct the item",
			syntax.Offset)
		return placedAt(problem, pathInJSON(text, syntax.Offset, t))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return placedAt(
			errors.New("the attribute is not JSON: it ends too early; correct the item"),
			pathInJSON(text, int64(len(text)), t))
	}
	problem := &foreignError{
		"the JSON holds a value that its Go type does not take; correct the item, or unwrap " +
			"this error to see why", err}
	return placedAt(problem, findRefused([]byte(text), t, 0))
}

// newMismatchError returns an error about a value of the wrong kind. If only the size or the
// fraction of a number is wrong, encoding/json also reports the value, which the error leaves out.
func newMismatchError(mismatch *json.UnmarshalTypeError) error {
	kind, value, _ := strings.Cut(mismatch.Value, " ")
	if value != "" {
		return fmt.Errorf(
			"the JSON holds a %s that does not fit the Go type %s; use a larger one, or a "+
				"float, or correct the item", kind, mismatch.Type)
	}
	return fmt.Errorf(
		"the JSON holds a value of the kind %s, and the Go type %s takes none; change the type "+
			"or correct the item", kind, mismatch.Type)
}

// maxPathDepth bounds the paths in errors. A longer path does not help a reader, and hostile text
// could make it very long.
const maxPathDepth = maxDepth

// findRefused finds the value that a method of its type refused. encoding/json does not report its
// place, so findRefused decodes the parts one by one.
func findRefused(text []byte, t reflect.Type, depth int) placedPath {
	t = behindPointer(t)
	if depth == maxPathDepth || implements(t, jsonUnmarshalerType) ||
		implements(t, textUnmarshalerType) {
		return placedPath{}
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		var parts []json.RawMessage
		if json.Unmarshal(text, &parts) != nil {
			return placedPath{}
		}
		for i, part := range parts {
			if isRefused(part, t.Elem()) {
				return findRefused(part, t.Elem(), depth+1).
					below(plainPath(indexText(i), indexText(i)))
			}
		}
	case reflect.Map, reflect.Struct:
		return findRefusedMember(text, t, depth)
	}
	return placedPath{}
}

func findRefusedMember(text []byte, t reflect.Type, depth int) placedPath {
	var parts map[string]json.RawMessage
	if json.Unmarshal(text, &parts) != nil {
		return placedPath{}
	}
	for name, part := range parts {
		path, inner := memberOfJSON(t, name)
		if inner != nil && isRefused(part, inner) {
			return findRefused(part, inner, depth+1).below(path)
		}
	}
	return placedPath{}
}

func isRefused(text []byte, t reflect.Type) bool {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	return decoder.Decode(reflect.New(t).Interface()) != nil
}

// jsonLevel is one object or array around a place in JSON.
type jsonLevel struct {
	array bool
	index int
	name  string
	known bool // for an object: a name has been read
	named bool // for an object: the value of the name has not been read
}

// pathInJSON returns the place of a byte, as far as the text can be read.
func pathInJSON(text string, offset int64, t reflect.Type) placedPath {
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
	return describeLevels(levels[:min(len(levels), maxPathDepth)], t)
}

// stepJSON updates the levels for one token.
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
			top.name, top.known, top.named = token.(string), true, true
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

func describeLevels(levels []jsonLevel, t reflect.Type) placedPath {
	var path placedPath
	for _, level := range levels {
		t = behindPointer(t)
		var inner placedPath
		switch {
		case level.array && level.index >= 0:
			inner = plainPath(indexText(level.index), indexText(level.index))
			t = elementType(t)
		case level.known:
			inner, t = memberOfJSON(t, level.name)
		}
		path = inner.below(path)
	}
	return path
}

func elementType(t reflect.Type) reflect.Type {
	if t == nil ||
		t.Kind() != reflect.Slice && t.Kind() != reflect.Array && t.Kind() != reflect.Map {
		return nil
	}
	return t.Elem()
}

// memberOfJSON returns the path to a member of a JSON object, and its type: a field, or the member
// of a map. The type is nil if it is not known.
func memberOfJSON(t reflect.Type, name string) (placedPath, reflect.Type) {
	if t == nil || t.Kind() != reflect.Struct {
		return memberPath(name), elementType(t)
	}
	fields := jsonFields(t)
	if i := findJSONField(fields, name); i >= 0 {
		return namedPath(goPathOf(t, fields[i].Index), name), fields[i].Type
	}
	return memberPath(name), nil
}

// goPathOf returns the path to a field through anonymous structs.
func goPathOf(t reflect.Type, index []int) string {
	path := ""
	for i := range index {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		f := t.Field(index[i])
		path, t = expression.JoinPath(path, f.Name), f.Type
	}
	return path
}
