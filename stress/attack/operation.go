package attack

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

// call is a prepared call of the mapper. It returns the item that the caller has afterwards, if
// any.
type call[T any] func(context.Context) (*T, error)

// operation is a call under attack, and what is known of it.
type operation[T any, W wallet[T]] struct {
	name    string
	stored  bool     // the wallets exist before the call
	noTable bool     // the table does not
	effects []string // requests that apply the call; a call without them writes nothing
	traits  trait
	sends   int // requests, if nothing goes wrong and if more than one
	prepare func(context.Context, *world[T, W]) (call[T], error)
}

// trait is what the documentation says of a call.
type trait int

const (
	repeats     trait = 1 << iota // it is sent again after a lost answer, whatever others do meanwhile
	tokened                       // it is sent as a transaction with a token
	checks                        // it is refused if the item is not as it was read, or is there
	conditional                   // it has a condition of the caller's
	mustExist                     // it is refused if the item is missing
	changes                       // it is made of what is stored at the moment of the write
	removes                       // it deletes
	numbers                       // it takes a new id
	ofTable                       // it is about the table and not about its items
	ofMany                        // it writes several items
	partly                        // it writes what was edited, and others may write the rest
)

func (t trait) has(other trait) bool { return t&other == other }

// The wallets: the call writes waldo's, and calls on several write all.
const waldo = "waldo"

var everybody = []string{waldo, "odlaw", "wenda"}

var allKeys = dynamapper.Keys("waldo", "odlaw", "wenda")

// The requests that apply calls.
var (
	puts     = []string{"PutItem"}
	updates  = []string{"UpdateItem"}
	removals = []string{"DeleteItem"}
	commits  = []string{"TransactWriteItems"}
	batches  = []string{"BatchWriteItem", "PutItem", "DeleteItem"}
)

// operations returns all calls of the mapper.
func operations[T any, W wallet[T]]() []operation[T, W] {
	var all []operation[T, W]
	for _, some := range [][]operation[T, W]{
		readings[T, W](), insertions[T, W](), savings[T, W](), deletions[T, W](), updatings[T, W](),
		modifications[T, W](), batchings[T, W](), transactions[T, W](), numberings[T, W](),
		tablings[T, W](),
	} {
		all = append(all, some...)
	}
	return all
}

// readings are the reads of items.
func readings[T any, W wallet[T]]() []operation[T, W] {
	type table = *dynamapper.Table[T]
	read := func(name string, read func(context.Context, table) ([]*T, error)) operation[T, W] {
		return operation[T, W]{name: name, stored: true,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					items, err := read(ctx, w.table)
					return w.pick(items), err
				}, nil
			}}
	}
	return []operation[T, W]{
		read("Get", func(ctx context.Context, t table) ([]*T, error) {
			item, err := t.Get(ctx, dynamapper.Key(waldo), dynamapper.Consistent())
			return []*T{item}, err
		}),
		read("BatchGet", func(ctx context.Context, t table) ([]*T, error) {
			return t.BatchGet(ctx, allKeys, dynamapper.Consistent())
		}),
		read("Query", func(ctx context.Context, t table) ([]*T, error) {
			return t.Query(waldo).Consistent().Collect(ctx)
		}),
		read("Scan", func(ctx context.Context, t table) ([]*T, error) {
			return t.Scan().Consistent().Collect(ctx)
		}),
	}
}

// pick returns waldo's wallet of what was read, and nil if it was not there.
func (w *world[T, W]) pick(items []*T) *T {
	for _, item := range items {
		if item != nil && W(item).money().ID == waldo {
			return item
		}
	}
	return nil
}
