package attack

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// fault is a fault of a request.
type fault struct {
	name     string
	doubtful bool // a response is lost, so the caller may report an unknown outcome
	harmless bool // a call must succeed in spite of the fault
	always   bool // the fault affects every request from then on
	strike   func(*strike) dynamotest.Fault
}

// strike holds the actions besides the request that a fault can use.
type strike struct {
	journal  *journal
	conflict func() // makes the next write of an item meet a transaction
	end      func() // ends the context of the call
	act      func() // makes the other writer act
	late     []func()
}

func just(f dynamotest.Fault) func(*strike) dynamotest.Fault {
	return func(*strike) dynamotest.Fault { return f }
}

// faults are all possible faults of a request.
var faults = []fault{
	{name: "none", harmless: true, strike: just(deliver)},
	{name: "drop", doubtful: true, strike: just(dynamotest.Drop())},
	{name: "drop all", doubtful: true, always: true, strike: just(dynamotest.Drop())},
	{name: "lose", doubtful: true, strike: just(dynamotest.Lose())},
	{name: "lose all", doubtful: true, always: true, strike: just(dynamotest.Lose())},
	{name: "cut", doubtful: true, strike: just(dynamotest.Cut())},
	{name: "corrupt", doubtful: true, strike: just(dynamotest.Corrupt())},
	{name: "fail 500", doubtful: true, strike: just(dynamotest.Fail())},
	{name: "refuse 503", doubtful: true,
		strike: just(dynamotest.Refuse(503, "ServiceUnavailable"))},
	{name: "throttle", harmless: true, strike: just(dynamotest.Refuse(400, "ThrottlingException"))},
	{name: "throttle all", always: true,
		strike: just(dynamotest.Refuse(400, "ThrottlingException"))},
	{name: "conflict", harmless: true, strike: conflict},
	{name: "conflict all", always: true, strike: conflict},
	{name: "damaged TLS", doubtful: true, strike: just(broken(tls.RecordHeaderError{
		Msg: "first record does not look like a TLS handshake"}))},
	{name: "plain text in TLS", doubtful: true, strike: just(broken(http.ErrSchemeMismatch))},
	{name: "malformed response", doubtful: true,
		strike: just(broken(errors.New(`net/http: HTTP/1.x transport connection broken`)))},
	{name: "late", doubtful: true, strike: late(dynamotest.Drop())},
	{name: "given up", doubtful: true, strike: givenUp},
	{name: "given up, late", doubtful: true, strike: givenUpLate},
	{name: "repeat", doubtful: true, strike: repeat},
	{name: "repeat all", doubtful: true, always: true, strike: repeat},
}

// deliver sends the request and returns the response.
func deliver(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	return send()
}

// conflict makes the request meet a transaction.
func conflict(s *strike) dynamotest.Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		s.conflict()
		return send()
	}
}

// broken sends the request, and then the connection breaks with an error. A trace of the request
// reports that it was written.
func broken(err error) dynamotest.Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		traceWritten(request)
		response, sendErr := send()
		if sendErr != nil {
			return nil, sendErr
		}
		discard(response)
		return nil, &url.Error{Op: "Post", URL: request.URL.String(), Err: err}
	}
}

// traceWritten calls the trace of a request, if it has one, as package net/http does.
func traceWritten(request *http.Request) {
	trace := httptrace.ContextClientTrace(request.Context())
	if trace == nil {
		return
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// late delays the request until the call has returned.
func late(meanwhile dynamotest.Fault) func(*strike) dynamotest.Fault {
	return func(s *strike) dynamotest.Fault {
		return func(
			request *http.Request, send func() (*http.Response, error),
		) (*http.Response, error) {
			body, err := readBody(request)
			if err != nil {
				return nil, err
			}
			kept := withBodyIn(context.WithoutCancel(request.Context()), request, body)
			s.late = append(s.late, func() {
				if response, err := s.journal.Do(kept); err == nil {
					discard(response)
				}
			})
			return meanwhile(request, send)
		}
	}
}

// givenUp makes the caller give up while the response is in transit.
func givenUp(s *strike) dynamotest.Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		discard(response)
		s.end()
		return nil, request.Context().Err()
	}
}

// givenUpLate makes the caller give up before the request arrives.
func givenUpLate(s *strike) dynamotest.Fault {
	return late(func(
		request *http.Request, _ func() (*http.Response, error),
	) (*http.Response, error) {
		s.end()
		return nil, request.Context().Err()
	})(s)
}

// repeat acts as a client or proxy that loses the response and sends the request again on its own.
func repeat(s *strike) dynamotest.Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		body, err := readBody(request)
		if err != nil {
			return nil, err
		}
		first, err := s.journal.Do(withBody(request, body))
		if err != nil {
			return nil, err
		}
		discard(first)
		s.act()
		return s.journal.Do(withBody(request, body))
	}
}

func discard(response *http.Response) { _ = response.Body.Close() }
