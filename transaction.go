package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
)

// RunTransaction calls fn, which reads and stages through the Tx, and commits all of it with one TransactWriteItems: every
// write is applied, or none. Every item that fn has read is checked to be as it was read, those that were not there included.
//
// Where that is not so, somebody else was faster, and fn is called again, after a random wait that grows, up to the mapper's
// retries: it may run several times, each with a Tx of its own and items read anew, and what it does beside is its own business.
// Everything else that is refused (a condition, a new item that exists, an item that was loaded outside and has changed) ends
// it with a *TransactionError, whose Reasons stand in the order staged. An error of fn ends it, too, and is returned as it is, and
// so does an item that cannot be written; but where fn has read several items they are checked before: two reads at two moments
// may show what never was. Where that check gets no answer, its error is returned, and not fn's.
//
// An item that fn has read with Get and edited, and of which nothing is staged, is an error that names the field, and nothing is
// sent: the edit would be lost. Give the item to Save, or edit a copy. It is a *FieldError, with the item's key. Items of a model
// with one of the hooks MigrateItem, MarshalItem and UnmarshalItem are not looked at.
//
// The context that fn gets is marked: a write beside the transaction called with it is an error. Answers that are lost are no
// matter: the commit carries a token, and is applied once. It costs twice the write units of its items. Where nothing is staged
// and at most one item was read no request is sent. Afterwards the snapshots are what was written; after a failure nothing has
// changed.
//
// Errors: *TransactionError (errors.Is finds its reasons), ErrMaxRetriesExceeded, ErrUnknownOutcome, *FieldError, what fn returns.
func (m *Mapper) RunTransaction(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if err := checkTransaction(ctx, fn); err != nil {
		return newFreeError(opTransaction, err)
	}
	var late error
	return m.untilNoConflict(ctx, opTransaction, "", func() (again bool, err error) {
		tx := &Tx{mapper: m, late: &late, places: map[place]*txEntry{}}
		return tx.try(ctx, fn)
	})
}

const opTransaction = "RunTransaction"

func checkTransaction(ctx context.Context, fn func(context.Context, *Tx) error) error {
	if ctx != nil && fn == nil { // a missing context is told first
		return errors.New("the function is nil; give one that reads and stages")
	}
	return checkWriteContext(ctx)
}

// untilNoConflict calls try until it says that no other would help, up to the mapper's retries, with a random wait that grows.
func (m *Mapper) untilNoConflict(ctx context.Context, op, table string, try func() (again bool, err error)) error {
	for n := 1; ; n++ {
		again, err := try()
		switch {
		case !again:
			return err
		case n > m.retries:
			return &MaxRetriesExceededError{Op: op, Tries: n, Err: err}
		}
		if err := attempt.Wait(ctx, n); err != nil {
			return m.explain(op, table, err)
		}
	}
}

// txMark marks the context of a transaction's function.
type txMark struct{}

// checkWriteContext refuses a context without which nothing can be written, and one of a transaction's function: the write would
// stand beside the transaction.
func checkWriteContext(ctx context.Context) error {
	switch {
	case ctx == nil:
		return errNilContext
	case ctx.Value(txMark{}) == nil:
		return nil
	}
	return errors.New("the context is that of a transaction's function, and this write would not be part of the transaction; " +
		"stage it with Table.In, or give it the context outside")
}

// Tx is a transaction while its function runs: what was read and staged, through Table.In. It is for one goroutine, and for
// this one call of the function: after that its reads are errors, and what is staged is not written.
type Tx struct {
	mapper  *Mapper
	entries []*txEntry // in the order of their first mention
	staged  []*txEntry // in the order of their first write or check
	places  map[place]*txEntry
	err     error  // the first that went wrong while staging
	late    *error // what was staged in a call of the function that is over
	ended   bool
}

// try calls the function once and commits. again says that an item was not as it was read.
func (tx *Tx) try(ctx context.Context, fn func(context.Context, *Tx) error) (again bool, err error) {
	defer tx.forget()
	failed := tx.run(ctx, fn)
	switch {
	case failed == nil && tx.err == nil:
		if err := tx.checkUnstaged(); err != nil {
			return false, err // also where a view was torn: the program is wrong whatever it has seen
		}
		return tx.commit(ctx)
	case failed == nil:
		return false, tx.err
	case tx.err != nil:
		return false, failed
	}
	return tx.endWith(ctx, failed)
}

// endWith ends a call of the function by the error of what has looked at the items, it or a hook: but not by a view of several
// that never was.
func (tx *Tx) endWith(ctx context.Context, failed error) (again bool, err error) {
	if tx.reads() < 2 {
		return false, failed
	}
	again, err = tx.checkReads(ctx)
	switch {
	case err == nil:
		return false, failed
	case again:
		return true, err
	}
	// Without what failed is, for errors.Is: what decided may never have been so.
	return false, fmt.Errorf("%w; the function had ended with an error (%v), and what it had read could not be checked: call it again", err, failed)
}

// run calls the function, after which the transaction takes nothing more.
func (tx *Tx) run(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	defer func() {
		tx.ended = true
		switch raised := recover().(type) {
		case nil:
		case *strayError:
			if tx.err == nil {
				tx.err = raised.error
			}
		default:
			panic(raised)
		}
	}()
	err = fn(context.WithValue(ctx, txMark{}, tx), tx)
	if tx.err == nil {
		tx.err = *tx.late
	}
	return err
}

// strayError is raised by what is staged in no transaction: it has no result that could say so, and a write that is dropped
// without a word would be lost. It ends the function, and RunTransaction returns what is in it.
type strayError struct{ error }

var (
	errNoTx    = errors.New("the transaction is nil; give the one that the function of RunTransaction gets")
	errEndedTx = errors.New("the transaction is over; use it only in its function")
)

// closed says why the transaction takes nothing; nil where it does.
func (tx *Tx) closed() error {
	switch {
	case tx.mapper == nil:
		return errNoTx
	case tx.ended:
		return errEndedTx
	}
	return nil
}

// forget lets go of the items: those that were read keep the transaction.
func (tx *Tx) forget() { tx.entries, tx.staged, tx.places = nil, nil, nil }

func (tx *Tx) reads() int {
	n := 0
	for _, e := range tx.entries {
		if e.read {
			n++
		}
	}
	return n
}

// fail keeps the first thing that went wrong while staging.
func (tx *Tx) fail(err error) {
	switch {
	case tx.mapper == nil:
		panic(&strayError{err})
	case tx.ended:
		*tx.late = err
	case tx.err == nil:
		tx.err = err
	}
}

// entry finds an item of the transaction, or makes it one.
func (tx *Tx) entry(table string, s *schema, key map[string]types.AttributeValue, publicKey PrimaryKey) *txEntry {
	at := placeOf(table, s, key)
	if known := tx.places[at]; known != nil {
		return known
	}
	e := &txEntry{table: table, schema: s, key: key, publicKey: publicKey}
	tx.places[at] = e
	tx.entries = append(tx.entries, e)
	return e
}

// entryWithoutID makes an item that has no key yet one of the transaction.
func (tx *Tx) entryWithoutID(table string, s *schema) *txEntry {
	e := &txEntry{table: table, schema: s}
	tx.entries = append(tx.entries, e)
	return e
}

// place names an item among all tables.
type place struct {
	table string
	identity
}

func placeOf(table string, s *schema, key map[string]types.AttributeValue) place {
	return place{table, s.identityOf(key)}
}

// writes says that an item is written already, perhaps at another key.
func (tx *Tx) writes(item any) bool {
	for _, e := range tx.entries {
		if e.owner == item {
			return true
		}
	}
	return false
}

// stage gives an entry its place in the order of what was staged.
func (tx *Tx) stage(e *txEntry) {
	if e.staged == 0 {
		tx.staged = append(tx.staged, e)
		e.staged = len(tx.staged)
	}
}
