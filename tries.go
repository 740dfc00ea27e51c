package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
)

// tries is the row of tries of one call: it waits between them, and remembers why they failed.
type tries struct {
	mapper    *Mapper
	op, table string
	backoff   attempt.Backoff
	last      error // why the last try failed
}

func (m *Mapper) newTries(op, table string) *tries {
	return &tries{mapper: m, op: op, table: table}
}

// begin notes that a try begins.
func (t *tries) begin() { t.backoff.Begin() }

// n returns how many tries have begun.
func (t *tries) n() int { return t.backoff.Tries() }

// usedUp reports whether no further try is allowed.
func (t *tries) usedUp() bool { return t.n() >= t.mapper.attempts }

// exceeded is the error of a row that has used up its tries.
func (t *tries) exceeded(last error) error {
	return &MaxRetriesExceededError{Op: t.op, Table: t.table, Tries: t.n(), Err: last}
}

// wait waits before the next try, as the reason why the last one failed demands. If the context
// ends, it returns the error that the call ends with.
func (t *tries) wait(ctx context.Context, reason error) error {
	return t.waitAt(ctx, paceOf(reason), reason)
}

func (t *tries) waitAt(ctx context.Context, pace attempt.Pace, reason error) error {
	t.last = reason
	if err := t.backoff.Wait(ctx, pace); err != nil {
		return t.interrupted(err, t.n())
	}
	return nil
}

// ended completes the error of a try: if the end of the context is what ended it, the error also
// says why the tries before failed.
func (t *tries) ended(ctx context.Context, err error) error {
	if !isCut(ctx, err) || t.last == nil {
		return err
	}
	var inner *interruptedError
	if errors.As(err, &inner) && inner.last != nil {
		return err // the try has reasons of its own
	}
	interrupted := t.interrupted(err, t.n()-1)
	interrupted.cut = true
	return interrupted
}

func (t *tries) interrupted(ended error, failed int) *interruptedError {
	return &interruptedError{op: t.op, table: t.table, count: failed, ended: ended, last: t.last}
}

// isCut reports whether the end of the context is what an error says, and no doubt.
func isCut(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, ErrUnknownOutcome)
}

// paceOf returns how long to wait after a try that failed for a reason.
func paceOf(reason error) attempt.Pace {
	if awserr.AgainOf(reason) == awserr.Contended {
		return attempt.Conflict
	}
	return attempt.Overload
}

// interruptedError says that the end of the context ended a row of tries: after how many, and why
// the last of them failed. errors.Is and errors.As find the context's error and that reason.
type interruptedError struct {
	op, table string // the table "": several, or none
	count     int    // tries that failed for a reason of their own
	answers   bool   // only those are counted that were answered
	cut       bool   // another try was under way
	ended     error  // the error of the context, perhaps with what the SDK says around it
	last      error  // why the last of the tries failed
}

func (e *interruptedError) Error() string {
	what := "the deadline ended"
	if errors.Is(e.ended, context.Canceled) {
		what = "the context was cancelled"
	}
	if e.cut {
		what += " in another try,"
	}
	last := textWithin(e.last, e.op, e.table)
	return told(fmt.Sprintf("%s%s after %s; the last one: %s", prefixOf(e.op, e.table), what, e.counted(), last))
}

// counted says how many tries there were.
func (e *interruptedError) counted() string {
	one, several := "try", "tries"
	if e.answers {
		one, several = "answer", "answers"
	}
	if e.count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", e.count, several)
}

// Unwrap returns the error of the context and the reason.
func (e *interruptedError) Unwrap() []error { return []error{e.ended, e.last} }

// explainTries is explain for a request of which the SDK's tries were counted: if the end of the
// context has ended them, the error also says why the tries before failed.
func (m *Mapper) explainTries(ctx context.Context, op, table string, err error, c *attempt.Counter) error {
	failed, reason := c.Failed()
	if err == nil || reason == nil || isOwn(err) || !isCut(ctx, err) {
		return m.explain(op, table, err)
	}
	return &interruptedError{op: op, table: table, count: failed, cut: c.Sent() > failed, ended: err,
		last: m.explain(op, table, reason)}
}
