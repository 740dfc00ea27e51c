package attempt

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A wait ends after its time, and at once if its context ends.
func TestWait(t *testing.T) {
	t.Parallel()
	for _, pace := range []Pace{Conflict, Overload} {
		var b Backoff
		for range 3 {
			b.Begin()
			require.NoError(t, b.Wait(t.Context(), pace))
		}
		require.Equal(t, 3, b.Tries())
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, b.Wait(ended, pace), context.Canceled)
	}
}

// The end of the context ends a wait in progress.
func TestAContextEndsAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
		defer cancel()
		var b Backoff
		b.Begin()
		err := error(nil)
		for range 20 { // a wait of 1 ns is as likely as any other
			if err = b.Wait(ctx, Overload); err != nil {
				break
			}
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// After a conflict the waits grow from the duration of the try, and after an overload from 10 ms.
func TestBoundsOfTheWaits(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, test := range []struct {
		pace  Pace
		took  time.Duration
		bound []time.Duration
	}{
		{Conflict, 5 * ms, []time.Duration{5 * ms, 10 * ms, 20 * ms, 40 * ms, 40 * ms, 40 * ms}},
		{Conflict, 300 * ms, []time.Duration{300 * ms, 600 * ms, time.Second, time.Second}},
		{Conflict, time.Hour, []time.Duration{time.Second, time.Second}},
		{Conflict, 0, []time.Duration{ms, ms, ms}},
		{Conflict, -time.Hour, []time.Duration{ms, ms, ms}},
		{Overload, 5 * ms, []time.Duration{10 * ms, 20 * ms, 40 * ms, 80 * ms, 160 * ms, 320 * ms,
			640 * ms, time.Second, time.Second}},
		{Overload, time.Hour, []time.Duration{10 * ms, 20 * ms}},
	} {
		var b Backoff
		for _, bound := range test.bound {
			b.Begin()
			require.Equal(t, bound, b.bound(test.pace, test.took))
		}
	}
	many := Backoff{tries: 1 << 40}
	require.Equal(t, time.Second, many.bound(Overload, 0))
	require.Equal(t, 40*ms, many.bound(Conflict, 5*ms))
}
