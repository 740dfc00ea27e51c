package service

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// throttled is a service with a table and a clock that a test sets.
type throttled struct {
	*Service
	now   time.Time
	entry *tableEntry
}

func newThrottled(readUnits, writeUnits float64) *throttled {
	t := &throttled{now: time.Unix(1_700_000_000, 0), entry: &tableEntry{name: "players"}}
	t.Service = New(Options{Now: func() time.Time { return t.now }})
	t.Throttle("players", readUnits, writeUnits)
	return t
}

func (t *throttled) read(units float64) bool  { return t.throttle(t.entry, units, 0) == nil }
func (t *throttled) write(units float64) bool { return t.throttle(t.entry, 0, units) == nil }

func TestThrottleGivesAsManyUnitsASecond(t *testing.T) {
	t.Parallel()
	s := newThrottled(2, 1)
	require.Equal(t, []bool{true, true, false}, []bool{s.read(1), s.read(1), s.read(0.5)})
	require.Equal(t, []bool{true, false}, []bool{s.write(1), s.write(1)}, "writes have their own")
	s.now = s.now.Add(500 * time.Millisecond)
	require.Equal(t, []bool{true, false}, []bool{s.read(1), s.read(0.5)})
	require.False(t, s.write(1), "half a unit is not enough, and is kept")
	s.now = s.now.Add(500 * time.Millisecond)
	require.True(t, s.write(1))
}

func TestThrottleKeepsTheUnitsOfOneSecond(t *testing.T) {
	t.Parallel()
	s := newThrottled(2, -1)
	s.now = s.now.Add(time.Hour)
	require.Equal(t, []bool{true, true, false}, []bool{s.read(1), s.read(1), s.read(1)})
}

func TestThrottleLetsALargeRequestOwe(t *testing.T) {
	t.Parallel()
	s := newThrottled(-1, 2)
	require.True(t, s.write(5), "the second is full")
	s.now = s.now.Add(1500 * time.Millisecond) // 3 owed, 3 given
	require.False(t, s.write(0.5))
	s.now = s.now.Add(250 * time.Millisecond)
	require.True(t, s.write(0.5))
}

func TestThrottleOfZeroAndNegativeLimits(t *testing.T) {
	t.Parallel()
	s := newThrottled(0, 0)
	s.now = s.now.Add(time.Hour)
	require.Equal(t, []bool{false, false}, []bool{s.read(0.5), s.write(1)})
	require.True(t, s.read(0), "what costs nothing is not throttled")
	s.Throttle("players", -1, 0)
	require.Equal(t, []bool{true, false}, []bool{s.read(1e9), s.write(1)})
	s.Throttle("players", -1, -1)
	require.True(t, s.write(1e9))
}

func TestThrottleByAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	s := newThrottled(1, 1)
	require.True(t, s.read(1))
	s.now = s.now.Add(-time.Hour)
	require.False(t, s.read(1))
	s.now = s.now.Add(time.Second)
	require.True(t, s.read(1), "it goes on from there")
}

func TestThrottleNamesItsReasons(t *testing.T) {
	t.Parallel()
	s := newThrottled(0, 0)
	read := protocol.ThrottlingReason{
		Reason: "TableReadProvisionedThroughputExceeded", Resource: tableARN("players"),
	}
	write := protocol.ThrottlingReason{
		Reason: "TableWriteProvisionedThroughputExceeded", Resource: tableARN("players"),
	}
	for _, test := range []struct {
		read, write float64
		reasons     []protocol.ThrottlingReason
	}{
		{1, 0, []protocol.ThrottlingReason{read}},
		{0, 1, []protocol.ThrottlingReason{write}},
		{1, 1, []protocol.ThrottlingReason{read, write}},
	} {
		var refusal *protocol.Error
		require.ErrorAs(t, s.throttle(s.entry, test.read, test.write), &refusal)
		require.Equal(t, "ProvisionedThroughputExceededException", refusal.Code)
		require.Equal(t, test.reasons, refusal.Throttling)
	}
}

func TestThrottleOfSeveralUnitsConsumesAllOrNone(t *testing.T) {
	t.Parallel()
	s := newThrottled(1, 0)
	require.Error(t, s.throttle(s.entry, 1, 1))
	require.True(t, s.read(1), "the refused request consumed none")
}

func TestFaultsAreOfOneTable(t *testing.T) {
	t.Parallel()
	s := newThrottled(0, 0)
	s.Conflict(tableARN("players"), 1)
	s.LeaveUnprocessed("players", 1)
	require.NoError(t, s.throttle(&tableEntry{name: "coins"}, 1, 1))
	require.False(t, s.takeConflict("coins"))
	require.False(t, s.takeUnprocessed("coins"))
	require.True(t, s.takeConflict("players"))
	require.True(t, s.takeUnprocessed("players"))
}

func TestFaultsThatAreCounted(t *testing.T) {
	t.Parallel()
	s := New(Options{Now: time.Now})
	for name, fault := range map[string]struct {
		plan func(string, int)
		take func(string) bool
	}{
		"conflict":    {s.Conflict, s.takeConflict},
		"unprocessed": {s.LeaveUnprocessed, s.takeUnprocessed},
	} {
		take3 := func() []bool {
			return []bool{fault.take("players"), fault.take("players"), fault.take("players")}
		}
		require.Equal(t, []bool{false, false, false}, take3(), name)
		fault.plan("players", 2)
		require.Equal(t, []bool{true, true, false}, take3(), name)
		fault.plan("players", 5)
		fault.plan("players", 1)
		require.Equal(t, []bool{true, false, false}, take3(), name)
		fault.plan("players", -1)
		require.Equal(t, []bool{false, false, false}, take3(), name)
	}
}

func TestFaultsAreTakenOnceByManyCallers(t *testing.T) {
	t.Parallel()
	s := New(Options{Now: time.Now})
	s.Conflict("players", 100)
	taken := make(chan bool, 400)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 100 {
				taken <- s.takeConflict("players")
			}
		})
	}
	callers.Wait()
	close(taken)
	count := 0
	for was := range taken {
		if was {
			count++
		}
	}
	require.Equal(t, 100, count)
}

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Now: time.Now})
		start := time.Now()
		s.Slow("players", time.Minute)
		require.NoError(t, s.wait(t.Context(), "coins"))
		require.Zero(t, time.Since(start))
		require.NoError(t, s.wait(t.Context(), "players"))
		require.Equal(t, time.Minute, time.Since(start))

		start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.wait(ctx, "players"), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))

		start = time.Now()
		s.Slow("players", 0)
		require.NoError(t, s.wait(t.Context(), "players"))
		require.Zero(t, time.Since(start))
	})
}
