package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// account sums up a player's records in the journal, and the things that the player has.
type account struct {
	coins, points int
	bought, has   map[string]int // by SKU
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

// audit reads all items of the game in one scan. Nobody may write at the same time.
func (t *tables) audit(ctx context.Context, devices []*device) (*books, error) {
	b, accounts, entries := &books{}, map[string]*account{}, map[string]Entry{}
	var wallets []*Wallet
	var scores []*Score
	for item, err := range t.all.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, err
		}
		switch item := item.(type) {
		case *Purchase:
			b.addEntry(entries, item.ID, item.entry(), accountOf(accounts, item.Login))
		case *Match:
			b.addEntry(entries, item.ID, item.entry(), accountOf(accounts, item.Login))
		case *Thing:
			accountOf(accounts, item.Login).has[item.SKU] = item.Count
		case *Wallet:
			wallets = append(wallets, item)
		case *Score:
			scores = append(scores, item)
		}
	}
	for _, wallet := range wallets {
		b.addWallet(wallet, accountOf(accounts, wallet.Login))
	}
	for _, score := range scores {
		b.compare("the points of "+score.Login, accountOf(accounts, score.Login).points,
			score.Points)
	}
	b.compare("the players with a journal and without a wallet", 0, max(0, len(accounts)-b.players))
	b.compareTold(devices, entries)
	return b, nil
}

func accountOf(accounts map[string]*account, login string) *account {
	if accounts[login] == nil {
		accounts[login] = &account{bought: map[string]int{}, has: map[string]int{}}
	}
	return accounts[login]
}

// addEntry adds a record of the journal to the books and to its player's account.
func (b *books) addEntry(entries map[string]Entry, id string, e Entry, a *account) {
	if _, twice := entries[id]; twice {
		b.differ("the id %s is in the journal twice", id)
	}
	entries[id] = e
	a.coins += e.Coins
	a.points += e.Points
	switch e.Kind {
	case kindGame:
		b.games += e.Coins
		b.recordsOfGames++
	case kindPurchase:
		b.spent -= e.Coins
		b.recordsOfBuying++
		a.bought[e.SKU]++
	}
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
	if !maps.Equal(a.bought, a.has) {
		b.differ("%s has bought %v by the journal, but has %v", w.Login, a.bought, a.has)
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
