package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// counterKey is the hash key of the item that counts the ids of its table. The layout is the
// original mapper's, so that its tables continue to count.
const counterKey wire.Raw = `{"N":"-1"}`

// zeroNumber is the key of an item without an id.
const zeroNumber wire.Raw = `{"N":"0"}`

// isCounter reports whether a key is the key of the counter item.
func (s *schema) isCounter(key itemKey) bool {
	return s.autoincrement && key.hash.Equal(counterKey)
}

// isCounterItem is isCounter for an item in the SDK's types.
func (s *schema) isCounterItem(item map[string]types.AttributeValue) bool {
	return s.autoincrement && wire.EqualText(string(counterKey), item[s.hash.attribute])
}

// isCounterText reports whether an item, given as wire JSON, is the counter item.
func (s *schema) isCounterText(raw string) bool {
	id, err := attributeIn(raw, s.hash.attribute)
	return err == nil && id.Equal(counterKey)
}

// encodeWriteKey encodes a key for a write. It refuses the key of the counter item.
func (s *schema) encodeWriteKey(k PrimaryKey) (itemKey, error) {
	key, err := s.encodeKey(k)
	if err != nil {
		return itemKey{}, err
	}
	return key, s.refuseCounter(key)
}

// encodeSetKey encodes a key for a write that may create an item. It also refuses the key 0, which
// stands for an item without an id.
func (s *schema) encodeSetKey(k PrimaryKey) (itemKey, error) {
	key, err := s.encodeWriteKey(k)
	if err == nil && s.autoincrement && key.hash.Equal(zeroNumber) {
		return itemKey{}, errors.New(
			"the key is 0, which stands for an item without an id; Save gives a new item its id")
	}
	return key, err
}

// refuseCounter returns a *SchemaError if the key is the key of the counter item.
func (s *schema) refuseCounter(key itemKey) error {
	if !s.isCounter(key) {
		return nil
	}
	return &SchemaError{Type: s.goType, Field: s.hash.goPath, Attribute: s.hash.attribute,
		Problem: "the key -1 belongs to the item that counts the ids; give another id, or 0 for " +
			"the next id"}
}

// putCounter inserts the counter item if it is missing.
func (t *table) putCounter(ctx context.Context, op string) error {
	s := t.schema
	item := t.newEncodedItem(rawItem{{Name: s.hash.attribute, Value: counterKey}}.
		with(maxHashKey, zeroNumber))
	plan := planOptions{op: op, schema: s}.planInsert(item)
	_, err := t.mapper.write(ctx, t.name, &plan)
	if errors.Is(err, ErrOverwrite) || refusalOf(err) != nil {
		return nil // the counter exists, and may have counted already
	}
	return err
}

// takesNewID reports whether a save has to give the item an id: its key is 0.
func (t *table) takesNewID(item anyItem) bool {
	if !t.schema.autoincrement {
		return false
	}
	id, ok := t.schema.hash.valueIn(reflect.ValueOf(item).Elem())
	return !ok || id.IsZero()
}

// refuseNewID returns an error for a loaded item if the options ask for a change of the stored
// item. Without it, the save would insert a copy under a new id.
func (t *table) refuseNewID(item anyItem, settings writeSettings) error {
	model := t.modelOf(item)
	if !t.isLoaded(model) || !settings.failOnConflict && !settings.changedOnly {
		return nil
	}
	id, err := attributeIn(model.raw, t.schema.hash.attribute)
	switch {
	case err != nil:
		return err
	case id.Equal(zeroNumber):
		return newNoIDError(t.keyOf(item))
	}
	return newEditedKeyError(t.schema.keyIn(model.raw), []string{t.schema.hash.attribute})
}

// saveWithNewID inserts an item at the next id.
func (t *table) saveWithNewID(
	ctx context.Context, op string, item anyItem, settings writeSettings,
) error {
	var n *newSave
	err := t.refuseNewID(item, settings)
	if err == nil {
		n, err = t.prepareNew(op, item, settings)
	}
	if err != nil {
		return t.newEncodeError(op, item, err)
	}
	done := false
	defer func() { n.finish(done) }() // also if a hook panics
	err = n.put(ctx, 0)
	done = err == nil
	return err
}

// newSave is the save of an item that takes an id. It is planned with a provisional id that any
// field can hold, so that an item that cannot be written takes no id.
type newSave struct {
	table  *table
	op     string
	item   anyItem
	id     reflect.Value // the field
	undo   func()        // restores the item
	saving *saving

	settings writeSettings
}

// prepareNew plans the save of a new item. The item has the provisional id and the stamps until
// finish.
func (t *table) prepareNew(op string, item anyItem, settings writeSettings) (*newSave, error) {
	id, undo := t.makeNew(item)
	n := &newSave{table: t, op: op, item: item, id: id, undo: undo, settings: settings.atNewID()}
	planned := false
	defer func() {
		if !planned { // also if a hook panics
			n.finish(false)
		}
	}()
	if err := setID(id, 1); err != nil {
		return nil, err
	}
	var err error
	if n.saving, err = t.prepareSave(op, item, n.settings); err != nil {
		return nil, err
	}
	if _, err := n.saving.plan.form(); err != nil {
		return nil, err
	}
	id.SetZero() // hooks of other items see none yet; planAt sets it
	planned = true
	return n, nil
}

// planAt completes the plan with an id. If the model has the hook MarshalItem, planAt calls it
// again, because the hook may use the id anywhere.
func (n *newSave) planAt(id int64) (err error) {
	t := n.table
	if err := t.setID(n.op, n.item, n.id, id); err != nil {
		return err
	}
	s, hash := n.saving, t.schema.hash
	if t.schema.hooks.marshal {
		s.stamps.undo()
		if s, err = t.prepareSave(n.op, n.item, n.settings); err != nil {
			return t.newEncodeError(n.op, n.item, err)
		}
		n.saving = s
		return nil
	}
	model := reflect.ValueOf(n.item).Elem()
	encoded, err := hash.rawIn(model)
	key := itemKey{hash: encoded}
	if err == nil {
		err = t.schema.refuseCounter(key)
	}
	if err != nil {
		return t.newEncodeError(n.op, n.item, err)
	}
	s.after = t.newEncodedItem(s.after.attributes.with(hash.attribute, encoded))
	s.plan.item, s.plan.key = s.after.text, key
	given := t.schema.keyOf(model)
	s.plan.source = keySource{given: &given}
	return nil
}

// put inserts the item at the id next, or at the counter's next id if next is 0. It skips an id
// that was taken by hand. After a lost response it tries no other id, because the item may exist at
// the last one.
func (n *newSave) put(ctx context.Context, next int64) error {
	row := n.table.mapper.newTries(n.op, n.table.name)
	for {
		row.begin()
		err := n.putOnce(ctx, next, stepAfter(row.n()-1, n.id.Type()))
		if !errors.Is(err, ErrOverwrite) {
			return row.ended(ctx, err)
		}
		taken := &takenIDError{err}
		if row.usedUp() {
			return row.exceeded(taken)
		}
		row.last, next = taken, 0
	}
}

func (n *newSave) putOnce(ctx context.Context, next int64, step int) (err error) {
	if next == 0 {
		if next, err = n.table.nextID(ctx, n.op, step); err != nil {
			return err
		}
	}
	if err := n.planAt(next); err != nil {
		return err
	}
	_, err = n.table.mapper.write(ctx, n.table.name, n.saving.plan)
	return err
}

// finish sets the snapshot if the item was written, and restores the item if not.
func (n *newSave) finish(written bool) {
	if written {
		n.table.setSnapshot(n.item, n.saving, writeResult{})
		return
	}
	if n.saving != nil {
		n.saving.stamps.undo()
	}
	n.undo()
}

// makeNew makes a loaded item new, so that a copy with its unknown attributes is inserted at the
// new id. undo restores the item, with the id 0.
func (t *table) makeNew(item anyItem) (id reflect.Value, undo func()) {
	model := t.modelOf(item)
	before := *model
	if before.origin != nil {
		asNew := *before.origin
		asNew.deleted = true
		model.origin = &asNew
	}
	id = t.schema.hash.settableIn(reflect.ValueOf(item).Elem())
	return id, func() {
		*model = before
		id.SetZero()
	}
}

// atNewID returns the settings of an insertion at a new id, which must be free whatever the options
// say.
func (s writeSettings) atNewID() writeSettings {
	s.failOnConflict, s.changedOnly, s.newID = true, false, true
	return s
}

// stepAfter returns by how much to count up after a number of taken ids. A few taken ids were put
// by hand. More of them mean that the counter is far behind, as after its item was deleted: the
// step doubles, so that the counter is soon past them. Small types have no ids to spare.
func stepAfter(taken int, id reflect.Type) int {
	if taken < 4 || id.Bits() < 32 {
		return 1
	}
	return 1 << min(taken-3, 20)
}

// takenIDError is the error of a save for which each id from the counter was taken.
type takenIDError struct{ err error } // of the last save

func (e *takenIDError) Error() string {
	return fmt.Sprintf(
		"each id that the counter gave is taken, as after the counter's item was deleted; "+
			"set the attribute %s of the item at %s to the highest id", maxHashKey, counterKey.Text())
}

// Unwrap returns the error of the last save.
func (e *takenIDError) Unwrap() error { return e.err }

// setID sets the id of an item. Its error names the field.
func (t *table) setID(op string, item anyItem, id reflect.Value, next int64) error {
	if err := setID(id, next); err != nil {
		return t.newEncodeError(op, item,
			withPath(err, t.schema.hash.goPath, t.schema.hash.attribute))
	}
	return nil
}

func setID(id reflect.Value, next int64) error {
	if id.CanInt() {
		if id.OverflowInt(next) {
			return newOverflowError(id.Type())
		}
		id.SetInt(next)
		return nil
	}
	if next < 0 || id.OverflowUint(uint64(next)) {
		return newOverflowError(id.Type())
	}
	id.SetUint(uint64(next))
	return nil
}

// nextID takes the id that is step above the last one. It skips 0, which is no id: somebody may
// have set the counter to -1 by hand.
func (t *table) nextID(ctx context.Context, op string, step int) (id int64, err error) {
	for id == 0 && err == nil {
		id, err = t.takeIDs(ctx, op, step)
	}
	return id, err
}

// takeIDs takes n ids with one atomic ADD and returns the last of them. A lost response is not an
// unknown outcome, because nothing was put: at worst the ids have a gap.
func (t *table) takeIDs(ctx context.Context, op string, n int) (last int64, err error) {
	plan := planOptions{op: op, schema: t.schema}.planCount(n)
	result, err := t.mapper.write(ctx, t.name, &plan)
	if doubt := (*UnknownOutcomeError)(nil); errors.As(err, &doubt) {
		return 0, doubt.Err
	}
	if err != nil {
		return 0, err
	}
	counter, _ := result.attributes[maxHashKey].(*types.AttributeValueMemberN)
	if counter == nil {
		return 0, newCallError(op, t.name, errors.New("the service did not return the next id"))
	}
	last, err = parseInt(counter.Value, reflect.TypeFor[int64]())
	if err != nil {
		return 0, newCallError(op, t.name,
			fmt.Errorf("the counter %s of the item at -1 is not an integer; correct the item",
				maxHashKey))
	}
	return last, nil
}
