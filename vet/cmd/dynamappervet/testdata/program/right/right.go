// Package right has no mistake.
package right

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
}

func save(ctx context.Context, players *dynamapper.Table[Player], p *Player) error {
	return players.Save(ctx, p)
}
