// Gamebackend is a service as one would write it on dynamapper: players, wallets, purchases, a leaderboard, sessions and a daily
// bonus, by HTTP and JSON, with structured logs, a health check, and a stop that lets running requests end.
//
//	go run ./examples/gamebackend                     # serve, until interrupted
//	go run ./examples/gamebackend -load 30s           # let players play against it, and account for every coin
//	go run ./examples/gamebackend -load 30s -faults   # the same, while 2 of 5 writes lose their answer or worse
//
// What it serves:
//
//	GET    /healthz
//	POST   /login                  {"login":"waldo","guild":"red"}   200, or 201 for a new player; gives the token of a session
//	DELETE /session
//	GET    /players/{login}        with an ETag
//	PATCH  /me                     {"name":"Waldo"}                  with If-Match, 412 where somebody was faster; else perhaps 409
//	GET    /me/wallet
//	PUT    /me/purchases/{id}      {"sku":"sword"}                   201; 200 where it was made before; 402 without the coins
//	PUT    /me/games/{id}          {"points":120}                    201; 200 where it was entered before
//	POST   /me/bonus                                                 once a day
//	GET    /guilds/{guild}/top?limit=10&cursor=NEXT
//
// Ids are made by the client. Whoever gets a 503 sends the same request again after Retry-After seconds: what was applied is not
// applied a second time. Other errors are {"error":{"code":"too_few_coins","message":"..."}}; see errors.go.
//
// The environment configures it: ADDR, TABLE_PREFIX, REQUEST_TIMEOUT, SHUTDOWN_GRACE, LOG_LEVEL, and what the AWS SDK reads. The
// tables are created where they are missing, and stay. Without AWS_ENDPOINT_URL_DYNAMODB, AWS_PROFILE and AWS_REGION it runs on
// an engine in its own process, and forgets everything at its end. With -load the tables have names of their own, and are
// deleted.
//
// On DynamoDB Local: docker run -p 8000:8000 amazon/dynamodb-local, and set AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000.
// Any other engine does as well, by its endpoint.
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
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the next print, and the tables are deleted
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program; it returns the exit status.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
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

func begin(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
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
	return serveGame(ctx, c, slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: c.level})))
}

// parseFlags reads the arguments. -help prints the usage, and is flag.ErrHelp.
func parseFlags(args []string, stdout io.Writer) (loadSettings, error) {
	s := standardLoad()
	flags := flag.NewFlagSet("gamebackend", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is told once, by run
	flags.DurationVar(&s.duration, "load", 0, "how long players play against the service, such as 30s; 0 only serves")
	flags.Var(&s.faults, "faults", "with -load, the share of writes that go wrong; without a number 0.4")
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
		return s, errors.New("-faults is for -load; give both")
	case s.faults > 0:
		s.timeout = troubledTimeout
	}
	return s, nil
}

// share is a flag that may stand without its number.
type share float64

const standardShare = 0.4

func (s *share) String() string { return strconv.FormatFloat(float64(*s), 'g', -1, 64) }

// IsBoolFlag says that -faults alone is fine.
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
	engine, err := stage.Start(ctx, "what its requests cost")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	mapper, err := engine.Connect(ctx, dynamapper.WithTablePrefix(c.prefix), dynamapper.WithLogger(logger))
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
	logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "engine", engine.Where, "prefix", c.prefix)
	err = serve(ctx, server, listener, c.grace)
	logger.InfoContext(ctx, "stopped")
	return err
}
