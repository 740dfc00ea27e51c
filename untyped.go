package dynamapper

import (
	"reflect"
	"slices"
	"time"
)

// table is what a Table does whatever its model is. Go compiles a generic method anew for each model, in the program that
// has the model; so the generic ones only put the type on and take it off, and all else is here and compiled once. An item is
// a pointer to a model, which costs no allocation; no item is nil, and never a nil pointer in an interface.
type table struct {
	mapper  *Mapper
	name    string
	schema  *schema
	whole   *origin    // of items that were read or written whole
	newItem func() any // a pointer to a new model

	defaults writeSettings // of Save and Delete
}

func newItem[T any]() any { return new(T) }

// itemOf takes the type off.
func itemOf[T any](item *T) any {
	if item == nil {
		return nil
	}
	return item
}

// typed puts the type on an item, or on nil, that comes with an error.
func typed[T any](item any, err error) (*T, error) {
	model, _ := item.(*T)
	return model, err
}

// typedAll puts the type on items; none is nil.
func typedAll[T any](items []any, err error) ([]*T, error) {
	if len(items) == 0 {
		return nil, err
	}
	models := make([]*T, len(items))
	for i, item := range items {
		models[i] = item.(*T)
	}
	return models, err
}

// itemsOf takes the type off items, of which some may be nil.
func itemsOf[T any](models []*T) []any {
	items := make([]any, len(models))
	for i, model := range models {
		items[i] = itemOf(model)
	}
	return items
}

// untypedYield takes the type off the body of a loop.
func untypedYield[T any](yield func(*T, error) bool) func(item any, err error) bool {
	return func(item any, err error) bool { return yield(typed[T](item, err)) }
}

// collected puts the type on the items of a Collect or a Page, as they come.
type collected[T any] []*T

// add adds an item, and makes room for those behind it on its page.
func (c *collected[T]) add(item any, behind int) {
	*c = append(slices.Grow(*c, 1+behind), item.(*T))
}

// makeItem makes an item with its defaults.
func (t *table) makeItem() any {
	item := t.newItem()
	t.schema.applyDefaults(reflect.ValueOf(item).Elem(), time.Now())
	if t.schema.hooks.init {
		item.(itemInitializer).InitItem()
	}
	return item
}

// keyOf is the key at which an item is written: as it is stored, unless its key fields were edited.
func (t *table) keyOf(item any) PrimaryKey {
	if item == nil {
		return PrimaryKey{}
	}
	model := reflect.ValueOf(item).Elem()
	if t.modelOf(item).raw == "" && !t.schema.hooks.marshal {
		return t.schema.keyOf(model)
	}
	key, _, err := t.writtenKey(item)
	if err != nil {
		return t.schema.keyOf(model)
	}
	return t.schema.keyAt(model, key)
}

func (t *table) isNew(item any) bool {
	return item == nil || !t.isLoaded(t.modelOf(item))
}

func (t *table) modelOf(item any) *Model { return t.schema.modelOf(item) }

// modelOf finds the embedded Model.
func (s *schema) modelOf(item any) *Model {
	v := reflect.ValueOf(item).Elem().FieldByIndex(s.modelPath)
	return v.Addr().Interface().(*Model)
}

// isLoaded says that the snapshot is one of an item that this table has.
func (t *table) isLoaded(m *Model) bool {
	return m.origin != nil && !m.origin.deleted && m.origin.mapper == t.mapper && m.origin.table == t.name
}
