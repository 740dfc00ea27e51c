package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// target is something that dynamapper is to reach.
type target struct {
	work  string
	says  string
	value func(result) float64
	least bool // the value has to be at least the bound; else at most
	bound float64
}

// faster demands that a peer takes so many times dynamapper's CPU time.
func faster(name, peer string, bound float64) target {
	return target{name, fmt.Sprintf("CPU of %s at least %g times dynamapper's", peer, bound), func(r result) float64 {
		return spreadOf(ratios(r.figures(peer), r.figures(work.Dynamapper))).Median
	}, true, bound}
}

// within demands that dynamapper takes at most so many times the CPU time of a peer.
func within(name, peer string, bound float64) target {
	return target{name, fmt.Sprintf("CPU at most %g times that of %s", bound, peer), func(r result) float64 {
		return spreadOf(ratios(r.figures(work.Dynamapper), r.figures(peer))).Median
	}, false, bound}
}

// allocating demands that dynamapper allocates at most so often for an item.
func allocating(name string, bound float64) target {
	return target{name, fmt.Sprintf("at most %g allocations an item", bound), func(r result) float64 {
		return r.figures(work.Dynamapper).Allocs / float64(r.Items)
	}, false, bound}
}

// targets are those of the design.
func targets() []target {
	var all []target
	for _, name := range []string{"Query", "Scan", "BatchGet"} {
		all = append(all, faster(name, work.Guregu, 8), faster(name, work.AttributeValue, 7), faster(name, work.SDK, 4), allocating(name, 3))
	}
	return append(all,
		faster("Query-JSON", work.AttributeValue, 6),
		within("Get", work.SDK, 1),
		within("Save", work.SDK, 1.05),
		within("Encode", work.ByHand, 1.15),
		within("Decode", work.ByHand, 1.25),
	)
}

// figures finds a contender's.
func (r result) figures(name string) figures {
	return r.Contenders[slices.IndexFunc(r.Contenders, func(f figures) bool { return f.Name == name })]
}

// printTargets says of each target whether it is reached, as far as its work was measured.
func printTargets(w io.Writer, all []result) {
	fmt.Fprintln(w, "\nTargets")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, goal := range targets() {
		i := slices.IndexFunc(all, func(r result) bool { return r.Work == goal.work })
		if i < 0 {
			continue
		}
		value := goal.value(all[i])
		fmt.Fprintf(t, "%s\t%s\t%s\t%.3g\n", verdict(goal, value), goal.work, goal.says, value)
	}
	t.Flush()
}

func verdict(goal target, value float64) string {
	if goal.least == (value >= goal.bound) || value == goal.bound {
		return "reached"
	}
	return "MISSED"
}
