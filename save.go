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

// Save inserts or updates an item: it puts what the fields hold, with the attributes that the schema does not know.
// What was not edited is written back as it was loaded. Afterwards the item's snapshot is what was written; a Save that
// fails changes neither the item nor its snapshot.
//
// Without options one PutItem replaces whatever is in the table. With FailOnConflict it refuses to: a new item is put
// where nothing is (else *OverwriteError), a loaded one is updated where the stored item is as it was loaded (else
// *ConflictError). ChangedOnly sends one UpdateItem of what differs from the snapshot, or nothing; a new item it puts
// whole. With either, a loaded item whose key was edited is a *ConflictError, and nothing is sent; without, it is copied to
// the new key. With or without them, a loaded item whose version was set to another one is a
// *ConflictError, and nothing is sent: the version that the caller sets is the one that the caller
// has seen. MustExist makes a missing item ErrNotFound. Save never tries again after a conflict:
// read, and decide anew.
//
// An answer may be lost after the write was applied. Then FailOnConflict and If end with ErrUnknownOutcome, unless a string
// version in the stored item proves that the save has succeeded; a Save without them is sent again by the SDK, and may undo a later write. Idempotent
// does neither.
//
// Errors: ErrConflict, ErrOverwrite, ErrNotFound, ErrPartial, ErrUnknownOutcome, *FieldError.
func (t *Table[T]) Save(ctx context.Context, item *T, opts ...SaveOption) error {
	return orZero(t).saveItem(ctx, itemOf(item), opts)
}

func (t *table) saveItem(ctx context.Context, item anyItem, opts []SaveOption) error {
	settings, err := guardedSettings(t, opts, SaveOption.setSave)
	if err == nil {
		err = t.checkWrite(ctx) // also where there is nothing to send
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
		return t.saveWithNewID(ctx, item, settings)
	}
	return t.save(ctx, "Save", item, settings)
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

// makeKey lets the hook ValidateItem make the key of an item that has none: it may have made that of every save. What the hook
// finds wrong with the item is for a save to say.
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
		value, err := (&encoder{}).encodeField(f, reflect.ValueOf(item).Elem())
		if err == nil && isEmptyKey(value) {
			return true
		}
	}
	return false
}

// save sends the write of one item. If that fails, the item is as before.
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

// saving is a planned save: the write, and the item as it is afterwards.
type saving struct {
	plan   *writePlan // nil for an empty saving
	after  map[string]types.AttributeValue
	text   string  // the same as wire JSON
	raw    rawItem // the snapshot before
	stamps stamps  // of this save, in the fields: they are taken out again if it fails

	planned writePlan // where plan points
}

// newEmptySaving returns the saving of an item of which nothing is to be sent.
func newEmptySaving() *saving { return &saving{} }

// isEmpty reports whether nothing is to be sent.
func (s *saving) isEmpty() bool { return s.plan == nil }

// prepareSave plans a save with its stamps in the fields, or takes them out again and says what is wrong.
func (t *table) prepareSave(op string, item anyItem, settings writeSettings) (s *saving, err error) {
	stamps, err := t.stamp(item, settings, time.Now())
	if err != nil {
		return nil, err
	}
	defer func() {
		if s == nil { // also where a hook panics
			stamps.undo()
		}
	}()
	planned, err := t.planStamped(op, item, settings, stamps)
	if err != nil {
		return nil, err
	}
	s = planned
	s.stamps = stamps
	return s, nil
}

// planStamped plans a save of an item that has its stamps.
func (t *table) planStamped(op string, item anyItem, settings writeSettings, stamps stamps) (*saving, error) {
	s, err := t.planSave(op, item, settings, stamps)
	if err != nil || s.isEmpty() {
		return s, err
	}
	if settings.newID && !t.schema.hooks.marshal {
		return s, nil // newSave.planAt writes it, with the id
	}
	s.text, err = t.textOf(s.after)
	return s, err
}

// textOf writes an item as wire JSON, in a buffer that is kept, so that the text alone is new.
func (t *table) textOf(item map[string]types.AttributeValue) (string, error) {
	buffers := &t.mapper.buffers
	buffer := buffers.get()
	defer buffers.put(buffer)
	text, err := wire.AppendItem(buffer.AvailableBuffer(), item)
	buffer.Write(text) // so that it has the room the next time
	return string(text), err
}

// planSave decides which request a save becomes: the table of docs/design.md.
func (t *table) planSave(op string, item anyItem, settings writeSettings, stamps stamps) (*saving, error) {
	c, err := t.compare(item)
	if err != nil {
		return nil, err
	}
	c.made = stamps.holders
	o, err := c.outcome()
	if err != nil {
		return nil, err
	}
	if err := t.schema.checkKey(o.written); err != nil {
		return nil, err
	}
	if err := t.schema.refuseCounter(o.written); err != nil {
		return nil, err
	}
	model := t.modelOf(item)
	loaded := t.isLoaded(model)
	moved := t.schema.editedKeys(c.raw, o.written)
	at := planOptions{op, t.schema, c.keyOf(item, &o), settings}
	s := &saving{after: o.written, raw: c.raw}
	switch {
	case loaded && len(moved) > 0 && (settings.failOnConflict || settings.changedOnly):
		return nil, newEditedKeyError(t.schema.keyIn(model.raw), moved)
	case loaded && settings.changedOnly:
		edited := t.editedByCaller(o.differing, stamps)
		if len(edited) == 0 && len(settings.conditions) == 0 {
			return newEmptySaving(), nil
		}
		if err := t.checkRead(edited, model.origin); err != nil {
			return nil, err
		}
		s.planned = at.planChanged(&o, c.raw, edited)
		t.schema.countUp(s.planned.changes, c.raw, model.origin, stamps.fresh)
	case model.origin.partial():
		return nil, &partialError{"the item was read without some of its attributes, and cannot be saved whole; " +
			"save with ChangedOnly, or load it whole"}
	case loaded && settings.failOnConflict:
		s.planned = at.planLoaded(&o, c.raw)
	case settings.failOnConflict:
		s.planned = at.planInsert(o.written)
	default:
		s.planned = at.planReplace(o.written)
	}
	s.plan = &s.planned
	return s, nil
}

// editedByCaller returns the differing attributes that the save itself has not renewed.
func (t *table) editedByCaller(differing []string, by stamps) []string {
	return slices.DeleteFunc(slices.Clone(differing), func(attribute string) bool {
		return t.schema.isRenewed(attribute, by)
	})
}

// checkRead refuses to write an attribute of a partial item that was not read.
func (t *table) checkRead(edited []string, from *origin) error {
	for _, attribute := range edited {
		if from.partial() && !from.read[attribute] {
			return withPath(&partialError{"the attribute was edited and had not been read; select it too, or load the item whole"},
				t.schema.goPathOf(attribute), attribute)
		}
	}
	return nil
}

func oneMore() types.AttributeValue { return &types.AttributeValueMemberN{Value: "1"} }

// countUp makes the service count up the integer version, as the update is not guarded by the
// loaded one. fresh is for an item whose version somebody else has removed. A version that
// MigrateItem has brought from elsewhere is set.
func (s *schema) countUp(changes []change, raw rawItem, from *origin, fresh int64) {
	if s.version == nil || s.version.codec.wire != wire.N {
		return
	}
	i := slices.IndexFunc(changes, func(c change) bool { return c.attribute == s.version.attribute })
	if i < 0 {
		return
	}
	next, isNumber := changes[i].value.(*types.AttributeValueMemberN)
	if !isNumber {
		return // a hook leaves it out
	}
	before, isNumber := countDown(next.Value)
	switch {
	case !isNumber:
	case !raw.has(s.version.attribute):
		changes[i].kind, changes[i].value = countUp, newNumber(before)
		if !from.partial() || from.read[s.version.attribute] {
			changes[i].first = next
		}
	case raw.equal(s.version.attribute, newNumber(before)):
		changes[i].kind, changes[i].value = countUp, newNumber(strconv.FormatInt(fresh, 10))
	}
}

// loadedVersion is the version of a snapshot, on which a comparison may rest alone. It is nil where
// there is none, as in an item from before the model had one, and where an integer is so small that
// it may come again.
func (s *schema) loadedVersion(raw rawItem) types.AttributeValue {
	if s.version == nil || s.version.codec.wire == wire.N && !s.version.isWide() {
		return nil
	}
	value := raw.value(s.version.attribute)
	if wire.TypeOf(value) != s.version.codec.wire {
		return nil
	}
	return value
}

// expectLoaded demands that an item is as it was loaded. If it has a version, that is compared.
// Otherwise every attribute that was loaded must be equal, and those of the schema and of the outcome
// that were missing must be missing still. A value of the outcome that does not differ is the loaded
// one, unless MigrateItem has made it.
func (s *schema) expectLoaded(raw rawItem, o *outcome) []expectation {
	if version := s.loadedVersion(raw); version != nil {
		return []expectation{{attribute: s.version.attribute, value: version}}
	}
	expected := make([]expectation, 0, max(len(raw), len(s.fields)))
	for _, loaded := range raw {
		value := o.written[loaded.Name]
		if s.hooks.migrate || value == nil || o.differs(loaded.Name) {
			value = raw.value(loaded.Name)
		}
		expected = append(expected, expectation{attribute: loaded.Name, value: value})
	}
	for _, f := range s.fields {
		if !raw.has(f.attribute) {
			expected = append(expected, expectation{attribute: f.attribute})
		}
	}
	for _, attribute := range o.differing {
		if !raw.has(attribute) && s.byAttribute[attribute] == nil {
			expected = append(expected, expectation{attribute: attribute})
		}
	}
	return expected
}

// expectMissing demands that no item has the key.
func (s *schema) expectMissing() []expectation {
	fields := s.keyFields()
	expected := make([]expectation, len(fields))
	for i, f := range fields {
		expected[i].attribute = f.attribute
	}
	return expected
}

// isRenewed reports whether the save itself has given the attribute a new value.
func (s *schema) isRenewed(attribute string, by stamps) bool {
	f := s.byAttribute[attribute]
	return f != nil && (f == s.version || f == s.updated && !by.updatedIsSet)
}

func (s *schema) goPathOf(attribute string) string {
	if f := s.byAttribute[attribute]; f != nil {
		return f.goPath
	}
	return ""
}

// keyFrom takes the key out of an encoded item.
func (s *schema) keyFrom(item map[string]types.AttributeValue) (map[string]types.AttributeValue, error) {
	if err := s.checkKey(item); err != nil {
		return nil, err
	}
	return s.takeKey(item), nil
}

func (s *schema) takeKey(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	key := make(map[string]types.AttributeValue, 2)
	for _, f := range s.keyFields() {
		key[f.attribute] = item[f.attribute]
	}
	return key
}

// checkKey refuses an encoded item without a key that DynamoDB takes.
func (s *schema) checkKey(item map[string]types.AttributeValue) error {
	for _, f := range s.keyFields() {
		value := item[f.attribute]
		switch {
		case value == nil && s.hooks.marshal:
			return fmt.Errorf("the hook MarshalItem returned no %s %q; add it", f.keyName(), f.attribute)
		case isEmptyKey(value):
			return f.newEmptyKeyError(f.keyName())
		}
		if wire.TypeOf(value) != f.codec.wire {
			return fmt.Errorf("the %s %q is of type %s, and must be %s; correct the hook MarshalItem", f.keyName(), f.attribute, wire.TypeOf(value), f.codec.wire)
		}
	}
	return nil
}

// editedKeys lists the key attributes that differ from the snapshot.
func (s *schema) editedKeys(raw rawItem, written map[string]types.AttributeValue) []string {
	var edited []string
	for _, f := range s.keyFields() {
		if raw != nil && !raw.equal(f.attribute, written[f.attribute]) {
			edited = append(edited, f.attribute)
		}
	}
	slices.Sort(edited)
	return edited
}

// loadedText gives an attribute of the snapshot of a loaded item, after the hook MigrateItem.
func (t *table) loadedText(item anyItem, attribute string) (text string, ok bool, err error) {
	snapshot := t.modelOf(item).raw
	if !t.schema.hooks.migrate {
		return attributeIn(snapshot, attribute)
	}
	migrated, err := t.migrated(snapshot)
	text, ok = migrated.text(attribute)
	return text, ok, err
}

// isSeen says that nobody wrote between the loading and this save, which asked what was there: the version was the one that was
// loaded, or none.
func (s *saving) isSeen(result writeResult) bool {
	loaded := s.plan.loadedVersion
	return !result.unasked && s.raw.equal(loaded.attribute, result.attributes[loaded.attribute])
}

// setSnapshot makes what was written the snapshot.
func (t *table) setSnapshot(item anyItem, s *saving, result writeResult) {
	model, after := t.modelOf(item), s.text
	if s.plan.returns != "" && !s.isSeen(result) {
		// Somebody else wrote in between, which ChangedOnly allows. Our version would vouch for attributes that we
		// have not seen: with the old one in the snapshot, and in the field, a later FailOnConflict
		// is refused.
		attribute := t.schema.version.attribute
		t.schema.version.settableIn(reflect.ValueOf(item).Elem()).Set(s.stamps.version)
		s.after = maps.Clone(s.after)
		delete(s.after, attribute)
		if loaded := s.raw.value(attribute); loaded != nil {
			s.after[attribute] = loaded
		}
		text, err := t.textOf(s.after)
		if err == nil {
			after = text
		}
	}
	from := t.whole
	if t.isLoaded(model) && model.origin.partial() {
		from = model.origin // it stays partial
	}
	*model = Model{raw: after, origin: from}
}
