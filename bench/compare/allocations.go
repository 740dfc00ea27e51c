package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
)

// countAllocations counts the allocations of an operation. The garbage collector is off meanwhile,
// because it empties pools, which are then filled again.
func (c *contestant) countAllocations(ctx context.Context) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	times := max(5, 256/c.work.Items)
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	// fills the pools
	if err := c.work.Repeat(ctx, c.operation, max(1, c.work.Goroutines)); err != nil {
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
