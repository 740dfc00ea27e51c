package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/dynamapper/dynamapper"
)

// report counts how the operations ended.
type report struct {
	settings settings
	out      io.Writer
	start    time.Time
	banks    atomic.Int64
	requests atomic.Int64 // on the faulty line, without the SDK's retries
	own      atomic.Int64 // of them, those that the pipeline sent

	mu      sync.Mutex
	total   int
	counts  map[kind]*[4]int
	tickets []operation
}

func newReport(s settings, out io.Writer) *report {
	return &report{settings: s, out: out, start: time.Now(), counts: map[kind]*[4]int{}}
}

func (r *report) observe(_ context.Context, o dynamapper.Operation) {
	r.requests.Add(1)
	if o.OwnPipeline {
		r.own.Add(1)
	}
}

func (r *report) count(op operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	if r.counts[op.kind] == nil {
		r.counts[op.kind] = &[4]int{}
	}
	r.counts[op.kind][op.outcome]++
	if op.kind == ticket {
		r.tickets = append(r.tickets, op)
	}
}

// watch prints the progress of the run in one line, until the caller calls the function that watch
// returns.
func (r *report) watch() (stop func()) {
	const width = 40
	quit, ended := make(chan struct{}), make(chan struct{})
	print := func() {
		r.mu.Lock()
		total := min(r.total, r.settings.ops)
		r.mu.Unlock()
		full := width * total / r.settings.ops
		fmt.Fprintf(r.out, "\r[%-*s] %d of %d, banks checked: %d ", width,
			"########################################"[:full], total, r.settings.ops,
			r.banks.Load())
	}
	go func() {
		defer close(ended)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				print()
			case <-quit:
				print()
				fmt.Fprintln(r.out)
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func (r *report) print() error {
	took := time.Since(r.start)
	fmt.Fprintf(r.out, "%d operations in %v, seed %d, %.0f %% of the requests failed.\n", r.total,
		took.Round(time.Second), r.settings.seed, 100*r.settings.loss)
	fmt.Fprintf(r.out, "%d of %d requests were sent by the pipeline.\n", r.own.Load(),
		r.requests.Load())
	table := tabwriter.NewWriter(r.out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "operation\tdone\trefused\tnot applied\tunknown\t")
	for k := read; k <= ticket; k++ {
		if c := r.counts[k]; c != nil {
			fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", k, c[done], c[refused], c[failed],
				c[unknown])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out,
		"All %d banks are linearizable; every balance, journal entry and id is exact.\n",
		r.banks.Load())
	return err
}
