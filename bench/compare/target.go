package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// target is a performance target of dynamapper.
type target struct {
	of    string
	says  string
	value func(report) (float64, bool) // false if it was not measured
	least bool                         // the value must be at least the bound; otherwise at most
	bound float64
}

// targets returns the targets of the library.
func targets() []target {
	return slices.Concat(pageTargets(), singleTargets(), batchTargets(), costTargets())
}

// pageTargets are about reading many items.
func pageTargets() []target {
	var all []target
	for _, row := range []struct {
		work                   string
		guregu, attributeValue float64
	}{
		{"Query", 10, 8}, {"Query-shuffled", 8.5, 6.5}, {"Query-other-model", 8.5, 6.5},
		{"Query-JSON-of-M", 8, 6.5},
	} {
		all = append(all, faster(row.work, work.Guregu, row.guregu),
			faster(row.work, work.AttributeValue, row.attributeValue))
	}
	return append(all,
		faster("Query", work.SDK, 4), allocating("Query", 3),
		faster("Scan", work.SDK, 4), allocating("Scan", 3),
		faster("Query-JSON", work.AttributeValue, 6),
		faster("BatchGet", work.AttributeValue, 4),
		asCheapAs("Scan-4-segments", "Scan", 1.1),
		asCheapAs("Query-5-entities", "Query-entity", 1.25),
		faster("Query-5-entities", work.ByHand, 6),
	)
}

// singleTargets are about one item in memory and over loopback HTTP.
func singleTargets() []target {
	all := []target{
		faster("Get", work.SDK, 4), faster("Get", work.Guregu, 4), allocating("Get", 59),
		faster("Get-loopback", work.SDK, 1.6), faster("Get-loopback", work.Guregu, 1.6),
		scaling("Get", "Get-64-goroutines", work.SDK, 1.05), allocating("Save", 69),
	}
	for _, name := range []string{"Save", "Save-loaded", "FailOnConflict-snapshot",
		"FailOnConflict-version", "Update", "Delete",
	} {
		all = append(all, faster(name, work.SDK, 2.5), faster(name+"-loopback", work.SDK, 1.4))
	}
	return all
}

// batchTargets are about several requests, or several items in one.
func batchTargets() []target {
	var all []target
	for _, name := range []string{"BatchSave-25", "BatchSave-1000", "TransactWrite-10"} {
		all = append(all, faster(name, work.SDK, 1.5), faster(name, work.Guregu, 2.5))
	}
	return append(all, faster("Modify", work.AttributeValue, 2),
		faster("RunTransaction-2", work.AttributeValue, 2))
}

// costTargets are about memory, whole programs, and code without a request.
func costTargets() []target {
	return []target{
		starting(work.AttributeValue, 1.05),
		linking(work.SDK, 1.5),
		keeping(work.KeepPage, work.StructsAndMaps, 0.5),
		within("Encode", work.ByHand, 1.15),
		within("Decode", work.ByHand, 1.25),
	}
}

// faster requires that a peer takes at least bound times dynamapper's CPU time.
func faster(name, peer string, bound float64) target {
	return target{name, fmt.Sprintf("CPU of %s at least %g times dynamapper's", peer, bound),
		func(r report) (float64, bool) {
			return r.ratio(name, peer, work.Dynamapper)
		}, true, bound}
}

// within requires that dynamapper takes at most bound times the CPU time of a peer.
func within(name, peer string, bound float64) target {
	return target{name, fmt.Sprintf("CPU at most %g times that of %s", bound, peer),
		func(r report) (float64, bool) {
			return r.ratio(name, work.Dynamapper, peer)
		}, false, bound}
}

// asCheapAs requires that dynamapper takes at most bound times the CPU time of another work.
func asCheapAs(name, other string, bound float64) target {
	return target{name, fmt.Sprintf("CPU at most %g times that of %s", bound, other),
		func(r report) (float64, bool) {
			w, ok := r.result(name)
			o, too := r.result(other)
			if !ok || !too {
				return 0, false
			}
			return spreadOf(w.figures(work.Dynamapper).CPU).Median /
				spreadOf(o.figures(work.Dynamapper).CPU).Median, true
		}, false, bound}
}

// allocating limits dynamapper's allocations for an item.
func allocating(name string, bound float64) target {
	return target{name, fmt.Sprintf("at most %g allocations an item", bound),
		func(r report) (float64, bool) {
			w, ok := r.result(name)
			if !ok {
				return 0, false
			}
			return w.figures(work.Dynamapper).Allocs / float64(w.Items), true
		}, false, bound}
}

// keeping requires that dynamapper keeps at most bound times the bytes that a peer keeps.
func keeping(name, peer string, bound float64) target {
	return target{name, fmt.Sprintf("heap at most %g times that of %s", bound, peer),
		func(r report) (float64, bool) {
			return r.kept(name, work.Dynamapper, peer)
		}, false, bound}
}

// starting requires that a program with dynamapper starts in at most bound times the elapsed time
// of a peer's.
func starting(peer string, bound float64) target {
	return target{coldStart, fmt.Sprintf("elapsed at most %g times that of %s", bound, peer),
		func(r report) (float64, bool) {
			w, ok := r.result(coldStart)
			if !ok {
				return 0, false
			}
			return spreadOf(w.figures(work.Dynamapper).Wall).Median /
				spreadOf(w.figures(peer).Wall).Median, true
		}, false, bound}
}

// linking requires that a program with dynamapper is at most bound MB larger than a peer's.
func linking(peer string, bound float64) target {
	return target{binarySize, fmt.Sprintf("at most %g MB more than %s", bound, peer),
		func(r report) (float64, bool) {
			i := slices.IndexFunc(r.Sizes, func(k kept) bool { return k.Name == binarySize })
			if i < 0 {
				return 0, false
			}
			return (r.Sizes[i].bytes(work.Dynamapper) - r.Sizes[i].bytes(peer)) / 1e6, true
		}, false, bound}
}

// scaling requires that dynamapper's share of a peer's CPU time is no greater with many goroutines
// than with one.
func scaling(one, many, peer string, bound float64) target {
	return target{many, fmt.Sprintf("CPU as a multiple of that of %s at most %g times that of %s",
		peer, bound, one), func(r report) (float64, bool) {
		alone, ok := r.ratio(one, work.Dynamapper, peer)
		together, too := r.ratio(many, work.Dynamapper, peer)
		return together / alone, ok && too
	}, false, bound}
}

// printTargets prints whether each measured target is met.
func printTargets(w io.Writer, r report) {
	fmt.Fprintln(w, "\nTargets")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, goal := range targets() {
		if value, ok := goal.value(r); ok {
			fmt.Fprintf(t, "%s\t%s\t%s\t%.3g\n", goal.verdict(value), goal.of, goal.says, value)
		}
	}
	t.Flush()
}

func (t target) verdict(value float64) string {
	if value == t.bound || t.least == (value > t.bound) {
		return "reached"
	}
	return "MISSED"
}
