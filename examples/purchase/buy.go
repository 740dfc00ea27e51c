package main

import (
	"context"
	"errors"

	"github.com/dynamapper/dynamapper"
)

// The reasons to refuse a purchase. Nothing is written then.
var (
	errSoldOut     = errors.New("sold out")
	errTooFewCoins = errors.New("too few coins")
	errIDTaken     = errors.New("the id belongs to another purchase")
)

// buy sells one piece to a player, and returns the journal's record. The client chooses the id: if
// it sends a purchase again with the same id, the purchase is not made again, and the client gets
// the same response.
func (s *shop) buy(ctx context.Context, id, login, sku string) (*Purchase, error) {
	var purchase *Purchase
	err := s.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) (err error) {
		purchase, err = s.buyIn(ctx, tx, id, login, sku)
		return err
	})
	if err != nil {
		return nil, err
	}
	return purchase, nil
}

// buyIn makes the purchase in a transaction, which may call it several times.
func (s *shop) buyIn(
	ctx context.Context, tx *dynamapper.Tx, id, login, sku string,
) (*Purchase, error) {
	players, stock, purchases := s.players.In(tx), s.stock.In(tx), s.purchases.In(tx)

	// Read the journal first: a purchase that has taken the last piece or the last coins is not
	// refused when it is sent again. If there is no record, the commit checks that there still is
	// none.
	purchase, err := purchases.Get(ctx, dynamapper.Key(id))
	if err == nil {
		return purchase, purchase.check(login, sku)
	}
	if !errors.Is(err, dynamapper.ErrNotFound) {
		return nil, err
	}
	player, err := players.Get(ctx, dynamapper.Key(login))
	if err != nil {
		return nil, err
	}
	piece, err := stock.Get(ctx, dynamapper.Key(sku))
	if err != nil {
		return nil, err
	}
	if err := player.take(piece); err != nil {
		return nil, err
	}
	purchase = &Purchase{ID: id, Login: login, SKU: sku, Price: piece.Price}
	players.Save(player)
	stock.Save(piece)
	purchases.Save(purchase)
	return purchase, nil
}

// take moves a piece from the stock to the player, in memory. The commit stores both.
func (p *Player) take(piece *Stock) error {
	switch {
	case piece.Left < 1:
		return errSoldOut
	case p.Balance < piece.Price:
		return errTooFewCoins
	}
	piece.Left--
	p.Balance -= piece.Price
	if p.Inventory == nil {
		p.Inventory = map[string]int{}
	}
	p.Inventory[piece.SKU]++
	return nil
}

// check refuses an id under which something else was bought.
func (p *Purchase) check(login, sku string) error {
	if p.Login != login || p.SKU != sku {
		return errIDTaken
	}
	return nil
}
