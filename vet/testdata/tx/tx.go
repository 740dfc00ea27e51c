// Package tx has functions of RunTransaction and Modify.
package tx

import (
	"context"
	"slices"
	"sync"

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

func literals(ctx context.Context, m *dynamapper.Mapper, waldos []*Player) error {
	outside := func(p *Player) error { return players.Save(ctx, p) }
	body := func(inner context.Context, tx *dynamapper.Tx) error {
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = players.Save(ctx, waldos[0]) // want `Table.Save writes beside the transaction`
		})
		go func() {
			_ = players.Delete(ctx, waldos[0]) // want `Table.Delete writes beside the transaction`
		}()
		defer func() {
			_ = players.DeleteKey(ctx, waldo) // want `Table.DeleteKey writes beside the transaction`
		}()
		slices.ContainsFunc(waldos, func(p *Player) bool {
			return players.Save(ctx, p) == nil // want `Table.Save writes beside the transaction`
		})
		inside := func(p *Player) error {
			if p == nil {
				return nil
			}
			return players.Save(ctx, p) // want `Table.Save writes beside the transaction`
		}
		if err := inside(waldos[0]); err != nil {
			return err
		}
		wg.Wait()
		return outside(waldos[0]) // want `outside calls Table.Save, which writes beside the transaction`
	}
	return m.RunTransaction(ctx, body)
}

type store struct {
	players *dynamapper.Table[Player]
	m       *dynamapper.Mapper
}

func (s *store) save(ctx context.Context, p *Player) error {
	p.Coins++
	if err := s.players.Save(ctx, p); err != nil {
		return err
	}
	return nil
}

func (s *store) transfer(ctx context.Context) error {
	return s.m.RunTransaction(ctx, func(context.Context, *dynamapper.Tx) error { return nil })
}

func (s *store) load(ctx context.Context) (*Player, error) { return s.players.Get(ctx, waldo) }

func saveAny[T dynamapper.IsModel](ctx context.Context, table *dynamapper.Table[T], item *T) error {
	return table.Save(ctx, item)
}

func (s *store) saveWaldo() { _ = s.players.Save(context.Background(), &Player{Login: "waldo"}) }

func helpers(ctx context.Context, s *store) error {
	err := s.m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		player, err := s.load(ctx) // want `what s.load reads with Table.Get is not part of the transaction`
		if err != nil {
			return err
		}
		if err := s.save(ctx, player); err != nil { // want `s.save calls Table.Save, which writes beside the transaction`
			return err
		}
		if err := s.transfer(ctx); err != nil { // want `s.transfer calls Mapper.RunTransaction, which writes beside`
			return err
		}
		var once sync.Once
		once.Do(s.saveWaldo)                   // want `s.saveWaldo calls Table.Save`
		return saveAny(ctx, s.players, player) // want `saveAny calls Table.Save`
	})
	if err != nil {
		return err
	}
	_, err = s.players.Modify(ctx, waldo, func(player *Player) error {
		if _, err := s.load(ctx); err != nil {
			return err
		}
		return s.save(ctx, player) // want `s.save calls Table.Save in a function of Modify`
	})
	return err
}

// session is a store that may be in a transaction.
type session struct {
	store
	tx *dynamapper.Tx
}

func (s *session) save(ctx context.Context, p *Player) error {
	if s.tx != nil {
		return s.players.In(s.tx).Save(p)
	}
	return s.players.Save(ctx, p)
}

func saveIn(ctx context.Context, tx *dynamapper.Tx, p *Player) error {
	if tx != nil {
		return players.In(tx).Save(p)
	}
	return players.Save(ctx, p)
}

type txKey struct{}

func saveByContext(ctx context.Context, p *Player) error {
	if tx, ok := ctx.Value(txKey{}).(*dynamapper.Tx); ok {
		return players.In(tx).Save(p)
	}
	return players.Save(ctx, p)
}

func later(p *Player) func() error {
	return func() error { return players.Save(context.Background(), p) }
}

func (s *store) count(ctx context.Context) (int, error) { return s.players.Scan().Count(ctx) }

func unsure(ctx context.Context, s *store, after func(func() error), change func(*Player) error) error {
	change = func(p *Player) error { return players.Save(ctx, p) }
	var done []func() error
	return s.m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		p := &Player{Login: "waldo"}
		in := session{*s, tx}
		if err := in.save(ctx, p); err != nil {
			return err
		}
		if err := saveIn(ctx, tx, p); err != nil {
			return err
		}
		if err := saveByContext(ctx, p); err != nil {
			return err
		}
		done = append(done, later(p), func() error { return players.Save(context.Background(), p) })
		after(func() error { return players.Save(context.Background(), p) })
		if _, err := s.count(ctx); err != nil {
			return err
		}
		return change(p)
	})
}
