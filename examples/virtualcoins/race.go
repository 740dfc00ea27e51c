package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// devices is the number of devices on which one player buys at once.
const devices = 8

// race makes many purchases at once, without and with FailOnConflict.
func (s *story) race(ctx context.Context) error {
	total := s.settings.players * devices * s.settings.purchases
	s.Heading("3. Many purchases at once")
	s.Say("Players: %d, with %d coins each. Each has %d devices, and each device makes %d "+
		"purchases of 1 coin, all at once:\n"+
		"%d purchases. A player's devices all make their first read before any of them saves, so "+
		"the race is certain.\n"+
		"A refused purchase reads the player again and retries:",
		s.settings.players, s.endowment(), devices, s.settings.purchases, total)
	s.Code(
		`for {`,
		`    player, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())`,
		`    ... // the error is returned, the price taken from the balance`,
		`    err = players.Save(ctx, player, dynamapper.FailOnConflict())`,
		`    if !errors.Is(err, dynamapper.ErrConflict) {`,
		`        return err // nil: bought`,
		`    }`,
		`}`,
	)
	unchecked, err := s.runRace(ctx, "unchecked")
	if err != nil {
		return err
	}
	checked, err := s.runRace(ctx, "checked", dynamapper.FailOnConflict())
	if err != nil {
		return err
	}
	s.Table(
		[]any{"", "bought", "tried again", "coins left", "should be", "difference"},
		unchecked.row("without the option"),
		checked.row("FailOnConflict"),
	)
	if checked.left != checked.shouldBe {
		return fmt.Errorf("the race with FailOnConflict left %d coins instead of %d", checked.left,
			checked.shouldBe)
	}
	return nil
}

// endowment returns the coins of a player at the start: twice the cost of all purchases.
func (s *story) endowment() int { return 2 * devices * s.settings.purchases }

// result is the result of a race.
type result struct {
	bought, retried int64 // purchases that succeeded, and saves that were refused
	left, shouldBe  int64 // the sum of all balances
}

func (r result) row(name string) []any {
	verdict := "none"
	if lost := r.left - r.shouldBe; lost != 0 {
		verdict = fmt.Sprintf("%d coins out of nowhere", lost)
	}
	return []any{name, r.bought, r.retried, r.left, r.shouldBe, verdict}
}

// runRace runs the purchases of all devices of all players, with the options for each save.
func (s *story) runRace(
	ctx context.Context, name string, opts ...dynamapper.SaveOption,
) (result, error) {
	var bought, retried atomic.Int64
	var keys []dynamapper.PrimaryKey
	var tasks []func(context.Context) error
	for i := range s.settings.players {
		player := &Player{Login: fmt.Sprintf("%s-%d", name, i+1), Balance: s.endowment()}
		if err := s.players.Save(ctx, player, dynamapper.FailOnConflict()); err != nil {
			return result{}, err
		}
		keys = append(keys, s.players.KeyOf(player))
		start := stage.NewMeeting(devices)
		for range devices {
			d := &device{players: s.players, login: player.Login, opts: opts, start: start,
				retried: &retried}
			tasks = append(tasks, func(ctx context.Context) error {
				return d.shop(ctx, s.settings.purchases, &bought)
			})
		}
	}
	total := len(tasks) * s.settings.purchases
	stop := s.Watch(func() string {
		return fmt.Sprintf("%s: %d of %d purchases", name, bought.Load(), total)
	})
	err := stage.Together(ctx, tasks)
	stop()
	if err != nil {
		return result{}, err
	}
	left, err := s.sum(ctx, keys)
	endowed := int64(len(keys) * s.endowment())
	return result{bought: bought.Load(), retried: retried.Load(), left: left,
		shouldBe: endowed - bought.Load()}, err
}

// sum adds up the balances.
func (s *story) sum(ctx context.Context, keys []dynamapper.PrimaryKey) (int64, error) {
	players, err := s.players.BatchGet(ctx, keys, dynamapper.Consistent())
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, player := range players {
		sum += int64(player.Balance)
	}
	return sum, nil
}

// device is a device on which a player buys.
type device struct {
	players *dynamapper.Table[Player]
	login   string
	opts    []dynamapper.SaveOption
	start   *stage.Meeting
	arrived bool
	retried *atomic.Int64
}

// shop buys a number of things, one after the other, and counts those that succeeded.
func (d *device) shop(ctx context.Context, purchases int, bought *atomic.Int64) error {
	for range purchases {
		if err := d.buy(ctx, 1); err != nil {
			return err
		}
		bought.Add(1)
	}
	return nil
}

// buy buys one thing. A save is refused only if another purchase was saved, so the retries come to
// an end.
func (d *device) buy(ctx context.Context, price int) error {
	players, login := d.players, d.login
	for {
		player, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
		if err != nil {
			return err
		}
		if err := player.pay(price); err != nil {
			return err
		}
		if err := d.meet(ctx); err != nil {
			return err
		}
		err = players.Save(ctx, player, d.opts...) // FailOnConflict, or nothing
		if !errors.Is(err, dynamapper.ErrConflict) {
			return err
		}
		d.retried.Add(1)
	}
}

// meet makes all devices of a player read before any of them saves, the first time, so that the
// race is certain.
func (d *device) meet(ctx context.Context) error {
	if d.arrived {
		return nil
	}
	d.arrived = true
	return d.start.Join(ctx)
}
