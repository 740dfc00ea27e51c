// Package err has calls whose errors are dropped, and requests that are not sent.
package err

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

func dropped(ctx context.Context, m *dynamapper.Mapper, players *dynamapper.Table[Player]) {
	players.Save(ctx, &Player{})                                                      // want `the error of Table.Save is dropped; handle it, or assign it to _`
	players.Delete(ctx, &Player{})                                                    // want `the error of Table.Delete is dropped`
	(players.Get(ctx, dynamapper.Key("waldo")))                                       // want `the error of Table.Get is dropped`
	players.Update(dynamapper.Key("waldo")).Add("coins", 5).Run(ctx)                  // want `the error of Update.Run is dropped`
	m.RunTransaction(ctx, func(context.Context, *dynamapper.Tx) error { return nil }) // want `the error of Mapper.RunTransaction is dropped`
}

func droppedLater(ctx context.Context, players *dynamapper.Table[Player]) {
	defer players.Delete(ctx, &Player{})          // want `the error of Table.Delete is dropped`
	go players.Save(ctx, &Player{})               // want `the error of Table.Save is dropped`
	defer players.Update(dynamapper.Key("waldo")) // want `the update is never sent`
	go players.Query("waldo").Limit(3)            // want `the query is never sent`
	defer players.Puts(&Player{})                 // want `Table.Puts sends nothing`
	defer players.In(nil).Save(&Player{})
	for range 3 {
		defer func() { players.Save(ctx, &Player{}) }() // want `the error of Table.Save is dropped`
	}
}

func notSent(ctx context.Context, players *dynamapper.Table[Player]) {
	players.Update(dynamapper.Key("waldo"))                 // want `the update is never sent; call Run or RunOld`
	players.Update(dynamapper.Key("waldo")).Add("coins", 5) // want `the update is never sent; call Run or RunOld`
	players.Query("waldo").Limit(3)                         // want `the query is never sent; call All, Collect, First, Count or Page`
	players.Scan().Limit(3)                                 // want `the scan is never sent`
	players.Scan()                                          // want `the scan is never sent`
	players.Nearest([]float32{1}).Top(3)                    // want `the search is never sent; call All or Collect`
	players.Nearest([]float32{1})                           // want `the search is never sent`
	players.Puts(&Player{})                                 // want `Table.Puts sends nothing; give it to BatchWrite`
	players.Deletes(dynamapper.Key("waldo"))                // want `Table.Deletes sends nothing`
	players.Fetch(dynamapper.Key("waldo"))                  // want `Table.Fetch sends nothing; give it to TransactGet or BatchGet`
}

func notSentByCollections(game *dynamapper.Collection) {
	game.Query("waldo").Select("coins") // want `the query is never sent`
	game.Scan()                         // want `the scan is never sent`
	game.Nearest([]float32{1}).Top(3)   // want `the search is never sent`
	game.Nearest([]float32{1})          // want `the search is never sent`
}

func notReturned(ctx context.Context, event []byte, players *dynamapper.Table[Player]) {
	handle := func(context.Context, dynamapper.Change[Player]) error { return nil }
	players.HandleChanges(ctx, event, handle) // want `the failures of Table.HandleChanges are dropped`
	_ = players.HandleChanges(ctx, event, handle)
}

type store struct{}

func (store) Save(context.Context, *Player) error { return nil }

func seen(ctx context.Context, m *dynamapper.Mapper, players *dynamapper.Table[Player]) error {
	store{}.Save(ctx, nil) // a method of somebody else
	_ = players.Save(ctx, &Player{})
	defer func() { _ = players.DeleteTable(ctx) }()
	go func() { _ = players.Save(ctx, &Player{}) }()
	query := players.Query("waldo")
	query.Limit(3) // changes the query
	defer query.Limit(4)
	search := players.Nearest([]float32{1})
	search.Top(3) // changes the search
	update := players.Update(dynamapper.Key("waldo"))
	update.Add("coins", 5)
	update.Set("coins", 5).MustExist()
	players.New()
	if _, err := update.Run(ctx); err != nil {
		return err
	}
	return m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		players.In(tx).Save(&Player{}) // RunTransaction returns the error
		players.In(tx).Update(dynamapper.Key("waldo")).Add("coins", 5)
		return nil
	})
}
