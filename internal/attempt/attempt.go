// Package attempt knows what happens to a request between the call and its answer: how often it was sent, and when
// it may be sent again.
package attempt

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// Counter follows the tries of one request: how often the SDK sends it, and whether an answer was lost. It is for one call,
// which is not shared between goroutines. A client that does not use the SDK's middleware hides its tries.
type Counter struct {
	// Once keeps the SDK from sending the request again after a lost answer.
	Once bool

	// Until is when the last try may leave, by the clock on the wall, which goes on where a machine sleeps or a function is frozen:
	// there a context's deadline waits. Zero is any time.
	Until time.Time

	seen bool
	sent int
	lost bool
	line *connection // of the try that has left for the service; nil: none has
	last error       // with Once, of the try that was lost

	failed int   // tries that failed for a reason of their own
	reason error // of the last of them
}

// ErrLate says that a try was not sent, because it would have left after Until.
var ErrLate = errors.New("it is too late to send the request again")

// Lost says that a try may have been applied without an answer that says so.
func (c *Counter) Lost() bool { return c.lost }

// Sent is how often the request was sent; at least once, for clients that do not use the SDK's middleware.
func (c *Counter) Sent() int { return max(c.sent, 1) }

// Seen reports whether the client lets the counter follow its tries. If not, nothing is known of them.
func (c *Counter) Seen() bool { return c.seen }

// ID names the middleware.
func (c *Counter) ID() string { return "dynamapper:CountAttempts" }

// HandleFinalize counts one try, and looks at how it ends. With Once a lost try is the last one, also where the retries are
// the user's own, and do not ask the error.
func (c *Counter) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	if c.last != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, c.last
	}
	if !c.Until.IsZero() && time.Now().After(c.Until.Round(0)) {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, &finalError{ErrLate}
	}
	c.sent++
	c.line = nil
	out, metadata, err := next.HandleFinalize(ctx, in)
	c.note(ctx, err)
	if err != nil && c.line != nil && isLost(err, c.line) {
		c.lost = true
		if c.Once {
			err = &finalError{err}
			c.last = err
		}
	}
	return out, metadata, err
}

// HandleDeserialize notes that a try leaves: what fails before, for want of credentials or of time, was never sent. A try whose
// context has ended does not leave, whatever the client is.
func (c *Counter) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	if err := ctx.Err(); err != nil {
		return middleware.DeserializeOutput{}, middleware.Metadata{}, &smithy.CanceledError{Err: err}
	}
	c.line = &connection{}
	return next.HandleDeserialize(c.line.follow(ctx), in)
}

// AddTo puts the counter behind the SDK's retries, where each try passes, and before the line, where it leaves.
func (c *Counter) AddTo(stack *middleware.Stack) error {
	c.seen = true
	if err := stack.Finalize.Insert(c, "Retry", middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(c, middleware.After)
}
