package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// counterKey is the hash key of the item that counts the ids of its table. The layout is the original mapper's, so that
// a table of its goes on counting.
const counterKey = "-1"

func (s *schema) counterItem() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{s.hash.attribute: &types.AttributeValueMemberN{Value: counterKey}}
}

// isCounter says that a key is the one of the item that counts.
func (s *schema) isCounter(key map[string]types.AttributeValue) bool {
	return s.autoincrement && wire.Equal(key[s.hash.attribute], &types.AttributeValueMemberN{Value: counterKey})
}

// isCounterText says the same of an item's wire JSON.
func (s *schema) isCounterText(raw string) bool {
	text, ok, err := attributeIn(raw, s.hash.attribute)
	return err == nil && ok && wire.EqualText(text, &types.AttributeValueMemberN{Value: counterKey})
}

// encodeWriteKey encodes a key at which the caller writes.
func (s *schema) encodeWriteKey(k PrimaryKey) (map[string]types.AttributeValue, error) {
	key, err := s.encodeKey(k)
	if err != nil {
		return nil, err
	}
	return key, s.refuseCounter(key)
}

// encodeSetKey encodes a key at which an item may be made: not the one of items that have no id yet.
func (s *schema) encodeSetKey(k PrimaryKey) (map[string]types.AttributeValue, error) {
	key, err := s.encodeWriteKey(k)
	if err == nil && s.autoincrement && wire.Equal(key[s.hash.attribute], &types.AttributeValueMemberN{Value: "0"}) {
		return nil, errors.New("the key is 0, which stands for an item without an id; save the item to give it one")
	}
	return key, err
}

// refuseCounter keeps writes away from the item that counts.
func (s *schema) refuseCounter(key map[string]types.AttributeValue) error {
	if !s.isCounter(key) {
		return nil
	}
	return &SchemaError{Type: s.goType, Field: s.hash.goPath, Attribute: s.hash.attribute,
		Problem: "the key -1 belongs to the item that counts the ids; give another, or 0 for the next id"}
}

// putCounter puts the item that counts, unless it is there.
func (t *table) putCounter(ctx context.Context, op string) error {
	item := t.schema.counterItem()
	item[maxHashKey] = &types.AttributeValueMemberN{Value: "0"}
	plan := planOptions{op: op, schema: t.schema}.planInsert(item)
	_, err := t.mapper.write(ctx, t.name, &plan)
	if errors.Is(err, ErrOverwrite) || refusalOf(err) != nil {
		return nil // it is there, whoever has put it, and perhaps has counted since
	}
	return err
}

// takesNewID says that a save has to give the item an id: the key is 0.
func (t *table) takesNewID(item anyItem) bool {
	if !t.schema.autoincrement {
		return false
	}
	id, ok := t.schema.hash.valueIn(reflect.ValueOf(item).Elem())
	return !ok || id.IsZero()
}

// refuseNewID refuses to insert a loaded item as a copy under a new id, where the options say that
// the stored one is to be changed.
func (t *table) refuseNewID(item anyItem, settings writeSettings) error {
	model := t.modelOf(item)
	if !t.isLoaded(model) || !settings.failOnConflict && !settings.changedOnly {
		return nil
	}
	id, hasID, err := attributeIn(model.raw, t.schema.hash.attribute)
	switch {
	case err != nil:
		return err
	case hasID && wire.EqualText(id, newNumber("0")):
		return newNoIDError(t.keyOf(item))
	}
	return newEditedKeyError(t.schema.keyIn(model.raw), []string{t.schema.hash.attribute})
}

// saveWithNewID puts an item at the next id where nothing is.
func (t *table) saveWithNewID(ctx context.Context, item anyItem, settings writeSettings) error {
	var n *newSave
	err := t.refuseNewID(item, settings)
	if err == nil {
		n, err = t.prepareNew("Save", item, settings)
	}
	if err != nil {
		return t.newEncodeError("Save", item, err)
	}
	done := false
	defer func() { n.finish(done) }() // also if a hook panics
	err = n.put(ctx, 0)
	done = err == nil
	return err
}

// newSave is the save of an item that takes an id. It is planned before it takes one, with an id that
// any field holds: an item that cannot be written takes none.
type newSave struct {
	table  *table
	op     string
	item   any
	id     reflect.Value // the field
	undo   func()        // makes the item what it was
	saving *saving
	sent   bool // the plan was sent, and what a client keeps of it is not changed

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
	planned = true
	return n, nil
}

// planAt completes the plan with an id. If the hook MarshalItem writes the item, it is called again,
// as the id may stand anywhere in what it returns.
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
	if n.sent {
		s.after = maps.Clone(s.after)
		s.plan.item, s.plan.key = s.after, s.after
	}
	model := reflect.ValueOf(n.item).Elem()
	s.after[hash.attribute], err = (&encoder{}).encodeField(hash, model)
	if err == nil {
		err = t.schema.refuseCounter(s.after)
	}
	if err != nil {
		return t.newEncodeError(n.op, n.item, err)
	}
	s.plan.publicKey = t.schema.keyOf(model)
	s.text, err = t.textOf(s.after)
	return err
}

// put puts the item at the id next, or at the next one of the counter if that is 0. An id that was
// taken by hand is skipped. After a lost response no other id is tried, because the item may stand at
// that one.
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
	n.sent = true
	_, err = n.table.mapper.write(ctx, n.table.name, n.saving.plan)
	return err
}

// finish makes what was written the snapshot, or the item what it was.
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

// makeNew makes an item one to be inserted: a copy at the new id, with the unknown attributes. undo makes it what it
// was, the id 0 again.
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

// atNewID is how an item is put at a new id: where nothing is, whatever the options say of conflicts.
func (s writeSettings) atNewID() writeSettings {
	s.failOnConflict, s.changedOnly, s.newID = true, false, true
	return s
}

// stepAfter returns by how much to count up after so many ids that were taken. The first few are
// those that were put by hand. More of them mean that the counter stands far behind, as after its
// item was deleted: the step doubles, so that it is soon past them. Small types have no ids to
// spare.
func stepAfter(taken int, id reflect.Type) int {
	if taken < 4 || id.Bits() < 32 {
		return 1
	}
	return 1 << min(taken-3, 20)
}

// takenIDError says that the counter gives ids that are taken.
type takenIDError struct{ err error } // of the last save

func (e *takenIDError) Error() string {
	return fmt.Sprintf("each id that the counter gave is taken, as after the counter's item was deleted; "+
		"set the attribute %s of the item at %s to the highest id", maxHashKey, counterKey)
}

// Unwrap returns the error of the last save.
func (e *takenIDError) Unwrap() error { return e.err }

// setID sets the id of an item. The error names the field.
func (t *table) setID(op string, item anyItem, id reflect.Value, next int64) error {
	if err := setID(id, next); err != nil {
		return t.newEncodeError(op, item, withPath(err, t.schema.hash.goPath, t.schema.hash.attribute))
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

// nextID takes the id that is a step behind the last. A counter may have been set to -1 by hand, and 0 is no id.
func (t *table) nextID(ctx context.Context, op string, step int) (id int64, err error) {
	for id == 0 && err == nil {
		id, err = t.takeIDs(ctx, op, step)
	}
	return id, err
}

// takeIDs counts up by one atomic ADD of n, and gives the last of the n ids. Where its answer is lost, what is not known is
// only whether there is a gap in the ids: nothing was put.
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
		return 0, newCallError(op, t.name, fmt.Errorf("the counter %s of the item at -1 is not an integer; correct the item", maxHashKey))
	}
	return last, nil
}
