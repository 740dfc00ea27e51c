// Package attempt follows a request between the call and its response: how often it was sent, and
// when it may be sent again.
package attempt

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// Counter follows the tries of one request: it counts how often the SDK sends it, and records
// whether a response was lost. A Counter is for one call, and must not be shared between
// goroutines. A client that does not use the SDK's middleware hides its tries.
type Counter struct {
	// RetryUnsafe keeps the SDK from sending the request again after a lost response.
	RetryUnsafe bool

	// Until is the latest time at which a try may be sent. It is wall-clock time, which also
	// advances while a machine sleeps or a function is frozen, when a context's deadline does not.
	// The zero time means no limit.
	Until time.Time

	seen bool
	own  bool // the first try was sent without the SDK's middleware
	sent int
	lost bool
	line *connection // of the latest try that was sent; nil: none
	past *connection // of a first try that was sent without the SDK's middleware
	last error       // of the lost try; only with RetryUnsafe

	failed int   // tries that failed, except those that the end of the context cut off
	reason error // the error of the last of them

	throttled []types.ThrottlingReason // why tries were throttled, each reason once
}

// ErrLate is the error of a try that was not sent because Until had passed.
var ErrLate = errors.New("it is too late to send the request again")

// Lost reports whether a try may have been applied although no response confirmed it.
func (c *Counter) Lost() bool { return c.lost }

// Sent returns how often the request was sent. It returns at least 1, for clients that do not use
// the SDK's middleware.
func (c *Counter) Sent() int { return max(c.sent, 1) }

// Seen reports whether the client lets the counter follow its tries. If not, nothing is known about
// them.
func (c *Counter) Seen() bool { return c.seen }

// ID returns the name of the middleware.
func (c *Counter) ID() string { return "dynamapper:CountAttempts" }

// HandleFinalize counts a try and records its end. With RetryUnsafe, a lost try is the last one,
// even if the retryer is the user's own and ignores the error.
func (c *Counter) HandleFinalize(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (middleware.FinalizeOutput, middleware.Metadata, error) {
	if c.last != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, c.last
	}
	if c.IsLate() {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &finalError{ErrLate}
	}
	c.sent++
	c.line = nil
	out, metadata, err := next.HandleFinalize(ctx, in)
	c.note(ctx, err)
	if err != nil && c.line != nil && isLost(err, c.line) {
		c.lost = true
		if c.RetryUnsafe {
			err = &finalError{err}
			c.last = err
		}
	}
	return out, metadata, err
}

// HandleDeserialize records that a try is sent. A try that fails before, for lack of credentials or
// time, was never sent. A try whose context has ended is not sent, whatever the client does.
func (c *Counter) HandleDeserialize(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	if err := ctx.Err(); err != nil {
		return middleware.DeserializeOutput{}, middleware.Metadata{},
			&smithy.CanceledError{Err: err}
	}
	if c.line, c.past = c.past, nil; c.line != nil {
		return next.HandleDeserialize(ctx, in)
	}
	c.line = &connection{}
	return next.HandleDeserialize(c.line.follow(ctx), in)
}

// Begin records that the first try is sent without the SDK's middleware. It returns the context to
// send it with. If the SDK's middleware continues, its own first try must send nothing, and end as
// this one did. A nil Counter records nothing.
func (c *Counter) Begin(ctx context.Context) context.Context {
	if c == nil {
		return ctx
	}
	c.seen, c.own, c.past = true, true, &connection{}
	return c.past.follow(ctx)
}

// IsOwn reports whether the first try was sent without the SDK's middleware.
func (c *Counter) IsOwn() bool { return c.own }

// IsLate reports whether it is too late to send a try.
func (c *Counter) IsLate() bool {
	return c != nil && !c.Until.IsZero() && time.Now().After(c.Until.Round(0))
}

// AddTo puts the counter behind the SDK's retries, where it sees each try, and in front of the
// connection, where it sees each try being sent.
func (c *Counter) AddTo(stack *middleware.Stack) error {
	c.seen = true
	if err := stack.Finalize.Insert(c, "Retry", middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(c, middleware.After)
}
