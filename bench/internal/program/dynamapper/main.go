// Command dynamapper reads an item with dynamapper, and prints its email.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/dynamapper/dynamapper"
)

type player struct {
	dynamapper.Model `dynamo:"players"`
	Guild            string  `dynamo:"guild,hash"`
	ID               int     `dynamo:"id,range"`
	Email            string  `dynamo:"email"`
	Balance          int64   `dynamo:"balance"`
	Rating           float64 `dynamo:"rating"`
	Banned           bool    `dynamo:"banned"`
}

func main() {
	ctx := context.Background()
	mapper, err := dynamapper.Connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	players, err := dynamapper.TableOf[player](mapper)
	if err != nil {
		log.Fatal(err)
	}
	p, err := players.Get(ctx, dynamapper.Key("night-watch", 0))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Email)
}
