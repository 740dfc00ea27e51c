//go:build !windows && (!unix || solaris || illumos || aix)

package dynamotest

import (
	"errors"
	"os"
	"runtime"
)

// tryLock refuses: DynamoDB Local does not run on these systems.
func tryLock(string) (*os.File, error) {
	return nil, errors.New("there is no DynamoDB Local for " + runtime.GOOS)
}
