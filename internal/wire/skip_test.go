package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSkipTakesWhatJSONTakes(t *testing.T) {
	texts := []string{
		`{}`, `[]`, `""`, `0`, `-0`, `12`, `1.5`, `-1.5e10`, `1E+5`, `1e-5`, `0.0`, `true`, `false`,
		`null`,
		`{"a":[1,{"b":null}],"c":"d"}`, "[ 1 , 2 ]", "\t{ }\n", `[[],[],{}]`, `{"a":1,"a":2}`,
		`01`, `+1`, `.5`, `1.`, `1.e5`, `1e`, `1e+`, `-`, `--1`, `1x`, `0x1`, `NaN`, `1_0`, `1e5.5`,
		`tru`, `trux`, `True`, `nul`, `nil`, `fals`, `falsé`, `truetrue`,
		`{`, `}`, `[`, `]`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[1}`, `{"a"}`, `{"a":}`,
		`{"a":1`, `{"a":1,}`,
		`{a:1}`, `{1:1}`, `{"a":1 "b":2}`, `{"a"::1}`, `,`, `:`, `'a'`, `"a`, `"\"`, `{}{}`, `1 1`,
		``, ` `,
		"\ufeff{}", "[1\x0b]", "\"\t\"",
	}
	for _, text := range texts {
		r := NewReader(text)
		r.Skip()
		r.Done()
		require.Equal(t, json.Valid([]byte(text)), r.Err() == nil, "%q: %v", text, r.Err())
	}
}

func TestSkipLeavesTheRest(t *testing.T) {
	for text, rest := range map[string]string{
		`1,2`: ",2", `01`: "1", `"a""b"`: `"b"`, `truex`: "x", `{} x`: " x", `-1.5e3]`: "]",
	} {
		r := NewReader(text)
		r.Skip()
		require.NoError(t, r.Err())
		require.Equal(t, rest, text[r.Offset():])
	}
}

func TestSkipProblems(t *testing.T) {
	tests := []struct {
		text    string
		offset  int
		problem string
	}{
		{`x`, 0, "expected a value"},
		{`[1,x]`, 3, "expected a value"},
		{`-x`, 1, "expected a digit"},
		{`1.x`, 2, "expected a digit"},
		{`1e+x`, 3, "expected a digit"},
	}
	for _, test := range tests {
		r := NewReader(test.text)
		r.Skip()
		require.Equal(t, &SyntaxError{Offset: test.offset, Problem: test.problem}, r.Err())
	}
}

func TestSkipRestOfNoType(t *testing.T) {
	r := NewReader(`"x"`)
	r.SkipRest(Invalid)
	require.Error(t, r.Err())
}

func TestSkipDepth(t *testing.T) {
	nested := func(opening, inside, closing string, levels int) *Reader {
		return NewReader(strings.Repeat(opening, levels) + inside + strings.Repeat(closing, levels))
	}
	for levels, fine := range map[int]bool{
		1: true, maxPlainDepth: true, maxPlainDepth + 1: false, 10_000: false, 1_000_000: false,
	} {
		for _, r := range []*Reader{
			nested("[", "1", "]", levels), nested(`{"a":`, "1", "}", levels),
		} {
			r.Skip()
			r.Done()
			require.Equal(t, fine, r.Err() == nil, "%d: %v", levels, r.Err())
			require.False(t, r.Truncated())
		}
	}
}

func TestSkipAllocatesNothing(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r := NewReader(`{"a":{"S":"\ud83d\ude00\n"},"b":{"L":[{"N":"1"}]}}`)
		r.Skip()
		if r.Err() != nil {
			t.Fail()
		}
	}))
}
