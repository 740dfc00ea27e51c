package wire

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

func TestAppendValue(t *testing.T) {
	tests := []struct {
		value types.AttributeValue
		want  string
	}{
		{s("a\"b"), `{"S":"a\"b"}`},
		{s(""), `{"S":""}`},
		{n("1E2"), `{"N":"1E2"}`},
		{b(0, 1, 2), `{"B":"AAEC"}`},
		{b(), `{"B":""}`},
		{&types.AttributeValueMemberB{}, `{"B":""}`},
		{boolean(true), `{"BOOL":true}`},
		{boolean(false), `{"BOOL":false}`},
		{null(), `{"NULL":true}`},
		{ss("a", "b"), `{"SS":["a","b"]}`},
		{ns("1"), `{"NS":["1"]}`},
		{bs([]byte{0}, nil), `{"BS":["AA==",""]}`},
		{&types.AttributeValueMemberSS{}, `{"SS":[]}`},
		{l(s("x"), l()), `{"L":[{"S":"x"},{"L":[]}]}`},
		{m(item{"a": m(nil)}), `{"M":{"a":{"M":{}}}}`},
	}
	for _, test := range tests {
		got, err := AppendValue([]byte("before"), test.value)
		require.NoError(t, err)
		require.Equal(t, "before"+test.want, string(got))
	}
}

func TestAppendItem(t *testing.T) {
	got, err := AppendItem(nil, nil)
	require.NoError(t, err)
	require.Equal(t, "{}", string(got))

	got, err = AppendItem(nil, sampleItem())
	require.NoError(t, err)
	require.True(t, json.Valid(got))
	back, err := ParseItem(string(got))
	require.NoError(t, err)
	require.Equal(t, sampleItem(), back)
}

// nothings are the attribute values that have no type.
func nothings() []types.AttributeValue {
	return []types.AttributeValue{
		nil,
		(*types.AttributeValueMemberS)(nil),
		(*types.AttributeValueMemberN)(nil),
		(*types.AttributeValueMemberB)(nil),
		(*types.AttributeValueMemberBOOL)(nil),
		(*types.AttributeValueMemberNULL)(nil),
		(*types.AttributeValueMemberSS)(nil),
		(*types.AttributeValueMemberNS)(nil),
		(*types.AttributeValueMemberBS)(nil),
		(*types.AttributeValueMemberL)(nil),
		(*types.AttributeValueMemberM)(nil),
		(*types.UnknownUnionMember)(nil),
	}
}

func TestAppendNamesTheAttribute(t *testing.T) {
	for _, v := range append(nothings(), &types.UnknownUnionMember{Tag: "X"}) {
		_, err := AppendValue(nil, v)
		require.Equal(t, errNoValue, err)
		_, err = AppendItem(nil, item{"a": v})
		require.EqualError(t, err, `attribute "a": no attribute value, or one of an unknown type`)
		_, err = AppendItem(nil, item{"a": l(s(""), m(item{"b": v}))})
		require.EqualError(t, err,
			`attribute "a": element 1: attribute "b": no attribute value, or one of an unknown `+
				`type`)
	}
}

func TestAppendNestingLimit(t *testing.T) {
	deep := func(levels int) types.AttributeValue {
		v := s("x")
		for range levels {
			v = l(v)
		}
		return v
	}
	for levels, fine := range map[int]bool{32: true, 33: false} {
		_, err := AppendValue(nil, deep(levels))
		require.Equal(t, fine, err == nil)
		text, err := AppendItem(nil, item{"a": deep(levels)})
		require.Equal(t, fine, err == nil)
		if fine {
			_, err = ParseItem(string(text))
			require.NoError(t, err)
		}
	}
	cycle := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, 1)}
	cycle.Value[0] = cycle
	_, err := AppendValue(nil, cycle)
	require.ErrorIs(t, err, errTooDeep)
	require.False(t, Equal(cycle, cycle))
}

func FuzzAppendText(f *testing.F) {
	for _, text := range []string{"", "abc", "a\"b\\c\x00d", "12345678é\t12345678😀\u2028", "\xff",
		"12345678\xe2\x28", "\u007f\ufffd"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, valid := AppendText([]byte("before"), text)
		require.Equal(t, utf8.ValidString(text), valid)
		if valid {
			require.Equal(t, string(AppendString([]byte("before"), text)), string(got))
		} else {
			require.Equal(t, "before", string(got))
		}
	})
}
