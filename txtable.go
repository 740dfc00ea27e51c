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

// In gives the table in a transaction of its mapper. Where the transaction is nil, or over, Get is an error, and whatever is staged
// ends the function of RunTransaction, which returns why; outside of one, where nobody would be told that it is not written, it
// panics.
func (t *Table[T]) In(tx *Tx) *TxTable[T] {
	return &TxTable[T]{t.in(tx)}
}

func (t *table) in(tx *Tx) txTable {
	if tx == nil || tx.mapper == nil {
		return txTable{t, new(Tx)}
	}
	if tx.mapper != t.mapper && tx.lockToRead() == nil { // what is over says so itself
		defer tx.mu.Unlock()
		tx.fail(newCallError("In", t.name, errors.New("the transaction is of another mapper; make both tables of one mapper")))
	}
	return txTable{t, tx}
}

var (
	errStagedKey    = errors.New("the transaction writes or checks this item already, and what it writes cannot be read; read it before")
	errOtherModel   = errors.New("the transaction has read this item as another model; use one model for it")
	errOtherPointer = errors.New("the transaction has read this item, and another value is to be written in its place; " +
		"change the one that Get gave, and write that")
	errOtherTx = errors.New("the item was read in another transaction, or in another call of its function, and may have changed since; " +
		"read it with Get of this one")
)

// Get reads an item with strong consistency. The commit checks that it is still as it was read: also that it is still missing,
// where Get gives ErrNotFound. What is edited is to be given to Save, also where its key is checked: RunTransaction refuses to
// drop an edit, see there. The same key gives the same pointer again. A key that was staged before
// is an error, and so is a model with the hook UnmarshalItem and without a version.
func (x *TxTable[T]) Get(ctx context.Context, key PrimaryKey) (*T, error) {
	return typed[T](x.get(ctx, key))
}

func (x *txTable) get(ctx context.Context, key PrimaryKey) (any, error) {
	t := x.table
	encoded, err := t.schema.encodeKey(key)
	if err == nil {
		err = t.checkHooks()
	}
	if item, known, err := x.getKnown(encoded, err); known {
		return item, err
	}
	item, err := t.get(ctx, "Get", key, readSettings{consistent: true}, &origin{mapper: t.mapper, table: t.name, tx: x.tx})
	if err != nil && !errors.Is(err, ErrNotFound) || t.schema.isCounter(encoded) {
		return nil, err
	}
	e := x.newEntry(encoded, key)
	if err := e.setRead(t, item); err != nil {
		return nil, err
	}
	return x.keepRead(e)
}

// getKnown ends a Get that sends nothing: of what was read before, or where something is wrong.
func (x *txTable) getKnown(key map[string]types.AttributeValue, wrong error) (item any, known bool, err error) {
	if err := x.tx.lockToRead(); err != nil {
		return nil, true, newCallError("Get", x.table.name, err)
	}
	defer x.tx.mu.Unlock()
	switch {
	case x.tx.err != nil:
		return nil, true, x.tx.err
	case wrong != nil:
		return nil, true, newCallError("Get", x.table.name, wrong)
	}
	e := x.tx.places[placeOf(x.table.name, x.table.schema, key)]
	if e == nil {
		return nil, false, nil
	}
	item, err = x.getAgain(e)
	return item, true, err
}

// keepRead makes what was read a part of the transaction, and gives it.
func (x *txTable) keepRead(e *txEntry) (any, error) {
	if err := x.tx.lockToRead(); err != nil { // it has ended meanwhile
		return nil, newCallError("Get", x.table.name, err)
	}
	defer x.tx.mu.Unlock()
	return x.getAgain(x.tx.entry(e))
}

// getAgain gives what was read.
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
// its key must stand, or be made by the hook ValidateItem, which is called at once if there is none, and at the commit. An id of 0
// is set by the commit. It takes If and MustExist. An item that was read in another transaction
// is an error.
func (x *TxTable[T]) Save(item *T, opts ...TxOption) error {
	return x.save(itemOf(item), opts)
}

func (x *txTable) save(item any, opts []TxOption) error {
	settings, err := settingsOf(opts, TxOption.setTx)
	if err == nil {
		err = x.checkItem(item)
	}
	if err != nil {
		return x.fail("Save", err)
	}
	settings.failOnConflict = true
	save := txSave{table: x.table, item: item, settings: settings}
	if x.table.takesNewID(item) {
		save.settings = settings.atNewID()
		return x.write("Save", x.newEntry(nil, PrimaryKey{}), &txNewSave{txSave: save}, item)
	}
	return x.writeItem("Save", &save, item)
}

// Delete stages the deletion of an item: as with FailOnConflict. It takes If and MustExist.
func (x *TxTable[T]) Delete(item *T, opts ...TxOption) error {
	return x.deleteItem(itemOf(item), opts)
}

func (x *txTable) deleteItem(item any, opts []TxOption) error {
	settings, err := settingsOf(opts, TxOption.setTx)
	if err == nil {
		err = x.checkItem(item)
	}
	if err != nil {
		return x.fail("Delete", err)
	}
	settings.failOnConflict = true
	return x.writeItem("Delete", &txDelete{x.table, item, settings}, item)
}

// DeleteKey stages the deletion of what stands at a key. It takes If and MustExist.
func (x *TxTable[T]) DeleteKey(key PrimaryKey, opts ...WriteOption) error {
	return x.deleteKey(key, opts)
}

func (x *txTable) deleteKey(key PrimaryKey, opts []WriteOption) error {
	settings, err := settingsOf(opts, WriteOption.setTx)
	if err != nil {
		return x.fail("DeleteKey", err)
	}
	return x.writeKey("DeleteKey", &txKeyDelete{x.table, key, settings}, key)
}

// Update stages an update, to which its methods add while the function runs. RunTransaction returns
// what is wrong with it.
func (x *TxTable[T]) Update(key PrimaryKey) *TxUpdate[T] {
	u := &TxUpdate[T]{update{table: x.table, key: key}}
	x.update(&u.update)
	return u
}

func (x *txTable) update(u *update) {
	u.tx = x.tx
	x.writeKey("Update", &txUpdate{u}, u.key)
}

// Check stages conditions on an item: if one is false, nothing is written. Without conditions the item must exist. Beside a
// write of the same item they are part of it. A Check writes nothing of an item that was edited.
func (x *TxTable[T]) Check(key PrimaryKey, conditions ...Condition) error {
	return x.check(key, conditions)
}

func (x *txTable) check(key PrimaryKey, conditions []Condition) error {
	e, err := x.entryAt(key)
	if err != nil {
		return x.fail("Check", err)
	}
	x.tx.lockToStage("Check", x.table.name)
	defer x.tx.mu.Unlock()
	e = x.tx.entry(e)
	x.tx.stage(e)
	e.checks = append(e.checks, conditions...)
	e.exists = e.exists || len(conditions) == 0
	return nil
}

func (x *txTable) fail(op string, err error) error {
	return x.failWith(op, newCallError(op, x.table.name, err))
}

// failWith is fail with an error that is complete.
func (x *txTable) failWith(op string, err error) error {
	x.tx.lockToStage(op, x.table.name)
	defer x.tx.mu.Unlock()
	return x.tx.fail(err)
}

// newEntry makes an entry, which is none of the transaction yet; key is nil where the item has no id yet.
func (x *txTable) newEntry(key map[string]types.AttributeValue, publicKey PrimaryKey) *txEntry {
	return &txEntry{table: x.table.name, schema: x.table.schema, key: key, publicKey: publicKey}
}

// entryAt makes an entry of a key.
func (x *txTable) entryAt(key PrimaryKey) (*txEntry, error) {
	encoded, err := x.table.schema.encodeKey(key)
	if err == nil {
		err = x.table.schema.refuseCounter(encoded)
	}
	return x.newEntry(encoded, key), err
}

// writeKey stages a write at a key.
func (x *txTable) writeKey(op string, w txWrite, key PrimaryKey) error {
	e, err := x.entryAt(key)
	if err != nil {
		return x.fail(op, err)
	}
	return x.write(op, e, w, nil)
}

// writeItem stages a write at the key of an item.
func (x *txTable) writeItem(op string, w txWrite, item any) error {
	if err := x.table.makeKey(item); err != nil {
		return x.fail(op, err)
	}
	key, _, err := x.table.writtenKey(item)
	if err != nil {
		return x.failWith(op, x.table.newEncodeError(op, item, err))
	}
	if err := x.table.schema.refuseCounter(key); err != nil {
		return x.fail(op, err)
	}
	return x.write(op, x.newEntry(key, x.table.schema.keyAt(reflect.ValueOf(item).Elem(), key)), w, item)
}

// checkItem refuses what this transaction cannot write.
func (x *txTable) checkItem(item any) error {
	if item == nil {
		return errNilItem
	}
	model := x.table.modelOf(item)
	switch {
	case !x.table.isLoaded(model):
		return nil
	case model.origin.tx != nil && model.origin.tx != x.tx:
		return errOtherTx
	}
	return x.table.checkHooks()
}

// write makes a write the one of its entry.
func (x *txTable) write(op string, e *txEntry, w txWrite, item any) error {
	x.tx.lockToStage(op, x.table.name)
	defer x.tx.mu.Unlock()
	e = x.tx.entry(e)
	first := e
	if e.write == nil {
		first = x.tx.writeOf(item)
	}
	switch {
	case first != nil:
		return x.tx.fail(newCallError(op, x.table.name, x.tx.newTwoWritesError(first)))
	case item != nil && e.item != nil && e.item != item:
		return x.tx.fail(newCallError(op, x.table.name, errOtherPointer))
	}
	e.write, e.owner = w, item
	x.tx.stage(e)
	return nil
}
