package dynamapper

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TxTable is a table in a transaction. What goes wrong while staging comes out of RunTransaction.
type TxTable[T any] struct{ txTable }

// txTable is what a TxTable does whatever the model is.
type txTable struct {
	table *table
	tx    *Tx
}

// In gives the table in a transaction of its mapper. Where the transaction is nil, Get is an error, and whatever is staged ends the
// function of RunTransaction, which returns why; outside of one, where nobody would be told that it is not written, it panics.
func (t *Table[T]) In(tx *Tx) *TxTable[T] {
	return &TxTable[T]{t.in(tx)}
}

func (t *table) in(tx *Tx) txTable {
	if tx == nil || tx.mapper == nil {
		return txTable{t, new(Tx)}
	}
	if tx.mapper != t.mapper {
		tx.fail(newCallError("In", t.name, errors.New("the transaction is of another mapper; make both tables of one mapper")))
	}
	return txTable{t, tx}
}

var (
	errStagedKey    = errors.New("the transaction writes or checks this item already, and what it writes cannot be read; read it before")
	errTwoWrites    = errors.New("the transaction writes this item already, and DynamoDB takes one write an item; put both into one")
	errOtherModel   = errors.New("the transaction has read this item as another model; use one model for it")
	errOtherPointer = errors.New("the transaction has read this item, and another value is to be written in its place; " +
		"change the one that Get gave, and write that")
	errOtherTx = errors.New("the item was read in another transaction, or in another call of its function, and may have changed since; " +
		"read it with Get of this one")
)

// Get reads an item with strong consistency. The commit checks that it is still as it was read: also that it is still missing,
// where Get gives ErrNotFound. What is edited is to be given to Save: RunTransaction refuses to drop an edit, see there. The same key
// gives the same pointer again. A key that was staged before is an error.
func (x *TxTable[T]) Get(ctx context.Context, key PrimaryKey) (*T, error) {
	return typed[T](x.get(ctx, key))
}

func (x *txTable) get(ctx context.Context, key PrimaryKey) (any, error) {
	t := x.table
	if err := x.tx.closed(); err != nil {
		return nil, newCallError("Get", t.name, err)
	}
	if x.tx.err != nil {
		return nil, x.tx.err
	}
	encoded, err := t.schema.encodeKey(key)
	if err != nil {
		return nil, newCallError("Get", t.name, err)
	}
	if known := x.tx.places[placeOf(t.name, t.schema, encoded)]; known != nil {
		return x.getAgain(known)
	}
	item, err := t.get(ctx, "Get", key, readSettings{consistent: true}, &origin{mapper: t.mapper, table: t.name, tx: x.tx})
	if err != nil && !errors.Is(err, ErrNotFound) || t.schema.isCounter(encoded) {
		return nil, err
	}
	e := x.tx.entry(t.name, t.schema, encoded, key)
	e.read = true
	if item == nil {
		return nil, err
	}
	e.item = item
	e.raw, err = parseRawItem(t.modelOf(item).raw)
	return item, err
}

// getAgain gives what was read before.
func (x *txTable) getAgain(e *txEntry) (any, error) {
	item := e.item
	switch {
	case e.write != nil || !e.read:
		return nil, newCallError("Get", x.table.name, errStagedKey)
	case e.item == nil:
		return nil, &NotFoundError{Op: "Get", Table: x.table.name, Key: e.publicKey}
	case reflect.TypeOf(item).Elem() != x.table.schema.goType:
		return nil, newCallError("Get", x.table.name, errOtherModel)
	}
	return item, nil
}

// Save stages an item: it is saved as with FailOnConflict. It is encoded at the commit, with what its fields hold then; only
// its key must stand. An id of 0 is set by the commit. It takes If and MustExist. An item that was read in another transaction
// is an error.
func (x *TxTable[T]) Save(item *T, opts ...WriteOption) {
	x.save(itemOf(item), opts)
}

func (x *txTable) save(item any, opts []WriteOption) {
	settings, err := makeWriteSettings("Save", opts, takesFailOnConflict|takesMustExist|takesIf)
	if err == nil {
		err = x.checkItem(item)
	}
	if err != nil {
		x.fail("Save", err)
		return
	}
	settings.failOnConflict = true
	save := txSave{table: x.table, item: item, settings: settings}
	if x.table.takesNewID(item) {
		save.settings = settings.atNewID()
		x.write("Save", x.tx.entryWithoutID(x.table.name, x.table.schema), &txNewSave{txSave: save}, item)
		return
	}
	x.write("Save", x.entryOf("Save", item), &save, item)
}

// Delete stages the deletion of an item: as with FailOnConflict. It takes If and MustExist.
func (x *TxTable[T]) Delete(item *T, opts ...WriteOption) {
	x.deleteItem(itemOf(item), opts)
}

func (x *txTable) deleteItem(item any, opts []WriteOption) {
	settings, err := makeWriteSettings("Delete", opts, takesFailOnConflict|takesMustExist|takesIf)
	if err == nil {
		err = x.checkItem(item)
	}
	if err != nil {
		x.fail("Delete", err)
		return
	}
	settings.failOnConflict = true
	x.write("Delete", x.entryOf("Delete", item), &txDelete{x.table, item, settings}, item)
}

// DeleteKey stages the deletion of what stands at a key. It takes If and MustExist.
func (x *TxTable[T]) DeleteKey(key PrimaryKey, opts ...WriteOption) {
	x.deleteKey(key, opts)
}

func (x *txTable) deleteKey(key PrimaryKey, opts []WriteOption) {
	settings, err := makeWriteSettings("DeleteKey", opts, takesMustExist|takesIf)
	if err != nil {
		x.fail("DeleteKey", err)
		return
	}
	x.write("DeleteKey", x.entryAt("DeleteKey", key), &txKeyDelete{x.table, key, settings}, nil)
}

// Update stages an update, to which its methods add; Run is not called. Idempotent adds nothing: every transaction is.
func (x *TxTable[T]) Update(key PrimaryKey) *Update[T] {
	u := &Update[T]{update{table: x.table, key: key}}
	x.update(&u.update)
	return u
}

func (x *txTable) update(u *update) {
	u.staged = &txEntry{}
	x.write("Update", x.entryAt("Update", u.key), &txUpdate{u}, nil)
}

// Check stages conditions on an item: if one is false, nothing is written. Without conditions the item must exist. Beside a
// write of the same item they are part of it.
func (x *TxTable[T]) Check(key PrimaryKey, conditions ...Condition) {
	x.check(key, conditions)
}

func (x *txTable) check(key PrimaryKey, conditions []Condition) {
	e := x.entryAt("Check", key)
	if e == nil {
		return
	}
	x.tx.stage(e)
	e.checks = append(e.checks, conditions...)
	e.exists = e.exists || len(conditions) == 0
}

func (x *txTable) fail(op string, err error) { x.tx.fail(newCallError(op, x.table.name, err)) }

// entryAt finds the entry of a key; nil where the key is wrong.
func (x *txTable) entryAt(op string, key PrimaryKey) *txEntry {
	encoded, err := x.table.schema.encodeKey(key)
	return x.entry(op, encoded, key, err)
}

// entryOf finds the entry of the key at which an item is written; nil where the item has none.
func (x *txTable) entryOf(op string, item any) *txEntry {
	key, _, err := x.table.writtenKey(item, x.table.isLoaded(x.table.modelOf(item)))
	if err != nil {
		x.tx.fail(x.table.newEncodeError(op, item, err))
		return nil
	}
	return x.entry(op, key, x.table.keyOf(item), nil)
}

func (x *txTable) entry(op string, key map[string]types.AttributeValue, publicKey PrimaryKey, err error) *txEntry {
	if err == nil {
		err = x.table.schema.refuseCounter(key)
	}
	if err == nil {
		err = x.tx.closed()
	}
	if err != nil {
		x.fail(op, err)
		return nil
	}
	return x.tx.entry(x.table.name, x.table.schema, key, publicKey)
}

// checkItem refuses what this transaction cannot write.
func (x *txTable) checkItem(item any) error {
	if item == nil {
		return errNilItem
	}
	if err := x.tx.closed(); err != nil {
		return err
	}
	model := x.table.modelOf(item)
	if x.table.isLoaded(model) && model.origin.tx != nil && model.origin.tx != x.tx {
		return errOtherTx
	}
	return nil
}

// write makes a write the one of its entry; nil is an entry that could not be found.
func (x *txTable) write(op string, e *txEntry, w txWrite, item any) {
	switch {
	case e == nil:
	case e.write != nil || item != nil && x.tx.writes(item):
		x.fail(op, errTwoWrites)
	case item != nil && e.item != nil && e.item != item:
		x.fail(op, errOtherPointer)
	default:
		e.write = w
		if item != nil {
			e.owner = item
		}
		x.tx.stage(e)
	}
}
