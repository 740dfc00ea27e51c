package format

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func mustParse(t testing.TB, text string) *Format {
	t.Helper()
	f, err := Parse(text)
	require.NoError(t, err, text)
	return f
}

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format string
		parts  []string
		want   string
	}{
		{"PROFILE", nil, "PROFILE"},
		{"PLAYER#{login}", []string{"waldo"}, "PLAYER#waldo"},
		{"MATCH#{at}#{id}", []string{"2026", "a#b"}, "MATCH#2026#a#b"},
		{"SCORE#{points:10}", []string{"42"}, "SCORE#0000000042"},
		{"{points:3}{id}", []string{"0", "x"}, "000x"},
		{"{{{a}}}", []string{"x"}, "{x}"},
		{"{a}", []string{"x"}, "x"},
		{"{ a }::{b}::end", []string{"x", "y"}, "x::y::end"},
		{"U{id}", []string{"Ursula"}, "UUrsula"},
		{"é{a}é", []string{"x"}, "éxé"},
	} {
		f := mustParse(t, test.format)
		text, err := f.Build(test.parts)
		require.NoError(t, err, test.format)
		assert.Equal(t, test.want, text)
		parts, ok := f.Split(nil, text)
		assert.True(t, ok, text)
		assert.Equal(t, test.parts, parts)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":            "is empty",
		"a{":          "is not closed",
		"a{b":         "is not closed",
		"a}":          "closes nothing",
		"{}":          "has no name",
		"{a{b}":       "has no name",
		"{:10}":       "has no name",
		"{a:}":        "no number of digits",
		"{a:0}":       "no number of digits",
		"{a:39}":      "no number of digits",
		"{a:x}":       "no number of digits",
		"{a}{b}":      "{a}#{b}",
		"{a:3}{b}{c}": "{b}#{c}",
		"{a}#{a}":     "twice",
	} {
		_, err := Parse(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format string
		parts  []string
		part   int
		want   string
	}{
		{"A#{a}#{b}", []string{"", "x"}, 0, "empty"},
		{"A#{a}#{b}", []string{"x#y", "z"}, 0, `"#"`},
		{"{a}::{b}", []string{"x:y", "z"}, 0, `":"`},
		{"{a}é{b}", []string{"xé", "z"}, 0, `"é"`},
		{"A#{a}#end", []string{"x#"}, 0, `"#"`},
		{"A#{a}", []string{"A#x"}, 0, "formatted text"},
		{"A#{a}#{b}", []string{"x", "y" + End}, 1, "U+10FFFF"},
		{"{a:3}", []string{"-1"}, 0, "negative"},
		{"{a:3}", []string{"1.5"}, 0, "no whole number"},
		{"{a:3}", []string{"07"}, 0, "no whole number"},
		{"{a:3}", []string{"1000"}, 0, "more than the 3 digits"},
	} {
		_, err := mustParse(t, test.format).Build(test.parts)
		var refused *PartError
		require.True(t, errors.As(err, &refused), test.format)
		assert.Equal(t, test.part, refused.Part)
		assert.ErrorContains(t, err, test.want)
	}
}

func TestSplitRefuses(t *testing.T) {
	t.Parallel()
	for text, format := range map[string]string{
		"":                "A#{a}",
		"A#":              "A#{a}",
		"B#x":             "A#{a}",
		"A#x":             "A#{a}#{b}",
		"A#x#":            "A#{a}#{b}",
		"A##y":            "A#{a}#{b}",
		"A#A#x":           "A#{a}",
		"A#x#y":           "A#{a}#end",
		"A#x#end!":        "A#{a}#end",
		"S#42":            "S#{points:3}",
		"S#0042":          "S#{points:3}",
		"S#04x":           "S#{points:3}",
		"PROFILE2":        "PROFILE",
		"x::y:":           "{a}::{b}::",
		"A#x#y\U0010FFFF": "A#{a}#{b}",
	} {
		parts, ok := mustParse(t, format).Split(nil, text)
		assert.False(t, ok, "%s of %s: %v", text, format, parts)
	}
}

// randomFormat returns a valid format with up to four parts, and literals of few characters, so
// that values often hold them.
func randomFormat(r *rand.Rand) *Format {
	for {
		var text strings.Builder
		writeLiteral := func() {
			for range r.IntN(3) {
				text.WriteString([]string{"#", ":", "a", "0", "{{"}[r.IntN(5)])
			}
		}
		for i := range r.IntN(5) {
			writeLiteral()
			if r.IntN(3) == 0 {
				fmt.Fprintf(&text, "{n%d:%d}", i, 1+r.IntN(3))
			} else {
				fmt.Fprintf(&text, "{s%d}", i)
			}
		}
		writeLiteral()
		if f, err := Parse(text.String()); err == nil {
			return f
		}
	}
}

func randomPart(r *rand.Rand, p Part) string {
	if p.Width > 0 {
		return strconv.Itoa(r.IntN(1200))
	}
	text := ""
	for range 1 + r.IntN(3) {
		text += []string{"#", ":", "a", "b", "0", "!", "\x00", "{", "\U0010FFFE"}[r.IntN(9)]
	}
	return text
}

func randomParts(r *rand.Rand, f *Format) []string {
	parts := make([]string, len(f.parts))
	for i, p := range f.parts {
		parts[i] = randomPart(r, p)
	}
	return parts
}

// Two different lists of parts never give one text, and a text gives its parts again.
func TestNoTwoListsGiveOneText(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	built := 0
	for range 2000 {
		f := randomFormat(r)
		lists := map[string][]string{}
		for range 40 {
			parts := randomParts(r, f)
			text, err := f.Build(parts)
			if err != nil {
				continue
			}
			built++
			if other, twice := lists[text]; twice {
				require.Equal(t, other, parts, "%q of %q", text, f.literals)
			}
			lists[text] = parts
			again, ok := f.Split(nil, text)
			require.True(t, ok, "%q of %q", text, f.literals)
			require.Equal(t, parts, append([]string{}, again...))
		}
	}
	require.Greater(t, built, 10000)
}

// FuzzNoTwoListsGiveOneText looks for a format and two lists of parts that give one text. Formats
// with more than three parts add nothing, because a part depends only on the text around it.
func FuzzNoTwoListsGiveOneText(f *testing.F) {
	f.Add("MATCH#{at}#{id}", "a", "b#c", "", "a#b", "c", "")
	f.Add("{n:3}{a}:{b}", "1", "0x", "y", "10", "x", "y")
	f.Add("{a}#{b}#{c}", "x", "", "#y", "x#", "", "y")
	f.Add("{a}::{b}:", "x:", "y", "", "x", ":y", "")
	f.Add("{n:2}{m:2}{a}", "1", "23", "4", "12", "3", "4")
	f.Add("{n:2}", "7", "", "", "07", "", "")
	f.Add("{a}é{b}", "x\xc3", "y", "", "x", "\xa9y", "")
	f.Fuzz(func(t *testing.T, format, a, b, c, x, y, z string) {
		parsed, err := Parse(format)
		if err != nil || len(parsed.parts) > 3 {
			return
		}
		one, other := []string{a, b, c}[:len(parsed.parts)], []string{x, y, z}[:len(parsed.parts)]
		if slices.Equal(one, other) {
			return
		}
		text, err := parsed.Build(one)
		if err != nil {
			return
		}
		if twin, err := parsed.Build(other); err == nil && twin == text {
			t.Fatalf("%q gives %q for %q and for %q", format, text, one, other)
		}
		if parts, ok := parsed.Split(nil, text); !ok || !slices.Equal(parts, one) {
			t.Fatalf("%q gives %q for %q, and that gives %q, %v", format, text, one, parts, ok)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("MATCH#{at}#{id}", "MATCH#2026#x")
	f.Add("{n:3}{a}:{b}", "001x:y")
	f.Add("{{{a}}}", "{x}")
	f.Fuzz(func(t *testing.T, format, text string) {
		parsed, err := Parse(format)
		if err != nil {
			return
		}
		parts, ok := parsed.Split(nil, text)
		if !ok {
			return
		}
		again, err := parsed.Build(parts)
		if err != nil || again != text {
			t.Fatalf("%q of %q gave %q, and these %q, %v", text, format, parts, again, err)
		}
	})
}

// matches evaluates a condition as DynamoDB does.
func (c Condition) matches(text string) bool {
	switch c.Operator {
	case None:
		return true
	case Equal:
		return text == c.Low
	case Less:
		return text < c.Low
	case LessEqual:
		return text <= c.Low
	case Greater:
		return text > c.Low
	case GreaterEqual:
		return text >= c.Low
	case BeginsWith:
		return strings.HasPrefix(text, c.Low)
	}
	return text >= c.Low && text <= c.High
}

// A condition on the first part holds for exactly the texts whose first part, with the text that
// follows it, compares so, and for no text of another prefix.
func TestConditionsOnTheFirstPart(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	checked := map[Operator]int{}
	for range 3000 {
		f := randomFormat(r)
		if len(f.parts) == 0 {
			continue
		}
		op := Operator(1 + r.IntN(int(BeginsWith)))
		operands := []string{randomPart(r, f.parts[0]), randomPart(r, f.parts[0])}
		if op == Between && f.parts[0].Width > 0 && len(operands[0]) > len(operands[1]) ||
			op == Between && operands[0] > operands[1] {
			continue
		}
		if op != Between {
			operands = operands[:1]
		}
		condition, err := f.First(op, operands...)
		if err != nil {
			continue
		}
		assert.False(t, condition.Operator == Between && condition.Low > condition.High)
		for range 30 {
			parts := randomParts(r, f)
			if r.IntN(2) == 0 {
				parts[0] = operands[r.IntN(len(operands))]
			}
			text, err := f.Build(parts)
			if err != nil {
				continue
			}
			checked[op]++
			assert.Equal(t, f.firstFulfils(op, parts[0], operands), condition.matches(text),
				"%s of %q with %q: %q", condition, f.literals, operands, text)
			assert.True(t, f.All().matches(text))
		}
		if f.literals[0] != "" {
			for _, other := range []string{"", "A", "z", f.literals[0][:len(f.literals[0])-1], "~"} {
				if !strings.HasPrefix(other, f.literals[0]) {
					assert.False(t, condition.matches(other), "%s: %q", condition, other)
				}
			}
		}
	}
	for op := Equal; op <= BeginsWith; op++ {
		assert.Greater(t, checked[op], 500, op)
	}
}

func (f *Format) firstFulfils(op Operator, part string, operands []string) bool {
	if op == BeginsWith {
		return strings.HasPrefix(part, operands[0])
	}
	of := func(part string) string {
		fixed, err := f.Fix(map[string]string{f.parts[0].Name: part})
		if err != nil {
			panic(err)
		}
		return fixed.literals[0]
	}
	text, low := of(part), of(operands[0])
	switch op {
	case Equal:
		return text == low
	case Less:
		return text < low
	case LessEqual:
		return text <= low
	case Greater:
		return text > low
	case GreaterEqual:
		return text >= low
	}
	return text >= low && text <= of(operands[1])
}

// Padded numbers compare as numbers.
func TestPaddedNumbersSort(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "SCORE#{points:4}")
	for _, n := range []int{0, 1, 9, 10, 99, 100, 9999} {
		condition, err := f.First(Less, strconv.Itoa(n))
		require.NoError(t, err)
		for _, stored := range []int{0, 1, 8, 9, 10, 11, 99, 100, 5000, 9999} {
			text, err := f.Build([]string{strconv.Itoa(stored)})
			require.NoError(t, err)
			assert.Equal(t, stored < n, condition.matches(text), "%d < %d", stored, n)
		}
	}
}

func TestFix(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "T#{tenant}#{id}#{n:3}")
	fixed, err := f.Fix(map[string]string{"tenant": "x", "n": "7", "other": "y"})
	require.NoError(t, err)
	text, err := fixed.Build([]string{"i"})
	require.NoError(t, err)
	assert.Equal(t, "T#x#i#007", text)
	_, err = f.Fix(map[string]string{"tenant": "x#"})
	assert.ErrorContains(t, err, `"#"`)
	_, err = fixed.Build([]string{"i#"})
	assert.ErrorContains(t, err, `"#"`)
	all, err := f.Fix(map[string]string{"tenant": "x", "id": "i", "n": "7"})
	require.NoError(t, err)
	assert.Equal(t, `= "T#x#i#007"`, all.All().String())
	_, err = all.First(Equal, "x")
	assert.Error(t, err)
}

func TestBeginsWithRefuses(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "M#{at}#{id}")
	_, err := f.First(BeginsWith, "20#")
	assert.ErrorContains(t, err, `"#"`)
	_, err = f.First(BeginsWith, "")
	assert.ErrorContains(t, err, "empty")
	_, err = mustParse(t, "{n:3}").First(BeginsWith, "2")
	assert.ErrorContains(t, err, "Between")
	_, err = f.First(GreaterEqual, "M#20")
	assert.ErrorContains(t, err, "formatted text")
}

func TestAll(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"PROFILE": `= "PROFILE"`, "M#{a}": `begins_with("M#")`, "{a}#M": "",
	} {
		assert.Equal(t, want, mustParse(t, format).All().String())
	}
}
