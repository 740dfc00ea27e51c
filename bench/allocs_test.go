package bench

import (
	"testing"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// What dynamapper may allocate at most. Each number is what was measured, without the last digit's noise: whoever makes it
// less lowers it.
const (
	allocsGet  = 311
	allocsSave = 347
	allocsPage = 2600
)

func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		work string
		runs int
		most float64
	}{{"Get", 200, allocsGet}, {"Save", 200, allocsSave}, {"Query", 20, allocsPage}} {
		for _, name := range []string{work.Dynamapper, work.SDK} {
			got := testing.AllocsPerRun(c.runs, runOf(t, c.work, name))
			t.Log(c.work, name, got)
			if name == work.Dynamapper && got > c.most {
				t.Errorf("%s allocates %g times, not at most %g times", c.work, got, c.most)
			}
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
