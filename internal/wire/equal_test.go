package wire

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

func TestEqual(t *testing.T) {
	tests := []struct {
		a, b types.AttributeValue
		want bool
	}{
		{s("a"), s("a"), true},
		{s("a"), s("b"), false},
		{s("1"), n("1"), false},
		{n("100"), n("1E2"), true},
		{n("1"), n("2"), false},
		{n("x"), n("x"), true},
		{n("x"), n("1"), false},
		{n("1E" + "99999999999999999999"), n("1E" + "99999999999999999998"), false},
		{b(1, 2), b(1, 2), true},
		{b(1, 2), b(1), false},
		{b(), &types.AttributeValueMemberB{}, true},
		{boolean(true), boolean(true), true},
		{boolean(true), boolean(false), false},
		{null(), &types.AttributeValueMemberNULL{}, true},
		{null(), boolean(true), false},
		{ss("a", "b"), ss("b", "a", "a"), true},
		{ss("a", "b"), ss("a", "c"), false},
		{ss("a", "b"), ss("a"), false},
		{ss("a"), l(s("a")), false},
		{ns("1", "2.0"), ns("2", "1E0"), true},
		{ns("1", "2.0"), ns("2", "3"), false},
		{ns("1", "1.0"), ns("1"), true},
		{ns("x"), ns("x"), true},
		{bs([]byte{1}, []byte{2}), bs([]byte{2}, []byte{1}), true},
		{bs([]byte{1}), bs([]byte{2}), false},
		{l(n("1"), s("x")), l(n("1.0"), s("x")), true},
		{l(s("a"), s("b")), l(s("b"), s("a")), false},
		{l(s("a")), l(s("a"), s("a")), false},
		{l(), m(item{}), false},
		{m(item{"a": l(m(item{"b": n("1E1")}))}), m(item{"a": l(m(item{"b": n("10")}))}), true},
		{m(item{"a": s("x")}), m(item{"b": s("x")}), false},
		{m(item{"a": s("x")}), m(item{"a": s("x"), "b": s("x")}), false},
		{m(item{"a": nil}), m(item{"b": nil}), false},
		{m(item{"a": nil}), m(item{"a": (*types.AttributeValueMemberS)(nil)}), true},
		{nil, s(""), false},
		{&types.UnknownUnionMember{Tag: "X"}, &types.UnknownUnionMember{Tag: "X"}, true},
		{&types.UnknownUnionMember{Tag: "X"}, &types.UnknownUnionMember{Tag: "Y"}, false},
		{&types.UnknownUnionMember{Tag: "X"}, nil, false},
	}
	for _, test := range tests {
		require.Equal(t, test.want, Equal(test.a, test.b), "%v %v", test.a, test.b)
		require.Equal(t, test.want, Equal(test.b, test.a), "%v %v", test.b, test.a)
		requireTextAgrees(t, test.a, test.b, test.want)
		requireTextAgrees(t, test.b, test.a, test.want)
	}
}

// requireTextAgrees checks EqualText if a can be written.
func requireTextAgrees(t *testing.T, a, b types.AttributeValue, want bool) {
	t.Helper()
	text, err := AppendValue(nil, a)
	if err != nil {
		return
	}
	require.Equal(t, want, EqualText(string(text), b), "%s %v", text, b)
	require.Equal(t, want, EqualText(loose(string(text)), b), "%s %v", text, b)
	other, err := MakeRaw(b)
	if err != nil {
		return
	}
	require.Equal(t, want, Raw(text).Equal(other), "%s %s", text, other)
	require.Equal(t, want, Raw(loose(string(text))).Equal(other), "%s %s", text, other)
}

func TestNothingEqualsNothing(t *testing.T) {
	for _, x := range nothings() {
		for _, y := range nothings() {
			require.True(t, Equal(x, y))
		}
		require.False(t, Equal(x, s("")))
		require.False(t, EqualText(`{"S":""}`, x))
		require.False(t, EqualText(``, x))
	}
}

func TestMalformedTextEqualsNothing(t *testing.T) {
	for _, text := range []string{
		``, `null`, `{}`, `{"S":"x"`, `{"S":"x"}}`, `{"S":"x"},`, `{"S":"x","N":"1"}`, `{"X":"x"}`,
		`"x"`, `{"S":"x\q"}`,
	} {
		require.False(t, EqualText(text, s("x")), text)
		require.False(t, EqualText(text, s("")), text)
	}
	require.False(t, EqualText(`{"B":"?"}`, b()))
	require.False(t, EqualText(`{"BOOL":null}`, boolean(false)))
}

func TestEqualTextBoxesNoScalar(t *testing.T) {
	for text, v := range map[string]types.AttributeValue{
		`{"S":"text"}`: s("text"), `{"N":"1E2"}`: n("100"), `{"BOOL":true}`: boolean(true),
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if !EqualText(text, v) {
				t.Fail()
			}
		}), text)
	}
}

// Spells is true only if both texts spell one value exactly; another spelling of an equal value
// does not count.
func TestSpells(t *testing.T) {
	for _, c := range []struct {
		text string
		v    types.AttributeValue
		want bool
	}{
		{`{"S":"a\u0062"}`, s("ab"), true},
		{`{"S":"a"}`, s("b"), false},
		{`{"N":"1"}`, n("1"), true},
		{`{"N":"1.0"}`, n("1"), false},
		{`{"N":"1"}`, s("1"), false},
		{`{"B":"AQI="}`, b(1, 2), true},
		{`{"B":"AQI="}`, b(1), false},
		{`{"BOOL":true}`, boolean(true), true},
		{`{"BOOL":false}`, boolean(true), false},
		{`{"NULL":true}`, null(), true},
		{`{"SS":["a","b"]}`, ss("a", "b"), true},
		{`{"SS":["a","b"]}`, ss("b", "a"), false},
		{`{"SS":["a","b"]}`, ss("a"), false},
		{`{"SS":["a"]}`, ss("a", "b"), false},
		{`{"NS":["1"]}`, &types.AttributeValueMemberNS{Value: []string{"1"}}, true},
		{`{"NS":["1.0"]}`, &types.AttributeValueMemberNS{Value: []string{"1"}}, false},
		{`{"L": []}`, &types.AttributeValueMemberL{}, false},
		{`{"S":"a"`, s("a"), false},
		{`{"S":"a"}x`, s("a"), false},
		{`{"S":"a"}`, nil, false},
	} {
		other, _ := MakeRaw(c.v)
		require.Equal(t, c.want, Raw(c.text).Spells(other), c.text)
		require.Equal(t, c.want, other.Spells(Raw(c.text)), c.text)
	}
}
