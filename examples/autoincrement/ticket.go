package main

import (
	"errors"

	"github.com/dynamapper/dynamapper"
)

// Ticket is a player's support ticket.
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

// Item is any item of the same table. It is a model with only the key, and without counting. Its
// Snapshot has the other attributes.
type Item struct {
	dynamapper.Model `dynamo:"tickets"`

	ID int `dynamo:"id,hash"`
}
