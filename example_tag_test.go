package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper"
)

// A partition key is a hash key, and a sort key a range key: the tags know both words.
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

// Items of one hash key come in the order of the range key.
func ExampleModel_range() {
	type Level struct {
		dynamapper.Model `dynamo:"levels"`

		World  string `dynamo:"world,hash"`
		Number int    `dynamo:"number,range"`
		Boss   string `dynamo:"boss"`
	}
	ctx := context.Background()
	levels, end := exampleTable(ctx, &Level{World: "ice", Number: 10, Boss: "yeti"}, &Level{World: "ice", Number: 9, Boss: "wolf"})
	defer end()

	for level, err := range levels.Query("ice").All(ctx) {
		check(err)
		fmt.Println(level.Number, level.Boss)
	}
	// Output:
	// 9 wolf
	// 10 yeti
}

// The table counts the ids itself.
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
	waldo := &Player{Login: "waldo", Badges: []string{"gold", "fast", "gold"}, Worlds: map[int]bool{1: true, 2: false}}
	players, end := exampleTable(ctx, waldo)
	defer end()

	printItem(players.Snapshot(waldo)) // what is stored; an empty set is a missing attribute
	// Output:
	// badges {"SS":["gold","fast"]}
	// login {"S":"waldo"}
	// worlds {"NS":["1"]}
}

// A document is native, so that conditions can look into it.
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

// One JSON string is the form of a struct, map or slice unless a tag says document: Model's for all fields, here.
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

// A layout of package time, or the name of one. A layout with a comma stands in single quotes.
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

// The service deletes the item some time after it has expired; until then reads give it.
func ExampleModel_ttl() {
	type Session struct {
		dynamapper.Model `dynamo:"sessions"`

		Token   string    `dynamo:"token,hash"`
		Expires time.Time `dynamo:"expires,ttl"`
	}
	ctx := context.Background()
	session := &Session{Token: "t1", Expires: time.Date(2099, time.May, 1, 12, 0, 0, 0, time.UTC)}
	sessions, end := exampleTable(ctx, session) // CreateTable switches the table's TTL on
	defer end()

	printItem(sessions.Snapshot(session))
	fmt.Println(sessions.Verify(ctx))
	// Output:
	// expires {"N":"4081320000"}
	// token {"S":"t1"}
	// <nil>
}

// FailOnConflict looks at the version alone, and every write renews it. One that is set is the one
// that was seen.
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
	fmt.Println(time.UnixMicro(int64(first)).After(made)) // it begins at the time
	wallet.Coins -= 150
	check(wallets.Save(ctx, wallet, dynamapper.FailOnConflict()))
	fmt.Println(wallet.Version - first)

	wallet.Version = first // a form that was opened before posts this one
	fmt.Println(errors.Is(wallets.Save(ctx, wallet, dynamapper.FailOnConflict()), dynamapper.ErrConflict))
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
