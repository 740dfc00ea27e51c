package dynamapper_test

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// inTransaction stages an update of waldo in a transaction of its own, and returns him as he is then.
func inTransaction(
	ctx context.Context, players *dynamapper.Table[Player], mapper *dynamapper.Mapper,
	stage func(*dynamapper.TxUpdate[Player]),
) (*Player, error) {
	err := mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		stage(players.In(tx).Update(dynamapper.Key("waldo")))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
}

// exampleWaldo makes a mapper and a table with one player.
func exampleWaldo(ctx context.Context) (
	mapper *dynamapper.Mapper, players *dynamapper.Table[Player], end func(),
) {
	mapper, end = exampleMapper()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200, Badges: []string{"gold"},
		Inventory: map[string]int{"sword": 1}}))
	return mapper, players, end
}

// The commit does all clauses at once, exactly once.
func ExampleTxUpdate() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -150).Add(dynamapper.Path("inventory", "shield"), 1)
	})
	check(err)
	fmt.Println(waldo.Coins, waldo.Inventory)
	// Output: 50 map[shield:1 sword:1]
}

// A value replaces the one that is stored.
func ExampleTxUpdate_Set() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.Set("guild", "knights")
	})
	check(err)
	fmt.Println(waldo.Guild)
	// Output: knights
}

// A value that is stored stays.
func ExampleTxUpdate_SetIfAbsent() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.SetIfAbsent("coins", 10).SetIfAbsent("guild", "knights")
	})
	check(err)
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 200 knights
}

// A negative number subtracts.
func ExampleTxUpdate_Add() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -50)
	})
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 150
}

// A path leads to a member of a document.
func ExampleTxUpdate_Remove() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.Remove("badges", dynamapper.Path("inventory", "sword"))
	})
	check(err)
	fmt.Println(len(waldo.Badges), len(waldo.Inventory))
	// Output: 0 0
}

// A set has each member once.
func ExampleTxUpdate_AddToSet() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.AddToSet("badges", "gold", "fast")
	})
	check(err)
	fmt.Println(len(waldo.Badges))
	// Output: 2
}

// The attribute is removed with its last member.
func ExampleTxUpdate_RemoveFromSet() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.RemoveFromSet("badges", "gold")
	})
	check(err)
	fmt.Println(len(waldo.Badges))
	// Output: 0
}

// A condition guards all writes of the transaction.
func ExampleTxUpdate_If() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -150).If(dynamapper.Attr("coins", dynamapper.GE(150)))
	})
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 50
}

// An item that is missing is not made.
func ExampleTxUpdate_MustExist() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	waldo, err := inTransaction(ctx, players, mapper, func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", 1).MustExist()
	})
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 201
}

// Values are added at the end of a list.
func ExampleTxUpdate_Append() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	check(scores.CreateTable(ctx, dynamapper.WaitActive()))
	check(scores.Save(ctx, &Score{Game: "tetris", Player: "ada", Moves: []string{"left"}}))

	key := dynamapper.Key("tetris", "ada")
	err = mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		scores.In(tx).Update(key).Append("moves", "drop")
		return nil
	})
	check(err)
	ada, err := scores.Get(ctx, key, dynamapper.Consistent())
	check(err)
	fmt.Println(ada.Moves)
	// Output: [left drop]
}

// Values are added at the front of a list.
func ExampleTxUpdate_Prepend() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	check(scores.CreateTable(ctx, dynamapper.WaitActive()))
	check(scores.Save(ctx, &Score{Game: "tetris", Player: "ada", Moves: []string{"left"}}))

	key := dynamapper.Key("tetris", "ada")
	err = mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		scores.In(tx).Update(key).Prepend("moves", "drop")
		return nil
	})
	check(err)
	ada, err := scores.Get(ctx, key, dynamapper.Consistent())
	check(err)
	fmt.Println(ada.Moves)
	// Output: [drop left]
}
