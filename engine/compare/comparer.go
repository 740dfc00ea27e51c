package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"sort"
	"strings"
	"time"
)

// A comparer runs the steps of sessions at both endpoints and reports where they differ.
type comparer struct {
	ours, theirs *endpoint
	settings     settings
	out          io.Writer

	run      int            // the number of the last run
	requests map[string]int // of each operation
	accepted map[string]int // of these, those that the reference did not refuse
	found    map[string]int // how often each kind of difference occurred
	known    map[string]int // how often each rule of knownDifferences was used
	ordered  map[string]int // how often each kind occurred as a difference in order only
	tables   []*table       // of the present session
}

func newComparer(ours, theirs *endpoint, settings settings, out io.Writer) *comparer {
	first := int(time.Now().UnixMilli() / 100 % 30e6) // an endpoint may hold tables of earlier runs
	return &comparer{ours: ours, theirs: theirs, settings: settings, out: out, run: first,
		requests: map[string]int{}, accepted: map[string]int{},
		found: map[string]int{}, known: map[string]int{}, ordered: map[string]int{}}
}

// compareAll runs all sessions. It stops early when it has found enough kinds of differences.
func (c *comparer) compareAll() {
	sessions := max(c.settings.tables/2, 1)
	for i := range sessions {
		if c.isEnough() {
			return
		}
		c.session(i, c.settings.requests/sessions)
	}
}

func (c *comparer) isEnough() bool { return len(c.found) >= c.settings.kinds }

// session runs the given number of steps on tables of its own. When the endpoints no longer hold
// the same data, it starts again with new tables.
func (c *comparer) session(number, steps int) {
	g := newGenerator(newRandom(c.settings.seed, number), c.settings, number)
	c.tables = g.tables
	first := append(g.prologue(), g.filling()...) // once, so that each run continues from one state
	for done := 0; done < steps && !c.isEnough(); {
		c.run++
		run := c.run
		history, ok := c.begin(run, first)
		if !ok {
			c.clean(run, history)
			return
		}
		for done < steps && !c.isEnough() {
			s := g.next()
			done++
			same := c.check(run, history, s)
			history = append(history, s)
			if (!same || onlyRemoves(s)) && !c.isSame(run) {
				break
			}
		}
		c.clean(run, history)
	}
}

// newRandom returns the source of a session's choices.
func newRandom(seed uint64, session int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(session)))
}

// begin runs the first steps of a run. It reports whether both endpoints accepted the steps that
// all others depend on, those on tables.
func (c *comparer) begin(run int, steps []*step) ([]*step, bool) {
	var history []*step
	for _, s := range steps {
		same := c.check(run, history, s)
		history = append(history, s)
		if !same && s.operation == "CreateTable" {
			describe := &step{operation: "DescribeTable", body: named(s)}
			if found := c.look(run, describe); found.ours.failed() || found.theirs.failed() {
				return history, false
			}
		}
	}
	return history, true
}

// named returns a request that only names a step's table.
func named(s *step) *object { return newObject("TableName", lookup(s.body, "TableName")) }

// look runs a step at both endpoints.
func (c *comparer) look(run int, s *step) difference {
	return compare(s, c.ours.observe(run, s, c.tables), c.theirs.observe(run, s, c.tables))
}

// check runs a step and reports a difference. It returns false if there is one, known or not.
func (c *comparer) check(run int, history []*step, s *step) bool {
	c.requests[s.operation]++
	found := c.look(run, s)
	if !found.theirs.failed() {
		c.accepted[s.operation]++
	}
	if found.kind == "" {
		return true
	}
	if c.varies(run, s, found) {
		c.known[varying]++
		return true
	}
	if rule := ruleFor(s, found.ours, found.theirs); rule != nil {
		c.known[rule.name]++
		return false
	}
	if c.found[found.kind] == 0 && c.ordered[found.kind] == 0 && !c.settings.order &&
		c.isOrder(history, s, found) {
		c.ordered[found.kind] = 1
		fmt.Fprintf(c.out, "\n== order of %s\n%s\n", found.kind, scriptLine(s))
		return true
	}
	if c.ordered[found.kind] > 0 {
		c.ordered[found.kind]++
		return true
	}
	c.found[found.kind]++
	if c.found[found.kind] == 1 {
		c.report(history, s, found)
	}
	return false
}

// varying names the differences in requests for whose refusal the reference gives another reason
// each time. If a request has several faults, chance may decide which of them the
// reference names.
const varying = "the reference varies"

// varies reports whether the reference refuses a request as the engine does when it is asked again.
func (c *comparer) varies(run int, s *step, found difference) bool {
	if !found.ours.failed() || !found.theirs.failed() {
		return false
	}
	for range 12 {
		again := c.theirs.observe(run, s, c.tables)
		if kindOf(s, found.ours, again) == "" {
			return true
		}
	}
	return false
}

// isSame reports whether both endpoints hold the same tables and items.
func (c *comparer) isSame(run int) bool {
	for _, t := range c.tables {
		named := newObject("TableName", t.name)
		for _, s := range []*step{
			{operation: "Scan", body: named, mode: walk},
			{operation: "DescribeTable", body: named},
		} {
			if c.look(run, s).kind != "" {
				return false
			}
		}
	}
	return true
}

// replay runs a history and a last step in a new run, and returns how the last step differs.
func (c *comparer) replay(history []*step, last *step) difference {
	c.run++
	run := c.run
	for _, s := range history {
		c.ours.observe(run, s, c.tables)
		c.theirs.observe(run, s, c.tables)
	}
	found := c.look(run, last)
	c.clean(run, append(history[:len(history):len(history)], last))
	return found
}

// clean deletes the tables that a history created.
func (c *comparer) clean(run int, history []*step) {
	for _, s := range creations(history) {
		for _, e := range []*endpoint{c.ours, c.theirs} {
			deletion := &step{operation: "DeleteTable", body: named(s)}
			if !e.observe(run, deletion, nil).failed() {
				continue
			}
			allow := named(s)
			allow.set("DeletionProtectionEnabled", false)
			e.send(run, "UpdateTable", encode(allow))
			e.observe(run, deletion, nil)
		}
	}
}

// report writes a difference with the shortest script found that shows it.
func (c *comparer) report(history []*step, s *step, found difference) {
	fmt.Fprintf(c.out, "\n== %s\n", found.kind)
	short, last, again := c.shrink(history, s, found.kind)
	if again {
		found = c.replay(short, last)
	} else {
		fmt.Fprintf(c.out, "# does not occur again after the same %d requests\n", len(history))
		short = creations(history)
	}
	for _, one := range append(short[:len(short):len(short)], last) {
		fmt.Fprintln(c.out, scriptLine(one))
	}
	fmt.Fprintln(c.out, "# ours:  ", shown(found.ours))
	fmt.Fprintln(c.out, "# theirs:", shown(found.theirs))
}

// scriptLine returns a step as a line: the operation, the mode and the body.
func scriptLine(s *step) string {
	mode := []string{"", " walk", " segments", " records"}[s.mode]
	return s.operation + mode + " " + strings.ReplaceAll(s.text(), runMark, "Q00000")
}

func shown(o observation) string {
	line := fmt.Sprintf("%d %s", o.status, strings.ReplaceAll(encode(o.tree), runMark, "Q00000"))
	if o.fault != "" {
		line += " (" + o.fault + ")"
	}
	return line
}

// summarise writes how often each difference and each rule occurred.
func (c *comparer) summarise() {
	total := 0
	for _, n := range c.requests {
		total += n
	}
	fmt.Fprintf(c.out, "\n%d requests, %d kinds of differences\n", total, len(c.found))
	printCounts(c.out, "requests", c.requests)
	printCounts(c.out, "of these, the reference accepted", c.accepted)
	printCounts(c.out, "known differences", c.known)
	printCounts(c.out, "two faults, reported in another order", c.ordered)
	printCounts(c.out, "differences", c.found)
}

func printCounts(out io.Writer, title string, counts map[string]int) {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		return counts[a] > counts[b] || counts[a] == counts[b] && a < b
	})
	fmt.Fprintln(out, title+":")
	for _, name := range names {
		fmt.Fprintf(out, "%7d  %s\n", counts[name], name)
	}
}
