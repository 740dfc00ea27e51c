package dynamapper_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper"
)

// A Comparison is a value, so a program can choose it at run time.
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

// A Condition is a value, so a program can collect conditions at run time.
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

// A path names an element or a member inside a document.
func ExampleAttr() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // moves: ada left and drop, bob drop, eve none
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("moves[0]", dynamapper.EQ("drop"))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Moves)
	}
	// Output: bob [drop]
}

// Path builds a path from parts that are known only at run time.
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
		Where(
			dynamapper.And(dynamapper.Attr("points", dynamapper.GE(50)),
				dynamapper.Attr("guild", dynamapper.Exists()))).
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
		Where(
			dynamapper.Or(dynamapper.Attr("points", dynamapper.LT(50)),
				dynamapper.Attr("guild", dynamapper.NotExists()))).
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

	found, err := scores.Query("tetris").
		Where(dynamapper.Not(dynamapper.Attr("points", dynamapper.EQ(40)))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output:
	// ada 90
	// eve 70
}

func ExampleEQ() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // guilds: ada knights, bob rogues, eve none
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("guild", dynamapper.EQ("knights"))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Guild)
	}
	// Output: ada knights
}

// NE also matches items that lack the attribute: eve has no guild.
func ExampleNE() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // guilds: ada knights, bob rogues, eve none
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("guild", dynamapper.NE("knights"))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// bob
	// eve
}

func ExampleLT() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("points", dynamapper.LT(70))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output: bob 40
}

func ExampleLE() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("points", dynamapper.LE(70))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output:
	// bob 40
	// eve 70
}

func ExampleGT() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("points", dynamapper.GT(70))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output: ada 90
}

// A time is compared in its stored form.
func ExampleGE() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // on 1, 2 and 3 May: ada, bob, eve
	defer end()

	found, err := scores.Query("tetris").
		Where(
			dynamapper.Attr("at",
				dynamapper.GE(time.Date(2026, time.May, 2, 0, 0, 0, 0, time.UTC)))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.At.Format(time.DateOnly))
	}
	// Output:
	// bob 2026-05-02
	// eve 2026-05-03
}

func ExampleBetween() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Attr("points", dynamapper.Between(40, 70))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output:
	// bob 40
	// eve 70
}

// BeginsWith compares the text in which a time is stored.
func ExampleBeginsWith() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // on 1, 2 and 3 May: ada, bob, eve
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Attr("at", dynamapper.BeginsWith("2026-05-02"))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.At.Format(time.DateOnly))
	}
	// Output: bob 2026-05-02
}

func ExampleContains() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // badges: ada gold and fast, bob none, eve fast
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Attr("badges", dynamapper.Contains("fast"))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// ada
	// eve
}

// NotContains also matches items that lack the attribute: bob has no badges.
func ExampleNotContains() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // badges: ada gold and fast, bob none, eve fast
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Attr("badges", dynamapper.NotContains("gold"))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// bob
	// eve
}

func ExampleExists() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // badges: ada gold and fast, bob none, eve fast
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("badges", dynamapper.Exists())).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// ada
	// eve
}

func ExampleNotExists() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // guilds: ada knights, bob rogues, eve none
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("guild", dynamapper.NotExists())).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output: eve
}

// In takes its values one by one; a slice is passed as In(guilds...).
func ExampleIn() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // guilds: ada knights, bob rogues, eve none
	defer end()

	guilds := []string{"knights", "rogues"}
	found, err := scores.Query("tetris").Where(dynamapper.Attr("guild", dynamapper.In(guilds...))).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Guild)
	}
	// Output:
	// ada knights
	// bob rogues
}

func ExampleSize() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // badges: ada gold and fast, bob none, eve fast
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Attr("badges", dynamapper.Size(dynamapper.GE(2)))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output: ada
}
