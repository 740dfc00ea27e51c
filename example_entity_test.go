package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper"
)

// Profile and Match are two kinds of items in one table. A player's profile and matches have one
// hash key, and a match has the keys of an index that sorts the matches of a guild by points.
type Profile struct {
	dynamapper.Model `dynamo:"game,entity=profile"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
	Login   string              `dynamo:"login"`
	Balance int                 `dynamo:"balance"`
}

type Match struct {
	dynamapper.Model `dynamo:"game,entity=match"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=MATCH#{day}#{id}"`

	ByGuild  dynamapper.Computed `dynamo:"gsi1pk,format=GUILD#{guild}" index:"by-points,hash"`
	ByPoints dynamapper.Computed `dynamo:"gsi1sk,format=POINTS#{points:6}" index:"by-points,range"`

	Player string    `dynamo:"player"`
	Day    time.Time `dynamo:"day,layout=DateOnly"`
	ID     string    `dynamo:"id"`
	Guild  string    `dynamo:"guild"`
	Points int       `dynamo:"points"`
}

func may(day int) time.Time { return time.Date(2026, time.May, day, 0, 0, 0, 0, time.UTC) }

// exampleGame makes a table with the profile of waldo and three matches.
func exampleGame(ctx context.Context) (
	profiles *dynamapper.Table[Profile], matches *dynamapper.Table[Match], end func(),
) {
	mapper, end := exampleMapper()
	profiles, err := dynamapper.TableOf[Profile](mapper)
	check(err)
	matches, err = dynamapper.TableOf[Match](mapper)
	check(err)
	check(matches.CreateTable(ctx, dynamapper.WaitActive()))
	check(profiles.Save(ctx, &Profile{Login: "waldo", Balance: 200}))
	check(matches.BatchSave(ctx, []*Match{
		{Player: "waldo", Day: may(1), ID: "a", Guild: "knights", Points: 90},
		{Player: "waldo", Day: may(2), ID: "b", Guild: "knights", Points: 120},
		{Player: "waldo", Day: may(2), ID: "c", Points: 10},
	}))
	return profiles, matches, end
}

// A Save computes the keys from the other fields. Calls take the parts of the keys.
func ExampleComputed() {
	ctx := context.Background()
	_, matches, end := exampleGame(ctx)
	defer end()

	match, err := matches.Get(ctx, dynamapper.Key("waldo", may(2), "b"))
	check(err)
	fmt.Println(match.ByGuild, match.ByPoints)
	match.Points += 30
	check(matches.Save(ctx, match, dynamapper.FailOnConflict()))
	printItem(matches.Snapshot(match))
	// Output:
	// GUILD#knights POINTS#000120
	// day {"S":"2026-05-02"}
	// entity {"S":"match"}
	// gsi1pk {"S":"GUILD#knights"}
	// gsi1sk {"S":"POINTS#000150"}
	// guild {"S":"knights"}
	// id {"S":"b"}
	// pk {"S":"PLAYER#waldo"}
	// player {"S":"waldo"}
	// points {"N":"150"}
	// sk {"S":"MATCH#2026-05-02#b"}
}

// A query compares the parts of the range key from the left.
func ExampleQuery_RangeParts() {
	ctx := context.Background()
	_, matches, end := exampleGame(ctx)
	defer end()

	onDay := matches.Query("waldo").RangeParts(dynamapper.EQ(may(2)), dynamapper.GE("c"))
	for match, err := range onDay.All(ctx) {
		check(err)
		fmt.Println(match.Day.Format(time.DateOnly), match.ID)
	}
	best, err := matches.Query("knights").Index("by-points").Range(dynamapper.GE(100)).Collect(ctx)
	check(err)
	fmt.Println(len(best), best[0].ID)
	// Output:
	// 2026-05-02 c
	// 1 b
}

// Parts returns what Key was given.
func ExamplePrimaryKey_Parts() {
	_, matches, end := exampleGame(context.Background())
	defer end()

	key := matches.KeyOf(&Match{Player: "waldo", Day: may(2), ID: "b"})
	for _, part := range key.Parts() {
		fmt.Println(part)
	}
	// Output:
	// waldo
	// 2026-05-02 00:00:00 +0000 UTC
	// b
}

// An item of another model is not read as one of this model.
func ExampleOtherEntityError() {
	ctx := context.Background()
	profiles, matches, end := exampleGame(ctx)
	defer end()

	waldo, err := profiles.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	_, err = matches.UnmarshalItem(profiles.Snapshot(waldo)) // such as an image of a stream
	other := &dynamapper.OtherEntityError{}
	fmt.Println(errors.Is(err, dynamapper.ErrOtherEntity), errors.As(err, &other), other.Found)
	// Output: true true profile
}

// Items from before the model had a name are read with the option Unmarked.
func ExampleUnmarked() {
	type OldProfile struct {
		dynamapper.Model `dynamo:"game"`
		PK               string `dynamo:"pk,hash"`
		SK               string `dynamo:"sk,range"`
		Login            string `dynamo:"login"`
	}
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	old, err := dynamapper.TableOf[OldProfile](mapper)
	check(err)
	check(old.CreateTable(ctx, dynamapper.WaitActive()))
	check(old.Save(ctx, &OldProfile{PK: "PLAYER#waldo", SK: "PROFILE", Login: "waldo"}))

	profiles, err := dynamapper.TableOf[Profile](mapper, dynamapper.Unmarked())
	check(err)
	waldo, err := profiles.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	check(profiles.Save(ctx, waldo)) // writes the name
	fmt.Println(waldo.Login, wireText(profiles.Snapshot(waldo)["entity"]))
	// Output: waldo {"S":"profile"}
}
