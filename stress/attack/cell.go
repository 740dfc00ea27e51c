package attack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// moment is the time at which the other writer acts: before the faulty request arrives, or after it
// was answered and before the caller gets the result.
type moment string

const (
	atArrival  moment = "before"
	atResponse moment = "after"
)

// place is the position of an attack in the matrix: a fault at the nth request of a call, on a kind
// of wallet, with another writer.
type place struct {
	operation string
	traits    trait
	stored    bool
	fault     fault
	nth       int
	version   string
	rival     rival
	moment    moment
}

func (p *place) String() string {
	return fmt.Sprintf("%s | %s, request %d | version %s | %s %s",
		p.operation, p.fault.name, p.nth, p.version, p.rival, p.moment)
}

// isConcurrent reports whether the call has several requests under way at once. Which of them a
// fault or another writer meets may differ from run to run.
func (p *place) isConcurrent() bool {
	return p.traits.has(numbers|ofMany) && !p.traits.has(tokened)
}

// outcome is the outcome of an attack.
type outcome struct {
	struck  bool // false: the call sends too few requests for this attack
	told    told
	err     error
	applied int  // how often the call was applied
	own     bool // the pipeline sent the request that the fault struck
	lie     lie
}

// result describes how an attack ended, without what may differ from run to run.
func (o *outcome) result() string {
	return fmt.Sprintf("%s, applied %d times, struck %v, %s: %v", o.told, o.applied, o.struck,
		o.lie, o.err)
}

// attack is a running cell.
type attack[T dynamapper.IsModel, W wallet[T]] struct {
	*place
	*world[T, W]
	operation operation[T, W]
	strike    strike
	outcome   outcome
	before    T     // the item in hand before the call
	item      *T    // the item that the caller has after the call
	next      error // the error of the next save of that item
	acted     bool  // the other writer has acted
	cut       bool  // the line is closed after the call
	past      int   // the requests that had ended when the fault struck
	trouble   error // an error of the other writer
}

// patience limits the duration of a call. It is longer than every back-off, and shorter than the
// ten minutes for which the mapper waits for a table. In a bubble the SDK's waiter never ends,
// because its requests take no time.
const patience = 8 * time.Minute

// runCell runs one attack.
func runCell[T dynamapper.IsModel, W wallet[T]](
	ctx context.Context, p *place, o operation[T, W], by sender,
) (outcome, error) {
	a := &attack[T, W]{place: p, operation: o}
	line := dynamotest.NewFaults()
	var err error
	a.world, err = newWorld[T, W](ctx, p.version, by, func(cfg aws.Config, j *journal) aws.Config {
		cfg.HTTPClient = j
		return line.Through(cfg)
	})
	if err != nil {
		return outcome{}, err
	}
	call, err := a.begin(ctx, &o)
	if err != nil {
		return outcome{}, err
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a.arm()
	a.aim(ctx, line, cancel)
	a.do(within, call)
	line.Clear()
	a.checkSender()
	a.end(ctx)
	if a.outcome.lie == honest {
		a.outcome.lie = a.judge(ctx)
	}
	return a.outcome, a.trouble
}

// begin stores the items that an operation needs, and prepares its call.
func (w *world[T, W]) begin(ctx context.Context, o *operation[T, W]) (call[T], error) {
	if !o.noTable {
		if err := w.good.CreateTable(ctx); err != nil {
			return nil, err
		}
	}
	if o.stored {
		if err := w.put(ctx, before, everybody...); err != nil {
			return nil, err
		}
	}
	return o.prepare(ctx, w)
}

// aim makes the fault and the other writer wait for their request.
func (a *attack[T, W]) aim(ctx context.Context, line *dynamotest.Faults, end func()) {
	a.strike = strike{
		journal:  a.journal,
		end:      end,
		conflict: func() { a.server.Engine().Conflict(a.good.Name(), 1) },
		act:      func() { a.actAt(ctx, atResponse) },
	}
	fault := a.place.fault.strike(&a.strike)
	line.Each("", func(n int) dynamotest.Fault {
		switch {
		case n < a.nth, n > a.nth && !a.place.fault.always:
			return nil
		case n > a.nth:
			return fault
		}
		a.outcome.struck, a.past = true, a.watch.count()
		return a.withRival(ctx, fault)
	})
}

// withRival makes the other writer act before or after the fault.
func (a *attack[T, W]) withRival(ctx context.Context, f dynamotest.Fault) dynamotest.Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		a.actAt(ctx, atArrival)
		response, err := f(request, send)
		a.actAt(ctx, atResponse)
		return response, err
	}
}

// actAt makes the other writer act, once, if this is its moment.
func (a *attack[T, W]) actAt(ctx context.Context, m moment) {
	if a.moment != m || a.acted {
		return
	}
	a.acted = true
	if a.traits.has(ofTable) {
		a.trouble = a.actOnTable(ctx, a.rival)
	} else {
		a.trouble = a.act(ctx, a.rival, a.stored)
	}
}

// checkSender checks that the request that the fault struck was sent by the sender.
func (a *attack[T, W]) checkSender() {
	if !a.outcome.struck || a.trouble != nil {
		return
	}
	ended := a.watch.since(a.past)
	if len(ended) == 0 {
		if !a.traits.has(ofTable) { // the SDK's waiter for a table is not observed
			a.trouble = errors.New("the mapper did not report the struck request")
		}
		return
	}
	a.outcome.own = ended[0].OwnPipeline
	a.trouble = a.sender.check(ended[0])
}

// do makes the call.
func (a *attack[T, W]) do(ctx context.Context, call call[T]) {
	if a.hand != nil {
		a.before = *a.hand
	}
	defer func() {
		if problem := recover(); problem != nil {
			a.outcome.lie, a.outcome.err = panicked, fmt.Errorf("%v", problem)
		}
	}()
	a.item, a.outcome.err = call(ctx)
	a.outcome.told = hear(a.outcome.err)
}

// end waits for late requests and counts the applied ones. If there is no other writer, it first
// saves the item again.
func (a *attack[T, W]) end(ctx context.Context) {
	if a.rival == undoes && a.acted && !a.traits.has(ofTable) {
		a.trouble = a.putBack(ctx, a.stored)
		a.look()
	}
	for _, arrive := range a.strike.late {
		arrive()
	}
	a.outcome.applied = a.journal.effects(a.operation.effects)
	saved := a.outcome.told == done && a.operation.effects != nil && a.item != nil &&
		(!a.traits.has(ofOld) || a.traits.has(removes)) // the old item is not the stored one
	if saved && !a.cut && a.rival == nobody && len(a.strike.late) == 0 {
		a.next = a.saveNext(ctx)
	}
}

// saveNext edits the item in hand and saves it.
func (a *attack[T, W]) saveNext(ctx context.Context) error {
	item := *a.item
	W(&item).money().set(after / 2)
	return a.table.Save(ctx, &item, dynamapper.FailOnConflict())
}

// judge compares the result that the caller got with what happened.
func (a *attack[T, W]) judge(ctx context.Context) lie {
	o := &a.outcome
	switch {
	case a.broken != "":
		return halfWritten
	case o.told == unknown && (!a.place.fault.doubtful || a.operation.effects == nil):
		return needlessDoubt
	case o.told == refused && !a.wrote():
		return falseReason
	case a.place.fault.harmless && a.rival == nobody && o.told != done:
		return shouldSucceed
	case a.operation.effects == nil:
		return a.judgeRead()
	case o.told == done && o.applied == 0 && !a.isSatisfied(ctx):
		return toldApplied
	case a.traits.has(ofMany) && !a.traits.has(tokened):
		return a.judgeBatch()
	case (o.told == failed || o.told == refused) && o.applied > 0:
		return toldRefused
	case o.applied > 1:
		return appliedTwice
	}
	return a.judgeItem()
}

// wrote reports whether another writer has changed anything.
func (a *attack[T, W]) wrote() bool {
	return a.acted && a.rival != nobody
}

// judgeRead judges a call that writes nothing.
func (a *attack[T, W]) judgeRead() lie {
	if a.outcome.told != done || a.traits.has(ofTable) || a.traits.has(ofMany) {
		return honest
	}
	balance := missing
	if a.item != nil {
		balance = W(a.item).money().Balance
	}
	if !a.was(waldo, balance) {
		return neverWas
	}
	return honest
}

// judgeBatch judges a batch by its items, except the other writer's.
func (a *attack[T, W]) judgeBatch() lie {
	var batch *dynamapper.BatchError
	if a.traits.has(numbers) || a.outcome.err != nil && !errors.As(a.outcome.err, &batch) {
		return honest
	}
	states := a.history()
	last := states[len(states)-1]
	for i, id := range everybody {
		balance, stored := last[id]
		applied := stored && balance == after
		if a.traits.has(removes) {
			applied = !stored
		}
		unwritten := batch != nil && slices.Contains(unprocessed(batch), i)
		switch {
		case id == waldo && a.wrote():
		case !unwritten && !applied:
			return toldApplied
		case unwritten && applied && a.outcome.told != unknown:
			return toldRefused
		}
	}
	return honest
}

// unprocessed returns the positions of the items that a batch has not written.
func unprocessed(batch *dynamapper.BatchError) []int {
	if batch.Parts != nil {
		return batch.Parts[0]
	}
	return batch.Unprocessed
}

// judgeItem judges the item that the caller has after a write.
func (a *attack[T, W]) judgeItem() lie {
	switch {
	case a.outcome.told != done:
		if a.hand != nil && !reflect.DeepEqual(a.before, *a.hand) {
			return editedInHand
		}
	case a.traits.has(ofOld) && !a.isBefore():
		return wrongItem
	case a.item != nil && !a.was(waldo, W(a.item).money().Balance):
		return wrongItem
	case a.next != nil:
		return staleInHand
	}
	return honest
}

// isBefore reports whether the call returned an item that was stored before the write. Without
// another writer that is the one from before the call.
func (a *attack[T, W]) isBefore() bool {
	balance := missing
	if a.item != nil {
		balance = W(a.item).money().Balance
	}
	switch {
	case a.wrote():
		return a.was(waldo, balance)
	case a.stored:
		return balance == before
	}
	return balance == missing
}

// isSatisfied reports whether the table already is in the state that a call without requests wants.
func (a *attack[T, W]) isSatisfied(ctx context.Context) bool {
	if !a.traits.has(ofTable) {
		return false
	}
	exists := a.exists(ctx)
	return a.wrote() || exists != (a.operation.name == "DeleteTable")
}
