package dynamapper

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Delete deletes the item at the key that its fields hold, by one DeleteItem. Afterwards the item is new, and keeps the
// attributes that the schema does not know for the next insertion: to move an item, delete it, change its key, save it.
//
// If the fields hold no key, Delete first calls the hook ValidateItem, which may make it. An item that the hook finds invalid is
// deleted nevertheless.
//
// FailOnConflict deletes only a loaded item that is still as it was loaded; else *ConflictError, for a new item and one
// with an edited key without a request. In a model without a version it does not notice an
// attribute that another program has added and the model has no field for: the delete takes it
// along. A loaded item whose version was set to another one is a *ConflictError with or without the
// option, and nothing is sent. MustExist makes a missing item ErrNotFound.
//
// Errors: ErrConflict, ErrNotFound, ErrPartial, ErrUnknownOutcome, *FieldError.
func (t *Table[T]) Delete(ctx context.Context, item *T, opts ...DeleteOption) error {
	return orZero(t).deleteItem(ctx, itemOf(item), opts)
}

func (t *table) deleteItem(ctx context.Context, item anyItem, opts []DeleteOption) error {
	settings, err := guardedSettings(t, opts, DeleteOption.setDelete)
	if err == nil {
		err = t.checkWrite(ctx)
	}
	if err != nil {
		return newCallError("Delete", t.name, err)
	}
	if item == nil {
		return newCallError("Delete", t.name, errNilItem)
	}
	if err := t.makeKey(item); err != nil {
		return newCallError("Delete", t.name, err)
	}
	plan, err := t.planDelete(item, settings)
	if err != nil {
		return t.newEncodeError("Delete", item, err)
	}
	if _, err := t.mapper.write(ctx, t.name, plan); err != nil {
		return err
	}
	t.setDeleted(item)
	return nil
}

// setDeleted makes an item new that was deleted.
func (t *table) setDeleted(item anyItem) {
	if model := t.modelOf(item); t.isLoaded(model) {
		deleted := *model.origin
		deleted.deleted = true
		model.origin = &deleted
	}
}

// DeleteKey deletes the item at a key without reading it, by one DeleteItem; where there is none, it does nothing.
// MustExist makes a missing item ErrNotFound. Errors: ErrNotFound, ErrUnknownOutcome.
func (t *Table[T]) DeleteKey(ctx context.Context, key PrimaryKey, opts ...DeleteKeyOption) error {
	return orZero(t).deleteKey(ctx, key, opts)
}

func (t *table) deleteKey(ctx context.Context, key PrimaryKey, opts []DeleteKeyOption) error {
	settings, err := settingsOf(opts, DeleteKeyOption.setDeleteKey)
	if err == nil {
		err = t.checkWrite(ctx)
	}
	if err != nil {
		return newCallError("DeleteKey", t.name, err)
	}
	plan, err := t.planDeleteKey(key, settings)
	if err != nil {
		return newCallError("DeleteKey", t.name, err)
	}
	_, err = t.mapper.write(ctx, t.name, plan)
	return err
}

func (t *table) planDeleteKey(key PrimaryKey, settings writeSettings) (*writePlan, error) {
	encoded, err := t.schema.encodeWriteKey(key)
	plan := planOptions{"DeleteKey", t.schema, key, settings}.planDelete(encoded)
	return &plan, err
}

func (t *table) planDelete(item anyItem, settings writeSettings) (*writePlan, error) {
	model := t.modelOf(item)
	loaded := t.isLoaded(model)
	if settings.failOnConflict && !loaded {
		return nil, newUnreadError(t.keyOf(item))
	}
	if loaded && t.schema.version != nil {
		if _, err := t.checkVersion(item); err != nil {
			return nil, err
		}
	}
	key, moved, err := t.writtenKey(item)
	if err != nil {
		return nil, err
	}
	if err := t.schema.refuseCounter(key); err != nil {
		return nil, err
	}
	at := planOptions{"Delete", t.schema, t.schema.keyAt(reflect.ValueOf(item).Elem(), key), settings}
	if !settings.failOnConflict {
		plan := at.planDelete(key)
		return &plan, nil
	}
	if len(moved) > 0 {
		return nil, newEditedKeyError(t.schema.keyIn(model.raw), moved)
	}
	raw, err := parseRawItem(model.raw)
	if err != nil {
		return nil, err
	}
	var read map[string]bool
	if model.origin.partial() {
		if err := t.checkPartialDelete(raw, model.origin); err != nil {
			return nil, err
		}
		read = model.origin.read
	}
	plan := at.planDeleteLoaded(key, raw, read)
	return &plan, nil
}

// checkPartialDelete refuses to delete a partial item without a version that vouches for the rest.
func (t *table) checkPartialDelete(raw rawItem, from *origin) error {
	v := t.schema.version
	if v != nil && from.read[v.attribute] && t.schema.loadedVersion(raw) != nil {
		return nil
	}
	fix := "give the model a version"
	if v != nil && v.codec.wire == wire.N && !v.isWide() {
		fix = "make its version an int64 or a string"
	}
	return &partialError{"the item was read without some of its attributes, and nothing says that those are unchanged; " +
		"load it whole, or " + fix}
}

// writtenKey is the key at which an item is written: as it is stored, where the key fields still hold what was loaded. moved
// lists which were edited.
func (t *table) writtenKey(item anyItem) (key map[string]types.AttributeValue, moved []string, err error) {
	c, err := t.compareKeys(item)
	if err != nil {
		return nil, nil, err
	}
	written := make(map[string]types.AttributeValue, 2)
	for _, f := range t.schema.keyFields() {
		written[f.attribute] = c.encoded[f.attribute]
		edited, err := c.edited(f.attribute)
		if err != nil {
			return nil, nil, err
		}
		if stored := c.base.value(f.attribute); stored != nil && !edited {
			written[f.attribute] = stored
		}
	}
	key, err = t.schema.keyFrom(written)
	return key, t.schema.editedKeys(c.raw, written), err
}

// compareKeys compares a whole item only where a hook has the say over its attributes.
func (t *table) compareKeys(item anyItem) (comparison, error) {
	if t.schema.hooks.marshal || t.schema.hooks.beforeCodec() {
		return t.compare(item)
	}
	c := comparison{schema: t.schema, encoded: map[string]types.AttributeValue{}}
	for _, f := range t.schema.keyFields() {
		value, err := (&encoder{}).encodeField(f, reflect.ValueOf(item).Elem())
		if err != nil {
			return c, err
		}
		if value != nil {
			c.encoded[f.attribute] = value
		}
	}
	raw, err := parseRawItem(t.modelOf(item).raw)
	c.raw, c.base = raw, raw
	return c, err
}
