package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// A field without a tag is stored under its own name.
func ExampleModel() {
	type Player struct {
		dynamapper.Model `dynamo:"players"` // the table's name

		Login string `dynamo:"login,hash"` // the attribute's name, and options
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

// Setting the Model field to Model{} makes an item new. Here it makes a copy under another name,
// which FailOnConflict saves only if that name is free.
func ExampleModel_new() {
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Coins: 200}
	players, end := exampleTable(ctx, waldo)
	defer end()

	waldo.Login, waldo.Model = "wally", dynamapper.Model{}
	fmt.Println(players.IsNew(waldo), players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	// Output: true <nil>
}

// The snapshot does not take part in comparisons, for example with go-cmp.
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

// A field named - is not stored.
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

// A global index has its own keys. With keys_only, by-email holds only the emails and the logins.
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

// A global index may have up to four hash attributes and four range attributes, in the order of the
// fields. A query has a value for each hash attribute, and compares range attributes from the left.
func ExampleModel_indexOfSeveralAttributes() {
	type Match struct {
		dynamapper.Model `dynamo:"matches"`

		ID         string `dynamo:"id,hash"`
		Tournament string `dynamo:"tournament" index:"by-tournament,hash"`
		Region     string `dynamo:"region" index:"by-tournament,hash"`
		Round      int    `dynamo:"round" index:"by-tournament,range"`
		Bracket    string `dynamo:"bracket" index:"by-tournament,range"`
	}
	ctx := context.Background()
	matches, end := exampleTable(ctx,
		&Match{ID: "m1", Tournament: "winter", Region: "east", Round: 9, Bracket: "upper"},
		&Match{ID: "m2", Tournament: "winter", Region: "east", Round: 10, Bracket: "upper"},
		&Match{ID: "m3", Tournament: "winter", Region: "east", Round: 10, Bracket: "lower"},
		&Match{ID: "m4", Tournament: "winter", Region: "west", Round: 10, Bracket: "upper"},
		&Match{ID: "m5", Tournament: "winter", Region: "east", Round: 10}) // not in the index
	defer end()

	for match, err := range matches.Query("winter", "east").Index("by-tournament").All(ctx) {
		check(err)
		fmt.Println(match.ID, match.Round, match.Bracket)
	}
	upper, err := matches.Query("winter", "east").Index("by-tournament").
		RangeParts(dynamapper.EQ(10), dynamapper.GE("m")).First(ctx)
	check(err)
	fmt.Println("in round 10, from m on:", upper.ID)
	// Output:
	// m1 9 upper
	// m3 10 lower
	// m2 10 upper
	// in round 10, from m on: m2
}

// A local index sorts the items of a hash key by another attribute.
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

// The fields of an embedded struct become fields of the model.
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

// A field of the SDK's type AttributeValue is stored unchanged, whatever its kind.
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

// Team implements MarshalText and UnmarshalText, so it is stored as text.
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

// The tags accept partition for hash and sort for range.
func ExampleModel_hash() {
	type Purchase struct {
		dynamapper.Model `dynamo:"purchases"`

		Login string    `dynamo:"login,hash"` // or partition
		At    time.Time `dynamo:"at,range"`   // or sort
		Item  string    `dynamo:"item"`
	}
	ctx := context.Background()
	purchases, end := exampleTable[Purchase](ctx)
	defer end()

	at := time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)
	check(purchases.Save(ctx, &Purchase{Login: "waldo", At: at, Item: "sword"}))
	bought, err := purchases.Get(ctx, dynamapper.Key("waldo", at))
	check(err)
	fmt.Println(bought.Item)
	// Output: sword
}

// A query returns the items of a hash key in the order of the range key.
func ExampleModel_range() {
	type Level struct {
		dynamapper.Model `dynamo:"levels"`

		World  string `dynamo:"world,hash"`
		Number int    `dynamo:"number,range"`
		Boss   string `dynamo:"boss"`
	}
	ctx := context.Background()
	levels, end := exampleTable(ctx, &Level{World: "ice", Number: 10, Boss: "yeti"},
		&Level{World: "ice", Number: 9, Boss: "wolf"})
	defer end()

	for level, err := range levels.Query("ice").All(ctx) {
		check(err)
		fmt.Println(level.Number, level.Boss)
	}
	// Output:
	// 9 wolf
	// 10 yeti
}

// The table assigns the ids itself.
func ExampleModel_autoincrement() {
	type Guild struct {
		dynamapper.Model `dynamo:"guilds"`

		ID   int    `dynamo:"id,hash,autoincrement"`
		Name string `dynamo:"name"`
	}
	ctx := context.Background()
	guilds, end := exampleTable[Guild](ctx)
	defer end()

	knights, rogues := &Guild{Name: "knights"}, &Guild{Name: "rogues"}
	check(guilds.Save(ctx, knights))
	check(guilds.Save(ctx, rogues))
	fmt.Println(knights.ID, rogues.ID)
	// Output: 1 2
}

func ExampleModel_set() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login   string              `dynamo:"login,hash"`
		Badges  []string            `dynamo:"badges,set"`
		Worlds  map[int]bool        `dynamo:"worlds,set"`
		Friends map[string]struct{} `dynamo:"friends,set"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Badges: []string{"gold", "fast", "gold"},
		Worlds: map[int]bool{1: true, 2: false}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo)) // an empty set is not stored
	// Output:
	// badges {"SS":["gold","fast"]}
	// login {"S":"waldo"}
	// worlds {"NS":["1"]}
}

// A document is stored as a DynamoDB map or list, so conditions can refer to its members.
func ExampleModel_document() {
	type Settings struct {
		Lang   string `dynamo:"lang"`
		Volume int    `dynamo:"volume"`
	}
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login    string   `dynamo:"login,hash"`
		Settings Settings `dynamo:"settings,document"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Settings: Settings{Lang: "eo", Volume: 7}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	n, err := players.Scan().Where(dynamapper.Attr("settings.lang", dynamapper.EQ("eo"))).Count(ctx)
	check(err)
	fmt.Println(n)
	// Output:
	// login {"S":"waldo"}
	// settings {"M":{"lang":{"S":"eo"},"volume":{"N":"7"}}}
	// 1
}

// A tool for any table needs no model. The keys and indexes are those of the live table.
func ExampleItemTable() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))

	items, err := dynamapper.ItemTable(ctx, mapper, "players")
	if err != nil {
		fmt.Println(err)
		return
	}
	waldo, err := items.Get(ctx, dynamapper.Key("waldo"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(waldo.Attributes["coins"])
	waldo.Attributes["title"] = "Duke"
	fmt.Println(items.Save(ctx, waldo, dynamapper.FailOnConflict(), dynamapper.ChangedOnly()))
	fmt.Println(items.Snapshot(waldo)["title"].(*types.AttributeValueMemberS).Value)
	// Output:
	// 200
	// <nil>
	// Duke
}

// An Item is made and saved like any model.
func ExampleItem() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))

	items, err := dynamapper.ItemTable(ctx, mapper, "players")
	check(err)
	duke := &dynamapper.Item{Attributes: map[string]any{"login": "duke", "tags": []string{"new"}}}
	check(items.Save(ctx, duke, dynamapper.FailOnConflict()))
	printItem(items.Snapshot(duke))
	// Output:
	// login {"S":"duke"}
	// tags {"L":[{"S":"new"}]}
}

// With the option rest, a map holds the attributes that have no field. A tool edits what it finds.
func ExampleModel_rest() {
	type Row struct {
		dynamapper.Model `dynamo:"players"`
		Login            string         `dynamo:"login,hash"`
		Rest             map[string]any `dynamo:",rest"`
	}
	ctx := context.Background()
	rows, end := exampleTable(ctx,
		&Row{Login: "waldo", Rest: map[string]any{"coins": 200, "guild": "ducks"}})
	defer end()

	waldo, err := rows.Get(ctx, dynamapper.Key("waldo"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(waldo.Rest)
	waldo.Rest["title"] = "Duke"
	delete(waldo.Rest, "guild")
	if err := rows.Save(ctx, waldo, dynamapper.FailOnConflict()); err != nil {
		fmt.Println(err)
		return
	}
	printItem(rows.Snapshot(waldo))
	// Output:
	// map[coins:200 guild:ducks]
	// coins {"N":"200"}
	// login {"S":"waldo"}
	// title {"S":"Duke"}
}

// By default, a struct, map or slice is stored as one JSON string. With document in the tag of
// Model, documents are the default and json selects a string.
func ExampleModel_json() {
	type Player struct {
		dynamapper.Model `dynamo:"players,document"`

		Login     string         `dynamo:"login,hash"`
		Inventory map[string]int `dynamo:"inventory,json"`
		Moves     []string       `dynamo:"moves"`
	}
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Inventory: map[string]int{"sword": 1}, Moves: []string{"left"}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// inventory {"S":"{\"sword\":1}"}
	// login {"S":"waldo"}
	// moves {"L":[{"S":"left"}]}
}

func ExampleModel_unixtime() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login  string    `dynamo:"login,hash"`
		Joined time.Time `dynamo:"joined,unixtime"` // N
		Seen   time.Time `dynamo:"seen"`            // S
	}
	ctx := context.Background()
	noon := time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)
	waldo := &Player{Login: "waldo", Joined: noon, Seen: noon}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// joined {"N":"1777636800"}
	// login {"S":"waldo"}
	// seen {"S":"2026-05-01T12:00:00.000000000Z"}
}

// The layout is one of package time, or the name of one. A layout with a comma is quoted.
func ExampleModel_layout() {
	type Player struct {
		dynamapper.Model `dynamo:"players"`

		Login string    `dynamo:"login,hash"`
		Born  time.Time `dynamo:"born,layout=DateOnly"`
		Month time.Time `dynamo:"month,layout='Jan, 2006'"`
	}
	ctx := context.Background()
	may := time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC)
	waldo := &Player{Login: "waldo", Born: may, Month: may}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo))
	// Output:
	// born {"S":"2026-05-01"}
	// login {"S":"waldo"}
	// month {"S":"May, 2026"}
}

// The service deletes an item some time after it expires; until then, reads return it.
func ExampleModel_ttl() {
	type Session struct {
		dynamapper.Model `dynamo:"sessions"`

		Token   string    `dynamo:"token,hash"`
		Expires time.Time `dynamo:"expires,ttl"`
	}
	ctx := context.Background()
	session := &Session{Token: "t1", Expires: time.Date(2099, time.May, 1, 12, 0, 0, 0, time.UTC)}
	sessions, end := exampleTable(ctx, session) // CreateTable enables the table's TTL
	defer end()

	printItem(sessions.Snapshot(session))
	fmt.Println(sessions.Verify(ctx))
	// Output:
	// expires {"N":"4081320000"}
	// token {"S":"t1"}
	// <nil>
}

// FailOnConflict compares only the version, and every write renews it. A program that sets the
// version states which version it saw.
func ExampleModel_version() {
	type Wallet struct {
		dynamapper.Model `dynamo:"wallets"`

		Login   string `dynamo:"login,hash"`
		Coins   int    `dynamo:"coins"`
		Version int    `dynamo:"version,version"` // or a string, for a random token
	}
	ctx, made := context.Background(), time.Now().Add(-time.Second)
	wallet := &Wallet{Login: "waldo", Coins: 200}
	wallets, end := exampleTable[Wallet](ctx)
	defer end()

	check(wallets.Save(ctx, wallet, dynamapper.FailOnConflict()))
	first := wallet.Version
	fmt.Println(time.UnixMicro(int64(first)).After(made)) // a version starts at the current time
	wallet.Coins -= 150
	check(wallets.Save(ctx, wallet, dynamapper.FailOnConflict()))
	fmt.Println(wallet.Version - first)

	wallet.Version = first // as a form that was opened earlier would send it
	fmt.Println(
		errors.Is(wallets.Save(ctx, wallet, dynamapper.FailOnConflict()), dynamapper.ErrConflict))
	// Output:
	// true
	// 1
	// true
}

func ExampleModel_created() {
	type Guild struct {
		dynamapper.Model `dynamo:"guilds"`

		Name    string    `dynamo:"name,hash"`
		Members int       `dynamo:"members"`
		Created time.Time `dynamo:"created,created"`
	}
	ctx := context.Background()
	knights := &Guild{Name: "knights", Members: 1}
	guilds, end := exampleTable(ctx, knights) // the first save
	defer end()

	first := knights.Created
	knights.Members++
	check(guilds.Save(ctx, knights))
	fmt.Println(first.IsZero(), knights.Created.Equal(first))
	// Output: false true
}

func ExampleModel_updated() {
	type Guild struct {
		dynamapper.Model `dynamo:"guilds"`

		Name    string    `dynamo:"name,hash"`
		Members int       `dynamo:"members"`
		Updated time.Time `dynamo:"updated,updated"`
	}
	ctx := context.Background()
	knights := &Guild{Name: "knights", Members: 1}
	guilds, end := exampleTable(ctx, knights)
	defer end()

	first := knights.Updated
	knights.Members++
	check(guilds.Save(ctx, knights))
	fmt.Println(knights.Updated.After(first))
	// Output: true
}

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
