package dynamapper

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Modify reads the item at a key with strong consistency, calls change, and saves the item with FailOnConflict. Where somebody
// else has written meanwhile it does all that again, after a random wait that grows, up to the mapper's retries. So change may
// be called several times, each time with an item of its own, and what it does beside is its own business. An error of change
// ends it, and nothing is written; so does a change of the key. It gives the item as it was saved.
//
// A change is never applied twice. Where an answer is lost and nothing tells whether the save was applied, it ends with
// ErrUnknownOutcome; with the option Idempotent, the only one that it takes, it sends the same save again until it knows.
//
// A version that change sets is the one that the caller has seen: if the item was read at another
// one, Modify returns ErrConflict, sends nothing and does not try again.
//
// A model with the hook UnmarshalItem needs a field with the option version: what only the hook
// knows, and another program adds in between, would not be noticed.
//
// One GetItem and one UpdateItem a try. Errors: ErrConflict, ErrNotFound, ErrMaxRetriesExceeded,
// ErrUnknownOutcome, *FieldError, and what
// change returns.
func (t *Table[T]) Modify(ctx context.Context, key PrimaryKey, change func(*T) error, opts ...ModifyOption) (*T, error) {
	m := modification{op: "Modify", table: &orZero(t).table, key: key, change: changeOf(change)}
	return typed[T](m.run(ctx, opts))
}

// ModifyOrNew is Modify, and where no item is, change gets a new one from New with its key set,
// which is inserted. If change sets the version of that one, the item that the caller has seen is
// gone, and ModifyOrNew returns ErrConflict.
//
// An insertion of a model with a string version is sent again after a lost answer. If another
// program has deleted the inserted item by then, it is inserted again; with Idempotent it is not.
func (t *Table[T]) ModifyOrNew(ctx context.Context, key PrimaryKey, change func(*T) error, opts ...ModifyOption) (*T, error) {
	m := modification{op: "ModifyOrNew", table: &orZero(t).table, key: key, change: changeOf(change), insert: true}
	return typed[T](m.run(ctx, opts))
}

// changeOf takes the type off a function; nil stays nil.
func changeOf[T any](change func(*T) error) func(item anyItem) error {
	if change == nil {
		return nil
	}
	return func(item anyItem) error { return change(item.(*T)) }
}

// modification is one call of Modify or ModifyOrNew.
type modification struct {
	op       string
	table    *table
	key      PrimaryKey
	encoded  map[string]types.AttributeValue // the key
	change   func(any) error
	insert   bool // where nothing is
	settings writeSettings
}

func (m *modification) run(ctx context.Context, opts []ModifyOption) (saved any, err error) {
	if err := m.check(ctx, opts); err != nil {
		return nil, newCallError(m.op, m.table.name, err)
	}
	err = m.table.mapper.untilNoConflict(ctx, m.op, m.table.name, func() (again bool, err error) {
		saved, again, err = m.try(ctx)
		return again, err
	})
	return saved, err
}

// check finds what is wrong with the call.
func (m *modification) check(ctx context.Context, opts []ModifyOption) (err error) {
	if err := m.table.checkWrite(ctx); err != nil {
		return err
	}
	if m.change == nil {
		return errors.New("the function is nil; give one that changes the item")
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

// try reads, changes and saves once. again says that somebody else was faster.
func (m *modification) try(ctx context.Context) (saved any, again bool, err error) {
	item, err := m.read(ctx)
	if err != nil {
		return nil, false, err
	}
	wasNew, version := m.table.isNew(item), m.table.versionOf(item)
	if err := m.change(item); err != nil {
		return nil, false, err
	}
	if err := m.table.validate(item); err != nil { // before the key is read, which it may make
		return nil, false, newCallError(m.op, m.table.name, err)
	}
	err = m.checkChanged(item, wasNew)
	if err == nil && wasNew && version != m.table.versionOf(item) {
		err = newGoneVersionError(m.key, m.table.schema.version)
	}
	if err != nil {
		return nil, false, m.table.newEncodeError(m.op, item, err)
	}
	if err := m.table.save(ctx, m.op, item, m.settings); err != nil {
		return nil, errors.Is(err, ErrConflict) && !isFinal(err), err
	}
	return item, false, nil
}

// versionOf gives what an item's version field holds; nil where the model has none.
func (t *table) versionOf(item anyItem) any {
	if t.schema.version == nil {
		return nil
	}
	return t.schema.version.valueOrZero(reflect.ValueOf(item).Elem()).Interface()
}

// isFinal reports whether a conflict is not for what somebody else has written in between.
func isFinal(err error) bool {
	conflict := (*ConflictError)(nil)
	return errors.As(err, &conflict) && conflict.final
}

func (m *modification) read(ctx context.Context) (anyItem, error) {
	item, err := m.table.get(ctx, m.op, m.key, readSettings{consistent: true}, m.table.whole)
	if !m.insert || !errors.Is(err, ErrNotFound) {
		return item, err
	}
	item = m.table.makeItem()
	if err := m.setKey(item); err != nil {
		return nil, m.table.newEncodeError(m.op, item, err)
	}
	return item, nil
}

// setKey gives a new item the key. If the key is not spelt as the item's fields would be, the item
// remembers the spelling, as a deleted item does for its next insertion.
func (m *modification) setKey(item anyItem) error {
	t := m.table
	model := reflect.ValueOf(item).Elem()
	if err := t.schema.setKey(model, m.encoded); err != nil {
		return err
	}
	if !t.schema.keyAt(model, m.encoded).isRespelt() {
		return nil
	}
	raw, err := t.textOf(m.encoded)
	*t.modelOf(item) = Model{raw: raw, origin: &origin{mapper: t.mapper, table: t.name, deleted: true}}
	return err
}

// checkChanged ends a change that can never be saved: another try would make the same.
func (m *modification) checkChanged(item anyItem, wasNew bool) error {
	if m.table.isNew(item) != wasNew {
		return errors.New("the function has replaced the item together with its Model, which knows how it was read; change its fields instead")
	}
	key, _, err := m.table.writtenKey(item)
	if err != nil {
		return err
	}
	if s := m.table.schema; s.identityOf(key) != s.identityOf(m.encoded) {
		return errors.New("the function has changed the item's key, which names it; save a copy and delete the original instead")
	}
	return nil
}

// setKey decodes a key into a model's fields.
func (s *schema) setKey(model reflect.Value, key map[string]types.AttributeValue) error {
	for _, f := range s.keyFields() {
		text, err := wire.AppendValue(nil, key[f.attribute])
		if err == nil {
			err = s.decodeAttribute(f, string(text), model)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
