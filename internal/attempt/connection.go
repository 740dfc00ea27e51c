package attempt

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// connection is what the HTTP client reports of the connection of one try. The client may report it
// from other goroutines, and after the try has ended. A client that repeats the request by itself
// reports each connection.
type connection struct {
	trace  httptrace.ClientTrace
	wanted atomic.Bool // the client has begun to report: it wants a connection
	got    atomic.Bool // it had one
}

// follow returns a context that makes the client report.
func (c *connection) follow(ctx context.Context) context.Context {
	c.trace.GetConn = func(string) { c.wanted.Store(true) }
	c.trace.GotConn = func(httptrace.GotConnInfo) { c.got.Store(true) }
	return httptrace.WithClientTrace(ctx, &c.trace)
}

// isUnsent reports whether it is certain that nothing was sent: the client wanted a connection, and
// never had one. A client that does not report leaves it uncertain.
func (c *connection) isUnsent() bool { return c.wanted.Load() && !c.got.Load() }
