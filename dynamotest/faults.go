package dynamotest

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

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
// "TransactWriteItems"; "" is any. What the SDK sends again is a request of its own. See the package's documentation for what
// to test, and [Fault] for faults of one's own.
type Faults struct {
	line aws.HTTPClient

	choosing sync.Mutex // held while rules choose, which may use the methods of the line

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

// Fault is what becomes of one request: it decides whether and when to send it on, and what to answer. Several may run at once.
// It may change the request before it sends it, and send it more than once if it gives it a new body: the engine checks no
// signature. An error is what the SDK sees of a broken connection.
type Fault func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error)

// NewFaults makes a line without a fault.
func NewFaults() *Faults {
	return &Faults{line: awshttp.NewBuildableClient(), sent: map[string]int{}}
}

// Config is the engine's configuration, through the line. The SDK sends again as ever, but does not wait before it does,
// unless the environment configures its retries.
func (f *Faults) Config(s *Server) aws.Config {
	cfg := s.Config()
	cfg.HTTPClient = f
	if cfg.Retryer == nil {
		cfg.Retryer = func() aws.Retryer { return retry.NewStandard(withoutWait) }
	}
	return cfg
}

func withoutWait(o *retry.StandardOptions) {
	o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
}

// Mapper is as the function [Mapper], through the line. The tables that it creates count, too; an option
// [dynamapper.WithConfig] would take the line away.
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
// function is called for one request at a time. Of several rules the first that chooses a fault decides, and those behind it
// only count.
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

// Sent is how many requests of an operation came to the line since the beginning or Clear, those included that went wrong.
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
	f.choosing.Lock()
	defer f.choosing.Unlock()
	for _, ask := range f.count(operation) {
		if fault := ask(); fault != nil {
			return fault
		}
	}
	return nil
}

// count counts a request, and gives the rules to ask for it.
func (f *Faults) count(operation string) []func() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent[operation]++
	if operation != "" {
		f.sent[""]++
	}
	var asks []func() Fault
	for _, r := range f.rules {
		if r.operation == operation || r.operation == "" {
			r.seen++
			n := r.seen
			asks = append(asks, func() Fault { return r.choose(n) })
		}
	}
	return asks
}

// newResetError is what net/http says of a connection that the other end has reset.
func newResetError(request *http.Request) error {
	return &url.Error{Op: "Post", URL: request.URL.String(), Err: &net.OpError{
		Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET),
	}}
}

// Lose lets the request be applied, and loses the answer: the connection is reset.
func Lose() Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		drain(response)
		return nil, newResetError(request)
	}
}

// Drop loses the request itself: it is not applied, and the caller sees the same as of [Lose].
func Drop() Fault {
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return nil, newResetError(request)
	}
}

// Cut lets the request be applied, and ends the answer in its middle.
func Cut() Fault {
	return changed(func(_ *http.Response, body []byte) io.Reader {
		return io.MultiReader(bytes.NewReader(body[:len(body)/2]), brokenReader{})
	})
}

// Corrupt lets the request be applied, and changes the answer on its way: a letter or digit is another, or, where it has none,
// a space is added. It is still JSON, and only its checksum tells. The SDK by itself logs that, and believes the answer.
func Corrupt() Fault {
	return changed(func(response *http.Response, body []byte) io.Reader {
		if response.Header.Get(checksumHeader) == "" {
			response.Header.Set(checksumHeader, checksum(body))
		}
		damaged := bytes.Clone(body)
		if i := bytes.IndexAny(damaged, "0123456789abcdefghijklmnopqrstuvwxyz"); i >= 0 {
			damaged[i] ^= 1
		} else {
			damaged = append(damaged, ' ')
		}
		return bytes.NewReader(damaged)
	})
}

// changed changes the body of an answer. The headers stay: the length that was announced, and the checksum.
func changed(change func(*http.Response, []byte) io.Reader) Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return nil, err
		}
		response.Body = io.NopCloser(change(response, body))
		return response, nil
	}
}

// brokenReader is the rest of an answer that does not come.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// checksumHeader holds the checksum of an answer's body.
const checksumHeader = "X-Amz-Crc32"

func checksum(body []byte) string { return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) }

// Refuse answers in place of the engine: the request is not applied. The code is one of the service's errors, with the status
// 400: "ThrottlingException", "TransactionConflictException". A status of 500 and more is a failure of the service, of which a
// program cannot know whether the request was applied; see [Fail].
func Refuse(status int, code string) Fault {
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return answer(request, status, code), nil
	}
}

// Fail lets the request be applied, and answers with a failure of the service, status 500.
func Fail() Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		drain(response)
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

// After makes somebody else act when the request has met its fault, and before the caller sees what came of it: another writer,
// or the end of the caller's context. Without a fault, nil, the request is sent and answered.
func After(fault Fault, act func()) Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		defer act()
		if fault == nil {
			return send()
		}
		return fault(request, send)
	}
}

// drain reads an answer that nobody gets to its end, so that the connection is used again.
func drain(response *http.Response) {
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}

// answer is an error of the service.
func answer(request *http.Request, status int, code string) *http.Response {
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"refused by dynamotest"}`, code)
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}, checksumHeader: {checksum([]byte(body))}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: request,
	}
}
