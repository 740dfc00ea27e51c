package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"sync"

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
// An item that fn has read with Get and edited, and of which no write is staged, is an error that names the field, and nothing is
// sent: the edit would be lost. Give the item to Save, or edit a copy; a Check writes nothing. It is a *FieldError, with the item's
// key. Items of a model with one of the hooks MarshalItem and UnmarshalItem are not looked at; with MigrateItem an item is held
// against what it was when Get gave it.
//
// The context that fn gets is marked: a write beside the transaction called with it is an error. Answers that are lost are no
// matter: the commit carries a token, and is applied once. It costs twice the write units of its items. Where nothing is staged
// and at most one item was read no request is sent. Afterwards the snapshots are what was written; after a failure nothing has
// changed.
//
// An item whose key was edited, or whose version was set to another one than was loaded, is a
// *ConflictError, and nothing is sent.
//
// Errors: *TransactionError (errors.Is finds its reasons), ErrMaxRetriesExceeded, ErrUnknownOutcome, *FieldError, what fn returns.
func (m *Mapper) RunTransaction(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if err := m.checkTransaction(ctx, fn); err != nil {
		return newCallError(opTransaction, "", err)
	}
	return m.untilNoConflict(ctx, opTransaction, "", func() (again bool, err error) {
		tx := &Tx{mapper: m, byID: map[itemID]*txEntry{}}
		return tx.try(ctx, fn)
	})
}

const opTransaction = "RunTransaction"

func (m *Mapper) checkTransaction(ctx context.Context, fn func(context.Context, *Tx) error) error {
	switch {
	case m.isEmpty():
		return errNoMapper
	case ctx != nil && fn == nil: // a missing context comes first
		return errors.New("the function is nil; give one that reads and stages")
	}
	return checkWriteContext(ctx)
}

// untilNoConflict calls try until it says that no other would help, up to the mapper's retries, with a random wait that grows.
func (m *Mapper) untilNoConflict(ctx context.Context, op, table string, try func() (again bool, err error)) error {
	row := m.newTries(op, table)
	for {
		row.begin()
		again, err := try()
		switch {
		case !again:
			return row.ended(ctx, err)
		case row.usedUp():
			return row.exceeded(err)
		}
		pace := attempt.Conflict
		if isThrottled(err) {
			pace = attempt.Overload
		}
		if err := row.waitAt(ctx, pace, err); err != nil {
			return err
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
// this one call of the function: after that a read is an error, and staging a panic, as the write would be lost. In another
// call of the function, or of RunTransaction, the panic ends that one, which returns it as its error.
type Tx struct {
	mapper *Mapper

	mu      sync.Mutex // held by whatever reads or changes what follows, until the transaction has ended
	ended   bool       // nothing is changed from here on, and no lock is needed but for this
	entries []*txEntry // in the order of their first mention
	staged  []*txEntry // in the order of their first write or check
	byID    map[itemID]*txEntry
	err     error // the first that went wrong while staging

	takenIDs int // ids of this commit that were taken
}

// try calls the function once and commits. again says that an item was not as it was read.
func (tx *Tx) try(ctx context.Context, fn func(context.Context, *Tx) error) (again bool, err error) {
	defer tx.forget()
	failed := tx.run(ctx, fn)
	switch {
	case failed == nil && tx.err == nil:
		if err := catchStray(tx.checkUnstaged); err != nil {
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
	return false, newToldError(err, "%v; the function had ended with an error (%v), and what it had read could not be checked: call it again", err, failed)
}

// run calls the function, after which the transaction takes nothing more.
func (tx *Tx) run(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	stray := catchStray(func() error {
		defer tx.end()
		err = fn(context.WithValue(ctx, txMark{}, tx), tx)
		return nil
	})
	if stray != nil {
		tx.fail(stray)
	}
	return err
}

// catchStray calls a function in which code of the user's runs, and returns what that has staged in vain as an error.
func catchStray(call func() error) (err error) {
	defer func() {
		switch raised := recover().(type) {
		case nil:
		case *strayError:
			err = raised.error
		default:
			panic(raised)
		}
	}()
	return call()
}

// end closes the transaction: what another goroutine stages is in it, or raised.
func (tx *Tx) end() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.ended = true
}

// strayError is raised by what is staged in no transaction, or in one that is over: it has no result that could say so, and a
// write that is dropped without a word would be lost. It ends the function, and RunTransaction returns what is in it.
type strayError struct{ error }

var (
	errNoTx     = errors.New("the transaction is nil; give the one that the function of RunTransaction gets")
	errEndedTx  = errors.New("the transaction is over; read in its function, and in each call of it with the transaction of that call")
	errLateToTx = errors.New("the transaction is over, so that what is staged now would be lost; " +
		"stage it in its function, and in each call of it in the transaction of that call")
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

// lockToRead locks a transaction that still reads.
func (tx *Tx) lockToRead() error {
	tx.mu.Lock()
	err := tx.closed()
	if err != nil {
		tx.mu.Unlock()
	}
	return err
}

// lockToStage locks a transaction that still takes what is staged; one that does not raises it.
func (tx *Tx) lockToStage(op, table string) {
	err := tx.lockToRead()
	if err == errEndedTx {
		err = errLateToTx
	}
	if err != nil {
		panic(&strayError{newCallError(op, table, err)})
	}
}

// forget lets go of the items: those that were read keep the transaction.
func (tx *Tx) forget() { tx.entries, tx.staged, tx.byID = nil, nil, nil }

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
func (tx *Tx) fail(err error) error {
	if tx.err == nil {
		tx.err = err
	}
	return err
}

// entry makes an item one of the transaction; where it is one, it gives what is known of it. One that has no key yet is another
// each time.
func (tx *Tx) entry(e *txEntry) *txEntry {
	if e.key != nil {
		at := itemIDOf(e.table, e.schema, e.key)
		if known := tx.byID[at]; known != nil {
			return known
		}
		tx.byID[at] = e
	}
	tx.entries = append(tx.entries, e)
	return e
}

// itemID names an item among all tables.
type itemID struct {
	table string
	identity
}

func itemIDOf(table string, s *schema, key map[string]types.AttributeValue) itemID {
	return itemID{table, s.identityOf(key)}
}

// writeOf finds the entry that writes an item, perhaps at another key; nil: none does, or the item is none.
func (tx *Tx) writeOf(item anyItem) *txEntry {
	for _, e := range tx.entries {
		if item != nil && e.owner == item {
			return e
		}
	}
	return nil
}

// newTwoWritesError refuses what would be staged next, as an entry writes its item already.
func (tx *Tx) newTwoWritesError(first *txEntry) error {
	return fmt.Errorf("operation %d of the transaction writes the item of operation %d, and DynamoDB takes one write an item; put both into one",
		len(tx.staged)+1, first.staged)
}

// stage gives an entry its place in the order of what was staged.
func (tx *Tx) stage(e *txEntry) {
	if e.staged == 0 {
		tx.staged = append(tx.staged, e)
		e.staged = len(tx.staged)
	}
}
