package migrate

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

type (
	httpRequest  = http.Request
	httpResponse = http.Response
)

func TestTheRateIsHeld(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reads, writes float64
		segments      int
	}{
		"writes":       {math.Inf(1), 20, 8},
		"writes alone": {math.Inf(1), 20, 1},
		"reads":        {0.5, math.Inf(1), 4},
		"both":         {0.5, 40, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld[player](t)
				const items = 600
				for i := range items {
					item := oldPlayer(fmt.Sprint(i))
					item["other"] = text(strings.Repeat("x", i%9*300)) // one to three units
					w.put(item)
				}
				w.take()
				report := w.migrate(dynamapper.Segments(test.segments),
					dynamapper.RateLimit(test.reads, test.writes))
				require.Equal(t, items, report.Changed)
				seconds := report.Time.Seconds()
				reads, writes := report.ReadUnits/seconds, report.WriteUnits/seconds
				t.Logf("%.2f and %.2f units a second", reads, writes)
				require.LessOrEqual(t, reads, 1.1*test.reads)
				require.LessOrEqual(t, writes, 1.1*test.writes)
				isReached := reads >= 0.9*test.reads || writes >= 0.9*test.writes
				require.True(t, isReached, "%.2f and %.2f units a second", reads, writes)
			})
		})
	}
}

func TestProgressIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld[player](t)
		for i := range 100 {
			w.put(oldPlayer(fmt.Sprint(i)))
		}
		var seen []dynamapper.MigrateReport
		report := w.migrate(dynamapper.RateLimit(1, 10), dynamapper.OnProgress(
			func(r dynamapper.MigrateReport) { seen = append(seen, r) }))
		require.Greater(t, len(seen), 2)
		for i := range seen[1:] {
			require.Greater(t, seen[i+1].Seen, seen[i].Seen-1)
			require.Greater(t, seen[i+1].Time, seen[i].Time)
		}
		require.Equal(t, report, seen[len(seen)-1])
		require.InDelta(t, 10, report.Time.Seconds(), 1)
		require.Contains(t, report.String(), "1 of 1 segments: 100 seen, 100 changed")
		require.Greater(t, report.Time, time.Second)
	})
}
