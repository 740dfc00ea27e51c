package plainjson

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// readBothWays decodes an attribute's JSON text with the type's own decoder and with encoding/json.
// It reports whether the decoder understood the text.
func readBothWays(t require.TestingT, p *Decoder, attribute string) bool {
	r := wire.NewReader(attribute)
	body, escapes := r.Body()
	if r.Err() != nil {
		return false
	}
	value := reflect.New(p.Type)
	if !p.Read(body, value.Interface()) {
		require.True(t, value.Elem().IsZero(), "%s as %s", attribute, p.Type)
		return false
	}
	text := r.Unescape(body, escapes)
	require.NoError(t, r.Err(), attribute)
	want := reflect.New(p.Type)
	require.NoError(t, json.Unmarshal([]byte(text), want.Interface()), "%s as %s", attribute,
		p.Type)
	require.Equal(t, want.Elem().Interface(), value.Elem().Interface(), "%s as %s", attribute,
		p.Type)
	return true
}

// plainPieces are parts of the test texts. They include white space that only encoding/json or only
// wire accepts.
var plainPieces = []string{
	`{`, `}`, `[`, `]`, `,`, `:`, ` `, "\n", "\t", "\r", "\v", `"a"`, `"b"`, `""`, `"ä€😀"`, `"a b"`,
	`"\n"`, `"\\"`, `"\""`, `"\/"`,
	`"\u0041"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\x"`, `"\u12"`, `"`, `\`, `0`, `1`, `-1`, `-0`,
	`01`, `+1`, `1.5`, `-0.0`, `1e3`, `1E-2`, `1.`,
	`.5`, `1e999`, `3.5e38`, `127`, `128`, `-129`, `255`, `256`, `65535`, `65536`, `2147483648`,
	`4294967296`, `9223372036854775807`,
	`9223372036854775808`, `18446744073709551615`, `18446744073709551616`, `123456789012345678`,
	`0x10`, `1_0`, `NaN`, `Inf`,
	`true`, `false`, `null`, `tru`, `True`, `{}`, `[]`, `"a":1`, `"a": "b"`, `"a":1.5`, `"a":true`,
	`"a":null`, "\x01", "\xff", "é",
}

// randomPlainText returns JSON for the types with their own decoder, sometimes slightly wrong.
func randomPlainText(random *rand.Rand) string {
	piece := func() string { return plainPieces[random.IntN(len(plainPieces))] }
	value := func() string {
		kind := [][]string{{`1`, `-5`, `0`, `77`}, {`1.5`, `2e3`, `-0`}, {`true`, `false`},
			{`"x"`, `"\\\n\u00e4"`, `"{\"a\":1}"`, `"😀"`}}[random.IntN(4)]
		return kind[random.IntN(len(kind))]
	}
	if random.IntN(8) == 0 {
		value = piece
	}
	space := func() string {
		if random.IntN(6) != 0 {
			return ""
		}
		return []string{" ", "\n", "\t ", "\r\n", "  "}[random.IntN(5)]
	}
	var elements []string
	object := random.IntN(2) == 0
	same := value()
	for range random.IntN(12) {
		element := space() + same + space()
		if random.IntN(4) == 0 {
			element = value()
		}
		if object {
			element = space() +
				[]string{`"a"`, `"b"`, `"c d"`, `""`, `"\""`, `"é"`, `"\u0061"`}[random.IntN(7)] +
				space() + ":" + element
		}
		elements = append(elements, element)
	}
	text := "[" + space() + strings.Join(elements, ",") + "]"
	if object {
		text = "{" + space() + strings.Join(elements, ",") + "}"
	}
	for random.IntN(3) == 0 {
		at := random.IntN(len(text) + 1)
		text = text[:at] + piece() + text[min(len(text), at+random.IntN(3)):]
	}
	return space() + text + space()
}

// A text that a decoder understands has the same value with encoding/json.
func TestPlainJSONReadsAsEncodingJSON(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 5000
	if testing.Short() {
		rounds = 1000
	}
	understood := map[reflect.Type]bool{}
	for range rounds {
		text := randomPlainText(random)
		attribute := string(wire.AppendString(nil, text))
		if random.IntN(10) == 0 { // an escape that DynamoDB does not send, but could
			attribute = strings.ReplaceAll(attribute, `\"`, `\u0022`)
		}
		if random.IntN(10) == 0 {
			attribute = strings.ReplaceAll(attribute, `/`, `\/`)
			attribute = strings.ReplaceAll(attribute, `a`, `\u0061`)
		}
		for i := range plainTypes {
			p := &plainTypes[i]
			if readBothWays(t, p, attribute) && len(attribute) > 12 {
				understood[p.Type] = true
			}
		}
	}
	for i := range plainTypes {
		require.True(t, understood[plainTypes[i].Type], plainTypes[i].Type)
	}
}

// FuzzPlainJSON lets the fuzzer choose the text, including escapes.
func FuzzPlainJSON(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		f.Add(string(wire.AppendString(nil, randomPlainText(random))))
	}
	f.Add(`"{\"a\\u0022\u0041\":\"\\\u0022\"}"`)
	f.Fuzz(func(t *testing.T, attribute string) {
		for i := range plainTypes {
			readBothWays(t, &plainTypes[i], attribute)
		}
	})
}

// The types' own decoders accept the output of JSON encoders. Falling back to encoding/json would
// only be slower, and no other test would notice.
func TestPlainJSONUnderstands(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text string
		want any
	}{
		{`{}`, map[string]int{}}, {`[]`, []string{}},
		{`{"a":1,"b":-20}`, map[string]int{"a": 1, "b": -20}},
		{"{\n\t\"a\": 1,\r\n \"b\" : 2 } ", map[string]int{"a": 1, "b": 2}},
		{`{"a":1,"a":2}`, map[string]uint8{"a": 2}}, {`{"é": true}`, map[string]bool{"é": true}},
		{`{"a\"b\\c\n\u00e4":"x\/\ud83d\ude00"}`, map[string]string{"a\"b\\c\nä": "x/😀"}},
		{`["a","","a, b","\\\""]`, []string{"a", "", "a, b", `\"`}},
		{`[1.5,-0,2e3]`, []float64{1.5, 0, 2000}},
		{`[1,2,3,4,5,6,7,8,9]`, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{`[true,false]`, []bool{true, false}}, {`[0.1]`, []float32{0.1}},
	} {
		p := Lookup(reflect.TypeOf(row.want))
		require.NotNil(t, p)
		body, _ := wire.NewReader(string(wire.AppendString(nil, row.text))).Body()
		got := reflect.New(p.Type)
		require.True(t, p.Read(body, got.Interface()), row.text)
		if list, ok := got.Elem().Interface().([]float64); ok {
			list[1] = 0 // it is -0, as with encoding/json
		}
		require.Equal(t, row.want, got.Elem().Interface())
	}
}

// Decoding allocates only the map or the list.
func TestPlainJSONAllocates(t *testing.T) {
	body, _ := wire.NewReader(string(wire.AppendString(nil, `{"sword":1,"potion":2}`))).Body()
	counts := Lookup(reflect.TypeFor[map[string]int]())
	require.LessOrEqual(t,
		testing.AllocsPerRun(100, func() {
			counts.Read(body, new(map[string]int))
		}), 3.0)
	body, _ = wire.NewReader(string(wire.AppendString(nil, `["a","b","c","d","e","f","g"]`))).Body()
	texts := Lookup(reflect.TypeFor[[]string]())
	require.LessOrEqual(t,
		testing.AllocsPerRun(100, func() {
			texts.Read(body, new([]string))
		}), 2.0)
}
