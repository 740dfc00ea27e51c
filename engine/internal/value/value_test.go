package value

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

func num(text string) Number {
	n, err := number.Parse(text)
	if err != nil {
		panic(err)
	}
	return Number{n}
}

func numbers(texts ...string) NumberSet {
	var elements []number.Number
	for _, t := range texts {
		elements = append(elements, num(t).Number)
	}
	set, _ := NewNumberSet(elements)
	return set
}

func TestEqual(t *testing.T) {
	t.Parallel()
	// Each value equals only itself.
	values := []Value{
		nil, Null{}, Bool(true), Bool(false), String(""), String("a"), Binary("a"), num("1"),
		num("10"),
		StringSet{"a"}, StringSet{"a", "b"}, StringSet{"a\x00b"}, BinarySet{"a"},
		BinarySet{"a", "b"},
		numbers("1"), numbers("1", "2"),
		List{}, List{num("1")}, List{num("1"), num("2")}, List{num("2"), num("1")}, List{List{}},
		List{StringSet{"a"}}, List{Null{}},
		Map{}, Map{{"a", num("1")}}, Map{{"b", num("1")}}, Map{{"a", num("2")}},
		Map{{"a", num("1")}, {"b", List{}}}, Map{{"a", Map{}}}, Map{{"a", StringSet{"x"}}},
	}
	for i, a := range values {
		for j, b := range values {
			assert.Equal(t, i == j, Equal(a, b), "%#v %#v", a, b)
		}
	}
	assert.True(t, Equal(num("1.0"), num("1")))
	assert.True(t, Equal(numbers("2", "1e1", "1"), numbers("10", "1.0", "2")))
	assert.True(t, Equal(Map{{"a", List{num("1e2")}}}, Map{{"a", List{num("100")}}}))
}

func TestCompare(t *testing.T) {
	t.Parallel()
	ascending := [][]Value{
		{String(""), String("A"), String("a"), String("a\x00"), String("aa"), String("b"),
			String("é"),
			String("ｚ"), String("😀")},
		{num("-10"), num("-9"), num("0"), num("0.5"), num("9"), num("10")},
		{Binary(""), Binary("\x00"), Binary("\x01"), Binary("\x01\x00"), Binary("\x80"),
			Binary("\xff")},
	}
	for _, values := range ascending {
		for i, a := range values {
			for j, b := range values {
				order, comparable := Compare(a, b)
				assert.True(t, comparable)
				assert.Equal(t, [3]bool{i < j, i == j, i > j},
					[3]bool{order < 0, order == 0, order > 0},
					"%v %v", a, b)
			}
		}
	}
	for _, c := range [][2]Value{
		{String("1"), num("1")}, {num("1"), String("1")}, {String("a"), Binary("a")},
		{Binary("a"), String("a")}, {Bool(true), Bool(true)}, {Null{}, Null{}}, {List{}, List{}},
		{StringSet{"a"}, StringSet{"a"}}, {nil, num("1")}, {num("1"), nil},
	} {
		_, comparable := Compare(c[0], c[1])
		assert.False(t, comparable, "%v %v", c[0], c[1])
	}
}

func TestBeginsWith(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v, prefix Value
		want      bool
	}{
		{String("abc"), String("ab"), true},
		{String("abc"), String(""), true},
		{String("abc"), String("b"), false},
		{String("abc"), Binary("a"), false},
		{Binary("\x01\x02"), Binary("\x01"), true},
		{Binary("\x01\x02"), Binary("\x02"), false},
		{Binary("a"), String("a"), false},
		{num("12"), num("1"), false},
		{StringSet{"a"}, String("a"), false},
		{nil, String("a"), false},
		{String("a"), nil, false},
	} {
		assert.Equal(t, c.want, BeginsWith(c.v, c.prefix), "%v %v", c.v, c.prefix)
	}
}

func TestContains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v, part Value
		want    bool
	}{
		{String("abc"), String("bc"), true},
		{String("abc"), String(""), true},
		{String("abc"), String("ac"), false},
		{String("abc"), Binary("b"), false},
		{Binary("\x01\x02\x03"), Binary("\x02\x03"), true},
		{Binary("\x01"), Binary(""), true},
		{Binary("\x01\x02"), Binary("\x02\x01"), false},
		{Binary("a"), String("a"), false},
		{StringSet{"ab", "c"}, String("c"), true},
		{StringSet{"ab", "c"}, String("a"), false},
		{StringSet{"ab"}, StringSet{"ab"}, false},
		{numbers("1", "20", "3"), num("2e1"), true},
		{numbers("1", "20", "3"), num("2"), false},
		{numbers("1"), String("1"), false},
		{BinarySet{"\x01", "\xff"}, Binary("\xff"), true},
		{BinarySet{"\x01"}, Binary("\x02"), false},
		{BinarySet{"a"}, String("a"), false},
		{List{num("1"), String("a")}, num("1.0"), true},
		{List{num("1"), String("a")}, String("a"), true},
		{List{Map{{"a", Null{}}}}, Map{{"a", Null{}}}, true},
		{List{List{num("1")}}, num("1"), false},
		{List{StringSet{"a", "b"}}, StringSet{"a", "b"}, true},
		{List{}, Null{}, false},
		{Map{{"a", num("1")}}, String("a"), false},
		{num("12"), num("1"), false},
		{nil, String("a"), false},
	} {
		assert.Equal(t, c.want, Contains(c.v, c.part), "%v %v", c.v, c.part)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    Value
		want int
	}{
		{String(""), 0}, {String("abc"), 3}, {String("é"), 2}, {String("😀"), 4},
		{Binary(""), 0}, {Binary("\x00\xff"), 2},
		{num("0"), 1}, {num("42"), 2}, {num("-42"), 3}, {num("1.5"), 3}, {num("1E125"), 2},
		{Null{}, 1}, {Bool(true), 1}, {Bool(false), 1},
		{StringSet{"a", "bcd"}, 4}, {BinarySet{"a", ""}, 1}, {numbers("1", "-234"), 6},
		{List{}, 3}, {List{num("1"), Null{}}, 3 + 1 + 2 + 1 + 1},
		{Map{}, 3}, {Map{{"name", String("x")}}, 3 + 1 + 4 + 1},
		{Map{{"a", List{Map{{"é", Binary("xyz")}}}}}, 3 + 1 + 1 + (3 + 1 + (3 + 1 + 2 + 3))},
	} {
		assert.Equal(t, c.want, Size(c.v), "%v", c.v)
	}
	assert.Equal(t, 0, ItemSize(nil))
	assert.Equal(t, 2+5+2+1, ItemSize(Map{{"pk", String("hello")}, {"é", Null{}}}))
}

func TestDepth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    Value
		want int
	}{
		{String("a"), 0}, {StringSet{"a"}, 0}, {List{}, 1}, {Map{}, 1}, {List{num("1")}, 1},
		{List{num("1"), Map{{"a", List{}}}, List{}}, 3},
		{Map{{"a", Null{}}, {"b", List{Null{}}}}, 2},
	} {
		assert.Equal(t, c.want, Depth(c.v), "%v", c.v)
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    Value
		want int
	}{
		{String(""), 0}, {String("abc"), 3}, {String("é"), 1}, {String("a😀"), 3},
		{Binary("\xff\xff"), 2}, {StringSet{"abc", "d"}, 2}, {numbers("1", "2", "3"), 3},
		{BinarySet{"abc"}, 1}, {List{Null{}, List{}}, 2}, {Map{{"a", List{Null{}, Null{}}}}, 1},
	} {
		got, ok := Length(c.v)
		assert.True(t, ok)
		assert.Equal(t, c.want, got, "%v", c.v)
	}
	for _, v := range []Value{num("10"), Bool(true), Null{}, nil} {
		_, ok := Length(v)
		assert.False(t, ok, "%v", v)
	}
}

func TestNewSets(t *testing.T) {
	t.Parallel()
	texts, duplicate := NewStringSet([]string{"b", "a", "é", "B", ""})
	assert.Equal(t, StringSet{"", "B", "a", "b", "é"}, texts)
	assert.False(t, duplicate)
	texts, duplicate = NewStringSet([]string{"b", "a", "b"})
	assert.Equal(t, StringSet{"a", "b"}, texts)
	assert.True(t, duplicate)

	binaries, duplicate := NewBinarySet([]string{"\xff", "\x01\x00", "\x80", "\x01", "\x00"})
	assert.Equal(t, BinarySet{"\x00", "\x01", "\x01\x00", "\x80", "\xff"}, binaries)
	assert.False(t, duplicate)
	_, duplicate = NewBinarySet([]string{"\xff", "\xff"})
	assert.True(t, duplicate)

	set, duplicate := NewNumberSet([]number.Number{
		num("100").Number, num("-1").Number, num("10").Number, num("1e2").Number,
	})
	assert.Equal(t, numbers("-1", "10", "100"), set)
	assert.True(t, duplicate)
	set, duplicate = NewNumberSet(nil)
	assert.Empty(t, set)
	assert.False(t, duplicate)
}

func TestNewMap(t *testing.T) {
	t.Parallel()
	attributes := []Attribute{
		{"b", num("1")}, {"a", num("2")}, {"b", num("3")}, {"", num("4")}, {"b", num("5")},
	}
	assert.Equal(t, Map{{"", num("4")}, {"a", num("2")}, {"b", num("5")}}, NewMap(attributes))
	assert.Empty(t, NewMap(nil))

	many := make([]Attribute, 1000)
	for i := range many {
		many[i] = Attribute{string(rune('z' - i%7)), Number{number.FromInt(int64(i / 7))}}
	}
	m := NewMap(many)
	require.Len(t, m, 7)
	for i, a := range m {
		assert.Equal(t, string(rune('t'+i)), a.Name)
		assert.Contains(t, []Value{num("141"), num("142")}, a.Value)
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	m := Map{{"b", num("1")}, {"d", num("2")}}
	assert.Equal(t, num("1"), m.Get("b"))
	assert.Nil(t, m.Get("c"))
	assert.Nil(t, Map(nil).Get("a"))
	for _, c := range []struct {
		name string
		want Map
	}{
		{"a", Map{{"a", Null{}}, {"b", num("1")}, {"d", num("2")}}},
		{"b", Map{{"b", Null{}}, {"d", num("2")}}},
		{"c", Map{{"b", num("1")}, {"c", Null{}}, {"d", num("2")}}},
		{"e", Map{{"b", num("1")}, {"d", num("2")}, {"e", Null{}}}},
	} {
		assert.Equal(t, c.want, m.With(c.name, Null{}))
	}
	assert.Equal(t, Map{{"d", num("2")}}, m.Without("b"))
	assert.Equal(t, Map{{"b", num("1")}}, m.Without("d"))
	assert.Equal(t, m, m.Without("c"))
	assert.Equal(t, Map{{"b", num("1")}, {"d", num("2")}}, m)
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, c := range kinds {
		assert.Equal(t, c.name, c.v.Kind().String())
	}
}

// kinds has a value of each type, and its JSON.
var kinds = []struct {
	name string
	v    Value
	json string
}{
	{"S", String("a\"\n"), `{"S":"a\"\n"}`},
	{"N", num("-1.50"), `{"N":"-1.5"}`},
	{"B", Binary("\x00\xff"), `{"B":"AP8="}`},
	{"SS", StringSet{"a", "b"}, `{"SS":["a","b"]}`},
	{"NS", numbers("10", "9", "-1"), `{"NS":["-1","9","10"]}`},
	{"BS", BinarySet{"", "a"}, `{"BS":["","YQ=="]}`},
	{"M", Map{{"a", Map{}}, {"b", Null{}}}, `{"M":{"a":{"M":{}},"b":{"NULL":true}}}`},
	{"L", List{num("1"), List{}}, `{"L":[{"N":"1"},{"L":[]}]}`},
	{"NULL", Null{}, `{"NULL":true}`},
	{"BOOL", Bool(true), `{"BOOL":true}`},
	{"BOOL", Bool(false), `{"BOOL":false}`},
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for _, c := range kinds {
		assert.Equal(t, "x"+c.json, string(AppendJSON([]byte("x"), c.v)))
	}
	assert.Equal(t, `{}`, string(AppendItemJSON(nil, nil)))
	assert.Equal(t, `{"a\\":{"S":""},"b":{"BOOL":true}}`,
		string(AppendItemJSON(nil, Map{{`a\`, String("")}, {"b", Bool(true)}})))
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      `""`,
		"plain é ｚ 😀 \u2028":    "\"plain é ｚ 😀 \u2028\"",
		`"\/`:                   `"\"\\/"`,
		"\b\f\n\r\t":            `"\b\f\n\r\t"`,
		"\x00\x1f\x7f":          `"\u0000\u001f` + "\x7f\"",
		"<a&b>":                 `"<a&b>"`,
		"a\xffb\xc3":            "\"a\ufffdb\ufffd\"",
		"\ufffd":                "\"\ufffd\"",
		"\xed\xa0\x80":          "\"\ufffd\ufffd\ufffd\"",
		strings.Repeat("x", 99): `"` + strings.Repeat("x", 99) + `"`,
	} {
		assert.Equal(t, want, string(AppendString(nil, text)))
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("plain", "other", uint64(1))
	f.Add("\x00\"\\\xff", "\u2028\xed\xa0\x80", uint64(7))
	f.Fuzz(func(t *testing.T, a, b string, seed uint64) {
		v := randomValue(rand.New(rand.NewPCG(seed, 1)), []string{a, b, a + b, ""}, 4)
		text := AppendJSON(nil, v)
		assert.True(t, utf8.Valid(text))
		decoder := json.NewDecoder(bytes.NewReader(text))
		var read map[string]any
		require.NoError(t, decoder.Decode(&read), "%s", text)
		require.False(t, decoder.More())
		assert.True(t, Equal(valid(v), fromJSON(t, read)), "%s", text)
	})
}

// randomValue returns a value made of the texts.
func randomValue(r *rand.Rand, texts []string, levels int) Value {
	text := texts[r.IntN(len(texts))]
	kind := r.IntN(10)
	if levels == 0 {
		kind = r.IntN(8)
	}
	switch kind {
	case 0:
		return String(text)
	case 1:
		return Binary(text)
	case 2:
		return Number{number.FromInt(int64(r.Uint64()))}
	case 3:
		set, _ := NewStringSet(slices.Clone(texts))
		return set
	case 4:
		set, _ := NewBinarySet(slices.Clone(texts))
		return set
	case 5:
		return numbers("1", "0.5", "1e20")
	case 6:
		return Null{}
	case 7:
		return Bool(r.IntN(2) == 0)
	case 8:
		list := make(List, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, texts, levels-1)
		}
		return list
	}
	m := make([]Attribute, r.IntN(4))
	for i := range m {
		name := strings.ToValidUTF8(texts[r.IntN(len(texts))], "")
		m[i] = Attribute{name, randomValue(r, texts, levels-1)}
	}
	return NewMap(m)
}

// valid returns a value as its JSON shows it: with U+FFFD for each byte that is not UTF-8.
func valid(v Value) Value {
	switch v := v.(type) {
	case String:
		return String([]rune(string(v)))
	case StringSet:
		set := make(StringSet, len(v))
		for i, e := range v {
			set[i] = string([]rune(e))
		}
		return set
	case List:
		list := make(List, len(v))
		for i, e := range v {
			list[i] = valid(e)
		}
		return list
	case Map:
		m := make(Map, len(v))
		for i, a := range v {
			m[i] = Attribute{a.Name, valid(a.Value)}
		}
		return m
	}
	return v
}

// fromJSON returns the value that package json has decoded.
func fromJSON(t *testing.T, read any) Value {
	t.Helper()
	require.Len(t, read, 1)
	for kind, v := range read.(map[string]any) {
		switch kind {
		case "S":
			return String(v.(string))
		case "N":
			return num(v.(string))
		case "B":
			return Binary(fromBase64(t, v))
		case "NULL":
			require.Equal(t, true, v)
			return Null{}
		case "BOOL":
			return Bool(v.(bool))
		case "M":
			var m []Attribute
			for name, v := range v.(map[string]any) {
				m = append(m, Attribute{name, fromJSON(t, v)})
			}
			return NewMap(m)
		}
		return elementsFromJSON(t, kind, v.([]any))
	}
	return nil
}

func elementsFromJSON(t *testing.T, kind string, read []any) Value {
	t.Helper()
	var texts StringSet
	var binaries BinarySet
	var counts []string
	var list List
	for _, e := range read {
		switch kind {
		case "SS":
			texts = append(texts, e.(string))
		case "NS":
			counts = append(counts, e.(string))
		case "BS":
			binaries = append(binaries, fromBase64(t, e))
		case "L":
			list = append(list, fromJSON(t, e))
		}
	}
	return map[string]Value{"SS": texts, "NS": numbers(counts...), "BS": binaries, "L": list}[kind]
}

func fromBase64(t *testing.T, text any) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text.(string))
	require.NoError(t, err)
	return string(b)
}

// player is an item of about 400 bytes.
func player() Map {
	return NewMap([]Attribute{
		{"id", String("player-000000000042")}, {"name", String("Zoë \"the\" Quick")},
		{"coins", num("1234567.89")}, {"level", num("42")}, {"seen", num("1700000000")},
		{"banned", Bool(false)}, {"guild", Null{}},
		{"avatar", Binary(strings.Repeat("\x01\xff", 60))},
		{"friends", StringSet{"player-1", "player-2", "player-3"}},
		{"scores", numbers("1", "20", "300")},
		{"bio", String(strings.Repeat("plain text ", 10))},
		{"bag", List{Map{{"item", String("sword")}, {"count", num("1")}}, num("5")}},
	})
}

func TestAppendItemJSONAllocates(t *testing.T) {
	item, buffer := player(), make([]byte, 0, 2048)
	assert.Zero(t, testing.AllocsPerRun(100, func() { AppendItemJSON(buffer, item) }))
	assert.InDelta(t, 400, ItemSize(item), 50)
}

func BenchmarkAppendItemJSON(b *testing.B) {
	item, buffer := player(), make([]byte, 0, 2048)
	b.SetBytes(int64(len(AppendItemJSON(nil, item))))
	b.ReportAllocs()
	for b.Loop() {
		buffer = AppendItemJSON(buffer[:0], item)
	}
}

func BenchmarkItemSize(b *testing.B) {
	item := player()
	b.ReportAllocs()
	for b.Loop() {
		ItemSize(item)
	}
}
