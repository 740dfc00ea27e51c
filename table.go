package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
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
		return nil, err
	}
	return &Table[T]{made}, nil
}

func makeTable(m *Mapper, model reflect.Type, newItem func() any, opts []TableOption) (table, error) {
	if m == nil {
		return table{}, errors.New("dynamapper: TableOf: the mapper is nil; make one with Connect or New")
	}
	if m.client == nil {
		return table{}, errors.New("dynamapper: TableOf: the mapper is empty; make one with Connect or New")
	}
	parsed, err := schemas.lookup(model)
	if err != nil {
		return table{}, err
	}
	s := tableSettings{name: parsed.table}
	if err := applyOptions(opts, &s, TableOption.setTable); err != nil {
		return table{}, newFreeError("TableOf", err)
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
	errNilItem    = errors.New("the item is nil; give a pointer to a model")
	errNilContext = errors.New("the context is nil; give context.Background()") // the SDK panics
)

// newFreeError is what is wrong with a call that belongs to no table.
func newFreeError(op string, err error) error {
	return newToldError(err, "dynamapper: %s: %v", op, err)
}

// newCallError is what is wrong with a call before anything is sent.
func newCallError(op, table string, err error) error {
	if schema, ok := err.(*SchemaError); ok {
		return schema // says everything itself
	}
	return newToldError(err, "dynamapper: %s: table %q: %v", op, table, err)
}
