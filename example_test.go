package dynamapper_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Player and Score are the models of most examples.

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

// exampleTable makes a table of the model with these items. Its mapper has a table prefix of its
// own; end deletes the table.
func exampleTable[T dynamapper.IsModel](
	ctx context.Context, items ...*T,
) (table *dynamapper.Table[T], end func()) {
	mapper, end := exampleMapper()
	table, err := dynamapper.TableOf[T](mapper)
	check(err)
	check(table.CreateTable(ctx, dynamapper.WaitActive()))
	for _, item := range items {
		check(table.Save(ctx, item))
	}
	return table, end
}

// exampleScores makes a table with four scores: ada, bob and eve in tetris, and ada in chess.
func exampleScores(ctx context.Context) (scores *dynamapper.Table[Score], end func()) {
	at := func(day int) time.Time { return time.Date(2026, time.May, day, 12, 0, 0, 0, time.UTC) }
	return exampleTable(ctx,
		&Score{Game: "tetris", Player: "ada", Points: 90, Guild: "knights",
			Badges: []string{"gold", "fast"}, Moves: []string{"left", "drop"}, At: at(1)},
		&Score{Game: "tetris", Player: "bob", Points: 40, Guild: "rogues", Moves: []string{"drop"},
			At: at(2)},
		&Score{Game: "tetris", Player: "eve", Points: 70, Badges: []string{"fast"}, At: at(3)},
		&Score{Game: "chess", Player: "ada", Points: 12, Guild: "knights", At: at(4)},
	)
}

// exampleServer returns the engine that all examples share: that of the environment, or one
// with a fixed seed, whose responses are the same in every run.
var exampleServer = sync.OnceValue(func() *dynamotest.Server {
	start := func() (*dynamotest.Server, error) {
		return dynamotest.StartEngine(
			engine.WithSeed(0))
	}
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" {
		start = func() (*dynamotest.Server, error) { return dynamotest.Start(context.Background()) }
	}
	server, err := start()
	check(err)
	return server
})

// prefixLength keeps the table names of the examples short enough to read.
const prefixLength = 6

// exampleMapper returns a mapper on the engine of the examples, with tables of its own; end deletes
// them.
func exampleMapper(opts ...dynamapper.Option) (mapper *dynamapper.Mapper, end func()) {
	ctx := context.Background()
	prefix := strings.ToLower(rand.Text()[:prefixLength]) + "-"
	mapper, err := exampleServer().Mapper(ctx,
		append([]dynamapper.Option{dynamapper.WithTablePrefix(prefix)}, opts...)...)
	check(err)
	return mapper, func() { deleteExampleTables(ctx, prefix) }
}

// deleteExampleTables deletes the tables of an example, because an external engine would keep them.
func deleteExampleTables(ctx context.Context, prefix string) {
	client := dynamodb.NewFromConfig(exampleServer().Config())
	pages := dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		check(err)
		for _, table := range page.TableNames {
			if strings.HasPrefix(table, prefix) {
				_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
				check(err)
			}
		}
	}
}

// printItem prints an item in DynamoDB's JSON, one attribute a line.
func printItem(item map[string]types.AttributeValue) {
	for _, attribute := range slices.Sorted(maps.Keys(item)) {
		fmt.Println(attribute, wireText(item[attribute]))
	}
}

// wireText returns a value in DynamoDB's JSON, with the names of a map sorted.
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

// check keeps the examples short; a real program returns its errors.
func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// FailOnConflict keeps the purchase from overwriting a change that another writer made meanwhile.
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
