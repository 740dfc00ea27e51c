package attack

import (
	"flag"
	"testing"
	"testing/synctest"
	"time"
)

var (
	sizeFlag = flag.Int("attacks", unset, "how many attacks each test makes; 0: all")
	seedFlag = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all choices")
	onlyFlag = flag.String("only", "", "take the attacks whose name has this text in it")
)

const unset = -1

// size returns how many attacks a test makes: few, unless the flag says another number.
func size(few int) int {
	if *sizeFlag == unset {
		return few
	}
	return *sizeFlag
}

// Whatever goes wrong with a request, and whatever others write meanwhile, no call is told
// otherwise than it was applied, and none is applied twice.
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
