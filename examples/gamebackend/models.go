package main

import (
	"context"
	"errors"
	"time"

	"github.com/dynamapper/dynamapper"
)

// Player is a player's profile. Values that change with every game are in other items, so that they
// do not conflict with an edit of the profile.
type Player struct {
	dynamapper.Model `dynamo:"players" json:"-"`

	Login   string    `dynamo:"login,hash" json:"login"`
	Name    string    `dynamo:"name" json:"name"`
	Guild   string    `dynamo:"guild" json:"guild"`
	Since   time.Time `dynamo:"since,created" json:"since"`
	Version string    `dynamo:"version,version" json:"-"` // the ETag
}

// Wallet holds a player's coins, and the things bought with them.
type Wallet struct {
	dynamapper.Model `dynamo:"wallets" json:"-"`

	Login   string `dynamo:"login,hash" json:"-"`
	Balance int    `dynamo:"balance" json:"balance"`
	// how many of each, by SKU
	Inventory map[string]int `dynamo:"inventory,document" json:"inventory"`

	BonusDay string `dynamo:"bonusDay" json:"bonusDay,omitempty"` // of the last bonus
	// the number of bonuses; the wallet is their journal
	BonusDays  int `dynamo:"bonusDays" json:"-"`
	BonusCoins int `dynamo:"bonusCoins" json:"-"` // the sum of the bonuses

	Version string `dynamo:"version,version" json:"-"`
}

// Score is a player's rank in the guild. The index has only the attributes that a leaderboard
// shows.
type Score struct {
	dynamapper.Model `dynamo:"scores" json:"-"`

	Login  string `dynamo:"login,hash" json:"login"`
	Guild  string `dynamo:"guild" index:"by-guild,hash,keys_only" json:"-"`
	Points int    `dynamo:"points" index:"by-guild,range" json:"points"`
}

// Entry is the effect of a request on a player: coins or points gained or spent, and for what.
type Entry struct {
	Kind   string `dynamo:"kind" json:"kind"`
	SKU    string `dynamo:"sku" json:"sku,omitempty"`
	Points int    `dynamo:"points" json:"points,omitempty"`
	Coins  int    `dynamo:"coins" json:"coins"` // negative: spent
}

// The kinds of entries.
const (
	kindPurchase = "purchase"
	kindGame     = "game"
)

// Record is the journal's record of a request. The transaction that applies the request writes it.
type Record struct {
	dynamapper.Model `dynamo:"journal" json:"-"`

	Login string `dynamo:"login,hash" json:"-"`
	ID    string `dynamo:"id,range" json:"id"` // chosen by the client
	Entry
	At time.Time `dynamo:"at,created" json:"at"`
}

// Session is a login. The service deletes it some time after its end, so its end must be checked.
type Session struct {
	dynamapper.Model `dynamo:"sessions"`

	Digest  string    `dynamo:"digest,hash"` // of the token, which only the client has
	Login   string    `dynamo:"login"`
	Expires time.Time `dynamo:"expires,ttl"`
}

// tables holds all tables of the service.
type tables struct {
	mapper   *dynamapper.Mapper
	players  *dynamapper.Table[Player]
	wallets  *dynamapper.Table[Wallet]
	scores   *dynamapper.Table[Score]
	journal  *dynamapper.Table[Record]
	sessions *dynamapper.Table[Session]
}

func newTables(m *dynamapper.Mapper) (*tables, error) {
	t, errs := &tables{mapper: m}, [5]error{}
	t.players, errs[0] = dynamapper.TableOf[Player](m)
	t.wallets, errs[1] = dynamapper.TableOf[Wallet](m)
	t.scores, errs[2] = dynamapper.TableOf[Score](m)
	t.journal, errs[3] = dynamapper.TableOf[Record](m)
	t.sessions, errs[4] = dynamapper.TableOf[Session](m)
	return t, errors.Join(errs[:]...)
}

// ensure creates missing tables, and checks the others against the models.
func (t *tables) ensure(ctx context.Context) error {
	for _, ensure := range []func(context.Context, ...dynamapper.CreateOption) error{
		t.players.EnsureTable, t.wallets.EnsureTable, t.scores.EnsureTable, t.journal.EnsureTable,
		t.sessions.EnsureTable,
	} {
		if err := ensure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// check reads one item of each table, for half a read unit. The items need not exist.
func (t *tables) check(ctx context.Context) error {
	const nobody = "healthz"
	_, players := t.players.Get(ctx, dynamapper.Key(nobody))
	_, wallets := t.wallets.Get(ctx, dynamapper.Key(nobody))
	_, scores := t.scores.Get(ctx, dynamapper.Key(nobody))
	_, journal := t.journal.Get(ctx, dynamapper.Key(nobody, nobody))
	_, sessions := t.sessions.Get(ctx, dynamapper.Key(nobody))
	for _, err := range []error{players, wallets, scores, journal, sessions} {
		if err != nil && !errors.Is(err, dynamapper.ErrNotFound) {
			return err
		}
	}
	return nil
}
