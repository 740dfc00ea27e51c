package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

func ExampleConnect() {
	ctx := context.Background()
	// Without options, Connect uses the environment, the profile or the role, as the AWS tools do.
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithRegion("eu-west-1"),
		dynamapper.WithTablePrefix("staging-"))
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

	// a client that the program already has
	client := dynamodb.NewFromConfig(exampleServer().Config())
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

// busyClient is a fake of a service without free capacity.
type busyClient struct{ dynamapper.Client }

func (busyClient) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return nil, &types.ProvisionedThroughputExceededException{}
}

// A fake embeds Client and defines only the methods that its test needs.
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

// An Option is a value, so a program can collect options at run time.
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
	// With an endpoint, any name is valid.
	_, err = dynamapper.Connect(ctx, dynamapper.WithRegion("local"),
		dynamapper.WithEndpoint("http://localhost:8000"))
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
}

func ExampleWithEndpoint() {
	ctx := context.Background()
	// http://localhost:8000 for dynamapper serve and DynamoDB Local
	engine := exampleServer().Endpoint()
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithEndpoint(engine),
		dynamapper.WithRegion("local"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.EnsureTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	check(players.DeleteTable(ctx)) // only because this is an example
	// Output: 200
}

func ExampleWithCredentials() {
	_, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"),
		dynamapper.WithCredentials("AKIAIOSFODNN7EXAMPLE", "")) // the secret was not set
	fmt.Println(err)
	// Output: dynamapper: WithCredentials: the secret access key is empty; pass both, or leave the option out to take them from the environment, the profile or the role of the machine
}

// WithConfig uses a configuration of the SDK, with its retries, timeouts and HTTP client.
func ExampleWithConfig() {
	ctx := context.Background()
	cfg := exampleServer().Config() // or from config.LoadDefaultConfig
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(
			func(o *retry.StandardOptions) { o.MaxAttempts = 5 })
	}
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(cfg),
		dynamapper.WithTablePrefix("config-"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)

	var missing *types.ResourceNotFoundException
	fmt.Println(errors.As(players.Verify(ctx), &missing))
	// Output: true
}

func ExampleWithTablePrefix() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"),
		dynamapper.WithTablePrefix("staging-"))
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
	// the time and the duration differ between runs
	onlySome := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey || a.Key == "operation" || a.Key == "attempts" {
			return a
		}
		return slog.Attr{}
	}
	handler := slog.NewTextHandler(os.Stdout,
		&slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: onlySome})
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
	observe := func(_ context.Context, o dynamapper.Operation) {
		fmt.Println(o.Name, o.WriteUnits,
			o.Err)
	}
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

// An observer collects metrics from operations.
// A program that leaves all requests to the SDK's middleware, for example to find out whether a
// fault is the mapper's.
func ExampleWithSDKPipeline() {
	ctx := context.Background()
	observe := func(_ context.Context, o dynamapper.Operation) {
		fmt.Println(o.Name, "by our own pipeline:", o.OwnPipeline)
	}
	mapper, err := dynamapper.New(dynamodb.NewFromConfig(exampleServer().Config()),
		dynamapper.WithSDKPipeline(), dynamapper.WithObserver(observe))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	_, _ = players.Get(ctx, dynamapper.Key("waldo"))
	// Output: GetItem by our own pipeline: false
}

func ExampleOperation() {
	ctx := context.Background()
	var requests, items int
	var took time.Duration
	mapper, end := exampleMapper(
		dynamapper.WithObserver(func(_ context.Context, o dynamapper.Operation) {
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

// With FailOnConflict as a default, no save through this table overwrites the changes of another
// writer.
func ExampleDefaults() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper,
		dynamapper.Defaults(dynamapper.FailOnConflict()))
	check(err)
	check(players.CreateTable(ctx))

	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	err = players.Save(ctx, &Player{Login: "waldo"})
	fmt.Println(errors.Is(err, dynamapper.ErrOverwrite))
	// Output: true
}

// LastWriterWins overrides the table's defaults for one call.
func ExampleLastWriterWins() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper,
		dynamapper.Defaults(dynamapper.FailOnConflict()))
	check(err)
	check(players.CreateTable(ctx))

	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	fmt.Println(players.Save(ctx, &Player{Login: "waldo"}, dynamapper.LastWriterWins()))
	// Output: <nil>
}

// A WriteOption, such as a condition, fits every kind of write.
func ExampleWriteOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var rich dynamapper.WriteOption = dynamapper.If(dynamapper.Attr("coins", dynamapper.GE(150)))
	fmt.Println(players.Save(ctx, waldo, rich), players.Delete(ctx, waldo, rich))
	// Output: <nil> <nil>
}

// A ConflictOption fits all writes of an item that was read.
func ExampleConflictOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var careful dynamapper.ConflictOption = dynamapper.FailOnConflict()
	fmt.Println(players.Save(ctx, waldo, careful), players.Delete(ctx, waldo, careful))
	// Output: <nil> <nil>
}

// A ChangedOption fits saves: ChangedOnly sends only the edited attributes.
func ExampleChangedOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var changed dynamapper.ChangedOption = dynamapper.ChangedOnly()
	fmt.Println(players.Save(ctx, waldo, changed))
	// Output: <nil>
}

// An IdempotentOption fits writes of one item: Idempotent applies a write exactly once.
func ExampleIdempotentOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var once dynamapper.IdempotentOption = dynamapper.Idempotent()
	fmt.Println(players.Save(ctx, waldo, once), players.Delete(ctx, waldo, once))
	// Output: <nil> <nil>
}

// An OverwriteOption fits all writes that may overwrite, including batches.
func ExampleOverwriteOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var overwrite dynamapper.OverwriteOption = dynamapper.LastWriterWins()
	fmt.Println(players.BatchSave(ctx, []*Player{waldo}, overwrite))
	// Output: <nil>
}

// A BatchOption is a value, so a program can collect options at run time.
func ExampleBatchOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.BatchOption{dynamapper.LastWriterWins()}
	fmt.Println(players.BatchSave(ctx, []*Player{waldo}, opts...))
	// Output: <nil>
}

// A DeleteOption is a value, so a program can collect options at run time.
func ExampleDeleteOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.DeleteOption{dynamapper.FailOnConflict(), dynamapper.MustExist()}
	fmt.Println(players.Delete(ctx, waldo, opts...))
	// Output: <nil>
}

// A DeleteKeyOption is a value, so a program can collect options at run time.
func ExampleDeleteKeyOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.DeleteKeyOption{dynamapper.MustExist()}
	fmt.Println(players.DeleteKey(ctx, players.KeyOf(waldo), opts...))
	// Output: <nil>
}

// A ModifyOption is a value, so a program can collect options at run time.
func ExampleModifyOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.ModifyOption{dynamapper.Idempotent()}
	waldo, err = players.Modify(ctx, players.KeyOf(waldo),
		func(p *Player) error { p.Coins -= 150; return nil }, opts...)
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 50
}

// A TxOption is a value, so a program can collect options at run time.
func ExampleTxOption() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	opts := []dynamapper.TxOption{dynamapper.MustExist()}
	err := mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
		if err != nil {
			return err
		}
		waldo.Coins -= 150
		return players.In(tx).Save(waldo, opts...)
	})
	fmt.Println(err)
	// Output: <nil>
}

// A program's configuration can decide the defaults of a table.
func ExampleDefaultOption() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	defaults := []dynamapper.DefaultOption{dynamapper.FailOnConflict()}
	if mobile := true; mobile { // connections often break
		defaults = append(defaults, dynamapper.Idempotent())
	}
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.Defaults(defaults...))
	check(err)
	check(players.CreateTable(ctx))
	fmt.Println(players.Save(ctx, &Player{Login: "waldo"}))
	// Output: <nil>
}

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

// The table belongs to another account, whose resource policy allows the requests.
func ExampleWithTableName_otherAccount() {
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"),
		dynamapper.WithTablePrefix("staging-"))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.WithTableName(
		"arn:aws:dynamodb:eu-west-1:111122223333:table/players"))
	check(err)
	fmt.Println(players.Name())
	// Output: arn:aws:dynamodb:eu-west-1:111122223333:table/players
}

// The client sends the requests that the mapper does not have.
func ExampleMapper_Client() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()
	mapper, err := exampleServer().Mapper(ctx)
	check(err)

	client := mapper.Client().(*dynamodb.Client)
	tables, err := client.ListTables(ctx, &dynamodb.ListTablesInput{})
	check(err)
	fmt.Println(slices.Contains(tables.TableNames, players.Name()))
	// Output: true
}

func ExampleTable_Describe() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()

	table, err := players.Describe(ctx)
	check(err)
	fmt.Println(table.TableStatus, *table.ItemCount)
	// Output: ACTIVE 1
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
