// Package stage is the common part of the example programs: it finds an engine, prints, counts
// requests, and deletes the tables at the end.
package stage

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// Program is an example program.
type Program struct {
	Name  string             // used in its errors, its usage and the names of its tables
	Title string             // the first line that it prints
	Cost  string             // its cost on AWS without flags
	Line  *dynamotest.Faults // between the program and the engine; may be nil
	Flags func(*Flags)
	Play  func(context.Context, *Stage) error
}

// Main is the program's main function.
func (p Program) Main() {
	// the next print to a closed pipe then fails, and the table is deleted
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Run runs the program with arguments and returns the exit status.
func (p Program) Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := p.run(ctx, args, stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "%s: interrupted: %v\n", p.Name, err)
	default:
		fmt.Fprintf(stderr, "%s: %v\n", p.Name, err)
	}
	return 1
}

func (p Program) run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	flags := newFlags(p.Name)
	p.Flags(flags)
	if err := flags.parse(args, stdout); err != nil {
		return err
	}
	printer := NewPrinter(stdout)
	printer.Say("%s", p.Title)
	engine, err := Start(ctx, p.Cost)
	if err != nil {
		return err
	}
	defer func() {
		if closing := engine.Close(); err == nil {
			err = closing
		}
	}()
	printer.Say("This runs on %s.", engine.Where)
	return p.Perform(ctx, engine, printer)
}
