package dynamapper

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Save inserts or updates an item. It writes the values of the fields and the attributes that the
// schema does not know. An attribute that was not edited keeps its stored form. After a Save, the
// item's snapshot is what was written. A Save that fails changes neither the item nor its snapshot.
//
// The options decide which request Save sends:
//
//   - Without options: one PutItem, which replaces whatever the table holds at the key.
//   - FailOnConflict: a new item is inserted by a PutItem; if the key is taken, Save returns an
//     *OverwriteError. A loaded item is changed by an UpdateItem; if the stored item is not as it
//     was loaded, Save returns a *ConflictError.
//   - ChangedOnly: one UpdateItem of the difference from the snapshot, or no request if there is
//     none. A new item is put whole.
//   - MustExist: if the item is missing, Save returns ErrNotFound.
//
// If the key of a loaded item was edited, Save with FailOnConflict or ChangedOnly returns a
// *ConflictError and sends nothing. Without these options, Save writes a copy at the new key. If
// the caller set the version of a loaded item to another value, Save returns a *ConflictError and
// sends nothing, whatever the options: Save takes that version as the version that the caller has
// seen. Save never retries after a conflict: read the item again and decide.
//
// A response may be lost after the write was applied. Then Save with FailOnConflict or If returns
// ErrUnknownOutcome, unless a string version in the stored item proves that the save succeeded.
// Without these options, the SDK sends the save again, which may undo a later write. Idempotent
// prevents both, unless no response comes at all.
//
// Errors: ErrConflict, ErrOverwrite, ErrNotFound, ErrConditionFailed, ErrPartial,
// ErrUnknownOutcome, *FieldError. With Idempotent or an autoincrement key: ErrMaxRetriesExceeded.
func (t *Table[T]) Save(ctx context.Context, item *T, opts ...SaveOption) error {
	return orZero(t).untyped.saveItem(ctx, itemOf(item), opts)
}

func (t *table) saveItem(ctx context.Context, item anyItem, opts []SaveOption) error {
	settings, err := guardedSettings(t, opts, SaveOption.setSave)
	if err == nil {
		err = t.checkWrite(ctx) // even if there is nothing to send
	}
	if err != nil {
		return newCallError("Save", t.name, err)
	}
	if item == nil {
		return newCallError("Save", t.name, errNilItem)
	}
	if err := t.validate(item); err != nil {
		return newCallError("Save", t.name, err)
	}
	if t.takesNewID(item) {
		return t.saveWithNewID(ctx, "Save", item, settings)
	}
	return t.save(ctx, "Save", item, settings)
}

// Replace puts an item as Save does, and returns the item that it has replaced, or nil if there was
// none. It sends one PutItem of the whole item: what Save without options would put. If the item
// was loaded, that includes its attributes that are not in the schema. Nothing of the replaced item
// stays.
//
// The version, the times, the hooks and new ids are as in Save. An item that takes a new id
// replaces none. If the item at the key belongs to another entity, Replace returns ErrOtherEntity
// and writes nothing. The returned item is as if it had been loaded before the write: Save without
// options restores it, and Save with FailOnConflict returns ErrConflict.
//
// The options are If, MustExist, and LastWriterWins, which Replace requires if the table's Defaults
// have FailOnConflict. Other Defaults do not hold for Replace.
//
// If the replaced item cannot be decoded, the new item is written all the same, and Replace returns
// an *OldItemError with the attributes of the replaced one.
//
// Replace is not sent again after a lost response, because the second try would return the item of
// the first one. It returns ErrUnknownOutcome.
//
// Errors: ErrNotFound, ErrConditionFailed, ErrOtherEntity, ErrPartial, ErrUnknownOutcome,
// *FieldError, *OldItemError; ErrConflict if the version of a loaded item was set to another value.
// With an autoincrement key: ErrMaxRetriesExceeded.
func (t *Table[T]) Replace(
	ctx context.Context, item *T, opts ...ReplaceOption,
) (old *T, err error) {
	return typed[T](orZero(t).untyped.replace(ctx, itemOf(item), opts))
}

func (t *table) replace(
	ctx context.Context, item anyItem, opts []ReplaceOption,
) (anyItem, error) {
	settings, err := settingsOf(opts, ReplaceOption.setReplace)
	if err == nil {
		err = t.checkWrite(ctx)
	}
	if err == nil && t.defaults.failOnConflict && !settings.lastWriterWins {
		err = errReplaceUnguarded
	}
	if err == nil && item == nil {
		err = errNilItem
	}
	if err == nil {
		err = t.validate(item)
	}
	if err != nil {
		return nil, newCallError("Replace", t.name, err)
	}
	if t.takesNewID(item) {
		return nil, t.saveWithNewID(ctx, "Replace", item, settings)
	}
	s, err := t.prepareSave("Replace", item, settings)
	if err != nil {
		return nil, t.newEncodeError("Replace", item, err)
	}
	s.plan.returnOld()
	t.expectOwn(s.plan)
	result, err := t.mapper.write(ctx, t.name, s.plan)
	if err != nil {
		s.stamps.undo()
		return nil, err
	}
	t.setSnapshot(item, s, result)
	return t.loadOld(s.plan, result, t.whole)
}

// validate calls the hook ValidateItem.
func (t *table) validate(item anyItem) error {
	if !t.schema.hooks.validate {
		return nil
	}
	if err := item.(itemValidator).ValidateItem(); err != nil {
		return fmt.Errorf("the item is not valid: %w", err)
	}
	return nil
}

// makeKey calls the hook ValidateItem if the item has no key, because the hook may make the key in
// every save. makeKey returns the hook's error only if the key is still missing and no hook
// MarshalItem may make it.
func (t *table) makeKey(item anyItem) error {
	if !t.schema.hooks.validate || !t.lacksKey(item) {
		return nil
	}
	err := t.validate(item)
	if t.schema.hooks.marshal || !t.lacksKey(item) {
		return nil // the key is made, or MarshalItem makes it
	}
	return err
}

// lacksKey reports whether the field of a part of an item's key is empty.
func (t *table) lacksKey(item anyItem) bool {
	for _, f := range t.schema.keyFields() {
		value, err := f.rawIn(reflect.ValueOf(item).Elem())
		if err == nil && isEmptyKey(value) {
			return true
		}
	}
	return false
}

// save writes one item. If it fails, the item is as before.
func (t *table) save(ctx context.Context, op string, item anyItem, settings writeSettings) error {
	s, err := t.prepareSave(op, item, settings)
	if err != nil {
		return t.newEncodeError(op, item, err)
	}
	if s.isEmpty() {
		s.stamps.undo() // nothing to send renews nothing
		return nil
	}
	result, err := t.mapper.write(ctx, t.name, s.plan)
	if err != nil {
		s.stamps.undo()
		return err
	}
	t.setSnapshot(item, s, result)
	return nil
}

// saving is a planned save: the write, and the item as it is after the write.
type saving struct {
	plan   *writePlan // nil if nothing is to be sent
	after  encodedItem
	raw    rawItem // the snapshot before the save
	stamps stamps  // set in the fields by this save, and undone if it fails

	planned writePlan // the plan that plan points to
}

// newEmptySaving returns a saving that sends nothing.
func newEmptySaving() *saving { return &saving{} }

// isEmpty reports whether nothing is to be sent.
func (s *saving) isEmpty() bool { return s.plan == nil }

// prepareSave sets the stamps in the fields and plans a save. If it fails, it undoes the stamps.
func (t *table) prepareSave(
	op string, item anyItem, settings writeSettings,
) (s *saving, err error) {
	stamps, err := t.stamp(item, settings, time.Now())
	if err != nil {
		return nil, err
	}
	defer func() {
		if s == nil { // also if a hook panics
			stamps.undo()
		}
	}()
	planned, err := t.planSave(op, item, settings, stamps)
	if err != nil {
		return nil, err
	}
	s = planned
	s.stamps = stamps
	return s, nil
}

// planSave chooses the request of a save. docs/design.md has a table of the cases.
func (t *table) planSave(
	op string, item anyItem, settings writeSettings, stamps stamps,
) (*saving, error) {
	c, err := t.compare(item)
	if err != nil {
		return nil, err
	}
	if err := c.checkComputed(reflect.ValueOf(item).Elem()); err != nil {
		return nil, err
	}
	c.made = stamps.holders
	o, err := c.outcome()
	if err != nil {
		return nil, err
	}
	key := t.schema.takeKey(o.written)
	if err := t.schema.checkKey(key); err != nil {
		return nil, err
	}
	if err := t.schema.refuseCounter(key); err != nil {
		return nil, err
	}
	model := t.modelOf(item)
	loaded := t.isLoaded(model)
	moved, err := c.editedKeys(key)
	if err != nil {
		return nil, err
	}
	at := planOptions{op, t.schema, c.keySource(item, &o), settings}
	s := &saving{after: t.writtenItem(&c, &o), raw: c.raw}
	switch {
	case loaded && len(moved) > 0 && (settings.failOnConflict || settings.changedOnly):
		return nil, newEditedKeyError(t.schema.keyIn(model.raw), moved)
	case loaded && settings.changedOnly:
		edited := t.editedByCaller(o.differing, stamps)
		if len(edited) == 0 && len(settings.conditions) == 0 {
			return newEmptySaving(), nil
		}
		if err := c.checkRead(edited, model.origin); err != nil {
			return nil, err
		}
		s.planned = at.planChanged(key, &o, c.raw, edited)
		t.schema.countUp(s.planned.changes, c.raw, model.origin, stamps.fresh)
	case model.origin.partial():
		return nil, &partialError{
			"the item was read without some of its attributes, and cannot be saved whole; save " +
				"with ChangedOnly, or load the whole item"}
	case loaded && settings.failOnConflict:
		s.planned = at.planLoaded(key, &o, c.raw)
	case settings.failOnConflict && settings.expired != nil:
		s.planned = at.planInsertOver(s.after, settings.expired)
	case settings.failOnConflict:
		s.planned = at.planInsert(s.after)
	default:
		s.planned = at.planReplace(s.after)
	}
	s.plan = &s.planned
	return s, nil
}

// writtenItem returns what an outcome writes. If it is the encoded item, that has the text already.
func (t *table) writtenItem(c *comparison, o *outcome) encodedItem {
	if o.encoded {
		return encodedItem{c.encoded.text, o.written}
	}
	return t.newEncodedItem(o.written)
}

// editedByCaller returns the differing attributes that the save did not renew.
func (t *table) editedByCaller(differing []string, by stamps) []string {
	return slices.DeleteFunc(slices.Clone(differing), func(attribute string) bool {
		return t.schema.isRenewed(attribute, by)
	})
}

// checkRead returns an error if an edited attribute of a partial item was not read, or is computed
// from one that was not.
func (c *comparison) checkRead(edited []string, from *origin) error {
	if !from.partial() {
		return nil
	}
	for _, attribute := range edited {
		if !from.read[attribute] {
			return withPath(
				&partialError{
					"the attribute was edited but had not been read; select the attribute, too, " +
						"or load the whole item"},
				c.schema.goPathOf(attribute), attribute)
		}
		if from.inside[attribute] != nil {
			return c.newInsideError(attribute)
		}
		if f := c.schema.byAttribute[attribute]; f != nil && f.computed != nil {
			if err := c.checkPartsRead(f, from); err != nil {
				return err
			}
		}
	}
	return nil
}

// newInsideError returns the error of an edited document that was read in part. It is placed at the
// first member that was edited.
func (c *comparison) newInsideError(attribute string) error {
	f := c.schema.fieldOf(attribute)
	loaded, err := c.canonical(attribute)
	if err != nil {
		return err
	}
	before, after := loaded.AttributeValue(), c.encoded.attributes.raw(attribute).AttributeValue()
	for {
		holder, _ := f.behindPointers()
		was, isMap := before.(*types.AttributeValueMemberM)
		is, stillMap := after.(*types.AttributeValueMemberM)
		if holder.plan == nil || !isMap || !stillMap {
			break
		}
		names := slices.Sorted(maps.Keys(holder.plan.byAttribute))
		i := slices.IndexFunc(names, func(name string) bool {
			return !reflect.DeepEqual(was.Value[name], is.Value[name])
		})
		if i < 0 {
			break
		}
		f, _, _ = f.resolveMember(holder.plan, names[i]) // the plan has it
		before, after = was.Value[names[i]], is.Value[names[i]]
	}
	return withPath(&partialError{fmt.Sprintf("the document %q was read in part and edited, and a "+
		"save would write it whole; select the whole attribute, or use Update, which changes one "+
		"member", attribute)}, f.goPath, f.attribute)
}

// checkPartsRead returns an error if a part of a computed attribute is not known.
func (c *comparison) checkPartsRead(f *field, from *origin) error {
	model, err := c.loadedParts()
	if err != nil {
		return err
	}
	for _, part := range f.computed.parts {
		value, ok := part.valueIn(model)
		isFilled := ok && !value.IsZero()
		if !from.read[part.attribute] && !isFilled {
			return withPath(
				&partialError{fmt.Sprintf("the attribute is computed from %q, which had not been "+
					"read; load the whole item", part.attribute)}, f.goPath, f.attribute)
		}
	}
	return nil
}

// countUp makes the service add 1 to an integer version, because the update does not compare with
// the loaded version. If somebody else has removed the version since, the service counts from
// fresh. A version that MigrateItem has taken from another attribute is set, not counted up.
func (s *schema) countUp(changes []change, raw rawItem, from *origin, fresh int64) {
	if s.version == nil || s.version.codec.wire != wire.N {
		return
	}
	i := slices.IndexFunc(changes,
		func(c change) bool { return c.attribute == s.version.attribute })
	if i < 0 {
		return
	}
	next := changes[i].value
	if next.Type() != wire.N {
		return // a hook leaves the version out
	}
	before, isNumber := countDown(next.Text())
	switch {
	case !isNumber:
	case !raw.has(s.version.attribute):
		changes[i].kind, changes[i].value = countUp, wire.NewNumber(before)
		if !from.partial() || from.read[s.version.attribute] {
			changes[i].first = next
		}
	case raw.equal(s.version.attribute, wire.NewNumber(before)):
		changes[i].kind, changes[i].value = countUp,
			wire.NewNumber(strconv.FormatInt(fresh, 10))
	}
}

// isRenewed reports whether the save itself gave the attribute a new value.
func (s *schema) isRenewed(attribute string, by stamps) bool {
	f := s.byAttribute[attribute]
	return f != nil && (f == s.version || f == s.updated && !by.updatedIsSet)
}

func (s *schema) goPathOf(attribute string) string {
	if f := s.fieldOf(attribute); f != nil {
		return f.goPath
	}
	return ""
}

// checkKey returns an error if DynamoDB does not accept the key of an encoded item.
func (s *schema) checkKey(key itemKey) error {
	for i, f := range s.keyFields() {
		value := key.part(i)
		switch {
		case value == "" && s.hooks.marshal:
			return fmt.Errorf("the hook MarshalItem returned no %s %q; add the attribute",
				f.keyName(), f.attribute)
		case isEmptyKey(value):
			return f.newEmptyKeyError(f.keyName())
		}
		if value.Type() != f.codec.wire {
			return fmt.Errorf(
				"the %s %q is of type %s, and must be %s; correct the hook MarshalItem",
				f.keyName(), f.attribute, value.Type(), f.codec.wire)
		}
	}
	return nil
}

// editedKeys returns the key attributes that differ from the snapshot, sorted. In place of a
// computed one it returns the parts that were edited.
func (c *comparison) editedKeys(written itemKey) ([]string, error) {
	var edited []string
	for i, f := range c.schema.keyFields() {
		if c.raw == nil || c.raw.equal(f.attribute, written.part(i)) {
			continue
		}
		parts, err := c.editedParts(f)
		if err != nil {
			return nil, err
		}
		edited = append(edited, parts...)
	}
	slices.Sort(edited)
	return slices.Compact(edited), nil
}

// editedParts returns the edited parts of a key attribute, or the attribute itself if it has none.
func (c *comparison) editedParts(f *field) ([]string, error) {
	if f.computed == nil {
		return []string{f.attribute}, nil
	}
	var edited []string
	for _, part := range f.computed.parts {
		isEdited, err := c.edited(part.attribute, c.encoded.attributes.raw(part.attribute))
		if err != nil {
			return nil, err
		}
		if isEdited {
			edited = append(edited, part.attribute)
		}
	}
	if edited == nil {
		return []string{f.attribute}, nil
	}
	return edited, nil
}

// loadedRaw returns an attribute of the snapshot of a loaded item, after the hook MigrateItem, or
// "" if it is missing.
func (t *table) loadedRaw(item anyItem, attribute string) (wire.Raw, error) {
	snapshot := t.modelOf(item).raw
	if !t.schema.hooks.migrate {
		return attributeIn(snapshot, attribute)
	}
	migrated, err := t.migrated(snapshot)
	return migrated.raw(attribute), err
}

// isSeen reports whether nobody wrote between the load and this save. It compares the version that
// the save found in the table with the loaded version; both may be missing. If the save could not
// ask for the stored version, isSeen returns false.
func (s *saving) isSeen(result writeResult) bool {
	loaded := s.plan.loadedVersion
	return !result.unasked && loaded.matches(result.attributes)
}

// setSnapshot makes the written item the snapshot.
func (t *table) setSnapshot(item anyItem, s *saving, result writeResult) {
	model, after := t.modelOf(item), s.after.text
	if s.plan.loadedVersion != nil && !s.isSeen(result) {
		// Somebody else wrote since the load, which ChangedOnly allows. With the new version in the
		// snapshot, a later FailOnConflict would pass although attributes are unseen. So the
		// snapshot and the field keep the old version, and a later FailOnConflict is refused.
		attribute := t.schema.version.attribute
		t.schema.version.settableIn(reflect.ValueOf(item).Elem()).Set(s.stamps.version)
		attributes := s.after.attributes.with(attribute, s.raw.raw(attribute))
		after = t.newEncodedItem(attributes).text
	}
	from := t.whole
	if t.isLoaded(model) && model.origin.partial() {
		from = model.origin // it stays partial
	}
	*model = Model{raw: after, origin: from}
	t.schema.showComputed(reflect.ValueOf(item).Elem(), s.after.attributes)
}
