// Command dynamapper runs DynamoDB on a local port, for development, and writes Go models for
// tables that exist.
//
//	go run github.com/dynamapper/dynamapper/cmd/dynamapper@latest serve
//	go run github.com/dynamapper/dynamapper/cmd/dynamapper@latest gen -table players
//
// Run "dynamapper serve -h" or "dynamapper gen -h" for the flags.
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
)

// command is a command of the program.
type command struct {
	name, purpose string
	run           func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

var commands = []command{
	{"gen", "write Go models for a table that exists", generate},
	{"serve", "run DynamoDB, in memory, on a port", serve},
	{"version", "print the version of this program", version},
}

// The program's exit codes.
const (
	success = iota
	failure
	misuse // for an invalid command line
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command until it ends or the context ends, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		printUsage(stderr)
		return misuse
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		printUsage(stdout)
		return success
	}
	for _, c := range commands {
		if c.name == args[0] {
			return exitCode(c.run(ctx, args[1:], stdout, stderr), stderr)
		}
	}
	fmt.Fprintf(stderr, "dynamapper: there is no command %q; run dynamapper -h for a list\n",
		args[0])
	return misuse
}

// misuseError is an error in the command line.
type misuseError struct{ problem string }

func (e *misuseError) Error() string { return e.problem }

// exitCode prints an error and returns the program's exit code.
func exitCode(err error, stderr io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return success
	}
	fmt.Fprintf(stderr, "dynamapper: %v\n", err)
	var mistake *misuseError
	if errors.As(err, &mistake) {
		return misuse
	}
	return failure
}

func printUsage(w io.Writer) {
	fmt.Fprint(w, "Usage: dynamapper <command> [flags]\n\nThe commands are:\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-8s %s\n", c.name, c.purpose)
	}
	fmt.Fprint(w, "\nRun dynamapper <command> -h for the flags of a command.\n")
}
