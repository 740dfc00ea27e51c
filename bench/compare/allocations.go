package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
)

// countAllocations counts what an operation allocates. The garbage collector stands still meanwhile: it empties pools, which
// are then filled again.
func (c *contestant) countAllocations(ctx context.Context) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	times := max(5, 256/c.work.Items)
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if err := c.work.Repeat(ctx, c.operation, max(1, c.work.Goroutines)); err != nil { // fills the pools
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := c.work.Repeat(ctx, c.operation, times)
	runtime.ReadMemStats(&after)
	c.Allocs = math.Floor(float64(after.Mallocs-before.Mallocs) / float64(times))
	c.Bytes = math.Floor(float64(after.TotalAlloc-before.TotalAlloc) / float64(times))
	return err
}
