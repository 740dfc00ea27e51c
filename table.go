package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Table is a model's table: its operations. It is safe for concurrent use; the items are not.
type Table[T any] struct {
	mapper *Mapper
	name   string
	schema *schema
	whole  *origin // of items that were read or written whole
}

// TableOption configures a Table.
type TableOption func(*tableSettings)

type tableSettings struct{ name string }

// WithTableName gives the table another name than Model's tag. The mapper's prefix still goes before it.
func WithTableName(name string) TableOption {
	return func(s *tableSettings) { s.name = name }
}

// TableOf makes the Table of a model, T, from its tags. A model that cannot be one is a *SchemaError, which names the
// type, the field and the mend. No request is sent.
func TableOf[T any](m *Mapper, opts ...TableOption) (*Table[T], error) {
	if m == nil {
		return nil, errors.New("dynamapper: TableOf: the mapper is nil; make one with Connect or New")
	}
	parsed, err := schemas.lookup(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	s := tableSettings{name: parsed.table}
	for _, opt := range opts {
		if opt != nil {
			opt(&s)
		}
	}
	if s.name == "" {
		return nil, &SchemaError{Type: parsed.goType, Problem: "no table name; write it in Model's tag, as in `dynamo:\"users\"`, or give TableOf WithTableName"}
	}
	name := m.prefix + s.name
	if err := checkName("table", name); err != nil {
		return nil, &SchemaError{Type: parsed.goType, Problem: err.Error()}
	}
	return &Table[T]{mapper: m, name: name, schema: parsed, whole: &origin{mapper: m, table: name}}, nil
}

// Name is the table's name in DynamoDB, with the mapper's prefix.
func (t *Table[T]) Name() string { return t.name }

// New makes an item: it sets the defaults of the tags, then calls the hook InitItem, then the given functions. No
// request is sent; the item is new until it is saved.
func (t *Table[T]) New(init ...func(*T)) *T {
	item := new(T)
	t.schema.applyDefaults(reflect.ValueOf(item).Elem(), time.Now())
	if t.schema.hooks.init {
		any(item).(itemInitializer).InitItem()
	}
	for _, set := range init {
		if set != nil {
			set(item)
		}
	}
	return item
}

// KeyOf is the primary key of an item, as its fields hold it now.
func (t *Table[T]) KeyOf(item *T) PrimaryKey {
	if item == nil {
		return PrimaryKey{}
	}
	return t.schema.keyOf(reflect.ValueOf(item).Elem())
}

// IsNew says that the item was neither loaded from this table nor saved to it, or was deleted since.
func (t *Table[T]) IsNew(item *T) bool {
	return item == nil || !t.isLoaded(t.modelOf(item))
}

// modelOf finds the embedded Model.
func (t *Table[T]) modelOf(item *T) *Model {
	v := reflect.ValueOf(item).Elem().FieldByIndex(t.schema.modelPath)
	return v.Addr().Interface().(*Model)
}

// isLoaded says that the snapshot is one of an item that this table has.
func (t *Table[T]) isLoaded(m *Model) bool {
	return m.origin != nil && !m.origin.deleted && m.origin.mapper == t.mapper && m.origin.table == t.name
}

var (
	errNilItem    = errors.New("the item is nil; give a pointer to a model")
	errNilContext = errors.New("the context is nil; give context.Background()") // the SDK panics
)

// newFreeError is what is wrong with a call that belongs to no table.
func newFreeError(op string, err error) error { return fmt.Errorf("dynamapper: %s: %w", op, err) }

// newCallError is what is wrong with a call before anything is sent.
func newCallError(op, table string, err error) error {
	if schema, ok := err.(*SchemaError); ok {
		return schema // says everything itself
	}
	return fmt.Errorf("dynamapper: %s: table %q: %w", op, table, err)
}
