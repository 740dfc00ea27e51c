// Compare measures dynamapper and its alternatives: the SDK alone, the SDK with attributevalue, and
// guregu/dynamo. It prints a table, and which of the library's targets are met.
//
//	go -C bench run ./compare
//	go -C bench run ./compare -work 'Query|Get' -rounds 5
//	go -C bench run ./compare -chart ../docs/performance.svg
//
// In each round every contender of a work runs once, in rotating order, and is compared with
// dynamapper's run in the same round, so that other load on the machine affects all of them. Time
// is the CPU time of the process, including the garbage collector's; if the system does not report
// it, it is the elapsed time. In each round, outside of the measured time, each contender must
// prove what it read or wrote. The rows over loopback HTTP include the server, which is in the same
// process. For Cold-start and Binary-size it builds programs, with the go command, and starts them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	s, err := parseFlags(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(ctx, s, os.Stdout)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintf(os.Stderr, "compare: %v\n", err)
		os.Exit(1)
	}
}

// settings holds the flags.
type settings struct {
	rounds int
	time   time.Duration
	work   *regexp.Regexp
	chart  string
	json   string
}

func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.rounds, "rounds", 9, "number of rounds, 1 or more")
	flags.DurationVar(&s.time, "time", 100*time.Millisecond, "time of a contender in a round")
	expression := flags.String("work", "",
		"only the works whose names match this regular expression")
	flags.StringVar(&s.chart, "chart", "",
		"write a chart to this SVG file, such as ../docs/performance.svg")
	flags.StringVar(&s.json, "json", "", "write all measurements to this JSON file")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if s.rounds < 1 || s.time <= 0 {
		return s, errors.New("-rounds and -time must be positive")
	}
	var err error
	s.work, err = regexp.Compile(*expression)
	return s, err
}

func run(ctx context.Context, s settings, stdout io.Writer) error {
	r, err := makeReport(ctx, s, stdout)
	if err != nil {
		return err
	}
	if len(r.Works)+len(r.Sizes) == 0 {
		return fmt.Errorf("no work matches %q", s.work)
	}
	printTargets(stdout, r)
	if s.json != "" {
		if err := r.writeJSON(s.json); err != nil {
			return err
		}
	}
	if s.chart == "" {
		return nil
	}
	return os.WriteFile(s.chart, drawChart(r), 0o666)
}
