package dynamapper

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// txEntry is one item of a transaction: what was read of it, what is checked, and the one write. All of that becomes one
// operation.
type txEntry struct {
	table     string
	schema    *schema
	key       map[string]types.AttributeValue // nil: a new item that has no id yet
	publicKey PrimaryKey

	read bool    // by Get
	item any     // what Get gave: a *T; nil: there was none
	raw  rawItem // the same as it was stored

	migrated map[string]types.AttributeValue // as it was encoded after MigrateItem, without what could not be

	staged int // the position among what was staged, from 1; 0: only read
	checks []Condition
	exists bool    // Check without conditions
	write  txWrite // nil: there is none
	owner  any     // the item that is written: a *T

	// Of this commit:
	plan      *writePlan
	operation types.TransactWriteItem
}

// txWrite is the write of an item in a transaction.
type txWrite interface {
	// plan plans it, with what the item's fields hold now.
	plan() (*writePlan, error)
	// finish says whether it was applied: if not, the item becomes what it was before plan.
	finish(applied bool)
}

// txNumbered is a write that needs an id. Its plan is for an id that any field holds, to see what is wrong with it.
type txNumbered interface {
	txWrite
	// planAtNext takes the next id, after so many that were taken, and plans the write with that.
	planAtNext(ctx context.Context, taken int) (*writePlan, error)
}

// setRead notes what Get has found; a nil item is none.
func (e *txEntry) setRead(t *table, item any) (err error) {
	e.read = true
	if item == nil {
		return nil
	}
	e.item = item
	e.noteMigrated()
	e.raw, err = parseRawItem(t.modelOf(item).raw)
	return err
}

var errMovedKey = errors.New("the item's key was changed after it was staged; set it before, or leave the id 0")

// prepare plans the operation. What is wrong with it comes out here, before anything is sent.
func (e *txEntry) prepare() error {
	if e.write == nil {
		return e.use(e.checkPlan())
	}
	plan, err := e.write.plan()
	if err != nil {
		if conflict, ok := err.(*ConflictError); ok {
			conflict.operation = e.staged
		}
		return err
	}
	if e.key != nil && e.schema.identityOf(plan.key) != e.schema.identityOf(e.key) {
		return newCallError(plan.op, e.table, errMovedKey)
	}
	return e.use(plan)
}

// checkPlan is the plan of an operation that only checks: an update that changes nothing.
func (e *txEntry) checkPlan() *writePlan {
	return &writePlan{op: "Check", schema: e.schema, request: updateItem, key: e.key, publicKey: e.publicKey}
}

// use makes an operation of a plan, and of what Get and Check demand beside.
func (e *txEntry) use(p *writePlan) error {
	p.idempotent, p.staged = true, true
	p.conditions = append(p.conditions[:len(p.conditions):len(p.conditions)], e.checks...)
	if e.exists {
		p.mustExist = true
		p.expectExists(e.schema.hash.attribute)
	}
	// A guarded write looks at the same: not where what it compares with was loaded elsewhere, and Get has found nothing.
	if e.read && (p.guard == unguarded || p.guard == compares && e.item == nil) {
		e.expectAsRead(p)
	}
	form, err := p.form()
	if err != nil {
		return newCallError(e.opOf(p), e.table, err)
	}
	e.plan, e.operation = p, p.transactItem(e.table, &form)
	return nil
}

// opOf names the call that an error of the plan is about: what is only read was not checked by the caller.
func (e *txEntry) opOf(p *writePlan) string {
	if e.write == nil && e.staged == 0 {
		return "Get"
	}
	return p.op
}

// expectAsRead demands that the item is as Get has found it.
func (e *txEntry) expectAsRead(p *writePlan) {
	p.guard, p.raw = compares, e.raw
	p.expected = append(p.expected, e.asRead()...)
}

func (e *txEntry) asRead() []expectation {
	if e.item != nil {
		return e.schema.expectLoaded(e.raw, nil, nil)
	}
	var missing []expectation
	for _, f := range e.schema.keyFields() {
		missing = append(missing, expectation{attribute: f.attribute})
	}
	return missing
}

// isStale says that the item is not as Get has found it, by the reason of a refusal. Of an item that another transaction is
// about to write nothing is known, and it is read again.
func (e *txEntry) isStale(reason types.CancellationReason) bool {
	if !e.read {
		return false
	}
	if aws.ToString(reason.Code) != "ConditionalCheckFailed" {
		return passes(reason)
	}
	for _, expected := range e.plan.expected {
		if expected.held(e.raw) && !expected.holds(reason.Item) {
			return true
		}
	}
	return false
}

// mend makes a refusal propose what can be done in a transaction.
func (e *txEntry) mend(reason error) error {
	switch reason := reason.(type) {
	case *OverwriteError:
		reason.staged = true
	case *ConflictError:
		reason.outside = !e.read
	}
	return reason
}

// finish ends a commit.
func (e *txEntry) finish(applied bool) {
	if e.write != nil {
		e.write.finish(applied)
	}
}

// size is how many bytes a write sends of its item.
func (p *writePlan) size() int {
	size := wire.ItemSize(p.item)
	for _, c := range p.changes {
		if c.value != nil {
			size += wire.ItemSize(map[string]types.AttributeValue{c.attribute: c.value})
		}
	}
	return size
}
