package dynamotest

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/engine"
)

type note struct {
	dynamapper.Model `dynamo:"notes"`

	ID string `dynamo:"id,hash"`
}

// createNotes creates the table of notes and returns its name.
func createNotes(t *testing.T, mapper *dynamapper.Mapper) string {
	t.Helper()
	notes, err := dynamapper.TableOf[note](mapper)
	require.NoError(t, err)
	require.NoError(t, notes.CreateTable(t.Context()))
	return notes.Name()
}

func TestRunIsOneEngine(t *testing.T) {
	t.Parallel()
	servers := make([]*Server, 20)
	var all sync.WaitGroup
	for i := range servers {
		all.Go(func() { servers[i] = Run(t) })
	}
	all.Wait()
	for _, server := range servers {
		require.Same(t, servers[0], server)
	}
}

// Subtests and other clients see the changes of a test's mapper.
func TestMapperAndRunAreOfOneEngine(t *testing.T) {
	t.Parallel()
	name := createNotes(t, Mapper(t))
	require.Contains(t, tablesOf(t, Run(t).Config()), name)
	notes, err := dynamapper.TableOf[note](Mapper(t))
	require.NoError(t, err)
	require.NoError(t, notes.Verify(t.Context()))
	t.Run("subtest", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, tablesOf(t, Run(t).Config()), name)
		t.Run("of a/subtest", func(t *testing.T) {
			require.Contains(t, tablesOf(t, Run(t).Config()), name)
		})
	})
}

// If the parent test has no engine, each subtest has its own, and they may use the same table
// names.
func TestSubtestsHaveAnEngineEach(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	servers := map[*Server]bool{}
	t.Run("all", func(t *testing.T) {
		for i := range 10 {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				createNotes(t, Mapper(t))
				mu.Lock()
				defer mu.Unlock()
				servers[Run(t)] = true
			})
		}
	})
	require.Len(t, servers, 10)
	require.False(t, servers[Run(t)])
}

// An engine ends with the test that has started it. Another test of the same name, as with -count,
// has another engine.
func TestAnEngineEndsWithItsTest(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{name: t.Name() + " of another"}
	first := Run(tb)
	require.Same(t, first, Run(tb))
	tb.end()
	require.NotSame(t, first, Run(tb))
	tb.end()
	require.Empty(t, tb.failures)
	require.Nil(t, scopes.find(tb.name))
}

func TestRunEngine(t *testing.T) {
	t.Parallel()
	clock := func() time.Time { return time.Unix(0, 0) }
	server := RunEngine(t, engine.WithClock(clock))
	require.NotNil(t, server.Engine())
	require.Same(t, server, Run(t))
	require.Equal(t, "notes", createNotes(t, Mapper(t)))
	described, err := dynamodb.NewFromConfig(server.Config()).DescribeTable(
		t.Context(), &dynamodb.DescribeTableInput{TableName: ref("notes")})
	require.NoError(t, err)
	require.True(t, described.Table.CreationDateTime.Equal(clock()))

	t.Run("of a subtest", func(t *testing.T) {
		own := RunEngine(t)
		require.NotSame(t, server, own)
		require.Same(t, own, Run(t))
	})
	require.Same(t, server, Run(t))
}

func ref[T any](v T) *T { return &v }

func TestRunEngineTwice(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(testing.TB){
		"RunEngine": func(tb testing.TB) { RunEngine(tb) },
		"Run":       func(tb testing.TB) { Run(tb) },
		"Mapper":    func(tb testing.TB) { Mapper(tb) },
	} {
		tb := &fakeTB{name: t.Name() + " after " + name}
		tb.do(func() { first(tb) })
		require.Empty(t, tb.failures)
		tb.do(func() { RunEngine(tb) })
		require.Equal(t, []string{"dynamotest: this test has an engine already; " +
			"call RunEngine before Run and Mapper, and once"}, tb.failures)
		tb.end()
	}
}

// A bubble of testing/synctest belongs to its test.
func TestRunInABubble(t *testing.T) {
	t.Parallel()
	server := RunEngine(t)
	synctest.Test(t, func(t *testing.T) {
		require.Same(t, server, Run(t))
		createNotes(t, Mapper(t))
	})
	require.Equal(t, []string{"notes"}, tablesOf(t, server.Config()))

	t.Run("alone", func(t *testing.T) {
		var within *Server
		synctest.Test(t, func(t *testing.T) { within = RunEngine(t) })
		require.NotSame(t, within, Run(t), "it has ended with the bubble")
	})
}

// A test whose engine cannot be started fails, and is not skipped.
func TestFailures(t *testing.T) {
	for name, test := range map[string]struct {
		variable, value string
		run             func(testing.TB)
		failure         string
	}{
		"Run":       {endpointVariable, "x", func(tb testing.TB) { Run(tb) }, "is not a URL"},
		"RunEngine": {seedVariable, "x", func(tb testing.TB) { RunEngine(tb) }, "DYNAMOTEST_SEED"},
		"Mapper":    {endpointVariable, "x", func(tb testing.TB) { Mapper(tb) }, "is not a URL"},
		"Mapper, option": {seedVariable, "", func(tb testing.TB) {
			Mapper(tb, dynamapper.WithRegion(""))
		}, "WithRegion"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(endpointVariable, "")
			t.Setenv(test.variable, test.value)
			tb := &fakeTB{name: t.Name()}
			tb.do(func() { test.run(tb) })
			tb.end()
			require.Len(t, tb.failures, 1)
			require.Contains(t, tb.failures[0], test.failure)
		})
	}
}

// fakeTB is a test that can fail without failing the real one.
type fakeTB struct {
	testing.TB
	name     string
	failures []string
	cleanups []func()
}

func (tb *fakeTB) Helper()                  {}
func (tb *fakeTB) Name() string             { return tb.name }
func (tb *fakeTB) Context() context.Context { return context.Background() }
func (tb *fakeTB) Cleanup(cleanup func())   { tb.cleanups = append(tb.cleanups, cleanup) }

func (tb *fakeTB) Errorf(format string, args ...any) {
	tb.failures = append(tb.failures, fmt.Sprintf(format, args...))
}

func (tb *fakeTB) Fatal(args ...any) {
	tb.failures = append(tb.failures, fmt.Sprint(args...))
	runtime.Goexit()
}

// do runs a part of the test, which Fatal ends.
func (tb *fakeTB) do(part func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		part()
	}()
	<-done
}

// end ends the test.
func (tb *fakeTB) end() {
	for len(tb.cleanups) > 0 {
		last := len(tb.cleanups) - 1
		cleanup := tb.cleanups[last]
		tb.cleanups = tb.cleanups[:last]
		cleanup()
	}
}
