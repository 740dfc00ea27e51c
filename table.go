package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Table is a model's table: its operations. It is safe for concurrent use; the items are not.
type Table[T any] struct {
	table
}

// TableOption configures a Table.
type TableOption interface{ setTable(*tableSettings) error }

type tableOption func(*tableSettings) error

func (o tableOption) setTable(s *tableSettings) error { return o(s) }

type tableSettings struct {
	name     string
	defaults writeSettings
}

// WithTableName gives the table another name than Model's tag. The mapper's prefix still goes before it.
func WithTableName(name string) TableOption {
	return tableOption(func(s *tableSettings) error { s.name = name; return nil })
}

// Defaults sets write options that hold for every Save and Delete of the table: with
// Defaults(FailOnConflict()) neither overwrites what somebody else wrote. An option that Delete does
// not take holds for Save alone. LastWriterWins lifts the defaults for one call. BatchSave has no
// conditions; if FailOnConflict is a default, it requires LastWriterWins. Other writes have no
// defaults: Update, Modify and transactions say what they compare, and DeleteKey has no snapshot.
func Defaults(opts ...DefaultOption) TableOption {
	return tableOption(func(s *tableSettings) error {
		set := func(opt DefaultOption, d *writeSettings) error { opt.setDefault(d); return nil }
		if err := applyOptions(opts, &s.defaults, set); err != nil {
			return fmt.Errorf("Defaults: %w", err)
		}
		return nil
	})
}

// TableOf makes the Table of a model, T, from its tags. A model that cannot be one is a *SchemaError, which names the
// type, the field and the mend. No request is sent.
func TableOf[T any](m *Mapper, opts ...TableOption) (*Table[T], error) {
	made, err := makeTable(m, reflect.TypeFor[T](), newItem[T], opts)
	if err != nil {
		return nil, newCallError("TableOf", "", err)
	}
	return &Table[T]{made}, nil
}

func makeTable(m *Mapper, model reflect.Type, newItem func() any, opts []TableOption) (table, error) {
	if m == nil || m.client == nil {
		return table{}, errNoMapper
	}
	parsed, err := schemas.lookup(model)
	if err != nil {
		return table{}, err
	}
	s := tableSettings{name: parsed.table}
	if err := applyOptions(opts, &s, TableOption.setTable); err != nil {
		return table{}, err
	}
	if s.name == "" {
		return table{}, &SchemaError{Type: parsed.goType, Problem: "no table name; write it in Model's tag, as in `dynamo:\"users\"`, or give TableOf WithTableName"}
	}
	name := m.prefix + s.name
	if err := checkName("table", name); err != nil {
		if m.prefix != "" {
			err = fmt.Errorf("%w; the prefix %q counts, too", err, cut(m.prefix))
		}
		return table{}, &SchemaError{Type: parsed.goType, Problem: err.Error()}
	}
	return table{mapper: m, name: name, schema: parsed, whole: &origin{mapper: m, table: name}, newItem: newItem,
		defaults: s.defaults}, nil
}

// Name is the table's name in DynamoDB, with the mapper's prefix.
func (t *Table[T]) Name() string { return t.name }

// New makes an item: it sets the defaults of the tags, then calls the hook InitItem, then the given functions. No
// request is sent; the item is new until it is saved.
func (t *Table[T]) New(init ...func(*T)) *T {
	item := t.makeItem().(*T)
	for _, set := range init {
		if set != nil {
			set(item)
		}
	}
	return item
}

// KeyOf is the primary key of an item, as its fields hold it now. If the item was loaded and its key
// was not edited, KeyOf returns the key as it is stored, in the spelling of whoever wrote it: calls
// that get the key reach that item. It sends no request.
func (t *Table[T]) KeyOf(item *T) PrimaryKey { return t.keyOf(itemOf(item)) }

// IsNew says that the item was neither loaded from this table nor saved to it, or was deleted since.
func (t *Table[T]) IsNew(item *T) bool { return t.isNew(itemOf(item)) }

var (
	errNoMapper   = errors.New("the mapper is nil or empty; make one with Connect or New")
	errNilItem    = errors.New("the item is nil; give a pointer to a model")
	errNilContext = errors.New("the context is nil; give context.Background()") // the SDK panics
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
