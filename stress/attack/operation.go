package attack

import (
	"context"
	"errors"

	"github.com/dynamapper/dynamapper"
)

// call is a prepared call of the mapper. It returns the item that the caller has afterwards, or
// nil.
type call[T any] func(context.Context) (*T, error)

// operation is a call under attack, and its properties.
type operation[T dynamapper.IsModel, W wallet[T]] struct {
	name    string
	stored  bool     // the wallets exist before the call
	noTable bool     // the table does not exist
	effects []string // the requests that apply the call; a call without them writes nothing
	traits  trait
	sends   int // the number of requests without faults; 0: one
	prepare func(context.Context, *world[T, W]) (call[T], error)
}

// trait is a documented property of a call.
type trait int

const (
	// it is sent again after a lost response, whatever others do meanwhile
	repeats trait = 1 << iota
	tokened       // it is sent as a transaction with a token
	// it is refused if the item has changed since it was read, or already exists
	checks
	conditional // it has a condition of the caller
	mustExist   // it is refused if the item is missing
	changes     // it depends on the stored item at the moment of the write
	removes     // it deletes
	numbers     // it takes a new id
	ofTable     // it concerns the table and not its items
	ofMany      // it writes several items
	partly      // it writes only edited attributes, and others may write the rest
	ofOld       // it returns the item before the write
)

func (t trait) has(other trait) bool { return t&other == other }

// The wallets. A call writes waldo's, and a call on several items writes all of them.
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
func operations[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	var all []operation[T, W]
	for _, some := range [][]operation[T, W]{
		readings[T, W](), insertions[T, W](), savings[T, W](), deletions[T, W](), updatings[T, W](),
		exchanges[T, W](), modifications[T, W](), batchings[T, W](), transactions[T, W](), numberings[T, W](),
		tablings[T, W](),
	} {
		all = append(all, some...)
	}
	return all
}

// readings are the reads of items.
func readings[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	type table = *dynamapper.Table[T]
	together := func(
		read func(*dynamapper.Mapper, context.Context, ...dynamapper.AnyFetch) error,
	) func(context.Context, *world[T, W]) ([]*T, error) {
		return func(ctx context.Context, w *world[T, W]) ([]*T, error) {
			var items []*T
			fetches := make([]*dynamapper.Fetch[T], len(everybody))
			all := make([]dynamapper.AnyFetch, len(everybody))
			for i, id := range everybody {
				fetches[i] = w.table.Fetch(dynamapper.Key(id), dynamapper.Consistent())
				all[i] = fetches[i]
			}
			err := read(w.mapper, ctx, all...)
			for _, fetch := range fetches {
				items = append(items, fetch.Item)
				if !errors.Is(fetch.Err, dynamapper.ErrNotFound) {
					err = errors.Join(err, fetch.Err)
				}
			}
			return items, err
		}
	}
	readAny := func(
		name string, read func(context.Context, *world[T, W]) ([]*T, error),
	) operation[T, W] {
		return operation[T, W]{name: name, stored: true,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					items, err := read(ctx, w)
					return w.pick(items), err
				}, nil
			}}
	}
	read := func(name string, read func(context.Context, table) ([]*T, error)) operation[T, W] {
		return readAny(name, func(ctx context.Context, w *world[T, W]) ([]*T, error) {
			return read(ctx, w.table)
		})
	}
	return []operation[T, W]{
		readAny("TransactGet", together((*dynamapper.Mapper).TransactGet)),
		readAny("BatchGet/fetches", together((*dynamapper.Mapper).BatchGet)),
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

// pick returns waldo's wallet from a result, or nil if it is not there.
func (w *world[T, W]) pick(items []*T) *T {
	for _, item := range items {
		if item != nil && W(item).money().ID == waldo {
			return item
		}
	}
	return nil
}
