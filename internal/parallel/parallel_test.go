package parallel

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRunCallsEach(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []int
	require.NoError(t, Run(t.Context(), 5, 3, func(_ context.Context, i int) error {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, i)
		return nil
	}))
	slices.Sort(calls)
	require.Equal(t, []int{0, 1, 2, 3, 4}, calls)
}

// The first error cancels the calls under way, and no further call begins.
func TestRunStopsAtAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	calls := 0
	var mu sync.Mutex
	err := Run(t.Context(), 100, 2, func(ctx context.Context, i int) error {
		mu.Lock()
		calls++
		mu.Unlock()
		if i == 1 {
			return broken
		}
		<-ctx.Done()
		return ctx.Err()
	})
	require.Equal(t, broken, err)
	require.LessOrEqual(t, calls, 2)
}

func TestRunPanicsAsItsCall(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "broken", func() {
		_ = Run(t.Context(), 3, 2, func(context.Context, int) error { panic("broken") })
	})
}

func TestRunExitsAsItsCall(t *testing.T) {
	t.Parallel()
	ended := make(chan bool)
	go func() {
		returned := false
		defer func() { ended <- returned }()
		_ = Run(context.Background(), 3, 2, func(context.Context, int) error {
			runtime.Goexit()
			return nil
		})
		returned = true
	}()
	require.False(t, <-ended)
}
