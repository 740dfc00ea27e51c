package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper"
)

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
	players, end := exampleTable(ctx, &Player{Login: "ada"}, &Player{Login: "bob"}, &Player{Login: "eve"})
	defer end()

	check(players.BatchDelete(ctx, dynamapper.Keys("ada", "eve", "nobody")))
	left, err := players.Scan().Consistent().Collect(ctx)
	check(err)
	fmt.Println(len(left), left[0].Login)
	// Output: 1 bob
}

// One item that is too large holds back no other.
func ExampleBatchError() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	items := []*Player{{Login: "ada"}, {Login: "bob", Guild: strings.Repeat("x", 500_000)}, {Login: "eve"}}
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
