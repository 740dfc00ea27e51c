package dynamapper

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// player has twelve fields and slightly less than 400 bytes of wire JSON.
type player struct {
	Model       `dynamo:"players"`
	Login       string    `dynamo:"login,hash"`
	FirstName   string    `dynamo:"firstname"`
	LastName    string    `dynamo:"lastname"`
	Email       string    `dynamo:"email"`
	Guild       string    `dynamo:"guild"`
	Connections int       `dynamo:"connections"`
	Balance     int64     `dynamo:"balance"`
	Level       int       `dynamo:"level"`
	Score       float64   `dynamo:"score"`
	Active      bool      `dynamo:"active"`
	Badges      []string  `dynamo:"badges,set"`
	LastSeen    time.Time `dynamo:"last_seen"`
}

func newPlayer() *player {
	return &player{
		Login: "waldo.the.wanderer", FirstName: "Waldo", LastName: "Whitebeard",
		Email: "waldo@wonderland.example.com", Guild: "explorers",
		Connections: 1234, Balance: 20050, Level: 42, Score: 98.25, Active: true,
		Badges:   []string{"founder", "beta", "speedrun"},
		LastSeen: time.Date(2024, 5, 31, 12, 0, 0, 42000, time.UTC),
	}
}

// inventoried also has a JSON field of a common type.
type inventoried struct {
	player
	Inventory map[string]int `dynamo:"inventory"`
}

func BenchmarkEncodeItem(b *testing.B) {
	b.Run("fields=12", func(b *testing.B) { benchmarkEncode(b, newPlayer()) })
	b.Run("json", func(b *testing.B) {
		benchmarkEncode(b,
			&inventoried{*newPlayer(), map[string]int{"sword": 1, "potion": 12, "arrow": 99}})
	})
}

func benchmarkEncode[T any](b *testing.B, item *T) {
	s, err := schemas.lookup(reflect.TypeFor[T]())
	require.NoError(b, err)
	v := reflect.ValueOf(item).Elem()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.encodeItem(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeItem(b *testing.B) {
	b.Run("fields=12", func(b *testing.B) { benchmarkDecode(b, newPlayer()) })
	b.Run("json", func(b *testing.B) {
		benchmarkDecode(b,
			&inventoried{*newPlayer(), map[string]int{"sword": 1, "potion": 12, "arrow": 99}})
	})
}

func benchmarkDecode[T any](b *testing.B, item *T) {
	s, err := schemas.lookup(reflect.TypeFor[T]())
	require.NoError(b, err)
	raw, err := EncodeItem(item)
	require.NoError(b, err)
	text, err := wire.AppendItem(nil, raw)
	require.NoError(b, err)
	oneItem := string(text)
	d := newDecoder(wire.NewReader(oneItem))
	b.SetBytes(int64(len(oneItem)))
	b.ReportAllocs()
	for b.Loop() {
		// the decoder remembers the order of the attributes, as within a page
		*d.Reader = *wire.NewReader(oneItem)
		if err := d.decodeItem(&s.structPlan, reflect.ValueOf(new(T)).Elem()); err != nil {
			b.Fatal(err)
		}
	}
}
