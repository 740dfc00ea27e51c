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
)

// shown has a field of each kind that is presented in its own way.
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

// pointerText has its text by methods of the pointer.
type pointerText struct{ Text string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte(p.Text), nil }

func (p *pointerText) UnmarshalText(text []byte) error {
	p.Text = string(text)
	return nil
}

func TestToMap(t *testing.T) {
	t.Parallel()
	table := tableOf[shown](t)
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
		Raw:          textValue("verbatim"),
		Address:      netip.MustParseAddr("::1"),
	}
	require.Equal(t, map[string]any{
		"id": "one", "count": 0, "pointer": 3,
		"at": "2012-05-31T12:00:00.000042Z", "at_pointer": "2012-05-31T12:00:00.000042Z", "unix": "2012-05-31T12:00:00Z",
		"inventory":     map[string]int{"sword": 1},
		"settings":      map[string]any{"lang": "fr", "at": "2012-05-31T12:00:00.000042000Z", "tags": []string{"a", "b"}},
		"lines":         []any{map[string]any{"lang": "en"}},
		"names":         []string{"a", "b"},
		"flags":         []string{"yes"},
		"numbers":       []int{9, 10},
		"floats":        []float64{9.5, 10},
		"exact":         []json.Number{"9", "10"}, // 9.0 is 9
		"big":           []big.Int{*big.NewInt(9), *big.NewInt(10)},
		"blobs":         [][]byte{{1, 0}, {2}},
		"arrays":        [][2]byte{{1, 9}, {2, 0}},
		"texts":         []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")},
		"pointer_texts": []pointerText{{"a"}, {"b"}},
		"times":         []string{"2012-05-31T11:00:00.000042Z", "2012-05-31T12:00:00.000042Z"},
		"raw":           textValue("verbatim"),
		"address":       netip.MustParseAddr("::1"),
	}, table.ToMap(item))
	require.Equal(t, []string{"b", "a", "b"}, item.Names, "the item is not touched")
	require.NoError(t, table.Save(t.Context(), item))
	read := load(t, table, "one")
	require.Equal(t, table.ToMap(item), table.ToMap(read))
	require.Equal(t, map[string]any{"count": 0, "settings": map[string]any{}}, table.ToMap(&shown{}))
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

// What ToMap gives is for encoding/json, which finds methods of a pointer only behind one.
func TestToMapAsJSON(t *testing.T) {
	t.Parallel()
	mapper, err := dynamotest.Run(t).Mapper(t.Context())
	require.NoError(t, err)
	table, err := dynamapper.TableOf[shownMarshalers](mapper)
	require.NoError(t, err)
	item := &shownMarshalers{
		ID: "one", Big: *big.NewInt(12), BigPointer: big.NewInt(13), Text: pointerText{"text"}, Number: "14",
		Address: netip.MustParseAddr("::1"),
	}
	text, err := json.Marshal(table.ToMap(item))
	require.NoError(t, err)
	require.JSONEq(t, `{"id": "one", "big": 12, "big_pointer": 13, "text": "text", "number": 14, "address": "::1"}`, string(text))
	shown := table.ToMap(item)
	shown["text"].(*pointerText).Text = "changed"
	require.Equal(t, "text", item.Text.Text, "a copy")
}

func TestToMapOfAPartialItem(t *testing.T) {
	t.Parallel()
	table := tableOf[shown](t)
	require.NoError(t, table.Save(t.Context(), &shown{ID: "one", Count: 5, Names: []string{"a"}}))
	partial, err := table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Select("names"), dynamapper.Consistent())
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
