package work

import "github.com/dynamapper/dynamapper"

// raid differs from a Player in the order, the names and the types of its fields. It has a nested
// struct and a list of structs.
type raid struct {
	Loot   []loot  `dynamodbav:"loot" dynamo:"loot"`
	Open   bool    `dynamodbav:"is_open" dynamo:"is_open"`
	Seed   uint64  `dynamodbav:"seed" dynamo:"seed"`
	Share  float32 `dynamodbav:"share" dynamo:"share"`
	Place  place   `dynamodbav:"place" dynamo:"place"`
	Icon   []byte  `dynamodbav:"icon" dynamo:"icon"`
	Leader *string `dynamodbav:"leader" dynamo:"leader"`
	Rounds int16   `dynamodbav:"rounds" dynamo:"rounds"`
	Code   string  `dynamodbav:"code" dynamo:"code,range"`
	Guild  string  `dynamodbav:"guild" dynamo:"guild,hash"`
}

type place struct {
	Realm string `dynamodbav:"realm" dynamo:"realm"`
	X     int    `dynamodbav:"x" dynamo:"x"`
	Y     int    `dynamodbav:"y" dynamo:"y"`
}

type loot struct {
	Count int    `dynamodbav:"count" dynamo:"count"`
	Name  string `dynamodbav:"name" dynamo:"name"`
}

func newRaid(i int) raid {
	leader := newPlayer(i).Login
	return raid{
		Loot: []loot{{i % 9, "sword"}, {i, "arrow"}}, Open: i%2 == 0, Seed: 1<<63 + uint64(i),
		Share: 0.25, Place: place{"north", i, -i}, Icon: []byte{1, 2, byte(i)}, Leader: &leader,
		Rounds: int16(i % 300), Code: "raid-" + leader, Guild: guild,
	}
}

// raidModel is dynamapper's model of a raid. It stores structs and lists as the peers do.
type raidModel struct {
	dynamapper.Model `dynamo:"players,document"`
	raid
}

var raids = kind[raid, raidModel]{make: newRaid, plain: func(m *raidModel) *raid { return &m.raid }}
