// Package attempt knows what happens to a request between the call and its answer: how often it was sent, and when
// it may be sent again.
package attempt

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// Counter counts how often the SDK sends a request. It is for one call, which is not shared between goroutines.
type Counter struct{ sent int }

// Sent is how often the request was sent; at least once, for clients that do not use the SDK's middleware.
func (c *Counter) Sent() int { return max(c.sent, 1) }

// ID names the middleware.
func (c *Counter) ID() string { return "dynamapper:CountAttempts" }

// HandleFinalize counts one try and goes on.
func (c *Counter) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	c.sent++
	return next.HandleFinalize(ctx, in)
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
