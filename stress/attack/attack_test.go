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
)

const unset = -1

// size returns the number of attacks of a test: few, unless the flag gives another number.
func size(few int) int {
	if *sizeFlag == unset {
		return few
	}
	return *sizeFlag
}

// Whatever fails in a request, and whatever others write meanwhile, every call reports correctly
// whether it was applied, and none is applied twice.
func TestMatrix(t *testing.T) {
	t.Parallel()
	jobs := withName(matrix(), *onlyFlag)
	all := len(jobs)
	tally := newTally()
	for _, j := range draw(jobs, size(1500), *seedFlag) {
		synctest.Test(t, func(t *testing.T) { // so that back-offs take no time
			o, err := j.run(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", &j.place, err)
			}
			tally.add(&j.place, o)
		})
	}
	t.Logf("matrix of %d cells: %s", all, tally.report(*seedFlag))
	if lost := tally.lost(); lost != "" {
		t.Error(lost)
	}
}

// cutPoint is a point in one call at which its connection is cut.
type cutPoint struct {
	job cutJob
	cut cut
}

// cutPoints measures every call, and returns every byte at which it can break.
func cutPoints(t *testing.T, safe bool) []cutPoint {
	var all []cutPoint
	for _, job := range cutJobsOfAll() {
		o, err := job.run(t.Context(), cut{}, safe)
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
	t.Run("plain", func(t *testing.T) { testCut(t, false, size(1500)) })
	t.Run("TLS", func(t *testing.T) { testCut(t, true, size(200)) })
}

func testCut(t *testing.T, safe bool, n int) {
	points := cutPoints(t, safe)
	all := len(points)
	tally := newTally()
	for _, p := range draw(points, n, *seedFlag) {
		o, err := p.job.run(t.Context(), p.cut, safe)
		if err != nil {
			t.Fatalf("%s: %v", p.job.name, err)
		}
		tally.add(&o.place, o.outcome)
	}
	t.Logf("%d bytes: %s", all, tally.report(*seedFlag))
	if lost := tally.lost(); lost != "" {
		t.Error(lost)
	}
}
