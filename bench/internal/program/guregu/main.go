// Command guregu reads an item with guregu/dynamo, and prints its email.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/guregu/dynamo/v2"
)

type player struct {
	Guild   string  `dynamo:"guild,hash"`
	ID      int     `dynamo:"id,range"`
	Email   string  `dynamo:"email"`
	Balance int64   `dynamo:"balance"`
	Rating  float64 `dynamo:"rating"`
	Banned  bool    `dynamo:"banned"`
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var p player
	err = dynamo.New(settings).Table("players").Get("guild", "night-watch").
		Range("id", dynamo.Equal, 0).One(ctx, &p)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Email)
}
