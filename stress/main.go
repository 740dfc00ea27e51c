// Stress runs a bank on a DynamoDB engine while responses are lost, and checks the result.
//
//	go -C stress run . -ops 100000
//
// Several workers at once write accounts with Modify, RunTransaction, Update, and saves with
// ChangedOnly, while two of five responses do not arrive: they are lost after the write was
// applied, cut, damaged or replaced by a failure, or the request is never sent. Afterwards the
// history of each bank must be linearizable (github.com/anishathalye/porcupine), and the sums, the
// journal and the ids must be exact: every confirmed operation was applied once, no refused one was
// applied, and all others were reported as unknown.
//
// With -entities, the accounts, the journal and the tickets of all banks are entities of one table:
// the items of a bank share a hash key, and the keys of an index are computed from the visits and
// must agree with them.
//
// With -by sdk, the SDK's middleware sends all requests, and not the mapper's pipeline.
//
// Stress runs on an engine in its own process, or on the one at AWS_ENDPOINT_URL_DYNAMODB. It
// deletes its tables at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	s, err := parseFlags(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(ctx, s, os.Stdout)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintf(os.Stderr, "stress: %v\n", err)
		os.Exit(1)
	}
}

// What sends the requests on items.
const (
	byPipeline = "pipeline" // the mapper's own
	bySDK      = "sdk"      // the SDK's middleware
)

// settings holds the flags.
type settings struct {
	ops     int
	workers int
	loss    float64
	seed    uint64
	by      string // what sends the requests: pipeline or sdk

	entities bool // one table for all
}

func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("stress", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.ops, "ops", 2000, "number of operations, 1 or more")
	flags.IntVar(&s.workers, "workers", 4, "number of workers of a bank, 1 to 16")
	flags.Float64Var(&s.loss, "loss", 0.4, "the share of requests that fail, 0 to 0.6")
	flags.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()),
		"random seed of all choices, to repeat a run")
	flags.StringVar(&s.by, "by", byPipeline, "what sends the requests on items: pipeline or sdk")
	flags.BoolVar(&s.entities, "entities", false, "use one table for all: its items are entities")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("there is no argument %q; see -help", flags.Arg(0))
	case s.ops < 1:
		return s, fmt.Errorf("-ops is %d; give 1 or more", s.ops)
	case s.workers < 1 || s.workers > 16:
		return s, fmt.Errorf("-workers is %d; give 1 to 16", s.workers)
	case s.by != byPipeline && s.by != bySDK:
		return s, fmt.Errorf("-by is %q; give %s or %s", s.by, byPipeline, bySDK)
	case s.loss < 0 || s.loss > 0.6:
		return s, fmt.Errorf("-loss is %v; give 0 to 0.6", s.loss)
	}
	return s, nil
}
