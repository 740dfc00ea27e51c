package dynamapper

import (
	"context"
	"reflect"
	"slices"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Delete deletes the item at the key that its fields hold. It sends one DeleteItem. If the fields
// hold no key, Delete first calls the hook ValidateItem, which may set the key. Delete ignores
// the hook's error if the item then has a key.
//
// Afterwards the item counts as new. It keeps the attributes that are not in the schema, and the
// next insertion writes them. So to move an item, delete it, change its key, and save it.
//
// With FailOnConflict, Delete deletes only a loaded item that is unchanged since. Otherwise it
// returns a *ConflictError; for a new item, or one whose key was edited, it sends nothing. If the
// model has no version, FailOnConflict does not notice an attribute that another program has added
// and the model has no field for: Delete deletes it, too. With MustExist, Delete returns
// ErrNotFound if the item is missing.
//
// If the version of a loaded item was set to another one than the loaded one, Delete sends nothing
// and returns a *ConflictError, with or without options.
//
// Errors: ErrConflict, ErrNotFound, ErrConditionFailed, ErrPartial, ErrUnknownOutcome, *FieldError.
// With Idempotent: ErrMaxRetriesExceeded.
func (t *Table[T]) Delete(ctx context.Context, item *T, opts ...DeleteOption) error {
	return orZero(t).untyped.deleteItem(ctx, itemOf(item), opts)
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
	plan, err := t.planDelete("Delete", item, settings)
	if err != nil {
		return t.newEncodeError("Delete", item, err)
	}
	if _, err := t.mapper.write(ctx, t.name, plan); err != nil {
		return err
	}
	t.setDeleted(item)
	return nil
}

// setDeleted marks a deleted item as new.
func (t *table) setDeleted(item anyItem) {
	if model := t.modelOf(item); t.isLoaded(model) {
		deleted := *model.origin
		deleted.deleted = true
		model.origin = &deleted
	}
}

// DeleteKey deletes the item at a key without reading it. It sends one DeleteItem. If the item is
// missing, DeleteKey does nothing; with MustExist, it returns ErrNotFound.
//
// Errors: ErrNotFound, ErrConditionFailed, ErrUnknownOutcome. With Idempotent:
// ErrMaxRetriesExceeded.
func (t *Table[T]) DeleteKey(ctx context.Context, key PrimaryKey, opts ...DeleteKeyOption) error {
	return orZero(t).untyped.deleteKey(ctx, key, opts)
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

// Take deletes the item at a key and returns it, in one DeleteItem. If several callers take an item
// at once, one of them gets it, and the others get ErrNotFound. So a token that is stored as an
// item can be used once.
//
// The item is new, as after Delete: Save inserts it again, with the attributes that are not in the
// schema. If it belongs to another entity, Take returns ErrOtherEntity and deletes nothing. With
// If, Take returns ErrConditionFailed if a condition is false of an existing item. If a client
// other than the SDK's refuses without the item, ErrConditionFailed may also mean that there is
// none.
//
// If the table has HideExpired and the item has expired, Take deletes it and returns ErrNotFound:
// an expired token is none.
//
// If the item cannot be decoded, it is deleted all the same, and Take returns an *OldItemError with
// its attributes.
//
// Take is not sent again after a lost response. It returns ErrUnknownOutcome, and never
// ErrNotFound: the item was deleted, or it was not. A second Take returns the item if the first did
// not delete it. To take an item exactly once, even if responses are lost, read it with In(tx).Get
// in a RunTransaction and stage In(tx).Delete of it: a transaction returns no item.
//
// Errors: ErrNotFound, ErrConditionFailed, ErrOtherEntity, ErrUnknownOutcome, *OldItemError.
func (t *Table[T]) Take(ctx context.Context, key PrimaryKey, opts ...TakeOption) (*T, error) {
	return typed[T](orZero(t).untyped.take(ctx, key, opts))
}

func (t *table) take(ctx context.Context, key PrimaryKey, opts []TakeOption) (anyItem, error) {
	settings, err := settingsOf(opts, TakeOption.setTake)
	if err == nil {
		err = t.checkWrite(ctx)
	}
	var plan *writePlan
	if err == nil {
		plan, err = t.planTake(key, settings)
	}
	if err != nil {
		return nil, newCallError("Take", t.name, err)
	}
	result, err := t.mapper.write(ctx, t.name, plan)
	if err != nil {
		return nil, err
	}
	item, err := t.loadOld(plan, result, &origin{mapper: t.mapper, table: t.name, deleted: true})
	switch {
	case err != nil:
		return nil, err
	case item == nil:
		return nil, &NotFoundError{Op: "Take", Table: t.name, Key: key}
	}
	if raw := t.modelOf(item).raw; t.hides(raw) {
		return nil, newExpiredError("Take", t.name, key, raw)
	}
	return item, nil
}

// planTake plans a deletion that returns the item. It requires no item, because the response shows
// whether there was one. If a condition was false and there is no item, the refusal means that too.
func (t *table) planTake(key PrimaryKey, settings writeSettings) (*writePlan, error) {
	encoded, err := t.schema.encodeWriteKey(key)
	plan := planOptions{"Take", t.schema, keySource{given: &key}, settings}.planDelete(encoded)
	plan.returnOld()
	plan.mustExist = t.mapper.returnsRefused()
	t.expectOwn(&plan)
	return &plan, err
}

// loadOld returns the item that a write has returned as the item before it, or nil if there was
// none.
func (t *table) loadOld(p *writePlan, result writeResult, from *origin) (anyItem, error) {
	if len(result.attributes) == 0 {
		return nil, nil
	}
	old, err := loader{table: t, op: p.op, from: from}.attributes(result.attributes)
	if err != nil {
		return nil, &OldItemError{Op: p.op, Table: t.name, Key: p.primaryKey(),
			Old: result.attributes, Err: err, taken: p.request == deleteItem}
	}
	return old, nil
}

func (t *table) planDeleteKey(key PrimaryKey, settings writeSettings) (*writePlan, error) {
	encoded, err := t.schema.encodeWriteKey(key)
	plan := planOptions{"DeleteKey", t.schema, keySource{given: &key}, settings}.planDelete(encoded)
	return &plan, err
}

func (t *table) planDelete(
	op string, item anyItem, settings writeSettings,
) (*writePlan, error) {
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
	at := planOptions{op, t.schema, keySource{item: item, respelt: true}, settings}
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

// checkPartialDelete returns an error for a partial item, unless a loaded version shows whether the
// attributes that were not read are unchanged.
func (t *table) checkPartialDelete(raw rawItem, from *origin) error {
	v := t.schema.version
	if v != nil && from.read[v.attribute] && t.schema.loadedVersion(raw) != "" {
		return nil
	}
	fix := "give the model a version"
	if v != nil && v.codec.wire == wire.N && !v.isWide() {
		fix = "make its version an int64 or a string"
	}
	return &partialError{
		"the item was read without some of its attributes, and the delete cannot check that " +
			"these are unchanged; load the whole item, or " + fix}
}

// writtenKey returns the key at which an item is written, and the names of the edited key
// attributes in moved. If a key field is unedited, its attribute is the stored one.
func (t *table) writtenKey(item anyItem) (key itemKey, moved []string, err error) {
	if t.keyIsOfFields(item) {
		key, err = t.schema.encodeKeyFields(reflect.ValueOf(item).Elem())
		return key, nil, err
	}
	c, err := t.compareKeys(item)
	if err != nil {
		return itemKey{}, nil, err
	}
	for i, f := range t.schema.keyFields() {
		value := c.encoded.attributes.raw(f.attribute)
		edited, err := c.edited(f.attribute, value)
		if err != nil {
			return itemKey{}, nil, err
		}
		if stored := c.base.raw(f.attribute); stored != "" && !edited {
			value = stored
		}
		key.set(i, value)
	}
	if err := t.schema.checkKey(key); err != nil {
		return itemKey{}, nil, err
	}
	moved, err = c.editedKeys(key)
	return key, moved, err
}

// keyIsOfFields reports whether nothing but the fields decides the key of an item: the item was not
// loaded, and no hook makes its attributes.
func (t *table) keyIsOfFields(item anyItem) bool {
	return t.modelOf(item).raw == "" && !t.schema.hooks.marshal && !t.schema.hooks.beforeCodec()
}

// encodeKeyFields returns and checks the key in the fields of a model.
func (s *schema) encodeKeyFields(model reflect.Value) (key itemKey, err error) {
	e := s.encoders.get()
	defer s.encoders.put(e)
	for i, f := range s.keyFields() {
		e.text = e.text[:0]
		if _, err := e.encodeField(f, model); err != nil {
			return itemKey{}, err
		}
		key.set(i, e.taken(0))
	}
	return key, s.checkKey(key)
}

// compareKeys compares only the keys, unless a hook may change the attributes of the item.
func (t *table) compareKeys(item anyItem) (comparison, error) {
	if t.schema.hooks.marshal || t.schema.hooks.beforeCodec() {
		return t.compare(item)
	}
	c := comparison{schema: t.schema}
	fields := t.schema.keyFields()
	if t.schema.hasKeyFormat() {
		fields = slices.Concat(fields, t.schema.keyParts)
	}
	for _, f := range fields {
		value, err := f.rawIn(reflect.ValueOf(item).Elem())
		if err != nil {
			return c, err
		}
		c.encoded.attributes = c.encoded.attributes.with(f.attribute, value)
	}
	raw, err := parseRawItem(t.modelOf(item).raw)
	c.raw, c.base = raw, raw
	return c, err
}
