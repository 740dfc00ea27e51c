package tool_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tool"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

type Match struct {
	dynamapper.Model `dynamo:"matches"`

	ID int `dynamo:"id,hash"`
}

// The whole program of a command, such as cmd/schema/main.go.
func ExampleMain() {
	connect := func(ctx context.Context) (*dynamapper.Mapper, error) {
		return dynamapper.Connect(ctx, dynamapper.WithTablePrefix("staging-"))
	}
	tool.Main(connect, tool.ModelOf[Player](), tool.ModelOf[Match]())
}

// A program that does more than Main runs a command with its own arguments and context.
func ExampleRun() {
	ctx := context.Background()
	server, err := dynamotest.StartEngine()
	if err != nil {
		log.Fatal(err)
	}
	connect := func(ctx context.Context) (*dynamapper.Mapper, error) { return server.Mapper(ctx) }
	for _, command := range []string{"verify", "apply", "verify"} {
		status := tool.Run(ctx, []string{command}, os.Stdout, os.Stderr, connect,
			tool.ModelOf[Player]())
		fmt.Println("status", status)
	}
	// Output:
	// players: the table does not exist; create it with apply
	// status 2
	// done: players: create the table with the keys hash "login" (S), on demand
	// status 0
	// players: as the models say
	// status 0
}

// A model gets the options that the program gives to TableOf.
func ExampleModelOf() {
	old := tool.ModelOf[Player](dynamapper.WithTableName("players-2025"))
	tool.Run(context.Background(), []string{"verify", "-table", "players"}, os.Stdout, os.Stdout,
		func(ctx context.Context) (*dynamapper.Mapper, error) {
			server, err := dynamotest.StartEngine()
			if err != nil {
				return nil, err
			}
			return server.Mapper(ctx)
		}, old)
	// Output:
	// error: -table: no model has the table "players"; the tables are "players-2025"
}
