package dynamapper_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper"
)

// Who has played in May, whatever the game: this reads the whole table.
func ExampleScan() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	for score, err := range scores.Scan().Where(dynamapper.Attr("at", dynamapper.BeginsWith("2026-05"))).All(ctx) {
		check(err)
		fmt.Println(score.Game, score.Player)
	}
	// Unordered output:
	// tetris ada
	// tetris bob
	// tetris eve
	// chess ada
}

func ExampleTable_Scan() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	all, err := scores.Scan().Collect(ctx)
	check(err)
	fmt.Println(len(all))
	// Output: 4
}

// The table is read page by page, while the loop goes on.
func ExampleScan_All() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	total := 0
	for score, err := range scores.Scan().All(ctx) {
		check(err)
		total += score.Points
	}
	fmt.Println(total)
	// Output: 212
}

func ExampleScan_Collect() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	found, err := scores.Scan().Where(dynamapper.Attr("game", dynamapper.EQ("chess"))).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output: ada 12
}

func ExampleScan_Consistent() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	check(scores.Save(ctx, &Score{Game: "go", Player: "eve", Points: 3}))
	n, err := scores.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 5
}

func ExampleScan_Count() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	n, err := scores.Scan().Where(dynamapper.Attr("player", dynamapper.EQ("ada"))).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 2
}

func ExampleScan_First() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	score, err := scores.Scan().Where(dynamapper.Attr("points", dynamapper.GE(90))).First(ctx)
	check(err)
	fmt.Println(score.Game, score.Player, score.Points)
	// Output: tetris ada 90
}

// A job that is interrupted keeps the cursor, and goes on with it.
func ExampleScan_From() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	page, err := scores.Scan().Limit(3).Page(ctx)
	check(err)
	rest, err := scores.Scan().From(page.Cursor).Collect(ctx)
	check(err)
	fmt.Println(len(page.Items), len(rest))
	// Output: 3 1
}

// An index has only the items with its keys: those of players in a guild.
func ExampleScan_Index() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	for score, err := range scores.Scan().Index("by-guild").All(ctx) {
		check(err)
		fmt.Println(score.Guild, score.Player, score.Game)
	}
	// Unordered output:
	// knights ada tetris
	// knights ada chess
	// rogues bob tetris
}

func ExampleScan_Limit() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	some, err := scores.Scan().Limit(2).Collect(ctx)
	check(err)
	fmt.Println(len(some))
	// Output: 2
}

func ExampleScan_Page() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	page, err := scores.Scan().Limit(3).Page(ctx)
	check(err)
	fmt.Println(len(page.Items), "items, and more:", page.Cursor != "")
	// Output: 3 items, and more: true
}

// Each request reads one item: a job that shall not use up the table's capacity.
func ExampleScan_PageSize() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	n, err := scores.Scan().PageSize(1).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 4
}

// Four requests at a time, and one loop.
func ExampleScan_Parallel() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	total := 0
	for score, err := range scores.Scan().Parallel(4).All(ctx) {
		check(err)
		total += score.Points
	}
	fmt.Println(total)
	// Output: 212
}

// Two workers share a table; each reads its own part.
func ExampleScan_Segment() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	total := 0
	for worker := range 2 { // each in a process of its own
		n, err := scores.Scan().Segment(worker, 2).Count(ctx)
		check(err)
		total += n
	}
	fmt.Println(total)
	// Output: 4
}

func ExampleScan_Select() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	for score, err := range scores.Scan().Index("by-guild").Select("at").All(ctx) {
		check(err)
		fmt.Println(score.Player, score.At.Format(time.DateOnly), score.Points, score.Moves)
	}
	// Unordered output:
	// ada 2026-05-01 90 []
	// bob 2026-05-02 40 []
	// ada 2026-05-04 12 []
}

func ExampleScan_Where() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	for score, err := range scores.Scan().Where(dynamapper.Attr("badges", dynamapper.Contains("fast"))).All(ctx) {
		check(err)
		fmt.Println(score.Player)
	}
	// Unordered output:
	// ada
	// eve
}
