package dynamotest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamapper/dynamapper"
)

// Faults is the line between a mapper and the engine, and fails as it is told: so that a test sees what a purchase does when an
// answer is lost after the write was applied. Without a fault it only counts.
//
//	line := dynamotest.NewFaults()
//	players, err := dynamapper.TableOf[Player](line.Mapper(t))
//	line.On("UpdateItem", 1, dynamotest.Lose()) // the next update is applied, and nobody is told
//
// It is an [aws.HTTPClient], for any configuration, and safe for concurrent use. Operations are DynamoDB's: "PutItem",
// "TransactWriteItems"; "" is any. What the SDK sends again is a request of its own.
type Faults struct {
	line http.Client

	mu    sync.Mutex
	rules []*rule
	sent  map[string]int
}

// rule decides over the requests of an operation.
type rule struct {
	operation string
	seen      int
	choose    func(n int) Fault
}

// Fault is what becomes of one request: it decides whether and when to send it on, and what to answer.
type Fault func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error)

// NewFaults makes a line without a fault.
func NewFaults() *Faults { return &Faults{sent: map[string]int{}} }

// Config is the engine's configuration, through the line.
func (f *Faults) Config(s *Server) aws.Config {
	cfg := s.Config()
	cfg.HTTPClient = f
	return cfg
}

// Mapper is as the function [Mapper], through the line.
func (f *Faults) Mapper(tb testing.TB, opts ...dynamapper.Option) *dynamapper.Mapper {
	tb.Helper()
	return Mapper(tb, append([]dynamapper.Option{dynamapper.WithConfig(f.Config(Run(tb)))}, opts...)...)
}

// On makes the n-th request of an operation from now on, counted from 1, go wrong.
func (f *Faults) On(operation string, n int, fault Fault) {
	f.Each(operation, func(seen int) Fault {
		if seen == n {
			return fault
		}
		return nil
	})
}

// Each lets a function choose for each request of an operation from now on, the first being number 1; nil is no fault. The
// function is called for one request at a time. Of several rules the first that chooses a fault decides.
func (f *Faults) Each(operation string, choose func(n int) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &rule{operation: operation, choose: choose})
}

// Clear takes all faults back, and counts from 0 again.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.sent = nil, map[string]int{}
}

// Sent is how many requests of an operation the mapper has sent since the beginning or Clear, those included that went wrong.
func (f *Faults) Sent(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent[operation]
}

// Do sends a request on, or does to it what a rule says.
func (f *Faults) Do(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	send := func() (*http.Response, error) { return f.line.Do(request) }
	if fault := f.choose(operation); fault != nil {
		return fault(request, send)
	}
	return send()
}

func (f *Faults) choose(operation string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent[operation]++
	if operation != "" {
		f.sent[""]++
	}
	var chosen Fault
	for _, r := range f.rules {
		if r.operation != operation && r.operation != "" {
			continue
		}
		r.seen++
		if fault := r.choose(r.seen); chosen == nil {
			chosen = fault
		}
	}
	return chosen
}

// errLost is what a program sees of a connection that broke.
var errLost = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}

// Lose lets the request be applied, and loses the answer: the connection breaks.
func Lose() Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		return nil, errors.Join(errLost, drain(response))
	}
}

// Drop loses the request itself: it is not applied, and the caller sees the same as of Lose.
func Drop() Fault {
	return func(*http.Request, func() (*http.Response, error)) (*http.Response, error) { return nil, errLost }
}

// Cut lets the request be applied, and ends the answer in its middle.
func Cut() Fault {
	return changed(func(body []byte) []byte { return body[:len(body)/2] })
}

// Corrupt lets the request be applied, and changes a byte of the answer, so that it does not match its checksum.
func Corrupt() Fault {
	return changed(func(body []byte) []byte {
		damaged := bytes.Clone(body)
		if i := bytes.IndexAny(damaged, "0123456789abcdefghijklmnopqrstuvwxyz"); i >= 0 {
			damaged[i] ^= 1
		} else {
			damaged = append(damaged, ' ')
		}
		return damaged
	})
}

// changed changes the body of an answer, and none of its headers: the length that was announced, and the checksum.
func changed(change func([]byte) []byte) Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, errors.Join(err, response.Body.Close())
		}
		if err := response.Body.Close(); err != nil {
			return nil, err
		}
		damaged := change(body)
		response.Body = io.NopCloser(bytes.NewReader(damaged))
		if len(damaged) < len(body) {
			response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(damaged), brokenReader{}))
		}
		return response, nil
	}
}

// brokenReader is the rest of an answer that does not come.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Refuse answers the request itself: it is not applied. The code is one of the service's errors, such as
// "ProvisionedThroughputExceededException" or "TransactionConflictException"; a status of 500 and more is a failure of the
// service, of which a program cannot know whether the request was applied.
func Refuse(status int, code string) Fault {
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return answer(request, status, code), nil
	}
}

// Fail lets the request be applied, and answers with a failure of the service.
func Fail() Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		if err := drain(response); err != nil {
			return nil, err
		}
		return answer(request, http.StatusInternalServerError, "InternalServerError"), nil
	}
}

// Delay waits before it sends the request, or until the request's context ends.
func Delay(d time.Duration) Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return send()
		case <-request.Context().Done():
			return nil, request.Context().Err()
		}
	}
}

// After makes another writer act between the request, with its fault, and what the caller sees of it; the fault may be nil.
func After(fault Fault, act func()) Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		defer act()
		if fault == nil {
			return send()
		}
		return fault(request, send)
	}
}

// drain reads an answer to its end, so that the connection is used again.
func drain(response *http.Response) error {
	_, err := io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}

// answer is an error of the service.
func answer(request *http.Request, status int, code string) *http.Response {
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"refused by dynamotest"}`, code)
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: request,
	}
}
