package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

func ExampleConnect() {
	ctx := context.Background()
	// Without options: the environment, the profile or the role of the machine, as the AWS tools do.
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithRegion("eu-west-1"), dynamapper.WithTablePrefix("staging-"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	fmt.Println(players.Name())
	// Output: staging-players
}

func ExampleNew() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	client := dynamodb.NewFromConfig(exampleServer().Config()) // a client that the program has already
	mapper, err := dynamapper.New(client)
	check(err)
	same, err := dynamapper.TableOf[Player](mapper, dynamapper.WithTableName(players.Name()))
	check(err)
	waldo, err := same.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 200
}

// One mapper serves the tables of all models.
func ExampleMapper() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	fmt.Println(players.Name(), scores.Name())
	// Output: players scores
}

// busyClient fakes what a test needs: a service that has no capacity left.
type busyClient struct{ dynamapper.Client }

func (busyClient) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, &types.ProvisionedThroughputExceededException{}
}

// A fake embeds Client, and defines what its test needs.
func ExampleClient() {
	mapper, err := dynamapper.New(busyClient{})
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	_, err = players.Get(context.Background(), dynamapper.Key("waldo"))
	var busy *types.ProvisionedThroughputExceededException
	fmt.Println(errors.As(err, &busy))
	// Output: true
}

// Options are values: a program may collect them.
func ExampleOption() {
	opts := []dynamapper.Option{dynamapper.WithRegion("eu-west-1")}
	if stage := "staging"; stage != "production" {
		opts = append(opts, dynamapper.WithTablePrefix(stage+"-"))
	}
	mapper, err := dynamapper.Connect(context.Background(), opts...)
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	fmt.Println(players.Name())
	// Output: staging-players
}

func ExampleWithRegion() {
	ctx := context.Background()
	_, err := dynamapper.Connect(ctx, dynamapper.WithRegion("eu-west-1"))
	fmt.Println(err)
	// Beside an endpoint any name will do.
	_, err = dynamapper.Connect(ctx, dynamapper.WithRegion("local"), dynamapper.WithEndpoint("http://localhost:8000"))
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
}

func ExampleWithEndpoint() {
	ctx := context.Background()
	engine := exampleServer().Endpoint() // or http://localhost:8000, for dynamapper serve and DynamoDB Local
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithEndpoint(engine), dynamapper.WithRegion("local"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.EnsureTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	check(players.DeleteTable(ctx)) // as an example should
	// Output: 200
}

func ExampleWithCredentials() {
	_, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"),
		dynamapper.WithCredentials("AKIAIOSFODNN7EXAMPLE", "")) // a secret that somebody forgot to set
	fmt.Println(err)
	// Output: dynamapper: WithCredentials: the secret access key is empty; give both, or leave the option out to take them from the environment, the profile or the role of the machine
}

// The SDK's retries, time-outs and HTTP client are set as in every program that uses the SDK.
func ExampleWithConfig() {
	ctx := context.Background()
	cfg := exampleServer().Config() // or that of config.LoadDefaultConfig
	cfg.Retryer = func() aws.Retryer { return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 5 }) }
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(cfg), dynamapper.WithTablePrefix("config-"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)

	var missing *types.ResourceNotFoundException
	fmt.Println(errors.As(players.Verify(ctx), &missing))
	// Output: true
}

func ExampleWithTablePrefix() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"), dynamapper.WithTablePrefix("staging-"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	fmt.Println(players.Name(), scores.Name())
	// Output: staging-players staging-scores
}

func ExampleWithLogger() {
	ctx := context.Background()
	onlySome := func(_ []string, a slog.Attr) slog.Attr { // the time and the duration differ from run to run
		if a.Key == slog.LevelKey || a.Key == "operation" || a.Key == "attempts" {
			return a
		}
		return slog.Attr{}
	}
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: onlySome})
	mapper, end := exampleMapper(dynamapper.WithLogger(slog.New(handler)))
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo"}))
	// Output:
	// level=DEBUG operation=CreateTable attempts=1
	// level=DEBUG operation=PutItem attempts=1
}

func ExampleWithObserver() {
	ctx := context.Background()
	observe := func(_ context.Context, o dynamapper.Operation) { fmt.Println(o.Name, o.WriteUnits, o.Err) }
	mapper, end := exampleMapper(dynamapper.WithObserver(observe))
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo"}))
	// Output:
	// CreateTable 0 <nil>
	// PutItem 1 <nil>
}

// What an observer is told makes metrics.
func ExampleOperation() {
	ctx := context.Background()
	var requests, items int
	var took time.Duration
	mapper, end := exampleMapper(dynamapper.WithObserver(func(_ context.Context, o dynamapper.Operation) {
		requests, items, took = requests+o.Attempts, items+o.Items, took+o.Duration
	}))
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo"}))
	_, err = players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(requests, "requests,", items, "items,", took > 0)
	// Output: 3 requests, 2 items, true
}
