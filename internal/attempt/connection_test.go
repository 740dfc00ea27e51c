package attempt

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
)

// sendBy sends one try of a request with a net/http client, as the SDK does, and reports whether
// the counter regards the try as lost.
func sendBy(
	t *testing.T, ctx context.Context, client smithyhttp.ClientDo, to string,
) (lost bool, err error) {
	t.Helper()
	c := &Counter{}
	line := middleware.DeserializeHandlerFunc(func(
		ctx context.Context, _ middleware.DeserializeInput,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
		request.Method = http.MethodPost
		var err error
		if request.URL, err = url.Parse(to); err != nil {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, err
		}
		if request, err = request.SetStream(strings.NewReader("{}")); err != nil {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, err
		}
		out, metadata, err := smithyhttp.NewClientHandlerWithOptions(client).Handle(ctx, request)
		return middleware.DeserializeOutput{RawResponse: out}, metadata, err
	})
	_, _, err = c.HandleFinalize(ctx, middleware.FinalizeInput{}, middleware.FinalizeHandlerFunc(
		func(
			ctx context.Context, _ middleware.FinalizeInput,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			_, _, err := c.HandleDeserialize(ctx, middleware.DeserializeInput{}, line)
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}))
	return c.Lost(), err
}

// rawServer accepts connections and passes each to serve.
func rawServer(t *testing.T, serve func(conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// closedAddress is an address on which nobody listens. Another test may take a port that was free.
const closedAddress = "127.0.0.1:1"

// readRequest reads a request to the end of its body.
func readRequest(conn io.Reader) {
	if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
}

// damagedServer is a TLS server that reads a request and responds with bytes that are not TLS.
func damagedServer(t *testing.T, response string) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(
		w http.ResponseWriter, r *http.Request,
	) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn.(*tls.Conn).NetConn(), response)
		_ = conn.(*tls.Conn).NetConn().Close()
	}))
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// transport returns a transport for one test.
func transport(t *testing.T) *http.Transport {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// Without a connection nothing was sent, whatever the error is.
func TestWithoutAConnectionNothingIsLost(t *testing.T) {
	t.Parallel()
	plain := rawServer(t, func(conn net.Conn) {
		_, _ = io.ReadFull(conn, make([]byte, 5))
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	mute := rawServer(t, func(conn net.Conn) { _, _ = io.ReadFull(conn, make([]byte, 5)) })
	noProxy := rawServer(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
	})
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	through := func(proxy string) *http.Transport {
		transport := transport(t)
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
		return transport
	}
	http2 := transport(t)
	http2.ForceAttemptHTTP2 = true
	for name, test := range map[string]struct {
		client http.RoundTripper
		to     string
	}{
		"nobody listens":            {transport(t), "http://" + closedAddress},
		"nobody listens, HTTP/2":    {http2, "https://" + closedAddress},
		"no TLS":                    {transport(t), "https://" + plain},
		"a handshake is broken off": {transport(t), "https://" + mute},
		"nobody is trusted":         {&http.Transport{}, untrusted.URL},
		"the proxy refuses":         {through(noProxy), "https://dynamodb.invalid"},
		"the proxy is not there":    {through(closedAddress), "https://dynamodb.invalid"},
		"the proxy has no TLS":      {through(mute), "https://dynamodb.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			lost, err := sendBy(t, t.Context(), &http.Client{Transport: test.client}, test.to)
			require.Error(t, err)
			require.False(t, lost, "%v", err)
		})
	}
}

// If a context ends while the connection is made, the try ends and nothing was sent.
func TestAContextThatEndsInTheDial(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dialing := transport(t)
	dialing.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel()
		return nil, errors.New("of the dial")
	}
	lost, err := sendBy(t, ctx, &http.Client{Transport: dialing}, "http://dynamodb.invalid")
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, lost)
}

// On a connection the request may have been sent and applied, whatever the error looks like.
func TestOnAConnectionTheResponseIsLost(t *testing.T) {
	t.Parallel()
	cut := rawServer(t, func(conn net.Conn) { readRequest(conn) })
	record := damagedServer(t, "\x99\x99\x99\x99\x99\x99\x99\x99")
	gateway := damagedServer(t, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
	for name, test := range map[string]struct {
		client *http.Client
		to     string
	}{
		"the connection is closed": {&http.Client{Transport: transport(t)}, "http://" + cut},
		"a damaged record":         {record.Client(), record.URL},
		"plain HTTP in the middle": {gateway.Client(), gateway.URL},
	} {
		t.Run(name, func(t *testing.T) {
			lost, err := sendBy(t, t.Context(), test.client, test.to)
			require.Error(t, err)
			require.True(t, lost, "%v", err)
		})
	}
}

// A stream of HTTP/2 that ends without a response is also lost.
func TestAStreamThatEndsWithoutAResponse(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(
		_ http.ResponseWriter, r *http.Request,
	) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.ProtoMajor != 2 {
			t.Error("the request is not HTTP/2")
		}
		panic(http.ErrAbortHandler)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	for range 2 { // on a new connection, and on an existing one
		lost, err := sendBy(t, t.Context(), server.Client(), server.URL)
		require.Error(t, err)
		require.True(t, lost, "%v", err)
	}
}

// repeating is a client that sends each request twice on its own.
type repeating struct{ http.RoundTripper }

func (r repeating) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	for range 2 {
		again := request.Clone(request.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		var response *http.Response
		if response, err = r.RoundTripper.RoundTrip(again); err == nil {
			return response, nil
		}
	}
	return nil, err
}

// A client repeats a request on its own. The repetition finds nobody listening, but the request was
// sent before.
func TestARepeatThatFindsNoConnection(t *testing.T) {
	t.Parallel()
	address := rawServer(t, func(conn net.Conn) { readRequest(conn) })
	dialed, line := 0, transport(t)
	line.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dialed++; dialed > 1 {
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	lost, err := sendBy(t, t.Context(), &http.Client{Transport: repeating{line}}, "http://"+address)
	require.ErrorContains(t, err, "connection refused")
	require.Equal(t, 2, dialed)
	require.True(t, lost)
}

// The errors of a client that does not report its connections prove nothing.
func TestAClientThatDoesNotTrace(t *testing.T) {
	t.Parallel()
	for _, untraced := range []error{
		&net.OpError{Op: "dial", Err: io.EOF}, &net.OpError{Op: "proxyconnect", Err: io.EOF},
		&tls.CertificateVerificationError{Err: io.EOF}, tls.RecordHeaderError{},
		http.ErrSchemeMismatch,
	} {
		client := smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
			return nil, untraced
		})
		lost, err := sendBy(t, t.Context(), client, "http://dynamodb.invalid")
		require.ErrorIs(t, err, untraced)
		require.True(t, lost, "%v", err)
	}
}

// A try whose context has ended is not sent, even by a client that ignores the context.
func TestAnEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	client := smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
		t.Error("the request was sent")
		return nil, io.EOF
	})
	lost, err := sendBy(t, ended, client, "http://dynamodb.invalid")
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, lost)
}
