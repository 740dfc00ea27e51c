package main

import (
	"errors"

	"github.com/dynamapper/dynamapper"
)

// Ticket is a player's call for help.
type Ticket struct {
	dynamapper.Model `dynamo:"tickets"`

	ID     int    `dynamo:"id,hash,autoincrement"`
	Player string `dynamo:"player"`
	Text   string `dynamo:"text"`
}

// ValidateItem is called before every save.
func (t *Ticket) ValidateItem() error {
	if t.Text == "" {
		return errors.New("a ticket needs a text")
	}
	return nil
}

// Item is any item of the same table: a model that knows the key alone, and nothing of counting. Its Snapshot has the rest.
type Item struct {
	dynamapper.Model `dynamo:"tickets"`

	ID int `dynamo:"id,hash"`
}
