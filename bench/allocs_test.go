package bench

import (
	"runtime/debug"
	"testing"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// What dynamapper may allocate at most: what was measured, with the SDK's share in it. Whoever makes it less lowers it.
const (
	// A GetItem of the SDK to which nothing is answered is 302, the stub included. What the key takes beside it, the item, its set
	// and the piece of memory that its strings lie in are the rest. The SDK alone, which makes a map, is at 344.
	allocsGet = 308

	// A PutItem of the SDK, given a ready map, is 301. The map and the values in it are 12, and the item that is saved 1; the
	// plan with the key for its errors 2, the snapshot 1. The rest is the call: its options, the counter of tries with its places
	// in the SDK's middleware, and the answer, which is read and checked before the SDK reads it.
	allocsSave = 329

	// To that come the snapshot, taken apart and compared, what was edited, decoded and encoded again, 5, and the update and the
	// condition on 12 attributes with their names and values. The SDK alone, with a condition on the version, is at 309.
	allocsSnapshot = 357

	// The condition is smaller. But the old version is read for the new one, and a second attribute has changed.
	allocsVersion = 368

	// Each of 1,000 keys is a map, 2, as the SDK takes it, and most of the caller's range keys are 1. Each item is 1, and its set 1.
	// What is left are 10 BatchGetItems, each some 340, of which the SDK has 330. The SDK alone is at 47,790.
	allocsBatchGet = 8155

	// Each of 1,000 items is 1, and its set 1. A Query of the SDK to which nothing is answered is 305. The page is read through
	// some 27 pieces of memory. The SDK alone is at 43,740.
	allocsPage = 2365
)

// Of these, 3 a read and 8 to 10 a write keep what the connection saw of each try, and why it failed.
// The garbage collector stands still meanwhile: it empties pools, which are then filled again.
func TestAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, c := range []struct {
		work string
		runs int
		most float64
	}{
		{"Get", 200, allocsGet}, {"Save", 200, allocsSave}, {"Query", 20, allocsPage},
		{"FailOnConflict-snapshot", 200, allocsSnapshot}, {"FailOnConflict-version", 200, allocsVersion}, {"BatchGet", 20, allocsBatchGet},
	} {
		got := testing.AllocsPerRun(c.runs, runOf(t, c.work, work.Dynamapper))
		t.Logf("%s: dynamapper %g, the SDK alone %g", c.work, got, testing.AllocsPerRun(c.runs, runOf(t, c.work, work.SDK)))
		if got > c.most {
			t.Errorf("%s allocates %g times, not at most %g times", c.work, got, c.most)
		}
	}
}

// runOf gives what a contender of a work does once.
func runOf(t *testing.T, name, contender string) func() {
	t.Helper()
	for _, w := range work.All() {
		if w.Name != name {
			continue
		}
		c, _ := w.Contender(contender)
		operation, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := operation.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatalf("no work is called %s", name)
	return nil
}
