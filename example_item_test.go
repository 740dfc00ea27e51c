package dynamapper_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

func ExampleKey() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	score, err := scores.Get(ctx, dynamapper.Key("tetris", "ada")) // the hash key and the range key
	check(err)
	fmt.Println(score.Points)
	// Output: 90
}

func ExampleKeys() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200},
		&Player{Login: "wally", Coins: 5})
	defer end()

	logins := []string{"wally", "waldo", "nobody"}
	found, err := players.BatchGet(ctx, dynamapper.Keys(logins...))
	check(err)
	for _, player := range found {
		fmt.Println(player.Login, player.Coins)
	}
	// Output:
	// wally 5
	// waldo 200
}

// A list of keys, each with a hash key and a range key.
func ExamplePrimaryKey() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	keys := []dynamapper.PrimaryKey{dynamapper.Key("chess", "ada"), dynamapper.Key("tetris", "bob")}
	found, err := scores.BatchGet(ctx, keys)
	check(err)
	for _, score := range found {
		fmt.Println(score.Game, score.Player, score.Points)
	}
	// Output:
	// chess ada 12
	// tetris bob 40
}

func ExamplePrimaryKey_Hash() {
	key := dynamapper.Key("tetris", "ada")
	fmt.Println(key.Hash())
	// Output: tetris
}

func ExamplePrimaryKey_Range() {
	fmt.Println(dynamapper.Key("tetris", "ada").Range())
	fmt.Println(dynamapper.Key("waldo").Range())
	// Output:
	// ada
	// <nil>
}

func ExampleTable_Get() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 200
}

// A consistent read of two attributes, the key and the coins.
func ExampleReadOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200, Guild: "knights"})
	defer end()

	opts := []dynamapper.ReadOption{dynamapper.Consistent(), dynamapper.Select("coins")}
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), opts...)
	check(err)
	fmt.Printf("%q %d %q\n", waldo.Login, waldo.Coins, waldo.Guild)
	// Output: "waldo" 200 ""
}

// A consistent read before a decision about money.
func ExampleConsistent() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins >= 150)
	// Output: true
}

// Select makes the item partial, and ChangedOnly saves only its edited attributes.
func ExampleSelect() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200, Guild: "knights"})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Select("coins"))
	check(err)
	waldo.Coins++
	check(players.Save(ctx, waldo, dynamapper.ChangedOnly()))

	waldo, err = players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 201 knights
}

func ExampleTable_BatchGet() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200},
		&Player{Login: "wally", Coins: 5})
	defer end()

	found, err := players.BatchGet(ctx, dynamapper.Keys("waldo", "nobody", "wally"),
		dynamapper.Consistent())
	check(err)
	for _, player := range found { // the items found, in the order of the keys
		fmt.Println(player.Login, player.Coins)
	}
	// Output:
	// waldo 200
	// wally 5
}

// New applies the defaults of the tags, then the hook InitItem, then this function.
func ExampleTable_New() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	waldo := players.New(func(p *Player) { p.Login, p.Coins = "waldo", 200 })
	fmt.Println(waldo.Login, waldo.Coins, players.IsNew(waldo))
	// Output: waldo 200 true
}

func ExampleTable_KeyOf() {
	scores, end := exampleTable[Score](context.Background())
	defer end()

	key := scores.KeyOf(&Score{Game: "tetris", Player: "ada", Points: 90})
	fmt.Println(key.Hash(), key.Range())
	// Output: tetris ada
}

func ExampleTable_IsNew() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	waldo := &Player{Login: "waldo"}
	fmt.Println(players.IsNew(waldo))
	check(players.Save(ctx, waldo))
	fmt.Println(players.IsNew(waldo))
	check(players.Delete(ctx, waldo))
	fmt.Println(players.IsNew(waldo))
	// Output:
	// true
	// false
	// true
}

// Snapshot returns the item as it was loaded, regardless of later edits.
func ExampleTable_Snapshot() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	waldo.Coins = 50
	printItem(players.Snapshot(waldo))
	// Output:
	// coins {"N":"200"}
	// login {"S":"waldo"}
}

// A page that needs every field, as to_json_dict of dynamodb-mapper returns them.
func ExampleEmptyFields() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	text, err := json.Marshal(players.ToMap(&Player{Login: "waldo"}, dynamapper.EmptyFields()))
	check(err)
	fmt.Println(string(text))
	// Output: {"badges":[],"coins":0,"guild":"","inventory":{},"login":"waldo"}
}

func ExampleMapOption() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	whole := []dynamapper.MapOption{dynamapper.EmptyFields()}
	fmt.Println(players.ToMap(&Player{Login: "waldo"}, whole...)["badges"])
	// Output: []
}

func ExampleTable_ToMap() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	waldo := &Player{Login: "waldo", Coins: 200, Badges: []string{"gold", "fast"}}
	text, err := json.Marshal(players.ToMap(waldo)) // a response of an HTTP handler
	check(err)
	fmt.Println(string(text))
	// Output: {"badges":["fast","gold"],"coins":200,"login":"waldo"}
}

// MarshalItem returns an attribute map for a request through the SDK.
func ExampleTable_MarshalItem() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	raw, err := players.MarshalItem(
		&Player{Login: "waldo", Coins: 200, Inventory: map[string]int{"sword": 1}})
	check(err)
	printItem(raw)
	// Output:
	// coins {"N":"200"}
	// inventory {"M":{"sword":{"N":"1"}}}
	// login {"S":"waldo"}
}

// An OverwriteError holds the current item. Decoded, it can be edited and saved like a loaded item.
func ExampleTable_UnmarshalItem() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo"}, dynamapper.FailOnConflict())
	var taken *dynamapper.OverwriteError
	if errors.As(err, &taken) {
		waldo, err := players.UnmarshalItem(taken.Current)
		check(err)
		fmt.Println(waldo.Login, waldo.Coins, players.IsNew(waldo))
	}
	// Output: waldo 200 false
}

// UnmarshalItemJSON decodes an image from a stream event, as a Lambda function receives it.
func ExampleTable_UnmarshalItemJSON() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	image := `{"login":{"S":"waldo"},"coins":{"N":"200"},"badges":{"SS":["gold"]}}`
	waldo, err := players.UnmarshalItemJSON([]byte(image))
	check(err)
	fmt.Println(waldo.Login, waldo.Coins, waldo.Badges)
	// Output: waldo 200 [gold]
}

// Attributes without a field in the struct are kept when the item is saved.
func ExampleTable_Snapshot_unknown() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	waldo, err := players.UnmarshalItem(map[string]types.AttributeValue{
		"login": &types.AttributeValueMemberS{Value: "waldo"},
		"pet":   &types.AttributeValueMemberS{Value: "dragon"}, // written by a newer program
	})
	check(err)
	raw, err := players.MarshalItem(waldo)
	check(err)
	printItem(raw)
	// Output:
	// login {"S":"waldo"}
	// pet {"S":"dragon"}
}
