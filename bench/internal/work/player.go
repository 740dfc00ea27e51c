package work

import (
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper"
)

// tableName is the table of all models.
const tableName = "players"

// guild is the hash key of all items. The range key is their number.
const guild = "night-watch"

// Player has 12 attributes, about 400 bytes of wire JSON. The peers use it directly.
type Player struct {
	Guild   string    `dynamodbav:"guild" dynamo:"guild,hash"`
	ID      int       `dynamodbav:"id" dynamo:"id,range"`
	Login   string    `dynamodbav:"login" dynamo:"login"`
	Name    string    `dynamodbav:"name" dynamo:"name"`
	Email   string    `dynamodbav:"email" dynamo:"email"`
	Level   int       `dynamodbav:"level" dynamo:"level"`
	Balance int64     `dynamodbav:"balance" dynamo:"balance"`
	Rating  float64   `dynamodbav:"rating" dynamo:"rating"`
	Banned  bool      `dynamodbav:"banned" dynamo:"banned"`
	Badges  []string  `dynamodbav:"badges,stringset" dynamo:"badges,set"`
	Created time.Time `dynamodbav:"created" dynamo:"created"`
	Motto   string    `dynamodbav:"motto" dynamo:"motto"`
}

func newPlayer(i int) Player {
	return Player{
		Guild: guild, ID: i, Login: fmt.Sprintf("player-%06d", i),
		Name:  fmt.Sprintf("Waldo the %d. of his name", i),
		Email: fmt.Sprintf("player-%06d@example.com", i), Level: i % 60, Balance: int64(i) * 7,
		Rating: 1000.5 + float64(i), Banned: i%50 == 0,
		Badges: []string{"first-blood", "marathon"}, Created: newTime(i),
		Motto: "It is dark; you may be eaten.",
	}
}

// newTime returns a time that needs all nine digits of its fraction.
func newTime(i int) time.Time {
	return time.Date(2026, 5, 31, 12, i/60%60, i%60, 42_000_001, time.UTC)
}

// playerModel is dynamapper's model of a Player.
type playerModel struct {
	dynamapper.Model `dynamo:"players"`
	Player
}

var players = kind[Player, playerModel]{
	make: newPlayer, plain: func(m *playerModel) *Player { return &m.Player },
}

// scatteredPlayers come in any order.
var scatteredPlayers = kind[Player, playerModel]{
	make: newPlayer, plain: players.plain, number: func(p Player) int { return p.ID },
}

// versionedPlayer is a Player with an attribute for optimistic locking.
type versionedPlayer struct {
	Player
	Version int `dynamodbav:"version" dynamo:"version"`
}

// versionedModel is dynamapper's model of a versionedPlayer.
type versionedModel struct {
	dynamapper.Model `dynamo:"players"`
	Player
	Version int `dynamo:"version,version"`
}
