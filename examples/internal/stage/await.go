package stage

import (
	"context"
	"fmt"
	"time"
)

// awaitEvery is the interval between looks.
const awaitEvery = 200 * time.Millisecond

// Await looks again and again until it sees what it waits for, such as an index that has all items:
// a global index follows its table with a delay. It returns the number of looks. If the time is up,
// the error is that "after 1m0s" followed by what has not happened.
func Await(
	ctx context.Context, within time.Duration, what string,
	look func(context.Context) (bool, error),
) (looks int, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("after %v %s", within, what))
	defer cancel()
	for {
		looks++
		seen, err := look(ctx)
		switch {
		case ctx.Err() != nil:
			return looks, context.Cause(ctx)
		case err != nil || seen:
			return looks, err
		}
		select {
		case <-time.After(awaitEvery):
		case <-ctx.Done():
			return looks, context.Cause(ctx)
		}
	}
}
