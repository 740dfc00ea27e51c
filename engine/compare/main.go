// Compare sends random requests to the engine and to a reference endpoint, and reports where their
// responses differ. For each difference it prints the shortest script found that shows it.
//
//	go run ./engine/compare -reference http://127.0.0.1:8000
//
// With -replay, Compare runs a script from such a report instead, and writes both responses to each
// line. The exit code is 1 if Compare found a difference that known.go does not list.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// settings holds the flags of the command line.
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
	operations := flag.String("operations", "", "only these operations, separated by commas")
	script := flag.String("replay", "", "run the script in this `file` and write the responses")
	flag.IntVar(&s.tables, "tables", 50, "number of tables, two in a session")
	flag.IntVar(&s.requests, "requests", 100_000, "number of requests in all sessions")
	flag.Uint64Var(&s.seed, "seed", 1, "random seed; the same seed makes the same requests")
	flag.IntVar(&s.kinds, "max", 50, "stop after this number of kinds of differences")
	flag.IntVar(&s.replays, "replays", 400, "greatest number of replays to shrink a difference")
	flag.IntVar(&s.malformed, "malformed", 20, "number of malformed requests in 100")
	flag.BoolVar(&s.multi, "multi", false, "also global indexes with keys of several attributes")
	flag.BoolVar(&s.order, "order", false,
		"report a difference if a request has two faults and each endpoint names another")
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
	return &endpoint{name: name, url: strings.TrimSuffix(url, "/") + "/",
		caller: http.DefaultClient}
}

// replayFile runs the steps of a script and writes both responses to each.
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

// parseStep parses a line that scriptLine wrote; it returns nil for any other line.
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
