package attempt

import (
	"context"
	"errors"
)

// Failed returns the number of tries that failed and the error of the last one. It does not count a
// try that the end of the context cut off: the SDK then returns the context's error, and drops the
// error for which it was about to retry.
func (c *Counter) Failed() (tries int, reason error) { return c.failed, c.reason }

// note records the error of a failed try.
func (c *Counter) note(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return
	}
	c.failed++
	c.reason = err
}
