package dynamapper

import (
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

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
	_, err = items.Update(Key("a")).Set("shy", loaded.Shy).plan()
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
