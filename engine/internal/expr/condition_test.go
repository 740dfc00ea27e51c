package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// conditionErrors are conditions, each with the service's text after "Invalid ConditionExpression:
// ".
var conditionErrors = []struct{ text, want string }{
	// Syntax, at the end.
	{"", `The expression can not be empty;`},
	{"   ", `Syntax error; token: "<EOF>", near: "   "`},
	{"\t\n", "Syntax error; token: \"<EOF>\", near: \"\t\n\""},
	{"attribute_not_exists(", `Syntax error; token: "<EOF>", near: "("`},
	{"attribute_exists(pk", `Syntax error; token: "<EOF>", near: "pk"`},
	{"a =", `Syntax error; token: "<EOF>", near: "="`},
	{"a", `Syntax error; token: "<EOF>", near: "a"`},
	{"a = :s AND", `Syntax error; token: "<EOF>", near: "AND"`},
	{"a BETWEEN :s", `Syntax error; token: "<EOF>", near: ":s"`},
	{"(a = :s", `Syntax error; token: "<EOF>", near: ":s"`},
	{"a.", `Syntax error; token: "<EOF>", near: "."`},
	{"a[", `Syntax error; token: "<EOF>", near: "["`},
	{"NOT", `Syntax error; token: "<EOF>", near: "NOT"`},
	{"size(a) =", `Syntax error; token: "<EOF>", near: "="`},
	// Syntax, before the end.
	{"attribute_exists(pk) x", `Syntax error; token: "x", near: ") x"`},
	{"attribute_exists(pk) x y", `Syntax error; token: "x", near: ") x y"`},
	{"a = :s :t", `Syntax error; token: ":t", near: ":s :t"`},
	{"a = :s :t x", `Syntax error; token: ":t", near: ":s :t x"`},
	{"a = :s)", `Syntax error; token: ")", near: ":s)"`},
	{"a :s", `Syntax error; token: ":s", near: "a :s"`},
	{"a = = :s", `Syntax error; token: "=", near: "= = :s"`},
	{"= :s", `Syntax error; token: "=", near: "= :s"`},
	{"AND a = :s", `Syntax error; token: "AND", near: "AND a"`},
	{"aaa = :s AND bbbb = :t cccc = :n", `Syntax error; token: "cccc", near: ":t cccc ="`},
	{"attribute_exists pk", `Syntax error; token: "pk", near: "attribute_exists pk"`},
	{"attribute_exists(pk,)", `Syntax error; token: ")", near: ",)"`},
	{"attribute_exists()", `Syntax error; token: ")", near: "()"`},
	{"begins_with(a :s)", `Syntax error; token: ":s", near: "a :s)"`},
	{"a IN :s", `Syntax error; token: ":s", near: "IN :s"`},
	{"a IN ()", `Syntax error; token: ")", near: "()"`},
	{"a BETWEEN :s OR :t", `Syntax error; token: "OR", near: ":s OR :t"`},
	{"a BETWEEN :s , :t", `Syntax error; token: ",", near: ":s , :t"`},
	{"(a AND b = :s)", `Syntax error; token: "AND", near: "a AND b"`},
	{"(a = :s AND b)", `Syntax error; token: ")", near: "b)"`},
	{"(a = :s) = :t", `Syntax error; token: "=", near: ") = :t"`},
	{"set = :s", `Syntax error; token: "set", near: "set ="`},
	// Indexes.
	{"a[x] = :s", `Syntax error; token: "x", near: "[x]"`},
	{"a[1 = :s", `Syntax error; token: "=", near: "1 = :s"`},
	{"l[00] = :s", `Syntax error; token: "0", near: "00]"`},
	{"l[01] = :s", `Syntax error; token: "1", near: "01]"`},
	{"l[007] = :s", `Syntax error; token: "0", near: "007"`},
	{"l[:n] = :s", `Syntax error; token: ":n", near: "[:n]"`},
	{"l[2147483648] = :s",
		`List index is not within the allowable range; index: [2147483648]`},
	// Characters that begin no token.
	{"!!!", `Syntax error; token: "!", near: "!!"`},
	{"a = :s !", `Syntax error; token: "!", near: ":s !"`},
	{"a ! b", `Syntax error; token: "!", near: "a ! b"`},
	{"é a = :s", `Syntax error; token: "é", near: "é a"`},
	{"a = :s€", `Syntax error; token: "€", near: ":s€"`},
	{"a\u00a0= :s", "Syntax error; token: \"\u00a0\", near: \"a\u00a0=\""},
	{"# = :s", `Syntax error; token: "#", near: "# ="`},
	{"a = :", `Syntax error; token: ":", near: "= :"`},
	// Reserved words and functions.
	{"status = :s", `Attribute name is a reserved keyword; reserved keyword: status`},
	{"a.Data = :s", `Attribute name is a reserved keyword; reserved keyword: Data`},
	{"foo(a)", `Invalid function name; function: foo`},
	{"foo(a, :s) = :t", `Invalid function name; function: foo`},
	{"Size(a) = :n", `Invalid function name; function: Size`},
	{"if_not_exists(a, :s) = :t",
		`The function is not allowed in a condition expression; function: if_not_exists`},
	{"size(a)",
		`The function is not allowed to be used this way in an expression; function: size`},
	{"(size(a)) AND b = :s",
		`The function is not allowed to be used this way in an expression; function: size`},
	{"contains(a, :s) = :true",
		`The function is not allowed to be used this way in an expression; function: contains`},
	{"a = attribute_exists(b)", `The function is not allowed to be used this way in an ` +
		`expression; function: attribute_exists`},
	{"foo(a", `Syntax error; token: "<EOF>", near: "a"`},
	// Numbers of operands.
	{"attribute_exists(a, b)", `Incorrect number of operands for operator or function; ` +
		`operator or function: attribute_exists, number of operands: 2`},
	{"contains(a)", `Incorrect number of operands for operator or function; ` +
		`operator or function: contains, number of operands: 1`},
	{"size(a, b) = :n", `Incorrect number of operands for operator or function; ` +
		`operator or function: size, number of operands: 2`},
	// Parentheses.
	{"((a = :s))", `The expression has redundant parentheses;`},
	{"((a)) = :s", `The expression has redundant parentheses;`},
	{"a = :s AND ((b = :t)) AND", `The expression has redundant parentheses;`},
	{"(((a = :s) AND b = :t))", `The expression has redundant parentheses;`},
	// Names and values.
	{"#no = :s", `An expression attribute name used in the document path is not defined; ` +
		`attribute name: #no`},
	{"a.#no = :no", `An expression attribute name used in the document path is not defined; ` +
		`attribute name: #no`},
	{"a = :no", `An expression attribute value used in expression is not defined; ` +
		`attribute value: :no`},
	{"a = :no AND #no = :s", `An expression attribute value used in expression is not defined; ` +
		`attribute value: :no`},
	{deepPath(33) + " = :s", `The document path has too many nesting levels; nesting levels: 33`},
	// Operands.
	{"attribute_exists(:s)",
		`Operator or function requires a document path; operator or function: attribute_exists`},
	{"attribute_not_exists(size(a))", `Operator or function requires a document path; ` +
		`operator or function: attribute_not_exists`},
	{"a = a", `The first operand must be distinct from the remaining operands for this operator ` +
		`or function; operator: =, first operand: [a]`},
	{"contains(#a.l[0], a.#l[0])", `The first operand must be distinct from the remaining ` +
		`operands for this operator or function; operator: contains, first operand: [a, l, [0]]`},
	{"a IN (:s, b, a)", `The first operand must be distinct from the remaining operands for ` +
		`this operator or function; operator: IN, first operand: [a]`},
	{"a < :map", `Incorrect operand type for operator or function; ` +
		`operator or function: <, operand type: M`},
	{":true >= a", `Incorrect operand type for operator or function; ` +
		`operator or function: >=, operand type: BOOL`},
	{"begins_with(a, :n)", `Incorrect operand type for operator or function; ` +
		`operator or function: begins_with, operand type: N`},
	{"begins_with(:ss, a)", `Incorrect operand type for operator or function; ` +
		`operator or function: begins_with, operand type: SS`},
	{"begins_with(a, size(b))", `Incorrect operand type for operator or function; ` +
		`operator or function: begins_with, operand type: N`},
	{"size(:n) = :n", `Incorrect operand type for operator or function; ` +
		`operator or function: size, operand type: N`},
	{"attribute_type(a, :n)", `Incorrect operand type for operator or function; ` +
		`operator or function: attribute_type, operand type: N`},
	{"attribute_type(a, b)", `Incorrect operand type for operator or function; operator or ` +
		`function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}`},
	{"attribute_type(a, :tDog)", `Invalid attribute type name found; type: DOG, ` +
		`valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`},
	{"a BETWEEN :ss AND :ns", `Incorrect operand type for operator or function; ` +
		`operator or function: BETWEEN, operand type: SS`},
	{"a between :s and :n", `The BETWEEN operator requires same data type for lower and upper ` +
		`bounds; lower bound operand: AttributeValue: {S:text}, ` +
		`upper bound operand: AttributeValue: {N:5}`},
	{"a BETWEEN :t AND :s", `The BETWEEN operator requires upper bound to be greater than or ` +
		`equal to lower bound; lower bound operand: AttributeValue: {S:uvw}, ` +
		`upper bound operand: AttributeValue: {S:text}`},
	{"a BETWEEN :c AND :b", `The BETWEEN operator requires upper bound to be greater than or ` +
		`equal to lower bound; lower bound operand: AttributeValue: {B:Y3l0ZXM=}, ` +
		`upper bound operand: AttributeValue: {B:Ynl0ZXM=}`},
	// Which error comes first.
	{"status = :s AND", `Syntax error; token: "<EOF>", near: "AND"`},
	{"a = :no AND status = :s", `Attribute name is a reserved keyword; reserved keyword: status`},
	{"begins_with(a, :n) AND a = :no", `Incorrect operand type for operator or function; ` +
		`operator or function: begins_with, operand type: N`},
}

// deepPath returns a path of a depth.
func deepPath(depth int) string { return "a" + strings.Repeat("[0]", depth-1) }

func TestConditionErrors(t *testing.T) {
	t.Parallel()
	for _, c := range conditionErrors {
		_, err := ParseCondition(KindCondition, c.text, testScope(t))
		requireError(t, "Invalid ConditionExpression: "+c.want, err)
	}
	_, err := ParseCondition(KindFilter, "a =", testScope(t))
	requireError(t, `Invalid FilterExpression: Syntax error; token: "<EOF>", near: "="`, err)
}

func TestExpressionSize(t *testing.T) {
	t.Parallel()
	fits := "attribute_exists(" + strings.Repeat("x", 4096-len("attribute_exists()")) + ")"
	for kind, want := range map[Kind]string{
		KindCondition:            "Invalid ConditionExpression: %s size;",
		KindFilter:               "Invalid FilterExpression: %s size;",
		KindScanFilter:           "Invalid FilterExpression: %s size; expression size: 4097",
		KindTransactionCondition: "Invalid ConditionExpression: %s size; expression size: 4097",
	} {
		_, err := ParseCondition(kind, fits, testScope(t))
		require.NoError(t, err)
		_, err = ParseCondition(kind, fits+" ", testScope(t))
		requireError(t, fmt.Sprintf(want, "Expression size has exceeded the maximum allowed"), err)
	}
}

func TestOperatorLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int // operators
	}{
		{"a=:n" + strings.Repeat(" OR a=:n", 149), 299},
		{"NOT a=:n" + strings.Repeat(" AND a=:n", 149), 300},
		{"NOT a=:n" + strings.Repeat(" OR a>:n AND a<:n", 74) + " OR a IN (:n)", 300},
		{"a=:n" + strings.Repeat(" OR a=:n", 150), 301},
		{"a=:n" + strings.Repeat(" AND a<>:n", 149) + " AND contains(a,:n)", 301},
		{"a BETWEEN :one AND :n" + strings.Repeat(" AND size(a)>:n", 100), 301},
	} {
		_, err := ParseCondition(KindCondition, c.text, testScope(t))
		if c.want <= 300 {
			require.NoError(t, err, c.text)
			continue
		}
		requireError(t, fmt.Sprintf("Invalid ConditionExpression: The expression contains too "+
			"many operators; operator count: %d", c.want), err)
	}
}

func TestInLimit(t *testing.T) {
	t.Parallel()
	in := func(operands int) error {
		text := "a IN (" + strings.Repeat(":n,", operands-1) + ":n)"
		_, err := ParseCondition(KindFilter, text, testScope(t))
		return err
	}
	require.NoError(t, in(100))
	requireError(t, "Invalid FilterExpression: The IN operator is provided with too many "+
		"operands; number of operands: 101", in(101))
}

func TestConditionAttributes(t *testing.T) {
	t.Parallel()
	c, err := ParseCondition(KindFilter,
		"z.y = :s OR #a[0] < b AND (contains(#dot, :s) OR size(z.x) = :n) AND NOT m IN (b, #hash)",
		testScope(t))
	require.NoError(t, err)
	require.Equal(t, []string{"#a", "a", "b", "m", "x.y", "z"}, c.Attributes())
	require.Equal(t, []string{"z", "a"}, c.NestedAttributes())
}

const evalItem = `{
	"a":1, "b":"text", "bin":{"B!":"bytes"}, "t":true, "nul":null, "s":"", "big":"h\u00e9\ud83d\ude00",
	"ss":{"SS!":["a","b"]}, "ns":{"NS!":["1","2","5"]}, "bs":{"BS!":["x","y"]},
	"l":[5, "text", {"SS!":["b","a"]}, [1], {"k":1}], "m":{"k":1, "deep":{"l":[{"x":2}]}},
	"status":"open", "x.y":3, "#a":4, "five":5, "tex":"tex"
}`

// evaluations are conditions and whether they hold for evalItem.
var evaluations = []struct {
	text string
	want bool
}{
	// Equality, of each type.
	{"five = :n", true}, {"a = :n", false}, {"a <> :n", true}, {"five <> :n", false},
	{"b = :s", true}, {"s = :e", true}, {"bin = :b", true}, {"bin = :c", false},
	{"t = :true", true}, {"nul = :null", true}, {"t = :null", false},
	{"ss = :ss", true}, {"ss = :a", false}, {"ns = :ns", false}, {"bs = :bs", false},
	{"m.deep = :map", false}, {"l[4] = :map", true}, {"l = :list", false},
	{"#status = b", false}, {"#dot = #hash", false}, {"#dot < #hash", true},
	// Values of two types are neither equal nor ordered.
	{"a = :s", false}, {"a <> :s", true}, {"a < :s", false}, {"a > :s", false}, {"b >= :n", false},
	{"NOT a < :s", true}, {"ss = :list", false},
	// Order. A value without an order is neither less nor greater.
	{"a < :n", true}, {"five < :n", false}, {"five <= :n", true}, {"five >= :n", true},
	{"five > :n", false}, {"five > :one", true}, {"b < :t", true}, {"bin < :c", true},
	{"ss < b", false}, {"t <= m", false}, {"nul >= nul2", false}, {"l > m", false},
	// Attributes that the item does not have.
	{"gone = :n", false}, {"gone <> :n", true}, {"gone < :n", false}, {"gone >= :n", false},
	{"gone = gone2", false}, {"gone <> gone2", true}, {"NOT gone = :n", true},
	{"gone IN (:n)", false},
	{"gone BETWEEN :one AND :n", false}, {"a BETWEEN gone AND :n", false},
	{"a IN (gone, :one)", true},
	// Between, and in.
	{"a BETWEEN :one AND :n", true}, {"five BETWEEN :one AND :n", true},
	{"five BETWEEN :n AND :n", true},
	{"a BETWEEN :two AND :n", false}, {"a BETWEEN :two AND size(b)", false},
	{":two BETWEEN a AND five", true}, {":two BETWEEN five AND a", false},
	{"b BETWEEN tex AND :t", true}, {"b IN (:t, :s)", true}, {"b IN (:t)", false},
	{"ss IN (:n, :ss)", true}, {"l[4] IN (:map)", true},
	// Logic.
	{"a = :one AND five = :n", true}, {"a = :one AND five = :m", false},
	{"a = :m OR five = :n", true}, {"a = :m OR five = :m", false},
	{"a = :one OR a = :m AND five = :m", true}, {"(a = :one OR a = :m) AND five = :m", false},
	{"NOT a = :m AND five = :n", true}, {"NOT (a = :one AND five = :n)", false},
	{"NOT NOT NOT a = :one", false}, {"not A = :one oR nOt a = :one", true},
	{"a BETWEEN :one AND :n AND five BETWEEN :one AND :n", true},
	// Parentheses around operands.
	{"(a) = (:one)", true}, {"(a = (:one))", true}, {"(size(b)) > :two", true},
	{"a IN ((:one), (:two))", true}, {"contains((b), (:e))", true},
	{"(a) BETWEEN (:one) AND (:two)", true}, {"((a) = :one) AND ((five) = :n)", true},
	// Paths.
	{"m.k = :one", true}, {"m.deep.l[0].x = :two", true}, {"m.deep.l[1].x = :two", false},
	{"m[0] = :one", false}, {"l.k = :one", false}, {"a.k = :one", false}, {"l[0] = :n", true},
	{"l[9] = :n", false}, {"m . deep . l [ 0 ] . x = :two", true}, {"x.y = :n", false},
	// Functions.
	{"attribute_exists(a)", true}, {"attribute_exists(gone)", false},
	{"attribute_exists(nul)", true}, {"attribute_exists(m.deep.l[0].x)", true},
	{"attribute_exists(m.gone)", false}, {"attribute_not_exists(gone.gone)", true},
	{"attribute_not_exists(l[4].k)", false}, {"attribute_exists (a)", true},
	{"attribute_type(b, :tS)", true}, {"attribute_type(a, :tS)", false},
	{"attribute_type(gone, :tS)", false}, {"attribute_type(:s, :tS)", true},
	{"begins_with(b, tex)", true}, {"begins_with(b, :s)", true}, {"begins_with(b, :e)", true},
	{"begins_with(tex, b)", false}, {"begins_with(a, :s)", false}, {"begins_with(bin, :b)", true},
	{"begins_with(bin, :s)", false}, {"begins_with(gone, :e)", false},
	{"begins_with(:s, tex)", true},
	{"contains(b, tex)", true}, {"contains(tex, b)", false}, {"contains(b, :e)", true},
	{"contains(b, :n)", false}, {"contains(bin, :b)", true}, {"contains(bin, :c)", false},
	{"contains(ss, :tS)", false}, {"contains(:ss, s)", false}, {"contains(ns, :n)", true},
	{"contains(ns, :m)", false}, {"contains(l, :n)", true}, {"contains(l, :s)", true},
	{"contains(l, :ss)", true}, {"contains(l, :map)", true}, {"contains(l, :list)", false},
	{"contains(m, :s)", false}, {"contains(a, :one)", false}, {"contains(gone, :s)", false},
	{"contains(l, gone)", false},
	{"size(b) = :n", false}, {"size(:s) = size(b)", true}, {"size(big) = size(#status)", true},
	{"size(bin) = :n", true}, {"size(ss) = :two", true}, {"size(ns) > :two", true},
	{"size(bs) = :two", true}, {"size(l) = :n", true}, {"size(m) = :two", true},
	{"size(s) < :one", true}, {"size(a) = :one", false}, {"size(a) <> :one", true},
	{"size(t) >= :one", false}, {"size(nul) = :one", false}, {"size(gone) = :one", false},
	{"size(b) = :s", false}, {"size(m.deep.l) IN (:one, :two)", true},
}

func TestEval(t *testing.T) {
	t.Parallel()
	item := parseMap(t, evalItem)
	for _, c := range evaluations {
		parsed, err := ParseCondition(KindCondition, c.text, testScope(t))
		if assert.NoError(t, err, c.text) {
			assert.Equal(t, c.want, parsed.Eval(item), c.text)
		}
	}
}

func TestEvalOfNoItem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"attribute_not_exists(a)": true, "a <> :s": true, "attribute_exists(a)": false,
		"a = :s": false,
	} {
		parsed, err := ParseCondition(KindCondition, text, testScope(t))
		require.NoError(t, err, text)
		assert.Equal(t, want, parsed.Eval(nil), text)
	}
}
