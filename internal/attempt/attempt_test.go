package attempt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
)

// The counter counts each try. A call that the SDK never made counts as one.
func TestCounter(t *testing.T) {
	var c Counter
	require.Equal(t, 1, c.Sent())
	next := middleware.FinalizeHandlerFunc(func(
		context.Context, middleware.FinalizeInput,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		return middleware.FinalizeOutput{Result: "response"}, middleware.Metadata{}, nil
	})
	for range 3 {
		out, _, err := c.HandleFinalize(t.Context(), middleware.FinalizeInput{}, next)
		require.NoError(t, err)
		require.Equal(t, "response", out.Result)
	}
	require.Equal(t, 3, c.Sent())
}

// The counter can only be added behind the SDK's retries.
func TestCounterNeedsTheRetries(t *testing.T) {
	stack := middleware.NewStack("test", func() any { return nil })
	require.Error(t, new(Counter).AddTo(stack))
	require.NoError(t, stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Retry", nil),
		middleware.After))
	c := new(Counter)
	require.NoError(t, c.AddTo(stack))
	require.Equal(t, []string{"Retry", c.ID()}, stack.Finalize.List())
	require.Equal(t, []string{c.ID()}, stack.Deserialize.List())
}

// A try is lost if it may have been applied, and not if the service refused it. Only a response
// decides that; without one, the type of the error decides nothing.
func TestIsLost(t *testing.T) {
	status := func(code int) error {
		return &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}},
			Err:      io.ErrUnexpectedEOF}
	}
	for name, test := range map[string]struct {
		err  error
		lost bool
	}{
		"a connection that broke": {&smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF},
			true},
		"a context that ended":        {&smithy.CanceledError{Err: context.Canceled}, true},
		"a failure of the service":    {status(500), true},
		"a response that was cut":     {status(200), true},
		"a refusal":                   {status(400), false},
		"a throttling":                {status(429), false},
		"a gateway that did not wait": {status(408), true},
		"what looks like a dial": {
			&smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Err: io.EOF}}, true},
		"what looks like no TLS": {&smithyhttp.RequestSendError{Err: tls.RecordHeaderError{}},
			true},
		"what nobody knows": {errors.New("of a middleware"), true},
	} {
		require.Equal(t, test.lost, isLost(fmt.Errorf("wrapped: %w", test.err), &connection{}),
			name)
	}
}

// leaving simulates a try that is sent and ends without a response.
func leaving(c *Counter) middleware.FinalizeHandler {
	line := middleware.DeserializeHandlerFunc(func(
		context.Context, middleware.DeserializeInput,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		return middleware.DeserializeOutput{}, middleware.Metadata{},
			&smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}
	})
	return middleware.FinalizeHandlerFunc(func(
		ctx context.Context, _ middleware.FinalizeInput,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		_, _, err := c.HandleDeserialize(ctx, middleware.DeserializeInput{}, line)
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	})
}

// With RetryUnsafe, a lost try is the last, even if it is tried again; the caller still sees the
// error of the lost try.
func TestRetryUnsafe(t *testing.T) {
	for _, once := range []bool{true, false} {
		c := &Counter{RetryUnsafe: once}
		for range 2 {
			_, _, err := c.HandleFinalize(t.Context(), middleware.FinalizeInput{}, leaving(c))
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.True(t, c.Lost())
			require.Equal(t, once, !retry.NewStandard().IsErrorRetryable(err))
		}
		require.Equal(t, map[bool]int{true: 1, false: 2}[once], c.Sent())
	}
}

// After Until, nothing is sent or tried again; what was lost before stays lost.
func TestUntil(t *testing.T) {
	c := &Counter{Until: time.Now().Add(time.Hour)}
	_, _, err := c.HandleFinalize(t.Context(), middleware.FinalizeInput{}, leaving(c))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	c.Until = time.Now().Add(-time.Nanosecond)
	_, _, err = c.HandleFinalize(t.Context(), middleware.FinalizeInput{}, leaving(c))
	require.ErrorIs(t, err, ErrLate)
	require.False(t, retry.NewStandard().IsErrorRetryable(err))
	require.Equal(t, 1, c.Sent())
	require.True(t, c.Lost())
}

// A try that was not sent is not lost, whatever the error, such as missing credentials or a
// deadline. An earlier try does not count for it.
func TestWhatDidNotLeave(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	c := &Counter{}
	_, _, err := c.HandleFinalize(ended, middleware.FinalizeInput{}, leaving(c))
	require.Error(t, err)
	require.False(t, c.Lost())

	unsigned := middleware.FinalizeHandlerFunc(func(
		context.Context, middleware.FinalizeInput,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, context.DeadlineExceeded
	})
	c.line = &connection{} // from an earlier try
	_, _, err = c.HandleFinalize(t.Context(), middleware.FinalizeInput{}, unsigned)
	require.Error(t, err)
	require.False(t, c.Lost())
}

// If the end of the context hides it, the error of the last failed try is still recorded.
func TestTheReasonOfAFailedTry(t *testing.T) {
	c := &Counter{}
	ctx, cancel := context.WithCancel(t.Context())
	for n := 1; n <= 2; n++ {
		_, _, err := c.HandleFinalize(ctx, middleware.FinalizeInput{}, leaving(c))
		require.Error(t, err)
		tries, reason := c.Failed()
		require.Equal(t, n, tries)
		require.Equal(t, err, reason)
	}
	_, before := c.Failed()
	cut := middleware.FinalizeHandlerFunc(func(ctx context.Context, _ middleware.FinalizeInput) (
		middleware.FinalizeOutput, middleware.Metadata, error,
	) {
		cancel()
		return middleware.FinalizeOutput{}, middleware.Metadata{},
			&smithy.CanceledError{Err: ctx.Err()}
	})
	_, _, err := c.HandleFinalize(ctx, middleware.FinalizeInput{}, cut)
	require.ErrorIs(t, err, context.Canceled)
	tries, reason := c.Failed()
	require.Equal(t, 2, tries)
	require.Equal(t, before, reason)
	require.Equal(t, 3, c.Sent())
}
