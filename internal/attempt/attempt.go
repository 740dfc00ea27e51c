// Package attempt knows what happens to a request between the call and its answer: how often it was sent, and when
// it may be sent again.
package attempt

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// Counter follows the tries of one request: how often the SDK sends it, and whether an answer was lost. It is for one call,
// which is not shared between goroutines. A client that does not use the SDK's middleware hides its tries.
type Counter struct {
	// Once keeps the SDK from sending the request again after a lost answer.
	Once bool

	sent int
	lost bool
}

// Lost says that a try may have been applied without an answer that says so.
func (c *Counter) Lost() bool { return c.lost }

// Sent is how often the request was sent; at least once, for clients that do not use the SDK's middleware.
func (c *Counter) Sent() int { return max(c.sent, 1) }

// ID names the middleware.
func (c *Counter) ID() string { return "dynamapper:CountAttempts" }

// HandleFinalize counts one try, and looks at how it ends.
func (c *Counter) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	c.sent++
	ended := ctx.Err() != nil // before it was sent
	out, metadata, err := next.HandleFinalize(ctx, in)
	if err != nil && !ended && isLost(err) {
		c.lost = true
		if c.Once {
			err = &finalError{err}
		}
	}
	return out, metadata, err
}

// AddTo puts the counter behind the SDK's retries, where each try passes.
func (c *Counter) AddTo(stack *middleware.Stack) error {
	return stack.Finalize.Insert(c, "Retry", middleware.After)
}

// The bounds of Wait: the first wait is up to firstWait, each next one up to twice as long, and none over longestWait.
const (
	firstWait   = 10 * time.Millisecond
	longestWait = time.Second
)

// Wait waits before try number n, counted from 1, is repeated: a random time up to a bound that doubles, so that those
// who collided do not meet again. It ends with the context, whose error it returns.
func Wait(ctx context.Context, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	bound := longestWait
	if n < 8 {
		bound = min(longestWait, firstWait<<(n-1))
	}
	timer := time.NewTimer(rand.N(bound) + 1)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
