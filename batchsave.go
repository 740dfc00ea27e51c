package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

func (m *Mapper) newBatchWrite(op string, s batchSettings, listed bool) *batchWrite {
	b := &batchWrite{mapper: m, op: op, parts: s.parts, listed: listed, lastWins: s.lastWins}
	size := 0
	for i, part := range s.parts {
		size += part.size()
		switch {
		case i == 0:
			b.table = part.table.name
		case part.table.name != s.parts[0].table.name:
			b.table = ""
		}
	}
	b.byKey, b.writes = make(map[itemID]*batchedWrite, size), make([]*batchedWrite, 0, size)
	return b
}

// run plans all writes, sends them, and sets the items that were written.
func (b *batchWrite) run(ctx context.Context) error {
	defer b.finish()
	if err := b.prepare(); err != nil {
		return err
	}
	// The ids come last: if an item of this batch has such an id by hand, the id is taken by then,
	// and the new item gets the next one.
	if err := b.sendAll(ctx); err == nil {
		b.putNew(ctx)
	}
	return b.outcome()
}

// prepare plans all writes and sets the stamps in the fields.
func (b *batchWrite) prepare() error {
	for number, part := range b.parts {
		writes, entries := make([]batchedWrite, part.size()), make([]batchEntry, part.size())
		for i := range writes {
			entries[i] = batchEntry{number, i}
			writes[i].table, writes[i].entries = part.table, entries[i:i+1:i+1]
			if err := b.prepareEntry(part, i, &writes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepareEntry plans the write w of the entry of a part.
func (b *batchWrite) prepareEntry(part *tableWrites, i int, w *batchedWrite) error {
	var err error
	switch {
	case i < len(part.puts):
		return b.preparePut(part.puts[i], w)
	case i < len(part.loaded):
		w.plan, err = part.table.planBatchDelete(b.op, part.loaded[i])
	default:
		w.plan, err = part.table.planBatchDeleteKey(b.op, &part.keys[i])
	}
	if err == nil {
		return b.add(w)
	}
	return b.newEntryError(w.entries[0], err)
}

// planBatchDelete plans the deletion of an item.
func (t *table) planBatchDelete(op string, item anyItem) (*writePlan, error) {
	if item == nil {
		return nil, errNilItem
	}
	if err := t.makeKey(item); err != nil {
		return nil, err
	}
	plan, err := t.planDelete(op, item, writeSettings{})
	if err != nil {
		return nil, t.newEncodeError(op, item, err)
	}
	return plan, nil
}

// planBatchDeleteKey plans the deletion of the item at a key.
func (t *table) planBatchDeleteKey(op string, key *PrimaryKey) (*writePlan, error) {
	encoded, err := t.schema.encodeWriteKey(*key)
	if err != nil {
		return nil, newCallError(op, t.name, err)
	}
	plan := planOptions{op: op, schema: t.schema, source: keySource{given: key}}.planDelete(encoded)
	return &plan, nil
}

// notesItems reports whether the batch must note the items that a table puts. Without LastWins it
// must only if planning a save changes the item: otherwise an item that is there twice is found by
// its key.
func (b *batchWrite) notesItems(t *table) bool {
	return b.lastWins || t.schema.version != nil || t.schema.autoincrement
}

// preparePut plans the save of an item, as the write w.
func (b *batchWrite) preparePut(item anyItem, w *batchedWrite) error {
	t := w.table
	if item == nil {
		return b.newEntryError(w.entries[0], errNilItem)
	}
	if b.notesItems(t) {
		if known := b.seen[item]; known != nil && !known.dropped {
			if !b.lastWins {
				return b.newTwiceError(known, w, samePointer)
			}
			known.entries = append(known.entries, w.entries...)
			return nil
		}
		if b.seen == nil {
			b.seen = make(map[anyItem]*batchedWrite, cap(b.writes))
		}
		b.seen[item] = w
	}
	err := t.validate(item)
	switch {
	case err != nil:
		return b.newEntryError(w.entries[0], err)
	case t.takesNewID(item):
		if w.newSave, err = t.prepareNew(b.op, item, writeSettings{}); err == nil {
			b.news = append(b.news, w)
			return nil
		}
	default:
		if w.saving, err = t.prepareSave(b.op, item, writeSettings{}); err == nil {
			w.item, w.plan, w.size = item, w.saving.plan, len(w.saving.after.text)
			if err = b.add(w); err != nil {
				w.saving.stamps.undo()
			}
			return err
		}
	}
	return b.newEntryError(w.entries[0], t.newEncodeError(b.op, item, err))
}

const (
	samePointer = "are the same pointer; pass each item once"
	sameKey     = "have the same key; remove one of the two, change its key, or give LastWins to " +
		"write the last one"
)

// newTwiceError returns the error of two entries, one of which is too many.
func (b *batchWrite) newTwiceError(first, second *batchedWrite, problem string) error {
	return newCallError(b.op, second.table.name, fmt.Errorf("the %s %s",
		b.namesOf(first.entries[0], second.entries[0]), problem))
}

// namesOf returns the names of two entries for errors, such as "items 1 and 3".
func (b *batchWrite) namesOf(one, other batchEntry) string {
	if b.listed {
		return fmt.Sprintf("%s and the %s", b.nameOf(one), b.nameOf(other))
	}
	return fmt.Sprintf("%ss %d and %d", b.parts[0].noun(), one.position, other.position)
}

// add adds a write. Of two deletes of a key it adds the first one. Any other second write of a key
// returns an error, or replaces the first one if the last one wins.
func (b *batchWrite) add(w *batchedWrite) error {
	id := itemID{w.table.name, w.table.schema.identityOf(w.plan.key)}
	twin := b.byKey[id]
	switch {
	case twin == nil:
		w.index = len(b.writes)
		b.writes = append(b.writes, w)
	case twin.plan.request == deleteItem && w.plan.request == deleteItem:
		twin.entries = append(twin.entries, w.entries...)
		return nil
	case twin.item != nil && twin.item == w.item:
		return b.newTwiceError(twin, w, samePointer)
	case !b.lastWins:
		return b.newTwiceError(twin, w, sameKey)
	default:
		if twin.saving != nil {
			twin.saving.stamps.undo()
		}
		twin.dropped, w.index = true, twin.index
		w.entries = append(w.entries, twin.entries...)
		b.writes[w.index] = w
	}
	b.byKey[id] = w
	return nil
}

// putNew takes the ids of all new items, with one ADD for each table, and inserts each item at its
// id.
func (b *batchWrite) putNew(ctx context.Context) {
	news := byTable(b.news)
	for _, writes := range news {
		t := writes[0].table
		last, err := t.takeIDs(ctx, b.op, len(writes))
		if err != nil {
			b.note(err)
			return
		}
		first := last - int64(len(writes)) + 1
		// As in batchWrite.send, only the caller's context cuts off a write in progress.
		err = parallel.Run(ctx, len(writes), batchRequests, func(_ context.Context, i int) error {
			w := writes[i]
			w.err = w.newSave.put(ctx, first+int64(i))
			w.written = w.err == nil
			if concernsItem(w.err) {
				return nil
			}
			return w.err
		})
		if err != nil {
			return
		}
	}
}

// concernsItem reports whether an insertion failed because of the item or its key, so that others
// may succeed.
func concernsItem(err error) bool {
	var field *FieldError
	return isInvalid(err) || errors.Is(err, ErrMaxRetriesExceeded) || errors.Is(err, ErrSchema) ||
		errors.As(err, &field)
}

// finish sets the items that were written or deleted, and undoes the stamps of the others.
func (b *batchWrite) finish() {
	for _, w := range b.writes {
		switch {
		case w.saving == nil && w.written:
			b.setDeleted(w)
		case w.saving == nil:
		case w.written:
			w.table.setSnapshot(w.item, w.saving, writeResult{})
		default:
			w.saving.stamps.undo()
		}
	}
	for _, w := range b.news {
		w.newSave.finish(w.written)
	}
}

// setDeleted marks the items of a deletion as new.
func (b *batchWrite) setDeleted(w *batchedWrite) {
	for _, e := range w.entries {
		if part := b.parts[e.part]; e.position < len(part.loaded) {
			part.table.setDeleted(part.loaded[e.position])
		}
	}
}
