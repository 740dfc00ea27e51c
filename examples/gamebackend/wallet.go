package main

import (
	"context"
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

// possessions is a wallet together with the things that were bought from it.
type possessions struct {
	*Wallet
	Inventory map[string]int `json:"inventory"` // how many of each, by SKU
}

func (g *game) getWallet(w http.ResponseWriter, r *http.Request, login string) error {
	wallet, err := g.wallets.Get(r.Context(), dynamapper.Key(login), dynamapper.Consistent())
	if err != nil {
		return err
	}
	has := possessions{wallet, map[string]int{}}
	for thing, err := range g.things.Query(login).Consistent().All(r.Context()) {
		if err != nil {
			return err
		}
		has.Inventory[thing.SKU] = thing.Count
	}
	respond(w, http.StatusOK, has)
	return nil
}

// putPurchase buys a thing. The client chooses the id, and the same request is applied once,
// however often it is sent.
func (g *game) putPurchase(w http.ResponseWriter, r *http.Request, login string) error {
	var asked struct{ SKU string }
	id, err := readEntry(r, &asked)
	if err != nil {
		return err
	}
	price, sold := prices[asked.SKU]
	if !sold {
		return errNoSuchThing
	}
	buys := Purchase{Login: login, ID: id, SKU: asked.SKU, Price: price}
	apply := func(ctx context.Context, tx *dynamapper.Tx) error {
		wallet, err := g.wallets.In(tx).Get(ctx, dynamapper.Key(login))
		if err != nil {
			return err
		}
		if wallet.Balance < price {
			return errTooFewCoins
		}
		wallet.Balance -= price
		g.wallets.In(tx).Save(wallet)
		g.things.In(tx).Update(dynamapper.Key(login, asked.SKU)).Add("count", 1)
		return nil
	}
	return putOnce(w, r, g, g.purchases, buys, apply)
}

// putGame records a game: its points, and the coins for them. No decision depends on the stored
// numbers, so that only the record is read, and both numbers are added to the stored ones.
func (g *game) putGame(w http.ResponseWriter, r *http.Request, login string) error {
	var asked struct{ Points int }
	id, err := readEntry(r, &asked)
	if err != nil {
		return err
	}
	if asked.Points < 1 || asked.Points > maxPoints {
		return newBadRequest("a game has 1 to 1000 points")
	}
	plays := Match{Login: login, ID: id, Points: asked.Points, Coins: reward(asked.Points)}
	apply := func(_ context.Context, tx *dynamapper.Tx) error {
		g.scores.In(tx).Update(dynamapper.Key(login)).Add("points", plays.Points).MustExist()
		g.wallets.In(tx).Update(dynamapper.Key(login)).Add("balance", plays.Coins).MustExist()
		return nil
	}
	return putOnce(w, r, g, g.matches, plays, apply)
}
