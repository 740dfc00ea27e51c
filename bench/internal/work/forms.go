package work

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
)

// members returns the attributes of an item as JSON, and their names in order.
func members(item rawItem) (map[string]json.RawMessage, []string, error) {
	text, err := itemJSON(item)
	if err != nil {
		return nil, nil, err
	}
	var values map[string]json.RawMessage
	err = json.Unmarshal(text, &values)
	return values, slices.Sorted(maps.Keys(values)), err
}

// object returns JSON with the given members, in this order.
func object(values map[string]json.RawMessage, names []string) []byte {
	var to bytes.Buffer
	for i, name := range names {
		fmt.Fprintf(&to, `%c"%s":%s`, "{,"[min(i, 1)], name, values[name])
	}
	to.WriteByte('}')
	return to.Bytes()
}

// random returns the same random numbers for an item each time.
func random(i int) *rand.Rand { return rand.New(rand.NewPCG(7, uint64(i))) }

// shuffledPlayers come with their attributes in another order in each item.
var shuffledPlayers = kind[Player, playerModel]{
	make: newPlayer, plain: players.plain,
	text: func(i int, item rawItem) ([]byte, error) {
		values, names, err := members(item)
		random(i).Shuffle(len(names), func(a, b int) { names[a], names[b] = names[b], names[a] })
		return object(values, names), err
	},
}

// sparsePlayers lack about half of their attributes, others in each item.
var sparsePlayers = kind[Player, playerModel]{
	make: func(i int) Player {
		p, r := newPlayer(i), random(i)
		for _, field := range absentFields(r) {
			reflect.ValueOf(&p).Elem().Field(field).SetZero()
		}
		return p
	},
	plain: players.plain,
	text: func(i int, item rawItem) ([]byte, error) {
		values, names, err := members(item)
		for _, field := range absentFields(random(i)) {
			absent := reflect.TypeFor[Player]().Field(field).Tag.Get("dynamo")
			absent, _, _ = strings.Cut(absent, ",")
			names = slices.DeleteFunc(names, func(name string) bool { return name == absent })
		}
		return object(values, names), err
	},
}

// absentFields chooses fields that are not in the key.
func absentFields(r *rand.Rand) []int {
	var absent []int
	for field := 2; field < reflect.TypeFor[Player]().NumField(); field++ {
		if r.IntN(2) == 0 {
			absent = append(absent, field)
		}
	}
	return absent
}

// unicodePlayers have texts outside of ASCII.
var unicodePlayers = kind[Player, playerModel]{
	make: func(i int) Player {
		p := newPlayer(i)
		p.Login, p.Name = fmt.Sprintf("игрок-%06d", i), fmt.Sprintf("Łukasz Żółć %d.", i)
		p.Motto = "暗いです。ランプを持って行きなさい。🔦"
		return p
	},
	plain: players.plain,
}

// escapedPlayers have texts with characters that JSON escapes.
var escapedPlayers = kind[Player, playerModel]{
	make: func(i int) Player {
		p := newPlayer(i)
		p.Login, p.Name = fmt.Sprintf("guild\\player-%d", i), fmt.Sprintf("\"Waldo\" the %d.", i)
		p.Motto = "It is dark;\n\tyou may be \"eaten\"."
		return p
	},
	plain: players.plain,
}

// selected are the attributes that a query selects.
var selected = []string{"guild", "id", "level"}

// selectedPlayers come with three of their attributes.
var selectedPlayers = kind[Player, playerModel]{
	make: func(i int) Player {
		p := newPlayer(i)
		return Player{Guild: p.Guild, ID: p.ID, Level: p.Level}
	},
	plain: players.plain,
	text: func(_ int, item rawItem) ([]byte, error) {
		values, _, err := members(item)
		return object(values, selected), err
	},
}
