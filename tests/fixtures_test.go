package tests

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type logEntry struct {
	dynamapper.Model `dynamo:"log_entry"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

func counter(id string) fixtures.Attributes {
	return fixtures.Attributes{"id": fixtures.Number("-1"), "__max_hash_key__": fixtures.Number(id)}
}

func idKey(id string) fixtures.Attributes { return fixtures.Attributes{"id": fixtures.Number(id)} }

// leave makes every batch request leave entries unprocessed.
func leave(line *dynamotest.Faults, which leaves) {
	line.Each("BatchGetItem", fixtures.Always(leaving("UnprocessedKeys", which)))
	line.Each("BatchWriteItem", fixtures.Always(leaving("UnprocessedItems", which)))
}

type tokenWallet struct {
	dynamapper.Model `dynamo:"tokenwallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          string `dynamo:"version,version"`
}

type countedWallet struct {
	dynamapper.Model `dynamo:"countedwallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          int    `dynamo:"version,version"`
}

// wallets describes a model with a balance for the tests of lost responses.
type wallets[T any] struct {
	make    func(id string, balance int) *T
	balance func(*T) *int
}

var plainWallets = wallets[player]{
	func(id string, balance int) *player { return &player{Login: id, Balance: balance} },
	func(p *player) *int { return &p.Balance },
}

var tokenWallets = wallets[tokenWallet]{
	func(id string, balance int) *tokenWallet { return &tokenWallet{ID: id, Balance: balance} },
	func(w *tokenWallet) *int { return &w.Balance },
}

var countedWallets = wallets[countedWallet]{
	func(id string, balance int) *countedWallet { return &countedWallet{ID: id, Balance: balance} },
	func(w *countedWallet) *int { return &w.Balance },
}

// setBalance writes a balance as another writer would.
func (w wallets[T]) setBalance(t *testing.T, good *dynamapper.Table[T], id string, balance int) {
	item, err := good.Get(t.Context(), dynamapper.Key(id), dynamapper.Consistent())
	if err == nil {
		*w.balance(item) = balance
		err = good.Save(t.Context(), item, dynamapper.FailOnConflict())
	}
	if err != nil {
		t.Error(err)
	}
}

// stored returns the balance of the item with an id, or -1 if it does not exist.
func (w wallets[T]) stored(t *testing.T, good *dynamapper.Table[T], id string) int {
	t.Helper()
	items, err := good.BatchGet(t.Context(), dynamapper.Keys(id), dynamapper.Consistent())
	require.NoError(t, err)
	if len(items) == 0 {
		return -1
	}
	return *w.balance(items[0])
}

// purse has a version, times, a default and hooks.
type purse struct {
	dynamapper.Model `dynamo:"purses"`
	Owner            string    `dynamo:"owner,hash"`
	Coins            int       `dynamo:"coins,default=10"`
	Motto            string    `dynamo:"motto"`
	Version          int       `dynamo:"version,version"`
	Created          time.Time `dynamo:"created,created"`
	Updated          time.Time `dynamo:"updated,updated"`
}

func (p *purse) InitItem() { p.Motto = "new" }

func (p *purse) ValidateItem() error {
	if p.Coins < 0 {
		return errInDebt
	}
	return nil
}

// requireAsStored requires that an item and its snapshot equal the stored item.
func requireAsStored[T any](t *testing.T, table *dynamapper.Table[T], item *T, hash any) {
	t.Helper()
	stored := fixtures.Load(t, table, hash)
	require.Equal(t, table.ToMap(stored), table.ToMap(item))
	require.Equal(t, table.Snapshot(stored), table.Snapshot(item))
}

func numberText(n int64) string { return strconv.FormatInt(n, 10) }

// player is the model of most tests on the engine.
type player struct {
	dynamapper.Model `dynamo:"players"`
	Login            string         `dynamo:"login,hash"`
	Name             string         `dynamo:"name"`
	Balance          int            `dynamo:"balance"`
	Inventory        map[string]int `dynamo:"inventory"`
}

func playerKey(login string) fixtures.Attributes {
	return fixtures.Attributes{"login": fixtures.Text(login)}
}

// storedPlayer returns a player as another program stores it: with an unknown attribute, and with
// spaces in the JSON.
func storedPlayer(login string) fixtures.Attributes {
	return fixtures.Attributes{
		"login": fixtures.Text(login), "name": fixtures.Text("Waldo"),
		"balance":   fixtures.Number("200"),
		"inventory": fixtures.Text(`{"armor": 1, "sword": 2}`), "clan": fixtures.Text("reds"),
	}
}

// copyOf returns a copy that shares no memory with the item.
func copyOf(p *player) *player {
	c := *p
	c.Inventory = maps.Clone(p.Inventory)
	return &c
}

// states are the states that an item and its stored form can be in when a write is called.
var states = map[string]func(t *testing.T, players *dynamapper.Table[player], login string) *player{
	"new, free": func(_ *testing.T, _ *dynamapper.Table[player], login string) *player {
		return &player{Login: login, Name: "New"}
	},
	"new, taken": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		fixtures.PutRaw(t, players.Name(), storedPlayer(login))
		return &player{Login: login, Name: "New"}
	},
	"loaded": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		return p
	},
	"unedited": loadedPlayer,
	"other attribute changed": func(
		t *testing.T, players *dynamapper.Table[player], login string,
	) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		fixtures.SetRaw(t, players.Name(), playerKey(login), "balance", fixtures.Number("7"))
		return p
	},
	"same attribute changed": func(
		t *testing.T, players *dynamapper.Table[player], login string,
	) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		fixtures.SetRaw(t, players.Name(), playerKey(login), "name", fixtures.Text("Theirs"))
		return p
	},
	"gone": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		fixtures.DeleteRaw(t, players.Name(), playerKey(login))
		return p
	},
	"key edited": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login+"-old")
		p.Login = login
		return p
	},
	"deleted": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login)
		require.NoError(t, players.Delete(t.Context(), p))
		return p
	},
	"of another table": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		return loadedPlayer(t, fixtures.TableOf[player](t), login)
	},
}

func loadedPlayer(t *testing.T, players *dynamapper.Table[player], login string) *player {
	fixtures.PutRaw(t, players.Name(), storedPlayer(login))
	return fixtures.Load(t, players, login)
}

// writeOptions returns the options of a write that the letters stand for.
func writeOptions(letters string) []dynamapper.SaveOption {
	var opts []dynamapper.SaveOption
	for _, letter := range letters {
		opts = append(opts, map[rune]dynamapper.SaveOption{
			'F': dynamapper.FailOnConflict(), 'C': dynamapper.ChangedOnly(),
			'M': dynamapper.MustExist(),
		}[letter])
	}
	return opts
}

// outcome returns a text with the requests that were sent and their result.
func outcome(sent []string, err error) string {
	text := strings.Join(sent, "+")
	if text == "" {
		text = "none"
	}
	for _, known := range []struct {
		err  error
		name string
	}{
		{dynamapper.ErrOverwrite, "overwrite"}, {dynamapper.ErrConflict, "conflict"},
		{dynamapper.ErrNotFound, "missing"},
	} {
		if errors.Is(err, known.err) {
			return text + " " + known.name
		}
	}
	if err != nil {
		return text + " " + err.Error()
	}
	return text
}

// score is a model with an index of every kind. The names of its attributes are reserved words, or
// contain characters that have a meaning in expressions.
type score struct {
	dynamapper.Model `dynamo:"scores"`
	Guild            string    `dynamo:"group,hash"`
	Player           int       `dynamo:"user,range"`
	Points           int       `dynamo:"points#" localIndex:"by-points,range"`
	Season           string    `dynamo:"season.name" index:"by-season,hash;brief,hash,include=comment+points#;keys,hash,keys_only"`
	Day              time.Time `dynamo:"date" index:"by-season,range;brief,range"`
	Rank             int       `dynamo:"order" localIndex:"by-rank,range,include=comment"`
	Comment          string    `dynamo:"comment"`
	Note             string    `dynamo:"note-to-self"`
	Version          int       `dynamo:"version,version"`
}

var firstDay = time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)

// makeScores returns the scores of a guild. The points fall as the player's number rises, and every
// ten players share a day.
func makeScores(guild string, n int) []*score {
	scores := make([]*score, n)
	for i := range scores {
		scores[i] = &score{
			Guild: guild, Player: i, Points: 1000 - 3*i, Season: "spring",
			Day: firstDay.AddDate(0, 0, i/10), Rank: i % 50,
			Comment: fmt.Sprintf("comment %d", i%50), Note: "x", Version: 1,
		}
	}
	return scores
}

// scoreTable returns a table with 120 scores of the guild "red" and 30 of "blue".
func scoreTable(t *testing.T) (*dynamapper.Table[score], *fixtures.Requests) {
	t.Helper()
	table, sent := fixtures.WatchedTable[score](t)
	fixtures.PutMany(t, table, append(makeScores("red", 120), makeScores("blue", 30)...))
	return table, sent
}

// players returns the players' numbers of scores, in order.
func players(scores []*score) []int {
	numbers := []int{}
	for _, one := range scores {
		numbers = append(numbers, one.Player)
	}
	return numbers
}

// upTo returns the numbers from one to another.
func upTo(from, to int) []int {
	numbers := []int{}
	for step := 1; ; from += step {
		if from > to {
			step = -1
		}
		if numbers = append(numbers, from); from == to {
			return numbers
		}
	}
}

// bank holds the three tables, the mapper and the faults that tests of transactions use.
type bank struct {
	*fixtures.Requests
	line    *dynamotest.Faults
	mapper  *dynamapper.Mapper
	players *dynamapper.Table[player]
	purses  *dynamapper.Table[purse]
	entries *dynamapper.Table[logEntry]
}

// openBank makes a bank in which waldo and wally are players, and waldo has a purse.
func openBank(t *testing.T, opts ...dynamapper.Option) *bank {
	t.Helper()
	b := &bank{Requests: &fixtures.Requests{}, line: dynamotest.NewFaults()}
	opts = append(opts, dynamapper.WithConfig(fixtures.LineConfig(t, b.line)),
		dynamapper.WithObserver(b.Observe))
	b.mapper = fixtures.Mapper(t, opts...)
	b.players, b.purses, b.entries = fixtures.TableIn[player](t, b.mapper),
		fixtures.TableIn[purse](t,
			b.mapper), fixtures.TableIn[logEntry](t, b.mapper)
	fixtures.PutRaw(t, b.players.Name(), storedPlayer("waldo"), storedPlayer("wally"))
	require.NoError(t, b.purses.Save(t.Context(), &purse{Owner: "waldo", Coins: 200}))
	b.Take()
	return b
}

// get reads an existing player in a transaction.
func (b *bank) get(t *testing.T, ctx context.Context, tx *dynamapper.Tx, login string) *player {
	t.Helper()
	p, err := b.players.In(tx).Get(ctx, dynamapper.Key(login))
	require.NoError(t, err)
	return p
}

// setBalance writes a balance as another writer would.
func (b *bank) setBalance(t *testing.T, login string, balance int) {
	t.Helper()
	fixtures.SetRaw(t, b.players.Name(), playerKey(login), "balance",
		fixtures.Number(numberText(int64(balance))))
}

// balance returns the stored balance of a player, or -1 if the player does not exist.
func (b *bank) balance(t *testing.T, login string) int {
	t.Helper()
	if fixtures.GetRaw(t, b.players.Name(), playerKey(login)) == nil {
		return -1
	}
	return fixtures.Load(t, b.players, login).Balance
}

// besideRefusal stages a check that fails as long as wally has the balance 200.
func (b *bank) besideRefusal(tx *dynamapper.Tx, wally *player) {
	condition := rich()
	if wally.Balance != 200 {
		condition = poor()
	}
	b.players.In(tx).Check(dynamapper.Key("waldo"), condition)
}

// counted has an integer version.
type counted struct {
	dynamapper.Model `dynamo:"counted"`
	account
	Version int `dynamo:"version,version"`
}

// tokened has a string version, which is a random token.
type tokened struct {
	dynamapper.Model `dynamo:"tokened"`
	account
	Version string `dynamo:"version,version"`
}

var accountKey = fixtures.Attributes{"id": fixtures.Text("one")}

type versioned[T any] interface {
	*T
	fields() *account
}

func requireConflictIn(t *testing.T, err error, attributes ...string) {
	t.Helper()
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, attributes, conflict.Attributes)
	require.NotNil(t, conflict.Current)
}
