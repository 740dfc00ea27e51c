package wire

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

type item = map[string]types.AttributeValue

// Short constructors for the attribute values of the tables.
func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
func b(v ...byte) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: append([]byte{}, v...)}
}
func boolean(v bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: v} }
func null() types.AttributeValue          { return &types.AttributeValueMemberNULL{Value: true} }
func m(v item) types.AttributeValue       { return &types.AttributeValueMemberM{Value: v} }
func ss(v ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: append([]string{}, v...)}
}
func ns(v ...string) types.AttributeValue {
	return &types.AttributeValueMemberNS{Value: append([]string{}, v...)}
}
func bs(v ...[]byte) types.AttributeValue {
	return &types.AttributeValueMemberBS{Value: append([][]byte{}, v...)}
}
func l(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: append([]types.AttributeValue{}, v...)}
}

// sampleItem returns the item that sample encodes.
func sampleItem() item {
	return item{
		"s": s("text"), "e": s("a\"\\/\b\f\n\r\tAä😀 ä😀"), "n": n("-12.5E+3"),
		"b": b(0, 1, 2), "t": boolean(true), "f": boolean(false), "z": null(), "ss": ss("a", "b"),
		"ns": ns("1", "2"), "bs": bs([]byte{0}, []byte{}), "empty": s(""), "eb": b(), "es": ss(),
		"l": l(s("x"), l(), m(item{"a": n("1"), "b": m(item{})})), "näme": s("y"),
	}
}

func TestParseItem(t *testing.T) {
	tests := []struct {
		text string
		want item
	}{
		{`{}`, item{}},
		{`{"a":{"S":"x"}}`, item{"a": s("x")}},
		{`{"a":{"N":"99999999999999999999999999999999999999"}}`,
			item{"a": n("99999999999999999999999999999999999999")}},
		{`{"a":{"NULL":false}}`, item{"a": &types.AttributeValueMemberNULL{}}},
		{`{"":{"S":""}}`, item{"": s("")}},
		{`{"a":{"NS":[]},"b":{"BS":[]}}`, item{"a": ns(), "b": bs()}},
		{`{"a":{"S":"1"},"a":{"S":"2"}}`, item{"a": s("2")}},
		{`{"a\n":{"S":"x"}}`, item{"a\n": s("x")}},
		{sample, sampleItem()},
		{loose(sample), sampleItem()},
	}
	for _, test := range tests {
		got, err := ParseItem(test.text)
		require.NoError(t, err, test.text)
		require.Equal(t, test.want, got)
	}
}

func TestParseItemChecksBase64(t *testing.T) {
	for _, text := range []string{`{"a":{"B":"A"}}`, `{"a":{"BS":["AA==","?"]}}`} {
		_, err := ParseItem(text)
		require.ErrorContains(t, err, "base64")
	}
}

func TestIndexItem(t *testing.T) {
	got, err := IndexItem("{\"a\" : {\"S\":\"x\"} ,\"b\\n\":{\"L\": [{\"N\":\"1\"}] }\n}")
	require.NoError(t, err)
	require.Equal(t, []Attribute{{"a", `{"S":"x"}`}, {"b\n", `{"L": [{"N":"1"}] }`}}, got)

	got, err = IndexItem(` {} `)
	require.NoError(t, err)
	require.Empty(t, got)

	got, err = IndexItem(sample)
	require.NoError(t, err)
	want := sampleItem()
	require.Len(t, got, len(want))
	for _, attribute := range got {
		require.True(t, EqualText(string(attribute.Value), want[attribute.Name]), attribute.Name)
	}
}

// nest returns alternating lists and maps around a value, levels deep.
func nest(levels int, inside string) string {
	opening, closing := `{"L":[`, `]}`
	if levels%2 == 0 {
		opening, closing = `{"M":{"a":`, `}}`
	}
	if levels == 0 {
		return inside
	}
	return opening + nest(levels-1, inside) + closing
}

func TestNestingLimit(t *testing.T) {
	for levels, fine := range map[int]bool{
		1: true, 31: true, 32: true, 33: false, 34: false, 10_000: false,
	} {
		for _, inside := range []string{`{"S":"x"}`, `{"BOOL":true}`, `{ "S" : "x" }`} {
			text := `{"a":` + nest(levels, inside) + `,"b":{"S":"x"}}`
			_, err := ParseItem(text)
			require.Equal(t, fine, err == nil, "%d: %v", levels, err)
			_, err = IndexItem(text)
			require.Equal(t, fine, err == nil, "%d: %v", levels, err)
			if !fine {
				require.ErrorContains(t, err, "nested deeper than 32 levels")
			}
		}
	}
	_, err := ParseItem(`{"a":` + strings.Repeat(`{"L":[`, 10_000))
	require.ErrorContains(t, err, "nested deeper than 32 levels")
}

func TestDepthIsTakenBack(t *testing.T) {
	r := NewReader(strings.Repeat(`{"L":[{"M":{}}]}`, 100))
	for range 50 {
		r.SkipValue()
		require.Equal(t, l(m(item{})), r.AttributeValue())
	}
	r.Done()
	require.NoError(t, r.Err())
}

func TestItemAmongOthers(t *testing.T) {
	r := NewReader(`{"Item":{"a":{"S":"x"}},"Count":1}`)
	r.Object()
	name, _ := r.Member()
	require.Equal(t, "Item", name)
	require.Equal(t, item{"a": s("x")}, r.Item())
	name, _ = r.Member()
	require.Equal(t, "Count", name)
	r.Skip()
	_, ok := r.Member()
	require.False(t, ok)
	require.NoError(t, r.Err())
}
