//go:build unix

package dynamotest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// helperVariable makes the test binary, run again, one of the programs in helpers instead.
const helperVariable = "DYNAMOTEST_HELPER"

// helpers are programs that tests start, wait for and kill. Each prints a line when it is as far as its test wants it.
func helpers() map[string]func() error {
	return map[string]func() error{
		"serve":     helpServe,
		"jars":      helpJars,
		"supervise": helpSupervise,
	}
}

func TestMain(m *testing.M) {
	help, is := helpers()[os.Getenv(helperVariable)]
	if !is {
		os.Exit(m.Run())
	}
	if err := help(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// helpServe starts an engine and stays.
func helpServe() error {
	server, err := Start(context.Background())
	if err != nil {
		return err
	}
	fmt.Println(server.engine.child.cmd.Process.Pid)
	return stay()
}

// helpJars fills the cache.
func helpJars() error {
	jars, err := ensureJars(context.Background())
	fmt.Println(jars)
	return err
}

// stay returns when the test is gone, should that happen before it kills the helper.
func stay() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// helper is a running helper.
type helper struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr *tail
}

// startHelper starts a helper with variables on top of the test's own.
func startHelper(t *testing.T, name string, variables ...string) *helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), helperVariable+"="+name), variables...)
	cmd.WaitDelay = outputDelay
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	t.Cleanup(func() { stdin.Close() })
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	h := &helper{cmd: cmd, stdout: bufio.NewReader(stdout), stderr: &tail{}}
	cmd.Stderr = h.stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return h
}

// line is the next line that the helper prints.
func (h *helper) line(t *testing.T) string {
	t.Helper()
	line, err := h.stdout.ReadString('\n')
	require.NoError(t, err, "the helper printed: %s", h.stderr)
	return strings.TrimSpace(line)
}

// eventually waits for what this process is not told of.
func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, 10*time.Millisecond, what)
}
