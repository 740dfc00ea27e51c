package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// purchase is a purchase that has read the player and has not saved yet.
type purchase struct {
	what   string
	price  int
	read   int // the balance that it read
	player *Player
}

// row returns the purchase as a row of a table.
func (p *purchase) row(outcome string) []any {
	return []any{p.what, p.read, p.player.Balance, outcome}
}

var purchaseHead = []any{"purchase", "has read", "writes", "outcome"}

// lostUpdate makes two purchases at once without conflict detection.
func (s *story) lostUpdate(ctx context.Context) error {
	s.Heading("1. The lost update")
	s.Say("Waldo has 200 coins. On two devices he buys a sword for 150 and a shield for 100, at " +
		"the same moment.\nEach purchase reads the player, takes the price from the balance, " +
		"and saves:")
	s.Code(
		`player, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())`,
		`player.Balance -= price`,
		`err = players.Save(ctx, player)`,
	)
	players := s.players
	sword, shield, err := s.readBoth(ctx)
	if err != nil {
		return err
	}
	rows := [][]any{purchaseHead}
	for _, purchase := range []*purchase{sword, shield} {
		player, price := purchase.player, purchase.price
		player.Balance -= price
		if err := players.Save(ctx, player); err != nil {
			return err
		}
		rows = append(rows, purchase.row("saved"))
	}
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil {
		return err
	}
	s.Table(rows...)
	s.Say("He has spent %d of his %d coins, and has %d left: the second save overwrote the first.",
		sword.price+shield.price, sword.read, waldo.Balance)
	return nil
}

// refusedPurchase makes them with FailOnConflict.
func (s *story) refusedPurchase(ctx context.Context) error {
	s.Heading("2. The same with FailOnConflict")
	s.Say("The save is refused if the player has changed since he was read, and the error has " +
		"the present item:")
	s.Code(
		`err = players.Save(ctx, player, dynamapper.FailOnConflict())`,
		`var conflict *dynamapper.ConflictError`,
		`if errors.As(err, &conflict) { // conflict.Attributes have changed`,
		`    now, err := players.UnmarshalItem(conflict.Current)`,
	)
	sword, shield, err := s.readBoth(ctx)
	if err != nil {
		return err
	}
	swordOutcome, err := s.save(ctx, sword)
	if err != nil {
		return err
	}
	shieldOutcome, err := s.save(ctx, shield)
	if err != nil {
		return err
	}
	again, err := s.players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil {
		return err
	}
	if err := again.pay(shield.price); !errors.Is(err, errTooFewCoins) {
		return stage.NotRefused("the second purchase", err)
	}
	s.Table(purchaseHead, sword.row(swordOutcome), shield.row(shieldOutcome),
		[]any{"shield", again.Balance, "-",
			fmt.Sprintf("read again: %d is less than %d, not bought", again.Balance, shield.price)})
	s.Say("The balance at the end is %d, which is correct.", again.Balance)
	return nil
}

// save takes the price from the balance and saves. It returns the outcome.
func (s *story) save(ctx context.Context, p *purchase) (outcome string, err error) {
	players, player := s.players, p.player
	if err := player.pay(p.price); err != nil {
		return "", err
	}
	err = players.Save(ctx, player, dynamapper.FailOnConflict())
	var conflict *dynamapper.ConflictError
	if errors.As(err, &conflict) {
		if conflict.Current == nil {
			return "refused: the player is gone", nil
		}
		now, err := players.UnmarshalItem(conflict.Current)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("refused: %s has changed to %d", strings.Join(conflict.Attributes, ", "),
			now.Balance), nil
	}
	return "saved", err
}

// readBoth gives Waldo 200 coins, and starts two purchases that both read him before either saves.
func (s *story) readBoth(ctx context.Context) (sword, shield *purchase, err error) {
	waldo := s.players.New(func(p *Player) {
		p.Login = "waldo"
		p.Balance = 200
	})
	if err := s.players.Save(ctx, waldo); err != nil {
		return nil, nil, err
	}
	if sword, err = s.begin(ctx, "sword", 150); err != nil {
		return nil, nil, err
	}
	if shield, err = s.begin(ctx, "shield", 100); err != nil {
		return nil, nil, err
	}
	return sword, shield, nil
}

// begin reads the player for a purchase.
func (s *story) begin(ctx context.Context, what string, price int) (*purchase, error) {
	player, err := s.players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil {
		return nil, err
	}
	return &purchase{what: what, price: price, read: player.Balance, player: player}, nil
}
