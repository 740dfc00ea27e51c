// Quickstart is the README's example.
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
	dynamapper.Model `dynamo:"players"`

	Login     string         `dynamo:"login,hash"`
	Balance   int            `dynamo:"balance"`
	Inventory map[string]int `dynamo:"inventory"`
}

func run(ctx context.Context) error {
	mapper, err := dynamapper.Connect(ctx) // AWS_REGION, AWS_PROFILE, a role, AWS_ENDPOINT_URL_DYNAMODB
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
	if errors.Is(err, dynamapper.ErrOverwrite) { // waldo has played before
		waldo, err = players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	}
	if err != nil {
		return err
	}
	if waldo.Balance < 150 {
		return fmt.Errorf("a sword costs 150, and waldo has %d", waldo.Balance)
	}
	waldo.Balance -= 150
	waldo.Inventory = map[string]int{"sword": 1}
	err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
	if errors.Is(err, dynamapper.ErrConflict) { // somebody bought meanwhile: nothing was written
		return fmt.Errorf("read waldo again, and decide anew: %w", err)
	}
	return err
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
