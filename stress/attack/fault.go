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

// fault is something that goes wrong with a request.
type fault struct {
	name     string
	doubtful bool // an answer is lost, so that the caller may be told that the outcome is unknown
	harmless bool // a call must succeed in spite of it
	always   bool // it goes wrong with every request from then on
	strike   func(*strike) dynamotest.Fault
}

// strike is what a fault can reach beside the request.
type strike struct {
	journal  *journal
	conflict func() // makes the next write of an item meet a transaction
	end      func() // ends the context of the call
	act      func() // lets the other writer act
	late     []func()
}

func just(f dynamotest.Fault) func(*strike) dynamotest.Fault {
	return func(*strike) dynamotest.Fault { return f }
}

// faults are all that can go wrong with a request.
var faults = []fault{
	{name: "none", harmless: true, strike: just(deliver)},
	{name: "drop", doubtful: true, strike: just(dynamotest.Drop())},
	{name: "drop all", doubtful: true, always: true, strike: just(dynamotest.Drop())},
	{name: "lose", doubtful: true, strike: just(dynamotest.Lose())},
	{name: "lose all", doubtful: true, always: true, strike: just(dynamotest.Lose())},
	{name: "cut", doubtful: true, strike: just(dynamotest.Cut())},
	{name: "corrupt", doubtful: true, strike: just(dynamotest.Corrupt())},
	{name: "fail 500", doubtful: true, strike: just(dynamotest.Fail())},
	{name: "refuse 503", doubtful: true, strike: just(dynamotest.Refuse(503, "ServiceUnavailable"))},
	{name: "throttle", harmless: true, strike: just(dynamotest.Refuse(400, "ThrottlingException"))},
	{name: "throttle all", always: true,
		strike: just(dynamotest.Refuse(400, "ThrottlingException"))},
	{name: "conflict", harmless: true, strike: conflict},
	{name: "conflict all", always: true, strike: conflict},
	{name: "damaged TLS", doubtful: true, strike: just(broken(tls.RecordHeaderError{
		Msg: "first record does not look like a TLS handshake"}))},
	{name: "plain text in TLS", doubtful: true, strike: just(broken(http.ErrSchemeMismatch))},
	{name: "malformed answer", doubtful: true,
		strike: just(broken(errors.New(`net/http: HTTP/1.x transport connection broken`)))},
	{name: "late", doubtful: true, strike: late(dynamotest.Drop())},
	{name: "given up", doubtful: true, strike: givenUp},
	{name: "given up, late", doubtful: true, strike: givenUpLate},
	{name: "repeat", doubtful: true, strike: repeat},
	{name: "repeat all", doubtful: true, always: true, strike: repeat},
}

// deliver sends the request and returns the answer.
func deliver(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	return send()
}

// conflict lets the request meet a transaction.
func conflict(s *strike) dynamotest.Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		s.conflict()
		return send()
	}
}

// broken sends the request; then the connection breaks with an error. Who traces the request is
// told that it was written.
func broken(err error) dynamotest.Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		traceWritten(request)
		answer, sendErr := send()
		if sendErr != nil {
			return nil, sendErr
		}
		discard(answer)
		return nil, &url.Error{Op: "Post", URL: request.URL.String(), Err: err}
	}
}

// traceWritten tells the trace of a request, if it has one, what package net/http tells it.
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

// late keeps the request, which arrives after the call has returned.
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
				if answer, err := s.journal.Do(kept); err == nil {
					discard(answer)
				}
			})
			return meanwhile(request, send)
		}
	}
}

// givenUp lets the caller give up while the answer is on its way.
func givenUp(s *strike) dynamotest.Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		answer, err := send()
		if err != nil {
			return nil, err
		}
		discard(answer)
		s.end()
		return nil, request.Context().Err()
	}
}

// givenUpLate lets the caller give up before the request arrives.
func givenUpLate(s *strike) dynamotest.Fault {
	return late(func(
		request *http.Request, _ func() (*http.Response, error),
	) (*http.Response, error) {
		s.end()
		return nil, request.Context().Err()
	})(s)
}

// repeat is a client or proxy that sends the request again by itself, after it has lost the answer.
func repeat(s *strike) dynamotest.Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
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

func discard(answer *http.Response) { _ = answer.Body.Close() }
