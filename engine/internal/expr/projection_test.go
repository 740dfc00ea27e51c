package expr

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProjectionErrors(t *testing.T) {
	t.Parallel()
	const overlap = "Two document paths overlap with each other; must remove or rewrite one of " +
		"these paths; "
	for _, c := range []struct{ text, want string }{
		{"", "The expression can not be empty;"},
		{strings.Repeat("x", 4097), "Expression size has exceeded the maximum allowed size;"},
		{"  ", `Syntax error; token: "<EOF>", near: "  "`},
		{"a,", `Syntax error; token: "<EOF>", near: ","`},
		{",a", `Syntax error; token: ",", near: ",a"`},
		{"a b", `Syntax error; token: "b", near: "a b"`},
		{"a, :s", `Syntax error; token: ":s", near: ", :s"`},
		{"l[00]", `Syntax error; token: "0", near: "00]"`},
		{"a!", `Syntax error; token: "!", near: "a!"`},
		{"size(a)", `Syntax error; token: "(", near: "size(a"`},
		{"(a)", `Syntax error; token: "(", near: "(a"`},
		{"a, status", "Attribute name is a reserved keyword; reserved keyword: status"},
		{"#no", "An expression attribute name used in the document path is not defined; " +
			"attribute name: #no"},
		{deepPath(33), "The document path has too many nesting levels; nesting levels: 33"},
		{"#a, a", overlap + "path one: [a], path two: [a]"},
		{"x, a.b, #a", overlap + "path one: [a, b], path two: [a]"},
		{"l[1], l, l[0]", overlap + "path one: [l, [1]], path two: [l]"},
		{"b.c, a.b.c[1], z, a.b", overlap + "path one: [a, b, c, [1]], path two: [a, b]"},
		{"a.b, a[0]", "Two document paths conflict with each other; must remove or rewrite one " +
			"of these paths; path one: [a, b], path two: [a, [0]]"},
	} {
		_, err := ParseProjection(c.text, testScope(t))
		requireError(t, "Invalid ProjectionExpression: "+c.want, err)
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()
	item := parseMap(t, `{
		"a":1, "b":"x", "m":{"k":1, "n":{"o":2, "p":[]}, "z":null}, "l":[10, [11, 12], {"k":13, "n":14}],
		"none":{}, "x.y":3
	}`)
	for _, c := range []struct{ text, want string }{
		{"a", `{"a":1}`},
		{"b,a , #dot", `{"a":1,"b":"x","x.y":3}`},
		{"gone, a", `{"a":1}`},
		{"gone", `{}`},
		{"m.k, m.n.o", `{"m":{"k":1,"n":{"o":2}}}`},
		{"m.n", `{"m":{"n":{"o":2,"p":[]}}}`},
		{"m.z", `{"m":{"z":null}}`},
		{"m.gone, m.n.gone", `{}`},
		{"m[0]", `{}`},
		{"a.b", `{}`},
		{"l.k", `{}`},
		{"l[0]", `{"l":[10]}`},
		{"l[2], l[0]", `{"l":[10,{"k":13,"n":14}]}`},
		{"l[9], l[0]", `{"l":[10]}`},
		{"l[1][1], l[2].k", `{"l":[[12],{"k":13}]}`},
		{"l[2].n, a, l[2].k", `{"a":1,"l":[{"k":13,"n":14}]}`},
		{"l[10], l[2].gone", `{}`},
		{"m.n.p", `{"m":{"n":{"p":[]}}}`},
	} {
		p, err := ParseProjection(c.text, testScope(t))
		if assert.NoError(t, err, c.text) {
			assert.JSONEq(t, c.want, show(p.Apply(item)), c.text)
		}
	}
}

func TestProjectionAttributes(t *testing.T) {
	t.Parallel()
	p, err := ParseProjection("z, #b.c, l[1], #b.d, l[0]", testScope(t))
	require.NoError(t, err)
	require.Equal(t, []string{"z", "b", "l"}, p.Attributes())
}
