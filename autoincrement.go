package dynamapper

import (
	"context"
	"errors"
	"fmt"
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
func (t *table) takesNewID(item any) bool {
	if !t.schema.autoincrement {
		return false
	}
	id, ok := t.schema.hash.valueIn(reflect.ValueOf(item).Elem())
	return !ok || id.IsZero()
}

// refuseNewID refuses to insert a loaded item as a copy under a new id, where the options say that
// the stored one is to be changed.
func (t *table) refuseNewID(item any, settings writeSettings) error {
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
func (t *table) saveWithNewID(ctx context.Context, item any, settings writeSettings) error {
	err := t.refuseNewID(item, settings)
	if err == nil {
		err = t.checkNew("Save", item, settings)
	}
	if err != nil {
		return t.newEncodeError("Save", item, err)
	}
	return t.putAtNewID(ctx, "Save", item, settings, 0)
}

// makeNew makes an item one to be inserted: a copy at the new id, with the unknown attributes. undo makes it what it
// was, the id 0 again.
func (t *table) makeNew(item any) (id reflect.Value, undo func()) {
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

// checkNew plans the save with an id that any field holds: an item that cannot be written shall take none.
func (t *table) checkNew(op string, item any, settings writeSettings) error {
	id, undo := t.makeNew(item)
	defer undo()
	if err := setID(id, 1); err != nil {
		return err
	}
	s, err := t.prepareSave(op, item, settings.atNewID())
	if err != nil {
		return err
	}
	s.stamps.undo()
	_, err = s.plan.form()
	return err
}

// putAtNewID puts an item where nothing is: at an id that was taken for it, where that is not 0, or at the next. On
// failure the item is as before.
func (t *table) putAtNewID(ctx context.Context, op string, item any, settings writeSettings, taken int64) error {
	id, undo := t.makeNew(item)
	done := false
	defer func() {
		if !done { // also where a hook panics
			undo()
		}
	}()
	err := t.tryIDs(ctx, op, item, id, taken, func() error { return t.save(ctx, op, item, settings.atNewID()) })
	done = err == nil
	return err
}

// tryIDs saves at one id after the other. One that was taken by hand is skipped; after a lost answer none is, because
// the item may stand at that id.
func (t *table) tryIDs(ctx context.Context, op string, item any, id reflect.Value, next int64, save func() error) error {
	row := t.mapper.newTries(op, t.name)
	for {
		row.begin()
		err := t.tryID(ctx, op, item, id, next, stepAfter(row.n()-1, id.Type()), save)
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

// tryID saves at an id, or at the next if that is 0.
func (t *table) tryID(
	ctx context.Context, op string, item any, id reflect.Value, next int64, step int, save func() error,
) (err error) {
	if next == 0 {
		if next, err = t.nextID(ctx, op, step); err != nil {
			return err
		}
	}
	if err := t.setID(op, item, id, next); err != nil {
		return err
	}
	return save()
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
func (t *table) setID(op string, item any, id reflect.Value, next int64) error {
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
		return 0, newCallError(op, t.name, fmt.Errorf("the counter %s of the item at -1 is not an integer; mend the item", maxHashKey))
	}
	return last, nil
}
