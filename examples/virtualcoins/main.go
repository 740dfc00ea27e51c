// Virtualcoins tells the story of the virtual coins on a real DynamoDB engine: how two purchases at the same moment lose
// an update, how FailOnConflict refuses the second one, and what else the option keeps from going wrong.
//
//	go run ./examples/virtualcoins
//
// It starts DynamoDB Local, or runs where the environment says: see startEngine. Its table has a name of its own and is
// deleted at the end, also after a failure or an interrupt.
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

func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the next print, and the table is deleted
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program; it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := runStory(ctx, args, stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "virtualcoins: interrupted: %v\n", err)
	default:
		fmt.Fprintf(stderr, "virtualcoins: %v\n", err)
	}
	return 1
}

func runStory(ctx context.Context, args []string, stdout io.Writer) (err error) {
	settings, err := parseFlags(args, stdout)
	if err != nil {
		return err
	}
	p := newPrinter(stdout)
	p.say("Virtual coins: two purchases at the same moment, and what becomes of the balance.")
	engine, err := startEngine(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closing := engine.close(); err == nil {
			err = closing
		}
	}()
	p.say("This runs on %s.", engine.where)
	return tellStory(ctx, engine.connect, settings, p)
}

// settings is what the flags say of the race.
type settings struct{ players, purchases int }

const (
	maxPlayers   = 100
	maxPurchases = 1000
)

func parseFlags(args []string, stdout io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("virtualcoins", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is told once, by run
	flags.IntVar(&s.players, "players", 4, fmt.Sprintf("how many players take part in the race, 1 to %d", maxPlayers))
	flags.IntVar(&s.purchases, "purchases", 10, fmt.Sprintf("how many purchases each of a player's %d devices makes, 1 to %d", devices, maxPurchases))
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Usage: virtualcoins [-players n] [-purchases n]")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; see -help", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("there is no argument %q; see -help", flags.Arg(0))
	case s.players < 1 || s.players > maxPlayers:
		return s, fmt.Errorf("-players is %d; give 1 to %d", s.players, maxPlayers)
	case s.purchases < 1 || s.purchases > maxPurchases:
		return s, fmt.Errorf("-purchases is %d; give 1 to %d", s.purchases, maxPurchases)
	}
	return s, nil
}
