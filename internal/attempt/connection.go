package attempt

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// connection records the HTTP client's reports on the connection of one try. The client may report
// from other goroutines, and after the try has ended. A client that repeats the request on its own
// reports each connection.
type connection struct {
	trace  httptrace.ClientTrace
	wanted atomic.Bool // the client has started to report: it wants a connection
	got    atomic.Bool // it got one
}

// follow returns a context that makes the client report.
func (c *connection) follow(ctx context.Context) context.Context {
	c.trace.GetConn = func(string) { c.wanted.Store(true) }
	c.trace.GotConn = func(httptrace.GotConnInfo) { c.got.Store(true) }
	return httptrace.WithClientTrace(ctx, &c.trace)
}

// isUnsent reports whether nothing was sent for certain: the client wanted a connection and never
// got one. If a client does not report, that is uncertain.
func (c *connection) isUnsent() bool { return c.wanted.Load() && !c.got.Load() }
