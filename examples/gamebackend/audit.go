package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// account sums up a player's records in the journal.
type account struct {
	coins, points int
	inventory     map[string]int
}

// books holds everything that is stored, to be compared with the journal and with the responses
// that clients got.
type books struct {
	players                         int
	start, games, bonuses, spent    int // coins
	balance                         int // of all wallets
	recordsOfGames, recordsOfBuying int
	differences                     []string
}

// audit reads all items. Nobody may write at the same time.
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
		b.compare("the points of "+score.Login, accountOf(accounts, score.Login).points,
			score.Points)
	}
	b.compare("the players with a journal and without a wallet", 0, max(0, len(accounts)-b.players))
	b.compareTold(devices, told)
	return b, nil
}

func accountOf(accounts map[string]*account, login string) *account {
	if accounts[login] == nil {
		accounts[login] = &account{inventory: map[string]int{}}
	}
	return accounts[login]
}

// readJournal adds up the records for each player.
func (t *tables) readJournal(
	ctx context.Context, b *books,
) (map[string]*account, map[string]Entry, error) {
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

// addWallet compares a wallet with the journal. The wallet itself is the journal of the bonus.
func (b *books) addWallet(w *Wallet, a *account) {
	b.players++
	b.start += startCoins
	b.bonuses += w.BonusCoins
	b.balance += w.Balance
	b.compare("the coins of "+w.Login, startCoins+a.coins+w.BonusCoins, w.Balance)
	b.compare("the coins of the bonus of "+w.Login, w.BonusDays*bonusCoins, w.BonusCoins)
	if w.Balance < 0 {
		b.differ("%s has a negative number of coins", w.Login)
	}
	if !maps.Equal(a.inventory, w.Inventory) {
		b.differ("%s has bought %v by the journal, but has %v", w.Login, a.inventory, w.Inventory)
	}
}

// compareTold compares the journal with the responses that the clients got: every confirmed request
// is in the journal, no refused one is, and nothing else is.
func (b *books) compareTold(devices []*device, entries map[string]Entry) {
	promised, bonuses := 0, 0
	for _, d := range devices {
		promised += len(d.promises)
		bonuses += d.bonuses
		for _, id := range slices.Sorted(maps.Keys(d.promises)) {
			if entry, there := entries[id]; !there || entry != d.promises[id] {
				b.differ("%s got the response that %s is done, but it is not in the journal",
					d.name, id)
			}
		}
		for _, id := range d.refused {
			if _, there := entries[id]; there {
				b.differ("%s got the response that %s is refused, but it is in the journal", d.name,
					id)
			}
		}
	}
	b.compare("the records in the journal", promised, len(entries))
	if bonuses*bonusCoins > b.bonuses {
		b.differ(
			"the players got the responses for %d bonuses, but the wallets have the coins of %d",
			bonuses, b.bonuses/bonusCoins)
	}
}

func (b *books) compare(what string, want, got int) {
	if want != got {
		b.differ("%s: %d by the books, but there are %d", what, want, got)
	}
}

func (b *books) differ(format string, args ...any) {
	b.differences = append(b.differences, fmt.Sprintf(format, args...))
}

// expected returns the number of coins that must exist.
func (b *books) expected() int { return b.start + b.games + b.bonuses - b.spent }

func (b *books) err() error {
	if b.differences == nil {
		return nil
	}
	return errors.New("the audit found: " + strings.Join(b.differences, "; "))
}
