package wire

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// knownNames has names of all lengths around eight and sixteen, names that differ in one place
// only, names beyond ASCII, and names that JSON escapes.
func knownNames() []string {
	names := []string{"создан", "создано", "暗い", "🔦", `a"b`, `a\`, "a\nb", "\xff", "a b", "l'été",
		"BOOL", "S", "SS", strings.Repeat("long", 60)}
	for size := 1; size <= 40; size++ {
		name := strings.Repeat("x", size)
		names = append(names, name, "a"+name[1:]+"-", name+"y", name[:size/2]+"z"+name[size/2:])
	}
	return names
}

// known reads one member by Known, and checks it against Member and Value.
func known(t *testing.T, names *Names, list []string, text string) (number int) {
	t.Helper()
	r, want := NewReader(text), NewReader(text)
	r.Object()
	want.Object()
	number, got := r.Known(names)
	if number < 0 {
		require.Equal(t, 1, r.Offset(), text)
		require.Equal(t, Invalid, got)
		return number
	}
	name, ok := want.Member()
	require.True(t, ok, text)
	require.Equal(t, name, list[number], text)
	require.Equal(t, want.Value(), got, text)
	require.Equal(t, want, r, text)
	return number
}

// Known finds each name that JSON contains unchanged, with each type, and no other.
func TestKnownFindsNames(t *testing.T) {
	t.Parallel()
	list := knownNames()
	names := NewNames(list)
	first := map[string]int{}
	for i, name := range list {
		if _, twice := first[name]; !twice {
			first[name] = i
		}
	}
	for _, name := range list {
		quoted := string(AppendString(nil, name))
		for _, value := range []string{`{"S":"x"}`, `{"N":"1"}`, `{"B":""}`, `{"BOOL":true}`,
			`{"NULL":true}`, `{"SS":["a"]}`, `{"NS":["1"]}`, `{"BS":[""]}`, `{"L":[]}`, `{"M":{}}`,
		} {
			number := known(t, names, list, `{`+quoted+`:`+value+`}`)
			if isPlainName(name) {
				require.GreaterOrEqual(t, number, 0, name)
				require.Equal(t, name, list[number])
			} else {
				require.Equal(t, -1, number, name)
			}
		}
		for _, other := range []string{name + "?", "?" + name, name[1:], name[:len(name)-1]} {
			if _, isName := first[other]; !isName {
				text := `{` + string(AppendString(nil, other)) + `:{"S":"x"}}`
				require.Equal(t, -1, known(t, names, list, text), text)
			}
		}
	}
}

// Known leaves everything that DynamoDB does not send, or that ends too early, to Member.
func TestKnownConsumesNothingElse(t *testing.T) {
	t.Parallel()
	names := NewNames([]string{"level", "name", "description_of_it", `a\`})
	for _, text := range []string{`{}`, `{`, `{ "level":{"S":"x"}}`, `{"level" :{"S":"x"}}`,
		`{"level": {"S":"x"}}`, `{"level":{ "S":"x"}}`, `{"level":{"S" :"x"}}`,
		`{"le\u0076el":{"S":"x"}}`, `{"a\"":{"S":"x"}}`, `{"level":{"X":"x"}}`,
		`{"level":{"XS":["x"]}}`, `{"level":{"NULS":["x"]}}`, `{"level":"S":"x"}}`,
		`{,"level":{"S":"x"}}`, `{"level";{"S":"x"}}`, `{"":{"S":"x"}}`, `{"":{"S":""}}`,
	} {
		require.Equal(t, -1, known(t, names, nil, text), text)
	}
	for _, text := range []string{`{"level":{"S":"x"}}`, `{"description_of_it":{"SS":["x"]}}`} {
		for end := range text {
			r := NewReader(text[:end])
			if number, _ := r.Known(names); number >= 0 {
				t.Errorf("Known accepts %q", text[:end])
			}
		}
	}
	require.Equal(t, -1, known(t, NewNames(nil), nil, `{"level":{"S":"x"}}`))
}

// A comma must come before every member but the first.
func TestKnownExpectsTheComma(t *testing.T) {
	t.Parallel()
	names := NewNames([]string{"a", "b"})
	r := NewReader(`{"a":{"S":"1"},"b":{"N":"2"}}`)
	r.Object()
	number, typ := r.Known(names)
	require.Equal(t, []any{0, S, "1"}, []any{number, typ, r.Text()})
	r.End()
	number, typ = r.Known(names)
	require.Equal(t, []any{1, N, "2"}, []any{number, typ, r.Text()})
	r.End()
	number, _ = r.Known(names)
	require.Equal(t, -1, number)
	_, ok := r.Member()
	require.False(t, ok)
	r.Done()
	require.NoError(t, r.Err())

	r = NewReader(`{"a":{"S":"1"}"b":{"N":"2"}}`)
	r.Object()
	r.Known(names)
	r.Text()
	r.End()
	number, _ = r.Known(names)
	require.Equal(t, -1, number)
}

// Random sets of names, also large ones, are all found.
func TestNamesOfManySizes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, count := range []int{1, 2, 12, 60, 400, 5000} {
		list := make([]string, count)
		for i := range list {
			list[i] = fmt.Sprintf("%.*s%d", random.IntN(20), "attribute_of_the_item", i)
		}
		names := NewNames(list)
		for i, name := range list {
			require.Equal(t, i, known(t, names, list, `{"`+name+`":{"N":"1"}}`))
		}
	}
}

// A Head comes again behind a comma, and as the first member.
func TestAgain(t *testing.T) {
	t.Parallel()
	r := NewReader(`{"a":{"S":"1"},"b":{"N":"2"}}{"b":{"N":"3"},"a":{"S":"4"}"a":{"S":"5"}}`)
	r.Object()
	start := r.Offset()
	r.Member()
	require.Equal(t, S, r.Value())
	a := r.Head(start)
	require.Equal(t, `"a":{"S":`, a)
	r.Text()
	r.End()
	start = r.Offset()
	r.Member()
	require.Equal(t, N, r.Value())
	b := r.Head(start)
	require.Equal(t, `"b":{"N":`, b)
	r.Text()
	r.End()
	r.Member()
	r.Object()
	require.False(t, r.Again(a))
	require.True(t, r.Again(b))
	require.Equal(t, "3", r.Text())
	r.End()
	require.False(t, r.Again(b))
	require.True(t, r.Again(a))
	require.Equal(t, "4", r.Text())
	r.End()
	require.False(t, r.Again(a), "no comma")
	require.NoError(t, r.Err())
}
