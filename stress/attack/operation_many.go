package attack

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// batchings write several wallets without conditions.
func batchings[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	save := func(name string, stored bool) operation[T, W] {
		return operation[T, W]{
			name: "BatchSave/" + name, stored: stored, effects: batches, traits: repeats | ofMany,
			prepare: func(ctx context.Context, w *world[T, W]) (call[T], error) {
				items, err := w.takeAll(ctx, stored)
				for _, item := range items {
					W(item).money().set(after)
				}
				return func(ctx context.Context) (*T, error) {
					return nil, w.table.BatchSave(ctx, items)
				}, err
			},
		}
	}
	return []operation[T, W]{
		save("new", false), save("loaded", true),
		{
			name: "BatchDelete", stored: true, effects: batches, traits: repeats | ofMany | removes,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					return nil, w.table.BatchDelete(ctx, allKeys)
				}, nil
			},
		},
		{
			name: "DeleteItems", stored: true, effects: batches, traits: repeats | ofMany | removes,
			prepare: func(ctx context.Context, w *world[T, W]) (call[T], error) {
				items, err := w.takeAll(ctx, true)
				return func(ctx context.Context) (*T, error) {
					return nil, w.table.DeleteItems(ctx, items)
				}, err
			},
		},
		{
			name: "BatchWrite", effects: batches, traits: repeats | ofMany,
			prepare: func(ctx context.Context, w *world[T, W]) (call[T], error) {
				items, err := w.takeAll(ctx, false)
				for _, item := range items {
					W(item).money().set(after)
				}
				return func(ctx context.Context) (*T, error) {
					return nil, w.mapper.BatchWrite(ctx, w.table.Puts(items...),
						w.table.Deletes(dynamapper.Key("nobody")))
				}, err
			},
		},
	}
}

// takeAll returns everybody's wallets, loaded or new.
func (w *world[T, W]) takeAll(ctx context.Context, stored bool) ([]*T, error) {
	if stored {
		return w.table.BatchGet(ctx, allKeys, dynamapper.Consistent())
	}
	var items []*T
	for _, id := range everybody {
		items = append(items, newWallet[T, W](id, before))
	}
	return items, nil
}

// transactions write several wallets, all or none.
func transactions[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	type table = *dynamapper.TxTable[T]
	run := func(
		name string, stored bool, traits trait,
		stage func(context.Context, *world[T, W], table) error, opts ...dynamapper.TransactionOption,
	) operation[T, W] {
		return operation[T, W]{
			name: "RunTransaction/" + name, stored: stored, effects: commits,
			traits: traits | tokened | ofMany, sends: 4,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					work := func(ctx context.Context, tx *dynamapper.Tx) error {
						return stage(ctx, w, w.table.In(tx))
					}
					return nil, w.mapper.RunTransaction(ctx, work, opts...)
				}, nil
			},
		}
	}
	all := []operation[T, W]{
		run("modify", true, changes|checks|mustExist, payAll[T, W]),
		run("insert", false, checks, func(_ context.Context, _ *world[T, W], t table) error {
			for _, id := range everybody {
				t.Save(newWallet[T, W](id, after))
			}
			return nil
		}),
		run("put", true, 0, putAll[T, W]),
		run("update", true, changes, updateAll[T, W]),
		run("update with a token", true, changes, updateAll[T, W], dynamapper.Token("one request")),
		run("delete", true, removes, func(_ context.Context, _ *world[T, W], t table) error {
			for _, id := range everybody {
				t.DeleteKey(dynamapper.Key(id))
			}
			return nil
		}),
		run("check", true, changes|conditional, checkAndPay[T, W]),
	}
	reads := run("read", true, checks, readAll[T, W])
	reads.effects = nil
	return append(all, reads)
}

// payAll takes the same amount from everybody.
func payAll[T dynamapper.IsModel, W wallet[T]](
	ctx context.Context, _ *world[T, W], t *dynamapper.TxTable[T],
) error {
	for _, id := range everybody {
		item, err := t.Get(ctx, dynamapper.Key(id))
		if err != nil {
			return err
		}
		W(item).money().set(W(item).money().Balance + after - before)
		t.Save(item)
	}
	return nil
}

// putAll replaces everybody's wallets, whatever is there.
func putAll[T dynamapper.IsModel, W wallet[T]](
	_ context.Context, _ *world[T, W], t *dynamapper.TxTable[T],
) error {
	for _, id := range everybody {
		t.Put(newWallet[T, W](id, after))
	}
	return nil
}

// updateAll takes the same amount from everybody without reading.
func updateAll[T dynamapper.IsModel, W wallet[T]](
	_ context.Context, _ *world[T, W], t *dynamapper.TxTable[T],
) error {
	for _, id := range everybody {
		t.Update(dynamapper.Key(id)).
			Add("balance", after-before).Add("spent", before-after).MustExist()
	}
	return nil
}

// checkAndPay makes the others pay if waldo's balance has not changed.
func checkAndPay[T dynamapper.IsModel, W wallet[T]](
	_ context.Context, _ *world[T, W], t *dynamapper.TxTable[T],
) error {
	t.Check(dynamapper.Key(waldo), isAsBefore())
	for _, id := range everybody[1:] {
		t.Update(dynamapper.Key(id)).
			Add("balance", after-before).Add("spent", before-after).MustExist()
	}
	return nil
}

// readAll reads everybody's wallets. The result is only right if the commit confirms that all had
// these values at one moment.
func readAll[T dynamapper.IsModel, W wallet[T]](
	ctx context.Context, _ *world[T, W], t *dynamapper.TxTable[T],
) error {
	for _, id := range everybody {
		_, err := t.Get(ctx, dynamapper.Key(id))
		if err != nil && !errors.Is(err, dynamapper.ErrNotFound) {
			return err
		}
	}
	return nil
}

// numberings save new items with new ids.
func numberings[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	save := func(
		name string, effects []string, traits trait,
		save func(context.Context, *world[T, W]) error,
	) operation[T, W] {
		return operation[T, W]{
			name: "Autoincrement/" + name, effects: effects, traits: traits | numbers, sends: 2,
			prepare: func(ctx context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) { return nil, save(ctx, w) },
					w.tickets.CreateTable(ctx)
			},
		}
	}
	one := func(options ...dynamapper.SaveOption) func(context.Context, *world[T, W]) error {
		return func(ctx context.Context, w *world[T, W]) error {
			return w.tickets.Save(ctx, &Ticket{Text: "one"}, options...)
		}
	}
	return []operation[T, W]{
		save("Save", puts, 0, one()),
		save("Save/F", puts, checks, one(dynamapper.FailOnConflict())),
		save("Save/X", commits, tokened, one(dynamapper.Idempotent())),
		save("BatchSave", batches, repeats|ofMany, func(ctx context.Context, w *world[T, W]) error {
			return w.tickets.BatchSave(ctx, []*Ticket{{Text: "one"}, {Text: "two"}})
		}),
		save("RunTransaction", commits, tokened|ofMany, func(
			ctx context.Context, w *world[T, W],
		) error {
			return w.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				w.tickets.In(tx).Save(&Ticket{Text: "one"})
				w.tickets.In(tx).Save(&Ticket{Text: "two"})
				return nil
			})
		}),
	}
}

// tablings are the calls on the table.
func tablings[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	type table = *dynamapper.Table[T]
	create, remove := []string{"CreateTable"}, []string{"DeleteTable"}
	make := func(
		name string, noTable bool, effects []string, do func(context.Context, table) error,
	) operation[T, W] {
		return operation[T, W]{
			name: name, noTable: noTable, effects: effects, traits: ofTable, sends: 3,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) { return nil, do(ctx, w.table) }, nil
			},
		}
	}
	return []operation[T, W]{
		make("CreateTable", true, create, func(ctx context.Context, t table) error {
			return t.CreateTable(ctx)
		}),
		make("CreateTable/wait", true, create, func(ctx context.Context, t table) error {
			return t.CreateTable(ctx, dynamapper.WaitActive())
		}),
		make("EnsureTable/new", true, create, func(ctx context.Context, t table) error {
			return t.EnsureTable(ctx)
		}),
		make("EnsureTable/stored", false, create, func(ctx context.Context, t table) error {
			return t.EnsureTable(ctx)
		}),
		make("DeleteTable", false, remove, func(ctx context.Context, t table) error {
			return t.DeleteTable(ctx)
		}),
		make("Verify", false, nil, func(ctx context.Context, t table) error {
			if err := t.Verify(ctx); err != nil {
				return fmt.Errorf("verify: %w", err)
			}
			return nil
		}),
	}
}
