package main

import (
	"context"
	"errors"
	"time"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// A player's items share a hash key in one table, so one Query reads them. The range key tells them
// apart:
//
//	hash key           range key         item
//	PLAYER#waldo       PROFILE           the profile
//	PLAYER#waldo       WALLET            the coins
//	PLAYER#waldo       THING#sword       the swords
//	PLAYER#waldo       SCORE             the points, by which the index by-guild ranks players
//	PLAYER#waldo       PURCHASE#7        the purchase that the client made with the id 7
//	PLAYER#waldo       MATCH#7           the game that the client recorded with the id 7

// Player is a player's profile. Values that change with every game are in other items, so that they
// do not conflict with an edit of the profile.
type Player struct {
	dynamapper.Model `dynamo:"game,entity=player" json:"-"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
	Login   string              `dynamo:"login" json:"login"`
	Name    string              `dynamo:"name" json:"name"`
	Guild   string              `dynamo:"guild" json:"guild"`
	Since   time.Time           `dynamo:"since,created" json:"since"`
	Version string              `dynamo:"version,version" json:"-"` // the ETag
}

// Wallet holds a player's coins.
type Wallet struct {
	dynamapper.Model `dynamo:"game,entity=wallet" json:"-"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=WALLET"`
	Login   string              `dynamo:"login" json:"-"`
	Balance int                 `dynamo:"balance" json:"balance"`

	BonusDay string `dynamo:"bonusDay" json:"bonusDay,omitempty"` // of the last bonus
	// the number of bonuses; the wallet is their journal
	BonusDays  int `dynamo:"bonusDays" json:"-"`
	BonusCoins int `dynamo:"bonusCoins" json:"-"` // the sum of the bonuses

	Version string `dynamo:"version,version" json:"-"`
}

// Thing is a part of a player's inventory: how many of one thing the player has.
type Thing struct {
	dynamapper.Model `dynamo:"game,entity=thing" json:"-"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_     dynamapper.Computed `dynamo:"sk,range,format=THING#{sku}"`
	Login string              `dynamo:"login"`
	SKU   string              `dynamo:"sku"`
	Count int                 `dynamo:"count"`
}

// Score is a player's rank in the guild. The keys of the index are plain attributes, because the
// service adds points to the stored ones. Of the game's items only scores have both, so only they
// are in the index.
type Score struct {
	dynamapper.Model `dynamo:"game,entity=score" json:"-"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=SCORE"`
	Login  string              `dynamo:"login" json:"login"`
	Guild  string              `dynamo:"guild" index:"by-guild,hash,include=login+entity" json:"-"`
	Points int                 `dynamo:"points" index:"by-guild,range" json:"points"`
}

// Purchase is the record of a purchase. The transaction that applies the purchase writes it.
type Purchase struct {
	dynamapper.Model `dynamo:"game,entity=purchase" json:"-"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_     dynamapper.Computed `dynamo:"sk,range,format=PURCHASE#{id}"`
	Login string              `dynamo:"login" json:"-"`
	ID    string              `dynamo:"id" json:"id"` // chosen by the client
	SKU   string              `dynamo:"sku" json:"sku"`
	Price int                 `dynamo:"price" json:"price"`
	At    time.Time           `dynamo:"at,created" json:"at"`
}

// Match is the record of a game that a player has played. The transaction that counts the points
// writes it.
type Match struct {
	dynamapper.Model `dynamo:"game,entity=match" json:"-"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=MATCH#{id}"`
	Login  string              `dynamo:"login" json:"-"`
	ID     string              `dynamo:"id" json:"id"` // chosen by the client
	Points int                 `dynamo:"points" json:"points"`
	Coins  int                 `dynamo:"coins" json:"coins"` // the reward
	At     time.Time           `dynamo:"at,created" json:"at"`
}

// Session is a login. The service deletes it some time after its end, so its end must be checked.
type Session struct {
	dynamapper.Model `dynamo:"sessions"`

	Digest  string    `dynamo:"digest,hash"` // of the token, which only the client has
	Login   string    `dynamo:"login"`
	Expires time.Time `dynamo:"expires,ttl"`
}

// tables holds the tables of the models. All but the sessions are one table of DynamoDB. Sessions
// have one of their own: nothing is read together with them, and the service deletes them.
type tables struct {
	mapper    *dynamapper.Mapper
	players   *dynamapper.Table[Player]
	wallets   *dynamapper.Table[Wallet]
	things    *dynamapper.Table[Thing]
	scores    *dynamapper.Table[Score]
	purchases *dynamapper.Table[Purchase]
	matches   *dynamapper.Table[Match]
	all       *dynamapper.Collection // of these
	sessions  *dynamapper.Table[Session]
}

func newTables(m *dynamapper.Mapper) (*tables, error) {
	t, errs := &tables{mapper: m}, [7]error{}
	t.players, errs[0] = dynamapper.TableOf[Player](m)
	t.wallets, errs[1] = dynamapper.TableOf[Wallet](m)
	t.things, errs[2] = dynamapper.TableOf[Thing](m)
	t.scores, errs[3] = dynamapper.TableOf[Score](m)
	t.purchases, errs[4] = dynamapper.TableOf[Purchase](m)
	t.matches, errs[5] = dynamapper.TableOf[Match](m)
	t.sessions, errs[6] = dynamapper.TableOf[Session](m)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	t.all, err = dynamapper.NewCollection(t.players, t.wallets, t.things, t.scores, t.purchases,
		t.matches)
	return t, err
}

// stored lists the tables in DynamoDB.
func (t *tables) stored() []stage.Table { return []stage.Table{t.all, t.sessions} }

// ensure creates missing tables, and checks the others against the models.
func (t *tables) ensure(ctx context.Context) error {
	if err := t.all.EnsureTable(ctx); err != nil {
		return err
	}
	return t.sessions.EnsureTable(ctx)
}

// check reads one item of each table, for half a read unit. The items need not exist.
func (t *tables) check(ctx context.Context) error {
	const nobody = "healthz"
	_, game := t.players.Get(ctx, dynamapper.Key(nobody))
	_, sessions := t.sessions.Get(ctx, dynamapper.Key(nobody))
	for _, err := range []error{game, sessions} {
		if err != nil && !errors.Is(err, dynamapper.ErrNotFound) {
			return err
		}
	}
	return nil
}
