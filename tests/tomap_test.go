package tests

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// shown has a field of each kind that ToMap converts in its own way.
type shown struct {
	dynamapper.Model `dynamo:"shown"`
	ID               string               `dynamo:"id,hash"`
	Count            int                  `dynamo:"count"`
	Omitted          int                  `dynamo:"omitted,omitempty"`
	Empty            string               `dynamo:"empty"`
	Pointer          *int                 `dynamo:"pointer"`
	NilPointer       *int                 `dynamo:"nil_pointer"`
	At               time.Time            `dynamo:"at"`
	AtPointer        *time.Time           `dynamo:"at_pointer"`
	Unix             time.Time            `dynamo:"unix,unixtime"`
	Inventory        map[string]int       `dynamo:"inventory"`
	Settings         shownSettings        `dynamo:"settings,document"`
	Lines            []shownSettings      `dynamo:"lines,document"`
	Names            []string             `dynamo:"names,set"`
	Flags            map[string]bool      `dynamo:"flags,set"`
	Numbers          map[int]struct{}     `dynamo:"numbers,set"`
	Floats           []float64            `dynamo:"floats,set"`
	Exact            []json.Number        `dynamo:"exact,set"`
	Big              []big.Int            `dynamo:"big,set"`
	Blobs            [][]byte             `dynamo:"blobs,set"`
	Arrays           [][2]byte            `dynamo:"arrays,set"`
	Texts            []netip.Addr         `dynamo:"texts,set"`
	PointerTexts     []pointerText        `dynamo:"pointer_texts,set"`
	Times            []time.Time          `dynamo:"times,set"`
	Raw              types.AttributeValue `dynamo:"raw"`
	Skipped          string               `dynamo:"-"`
	Address          netip.Addr           `dynamo:"address"`
}

type shownSettings struct {
	Lang string    `dynamo:"lang"`
	At   time.Time `dynamo:"at"`
	Tags []string  `dynamo:"tags,set"`
}

// pointerText has text methods on its pointer.
type pointerText struct{ Text string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte(p.Text), nil }

func (p *pointerText) UnmarshalText(text []byte) error {
	p.Text = string(text)
	return nil
}

func TestToMap(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[shown](t)
	noon := time.Date(2012, 5, 31, 14, 0, 0, 42000, time.FixedZone("Paris", 7200))
	three := 3
	item := &shown{
		ID: "one", Pointer: &three, At: noon, AtPointer: &noon, Unix: noon, Skipped: "x",
		Inventory: map[string]int{"sword": 1},
		Settings:  shownSettings{Lang: "fr", At: noon, Tags: []string{"b", "a"}},
		Lines:     []shownSettings{{Lang: "en"}},
		Names:     []string{"b", "a", "b"},
		Flags:     map[string]bool{"yes": true, "no": false},
		Numbers:   map[int]struct{}{10: {}, 9: {}},
		Floats:    []float64{10, 9.5},
		Exact:     []json.Number{"10", "9", "9.0"},
		Big:       []big.Int{*big.NewInt(10), *big.NewInt(9)},
		Blobs:     [][]byte{{2}, {1, 0}},
		Arrays:    [][2]byte{{2, 0}, {1, 9}},
		Texts:     []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.1")},

		PointerTexts: []pointerText{{"b"}, {"a"}},
		Times:        []time.Time{noon, noon.Add(-time.Hour)},
		Raw:          fixtures.Text("verbatim"),
		Address:      netip.MustParseAddr("::1"),
	}
	require.Equal(t, map[string]any{
		"id": "one", "count": 0, "pointer": 3,
		"at": "2012-05-31T12:00:00.000042Z", "at_pointer": "2012-05-31T12:00:00.000042Z",
		"unix":      "2012-05-31T12:00:00Z",
		"inventory": map[string]int{"sword": 1},
		"settings": map[string]any{"lang": "fr", "at": "2012-05-31T12:00:00.000042000Z",
			"tags": []string{"a", "b"}},
		"lines":   []any{map[string]any{"lang": "en"}},
		"names":   []string{"a", "b"},
		"flags":   []string{"yes"},
		"numbers": []int{9, 10},
		"floats":  []float64{9.5, 10},
		"exact":   []json.Number{"9", "10"}, // 9.0 becomes 9
		"big":     []big.Int{*big.NewInt(9), *big.NewInt(10)},
		"blobs":   [][]byte{{1, 0}, {2}},
		"arrays":  [][2]byte{{1, 9}, {2, 0}},
		"texts": []netip.Addr{netip.MustParseAddr("10.0.0.1"),
			netip.MustParseAddr("10.0.0.2")},
		"pointer_texts": []pointerText{{"a"}, {"b"}},
		"times":         []string{"2012-05-31T11:00:00.000042Z", "2012-05-31T12:00:00.000042Z"},
		"raw":           "verbatim",
		"address":       netip.MustParseAddr("::1"),
	}, table.ToMap(item))
	require.Equal(t, []string{"b", "a", "b"}, item.Names, "the item is unchanged")
	require.NoError(t, table.Save(t.Context(), item))
	read := fixtures.Load(t, table, "one")
	require.Equal(t, table.ToMap(item), table.ToMap(read))
	require.Equal(t, map[string]any{"count": 0, "settings": map[string]any{}},
		table.ToMap(&shown{}))
}

type shownMarshalers struct {
	dynamapper.Model `dynamo:"marshalers"`
	ID               string      `dynamo:"id,hash"`
	Big              big.Int     `dynamo:"big"`
	BigPointer       *big.Int    `dynamo:"big_pointer"`
	Text             pointerText `dynamo:"text"`
	Number           json.Number `dynamo:"number"`
	Address          netip.Addr  `dynamo:"address"`
}

// The result of ToMap suits encoding/json, which calls pointer methods only on pointers.
func TestToMapAsJSON(t *testing.T) {
	t.Parallel()
	mapper, err := dynamotest.Run(t).Mapper(t.Context())
	require.NoError(t, err)
	table, err := dynamapper.TableOf[shownMarshalers](mapper)
	require.NoError(t, err)
	item := &shownMarshalers{
		ID: "one", Big: *big.NewInt(12), BigPointer: big.NewInt(13), Text: pointerText{"text"},
		Number:  "14",
		Address: netip.MustParseAddr("::1"),
	}
	text, err := json.Marshal(table.ToMap(item))
	require.NoError(t, err)
	require.JSONEq(t,
		`{"id": "one", "big": 12, "big_pointer": 13, "text": "text", "number": 14, "address": "::1"}`, string(text))
	shown := table.ToMap(item)
	shown["text"].(*pointerText).Text = "changed"
	require.Equal(t, "text", item.Text.Text, "a copy")
}

func TestToMapOfAPartialItem(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[shown](t)
	require.NoError(t, table.Save(t.Context(), &shown{ID: "one", Count: 5, Names: []string{"a"}}))
	partial, err := table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Select("names"),
		dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, map[string]any{"id": "one", "names": []string{"a"}}, table.ToMap(partial))
}

// EmbeddedShown is embedded as a pointer.
type EmbeddedShown struct {
	Name string `dynamo:"name"`
}

type embeddingShown struct {
	dynamapper.Model `dynamo:"embedding"`
	ID               string `dynamo:"id,hash"`
	*EmbeddedShown
}

func TestToMapOfAnonymousStructs(t *testing.T) {
	t.Parallel()
	mapper, err := dynamotest.Run(t).Mapper(t.Context())
	require.NoError(t, err)
	table, err := dynamapper.TableOf[embeddingShown](mapper)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"id": "one"}, table.ToMap(&embeddingShown{ID: "one"}))
	require.Equal(t, map[string]any{"id": "one", "name": "Waldo"},
		table.ToMap(&embeddingShown{ID: "one", EmbeddedShown: &EmbeddedShown{Name: "Waldo"}}))
}

// deepShown has times, sets and attribute values at every place where they can occur.
type deepShown struct {
	dynamapper.Model `dynamo:"deep-shown"`
	ID               string                          `dynamo:"id,hash"`
	Document         shownVisit                      `dynamo:"document,document"`
	Map              map[string]*shownVisit          `dynamo:"map,document"`
	List             []shownVisit                    `dynamo:"list,document"`
	Any              any                             `dynamo:"any,document"`
	Anys             map[string]any                  `dynamo:"anys,document"`
	Raw              types.AttributeValue            `dynamo:"raw"`
	Raws             map[string]types.AttributeValue `dynamo:"raws"`
	RawList          []types.AttributeValue          `dynamo:"raw_list,document"`
	JSON             shownJSON                       `dynamo:"json"`
	JSONTimes        map[string]time.Time            `dynamo:"json_times"`
	JSONAny          any                             `dynamo:"json_any"`
	JSONInts         map[string]int                  `dynamo:"json_ints"`
}

type shownVisit struct {
	Unix   time.Time      `dynamo:"unix,unixtime"`
	Milli  *time.Time     `dynamo:"milli,unixmilli"`
	Day    time.Time      `dynamo:"day,layout=DateOnly"`
	Days   []time.Time    `dynamo:"days,set,layout=DateOnly"`
	Counts map[int]bool   `dynamo:"counts,set"`
	Times  map[string]any `dynamo:"times,json"`
}

type shownJSON struct {
	shownStamp
	Name string     `json:"name"`
	Gone *time.Time `json:"gone,omitempty"`
	Any  any        `json:"any"`
}

type shownStamp struct {
	At time.Time `json:"at"`
}

// At any depth, times are text in UTC, sets are sorted and attribute values are plain Go values.
func TestToMapInDepth(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[deepShown](t)
	noon := time.Date(2012, 5, 31, 14, 0, 0, 0, time.FixedZone("Paris", 7200))
	visit := shownVisit{Unix: noon, Milli: &noon, Day: noon,
		Days:   []time.Time{noon, noon.AddDate(0, 0, -1)},
		Counts: map[int]bool{10: true, 9: true}, Times: map[string]any{"noon": noon}}
	numbers := &types.AttributeValueMemberNS{Value: []string{"10", "9"}}
	raw := mapValue(fixtures.Attributes{"n": numbers})
	item := &deepShown{ID: "one", Document: visit,
		Map: map[string]*shownVisit{"one": &visit, "none": nil}, List: []shownVisit{visit},
		Any:  []any{visit, numbers, noon, nil},
		Anys: map[string]any{"set": stringSet("b", "a"), "pointer": &visit, "raw": raw},
		Raw:  raw, Raws: fixtures.Attributes{"s": stringSet("b", "a")},
		RawList: []types.AttributeValue{numbers},
		JSON: shownJSON{shownStamp{noon}, "Waldo", &noon,
			[]any{noon, map[string]any{"set": stringSet("b", "a")}}},
		JSONTimes: map[string]time.Time{"noon": noon},
		JSONAny:   map[string]any{"raw": raw, "raws": []types.AttributeValue{numbers}, "at": &noon},
		JSONInts:  map[string]int{"sword": 1}}
	const text = "2012-05-31T12:00:00Z"
	shownVisit := map[string]any{"unix": text, "milli": text, "day": "2012-05-31T00:00:00Z",
		"days":   []string{"2012-05-30T00:00:00Z", "2012-05-31T00:00:00Z"},
		"counts": []json.Number{"9", "10"}, "times": map[string]any{"noon": text}}
	shownNumbers := []json.Number{"9", "10"}
	want := map[string]any{
		"id": "one", "document": shownVisit, "map": map[string]any{"one": shownVisit, "none": nil},
		"list": []any{shownVisit},
		"any":  []any{shownVisit, shownNumbers, "2012-05-31T12:00:00.000000000Z", nil},
		"anys": map[string]any{"set": []string{"a", "b"}, "pointer": shownVisit,
			"raw": map[string]any{"n": shownNumbers}},
		"raw": map[string]any{"n": shownNumbers}, "raws": map[string]any{"s": []string{"a", "b"}},
		"raw_list": []any{shownNumbers},
		"json": map[string]any{"at": text, "name": "Waldo", "gone": text,
			"any": []any{text, map[string]any{"set": []any{"a", "b"}}}},
		"json_times": map[string]any{"noon": text},
		"json_any": map[string]any{
			"raw":  map[string]any{"n": []any{json.Number("9"), json.Number("10")}},
			"raws": []any{[]any{json.Number("9"), json.Number("10")}}, "at": text},
		"json_ints": map[string]int{"sword": 1},
	}
	require.Equal(t, want, table.ToMap(item))
	_, err := json.Marshal(table.ToMap(item))
	require.NoError(t, err)
	require.Equal(t, noon, item.JSON.At, "the item is unchanged")

	item.Any, item.Anys, item.JSON.Any, item.JSONAny, item.Document.Times = nil, nil, nil, nil, nil
	item.Map, item.List = nil, nil
	require.NoError(t, table.Save(t.Context(), item))
	require.Equal(t, table.ToMap(item), table.ToMap(fixtures.Load(t, table, "one")))
}

// A value that contains itself is returned as it is.
func TestToMapOfWhatContainsItself(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[deepShown](t)
	list := []any{1}
	list[0] = list
	shown := table.ToMap(
		&deepShown{ID: "one", Any: list, JSONAny: map[string]any{"list": list, "at": time.Now()}})
	require.Len(t, shown["any"], 1)
	require.Contains(t, shown["json_any"], "list")
}

// emptyShown has a field of every kind that can be empty.
type emptyShown struct {
	dynamapper.Model `dynamo:"empty-shown"`
	ID               string               `dynamo:"id,hash"`
	Text             string               `dynamo:"text"`
	Omitted          int                  `dynamo:"omitted,omitempty"`
	Bytes            []byte               `dynamo:"bytes"`
	At               time.Time            `dynamo:"at"`
	Pointer          *int                 `dynamo:"pointer"`
	Inventory        map[string]int       `dynamo:"inventory"`
	Queue            []string             `dynamo:"queue"`
	Any              any                  `dynamo:"any"`
	Settings         shownSettings        `dynamo:"settings,document"`
	Counts           map[string]int       `dynamo:"counts,document"`
	Lines            []shownSettings      `dynamo:"lines,document"`
	Gear             *shownSettings       `dynamo:"gear,document"`
	Names            []string             `dynamo:"names,set"`
	Flags            map[string]bool      `dynamo:"flags,set"`
	Maybe            *[]string            `dynamo:"maybe,set"`
	Raw              types.AttributeValue `dynamo:"raw"`
	Text2            pointerText          `dynamo:"text2"`
	JSON             json.RawMessage      `dynamo:"raw_json"`
	*EmbeddedShown
}

// EmptyFields includes every field of the model. In JSON, a field is null only if it has no other
// empty form.
func TestToMapWithEmptyFields(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[emptyShown](t)
	shown := table.ToMap(&emptyShown{ID: "one"}, dynamapper.EmptyFields())
	text, err := json.Marshal(shown)
	require.NoError(t, err)
	require.JSONEq(t,
		`{"id": "one", "text": "", "omitted": 0, "bytes": "", "at": null, "pointer": null, "inventory": {}, "queue": [],
		"any": null, "settings": {"lang": "", "at": null, "tags": []}, "counts": {}, "lines": [], "gear": null, "names": [], "flags": [],
		"maybe": null, "raw": null, "text2": "", "raw_json": null, "name": ""}`, string(text))
	require.Equal(t, map[string]any{"id": "one", "settings": map[string]any{}},
		table.ToMap(&emptyShown{ID: "one"}), "by default, empty fields are left out")

	full := &emptyShown{ID: "two", Names: []string{"b", "a"}, Lines: []shownSettings{{Lang: "fr"}}}
	shown = table.ToMap(full, dynamapper.EmptyFields())
	require.Equal(t, []string{"a", "b"}, shown["names"])
	require.Equal(t, []any{map[string]any{"lang": "fr", "at": nil, "tags": []string{}}},
		shown["lines"])

	require.NoError(t, table.Save(t.Context(), full))
	partial, err := table.Get(t.Context(), dynamapper.Key("two"),
		dynamapper.Select("text", "names"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, map[string]any{"id": "two", "text": "", "names": []string{"a", "b"}},
		table.ToMap(partial, dynamapper.EmptyFields()),
		"an attribute that was not read is not known to be empty")
}
