package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// RunTransaction calls fn, which reads and stages through tx, and commits the transaction with one
// TransactWriteItems. DynamoDB applies all of its writes or none. The commit checks that every item
// that fn has read is unchanged, and that every missing item is still missing. A transaction costs
// twice the write units of its items. If nothing is staged and fn has read at most one item,
// RunTransaction sends no commit.
//
// If fn stages nothing, the commit is a TransactGetItems in place of the TransactWriteItems, which
// reads the items again and compares them. It costs two read units for each 4 KB of an item. A
// client without TransactGetItems sends a TransactWriteItems with checks.
//
// If an item that fn has read was changed, RunTransaction waits a random, growing time and calls fn
// again, up to the mapper's retries, or those of the option WithMaxRetries. Each call of fn gets a
// new Tx and reads the items anew. So fn may run several times, and must tolerate that its other
// side effects repeat.
//
// If the transaction is refused for another reason, RunTransaction returns a *TransactionError,
// whose Reasons stand in the order staged. Such reasons are a false condition, a new item whose key
// is taken, and a changed item that was loaded outside of the transaction.
//
// If fn returns an error, or an item cannot be written, RunTransaction writes nothing and returns
// that error unchanged. If fn has read several items, RunTransaction first checks them, because two
// reads at different times may show a state that never existed. If they were changed, it calls fn
// again. If the check gets no response, RunTransaction returns the error of the check instead of
// fn's.
//
// If fn edits an item from Get and stages no write of it, RunTransaction sends nothing and returns
// a *FieldError that names the field and the item's key: the edit would be lost. Give the item to
// Save, or edit a copy; a Check does not write the item. RunTransaction does not compare items of a
// model with the hook MarshalItem or UnmarshalItem. It compares an item of a model with MigrateItem
// with its migrated form as Get returned it.
//
// If the key of an item was edited, or its version was set to another one than the loaded one,
// RunTransaction writes nothing and returns a *ConflictError.
//
// The context that fn gets is marked: a write outside of the transaction that uses it returns an
// error. A lost response does no harm, because the commit carries a token and DynamoDB applies it
// once. After a commit the items' snapshots are what was written; after a failure the items are
// unchanged.
//
// Errors: *TransactionError (errors.Is finds its reasons), ErrConflict, ErrMaxRetriesExceeded,
// ErrUnknownOutcome, *FieldError, with Token ErrTokenUsed, and the errors of fn.
func (m *Mapper) RunTransaction(
	ctx context.Context, fn func(ctx context.Context, tx *Tx) error, opts ...TransactionOption,
) error {
	run, err := m.beginTransaction(ctx, fn, opts)
	if err != nil {
		return newCallError(opTransaction, "", err)
	}
	row := m.newTries(opTransaction, "")
	row.most = run.attempts
	err = untilNoConflict(ctx, row, func() (again bool, err error) {
		tx := &Tx{mapper: m, run: run, byID: map[itemID]*txEntry{}}
		return tx.try(ctx, fn)
	})
	return run.end(err)
}

// TransactionOption configures RunTransaction.
type TransactionOption interface{ setTransaction(*txSettings) error }

type transactionOption func(*txSettings) error

func (o transactionOption) setTransaction(s *txSettings) error { return o(s) }

// txSettings is the result of the options of one transaction.
type txSettings struct {
	attempts int    // how often it is tried
	token    string // the caller's token; "" for a random one
}

// maxTokenLength is the largest number of bytes of a token. The service documents characters, which
// may be fewer.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const maxTokenLength = 36

// Token gives a transaction a token of the caller's, such as the id of a request, so that the
// transaction is applied once even if another process runs it again. Without Token, RunTransaction
// makes a random token, which only its own tries have. A token has 1 to 36 bytes, and must not be
// used by any other transaction of the account and the region.
//
// For ten minutes after a transaction was applied, DynamoDB compares each one with its token:
//
//   - If the contents are equal, nothing is written again, and RunTransaction returns nil as it did
//     the first time. The items' snapshots are then what was written the first time, and somebody
//     else may have written since.
//   - If the contents differ, nothing is written, and RunTransaction returns ErrTokenUsed.
//
// The contents are equal only if the function stages the same writes with the same values and
// conditions. So it should read nothing, and the items should have no version, no time of creation
// or change, and no new id of autoincrement: each call sets these anew. Otherwise expect
// ErrTokenUsed, which also proves that the request was applied before.
//
// If an item that the function has read was changed, the function runs again, and its new writes
// are sent with the same token, because DynamoDB forgets the token of a transaction that it has
// refused. After a lost response and a refusal, the first try may still be on its way. If nothing
// is applied with the token after that, RunTransaction returns ErrUnknownOutcome. Call it again
// with the token to find out.
//
// A transaction that stages no write does not use the token. For more than ten minutes, insert a
// record with the id of the request in the same transaction.
func Token(token string) TransactionOption {
	return transactionOption(func(s *txSettings) error {
		switch n := len(token); {
		case n == 0:
			return errors.New("the token is empty; leave the option Token out for a random one")
		case n > maxTokenLength:
			return fmt.Errorf("the token has %d bytes, and may have %d; use a shorter one, such "+
				"as a UUID, or a hash", n, maxTokenLength)
		case !utf8.ValidString(token):
			return errors.New("the token is not valid UTF-8; encode it, for example in base64")
		case s.token != "":
			return errors.New("the option Token is given twice; give one token")
		}
		s.token = token
		return nil
	})
}

// txRun is one call of RunTransaction, which may call the function several times.
type txRun struct {
	txSettings
	// A try with the caller's token may still arrive, and nothing was applied since.
	mayArrive bool
}

func (m *Mapper) beginTransaction(
	ctx context.Context, fn func(context.Context, *Tx) error, opts []TransactionOption,
) (*txRun, error) {
	if err := m.checkTransaction(ctx, fn); err != nil {
		return nil, err
	}
	run := &txRun{txSettings: txSettings{attempts: m.attempts}}
	return run, applyOptions(opts, &run.txSettings, TransactionOption.setTransaction)
}

// end returns the error of the call. If a try with the caller's token may still arrive, no other
// end is certain. The text has the error, but errors.Is does not find it: a conflict, for example,
// says nothing about that try.
func (r *txRun) end(err error) error {
	if !r.mayArrive || errors.Is(err, ErrTokenUsed) || errors.Is(err, ErrUnknownOutcome) {
		return err
	}
	last := "the function staged nothing"
	if err != nil {
		last = textWithin(err, opTransaction, "")
	}
	return &UnknownOutcomeError{Op: opTransaction, Err: errors.New(last)}
}

// giveToken gives the caller's token, if there is one, to a commitment that writes.
func (r *txRun) giveToken(c *commitment) {
	if r.token != "" {
		c.token, c.given = r.token, true
	}
}

const opTransaction = "RunTransaction"

func (m *Mapper) checkTransaction(ctx context.Context, fn func(context.Context, *Tx) error) error {
	switch {
	case m.isEmpty():
		return errNoMapper
	case ctx != nil && fn == nil: // a missing context is reported first
		return errors.New("the function is nil; pass a function that reads and stages")
	}
	return checkWriteContext(ctx)
}

// untilNoConflict calls try until try reports that another call would not help, or until the row is
// used up. It waits a random, growing time between the calls.
func untilNoConflict(
	ctx context.Context, row *tries, try func() (again bool, err error),
) error {
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

// checkWriteContext returns an error if ctx is nil or the context of a transaction's function. A
// write with the latter would not be part of the transaction.
func checkWriteContext(ctx context.Context) error {
	switch {
	case ctx == nil:
		return errNilContext
	case ctx.Value(txMark{}) == nil:
		return nil
	}
	return errors.New(
		"the context is that of a transaction's function, and this write would not be part of " +
			"the transaction; stage a Save, Put, Update, Delete or DeleteKey with Table.In for each " +
			"item, after a Get if the item before is needed, or pass the context from outside of it")
}

// A Tx is a transaction while its function runs. It holds what was read and staged through
// Table.In. A Tx is for one goroutine and for one call of the function. After that call, a read
// returns an error, and staging panics because the write would be lost. If the panic happens within
// another call of the function or of RunTransaction, that RunTransaction recovers the panic and
// returns it as an error.
type Tx struct {
	mapper *Mapper
	run    *txRun

	mu      sync.Mutex // guards the fields below until the transaction has ended
	ended   bool       // the fields below no longer change; reading them needs no lock
	entries []*txEntry // in the order of their first use
	staged  []*txEntry // in the order of their first write or check
	byID    map[itemID]*txEntry
	err     error // the first error of staging
	owner   ownership

	takenIDs int // the number of ids in this commit that were taken
}

// try calls the function once and commits. again reports whether an item was not as it was read.
func (tx *Tx) try(
	ctx context.Context, fn func(context.Context, *Tx) error,
) (again bool, err error) {
	defer tx.forget()
	failed := tx.call(ctx, fn)
	switch {
	case failed == nil && tx.err == nil:
		if err := catchStray(tx.checkUnstaged); err != nil {
			return false, err // the program is wrong even if its reads do not fit together
		}
		return tx.commit(ctx)
	case failed == nil:
		return false, tx.err
	case tx.err != nil:
		return false, failed
	}
	return tx.endWith(ctx, failed)
}

// endWith ends a call of the function that failed with an error of the function or of a hook. If
// the call has read several items, endWith first checks that they existed at one moment.
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
	// The text has the error of the function, but errors.Is does not find it: what it was decided
	// from may never have existed.
	return false, shown.Errorf(err,
		"%v; the function had ended with an error (%v), and what it had read could not be "+
			"checked: call it again", err, failed)
}

// call calls the function and closes the transaction.
func (tx *Tx) call(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
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

// catchStray calls a function that runs code of the user. If that code stages a write in a closed
// transaction, catchStray returns the strayError as an error.
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

// end closes the transaction. Under the lock, a write that another goroutine stages is either part
// of the transaction or panics.
func (tx *Tx) end() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.ended = true
}

// strayError is the value of the panic if a write is staged in no transaction, or in a closed one.
// Some staging methods return no error, and a write that is dropped in silence would be lost.
// RunTransaction recovers the panic and returns the error.
type strayError struct{ error }

var (
	errNoTx = errors.New(
		"the transaction is nil; give the one that the function of RunTransaction gets")
	errEndedTx = errors.New(
		"the transaction is over; read in its function, and in each call of it with the " +
			"transaction of that call")
	errLateToTx = errors.New("the transaction is over, so that what is staged now would be lost; " +
		"stage it in its function, and in each call of it in the transaction of that call")
)

// closed returns the reason why the transaction cannot be used, or nil.
func (tx *Tx) closed() error {
	switch {
	case tx.mapper == nil:
		return errNoTx
	case tx.ended:
		return errEndedTx
	}
	return nil
}

// lockToRead locks the transaction, or returns an error if it is closed.
func (tx *Tx) lockToRead() error {
	tx.mu.Lock()
	err := tx.closed()
	if err != nil {
		tx.mu.Unlock()
	}
	return err
}

// lockToStage locks the transaction, or panics with a strayError if it is closed.
func (tx *Tx) lockToStage(op, table string) {
	err := tx.lockToRead()
	if err == errEndedTx {
		err = errLateToTx
	}
	if err != nil {
		panic(&strayError{newCallError(op, table, err)})
	}
}

// forget releases the items. The items that were read keep a pointer to the transaction.
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

// fail keeps the first error of staging.
func (tx *Tx) fail(err error) error {
	if tx.err == nil {
		tx.err = err
	}
	return err
}

// entry adds an entry to the transaction, or returns the known entry of the same item. An entry
// without a key is always a new one.
func (tx *Tx) entry(e *txEntry) *txEntry {
	if e.key != (itemKey{}) {
		at := itemIDOf(e.table, e.schema, e.key)
		if known := tx.byID[at]; known != nil {
			return known
		}
		tx.byID[at] = e
	}
	tx.entries = append(tx.entries, e)
	return e
}

// itemID identifies an item among all tables. The table is as it was given, by its name or ARN; a
// transaction refuses a table that is given in both ways.
type itemID struct {
	table string
	identity
}

// itemIDOf identifies an item in a transaction.
func itemIDOf(table string, s *schema, key itemKey) itemID {
	return itemID{table, s.identityOf(key)}
}

// writeOf returns the entry that writes item, perhaps at another key, or nil. item may be nil.
func (tx *Tx) writeOf(item anyItem) *txEntry {
	for _, e := range tx.entries {
		if item != nil && e.owner == item {
			return e
		}
	}
	return nil
}

// newTwoWritesError makes the error for a write of an item that the entry first writes already.
func (tx *Tx) newTwoWritesError(first *txEntry) error {
	return fmt.Errorf(
		"operation %d of the transaction writes the item of operation %d, and DynamoDB takes "+
			"one write an item; put both into one",
		len(tx.staged)+1, first.staged)
}

// stage gives an entry its place in the order of the staged operations.
func (tx *Tx) stage(e *txEntry) {
	if e.staged == 0 {
		tx.staged = append(tx.staged, e)
		e.staged = len(tx.staged)
	}
}
