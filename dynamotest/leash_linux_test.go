package dynamotest

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEngineEndsWithAKilledParent(t *testing.T) {
	parent := startHelper(t, "serve", endpointVariable+"=")
	pid, err := strconv.Atoi(parent.line(t))
	require.NoError(t, err)
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	require.NoError(t, err)
	require.Contains(t, program, "java")

	require.NoError(t, parent.cmd.Process.Kill())
	eventually(t, func() bool { return isGone(pid) }, "the engine ends")
}

// The kernel ends a child with the thread that started it, and a goroutine that is locked to its thread ends it.
func TestEngineSurvivesTheEndOfThreads(t *testing.T) {
	t.Setenv(endpointVariable, "")
	var server *Server
	var err error
	threads := make(chan int, 50)
	onThread := func(do func()) {
		runtime.LockOSThread()
		do()
		threads <- syscall.Gettid()
	}
	var all sync.WaitGroup
	all.Go(func() { onThread(func() { server, err = Start(t.Context()) }) })
	for range cap(threads) - 1 {
		all.Go(func() { onThread(func() {}) })
	}
	all.Wait()
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })

	close(threads)
	for thread := range threads {
		if thread == os.Getpid() {
			continue // the first thread stays until the process ends
		}
		eventually(t, func() bool {
			_, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", thread))
			return os.IsNotExist(err)
		}, "the thread ends")
	}
	requireAnswer(t, server)
	require.NoError(t, server.Close(), "it had not ended")
}
