package dynamapper_test

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// A comparison is a value that a program may choose.
func ExampleComparison() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	wanted, best := dynamapper.GE(50), true
	if !best {
		wanted = dynamapper.LT(50)
	}
	n, err := scores.Query("tetris").Where(dynamapper.Attr("points", wanted)).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 2
}

// Conditions are values: a program may collect them, of what a user asks for.
func ExampleCondition() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90 knights, bob 40 rogues, eve 70 none
	defer end()

	conditions := []dynamapper.Condition{dynamapper.Attr("points", dynamapper.GE(50))}
	if guild := "knights"; guild != "" {
		conditions = append(conditions, dynamapper.Attr("guild", dynamapper.EQ(guild)))
	}
	n, err := scores.Query("tetris").Where(conditions...).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 1
}

// A path leads into a document.
func ExampleAttr() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // moves: ada left and drop, bob drop, eve none
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("moves[0]", dynamapper.EQ("drop"))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Moves)
	}
	// Output: bob [drop]
}

// A path of parts that are known at run time only.
func ExamplePath() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // moves: ada left and drop, bob drop, eve none
	defer end()

	move := 1 // the second
	found, err := scores.Query("tetris").
		Where(dynamapper.Attr(dynamapper.Path("moves", move), dynamapper.EQ("drop"))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Moves)
	}
	// Output: ada [left drop]
}

func ExampleAnd() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90 knights, bob 40 rogues, eve 70 none
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.And(dynamapper.Attr("points", dynamapper.GE(50)), dynamapper.Attr("guild", dynamapper.Exists()))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output: ada 90
}

func ExampleOr() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90 knights, bob 40 rogues, eve 70 none
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Or(dynamapper.Attr("points", dynamapper.LT(50)), dynamapper.Attr("guild", dynamapper.NotExists()))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// bob
	// eve
}

func ExampleNot() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Not(dynamapper.Attr("points", dynamapper.EQ(40)))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output:
	// ada 90
	// eve 70
}
