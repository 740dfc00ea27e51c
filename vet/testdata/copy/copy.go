// Package copy has items whose struct is copied.
package copy

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

func both(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	b.Coins = 5
	if err := players.Save(ctx, &b); err != nil {
		return err
	}
	a.Coins++
	return players.Save(ctx, a, dynamapper.FailOnConflict()) // want `a and b are copies of one item, and both are saved`
}

func copyLast(ctx context.Context, players *dynamapper.Table[Player], a Player) {
	var b = a
	_ = players.Save(ctx, &a)
	_ = players.Save(ctx, &b) // want `a and b are copies of one item`
}

func staged(players *dynamapper.Table[Player], tx *dynamapper.Tx, a *Player) {
	b := *a
	_ = players.In(tx).Save(a)
	_ = players.In(tx).Save(&b) // want `a and b are copies of one item`
}

func otherKey(ctx context.Context, players *dynamapper.Table[Player], a *Player) {
	b := *a
	b.Login = "duke"
	_ = players.Save(ctx, &b)
	_ = players.Save(ctx, a)
}

func newItem(ctx context.Context, players *dynamapper.Table[Player], a *Player) {
	b := *a
	b.Model = dynamapper.Model{}
	_ = players.Save(ctx, &b)
	_ = players.Save(ctx, a)
}

func oneOfTwo(ctx context.Context, players *dynamapper.Table[Player], a *Player, keep bool) error {
	b := *a
	b.Coins = 0
	if keep {
		return players.Save(ctx, a)
	}
	return players.Save(ctx, &b)
}

func afterAFailure(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	if err := players.Save(ctx, &b); err == nil {
		return nil
	}
	return players.Save(ctx, a)
}

func readAgain(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	_ = players.Save(ctx, &b)
	a, err := players.Get(ctx, dynamapper.Key("waldo"))
	if err != nil {
		return err
	}
	return players.Save(ctx, a)
}

func changedElsewhere(ctx context.Context, players *dynamapper.Table[Player], a *Player) {
	b := *a
	rename(&b)
	_ = players.Save(ctx, &b)
	_ = players.Save(ctx, a)
}

func rename(p *Player) { p.Login += "!" }

func before(ctx context.Context, players *dynamapper.Table[Player], a *Player) int {
	old := *a
	a.Coins++
	_ = players.Save(ctx, a)
	return a.Coins - old.Coins
}

func inOneBatch(ctx context.Context, players *dynamapper.Table[Player], a *Player) {
	b := *a
	_ = players.BatchSave(ctx, []*Player{&b, a}) // want `a and b are copies of one item, and both are in one batch`
}

func inOneSlice(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	b.Coins++
	items := []*Player{a, &b} // want `a and b are copies of one item, and both are in one batch`
	return players.BatchSave(ctx, items)
}

func appended(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	var items []*Player
	items = append(items, a)
	b := *a
	b.Coins++
	items = append(items, &b) // want `a and b are copies of one item, and both are in one batch`
	println(len(items))
	return players.BatchSave(ctx, items)
}

func batchThenSave(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	if err := players.BatchSave(ctx, []*Player{&b}); err != nil {
		return err
	}
	return players.Save(ctx, a) // want `a and b are copies of one item, and both are saved`
}

func lastOfBatch(ctx context.Context, players *dynamapper.Table[Player], a *Player) {
	b := *a
	_ = players.BatchSave(ctx, []*Player{a, &b}, dynamapper.LastWins())
}

func optionsUnknown(ctx context.Context, players *dynamapper.Table[Player], a *Player, options []dynamapper.BatchOption) {
	b := *a
	_ = players.BatchSave(ctx, []*Player{a, &b}, options...)
}

func oneOfTwoAppended(ctx context.Context, players *dynamapper.Table[Player], a *Player, keep bool) error {
	var items []*Player
	b := *a
	b.Coins = 0
	if keep {
		items = append(items, a)
	} else {
		items = append(items, &b)
	}
	return players.BatchSave(ctx, items)
}

func otherKeyInBatch(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	b.Login = "duke"
	return players.BatchSave(ctx, []*Player{a, &b})
}

func takenOut(ctx context.Context, players *dynamapper.Table[Player], a *Player) error {
	b := *a
	items := []*Player{a, &b}
	items = items[1:]
	return players.BatchSave(ctx, items)
}

func keptElsewhere(ctx context.Context, players *dynamapper.Table[Player], a *Player) []*Player {
	old := *a
	a.Coins++
	_ = players.Save(ctx, a)
	return []*Player{&old, a}
}
