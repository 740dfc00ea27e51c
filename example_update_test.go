package dynamapper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// A withdrawal that never overdraws: one request, without a read.
func ExampleTable_Update() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	withdraw := func(coins int) {
		waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", -coins).
			If(dynamapper.Attr("coins", dynamapper.GE(coins))).Run(ctx)
		if errors.Is(err, dynamapper.ErrConditionFailed) {
			fmt.Println("too few coins")
			return
		}
		check(err)
		fmt.Println(waldo.Coins)
	}
	withdraw(150)
	withdraw(150)
	// Output:
	// 50
	// too few coins
}

// An update applies all of its clauses at once, or none.
func ExampleUpdate() {
	ctx := context.Background()
	players, end := exampleTable(ctx,
		&Player{Login: "waldo", Coins: 200, Inventory: map[string]int{"sword": 1}})
	defer end()

	purchase := players.Update(dynamapper.Key("waldo")).Add("coins", -150).
		Add(dynamapper.Path("inventory", "shield"), 1)
	if first := true; first {
		purchase.AddToSet("badges", "customer")
	}
	waldo, err := purchase.Run(ctx)
	check(err)
	fmt.Println(waldo.Coins, waldo.Inventory, waldo.Badges)
	// Output: 50 map[shield:1 sword:1] [customer]
}

// An empty value removes the attribute.
func ExampleUpdate_Set() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Guild: "knights"})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Set("coins", 10).Set("guild", "").Run(ctx)
	check(err)
	printItem(players.Snapshot(waldo))
	// Output:
	// coins {"N":"10"}
	// login {"S":"waldo"}
}

// SetIfAbsent keeps the first guild.
func ExampleUpdate_SetIfAbsent() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()

	for _, guild := range []string{"knights", "rogues"} {
		waldo, err := players.Update(dynamapper.Key("waldo")).SetIfAbsent("guild", guild).Run(ctx)
		check(err)
		fmt.Println(waldo.Guild)
	}
	// Output:
	// knights
	// knights
}

// Add treats a missing number as 0 and creates a missing item.
func ExampleUpdate_Add() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	for _, coins := range []int{100, -30} {
		waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", coins).Run(ctx)
		check(err)
		fmt.Println(waldo.Coins)
	}
	// Output:
	// 100
	// 70
}

func ExampleUpdate_Remove() {
	ctx := context.Background()
	players, end := exampleTable(ctx,
		&Player{Login: "waldo", Guild: "knights",
			Inventory: map[string]int{"sword": 1, "armor": 2}})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Remove("guild", "inventory.sword").
		Run(ctx)
	check(err)
	fmt.Printf("%q %v\n", waldo.Guild, waldo.Inventory)
	// Output: "" map[armor:2]
}

// A slice of the field's type stands for its elements.
func ExampleUpdate_Append() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada's moves: left, drop
	defer end()

	ada, err := scores.Update(dynamapper.Key("tetris", "ada")).Append("moves", "right",
		[]string{"turn", "drop"}).Run(ctx)
	check(err)
	fmt.Println(ada.Moves)
	// Output: [left drop right turn drop]
}

func ExampleUpdate_Prepend() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada's moves: left, drop
	defer end()

	ada, err := scores.Update(dynamapper.Key("tetris", "ada")).Prepend("moves", "turn").Run(ctx)
	check(err)
	fmt.Println(ada.Moves)
	// Output: [turn left drop]
}

// Adding a member that the set already has changes nothing.
func ExampleUpdate_AddToSet() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // eve's badges: fast
	defer end()

	eve, err := scores.Update(dynamapper.Key("tetris", "eve")).AddToSet("badges", "fast", "gold").
		Run(ctx)
	check(err)
	fmt.Println(len(eve.Badges))
	// Output: 2
}

// Removing the last member removes the attribute.
func ExampleUpdate_RemoveFromSet() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // eve's badges: fast
	defer end()

	eve, err := scores.Update(dynamapper.Key("tetris", "eve")).RemoveFromSet("badges", "fast",
		"gold").Run(ctx)
	check(err)
	fmt.Println(eve.Badges, scores.Snapshot(eve)["badges"] == nil)
	// Output: [] true
}

// The condition lets a player choose a guild only once.
func ExampleUpdate_If() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Guild: "knights"})
	defer end()

	_, err := players.Update(dynamapper.Key("waldo")).Set("guild", "rogues").
		If(dynamapper.Attr("guild", dynamapper.NotExists())).Run(ctx)
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed))
	// Output: true
}

// MustExist keeps the gift from creating a player.
func ExampleUpdate_MustExist() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	_, err := players.Update(dynamapper.Key("nobody")).Add("coins", 100).MustExist().Run(ctx)
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// Coins are added once, even if a response is lost.
func ExampleUpdate_Idempotent() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", 100).Idempotent().Run(ctx)
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 300
}

// Run returns the item as it is after the update; it can be edited and saved.
func ExampleUpdate_Run() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", -150).Run(ctx)
	check(err)
	waldo.Guild = "knights"
	fmt.Println(waldo.Coins, players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	// Output: 50 <nil>
}
