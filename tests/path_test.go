package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
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
		`a."".b c.#d.:e.f]`:     {"a", "", "b c", "#d", labelText(":e"), "f]"},
		`a.\.b`:                 {"a", `\`, "b"},
		`[3]`:                   {3},
		`a[-1]`:                 {"a", -1},
		`a[?][?][?]`:            {"a", 2.5, nil, []string{"b"}},
	} {
		require.Equal(t, want, dynamapper.Path(elements...))
	}
}

// Path writes every name and index so that they are parsed as the same.
func FuzzPathRoundTrip(f *testing.F) {
	for _, name := range []string{"", "a", "a.b", "[0]", `"`, `\`, `\"`, "#", " ", "ü☢",
		"\x00\n\x7f", "\xff\xfe", "a]", "'", "`", "\u2028", "?", "-1", "\ufffd"} {
		f.Add(name, "b", uint16(3))
		f.Add("a", name, uint16(0))
	}
	f.Fuzz(func(t *testing.T, first, second string, index uint16) {
		for _, elements := range [][]any{{first}, {first, second}, {first, index, second},
			{first, index, index, second, first}, {first, second, index}} {
			path := dynamapper.Path(elements...)
			steps, err := expression.ParsePath(path)
			require.NoError(t, err, path)
			want := make([]expression.Step, len(elements))
			for i, element := range elements {
				if name, ok := element.(string); ok {
					want[i].Name = name
				} else {
					want[i].List, want[i].Index = true, int(index)
				}
			}
			require.Equal(t, want, steps, path)
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
	f.Fuzz(func(t *testing.T, path string) {
		requireErrorOrExpression(t, path, dynamapper.Exists(), nil)
		steps, err := expression.ParsePath(path)
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
		again, err := expression.ParsePath(dynamapper.Path(elements...))
		require.NoError(t, err)
		require.Equal(t, steps, again)
	})
}

// doubled has attributes whose names are paths into others.
type doubled struct {
	dynamapper.Model `dynamo:"doubled"`
	ID               string         `dynamo:"id,hash"`
	Plain            int            `dynamo:"a.b"`
	A                map[string]int `dynamo:"a,document"`
	C                int            `dynamo:"c.d"`
}

// The name of an attribute takes precedence over a path, and Path can express both.
func TestAPathThatIsAName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]map[string]string{
		dynamapper.Path("a", "b"): {"#0": "a.b"}, `"a.b"`: {"#0": "a.b"},
		`"a".b`: {"#0": "a", "#1": "b"}, "a.c": {"#0": "a", "#1": "c"}, "c.d": {"#0": "c.d"},
	} {
		table, client := caughtTable[doubled](t)
		_, err := table.Scan().Where(dynamapper.Attr(path,
			dynamapper.Exists())).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, client.scan.ExpressionAttributeNames, path)
	}
}
