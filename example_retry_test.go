package dynamapper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

type Clan struct {
	dynamapper.Model `dynamo:"clans"`

	ID   int    `dynamo:"id,hash,autoincrement"`
	Name string `dynamo:"name"`
}

// exampleClans makes a table whose first two ids were taken by hand.
func exampleClans(ctx context.Context, opts ...dynamapper.Option) (clans *dynamapper.Table[Clan], end func()) {
	mapper, end := exampleMapper(opts...)
	clans, err := dynamapper.TableOf[Clan](mapper)
	check(err)
	check(clans.CreateTable(ctx))
	check(clans.Save(ctx, &Clan{ID: 1, Name: "knights"}))
	check(clans.Save(ctx, &Clan{ID: 2, Name: "rogues"}))
	return clans, end
}

// An id that was taken by hand is skipped, here five times at most.
func ExampleWithMaxRetries() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(6)) // 1 and 2 were taken by hand
	defer end()

	bards := &Clan{Name: "bards"}
	check(clans.Save(ctx, bards))
	fmt.Println(bards.ID)
	// Output: 3
}

// MaxRetries is how often it is tried without the option.
func ExampleWithMaxRetries_more() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(10*dynamapper.MaxRetries))
	defer end()

	fmt.Println(clans.Save(ctx, &Clan{Name: "bards"}))
	// Output: <nil>
}

func ExampleMaxRetriesExceededError() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(2)) // 1 and 2 were taken by hand
	defer end()

	bards := &Clan{Name: "bards"}
	err := clans.Save(ctx, bards)
	var exceeded *dynamapper.MaxRetriesExceededError
	if errors.As(err, &exceeded) {
		fmt.Println(exceeded.Op, exceeded.Tries, bards.ID)
	}
	// Output: Save 2 0
}

// The ids that were tried stay behind: saving again goes on with the next.
func ExampleTable_Save_errMaxRetriesExceeded() {
	ctx := context.Background()
	clans, end := exampleClans(ctx, dynamapper.WithMaxRetries(2)) // 1 and 2 were taken by hand
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

// exampleLossy makes a table with these players at the end of a line that loses the answers of updates: the service applies
// them, and the caller gets nothing.
func exampleLossy(ctx context.Context, items ...*Player) (players *dynamapper.Table[Player], end func()) {
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
	players, end := exampleLossy(ctx, &Player{Login: "waldo", Coins: 200}) // a network that loses answers
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

// The purchase was made, or not, and the sword tells. A model with a version settles it: see Settle.
func ExampleTable_Save_errUnknownOutcome() {
	ctx := context.Background()
	players, end := exampleLossy(ctx, &Player{Login: "waldo", Coins: 200}) // a network that loses answers
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

// The request was lost on its way, and may still arrive: it is settled before the purchase is made
// anew.
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
	fmt.Println(waldo.Balance) // it was not applied, and never will be
	// Output: 200
}

// The network loses the answer, and the purchase is made all the same, once.
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
