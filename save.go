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

func (t *table) saveItem(ctx context.Context, item any, opts []SaveOption) error {
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
func (t *table) validate(item any) error {
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
func (t *table) makeKey(item any) error {
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
func (t *table) lacksKey(item any) bool {
	for _, f := range t.schema.keyFields() {
		value, err := (&encoder{}).encodeField(f, reflect.ValueOf(item).Elem())
		if err == nil && isEmptyKey(value) {
			return true
		}
	}
	return false
}

// save sends the write of one item. If that fails, the item is as before.
func (t *table) save(ctx context.Context, op string, item any, settings writeSettings) error {
	s, err := t.prepareSave(op, item, settings)
	if err != nil {
		return t.newEncodeError(op, item, err)
	}
	if s.plan == nil {
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
	plan   *writePlan // nil: nothing is to be sent
	after  map[string]types.AttributeValue
	text   string  // the same as wire JSON
	raw    rawItem // the snapshot before
	stamps stamps  // of this save, in the fields: they are taken out again if it fails

	planned writePlan // where plan points
}

// prepareSave plans a save with its stamps in the fields, or takes them out again and says what is wrong.
func (t *table) prepareSave(op string, item any, settings writeSettings) (s *saving, err error) {
	stamps, err := t.stamp(item, settings, time.Now())
	if err != nil {
		return nil, err
	}
	defer func() {
		if s == nil { // also where a hook panics
			stamps.undo()
		}
	}()
	planned, err := t.planStamped(item, settings, stamps)
	if err != nil {
		return nil, err
	}
	s = planned
	s.stamps = stamps
	if s.plan != nil {
		s.plan.op = op
	}
	return s, nil
}

// planStamped plans a save of an item that has its stamps.
func (t *table) planStamped(item any, settings writeSettings, stamps stamps) (*saving, error) {
	s, err := t.planSave(item, settings, stamps)
	if err != nil || s.plan == nil {
		return s, err
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
func (t *table) planSave(item any, settings writeSettings, stamps stamps) (*saving, error) {
	c, err := t.compare(item)
	if err != nil {
		return nil, err
	}
	c.made = stamps.holders
	written, err := c.written()
	if err != nil {
		return nil, err
	}
	if err := t.schema.checkKey(written); err != nil {
		return nil, err
	}
	if err := t.schema.refuseCounter(written); err != nil {
		return nil, err
	}
	model := t.modelOf(item)
	loaded := t.isLoaded(model)
	moved := t.schema.editedKeys(c.raw, written)
	s := &saving{after: written, planned: writePlan{schema: t.schema, publicKey: c.keyOf(item, written), raw: c.raw,
		mustExist: settings.mustExist, conditions: settings.conditions, idempotent: settings.idempotent}}
	s.plan = &s.planned
	if model.origin.partial() {
		s.plan.readOnly = model.origin.read
	}
	if v := t.schema.version; v != nil && v.codec.wire == wire.S && written[v.attribute] != nil {
		s.plan.token = &expectation{attribute: v.attribute, value: written[v.attribute]}
	}
	switch {
	case loaded && len(moved) > 0 && (settings.failOnConflict || settings.changedOnly):
		return nil, newEditedKeyError(t.schema.keyIn(model.raw), moved)
	case loaded && settings.changedOnly:
		s.stamps = stamps
		return s, t.planChanges(s, &c, settings, model.origin)
	case model.origin.partial():
		return nil, &partialError{"the item was read without some of its attributes, and cannot be saved whole; " +
			"save with ChangedOnly, or load it whole"}
	case loaded && settings.failOnConflict:
		t.planCompared(s, &c)
	default:
		t.planPut(s.plan, written, settings)
	}
	return s, nil
}

// planPut puts the whole item, which holds its key: where nothing is, with FailOnConflict.
func (t *table) planPut(plan *writePlan, written map[string]types.AttributeValue, settings writeSettings) {
	plan.request, plan.item, plan.key = putItem, written, written
	if settings.failOnConflict {
		plan.guard, plan.never, plan.atNewID = inserts, settings.once && plan.token == nil, settings.newID
		for _, f := range t.schema.keyFields() {
			plan.expected = append(plan.expected, expectation{attribute: f.attribute})
		}
	}
	if settings.mustExist {
		plan.expectExists(t.schema.hash.attribute)
	}
}

// planCompared updates what differs, where the stored item is as it was loaded: the version alone, where there is one.
func (t *table) planCompared(s *saving, c *comparison) {
	plan := s.plan
	plan.request, plan.guard, plan.key = updateItem, compares, t.schema.takeKey(s.after)
	differing := c.differing(s.after)
	plan.changes = makeChanges(differing, s.after)
	unchanged := s.after
	if t.schema.hooks.migrate {
		unchanged = nil // they may be spelt otherwise there
	}
	plan.expected = t.schema.expectLoaded(c.raw, differing, unchanged)
}

// planChanges updates what differs from the snapshot, where the item still exists; with FailOnConflict, where the
// edited attributes still have the values that were loaded.
func (t *table) planChanges(s *saving, c *comparison, settings writeSettings, from *origin) error {
	plan, written := s.plan, s.after
	differing := c.differing(written)
	edited := slices.DeleteFunc(slices.Clone(differing), func(attribute string) bool {
		return t.schema.isRenewed(attribute, s.stamps)
	})
	if len(edited) == 0 && len(settings.conditions) == 0 {
		*s = saving{}
		return nil
	}
	for _, attribute := range edited {
		if from.partial() && !from.read[attribute] {
			return withPath(&partialError{"the attribute was edited and had not been read; select it too, or load the item whole"},
				t.schema.goPathOf(attribute), attribute)
		}
	}
	plan.request, plan.key = updateItem, t.schema.takeKey(written)
	plan.changes = makeChanges(differing, written)
	t.schema.countUp(plan.changes, c.raw, from, s.stamps.fresh)
	if settings.failOnConflict {
		plan.guard = compares
		plan.raw = nil // what others changed beside is no conflict
		plan.readOnly = map[string]bool{}
		for _, attribute := range edited {
			// Every write of others renews the time of the update.
			if t.schema.updated == nil || attribute != t.schema.updated.attribute {
				plan.expected = append(plan.expected, expectation{attribute: attribute, value: c.raw.value(attribute)})
			}
		}
	}
	plan.expectExists(t.schema.hash.attribute)
	// Of an integer that is counted up the sum tells what was there; where none was loaded, another's may be as large.
	if v := t.schema.version; v != nil && (v.codec.wire == wire.S || !c.raw.has(v.attribute)) {
		plan.returns = types.ReturnValueUpdatedOld
		plan.loaded = &expectation{attribute: v.attribute, value: c.raw.value(v.attribute)}
	}
	s.raw = c.raw
	return nil
}

// makeChanges turns a difference into what an update does.
func makeChanges(differing []string, written map[string]types.AttributeValue) []change {
	slices.Sort(differing)
	changes := make([]change, len(differing))
	for i, attribute := range differing {
		changes[i] = change{attribute: attribute, value: written[attribute]}
	}
	return changes
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

// expectLoaded demands that an item is as it was loaded: the version, where it has one; else every attribute that was
// loaded, and that those of the schema, and whatever is written, are still missing where they were. written is sorted. What
// is not written of after, which may be nil, is as it was loaded.
func (s *schema) expectLoaded(raw rawItem, written []string, after map[string]types.AttributeValue) []expectation {
	if version := s.loadedVersion(raw); version != nil {
		return []expectation{{attribute: s.version.attribute, value: version}}
	}
	expected := make([]expectation, 0, max(len(raw), len(s.fields)))
	for _, loaded := range raw {
		value := after[loaded.Name]
		if _, differs := slices.BinarySearch(written, loaded.Name); differs || value == nil {
			value = raw.value(loaded.Name)
		}
		expected = append(expected, expectation{attribute: loaded.Name, value: value})
	}
	for _, f := range s.fields {
		if !raw.has(f.attribute) {
			expected = append(expected, expectation{attribute: f.attribute})
		}
	}
	for _, attribute := range written {
		if !raw.has(attribute) && s.byAttribute[attribute] == nil {
			expected = append(expected, expectation{attribute: attribute})
		}
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
			return fmt.Errorf("the %s %q is of type %s, and must be %s; mend the hook MarshalItem", f.keyName(), f.attribute, wire.TypeOf(value), f.codec.wire)
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
func (t *table) loadedText(item any, attribute string) (text string, ok bool, err error) {
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
	loaded := s.plan.loaded
	return !result.unasked && s.raw.equal(loaded.attribute, result.attributes[loaded.attribute])
}

// setSnapshot makes what was written the snapshot.
func (t *table) setSnapshot(item any, s *saving, result writeResult) {
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
