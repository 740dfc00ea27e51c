package gen

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// inferJSON chooses the type of texts that are JSON, or returns nil if they are not all objects or
// not all arrays. If a Go type would lose a value of the sample, the type is any, which loses none.
func (in *inferrer) inferJSON(f *field, values []Value, name string) *goType {
	var parsed []Value
	for _, v := range values {
		one, ok := parseJSON(v.text)
		if !ok || one.kind != firstKind(parsed, one.kind) {
			return nil
		}
		parsed = append(parsed, one)
	}
	// A name is taken only if the type is used.
	inner := &inferrer{names: maps.Clone(in.names), inJSON: true}
	made := inner.inferValue(nil, parsed, name)
	if !keepsJSON(made, values) {
		f.note("JSON of which a struct would lose something, such as null beside a missing member.")
		return &goType{kind: anyType}
	}
	maps.Copy(in.names, inner.names)
	in.structs = append(in.structs, inner.structs...)
	return made
}

func firstKind(values []Value, otherwise string) string {
	if len(values) == 0 {
		return otherwise
	}
	return values[0].kind
}

// keepsJSON reports whether decoding and encoding the texts gives the same values.
func keepsJSON(t *goType, texts []Value) bool {
	made := t.reflected()
	return !slices.ContainsFunc(texts, func(v Value) bool {
		decoded := reflect.New(made)
		if newNumberDecoder(v.text).Decode(decoded.Interface()) != nil {
			return true
		}
		encoded, err := json.Marshal(decoded.Interface())
		return err != nil || !equalJSON(v.text, string(encoded))
	})
}

func equalJSON(a, b string) bool {
	one, isOne := parseJSON(a)
	other, isOther := parseJSON(b)
	return isOne && isOther && one.equal(other)
}

// equal reports whether two values of JSON are equal, numbers by their value.
func (v Value) equal(other Value) bool {
	if v.kind == "N" && other.kind == "N" && v.text != other.text {
		return equalNumbers(v.text, other.text)
	}
	return v.kind == other.kind && v.text == other.text && v.isTrue == other.isTrue &&
		slices.EqualFunc(v.list, other.list, Value.equal) &&
		maps.EqualFunc(v.members, other.members, Value.equal)
}
