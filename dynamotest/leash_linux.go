package dynamotest

import (
	"os/exec"
	"sync/atomic"
	"syscall"
)

// deathSignalLeash has the kernel kill the child when the thread that started it ends; see [child.live].
type deathSignalLeash struct {
	group atomic.Int64 // 0 before the child runs
}

// newLeash puts a leash on cmd. The child has a process group of its own: an interrupt from the terminal is for this
// process, which may have things to do before it ends.
func newLeash(cmd *exec.Cmd) (leash, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return &deathSignalLeash{}, nil
}

func (l *deathSignalLeash) hold(cmd *exec.Cmd) {
	l.group.Store(int64(cmd.Process.Pid))
}

// release kills the whole group: mvn may be a script with a process of its own.
func (l *deathSignalLeash) release() {
	if group := l.group.Swap(0); group != 0 {
		_ = syscall.Kill(-int(group), syscall.SIGKILL) // it can only be gone already
	}
}
