package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// Player is a player with virtual coins.
type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login   string `dynamo:"login,hash"`
	Balance int    `dynamo:"balance"`
}

// errTooFewCoins is the error of a purchase that costs more than the balance.
var errTooFewCoins = errors.New("too few coins")

// pay takes the price from the balance, in memory. A save stores it.
func (p *Player) pay(price int) error {
	if p.Balance < price {
		return errTooFewCoins
	}
	p.Balance -= price
	return nil
}

// describe returns a text about a player in the table.
func describe(
	ctx context.Context, players *dynamapper.Table[Player], login string,
) (string, error) {
	player, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
	if errors.Is(err, dynamapper.ErrNotFound) {
		return "there is no " + login, nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s has %d coins", player.Login, player.Balance), nil
}
