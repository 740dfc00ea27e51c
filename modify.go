package dynamapper

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
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
// One GetItem and one UpdateItem a try. Errors: ErrNotFound, ErrMaxRetriesExceeded, ErrUnknownOutcome, *FieldError, and what
// change returns.
func (t *Table[T]) Modify(ctx context.Context, key PrimaryKey, change func(*T) error, opts ...WriteOption) (*T, error) {
	m := modification[T]{op: "Modify", table: t, key: key, change: change}
	return m.run(ctx, opts)
}

// ModifyOrNew is Modify, and where no item is, change gets a new one from New with its key set, which is inserted.
func (t *Table[T]) ModifyOrNew(ctx context.Context, key PrimaryKey, change func(*T) error, opts ...WriteOption) (*T, error) {
	m := modification[T]{op: "ModifyOrNew", table: t, key: key, change: change, insert: true}
	return m.run(ctx, opts)
}

// modification is one call of Modify or ModifyOrNew.
type modification[T any] struct {
	op       string
	table    *Table[T]
	key      PrimaryKey
	identity string // of the key
	change   func(*T) error
	insert   bool // where nothing is
	settings writeSettings
}

func (m *modification[T]) run(ctx context.Context, opts []WriteOption) (*T, error) {
	if err := m.check(ctx, opts); err != nil {
		return nil, newCallError(m.op, m.table.name, err)
	}
	for try := 1; ; try++ {
		item, err := m.try(ctx)
		switch {
		case err == nil:
			return item, nil
		case !errors.Is(err, errTryAgain):
			return nil, err
		case try > m.table.mapper.retries:
			return nil, &MaxRetriesExceededError{Op: m.op, Tries: try, Err: errors.Unwrap(err)}
		}
		if err := attempt.Wait(ctx, try); err != nil {
			return nil, m.table.mapper.explain(m.op, m.table.name, err)
		}
	}
}

func (m *modification[T]) check(ctx context.Context, opts []WriteOption) error {
	if ctx == nil {
		return errNilContext
	}
	if err := refuseInTransaction(ctx); err != nil {
		return err
	}
	if m.change == nil {
		return errors.New("the function is nil; give one that changes the item")
	}
	settings, err := makeWriteSettings(m.op, opts, takesIdempotent)
	if err != nil {
		return err
	}
	m.settings = settings
	m.settings.failOnConflict = true
	s := m.table.schema
	key, err := s.encodeKey(m.key)
	if err == nil {
		err = s.refuseCounter(key)
	}
	if err == nil && s.isUnsetID(key) {
		err = errUnsetID
	}
	m.identity = s.identityOf(key)
	return err
}

// errTryAgain marks a conflict after which another try may succeed.
var errTryAgain = errors.New("try again")

// retryError is a conflict with the mark.
type retryError struct{ err error }

func (e *retryError) Error() string        { return e.err.Error() }
func (e *retryError) Unwrap() error        { return e.err }
func (e *retryError) Is(target error) bool { return target == errTryAgain }

// try reads, changes and saves once.
func (m *modification[T]) try(ctx context.Context) (*T, error) {
	item, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.change(item); err != nil {
		return nil, err
	}
	if err := m.checkKey(item); err != nil {
		return nil, err
	}
	if err := m.table.validate(item); err != nil {
		return nil, newCallError(m.op, m.table.name, err)
	}
	err = m.table.save(ctx, m.op, item, m.settings)
	if errors.Is(err, ErrConflict) {
		return nil, &retryError{err}
	}
	return item, err
}

func (m *modification[T]) read(ctx context.Context) (*T, error) {
	item, err := m.table.get(ctx, m.op, m.key, readSettings{consistent: true}, m.table.whole)
	if m.insert && errors.Is(err, ErrNotFound) {
		return m.table.newAt(m.key)
	}
	return item, err
}

// newAt makes a new item with a key.
func (t *Table[T]) newAt(key PrimaryKey) (*T, error) {
	item := t.New()
	encoded, err := t.schema.encodeKey(key)
	if err != nil {
		return nil, newCallError("New", t.name, err)
	}
	return item, t.schema.setKey(reflect.ValueOf(item).Elem(), encoded)
}

// setKey decodes a key into a model's fields.
func (s *schema) setKey(model reflect.Value, key map[string]types.AttributeValue) error {
	for _, f := range s.keyFields() {
		text, err := wire.AppendValue(nil, key[f.attribute])
		if err != nil {
			return err
		}
		if err := s.decodeAttribute(f, string(text), model); err != nil {
			return err
		}
	}
	return nil
}

// checkKey ends a change that has edited the key: trying again would edit it again.
func (m *modification[T]) checkKey(item *T) error {
	s := m.table.schema
	edited, err := s.encodeKey(m.table.KeyOf(item))
	if err == nil && s.identityOf(edited) != m.identity {
		err = errors.New("the function has changed the item's key, which names it; save a copy and delete the original instead")
	}
	if err != nil {
		return newCallError(m.op, m.table.name, err)
	}
	return nil
}

// isUnsetID says that a key is the one of items that have no id yet.
func (s *schema) isUnsetID(key map[string]types.AttributeValue) bool {
	return s.autoincrement && wire.Equal(key[s.hash.attribute], &types.AttributeValueMemberN{Value: "0"})
}

var errUnsetID = errors.New("the key is 0, which stands for an item without an id; save the item to give it one")
