package dynamapper

import (
	"context"
	"errors"
	"fmt"
)

// A BatchPart is an argument of Mapper.BatchWrite: the puts or the deletes of one table, which
// Table.Puts and Table.Deletes return, or an option of the call, LastWins or LastWriterWins.
type BatchPart interface{ setBatchWrite(*batchSettings) }

// batchSettings is the result of the arguments of a batch.
type batchSettings struct {
	writeSettings
	parts []*tableWrites
}

// tableWrites is a part of a batch: the puts or the deletes of one table.
type tableWrites struct {
	table  *table
	puts   []anyItem
	loaded []anyItem    // items to delete
	keys   []PrimaryKey // of items to delete
	ofKeys bool         // the entries are keys
}

func (p *tableWrites) setBatchWrite(s *batchSettings) { s.parts = append(s.parts, p) }

func (o writeOption) setBatchWrite(s *batchSettings) { o(&s.writeSettings) }

// noun returns the name of an entry of the part.
func (p *tableWrites) noun() string {
	if p.ofKeys {
		return "key"
	}
	return "item"
}

// size returns the number of entries.
func (p *tableWrites) size() int { return len(p.puts) + len(p.loaded) + len(p.keys) }

// Puts returns the puts of items as a part of a batch of several tables: BatchWrite sends them, as
// BatchSave does. Puts itself sends nothing.
func (t *Table[T]) Puts(items ...*T) BatchPart {
	return &tableWrites{table: &orZero(t).untyped, puts: itemsOf(items)}
}

// Deletes returns the deletes of the items at keys as a part of a batch of several tables:
// BatchWrite sends them, as BatchDelete does. Deletes itself sends nothing.
func (t *Table[T]) Deletes(keys ...PrimaryKey) BatchPart {
	return &tableWrites{table: &orZero(t).untyped, keys: keys, ofKeys: true}
}

// BatchWrite puts and deletes items of any tables of the mapper, as BatchSave and BatchDelete do
// for one table. It sends BatchWriteItem requests of up to 25 writes over all tables, several at a
// time. It is no transaction: some of the writes may be applied and others not. The ids of new
// items are taken with one UpdateItem for each table, and one PutItem each inserts them.
//
// If two parts write the same key, also by tables of two models that share a table in DynamoDB,
// BatchWrite returns an error that names both, and sends nothing. With LastWins, the last write of
// a key is sent. A key that is only deleted, by whatever parts, is deleted once.
//
// If some writes could not be applied, BatchWrite returns a *BatchError whose Parts has the
// positions of their items and keys in each part. If the Defaults of a table that puts items have
// FailOnConflict, BatchWrite requires LastWriterWins.
//
// Errors: *BatchError, ErrPartial, *FieldError; ErrConflict if the version of a loaded item was set
// to another value.
func (m *Mapper) BatchWrite(ctx context.Context, parts ...BatchPart) error {
	var s batchSettings
	for _, part := range parts {
		if part == nil {
			return newCallError("BatchWrite", "", errNilPart)
		}
		part.setBatchWrite(&s)
	}
	if m.isEmpty() {
		return newCallError("BatchWrite", "", errNoMapper)
	}
	if err := checkWriteContext(ctx); err != nil {
		return newCallError("BatchWrite", "", err)
	}
	for i, part := range s.parts {
		if err := part.check(m, &s.writeSettings); err != nil {
			return newCallError("BatchWrite", part.table.name, fmt.Errorf("part %d: %w", i, err))
		}
	}
	return m.newBatchWrite("BatchWrite", s, true).run(ctx)
}

var (
	errNilPart = errors.New(
		"a part of the batch is nil; give what Puts and Deletes return, or leave it out")
	errOtherMapper = errors.New(
		"the table is of another mapper; make the tables of a batch with one mapper")
)

// check refuses a part that a mapper cannot send.
func (p *tableWrites) check(m *Mapper, settings *writeSettings) error {
	if err := p.table.checkMade(); err != nil {
		return err
	}
	switch {
	case p.table.mapper != m:
		return errOtherMapper
	case p.ofKeys || !p.table.defaults.failOnConflict || settings.lastWriterWins:
		return nil
	case len(p.loaded) > 0:
		return errDeletesUnguarded
	}
	return errBatchUnguarded
}

// batchOfTable writes the batch of one table.
func (t *table) batchOfTable(
	ctx context.Context, op string, part *tableWrites, settings writeSettings, err error,
) error {
	if err == nil {
		err = t.checkWrite(ctx)
	}
	part.table = t
	if err == nil {
		err = part.check(t.mapper, &settings)
	}
	if err != nil {
		return newCallError(op, t.name, err)
	}
	return t.mapper.newBatchWrite(op, batchSettings{settings, []*tableWrites{part}}, false).run(ctx)
}

// BatchSave saves any number of items as Save without options does. It sends BatchWriteItem
// requests of up to 25 items, several at a time. Items whose autoincrement key is 0 take their ids
// with one UpdateItem, and one PutItem each inserts them.
//
// BatchSave checks all items before it sends a request. If an item is nil, partial, not valid or
// cannot be encoded, or if two items have the same key, BatchSave returns an error that names the
// position, counted from 0, and writes nothing. With LastWins, the last item of a key is written,
// and the others stay as before.
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
	return orZero(t).untyped.batchSave(ctx, itemsOf(items), opts)
}

func (t *table) batchSave(ctx context.Context, items []anyItem, opts []BatchOption) error {
	settings, err := settingsOf(opts, BatchOption.setBatch)
	return t.batchOfTable(ctx, "BatchSave", &tableWrites{puts: items}, settings, err)
}

// BatchDelete deletes the items at any number of keys without reading them. It sends BatchWriteItem
// requests of up to 25 keys, several at a time. It ignores missing items, and deletes a key that is
// given twice once. If a key is invalid, BatchDelete returns an error before it sends a request.
//
// BatchDelete resends unprocessed keys with backoff, as often as WithMaxRetries allows. If the
// service refuses a request as invalid, BatchDelete sends its keys one by one. If some items could
// not be deleted, BatchDelete returns a *BatchError with the positions of their keys and the
// reasons; all others are deleted. After a lost response, the SDK sends a request again, which may
// undo a later write. If no response comes at all, the reason in the *BatchError is
// ErrUnknownOutcome.
//
// Errors: *BatchError.
func (t *Table[T]) BatchDelete(ctx context.Context, keys []PrimaryKey) error {
	return orZero(t).untyped.batchDelete(ctx, keys)
}

func (t *table) batchDelete(ctx context.Context, keys []PrimaryKey) error {
	return t.batchOfTable(ctx, "BatchDelete", &tableWrites{keys: keys, ofKeys: true},
		writeSettings{}, nil)
}

// DeleteItems deletes any number of items, at the keys that their fields hold, as Delete without
// options does. It sends BatchWriteItem requests as BatchDelete does. Afterwards the deleted items
// count as new. A hook ValidateItem may make the key of an item, as in Delete.
//
// A batch has no conditions, so DeleteItems deletes an item even if somebody has changed it since
// it was loaded. If the table's Defaults have FailOnConflict, it therefore requires LastWriterWins.
// Two items with the same key are deleted once.
//
// If some items could not be deleted, DeleteItems returns a *BatchError with their positions and
// the reasons. These items are as before.
//
// Errors: *BatchError, *FieldError; ErrConflict if the version of a loaded item was set to another
// value.
func (t *Table[T]) DeleteItems(
	ctx context.Context, items []*T, opts ...DeleteItemsOption,
) error {
	return orZero(t).untyped.deleteItems(ctx, itemsOf(items), opts)
}

func (t *table) deleteItems(
	ctx context.Context, items []anyItem, opts []DeleteItemsOption,
) error {
	settings, err := settingsOf(opts, DeleteItemsOption.setDeleteItems)
	return t.batchOfTable(ctx, "DeleteItems", &tableWrites{loaded: items}, settings, err)
}
