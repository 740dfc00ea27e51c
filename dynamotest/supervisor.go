package dynamotest

import (
	"fmt"
	"io"
	"os/exec"
)

// supervisor is a POSIX shell script that runs its arguments as a command and ends it when its own standard input ends:
// the end that a pipe has when the process at its other end is gone, however that came about. The shell ends with the
// command and its status.
const supervisor = `exec 3<&0
"$@" </dev/null 3<&- &
child=$!
(read -r _ <&3; kill -9 $child) 2>/dev/null &
wait $child
status=$?
kill $! 2>/dev/null
exit $status`

// stdinLeash ends a child that ends when its standard input does.
type stdinLeash struct {
	stdin io.Closer
}

// newStdinLeash gives cmd a standard input that lasts as long as this process, at most.
func newStdinLeash(cmd *exec.Cmd) (leash, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("a pipe to %s: %w", cmd.Path, err)
	}
	return stdinLeash{stdin: stdin}, nil
}

func (l stdinLeash) hold(*exec.Cmd) {}

func (l stdinLeash) release() {
	_ = l.stdin.Close() // closed already: the child ends, or has ended
}
