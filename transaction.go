package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Limits of a transaction.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	maxTransactItems = 100
	maxTransactBytes = 4 << 20
)

// Tx is a transaction while its function runs: what was read and staged, through Table.In. It is for one goroutine, and for
// this one call of the function: after that its reads are errors, and what is staged is forgotten.
type Tx struct {
	mapper  *Mapper
	entries []*txEntry // in the order of their first mention
	staged  []*txEntry // in the order of their first write or check
	byPlace map[string]*txEntry
	err     error // the first that went wrong while staging
	ended   bool
}

// txEntry is one item of a transaction: what was read of it, what is checked, and the one write.
type txEntry struct {
	table     string
	schema    *schema
	key       map[string]types.AttributeValue // nil: a new item that has no id yet
	publicKey PrimaryKey

	owner any // the item that is written: a *T
	item  any // what Get gave: a *T
	raw   rawItem
	read  bool // by Get; with a nil item: there is none

	staged  int // the position among what was staged, from 1; 0: only read
	checks  []Condition
	exists  bool // Check without conditions
	takesID bool
	// check finds what is wrong with the write; nil: there is nothing to find before it is prepared.
	check func() error
	// prepare plans the write; nil: there is none. finish says to it that the write was applied, or takes it back.
	prepare func(context.Context) (*writePlan, error)
	finish  func(applied bool)

	plan *writePlan // of this commit
}

// txMark marks the context of a transaction's function.
type txMark struct{}

// refuseInTransaction refuses a write beside a transaction whose function has begun it.
func refuseInTransaction(ctx context.Context) error {
	if ctx.Value(txMark{}) == nil {
		return nil
	}
	return errors.New("the context is that of a transaction's function, and this write would not be part of the transaction; " +
		"stage it with Table.In, or give it the context outside")
}

// RunTransaction calls fn, which reads and stages through the Tx, and commits all of it with one TransactWriteItems: every
// write is applied, or none. Every item that fn has read is checked to be as it was read, those that were not there included.
//
// Where that is not so, somebody else was faster, and fn is called again, after a random wait that grows, up to the mapper's
// retries: it may run several times, each with a Tx of its own and items read anew, and what it does beside is its own business.
// Everything else that is refused (a condition, a new item that exists, an item that was loaded outside and has changed) ends
// it with a *TransactionError, whose Reasons stand in the order staged. An error of fn ends it, too, and is returned as it is,
// but where fn has read several items they are checked before: two reads at two moments may show what never was.
//
// The context that fn gets is marked: a write beside the transaction called with it is an error. Answers that are lost are no
// matter: the commit carries a token, and is applied once. It costs twice the write units of its items. Where nothing is staged
// and at most one item was read no request is sent. Afterwards the snapshots are what was written; after a failure nothing has
// changed.
//
// Errors: *TransactionError (errors.Is finds its reasons), ErrMaxRetriesExceeded, ErrUnknownOutcome, what fn returns.
func (m *Mapper) RunTransaction(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	const op = "RunTransaction"
	switch {
	case ctx == nil:
		return newFreeError(op, errNilContext)
	case fn == nil:
		return newFreeError(op, errors.New("the function is nil; give one that reads and stages"))
	}
	if err := refuseInTransaction(ctx); err != nil {
		return newFreeError(op, err)
	}
	for try := 1; ; try++ {
		err := m.tryTransaction(ctx, fn)
		if !errors.Is(err, errTryAgain) {
			return err
		}
		if try > m.retries {
			return &MaxRetriesExceededError{Op: op, Tries: try, Err: errors.Unwrap(err)}
		}
		if err := attempt.Wait(ctx, try); err != nil {
			return m.explain(op, "", err)
		}
	}
}

// tryTransaction runs the function once and commits.
func (m *Mapper) tryTransaction(ctx context.Context, fn func(context.Context, *Tx) error) error {
	tx := &Tx{mapper: m, byPlace: map[string]*txEntry{}}
	failed := tx.run(ctx, fn)
	if failed == nil && tx.err != nil {
		return newFreeError("RunTransaction", tx.err)
	}
	if failed == nil {
		return tx.commit(ctx)
	}
	if tx.reads() < 2 || tx.err != nil {
		return failed
	}
	err := tx.checkReads(ctx)
	switch {
	case err == nil:
		return failed
	case errors.Is(err, errTryAgain):
		return err
	}
	return fmt.Errorf("%w; what it had read could not be checked: %w", failed, err)
}

// run calls the function, after which the transaction takes nothing more.
func (tx *Tx) run(ctx context.Context, fn func(context.Context, *Tx) error) error {
	defer func() { tx.ended = true }()
	return fn(context.WithValue(ctx, txMark{}, tx), tx)
}

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
	if tx.err == nil {
		tx.err = err
	}
}

// entry finds an item of the transaction, or makes it one.
func (tx *Tx) entry(table string, s *schema, key map[string]types.AttributeValue, publicKey PrimaryKey) *txEntry {
	e := &txEntry{table: table, schema: s, key: key, publicKey: publicKey}
	if key != nil {
		place := table + "/" + s.identityOf(key)
		if known := tx.byPlace[place]; known != nil {
			return known
		}
		tx.byPlace[place] = e
	}
	tx.entries = append(tx.entries, e)
	return e
}

// stage gives an entry its place in the order of what was staged.
func (tx *Tx) stage(e *txEntry) {
	if e.staged == 0 {
		tx.staged = append(tx.staged, e)
		e.staged = len(tx.staged)
	}
}

// commit sends what was read and staged, again where an id was taken by hand.
func (tx *Tx) commit(ctx context.Context) error {
	switch {
	case len(tx.staged) == 0 && tx.reads() < 2:
		return nil
	case len(tx.staged) == 0:
		return tx.checkReads(ctx)
	case len(tx.entries) > maxTransactItems:
		return newFreeError("RunTransaction", fmt.Errorf("the transaction has %d items, and DynamoDB takes %d; do less in one", len(tx.entries), maxTransactItems))
	}
	for try := 1; ; try++ {
		err := tx.commitOnce(ctx)
		if !errors.Is(err, errTakenID) {
			return err
		}
		if try > tx.mapper.retries {
			return &MaxRetriesExceededError{Op: "RunTransaction", Tries: try, Err: errors.Unwrap(err)}
		}
	}
}

// errTakenID marks the refusal of an id that was taken by hand.
var errTakenID = errors.New("the id is taken")

type takenIDError struct{ err error }

func (e *takenIDError) Error() string        { return e.err.Error() }
func (e *takenIDError) Unwrap() error        { return e.err }
func (e *takenIDError) Is(target error) bool { return target == errTakenID }

// commitOnce plans all writes, sends them, and takes the plans back where that fails.
func (tx *Tx) commitOnce(ctx context.Context) (err error) {
	defer func() {
		for _, e := range tx.entries {
			if e.plan != nil && e.finish != nil {
				e.finish(err == nil)
			}
			e.plan = nil
		}
	}()
	if err := tx.prepare(ctx); err != nil {
		return err
	}
	operations, err := tx.operations(tx.entries)
	if err != nil {
		return err
	}
	refused, err := tx.mapper.commit(ctx, "RunTransaction", tx.table(), operations)
	if doubt := (*UnknownOutcomeError)(nil); errors.As(err, &doubt) && len(tx.entries) == 1 {
		doubt.Key = tx.entries[0].plan.publicKey
	}
	if err != nil || refused == nil {
		return err
	}
	return tx.judge(refused)
}

// prepare plans the writes; those that take an id last, when nothing else can be wrong.
func (tx *Tx) prepare(ctx context.Context) error {
	for _, e := range tx.entries {
		if e.check != nil {
			if err := e.check(); err != nil {
				return err
			}
		}
	}
	for _, takesID := range []bool{false, true} {
		for _, e := range tx.entries {
			if e.prepare == nil || e.takesID != takesID {
				continue
			}
			plan, err := e.prepare(ctx)
			if err != nil {
				return err
			}
			e.plan = plan
		}
	}
	for _, e := range tx.entries {
		if e.plan == nil {
			e.plan = &writePlan{op: "RunTransaction", schema: e.schema, request: updateItem, key: e.key, publicKey: e.publicKey}
		}
		e.complete()
	}
	return nil
}

// complete adds to an entry's write what Get and Check demand.
func (e *txEntry) complete() {
	p := e.plan
	p.idempotent = true
	p.conditions = append(p.conditions[:len(p.conditions):len(p.conditions)], e.checks...)
	if e.read && p.guard == unguarded {
		p.expected = append(p.expected, e.readExpectations()...)
		p.guard, p.raw = compares, e.raw
	}
	if e.exists {
		p.mustExist = true
		p.expectExists(e.schema.hash.attribute)
	}
}

// readExpectations demand that an item is as Get has found it.
func (e *txEntry) readExpectations() []expectation {
	if e.item != nil {
		return e.schema.expectLoaded(e.raw, nil)
	}
	var expected []expectation
	for _, f := range e.schema.keyFields() {
		expected = append(expected, expectation{attribute: f.attribute})
	}
	return expected
}

// operations renders the plans.
func (tx *Tx) operations(entries []*txEntry) ([]types.TransactWriteItem, error) {
	operations := make([]types.TransactWriteItem, len(entries))
	size := 0
	places := make(map[string]bool, len(entries))
	for i, e := range entries {
		place := e.table + "/" + e.schema.identityOf(e.plan.key)
		if places[place] { // a key was edited after it was staged
			return nil, newCallError("RunTransaction", e.table, errTwoWrites)
		}
		places[place] = true
		form, err := e.plan.form()
		if err != nil {
			return nil, newCallError("RunTransaction", e.table, err)
		}
		operations[i] = e.plan.transactItem(e.table, form)
		size += wire.ItemSize(e.plan.item)
	}
	if size > maxTransactBytes {
		return nil, newFreeError("RunTransaction", errors.New("the items of the transaction have more than 4 MB, and DynamoDB takes no more; do less in one"))
	}
	return operations, nil
}

// table is the table of all entries, "" where they are of several.
func (tx *Tx) table() string {
	name := tx.entries[0].table
	for _, e := range tx.entries {
		if e.table != name {
			return ""
		}
	}
	return name
}

// judge says what a refusal means: that fn has to run again, that an id has to be taken anew, or the end.
func (tx *Tx) judge(refused *types.TransactionCanceledException) error {
	reasons := make([]error, len(tx.staged))
	again, taken := false, false
	for i, e := range tx.entries {
		reason := tx.mapper.newReasonError(e.table, e.plan, refused, i)
		if reason == nil {
			continue
		}
		if e.staged > 0 {
			reasons[e.staged-1] = reason
		}
		again = again || e.hasChanged(refused, i)
		taken = taken || e.takesID && errors.Is(reason, ErrOverwrite)
	}
	err := &TransactionError{Reasons: reasons}
	switch {
	case again:
		return &retryError{err}
	case taken && !err.isMore(ErrOverwrite):
		return &takenIDError{err}
	}
	return err
}

// hasChanged says that an item is not as Get has found it.
func (e *txEntry) hasChanged(refused *types.TransactionCanceledException, i int) bool {
	if !e.read {
		return false
	}
	current := refused.CancellationReasons[i].Item
	for _, expected := range e.readExpectations() {
		if !expected.holds(current) {
			return true
		}
	}
	return false
}

// isMore says that a reason is another than this one.
func (e *TransactionError) isMore(than error) bool {
	for _, reason := range e.Reasons {
		if reason != nil && !errors.Is(reason, than) {
			return true
		}
	}
	return false
}

// checkReads holds what was read against the table, all at one moment. A difference is errTryAgain.
func (tx *Tx) checkReads(ctx context.Context) error {
	var read []*txEntry
	for _, e := range tx.entries {
		if e.read {
			e.plan = &writePlan{op: "RunTransaction", schema: e.schema, request: updateItem, key: e.key, publicKey: e.publicKey,
				idempotent: true, expected: e.readExpectations()}
			read = append(read, e)
		}
	}
	if len(read) > maxTransactItems {
		return newFreeError("RunTransaction", fmt.Errorf("the transaction has read %d items, and DynamoDB checks %d; read less in one", len(read), maxTransactItems))
	}
	operations, err := tx.operations(read)
	if err != nil {
		return err
	}
	refused, err := tx.mapper.commit(ctx, "RunTransaction", tx.table(), operations)
	if err != nil || refused == nil {
		return err
	}
	return &retryError{&ConflictError{Table: tx.table(), problem: "has changed while the transaction was reading"}}
}
