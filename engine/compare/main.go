// Compare sends random requests to the engine and to a reference endpoint, and reports where their
// answers differ, each time with a shortest script that shows the difference.
//
//	go run ./engine/compare -reference http://127.0.0.1:8000
//
// With -replay it does a script of such a report instead, and writes both answers to each line.
// The exit code is 1 if a difference was found that known.go does not list.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// settings are what the command line says.
type settings struct {
	tables     int
	requests   int
	seed       uint64
	operations []string
	kinds      int
	replays    int
	malformed  int
	multi      bool
	order      bool
}

func main() {
	var s settings
	engine := flag.String("engine", "", "`URL` of the engine; without it, one in this process")
	reference := flag.String("reference", "http://127.0.0.1:8000", "`URL` of the reference")
	operations := flag.String("operations", "", "only these operations, with commas between")
	script := flag.String("replay", "", "do the script of this `file` and write the answers")
	flag.IntVar(&s.tables, "tables", 50, "how many tables, two in a session")
	flag.IntVar(&s.requests, "requests", 100_000, "how many requests in all sessions")
	flag.Uint64Var(&s.seed, "seed", 1, "the same seed makes the same requests")
	flag.IntVar(&s.kinds, "max", 50, "end after so many kinds of differences")
	flag.IntVar(&s.replays, "replays", 400, "how many replays may shrink a difference")
	flag.IntVar(&s.malformed, "malformed", 20, "how many of 100 requests are made wrong")
	flag.BoolVar(&s.multi, "multi", false, "global indexes with keys of several attributes, too")
	flag.BoolVar(&s.order, "order", false,
		"count it as a difference if a request has two faults and each endpoint names another")
	flag.Parse()
	if *operations != "" {
		s.operations = strings.Split(*operations, ",")
	}
	c := newComparer(engineEndpoint(*engine), endpointAt("theirs", *reference), s, os.Stdout)
	if *script != "" {
		c.replayFile(*script)
		return
	}
	c.compareAll()
	c.summarise()
	if len(c.found) > 0 {
		os.Exit(1)
	}
}

func endpointAt(name, url string) *endpoint {
	return &endpoint{name: name, url: strings.TrimSuffix(url, "/") + "/", caller: http.DefaultClient}
}

// replayFile does the steps of a script and writes both answers to each.
func (c *comparer) replayFile(name string) {
	script, err := os.ReadFile(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	c.run++
	var history []*step
	for _, line := range strings.Split(string(script), "\n") {
		s := parseStep(line)
		if s == nil {
			continue
		}
		found := c.look(c.run, s)
		history = append(history, s)
		fmt.Fprintln(c.out, scriptLine(s))
		if found.kind == "" {
			fmt.Fprintln(c.out, "# both:  ", shown(found.ours))
			continue
		}
		fmt.Fprintln(c.out, "# ours:  ", shown(found.ours))
		fmt.Fprintln(c.out, "# theirs:", shown(found.theirs))
	}
	c.clean(c.run, history)
}

// parseStep reads a line that scriptLine wrote; it returns nil for any other.
func parseStep(line string) *step {
	operation, rest, _ := strings.Cut(line, " ")
	if operation == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "=") {
		return nil
	}
	s := &step{operation: operation}
	modes := map[string]mode{"walk ": walk, "segments ": segments, "records ": records}
	for word, mode := range modes {
		if strings.HasPrefix(rest, word) {
			s.mode, rest = mode, strings.TrimPrefix(rest, word)
		}
	}
	rest = strings.ReplaceAll(rest, "Q00000", runMark)
	body, err := parse([]byte(rest))
	if err != nil {
		s.raw = rest
	}
	s.body = body
	return s
}
