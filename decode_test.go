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

// A decoder remembers the order of the previous item's attributes, but not its values.
func TestADecoderExpectsTheOrderOfTheItemBefore(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[decodedModel]())
	require.NoError(t, err)
	d := newDecoder(nil)
	d.remembers = true
	for _, text := range []string{`{"level":{"N":"1"},"id":{"S":"a"}}`,
		`{"level":{"N":"2"},"id":{"S":"b"}}`} {
		d.Reader = wire.NewReader(text)
		require.NoError(t, d.decodeItem(&s.structPlan, reflect.ValueOf(&decodedModel{}).Elem()))
	}
	require.Len(t, d.seen, 2)
	require.Equal(t, `"level":{"N":`, d.seen[0].head)
	require.Equal(t, `,"id":{"S":`, d.seen[1].head)
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
}

func (g *guarded) guards() []*guard3 {
	return []*guard3{&g.G0, &g.G1, &g.G2, &g.G3, &g.G4, &g.G5, &g.G6, &g.G7, &g.G8, &g.G9, &g.G10,
		&g.G11}
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
	moment := time.Date(2012, 5, 31, 12, 0, 0, 1, time.UTC)
	require.NoError(t, DecodeItem(map[string]types.AttributeValue{
		"ID": wireValue(t, `{"S":"id"}`), "Before": wireValue(t, `{"N":"255"}`),
		"Text": wireValue(t, `{"S":"text"}`),
		"Int":  wireValue(t, `{"N":"-9007199254740993"}`), "Int8": wireValue(t, `{"N":"-128"}`),
		"Int16": wireValue(t, `{"N":"32767"}`),
		"Int32": wireValue(t, `{"N":"-2147483648"}`),
		"Int64": wireValue(t, `{"N":"9223372036854775807"}`),
		"Float": wireValue(t, `{"N":"1.5"}`), "Double": wireValue(t, `{"N":"-0.1"}`),
		"Bool": wireValue(t, `{"BOOL":true}`),
		"Time": wireValue(t, `{"S":"2012-05-31T12:00:00.000000001Z"}`),
		"Set":  wireValue(t, `{"SS":["a","b"]}`),
	}, &m))
	for i, g := range m.guards() {
		require.Equal(t, guard3{byte(i), 0xaa, 0x55}, *g, i)
		*g = guard3{}
	}
	require.Equal(t, guardedModel{ID: "id", OffsetBase: OffsetBase{255, guarded{
		Text: "text", Int: -9007199254740993, Int8: -128, Int16: 32767, Int32: -2147483648,
		Int64: 9223372036854775807,
		Float: 1.5, Double: -0.1, Bool: true, Time: moment, Set: []string{"a", "b"},
	}}}, m)
}

func wireValue(t *testing.T, text string) types.AttributeValue {
	t.Helper()
	r := wire.NewReader(text)
	value := r.AttributeValue()
	require.NoError(t, r.Err())
	return value
}
