package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// Placed is the key of an account that is an entity, and its keys in the index by-visits. A bank's
// items share a hash key.
type Placed struct {
	_         dynamapper.Computed `dynamo:"pk,hash,format=BANK#{bank}"`
	_         dynamapper.Computed `dynamo:"sk,range,format=ACCOUNT#{number}"`
	IndexHash dynamapper.Computed `dynamo:"gsi1pk,format=BANK#{bank}" index:"by-visits,hash"`
	ByVisits  dynamapper.Computed `dynamo:"gsi1sk,format=VISITS#{visits:6}" index:"by-visits,range"`

	Bank   string `dynamo:"bank"`
	Number int    `dynamo:"number"`
	Fields
}

func (p *Placed) place(bank string, number int) { p.Bank, p.Number = bank, number }

func (p *Placed) checkKeys() error {
	hash, byVisits := "BANK#"+p.Bank, fmt.Sprintf("VISITS#%06d", p.Visits)
	if string(p.IndexHash) != hash || string(p.ByVisits) != byVisits {
		return fmt.Errorf("its index keys are %q and %q, and must be %q and %q", p.IndexHash,
			p.ByVisits, hash, byVisits)
	}
	return nil
}

// The kinds of accounts, as entities of one table.
type (
	// PlainEntity is compared as a whole.
	PlainEntity struct {
		dynamapper.Model `dynamo:"banks,entity=plain"`
		Placed
	}
	// CountedEntity has an integer version.
	CountedEntity struct {
		dynamapper.Model `dynamo:"banks,entity=counted"`
		Placed
		Version int `dynamo:"version,version"`
	}
	// TokenedEntity has a string version.
	TokenedEntity struct {
		dynamapper.Model `dynamo:"banks,entity=tokened"`
		Placed
		Version string `dynamo:"version,version"`
	}
)

// EntryEntity is the journal's record of a transfer.
type EntryEntity struct {
	dynamapper.Model `dynamo:"banks,entity=entry"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=BANK#{bank}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=TRANSFER#{mark}"`
	Bank   string              `dynamo:"bank"`
	Mark   string              `dynamo:"mark"`
	Amount int                 `dynamo:"amount"`
}

// Counter has the last id of a bank's tickets.
type Counter struct {
	dynamapper.Model `dynamo:"banks,entity=counter"`

	_    dynamapper.Computed `dynamo:"pk,hash,format=BANK#{bank}"`
	_    dynamapper.Computed `dynamo:"sk,range,format=COUNTER"`
	Bank string              `dynamo:"bank"`
	Last int64               `dynamo:"last"`
}

// TicketEntity has the next id of its bank.
type TicketEntity struct {
	dynamapper.Model `dynamo:"banks,entity=ticket"`

	_         dynamapper.Computed `dynamo:"pk,hash,format=BANK#{bank}"`
	_         dynamapper.Computed `dynamo:"sk,range,format=TICKET#{id:6}"`
	Bank      string              `dynamo:"bank"`
	ID        int64               `dynamo:"id"`
	Operation string              `dynamo:"operation"`
}

// entityBooks are books in the table of the accounts.
type entityBooks struct {
	mapper   *dynamapper.Mapper // on the faulty line
	entries  pair[EntryEntity]
	counters pair[Counter]
	slips    pair[TicketEntity]
}

func (b *entityBooks) open(ctx context.Context, bank string) error {
	return b.counters.good.Save(ctx, &Counter{Bank: bank}, dynamapper.FailOnConflict())
}

func (b *entityBooks) record(tx *dynamapper.Tx, bank, mark string, amount int) {
	b.entries.lossy.In(tx).Save(&EntryEntity{Bank: bank, Mark: mark, Amount: amount})
}

func (b *entityBooks) recorded(ctx context.Context, bank, mark string) (bool, error) {
	return exists(b.entries.good.Get(ctx, dynamapper.Key(bank, mark), dynamapper.Consistent()))
}

// takeTicket counts up and saves the ticket in one transaction, so that the ids have no gap.
func (b *entityBooks) takeTicket(ctx context.Context, bank, mark string) error {
	return b.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		counter, err := b.counters.lossy.In(tx).Get(ctx, dynamapper.Key(bank))
		if err != nil {
			return err
		}
		counter.Last++
		b.counters.lossy.In(tx).Save(counter)
		b.slips.lossy.In(tx).Save(&TicketEntity{Bank: bank, ID: counter.Last, Operation: mark})
		return nil
	})
}

// tickets also checks that the ids of each bank are all the numbers from 1 to the counter's.
func (b *entityBooks) tickets(ctx context.Context) (map[string]int64, error) {
	found := found{}
	for counter, err := range b.counters.good.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, err
		}
		next := int64(1)
		for ticket, err := range b.slips.good.Query(counter.Bank).Consistent().All(ctx) {
			if err != nil {
				return nil, err
			}
			if ticket.ID != next {
				return nil, fmt.Errorf("the ticket %d of %s is missing", next, counter.Bank)
			}
			next++
			if err := found.add(ticket.Operation, ticket.ID); err != nil {
				return nil, err
			}
		}
		if counter.Last != next-1 {
			return nil, fmt.Errorf("the counter of %s is %d, and the last ticket has %d",
				counter.Bank, counter.Last, next-1)
		}
	}
	return found, nil
}
