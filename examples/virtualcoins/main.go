// Virtualcoins tells the story of the virtual coins on a DynamoDB engine: how two purchases at the same moment lose
// an update, how FailOnConflict refuses the second one, and what else the option keeps from going wrong.
//
//	go run ./examples/virtualcoins
//
// It runs on an engine in its own process, which needs nothing but Go, or where the environment says: at
// AWS_ENDPOINT_URL_DYNAMODB if that is set, else on AWS if AWS_PROFILE or AWS_REGION is. There it costs less than a cent
// without flags. Its table has a name of its own and is deleted at the end, also after a failure or an interrupt.
//
// On DynamoDB Local: docker run -p 8000:8000 amazon/dynamodb-local, and set AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000.
// Any other engine does as well, by its endpoint.
package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program is the story with settings, which its flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "virtualcoins",
		Title: "Virtual coins: two purchases at the same moment, and what becomes of the balance.",
		Cost:  "less than a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return tellStory(ctx, on, *s) },
	}
}

// settings is what the flags say of the race.
type settings struct{ players, purchases int }

const (
	maxPlayers   = 100
	maxPurchases = 1000
)

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.players, "players", "how many players take part in the race", 4, 1, maxPlayers)
	flags.Int(&s.purchases, "purchases", fmt.Sprintf("how many purchases each of a player's %d devices makes", devices), 10, 1, maxPurchases)
}

// story is what the scenes share.
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
		s.lostUpdate, s.refusedPurchase, s.race, s.refusedOverwrite, s.editedKey, s.deletionByKey, s.move)
}
