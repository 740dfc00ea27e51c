package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

// BatchSave saves any number of items as Save without options does. It sends BatchWriteItem
// requests of up to 25 items, several at a time. Items whose autoincrement key is 0 take their ids
// with one UpdateItem, and one PutItem each inserts them.
//
// BatchSave checks all items before it sends a request. If an item is nil, partial, not valid or
// cannot be encoded, or if two items have the same key, BatchSave returns an error that names the
// position, counted from 0, and writes nothing.
//
// BatchSave resends unprocessed items with backoff, as often as WithMaxRetries allows. If the
// service refuses a request as invalid, BatchSave sends its items one by one, so that one item that
// is too large does not hold back the others. If some items could not be written, BatchSave returns
// a *BatchError with their positions and the reasons. These items are as before; all others are
// written and no longer new. An error that concerns more than one item, such as a missing table,
// ends the batch.
//
// A batch has no conditions: it replaces what is in the table. After a lost response, the SDK sends
// a request again, which may undo a later write. If no response comes at all, the reason in the
// *BatchError is ErrUnknownOutcome.
//
// Errors: *BatchError, ErrPartial, *FieldError; ErrConflict if the version of a loaded item was set
// to another value.
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
	b := &batchSave{batchWrite: t.newBatchWrite("BatchSave", "item", len(items)),
		table: t, items: items, savings: make([]*saving, len(items)),
		seen: t.seenInBatch(len(items))}
	defer b.finish()
	if err := b.prepare(); err != nil {
		return err
	}
	// The ids come last: if an item of this batch has such an id by hand, the id is taken by then,
	// and the new item gets the next one.
	if err := b.run(ctx); err == nil {
		b.putNew(ctx)
	}
	return b.outcome(append(b.writes, b.news...))
}

// batchSave is a running BatchSave.
type batchSave struct {
	batchWrite
	table   *table
	items   []anyItem
	savings []*saving       // by position; nil if the item takes a new id
	news    []*batchedWrite // the writes of the items that take a new id, in their order

	newSaves []*newSave      // parallel to news
	seen     map[anyItem]int // the positions of the items; nil: their keys tell
}

// prepare plans all saves and sets the stamps in the fields.
func (b *batchSave) prepare() error {
	writes, positions := make([]batchedWrite, len(b.items)), make([]int, len(b.items))
	for i, item := range b.items {
		if item == nil {
			return b.newEntryError(i, errNilItem)
		}
		positions[i] = i
		writes[i].positions = positions[i : i+1 : i+1]
		if err := b.prepareItem(i, item, &writes[i]); err != nil {
			return err
		}
	}
	return nil
}

// seenInBatch returns the map in which a batch notes its items. A batch needs it only if planning a
// save changes the item: otherwise an item that is there twice is found by its key.
func (t *table) seenInBatch(size int) map[anyItem]int {
	if t.schema.version == nil && !t.schema.autoincrement {
		return nil
	}
	return make(map[anyItem]int, size)
}

// newTwiceError returns the error of an item that the batch has already, as the same pointer.
func (b *batchSave) newTwiceError(first, second int) error {
	return newCallError(b.op, b.table.name,
		fmt.Errorf("the items %d and %d are the same pointer; pass each item once", first, second))
}

// prepareItem plans the save of the item at a position, as the write w.
func (b *batchSave) prepareItem(i int, item anyItem, w *batchedWrite) error {
	if b.seen != nil {
		if first, twice := b.seen[item]; twice {
			return b.newTwiceError(first, i)
		}
		b.seen[item] = i
	}
	if err := b.table.validate(item); err != nil {
		return b.newEntryError(i, err)
	}
	if b.table.takesNewID(item) {
		n, err := b.table.prepareNew(b.op, item, writeSettings{})
		if err != nil {
			return b.newEntryError(i, b.table.newEncodeError(b.op, item, err))
		}
		b.news, b.newSaves = append(b.news, w), append(b.newSaves, n)
		return nil
	}
	s, err := b.table.prepareSave(b.op, item, writeSettings{})
	if err != nil {
		return b.newEntryError(i, b.table.newEncodeError(b.op, item, err))
	}
	b.savings[i] = s
	w.plan, w.size = s.plan, len(s.after.text)
	if twin := b.add(w); twin != nil {
		s.stamps.undo()
		if first := twin.positions[0]; b.items[first] == item {
			return b.newTwiceError(first, i)
		}
		return newCallError(b.op, b.table.name,
			fmt.Errorf("the items %d and %d have the same key; remove one of the two items, or "+
				"change its key", twin.positions[0], i))
	}
	return nil
}

// putNew takes the ids of all new items with one ADD, and inserts each item at its id.
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
	// As in batchWrite.send, only the caller's context cuts off a write in progress.
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

// concernsItem reports whether an insertion failed because of the item or its key, so that others
// may succeed.
func concernsItem(err error) bool {
	var field *FieldError
	return isInvalid(err) || errors.Is(err, ErrMaxRetriesExceeded) || errors.Is(err, ErrSchema) ||
		errors.As(err, &field)
}

// finish sets the snapshots of the written items, and undoes the stamps of the others.
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
