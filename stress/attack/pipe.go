package attack

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipes connects an HTTP client with an HTTP server in memory. The first connection after aim
// breaks.
type pipes struct {
	server  *http.Server
	client  *http.Transport
	arrived chan net.Conn
	closed  chan struct{}
	close   sync.Once
	port    net.Listener // of a TLS server, whose ends write at the same time; otherwise nil

	mu   sync.Mutex
	cut  *cut     // for the next connection
	wire *cutConn // the connection that breaks
}

// cut describes where and how a connection breaks.
type cut struct {
	way way
	at  int    // the number of bytes before the cut
	end func() // ends the context of the call
}

// way is how a connection breaks.
type way string

const (
	cutRequest  way = "request cut"  // the request ends
	cutResponse way = "response cut" // the response ends
	cancelled   way = "cancelled"    // the caller gives up while the response comes
	damaged     way = "damaged"      // other text replaces the response
)

// newPipes serves a handler, over TLS if safe is true.
func newPipes(handler http.Handler, safe bool) (p *pipes, err error) {
	p = &pipes{arrived: make(chan net.Conn), closed: make(chan struct{})}
	p.server = &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	p.client = &http.Transport{DialContext: p.dial, ForceAttemptHTTP2: false}
	if safe {
		p.client.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		p.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate()}}
		p.port, err = net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		go func() { _ = p.server.ServeTLS(p.port, "", "") }()
	} else {
		go func() { _ = p.server.Serve(p) }()
	}
	return p, nil
}

// aim makes the next connection break.
func (p *pipes) aim(c cut) {
	p.client.CloseIdleConnections()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = &c
}

// stop waits until all requests that have arrived are answered.
func (p *pipes) stop(ctx context.Context) {
	p.client.CloseIdleConnections()
	_ = p.server.Shutdown(ctx)
}

// Accept returns the server's end of the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.arrived:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (p *pipes) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

// Addr returns a placeholder.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "engine", Net: "unix"} }

// dial opens a connection.
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if p.port != nil {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.port.Addr().String())
		if err != nil {
			return nil, err
		}
		return p.breaking(conn), nil
	}
	client, server := net.Pipe()
	conn := p.breaking(client)
	select {
	case p.arrived <- server:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// breaking returns a connection that breaks if aim has asked for one, and otherwise conn.
func (p *pipes) breaking(conn net.Conn) net.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == nil {
		return conn
	}
	p.wire, p.cut = &cutConn{Conn: conn, cut: *p.cut}, nil
	return p.wire
}

// cutConn is a connection that breaks.
type cutConn struct {
	net.Conn
	cut cut

	mu            sync.Mutex
	written, read int
	broken        bool
}

// reset returns the error of package net for a connection that was reset.
func reset(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, syscall.ECONNRESET)}
}

// left returns how many of n bytes may still pass, and counts them.
func (c *cutConn) left(n int, done *int, ways ...way) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range ways {
		if c.cut.way == w && *done+n > c.cut.at {
			c.broken = true
			n = max(0, c.cut.at-*done)
		}
	}
	*done += n
	return n
}

// Write writes until the connection breaks.
func (c *cutConn) Write(b []byte) (int, error) {
	pass := c.left(len(b), &c.written, cutRequest)
	n, err := c.Conn.Write(b[:pass])
	if pass < len(b) && err == nil {
		_ = c.Conn.Close()
		return n, reset("write")
	}
	return n, err
}

// Read reads until the connection breaks. Nothing follows other text in the response.
func (c *cutConn) Read(b []byte) (int, error) {
	if _, _, broken := c.bytes(); broken {
		_ = c.Conn.Close()
		return 0, reset("read")
	}
	n, err := c.Conn.Read(b)
	if err != nil {
		return n, err
	}
	pass := c.left(n, &c.read, cutResponse, cancelled, damaged)
	if pass == n {
		return n, nil
	}
	switch c.cut.way {
	case cancelled:
		c.cut.end()
	case damaged:
		return pass + copy(b[pass:n], "HTTP/1.1 502 Bad Gateway\r\n\r\n"), nil
	}
	_ = c.Conn.Close()
	if pass > 0 {
		return pass, nil
	}
	return 0, reset("read")
}

// bytes returns the numbers of bytes in both directions, and whether the connection broke.
func (c *cutConn) bytes() (written, read int, broken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.written, c.read, c.broken
}

// serve returns a handler that sends requests to the engine in process.
func serve(j *journal, endpoint string) http.Handler {
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = u.Host
	}
	return http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
		body, err := readBody(request)
		if err != nil {
			panic(http.ErrAbortHandler) // the request was cut and is incomplete
		}
		// If a client disconnects, its request is still applied.
		asked := withBodyIn(context.WithoutCancel(request.Context()), request, body)
		asked.URL.Scheme, asked.URL.Host, asked.RequestURI = "http", host, ""
		response, err := j.Do(asked)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		for name, values := range response.Header {
			out.Header()[name] = values
		}
		out.WriteHeader(response.StatusCode)
		_, _ = io.Copy(out, response.Body)
	})
}

// certificate returns the server's certificate, and makes it on the first call.
var certificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"engine"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour)}
	text, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{text}, PrivateKey: key}
})
