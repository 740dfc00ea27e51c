// Package loop has loops over items.
package loop

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Player struct {
	dynamapper.Model `dynamo:"players"`

	ID    int64  `dynamo:"id,hash,autoincrement"`
	Login string `dynamo:"login"`
}

func returned(ctx context.Context, players *dynamapper.Table[Player], items []Player) ([]Player, error) {
	for _, item := range items {
		item.Login += "!"
		if err := players.Save(ctx, &item); err != nil { // want `&item is the address of a copy, so the element of items keeps its old snapshot, and line 24 uses it; save &items\[i\]`
			return nil, err
		}
	}
	return items, nil
}

func savedAgain(ctx context.Context, players *dynamapper.Table[Player], items []Player) {
	for _, item := range items {
		_ = players.Save(ctx, &item) // want `&item is the address of a copy`
	}
	for i := range items {
		_ = players.Delete(ctx, &items[i])
	}
}

func twice(ctx context.Context, players *dynamapper.Table[Player]) {
	items := []Player{{Login: "waldo"}}
	for _, item := range items {
		_ = players.Save(ctx, &item) // want `&item is the address of a copy`
	}
	for _, item := range items {
		_ = players.Save(ctx, &item)
	}
}

func fine(ctx context.Context, players *dynamapper.Table[Player], items []Player, pointers []*Player) []*Player {
	for _, item := range []Player{{Login: "waldo"}, {Login: "duke"}} {
		_ = players.Save(ctx, &item)
	}
	for _, item := range items { // their elements are not used as saved
		_ = players.Save(ctx, &item)
	}
	println(len(items), items[0].Login)
	for _, item := range pointers {
		_ = players.Save(ctx, item)
	}
	return pointers
}

func byIndex(ctx context.Context, players *dynamapper.Table[Player], items []Player) []Player {
	for i := range items {
		_ = players.Save(ctx, &items[i])
	}
	return items
}

func putBack(ctx context.Context, players *dynamapper.Table[Player], items []Player) []Player {
	for i, item := range items {
		_ = players.Save(ctx, &item)
		items[i] = item
	}
	return items
}

func inBatches(ctx context.Context, players *dynamapper.Table[Player], items []Player) []Player {
	for _, item := range items {
		_ = players.BatchSave(ctx, []*Player{&item}) // want `&item is the address of a copy, so the element of items keeps its old snapshot`
	}
	return items
}

func collected(ctx context.Context, players *dynamapper.Table[Player], items []Player) ([]Player, error) {
	var pointers []*Player
	for _, item := range items {
		item.Login += "!"
		pointers = append(pointers, &item) // want `&item is the address of a copy`
	}
	if err := players.BatchSave(ctx, pointers); err != nil {
		return nil, err
	}
	return items, nil
}

// Each round has a variable of its own, and what is saved is used.
func pointersKept(ctx context.Context, players *dynamapper.Table[Player], items []Player) ([]*Player, error) {
	var pointers, again []*Player
	for _, item := range items {
		pointers = append(pointers, &item)
	}
	if err := players.BatchSave(ctx, pointers); err != nil {
		return nil, err
	}
	for _, item := range items {
		again = append(again, &item)
	}
	return again, nil
}

func elementsUnused(ctx context.Context, players *dynamapper.Table[Player], items []Player) (int, error) {
	var pointers []*Player
	for _, item := range items {
		pointers = append(pointers, &item)
	}
	err := players.BatchSave(ctx, pointers)
	return len(items), err
}

func returnedBefore(ctx context.Context, players *dynamapper.Table[Player], items []Player) ([]Player, error) {
	var pointers []*Player
	for _, item := range items {
		pointers = append(pointers, &item)
	}
	if len(pointers) == 0 {
		return items, nil
	}
	return nil, players.BatchSave(ctx, pointers)
}

func pointersReturned(ctx context.Context, players *dynamapper.Table[Player], items []Player) ([]Player, []*Player) {
	var pointers []*Player
	for _, item := range items {
		pointers = append(pointers, &item)
	}
	_ = players.BatchSave(ctx, pointers)
	return items, pointers // what is saved is used, too
}
