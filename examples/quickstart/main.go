// Quickstart is the README's first program.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/dynamapper/dynamapper"
)

// Player is a model: a struct with tags.
type Player struct {
	dynamapper.Model `dynamo:"players"` // the table

	Login     string         `dynamo:"login,hash"` // the hash key
	Balance   int            `dynamo:"balance"`
	Inventory map[string]int `dynamo:"inventory"`
}

// buySword takes 150 coins from a player and gives the player a sword.
func buySword(ctx context.Context, players *dynamapper.Table[Player], login string) error {
	player, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
	if err != nil {
		return err // ErrNotFound if there is no such player
	}
	if player.Balance < 150 {
		return fmt.Errorf("a sword costs 150 coins, and %s has %d", login, player.Balance)
	}
	player.Balance -= 150
	if player.Inventory == nil {
		player.Inventory = map[string]int{}
	}
	player.Inventory["sword"]++
	err = players.Save(ctx, player, dynamapper.FailOnConflict())
	if errors.Is(err, dynamapper.ErrConflict) { // nothing was written
		return fmt.Errorf("%s was changed since the read: read and decide again: %w", login, err)
	}
	return err
}

func run(ctx context.Context) error {
	mapper, err := dynamapper.Connect(ctx)
	if err != nil {
		return err
	}
	players, err := dynamapper.TableOf[Player](mapper)
	if err != nil {
		return err
	}
	if err := players.EnsureTable(ctx); err != nil {
		return err
	}
	waldo := &Player{Login: "waldo", Balance: 200}
	err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
	if err != nil && !errors.Is(err, dynamapper.ErrOverwrite) { // an earlier run saved waldo
		return err
	}
	if err := buySword(ctx, players, "waldo"); err != nil {
		return err
	}
	fmt.Println("waldo has bought a sword")
	return nil
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
