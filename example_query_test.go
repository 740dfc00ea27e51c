package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper"
)

// The query returns the best players of a game who are in a guild.
func ExampleQuery() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	best := scores.Query("tetris").Index("by-points").Reverse().
		Where(dynamapper.Attr("guild", dynamapper.Exists())).Limit(10)
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

// If the loop ends early, no further pages are read.
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

// A consistent query returns items that were written immediately before.
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

// DynamoDB deletes expired items up to days later. The table hides them at once.
func ExampleHideExpired() {
	type Invite struct {
		dynamapper.Model `dynamo:"invites"`

		Guild   string    `dynamo:"guild,hash"`
		Player  string    `dynamo:"player,range"`
		Expires time.Time `dynamo:"expires,ttl"`
	}
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()

	invites, err := dynamapper.TableOf[Invite](mapper, dynamapper.HideExpired())
	check(err)
	check(invites.CreateTable(ctx))
	hour := time.Hour
	check(invites.Save(ctx, &Invite{Guild: "rogues", Player: "ada", Expires: time.Now().Add(hour)}))
	check(invites.Save(ctx, &Invite{Guild: "rogues", Player: "bob", Expires: time.Now().Add(-hour)}))

	open, err := invites.Query("rogues").Collect(ctx)
	check(err)
	fmt.Println(len(open), open[0].Player)
	_, err = invites.Get(ctx, dynamapper.Key("rogues", "bob"))
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output:
	// 1 ada
	// true
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

// First returns the best score of a game.
func ExampleQuery_First() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	best, err := scores.Query("tetris").Index("by-points").Reverse().First(ctx)
	check(err)
	fmt.Println(best.Player, best.Points)
	// Output: ada 90
}

// The cursor of a page goes into the link to the next page.
func ExampleQuery_From() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada, bob, eve
	defer end()

	cursor := "" // from the request; empty for the first page
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

// The hash key of the query is the hash key of the index, the guild.
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

	found, err := scores.Query("tetris").Where(dynamapper.Attr("points", dynamapper.LT(80))).
		Limit(1).Collect(ctx)
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

// The cursor of one page continues the query in the next, even in another process.
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

// Each request reads at most two items, and All reads every page.
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

// Range compares the range key of the index, the points.
func ExampleQuery_Range() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	found, err := scores.Query("tetris").Index("by-points").Range(dynamapper.Between(50, 80)).
		Collect(ctx)
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

// Select makes the items partial: they hold the selected attributes and the keys.
func ExampleQuery_Select() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	first, err := scores.Query("tetris").Select("at").First(ctx)
	check(err)
	fmt.Println(first.Player, first.At.Format(time.DateOnly), first.Badges)
	// Output: ada 2026-05-01 []
}

// Several calls of Where combine their conditions with And.
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

// A scan for the scores of May, in every game. It reads the whole table.
func ExampleScan() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	for score, err := range scores.Scan().
		Where(dynamapper.Attr("at", dynamapper.BeginsWith("2026-05"))).All(ctx) {
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

// All reads the table page by page while the loop runs.
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

// An interrupted job continues from the cursor of its last page.
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

// A scan of an index returns only the items that have its keys: here, players in a guild.
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

// Each request reads one item, so that a job does not use up the table's capacity.
func ExampleScan_PageSize() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	n, err := scores.Scan().PageSize(1).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 4
}

// Parallel sends four requests at a time, and the loop receives all items.
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

// Two workers share a scan; each reads its own segment.
func ExampleScan_Segment() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	total := 0
	for worker := range 2 { // each in its own process
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

	for score, err := range scores.Scan().
		Where(dynamapper.Attr("badges", dynamapper.Contains("fast"))).All(ctx) {
		check(err)
		fmt.Println(score.Player)
	}
	// Unordered output:
	// ada
	// eve
}

// Place is something that players may like. Two numbers describe its taste; those of an embedding
// model are hundreds.
type Place struct {
	dynamapper.Model `dynamo:"places"`

	Name  string    `dynamo:"name,hash"`
	Kind  string    `dynamo:"kind" vector:"by-taste,filter"`
	Stars int       `dynamo:"stars"`
	Taste []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=2"`
}

func examplePlaces(ctx context.Context) (places *dynamapper.Table[Place], end func()) {
	return exampleTable(ctx,
		&Place{Name: "beach", Kind: "outdoors", Stars: 5, Taste: []float32{1, 0}},
		&Place{Name: "pool", Kind: "indoors", Stars: 3, Taste: []float32{0.8, 0.6}},
		&Place{Name: "library", Kind: "indoors", Stars: 4, Taste: []float32{0, 1}},
	)
}

// The search finds the places whose taste is nearest to a player's.
func ExampleTable_Nearest() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	nearest, err := places.Nearest([]float32{1, 0.1}).Top(2).Collect(ctx)
	check(err)
	for _, n := range nearest {
		fmt.Printf("%s %.3f\n", n.Item.Name, n.Score)
	}
	// Output:
	// beach 0.005
	// pool 0.144
}

func ExampleNeighbor() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	nearest, err := places.Nearest([]float32{0, 1}).Top(1).Collect(ctx)
	check(err)
	fmt.Println(nearest[0].Item.Name, nearest[0].Score, nearest[0].Item.Taste)
	// Output: library 0 []
}

func ExampleSearch() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	search := places.Nearest([]float32{1, 0}).Index("by-taste").
		Where(dynamapper.Attr("kind", dynamapper.EQ("indoors")))
	for n, err := range search.All(ctx) {
		check(err)
		fmt.Println(n.Item.Name, n.Item.Stars)
	}
	// Output:
	// pool 3
	// library 4
}

func ExampleSearch_All() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	for n, err := range places.Nearest([]float32{1, 0}).All(ctx) {
		check(err)
		fmt.Println(n.Item.Name)
		if n.Item.Kind == "indoors" {
			break
		}
	}
	// Output:
	// beach
	// pool
}

func ExampleSearch_Collect() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	nearest, err := places.Nearest([]float32{1, 0}).Collect(ctx)
	check(err)
	fmt.Println(len(nearest), nearest[0].Item.Name)
	// Output: 3 beach
}

// A model with one vector index needs no Index.
func ExampleSearch_Index() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	_, err := places.Nearest([]float32{1, 0, 0}).Index("by-taste").Collect(ctx)
	fmt.Println(err != nil) // the vector has three dimensions, and the index two
	// Output: true
}

// Select reads the vector, too, which a search leaves out otherwise.
func ExampleSearch_Select() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	nearest, err := places.Nearest([]float32{1, 0}).Select("taste").Top(1).Collect(ctx)
	check(err)
	fmt.Println(nearest[0].Item.Name, nearest[0].Item.Taste)
	// Output: beach [1 0]
}

func ExampleSearch_Top() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	nearest, err := places.Nearest([]float32{1, 0}).Top(1).Collect(ctx)
	check(err)
	fmt.Println(len(nearest))
	// Output: 1
}

func ExampleSearch_Where() {
	ctx := context.Background()
	places, end := examplePlaces(ctx)
	defer end()

	nearest, err := places.Nearest([]float32{1, 0}).
		Where(dynamapper.Attr("kind", dynamapper.EQ("indoors"))).Collect(ctx)
	check(err)
	fmt.Println(len(nearest), nearest[0].Item.Name)
	// Output: 2 pool
}

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

// Expr is a condition in DynamoDB's own language. Args gives its placeholders.
func ExampleExpr() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90 left and drop, bob 40 drop, eve 70 none
	defer end()

	long := dynamapper.Expr("size(moves) > :n OR #p BETWEEN :low AND :high",
		dynamapper.Args{":n": 1, "#p": "points", ":low": 60, ":high": 80})
	found, err := scores.Query("tetris").Where(long).Collect(ctx)
	check(err)
	for _, score := range found {
		fmt.Println(score.Player)
	}
	// Output:
	// ada
	// eve
}

// A key of Args begins with : for a value, and with # for an attribute.
func ExampleArgs() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada 90, bob 40, eve 70
	defer end()

	best := dynamapper.Expr("#what > :least", dynamapper.Args{"#what": "points", ":least": 80})
	count, err := scores.Scan().Where(best).Count(ctx)
	check(err)
	fmt.Println(count)

	_, err = scores.Scan().Where(dynamapper.Expr("points > :n", nil)).Count(ctx)
	_, problem, _ := strings.Cut(err.Error(), ": Expr")
	fmt.Println(problem)
	// Output:
	// 1
	// ("points > :n"): the Args have no value for ":n"; give one
}

// As encodes a value as one of an attribute: this time is stored as a number.
func ExampleAs() {
	ctx := context.Background()
	type Visit struct {
		dynamapper.Model `dynamo:"visits"`
		Login            string    `dynamo:"login,hash"`
		Seen             time.Time `dynamo:"seen,unixtime"`
		Left             time.Time `dynamo:"left,unixtime"`
	}
	noon := time.Date(2026, time.May, 31, 12, 0, 0, 0, time.UTC)
	visits, end := exampleTable(ctx, &Visit{Login: "waldo", Seen: noon, Left: noon.Add(time.Hour)})
	defer end()

	during := dynamapper.Expr(":at BETWEEN seen AND left",
		dynamapper.Args{":at": dynamapper.As("seen", noon.Add(time.Minute))})
	found, err := visits.Scan().Where(during).Collect(ctx)
	check(err)
	for _, visit := range found {
		fmt.Println(visit.Login)
	}
	// Output: waldo
}

func ExampleArg() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	var least dynamapper.Arg = dynamapper.As("points", "many") // the field is an int
	_, err := scores.Scan().Where(dynamapper.Expr("points > :n", dynamapper.Args{":n": least})).
		Count(ctx)
	fmt.Println(err != nil)
	// Output: true
}

// Ref compares two attributes of an item.
func ExampleRef() {
	ctx := context.Background()
	type Shelf struct {
		dynamapper.Model `dynamo:"shelves"`
		Name             string `dynamo:"name,hash"`
		Have             int    `dynamo:"have"`
		Reserved         int    `dynamo:"reserved"`
	}
	shelves, end := exampleTable(ctx, &Shelf{Name: "swords", Have: 3, Reserved: 5})
	defer end()

	enough := dynamapper.Attr("have", dynamapper.GE(dynamapper.Ref("reserved")))
	for _, bought := range []int{1, 4} {
		swords, err := shelves.Update(dynamapper.Key("swords")).Add("have", bought).Run(ctx)
		check(err)
		count, err := shelves.Scan().Where(enough).Count(ctx)
		check(err)
		fmt.Println(swords.Have, "of", swords.Reserved, count == 1)
	}
	// Output:
	// 4 of 5 false
	// 8 of 5 true
}

// An update copies an attribute. It reads all of them as they were before.
func ExampleReference() {
	ctx := context.Background()
	type Door struct {
		dynamapper.Model `dynamo:"doors"`
		ID               string `dynamo:"id,hash"`
		State            string `dynamo:"state"`
		Previous         string `dynamo:"previous"`
	}
	doors, end := exampleTable(ctx, &Door{ID: "front", State: "open"})
	defer end()

	state := dynamapper.Ref("state")
	front, err := doors.Update(dynamapper.Key("front")).Set("previous", state).Set("state", "shut").
		Run(ctx)
	check(err)
	fmt.Println(front.State, front.Previous)

	_, err = doors.Update(dynamapper.Key("back")).Set("previous", state).Run(ctx)
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed)) // no such door
	// Output:
	// shut open
	// true
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
