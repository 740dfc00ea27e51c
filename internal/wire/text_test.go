package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	tests := []struct{ text, want string }{
		{`""`, ""},
		{`"a"`, "a"},
		{` "a"`, "a"},
		{`"\""`, `"`},
		{`"\\"`, `\`},
		{`"\/"`, "/"},
		{`"\b\f\n\r\t"`, "\b\f\n\r\t"},
		{`"\u0041"`, "A"},
		{`"\u0000"`, "\x00"},
		{`"\u00e4\u00E4"`, "ää"},
		{`"\ud83d\ude00"`, "😀"},
		{`"\uD83D\uDE00!"`, "😀!"},
		{`"\uffff\ufffd"`, "\uffff\ufffd"},
		{`"ä😀` + "\x7f" + `"`, "ä😀\x7f"},
		{`"ä\"😀"`, `ä"😀`},
		{`"{\"a\":[1,\"b\"]}"`, `{"a":[1,"b"]}`},
		{`"` + strings.Repeat("long text ", 50) + `"`, strings.Repeat("long text ", 50)},
	}
	for _, test := range tests {
		r := NewReader(test.text)
		require.Equal(t, test.want, r.Text(), test.text)
		r.Done()
		require.NoError(t, r.Err(), test.text)
		r = NewReader(test.text)
		r.Skip()
		r.Done()
		require.NoError(t, r.Err(), test.text)
	}
}

func TestMalformedText(t *testing.T) {
	tests := []struct {
		text    string
		offset  int
		problem string
	}{
		{`1`, 0, "expected a string"},
		{`null`, 0, "expected a string"},
		{"\"a\x1f\"", 2, "a control character in a string"},
		{"\"a\n\"", 2, "a control character in a string"},
		{"\"\x00", 1, "a control character in a string"},
		{`"\x"`, 1, problemEscape},
		{`"\'"`, 1, problemEscape},
		{`"ab\u12"`, 3, problemEscape},
		{`"\u12g4"`, 1, problemEscape},
		{`"\u"`, 1, problemEscape},
		{`"\U0041"`, 1, problemEscape},
		{`"\n\q"`, 3, problemEscape},
		{`"\ud83d"`, 1, problemEscape},
		{`"\ud83d\n"`, 1, problemEscape},
		{`"\ud83dxxxxxx"`, 1, problemEscape},
		{`"\ud83d\u0041"`, 1, problemEscape},
		{`"\ud83d\ud83d"`, 1, problemEscape},
		{`"\ude00\ud83d"`, 1, problemEscape},
		{`"x\ude00"`, 2, problemEscape},
		{"\"ab\xff\"", 3, problemUTF8},
		{"\"ä\xc3\"", 3, problemUTF8},
		{"\"\xef\xbf\xbd\xff\"", 4, problemUTF8},
		{"\"\xed\xa0\x80\"", 1, problemUTF8}, // a surrogate
		{"\"\xc0\xaf\"", 1, problemUTF8},     // an overlong encoding
		{"\"\xf4\x90\x80\x80\"", 1, problemUTF8},
	}
	for _, test := range tests {
		want := &SyntaxError{Offset: test.offset, Problem: test.problem}
		r := NewReader(test.text)
		require.Empty(t, r.Text(), test.text)
		require.Equal(t, want, r.Err(), "%q", test.text)
		r = NewReader(test.text)
		r.skipString()
		require.Equal(t, want, r.Err(), "%q", test.text)
	}
}

// TestTextAtEveryAlignment puts each special byte at each position around the steps of eight.
func TestTextAtEveryAlignment(t *testing.T) {
	for _, inside := range []string{
		"", `\"`, `\\`, "ä", "😀", "\x7f", "!", " ", "#", "[", "]", "\u0080",
	} {
		for before := range 20 {
			for after := range 20 {
				text := `"` + strings.Repeat("x", before) + inside +
					strings.Repeat("y", after) + `"`
				var want string
				require.NoError(t, json.Unmarshal([]byte(text), &want))
				for _, behind := range []string{"", "         ", `"\` + "\x01\xff      "} {
					r := NewReader(text + behind)
					require.Equal(t, want, r.Text())
					require.Equal(t, len(text), r.Offset())
				}
			}
		}
	}
}

func TestEndsAgreeWithTheObvious(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			s := []byte(strings.Repeat("x", 20))
			s[at] = byte(c)
			plain, text := 20, 20
			if isSpecial(byte(c)) {
				plain, text = at, at
			}
			if c >= utf8.RuneSelf {
				plain = at
			}
			require.Equal(t, plain, plainEnd(string(s), 0), "%q", s)
			require.Equal(t, text, textEnd(string(s), 0), "%q", s)
		}
	}
	require.Equal(t, 3, textEnd("abc", 4))
}

func TestTextAliases(t *testing.T) {
	text := `"` + strings.Repeat("x", 100) + `"`
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r := NewReader(text)
		if len(r.Text()) != 100 {
			t.Fail()
		}
	}))
	escaped := `"` + strings.Repeat(`\n`, 100) + `"`
	require.Equal(t, 1.0, testing.AllocsPerRun(100, func() {
		r := NewReader(escaped)
		if len(r.Text()) != 100 {
			t.Fail()
		}
	}))
}

func TestBytes(t *testing.T) {
	for text, want := range map[string][]byte{
		`""`:             {},
		`"AA=="`:         {0},
		`"AAEC"`:         {0, 1, 2},
		`"\/\/\/\/"`:     {0xff, 0xff, 0xff},
		`"\u002f///"`:    {0xff, 0xff, 0xff},
		` "+/+/" `:       {0xfb, 0xff, 0xbf},
		`"QUJDREVGRw=="`: []byte("ABCDEFG"),
	} {
		r := NewReader(text)
		require.Equal(t, want, r.Bytes(), text)
		r.Done()
		require.NoError(t, r.Err(), text)
	}
	for _, text := range []string{
		`"A"`, `"AA"`, `"AA=A"`, `"-_-_"`, `"ä"`, `" "`, `1`, `null`, `[0]`,
	} {
		r := NewReader(text)
		require.Nil(t, r.Bytes(), text)
		require.Error(t, r.Err(), text)
		require.False(t, r.Truncated(), text)
	}
}

func TestAppendString(t *testing.T) {
	tests := []struct{ s, want string }{
		{"", `""`},
		{"text", `"text"`},
		{`"\/`, `"\"\\/"`},
		{"\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"\x00\x1f\x7f", `"\u0000\u001f` + "\x7f\""},
		{"<&>\u2028ä😀", "\"<&>\u2028ä😀\""},
		{"a\xffb\xc3", "\"a\ufffdb\ufffd\""},
	}
	for _, test := range tests {
		require.Equal(t, test.want, string(AppendString(nil, test.s)))
		require.Equal(t, "x"+test.want, string(AppendString([]byte("x"), test.s)))
	}
	for c := range 256 {
		s := fmt.Sprintf("before %c after", rune(c))
		r := NewReader(string(AppendString(nil, s)))
		require.Equal(t, s, r.Text())
		require.NoError(t, r.Err())
	}
}

func TestSmallInt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"-12", -12, true},
		{"999999999999999999", 999999999999999999, true},
		{"1000000000000000000", 0, false}, {"", 0, false}, {"-", 0, false}, {"+1", 0, false},
		{"1.0", 0, false}, {"1/", 0, false}, {"1:", 0, false},
	} {
		n, ok := SmallInt(test.text)
		require.Equal(t, test.ok, ok, test.text)
		require.Equal(t, test.want, n, test.text)
	}
}
