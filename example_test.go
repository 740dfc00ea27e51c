package dynamapper_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// The examples talk of players and of their scores.

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login     string         `dynamo:"login,hash"`
	Coins     int            `dynamo:"coins"`
	Guild     string         `dynamo:"guild"`
	Badges    []string       `dynamo:"badges,set"`
	Inventory map[string]int `dynamo:"inventory,document"`
}

type Score struct {
	dynamapper.Model `dynamo:"scores"`

	Game   string    `dynamo:"game,hash"`
	Player string    `dynamo:"player,range"`
	Points int       `dynamo:"points" localIndex:"by-points,range"`
	Guild  string    `dynamo:"guild" index:"by-guild,hash"`
	Badges []string  `dynamo:"badges,set"`
	Moves  []string  `dynamo:"moves,document"`
	At     time.Time `dynamo:"at"`
}

// exampleTable makes a table of the model with these items. Its mapper has a prefix of its own; end deletes the table.
func exampleTable[T any](ctx context.Context, items ...*T) (table *dynamapper.Table[T], end func()) {
	mapper, end := exampleMapper()
	table, err := dynamapper.TableOf[T](mapper)
	check(err)
	check(table.CreateTable(ctx, dynamapper.WaitActive()))
	for _, item := range items {
		check(table.Save(ctx, item))
	}
	return table, end
}

// exampleScores makes a table with four scores: in tetris those of ada, bob and eve, in chess one of ada.
func exampleScores(ctx context.Context) (scores *dynamapper.Table[Score], end func()) {
	at := func(day int) time.Time { return time.Date(2026, time.May, day, 12, 0, 0, 0, time.UTC) }
	return exampleTable(ctx,
		&Score{Game: "tetris", Player: "ada", Points: 90, Guild: "knights", Badges: []string{"gold", "fast"}, Moves: []string{"left", "drop"}, At: at(1)},
		&Score{Game: "tetris", Player: "bob", Points: 40, Guild: "rogues", Moves: []string{"drop"}, At: at(2)},
		&Score{Game: "tetris", Player: "eve", Points: 70, Badges: []string{"fast"}, At: at(3)},
		&Score{Game: "chess", Player: "ada", Points: 12, Guild: "knights", At: at(4)},
	)
}

// exampleServer is the engine of the tests.
func exampleServer() *dynamotest.Server { return dynamotest.Run(&exampleTB{}) }

// exampleMapper makes a mapper on the engine of the tests, with tables of its own; end deletes them.
func exampleMapper(opts ...dynamapper.Option) (mapper *dynamapper.Mapper, end func()) {
	tb := &exampleTB{}
	return dynamotest.Mapper(tb, opts...), tb.end
}

// printItem prints an item as it is stored, an attribute a line, in DynamoDB's JSON.
func printItem(item map[string]types.AttributeValue) {
	for _, attribute := range slices.Sorted(maps.Keys(item)) {
		fmt.Println(attribute, wireText(item[attribute]))
	}
}

// wireText writes a value in DynamoDB's JSON, the names of a map in order.
func wireText(value types.AttributeValue) string {
	if document, is := value.(*types.AttributeValueMemberM); is {
		var members []string
		for _, name := range slices.Sorted(maps.Keys(document.Value)) {
			members = append(members, fmt.Sprintf("%q:%s", name, wireText(document.Value[name])))
		}
		return `{"M":{` + strings.Join(members, ",") + `}}`
	}
	text, err := wire.AppendValue(nil, value)
	check(err)
	return string(text)
}

// check keeps the examples short: a program returns its errors.
func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// exampleTB stands for the testing.TB that an example lacks, so that the examples share the tests' engine. It has the
// methods that dynamotest calls; any other would panic.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (tb *exampleTB) Name() string                      { return "Example" }
func (tb *exampleTB) Helper()                           {}
func (tb *exampleTB) Context() context.Context          { return context.Background() }
func (tb *exampleTB) Cleanup(cleanup func())            { tb.cleanups = append(tb.cleanups, cleanup) }
func (tb *exampleTB) Fatal(args ...any)                 { log.Panic(args...) }
func (tb *exampleTB) Errorf(format string, args ...any) { log.Panicf(format, args...) }

func (tb *exampleTB) end() {
	for _, cleanup := range tb.cleanups {
		cleanup()
	}
}

// A purchase that does not lose what somebody else does at the same time.
func Example() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	waldo.Coins -= 150
	waldo.Inventory = map[string]int{"sword": 1}
	check(players.Save(ctx, waldo, dynamapper.FailOnConflict()))

	fmt.Println(waldo.Login, waldo.Coins, waldo.Inventory)
	// Output: waldo 50 map[sword:1]
}
