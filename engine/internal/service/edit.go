package service

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// edit is one write of one item, checked as far as the request alone allows. PutItem, UpdateItem,
// DeleteItem and the parts of batches and transactions all become edits.
type edit struct {
	kind      editKind
	target    value.Map            // the item to put, or the key
	condition func(value.Map) bool // nil: none
	update    update               // for an update; nil: it only creates the item
	keyCheck  func(value.Map, table.KeySchema) error
	oldOnFail bool // a refusal carries the item
}

type editKind uint8

const (
	putEdit editKind = iota
	updateEdit
	deleteEdit
	checkEdit // only a condition
)

// update changes an item. Its implementations are UpdateExpression and AttributeUpdates.
type update interface {
	Apply(item value.Map) (value.Map, error)
	Attributes() []string // the top-level attributes that the update writes
	OnlyRemoves() bool    // whether the update sets and adds nothing
	Touched(item value.Map) value.Map
}

// staged is an edit that has passed all checks and can be committed.
type staged struct {
	*edit
	entry *tableEntry
	key   string
	old   *table.Record // nil: the item does not exist
	now   value.Map     // the item after the edit; nil: none
	wrote table.Write   // after commit
}

// stage checks an edit against the table, and computes the item after it. The caller holds the
// table's lock.
func (e *edit) stage(entry *tableEntry) (*staged, error) {
	key, err := e.keyIn(entry.table)
	if err != nil {
		return nil, err
	}
	st := &staged{edit: e, entry: entry, key: key, old: entry.table.Get(key)}
	if err := st.checkCondition(); err != nil {
		return nil, err
	}
	return st, st.compute()
}

// keyIn returns the key of the edit's item in a table. It refuses an item with keys that the table
// or an index does not accept.
func (e *edit) keyIn(t *table.Table) (string, error) {
	keys := t.Keys()
	if err := e.keyCheck(e.target, keys); err != nil {
		return "", err
	}
	if e.kind == putEdit {
		if err := checkIndexed(e.target, nil, t); err != nil {
			return "", err
		}
	}
	key, _ := keys.Key(e.target)
	return key, nil
}

// checkCondition refuses the edit if its condition is false for the item, or for an empty item if
// there is none.
func (st *staged) checkCondition() error {
	if st.condition == nil || st.condition(st.item()) {
		return nil
	}
	if st.oldOnFail {
		return protocol.ConditionFailed(st.item())
	}
	return protocol.ConditionFailed(nil)
}

// item returns the item before the edit, or nil if there is none.
func (st *staged) item() value.Map {
	if st.old == nil {
		return nil
	}
	return st.old.Item
}

// compute computes the item after the edit.
func (st *staged) compute() error {
	switch st.kind {
	case putEdit:
		st.now = st.target
	case checkEdit:
		st.now = st.item()
	case updateEdit:
		return st.change()
	}
	return nil
}

// change applies an update to the item, or to its key alone if the item does not exist. An update
// that only removes attributes does not create an item.
func (st *staged) change() error {
	before := st.item()
	if before == nil {
		before = st.target
	}
	st.now = before
	if st.update != nil {
		if err := st.checkKeyStays(); err != nil {
			return err
		}
		now, err := st.update.Apply(before)
		if err != nil {
			return err
		}
		st.now = now
	}
	if st.old == nil && st.update != nil && st.update.OnlyRemoves() {
		st.now = nil
		return nil
	}
	if value.Depth(st.now) > maxDepth {
		return protocol.Validation("Nesting Levels have exceeded supported limits")
	}
	if err := checkIndexed(st.now, before, st.entry.table); err != nil {
		return err
	}
	if value.ItemSize(st.now) > maxItem {
		return protocol.Validation("Item size to update has exceeded the maximum allowed size")
	}
	return nil
}

// maxDepth is the greatest depth of an item: 32 levels, of which the item itself is the first.
const maxDepth = 32

// checkKeyStays refuses an update of a key attribute.
func (st *staged) checkKeyStays() error {
	keys := st.entry.table.Keys()
	for _, name := range st.update.Attributes() {
		if keys.Has(name) {
			return protocol.Validation("One or more parameter values were invalid: Cannot update "+
				"attribute %s. This attribute is part of the key", name)
		}
	}
	return nil
}

// keyOf returns the key attributes of an item.
func keyOf(item value.Map, schema table.KeySchema) value.Map {
	key := make(value.Map, 0, 2)
	for _, a := range item {
		if schema.Has(a.Name) {
			key = append(key, a)
		}
	}
	return key
}
