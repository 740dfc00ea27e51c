package attack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxShown is the greatest number of failed attacks to print.
const maxShown = 20000

// tally counts the outcomes of the attacks.
type tally struct {
	start time.Time

	mu     sync.Mutex
	struck int
	own    int // of them, the requests that the pipeline sent
	told   map[told]int
	knowns map[string]int // the counts by reason
	lies   map[lie]int
	shown  []string
}

func newTally() *tally {
	return &tally{start: time.Now(), told: map[told]int{}, knowns: map[string]int{},
		lies: map[lie]int{}}
}

// add counts an attack, unless it did not take place.
func (t *tally) add(p *place, o outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !o.struck {
		return
	}
	t.struck++
	if o.own {
		t.own++
	}
	t.told[o.told]++
	if o.lie == honest {
		return
	}
	if why := explain(p, o.lie); why != "" {
		t.knowns[why]++
		return
	}
	t.lies[o.lie]++
	t.shown = append(t.shown, fmt.Sprintf("%s\n    %s (%s, applied %d times): %v",
		p, o.lie, o.told, o.applied, o.err))
}

// report returns the numbers.
func (t *tally) report(seed uint64) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d attacks, %d of them on the pipeline, in %v, seed %d: "+
		"%d done, %d refused, %d failed, %d unknown.",
		t.struck, t.own, time.Since(t.start).Round(time.Millisecond), seed,
		t.told[done], t.told[refused], t.told[failed], t.told[unknown])
	for _, why := range slices.Sorted(maps.Keys(t.knowns)) {
		fmt.Fprintf(&text, "\n  known, %d times: %s", t.knowns[why], why)
	}
	return text.String()
}

// lost describes the failed attacks, or most of them if there are many. It returns "" if there are
// none.
func (t *tally) lost() string {
	if len(t.shown) == 0 {
		return ""
	}
	var text strings.Builder
	slices.Sort(t.shown)
	for _, one := range t.shown[:min(len(t.shown), maxShown)] {
		fmt.Fprintln(&text, one)
	}
	for _, l := range slices.Sorted(maps.Keys(t.lies)) {
		fmt.Fprintf(&text, "  %d times: %s\n", t.lies[l], l)
	}
	return text.String()
}
