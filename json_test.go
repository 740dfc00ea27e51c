package dynamapper

import (
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"net/url"
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

var errRefused = errors.New("refused")

// nullID is as uuid.NullUUID: its text of nothing is none that it reads, and its JSON is right.
type nullID struct {
	ID    [1]byte
	Valid bool
}

func (n nullID) MarshalText() ([]byte, error) {
	if !n.Valid {
		return []byte("null"), nil
	}
	return n.ID[:], nil
}

func (n *nullID) UnmarshalText(text []byte) error {
	if len(text) != 1 {
		return errRefused
	}
	n.ID[0], n.Valid = text[0], true
	return nil
}

// civilDate is a date of which the zero one is written and not read, in JSON as well.
type civilDate struct{ Year int }

func (d civilDate) MarshalText() ([]byte, error) { return []byte(strconv.Itoa(d.Year)), nil }

func (d *civilDate) UnmarshalText(text []byte) (err error) {
	if d.Year, err = strconv.Atoi(string(text)); d.Year == 0 {
		return errRefused
	}
	return err
}

// email writes what it is, and does not read an empty text.
type email string

func (e email) MarshalText() ([]byte, error) { return []byte(e), nil }

func (e *email) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errRefused
	}
	*e = email(text)
	return nil
}

// level has a text and no way back.
type level int

func (l level) MarshalText() ([]byte, error) { return []byte("level " + strconv.Itoa(int(l))), nil }

// loudText has JSON alone, which encoding/json reads: it is a string either way.
type loudText string

func (l loudText) MarshalJSON() ([]byte, error) { return json.Marshal("!" + string(l)) }

// opaque writes JSON of its own, and reads by its fields. It has no exported field.
type opaque struct{ code int }

func (o opaque) MarshalJSON() ([]byte, error) {
	return []byte(`{"code":` + strconv.Itoa(o.code) + `}`), nil
}

// listed writes a list, and has no method that reads it.
type listed struct{ A, B int }

func (l listed) MarshalJSON() ([]byte, error) { return json.Marshal([]int{l.A, l.B}) }

// readOnly reads what it does not write.
type readOnly struct{ A int }

func (r *readOnly) UnmarshalJSON(text []byte) error {
	var list []int
	return json.Unmarshal(text, &list)
}

// forgetful writes both fields and reads one.
type forgetful struct{ A, B int }

func (f forgetful) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]int{"a": f.A, "b": f.B})
}

func (f *forgetful) UnmarshalJSON(text []byte) error {
	members := map[string]int{}
	err := json.Unmarshal(text, &members)
	f.A = members["a"]
	return err
}

// nullNumber is an attribute value of which the zero one is not read.
type nullNumber struct{ N int }

func (n nullNumber) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n.N)}, nil
}

func (n *nullNumber) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	if n.N, err = strconv.Atoi(value.(*types.AttributeValueMemberN).Value); n.N == 0 {
		return errRefused
	}
	return err
}

// Structs that are written by the method of what is embedded in them.
type (
	signedTime struct {
		time.Time
		By string
	}
	signedPointer struct {
		By string
		*time.Time
	}
	signedNumber struct {
		nullNumber
		By string
	}
	deeply struct {
		signed
		By string
	}
	signed   struct{ netip.Addr }
	onlyTime struct{ time.Time }
	leftOut  struct {
		time.Time
		Cached string `json:"-" dynamo:"-"`
	}
	ownStamp struct {
		time.Time
		By string
	}
)

// ownStamp has methods of its own.
func (s ownStamp) MarshalText() ([]byte, error) {
	return []byte(s.Format(time.RFC3339) + " " + s.By), nil
}

func (s *ownStamp) UnmarshalText(text []byte) (err error) {
	at, by := string(text[:20]), string(text[21:])
	s.By = by
	s.Time, err = time.Parse(time.RFC3339, at)
	return err
}

func (s ownStamp) MarshalJSON() ([]byte, error) {
	text, err := s.MarshalText()
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(text))
}

func (s *ownStamp) UnmarshalJSON(data []byte) error {
	text := ""
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	return s.UnmarshalText([]byte(text))
}

// halfStamped has one of the two methods of the embedded time.
type halfStamped struct {
	time.Time
	By string
}

func (h halfStamped) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"at": h.Time, "by": h.By})
}

type halfText struct {
	time.Time
	By string
}

func (h halfText) MarshalText() ([]byte, error) {
	return []byte(
		h.Format(time.DateOnly) + h.By), nil
}

type dayKey int

func (dayKey) MarshalText() ([]byte, error) { return []byte("Monday"), nil }

type inner struct{ A int }

// TestTypesThatAreNotReadBackAreRefused when the schema is made, with what to do.
func TestTypesThatAreNotReadBackAreRefused(t *testing.T) {
	t.Parallel()
	type pointerMember struct{ N big.Int }
	for _, test := range []struct {
		rule    string
		value   any
		options string
		text    string
	}{
		{"a map of types with methods on the pointer", map[string]big.Int{}, "",
			"type big.Int is written by the method MarshalJSON of its pointer"},
		{"text methods on the pointer", map[string]big.Float{}, "",
			"by the method MarshalText of its pointer, which encoding/json does not call in a " +
				"map or an interface; put pointers there"},
		{"in structs in maps", map[string]pointerMember{}, "",
			"type big.Int is written by the method MarshalJSON of its pointer"},
		{"in arrays in maps", map[string][1]big.Rat{}, "", "type big.Rat is written by"},
		{"in maps in lists", []map[string]big.Int{}, "", "type big.Int is written by"},
		{"the zero value in JSON", struct{ D civilDate }{}, "",
			"the zero value of type dynamapper.civilDate is one that MarshalText writes and " +
				"UnmarshalText refuses"},
		{"the zero value in an array", [2]civilDate{}, "",
			"the zero value of type dynamapper.civilDate"},
		{"an empty text in JSON", []struct{ E email }{}, "",
			"the zero value of type dynamapper.email"},
		{"omitempty of a struct", struct {
			D civilDate `json:",omitempty"`
		}{}, "", "use a pointer, or the option omitzero in the json tag"},
		{"MarshalText alone in JSON", []level{}, "",
			"type dynamapper.level has no UnmarshalText, and what MarshalText writes is not " +
				"read back by encoding/json; add the method"},
		{"MarshalJSON alone", []listed{}, "",
			"type dynamapper.listed has no UnmarshalJSON, and what MarshalJSON writes is not " +
				"read back by encoding/json"},
		{"MarshalJSON alone behind a pointer", struct{ L *listed }{}, "", "has no UnmarshalJSON"},
		{"MarshalJSON alone without fields", []opaque{}, "",
			"type dynamapper.opaque has no UnmarshalJSON"},
		{"an embedded time", signedTime{}, "",
			"type dynamapper.signedTime is stored by the method MarshalText of time.Time, which " +
				"is embedded in it, and the field By would be lost; give the embedded field a name"},
		{"an embedded time in JSON", []signedTime{}, "",
			"is stored by the method MarshalJSON of time.Time, which is embedded in it, and the " +
				"field By would be lost"},
		{"an embedded time in a document", []signedTime{}, ",document",
			"by the method MarshalText of time.Time"},
		{"an embedded pointer", signedPointer{}, "",
			"by the method MarshalText of *time.Time, which is embedded in it, and the field By " +
				"would be lost"},
		{"an embedded pointer in JSON", []signedPointer{}, "", "and the field By would be lost"},
		{"an embedded attribute value", signedNumber{}, "",
			"by the method MarshalDynamoDBAttributeValue of dynamapper.nullNumber, which is " +
				"embedded in it"},
		{"embedded deeply", deeply{}, "",
			"by the method MarshalText of dynamapper.signed, which is embedded in it, and the " +
				"field By would be lost"},
		{"one method of two", []halfStamped{}, "",
			"type dynamapper.halfStamped is written by its method MarshalJSON and read by " +
				"UnmarshalJSON of time.Time, which is embedded in it"},
		{"one method of two for text", halfText{}, "",
			"type dynamapper.halfText is written by its method MarshalText and read by " +
				"UnmarshalText of time.Time"},
		{"a key with one method", map[dayKey]int{}, "",
			"type dynamapper.dayKey cannot be the key of a stored map"},
		{"a key with one method in a document", map[dayKey]int{}, ",document",
			"type dynamapper.dayKey cannot be the key of a stored map"},
		{"an embedded pointer that cannot be made", struct{ *inner }{}, "",
			"a pointer to the unexported struct dynamapper.inner is embedded, which " +
				"encoding/json cannot fill"},
		{"two fields of one name", reflect.Zero(reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
			{Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
		})).Interface(), "", `the fields A and B both have the name "x" in JSON`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, _, err := makeOneField(reflect.TypeOf(test.value), test.options)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// TestZeroValuesThatAreNotReadBackAreRefused: every new item has them.
func TestZeroValuesThatAreNotReadBackAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model reflect.Type
		text  string
	}{
		"a text": {reflect.TypeFor[struct {
			Model `dynamo:"items"`
			ID    string `dynamo:"id,hash"`
			Null  nullID `dynamo:"null"`
		}](),
			"the zero value of type dynamapper.nullID is one that MarshalText writes and " +
				"UnmarshalText refuses, and an item with it could not be read; " +
				`use a pointer, of which nil is missing, or add the option "omitempty"`},
		"a key": {reflect.TypeFor[struct {
			Model `dynamo:"items"`
			ID    civilDate `dynamo:"id,hash"`
		}](), "the zero value of type dynamapper.civilDate"},
		"an attribute value": {reflect.TypeFor[struct {
			Model `dynamo:"items"`
			ID    string     `dynamo:"id,hash"`
			N     nullNumber `dynamo:"n"`
		}](),
			"the zero value of type dynamapper.nullNumber is one that " +
				"MarshalDynamoDBAttributeValue writes"},
		"in a document": {reflect.TypeFor[struct {
			Model `dynamo:"items,document"`
			ID    string               `dynamo:"id,hash"`
			Docs  []struct{ N nullID } `dynamo:"docs"`
		}](), "the zero value of type dynamapper.nullID"},
		"in an array": {reflect.TypeFor[struct {
			Model `dynamo:"items,document"`
			ID    string    `dynamo:"id,hash"`
			Two   [2]nullID `dynamo:"two"`
		}](), "the zero value of type dynamapper.nullID"},
	} {
		_, err := makeSchema(c.model)
		refused := new(SchemaError)
		require.ErrorAs(t, err, &refused, name)
		require.Contains(t, refused.Problem, c.text, name)
	}
	_, err := makeSchema(reflect.TypeFor[struct {
		Model  `dynamo:"items,document"`
		ID     string   `dynamo:"id,hash"`
		Null   nullID   `dynamo:"null,omitempty"`
		Behind *nullID  `dynamo:"behind"`
		Mail   email    `dynamo:"mail"`
		List   []nullID `dynamo:"list"`
		Doc    struct {
			Null nullID `dynamo:"null,omitempty"`
		} `dynamo:"doc"`
	}]())
	require.NoError(t, err)
}

// TestValuesThatAreNotReadBackAreRefused: what a schema leaves to the values is refused when they
// come, with their place.
func TestValuesThatAreNotReadBackAreRefused(t *testing.T) {
	t.Parallel()
	type holder struct{ V any }
	type dated struct{ D *civilDate }
	for _, test := range []struct {
		rule    string
		value   any
		options string
		place   string
		text    string
	}{
		{"behind a pointer", &nullID{}, "", "A",
			"the value of type dynamapper.nullID is one that MarshalText writes and " +
				"UnmarshalText refuses"},
		{"in a list", []nullID{{Valid: true}, {}}, ",document", "A[1]",
			"use a pointer, and leave it nil"},
		{"in a map", map[string]nullNumber{"a": {}}, ",document", `A["a"]`,
			"UnmarshalDynamoDBAttributeValue refuses"},
		{"in a set", []nullID{{}}, ",set", "A[0]", "UnmarshalText refuses"},
		{"as a map's key", map[civilDate]int{{}: 1}, ",document", "A", "UnmarshalText refuses"},
		{"in JSON", []dated{{}, {&civilDate{}}}, "", "A[1].D",
			"is written as JSON that its Go type does not read back"},
		{"an empty text in JSON", []email{"a", ""}, "", "A[1]",
			"is written as JSON that its Go type does not read back"},
		{"as a key in JSON", map[civilDate]int{{}: 1}, "", "A",
			"is written as JSON that its Go type does not read back"},
		{"a string key with methods", map[email]int{"": 1}, "", "A",
			"is written as JSON that its Go type does not read back"},
		{"in any", holder{big.NewInt(5)}.V, "", "", ""},
		{"a value in any", []any{1, *big.NewInt(5)}, "", "A[1]",
			"type big.Int is written by the method MarshalJSON of its pointer"},
		{"in a map of any", map[string]any{"a": map[string]any{"b": *big.NewFloat(1)}}, "",
			`A["a"]["b"]`, "type big.Float is written by"},
		{"in a map in any", map[string]any{"a": map[string]big.Int{}}, "", `A["a"]`,
			"type big.Int is written by"},
		{"in any in a struct", &struct{ V any }{[]any{struct{ N big.Int }{}}}, "", "A.V[0]",
			"type big.Int is written by"},
		{"in any in any", []any{struct{ V any }{*big.NewInt(5)}}, "", "A[0].V",
			"type big.Int is written by"},
		{"a URL in any", []any{&url.URL{Host: "a"}}, "", "A[0]",
			"type url.URL is not written whole"},
		{"an embedded time in any", []any{signedTime{By: "me"}}, "", "A[0]",
			"the field By would be lost"},
		{"a struct without fields in any", []any{opaqueFields{1}}, "", "A[0]", "no exported field"},
		{"an interface with methods in any",
			[]any{struct{ E encoding.TextMarshaler }{netip.IPv6Unspecified()}}, "", "", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := encodeOne(t, reflect.ValueOf(test.value), test.options)
			if test.text == "" {
				require.NoError(t, err)
				return
			}
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, test.place, placed.Field)
			require.Contains(t, err.Error(), test.text)
		})
	}
}

type opaqueFields struct{ code int }

// TestMethodsOfEveryKindAreReadBack: what is right stays right.
func TestMethodsOfEveryKindAreReadBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"pointers in a map", map[string]*big.Int{"a": big.NewInt(5)}, "", inS(`{"a":5}`)},
		{"values in a list", []big.Int{*big.NewInt(5)}, "", inS(`[5]`)},
		{"values in a document map", map[string]big.Int{"a": *big.NewInt(5)}, ",document",
			`{"M":{"a":{"N":"5"}}}`},
		{"a named map with methods of its pointer", pointerMap{"a": 1}, "", inS(`"a"`)},
		{"another null", nullID{ID: [1]byte{'a'}, Valid: true}, "", `{"S":"a"}`},
		{"null in a list", []nullID{{ID: [1]byte{'a'}, Valid: true}}, ",document",
			`{"L":[{"S":"a"}]}`},
		{"an empty text in a list", []email{"a", ""}, ",document", `{"L":[{"S":"a"},{"S":""}]}`},
		{"an empty text behind a pointer", pointer(email("")), "", `{"S":""}`},
		{"an empty text in a set", []email{"a", ""}, ",set", `{"SS":["a",""]}`},
		{"an omitted zero", struct {
			E email     `json:",omitempty"`
			D civilDate `json:",omitzero"`
			N int
		}{N: 1}, "", inS(`{"N":1}`)},
		{"an embedded time alone", onlyTime{at}, "", `{"S":"2026-05-01T12:00:00Z"}`},
		{"fields that are left out", leftOut{Time: at}, "", `{"S":"2026-05-01T12:00:00Z"}`},
		{"fields that are left out of JSON", []leftOut{{Time: at}}, "",
			inS(`["2026-05-01T12:00:00Z"]`)},
		{"methods of its own", ownStamp{at, "me"}, "", `{"S":"2026-05-01T12:00:00Z me"}`},
		{"methods of its own in JSON", []ownStamp{{at, "me"}}, "",
			inS(`["2026-05-01T12:00:00Z me"]`)},
		{"a shadowed name", struct {
			inner
			A int
		}{A: 1}, "", inS(`{"A":1}`)},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, test.options, test.wire) })
	}
	text, err := encodeOne(t, reflect.ValueOf([]loudText{"a"}), "")
	require.NoError(t, err, "encoding/json reads it, though not as it was")
	require.Equal(t, inS(`["!a"]`), text)
}

// pointerMap has its methods on the pointer.
type pointerMap map[string]int

func (m *pointerMap) MarshalJSON() ([]byte, error) {
	for name := range *m {
		return json.Marshal(name)
	}
	return []byte(`""`), nil
}

func (m *pointerMap) UnmarshalJSON(data []byte) error {
	name := ""
	err := json.Unmarshal(data, &name)
	*m = pointerMap{name: 1}
	return err
}
