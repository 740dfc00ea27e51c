// Example is a command for the tables of a game. Without an endpoint in AWS_ENDPOINT_URL_DYNAMODB,
// it works on an engine in its own process, with tables and items as an older version of the game
// has left them:
//
//	go run ./example plan
//	go run ./example migrate -dry-run
//
// With an endpoint, several commands work on the same tables:
//
//	go run github.com/dynamapper/dynamapper/cmd/dynamapper serve -addr 127.0.0.1:8000 &
//	export AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000
//	go run ./example apply
//	go run ./example describe
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tool"
)

// Player is a player, as the game has it today.
type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string    `dynamo:"login,hash"`
	Level int       `dynamo:"level" index:"by-guild,range"`
	Guild string    `dynamo:"guild" index:"by-guild,hash"`
	Coins int       `dynamo:"coins"`
	Seen  time.Time `dynamo:"seen"`
}

// MigrateItem reads the items of the older version, which had gold.
func (*Player) MigrateItem(raw map[string]types.AttributeValue) error {
	if gold, old := raw["gold"]; old {
		raw["coins"] = gold
		delete(raw, "gold")
	}
	return nil
}

// Match is a match that a player has played. It expires.
type Match struct {
	dynamapper.Model `dynamo:"matches"`

	Login   string    `dynamo:"login,hash"`
	At      time.Time `dynamo:"at,range"`
	Won     bool      `dynamo:"won"`
	Expires time.Time `dynamo:"expires,ttl"`
}

func main() {
	tool.Main(connect, tool.ModelOf[Player](), tool.ModelOf[Match]())
}

// connect returns a mapper of the endpoint of the environment, or of an engine in this process.
func connect(ctx context.Context) (*dynamapper.Mapper, error) {
	server, err := dynamotest.Start(ctx)
	if err != nil {
		return nil, err
	}
	mapper, err := server.Mapper(ctx)
	if err != nil || server.Engine() == nil {
		return mapper, err
	}
	return mapper, makeOldTables(ctx, mapper)
}

// oldPlayer is a player of the older version.
type oldPlayer struct {
	dynamapper.Model `dynamo:"players"`

	Login string    `dynamo:"login,hash"`
	Level int       `dynamo:"level"`
	Guild string    `dynamo:"guild"`
	Gold  int       `dynamo:"gold"`
	Seen  time.Time `dynamo:"seen"`
}

// oldMatch is a match of the older version. It did not expire.
type oldMatch struct {
	dynamapper.Model `dynamo:"matches"`

	Login string    `dynamo:"login,hash"`
	At    time.Time `dynamo:"at,range"`
	Won   bool      `dynamo:"won"`
}

func makeOldTables(ctx context.Context, mapper *dynamapper.Mapper) error {
	players, err := dynamapper.TableOf[oldPlayer](mapper)
	if err != nil {
		return err
	}
	matches, err := dynamapper.TableOf[oldMatch](mapper)
	if err != nil {
		return err
	}
	if err := players.EnsureTable(ctx); err != nil {
		return err
	}
	if err := matches.EnsureTable(ctx); err != nil {
		return err
	}
	day := time.Date(2026, 5, 1, 20, 0, 0, 0, time.UTC)
	var some []*oldPlayer
	var played []*oldMatch
	for i := range 40 {
		login := fmt.Sprintf("player-%02d", i)
		some = append(some, &oldPlayer{Login: login, Level: 1 + i%7, Guild: "owls", Gold: 100 + i,
			Seen: day})
		played = append(played, &oldMatch{Login: login, At: day, Won: i%2 == 0})
	}
	if err := players.BatchSave(ctx, some); err != nil {
		return err
	}
	return matches.BatchSave(ctx, played)
}
