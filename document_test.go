package dynamapper

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

func repeat(text string, n int) string { return strings.Repeat(text, n) }

type line struct {
	SKU   string            `dynamo:"sku" json:"sku"`
	Count int               `dynamo:"count,omitempty" json:"count"`
	Notes []string          `dynamo:"notes" json:"notes"`
	Tags  []string          `dynamo:"tags,set" json:"tags"`
	Extra map[string]string `dynamo:"extra,json" json:"extra"`
	At    time.Time         `dynamo:"at,unixtime" json:"at"`
	Skip  chan int          `dynamo:"-" json:"-"`
	point
}

// The fields of a document struct follow the rules of the top level, but elements are always
// stored.
func TestDocumentFields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		value any
		wire  string
	}{
		{"empty fields are missing", line{}, `{"M":{"x":{"N":"0"},"y":{"N":"0"}}}`},
		{"fields with options",
			line{SKU: "a", Count: 2, Notes: []string{"", "n"}, Tags: []string{"t"},
				Extra: map[string]string{"k": "v"}, At: time.Unix(5, 0).UTC(), point: point{1, 2}},
			`{"M":{"sku":{"S":"a"},"count":{"N":"2"},"notes":{"L":[{"S":""},{"S":"n"}]},"tags":{"SS":["t"]},"extra":{"S":"{\"k\":\"v\"}"},"at":{"N":"5"},"x":{"N":"1"},"y":{"N":"2"}}}`},
		{"nil pointers in lists are NULL", []*point{nil, {1, 2}},
			`{"L":[{"NULL":true},{"M":{"x":{"N":"1"},"y":{"N":"2"}}}]}`},
		{"nil lists in lists are NULL", [][]string{nil, {}}, `{"L":[{"NULL":true},{"L":[]}]}`},
		{"nil maps in maps are NULL", map[string]map[string]int{"a": nil, "b": {}},
			`{"M":{"a":{"NULL":true},"b":{"M":{}}}}`},
		{"nil bytes in lists are NULL", [][]byte{nil, {}, {1}},
			`{"L":[{"NULL":true},{"B":""},{"B":"AQ=="}]}`},
		{"empty numbers in lists are NULL", []json.Number{"", "1"},
			`{"L":[{"NULL":true},{"N":"1"}]}`},
		{"empty text in lists is stored", []netip.Addr{{}}, `{"L":[{"S":""}]}`},
		{"bools and numbers in maps", map[string]bool{"a": false}, `{"M":{"a":{"BOOL":false}}}`},
		{"keys that are integers", map[int8]string{-1: "a"}, `{"M":{"-1":{"S":"a"}}}`},
		{"keys that are unsigned", map[uint16]string{1: "a"}, `{"M":{"1":{"S":"a"}}}`},
		{"keys that are texts", map[netip.Addr]int{netip.MustParseAddr("::1"): 1},
			`{"M":{"::1":{"N":"1"}}}`},
		{"keys of named strings", map[namedString]int{"a": 1}, `{"M":{"a":{"N":"1"}}}`},
		{"a pointer to a nil list is stored", pointer([]string{}), `{"L":[]}`},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, ",document", test.wire) })
	}
	got, err := encodeOne(t, reflect.ValueOf(new([]string)), ",document")
	require.NoError(t, err)
	require.Equal(t, `{"L":[]}`, got, "a pointer to a nil list reads back as a pointer")
}

// A value of type any is encoded in its native form and decodes to plain Go that encodes to the
// same form.
func TestAnyInDocuments(t *testing.T) {
	t.Parallel()
	value := map[string]any{
		"text": "a", "empty": "", "number": json.Number("12345678901234567890"), "bool": true,
		"nil": nil, "bytes": []byte{1},
		"list": []any{"a", nil, []any{}, map[string]any{}},
		"map":  map[string]any{"a": json.Number("1")},
		"set":  &types.AttributeValueMemberSS{Value: []string{"a"}},
	}
	requireStored(t, value, ",document",
		`{"M":{"text":{"S":"a"},"empty":{"S":""},"number":{"N":"12345678901234567890"},"bool":{"BOOL":true},
		"nil":{"NULL":true},"bytes":{"B":"AQ=="},"list":{"L":[{"S":"a"},{"NULL":true},{"L":[]},{"M":{}}]},"map":{"M":{"a":{"N":"1"}}},"set":{"SS":["a"]}}}`)

	for _, test := range []struct {
		value any
		wire  string
	}{
		{5, `{"N":"5"}`}, {uint8(5), `{"N":"5"}`}, {2.5, `{"N":"2.5"}`},
		{time.Unix(0, 0), `{"S":"1970-01-01T00:00:00.000000000Z"}`},
		{point{1, 2}, `{"M":{"x":{"N":"1"},"y":{"N":"2"}}}`},
		{&point{1, 2}, `{"M":{"x":{"N":"1"},"y":{"N":"2"}}}`}, {(*point)(nil), `{"NULL":true}`},
		{[]int(nil), `{"NULL":true}`}, {netip.MustParseAddr("::1"), `{"S":"::1"}`},
		{cents{5}, `{"N":"5"}`}, {pointer[any](5), `{"N":"5"}`},
	} {
		got, err := encodeOne(t, reflect.ValueOf([]any{test.value}), ",document")
		require.NoError(t, err)
		require.JSONEq(t, `{"L":[`+test.wire+`]}`, got)
	}
	_, err := encodeOne(t, reflect.ValueOf([]any{1, make(chan int)}), ",document")
	require.ErrorContains(t, err, "a[1]")
	require.ErrorContains(t, err, "type chan int cannot be stored")
}

type node struct {
	Next  *node            `dynamo:"next"`
	Kids  []*node          `dynamo:"kids"`
	Named map[string]*node `dynamo:"named"`
	Any   any              `dynamo:"any,document"`
}

type (
	tree  []tree
	trees map[string]trees
)

// A value that contains itself returns an error instead of an endless loop.
func TestSelfContainingValues(t *testing.T) {
	t.Parallel()
	next, kids, named, boxed := &node{}, &node{}, &node{}, &node{}
	next.Next, kids.Kids, named.Named, boxed.Any = next, []*node{kids,
		kids}, map[string]*node{"n": named}, boxed
	list, members, anything := tree{nil}, trees{}, []any{nil}
	list[0], members["m"], anything[0] = list, members, anything
	plainMap := map[string]any{}
	plainMap["m"] = plainMap
	var box any
	box = &box
	for _, test := range []struct {
		rule  string
		value any
	}{
		{"pointers", next}, {"lists of pointers", kids}, {"maps of pointers", named},
		{"any", boxed}, {"lists", list}, {"maps", members},
		{"lists of any", anything}, {"maps of any", plainMap}, {"pointers to any", []any{box}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := encodeOne(t, reflect.ValueOf(test.value), ",document")
			require.ErrorContains(t, err, "contains itself")
			_, err = encodeOne(t, reflect.ValueOf(test.value), "")
			require.ErrorContains(t, err, "contains itself")
		})
	}
}

// Types that contain themselves are accepted if their values do not.
func TestSelfContainingTypes(t *testing.T) {
	t.Parallel()
	requireStored(t, &node{Next: &node{}}, ",document", `{"M":{"next":{"M":{}}}}`)
	requireStored(t, tree{tree{}, nil}, ",document", `{"L":[{"L":[]},{"NULL":true}]}`)
	requireStored(t, trees{"a": trees{}}, ",document", `{"M":{"a":{"M":{}}}}`)
}

// DynamoDB stores 31 nested lists or maps and refuses one more.
func TestDepth(t *testing.T) {
	t.Parallel()
	nest := func(n int) (tree, string) {
		var value tree
		text := `{"NULL":true}`
		for range n {
			value, text = tree{value}, `{"L":[`+text+`]}`
		}
		return value, text
	}
	value, text := nest(31)
	requireStored(t, value, ",document", text)
	value, _ = nest(32)
	_, err := encodeOne(t, reflect.ValueOf(value), ",document")
	require.ErrorContains(t, err, "nested deeper")

	struct31 := &node{}
	for range maxDepth - 1 {
		struct31 = &node{Next: struct31}
	}
	_, err = encodeOne(t, reflect.ValueOf(struct31), ",document")
	require.NoError(t, err)
	_, err = encodeOne(t, reflect.ValueOf(&node{Next: struct31}), ",document")
	require.ErrorContains(t, err, "nested deeper")
}

// Decoding a text that is nested ten thousand deep returns an error.
func TestHostileDepth(t *testing.T) {
	t.Parallel()
	const deep = 10000
	lists := repeat(`{"L":[`, deep) + `{"S":""}` + repeat(`]}`, deep)
	maps := repeat(`{"M":{"next":`, deep) + `{"M":{}}` + repeat(`}}`, deep)
	plain, _ := json.Marshal(repeat(`[`, deep+1) + repeat(`]`, deep+1))
	broken, _ := json.Marshal(repeat(`{"next":`, deep/2) + `1` + repeat(`}`, deep/2))
	for _, test := range []struct {
		text   string
		goType any
	}{
		{lists, tree{}}, {lists, []any{}}, {lists, ""}, {lists, map[string]int{}}, {maps, node{}},
		{maps, trees{}}, {maps, 0},
		{`{"S":` + string(plain) + `}`, tree{}}, {`{"S":` + string(plain) + `}`, []any{}},
		{`{"S":` + string(broken) + `}`, node{}},
	} {
		options := []string{""}
		if isComposite(reflect.TypeOf(test.goType)) {
			options = append(options, ",document")
		}
		for _, option := range options {
			_, err := decodeOne(t, test.text, reflect.TypeOf(test.goType), option)
			require.Error(t, err)
			require.Less(t, len(err.Error()), 1000)
		}
	}
	_, err := decodeOne(t, lists, attributeValueType, "")
	require.Error(t, err)
}

// Keys that DynamoDB cannot store, or that would become the same key, are refused.
func TestMapKeysRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		value any
		text  string
	}{
		{"an empty key", map[string]int{"": 1}, "empty name"},
		{"a key that is not UTF-8", map[string]int{"\xff": 1}, "not valid UTF-8"},
		{"two keys of one text", map[uuid]int{{'x', 1}: 1, {'x', 2}: 2}, "same text"},
	} {
		_, err := encodeOne(t, reflect.ValueOf(test.value), ",document")
		require.ErrorContains(t, err, test.text, test.rule)
	}
	for _, test := range []struct {
		wire   string
		goType any
		text   string
	}{
		{`{"M":{"x":{"N":"1"}}}`, map[int]int{}, "not an integer of the Go type int"},
		{`{"M":{"300":{"N":"1"}}}`, map[int8]int{}, "not an integer of the Go type int8"},
		{`{"M":{"-1":{"N":"1"}}}`, map[uint]int{}, "not an integer of the Go type uint"},
		{`{"M":{"secret":{"N":"1"}}}`, map[netip.Addr]int{}, "refused the value"},
	} {
		_, err := decodeOne(t, test.wire, reflect.TypeOf(test.goType), ",document")
		require.ErrorContains(t, err, test.text)
	}
}

// If the text itself is malformed, the error says so, and not what a codec made of its first half.
func TestUnreadableText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wire, options string
		goType        any
		stored        string
	}{
		{`{"NS":["1","\ud800"]}`, ",set", []int{}, "a[1]"},
		{`{"NS":["1",2]}`, ",set", map[int]bool{}, "a[1]"},
		{`{"S":"[\ud800]"}`, "", []int{}, "a"},
		{`{"N":"1`, "", 0, "a"},
		{`{"N":true}`, "", 0, "a"},
		{`{"N":1}`, "", true, "a"},
		{`{"B":1}`, "", [2]byte{}, "a"},
		{`{"S":1}`, "", time.Time{}, "a"},
		{`{"S":1}`, "", netip.Addr{}, "a"},
		{`{"S":1}`, "", []int{}, "a"},
		{`{"N":1}`, "", cents{}, "a"},
		{`{"L":[{"N":1}]}`, ",document", []int{}, "a[0]"},
		{`{"M":{"x":{"N":1}}}`, ",document", point{}, "a.x"},
		{`{"M":{"x":{"M":1}}}`, ",document", map[string]map[string]types.AttributeValue{}, "a.x"},
	} {
		_, err := decodeOne(t, test.wire, reflect.TypeOf(test.goType), test.options)
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed)
		require.Equal(t, test.stored, placed.Attribute)
		require.ErrorContains(t, err, "malformed DynamoDB JSON")
	}
}

// Errors of encoding and decoding name the path of the value inside the document.
func TestDocumentPaths(t *testing.T) {
	t.Parallel()
	type order struct {
		Lines []*line            `dynamo:"lines"`
		ByDay map[string][]line  `dynamo:"by.day"`
		Rate  map[string]float64 `dynamo:"rate"`
	}
	for _, test := range []struct {
		value          order
		golang, stored string
	}{
		{order{Lines: []*line{{}, {SKU: "\xff"}}}, "A.Lines[1].SKU", "a.lines[1].sku"},
		{order{Lines: []*line{{Tags: []string{"a", "\xff"}}}}, "A.Lines[0].Tags[1]",
			"a.lines[0].tags[1]"},
		{order{Lines: []*line{{Extra: map[string]string{"k": "\xff"}}}}, `A.Lines[0].Extra["k"]`,
			"a.lines[0].extra.k"},
		{order{ByDay: map[string][]line{"a b": {{Notes: []string{"\xff"}}}}},
			`A.ByDay["a b"][0].Notes[0]`, `a."by.day".a b[0].notes[0]`},
		{order{Rate: map[string]float64{"x.y": math.NaN()}}, `A.Rate["x.y"]`, `a.rate."x.y"`},
		{order{Rate: map[string]float64{`"`: math.NaN()}}, `A.Rate["\""]`, `a.rate."\""`},
	} {
		_, err := encodeOne(t, reflect.ValueOf(test.value), ",document")
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed)
		require.Equal(t, test.golang, placed.Field)
		require.Equal(t, test.stored, placed.Attribute)
	}
	for _, test := range []struct{ wire, golang, stored string }{
		{`{"M":{"lines":{"L":[{"NULL":true},{"M":{"sku":{"N":"1"}}}]}}}`, "A.Lines[1].SKU",
			"a.lines[1].sku"},
		{`{"M":{"lines":{"L":[{"M":{"count":{"N":"x"}}}]}}}`, "A.Lines[0].Count",
			"a.lines[0].count"},
		{`{"M":{"lines":{"L":[{"M":{"tags":{"NS":["1"]}}}]}}}`, "A.Lines[0].Tags",
			"a.lines[0].tags"},
		{`{"M":{"lines":{"L":[{"M":{"extra":{"S":"{\"k\":1}"}}}]}}}`, `A.Lines[0].Extra["k"]`,
			"a.lines[0].extra.k"},
		{`{"M":{"by.day":{"M":{"mon":{"L":[{"M":{"at":{"B":"AA=="}}}]}}}}}`, `A.ByDay["mon"][0].At`,
			`a."by.day".mon[0].at`},
		{`{"M":{"rate":{"M":{"a[":{"N":"1E200"}}}}}`, `A.Rate["a["]`, `a.rate."a["`},
		{`{"M":{"rate":{"M":{"":{"S":"x"}}}}}`, `A.Rate[""]`, `a.rate.""`},
		{`{"M":{"x":{"S":"1"}}}`, "A.point.X", "a.x"},
		{`{"M":{"lines":{"L":[{"M":{"sku":{"S":"` + "\xff" + `"}}}]}}}`, "A.Lines[0].SKU",
			"a.lines[0].sku"},
		{`{"M":{"lines":{"L":[{"M":{"count":{"N":"1`, "A.Lines[0].Count", "a.lines[0].count"},
		{`{"M":{"lines":{"L":[{"M":{"new":{"S":1}}}]}}}`, "A.Lines[0]", "a.lines[0].new"},
		{`{"M":{"lines":{"L":[{"M":{"new":{"X":1}}}]}}}`, "A.Lines[0]", "a.lines[0].new"},
	} {
		goType := reflect.TypeFor[order]()
		if strings.Contains(test.golang, "point") {
			goType = reflect.TypeFor[struct{ point }]()
		}
		_, err := decodeOne(t, test.wire, goType, ",document")
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed, test.wire)
		require.Equal(t, test.golang, placed.Field)
		require.Equal(t, test.stored, placed.Attribute)
	}
}

// behindKey has methods only on its pointer, where encoding/json does not look for them when it
// encodes a map key.
type behindKey struct{ n int }

func (k *behindKey) MarshalText() ([]byte, error) { return []byte{'0' + byte(k.n)}, nil }

func (k *behindKey) UnmarshalText(text []byte) error {
	k.n = int(text[0] - '0')
	return nil
}

// TableOf refuses a map whose keys cannot be encoded or decoded.
func TestMapKeysThatNothingStores(t *testing.T) {
	t.Parallel()
	type pointer struct {
		Model `dynamo:"items"`
		ID    string              `dynamo:"id,hash"`
		Map   map[*big.Int]string `dynamo:"map,document"`
	}
	type pointerJSON struct {
		Model `dynamo:"items"`
		ID    string              `dynamo:"id,hash"`
		Map   map[*big.Int]string `dynamo:"map"`
	}
	type innerJSON struct {
		Model `dynamo:"items"`
		ID    string                           `dynamo:"id,hash"`
		Map   []struct{ In map[behindKey]int } `dynamo:"map"`
	}
	type floats struct {
		Model `dynamo:"items"`
		ID    string             `dynamo:"id,hash"`
		Map   map[float64]string `dynamo:"map"`
	}
	for _, make := range []func() error{
		func() error { _, err := TableOf[pointer](offline()); return err },
		func() error { _, err := TableOf[pointerJSON](offline()); return err },
		func() error { _, err := TableOf[innerJSON](offline()); return err },
		func() error { _, err := TableOf[floats](offline()); return err },
	} {
		err := make()
		require.ErrorIs(t, err, ErrSchema)
		require.ErrorContains(t, err, "cannot be the key of a")
	}
}

// mapModel has maps with keys of interface types.
type mapModel struct {
	Model  `dynamo:"items"`
	ID     string                `dynamo:"id,hash"`
	Any    any                   `dynamo:"any"`
	Native any                   `dynamo:"native,document"`
	Behind map[behindKey]int     `dynamo:"behind,document"`
	Hosts  map[netip.Addr]string `dynamo:"hosts"`
}

// A map in an interface may have keys of any type. A key that cannot be stored returns a
// *FieldError and does not panic.
func TestMapKeysInInterfaces(t *testing.T) {
	t.Parallel()
	items := tableOf[mapModel](t)
	for _, stored := range []any{
		map[float64]int{1: 1}, map[bool]int{true: 1}, map[struct{}]int{{}: 1}, map[any]int{"a": 1},
		map[[2]int]int{{}: 1}, map[*int]int{nil: 1},
		map[behindKey]chan int{{}: nil}, []any{map[string]any{"a": map[complex64]int{1: 1}}},
		map[*big.Int]func(){big.NewInt(1): nil},
		map[*big.Int]float64{nil: 1, big.NewInt(1): 2}, map[*behindKey]any{nil: make(chan int)},
		make(chan int), func() {},
	} {
		for _, item := range []*mapModel{{ID: "a", Any: stored}, {ID: "a", Native: stored}} {
			_, err := items.MarshalItem(item)
			if placed := new(FieldError); err != nil && !errors.As(err, &placed) {
				t.Errorf("%T: %v", stored, err)
			}
			items.ToMap(item)
		}
	}
	item := &mapModel{ID: "a", Behind: map[behindKey]int{{1}: 2},
		Hosts: map[netip.Addr]string{netip.MustParseAddr("::1"): "x"}}
	raw, err := items.MarshalItem(item)
	require.NoError(t, err)
	back, err := items.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Equal(t, item.Behind, back.Behind)
	require.Equal(t, item.Hosts, back.Hosts)
}

// shy panics on its zero value.
type shy struct{ text *string }

func (s shy) MarshalText() ([]byte, error) { return []byte(*s.text), nil }

func (s *shy) UnmarshalText(text []byte) error {
	given := string(text)
	s.text = &given
	return nil
}

// A type whose methods panic on its zero value panics neither in TableOf nor when its attribute is
// missing.
func TestATypeThatPanicsAtItsZeroValue(t *testing.T) {
	t.Parallel()
	type item struct {
		Model `dynamo:"items"`
		ID    string `dynamo:"id,hash"`
		Shy   shy    `dynamo:"shy,omitempty"`
	}
	items := tableOf[item](t)
	loaded, err := items.UnmarshalItemJSON([]byte(`{"id":{"S":"a"},"shy":{"S":"b"}}`))
	require.NoError(t, err)
	require.Equal(t, "b", *loaded.Shy.text)
	_, err = items.MarshalItem(loaded)
	require.NoError(t, err)
	_, err = items.Update(Key("a")).Set("shy", loaded.Shy).untyped.plan()
	require.NoError(t, err)
}

// ToMap follows the pointers of a document.
func TestToMapOfPointersInDocuments(t *testing.T) {
	t.Parallel()
	type inner struct {
		X    int    `dynamo:"x"`
		Next *inner `dynamo:"next"`
	}
	type item struct {
		Model  `dynamo:"items"`
		ID     string          `dynamo:"id,hash"`
		Struct *inner          `dynamo:"struct,document"`
		List   *[]int          `dynamo:"list,document"`
		Map    *map[string]int `dynamo:"map,document"`
		Array  *[2]int         `dynamo:"array,document"`
		Any    *any            `dynamo:"any,document"`
		Nested []*inner        `dynamo:"nested,document"`
		Set    *[]string       `dynamo:"set,set"`
		Nil    *inner          `dynamo:"nil,document"`
	}
	items := tableOf[item](t)
	var anything any = map[string]int{"a": 1}
	shown := items.ToMap(
		&item{ID: "a", Struct: &inner{X: 1, Next: &inner{X: 2}}, List: &[]int{1},
			Map: &map[string]int{"a": 1}, Array: &[2]int{1, 2},
			Any: &anything, Nested: []*inner{nil, {X: 3}}, Set: &[]string{"b", "a"}})
	require.NotContains(t, shown, "nil")
	require.Equal(t, reflect.Map, reflect.TypeOf(shown["struct"]).Kind())
	for attribute, want := range map[string]int{"struct": 2, "list": 1, "map": 1, "array": 2,
		"any": 1, "nested": 2, "set": 2} {
		require.Equal(t, want, reflect.ValueOf(shown[attribute]).Len(), attribute)
	}
}

// The three DynamoDB sets encode from, and decode to, the three forms in Go.
func TestSetForms(t *testing.T) {
	t.Parallel()
	day := time.Date(2012, 5, 31, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"[]string", []string{"b", "a"}, "", `{"SS":["b","a"]}`},
		{"named strings", []namedString{"b"}, "", `{"SS":["b"]}`},
		{"map of a named struct{}", map[string]present{"b": {}, "a": {}}, "", `{"SS":["a","b"]}`},
		{"map of a named bool", map[int]isMember{2: true, 1: true}, "", `{"NS":["1","2"]}`},
		{"map of strings, sorted", map[string]struct{}{"b": {}, "a": {}}, "", `{"SS":["a","b"]}`},
		{"map of bools", map[string]bool{"b": true, "a": true}, "", `{"SS":["a","b"]}`},
		{"map of named bools", map[namedString]namedBool{"a": true}, "", `{"SS":["a"]}`},
		{"[]int", []int{2, 1}, "", `{"NS":["2","1"]}`},
		{"map of ints", map[int]struct{}{5: {}}, "", `{"NS":["5"]}`},
		{"floats", []float64{1.5}, "", `{"NS":["1.5"]}`},
		{"json.Number", []json.Number{"1.50"}, "", `{"NS":["1.50"]}`},
		{"bytes", [][]byte{{2}, {1}}, "", `{"BS":["Ag==","AQ=="]}`},
		{"arrays of bytes", [][2]byte{{1, 2}}, "", `{"BS":["AQI="]}`},
		{"map of arrays of bytes", map[[2]byte]bool{{1, 2}: true}, "", `{"BS":["AQI="]}`},
		{"texts", []uuid{{'x'}}, "", `{"SS":["u-x"]}`},
		{"map of texts", map[uuid]struct{}{{'x'}: {}}, "", `{"SS":["u-x"]}`},
		{"times", []time.Time{day}, "", `{"SS":["2012-05-31T00:00:00.000000000Z"]}`},
		{"times with a layout", []time.Time{day}, ",layout=DateOnly", `{"SS":["2012-05-31"]}`},
		{"times as seconds", []time.Time{day}, ",unixtime", `{"NS":["1338422400"]}`},
		{"pointer to a set", pointer([]string{"a"}), "", `{"SS":["a"]}`},
		{"an empty string", []string{"a", ""}, "", `{"SS":["a",""]}`},
		{"an empty string alone, in a map", map[string]bool{"": true}, "", `{"SS":[""]}`},
		{"empty bytes", [][]byte{{1}, {}}, "", `{"BS":["AQ==",""]}`},
		{"an empty text", []onPointer{{"a"}, {}}, "", `{"SS":["a",""]}`},
		{"an empty set is missing", map[string]struct{}{}, "", ""},
		{"a set of false is missing", map[string]bool{"a": false}, "", ""},
		{"a nil pointer is missing", (*[]string)(nil), "", ""},
		{"a pointer to a set of false is missing", &map[string]bool{"a": false}, "", ""},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, ",set"+test.options, test.wire) })
	}
}

// Duplicate members, including other spellings of a number, are dropped because the service refuses
// them.
func TestSetDuplicates(t *testing.T) {
	t.Parallel()
	many := make([]string, 0, 40)
	for i := range 40 {
		many = append(many, string(rune('a'+i%10)))
	}
	for _, test := range []struct {
		rule  string
		value any
		wire  string
	}{
		{"strings keep their first place", []string{"b", "a", "b", "a"}, `{"SS":["b","a"]}`},
		{"many strings", many, `{"SS":["a","b","c","d","e","f","g","h","i","j"]}`},
		{"numbers by value", []json.Number{"1", "1.0", "2", "0.1E1"}, `{"NS":["1","2"]}`},
		{"0 and -0", []float64{0, math.Copysign(0, -1)}, `{"NS":["0"]}`},
		{"bytes", [][]byte{{1}, {1}}, `{"BS":["AQ=="]}`},
		{"texts of different values", []uuid{{'x', 1}, {'x', 2}}, `{"SS":["u-x"]}`},
		{"false is no member", map[string]bool{"a": true, "b": false}, `{"SS":["a"]}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, err := encodeOne(t, reflect.ValueOf(test.value), ",set")
			require.NoError(t, err)
			require.Equal(t, test.wire, got)
		})
	}
}

func TestSetDuplicatesLeaveTheValueAlone(t *testing.T) {
	t.Parallel()
	value := []string{"b", "b", "a"}
	_, err := encodeOne(t, reflect.ValueOf(value), ",set")
	require.NoError(t, err)
	require.Equal(t, []string{"b", "b", "a"}, value)
}

// The error names the member that is refused.
func TestSetMembersRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		value any
		place string
		text  string
	}{
		{"an empty number", []json.Number{"1", ""}, "A[1]", "has no value, and a set of type NS"},
		{"NaN", []float64{1, math.NaN()}, "A[1]", "no NaN"},
		{"invalid UTF-8", []string{"a", "\xff"}, "A[1]", "not valid UTF-8"},
		{"a number of 39 digits", []json.Number{"123456789012345678901234567890123456789"}, "A[0]",
			"39 significant digits"},
		{"a member of another type", []changeling{{}, {1}}, "A[1]", "a set has one type"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := encodeOne(t, reflect.ValueOf(test.value), ",set")
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, test.place, placed.Field)
			require.Contains(t, err.Error(), test.text)
		})
	}
	for _, test := range []struct{ wire, text string }{
		{`{"NS":["1","x"]}`, "not a number"},
		{`{"NS":["1","1.5"]}`, "has a fraction"},
		{`{"NS":["1","300"]}`, "does not fit"},
	} {
		_, err := decodeOne(t, test.wire, reflect.TypeFor[[]int8](), ",set")
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed)
		require.Equal(t, "A[1]", placed.Field)
		require.Equal(t, "a[1]", placed.Attribute)
		require.Contains(t, err.Error(), test.text)
	}
}

// changeling encodes its zero value as S and other values as N.
type changeling struct{ n int }

func (c changeling) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if c.n == 0 {
		return &types.AttributeValueMemberS{Value: "zero"}, nil
	}
	return &types.AttributeValueMemberN{Value: "1"}, nil
}

func (c *changeling) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return nil }

// The texts of the members stay in the set although other fields reuse their buffers.
func TestSetKeepsOtherValues(t *testing.T) {
	t.Parallel()
	type item struct {
		Model `dynamo:"items"`
		ID    string   `dynamo:"id,hash"`
		Tags  []string `dynamo:"tags,set"`
		Nums  []int    `dynamo:"nums,set"`
		Name  string   `dynamo:"name"`
		N     int      `dynamo:"n"`
	}
	encoded, err := EncodeItem(
		&item{ID: "1", Tags: []string{"x", "y"}, Nums: []int{1, 2}, Name: "z", N: 5})
	require.NoError(t, err)
	require.Equal(t, map[string]types.AttributeValue{
		"id":   &types.AttributeValueMemberS{Value: "1"},
		"tags": &types.AttributeValueMemberSS{Value: []string{"x", "y"}},
		"nums": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"name": &types.AttributeValueMemberS{Value: "z"},
		"n":    &types.AttributeValueMemberN{Value: "5"},
	}, encoded)
}

// Large sets grow while they are decoded.
func TestLargeSets(t *testing.T) {
	t.Parallel()
	var want []int
	for i := range 1000 {
		want = append(want, i*i)
	}
	text, err := encodeOne(t, reflect.ValueOf(want), ",set")
	require.NoError(t, err)
	back, err := decodeOne(t, text, reflect.TypeOf(want), ",set")
	require.NoError(t, err)
	require.Equal(t, want, back.Interface())
}

// present and isMember are values of maps that represent sets.
type (
	present  struct{}
	isMember bool
)
