package dynamapper

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

type decodedModel struct {
	Model  `dynamo:"decoded"`
	ID     string   `dynamo:"id,hash"`
	Level  int      `dynamo:"level"`
	Active bool     `dynamo:"active"`
	Tags   []string `dynamo:"tags,set"`
	Note   *string  `dynamo:"note"`
}

// randomItemJSON returns an item as it might come in a page: attributes in any order, missing,
// repeated, unknown, null, of another type that the codec accepts, with white space, and sometimes
// malformed.
func randomItemJSON(r *rand.Rand) string {
	attributes := []string{`"id":{"S":"%d"}`, `"level":{"N":"%d"}`, `"active":{"BOOL":true}`,
		`"tags":{"SS":["a","%d"]}`, `"note":{"S":"%d"}`}
	if r.IntN(3) == 0 {
		r.Shuffle(len(attributes),
			func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	}
	var members []string
	for _, text := range attributes {
		if strings.Contains(text, "%d") {
			text = fmt.Sprintf(text, r.IntN(100))
		}
		switch r.IntN(16) {
		case 0:
			continue
		case 1:
			members = append(members, `"unknown":{"L":[{"S":"x"}]}`)
		case 2:
			text = `"active":{"N":"1"}`
		case 3:
			text = `"note":{"NULL":true}`
		case 4:
			text = strings.Replace(text, ":", " : ", 1)
		case 5:
			text = "\n\t" + text
		case 6:
			text = `"level":{"S":"no number"}`
		}
		members = append(members, text)
	}
	comma := ","
	if r.IntN(40) == 0 {
		comma = ""
	}
	return "{" + strings.Join(members, comma) + "}"
}

// A decoder that remembers earlier items decodes each one like a decoder that has seen none.
func TestADecoderRemembersOnlyToBeFaster(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[decodedModel]())
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	failures := 0
	for range 300 {
		remembering := newDecoder(nil)
		remembering.remembers = true
		for range 20 {
			text := randomItemJSON(r)
			var want, got decodedModel
			wantErr := s.decodeText(text, reflect.ValueOf(&want).Elem())
			remembering.Reader = wire.NewReader(text)
			gotErr := remembering.decodeItem(&s.structPlan, reflect.ValueOf(&got).Elem())
			if gotErr == nil {
				remembering.Done()
				gotErr = remembering.Err()
			}
			require.Equal(t, wantErr, gotErr, text)
			if wantErr != nil {
				failures++
				continue
			}
			require.Equal(t, want, got, text)
		}
	}
	require.Greater(t, failures, 100)
}

// A decoder remembers the order of the previous item's attributes, but not its values, until most
// attributes come in another order.
func TestADecoderExpectsTheOrderOfTheItemBefore(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[decodedModel]())
	require.NoError(t, err)
	d := newDecoder(nil)
	d.remembers = true
	decode := func(text string) memory {
		d.Reader = wire.NewReader(text)
		require.NoError(t, d.decodeItem(&s.structPlan, reflect.ValueOf(&decodedModel{}).Elem()))
		require.Nil(t, d.memory.other)
		return d.memory
	}
	const inOrder = `{"level":{"N":"2"},"id":{"S":"b"}}`
	decode(`{"level":{"N":"1"},"id":{"S":"a"}}`)
	learnt := decode(inOrder)
	require.True(t, learnt.ordered)
	level := learnt.begin.next
	require.Equal(t, remembered{s.byAttribute["level"], `"level":{"N":`, wire.N, level.next}, *level)
	require.Equal(t, remembered{s.byAttribute["id"], `"id":{"S":`, wire.S, nil}, *level.next)
	require.False(t, decode(`{"id":{"S":"c"},"active":{"BOOL":true},"level":{"N":"3"}}`).ordered)
	decode(inOrder)
	require.True(t, decode(inOrder).ordered)
}

// guard3 lies between fields; decoding must not write to it.
type guard3 [3]byte

// guarded has a field of each type that is decoded in place.
type guarded struct {
	G0     guard3 `dynamo:"-"`
	Text   string
	G1     guard3 `dynamo:"-"`
	Int    int
	G2     guard3 `dynamo:"-"`
	Int8   int8
	G3     guard3 `dynamo:"-"`
	Int16  int16
	G4     guard3 `dynamo:"-"`
	Int32  int32
	G5     guard3 `dynamo:"-"`
	Int64  int64
	G6     guard3 `dynamo:"-"`
	Float  float32
	G7     guard3 `dynamo:"-"`
	Double float64
	G8     guard3 `dynamo:"-"`
	Bool   bool
	G9     guard3 `dynamo:"-"`
	Time   time.Time
	G10    guard3   `dynamo:"-"`
	Set    []string `dynamo:",set"`
	G11    guard3   `dynamo:"-"`
	Uint8  uint8
	G12    guard3 `dynamo:"-"`
	Uint64 uint64
	G13    guard3 `dynamo:"-"`
	Bytes  []byte
	G14    guard3 `dynamo:"-"`
	Array  [3]byte
	G15    guard3    `dynamo:"-"`
	Unix   time.Time `dynamo:",unixtime"`
	G16    guard3    `dynamo:"-"`
	Behind *int16
	G17    guard3  `dynamo:"-"`
	List   []int16 `dynamo:",document"`
	G18    guard3  `dynamo:"-"`
	Pair   pair    `dynamo:",document"`
	G19    guard3  `dynamo:"-"`
	Pairs  []pair  `dynamo:",document"`
	G20    guard3  `dynamo:"-"`
	Counts map[string]int
	G21    guard3         `dynamo:"-"`
	Named  map[int16]pair `dynamo:",document"`
	G22    guard3         `dynamo:"-"`
	Any    any            `dynamo:",document"`
	G23    guard3         `dynamo:"-"`
}

// pair is a document that is no multiple of eight bytes.
type pair struct {
	A int8
	B bool
	C int8
}

func (g *guarded) guards() []*guard3 {
	return []*guard3{&g.G0, &g.G1, &g.G2, &g.G3, &g.G4, &g.G5, &g.G6, &g.G7, &g.G8, &g.G9, &g.G10,
		&g.G11, &g.G12, &g.G13, &g.G14, &g.G15, &g.G16, &g.G17, &g.G18, &g.G19, &g.G20, &g.G21,
		&g.G22, &g.G23}
}

// OffsetBase holds guarded at another offset.
type OffsetBase struct {
	Before byte
	guarded
}

type guardedModel struct {
	Model `dynamo:"guarded"`
	ID    string `dynamo:",hash"`
	OffsetBase
}

// A field that is decoded in place has the value that package reflect would set, and the memory
// beside it is unchanged. Builds with the race detector also check each pointer (checkptr).
func TestDecodingInPlaceWritesOnlyTheField(t *testing.T) {
	t.Parallel()
	var m guardedModel
	for i, g := range m.guards() {
		*g = guard3{byte(i), 0xaa, 0x55}
	}
	moment, behind := time.Date(2012, 5, 31, 12, 0, 0, 1, time.UTC), int16(-2)
	require.NoError(t, DecodeItem(map[string]types.AttributeValue{
		"ID": wireValue(t, `{"S":"id"}`), "Before": wireValue(t, `{"N":"255"}`),
		"Text": wireValue(t, `{"S":"text"}`),
		"Int":  wireValue(t, `{"N":"-9007199254740993"}`), "Int8": wireValue(t, `{"N":"-128"}`),
		"Int16": wireValue(t, `{"N":"32767"}`),
		"Int32": wireValue(t, `{"N":"-2147483648"}`),
		"Int64": wireValue(t, `{"N":"9223372036854775807"}`),
		"Float": wireValue(t, `{"N":"1.5"}`), "Double": wireValue(t, `{"N":"-0.1"}`),
		"Bool":  wireValue(t, `{"BOOL":true}`),
		"Time":  wireValue(t, `{"S":"2012-05-31T12:00:00.000000001Z"}`),
		"Set":   wireValue(t, `{"SS":["a","b"]}`),
		"Uint8": wireValue(t, `{"N":"255"}`), "Uint64": wireValue(t, `{"N":"18446744073709551615"}`),
		"Bytes": wireValue(t, `{"B":"AAEC"}`), "Array": wireValue(t, `{"B":"AwQF"}`),
		"Unix": wireValue(t, `{"N":"1"}`), "Behind": wireValue(t, `{"N":"-2"}`),
		"List":   wireValue(t, `{"L":[{"N":"1"},{"NULL":true},{"N":"3"},{"N":"4"},{"N":"5"}]}`),
		"Pair":   wireValue(t, `{"M":{"C":{"N":"3"},"B":{"BOOL":true},"A":{"N":"1"}}}`),
		"Pairs":  wireValue(t, `{"L":[{"M":{"A":{"N":"1"}}},{"M":{"C":{"N":"3"}}}]}`),
		"Counts": wireValue(t, `{"M":{"a":{"N":"1"},"b":{"NULL":true}}}`),
		"Named":  wireValue(t, `{"M":{"-7":{"M":{"B":{"BOOL":true}}},"8":{"M":{}}}}`),
		"Any":    wireValue(t, `{"L":[{"S":"x"}]}`),
	}, &m))
	for i, g := range m.guards() {
		require.Equal(t, guard3{byte(i), 0xaa, 0x55}, *g, i)
		*g = guard3{}
	}
	require.Equal(t, guardedModel{ID: "id", OffsetBase: OffsetBase{255, guarded{
		Text: "text", Int: -9007199254740993, Int8: -128, Int16: 32767, Int32: -2147483648,
		Int64: 9223372036854775807,
		Float: 1.5, Double: -0.1, Bool: true, Time: moment, Set: []string{"a", "b"},
		Uint8: 255, Uint64: 18446744073709551615, Bytes: []byte{0, 1, 2}, Array: [3]byte{3, 4, 5},
		Unix: time.Unix(1, 0).UTC(), Behind: &behind, List: []int16{1, 0, 3, 4, 5},
		Pair: pair{1, true, 3}, Pairs: []pair{{A: 1}, {C: 3}},
		Counts: map[string]int{"a": 1, "b": 0}, Named: map[int16]pair{-7: {B: true}, 8: {}},
		Any: []any{"x"},
	}}}, m)
}

func wireValue(t *testing.T, text string) types.AttributeValue {
	t.Helper()
	r := wire.NewReader(text)
	value := r.AttributeValue()
	require.NoError(t, r.Err())
	return value
}
