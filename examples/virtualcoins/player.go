package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// Player is somebody with virtual coins.
type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login   string `dynamo:"login,hash"`
	Balance int    `dynamo:"balance"`
}

// errTooFewCoins is a purchase that the balance does not pay.
var errTooFewCoins = errors.New("too few coins")

// pay takes the price from the balance, in memory: a save makes it so.
func (p *Player) pay(price int) error {
	if p.Balance < price {
		return errTooFewCoins
	}
	p.Balance -= price
	return nil
}

// describe says what the table has of a player.
func describe(ctx context.Context, players *dynamapper.Table[Player], login string) (string, error) {
	player, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
	if errors.Is(err, dynamapper.ErrNotFound) {
		return "there is no " + login, nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s has %d coins", player.Login, player.Balance), nil
}
