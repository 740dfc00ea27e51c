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

// Table.New calls InitItem, for what a default in a tag cannot say.
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

// Save calls ValidateItem before anything is sent.
func ExampleModel_validateItem() {
	ctx := context.Background()
	wallets, end := exampleTable[Wallet](ctx)
	defer end()

	err := wallets.Save(ctx, &Wallet{Login: "waldo", Coins: -1})
	fmt.Println(errors.Is(err, errDebt))
	// Output: true
}

// Hero has the hook MigrateItem: once, the attribute was named lvl.
type Hero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"level"`
}

func (h *Hero) MigrateItem(raw map[string]types.AttributeValue) error {
	if old, has := raw["lvl"]; has {
		if raw["level"] == nil { // what has the new name is newer
			raw["level"] = old
		}
		delete(raw, "lvl")
	}
	return nil
}

// OldHero is Hero as it was.
type OldHero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"lvl"`
}

// Loading calls MigrateItem, and the next save writes the new form.
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

// Deck has the hooks MarshalItem and UnmarshalItem: its cards are one text.
type Deck struct {
	dynamapper.Model `dynamo:"decks"`

	Login string   `dynamo:"login,hash"`
	Wins  int      `dynamo:"wins"`
	Cards []string `dynamo:"-"`
}

func (d *Deck) MarshalItem() (map[string]types.AttributeValue, error) {
	raw, err := dynamapper.EncodeItem(d) // all but the cards
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

// Saving calls MarshalItem in place of the codec.
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

// Loading calls UnmarshalItem in place of the codec.
func ExampleModel_unmarshalItem() {
	ctx := context.Background()
	decks, end := exampleTable(ctx, &Deck{Login: "waldo", Wins: 3, Cards: []string{"ace", "king"}})
	defer end()

	deck, err := decks.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(deck.Wins, deck.Cards)
	// Output: 3 [ace king]
}

// EncodeItem is for a hook MarshalItem, and for whoever wants the codec without a table.
func ExampleEncodeItem() {
	raw, err := dynamapper.EncodeItem(&Deck{Login: "waldo", Wins: 3, Cards: []string{"ace"}})
	check(err)
	printItem(raw)
	// Output:
	// login {"S":"waldo"}
	// wins {"N":"3"}
}

// DecodeItem is for a hook UnmarshalItem, and for whoever wants the codec without a table.
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
