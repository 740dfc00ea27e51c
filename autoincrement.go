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
	attributes, err := parseRawItem(raw)
	return err == nil && attributes.equal(s.hash.attribute, &types.AttributeValueMemberN{Value: counterKey})
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
func (t *Table[T]) putCounter(ctx context.Context) error {
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
func (t *Table[T]) takesNewID(item *T) bool {
	if !t.schema.autoincrement {
		return false
	}
	id, ok := t.schema.hash.valueIn(reflect.ValueOf(item).Elem())
	return !ok || id.IsZero()
}

// saveWithNewID puts an item at the next id where nothing is. An id that was taken by hand is skipped. On failure the
// key is 0 again.
func (t *Table[T]) saveWithNewID(ctx context.Context, item *T, settings writeSettings) error {
	model := t.modelOf(item)
	before := *model
	if before.origin != nil {
		asNew := *before.origin
		asNew.deleted = true // a copy at the new id, with the unknown attributes
		model.origin = &asNew
	}
	id := t.schema.hash.settableIn(reflect.ValueOf(item).Elem())
	settings.failOnConflict, settings.changedOnly = true, false
	err := t.checkNew(item, id, settings)
	if err == nil {
		err = t.tryIDs(ctx, id, func() error { return t.save(ctx, item, settings) })
	}
	if err != nil {
		*model = before
		id.SetZero()
	}
	return err
}

// checkNew plans the save with an id that any field holds: an item that cannot be written shall take none.
func (t *Table[T]) checkNew(item *T, id reflect.Value, settings writeSettings) error {
	if err := setID(id, 1); err != nil {
		return err
	}
	_, err := t.planSave(item, settings)
	id.SetZero()
	if err != nil {
		return t.newEncodeError("Save", item, err)
	}
	return nil
}

func (t *Table[T]) tryIDs(ctx context.Context, id reflect.Value, save func() error) error {
	for try := 0; ; try++ {
		next, err := t.nextID(ctx)
		if err != nil {
			return err
		}
		if next == 0 {
			continue // a counter set to -1 by hand; 0 is no id
		}
		if err := setID(id, next); err != nil {
			return newCallError("Save", t.name, withPath(err, t.schema.hash.goPath, t.schema.hash.attribute))
		}
		err = save()
		if !errors.Is(err, ErrOverwrite) {
			return err
		}
		if try >= t.mapper.retries {
			return &MaxRetriesExceededError{Op: "Save", Tries: try + 1, Err: err}
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

// nextID counts up by one atomic ADD.
func (t *Table[T]) nextID(ctx context.Context) (int64, error) {
	plan := &writePlan{op: "Save", request: updateItem, key: t.schema.counterItem(), returns: types.ReturnValueUpdatedNew,
		changes: []change{{attribute: maxHashKey, value: &types.AttributeValueMemberN{Value: "1"}, add: true}}}
	result, err := t.mapper.write(ctx, t.name, plan)
	if err != nil {
		return 0, err
	}
	counter, _ := result.attributes[maxHashKey].(*types.AttributeValueMemberN)
	if counter == nil {
		return 0, newCallError("Save", t.name, errors.New("the service did not return the next id"))
	}
	id, err := parseInt(counter.Value, reflect.TypeFor[int64]())
	if err != nil {
		return 0, newCallError("Save", t.name, fmt.Errorf("the counter %s of the item at -1 is not an integer; mend the item", maxHashKey))
	}
	return id, nil
}
