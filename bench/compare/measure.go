package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// result holds the measurements of one work.
type result struct {
	Work       string
	Items      int
	Contenders []figures // dynamapper's first
}

// figures are the measurements of one contender of a work.
type figures struct {
	Name   string
	CPU    []float64 // nanoseconds of an operation, round by round
	Allocs float64   // of an operation
	Bytes  float64   // of an operation
	Wall   []float64 // elapsed nanoseconds of an operation, round by round
}

// contestant is a contender that is ready to run.
type contestant struct {
	*figures
	work      work.Work
	operation work.Operation
	times     int // the number of operations in a round
}

// measure runs the contenders of a work round by round.
func measure(ctx context.Context, w work.Work, s settings) (result, error) {
	r := result{Work: w.Name, Items: w.Items, Contenders: make([]figures, len(w.Contenders))}
	contestants := make([]*contestant, len(w.Contenders))
	for i, c := range w.Contenders {
		r.Contenders[i].Name = c.Name
		contestants[i] = &contestant{figures: &r.Contenders[i], work: w}
		if err := contestants[i].prepare(ctx, c, s.time); err != nil {
			return r, fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	for round := range s.rounds {
		for i := range contestants {
			c := contestants[(i+round)%len(contestants)]
			if err := c.runRound(ctx); err != nil {
				return r, fmt.Errorf("%s: %w", c.Name, err)
			}
		}
	}
	return r, nil
}

// prepare opens a contender, counts its allocations, and finds how many runs take the given time.
func (c *contestant) prepare(ctx context.Context, from work.Contender, long time.Duration) error {
	var err error
	if c.operation, err = from.Open(); err != nil {
		return err
	}
	if err := c.operation.Check(ctx); err != nil {
		return err
	}
	if err := c.countAllocations(ctx); err != nil {
		return err
	}
	for c.times = 1; ; c.times *= 2 {
		taken, _, err := c.run(ctx)
		if err != nil {
			return err
		}
		if taken >= long/4 {
			c.times = max(1, int(float64(c.times)*float64(long)/float64(taken)))
			return nil
		}
	}
}

// runRound checks the contender and measures it.
func (c *contestant) runRound(ctx context.Context) error {
	if err := c.operation.Check(ctx); err != nil {
		return err
	}
	cpu, wall, err := c.run(ctx)
	c.CPU = append(c.CPU, float64(cpu)/float64(c.times))
	c.Wall = append(c.Wall, float64(wall)/float64(c.times))
	return err
}

// run returns the CPU time and the elapsed time of a round's operations, which start with a clean
// heap.
func (c *contestant) run(ctx context.Context) (cpu, wall time.Duration, err error) {
	runtime.GC()
	start, used := time.Now(), cpuTime()
	err = c.work.Repeat(ctx, c.operation, c.times)
	return cpuTime() - used, time.Since(start), err
}

// figures returns the measurements of a contender.
func (r result) figures(name string) figures {
	return r.Contenders[slices.IndexFunc(r.Contenders, func(f figures) bool {
		return f.Name == name
	})]
}
