//go:build unix

package dynamotest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// startSupervised starts a shell command as on systems whose kernel does not end it with this process.
func startSupervised(text string) (*child, error) {
	cmd := exec.Command("/bin/sh", "-c", text)
	superviseWithShell(cmd)
	leash, err := newStdinLeash(cmd)
	if err != nil {
		return nil, err
	}
	return startChild("the command", cmd, leash, nil)
}

// helpSupervise has the shell supervise a command without an end.
func helpSupervise() error {
	child, err := startSupervised("echo $$; exec sleep 1000")
	if err != nil {
		return err
	}
	for child.output.String() == "" { // until the command runs
		select {
		case <-child.done:
			return child.exitError()
		default:
		}
	}
	fmt.Println(child.output)
	return stay()
}

// isGone tells whether a process has ended. One that nobody has waited for yet has, too.
func isGone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(strings.TrimSpace(string(state)), "Z")
}

func TestSupervisedCommandEndsWithItsParent(t *testing.T) {
	parent := startHelper(t, "supervise")
	pid, err := strconv.Atoi(parent.line(t))
	require.NoError(t, err)
	require.False(t, isGone(pid))

	require.NoError(t, parent.cmd.Process.Kill())
	eventually(t, func() bool { return isGone(pid) }, "the command ends")
}

func TestSupervisedCommandEndsByItself(t *testing.T) {
	child, err := startSupervised("echo out; echo err >&2; exit 7")
	require.NoError(t, err)
	<-child.done
	require.EqualError(t, child.exitError(), "the command ended (exit status 7), having printed last:\nout\nerr")
}

func TestSupervisedCommandIsStopped(t *testing.T) {
	child, err := startSupervised("echo $$; exec sleep 1000")
	require.NoError(t, err)
	eventually(t, func() bool { return child.output.String() != "" }, "the command runs")
	pid, err := strconv.Atoi(child.output.String())
	require.NoError(t, err)

	child.stop()
	eventually(t, func() bool { return isGone(pid) }, "the command ends")
	child.stop()
}

func TestChildThatCannotBeStarted(t *testing.T) {
	cmd := exec.Command("/no/such/program")
	leash, err := newLeash(cmd)
	require.NoError(t, err)
	_, err = startChild("the program", cmd, leash, nil)
	require.ErrorContains(t, err, "the program could not be started: ")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// shellLaunch launches a shell command as an engine.
func shellLaunch(text string) launch {
	return func(int) (*child, error) {
		cmd := exec.Command("/bin/sh", "-c", text)
		leash, err := newLeash(cmd)
		if err != nil {
			return nil, err
		}
		return startChild("the engine", cmd, leash, nil)
	}
}

func TestEngineThatEndsBeforeItIsReady(t *testing.T) {
	_, err := startEngine(t.Context(), shellLaunch("echo the reason; exit 3"))
	require.EqualError(t, err, "the engine ended (exit status 3), having printed last:\nthe reason")

	_, err = startEngine(t.Context(), shellLaunch(""))
	require.EqualError(t, err, "the engine ended (exit status 0) and printed nothing")
}

func TestEngineThatIsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var started *child
	_, err := startEngine(ctx, func(port int) (_ *child, err error) {
		started, err = shellLaunch("exec sleep 1000")(port)
		cancel()
		return started, err
	})
	require.ErrorIs(t, err, context.Canceled)
	<-started.done
}

func TestEngineWhosePortIsAlwaysTaken(t *testing.T) {
	tries := 0
	ports := map[int]bool{}
	_, err := startEngine(t.Context(), func(port int) (*child, error) {
		tries++
		ports[port] = true
		return shellLaunch("echo java.net.BindException: Address already in use; exit 1")(port)
	})
	require.ErrorContains(t, err, "BindException")
	require.Equal(t, portTries, tries)
	require.Greater(t, len(ports), 1)
}
