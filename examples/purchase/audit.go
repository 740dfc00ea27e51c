package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper"
)

// The numbers at the start.

func firstPlayers() []*Player {
	return []*Player{{Login: "waldo", Balance: 10_000}, {Login: "wally", Balance: 120}}
}

func firstStock() []*Stock {
	return []*Stock{{SKU: "sword", Price: 150, Left: 100}, {SKU: "crown", Price: 100, Left: 1}}
}

// open writes the items at the start.
func (s *shop) open(ctx context.Context) error {
	for _, player := range firstPlayers() {
		if err := s.players.Save(ctx, player, dynamapper.FailOnConflict()); err != nil {
			return err
		}
	}
	for _, piece := range firstStock() {
		if err := s.stock.Save(ctx, piece, dynamapper.FailOnConflict()); err != nil {
			return err
		}
	}
	return nil
}

// books is the content of the tables at one moment.
type books struct {
	players   map[string]*Player
	stock     map[string]*Stock
	purchases map[string]*Purchase
}

// audit reads the players, the stock and the purchases with these ids. Separate reads could show
// one half of a purchase that is made between two of them; the reads of a transaction are checked
// to be of one moment.
func (s *shop) audit(ctx context.Context, ids []string) (*books, error) {
	var b *books
	err := s.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) (err error) {
		b, err = s.auditIn(ctx, tx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b, b.check()
}

func (s *shop) auditIn(ctx context.Context, tx *dynamapper.Tx, ids []string) (*books, error) {
	b := &books{map[string]*Player{}, map[string]*Stock{}, map[string]*Purchase{}}
	for _, first := range firstPlayers() {
		player, err := s.players.In(tx).Get(ctx, s.players.KeyOf(first))
		if err != nil {
			return nil, err
		}
		b.players[player.Login] = player
	}
	for _, first := range firstStock() {
		piece, err := s.stock.In(tx).Get(ctx, s.stock.KeyOf(first))
		if err != nil {
			return nil, err
		}
		b.stock[piece.SKU] = piece
	}
	for _, id := range ids {
		purchase, err := s.purchases.In(tx).Get(ctx, dynamapper.Key(id))
		if errors.Is(err, dynamapper.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		b.purchases[id] = purchase
	}
	return b, nil
}

// account is a number that purchases change: its value at the start, the change by the journal, and
// its present value.
type account struct {
	what                string
	first, journal, now int
}

func (a account) difference() int { return a.now - a.first - a.journal }

func (a account) row() []any {
	verdict := "none"
	if a.difference() != 0 {
		verdict = fmt.Sprintf("%+d", a.difference())
	}
	return []any{a.what, a.first, fmt.Sprintf("%+d", a.journal), a.now, verdict}
}

// accounts compares every number with the journal.
func (b *books) accounts() []account {
	var all []account
	for _, player := range firstPlayers() {
		_, spent := b.bought(player.Login, "")
		all = append(all, account{"coins of " + player.Login, player.Balance, -spent,
			b.players[player.Login].Balance})
	}
	for _, piece := range firstStock() {
		sold, _ := b.bought("", piece.SKU)
		all = append(all, account{piece.SKU + "s in stock", piece.Left, -sold,
			b.stock[piece.SKU].Left})
		for _, player := range firstPlayers() {
			owned, _ := b.bought(player.Login, piece.SKU)
			all = append(all, account{piece.SKU + "s of " + player.Login, 0, owned,
				b.players[player.Login].Inventory[piece.SKU]})
		}
	}
	return all
}

// bought returns the pieces of a thing that a player has bought according to the journal, and their
// price; "" means all things.
func (b *books) bought(login, sku string) (pieces, coins int) {
	for _, purchase := range b.purchases {
		if (login == "" || purchase.Login == login) && (sku == "" || purchase.SKU == sku) {
			pieces, coins = pieces+1, coins+purchase.Price
		}
	}
	return pieces, coins
}

// check finds a purchase that is half done: a number that the journal does not explain.
func (b *books) check() error {
	var wrong []string
	for _, a := range b.accounts() {
		if a.difference() != 0 {
			wrong = append(wrong,
				fmt.Sprintf("%s: %d at the start, %+d by the journal, but there are %d", a.what,
					a.first, a.journal, a.now))
		}
	}
	if wrong != nil {
		return errors.New("a purchase is half done: " + strings.Join(wrong, "; "))
	}
	return nil
}

// finalAudit compares every coin and every piece with the journal.
func (s *story) finalAudit(ctx context.Context) error {
	s.Heading("6. The audit")
	s.Say("Every number at the start, its change by the journal, and its value now:")
	b, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return err
	}
	rows := [][]any{{"", "at first", "journal", "now", "difference"}}
	for _, a := range b.accounts() {
		rows = append(rows, a.row())
	}
	s.Table(rows...)
	records, err := s.shop.purchases.Scan().Consistent().Count(ctx)
	if err != nil {
		return err
	}
	if records != len(b.purchases) {
		return fmt.Errorf("the journal has %d records, but only %d are of purchases that were sent",
			records, len(b.purchases))
	}
	s.Say("Purchases sent: %d, some of them several times. Records in the journal: %d. Every "+
		"coin and every piece is accounted for.", len(s.sent), records)
	return nil
}
