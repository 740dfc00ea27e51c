package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// Quest has the hook InitItem.
type Quest struct {
	dynamapper.Model `dynamo:"quests"`

	Name  string   `dynamo:"name,hash"`
	Steps []string `dynamo:"steps"`
}

func (q *Quest) InitItem() { q.Steps = []string{"begin"} }

// Table.New calls InitItem, which sets a value that a default in a tag cannot express.
func ExampleModel_initItem() {
	quests, end := exampleTable[Quest](context.Background())
	defer end()

	fmt.Println(quests.New().Steps)
	// Output: [begin]
}

// Wallet has the hook ValidateItem.
type Wallet struct {
	dynamapper.Model `dynamo:"wallets"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

var errDebt = errors.New("a wallet cannot hold less than nothing")

func (w *Wallet) ValidateItem() error {
	if w.Coins < 0 {
		return errDebt
	}
	return nil
}

// Save calls ValidateItem before it sends a request.
func ExampleModel_validateItem() {
	ctx := context.Background()
	wallets, end := exampleTable[Wallet](ctx)
	defer end()

	err := wallets.Save(ctx, &Wallet{Login: "waldo", Coins: -1})
	fmt.Println(errors.Is(err, errDebt))
	// Output: true
}

// Hero has the hook MigrateItem, because the attribute level was once named lvl.
type Hero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"level"`
}

func (h *Hero) MigrateItem(raw map[string]types.AttributeValue) error {
	if old, has := raw["lvl"]; has {
		if raw["level"] == nil { // the value under the new name is newer
			raw["level"] = old
		}
		delete(raw, "lvl")
	}
	return nil
}

// OldHero is an older version of Hero.
type OldHero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"lvl"`
}

// Loading an item calls MigrateItem, and the next save writes the new form.
func ExampleModel_migrateItem() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	old, err := dynamapper.TableOf[OldHero](mapper)
	check(err)
	check(old.CreateTable(ctx))
	check(old.Save(ctx, &OldHero{Name: "Duke", Level: 7}))

	heroes, err := dynamapper.TableOf[Hero](mapper)
	check(err)
	duke, err := heroes.Get(ctx, dynamapper.Key("Duke"))
	check(err)
	check(heroes.Save(ctx, duke, dynamapper.FailOnConflict()))
	printItem(heroes.Snapshot(duke))
	// Output:
	// level {"N":"7"}
	// name {"S":"Duke"}
}

// Deck has the hooks MarshalItem and UnmarshalItem, which store its cards as one text.
type Deck struct {
	dynamapper.Model `dynamo:"decks"`

	Login string   `dynamo:"login,hash"`
	Wins  int      `dynamo:"wins"`
	Cards []string `dynamo:"-"`
}

func (d *Deck) MarshalItem() (map[string]types.AttributeValue, error) {
	raw, err := dynamapper.EncodeItem(d) // everything except the cards
	if err != nil {
		return nil, err
	}
	raw["cards"] = &types.AttributeValueMemberS{Value: strings.Join(d.Cards, " ")}
	return raw, nil
}

func (d *Deck) UnmarshalItem(raw map[string]types.AttributeValue) error {
	if cards, is := raw["cards"].(*types.AttributeValueMemberS); is {
		d.Cards = strings.Fields(cards.Value)
	}
	return dynamapper.DecodeItem(raw, d)
}

// Saving an item calls MarshalItem in place of the codec.
func ExampleModel_marshalItem() {
	ctx := context.Background()
	deck := &Deck{Login: "waldo", Wins: 3, Cards: []string{"ace", "king"}}
	decks, end := exampleTable(ctx, deck)
	defer end()

	printItem(decks.Snapshot(deck))
	// Output:
	// cards {"S":"ace king"}
	// login {"S":"waldo"}
	// wins {"N":"3"}
}

// Loading an item calls UnmarshalItem in place of the codec.
func ExampleModel_unmarshalItem() {
	ctx := context.Background()
	decks, end := exampleTable(ctx, &Deck{Login: "waldo", Wins: 3, Cards: []string{"ace", "king"}})
	defer end()

	deck, err := decks.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(deck.Wins, deck.Cards)
	// Output: 3 [ace king]
}

// EncodeItem encodes an item in a MarshalItem hook, or without a table.
func ExampleEncodeItem() {
	raw, err := dynamapper.EncodeItem(&Deck{Login: "waldo", Wins: 3, Cards: []string{"ace"}})
	check(err)
	printItem(raw)
	// Output:
	// login {"S":"waldo"}
	// wins {"N":"3"}
}

// DecodeItem decodes an item in an UnmarshalItem hook, or without a table.
func ExampleDecodeItem() {
	raw := map[string]types.AttributeValue{
		"login": &types.AttributeValueMemberS{Value: "waldo"},
		"wins":  &types.AttributeValueMemberN{Value: "3"},
	}
	var deck Deck
	check(dynamapper.DecodeItem(raw, &deck))
	fmt.Println(deck.Login, deck.Wins)
	// Output: waldo 3
}
