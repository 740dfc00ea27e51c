package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Limits of a transaction.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	maxTransactItems = 100
	maxTransactBytes = 4 << 20
)

// verdict is what follows from a commit.
type verdict int

const (
	isOver       verdict = iota // it was applied, or there is no way
	isOutdated                  // an item is not as it was read: the function runs again
	isIDTaken                   // an id was taken by hand: another does
	isUnwritable                // nothing was sent: what is staged cannot be written
)

// commit sends what was read and staged, again where an id was taken by hand. again says that an item was not as it was read.
func (tx *Tx) commit(ctx context.Context) (again bool, err error) {
	if len(tx.staged) == 0 {
		return tx.commitReads(ctx)
	}
	row := tx.mapper.newTries(opTransaction, "")
	for {
		row.begin()
		verdict, err := tx.commitOnce(ctx)
		switch {
		case verdict == isUnwritable:
			return tx.endWith(ctx, err)
		case verdict != isIDTaken:
			return verdict == isOutdated, row.ended(ctx, err)
		}
		row.last = &takenIDError{err}
		if row.usedUp() {
			return false, row.exceeded(row.last)
		}
		tx.takenIDs = row.n()
	}
}

// commitReads checks what was read, where nothing is written. One item by itself was as it was read.
func (tx *Tx) commitReads(ctx context.Context) (again bool, err error) {
	if tx.reads() < 2 {
		return false, nil
	}
	return tx.checkReads(ctx)
}

// checkReads holds what was read against the table, all at one moment.
func (tx *Tx) checkReads(ctx context.Context) (again bool, err error) {
	var read []*txEntry
	for _, e := range tx.entries {
		if !e.read {
			continue
		}
		check := &txEntry{table: e.table, schema: e.schema, key: e.key, publicKey: e.publicKey, read: true, item: e.item, raw: e.raw}
		if err := check.prepare(); err != nil {
			return false, err
		}
		read = append(read, check)
	}
	if err := checkSize(read); err != nil {
		return false, err
	}
	verdict, err := tx.send(ctx, read)
	return verdict == isOutdated, err
}

// commitOnce plans all operations and sends them. If they are not applied the items become what they were, also where a hook
// panics.
func (tx *Tx) commitOnce(ctx context.Context) (v verdict, err error) {
	applied := false
	defer func() {
		for _, e := range tx.entries {
			e.finish(applied)
		}
	}()
	// The hooks run here, before anything is sent: what they stage comes too late.
	if err := catchStray(tx.prepare); err != nil {
		return isUnwritable, err
	}
	if err := catchStray(func() error { return tx.number(ctx) }); err != nil {
		return isOver, err
	}
	v, err = tx.send(ctx, tx.entries)
	applied = err == nil
	return v, err
}

// prepare plans all operations.
func (tx *Tx) prepare() error {
	for _, e := range tx.entries {
		if err := e.prepare(); err != nil {
			return err
		}
	}
	return checkSize(tx.entries)
}

// number takes the ids: last, when nothing else can be wrong.
func (tx *Tx) number(ctx context.Context) error {
	for _, e := range tx.entries {
		if write, needsID := e.write.(txNumbered); needsID {
			if err := tx.numberEntry(ctx, e, write); err != nil {
				return err
			}
		}
	}
	return nil
}

// numberEntry gives a new item the next id that no other item of this transaction has.
func (tx *Tx) numberEntry(ctx context.Context, e *txEntry, write txNumbered) error {
	for {
		plan, err := write.planAtNext(ctx, tx.takenIDs)
		if err != nil {
			return err
		}
		if tx.places[placeOf(e.table, e.schema, plan.key)] == nil {
			return e.use(plan)
		}
	}
}

func checkSize(entries []*txEntry) error {
	if len(entries) > maxTransactItems {
		return newFreeError(opTransaction, fmt.Errorf("the transaction has %d items, and DynamoDB takes %d; do less in one", len(entries), maxTransactItems))
	}
	size := 0
	for _, e := range entries {
		size += e.plan.size()
	}
	if size > maxTransactBytes {
		return newFreeError(opTransaction, errors.New("the items of the transaction have more than 4 MB, and DynamoDB takes no more; do less in one"))
	}
	return nil
}

// send sends the operations of the entries, and says what the answer means.
func (tx *Tx) send(ctx context.Context, entries []*txEntry) (verdict, error) {
	operations := make([]operation, len(entries))
	writes := false
	for i, e := range entries {
		operations[i] = operation{e.table, e.plan, e.operation}
		writes = writes || e.operation.ConditionCheck == nil
	}
	refused, err := tx.mapper.commit(ctx, opTransaction, commonTable(entries), operations)
	doubt := (*UnknownOutcomeError)(nil)
	switch {
	case errors.As(err, &doubt) && !writes:
		return isOver, doubt.Err // there was nothing to apply
	case doubt != nil && len(entries) == 1:
		doubt.Key = entries[0].plan.publicKey
	}
	if err != nil || refused == nil || isApplied(entries, refused) {
		return isOver, err
	}
	return tx.judge(entries, refused)
}

// isApplied reports whether a refusal carries an item with the token of this transaction's own write: then all of it was applied.
func isApplied(entries []*txEntry, refused *types.TransactionCanceledException) bool {
	for i, e := range entries {
		if e.plan.isOurs(reasonAt(refused, i).Item) {
			return true
		}
	}
	return false
}

// commonTable is the table of all entries, "" where they are of several.
func commonTable(entries []*txEntry) string {
	for _, e := range entries {
		if e.table != entries[0].table {
			return ""
		}
	}
	return entries[0].table
}

// judge says what a refusal means. An item that is not as it was read comes before all else: the function has decided by it.
func (tx *Tx) judge(entries []*txEntry, refused *types.TransactionCanceledException) (verdict, error) {
	var stale, taken, unstaged error
	reasons, ends := make([]error, len(tx.staged)), false
	for i, e := range entries {
		reason := e.mend(tx.mapper.newReasonError(e.table, e.plan, refused, i))
		_, needsID := e.write.(txNumbered)
		switch {
		case reason == nil:
		case e.isStale(reasonAt(refused, i)):
			stale = reason
		case needsID && errors.Is(reason, ErrOverwrite):
			taken = reason
		case e.staged == 0:
			unstaged = reason
		default:
			reasons[e.staged-1] = reason
			ends = ends || !passes(reasonAt(refused, i))
		}
	}
	switch {
	case stale != nil:
		return isOutdated, stale
	case taken != nil && !ends:
		return isIDTaken, taken
	case unstaged != nil && !ends:
		return isOver, unstaged
	}
	return isOver, &TransactionError{Reasons: reasons}
}

// reasonAt is the reason of one operation; a client may have left them out.
func reasonAt(refused *types.TransactionCanceledException, i int) types.CancellationReason {
	if i >= len(refused.CancellationReasons) {
		return types.CancellationReason{}
	}
	return refused.CancellationReasons[i]
}
