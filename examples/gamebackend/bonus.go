package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dynamapper/dynamapper"
)

// bonusCoins is the number of coins that a player can get each day.
const bonusCoins = 50

// errPaid ends a Modify that has nothing to change.
var errPaid = errors.New("today's bonus is paid")

// postBonus pays the daily bonus. It tells a player who asks again that the bonus is paid.
func (g *game) postBonus(w http.ResponseWriter, r *http.Request, login string) error {
	wallet, paid, err := g.payBonus(r.Context(), login)
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"day": wallet.BonusDay, "paid": paid,
		"balance": wallet.Balance})
	return nil
}

// payBonus pays the bonus once a day. The coins and the day are in one item, so Modify is enough
// and no journal is needed: a second request finds the day. Because of Idempotent, the player whose
// bonus is paid gets that response even if the first one was lost.
func (g *game) payBonus(ctx context.Context, login string) (wallet *Wallet, paid bool, err error) {
	today, tries := g.now().UTC().Format(time.DateOnly), 0
	defer func() { g.countTries(tries) }()
	_, err = g.wallets.Modify(ctx, dynamapper.Key(login), func(w *Wallet) error {
		tries++
		wallet = w
		if w.BonusDay >= today { // if a clock is behind another one, the bonus is not paid twice
			return errPaid
		}
		w.BonusDay = today
		w.BonusDays++
		w.BonusCoins += bonusCoins
		w.Balance += bonusCoins
		return nil
	}, dynamapper.Idempotent())
	if errors.Is(err, errPaid) {
		return wallet, false, nil
	}
	return wallet, err == nil, err
}
