package dynamapper_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper"
)

// The best players of a game, of those with a guild.
func ExampleQuery() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	best := scores.Query("tetris").Index("by-points").Reverse().Where(dynamapper.Attr("guild", dynamapper.Exists())).Limit(10)
	for score, err := range best.All(ctx) {
		check(err)
		fmt.Println(score.Player, score.Points)
	}
	// Output:
	// ada 90
	// bob 40
}

func ExampleTable_Query() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada, bob and eve in tetris, ada in chess
	defer end()

	chess, err := scores.Query("chess").Collect(ctx)
	check(err)
	fmt.Println(len(chess), chess[0].Player)
	// Output: 1 ada
}

// Leaving the loop ends the reading: pages behind it are not asked for.
func ExampleQuery_All() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	for score, err := range scores.Query("tetris").All(ctx) {
		check(err)
		fmt.Println(score.Player, score.Points)
		if score.Player == "bob" {
			break
		}
	}
	// Output:
	// ada 90
	// bob 40
}

func ExampleQuery_Collect() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	found, err := scores.Query("tetris").Collect(ctx)
	check(err)
	fmt.Println(len(found))
	// Output: 3
}

// What was written a moment ago is there.
func ExampleQuery_Consistent() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	check(scores.Save(ctx, &Score{Game: "go", Player: "eve", Points: 3}))
	found, err := scores.Query("go").Consistent().Collect(ctx)
	check(err)
	fmt.Println(len(found))
	// Output: 1
}

func ExampleQuery_Count() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	n, err := scores.Query("tetris").Where(dynamapper.Attr("points", dynamapper.GT(50))).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 2
}

// The best of a game.
func ExampleQuery_First() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	best, err := scores.Query("tetris").Index("by-points").Reverse().First(ctx)
	check(err)
	fmt.Println(best.Player, best.Points)
	// Output: ada 90
}

// A page's cursor goes into the link to the next one.
func ExampleQuery_From() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada, bob, eve
	defer end()

	cursor := "" // of the request; the first has none
	for range 2 {
		page, err := scores.Query("tetris").Limit(2).From(cursor).Page(ctx)
		check(err)
		for _, score := range page.Items {
			fmt.Println(score.Player)
		}
		fmt.Println("more:", page.Cursor != "")
		cursor = page.Cursor
	}
	// Output:
	// ada
	// bob
	// more: true
	// eve
	// more: false
}

// The hash key is the index's: the guild.
func ExampleQuery_Index() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	found, err := scores.Query("rogues").Index("by-guild").Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Game)
	}
	// Output: bob tetris
}

// Limit counts the items that match.
func ExampleQuery_Limit() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Where(dynamapper.Attr("points", dynamapper.LT(80))).Limit(1).Collect(ctx)
	check(err)
	fmt.Println(len(found), found[0].Player)
	// Output: 1 bob
}

func ExampleQuery_Page() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada, bob, eve
	defer end()

	page, err := scores.Query("tetris").Limit(2).Page(ctx)
	check(err)
	fmt.Println(len(page.Items), "items, and more:", page.Cursor != "")
	// Output: 2 items, and more: true
}

// A page travels from one process to another by its cursor.
func ExamplePage() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada, bob, eve
	defer end()

	var page dynamapper.Page[Score]
	for {
		var err error
		page, err = scores.Query("tetris").Limit(1).From(page.Cursor).Page(ctx)
		check(err)
		for _, score := range page.Items {
			fmt.Println(score.Player)
		}
		if page.Cursor == "" {
			break
		}
	}
	// Output:
	// ada
	// bob
	// eve
}

// Small pages: each request reads two items, and the loop goes on all the same.
func ExampleQuery_PageSize() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	n := 0
	for _, err := range scores.Query("tetris").PageSize(2).All(ctx) {
		check(err)
		n++
	}
	fmt.Println(n)
	// Output: 3
}

// On the index's range key: the points.
func ExampleQuery_Range() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Index("by-points").Range(dynamapper.Between(50, 80)).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output: eve 70
}

func ExampleQuery_Reverse() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	found, err := scores.Query("tetris").Reverse().Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// eve
	// bob
	// ada
}

// The items are partial, and have what was asked for and their keys.
func ExampleQuery_Select() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	first, err := scores.Query("tetris").Select("at").First(ctx)
	check(err)
	fmt.Println(first.Player, first.At.Format(time.DateOnly), first.Badges)
	// Output: ada 2026-05-01 []
}

// Called again, it takes only what matches both.
func ExampleQuery_Where() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").
		Where(dynamapper.Attr("points", dynamapper.GT(50))).
		Where(dynamapper.Attr("guild", dynamapper.NotExists())).
		Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player, score.Points)
	}
	// Output: eve 70
}

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
