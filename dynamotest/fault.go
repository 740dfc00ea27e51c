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
	"syscall"
	"time"
)

// Fault is what becomes of one request: it decides whether and when to send it on, and what to answer. Several may run at once.
// It may change the request before it sends it, and send it more than once if it gives it a new body: the engine checks no
// signature. An error is what the SDK sees of a broken connection.
type Fault func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error)

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

// Silence does to the request what a fault does, and says nothing of it until the caller's context has ended: the service is
// there, and does not answer. Without a fault, nil, the request is applied; with [Drop] it is not. The call needs a context
// that ends: one with a deadline.
func Silence(fault Fault) Fault {
	if fault == nil {
		fault = Lose()
	}
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := fault(request, send)
		if err == nil {
			drain(response)
		}
		<-request.Context().Done()
		return nil, request.Context().Err()
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
