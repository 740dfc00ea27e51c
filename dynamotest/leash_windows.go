package dynamotest

import (
	"os/exec"
	"sync"
	"syscall"
)

// jobLeash has Windows end the child when the last handle of its job object is closed, as happens with this process. If
// the system refuses the job object, the child ends when it is released, and only then.
type jobLeash struct {
	mu  sync.Mutex
	cmd *exec.Cmd      // nil before the child runs
	job syscall.Handle // 0 when there is none
}

// newLeash puts a leash on cmd. The child has a process group of its own: an interrupt from the console is for this
// process, which may have things to do before it ends.
func newLeash(cmd *exec.Cmd) (leash, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	return &jobLeash{}, nil
}

func (l *jobLeash) hold(cmd *exec.Cmd) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cmd = cmd
	if job, err := newJob(cmd.Process.Pid); err == nil {
		l.job = job
	}
}

// release kills the child, and with it what else is in its job: mvn is a script with a process of its own.
func (l *jobLeash) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.job != 0 {
		_ = syscall.CloseHandle(l.job)
		l.job = 0
	}
	if l.cmd != nil {
		_ = l.cmd.Process.Kill() // it can only be gone already
	}
}
