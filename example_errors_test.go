package dynamapper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// If the player does not exist, the program makes a new one.
func ExampleTable_Get_errNotFound() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	if errors.Is(err, dynamapper.ErrNotFound) {
		waldo, err = players.New(func(p *Player) { p.Login = "waldo" }), nil
	}
	check(err)
	fmt.Println(waldo.Login, players.IsNew(waldo))
	// Output: waldo true
}

// If another writer changed the item, the program reads it again and repeats the purchase.
func ExampleTable_Save_errConflict() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()
	// another writer, once
	disturb := func() { check(players.Save(ctx, &Player{Login: "waldo", Coins: 160})) }

	for {
		waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		check(err)
		if disturb != nil {
			disturb()
			disturb = nil
		}
		waldo.Coins -= 150
		err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
		if errors.Is(err, dynamapper.ErrConflict) {
			fmt.Println("again")
			continue
		}
		check(err)
		fmt.Println(waldo.Coins)
		break
	}
	// Output:
	// again
	// 10
}

// A ConflictError names the attributes that differ and holds the current item.
func ExampleConflictError() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	// another writer
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 160, Guild: "knights"}))
	err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
	var conflict *dynamapper.ConflictError
	if errors.As(err, &conflict) {
		fmt.Println(conflict.Key.Hash(), conflict.Attributes)
		printItem(conflict.Current)
	}
	// Output:
	// waldo [coins guild]
	// coins {"N":"160"}
	// guild {"S":"knights"}
	// login {"S":"waldo"}
}

// FailOnConflict refuses to save a new item over an existing one.
func ExampleTable_Save_errOverwrite() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo"}, dynamapper.FailOnConflict())
	if errors.Is(err, dynamapper.ErrOverwrite) {
		fmt.Println("choose another name")
	}
	// Output: choose another name
}

// An OverwriteError holds the item that already exists.
func ExampleOverwriteError() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo"}, dynamapper.FailOnConflict())
	var taken *dynamapper.OverwriteError
	if errors.As(err, &taken) {
		fmt.Println(taken.Key.Hash(), errors.Is(err, dynamapper.ErrConflict))
		printItem(taken.Current)
	}
	// Output:
	// waldo true
	// coins {"N":"200"}
	// login {"S":"waldo"}
}

// A NotFoundError names the operation and the key of the missing item.
func ExampleNotFoundError() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	_, err := players.Get(ctx, dynamapper.Key("wally"))
	var missing *dynamapper.NotFoundError
	if errors.As(err, &missing) {
		fmt.Println(missing.Op, missing.Key.Hash(), errors.Is(err, dynamapper.ErrNotFound))
	}
	// Output: Get wally true
}

// An item that was read in part cannot be saved whole.
func ExampleSelect_errPartial() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Select("coins"))
	check(err)
	err = players.Save(ctx, waldo)
	fmt.Println(errors.Is(err, dynamapper.ErrPartial))
	// Output: true
}

// A cursor is valid only for the query that returned it.
func ExampleQuery_From_errInvalidCursor() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	page, err := scores.Query("tetris").Limit(1).Page(ctx)
	check(err)
	_, err = scores.Query("chess").From(page.Cursor).Page(ctx)
	fmt.Println(errors.Is(err, dynamapper.ErrInvalidCursor))
	// Output: true
}

// TableOf refuses an invalid model before any request is sent.
func ExampleTableOf_errSchema() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string
	}
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	_, err = dynamapper.TableOf[Player](mapper)
	fmt.Println(errors.Is(err, dynamapper.ErrSchema))
	// Output: true
}

func ExampleSchemaError() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login  string   `dynamo:"login,hash"`
		Badges []string `dynamo:"badges,sett"`
	}
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithRegion("eu-west-1"))
	check(err)
	_, err = dynamapper.TableOf[Player](mapper)
	var wrong *dynamapper.SchemaError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Field+":", wrong.Problem)
	}
	// Output: Badges: option "sett" is not known; did you mean "set"?
}

// If one item cannot be decoded, All yields a FieldError and continues with the next item.
func ExampleFieldError() {
	type Odd struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Coins string `dynamo:"coins"` // should be a number
	}
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	odd, err := dynamapper.TableOf[Odd](mapper)
	check(err)
	check(odd.Save(ctx, &Odd{Login: "wally", Coins: "many"}))

	for player, err := range players.Scan().All(ctx) {
		var wrong *dynamapper.FieldError
		if errors.As(err, &wrong) {
			fmt.Println(wrong.Key.Hash(), wrong.Attribute)
			continue
		}
		check(err)
		fmt.Println(player.Login, player.Coins)
	}
	// Unordered output:
	// waldo 200
	// wally coins
}

// Take has deleted an item of another program that the model cannot read. Nothing is lost.
func ExampleOldItemError() {
	type Odd struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Coins string `dynamo:"coins"` // should be a number
	}
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	odd, err := dynamapper.TableOf[Odd](mapper)
	check(err)
	check(odd.Save(ctx, &Odd{Login: "waldo", Coins: "many"}))

	_, err = players.Take(ctx, dynamapper.Key("waldo"))
	var wrong *dynamapper.OldItemError
	if errors.As(err, &wrong) {
		printItem(wrong.Old)
	}
	// Output:
	// coins {"S":"many"}
	// login {"S":"waldo"}
}

func ExampleConnect_errInvalidRegion() {
	_, err := dynamapper.Connect(context.Background(),
		dynamapper.WithConfig(aws.Config{Region: "europe"}))
	fmt.Println(errors.Is(err, dynamapper.ErrInvalidRegion))
	// Output: true
}

func ExampleInvalidRegionError() {
	_, err := dynamapper.Connect(context.Background(),
		dynamapper.WithConfig(aws.Config{Region: "europe"}))
	var wrong *dynamapper.InvalidRegionError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Region)
		fmt.Println(err)
	}
	// Output:
	// europe
	// dynamapper: Connect: "europe" is not an AWS region; give a region such as "eu-west-1", or an endpoint with WithEndpoint
}

// A ConditionError holds the current item.
func ExampleConditionError() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	_, err := players.Update(dynamapper.Key("waldo")).Add("coins", -500).
		If(dynamapper.Attr("coins", dynamapper.GE(500))).Run(ctx)
	var refused *dynamapper.ConditionError
	if errors.As(err, &refused) {
		fmt.Println(refused.Key.Hash())
		printItem(refused.Current)
	}
	// Output:
	// waldo
	// coins {"N":"200"}
	// login {"S":"waldo"}
}

// If the condition fails, nothing is written.
func ExampleIf_errConditionFailed() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo", Coins: 5},
		dynamapper.If(dynamapper.Attr("coins", dynamapper.LT(5))))
	if errors.Is(err, dynamapper.ErrConditionFailed) {
		fmt.Println("the better result stays")
	}
	// Output: the better result stays
}

type Clan struct {
	dynamapper.Model `dynamo:"clans"`

	ID   int    `dynamo:"id,hash,autoincrement"`
	Name string `dynamo:"name"`
}

// exampleClans makes a table with two clans that were saved with explicit ids, 1 and 2.
func exampleClans(
	ctx context.Context, opts ...dynamapper.Option,
) (clans *dynamapper.Table[Clan], end func()) {
	mapper, end := exampleMapper(opts...)
	clans, err := dynamapper.TableOf[Clan](mapper)
	check(err)
	check(clans.CreateTable(ctx))
	check(clans.Save(ctx, &Clan{ID: 1, Name: "knights"}))
	check(clans.Save(ctx, &Clan{ID: 2, Name: "rogues"}))
	return clans, end
}

// WithMaxRetries(6) lets Save skip up to five ids that are already in use.
func ExampleWithMaxRetries() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(6)) // ids 1 and 2 are in use
	defer end()

	bards := &Clan{Name: "bards"}
	check(clans.Save(ctx, bards))
	fmt.Println(bards.ID)
	// Output: 3
}

// Without the option, Save tries MaxRetries ids.
func ExampleWithMaxRetries_more() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(10*dynamapper.MaxRetries))
	defer end()

	fmt.Println(clans.Save(ctx, &Clan{Name: "bards"}))
	// Output: <nil>
}

func ExampleMaxRetriesExceededError() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(2)) // ids 1 and 2 are in use
	defer end()

	bards := &Clan{Name: "bards"}
	err := clans.Save(ctx, bards)
	var exceeded *dynamapper.MaxRetriesExceededError
	if errors.As(err, &exceeded) {
		fmt.Println(exceeded.Op, exceeded.Tries, bards.ID)
	}
	// Output: Save 2 0
}

// A failed Save uses up the ids that it tried; the next Save continues with the id after them.
func ExampleTable_Save_errMaxRetriesExceeded() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(2)) // ids 1 and 2 are in use
	defer end()

	bards := &Clan{Name: "bards"}
	err := clans.Save(ctx, bards)
	if errors.Is(err, dynamapper.ErrMaxRetriesExceeded) {
		err = clans.Save(ctx, bards)
	}
	check(err)
	fmt.Println(bards.ID)
	// Output: 3
}

// exampleLossy makes a table with these players behind a connection that loses the responses to
// updates: the service applies them, but the caller gets no response.
func exampleLossy(
	ctx context.Context, items ...*Player,
) (players *dynamapper.Table[Player], end func()) {
	good, end := exampleTable(ctx, items...)
	line := dynamotest.NewFaults()
	line.Each("UpdateItem", func(int) dynamotest.Fault { return dynamotest.Lose() })
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(line.Config(exampleServer())))
	check(err)
	players, err = dynamapper.TableOf[Player](mapper, dynamapper.WithTableName(good.Name()))
	check(err)
	return players, end
}

func ExampleUnknownOutcomeError() {
	ctx := context.Background()
	// a network that loses responses
	players, end := exampleLossy(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	waldo.Coins -= 150
	err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
	var doubt *dynamapper.UnknownOutcomeError
	if errors.As(err, &doubt) {
		fmt.Println(doubt.Op, doubt.Key.Hash(), errors.Is(err, dynamapper.ErrConflict))
	}
	// Output: Save waldo false
}

// If the response is lost, reading the item shows whether the purchase was applied: the sword is
// there. For a model with a version, Settle is safer.
func ExampleTable_Save_errUnknownOutcome() {
	ctx := context.Background()
	// a network that loses responses
	players, end := exampleLossy(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	waldo.Coins -= 150
	waldo.Inventory = map[string]int{"sword": 1}
	err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
	if errors.Is(err, dynamapper.ErrUnknownOutcome) {
		waldo, err = players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	}
	check(err)
	fmt.Println(waldo.Coins, waldo.Inventory["sword"])
	// Output: 50 1
}

// Account has a version, which Settle renews.
type Account struct {
	dynamapper.Model `dynamo:"accounts"`

	ID      string `dynamo:"id,hash"`
	Balance int    `dynamo:"balance"`
	Version int    `dynamo:"version,version"`
}

// The request was lost on its way and could still arrive. Settle makes sure that it cannot be
// applied later, and returns the current item.
func ExampleTable_Settle() {
	ctx := context.Background()
	good, end := exampleMapper()
	defer end()
	accounts, err := dynamapper.TableOf[Account](good)
	check(err)
	check(accounts.CreateTable(ctx))
	check(accounts.Save(ctx, &Account{ID: "waldo", Balance: 200}))

	line := dynamotest.NewFaults()
	line.On("UpdateItem", 1, dynamotest.Drop())
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(line.Config(exampleServer())))
	check(err)
	accounts, err = dynamapper.TableOf[Account](mapper, dynamapper.WithTableName(accounts.Name()))
	check(err)
	waldo, err := accounts.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	waldo.Balance -= 150
	err = accounts.Save(ctx, waldo, dynamapper.FailOnConflict())
	if errors.Is(err, dynamapper.ErrUnknownOutcome) {
		waldo, err = accounts.Settle(ctx, accounts.KeyOf(waldo))
	}
	check(err)
	fmt.Println(waldo.Balance) // not applied, and it never will be
	// Output: 200
}

// The response is lost and the request is sent again, but the purchase is applied only once.
func ExampleIdempotent() {
	ctx := context.Background()
	good, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()
	line := dynamotest.NewFaults()
	line.On("TransactWriteItems", 1, dynamotest.Lose())
	mapper, err := dynamapper.Connect(ctx, dynamapper.WithConfig(line.Config(exampleServer())))
	check(err)
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.WithTableName(good.Name()))
	check(err)

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	waldo.Coins -= 150
	check(players.Save(ctx, waldo, dynamapper.FailOnConflict(), dynamapper.Idempotent()))
	stored, err := good.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(stored.Coins, line.Sent("TransactWriteItems"))
	// Output: 50 2
}

// A RequestError names the call and the table of a request that failed. It wraps the SDK's error.
func ExampleRequestError() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()
	check(players.DeleteTable(ctx))

	_, err := players.Get(ctx, dynamapper.Key("waldo"))
	var failed *dynamapper.RequestError
	if errors.As(err, &failed) {
		var missing *types.ResourceNotFoundException
		fmt.Println(failed.Op, failed.Table == players.Name(), errors.As(failed.Err, &missing))
	}
	// Output: Get true true
}
