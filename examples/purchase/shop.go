package main

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// Player is a player with coins and bought things.
type Player struct {
	dynamapper.Model `dynamo:"players"`

	Login     string         `dynamo:"login,hash"`
	Balance   int            `dynamo:"balance"`
	Inventory map[string]int `dynamo:"inventory,document"` // how many of each, by SKU
}

// Stock is the shop's stock of one thing.
type Stock struct {
	dynamapper.Model `dynamo:"stock"`

	SKU   string `dynamo:"sku,hash"`
	Price int    `dynamo:"price"`
	Left  int    `dynamo:"left"`
}

// Purchase is the journal's record of a purchase.
type Purchase struct {
	dynamapper.Model `dynamo:"purchases"`

	ID    string    `dynamo:"id,hash"` // chosen by the client
	Login string    `dynamo:"login"`
	SKU   string    `dynamo:"sku"`
	Price int       `dynamo:"price"`
	At    time.Time `dynamo:"at,created"`
}

// shop holds the tables that a purchase writes.
type shop struct {
	mapper    *dynamapper.Mapper
	players   *dynamapper.Table[Player]
	stock     *dynamapper.Table[Stock]
	purchases *dynamapper.Table[Purchase]
}

func newShop(mapper *dynamapper.Mapper) (*shop, error) {
	players, err := dynamapper.TableOf[Player](mapper)
	if err != nil {
		return nil, err
	}
	stock, err := dynamapper.TableOf[Stock](mapper)
	if err != nil {
		return nil, err
	}
	purchases, err := dynamapper.TableOf[Purchase](mapper)
	if err != nil {
		return nil, err
	}
	return &shop{mapper, players, stock, purchases}, nil
}
