//go:build !unix && !windows

package dynamotest

import (
	"errors"
	"os/exec"
	"runtime"
)

// newLeash refuses: a child that may outlive this process is not started.
func newLeash(*exec.Cmd) (leash, error) {
	return nil, errors.New("processes cannot be started on " + runtime.GOOS)
}
