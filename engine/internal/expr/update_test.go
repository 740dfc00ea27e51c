package expr

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// updateErrors are updates, each with the service's text after "Invalid UpdateExpression: ".
var updateErrors = []struct{ text, want string }{
	// Syntax.
	{"", "The expression can not be empty;"},
	{"SET " + strings.Repeat("x", 4093), "Expression size has exceeded the maximum allowed size;"},
	{" \t", "Syntax error; token: \"<EOF>\", near: \" \t\""},
	{"INVALID SYNTAX HERE", `Syntax error; token: "INVALID", near: "INVALID SYNTAX"`},
	{"SET", `Syntax error; token: "<EOF>", near: "SET"`},
	{"SET a =", `Syntax error; token: "<EOF>", near: "="`},
	{"SET a = :s,", `Syntax error; token: "<EOF>", near: ","`},
	{"SET a = :s x", `Syntax error; token: "x", near: ":s x"`},
	{"SET a :s", `Syntax error; token: ":s", near: "a :s"`},
	{"SET a = :s !", `Syntax error; token: "!", near: ":s !"`},
	{"SET a = :n + :n + :n", `Syntax error; token: "+", near: ":n + :n"`},
	{"SET a = -:n", `Syntax error; token: "-", near: "= -:n"`},
	{"SET a = b = :n", `Syntax error; token: "=", near: "b = :n"`},
	{"SET a = :n AND b = :n", `Syntax error; token: "AND", near: ":n AND b"`},
	{"SET :n = a", `Syntax error; token: ":n", near: "SET :n ="`},
	{"SET a = list_append(b :list)", `Syntax error; token: ":list", near: "b :list)"`},
	{"SET a = (b", `Syntax error; token: "<EOF>", near: "b"`},
	{"SET REMOVE a", `Syntax error; token: "REMOVE", near: "SET REMOVE a"`},
	{"SET c = l[00]", `Syntax error; token: "0", near: "00]"`},
	{"SET a[ = :s", `Syntax error; token: "=", near: "[ = :s"`},
	{"REMOVE", `Syntax error; token: "<EOF>", near: "REMOVE"`},
	{"REMOVE a :s", `Syntax error; token: ":s", near: "a :s"`},
	{"REMOVE l[01]", `Syntax error; token: "1", near: "01]"`},
	{"ADD a", `Syntax error; token: "<EOF>", near: "a"`},
	{"ADD a b", `Syntax error; token: "b", near: "a b"`},
	{"DELETE a = :ss", `Syntax error; token: "=", near: "a = :ss"`},
	// Clauses.
	{"SET a = :s SET b = :s",
		`The "SET" section can only be used once in an update expression;`},
	{"REMOVE a SET b = :s remove c",
		`The "REMOVE" section can only be used once in an update expression;`},
	{"ADD a :n ADD b :n", `The "ADD" section can only be used once in an update expression;`},
	{"DELETE a :ss, b :ss delete c :ss",
		`The "DELETE" section can only be used once in an update expression;`},
	// Words and functions.
	{"SET status = :s", "Attribute name is a reserved keyword; reserved keyword: status"},
	{"SET a = m.Name", "Attribute name is a reserved keyword; reserved keyword: Name"},
	{"REMOVE a.status", "Attribute name is a reserved keyword; reserved keyword: status"},
	{"SET a = foo(b)", "Invalid function name; function: foo"},
	{"SET a = IF_NOT_EXISTS(b, :s)", "Invalid function name; function: IF_NOT_EXISTS"},
	{"SET a = size(b)", "The function is not allowed in an update expression; function: size"},
	{"SET a = if_not_exists(b)", "Incorrect number of operands for operator or function; " +
		"operator or function: if_not_exists, number of operands: 1"},
	{"SET a = list_append(b, :list, c)", "Incorrect number of operands for operator or " +
		"function; operator or function: list_append, number of operands: 3"},
	{"SET a = ((b + :n))", "The expression has redundant parentheses;"},
	// Names and values.
	{"SET #no = :s", "An expression attribute name used in the document path is not defined; " +
		"attribute name: #no"},
	{"SET a = :no", "An expression attribute value used in expression is not defined; " +
		"attribute value: :no"},
	{"SET a = list_append(b, :no)", "An expression attribute value used in expression is not " +
		"defined; attribute value: :no"},
	{"ADD a :no", "An expression attribute value used in expression is not defined; " +
		"attribute value: :no"},
	{"REMOVE " + deepPath(33),
		"The document path has too many nesting levels; nesting levels: 33"},
	// Targets.
	{"SET a = :s, a = :t", overlapping + "path one: [a], path two: [a]"},
	{"SET a.b = :s, a = :t", overlapping + "path one: [a, b], path two: [a]"},
	{"SET a = :t, #a.b = :s", overlapping + "path one: [a], path two: [a, b]"},
	{"SET l[3] = :s REMOVE l[3]", overlapping + "path one: [l, [3]], path two: [l, [3]]"},
	{"DELETE x :ss ADD m.n :n SET x = :s", overlapping + "path one: [x], path two: [x]"},
	{"SET a[3].c = :s, a.c[3] = :t", "Two document paths conflict with each other; must remove " +
		"or rewrite one of these paths; path one: [a, [3], c], path two: [a, c, [3]]"},
	// Operands.
	{"SET a = b + :s", "Incorrect operand type for operator or function; " +
		"operator or function: +, operand type: S"},
	{"SET a = :map - b", "Incorrect operand type for operator or function; " +
		"operator or function: -, operand type: M"},
	{"SET a = if_not_exists(b, (c + :null))", "Incorrect operand type for operator or function; " +
		"operator or function: +, operand type: NULL"},
	{"SET l = list_append(:s, l)", "Incorrect operand type for operator or function; " +
		"operator or function: list_append, operand type: S"},
	{"SET l = list_append(l, list_append(l, :ss))", "Incorrect operand type for operator or " +
		"function; operator or function: list_append, operand type: SS"},
	{"SET a = if_not_exists(:s, :t)",
		"Operator or function requires a document path; operator or function: if_not_exists"},
	{"SET a = if_not_exists(list_append(l, :list), :list)",
		"Operator or function requires a document path; operator or function: if_not_exists"},
	{"ADD a :s", addOperand + "STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	{"ADD a :b", addOperand + "Binary, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	{"ADD a :true", addOperand + "BOOL, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	{"ADD a :null", addOperand + "NULL, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	{"ADD a :list", addOperand + "LIST, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	{"ADD a :map", addOperand + "MAP, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	{"DELETE a :n", "Incorrect operand type for operator or function; operator: DELETE, " +
		"operand type: NUMBER, typeSet: ALLOWED_FOR_ADD_OPERAND"},
	// Which error comes first.
	{"SET status = :s,", `Syntax error; token: "<EOF>", near: ","`},
	{"SET a = :no, a.status = :s",
		"Attribute name is a reserved keyword; reserved keyword: status"},
	{"SET a = :s + b, a.b = :no", "An expression attribute value used in expression is not " +
		"defined; attribute value: :no"},
	{"SET a = :s + b, a.b = :s", "Incorrect operand type for operator or function; " +
		"operator or function: +, operand type: S"},
}

const (
	overlapping = "Two document paths overlap with each other; " +
		"must remove or rewrite one of these paths; "
	addOperand = "Incorrect operand type for operator or function; operator: ADD, operand type: "
)

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	for _, c := range updateErrors {
		_, err := ParseUpdate(c.text, testScope(t))
		requireError(t, "Invalid UpdateExpression: "+c.want, err)
	}
}

func TestUpdateOperatorLimit(t *testing.T) {
	t.Parallel()
	sums := func(operators int) error {
		text := strings.Repeat("b+(", operators-1) + "b+b" + strings.Repeat(")", operators-1)
		_, err := ParseUpdate("SET a="+text, testScope(t))
		return err
	}
	require.NoError(t, sums(300))
	requireError(t, "Invalid UpdateExpression: The expression contains too many operators; "+
		"operator count: 301", sums(301))
}

const updateItem = `{
	"pk":"k", "n":5, "s":"text", "a":1, "ss":{"SS!":["a","b"]}, "ns":{"NS!":["1","3"]},
	"bs":{"BS!":["x","y"]}, "l":[1,2,3], "lx":[{"x":1},{"x":2},{"x":3}], "m":{"a":1,"deep":{"b":2}},
	"lss":[{"SS!":["a"]},{"SS!":["b","c"]},"z"], "e":[]
}`

// updates are updates of updateItem, each with the attributes that it changes. A removed attribute
// is null.
var updates = []struct{ text, want string }{
	// SET.
	{"SET s = :n", `{"s":5}`},
	{"SET fresh = :map", `{"fresh":{"k":1}}`},
	{"SET #dot = :null", `{"x.y":null}`},
	{"SET s = n", `{"s":5}`},
	{"SET s = m.deep.b, fresh = l[1]", `{"s":2,"fresh":2}`},
	{"SET m.a = :s", `{"m":{"a":"text","deep":{"b":2}}}`},
	{"SET m.fresh = :s", `{"m":{"a":1,"deep":{"b":2},"fresh":"text"}}`},
	{"SET m.deep.b = :s, m.deep.c = :n, m.a = :one",
		`{"m":{"a":1,"deep":{"b":"text","c":5}}}`},
	{"SET l[1] = :s", `{"l":[1,"text",3]}`},
	{"SET lx[0].y = :s", `{"lx":[{"x":1,"y":"text"},{"x":2},{"x":3}]}`},
	{"set fresh = :s", `{"fresh":"text"}`},
	// All operands are read from the item before the update.
	{"SET n = :m, s = n", `{"n":7,"s":5}`},
	{"SET a = n, n = a", `{"a":5,"n":1}`},
	{"REMOVE n SET s = n + :one", `{"n":null,"s":6}`},
	{"SET l[0] = l[2], l[2] = l[0]", `{"l":[3,2,1]}`},
	{"SET m = :map, s = m.deep.b", `{"m":{"k":1},"s":2}`},
	{"ADD n :m SET s = n", `{"n":12,"s":5}`},
	{"SET fresh = l REMOVE l[0]", `{"fresh":[1,2,3],"l":[2,3]}`},
	// Numbers.
	{"SET n = n + :m", `{"n":12}`},
	{"SET n = :m - n", `{"n":2}`},
	{"SET n = n - n", `{"n":0}`},
	{"SET n = n + m.a", `{"n":6}`},
	{"SET n = n+:m", `{"n":12}`},
	{"SET n = (n + :m)", `{"n":12}`},
	{"SET n = n - (a - :m)", `{"n":11}`},
	{"SET n = (n + :m) + (a - :one)", `{"n":12}`},
	{"SET fresh = if_not_exists(fresh, :two) + :m", `{"fresh":9}`},
	// Functions.
	{"SET n = if_not_exists(n, :m)", `{}`},
	{"SET fresh = if_not_exists(fresh, :m)", `{"fresh":7}`},
	{"SET fresh = if_not_exists(gone, n)", `{"fresh":5}`},
	{"SET fresh = if_not_exists(n, gone)", `{"fresh":5}`},
	{"SET fresh = if_not_exists(gone, if_not_exists(m.gone, :s))", `{"fresh":"text"}`},
	{"SET l = list_append(l, :list)", `{"l":[1,2,3,1,"x"]}`},
	{"SET l = list_append(:list, l)", `{"l":[1,"x",1,2,3]}`},
	{"SET l = list_append(l, l)", `{"l":[1,2,3,1,2,3]}`},
	{"SET fresh = list_append(if_not_exists(fresh, :empty), :list)", `{"fresh":[1,"x"]}`},
	{"SET e = list_append(e, :empty)", `{}`},
	// REMOVE. An absent attribute may be removed.
	{"REMOVE n", `{"n":null}`},
	{"REMOVE n, s, gone", `{"n":null,"s":null}`},
	{"REMOVE m.a, m.deep.b", `{"m":{"deep":{}}}`},
	{"REMOVE m.gone", `{}`},
	{"REMOVE l[0], l[1]", `{"l":[3]}`},
	{"REMOVE l[1], l[0], l[2]", `{"l":[]}`},
	{"REMOVE l[9]", `{}`},
	{"REMOVE l[3]", `{}`},
	{"REMOVE lx[0], lx[1].x", `{"lx":[{},{"x":3}]}`},
	{"REMOVE lx[0], lx[9]", `{"lx":[{"x":2},{"x":3}]}`},
	// Past the end of a list. Appended values are in the order of their indexes.
	{"SET l[3] = :s", `{"l":[1,2,3,"text"]}`},
	{"SET l[99] = :s", `{"l":[1,2,3,"text"]}`},
	{"SET e[0] = :s", `{"e":["text"]}`},
	{"SET l[10] = :one, l[11] = :two", `{"l":[1,2,3,1,2]}`},
	{"SET l[11] = :two, l[10] = :one", `{"l":[1,2,3,1,2]}`},
	{"SET l[9] = :one, l[10] = :two, l[0] = :s", `{"l":["text",2,3,1,2]}`},
	{"SET l[5] = :m REMOVE l[0]", `{"l":[2,3,7]}`},
	{"SET l[10] = :m REMOVE l[3]", `{"l":[1,2,3,7]}`},
	{"SET l[10] = :m REMOVE l[2]", `{"l":[1,2,7]}`},
	{"SET l[10] = :m ADD l[3] :n", `{"l":[1,2,3,5,7]}`},
	{"SET l[10] = :ss DELETE l[3] :a", `{"l":[1,2,3,{"SS!":["a","b"]}]}`},
	{"ADD l[3] :n", `{"l":[1,2,3,5]}`},
	// ADD.
	{"ADD n :m", `{"n":12}`},
	{"ADD fresh :m", `{"fresh":7}`},
	{"ADD fresh :ss", `{"fresh":{"SS!":["a","b"]}}`},
	{"ADD ss :a", `{}`},
	{"ADD ns :ns", `{"ns":{"NS!":["1","2","3"]}}`},
	{"ADD bs :bs, n :one", `{"n":6}`},
	{"ADD m.fresh :m, m.a :m", `{"m":{"a":8,"deep":{"b":2},"fresh":7}}`},
	{"ADD l[0] :m", `{"l":[8,2,3]}`},
	{"REMOVE lx[0] ADD lx[1].x :m", `{"lx":[{"x":9},{"x":3}]}`},
	// DELETE. A set without elements is removed.
	{"DELETE ss :a", `{"ss":{"SS!":["b"]}}`},
	{"DELETE ss :ss", `{"ss":null}`},
	{"DELETE ns :ns", `{"ns":{"NS!":["3"]}}`},
	{"DELETE bs :bs", `{"bs":{"BS!":["y"]}}`},
	{"DELETE gone :ss, m.gone :ss", `{}`},
	{"DELETE lss[0] :a", `{"lss":[{"SS!":["b","c"]},"z"]}`},
	{"DELETE lss[0] :a, lss[1] :ss", `{"lss":[{"SS!":["c"]},"z"]}`},
	{"DELETE lss[0] :a REMOVE lss[1]", `{"lss":["z"]}`},
	{"DELETE lss[0] :a SET lss[1] = :s", `{"lss":["text","z"]}`},
	{"SET n = :m REMOVE s ADD a :one DELETE ss :a", `{"n":7,"s":null,"a":2,"ss":{"SS!":["b"]}}`},
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	for _, c := range updates {
		item := parseMap(t, updateItem)
		before := show(item)
		u, err := ParseUpdate(c.text, testScope(t))
		require.NoError(t, err, c.text)
		after, err := u.Apply(item)
		require.NoError(t, err, c.text)
		want := parseMap(t, updateItem)
		for _, a := range parseMap(t, c.want) {
			if show(a.Value) == "null" && a.Name != "x.y" {
				want = want.Without(a.Name)
				continue
			}
			want = want.With(a.Name, a.Value)
		}
		assert.Equal(t, show(want), show(after), c.text)
		assert.Equal(t, before, show(item), "an update must not change the item itself: %s", c.text)
	}
}

// refusedUpdates are updates that updateItem does not allow.
var refusedUpdates = []struct {
	text string
	want *Error
}{
	// Targets whose parent is absent or has another type.
	{"SET gone.y = :n", errPath}, {"SET gone.y.z = :n", errPath}, {"SET m.gone.y = :n", errPath},
	{"SET s.y = :n", errPath}, {"SET gone[0] = :n", errPath}, {"SET m[0] = :n", errPath},
	{"SET l.y = :n", errPath}, {"SET l[1].y = :n", errPath}, {"SET lx[9].y = :n", errPath},
	{"SET n = :m, gone.y = :n", errPath}, {"SET n = :m REMOVE gone.y", errPath},
	{"REMOVE gone.y", errPath}, {"REMOVE m.gone.y", errPath}, {"REMOVE gone[0]", errPath},
	{"REMOVE s.y", errPath}, {"REMOVE m[0]", errPath},
	{"ADD gone.y :n", errPath}, {"ADD m.gone.y :n", errPath}, {"ADD s.y :n", errPath},
	{"ADD lx[1].x.y :n", errPath},
	{"DELETE gone.y :ss", errPath}, {"DELETE s.y :ss", errPath},
	// Absent operands.
	{"SET n = gone", errMissing}, {"SET n = gone + :n", errMissing},
	{"SET n = n - gone", errMissing}, {"SET n = m.gone", errMissing},
	{"SET l = list_append(gone, :list)", errMissing}, {"SET l = list_append(l, gone)", errMissing},
	{"SET fresh = :n, n = fresh + :n", errMissing},
	{"SET n = if_not_exists(gone, l[3])", errMissing},
	// Operands of the wrong type.
	{"SET n = s + :n", errOperand}, {"SET n = :n - l", errOperand}, {"SET n = m + n", errOperand},
	{"SET l = list_append(s, l)", errOperand}, {"SET l = list_append(l, n)", errOperand},
	{"SET n = list_append(l, l) + :n", errOperand},
	{"ADD s :n", errOperand}, {"ADD ss :n", errOperand}, {"ADD n :ss", errOperand},
	{"ADD ss :ns", errOperand}, {"ADD l :ss", errOperand}, {"DELETE ss :ns", errOperand},
	{"DELETE n :ss", errOperand},
	// A value that does not fit the stored one is reported before a wrong path.
	{"SET gone.y = :n ADD s :n", errOperand}, {"SET gone.y = :n DELETE s :ss", errOperand},
}

func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	item := parseMap(t, updateItem)
	for _, c := range refusedUpdates {
		u, err := ParseUpdate(c.text, testScope(t))
		require.NoError(t, err, c.text)
		_, err = u.Apply(item)
		assert.Equal(t, error(c.want), err, c.text)
	}
}

func TestUpdateOfNoItem(t *testing.T) {
	t.Parallel()
	u, err := ParseUpdate("SET a = :s REMOVE b ADD c :n DELETE d :ss", testScope(t))
	require.NoError(t, err)
	after, err := u.Apply(nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"a":"text","c":5}`, show(after))
}

func TestExactNumbers(t *testing.T) {
	t.Parallel()
	const overflow = "Number overflow. " +
		"Attempting to store a number with magnitude larger than supported range"
	for _, c := range []struct{ text, a, b, want string }{
		{"SET n = :a + :b", "0.1", "0.2", "0.3"},
		{"SET n = :a - :b", "0.3", "0.1", "0.2"},
		{"SET n = :a + :b", "9007199254740993", "1", "9007199254740994"},
		{"SET n = :a + :b", "99999999999999999999999999999999999998", "1",
			"99999999999999999999999999999999999999"},
		{"SET n = :a - :b", "-1", "-1", "0"},
		{"SET n = :a + :b", "9E125", "9E125", overflow},
		{"SET n = :a - :b", "-9E125", "9E125", overflow},
	} {
		s := NewScope(nil, false, parseMap(t, `{":a":`+c.a+`,":b":`+c.b+`}`), true)
		u, err := ParseUpdate(c.text, s)
		require.NoError(t, err)
		after, err := u.Apply(nil)
		if strings.HasPrefix(c.want, "Number") {
			requireError(t, c.want, err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, show(after.Get("n")), "%s %s", c.text, c.a)
	}
}

func TestTouched(t *testing.T) {
	t.Parallel()
	item := parseMap(t,
		`{"pk":"k", "a":{"b":"dog","c":[1,2,3]}, "d":"cat", "n":1, "ss":{"SS!":["x"]}}`)
	for _, c := range []struct{ text, old, new string }{
		{"SET d = :s, fresh = :t", `{"d":"cat"}`, `{"d":"text","fresh":"uvw"}`},
		{"SET fresh = :s", `{}`, `{"fresh":"text"}`},
		{"REMOVE d", `{"d":"cat"}`, `{}`},
		{"REMOVE d SET n = n + :one", `{"d":"cat","n":1}`, `{"n":2}`},
		{"REMOVE gone", `{}`, `{}`},
		{"ADD n :n", `{"n":1}`, `{"n":6}`},
		{"ADD ss :a", `{"ss":{"SS!":["x"]}}`, `{"ss":{"SS!":["a","x"]}}`},
		// A path into a map or a list gives that part alone.
		{"SET a.b = :s", `{"a":{"b":"dog"}}`, `{"a":{"b":"text"}}`},
		{"SET a.c[1] = :s", `{"a":{"c":[2]}}`, `{"a":{"c":["text"]}}`},
		{"SET a.c[1] = :s, a.b = :n", `{"a":{"b":"dog","c":[2]}}`, `{"a":{"b":5,"c":["text"]}}`},
		{"SET a.fresh = :n", `{}`, `{"a":{"fresh":5}}`},
		{"REMOVE a.c[1], a.c[3]", `{"a":{"c":[2]}}`, `{"a":{"c":[3]}}`},
		// Indexes are those of the expression: an appended value is not at its index.
		{"SET a.c[100] = :n", `{}`, `{}`},
		{"SET a.c[3] = :n", `{}`, `{"a":{"c":[5]}}`},
	} {
		u, err := ParseUpdate(c.text, testScope(t))
		require.NoError(t, err, c.text)
		after, err := u.Apply(item)
		require.NoError(t, err, c.text)
		assert.JSONEq(t, c.old, show(u.Touched(item)), c.text)
		assert.JSONEq(t, c.new, show(u.Touched(after)), c.text)
		assert.Nil(t, u.Touched(nil))
	}
}

func TestUpdateAttributes(t *testing.T) {
	t.Parallel()
	u, err := ParseUpdate("REMOVE z SET #b.c = d, l[0] = :s, b.x = e ADD a :n", testScope(t))
	require.NoError(t, err)
	require.Equal(t, []string{"b", "l", "z", "a"}, u.Attributes())
}

func TestRequestSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int
	}{
		{"SET abc = :s", 3 + 19 + 3 + 4},
		{"SET #status = :s", 3 + 19 + 6 + 4},
		{"SET a.bc[12] = :s", 3 + 19 + (1 + 4 + 2 + 4 + 2) + 4},
		{"SET a = b.cd", 3 + 19 + 1 + (1 + 14 + 1 + 14 + 2)},
		{"SET a = b + :s1", 3 + 19 + 1 + 34 + (1 + 14 + 1) + 3},
		{"SET a = (b - :s1)", 3 + 19 + 1 + 37 + (1 + 14 + 1) + 3},
		{"SET a = if_not_exists(b, :s)", 3 + 19 + 1 + 39 + (1 + 14 + 1) + 4},
		{"SET a = list_append(b, c)", 3 + 19 + 1 + 37 + 2*(1+14+1)},
		{"SET a = :s, b = :s", 3 + 2*(19+1+4)},
		{"REMOVE abc, b", 3 + (1 + 3) + (1 + 1)},
		{"ADD a :ss", 3 + 19 + 1 + 2},
		{"DELETE a :ss", 3 + 1 + 1},
	} {
		values := parseMap(t, testValues).With(":s1", parseNumber(t, "1234"))
		u, err := ParseUpdate(c.text, NewScope(testNames, true, values, true))
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, u.RequestSize(), c.text)
	}
}
