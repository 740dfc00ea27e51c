package dynamapper

import (
	"context"
	"errors"
	"reflect"
	"slices"
)

// A TxTable is a table in a transaction. Table.In makes it. If staging fails, both the method and
// RunTransaction return the error. A nil or zero TxTable or TxUpdate belongs to no transaction.
type TxTable[T any] struct{ untyped txTable }

// txTable is the part of a TxTable that does not depend on the type of the model.
type txTable struct {
	table *table
	tx    *Tx
	wrong error // why the table cannot be in the transaction
}

// In returns the table in a transaction of its mapper. If tx is nil or its function has ended, Get
// returns an error and staging panics: nobody would notice that the write is lost. RunTransaction
// recovers such a panic of its function and returns it as an error. Tables of several accounts,
// given by their ARNs, cannot be in one transaction: each method returns an error.
func (t *Table[T]) In(tx *Tx) *TxTable[T] {
	return &TxTable[T]{orZero(t).untyped.in(tx)}
}

// staging returns the table in its transaction. A TxTable that In has not made gets an empty
// transaction, which reports the mistake.
func (x *TxTable[T]) staging() *txTable {
	return orZero(x).untyped.staging()
}

func (x *txTable) staging() *txTable {
	if x.table == nil || x.tx == nil {
		return &txTable{table: new(table), tx: new(Tx)}
	}
	return x
}

func (t *table) in(tx *Tx) txTable {
	switch {
	case tx == nil || tx.mapper == nil:
		return txTable{table: t, tx: new(Tx)}
	case t.checkMade() != nil:
		return txTable{table: t, tx: tx} // each method returns the error
	}
	x := txTable{table: t, tx: tx}
	isForeign := tx.mapper != t.mapper
	if (isForeign || t.mapper.usesARN.Load()) && tx.lockToRead() == nil { // each method reports a closed one
		defer tx.mu.Unlock()
		if x.wrong = errForeignTx; !isForeign {
			x.wrong = tx.owner.admit(t.name)
		}
		if x.wrong != nil {
			tx.fail(newCallError("In", t.name, x.wrong))
		}
	}
	return x
}

// checkTable returns why nothing can be staged in the transaction, or nil.
func (x *txTable) checkTable() error {
	if err := x.table.checkMade(); err != nil {
		return err
	}
	return x.wrong
}

var (
	errForeignTx = errors.New(
		"the transaction is of another mapper; make both tables of one mapper")
	errStagedUpdate = errors.New(
		"the transaction has an Update of this item, whose result only the service knows; read " +
			"the item before, and stage a Save of it in place of the Update")
	errOtherModel = errors.New(
		"the transaction has read, written or checked this item as another model; use one model " +
			"for it")
	errOtherPointer = errors.New(
		"the transaction has read this item, and another value is to be written in its place; " +
			"change the value that Get returned, and write that value")
	errOtherTx = errors.New(
		"the item was read in another transaction, or in another call of its function, and may " +
			"have changed since; read it with Get of this one")
)

// Get reads an item with a strongly consistent GetItem. The commit checks that the item is
// unchanged, or is still missing if Get has returned ErrNotFound. Get of the same key returns the
// same pointer again and sends nothing.
//
// Get sees what the transaction has staged. After a Save or a Put of the key, it returns the
// pointer that was staged, and after a Delete or DeleteKey ErrNotFound. It then sends nothing.
// After an Update of the key it returns an error, because only the service knows the result.
//
// Give an edited item to Save: RunTransaction returns an error if no write of it is staged, even if
// its key is checked.
//
// Get returns an error if the model has the hook UnmarshalItem and no version. Errors: ErrNotFound,
// *FieldError.
func (x *TxTable[T]) Get(ctx context.Context, key PrimaryKey) (*T, error) {
	return typed[T](x.staging().get(ctx, key))
}

func (x *txTable) get(ctx context.Context, key PrimaryKey) (anyItem, error) {
	t := x.table
	err := t.check(ctx)
	var encoded itemKey
	if err == nil {
		encoded, err = t.schema.encodeKey(key)
	}
	if err == nil {
		err = t.checkHooks()
	}
	if item, known, err := x.getKnown(encoded, err); known {
		return item, err
	}
	item, err := t.get(ctx, "Get", key, readSettings{consistent: true},
		&origin{mapper: t.mapper, table: t.name, tx: x.tx})
	if err != nil && !errors.Is(err, ErrNotFound) || t.schema.isCounter(encoded) {
		return nil, err
	}
	e := x.newEntry(encoded, keySource{given: &key})
	if err := e.setRead(t, item, err); err != nil {
		return nil, err
	}
	return x.keepRead(e)
}

// getKnown handles a Get that sends nothing: the key was read before, or wrong or the transaction
// is an error.
func (x *txTable) getKnown(
	key itemKey, wrong error,
) (item anyItem, known bool, err error) {
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
	e := x.tx.byID[itemIDOf(x.table.name, x.table.schema, key)]
	if e == nil || e.write == nil && !e.read {
		return nil, false, nil // unknown, or only checked
	}
	item, err = x.getAgain(e)
	return item, true, err
}

// keepRead adds a read entry to the transaction and returns its item.
func (x *txTable) keepRead(e *txEntry) (anyItem, error) {
	if err := x.tx.lockToRead(); err != nil { // it may have ended during the request
		return nil, newCallError("Get", x.table.name, err)
	}
	defer x.tx.mu.Unlock()
	kept := x.tx.entry(e)
	if !kept.read && kept.write == nil { // the key was checked before
		if kept.schema != e.schema {
			return nil, newCallError("Get", x.table.name, errOtherModel)
		}
		kept.read, kept.item, kept.raw, kept.migrated = true, e.item, e.raw, e.migrated
	}
	return x.getAgain(kept)
}

// getAgain returns the item that was read, or that is staged.
func (x *txTable) getAgain(e *txEntry) (anyItem, error) {
	item, known := e.item, true
	if e.write != nil {
		item, known = e.write.after()
	}
	switch {
	case !known:
		return nil, newCallError("Get", x.table.name, errStagedUpdate)
	case e.write == nil && item == nil && e.raw != nil:
		return nil, newExpiredError("Get", x.table.name, e.primaryKey(), "")
	case item == nil:
		return nil, &NotFoundError{Op: "Get", Table: x.table.name, Key: e.primaryKey()}
	case reflect.TypeOf(item).Elem() != x.table.schema.goType:
		return nil, newCallError("Get", x.table.name, errOtherModel)
	}
	return item, nil
}

// Save stages a save of an item with FailOnConflict. The options are If and MustExist. If the item
// is staged by a Save or a Put already, both are one write, and the options of both hold.
//
// The commit encodes the item, so it writes the values that the fields have then. Only the key must
// be set before. If there is none, Save calls the hook ValidateItem at once, which may set it; the
// commit calls the hook again. The commit sets an id of 0. Save returns an error if the item was
// read in another transaction.
func (x *TxTable[T]) Save(item *T, opts ...TxOption) error {
	return x.staging().save(itemOf(item), opts)
}

func (x *txTable) save(item anyItem, opts []TxOption) error {
	settings, err := settingsOf(opts, TxOption.setTx)
	settings.failOnConflict = true
	return x.stageItem("Save", item, settings, err)
}

// Put stages a put of an item, which replaces whatever the table holds at its key, as Save of a
// Table does without options. Put need not read what it replaces. The options are If and MustExist.
// If this transaction has read the item, the commit checks that it is unchanged.
//
// The commit encodes the item as that of a Save does, and a new item of a model with autoincrement
// gets its id from the commit. If the item is staged by a Save or a Put already, both are one
// write, which stays what it was, and the options of both hold.
func (x *TxTable[T]) Put(item *T, opts ...WriteOption) error {
	return x.staging().put(itemOf(item), opts)
}

func (x *txTable) put(item anyItem, opts []WriteOption) error {
	settings, err := settingsOf(opts, WriteOption.setTx)
	return x.stageItem("Put", item, settings, err)
}

// stageItem stages the write of a whole item, unless its options are wrong.
func (x *txTable) stageItem(
	op string, item anyItem, settings writeSettings, wrong error,
) error {
	if wrong == nil {
		wrong = x.checkItem(item)
	}
	if wrong != nil {
		return x.fail(op, wrong)
	}
	if x.table.takesNewID(item) {
		settings = settings.atNewID()
		save := &txNewSave{op: op, table: x.table, item: item, settings: settings}
		return x.write(op, x.newEntry(itemKey{}, keySource{}), save, item)
	}
	return x.writeItem(op, &txSave{op: op, table: x.table, item: item, settings: settings}, item)
}

// Delete stages a deletion of an item with FailOnConflict. The options are If and MustExist.
func (x *TxTable[T]) Delete(item *T, opts ...TxOption) error {
	return x.staging().deleteItem(itemOf(item), opts)
}

func (x *txTable) deleteItem(item anyItem, opts []TxOption) error {
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

// DeleteKey stages a deletion of the item at a key. The options are If and MustExist.
func (x *TxTable[T]) DeleteKey(key PrimaryKey, opts ...WriteOption) error {
	return x.staging().deleteKey(key, opts)
}

func (x *txTable) deleteKey(key PrimaryKey, opts []WriteOption) error {
	settings, err := settingsOf(opts, WriteOption.setTx)
	if err != nil {
		return x.fail("DeleteKey", err)
	}
	return x.writeKey("DeleteKey", &txKeyDelete{x.table, key, settings}, key)
}

// Update stages an update. Its methods add to it while the function runs. RunTransaction returns
// the errors of the update.
func (x *TxTable[T]) Update(key PrimaryKey) *TxUpdate[T] {
	in := x.staging()
	u := &TxUpdate[T]{update{table: in.table, key: key}}
	in.update(&u.untyped)
	return u
}

func (x *txTable) update(u *update) {
	u.tx = x.tx
	x.writeKey("Update", &txUpdate{u}, u.key)
}

// Check stages conditions on an item. If one is false, nothing is written. Without conditions, the
// item must exist. If the transaction also writes the item, the conditions become part of that
// write. A Check does not write an edited item.
func (x *TxTable[T]) Check(key PrimaryKey, conditions ...Condition) error {
	return x.staging().check(key, conditions)
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

// failWith is fail with an error that already has the operation and the table.
func (x *txTable) failWith(op string, err error) error {
	x.tx.lockToStage(op, x.table.name)
	defer x.tx.mu.Unlock()
	return x.tx.fail(err)
}

// newEntry makes an entry that is not yet part of the transaction. key is zero if the item has no
// id yet.
func (x *txTable) newEntry(key itemKey, source keySource) *txEntry {
	return &txEntry{table: x.table.name, schema: x.table.schema, key: key, source: source}
}

func (x *txTable) entryAt(key PrimaryKey) (*txEntry, error) {
	if err := x.checkTable(); err != nil {
		return nil, err
	}
	encoded, err := x.table.schema.encodeKey(key)
	if err == nil {
		err = x.table.schema.refuseCounter(encoded)
	}
	return x.newEntry(encoded, keySource{given: &key}), err
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
func (x *txTable) writeItem(op string, w txWrite, item anyItem) error {
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
	return x.write(op, x.newEntry(key, keySource{item: item, respelt: true}), w, item)
}

// checkItem returns an error if this transaction cannot write the item.
func (x *txTable) checkItem(item anyItem) error {
	if err := x.checkTable(); err != nil {
		return err
	}
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

// write makes w the write of an entry.
func (x *txTable) write(op string, e *txEntry, w txWrite, item anyItem) error {
	x.tx.lockToStage(op, x.table.name)
	defer x.tx.mu.Unlock()
	first := x.tx.writeOf(item)
	if first != nil && first.repeats(w, e) {
		return nil
	}
	if e = x.tx.entry(e); first == nil && e.write != nil {
		first = e
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

// repeats reports whether w, which is staged at another entry, writes the item of this entry in the
// same way. If so, repeats adds the options of w to the write of this entry.
func (e *txEntry) repeats(w txWrite, at *txEntry) bool {
	first, isWhole := e.write.(txRepeated)
	again, isAgain := w.(txRepeated)
	if !isWhole || !isAgain || e.schema.identityOf(e.key) != e.schema.identityOf(at.key) {
		return false // also if the key was edited since
	}
	first.repeat(again.options())
	return true
}

// repeat adds the options of another staging of the same write.
func (s *writeSettings) repeat(again writeSettings) {
	s.mustExist = s.mustExist || again.mustExist
	s.conditions = append(slices.Clip(s.conditions), again.conditions...)
}

// txSave is the save or the put of an item that has a key.
type txSave struct {
	op       string // "Save" or "Put"
	table    *table
	item     any
	settings writeSettings
	saving   *saving // nil until plan
}

func (w *txSave) plan() (plan *writePlan, err error) {
	if err := w.table.validate(w.item); err != nil {
		return nil, newCallError(w.op, w.table.name, err)
	}
	if w.saving, err = w.table.prepareSave(w.op, w.item, w.settings); err != nil {
		return nil, w.table.newEncodeError(w.op, w.item, err)
	}
	return w.saving.plan, nil
}

func (w *txSave) finish(applied bool) {
	switch {
	case w.saving == nil:
	case applied:
		w.table.setSnapshot(w.item, w.saving, writeResult{})
	default:
		w.saving.stamps.undo()
	}
	w.saving = nil
}

func (w *txSave) after() (anyItem, bool) { return w.item, true }

func (w *txSave) options() writeSettings { return w.settings }

func (w *txSave) repeat(again writeSettings) { w.settings.repeat(again) }

// txNewSave is the save of an item that gets a new id. It requires that no item has the id.
type txNewSave struct {
	op       string // "Save" or "Put"
	table    *table
	item     any
	settings writeSettings
	new      *newSave // nil until plan
}

var errGivenID = errors.New(
	"the item's id was set after the item was staged; set the id before, or leave the id 0")

// plan plans the save with an arbitrary id. As in a single save, ValidateItem sees the item without
// an id.
func (w *txNewSave) plan() (*writePlan, error) {
	if err := w.table.validate(w.item); err != nil {
		return nil, newCallError(w.op, w.table.name, err)
	}
	if !w.table.takesNewID(w.item) {
		return nil, newCallError(w.op, w.table.name, errGivenID)
	}
	if err := w.table.refuseNewID(w.item, w.settings); err != nil {
		return nil, w.table.newEncodeError(w.op, w.item, err)
	}
	var err error
	if w.new, err = w.table.prepareNew(w.op, w.item, w.settings); err != nil {
		return nil, w.table.newEncodeError(w.op, w.item, err)
	}
	return w.new.saving.plan, nil
}

func (w *txNewSave) planAtNext(ctx context.Context, taken int) (*writePlan, error) {
	id, err := w.table.nextID(ctx, w.op, stepAfter(taken, w.new.id.Type()))
	if err == nil {
		err = w.new.planAt(id)
	}
	if err != nil {
		return nil, err
	}
	return w.new.saving.plan, nil
}

func (w *txNewSave) finish(applied bool) {
	if w.new != nil {
		w.new.finish(applied)
	}
	w.new = nil
}

func (w *txNewSave) after() (anyItem, bool) { return w.item, true }

func (w *txNewSave) options() writeSettings { return w.settings }

func (w *txNewSave) repeat(again writeSettings) { w.settings.repeat(again) }

// txDelete is the deletion of an item.
type txDelete struct {
	table    *table
	item     any
	settings writeSettings
}

func (w *txDelete) plan() (*writePlan, error) {
	plan, err := w.table.planDelete("Delete", w.item, w.settings)
	if err != nil {
		return nil, w.table.newEncodeError("Delete", w.item, err)
	}
	return plan, nil
}

func (w *txDelete) finish(applied bool) {
	if applied {
		w.table.setDeleted(w.item)
	}
}

func (w *txDelete) after() (anyItem, bool) { return nil, true }

// txKeyDelete is the deletion of the item at a key.
type txKeyDelete struct {
	table    *table
	key      PrimaryKey
	settings writeSettings
}

func (w *txKeyDelete) plan() (*writePlan, error) {
	plan, err := w.table.planDeleteKey(w.key, w.settings)
	if err != nil {
		return nil, newCallError("DeleteKey", w.table.name, err)
	}
	return plan, nil
}

func (w *txKeyDelete) finish(bool) {}

func (w *txKeyDelete) after() (anyItem, bool) { return nil, true }

// txUpdate is an update. Its methods may add to it until the commit.
type txUpdate struct{ update *update }

func (w *txUpdate) plan() (*writePlan, error) {
	plan, err := w.update.plan()
	if err != nil {
		return nil, newCallError("Update", w.update.table.name, err)
	}
	return plan, nil
}

func (w *txUpdate) finish(bool) {}

func (w *txUpdate) after() (anyItem, bool) { return nil, false }

// A TxUpdate is an update in a transaction. Its methods add to it while the function runs, and mean
// the same as those of Update. The commit runs the update exactly once.
type TxUpdate[T any] struct{ untyped update }

// staged returns the update. A TxUpdate that TxTable.Update has not made gets an empty transaction,
// which reports the mistake.
func (u *TxUpdate[T]) staged() *update {
	return orZero(u).untyped.staged()
}

func (u *update) staged() *update {
	if u.tx == nil {
		return &update{table: new(table), tx: new(Tx)}
	}
	return u
}

// Set sets an attribute to a value. An empty value removes the attribute; inside a list or a map
// only nil does.
func (u *TxUpdate[T]) Set(attr string, v any) *TxUpdate[T] {
	u.staged().with("Set", attr, v)
	return u
}

// SetIfAbsent sets an attribute to a value if the item does not have the attribute. An empty value
// has no effect.
func (u *TxUpdate[T]) SetIfAbsent(attr string, v any) *TxUpdate[T] {
	u.staged().with("SetIfAbsent", attr, v)
	return u
}

// SetExpr sets an attribute to the result of an expression in DynamoDB's own language: see
// Update.SetExpr.
func (u *TxUpdate[T]) SetExpr(attr, expression string, args Args) *TxUpdate[T] {
	u.staged().setExpr(attr, expression, args)
	return u
}

// Add adds delta to a number. A missing number counts as 0. A negative delta subtracts.
func (u *TxUpdate[T]) Add(attr string, delta any) *TxUpdate[T] {
	u.staged().with("Add", attr, delta)
	return u
}

// Remove removes attributes, members of documents, and elements of lists.
func (u *TxUpdate[T]) Remove(attrs ...string) *TxUpdate[T] {
	u.staged().remove(attrs)
	return u
}

// Append adds values at the end of a document list. A missing list counts as empty.
func (u *TxUpdate[T]) Append(attr string, vs ...any) *TxUpdate[T] {
	u.staged().with("Append", attr, vs...)
	return u
}

// Prepend adds values at the front of a document list. A missing list counts as empty.
func (u *TxUpdate[T]) Prepend(attr string, vs ...any) *TxUpdate[T] {
	u.staged().with("Prepend", attr, vs...)
	return u
}

// AddToSet adds members to a set. A missing set counts as empty.
func (u *TxUpdate[T]) AddToSet(attr string, vs ...any) *TxUpdate[T] {
	u.staged().with("AddToSet", attr, vs...)
	return u
}

// RemoveFromSet removes members from a set. Removing the last member removes the attribute.
func (u *TxUpdate[T]) RemoveFromSet(attr string, vs ...any) *TxUpdate[T] {
	u.staged().with("RemoveFromSet", attr, vs...)
	return u
}

// If adds conditions to the transaction. If one is false, nothing is written.
func (u *TxUpdate[T]) If(conditions ...Condition) *TxUpdate[T] {
	u.staged().require(conditions)
	return u
}

// MustExist makes RunTransaction return ErrNotFound and write nothing if the item is missing.
func (u *TxUpdate[T]) MustExist() *TxUpdate[T] {
	u.staged().mustExist()
	return u
}
