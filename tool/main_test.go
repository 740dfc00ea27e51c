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
)

// childVariable makes the test's program a command of Main that waits for its interrupt.
const childVariable = "DYNAMAPPER_TOOL_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	os.Args = []string{"child", "verify"}
	Main(func(ctx context.Context) (*dynamapper.Mapper, error) {
		fmt.Println("connecting")
		<-ctx.Done()
		return nil, ctx.Err()
	}, ModelOf[hero]())
}

func TestMainEndsAtAnInterrupt(t *testing.T) {
	t.Parallel()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1")
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
