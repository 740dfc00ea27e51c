package dynamapper

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/expression"
)

type namedIndex uint16

// Path writes readable text and quotes names that would otherwise be ambiguous.
func TestPathIsWritten(t *testing.T) {
	t.Parallel()
	for want, elements := range map[string][]any{
		``:                      {},
		`settings.lang`:         {"settings", "lang"},
		`lines[3].sku`:          {"lines", 3, "sku"},
		`grid[1][2]`:            {"grid", int8(1), namedIndex(2)},
		`a."b.c"."[0]"."\"q\""`: {"a", "b.c", "[0]", `"q"`},
		`a."".b c.#d.:e.f]`:     {"a", "", "b c", "#d", label(":e"), "f]"},
		`a.\.b`:                 {"a", `\`, "b"},
		`[3]`:                   {3},
		`a[-1]`:                 {"a", -1},
		`a[?][?][?]`:            {"a", 2.5, nil, []string{"b"}},
	} {
		require.Equal(t, want, Path(elements...))
	}
}

// Path and parsePath preserve names and indexes.
func FuzzPathRoundTrip(f *testing.F) {
	for _, name := range []string{"", "a", "a.b", "[0]", `"`, `\`, `\"`, "#", " ", "ü☢",
		"\x00\n\x7f", "\xff\xfe", "a]", "'", "`", "\u2028", "?", "-1", "\ufffd"} {
		f.Add(name, "b", uint16(3))
		f.Add("a", name, uint16(0))
	}
	f.Fuzz(func(t *testing.T, first, second string, index uint16) {
		for _, elements := range [][]any{{first}, {first, second}, {first, index, second},
			{first, index, index, second, first}, {first, second, index}} {
			steps, err := parsePath(Path(elements...))
			require.NoError(t, err, Path(elements...))
			want := make([]expression.Step, len(elements))
			for i, element := range elements {
				if name, ok := element.(string); ok {
					want[i].Name = name
				} else {
					want[i].List, want[i].Index = true, int(index)
				}
			}
			require.Equal(t, want, steps, Path(elements...))
		}
	})
}

// Any text is a path or an error. A path that is formatted again has the same meaning.
func FuzzParsePath(f *testing.F) {
	for _, path := range []string{
		"", ".", "a", "a.b", "a.", "a..b", "a[", "a[x]", "[0]", "a.[0]", `"a`, `"a"b`,
		`"a"."b"[2].c`, "a[2147483647]", "a[2147483648]", "a[+1]", "a[0x1]", "a[1_0]",
		"a[1][2].b", `'a'`, `a."\x"`, "a.\"\n\"", "a[0]]", "counts.a", "measures[0].tags",
		"any[3].x", `we "quote".it.a`, "pair[1]",
	} {
		f.Add(path)
	}
	made, err := makeSchema(reflect.TypeFor[shelf]())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, path string) {
		requireErrorOrExpression(t, made, Attr(path, Exists()), nil)
		steps, err := parsePath(path)
		if err != nil {
			return
		}
		elements := make([]any, len(steps))
		for i, step := range steps {
			elements[i] = step.Name
			if step.List {
				elements[i] = step.Index
			}
		}
		again, err := parsePath(Path(elements...))
		require.NoError(t, err)
		require.Equal(t, steps, again)
	})
}

type doubled struct {
	Model `dynamo:"doubled"`
	ID    string         `dynamo:"id,hash"`
	Plain int            `dynamo:"a.b"`
	A     map[string]int `dynamo:"a,document"`
	C     int            `dynamo:"c.d"`
}

// The name of an attribute takes precedence over a path, and Path can express both.
func TestAPathThatIsAName(t *testing.T) {
	t.Parallel()
	s, err := makeSchema(reflect.TypeFor[doubled]())
	require.NoError(t, err)
	for path, want := range map[string]string{
		Path("a", "b"): "Plain", `"a.b"`: "Plain", `"a".b`: `A["b"]`, "a.c": `A["c"]`, "c.d": "C",
	} {
		found, err := s.resolve(path)
		require.NoError(t, err)
		require.Equal(t, want, found.goPath, path)
	}
}
