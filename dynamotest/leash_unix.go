//go:build unix && !linux

package dynamotest

import (
	"os/exec"
	"syscall"
)

// newLeash puts a leash on cmd, by running it under the supervising shell. The shell has a process group of its own: an
// interrupt from the terminal is for this process, which may have things to do before it ends.
func newLeash(cmd *exec.Cmd) (leash, error) {
	superviseWithShell(cmd)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return newStdinLeash(cmd)
}
