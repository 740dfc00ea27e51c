package dynamotest

import (
	"context"
	"fmt"
	"time"
)

// lockEvery is how often a lock that another process holds is tried for. Waiting for it in the system could not be ended
// by a context.
const lockEvery = 100 * time.Millisecond

// lock waits until it has the named file to itself, among all processes; a process that ends, however it does, loses it.
// Where it has to wait, waiting is called first.
func lock(ctx context.Context, name string, waiting func()) (unlock func(), err error) {
	ticker := time.NewTicker(lockEvery)
	defer ticker.Stop()
	for {
		file, err := tryLock(name)
		if err != nil {
			return nil, fmt.Errorf("the lock on %s: %w", name, err)
		}
		if file != nil {
			return func() { file.Close() }, nil
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the lock on %s: %w", name, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}
