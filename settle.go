package dynamapper

import (
	"context"
	"errors"
)

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

type settlement struct {
	table   *table
	key     PrimaryKey
	isRead  bool
	version string // the first one read, as wire JSON; "" if the item had none
}

func (s *settlement) check(ctx context.Context) error {
	if err := s.table.checkWrite(ctx); err != nil {
		return err
	}
	if s.table.schema.version == nil {
		return &SchemaError{Type: s.table.schema.goType,
			Problem: "Settle renews the version of an item, and the model " +
				"has none; give it a field with the option \"version\""}
	}
	_, err := s.table.schema.encodeWriteKey(s.key)
	return err
}

// try reads the item and renews its version. again reports that the outcome of that is not known;
// the next try finds out by the version that it reads.
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
		return item, false, nil // this call or another writer has renewed it
	}
	s.isRead, s.version = true, version
	err = s.table.save(ctx, opSettle, item, writeSettings{failOnConflict: true})
	return item, errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknownOutcome), err
}
