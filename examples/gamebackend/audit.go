package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// account is what the journal says of a player.
type account struct {
	coins, points int
	inventory     map[string]int
}

// books is all that is stored, held against itself and against what the clients were told.
type books struct {
	players                         int
	start, games, bonuses, spent    int // coins
	balance                         int // of all wallets
	recordsOfGames, recordsOfBuying int
	differences                     []string
}

// audit reads everything, at a time when nobody writes.
func (t *tables) audit(ctx context.Context, devices []*device) (*books, error) {
	b := &books{}
	accounts, told, err := t.readJournal(ctx, b)
	if err != nil {
		return nil, err
	}
	for wallet, err := range t.wallets.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, err
		}
		b.addWallet(wallet, accountOf(accounts, wallet.Login))
	}
	for score, err := range t.scores.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, err
		}
		b.compare("the points of "+score.Login, accountOf(accounts, score.Login).points, score.Points)
	}
	b.compare("the players with a journal, and without a wallet", 0, max(0, len(accounts)-b.players))
	b.compareTold(devices, told)
	return b, nil
}

func accountOf(accounts map[string]*account, login string) *account {
	if accounts[login] == nil {
		accounts[login] = &account{inventory: map[string]int{}}
	}
	return accounts[login]
}

// readJournal adds up what the records say, by player.
func (t *tables) readJournal(ctx context.Context, b *books) (map[string]*account, map[string]Entry, error) {
	accounts, entries := map[string]*account{}, map[string]Entry{}
	for record, err := range t.journal.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, nil, err
		}
		if _, twice := entries[record.ID]; twice {
			b.differ("the id %s is in the journal twice", record.ID)
		}
		entries[record.ID] = record.Entry
		a := accountOf(accounts, record.Login)
		a.coins += record.Coins
		a.points += record.Points
		switch record.Kind {
		case kindGame:
			b.games += record.Coins
			b.recordsOfGames++
		case kindPurchase:
			b.spent -= record.Coins
			b.recordsOfBuying++
			a.inventory[record.SKU]++
		}
	}
	return accounts, entries, nil
}

// addWallet holds a wallet against the journal. The bonus is journalled in the wallet itself.
func (b *books) addWallet(w *Wallet, a *account) {
	b.players++
	b.start += startCoins
	b.bonuses += w.BonusCoins
	b.balance += w.Balance
	b.compare("the coins of "+w.Login, startCoins+a.coins+w.BonusCoins, w.Balance)
	b.compare("the coins of the bonus of "+w.Login, w.BonusDays*bonusCoins, w.BonusCoins)
	if w.Balance < 0 {
		b.differ("%s has less than no coins", w.Login)
	}
	if !maps.Equal(a.inventory, w.Inventory) {
		b.differ("%s has bought %v by the journal, and has %v", w.Login, a.inventory, w.Inventory)
	}
}

// compareTold holds the journal against what the clients were told: what was promised is there, what was refused is not, and
// nothing else is there at all.
func (b *books) compareTold(devices []*device, entries map[string]Entry) {
	promised, bonuses := 0, 0
	for _, d := range devices {
		promised += len(d.promises)
		bonuses += d.bonuses
		for _, id := range slices.Sorted(maps.Keys(d.promises)) {
			if entry, there := entries[id]; !there || entry != d.promises[id] {
				b.differ("%s was told that %s is done, and the journal does not say so", d.name, id)
			}
		}
		for _, id := range d.refused {
			if _, there := entries[id]; there {
				b.differ("%s was told that %s is refused, and it is in the journal", d.name, id)
			}
		}
	}
	b.compare("the records in the journal", promised, len(entries))
	if bonuses*bonusCoins > b.bonuses {
		b.differ("the players were told of %d bonuses, and the wallets have the coins of %d", bonuses, b.bonuses/bonusCoins)
	}
}

func (b *books) compare(what string, want, got int) {
	if want != got {
		b.differ("%s: %d by the books, and there are %d", what, want, got)
	}
}

func (b *books) differ(format string, args ...any) {
	b.differences = append(b.differences, fmt.Sprintf(format, args...))
}

// expected is how many coins there must be.
func (b *books) expected() int { return b.start + b.games + b.bonuses - b.spent }

func (b *books) err() error {
	if b.differences == nil {
		return nil
	}
	return errors.New("the audit has found: " + strings.Join(b.differences, "; "))
}
