package dynamapper

import (
	"context"
	"errors"
	"reflect"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Modify reads the item at a key with strong consistency, calls change, and saves the item with
// FailOnConflict. It returns the item as saved. If another writer has changed the item meanwhile,
// Modify reads the item again and calls change again, after a random wait that grows, up to the
// mapper's retries. So change may run several times, each time with a new item, and must bear that
// its own side effects are repeated. If change returns an error or changes the key, Modify returns
// an error and writes nothing.
//
// A change is never applied twice. If a response is lost, and Modify cannot find out whether the
// save was applied, it returns ErrUnknownOutcome. With Idempotent, the only option of Modify, it
// sends the same save again until the outcome is known.
//
// A version that change sets is the version that the caller has seen. If the item was read at
// another version, Modify returns ErrConflict, does not save, and does not try again.
//
// A model with the hook UnmarshalItem needs a field with the option version. Without it, Modify
// would not notice that another program has added an attribute that only the hook knows.
//
// Modify sends one GetItem and one UpdateItem per try. Errors: ErrConflict, ErrNotFound,
// ErrMaxRetriesExceeded, ErrUnknownOutcome, *FieldError, and what change returns.
func (t *Table[T]) Modify(
	ctx context.Context, key PrimaryKey, change func(*T) error, opts ...ModifyOption,
) (*T, error) {
	return typed[T](orZero(t).untyped.modify(ctx, key, changeOf(change), opts))
}

// ModifyOrNew is like Modify, but if the item is missing, it passes change a new item from New with
// the key set, and inserts that. If change sets the version of a new item, the item that the caller
// has seen is gone, and ModifyOrNew returns ErrConflict.
//
// If the response to an insertion is lost and the model has a string version, the insertion is sent
// again. If another program has deleted the inserted item meanwhile, the item is inserted again,
// unless the option Idempotent is given.
func (t *Table[T]) ModifyOrNew(
	ctx context.Context, key PrimaryKey, change func(*T) error, opts ...ModifyOption,
) (*T, error) {
	return typed[T](orZero(t).untyped.modifyOrNew(ctx, key, changeOf(change), opts))
}

func (t *table) modify(
	ctx context.Context, key PrimaryKey, change func(anyItem) error, opts []ModifyOption,
) (anyItem, error) {
	m := modification{op: "Modify", table: t, key: key, change: change}
	return m.run(ctx, opts)
}

func (t *table) modifyOrNew(
	ctx context.Context, key PrimaryKey, change func(anyItem) error, opts []ModifyOption,
) (anyItem, error) {
	m := modification{op: "ModifyOrNew", table: t, key: key, change: change, insert: true}
	return m.run(ctx, opts)
}

// changeOf removes the type parameter from a function. It keeps nil as nil, so that check can
// refuse it.
func changeOf[T any](change func(*T) error) func(item anyItem) error {
	if change == nil {
		return nil
	}
	return func(item anyItem) error { return change(item.(*T)) }
}

type modification struct {
	op       string
	table    *table
	key      PrimaryKey
	encoded  itemKey // the key
	change   func(any) error
	insert   bool // insert the item if it is missing
	settings writeSettings
	expired  rawItem // the hidden item that an insertion replaces; nil for none
}

func (m *modification) run(ctx context.Context, opts []ModifyOption) (saved any, err error) {
	if err := m.check(ctx, opts); err != nil {
		return nil, newCallError(m.op, m.table.name, err)
	}
	row := m.table.mapper.newTries(m.op, m.table.name)
	err = untilNoConflict(ctx, row, func() (again bool, err error) {
		saved, again, err = m.try(ctx)
		return again, err
	})
	return saved, err
}

func (m *modification) check(ctx context.Context, opts []ModifyOption) (err error) {
	if err := m.table.checkWrite(ctx); err != nil {
		return err
	}
	if m.change == nil {
		return errors.New("the function is nil; pass a function that changes the item")
	}
	if err := m.table.checkHooks(); err != nil {
		return err
	}
	if m.settings, err = settingsOf(opts, ModifyOption.setModify); err != nil {
		return err
	}
	m.settings.failOnConflict, m.settings.retryUnsafe = true, true
	m.encoded, err = m.table.schema.encodeSetKey(m.key)
	return err
}

// try reads, changes and saves once. again reports that another writer was faster.
func (m *modification) try(ctx context.Context) (saved any, again bool, err error) {
	item, err := m.read(ctx)
	if err != nil {
		return nil, false, err
	}
	wasNew, version := m.table.isNew(item), m.table.versionOf(item)
	if err := m.change(item); err != nil {
		return nil, false, err
	}
	if err := m.table.validate(item); err != nil { // first: it may set the key
		return nil, false, newCallError(m.op, m.table.name, err)
	}
	err = m.checkChanged(item, wasNew)
	if err == nil && wasNew && version != m.table.versionOf(item) {
		err = newGoneVersionError(m.key, m.table.schema.version)
	}
	if err != nil {
		return nil, false, m.table.newEncodeError(m.op, item, err)
	}
	settings := m.settings
	settings.expired = m.expired
	if err := m.table.save(ctx, m.op, item, settings); err != nil {
		return nil, errors.Is(err, ErrConflict) && !isFinal(err), err
	}
	return item, false, nil
}

// versionOf returns the value of an item's version field, or nil if the model has none.
func (t *table) versionOf(item anyItem) any {
	if t.schema.version == nil {
		return nil
	}
	return t.schema.version.valueOrZero(reflect.ValueOf(item).Elem()).Interface()
}

// isFinal reports whether another try would meet the same conflict.
func isFinal(err error) bool {
	conflict := (*ConflictError)(nil)
	return errors.As(err, &conflict) && conflict.final
}

func (m *modification) read(ctx context.Context) (anyItem, error) {
	m.expired = nil
	item, err := m.table.get(ctx, m.op, m.key, readSettings{consistent: true}, m.table.whole)
	if !m.insert || !errors.Is(err, ErrNotFound) {
		return item, err
	}
	if m.expired, err = expiredIn(err); err != nil {
		return nil, newCallError(m.op, m.table.name, err)
	}
	item = m.table.makeItem()
	if err := m.setKey(item); err != nil {
		return nil, m.table.newEncodeError(m.op, item, err)
	}
	return item, nil
}

// setKey sets the key of a new item. If the key's spelling differs from the spelling that Save
// writes, the item remembers it, as a deleted item does for its next insertion.
func (m *modification) setKey(item anyItem) error {
	t := m.table
	model := reflect.ValueOf(item).Elem()
	if err := t.schema.setKey(model, m.encoded); err != nil {
		return err
	}
	if !t.schema.keyAt(model, m.encoded).isRespelt() {
		return nil
	}
	*t.modelOf(item) = Model{raw: string(t.schema.appendKey(nil, m.encoded)),
		origin: &origin{mapper: t.mapper, table: t.name, deleted: true}}
	return nil
}

// checkChanged refuses a change that can never be saved, so that it is not tried again.
func (m *modification) checkChanged(item anyItem, wasNew bool) error {
	if m.table.isNew(item) != wasNew {
		return errors.New(
			"the function has replaced the item together with its Model, which knows how it was " +
				"read; change its fields instead")
	}
	key, _, err := m.table.writtenKey(item)
	if err != nil {
		return err
	}
	if s := m.table.schema; s.identityOf(key) != s.identityOf(m.encoded) {
		return errors.New(
			"the function has changed the item's key, which names it; save a copy and delete " +
				"the original instead")
	}
	return nil
}

func (s *schema) setKey(model reflect.Value, key itemKey) error {
	if s.hasKeyFormat() {
		return s.setParts(model, key)
	}
	for i, f := range s.keyFields() {
		if err := s.decodeAttribute(f, key.part(i), model); err != nil {
			return err
		}
	}
	return nil
}

// Settle settles the outcome of a write that returned ErrUnknownOutcome and whose request may still
// be on its way. It renews the version of the item at a key, and returns the item as it is then.
// From then on DynamoDB refuses a late write that compares with the version of a loaded item: Save
// and Delete with FailOnConflict, Modify, and a transaction that writes such an item or has read it
// with Get. So the returned item shows for good whether the write was applied.
//
// Settle changes only the version and the updated time, and stores what MigrateItem has changed. If
// another writer renews the version meanwhile, that settles the outcome as well, and Settle returns
// the item of that writer. It is safe to call Settle several times.
//
// Settle cannot settle an insertion while the item is missing, an Update, or a write with If alone,
// because they do not compare with a version. If the model has no field with the option "version",
// Settle returns a *SchemaError and sends nothing.
//
// Settle sends one GetItem and one UpdateItem, and both again if a response is lost. Errors:
// ErrNotFound, ErrSchema, ErrMaxRetriesExceeded, *FieldError.
func (t *Table[T]) Settle(ctx context.Context, key PrimaryKey) (*T, error) {
	return typed[T](orZero(t).untyped.settle(ctx, key))
}

func (t *table) settle(ctx context.Context, key PrimaryKey) (settled any, err error) {
	s := &settlement{table: t, key: key}
	if err := s.check(ctx); err != nil {
		return nil, newCallError(opSettle, t.name, err)
	}
	row := t.mapper.newTries(opSettle, t.name)
	err = untilNoConflict(ctx, row, func() (again bool, err error) {
		settled, again, err = s.try(ctx)
		return again, err
	})
	if err != nil {
		return nil, err
	}
	return settled, nil
}

const opSettle = "Settle"

type settlement struct {
	table   *table
	key     PrimaryKey
	isRead  bool
	version wire.Raw // the first one read; "" if the item had none
}

func (s *settlement) check(ctx context.Context) error {
	if err := s.table.checkWrite(ctx); err != nil {
		return err
	}
	if s.table.schema.version == nil {
		return &SchemaError{Type: s.table.schema.goType,
			Problem: "Settle renews the version of an item, and the model " +
				"has none; add a field to the model with the option \"version\""}
	}
	_, err := s.table.schema.encodeWriteKey(s.key)
	return err
}

// try reads the item and renews its version. again reports that the outcome of that is not known;
// the next try finds out by the version that it reads.
func (s *settlement) try(ctx context.Context) (item anyItem, again bool, err error) {
	item, err = s.table.get(ctx, opSettle, s.key,
		readSettings{consistent: true, keepsExpired: true}, s.table.whole)
	if err != nil {
		return nil, false, err
	}
	version, err := attributeIn(s.table.modelOf(item).raw, s.table.schema.version.attribute)
	if err != nil {
		return nil, false, err
	}
	if s.isRead && version != s.version {
		return item, false, nil // this call or another writer has renewed it
	}
	s.isRead, s.version = true, version
	err = s.table.save(ctx, opSettle, item, writeSettings{failOnConflict: true})
	return item, errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknownOutcome), err
}
