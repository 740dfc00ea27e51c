package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// report holds all measurements.
type report struct {
	Versions []string
	Works    []result
	Sizes    []kept
}

// makeReport makes the measurements that the flags ask for, and prints each.
func makeReport(ctx context.Context, s settings, stdout io.Writer) (report, error) {
	r := report{Versions: versions()}
	for _, version := range r.Versions {
		fmt.Fprintln(stdout, version)
	}
	for _, w := range work.All() {
		if !s.work.MatchString(w.Name) {
			continue
		}
		measured, err := measure(ctx, w, s)
		if err != nil {
			return r, fmt.Errorf("%s: %w", w.Name, err)
		}
		printResult(stdout, measured)
		r.Works = append(r.Works, measured)
	}
	if s.work.MatchString(coldStart) || s.work.MatchString(binarySize) {
		started, size, err := measurePrograms(ctx, s.rounds)
		if err != nil {
			return r, err
		}
		r.add(stdout, started, size)
	}
	for _, k := range work.Keepings() {
		if !s.work.MatchString(k.Name) {
			continue
		}
		measured, err := measureHeap(ctx, k)
		if err != nil {
			return r, fmt.Errorf("%s: %w", k.Name, err)
		}
		printKept(stdout, measured)
		r.Sizes = append(r.Sizes, measured)
	}
	return r, nil
}

// add prints and adds the measurements of programs.
func (r *report) add(stdout io.Writer, started result, size kept) {
	printResult(stdout, started)
	printKept(stdout, size)
	r.Works, r.Sizes = append(r.Works, started), append(r.Sizes, size)
}

// ratio returns the CPU time of contender a in a work, divided by that of b. It returns false if
// they were not measured.
func (r report) ratio(name, a, b string) (float64, bool) {
	w, ok := r.result(name)
	if !ok {
		return 0, false
	}
	return spreadOf(ratios(w.figures(a), w.figures(b))).Median, true
}

func (r report) result(name string) (result, bool) {
	i := slices.IndexFunc(r.Works, func(w result) bool { return w.Work == name })
	if i < 0 {
		return result{}, false
	}
	return r.Works[i], true
}

// kept returns the bytes that a keeps, divided by those that b keeps.
func (r report) kept(name, a, b string) (float64, bool) {
	i := slices.IndexFunc(r.Sizes, func(k kept) bool { return k.Name == name })
	if i < 0 {
		return 0, false
	}
	return r.Sizes[i].bytes(a) / r.Sizes[i].bytes(b), true
}

func (k kept) bytes(name string) float64 {
	return k.Keepers[slices.IndexFunc(k.Keepers, func(one keeper) bool {
		return one.Name == name
	})].Bytes
}

// writeJSON writes all measurements to a file.
func (r report) writeJSON(path string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o666)
}
