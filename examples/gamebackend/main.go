// Gamebackend is a complete service on dynamapper: players, wallets, purchases, a leaderboard,
// sessions and a daily bonus, over HTTP and JSON, with structured logs, a health check, and a stop
// that lets running requests finish. The items of a player share one table; see models.go.
//
//	go run ./examples/gamebackend                     # serve, until interrupted
//	go run ./examples/gamebackend -load 30s           # run players, and audit every coin
//	go run ./examples/gamebackend -load 30s -faults   # the same, while 2 of 5 writes fail
//
// The requests:
//
//	GET    /healthz
//	POST   /login                  {"login":"waldo","guild":"red"}
//	DELETE /session
//	GET    /players/{login}
//	PATCH  /me                     {"name":"Waldo"}
//	GET    /me/wallet
//	PUT    /me/purchases/{id}      {"sku":"sword"}
//	PUT    /me/games/{id}          {"points":120}
//	POST   /me/bonus
//	GET    /guilds/{guild}/top?limit=10&cursor=NEXT
//
// Login responds with 200, or 201 for a new player, and the token of a session. The player has an
// ETag; a PATCH with If-Match gets 412 if the player has changed, and without it perhaps 409. A
// purchase or a game gets 201, or 200 if it was made before; a purchase gets 402 if the coins do
// not suffice. The bonus is paid once a day.
//
// The client makes the ids. A client that gets a 503 sends the same request again after Retry-After
// seconds; a request that was applied is not applied again. Other errors have the form
// {"error":{"code":"too_few_coins","message":"..."}}; see errors.go.
//
// The environment configures the service: ADDR, TABLE_PREFIX, REQUEST_TIMEOUT, SHUTDOWN_GRACE,
// LOG_LEVEL, and the variables of the AWS SDK. It creates missing tables, and keeps them. Without
// AWS_ENDPOINT_URL_DYNAMODB, AWS_PROFILE and AWS_REGION it runs on an engine in its own process,
// whose data ends with it. With -load the names of the tables are unique, and the tables are
// deleted at the end.
//
// To use DynamoDB Local, run "docker run -p 8000:8000 amazon/dynamodb-local" and set
// AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000. Any other engine works by its endpoint too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() {
	// the next print to a closed pipe then fails, and the tables are deleted
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run runs the program and returns the exit status.
func run(
	ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer,
) int {
	err := begin(ctx, args, getenv, stdout, stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "gamebackend: interrupted: %v\n", err)
	default:
		fmt.Fprintf(stderr, "gamebackend: %v\n", err)
	}
	return 1
}

func begin(
	ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer,
) error {
	settings, err := parseFlags(args, stdout)
	if err != nil {
		return err
	}
	if settings.duration > 0 {
		return performLoad(ctx, settings, stdout, stderr)
	}
	c, err := parseConfig(getenv)
	if err != nil {
		return err
	}
	return serveGame(ctx, c,
		slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: c.level})))
}

// parseFlags parses the arguments. For -help it prints the usage and returns flag.ErrHelp.
func parseFlags(args []string, stdout io.Writer) (loadSettings, error) {
	s := standardLoad()
	flags := flag.NewFlagSet("gamebackend", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports an error, once
	flags.DurationVar(&s.duration, "load", 0,
		"run players against the service for this time, such as 30s; 0 only serves")
	flags.Var(&s.faults, "faults",
		"with -load, the share of writes that fail; without a number 0.4")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Usage: gamebackend [-load duration [-faults[=share]]]")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; see -help", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("there is no argument %q; see -help", flags.Arg(0))
	case s.duration < 0:
		return s, fmt.Errorf("-load is %v; give a duration such as 30s", s.duration)
	case s.faults > 0 && s.duration == 0:
		return s, errors.New("-faults requires -load; give both")
	case s.faults > 0:
		s.timeout = troubledTimeout
	}
	return s, nil
}

// share is a flag whose number is optional.
type share float64

const standardShare = 0.4

func (s *share) String() string { return strconv.FormatFloat(float64(*s), 'g', -1, 64) }

// IsBoolFlag returns true, so that -faults may have no value.
func (s *share) IsBoolFlag() bool { return true }

func (s *share) Set(text string) error {
	switch text {
	case "true":
		*s = standardShare
		return nil
	case "false":
		*s = 0
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 0.9) {
		return errors.New("give a share from 0 to 0.9")
	}
	*s = share(n)
	return nil
}

// serveGame serves until ctx ends.
func serveGame(ctx context.Context, c config, logger *slog.Logger) (err error) {
	engine, err := stage.Start(ctx, "the cost of its requests")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	mapper, err := engine.Connect(ctx, dynamapper.WithTablePrefix(c.prefix),
		dynamapper.WithLogger(logger))
	if err != nil {
		return err
	}
	t, err := newTables(mapper)
	if err != nil {
		return err
	}
	if err := t.ensure(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	server := newServer(&game{tables: t, logger: logger, timeout: c.timeout, now: time.Now})
	logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "engine", engine.Where,
		"prefix", c.prefix)
	err = serve(ctx, server, listener, c.grace)
	logger.InfoContext(ctx, "stopped")
	return err
}
