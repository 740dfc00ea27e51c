package dynamapper

import (
	"context"
	"errors"
)

// Settle settles a doubt: it renews the version of the item at a key, and returns the item as it is
// then. A write that ended with ErrUnknownOutcome may still be on its way. If it compares with the
// version of a loaded item, it is refused from here on: Save and Delete with FailOnConflict, Modify,
// and a transaction that writes such an item, or has read it with Get. So after Settle the item
// shows for good whether the write was applied.
//
// Settle changes nothing but the version and the updated time, and stores what MigrateItem has
// changed. If somebody else renews the version meanwhile, that settles the doubt as well, and Settle
// returns what the other one has written. It is safe to call Settle several times.
//
// Settle does not settle an insertion while no item is there, an Update, or a write with If alone:
// they do not compare with a version. The model needs a field with the option "version", or Settle
// returns a *SchemaError and sends nothing.
//
// It sends one GetItem and one UpdateItem, and both again after a lost answer. Errors: ErrNotFound,
// ErrSchema, ErrMaxRetriesExceeded, *FieldError.
func (t *Table[T]) Settle(ctx context.Context, key PrimaryKey) (*T, error) {
	return typed[T](orZero(t).settle(ctx, key))
}

func (t *table) settle(ctx context.Context, key PrimaryKey) (settled any, err error) {
	s := &settlement{table: t, key: key}
	if err := s.check(ctx); err != nil {
		return nil, newCallError(opSettle, t.name, err)
	}
	err = t.mapper.untilNoConflict(ctx, opSettle, t.name, func() (again bool, err error) {
		settled, again, err = s.try(ctx)
		return again, err
	})
	if err != nil {
		return nil, err
	}
	return settled, nil
}

const opSettle = "Settle"

// settlement is one call of Settle.
type settlement struct {
	table   *table
	key     PrimaryKey
	isRead  bool
	version string // that was read first, as wire JSON; "": the item had none
}

// check finds what is wrong with the call.
func (s *settlement) check(ctx context.Context) error {
	if err := s.table.checkWrite(ctx); err != nil {
		return err
	}
	if s.table.schema.version == nil {
		return &SchemaError{Type: s.table.schema.goType, Problem: "Settle renews the version of an item, and the model " +
			"has none; give it a field with the option \"version\""}
	}
	_, err := s.table.schema.encodeWriteKey(s.key)
	return err
}

// try reads the item and renews its version. again reports that it is not known whether that was
// done: what is read then tells.
func (s *settlement) try(ctx context.Context) (item anyItem, again bool, err error) {
	item, err = s.table.get(ctx, opSettle, s.key, readSettings{consistent: true}, s.table.whole)
	if err != nil {
		return nil, false, err
	}
	version, _, err := attributeIn(s.table.modelOf(item).raw, s.table.schema.version.attribute)
	if err != nil {
		return nil, false, err
	}
	if s.isRead && version != s.version {
		return item, false, nil // by this call, or by another writer
	}
	s.isRead, s.version = true, version
	err = s.table.save(ctx, opSettle, item, writeSettings{failOnConflict: true})
	return item, errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknownOutcome), err
}
