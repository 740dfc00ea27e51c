package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// tries counts the tries of one call, waits between them, and keeps the error of the last one.
type tries struct {
	op, table string
	most      int // how many tries are allowed
	backoff   attempt.Backoff
	last      error // the error of the last try
}

func (m *Mapper) newTries(op, table string) *tries {
	return &tries{op: op, table: table, most: m.attempts}
}

func (t *tries) begin() { t.backoff.Begin() }

// n returns how many tries have begun.
func (t *tries) n() int { return t.backoff.Tries() }

// usedUp reports whether no further try is allowed.
func (t *tries) usedUp() bool { return t.n() >= t.most }

// exceeded makes the error of a call that has used up its tries.
func (t *tries) exceeded(last error) error {
	return &MaxRetriesExceededError{Op: t.op, Table: t.table, Tries: t.n(), Err: last}
}

// wait waits before the next try. The error of the last try decides how long. If the context ends,
// wait returns the error of the call.
func (t *tries) wait(ctx context.Context, reason error) error {
	return t.waitAt(ctx, paceOf(reason), reason)
}

func (t *tries) waitAt(ctx context.Context, pace attempt.Pace, reason error) error {
	t.last = reason
	if err := t.backoff.Wait(ctx, pace); err != nil {
		return t.interrupted(err, t.n(), false)
	}
	return nil
}

// repeat calls do until it succeeds, or until another call would not help, as again says of its
// error, or until no further try is allowed. It waits between the calls.
func (t *tries) repeat(ctx context.Context, again func(error) bool, do func() error) error {
	for {
		t.begin()
		err := do()
		switch {
		case err == nil || !again(err):
			return t.ended(ctx, err)
		case t.usedUp():
			return t.exceeded(err)
		}
		if err := t.wait(ctx, err); err != nil {
			return err
		}
	}
}

// ended completes the error of a try. If the end of the context ended the try, the error also has
// the reason why the earlier tries failed.
func (t *tries) ended(ctx context.Context, err error) error {
	if !isCut(ctx, err) || t.last == nil {
		return err
	}
	var inner *interruptedError
	if errors.As(err, &inner) && inner.last != nil {
		return err // the error of the try has its reasons already
	}
	return t.interrupted(err, t.n()-1, true)
}

// interrupted returns the error of a call whose context ended after failed tries: in another try if
// cut, else before it.
func (t *tries) interrupted(ended error, failed int, cut bool) error {
	return newInterruptedError(t.op, t.table,
		interruptedError{count: failed, cut: cut, ended: ended, last: t.last})
}

// isCut reports whether the end of the context caused an error, and the error is not
// ErrUnknownOutcome.
func isCut(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, ErrUnknownOutcome)
}

// paceOf returns the pace of the wait after a try that failed with an error.
func paceOf(reason error) attempt.Pace {
	if awserr.AgainOf(reason) == awserr.Contended {
		return attempt.Conflict
	}
	return attempt.Overload
}

// interruptedError is the Err of a RequestError if the end of the context ended a row of tries. Its
// text has the number of tries and the error of the last one. errors.Is and errors.As find the
// context's error and that of the last try.
type interruptedError struct {
	op, table string // of the RequestError, which names them; the text of last leaves them out
	count     int    // tries that failed before the context ended
	responses bool   // count has only the tries that got a response
	cut       bool   // the context ended another try
	ended     error  // the context's error, perhaps wrapped by the SDK
	last      error  // the error of the last try
}

func newInterruptedError(op, table string, e interruptedError) error {
	e.op, e.table = op, table
	return &RequestError{Op: op, Table: table, Err: &e}
}

func (e *interruptedError) Error() string {
	what := "the deadline ended"
	if errors.Is(e.ended, context.Canceled) {
		what = "the context was cancelled"
	}
	if e.cut {
		what += " in another try,"
	}
	return shown.Text(fmt.Sprintf("%s after %s; the last one: %s", what, e.counted(),
		textWithin(e.last, e.op, e.table)))
}

// counted returns the number of tries with its noun.
func (e *interruptedError) counted() string {
	one, several := "try", "tries"
	if e.responses {
		one, several = "response", "responses"
	}
	if e.count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", e.count, several)
}

// Unwrap returns the context's error and that of the last try.
func (e *interruptedError) Unwrap() []error { return []error{e.ended, e.last} }

// explainTries explains the error of a request whose tries the SDK makes and c counts. If the end
// of the context ended them, the error also has the reason why the earlier tries failed.
func (m *Mapper) explainTries(
	ctx context.Context, op, table string, err error, c *attempt.Counter,
) error {
	failed, reason := c.Failed()
	if err == nil || reason == nil || isOwn(err) || !isCut(ctx, err) {
		return m.explain(op, table, err)
	}
	return newInterruptedError(op, table, interruptedError{count: failed, cut: c.Sent() > failed,
		ended: err, last: m.explain(op, table, reason)})
}
