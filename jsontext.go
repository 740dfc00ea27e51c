package dynamapper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

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
