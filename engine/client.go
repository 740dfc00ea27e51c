package engine

import (
	"bytes"
	"net/http"
	"strconv"
)

// Client sends requests to an [Engine] without a socket. It has the method of the AWS SDK's
// HTTPClient and is an [http.RoundTripper]. It is safe for concurrent use.
type Client struct{ engine *Engine }

// Client returns a client that sends its requests to the engine, whatever their URLs.
func (e *Engine) Client() *Client { return &Client{e} }

// Do answers a request in the caller's goroutine. If the request's context has ended, Do returns
// the context's error and the engine does nothing. If the context ends while the engine answers, Do
// returns its error, too, and the request may have been applied. Do returns no other error.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		defer request.Body.Close()
	}
	ctx := request.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	response := c.engine.server.Serve(request)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        strconv.Itoa(response.Status) + " " + http.StatusText(response.Status),
		StatusCode:    response.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        response.Header,
		Body:          newBody(response.Body),
		ContentLength: int64(len(response.Body)),
		Request:       request,
	}, nil
}

// RoundTrip is [Client.Do] under the name that [http.RoundTripper] has for it.
func (c *Client) RoundTrip(request *http.Request) (*http.Response, error) { return c.Do(request) }

// body is the body of a response.
type body struct{ bytes.Reader }

func newBody(text []byte) *body {
	b := &body{}
	b.Reset(text)
	return b
}

// Close does nothing and returns nil.
func (*body) Close() error { return nil }
