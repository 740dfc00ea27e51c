package expr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// parseMap reads a map in the notation of these tests: plain JSON, where a binary value is
// {"B!":"bytes"} and a set is {"SS!":["a"]}, {"NS!":["1"]} or {"BS!":["bytes"]}.
func parseMap(t testing.TB, text string) value.Map {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var members map[string]any
	require.NoError(t, d.Decode(&members), text)
	m, ok := parseValue(t, members).(value.Map)
	require.True(t, ok, text)
	return m
}

func parseValue(t testing.TB, v any) value.Value {
	switch v := v.(type) {
	case string:
		return value.String(v)
	case json.Number:
		return parseNumber(t, v.String())
	case bool:
		return value.Bool(v)
	case []any:
		list := value.List{}
		for _, e := range v {
			list = append(list, parseValue(t, e))
		}
		return list
	case map[string]any:
		return parseMembers(t, v)
	}
	return value.Null{}
}

func parseNumber(t testing.TB, text string) value.Number {
	n, err := number.Parse(text)
	require.NoError(t, err, text)
	return value.Number{Number: n}
}

func parseMembers(t testing.TB, members map[string]any) value.Value {
	m := value.Map{}
	for name, v := range members {
		switch name {
		case "B!":
			return value.Binary(v.(string))
		case "SS!":
			return value.StringSet(words(v))
		case "BS!":
			return value.BinarySet(words(v))
		case "NS!":
			var set value.NumberSet
			for _, text := range words(v) {
				set = append(set, parseNumber(t, text).Number)
			}
			slices.SortFunc(set, number.Number.Compare)
			return set
		}
		m = m.With(name, parseValue(t, v))
	}
	return m
}

func words(v any) []string {
	var all []string
	for _, e := range v.([]any) {
		all = append(all, e.(string))
	}
	slices.Sort(all)
	return all
}

// show writes a value in the notation that parseMap reads.
func show(v value.Value) string {
	switch v := v.(type) {
	case value.String:
		return quoted(string(v))
	case value.Number:
		return v.Number.String()
	case value.Binary:
		return `{"B!":` + quoted(string(v)) + "}"
	case value.Bool:
		return fmt.Sprint(bool(v))
	case value.StringSet:
		return `{"SS!":` + shown(v, quoted) + "}"
	case value.BinarySet:
		return `{"BS!":` + shown(v, quoted) + "}"
	case value.NumberSet:
		return `{"NS!":` + shown(v, func(n number.Number) string {
			return quoted(n.String())
		}) + "}"
	case value.List:
		return shown(v, show)
	case value.Map:
		members := make([]string, len(v))
		for i, a := range v {
			members[i] = quoted(a.Name) + ":" + show(a.Value)
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	return "null"
}

func shown[T any](all []T, each func(T) string) string {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = each(e)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// testNames and testValues are the names and values that the test expressions may use.
var testNames = []Name{
	{"#a", "a"}, {"#b", "b"}, {"#l", "l"}, {"#status", "status"}, {"#dot", "x.y"}, {"#hash", "#a"},
}

const testValues = `{
	":s":"text", ":t":"uvw", ":e":"", ":n":5, ":m":7, ":one":1, ":two":2, ":true":true, ":null":null,
	":b":{"B!":"bytes"}, ":c":{"B!":"cytes"},
	":ss":{"SS!":["a","b"]}, ":a":{"SS!":["a"]}, ":ns":{"NS!":["1","2"]}, ":bs":{"BS!":["x"]},
	":list":[1,"x"], ":empty":[], ":map":{"k":1},
	":tS":"S", ":tDog":"DOG"
}`

func testScope(t testing.TB) *Scope { return scopeOf(parseMap(t, testValues)) }

func scopeOf(values value.Map) *Scope { return NewScope(testNames, true, values, true) }

// requireError checks the text of an *Error.
func requireError(t testing.TB, want string, err error) {
	t.Helper()
	require.Error(t, err)
	require.IsType(t, &Error{}, err)
	require.Equal(t, want, err.Error())
}
