package dynamapper

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// inS returns a text as S.
func inS(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return `{"S":` + string(quoted) + `}`
}

// The JSON form has sorted keys, no HTML escapes, exact numbers, and the names of encoding/json.
func TestJSONForm(t *testing.T) {
	t.Parallel()
	type base struct {
		ID int `json:"id"`
	}
	type tagged struct {
		base
		Name string `json:"name,omitempty" dynamo:"ignored"`
		Skip string `json:"-"`
	}
	for _, test := range []struct {
		rule  string
		value any
		json  string
	}{
		{"sorted keys", map[string]int{"c": 3, "a": 1, "b": 2}, `{"a":1,"b":2,"c":3}`},
		{"no HTML escapes", map[string]string{"<b>": "&"}, `{"<b>":"&"}`},
		{"numbers in a map of any", map[string]any{"big": json.Number("12345678901234567890")},
			`{"big":12345678901234567890}`},
		{"fractions in a map of any", map[string]any{"f": json.Number("1.10")}, `{"f":1.10}`},
		{"big numbers", map[string]*big.Int{"n": big.NewInt(5)}, `{"n":5}`},
		{"names of encoding/json", tagged{base: base{5}, Name: "x"}, `{"id":5,"name":"x"}`},
		{"a pointer to an empty struct", &point{}, `{"x":0,"y":0}`},
		{"empty lists inside", struct{ L []int }{[]int{}}, `{"L":[]}`},
		{"times inside", []time.Time{time.Unix(0, 5).UTC()}, `["1970-01-01T00:00:00.000000005Z"]`},
		{"texts inside", []netip.Addr{netip.MustParseAddr("::1")}, `["::1"]`},
		{"methods of the pointer inside", [1]onPointer{{"x"}}, `["x"]`},
		{"U+FFFD is text like any other", []string{"\ufffd"}, "[\"\ufffd\"]"},
		{"an escape that is honest", []json.RawMessage{[]byte(`"\ufffd"`)}, `["\ufffd"]`},
		{"strings that look like JSON", []string{`{"a":1}`}, `["{\"a\":1}"]`},
	} {
		t.Run(test.rule, func(t *testing.T) { requireStored(t, test.value, "", inS(test.json)) })
	}
}

// An empty interface can be a JSON field.
func TestJSONOfAny(t *testing.T) {
	t.Parallel()
	type holder struct{ V any }
	for _, test := range []struct {
		value any
		json  string
	}{
		{json.Number("12345678901234567890"), `12345678901234567890`}, {"a", `"a"`}, {true, `true`},
		{[]any{json.Number("1.0"), nil, "x"}, `[1.0,null,"x"]`},
		{map[string]any{"a": nil}, `{"a":null}`}, {"", `""`},
		{[]any{}, `[]`}, {map[string]any{}, `{}`},
	} {
		v := reflect.ValueOf(holder{test.value}).Field(0)
		text, err := encodeOne(t, v, "")
		require.NoError(t, err)
		require.Equal(t, inS(test.json), text)
		back, err := decodeOne(t, text, v.Type(), "")
		require.NoError(t, err)
		require.Equal(t, test.value, back.Interface())
	}
	for _, nothing := range []any{nil, []any(nil), map[string]int(nil)} {
		text, err := encodeOne(t, reflect.ValueOf(holder{nothing}).Field(0), "")
		require.NoError(t, err)
		require.Empty(t, text)
	}
	v, err := decodeOne(t, `{"L":[{"N":"12345678901234567890"},{"NULL":true}]}`,
		reflect.TypeFor[any](), "")
	require.NoError(t, err)
	require.Equal(t, []any{json.Number("12345678901234567890"), nil}, v.Interface())
}

// JSON with spaces and \u escapes, as dynamodb-mapper wrote it, is decoded.
func TestOriginalJSON(t *testing.T) {
	t.Parallel()
	text := `{"Zombie <b>&": 1, "imp": 40, "unicod\u00e9": [1, 2.5, null, true, "x"]}`
	v, err := decodeOne(t, inS(text), reflect.TypeFor[map[string]any](), "")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"Zombie <b>&": json.Number("1"), "imp": json.Number("40"),
		"unicodé": []any{json.Number("1"), json.Number("2.5"), nil, true, "x"}}, v.Interface())
	v, err = decodeOne(t, inS(`{"a": 1, "\ud83d\ude00" : 2 }`), reflect.TypeFor[map[string]int](),
		"")
	require.NoError(t, err)
	require.Equal(t, map[string]int{"a": 1, "😀": 2}, v.Interface())
}

// Types with a faster decoder decode every text as encoding/json does.
func TestPlainJSON(t *testing.T) {
	t.Parallel()
	type inventory map[string]int
	texts := []string{
		``, ` `, `null`, `{}`, `[]`, `{"a":1}`, ` { "a" : 1 , "b" : 2 } `, `{"a":1,"a":2}`,
		`{"a":null}`, `[null]`, `{"a":1.0}`, `{"a":1e2}`,
		`{"a":-0}`, `{"a":01}`, `{"a":9223372036854775807}`, `{"a":9223372036854775808}`,
		`{"a":"1"}`, `["1","\u00e9\ud83d\ude00\/"]`, `["\ud800"]`,
		`[1,2.5,-3e-7]`, `[1 , 2 ]`, `[true,false]`, `{"a":true}`, `{"a":"x\n"}`, `[1,2`, `[1,]`,
		`{"a":1,}`, `[1] x`, `{"a":1}{`, `[1e400]`, `[[1]]`,
		`{"a":{}}`, `[0.1]`, `[100000000000000000000]`, `[5,7,11,13,17,19,23]`, `["a"]`, `{"":1}`,
		`true`, `1`, `"a"`, `[NaN]`, `[0x10]`, `[1_0]`,
	}
	for _, target := range []any{
		map[string]string{}, map[string]int{}, map[string]int64{}, map[string]float64{},
		map[string]bool{}, inventory{},
		[]string{}, []int{}, []int64{}, []float64{}, []bool{}, namedList{},
	} {
		goType := reflect.TypeOf(target)
		require.NotNil(t, lookupPlainJSON(goType))
		for _, text := range texts {
			want := reflect.New(goType)
			wantErr := json.Unmarshal([]byte(text), want.Interface())
			// which encoding/json does not read
			if plain := spellIntegers(text, goType); plain != text {
				want.Elem().SetZero()
				wantErr = json.Unmarshal([]byte(plain), want.Interface())
			}
			got, err := decodeOne(t, inS(text), goType, "")
			require.Equal(t, wantErr == nil, err == nil, "%s into %s: %v", text, goType, err)
			if err == nil {
				require.Equal(t, want.Elem().Interface(), got.Interface(), "%s into %s", text,
					goType)
			}
		}
	}
	require.Nil(t, lookupPlainJSON(reflect.TypeFor[map[string]any]()))
	require.Nil(t, lookupPlainJSON(reflect.TypeFor[loudMap]()))
}

// loudMap has its own JSON form.
type loudMap map[string]int

func (loudMap) MarshalJSON() ([]byte, error) { return []byte(`"loud"`), nil }

func (m *loudMap) UnmarshalJSON(text []byte) error {
	if string(text) != `"loud"` {
		return errors.New("quiet: " + string(text))
	}
	*m = loudMap{"loud": 1}
	return nil
}

func TestJSONMethodsOfTheType(t *testing.T) {
	t.Parallel()
	requireStored(t, loudMap{"loud": 1}, "", inS(`"loud"`))
}

type jsonOrder struct {
	Lines []jsonLine           `json:"lines"`
	ByDay map[string]*jsonLine `json:"by.day"`
	Embedded
	Note any `json:"note"`
}

type jsonLine struct {
	SKU   string     `json:"sku"`
	Count int8       `json:"count"`
	Price float64    `json:"price"`
	At    time.Time  `json:"at"`
	IP    netip.Addr `json:"ip"`
	Loud  loudMap    `json:"loud"`
	N     *big.Int   `json:"n"`
}

// Embedded is an embedded struct, whose fields are promoted.
type Embedded struct {
	Title string      `json:"title"`
	Num   json.Number `json:"num"`
}

// An error in decoded JSON names its path and contains no value.
func TestJSONPathsOfReading(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, json     string
		golang, stored string
		text           string
	}{
		{"broken three levels deep", `{"lines":[{"sku":"a"},{"sku":"b"},{"sku":secret}]}`,
			"A.Lines[2].SKU", "a.lines[2].sku", "is not JSON, from byte 42 on"},
		{"broken in a string", `{"lines":[{"sku":"secret\q"}]}`, "A.Lines[0].SKU", "a.lines[0].sku",
			"is not JSON"},
		{"broken at a name", `{"lines":[{"sku":"a",secret:1}]}`, "A.Lines[0].SKU", "a.lines[0].sku",
			"is not JSON"},
		{"cut", `{"lines":[{"sku":"secret`, "A.Lines[0].SKU", "a.lines[0].sku", "ends too early"},
		{"cut after an element", `{"lines":[{"sku":"a"},{`, "A.Lines[1]", "a.lines[1]",
			"ends too early"},
		{"empty", ``, "A", "a", "ends too early"},
		{"no JSON", `secret`, "A", "a", "is not JSON, from byte 1 on"},
		{"trailing text", `{"lines":[]} secret`, "A", "a", "something follows the value"},
		{"a trailing value", `{"lines":[]}{}`, "A", "a", "something follows the value"},
		{"a string for a number", `{"lines":[{},{"count":"secret"}]}`, "A.Lines[1].Count",
			"a.lines[1].count", "of the kind string, and the Go type int8 takes none"},
		{"a number for a string", `{"lines":[{"sku":777}]}`, "A.Lines[0].SKU", "a.lines[0].sku",
			"of the kind number, and the Go type string"},
		{"overflow", `{"lines":[{"count":777}]}`, "A.Lines[0].Count", "a.lines[0].count",
			"number that does not fit the Go type int8"},
		{"a fraction", `{"lines":[{"count":7.77}]}`, "A.Lines[0].Count", "a.lines[0].count",
			"number that does not fit the Go type int8"},
		{"an object for a string", `{"lines":[{"sku":{"secret":777}}]}`, "A.Lines[0].SKU",
			"a.lines[0].sku", "kind object"},
		{"a list for a struct", `{"lines":[{}, ["secret"]]}`, "A.Lines[1]", "a.lines[1]",
			"kind array"},
		{"a list for the whole", `["secret"]`, "A", "a", "kind array"},
		{"in a map", `{"by.day":{"mon.":{"sku":true}}}`, `A.ByDay["mon."].SKU`,
			`a."by.day"."mon.".sku`, "kind bool"},
		{"in another case", `{"LINES":[{"Sku":777}]}`, "A.Lines[0].SKU", "a.LINES[0].Sku",
			"kind number"},
		{"in an embedded struct", `{"title":777}`, "A.Embedded.Title", "a.title", "kind number"},
		{"a time", `{"lines":[{},{"at":"secret"}]}`, "A.Lines[1].At", "a.lines[1].at",
			"does not take"},
		{"a text", `{"by.day":{"x":{"ip":"secret"}}}`, `A.ByDay["x"].IP`, `a."by.day".x.ip`,
			"does not take"},
		{"a method", `{"lines":[{"loud":"secret"}]}`, "A.Lines[0].Loud", "a.lines[0].loud",
			"does not take"},
		{"a number as text", `{"lines":[{"n":"secret"}]}`, "A.Lines[0].N", "a.lines[0].n",
			"does not take"},
		{"a json.Number", `{"num":"secret"}`, "A.Embedded.Num", "a.num", "does not take"},
		{"in what no type knows", `{"note":{"a":[1,secret]}}`, `A.Note["a"][0]`, "a.note.a[0]",
			"is not JSON"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			for _, options := range []string{"", ",document"} {
				_, err := decodeOne(t, inS(test.json), reflect.TypeFor[jsonOrder](), options)
				placed := new(FieldError)
				require.ErrorAs(t, err, &placed)
				require.Equal(t, test.golang, placed.Field)
				require.Equal(t, test.stored, placed.Attribute)
				require.Contains(t, err.Error(), test.text)
				require.NotContains(t, err.Error(), "secret")
				require.NotContains(t, err.Error(), "777")
			}
		})
	}
}

// TestJSONNumbersAndArraysRefused tests the place of a number that is no integer of its Go type,
// however it is spelled, and of a list that is longer than its Go array.
func TestJSONNumbersAndArraysRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		json  string
		value any
		place string
		text  string
	}{
		{`[1.5]`, []int{}, "A[0]", "a number that does not fit the Go type int"},
		{`[2.0, 3.0, 1e30]`, []int{}, "A[2]", "a number that does not fit the Go type int"},
		{`[2.0, 1e30000000000]`, []int{}, "A[1]", "a number that does not fit the Go type int"},
		{`{"a": -1.0}`, map[string]uint{}, `A["a"]`, "a number that does not fit the Go type uint"},
		{`[2.0, 256.0]`, []*uint16{}, "", ""},
		{`[2.0, 256.0]`, []*int8{}, "A[1]", "a number that does not fit the Go type int8"},
		{`[1, 2, 3]`, [2]int{}, "A", "the list has more elements than the Go type [2]int"},
		{`[[1, 2, 3]]`, [1][2]int{}, "A[0]", "the list has more elements than the Go type [2]int"},
		{`{"a":[{},{"B":[[],[]]}]}`, map[string][]struct{ B *[1][1]int }{}, `A["a"][1].B`,
			"the list has more elements than the Go type [1][1]int"},
	} {
		for _, options := range []string{"", ",document"} {
			_, err := decodeOne(t, inS(test.json), reflect.TypeOf(test.value), options)
			if test.text == "" {
				require.NoError(t, err)
				continue
			}
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, test.place, placed.Field)
			require.Contains(t, err.Error(), test.text)
		}
	}
}

// failing refuses to be encoded.
type failing struct{ Text string }

func (f failing) MarshalJSON() ([]byte, error) {
	return nil, &strconv.NumError{Func: "f", Num: f.Text, Err: strconv.ErrSyntax}
}

// A value that JSON cannot hold is refused with its path.
func TestJSONPathsOfWriting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule           string
		value          any
		golang, stored string
		text           string
	}{
		{"NaN", jsonOrder{Lines: []jsonLine{{}, {Price: math.NaN()}}}, "A.Lines[1].Price",
			"a.lines[1].price", "no NaN"},
		{"infinity in a map", map[string][]float32{"x": {1, float32(math.Inf(1))}}, `A["x"][1]`,
			"a.x[1]", "no infinities"},
		{"NaN in any", map[string]any{"a.b": []any{math.NaN()}}, `A["a.b"][0]`, `a."a.b"[0]`,
			"no NaN"},
		{"invalid UTF-8", jsonOrder{ByDay: map[string]*jsonLine{"x": {SKU: "\xff"}}},
			`A.ByDay["x"].SKU`, `a."by.day".x.sku`, "not valid UTF-8"},
		{"invalid UTF-8 embedded", jsonOrder{Embedded: Embedded{Title: "\xff"}}, "A.Embedded.Title",
			"a.title", "not valid UTF-8"},
		{"invalid UTF-8 in any", []any{"a", map[string]any{"k": "\xc3"}}, `A[1]["k"]`, "a[1].k",
			"not valid UTF-8"},
		{"invalid UTF-8 in a key", map[string]int{"\xff": 1}, `A["\xff"]`, `a."\xff"`,
			"not valid UTF-8"},
		{"invalid UTF-8 in a text", []onPointer{{"a"}, {"\xff"}}, "A[1]", "a[1]",
			"not valid UTF-8"},
		{"invalid UTF-8 of a method", []json.RawMessage{[]byte("\"\xff\"")}, "A", "a",
			"not valid UTF-8"},
		{"a json.Number that is none", []any{json.Number("1"), json.Number("secret")}, "A[1]",
			"a[1]", "not a number"},
		{"a method's error", []failing{{"secret"}}, "A", "a", "cannot be written as JSON"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := encodeOne(t, reflect.ValueOf(test.value), "")
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, test.golang, placed.Field)
			require.Equal(t, test.stored, placed.Attribute)
			require.Contains(t, err.Error(), test.text)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	_, err := encodeOne(t, reflect.ValueOf([]failing{{"secret"}}), "")
	number := new(strconv.NumError)
	require.ErrorAs(t, err, &number)
}

// The search for such a value ends, even if a value contains itself many times.
func TestJSONSearchEnds(t *testing.T) {
	t.Parallel()
	type knot struct {
		Kids []*knot `json:"kids"`
		Self map[string]any
		F    float64
	}
	nodes := make([]*knot, 50)
	for i := range nodes {
		nodes[i] = &knot{}
	}
	for _, n := range nodes {
		n.Kids, n.Self = nodes, map[string]any{"n": nodes}
	}
	_, err := encodeOne(t, reflect.ValueOf(nodes), "")
	require.ErrorContains(t, err, "contains itself")
}

// Fields that encoding/json ignores are no reason to refuse a type.
func TestJSONOutsideFields(t *testing.T) {
	t.Parallel()
	type partly struct {
		A string    `json:"a"`
		B chan int  `json:"-"`
		c complex64 // not exported
		D string    `json:"-"`
	}
	text, err := encodeOne(t, reflect.ValueOf(partly{A: "\ufffd", c: 1i, D: "\xff"}), "")
	require.NoError(t, err)
	require.Equal(t, inS("{\"a\":\"\ufffd\"}"), text)
}

// A model may be part of another model's JSON, like a journal's copy of an item. Its Model adds
// nothing to the JSON.
func TestAModelInsideJSON(t *testing.T) {
	t.Parallel()
	type entry struct {
		Model  `dynamo:"journal"`
		ID     string `dynamo:"id,hash"`
		Heroes []hero `dynamo:"heroes"`
	}
	table := tableOf[entry](t)
	written, err := table.MarshalItem(&entry{ID: "1", Heroes: []hero{{Name: "Duke", Level: 7}}})
	require.NoError(t, err)
	require.Equal(t, textValue(`[{"Name":"Duke","Level":7}]`), written["heroes"])
	back, err := table.UnmarshalItem(written)
	require.NoError(t, err)
	require.Equal(t, []hero{{Name: "Duke", Level: 7}}, back.Heroes)
}

// order computes its total when it is read.
type order struct{ Quantity, Price, Total int }

func (o *order) UnmarshalJSON(text []byte) error {
	type plain order
	if err := json.Unmarshal(text, (*plain)(o)); err != nil {
		return err
	}
	o.Total = o.Quantity * o.Price
	return nil
}

// A type may compute a field when it is read. A value that would be lost is refused when it is
// written.
func TestJSONMethodsThatComputeAField(t *testing.T) {
	t.Parallel()
	for _, value := range []order{{}, {2, 3, 6}, {2, 3, 0}} {
		_, err := encodeOne(t, reflect.ValueOf([]order{value}), "")
		require.NoError(t, err)
	}
	for _, value := range []any{[]order{{2, 3, 7}}, []forgetful{{1, 2}}, []readOnly{{1}}} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.ErrorContains(t, err, "not read back")
	}
}

// SelfEmbedded embeds itself.
type SelfEmbedded struct {
	*SelfEmbedded
	X int
}

type idOfOne struct{ ID int }

type idOfOther struct{ ID int }

// Structs that encoding/json would not write whole are refused, and no type or value makes the
// check recurse without end.
func TestStructsInJSON(t *testing.T) {
	t.Parallel()
	_, _, err := makeOneField(reflect.TypeFor[SelfEmbedded](), "")
	require.ErrorContains(t, err, "embeds itself")
	_, _, err = makeOneField(reflect.TypeFor[struct {
		idOfOne
		idOfOther
	}](), "")
	require.ErrorContains(t, err, `the fields idOfOne.ID and idOfOther.ID both have the name "ID"`)

	type coded struct {
		error
		Code int
	}
	text, err := encodeOne(t, reflect.ValueOf(map[string]any{"a": coded{Code: 1}}), "")
	require.NoError(t, err)
	require.JSONEq(t, `{"S":"{\"a\":{\"Code\":1}}"}`, text)

	type base struct{ Parent any }
	type shadowed struct {
		base
		Parent string
	}
	loop := &shadowed{Parent: "p"}
	loop.base.Parent = loop
	text, err = encodeOne(t, reflect.ValueOf(map[string]any{"a": loop}), "")
	require.NoError(t, err)
	require.JSONEq(t, `{"S":"{\"a\":{\"Parent\":\"p\"}}"}`, text)
}

// vague is a key of which several values have one text.
type vague int

func (v vague) MarshalText() ([]byte, error) {
	if v > 1 {
		return []byte("many"), nil
	}
	return []byte("one"), nil
}

func (v *vague) UnmarshalText(text []byte) error {
	if *v = 1; string(text) == "many" {
		*v = 2
	}
	return nil
}

// A map of which two keys have one text would lose a member.
func TestMapKeysOfOneTextInJSON(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		map[vague]string{1: "a", 2: "b"}, []map[vague][]string{{1: {"b"}, 2: {"b", "b"}}, {2: nil}},
		map[vague]map[vague]int{1: {1: 1}, 2: {1: 1, 2: 2}},
	} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.NoError(t, err)
	}
	for _, value := range []any{
		map[vague]string{2: "a", 3: "b"}, []map[vague]int{{}, {2: 1, 3: 2}},
		map[vague]map[vague]int{1: {1: 1}, 2: {4: 1, 2: 2}},
	} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.ErrorContains(t, err, "same text")
	}
}

// An attribute value of the SDK where JSON cannot replace it is refused, and presented unchanged.
func TestAttributeValuesInsideJSON(t *testing.T) {
	t.Parallel()
	text := &types.AttributeValueMemberS{Value: "x"}
	type holder struct {
		Item map[string]types.AttributeValue
	}
	for _, value := range []any{
		holder{map[string]types.AttributeValue{"k": text}}, &struct{ V types.AttributeValue }{text},
		map[string][]types.AttributeValue{"k": {text}},
		map[string]map[string]types.AttributeValue{"k": {"k": text}},
	} {
		v := reflect.ValueOf(map[string]any{"a": value})
		_, err := encodeOne(t, v, "")
		require.ErrorContains(t, err, "JSON has no form for an attribute value")
		require.NotPanics(t, func() { presentJSON(v) })
	}
}

// Each read of a document that the type cannot have returns an error with the same place.
func TestDocumentFormOfJSONIsRefusedAnew(t *testing.T) {
	t.Parallel()
	type twice struct{ P **int }
	f, holder := oneField(t, reflect.TypeFor[twice](), "")
	for range 3 {
		err := newDecoder(wire.NewReader(`{"M":{"P":{"N":"1"}}}`)).
			decodeField(f, reflect.New(holder).Elem())
		require.ErrorContains(t, err, "A.P (attribute a.P)")
		require.NotContains(t, err.Error(), "A.A")
	}
}

// Of two fields of one name at one depth, encoding/json writes the one with a json tag.
func TestTheTaggedFieldIsWritten(t *testing.T) {
	t.Parallel()
	type plain struct{ ID any }
	type tagged struct {
		Other any `json:"ID"`
	}
	type both struct {
		plain
		tagged
	}
	fields, err := writtenJSONFields(reflect.TypeFor[both]())
	require.NoError(t, err)
	require.Len(t, fields, 1)
	require.Equal(t, "Other", fields[0].Name)
	value := both{tagged: tagged{*big.NewInt(1)}}
	_, err = encodeOne(t, reflect.ValueOf(map[string]any{"a": value}), "")
	require.ErrorContains(t, err, "type big.Int is written by the method MarshalJSON of its pointer")
}
