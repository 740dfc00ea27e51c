package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/dynamapper/dynamapper"
)

// prices lists the prices of the shop.
var prices = map[string]int{"sword": 150, "shield": 80, "potion": 5}

// A game gives a coin for taking part, and one for each of these points.
const (
	pointsOfACoin = 10
	maxPoints     = 1000
)

func reward(points int) int { return 1 + points/pointsOfACoin }

func (g *game) getWallet(w http.ResponseWriter, r *http.Request, login string) error {
	wallet, err := g.wallets.Get(r.Context(), dynamapper.Key(login), dynamapper.Consistent())
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, wallet)
	return nil
}

// putPurchase buys a thing. The client chooses the id, and the same request is applied once,
// however often it is sent.
func (g *game) putPurchase(w http.ResponseWriter, r *http.Request, login string) error {
	var asked struct{ SKU string }
	if err := readBody(r, &asked); err != nil {
		return err
	}
	price, sold := prices[asked.SKU]
	if !sold {
		return errNoSuchThing
	}
	buys := Entry{Kind: kindPurchase, SKU: asked.SKU, Coins: -price}
	return g.putEntry(w, r, login, buys, func(ctx context.Context, tx *dynamapper.Tx) error {
		wallet, err := g.wallets.In(tx).Get(ctx, dynamapper.Key(login))
		if err != nil {
			return err
		}
		if err := wallet.pay(asked.SKU, price); err != nil {
			return err
		}
		g.wallets.In(tx).Save(wallet)
		return nil
	})
}

// pay takes the coins and gives the thing, in memory. The commit stores both.
func (w *Wallet) pay(sku string, price int) error {
	if w.Balance < price {
		return errTooFewCoins
	}
	w.Balance -= price
	if w.Inventory == nil {
		w.Inventory = map[string]int{}
	}
	w.Inventory[sku]++
	return nil
}

// putGame records a game: its points, and the coins for them. No decision depends on the stored
// numbers, so that only the journal is read, and both numbers are added to the stored ones.
func (g *game) putGame(w http.ResponseWriter, r *http.Request, login string) error {
	var asked struct{ Points int }
	if err := readBody(r, &asked); err != nil {
		return err
	}
	if asked.Points < 1 || asked.Points > maxPoints {
		return newBadRequest("a game has 1 to 1000 points")
	}
	plays := Entry{Kind: kindGame, Points: asked.Points, Coins: reward(asked.Points)}
	return g.putEntry(w, r, login, plays, func(_ context.Context, tx *dynamapper.Tx) error {
		g.scores.In(tx).Update(dynamapper.Key(login)).Add("points", plays.Points).MustExist()
		g.wallets.In(tx).Update(dynamapper.Key(login)).Add("balance", plays.Coins).MustExist()
		return nil
	})
}

// putEntry applies an entry once, and responds with its record in the journal: 201 for the request
// that applied it, and 200 for later ones.
func (g *game) putEntry(
	w http.ResponseWriter, r *http.Request, login string, e Entry, apply stageFunc,
) error {
	id := r.PathValue("id")
	if !word.MatchString(id) {
		return newBadRequest("an id has 1 to 64 letters, digits, _ and -")
	}
	record, repeated, err := g.once(r.Context(), login, id, e, apply)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if repeated {
		status = http.StatusOK
	}
	respond(w, status, record)
	return nil
}

// stageFunc reads and stages in a transaction.
type stageFunc = func(context.Context, *dynamapper.Tx) error

// once applies an entry together with its record in the journal. It reads the record first: a
// purchase that took the last coins is not refused when it is sent again. If there is no record,
// the commit checks that there still is none.
func (g *game) once(
	ctx context.Context, login, id string, e Entry, apply stageFunc,
) (record *Record, repeated bool, err error) {
	err = g.transact(ctx, func(ctx context.Context, tx *dynamapper.Tx) (err error) {
		record, err = g.journal.In(tx).Get(ctx, dynamapper.Key(login, id))
		if repeated = err == nil; repeated {
			return record.check(e)
		}
		if !errors.Is(err, dynamapper.ErrNotFound) {
			return err
		}
		if err := apply(ctx, tx); err != nil {
			return err
		}
		record = &Record{Login: login, ID: id, Entry: e}
		g.journal.In(tx).Save(record)
		return nil
	})
	return record, repeated, err
}

// check refuses an id under which another request was made.
func (r *Record) check(e Entry) error {
	if r.Entry != e {
		return errIDTaken
	}
	return nil
}

// transact runs a transaction, and counts its repetitions.
func (g *game) transact(ctx context.Context, fn stageFunc) error {
	tries := 0
	defer func() { g.countTries(tries) }()
	return g.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		tries++
		return fn(ctx, tx)
	})
}

func (g *game) countTries(tries int) {
	if tries > 1 {
		g.conflicts.Add(int64(tries - 1))
	}
}
