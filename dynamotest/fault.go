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

// Fault decides what happens to one request: whether and when to send it, and what its caller gets.
// A Fault may change the request before it sends it. It may send the request more than once, with a
// new body each time; the engine in process does not check signatures. The SDK takes an error that
// a Fault returns for that of a broken connection. A Fault must be safe for concurrent use.
type Fault func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error)

// newResetError returns the error of net/http for a connection that the peer has reset.
func newResetError(request *http.Request) error {
	return &url.Error{Op: "Post", URL: request.URL.String(), Err: &net.OpError{
		Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET),
	}}
}

// Lose sends the request and loses the response. The caller sees a reset connection.
func Lose() Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		drain(response)
		return nil, newResetError(request)
	}
}

// Drop does not send the request. The caller sees a reset connection, as after [Lose].
func Drop() Fault {
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return nil, newResetError(request)
	}
}

// Cut sends the request and breaks off the response in its middle.
func Cut() Fault {
	return changed(func(_ *http.Response, body []byte) io.Reader {
		return io.MultiReader(bytes.NewReader(body[:len(body)/2]), brokenReader{})
	})
}

// Corrupt sends the request and changes one letter or digit of the response. If the response has
// none, Corrupt adds a space. The response is still JSON, but its checksum is wrong. The SDK alone
// logs that and accepts the response.
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

// changed changes the body of a response and keeps its headers, including the length and the
// checksum.
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

// brokenReader stands for the rest of a response that is broken off.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// checksumHeader is the header that holds the checksum of the body.
const checksumHeader = "X-Amz-Crc32"

func checksum(body []byte) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
}

// Refuse does not send the request and responds with an error of the service. With status 400, the
// code is that of an exception, such as "ThrottlingException" or "TransactionConflictException". A
// status of 500 or more is a failure of the service, after which a program cannot know whether the
// request was applied; see [Fail].
func Refuse(status int, code string) Fault {
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return newErrorResponse(request, status, code), nil
	}
}

// Fail sends the request and responds with a failure of the service, status 500.
func Fail() Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		drain(response)
		return newErrorResponse(request, http.StatusInternalServerError, "InternalServerError"), nil
	}
}

// Delay waits for d and then sends the request. If the context of the request ends first, Delay
// does not send it.
func Delay(d time.Duration) Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
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

// After calls act after the fault, and before the caller sees its outcome. For example, act may
// make another write, or end the caller's context. If the fault is nil, the request is sent and its
// response returned.
func After(fault Fault, act func()) Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		defer act()
		if fault == nil {
			return send()
		}
		return fault(request, send)
	}
}

// Silence does with the request what the fault does, but returns no response: the caller waits
// until the context of the request ends, and gets the context's error. If the fault is nil, Silence
// sends the request; with [Drop] it does not. The caller's context needs a deadline; otherwise the
// call never returns.
func Silence(fault Fault) Fault {
	if fault == nil {
		fault = Lose()
	}
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		response, err := fault(request, send)
		if err == nil {
			drain(response)
		}
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
}

// drain reads the rest of a response that the caller does not get, so that the connection can be
// reused.
func drain(response *http.Response) {
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}

// newErrorResponse returns an error response of the service.
func newErrorResponse(request *http.Request, status int, code string) *http.Response {
	const format = `{"__type":"com.amazonaws.dynamodb.v20120810#%s",` +
		`"message":"refused by dynamotest"}`
	body := fmt.Sprintf(format, code)
	return &http.Response{
		Status:     strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode: status,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"application/x-amz-json-1.0"},
			checksumHeader: {checksum([]byte(body))},
		},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       request,
	}
}
