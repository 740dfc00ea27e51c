package main

import (
	"context"
	"runtime"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// kept is the size of something: heap memory that a program keeps, or a binary.
type kept struct {
	Name    string
	Keepers []keeper // dynamapper first
}

// keeper is one way to keep it.
type keeper struct {
	Name  string
	Bytes float64
}

// loads is the number of loads of each keeper. It makes anything that is allocated only once
// negligible.
const loads = 16

// measureHeap measures all keepers of a keeping.
func measureHeap(ctx context.Context, k work.Keeping) (kept, error) {
	measured := kept{Name: k.Name}
	for _, one := range k.Keepers {
		bytes, err := heapOf(ctx, one)
		if err != nil {
			return measured, err
		}
		measured.Keepers = append(measured.Keepers, keeper{one.Name, bytes})
	}
	return measured, nil
}

// heapOf returns the growth of the heap for each load that is kept.
func heapOf(ctx context.Context, k work.Keeper) (float64, error) {
	load, err := k.Open()
	if err != nil {
		return 0, err
	}
	if _, err := load(ctx); err != nil { // makes the plans and pools, once
		return 0, err
	}
	results := make([]any, loads)
	before := heap()
	for i := range results {
		if results[i], err = load(ctx); err != nil {
			return 0, err
		}
	}
	after := heap()
	runtime.KeepAlive(results)
	runtime.KeepAlive(load)
	return max(0, float64(after)-float64(before)) / loads, nil
}

// heap returns the size of the heap in use. Two collections empty the pools.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
