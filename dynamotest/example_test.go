package dynamotest_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// These examples are compiled and not run: they need a test, or an engine of their own.

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

// A test has tables of its own, and nothing to clean up.
func ExampleMapper() {
	var t *testing.T // of the test

	players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := players.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := players.Save(t.Context(), &Player{Login: "waldo", Coins: 200}); err != nil {
		t.Fatal(err)
	}
}

// A test of a program that connects by itself.
func ExampleRun() {
	var t *testing.T // of the test

	engine := dynamotest.Run(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.Endpoint())
	t.Setenv("AWS_REGION", engine.Config().Region)
	mapper, err := dynamapper.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = mapper
}

// A program that brings its engine along.
func ExampleStart() {
	ctx := context.Background()
	engine, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	fmt.Println("DynamoDB listens on", engine.Endpoint())
}

func ExampleServer() {
	ctx := context.Background()
	engine, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	mapper, err := engine.Mapper(ctx)
	if err != nil {
		log.Fatal(err)
	}
	players, err := dynamapper.TableOf[Player](mapper)
	if err != nil {
		log.Fatal(err)
	}
	if err := players.EnsureTable(ctx); err != nil {
		log.Fatal(err)
	}
}

func ExampleServer_Close() {
	engine, err := dynamotest.Start(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		log.Print(err) // the engine had ended before
	}
}

// A client of one's own beside the mapper.
func ExampleServer_Config() {
	var t *testing.T // of the test

	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	tables, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(tables.TableNames)
}

// For another program: AWS_ENDPOINT_URL_DYNAMODB.
func ExampleServer_Endpoint() {
	var t *testing.T // of the test

	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamotest.Run(t).Endpoint())
}

func ExampleServer_Mapper() {
	ctx := context.Background()
	engine, err := dynamotest.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()

	mapper, err := engine.Mapper(ctx, dynamapper.WithTablePrefix("demo-"))
	if err != nil {
		log.Fatal(err)
	}
	_ = mapper
}
