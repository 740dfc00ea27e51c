package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/dynamapper/dynamapper/engine"
)

// Limits that keep a client from blocking other clients, or the end of the program.
const (
	headerWithin   = 10 * time.Second
	requestWithin  = time.Minute
	idleWithin     = 2 * time.Minute
	shutdownWithin = 5 * time.Second
)

// serveFlags are the flags of the command.
type serveFlags struct {
	addr    string
	verbose bool
	public  bool
}

const serveUsage = `Usage: dynamapper serve [-addr host:port] [-v] [-public]

Serve runs DynamoDB on a port of this machine. Its data is in memory and ends with the program.
Serve does not check credentials, but a request needs some.

`

// parseServeFlags parses the command line. It returns flag.ErrHelp if the command line asks for
// help.
func parseServeFlags(args []string, stdout io.Writer) (*serveFlags, error) {
	f := &serveFlags{}
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.addr, "addr", "127.0.0.1:8000",
		"`address` to listen on; port 0 chooses a free port")
	set.BoolVar(&f.verbose, "v", false, "print one line for each request")
	set.BoolVar(&f.public, "public", false,
		"allow an address that other machines can reach: they can read and change all data")
	err := set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, serveUsage+"The flags are:\n\n")
		set.SetOutput(stdout)
		set.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, &misuseError{"serve: " + err.Error()}
	case set.NArg() > 0:
		return nil, &misuseError{fmt.Sprintf("serve: %q is not a flag; run dynamapper serve -h",
			set.Arg(0))}
	}
	return f, nil
}

// serve runs the engine on a port until the context ends.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parseServeFlags(args, stdout)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, f.addr, f.public)
	if err != nil {
		return err
	}
	if !isLoopback(listener.Addr()) {
		fmt.Fprintf(stderr,
			"dynamapper: warning: every machine that reaches %s can read and change "+
				"all data, with any credentials\n", listener.Addr())
	}
	fmt.Fprint(stdout, greeting(listener.Addr()))
	var handler http.Handler = engine.New()
	if f.verbose {
		handler = withLog(handler, stdout)
	}
	return serveUntil(ctx, listener, handler, shutdownWithin)
}

// listen opens the port. Unless public is true, it refuses an address that other machines can
// reach.
func listen(ctx context.Context, addr string, public bool) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, &misuseError{fmt.Sprintf(
			"serve: the address %q is not host:port, such as 127.0.0.1:8000", addr)}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("serve: another program listens on %s; give a free port, such as "+
			"-addr 127.0.0.1:0 for any free port", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	// A name may stand for any address; the listener has resolved it.
	if !public && !isLoopback(listener.Addr()) {
		return nil, errors.Join(&misuseError{fmt.Sprintf(
			"serve: other machines reach %s, and could read and change all data; "+
				"give a loopback address such as 127.0.0.1:8000, or -public", addr)},
			listener.Close())
	}
	return listener, nil
}

// isLoopback reports whether only this machine can reach an address.
func isLoopback(addr net.Addr) bool {
	tcp, is := addr.(*net.TCPAddr)
	return is && tcp.IP.IsLoopback()
}

// greeting returns the address of the engine and the settings for its clients.
func greeting(addr net.Addr) string {
	endpoint := "http://" + addr.String()
	if tcp, is := addr.(*net.TCPAddr); is && tcp.IP.IsUnspecified() {
		endpoint = "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return "DynamoDB listens on " + endpoint + `, in memory, until this program ends.

  export AWS_ENDPOINT_URL_DYNAMODB=` + endpoint + `
  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws dynamodb list-tables

`
}

// serveUntil serves requests until the context ends. Requests in progress then have a limited time
// to end; after it their connections are closed.
func serveUntil(
	ctx context.Context, listener net.Listener, handler http.Handler, while time.Duration,
) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       requestWithin,
		IdleTimeout:       idleWithin,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), while)
	defer cancel()
	if server.Shutdown(bounded) == nil {
		return nil
	}
	if err := server.Close(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
