package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// books are what all banks of a run share: the journal of transfers, and the tickets with their
// ids.
type books interface {
	// open prepares the books for a bank.
	open(ctx context.Context, bank string) error
	// record stages the journal's record of a transfer.
	record(tx *dynamapper.Tx, bank, mark string, amount int)
	// recorded reports whether the journal has a transfer.
	recorded(ctx context.Context, bank, mark string) (bool, error)
	// takeTicket saves a ticket with a new id.
	takeTicket(ctx context.Context, bank, mark string) error
	// tickets returns the ids of all tickets, by the marks of their operations.
	tickets(ctx context.Context) (map[string]int64, error)
}

// Entry is the journal's record of a transfer.
type Entry struct {
	dynamapper.Model `dynamo:"journal"`
	ID               string `dynamo:"id,hash"`
	Amount           int    `dynamo:"amount"`
}

// Ticket has an autoincrement id.
type Ticket struct {
	dynamapper.Model `dynamo:"tickets"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Operation        string `dynamo:"operation"`
}

// tableBooks are books in tables of their own.
type tableBooks struct {
	entries pair[Entry]
	slips   pair[Ticket]
}

func (b *tableBooks) open(context.Context, string) error { return nil }

func (b *tableBooks) record(tx *dynamapper.Tx, _, mark string, amount int) {
	b.entries.lossy.In(tx).Save(&Entry{ID: mark, Amount: amount})
}

func (b *tableBooks) recorded(ctx context.Context, _, mark string) (bool, error) {
	return exists(b.entries.good.Get(ctx, dynamapper.Key(mark), dynamapper.Consistent()))
}

// exists reports whether a read has found an item.
func exists[T any](_ *T, err error) (bool, error) {
	if errors.Is(err, dynamapper.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (b *tableBooks) takeTicket(ctx context.Context, _, mark string) error {
	return b.slips.lossy.Save(ctx, &Ticket{Operation: mark})
}

func (b *tableBooks) tickets(ctx context.Context) (map[string]int64, error) {
	found := found{}
	for ticket, err := range b.slips.good.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, err
		}
		if err := found.add(ticket.Operation, ticket.ID); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// found holds the ids of tickets by the marks of their operations.
type found map[string]int64

func (f found) add(mark string, id int64) error {
	if twin, twice := f[mark]; twice {
		return fmt.Errorf("the ticket of %s was saved twice, with the ids %d and %d", mark, twin, id)
	}
	f[mark] = id
	return nil
}
