package dynamapper

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

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

// randomItemJSON writes an item as another item of a page may come: attributes in any order, missing, twice, unknown, null, of the
// other type that the codec reads, with white space, and now and then malformed.
func randomItemJSON(r *rand.Rand) string {
	attributes := []string{`"id":{"S":"%d"}`, `"level":{"N":"%d"}`, `"active":{"BOOL":true}`, `"tags":{"SS":["a","%d"]}`, `"note":{"S":"%d"}`}
	if r.IntN(3) == 0 {
		r.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
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

// A decoder that remembers the items before reads each as one that has seen none.
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

// What the item before began with is remembered; what it held is not.
func TestADecoderExpectsTheOrderOfTheItemBefore(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[decodedModel]())
	require.NoError(t, err)
	d := newDecoder(nil)
	d.remembers = true
	for _, text := range []string{`{"level":{"N":"1"},"id":{"S":"a"}}`, `{"level":{"N":"2"},"id":{"S":"b"}}`} {
		d.Reader = wire.NewReader(text)
		require.NoError(t, d.decodeItem(&s.structPlan, reflect.ValueOf(&decodedModel{}).Elem()))
	}
	require.Len(t, d.seen, 2)
	require.Equal(t, `"level":{"N":`, d.seen[0].head)
	require.Equal(t, `,"id":{"S":`, d.seen[1].head)
}
