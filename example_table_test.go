package dynamapper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// exampleTableOf returns a table that does not exist yet; end deletes it if it was created.
func exampleTableOf[T dynamapper.IsModel]() (table *dynamapper.Table[T], end func()) {
	mapper, end := exampleMapper()
	table, err := dynamapper.TableOf[T](mapper)
	check(err)
	return table, end
}

// describe returns the service's own description of a table.
func describe(ctx context.Context, table string) *types.TableDescription {
	client := dynamodb.NewFromConfig(exampleServer().Config())
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	check(err)
	return out.Table
}

// A Table is made once, when the program starts, and shared by all goroutines.
func ExampleTable() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.EnsureTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	n, err := players.Scan().Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 1
}

func ExampleTableOf() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper) // no request is sent
	check(err)
	fmt.Println(players.Name())
	// Output: players
}

// openTable makes the table of any model. It calls TableOf, so that it needs the constraint.
func openTable[T dynamapper.IsModel](
	mapper *dynamapper.Mapper, name string,
) (*dynamapper.Table[T], error) {
	return dynamapper.TableOf[T](mapper, dynamapper.WithTableName(name))
}

func ExampleIsModel() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	players, err := openTable[Player](mapper, "ice-players")
	check(err)
	fmt.Println(players.Name())
	// Output: ice-players
}

// Two tables hold items of the same model, one for each world.
func ExampleTableOption() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	for _, world := range []string{"ice", "fire"} {
		var opts []dynamapper.TableOption
		if world != "ice" { // the first world's table keeps the model's name
			opts = append(opts, dynamapper.WithTableName("players-"+world))
		}
		players, err := dynamapper.TableOf[Player](mapper, opts...)
		check(err)
		fmt.Println(players.Name())
	}
	// Output:
	// players
	// players-fire
}

func ExampleWithTableName() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"),
		dynamapper.WithTablePrefix("staging-"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.WithTableName("archive"))
	check(err)
	fmt.Println(players.Name())
	// Output: staging-archive
}

func ExampleTable_Name() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	fmt.Println(players.Name())
	// Output: players
}

func ExampleTable_CreateTable() {
	ctx := context.Background()
	scores, end := exampleTableOf[Score]()
	defer end()

	check(scores.CreateTable(ctx, dynamapper.WaitActive()))
	table := describe(ctx, scores.Name())
	fmt.Println(table.TableStatus, len(table.GlobalSecondaryIndexes),
		len(table.LocalSecondaryIndexes))
	// Output: ACTIVE 1 1
}

// A CreateOption is a value: here, only production reserves capacity.
func ExampleCreateOption() {
	ctx := context.Background()
	players, end := exampleTableOf[Player]()
	defer end()

	opts := []dynamapper.CreateOption{dynamapper.WaitActive()}
	if stage := "production"; stage == "production" {
		opts = append(opts, dynamapper.Provisioned(10, 5))
	}
	check(players.CreateTable(ctx, opts...))
	fmt.Println(*describe(ctx, players.Name()).ProvisionedThroughput.ReadCapacityUnits)
	// Output: 10
}

func ExampleProvisioned() {
	ctx := context.Background()
	players, end := exampleTableOf[Player]()
	defer end()

	check(players.CreateTable(ctx, dynamapper.Provisioned(10, 5)))
	units := describe(ctx, players.Name()).ProvisionedThroughput
	fmt.Println(*units.ReadCapacityUnits, *units.WriteCapacityUnits)
	// Output: 10 5
}

// After CreateTable with WaitActive, the table can be used at once.
func ExampleWaitActive() {
	ctx := context.Background()
	players, end := exampleTableOf[Player]()
	defer end()

	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	fmt.Println(players.Save(ctx, &Player{Login: "waldo"}))
	// Output: <nil>
}

// CreateInput changes the request, here to enable a stream.
func ExampleCreateInput() {
	ctx := context.Background()
	players, end := exampleTableOf[Player]()
	defer end()

	check(players.CreateTable(ctx, dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		}
	})))
	fmt.Println(describe(ctx, players.Name()).StreamSpecification.StreamViewType)
	// Output: NEW_AND_OLD_IMAGES
}

// EnsureTable creates the table if it does not exist; otherwise it verifies it.
func ExampleTable_EnsureTable() {
	ctx := context.Background()
	players, end := exampleTableOf[Player]()
	defer end()

	fmt.Println(players.EnsureTable(ctx))
	fmt.Println(players.EnsureTable(ctx))
	// Output:
	// <nil>
	// <nil>
}

// Verify reports that the table lacks an index which the model has.
func ExampleTable_Verify() {
	type NewPlayer struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Email string `dynamo:"email" index:"by-email,hash"`
	}
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	old, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(old.CreateTable(ctx, dynamapper.WaitActive()))

	players, err := dynamapper.TableOf[NewPlayer](mapper)
	check(err)
	var differs *dynamapper.SchemaError
	fmt.Println(old.Verify(ctx))
	fmt.Println(errors.As(players.Verify(ctx), &differs))
	// Output:
	// <nil>
	// true
}

func ExampleTable_DeleteTable() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	check(players.DeleteTable(ctx))
	var missing *types.ResourceNotFoundException
	fmt.Println(errors.As(players.Verify(ctx), &missing))
	// Output: true
}
