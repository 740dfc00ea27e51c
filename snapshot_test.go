package dynamapper

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// doomMap has keys of two types, and a set.
type doomMap struct {
	Model     `dynamo:"doom_map"`
	EpisodeID int      `dynamo:"episode_id,hash"`
	Name      string   `dynamo:"name,range"`
	World     string   `dynamo:"world"`
	Cheats    []string `dynamo:"cheats,set"`
}

// Of attributes with the same name, the last one counts, as in any JSON object.
func TestRawItem(t *testing.T) {
	t.Parallel()
	item := `{"b":{"N":"1"},"a":{"S":"x"},"b":{"N":"2"}}`
	raw, err := parseRawItem(item)
	require.NoError(t, err)
	require.Equal(t, rawItem{{Name: "a", Value: `{"S":"x"}`}, {Name: "b", Value: `{"N":"2"}`}}, raw)
	require.True(t, raw.has("a"))
	require.False(t, raw.has("c"))
	require.True(t, raw.equal("b", `{"N":"2.0"}`))
	require.True(t, raw.equal("c", ""))
	require.False(t, raw.equal("a", ""))

	value, err := attributeIn(item, "b")
	require.NoError(t, err)
	require.Equal(t, wire.Raw(`{"N":"2"}`), value)
	value, err = attributeIn(item, "c")
	require.NoError(t, err)
	require.Empty(t, value)
	_, err = attributeIn(item[:20], "a")
	require.Error(t, err)

	empty, err := parseRawItem("{}")
	require.NoError(t, err)
	require.NotNil(t, empty, "an item may have no attributes")
}

// A key has the same identity however its numbers are spelled and its strings escaped.
func TestIdentity(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[doomMap]())
	require.NoError(t, err)
	id := s.identityOf(itemKey{`{"N":"1E2"}`, `{"S":"a/b"}`})
	require.Equal(t, identity{"100", "a/b"}, id)
	for _, raw := range []string{
		`{"episode_id":{"N":"100"},"name":{"S":"a/b"}}`,
		`{"x":{"L":[{"S":"y"}]}, "name":{"S":"a\/b"}, "z":{"NULL":true}, "episode_id":{"N":"100.0"}}`,
	} {
		require.Equal(t, id, s.identityIn(raw), raw)
	}
	require.NotEqual(t, id, s.identityIn(`{"episode_id":{"N":"100"},"name":{"S":"a"}}`))
}

// An outcome is complete when it is returned: what differs is sorted, whichever way it was found,
// and of that the loaded value is expected.
func TestOutcomeIsComplete(t *testing.T) {
	t.Parallel()
	table := tableOf[doomMap](t)
	item, err := table.UnmarshalItemJSON(
		[]byte(`{"episode_id":{"N":"1"},"name":{"S":"a"},"world":{"S":"b"},` +
			`"cheats":{"SS":["c","d"]},"zone":{"S":"kept"}}`))
	require.NoError(t, err)
	item.World, item.Name, item.EpisodeID, item.Cheats = "x", "y", 2, nil
	c, err := table.untyped.compare(item)
	require.NoError(t, err)
	o, err := c.outcome()
	require.NoError(t, err)
	require.Equal(t, []string{"cheats", "episode_id", "name", "world"}, o.differing)
	require.Equal(t, wire.Raw(`{"S":"kept"}`), o.written.raw("zone"))
	for _, e := range table.untyped.schema.expectLoaded(c.raw, &o) {
		require.True(t, c.raw.equal(e.attribute, e.value), e.attribute)
	}
	changed := o.changes()
	require.Equal(t, change{attribute: "cheats"}, changed[0])
	require.Equal(t,
		change{attribute: "world", value: `{"S":"x"}`}, changed[3])
}

// requireCanonical requires that an item's text is what its values are written as, that the
// attributes are those of the text, and that a value is written in its slot as it is written alone.
func requireCanonical(t *testing.T, s *schema, model reflect.Value, item encodedItem) {
	t.Helper()
	attributes, err := parseRawItem(item.text)
	require.NoError(t, err)
	require.Equal(t, attributes, item.attributes)
	for _, f := range s.fields {
		encoded := item.attributes.raw(f.attribute)
		if encoded == "" {
			continue
		}
		again, err := wire.MakeRaw(encoded.AttributeValue())
		require.NoError(t, err)
		// The members of a map have no order, but each is spelt alike.
		require.Len(t, again, len(encoded))
		require.JSONEq(t, string(again), string(encoded))
		alone, err := f.rawIn(model)
		require.NoError(t, err)
		require.Len(t, alone, len(encoded))
		require.JSONEq(t, string(alone), string(encoded))
	}
}

func TestGeneratedModelsAreWrittenCanonically(t *testing.T) {
	t.Parallel()
	written := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 22))
		model := generateModel(r)
		s, err := schemas.lookup(model)
		require.NoError(t, err)
		random := newRandomizer(seed)
		e := newEncoder()
		for range 5 {
			v := reflect.New(model).Elem()
			random.fill(v)
			v.Field(0).SetZero()
			*e = encoder{text: e.text[:0], places: e.places}
			item, err := s.encodeItem(e, v)
			if err != nil {
				requireNotStorable(t, err)
				continue
			}
			written++
			requireCanonical(t, s, v, item)
		}
	}
	require.Greater(t, written, 900)
}

type spelt struct {
	Model `dynamo:"spelt"`
	ID    string    `dynamo:"id,hash"`
	Text  string    `dynamo:"a \"quoted\" name"`
	Small int8      `dynamo:"small"`
	Large int64     `dynamo:"large"`
	Half  float32   `dynamo:"half"`
	Float float64   `dynamo:"float"`
	On    bool      `dynamo:"on"`
	At    time.Time `dynamo:"at"`
	Unix  time.Time `dynamo:"unix,unixtime"`
	Tags  []string  `dynamo:"tags,set"`
	Left  int       `dynamo:"left,omitempty"`
}

// The bytes of an item are these: no escapes but those that JSON requires, and no other spelling of
// a number.
func TestSpellingOfAnItem(t *testing.T) {
	t.Parallel()
	table := tableOf[spelt](t)
	many := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "a", "\"", "i"}
	for want, item := range map[string]spelt{
		`{"id":{"S":"x"},"small":{"N":"0"},"large":{"N":"0"},"half":{"N":"0"},"float":{"N":"0"},` +
			`"on":{"BOOL":false}}`: {ID: "x"},
		`{"id":{"S":"<\u0000\"\\\n` + "\u2028é😀" + `&"},"a \"quoted\" name":{"S":"1234567é\t"},` +
			`"small":{"N":"-128"},"large":{"N":"-9223372036854775808"},"half":{"N":"0.1"},` +
			`"float":{"N":"1e+21"},"on":{"BOOL":true},"at":{"S":"2012-05-31T10:00:00.000000001Z"},` +
			`"unix":{"N":"-1"},"tags":{"SS":["","é"]},"left":{"N":"1"}}`: {
			ID: "<\x00\"\\\n\u2028é😀&", Text: "1234567é\t", Small: math.MinInt8, Large: math.MinInt64,
			Half: 0.1, Float: 1e21, On: true,
			At:   time.Date(2012, 5, 31, 12, 0, 0, 1, time.FixedZone("", 7200)),
			Unix: time.Unix(-1, 999), Tags: []string{"", "é", ""}, Left: 1,
		},
		`{"id":{"S":"y"},"small":{"N":"0"},"large":{"N":"0"},"half":{"N":"0"},` +
			`"float":{"N":"-1.5e-07"},"on":{"BOOL":false},` +
			`"tags":{"SS":["a","b","c","d","e","f","g","h","i","\""]}}`: {
			ID: "y", Float: -1.5e-7, Tags: many,
		},
	} {
		encoded, err := table.untyped.encode(&item)
		require.NoError(t, err)
		require.Equal(t, want, encoded.text)
		require.True(t, json.Valid([]byte(want)))
		requireCanonical(t, table.untyped.schema, reflect.ValueOf(&item).Elem(), encoded)
	}
}

func TestValuesThatAnItemCannotHold(t *testing.T) {
	t.Parallel()
	table := tableOf[spelt](t)
	for field, item := range map[string]spelt{
		"ID":    {ID: "x\xff"},
		"Text":  {ID: "x", Text: strings.Repeat("a", 8) + "\xe2\x28"},
		"Float": {ID: "x", Float: math.NaN()},
		"Half":  {ID: "x", Half: float32(math.Inf(-1))},
		"At":    {ID: "x", At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"Unix":  {ID: "x", Unix: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"Tags":  {ID: "x", Tags: []string{"a", "\xff"}},
	} {
		_, err := table.MarshalItem(&item)
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed, field)
		require.True(t, strings.HasPrefix(placed.Field, "spelt."+field), placed.Field)
		// The encoder that has failed is used again.
		encoded, err := table.untyped.encode(&spelt{ID: "z"})
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(encoded.text, `{"id":{"S":"z"},`))
	}
}

// An outcome without an edit and without unknown attributes is the encoded item itself.
func TestAnUneditedItemIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	table := tableOf[spelt](t)
	item := &spelt{ID: "x", Tags: []string{"a"}}
	encoded, err := table.untyped.encode(item)
	require.NoError(t, err)
	for text, want := range map[string]bool{
		encoded.text: true,
		strings.Replace(encoded.text, `"x"`, `"\u0078"`, 1):                  true,
		strings.Replace(encoded.text, `"small":{"N":"0"},`, ``, 1):           false,
		strings.Replace(encoded.text, `"N":"0"`, `"N":"0.0"`, 1):             false,
		strings.Replace(encoded.text, `{"id"`, `{"x":{"NULL":true},"id"`, 1): false,
	} {
		loaded, err := table.UnmarshalItemJSON([]byte(text))
		require.NoError(t, err)
		c, err := table.untyped.compare(loaded)
		require.NoError(t, err)
		o, err := c.outcome()
		require.NoError(t, err)
		require.Empty(t, o.differing)
		require.Equal(t, want, o.encoded, text)
		require.True(t, slices.IsSortedFunc(o.written,
			func(a, b wire.Attribute) int { return strings.Compare(a.Name, b.Name) }))
	}
}
