package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The headers whose values differ from request to request.
const (
	authorizationHeader = "Authorization"
	dateHeader          = "X-Amz-Date"
	tokenHeader         = "X-Amz-Security-Token"
	invocationHeader    = "Amz-Sdk-Invocation-Id"
	tryHeader           = "Amz-Sdk-Request"
	traceHeader         = "X-Amzn-Trace-Id"
)

const agentHeader = "User-Agent"

// isUnsigned reports whether a signature leaves a header out. The list is that of the SDK's signer.
func isUnsigned(name string) bool {
	switch name {
	case authorizationHeader, traceHeader, agentHeader, "Expect", "Transfer-Encoding":
		return true
	}
	return false
}

// template is what all requests of one operation have in common.
type template struct {
	plain   http.Request // without headers and body
	url     url.URL
	fixed   []header // the headers that are equal in all requests
	signed  []signedHeader
	names   string // of the signed headers, as the signature lists them
	noToken string // the same for credentials without a session token
	signer  *signer
	account string // of the credentials, which the endpoint may depend on
}

type header struct{ name, value string }

// signedHeader is a header that the signature covers.
type signedHeader struct {
	line    string // "content-type:application/json\n", or "x-amz-date:" if the value differs
	varying string // the name of the header whose value follows; "" for none
}

// contentLength stands for the length of the body among the varying headers.
const contentLength = "content-length"

// variables are the values in which requests of one template differ.
type variables struct {
	credentials *aws.Credentials
	at          time.Time // corrected by the skew of the clock
	invocation  string
	try         string
	trace       string
	bodyHash    [sha256.Size]byte
	length      int
}

// makeTemplate makes the template from a request of the SDK. It returns nil if the request has a
// part that the template does not know.
func makeTemplate(request *http.Request, account string, signers func(scope) *signer) *template {
	authorization := request.Header.Get(authorizationHeader)
	if request.Method != http.MethodPost || request.URL.Path != "/" || request.URL.RawQuery != "" {
		return nil
	}
	where, ok := scopeOf(authorization)
	if !ok {
		return nil
	}
	t := &template{
		plain: http.Request{Method: request.Method, Host: request.Host, Proto: request.Proto,
			ProtoMajor: request.ProtoMajor, ProtoMinor: request.ProtoMinor},
		url: *request.URL, signer: signers(where), account: account,
	}
	names := []string{"host", contentLength, strings.ToLower(tokenHeader)}
	lines := map[string]signedHeader{
		"host":                       {line: "host:" + hostOf(request) + "\n"},
		contentLength:                {contentLength + ":", contentLength},
		strings.ToLower(tokenHeader): {strings.ToLower(tokenHeader) + ":", tokenHeader},
	}
	for name, values := range request.Header {
		if len(values) != 1 {
			return nil
		}
		lower, varying := strings.ToLower(name), isVarying(name)
		if !varying {
			t.fixed = append(t.fixed, header{name, values[0]})
		}
		switch {
		case isUnsigned(name) || name == tokenHeader:
			continue
		case varying:
			lines[lower] = signedHeader{lower + ":", name}
		default:
			lines[lower] = signedHeader{line: lower + ":" + values[0] + "\n"}
		}
		names = append(names, lower)
	}
	slices.Sort(names)
	for _, name := range names {
		t.signed = append(t.signed, lines[name])
	}
	t.names = strings.Join(names, ";")
	t.noToken = strings.Join(slices.DeleteFunc(names, func(name string) bool {
		return name == strings.ToLower(tokenHeader)
	}), ";")
	return t
}

func isVarying(name string) bool {
	switch name {
	case authorizationHeader, dateHeader, tokenHeader, invocationHeader, tryHeader, traceHeader:
		return true
	}
	return false
}

// scopeOf returns the scope in the header Authorization of a request.
func scopeOf(authorization string) (scope, bool) {
	_, rest, found := strings.Cut(authorization, algorithm+" Credential=")
	credential, _, also := strings.Cut(rest, ",")
	parts := strings.Split(credential, "/")
	if !found || !also || len(parts) != 5 || parts[4] != terminator {
		return scope{}, false
	}
	return scope{region: parts[2], service: parts[3]}, true
}

func hostOf(request *http.Request) string {
	if request.Host != "" {
		return request.Host
	}
	return request.URL.Host
}

// outgoing is a request with what it refers to, in one allocation.
type outgoing struct {
	url    url.URL
	body   body
	values [16]string
}

// body is the body of a request. Its bytes do not change, so that a transport may still read it
// after the call has returned.
type body struct{ bytes.Reader }

// Close does nothing.
func (*body) Close() error { return nil }

var _ io.ReadCloser = (*body)(nil)

// request makes a signed request.
func (t *template) request(ctx context.Context, content []byte, v *variables) *http.Request {
	out := &outgoing{url: t.url}
	out.body.Reset(content)
	made := t.plain.WithContext(ctx)
	made.URL, made.Body, made.ContentLength = &out.url, &out.body, int64(len(content))
	made.Header = make(http.Header, len(t.fixed)+6)
	values := out.values[:0]
	set := func(name, value string) {
		values = append(values, value)
		n := len(values)
		made.Header[name] = values[n-1 : n : n]
	}
	for _, h := range t.fixed {
		set(h.name, h.value)
	}
	at := t.signer.at(v.at)
	set(dateHeader, at.text)
	set(invocationHeader, v.invocation)
	set(tryHeader, v.try)
	if v.credentials.SessionToken != "" {
		set(tokenHeader, v.credentials.SessionToken)
	}
	if v.trace != "" {
		set(traceHeader, v.trace)
	}
	set(authorizationHeader, t.authorize(at, v))
	return made
}

// authorize returns the header Authorization.
func (t *template) authorize(at *instant, v *variables) string {
	var room [2048]byte
	text := append(room[:0], http.MethodPost+"\n/\n\n"...)
	for i := range t.signed {
		text = t.signed[i].append(text, at, v)
	}
	names := t.names
	if v.credentials.SessionToken == "" {
		names = t.noToken
	}
	text = append(append(append(text, '\n'), names...), '\n')
	text = hex.AppendEncode(text, v.bodyHash[:])
	return t.signer.authorize(v.credentials, at, text, names)
}

// append appends the line of a header to the canonical request.
func (h *signedHeader) append(dst []byte, at *instant, v *variables) []byte {
	if h.varying == tokenHeader && v.credentials.SessionToken == "" {
		return dst
	}
	dst = append(dst, h.line...)
	switch h.varying {
	case "":
		return dst
	case contentLength:
		dst = strconv.AppendInt(dst, int64(v.length), 10)
	case dateHeader:
		dst = append(dst, at.text...)
	case tokenHeader:
		dst = append(dst, v.credentials.SessionToken...)
	case invocationHeader:
		dst = append(dst, v.invocation...)
	case tryHeader:
		dst = append(dst, v.try...)
	}
	return append(dst, '\n')
}

// agent returns the header User-Agent.
func (t *template) agent() string {
	for _, h := range t.fixed {
		if h.name == agentHeader {
			return h.value
		}
	}
	return ""
}
