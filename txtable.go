package dynamapper

import (
	"context"
	"errors"
)

// TxTable is a table in a transaction. What goes wrong while staging comes out of RunTransaction.
type TxTable[T any] struct {
	table *Table[T]
	tx    *Tx
}

// In gives the table in a transaction of its mapper.
func (t *Table[T]) In(tx *Tx) *TxTable[T] {
	if tx == nil {
		tx = &Tx{mapper: t.mapper, ended: true}
	}
	if tx.mapper != t.mapper {
		tx.fail(newCallError("In", t.name, errors.New("the transaction is of another mapper; make both tables of one mapper")))
	}
	return &TxTable[T]{t, tx}
}

var (
	errEndedTx   = errors.New("the transaction is over; use it only in its function")
	errStagedKey = errors.New("the transaction writes this item already, and what it writes cannot be read; read it before")
	errTwoWrites = errors.New("the transaction writes this item already, and DynamoDB takes one write an item; put both into one")
)

// Get reads an item with strong consistency. The commit checks that it is still as it was read: also that it is still missing,
// where Get gives ErrNotFound. The same key gives the same pointer again. A key that was staged before is an error.
func (x *TxTable[T]) Get(ctx context.Context, key PrimaryKey) (*T, error) {
	t := x.table
	if x.tx.ended {
		return nil, newCallError("Get", t.name, errEndedTx)
	}
	if x.tx.err != nil {
		return nil, x.tx.err
	}
	encoded, err := t.schema.encodeKey(key)
	if err != nil {
		return nil, newCallError("Get", t.name, err)
	}
	if known := x.tx.byPlace[t.name+"/"+t.schema.identityOf(encoded)]; known != nil {
		return x.known(known)
	}
	item, err := t.get(ctx, "Get", key, readSettings{consistent: true}, &origin{mapper: t.mapper, table: t.name, tx: x.tx})
	if err != nil && !errors.Is(err, ErrNotFound) || t.schema.isCounter(encoded) {
		return nil, err
	}
	e := x.tx.entry(t.name, t.schema, encoded, key)
	e.read = true
	if item != nil {
		e.item = item
		e.raw, err = parseRawItem(t.modelOf(item).raw)
	}
	return item, err
}

// known gives what was read before.
func (x *TxTable[T]) known(e *txEntry) (*T, error) {
	item, same := e.item.(*T)
	switch {
	case e.prepare != nil || !e.read:
		return nil, newCallError("Get", x.table.name, errStagedKey)
	case e.item == nil:
		return nil, newNotFoundError("Get", x.table.name)
	case !same:
		return nil, newCallError("Get", x.table.name, errors.New("the transaction has read this item as another model; use one model for it"))
	}
	return item, nil
}

// Save stages an item: it is saved as with FailOnConflict. It is encoded at the commit, with what its fields hold then. It
// takes If and MustExist. An item that was read in another transaction is an error.
func (x *TxTable[T]) Save(item *T, opts ...WriteOption) {
	settings, err := makeWriteSettings("Save", opts, takesFailOnConflict|takesMustExist|takesIf)
	if err == nil {
		err = x.checkItem(item)
	}
	if err != nil {
		x.fail("Save", err)
		return
	}
	settings.failOnConflict = true
	var e *txEntry
	if x.table.takesNewID(item) {
		e = x.tx.entry(x.table.name, x.table.schema, nil, PrimaryKey{})
	} else {
		e = x.entryAt("Save", x.table.KeyOf(item))
	}
	if e == nil || !x.claim("Save", e, item) {
		return
	}
	x.stageSave(e, item, settings)
}

func (x *TxTable[T]) stageSave(e *txEntry, item *T, settings writeSettings) {
	t := x.table
	var s *saving
	undo := func() {}
	if e.takesID = t.takesNewID(item); e.takesID {
		e.check = func() error {
			err := t.validate(item)
			switch {
			case err != nil:
			case !t.takesNewID(item):
				err = errors.New("its id was set after it was staged; set it before, or leave it 0")
			default:
				err = t.checkNew("RunTransaction", item, settings)
			}
			return t.stagingError(item, err)
		}
	}
	e.prepare = func(ctx context.Context) (plan *writePlan, err error) {
		if e.takesID {
			if undo, err = t.giveID(ctx, item); err != nil {
				return nil, err
			}
			s, err = t.prepareSave("RunTransaction", item, settings.atNewID())
		} else if err = t.validate(item); err == nil {
			s, err = t.prepareSave("RunTransaction", item, settings)
		}
		if err != nil {
			undo()
			return nil, t.stagingError(item, err)
		}
		e.key = s.plan.key
		return s.plan, nil
	}
	e.finish = func(applied bool) {
		if applied {
			t.setSnapshot(item, s, writeResult{})
			return
		}
		s.stamps.undo()
		undo()
	}
}

// stagingError completes what is wrong with an item; nil stays nil.
func (t *Table[T]) stagingError(item *T, err error) error {
	if err == nil {
		return nil
	}
	return t.newEncodeError("RunTransaction", item, err)
}

// giveID takes an id and gives it to an item; undo takes it back.
func (t *Table[T]) giveID(ctx context.Context, item *T) (undo func(), err error) {
	next := int64(0)
	for next == 0 { // a counter that was set to -1 by hand; 0 is no id
		if next, err = t.takeIDs(ctx, "RunTransaction", 1); err != nil {
			return nil, err
		}
	}
	id, undo := t.makeNew(item)
	if err := setID(id, next); err != nil {
		undo()
		return nil, newCallError("RunTransaction", t.name, withPath(err, t.schema.hash.goPath, t.schema.hash.attribute))
	}
	return undo, nil
}

// Delete stages the deletion of an item: as with FailOnConflict. It takes If and MustExist.
func (x *TxTable[T]) Delete(item *T, opts ...WriteOption) {
	settings, err := makeWriteSettings("Delete", opts, takesFailOnConflict|takesMustExist|takesIf)
	if err == nil {
		err = x.checkItem(item)
	}
	if err != nil {
		x.fail("Delete", err)
		return
	}
	settings.failOnConflict = true
	t := x.table
	e := x.entryAt("Delete", t.KeyOf(item))
	if e == nil || !x.claim("Delete", e, item) {
		return
	}
	e.prepare = func(context.Context) (*writePlan, error) {
		plan, err := t.planDelete(item, settings)
		return plan, t.stagingError(item, err)
	}
	e.finish = func(applied bool) {
		if applied {
			t.setDeleted(item)
		}
	}
}

// DeleteKey stages the deletion of what stands at a key. It takes If and MustExist.
func (x *TxTable[T]) DeleteKey(key PrimaryKey, opts ...WriteOption) {
	settings, err := makeWriteSettings("DeleteKey", opts, takesMustExist|takesIf)
	if err != nil {
		x.fail("DeleteKey", err)
		return
	}
	e := x.entryAt("DeleteKey", key)
	if e == nil || !x.claim("DeleteKey", e, nil) {
		return
	}
	e.prepare = func(context.Context) (*writePlan, error) { return x.table.planDeleteKey(key, settings) }
}

// Update stages an update, to which its methods add; Run is not called. Idempotent adds nothing: every transaction is.
func (x *TxTable[T]) Update(key PrimaryKey) *Update[T] {
	u := x.table.Update(key)
	u.staged = &txEntry{}
	e := x.entryAt("Update", key)
	if e == nil || !x.claim("Update", e, nil) {
		return u
	}
	u.staged = e
	e.prepare = func(context.Context) (*writePlan, error) {
		plan, err := u.plan()
		if err != nil {
			return nil, newCallError("Update", x.table.name, err)
		}
		return plan, nil
	}
	return u
}

// Check stages conditions on an item: if one is false, nothing is written. Without conditions the item must exist. Beside a
// write of the same item they are part of it.
func (x *TxTable[T]) Check(key PrimaryKey, conditions ...Condition) {
	e := x.entryAt("Check", key)
	if e == nil {
		return
	}
	x.tx.stage(e)
	e.checks = append(e.checks, conditions...)
	e.exists = e.exists || len(conditions) == 0
}

func (x *TxTable[T]) fail(op string, err error) { x.tx.fail(newCallError(op, x.table.name, err)) }

// entryAt finds the entry of a key; nil where the key is wrong.
func (x *TxTable[T]) entryAt(op string, key PrimaryKey) *txEntry {
	encoded, err := x.table.schema.encodeKey(key)
	if err == nil {
		err = x.table.schema.refuseCounter(encoded)
	}
	if err == nil && x.tx.ended {
		err = errEndedTx
	}
	if err != nil {
		x.fail(op, err)
		return nil
	}
	return x.tx.entry(x.table.name, x.table.schema, encoded, key)
}

func (x *TxTable[T]) checkItem(item *T) error {
	if item == nil {
		return errNilItem
	}
	if x.tx.ended {
		return errEndedTx
	}
	if from := x.table.modelOf(item).origin; from != nil && from.tx != nil && from.tx != x.tx && x.table.isLoaded(x.table.modelOf(item)) {
		return errors.New("the item was read in another transaction, or in another call of its function, and may have changed since; read it with Get of this one")
	}
	return nil
}

// claim makes a write the one of its entry.
func (x *TxTable[T]) claim(op string, e *txEntry, item *T) bool {
	twice := e.prepare != nil
	for _, other := range x.tx.entries {
		twice = twice || item != nil && other.owner == any(item)
	}
	switch {
	case twice:
		x.fail(op, errTwoWrites)
		return false
	case item != nil && e.read && e.item != nil && e.item != any(item):
		x.fail(op, errors.New("the transaction has read this item, and another value is to be written in its place; change and save the one that Get gave"))
		return false
	}
	if item != nil {
		e.owner = item
	}
	x.tx.stage(e)
	return true
}
