package dynamapper_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynamapper/dynamapper"
)

// exampleCollection makes the collection of profiles and matches, with the items of exampleGame.
func exampleCollection(ctx context.Context) (game *dynamapper.Collection, end func()) {
	profiles, matches, end := exampleGame(ctx)
	game, err := dynamapper.NewCollection(profiles, matches)
	check(err)
	return game, end
}

// kindOf describes an entity in one word.
func kindOf(entity any) string {
	switch entity := entity.(type) {
	case *Profile:
		return entity.Login
	case *Match:
		return entity.ID
	}
	return "?"
}

func printKinds(entities []any) {
	kinds := make([]string, len(entities))
	for i, entity := range entities {
		kinds[i] = kindOf(entity)
	}
	fmt.Println(strings.Join(kinds, " "))
}

func collectKinds(ctx context.Context, query *dynamapper.CollectionQuery) {
	entities, err := query.Collect(ctx)
	check(err)
	printKinds(entities)
}

// One Query reads a player with the player's matches. Each is saved by its own table.
func ExampleCollection() {
	ctx := context.Background()
	profiles, matches, end := exampleGame(ctx)
	defer end()
	game, err := dynamapper.NewCollection(profiles, matches)
	check(err)

	for entity, err := range game.Query("waldo").All(ctx) {
		check(err)
		switch entity := entity.(type) {
		case *Profile:
			entity.Balance += 10
			check(profiles.Save(ctx, entity, dynamapper.FailOnConflict()))
			fmt.Println(entity.Login, "has", entity.Balance)
		case *Match:
			fmt.Println("match", entity.ID, "with", entity.Points, "points")
		}
	}
	// Output:
	// match a with 90 points
	// match b with 120 points
	// match c with 10 points
	// waldo has 210
}

// The models must fit together.
func ExampleNewCollection() {
	type Achievement struct {
		dynamapper.Model `dynamo:"game,entity=achievement"`

		_    dynamapper.Computed `dynamo:"pk,hash,format=GAMER#{login}"`
		_    dynamapper.Computed `dynamo:"sk,range,format=ACHIEVEMENT"`
		Name string              `dynamo:"login"`
	}
	mapper, end := exampleMapper()
	defer end()
	profiles, err := dynamapper.TableOf[Profile](mapper)
	check(err)
	achievements, err := dynamapper.TableOf[Achievement](mapper)
	check(err)

	_, err = dynamapper.NewCollection(profiles, achievements)
	fmt.Println(errors.Is(err, dynamapper.ErrSchema))
	// Output: true
}

// A function can take tables of any models.
func ExampleAnyTable() {
	mapper, end := exampleMapper()
	defer end()
	profiles, err := dynamapper.TableOf[Profile](mapper)
	check(err)
	matches, err := dynamapper.TableOf[Match](mapper)
	check(err)

	tables := []dynamapper.AnyTable{profiles, matches}
	game, err := dynamapper.NewCollection(tables...)
	check(err)
	fmt.Println(len(tables), game.Name() == profiles.Name())
	// Output: 2 true
}

func ExampleCollection_Name() {
	game, end := exampleCollection(context.Background())
	defer end()
	fmt.Println(strings.HasSuffix(game.Name(), "game")) // behind the prefix of the mapper
	// Output: true
}

// exampleGameEvent is the event of a Lambda function for the table of a game.
const exampleGameEvent = `{"Records":[
	{"eventName":"INSERT","dynamodb":{"SequenceNumber":"111","NewImage":{"entity":{"S":"match"},
		"pk":{"S":"PLAYER#waldo"},"sk":{"S":"MATCH#2026-05-02#b"},"points":{"N":"120"}}}},
	{"eventName":"MODIFY","dynamodb":{"SequenceNumber":"222",
		"OldImage":{"entity":{"S":"profile"},"pk":{"S":"PLAYER#waldo"},"sk":{"S":"PROFILE"}},
		"NewImage":{"entity":{"S":"profile"},"pk":{"S":"PLAYER#waldo"},"sk":{"S":"PROFILE"},
			"balance":{"N":"120"}}}}
]}`

// The changes of all models come in their order.
func ExampleCollection_Changes() {
	game, end := exampleCollection(context.Background())
	defer end()

	for change, err := range game.Changes([]byte(exampleGameEvent)) {
		check(err)
		switch item := cmp.Or(change.New, change.Old).(type) {
		case *Profile:
			fmt.Println(change.Kind, item.Login, item.Balance)
		case *Match:
			fmt.Println(change.Kind, item.Player, item.ID, item.Points)
		}
	}
	// Output:
	// INSERT waldo b 120
	// MODIFY waldo 120
}

// With records of keys alone, the form of the key tells the model.
func ExampleCollection_ChangesOf() {
	game, end := exampleCollection(context.Background())
	defer end()

	record := streamtypes.Record{EventName: streamtypes.OperationTypeRemove,
		Dynamodb: &streamtypes.StreamRecord{Keys: map[string]streamtypes.AttributeValue{
			"pk": &streamtypes.AttributeValueMemberS{Value: "PLAYER#waldo"},
			"sk": &streamtypes.AttributeValueMemberS{Value: "PROFILE"}}}}
	for change, err := range game.ChangesOf(record) {
		check(err)
		fmt.Println(change.Kind, change.Entity, change.Key.Hash(), change.Old)
	}
	// Output: REMOVE profile waldo <nil>
}

func ExampleCollection_HandleChanges() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()

	failures := game.HandleChanges(ctx, []byte(exampleGameEvent),
		func(ctx context.Context, change dynamapper.CollectionChange) error {
			fmt.Println(change.Entity, change.SequenceNumber)
			return nil
		})
	fmt.Println(failures.Err())
	// Output:
	// match 111
	// profile 222
	// <nil>
}

func ExampleCollectionChange() {
	game, end := exampleCollection(context.Background())
	defer end()

	for change, err := range game.Changes([]byte(exampleGameEvent)) {
		check(err)
		fmt.Println(change.Entity, change.Old == nil, kindOf(change.New))
	}
	// Output:
	// match true b
	// profile false waldo
}

// The table gets the keys and the indexes of all models.
func ExampleCollection_CreateTable() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	profiles, err := dynamapper.TableOf[Profile](mapper)
	check(err)
	matches, err := dynamapper.TableOf[Match](mapper)
	check(err)
	game, err := dynamapper.NewCollection(profiles, matches)
	check(err)

	check(game.CreateTable(ctx, dynamapper.WaitActive()))
	fmt.Println(matches.Verify(ctx))
	// Output: <nil>
}

func ExampleCollection_EnsureTable() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.EnsureTable(ctx)) // at every start of the program
	// Output: <nil>
}

func ExampleCollection_Verify() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Verify(ctx))
	// Output: <nil>
}

func ExampleCollection_Describe() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	live, err := game.Describe(ctx)
	check(err)
	fmt.Println(live.TableStatus, len(live.KeySchema))
	// Output: ACTIVE 2
}

func ExampleCollection_DeleteTable() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.DeleteTable(ctx))
	// Output: <nil>
}

func ExampleCollection_Query() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo"))
	// Output: a b c waldo
}

func ExampleCollection_Scan() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Scan().Collect(ctx)
	check(err)
	fmt.Println(len(entities))
	// Output: 4
}

// A CollectionQuery takes the methods of a Query.
func ExampleCollectionQuery() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").Reverse().Limit(2).Consistent())
	// Output: waldo c
}

// The range keys of several models are compared as they are stored.
func ExampleCollectionQuery_Range() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").Range(dynamapper.BeginsWith("MATCH#2026-05-02")))
	// Output: b c
}

func ExampleCollectionQuery_Index() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("knights").Index("by-points"))
	// Output: a b
}

// The entity is an attribute that all models have.
func ExampleCollectionQuery_Where() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").Where(dynamapper.Attr("entity", dynamapper.NE("match"))))
	// Output: waldo
}

// Each model reads what it has of the attributes.
func ExampleCollectionQuery_Select() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Query("waldo").Select("balance", "points").Collect(ctx)
	check(err)
	for _, entity := range entities {
		switch entity := entity.(type) {
		case *Profile:
			fmt.Println(entity.Login, entity.Balance)
		case *Match:
			fmt.Printf("%s %d %q\n", entity.ID, entity.Points, entity.Guild)
		}
	}
	// Output:
	// a 90 "knights"
	// b 120 "knights"
	// c 10 ""
	// waldo 200
}

func ExampleCollectionQuery_Consistent() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").Consistent())
	// Output: a b c waldo
}

func ExampleCollectionQuery_Reverse() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").Reverse())
	// Output: waldo c b a
}

func ExampleCollectionQuery_Limit() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").Limit(3))
	// Output: a b c
}

func ExampleCollectionQuery_PageSize() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	collectKinds(ctx, game.Query("waldo").PageSize(2)) // two requests or three
	// Output: a b c waldo
}

// A page may end behind an item of any model.
func ExampleCollectionQuery_From() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	first, err := game.Query("waldo").Limit(2).Page(ctx)
	check(err)
	collectKinds(ctx, game.Query("waldo").From(first.Cursor))
	// Output: c waldo
}

func ExampleCollectionQuery_All() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	for entity, err := range game.Query("waldo").All(ctx) {
		check(err)
		fmt.Println(kindOf(entity))
	}
	// Output:
	// a
	// b
	// c
	// waldo
}

func ExampleCollectionQuery_Collect() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Query("waldo").Collect(ctx)
	check(err)
	fmt.Println(len(entities), entities[0].(*Match).Points)
	// Output: 4 90
}

// Into needs no switch.
func ExampleCollectionQuery_Into() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	var view struct {
		Profile *Profile
		Matches []*Match
	}
	check(game.Query("waldo").Into(ctx, &view))
	fmt.Println(view.Profile.Balance, len(view.Matches), view.Matches[1].Points)
	// Output: 200 3 120
}

func ExampleCollectionQuery_Count() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Query("waldo").Count(ctx))
	// Output: 4 <nil>
}

func ExampleCollectionQuery_Page() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	for cursor := ""; ; {
		page, err := game.Query("waldo").Limit(3).From(cursor).Page(ctx)
		check(err)
		printKinds(page.Items)
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	// Output:
	// a b c
	// waldo
}

// A page has pointers to models.
// Song and Artist are two kinds of things that listeners may like.
type Song struct {
	dynamapper.Model `dynamo:"music,entity=song"`

	ID    string    `dynamo:"id,hash"`
	Title string    `dynamo:"title"`
	Mood  string    `dynamo:"mood" vector:"by-taste,filter"`
	Taste []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=2"`
}

type Artist struct {
	dynamapper.Model `dynamo:"music,entity=artist"`

	ID    string    `dynamo:"id,hash"`
	Name  string    `dynamo:"name"`
	Mood  string    `dynamo:"mood" vector:"by-taste,filter"`
	Taste []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=2"`
}

func exampleMusic(ctx context.Context) (music *dynamapper.Collection, end func()) {
	mapper, end := exampleMapper()
	songs, err := dynamapper.TableOf[Song](mapper)
	check(err)
	artists, err := dynamapper.TableOf[Artist](mapper)
	check(err)
	music, err = dynamapper.NewCollection(songs, artists)
	check(err)
	check(music.CreateTable(ctx, dynamapper.WaitActive()))
	check(songs.BatchSave(ctx, []*Song{
		{ID: "1", Title: "Dawn", Mood: "calm", Taste: []float32{1, 0}},
		{ID: "2", Title: "Storm", Mood: "wild", Taste: []float32{0, 1}},
	}))
	check(artists.Save(ctx, &Artist{ID: "3", Name: "The Larks", Mood: "calm",
		Taste: []float32{0.8, 0.6}}))
	return music, end
}

// nameOf returns the name of a song or an artist.
func nameOf(item any) string {
	switch item := item.(type) {
	case *Song:
		return item.Title
	case *Artist:
		return item.Name
	}
	return "?"
}

func printNearest(ctx context.Context, search *dynamapper.CollectionSearch) {
	nearest, err := search.Collect(ctx)
	check(err)
	for _, n := range nearest {
		fmt.Printf("%s %.1f\n", nameOf(n.Item), n.Score)
	}
}

// The search finds what is nearest to a listener's taste, of whatever kind it is.
func ExampleCollection_Nearest() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	for n, err := range music.Nearest([]float32{1, 0}).All(ctx) {
		check(err)
		switch item := n.Item.(type) {
		case *Song:
			fmt.Printf("song %s %.1f\n", item.Title, n.Score)
		case *Artist:
			fmt.Printf("artist %s %.1f\n", item.Name, n.Score)
		}
	}
	// Output:
	// song Dawn 0.0
	// artist The Larks 0.2
	// song Storm 1.0
}

func ExampleCollectionSearch() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	calm := dynamapper.Attr("mood", dynamapper.EQ("calm"))
	printNearest(ctx, music.Nearest([]float32{0, 1}).Index("by-taste").Where(calm).Top(1))
	// Output: The Larks 0.4
}

func ExampleCollectionSearch_All() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	for n, err := range music.Nearest([]float32{0, 1}).All(ctx) {
		if errors.Is(err, dynamapper.ErrUnknownEntity) {
			continue // of a newer program
		}
		check(err)
		fmt.Println(nameOf(n.Item))
	}
	// Output:
	// Storm
	// The Larks
	// Dawn
}

func ExampleCollectionSearch_Collect() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	nearest, err := music.Nearest([]float32{0, 1}).Collect(ctx)
	check(err)
	fmt.Println(len(nearest), nameOf(nearest[0].Item))
	// Output: 3 Storm
}

func ExampleCollectionNeighbor() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	nearest, err := music.Nearest([]float32{1, 0}).Collect(ctx)
	check(err)
	fmt.Println(nearest[0].Item.(*Song).Title, nearest[0].Score)
	// Output: Dawn 0
}

func ExampleCollectionSearch_Index() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	printNearest(ctx, music.Nearest([]float32{0, 1}).Index("by-taste"))
	// Output:
	// Storm 0.0
	// The Larks 0.4
	// Dawn 1.0
}

func ExampleCollectionSearch_Where() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	wild := dynamapper.Attr("mood", dynamapper.EQ("wild"))
	printNearest(ctx, music.Nearest([]float32{1, 0}).Where(wild))
	// Output: Storm 1.0
}

func ExampleCollectionSearch_Select() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	nearest, err := music.Nearest([]float32{1, 0}).Select("taste").Top(1).Collect(ctx)
	check(err)
	fmt.Printf("%q %v\n", nearest[0].Item.(*Song).Title, nearest[0].Item.(*Song).Taste)
	// Output: "" [1 0]
}

func ExampleCollectionSearch_Top() {
	ctx := context.Background()
	music, end := exampleMusic(ctx)
	defer end()
	printNearest(ctx, music.Nearest([]float32{1, 0}).Top(2))
	// Output:
	// Dawn 0.0
	// The Larks 0.2
}

func ExampleCollectionPage() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	page, err := game.Query("waldo").Reverse().Limit(1).Page(ctx)
	check(err)
	fmt.Println(page.Items[0].(*Profile).Login, page.Cursor != "")
	// Output: waldo true
}

// A CollectionScan takes the methods of a Scan.
func ExampleCollectionScan() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Scan().Consistent().PageSize(2).Collect(ctx)
	check(err)
	fmt.Println(len(entities))
	// Output: 4
}

func ExampleCollectionScan_Parallel() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Scan().Parallel(4).Collect(ctx)
	check(err)
	fmt.Println(len(entities))
	// Output: 4
}

func ExampleCollectionScan_Segment() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	n := 0
	for i := range 3 { // or in three processes
		entities, err := game.Scan().Segment(i, 3).Collect(ctx)
		check(err)
		n += len(entities)
	}
	fmt.Println(n)
	// Output: 4
}

func ExampleCollectionScan_Index() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Scan().Index("by-points").Count(ctx))
	// Output: 2 <nil>
}

func ExampleCollectionScan_Where() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Scan().Where(dynamapper.Attr("entity", dynamapper.EQ("profile"))).Count(ctx))
	// Output: 1 <nil>
}

func ExampleCollectionScan_Select() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Scan().Where(dynamapper.Attr("entity", dynamapper.EQ("profile"))).
		Select("balance").Collect(ctx)
	check(err)
	fmt.Println(entities[0].(*Profile).Balance)
	// Output: 200
}

func ExampleCollectionScan_Consistent() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Scan().Consistent().Count(ctx))
	// Output: 4 <nil>
}

func ExampleCollectionScan_Limit() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	entities, err := game.Scan().Limit(2).Collect(ctx)
	check(err)
	fmt.Println(len(entities))
	// Output: 2
}

func ExampleCollectionScan_PageSize() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Scan().PageSize(1).Count(ctx)) // requests of one item each
	// Output: 4 <nil>
}

func ExampleCollectionScan_From() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	first, err := game.Scan().Limit(3).Page(ctx)
	check(err)
	rest, err := game.Scan().From(first.Cursor).Collect(ctx)
	check(err)
	fmt.Println(len(first.Items), len(rest))
	// Output: 3 1
}

func ExampleCollectionScan_All() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	n := map[string]int{}
	for entity, err := range game.Scan().All(ctx) {
		check(err)
		n[fmt.Sprintf("%T", entity)]++
	}
	fmt.Println(n)
	// Output: map[*dynamapper_test.Match:3 *dynamapper_test.Profile:1]
}

func ExampleCollectionScan_Collect() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	isProfile := dynamapper.Attr("entity", dynamapper.EQ("profile"))
	entities, err := game.Scan().Where(isProfile).Collect(ctx)
	check(err)
	printKinds(entities)
	// Output: waldo
}

func ExampleCollectionScan_Into() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	var all struct {
		Profiles []*Profile
		Others   []any
	}
	check(game.Scan().Into(ctx, &all))
	fmt.Println(len(all.Profiles), len(all.Others))
	// Output: 1 3
}

func ExampleCollectionScan_Count() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	fmt.Println(game.Scan().Count(ctx))
	// Output: 4 <nil>
}

func ExampleCollectionScan_Page() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	page, err := game.Scan().Limit(3).Page(ctx)
	check(err)
	fmt.Println(len(page.Items), page.Cursor != "")
	// Output: 3 true
}

// Items of an entity that the collection does not know do not end the loop.
func ExampleUnknownEntityError() {
	ctx := context.Background()
	profiles, _, end := exampleGame(ctx)
	defer end()
	game, err := dynamapper.NewCollection(profiles)
	check(err)

	for entity, err := range game.Query("waldo").All(ctx) {
		if errors.Is(err, dynamapper.ErrUnknownEntity) {
			unknown := &dynamapper.UnknownEntityError{}
			errors.As(err, &unknown)
			fmt.Println(unknown.Entity, unknown.Key.Range())
			continue
		}
		check(err)
		fmt.Println(kindOf(entity))
	}
	// Output:
	// match MATCH#2026-05-01#a
	// match MATCH#2026-05-02#b
	// match MATCH#2026-05-02#c
	// waldo
}

// A view has a place for every item, or Into returns an error.
func ExampleViewError() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()
	var view struct {
		Profile *Profile
		Match   *Match
	}
	err := game.Query("waldo").Into(ctx, &view)
	twice := &dynamapper.ViewError{}
	if errors.As(err, &twice) {
		fmt.Println(twice.Field, len(twice.Keys), twice.Keys[1].Parts()[2])
	}
	// Output: Match 2 b
}
