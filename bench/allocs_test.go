package bench

import (
	"runtime/debug"
	"testing"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// The measured allocations of dynamapper, including the SDK's share. They are upper bounds: lower
// them if dynamapper allocates less.
const (
	// The rest besides the call is the key, the item, its set and the memory of its strings. The SDK
	// alone, which makes a map, takes 344.
	allocsGet = 43

	// The plan and the body take 4: the text of the item, which becomes the snapshot, its attributes,
	// the saved item, and the body. The rest is the call. The SDK alone, with a
	// ready map, takes 301.
	allocsSave = 45

	// In addition to these, the snapshot is taken apart and compared, and the edited attributes are
	// decoded and encoded again; the rest is the update and the condition on 12 attributes, which
	// are texts. The SDK alone, with a condition on the version, takes 309.
	allocsSnapshot = 64

	// The condition is smaller, but the old version is read for the new one, and a second attribute
	// has changed.
	allocsVersion = 78

	// Most of the caller's 1,000 range keys take 1. Each item takes 1, and its set 1. The rest are 10
	// BatchGetItems, whose keys are texts. The SDK alone takes 47,790.
	allocsBatchGet = 3379

	// Items of five entities take the same. Each model has its own memory of the order of attributes.
	allocsEntities = 2117

	// Each of 1,000 items takes 1, and its set 1. The page is read through about 27 windows. Collect
	// takes 2 for the request that may follow. The SDK alone takes 43,740.
	allocsPage = 2106
)

// Of these, 3 for a read and 8 to 10 for a write record the connection of each try, and why it
// failed. The garbage collector is off during the measurement, because it empties pools, which are
// then filled again.
func TestAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, c := range []struct {
		work string
		runs int
		most float64
	}{
		{"Get", 200, allocsGet}, {"Save", 200, allocsSave}, {"Query", 20, allocsPage},
		{"Query-5-entities", 20, allocsEntities},
		{"FailOnConflict-snapshot", 200, allocsSnapshot},
		{"FailOnConflict-version", 200, allocsVersion}, {"BatchGet", 20, allocsBatchGet},
	} {
		got := testing.AllocsPerRun(c.runs, runOf(t, c.work, work.Dynamapper))
		t.Logf("%s: dynamapper %g, the SDK alone %g", c.work, got,
			testing.AllocsPerRun(c.runs, runOf(t, c.work, work.SDK)))
		if got > c.most {
			t.Errorf("%s allocates %g times, more than %g times", c.work, got, c.most)
		}
	}
}

// runOf returns a function that runs a work once with a contender.
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
