package rate

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// spend takes units as several workers do that guess what a request costs, until a time is over. It
// returns what was spent.
func spend(
	t *testing.T, perSecond float64, workers int, cost func() float64, learns bool,
) float64 {
	l, began, total := New(perSecond), time.Now(), 0.0
	var mu sync.Mutex
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for guess := 1.0; time.Since(began) < time.Minute; {
				require.NoError(t, l.Take(t.Context(), guess))
				actual := cost()
				time.Sleep(5 * time.Millisecond)
				mu.Lock()
				total += actual
				mu.Unlock()
				l.Correct(actual - guess)
				if learns {
					guess = actual
				}
			}
		})
	}
	group.Wait()
	return total / time.Since(began).Seconds()
}

func TestTheRateIsHeldWhateverARequestCosts(t *testing.T) {
	for name, cost := range map[string]func() float64{
		"as guessed": func() float64 { return 1 },
		"as before":  func() float64 { return 20 },
		"any":        func() float64 { return 10 * rand.Float64() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, workers := range []int{1, 8} {
					for _, learns := range []bool{false, true} {
						rate := spend(t, 100, workers, cost, learns)
						require.InEpsilon(t, 100, rate, 0.1, "%d workers, %v", workers, learns)
					}
				}
			})
		})
	}
}

func TestAnIdleLimiterGivesLittleAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(10)
		time.Sleep(time.Hour)
		began := time.Now()
		for range 100 {
			require.NoError(t, l.Take(t.Context(), 1))
		}
		require.InDelta(t, 10, time.Since(began).Seconds(), 0.5)
	})
}

func TestTheEndOfTheContextGivesUnitsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(1)
		require.NoError(t, l.Take(t.Context(), 100))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, l.Take(ctx, 1000), context.DeadlineExceeded)
		began := time.Now()
		require.NoError(t, l.Take(t.Context(), 1))
		require.Less(t, time.Since(began), 100*time.Second)
		require.NoError(t, (*Limiter)(nil).Take(t.Context(), 1))
		(*Limiter)(nil).Correct(1)
	})
}
