//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary run as the program.
const asProgram = "DYNAMAPPER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestASignalEndsTheProgramCleanly(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		stdout, stderr := newOutput(), &bytes.Buffer{}
		program := exec.CommandContext(t.Context(), os.Args[0], "serve", "-addr", "127.0.0.1:0")
		program.Env = append(os.Environ(), asProgram+"=1", "GORACE=atexit_sleep_ms=0")
		program.Stdout, program.Stderr = stdout, stderr
		require.NoError(t, program.Start())
		stdout.await(t, `listens on (http://\S+)`)
		require.NoError(t, program.Process.Signal(signal))
		require.NoError(t, program.Wait(), "the exit code is 0")
		require.Empty(t, stderr.String())
	}
}
