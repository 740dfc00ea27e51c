package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

// BatchSave saves any number of items as Save without options does, 25 in one BatchWriteItem, several of those at a
// time. Items whose autoincrement key is 0 take their ids with one request, and are put one by one where nothing is.
//
// All items are looked at before anything is sent: one that is nil, partial, not valid or cannot be encoded, and two
// with one key, are an error that names the position, counted from 0, and then nothing is written.
//
// What the service did not get to is sent again with backoff, as often as WithMaxRetries says, and a request that
// is refused as invalid, item by item, so that one item which is too large holds back no other. Positions of items that
// could not be written are in the *BatchError, with the reasons, and those items are as before; all others are written,
// and no longer new. Any error that concerns more than an item, such as a table that does not exist, ends the batch.
//
// A batch has no conditions: it replaces what is in the table. After a lost answer it is sent again, and may undo a later
// write; where no answer came at all, the reason is ErrUnknownOutcome.
//
// Errors: *BatchError, ErrPartial, *FieldError; ErrConflict for an item whose version was set to
// another one than was loaded.
func (t *Table[T]) BatchSave(ctx context.Context, items []*T, opts ...BatchOption) error {
	return orZero(t).batchSave(ctx, itemsOf(items), opts)
}

func (t *table) batchSave(ctx context.Context, items []anyItem, opts []BatchOption) error {
	settings, err := settingsOf(opts, BatchOption.setBatch)
	if err == nil {
		err = t.checkWrite(ctx)
	}
	if err == nil && t.defaults.failOnConflict && !settings.lastWriterWins {
		err = errBatchUnguarded
	}
	if err != nil {
		return newCallError("BatchSave", t.name, err)
	}
	b := &batchSave{batchWrite: t.newBatchWrite("BatchSave", "item"), table: t, items: items, savings: make([]*saving, len(items))}
	defer b.finish()
	if err := b.prepare(); err != nil {
		return err
	}
	// The ids come last: one that stands in this batch by hand is taken by then, and the next is given.
	if err := b.run(ctx); err == nil {
		b.putNew(ctx)
	}
	return b.outcome(append(b.writes, b.news...))
}

// batchSave is a BatchSave under way.
type batchSave struct {
	batchWrite
	table   *table
	items   []anyItem
	savings []*saving       // by position; nil where the item takes a new id
	news    []*batchedWrite // those that take a new id, in the order of the items

	newSaves []*newSave // beside news
}

// prepare plans all saves, with the stamps in the fields.
func (b *batchSave) prepare() error {
	seen := make(map[any]int, len(b.items))
	for i, item := range b.items {
		if item == nil {
			return b.newEntryError(i, errNilItem)
		}
		if first, twice := seen[item]; twice {
			return newCallError(b.op, b.table.name, fmt.Errorf("the items %d and %d are one; give it once", first, i))
		}
		seen[item] = i
		if err := b.prepareItem(i, item); err != nil {
			return err
		}
	}
	return nil
}

func (b *batchSave) prepareItem(i int, item anyItem) error {
	if err := b.table.validate(item); err != nil {
		return b.newEntryError(i, err)
	}
	if b.table.takesNewID(item) {
		n, err := b.table.prepareNew(b.op, item, writeSettings{})
		if err != nil {
			return b.newEntryError(i, b.table.newEncodeError(b.op, item, err))
		}
		b.news, b.newSaves = append(b.news, &batchedWrite{positions: []int{i}}), append(b.newSaves, n)
		return nil
	}
	s, err := b.table.prepareSave(b.op, item, writeSettings{})
	if err != nil {
		return b.newEntryError(i, b.table.newEncodeError(b.op, item, err))
	}
	b.savings[i] = s
	if twin := b.add(&batchedWrite{positions: []int{i}, plan: s.plan, size: len(s.text)}); twin != nil {
		s.stamps.undo()
		return newCallError(b.op, b.table.name, fmt.Errorf("the items %d and %d have one key; leave one out, or give it another", twin.positions[0], i))
	}
	return nil
}

// putNew takes the ids of the new items with one ADD, and puts each item at its own.
func (b *batchSave) putNew(ctx context.Context) {
	if len(b.news) == 0 {
		return
	}
	last, err := b.table.takeIDs(ctx, b.op, len(b.news))
	if err != nil {
		b.note(err)
		return
	}
	first := last - int64(len(b.news)) + 1
	// As in batchWrite.send, a write that is under way ends with the caller's context alone.
	_ = parallel.Run(ctx, len(b.news), batchRequests, func(_ context.Context, i int) error {
		w := b.news[i]
		w.err = b.newSaves[i].put(ctx, first+int64(i))
		w.written = w.err == nil
		if concernsItem(w.err) {
			return nil
		}
		return w.err
	})
}

// concernsItem says that an insertion failed for what the item holds or where it is put, so that others may succeed.
func concernsItem(err error) bool {
	var field *FieldError
	return isInvalid(err) || errors.Is(err, ErrMaxRetriesExceeded) || errors.Is(err, ErrSchema) || errors.As(err, &field)
}

// finish makes what was written the snapshot, and takes the stamps out of the other items.
func (b *batchSave) finish() {
	for _, w := range b.writes {
		i := w.positions[0]
		if w.written {
			b.table.setSnapshot(b.items[i], b.savings[i], writeResult{})
		} else {
			b.savings[i].stamps.undo()
		}
	}
	for i, n := range b.newSaves {
		n.finish(b.news[i].written)
	}
}
