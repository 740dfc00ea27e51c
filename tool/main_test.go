package tool

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// childVariable makes the test's program a command of Main: one that waits for its interrupt, or
// one whose tables are in an engine of its own.
const childVariable = "DYNAMAPPER_TOOL_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "waits":
		Main(func(ctx context.Context) (*dynamapper.Mapper, error) {
			fmt.Println("connecting")
			<-ctx.Done()
			return nil, ctx.Err()
		}, ModelOf[hero]())
	}
	Main(func(ctx context.Context) (*dynamapper.Mapper, error) {
		server, err := dynamotest.StartEngine()
		if err != nil {
			return nil, err
		}
		return server.Mapper(ctx)
	}, ModelOf[hero]())
}

func newChild(kind string, args ...string) *exec.Cmd {
	child := exec.Command(os.Args[0], args...)
	child.Env = append(os.Environ(), childVariable+"="+kind)
	return child
}

func TestTheStatusesOfAProgram(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		args   []string
	}{
		{0, []string{"apply"}}, {0, []string{"help"}}, {0, []string{"plan", "-h"}},
		{1, nil}, {1, []string{"destroy"}}, {1, []string{"plan", "-no-such-flag"}},
		{1, []string{"migrate"}},
		{2, []string{"plan"}}, {2, []string{"verify"}}, {2, []string{"describe"}},
	} {
		child := newChild("works", test.args...)
		out, _ := child.CombinedOutput()
		require.Equal(t, test.status, child.ProcessState.ExitCode(), "%v: %s", test.args, out)
	}
}

func TestMainEndsAtAnInterrupt(t *testing.T) {
	t.Parallel()
	child := newChild("waits", "verify")
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	var stderr strings.Builder
	child.Stderr = &stderr
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "connecting\n", line)
	require.NoError(t, child.Process.Signal(os.Interrupt))
	require.Error(t, child.Wait())
	require.Equal(t, 1, child.ProcessState.ExitCode())
	require.Equal(t, "interrupted\nerror: connecting: context canceled\n", stderr.String())
}
