package wire

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sample holds every type, nesting, escapes and text beyond ASCII.
const sample = `{"s":{"S":"text"},` +
	`"e":{"S":"a\"\\\/\b\f\n\r\tA\u00e4\ud83d\ude00 ä😀"},"n":{"N":"-12.5E+3"},` +
	`"b":{"B":"AAEC"},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},` +
	`"ss":{"SS":["a","b"]},` +
	`"ns":{"NS":["1","2"]},"bs":{"BS":["AA==",""]},"empty":{"S":""},"eb":{"B":""},"es":{"SS":[]},` +
	`"l":{"L":[{"S":"x"},{"L":[]},{"M":{"\u0061":{"N":"1"},"b":{"M":{}}}}]},"näme":{"S":"y"}}`

// loose returns the text with white space between all of its tokens.
func loose(text string) string {
	var b strings.Builder
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\':
			b.WriteByte(c)
			i++
		case c == '"':
			inString = !inString
			if inString {
				b.WriteString(" \t\r\n")
			}
		case !inString && strings.IndexByte("{}[]:,", c) >= 0:
			b.WriteString(" \n")
		}
		b.WriteByte(text[i])
	}
	return b.String() + " \t\r\n"
}

func TestReaderFollowsTheCaller(t *testing.T) {
	const text = `{"a":{"S":"x"},"b":{"L":[{"N":"1"},{"BOOL":true}]},"c":null,"d":[],` +
		`"e":{"f":false}}`
	for _, text := range []string{text, loose(text)} {
		r := NewReader(text)
		name := func() string {
			name, ok := r.Member()
			require.True(t, ok)
			return name
		}
		r.Object()
		require.Equal(t, "a", name())
		require.Equal(t, S, r.Value())
		require.Equal(t, "x", r.Text())
		r.End()
		require.Equal(t, "b", name())
		require.Equal(t, L, r.Value())
		r.Array()
		require.True(t, r.Element())
		require.Equal(t, N, r.Value())
		require.Equal(t, "1", r.Text())
		r.End()
		require.True(t, r.Element())
		require.Equal(t, BOOL, r.Value())
		require.True(t, r.Bool())
		r.End()
		require.False(t, r.Element())
		r.End()
		require.Equal(t, "c", name())
		require.True(t, r.Null())
		require.Equal(t, "d", name())
		require.False(t, r.Null())
		r.Array()
		require.False(t, r.Element())
		require.Equal(t, "e", name())
		r.Object()
		require.Equal(t, "f", name())
		require.False(t, r.Bool())
		_, ok := r.Member()
		require.False(t, ok)
		_, ok = r.Member()
		require.False(t, ok)
		r.Done()
		require.NoError(t, r.Err())
		require.Equal(t, len(text), r.Offset())
	}
}

func TestValueAndEnd(t *testing.T) {
	for typ := S; typ <= M; typ++ {
		text := `{"` + typ.String() + `":`
		r := NewReader(text + `0}`)
		require.Equal(t, typ, r.Value())
		require.Equal(t, len(text), r.Offset())
		r = NewReader(` { "` + typ.String() + `" : "padding" } `)
		require.Equal(t, typ, r.Value())
		r.Skip()
		r.End()
		r.Done()
		require.NoError(t, r.Err())
	}
	r := NewReader(`{"\u0053":"x"}`)
	require.Equal(t, S, r.Value())
}

func TestTypeString(t *testing.T) {
	require.Equal(t, "invalid", Invalid.String())
	require.Equal(t, "invalid", Type(200).String())
	require.Equal(t, "BOOL", BOOL.String())
	require.Equal(t, Invalid, parseType("invalid"))
	for typ := S; typ <= M; typ++ {
		require.Equal(t, typ, parseType(typ.String()))
	}
}

func TestMalformedItems(t *testing.T) {
	tests := []struct {
		text    string
		offset  int
		problem string
	}{
		{`[]`, 0, "expected an object"},
		{`null`, 0, "expected an object"},
		{`{a`, 1, "expected a string"},
		{`{"a" {`, 5, "expected a colon"},
		{`{"a":{"S":"x"} "b":{"S":"x"}}`, 15, "expected a comma or the end of the object or array"},
		{`{"a":{"S":"x"},}`, 15, "expected something after the comma"},
		{`{"a":{"S":"x"}, }`, 16, "expected something after the comma"},
		{`{,"a":{"S":"x"}}`, 1, "expected a string"},
		{`{"a":"x"}`, 5, "expected an attribute value"},
		{`{"a":null}`, 5, "expected an attribute value"},
		{`{"a":[]}`, 5, "expected an attribute value"},
		{`{"a":{}}`, 6, "an attribute value without a type"},
		{`{"a":{  }}`, 8, "an attribute value without a type"},
		{`{"a":{"X":"x"}}`, 6, unknownType},
		{`{"a":{"":"x"}}`, 6, unknownType},
		{`{"a":{"s":"x"}}`, 6, unknownType},
		{`{"a":{"invalid":"x"}}`, 6, unknownType},
		{`{"a":{"S" "x"}}`, 10, "expected a colon"},
		{`{"a":{"S":"x","N":"1"}}`, 13, "an attribute value of more than one type"},
		{`{"a":{"S":"x","S":"x"}}`, 13, "an attribute value of more than one type"},
		{`{"a":{"S":"x"]}`, 13, "expected the end of an attribute value"},
		{`{"a":{"S":null}}`, 10, "expected a string"},
		{`{"a":{"S":1}}`, 10, "expected a string"},
		{`{"a":{"N":1}}`, 10, "expected a string"},
		{`{"a":{"B":null}}`, 10, "expected a string"},
		{`{"a":{"BOOL":"true"}}`, 13, "expected true or false"},
		{`{"a":{"BOOL":null}}`, 13, "expected true or false"},
		{`{"a":{"BOOL":truth}}`, 13, "expected true"},
		{`{"a":{"BOOL":falsy}}`, 13, "expected false"},
		{`{"a":{"NULL":null}}`, 13, "expected true or false"},
		{`{"a":{"SS":["x",null]}}`, 16, "expected a string"},
		{`{"a":{"SS":"x"}}`, 11, "expected an array"},
		{`{"a":{"SS":["x",]}}`, 16, "expected something after the comma"},
		{`{"a":{"L":{}}}`, 10, "expected an array"},
		{`{"a":{"L":["x"]}}`, 11, "expected an attribute value"},
		{`{"a":{"L":[null]}}`, 11, "expected an attribute value"},
		{`{"a":{"L":[{"S":"x"}{"S":"x"}]}}`, 20,
			"expected a comma or the end of the object or array"},
		{`{"a":{"M":[]}}`, 10, "expected an object"},
		{`{"a":{"M":{"b":1}}}`, 15, "expected an attribute value"},
		{`{"a":{"S":"x"}}x`, 15, "trailing bytes"},
		{`{"a":{"S":"x"}} {`, 16, "trailing bytes"},
		{`{}}`, 2, "trailing bytes"},
		{"{}\x00", 2, "trailing bytes"},
		{"\x00{}", 0, "expected an object"},
		{"{\x0b}", 1, "expected a string"},
	}
	for _, test := range tests {
		want := &SyntaxError{Offset: test.offset, Problem: test.problem}
		_, err := ParseItem(test.text)
		require.Equal(t, want, err, test.text)
		_, err = IndexItem(test.text)
		require.Equal(t, want, err, test.text)
		require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
	}
}

func TestSyntaxErrorText(t *testing.T) {
	_, err := ParseItem(`{"secret":5}`)
	require.EqualError(t, err, "malformed DynamoDB JSON at byte 10: expected an attribute value")
	_, err = ParseItem(`{`)
	require.EqualError(t, err, "malformed DynamoDB JSON at byte 1: the text ends too early")
}

func TestEveryCutIsTruncation(t *testing.T) {
	for _, text := range []string{sample, loose(sample)} {
		text = strings.TrimRight(text, " \t\r\n")
		for cut := range len(text) {
			_, err := ParseItem(text[:cut])
			requireTruncated(t, err, cut)
			_, err = IndexItem(text[:cut])
			requireTruncated(t, err, cut)
			r := NewReader(text[:cut])
			r.Skip()
			r.Done()
			require.True(t, r.Truncated())
			requireTruncated(t, r.Err(), cut)
		}
		_, err := ParseItem(text)
		require.NoError(t, err)
	}
}

func requireTruncated(t *testing.T, err error, offset int) {
	t.Helper()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", offset)
	var syntax *SyntaxError
	require.ErrorAs(t, err, &syntax)
	require.Equal(t, offset, syntax.Offset)
}

func TestFirstProblemSticks(t *testing.T) {
	ours := errors.New("ours")
	failed := map[string]*Reader{
		"malformed": NewReader(`x{"S":"x"}`),
		"truncated": NewReader(``),
		"told":      NewReader(`{"S":"x"}`),
	}
	failed["malformed"].Skip()
	failed["truncated"].Skip()
	failed["told"].Fail(nil)
	require.NoError(t, failed["told"].Err())
	failed["told"].Fail(ours)
	for name, r := range failed {
		t.Run(name, func(t *testing.T) {
			first := r.Err()
			require.Error(t, first)
			requireInert(t, r)
			r.Fail(errors.New("later"))
			require.Equal(t, first, r.Err())
			require.Equal(t, name == "truncated", r.Truncated())
			require.Equal(t, name == "truncated", errors.Is(first, io.ErrUnexpectedEOF))
		})
	}
	require.Equal(t, ours, failed["told"].Err())
}

// requireInert calls every method of a failed reader.
func requireInert(t *testing.T, r *Reader) {
	t.Helper()
	offset := r.Offset()
	r.Object()
	r.Array()
	name, ok := r.Member()
	require.False(t, ok)
	require.Empty(t, name)
	require.False(t, r.Element())
	require.Equal(t, Invalid, r.Value())
	r.End()
	require.Empty(t, r.Text())
	require.Nil(t, r.Bytes())
	require.False(t, r.Bool())
	require.False(t, r.Null())
	r.Skip()
	r.SkipValue()
	for typ := Invalid; typ <= M; typ++ {
		r.SkipRest(typ)
	}
	r.Done()
	require.Nil(t, r.Item())
	require.Nil(t, r.AttributeValue())
	require.Equal(t, offset, r.Offset())
	require.Empty(t, r.Since(0))
}

func TestOffsetStandsAtTheValue(t *testing.T) {
	r := NewReader(" { \"a\" : \n{\"S\":\"x\"} , \"b\":[ 1 ,2]}")
	r.Object()
	var values []string
	for _, ok := r.Member(); ok; _, ok = r.Member() {
		start := r.Offset()
		r.Skip()
		values = append(values, r.Since(start))
	}
	require.NoError(t, r.Err())
	require.Equal(t, []string{`{"S":"x"}`, `[ 1 ,2]`}, values)
	require.Empty(t, r.Since(-1))
	require.Empty(t, r.Since(1000))
}

func TestNull(t *testing.T) {
	for text, want := range map[string]bool{
		"null": true, " \nnull": true, "1": false, `"null"`: false, "{}": false,
	} {
		r := NewReader(text)
		require.Equal(t, want, r.Null(), text)
		require.NoError(t, r.Err(), text)
	}
	for _, text := range []string{"", "n", "nul"} {
		r := NewReader(text)
		require.False(t, r.Null(), text)
		require.True(t, r.Truncated(), text)
	}
	r := NewReader("nil")
	require.False(t, r.Null())
	require.Error(t, r.Err())
	require.False(t, r.Truncated())
}

func TestDone(t *testing.T) {
	for text, fine := range map[string]bool{
		"": true, " \t\r\n": true, "x": false, " \n{": false, "\x00": false, "\u00a0": false,
	} {
		r := NewReader(text)
		r.Done()
		require.Equal(t, fine, r.Err() == nil, "%q", text)
	}
}
