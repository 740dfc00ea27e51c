package attempt

import (
	"context"
	"errors"
)

// Failed returns how many tries have failed for a reason of their own, and the last reason. A try
// that the end of the context has cut off is none: the SDK returns the context's error then, and
// drops why it was about to send the request again.
func (c *Counter) Failed() (tries int, reason error) { return c.failed, c.reason }

// note remembers why a try has failed.
func (c *Counter) note(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return
	}
	c.failed++
	c.reason = err
}
