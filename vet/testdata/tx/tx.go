// Package tx has functions of RunTransaction and Modify.
package tx

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

var waldo = dynamapper.Key("waldo")

func beside(ctx context.Context, m *dynamapper.Mapper, players *dynamapper.Table[Player]) error {
	return m.RunTransaction(ctx, func(inner context.Context, tx *dynamapper.Tx) error {
		player, err := players.Get(inner, waldo) // want `the item that Table.Get reads is not part of the transaction`
		if err != nil {
			return err
		}
		if err := players.Save(ctx, player); err != nil { // want `Table.Save writes beside the transaction`
			return err
		}
		if _, err := players.Update(waldo).Add("coins", 1).Run(ctx); err != nil { // want `Update.Run writes beside the transaction`
			return err
		}
		other := players.Fetch(waldo)
		if err := m.TransactGet(ctx, other); err != nil { // want `the items that Mapper.TransactGet reads are not part of the transaction`
			return err
		}
		if err := m.BatchGet(ctx, other); err != nil { // want `the items that Mapper.BatchGet reads are not part`
			return err
		}
		if _, err := players.BatchGet(ctx, dynamapper.Keys("waldo")); err != nil { // want `the items that Table.BatchGet reads are not part`
			return err
		}
		func() {
			_ = players.DeleteKey(ctx, waldo) // want `Table.DeleteKey writes beside the transaction`
		}()
		return m.RunTransaction(ctx, func(context.Context, *dynamapper.Tx) error { return nil }) // want `Mapper.RunTransaction writes beside`
	})
}

func byName(ctx context.Context, m *dynamapper.Mapper) error {
	return m.RunTransaction(ctx, pay)
}

var players *dynamapper.Table[Player]

func pay(ctx context.Context, tx *dynamapper.Tx) error {
	return players.BatchSave(ctx, nil) // want `Table.BatchSave writes beside the transaction`
}

func modify(ctx context.Context) error {
	_, err := players.Modify(ctx, waldo, func(player *Player) error {
		return players.Save(ctx, player) // want `Table.Save in a function of Modify`
	})
	if err != nil {
		return err
	}
	_, err = players.ModifyOrNew(ctx, waldo, func(player *Player) error {
		_, err := players.Update(waldo).Add("coins", 1).Run(ctx) // want `Update.Run in a function of Modify`
		return err
	})
	return err
}

func inside(ctx context.Context, m *dynamapper.Mapper) error {
	var later func() error
	err := m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		inTx := players.In(tx)
		player, err := inTx.Get(ctx, waldo)
		if err != nil {
			return err
		}
		// A transaction has no queries.
		if _, err := players.Query("waldo").Collect(ctx); err != nil {
			return err
		}
		player.Coins++
		later = func() error { return players.Save(context.Background(), &Player{Login: "log"}) }
		if err := inTx.Update(dynamapper.Key("duke")).Add("coins", -1); err == nil {
			return nil
		}
		return inTx.Save(player)
	})
	if err != nil {
		return err
	}
	_, err = players.Modify(ctx, waldo, func(player *Player) error {
		_, err := players.Get(ctx, dynamapper.Key("duke"))
		return err
	})
	if err != nil {
		return err
	}
	return later()
}

func unrelated(ctx context.Context, tx *dynamapper.Tx) error { return players.Save(ctx, nil) }
