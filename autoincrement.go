package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

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
func (t *table) putCounter(ctx context.Context) error {
	item := t.schema.counterItem()
	item[maxHashKey] = &types.AttributeValueMemberN{Value: "0"}
	plan := &writePlan{op: "CreateTable", request: putItem, item: item, guard: inserts,
		expected: []expectation{{attribute: t.schema.hash.attribute}}}
	_, err := t.mapper.write(ctx, t.name, plan)
	if errors.Is(err, ErrOverwrite) {
		return nil
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
		return newNoIDError(t.name, t.keyOf(item))
	}
	return newEditedKeyError(t.name, t.schema.keyIn(model.raw), []string{t.schema.hash.attribute})
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
	s.failOnConflict, s.changedOnly = true, false
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
	err := t.tryIDs(ctx, op, id, taken, func() error { return t.save(ctx, op, item, settings.atNewID()) })
	if err != nil {
		undo()
	}
	return err
}

// tryIDs saves at one id after the other. One that was taken by hand is skipped; after a lost answer none is, because
// the item may stand at that id.
func (t *table) tryIDs(ctx context.Context, op string, id reflect.Value, next int64, save func() error) error {
	for try := 0; ; try, next = try+1, 0 {
		if next == 0 {
			taken, err := t.nextID(ctx, op)
			if err != nil {
				return err
			}
			next = taken
		}
		if err := setID(id, next); err != nil {
			return newCallError(op, t.name, withPath(err, t.schema.hash.goPath, t.schema.hash.attribute))
		}
		err := save()
		if !errors.Is(err, ErrOverwrite) {
			return err
		}
		if try >= t.mapper.retries {
			return &MaxRetriesExceededError{Op: op, Tries: try + 1, Err: err}
		}
	}
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

// nextID takes one id. A counter may have been set to -1 by hand, and 0 is no id.
func (t *table) nextID(ctx context.Context, op string) (id int64, err error) {
	for id == 0 && err == nil {
		id, err = t.takeIDs(ctx, op, 1)
	}
	return id, err
}

// takeIDs counts up by one atomic ADD of n, and gives the last of the n ids. Where its answer is lost, what is not known is
// only whether there is a gap in the ids: nothing was put.
func (t *table) takeIDs(ctx context.Context, op string, n int) (last int64, err error) {
	plan := &writePlan{op: op, request: updateItem, key: t.schema.counterItem(), returns: types.ReturnValueUpdatedNew,
		changes: []change{{attribute: maxHashKey, value: &types.AttributeValueMemberN{Value: strconv.Itoa(n)}, kind: addNumber}}}
	result, err := t.mapper.write(ctx, t.name, plan)
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
