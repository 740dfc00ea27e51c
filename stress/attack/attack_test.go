package attack

import (
	"flag"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
)

var (
	sizeFlag = flag.Int("attacks", unset, "number of attacks in each test; 0: all")
	seedFlag = flag.Uint64("seed", 1, "random seed of all choices")
	onlyFlag = flag.String("only", "", "only the attacks whose names contain this text")
	byFlag   = flag.String("by", "", "pipeline or sdk: only what this sender sends")
)

const unset = -1

// size returns the number of attacks of a test: few, unless the flag gives another number.
func size(few int) int {
	if *sizeFlag == unset {
		return few
	}
	return *sizeFlag
}

// senders returns the senders that the flag selects.
func senders(t *testing.T) []sender {
	t.Helper()
	by := sender(*byFlag)
	switch {
	case by == "":
		return bothSenders
	case slices.Contains(bothSenders, by):
		return []sender{by}
	}
	t.Fatalf("-by is %q; give pipeline or sdk", by)
	return nil
}

// Whatever fails in a request, and whatever others write meanwhile, every call reports correctly
// whether it was applied, and none is applied twice. Every attack ends alike with both senders,
// unless its call writes several items at once.
func TestMatrix(t *testing.T) {
	t.Parallel()
	jobs := withName(matrix(), *onlyFlag)
	all := len(jobs)
	some := draw(jobs, size(500), *seedFlag)
	results := map[sender][]string{}
	for _, by := range senders(t) {
		tally := newTally()
		for _, j := range some {
			synctest.Test(t, func(t *testing.T) { // so that back-offs take no time
				o, err := j.run(t.Context(), by)
				if err != nil {
					t.Fatalf("%s: %s: %v", by, &j.place, err)
				}
				tally.add(&j.place, o)
				results[by] = append(results[by], o.result())
			})
		}
		t.Logf("%s, matrix of %d cells: %s", by, all, tally.report(*seedFlag))
		if lost := tally.lost(); lost != "" {
			t.Error(lost)
		}
	}
	if len(results) == len(bothSenders) {
		for i, j := range some {
			ours, theirs := results[byPipeline][i], results[bySDK][i]
			if ours != theirs && !j.place.isConcurrent() {
				t.Errorf("%s: by the pipeline %s\nby the SDK %s", &j.place, ours, theirs)
			}
		}
	}
}

// cutPoint is a point in one call at which its connection is cut.
type cutPoint struct {
	job cutJob
	cut cut
}

// cutPoints measures every call, and returns every byte at which it can break.
func cutPoints(t *testing.T, safe bool, by sender) []cutPoint {
	var all []cutPoint
	for _, job := range cutJobsOfAll() {
		o, err := job.run(t.Context(), cut{}, safe, by)
		if err != nil {
			t.Fatalf("%s: %v", job.name, err)
		}
		if o.lie != honest || o.told != done {
			t.Fatalf("%s on a good line: %s, %v", job.name, o.lie, o.err)
		}
		ways := map[way]int{cutRequest: o.written, cutResponse: o.read, cancelled: o.read}
		if safe {
			ways = map[way]int{damaged: o.read, cutResponse: o.read}
		}
		for _, w := range slices.Sorted(maps.Keys(ways)) {
			for at := range ways[w] {
				all = append(all, cutPoint{job, cut{way: w, at: at}})
			}
		}
	}
	return all
}

// Wherever a connection breaks, every call reports correctly whether it was applied.
func TestCut(t *testing.T) {
	t.Parallel()
	t.Run("plain", func(t *testing.T) { testCut(t, false, size(600)) })
	t.Run("TLS", func(t *testing.T) { testCut(t, true, size(80)) })
}

func testCut(t *testing.T, safe bool, n int) {
	points := cutPoints(t, safe, senders(t)[0]) // both senders write the same bytes
	all := len(points)
	points = draw(points, n, *seedFlag)
	for _, by := range senders(t) {
		tally := newTally()
		for _, p := range points {
			o, err := p.job.run(t.Context(), p.cut, safe, by)
			if err != nil {
				t.Fatalf("%s: %s: %v", by, p.job.name, err)
			}
			tally.add(&o.place, o.outcome)
		}
		t.Logf("%s, %d bytes: %s", by, all, tally.report(*seedFlag))
		if lost := tally.lost(); lost != "" {
			t.Error(lost)
		}
	}
}
