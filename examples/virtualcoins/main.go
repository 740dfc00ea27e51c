// Virtualcoins tells the story of the virtual coins on a DynamoDB engine: how two purchases at the
// same moment lose an update, how FailOnConflict refuses the second one, and what other mistakes
// the option prevents.
//
//	go run ./examples/virtualcoins
//
// The environment selects the engine: the endpoint AWS_ENDPOINT_URL_DYNAMODB if that is set, AWS if
// AWS_PROFILE or AWS_REGION is set, and otherwise an engine in the program's own process, which
// needs nothing but Go. Without flags, a run on AWS costs less than a cent. The program deletes its
// table at the end, even after a failure or an interrupt; the table's name is unique.
//
// To use DynamoDB Local, run "docker run -p 8000:8000 amazon/dynamodb-local" and set
// AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000. Any other engine works by its endpoint too.
package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program returns the story with its settings, which flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "virtualcoins",
		Title: "Virtual coins: two purchases at the same moment, and the resulting balance.",
		Cost:  "less than a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return tellStory(ctx, on, *s) },
	}
}

// settings holds the flags of the race.
type settings struct{ players, purchases int }

const (
	maxPlayers   = 100
	maxPurchases = 1000
)

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.players, "players", "number of players in the race", 4, 1, maxPlayers)
	flags.Int(&s.purchases, "purchases",
		fmt.Sprintf("number of purchases by each of a player's %d devices", devices), 10, 1,
		maxPurchases)
}

// story is the state that the scenes share.
type story struct {
	*stage.Stage
	settings settings
	players  *dynamapper.Table[Player]
}

func tellStory(ctx context.Context, on *stage.Stage, settings settings) error {
	players, err := dynamapper.TableOf[Player](on.Mapper)
	if err != nil {
		return err
	}
	s := &story{Stage: on, settings: settings, players: players}
	return s.PlayOn(ctx, players,
		s.lostUpdate, s.refusedPurchase, s.race, s.refusedOverwrite, s.editedKey, s.deletionByKey,
		s.move)
}
