// Package wrong has a mistake that only a check by types sees, and one in its tags.
package wrong

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hsh"`
}

func save(ctx context.Context, players *dynamapper.Table[Player], p *Player) {
	players.Save(ctx, p)
}
