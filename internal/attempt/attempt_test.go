package attempt

import (
	"context"
	"testing"

	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"
)

// The counter counts each try, and a call that the SDK never made as one.
func TestCounter(t *testing.T) {
	var c Counter
	require.Equal(t, 1, c.Sent())
	next := middleware.FinalizeHandlerFunc(func(context.Context, middleware.FinalizeInput) (middleware.FinalizeOutput, middleware.Metadata, error) {
		return middleware.FinalizeOutput{Result: "answer"}, middleware.Metadata{}, nil
	})
	for range 3 {
		out, _, err := c.HandleFinalize(t.Context(), middleware.FinalizeInput{}, next)
		require.NoError(t, err)
		require.Equal(t, "answer", out.Result)
	}
	require.Equal(t, 3, c.Sent())
}

// The counter needs the SDK's retries to stand behind.
func TestCounterNeedsTheRetries(t *testing.T) {
	stack := middleware.NewStack("test", func() any { return nil })
	require.Error(t, new(Counter).AddTo(stack))
	require.NoError(t, stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Retry", nil), middleware.After))
	c := new(Counter)
	require.NoError(t, c.AddTo(stack))
	require.Equal(t, []string{"Retry", c.ID()}, stack.Finalize.List())
}

// A wait ends by itself, and at once with its context.
func TestWait(t *testing.T) {
	for _, try := range []int{1, 2, 3} {
		require.NoError(t, Wait(t.Context(), try))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, try := range []int{1, 8, 9, 100, 1 << 40} {
		require.ErrorIs(t, Wait(ended, try), context.Canceled)
	}
}
