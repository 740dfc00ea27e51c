package bench

import (
	"testing"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// What dynamapper may allocate at most: what was measured, with the SDK's share in it. Whoever makes it less lowers it.
const (
	// A GetItem of the SDK that reads nothing is 299, the stub's answer included. The key in the request, the item, its set
	// and the piece of memory that its strings lie in are the rest. The SDK alone, which makes a map, is at 344.
	allocsGet = 311

	// A PutItem of the SDK, given a ready map, is 301. The map and the values in it are 14, and the item that is saved 1; the
	// plan of the write, its request with the options of the call, and the snapshot are the rest.
	allocsSave = 347

	// Each of 1,000 items is 1, and its set 1. A Query of the SDK that reads nothing is 298. The page is read through some 48
	// pieces of memory; an item that one of them cuts is made again. The last two are what differs from run to run: the
	// SDK's own figure does by two, at 43,747.
	allocsPage = 2600
)

func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		work string
		runs int
		most float64
	}{{"Get", 200, allocsGet}, {"Save", 200, allocsSave}, {"Query", 20, allocsPage}} {
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
