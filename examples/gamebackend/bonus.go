package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dynamapper/dynamapper"
)

// bonusCoins is what a day gives to whoever asks.
const bonusCoins = 50

// errPaid ends a Modify that has nothing to change.
var errPaid = errors.New("today's bonus is paid")

// postBonus pays the daily bonus. Who asks again is told that it is paid.
func (g *game) postBonus(w http.ResponseWriter, r *http.Request, login string) error {
	wallet, paid, err := g.payBonus(r.Context(), login)
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"day": wallet.BonusDay, "paid": paid, "balance": wallet.Balance})
	return nil
}

// payBonus pays once a day. Coins and day are one item, so that Modify is enough, and no journal is needed: whoever comes second
// finds the day. Idempotent, so that who is paid is told so also where the first answer was lost.
func (g *game) payBonus(ctx context.Context, login string) (wallet *Wallet, paid bool, err error) {
	today, tries := g.now().UTC().Format(time.DateOnly), 0
	defer func() { g.countTries(tries) }()
	_, err = g.wallets.Modify(ctx, dynamapper.Key(login), func(w *Wallet) error {
		tries++
		wallet = w
		if w.BonusDay >= today { // a clock behind another's pays nothing twice
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
