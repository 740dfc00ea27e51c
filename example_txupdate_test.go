package dynamapper_test

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// afterUpdate stages an update of a player in a transaction, and returns him as he is then.
func afterUpdate(stage func(*dynamapper.TxUpdate[Player])) *Player {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()
	check(mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		stage(players.In(tx).Update(dynamapper.Key("waldo")))
		return nil
	}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	return waldo
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
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -150).Add(dynamapper.Path("inventory", "shield"), 1)
	})
	fmt.Println(waldo.Coins, waldo.Inventory)
	// Output: 50 map[shield:1 sword:1]
}

// A value replaces the one that is stored.
func ExampleTxUpdate_Set() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Set("guild", "knights")
	})
	fmt.Println(waldo.Guild)
	// Output: knights
}

// A value that is stored stays.
func ExampleTxUpdate_SetIfAbsent() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.SetIfAbsent("coins", 10).SetIfAbsent("guild", "knights")
	})
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 200 knights
}

// A negative number subtracts.
func ExampleTxUpdate_Add() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -50)
	})
	fmt.Println(waldo.Coins)
	// Output: 150
}

// A path leads to a member of a document.
func ExampleTxUpdate_Remove() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Remove("badges", dynamapper.Path("inventory", "sword"))
	})
	fmt.Println(len(waldo.Badges), len(waldo.Inventory))
	// Output: 0 0
}

// A set has each member once.
func ExampleTxUpdate_AddToSet() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.AddToSet("badges", "gold", "fast")
	})
	fmt.Println(len(waldo.Badges))
	// Output: 2
}

// The attribute is removed with its last member.
func ExampleTxUpdate_RemoveFromSet() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.RemoveFromSet("badges", "gold")
	})
	fmt.Println(len(waldo.Badges))
	// Output: 0
}

// A condition guards all writes of the transaction.
func ExampleTxUpdate_If() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -150).If(dynamapper.Attr("coins", dynamapper.GE(150)))
	})
	fmt.Println(waldo.Coins)
	// Output: 50
}

// An item that is missing is not made.
func ExampleTxUpdate_MustExist() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", 1).MustExist()
	})
	fmt.Println(waldo.Coins)
	// Output: 201
}

// afterMove stages an update of a game with the move left, and returns its moves then.
func afterMove(stage func(*dynamapper.TxUpdate[Score])) []string {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	check(scores.CreateTable(ctx, dynamapper.WaitActive()))
	check(scores.Save(ctx, &Score{Game: "tetris", Player: "ada", Moves: []string{"left"}}))

	key := dynamapper.Key("tetris", "ada")
	check(mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		stage(scores.In(tx).Update(key))
		return nil
	}))
	ada, err := scores.Get(ctx, key, dynamapper.Consistent())
	check(err)
	return ada.Moves
}

// Values are added at the end of a list.
func ExampleTxUpdate_Append() {
	fmt.Println(afterMove(func(u *dynamapper.TxUpdate[Score]) { u.Append("moves", "drop") }))
	// Output: [left drop]
}

// Values are added at the front of a list.
func ExampleTxUpdate_Prepend() {
	fmt.Println(afterMove(func(u *dynamapper.TxUpdate[Score]) { u.Prepend("moves", "drop") }))
	// Output: [drop left]
}
