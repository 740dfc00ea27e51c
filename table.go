package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Table has the operations on the table of one model. It is safe for concurrent use; the items are
// not. If a Table, Query, Scan or Update is nil or zero, the call that would send a request returns
// an error.
type Table[T any] struct{ untyped table }

// TableOption configures a Table.
type TableOption interface{ setTable(*tableSettings) error }

type tableOption func(*tableSettings) error

func (o tableOption) setTable(s *tableSettings) error { return o(s) }

type tableSettings struct {
	name     string
	defaults writeSettings
	unmarked bool

	hidesExpired bool
	spec         *Spec
}

// WithTableName overrides the table's name in Model's tag. The mapper's prefix is still put before
// it.
//
// The name may be the ARN of a table, which may be one of another account:
// "arn:aws:dynamodb:eu-west-1:111122223333:table/players". Requests then carry the ARN, and the
// prefix is not put before it. The table needs a resource policy that allows the requests, and is
// in the region of the client. CreateTable and EnsureTable do not create it. A mapper with such a
// table sends all requests by the SDK's middleware, which knows the endpoint of each account; a
// mapper of its own for that table leaves the others as they are. TableOf returns a *SchemaError if
// the ARN does not have the form of one, or names another region than the client's.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html
func WithTableName(name string) TableOption {
	return tableOption(func(s *tableSettings) error { s.name = name; return nil })
}

// Defaults sets write options for every Save and Delete of the table. With
// Defaults(FailOnConflict()), neither overwrites the change of another writer. An option that only
// Save takes holds for Save alone. LastWriterWins lifts the defaults for one call.
//
// If FailOnConflict is a default, BatchSave, BatchWrite of puts and DeleteItems, which have no
// conditions, require LastWriterWins, and so does Replace. The defaults do not hold for other
// writes: Update, Modify and transactions take their own conditions, and DeleteKey and Take have no
// snapshot.
func Defaults(opts ...DefaultOption) TableOption {
	return tableOption(func(s *tableSettings) error {
		set := func(opt DefaultOption, d *writeSettings) error { opt.setDefault(d); return nil }
		if err := applyOptions(opts, &s.defaults, set); err != nil {
			return fmt.Errorf("Defaults: %w", err)
		}
		return nil
	})
}

// TableOf returns the Table of a model, T, from its tags. It sends no request. A type that does not
// embed Model does not compile here. If the fields of T or its tags are invalid, TableOf returns a
// *SchemaError (errors.Is: ErrSchema) that names the type, the field and the fix.
func TableOf[T IsModel](m *Mapper, opts ...TableOption) (*Table[T], error) {
	made, err := makeTable(m, reflect.TypeFor[T](), newItem[T], opts)
	if err != nil {
		return nil, newCallError("TableOf", "", err)
	}
	return &Table[T]{made}, nil
}

func makeTable(
	m *Mapper, model reflect.Type, newItem func() anyItem, opts []TableOption,
) (table, error) {
	if m.isEmpty() {
		return table{}, errNoMapper
	}
	parsed, err := schemas.lookup(model)
	if err != nil {
		return table{}, err
	}
	return parsed.makeTable(m, newItem, opts)
}

// makeTable makes a table of the schema in a mapper.
func (parsed *schema) makeTable(
	m *Mapper, newItem func() anyItem, opts []TableOption,
) (table, error) {
	s := tableSettings{name: parsed.table}
	if err := applyOptions(opts, &s, TableOption.setTable); err != nil {
		return table{}, err
	}
	if s.unmarked && parsed.entity == nil {
		return table{}, errUnmarked
	}
	if s.hidesExpired && parsed.ttl == nil {
		return table{}, parsed.newNoExpiryError()
	}
	if s.name == "" {
		return table{}, &SchemaError{Type: parsed.goType,
			Problem: "no table name; write it in Model's tag, as in `dynamo:\"users\"`, or give " +
				"TableOf WithTableName"}
	}
	if err := s.spec.checkModel(parsed, parsed.entity != nil); err != nil {
		return table{}, fmt.Errorf("WithSpec: %w", err)
	}
	name, err := m.fullName(s.name)
	if err != nil {
		return table{}, &SchemaError{Type: parsed.goType, Problem: err.Error()}
	}
	if isARN(name) {
		m.usesARN.Store(true)
	}
	return table{mapper: m, name: name, schema: parsed, whole: &origin{mapper: m, table: name},
		newItem:  newItem,
		defaults: s.defaults, unmarked: s.unmarked, hidesExpired: s.hidesExpired, spec: s.spec}, nil
}

// Name returns the table's name in DynamoDB, including the mapper's prefix.
func (t *Table[T]) Name() string { return orZero(t).untyped.name }

// New makes an item. It sets the defaults of the tags and makes the maps of JSON fields and of
// sets, then calls the hook InitItem, then the given functions. It sends no request. The item is
// new until it is saved. An empty map is stored as a missing attribute and loaded as nil.
func (t *Table[T]) New(init ...func(*T)) *T {
	item := new(T)
	orZero(t).untyped.initItem(item)
	for _, set := range init {
		if set != nil {
			set(item)
		}
	}
	return item
}

// KeyOf returns the primary key of an item from the current values of its fields. It sends no
// request. If the item was loaded and its key was not edited, KeyOf returns the key exactly as it
// is stored, even if another program spelled it differently, so calls that get this key reach that
// item.
func (t *Table[T]) KeyOf(item *T) PrimaryKey { return orZero(t).untyped.keyOf(itemOf(item)) }

// IsNew reports whether the item was neither loaded from this table nor saved to it, or has since
// been deleted.
func (t *Table[T]) IsNew(item *T) bool { return orZero(t).untyped.isNew(itemOf(item)) }

var (
	errNoMapper = errors.New("the mapper is nil or empty; make one with Connect or New")
	errNoTable  = errors.New("the table is nil or empty; make it with TableOf")
	errNilItem  = errors.New("the item is nil; give a pointer to a model")
	// With a nil context the SDK panics.
	errNilContext = errors.New("the context is nil; give context.Background()")
)

// anyItem is a pointer to a model, of whatever type the model is.
type anyItem = any

// table implements the operations of Table for every model. Go compiles a generic method again for
// each model, in the program that defines the model. The generic methods therefore only convert
// between *T and anyItem, and everything else is here and compiled once. Table does not embed
// table, because Go would also compile the promoted methods for each model. The same holds for
// Query, Scan, Search, Update and the types of transactions. An item is a pointer to a model, so
// the conversion does not allocate. No item is nil, never a nil pointer in an interface.
type table struct {
	mapper  *Mapper
	name    string
	schema  *schema
	whole   *origin        // the origin of items that were read or written whole
	newItem func() anyItem // returns a pointer to a new model

	defaults writeSettings // for Save and Delete
	unmarked bool          // items that name no entity are items of the model
	kinds    *kinds        // of the table of a collection, which has no model; nil for any other

	hidesExpired bool  // reads leave expired items out
	spec         *Spec // nil if nothing says how the table is to be, apart from the model
}

func newItem[T any]() anyItem { return new(T) }

// orZero returns a pointer, and for nil one to a zero value: the methods of both return the same
// errors.
func orZero[V any](v *V) *V {
	if v == nil {
		return new(V)
	}
	return v
}

// checkMade refuses a table that TableOf has not made.
func (t *table) checkMade() error {
	if t.mapper == nil {
		return errNoTable
	}
	return nil
}

// check refuses a table and a context with which nothing can be sent.
func (t *table) check(ctx context.Context) error {
	if err := t.checkMade(); err != nil {
		return err
	}
	if ctx == nil {
		return errNilContext
	}
	return nil
}

// checkWrite is check for a write, which also refuses the context of a transaction's function.
func (t *table) checkWrite(ctx context.Context) error {
	if err := t.check(ctx); err != nil {
		return err
	}
	return checkWriteContext(ctx)
}

// itemOf converts a pointer to a model to an item.
func itemOf[T any](item *T) anyItem {
	if item == nil {
		return nil
	}
	return item
}

// typed converts an item, or nil, to a pointer to a model.
func typed[T any](item anyItem, err error) (*T, error) {
	model, _ := item.(*T)
	return model, err
}

// typedAll converts items, none of which is nil, to pointers to models.
func typedAll[T any](items []anyItem, err error) ([]*T, error) {
	if len(items) == 0 {
		return nil, err
	}
	models := make([]*T, len(items))
	for i, item := range items {
		models[i] = item.(*T)
	}
	return models, err
}

// itemsOf converts pointers to models, some of which may be nil, to items.
func itemsOf[T any](models []*T) []anyItem {
	items := make([]anyItem, len(models))
	for i, model := range models {
		items[i] = itemOf(model)
	}
	return items
}

// untypedYield converts the body of a loop over models to one over items.
func untypedYield[T any](yield func(*T, error) bool) func(item anyItem, err error) bool {
	return func(item anyItem, err error) bool { return yield(typed[T](item, err)) }
}

// collected converts the items of a Collect or a Page one by one.
type collected[T any] []*T

// add adds an item, and makes room for the items that follow it on its page.
func (c *collected[T]) add(item anyItem, remaining int) {
	*c = append(slices.Grow(*c, 1+remaining), item.(*T))
}

func (t *table) makeItem() anyItem {
	item := t.newItem()
	t.initItem(item)
	return item
}

// initItem sets what New sets. For an empty table that is nothing.
func (t *table) initItem(item anyItem) {
	if t.checkMade() != nil {
		return
	}
	model := reflect.ValueOf(item).Elem()
	t.schema.applyDefaults(model, time.Now())
	t.schema.makeMaps(model)
	if t.schema.hooks.init {
		item.(itemInitializer).InitItem()
	}
}

// makeMaps makes the maps of a new item that are stored as missing attributes while they are empty,
// so that a program can put members into them.
func (s *schema) makeMaps(model reflect.Value) {
	for _, f := range s.fields {
		if f.goType.Kind() != reflect.Map || !f.codec.json && !f.Set {
			continue
		}
		if v, ok := f.valueIn(model); ok && v.IsNil() {
			v.Set(reflect.MakeMap(f.goType))
		}
	}
	if s.rest != nil {
		s.makeRest(model)
	}
}

// keyOf returns the key at which an item is written: the stored key, unless its key fields were
// edited.
func (t *table) keyOf(item anyItem) PrimaryKey {
	if item == nil || t.checkMade() != nil {
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

func (t *table) isNew(item anyItem) bool {
	return item == nil || t.checkMade() != nil || !t.isLoaded(t.modelOf(item))
}

func (t *table) modelOf(item anyItem) *Model { return t.schema.modelOf(item) }

// modelOf returns the embedded Model of an item.
func (s *schema) modelOf(item anyItem) *Model {
	v := reflect.ValueOf(item).Elem().FieldByIndex(s.modelPath)
	return v.Addr().Interface().(*Model)
}

// isLoaded reports whether the snapshot is of an item that this table holds.
func (t *table) isLoaded(m *Model) bool {
	return m.origin != nil && !m.origin.deleted && m.origin.mapper == t.mapper &&
		m.origin.table == t.name
}
