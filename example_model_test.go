package dynamapper_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// A field without a tag is stored under its own name.
func ExampleModel() {
	type Player struct {
		dynamapper.Model `dynamo:"players"` // the table's name

		Login string `dynamo:"login,hash"` // an attribute's name, and options
		Coins int
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Coins: 200}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// Coins {"N":"200"}
	// login {"S":"waldo"}
}

// Setting the field to Model{} makes an item new: here, a copy under another name, which FailOnConflict puts only where
// nothing is.
func ExampleModel_new() {
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Coins: 200}
	players, end := exampleTable(ctx, waldo)
	defer end()

	waldo.Login, waldo.Model = "wally", dynamapper.Model{}
	fmt.Println(players.IsNew(waldo), players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	// Output: true <nil>
}

// The snapshot is no part of an item's value, for go-cmp, say.
func ExampleModel_Equal() {
	ctx := context.Background()
	waldo := &Player{Login: "waldo"}
	players, end := exampleTable(ctx, waldo)
	defer end()

	fmt.Println(players.IsNew(waldo), waldo.Equal(dynamapper.Model{}))
	// Output: false true
}

// Without omitempty, zero and false are stored.
func ExampleModel_omitempty() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login  string `dynamo:"login,hash"`
		Coins  int    `dynamo:"coins"`
		Deaths int    `dynamo:"deaths,omitempty"`
		Banned bool   `dynamo:"banned,omitempty"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo"}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// coins {"N":"0"}
	// login {"S":"waldo"}
}

func ExampleModel_default() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Coins int    `dynamo:"coins,default=200"`
		Title string `dynamo:"title,default='Sir, or Lady'"` // a value with a comma
	}
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	waldo := players.New()
	fmt.Println(waldo.Coins, waldo.Title)
	// Output: 200 Sir, or Lady
}

// A field named - is left out.
func ExampleModel_leftOut() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Typed string `dynamo:"-"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Typed: "xyzzy"}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output: login {"S":"waldo"}
}

// A global index has keys of its own; this one has the emails, the logins and nothing else.
func ExampleModel_index() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Email string `dynamo:"email" index:"by-email,hash,keys_only"`
		Guild string `dynamo:"guild" index:"by-guild,hash"`
		Level int    `dynamo:"level" index:"by-guild,range"`
	}
	ctx := context.Background()
	players, end := exampleTable(ctx,
		&Player{Login: "waldo", Email: "waldo@example.com", Guild: "knights", Level: 9},
		&Player{Login: "wally", Email: "wally@example.com", Guild: "knights", Level: 4})
	defer end()

	waldo, err := players.Query("waldo@example.com").Index("by-email").First(ctx)
	check(err)
	best, err := players.Query("knights").Index("by-guild").Reverse().First(ctx)
	check(err)
	fmt.Println(waldo.Login, best.Login, best.Level)
	// Output: waldo waldo 9
}

// A local index sorts the items of the table's hash key by another attribute.
func ExampleModel_localIndex() {
	type Score struct {
		dynamapper.Model `dynamo:"scores"`

		Game   string `dynamo:"game,hash"`
		Player string `dynamo:"player,range"`
		Points int    `dynamo:"points" localIndex:"by-points,range,include=guild"`
		Guild  string `dynamo:"guild"`
	}
	ctx := context.Background()
	scores, end := exampleTable(ctx,
		&Score{Game: "tetris", Player: "ada", Points: 40, Guild: "knights"},
		&Score{Game: "tetris", Player: "bob", Points: 90, Guild: "rogues"})
	defer end()

	best, err := scores.Query("tetris").Index("by-points").Reverse().First(ctx)
	check(err)
	fmt.Println(best.Player, best.Points, best.Guild)
	// Output: bob 90 rogues
}

// The fields of an embedded struct are the model's.
func ExampleModel_embedded() {
	type Stats struct {
		Wins   int `dynamo:"wins"`
		Losses int `dynamo:"losses"`
	}
	type Player struct {
		dynamapper.Model `dynamo:"players"`
		Stats

		Login string `dynamo:"login,hash"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Stats: Stats{Wins: 3}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// login {"S":"waldo"}
	// losses {"N":"0"}
	// wins {"N":"3"}
}

// An attribute value of the SDK is stored as it is: for what has a type only in another program.
func ExampleModel_attributeValue() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string               `dynamo:"login,hash"`
		Extra types.AttributeValue `dynamo:"extra"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Extra: &types.AttributeValueMemberN{Value: "1"}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// extra {"N":"1"}
	// login {"S":"waldo"}
}

// Team is text to the table, because it has MarshalText and UnmarshalText.
type Team struct{ Colour, Animal string }

func (t Team) MarshalText() ([]byte, error) { return []byte(t.Colour + " " + t.Animal), nil }

func (t *Team) UnmarshalText(text []byte) error {
	t.Colour, t.Animal, _ = strings.Cut(string(text), " ")
	return nil
}

func ExampleModel_textMarshaler() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string `dynamo:"login,hash"`
		Team  Team   `dynamo:"team"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Team: Team{"red", "fox"}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// login {"S":"waldo"}
	// team {"S":"red fox"}
}
