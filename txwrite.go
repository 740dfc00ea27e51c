package dynamapper

import (
	"context"
	"errors"
	"reflect"
)

// txSave is the save of an item that has its key.
type txSave struct {
	table    *table
	item     any
	settings writeSettings
	saving   *saving // once it is planned
}

func (w *txSave) plan() (*writePlan, error) {
	if err := w.table.validate(w.item); err != nil {
		return nil, newCallError("Save", w.table.name, err)
	}
	return w.planValid()
}

// planValid plans the save of an item that ValidateItem has seen.
func (w *txSave) planValid() (plan *writePlan, err error) {
	if w.saving, err = w.table.prepareSave("Save", w.item, w.settings); err != nil {
		return nil, w.table.newEncodeError("Save", w.item, err)
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

// txNewSave is the save of an item that takes an id: it is put where nothing is.
type txNewSave struct {
	txSave
	undo func() // makes the item what it was; nil: it is
}

var errGivenID = errors.New("the item's id was set after it was staged; set it before, or leave it 0")

// plan plans the save with an id that any field holds. ValidateItem sees the item without one, as in a save by itself.
func (w *txNewSave) plan() (*writePlan, error) {
	if err := w.table.validate(w.item); err != nil {
		return nil, newCallError("Save", w.table.name, err)
	}
	if !w.table.takesNewID(w.item) {
		return nil, newCallError("Save", w.table.name, errGivenID)
	}
	if err := w.table.refuseNewID(w.item, w.settings); err != nil {
		return nil, w.table.newEncodeError("Save", w.item, err)
	}
	return w.planAt(1)
}

func (w *txNewSave) planAtNext(ctx context.Context, taken int) (*writePlan, error) {
	w.finish(false)
	field := w.table.schema.hash.settableIn(reflect.ValueOf(w.item).Elem())
	id, err := w.table.nextID(ctx, "Save", stepAfter(taken, field.Type()))
	if err != nil {
		return nil, err
	}
	return w.planAt(id)
}

func (w *txNewSave) planAt(id int64) (*writePlan, error) {
	var field reflect.Value
	field, w.undo = w.table.makeNew(w.item)
	if err := w.table.setID("Save", w.item, field, id); err != nil {
		return nil, err
	}
	return w.planValid()
}

func (w *txNewSave) finish(applied bool) {
	w.txSave.finish(applied)
	if w.undo != nil && !applied {
		w.undo()
	}
	w.undo = nil
}

// txDelete is the deletion of an item.
type txDelete struct {
	table    *table
	item     any
	settings writeSettings
}

func (w *txDelete) plan() (*writePlan, error) {
	plan, err := w.table.planDelete(w.item, w.settings)
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

// txKeyDelete is the deletion of what stands at a key.
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

// txUpdate is an update, with what its methods have added until the commit.
type txUpdate struct{ update *update }

func (w *txUpdate) plan() (*writePlan, error) {
	plan, err := w.update.plan()
	if err != nil {
		return nil, newCallError("Update", w.update.table.name, err)
	}
	return plan, nil
}

func (w *txUpdate) finish(bool) {}
