package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper"
)

// Without options, the last writer wins.
func ExampleTable_Save() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 5}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 5
}

// Delete and Save under another key move an item. Save alone would make a copy.
func ExampleTable_Delete() {
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Coins: 200}
	players, end := exampleTable(ctx, waldo)
	defer end()

	check(players.Delete(ctx, waldo))
	waldo.Login = "wally"
	check(players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	all, err := players.Scan().Collect(ctx)
	check(err)
	fmt.Println(len(all), all[0].Login, all[0].Coins)
	// Output: 1 wally 200
}

func ExampleTable_DeleteKey() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()

	check(players.DeleteKey(ctx, dynamapper.Key("waldo")))
	_, err := players.Get(ctx, dynamapper.Key("waldo"))
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// A SaveOption is a value, so a program can collect options at run time.
func ExampleSaveOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	opts := []dynamapper.SaveOption{dynamapper.ChangedOnly()}
	if careful := true; careful {
		opts = append(opts, dynamapper.FailOnConflict())
	}
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	waldo.Coins -= 150
	fmt.Println(players.Save(ctx, waldo, opts...))
	// Output: <nil>
}

// Of two purchases at the same time, the second returns ErrConflict and changes nothing.
func ExampleFailOnConflict() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	one, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	other, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	one.Coins -= 150
	check(players.Save(ctx, one, dynamapper.FailOnConflict()))

	other.Coins -= 100
	err = players.Save(ctx, other, dynamapper.FailOnConflict())
	fmt.Println(errors.Is(err, dynamapper.ErrConflict))
	// Output: true
}

// Delete returns ErrConflict if the item has changed.
func ExampleFailOnConflict_delete() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 201})) // meanwhile, another writer
	err = players.Delete(ctx, waldo, dynamapper.FailOnConflict())
	fmt.Println(errors.Is(err, dynamapper.ErrConflict))
	// Output: true
}

// Two writers that change different attributes both succeed.
func ExampleChangedOnly() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	one, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	other, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	one.Coins = 50
	check(players.Save(ctx, one, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	other.Guild = "knights"
	check(players.Save(ctx, other, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 50 knights
}

// MustExist keeps a save from bringing back a deleted player.
func ExampleMustExist() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo", Coins: 50}, dynamapper.MustExist())
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// The condition deletes the player only if no coins are left.
func ExampleIf() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	err := players.DeleteKey(ctx, dynamapper.Key("waldo"),
		dynamapper.If(dynamapper.Attr("coins", dynamapper.EQ(0))))
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed))
	// Output: true
}

func ExampleTable_BatchSave() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	var items []*Player
	for n := range 30 { // two requests
		items = append(items, &Player{Login: fmt.Sprintf("player%d", n), Coins: 200})
	}
	check(players.BatchSave(ctx, items))
	n, err := players.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n, players.IsNew(items[0]))
	// Output: 30 false
}

func ExampleTable_BatchDelete() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "ada"}, &Player{Login: "bob"},
		&Player{Login: "eve"})
	defer end()

	check(players.BatchDelete(ctx, dynamapper.Keys("ada", "eve", "nobody")))
	left, err := players.Scan().Consistent().Collect(ctx)
	check(err)
	fmt.Println(len(left), left[0].Login)
	// Output: 1 bob
}

// If one item is too large, BatchSave still writes the others.
func ExampleBatchError() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	items := []*Player{{Login: "ada"}, {Login: "bob", Guild: strings.Repeat("x", 500_000)},
		{Login: "eve"}}
	err := players.BatchSave(ctx, items)
	var failed *dynamapper.BatchError
	if errors.As(err, &failed) {
		for _, position := range failed.Unprocessed {
			fmt.Println(items[position].Login, "was not written")
		}
	}
	n, err := players.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n)
	// Output:
	// bob was not written
	// 2
}
