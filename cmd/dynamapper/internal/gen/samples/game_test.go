package samples

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// Match is an item of the entity "Match" of the table "game". The types of its fields fit the 3
// items of the sample.
type Match struct {
	dynamapper.Model `dynamo:"game,entity=Match,entityAttribute=type"`

	_       dynamapper.Computed `dynamo:"PK,hash,format=USER#{login}"`
	_       dynamapper.Computed `dynamo:"SK,range,format=MATCH#{day}#{matchId}"`
	_       dynamapper.Computed `dynamo:"GSI1PK,format=MAP#{map}" index:"GSI1,hash"`
	_       dynamapper.Computed `dynamo:"GSI1SK,format=POINTS#{points:6}" index:"GSI1,range"`
	Day     string              `dynamo:"day"`
	Login   string              `dynamo:"login"`
	Map     string              `dynamo:"map"`
	MatchID string              `dynamo:"matchId"`
	Points  int64               `dynamo:"points"`
}

// Player is an item of the entity "Player" of the table "game". The types of its fields fit the
// 4 items of the sample.
type Player struct {
	dynamapper.Model `dynamo:"game,entity=Player,entityAttribute=type"`

	_ dynamapper.Computed `dynamo:"PK,hash,format=USER#{login}"`
	_ dynamapper.Computed `dynamo:"SK,range,format=PROFILE"`
	_ dynamapper.Computed `dynamo:"GSI1PK,format=GUILD#{guild}" index:"GSI1,hash"`
	// It looks like text with parts, and the sample does not show a format for all of it.
	GSI1SK  string    `dynamo:"GSI1SK" index:"GSI1,range"`
	Created time.Time `dynamo:"created,layout=RFC3339"`
	Guild   string    `dynamo:"guild"`
	Level   int64     `dynamo:"level"`
	Login   string    `dynamo:"login"`
}

// Thing is an item of the entity "Thing" of the table "game". The types of its fields fit the 2
// items of the sample.
type Thing struct {
	dynamapper.Model `dynamo:"game,entity=Thing,entityAttribute=type"`

	// It looks like text with parts, and the sample does not show a format for all of it.
	PK string `dynamo:"PK,hash"`
	// It looks like text with parts, and the sample does not show a format for all of it.
	SK    string `dynamo:"SK,range"`
	Count int64  `dynamo:"count"`
}
