// Package protocol reads requests and writes responses of DynamoDB's protocol, JSON over HTTP.
package protocol

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// Server implements the service's protocol, JSON over HTTP. It is an http.Handler. It must not be
// copied after its first request.
type Server struct {
	// Do performs an operation ("PutItem") and returns the body of the response. Its errors are
	// *Error.
	Do func(ctx context.Context, operation string, body []byte) ([]byte, error)
	// Known reports whether Do implements an operation.
	Known func(operation string) bool

	requests atomic.Uint64 // the number of answered requests
}

// Response is the response to a request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

const (
	amazonJSON = "application/x-amz-json-1.0"
	plainJSON  = "application/json"

	// maxBody is the greatest length of a request, in bytes.
	maxBody = 16 << 20

	healthy  = "healthy: dynamodb.us-east-1.amazonaws.com "
	notFound = "<UnknownOperationException/>\n"
)

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	response := s.Serve(r)
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}

// Serve reads the body of a request and answers it. It does not close the body.
func (s *Server) Serve(r *http.Request) Response {
	body, err := readBody(r)
	if errors.Is(err, errTooLong) {
		return s.respond(http.StatusRequestEntityTooLarge, "", nil)
	}
	if err != nil {
		return s.refuse(r, &Error{Code: "SerializationException"})
	}
	return s.Answer(r, body)
}

var errTooLong = errors.New("the body is too long")

// readBody returns the body of a request. It makes no copy except the one that it returns.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > maxBody {
		return nil, errTooLong
	}
	if r.ContentLength > 0 {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if len(body) > maxBody {
		return nil, errTooLong
	}
	return body, err
}

// Answer answers a request whose body has been read. It reads the request's method, URL, header and
// context, and keeps no part of the body.
func (s *Server) Answer(r *http.Request, body []byte) Response {
	response := s.route(r, body)
	if len(r.Header["Origin"]) > 0 {
		response.Header.Set("Access-Control-Allow-Origin", "*")
	}
	return response
}

func (s *Server) route(r *http.Request, body []byte) Response {
	switch {
	case r.URL.Path != "/" && r.URL.Path != "":
	case r.Method == http.MethodGet:
		return s.respond(http.StatusOK, "", []byte(healthy))
	case r.Method == http.MethodOptions && len(r.Header["Origin"]) > 0:
		return s.preflight(r)
	case r.Method == http.MethodPost && isOurs(r, body):
		return s.operation(r, body)
	}
	return s.respond(http.StatusNotFound, "", []byte(notFound))
}

// preflight allows a browser to send its request.
func (s *Server) preflight(r *http.Request) Response {
	response := s.respond(http.StatusOK, "", nil)
	response.Header.Set("Access-Control-Max-Age", "172800")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		response.Header.Set("Access-Control-Allow-Headers", asked)
	}
	if asked := r.Header.Get("Access-Control-Request-Method"); asked != "" {
		response.Header.Set("Access-Control-Allow-Methods", asked)
	}
	return response
}

// isOurs reports whether the service reads the content type of a request. A request without a body
// needs none.
func isOurs(r *http.Request, body []byte) bool {
	given := r.Header.Get("Content-Type")
	kind := mediaType(given)
	return strings.EqualFold(kind, amazonJSON) || strings.EqualFold(kind, plainJSON) ||
		given == "" && len(body) == 0
}

// mediaType returns a content type without its parameters.
func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.TrimSpace(kind)
}

// hostKey is the context key of the host that a request was sent to.
type hostKey struct{}

// requestContext returns the request's context. For DescribeEndpoints the context has the request's
// host.
func requestContext(r *http.Request, operation string) context.Context {
	if operation != "DescribeEndpoints" {
		return r.Context()
	}
	return WithHost(r.Context(), r.Host)
}

// WithHost returns a context that holds the host that a request was sent to.
func WithHost(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, hostKey{}, host)
}

// Host returns the host of a context from WithHost, or "localhost" for any other context.
func Host(ctx context.Context) string {
	if host, ok := ctx.Value(hostKey{}).(string); ok && host != "" {
		return host
	}
	return "localhost"
}

// operation answers a request for an operation.
func (s *Server) operation(r *http.Request, body []byte) Response {
	name, known := s.target(r)
	if !known {
		return s.refuse(r, firstRefusal(body, UnknownOperation()))
	}
	if unsigned := refuseUnsigned(r); unsigned != nil {
		return s.refuse(r, firstRefusal(body, unsigned))
	}
	out, err := s.Do(requestContext(r, name), name, body)
	if err != nil {
		return s.refuse(r, asError(err))
	}
	return s.respond(http.StatusOK, responseType(r), out)
}

// firstRefusal returns the service's first error: that the body is not JSON, or else the refusal.
func firstRefusal(body []byte, refusal *Error) *Error {
	if len(body) > 0 && !isJSON(body) {
		return &Error{Code: "SerializationException"}
	}
	return refusal
}

func asError(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return &Error{Code: "InternalServerError", Message: err.Error()}
}

// target returns the operation that a request asks for, and reports whether it exists.
func (s *Server) target(r *http.Request) (operation string, known bool) {
	api, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	want := "DynamoDB_20120810"
	switch name {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		want = "DynamoDBStreams_20120810"
	}
	return name, api == want && s.Known(name)
}

// responseType returns the content type of the response to a request.
func responseType(r *http.Request) string {
	if strings.EqualFold(mediaType(r.Header.Get("Content-Type")), amazonJSON) {
		return amazonJSON
	}
	return plainJSON
}

func (s *Server) refuse(r *http.Request, refusal *Error) Response {
	return s.respond(refusal.StatusCode(), responseType(r), refusal.AppendJSON(nil))
}

func (s *Server) respond(status int, kind string, body []byte) Response {
	header := http.Header{
		"Content-Length":   {strconv.Itoa(len(body))},
		"X-Amz-Crc32":      {strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)},
		"X-Amzn-Requestid": {requestID(s.requests.Add(1))},
	}
	if kind != "" {
		header["Content-Type"] = []string{kind}
	}
	return Response{Status: status, Header: header, Body: body}
}

// requestID returns the id of the nth request, in the service's form: 52 letters and digits.
func requestID(n uint64) string {
	const digits, length = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 52
	var id [length]byte
	for i := length - 1; i >= 0; i-- {
		id[i] = digits[n%36]
		n /= 36
	}
	return string(id[:])
}
