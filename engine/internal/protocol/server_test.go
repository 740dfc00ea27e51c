package protocol

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newServer returns a server that answers an operation with its name and body.
func newServer() *Server {
	return &Server{
		Do: func(_ context.Context, operation string, body []byte) ([]byte, error) {
			switch {
			case operation == "DeleteTable":
				return nil, NotFound("no table")
			case operation == "Scan":
				return nil, errors.New("broken")
			case len(body) == 0:
				return nil, syntaxError()
			}
			return append([]byte(`"`+operation+`"`), body...), nil
		},
		Known: func(operation string) bool {
			return operation != "DropTable"
		},
	}
}

const (
	signature = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c"
	dynamo    = "DynamoDB_20120810."
	streams   = "DynamoDBStreams_20120810."
)

// request returns a valid request for an operation, changed by pairs of header names and values. A
// value of "-" removes the header.
func request(target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", amazonJSON)
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("X-Amz-Date", "20261128T000000Z")
	r.Header.Set("Authorization", signature)
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "-" {
			r.Header.Del(headers[i])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestServerAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newServer())
	defer server.Close()
	r, err := http.NewRequest(http.MethodPost, server.URL, strings.NewReader(`{}`))
	require.NoError(t, err)
	r.Header = request(dynamo+"PutItem", `{}`).Header
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, `"PutItem"{}`, string(body))
	assert.Equal(t, amazonJSON, response.Header.Get("Content-Type"))
	assert.Equal(t, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10),
		response.Header.Get("X-Amz-Crc32"))
	assert.Regexp(t, regexp.MustCompile(`^[0-9A-Z]{52}$`), response.Header.Get("X-Amzn-Requestid"))
	assert.Equal(t, int64(len(body)), response.ContentLength)
}

func TestServerRefuses(t *testing.T) {
	t.Parallel()
	const (
		unknown = `{"__type":"com.amazon.coral.service#UnknownOperationException"}`
		badJSON = `{"__type":"com.amazon.coral.service#SerializationException"}`
		token   = `{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException",` +
			`"message":"Request is missing Authentication Token"}`
		noTable = `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",` +
			`"message":"no table"}`
		incomplete = `{"__type":"com.amazon.coral.service#IncompleteSignatureException","message":"`
	)
	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		want    string
	}{
		"stream": {request(streams+"GetRecords", `{}`), 200, `"GetRecords"{}`},
		"error":  {request(dynamo+"DeleteTable", `{}`), 400, noTable},
		"defect": {request(dynamo+"Scan", `{}`), 500,
			`{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"broken"}`},
		"unknown":           {request(dynamo+"DropTable", `{}`), 400, unknown},
		"no target":         {request(dynamo, `{}`, "X-Amz-Target", "-"), 400, unknown},
		"other api":         {request("Kinesis_20131202.PutItem", `{}`), 400, unknown},
		"stream as table":   {request(dynamo+"GetRecords", `{}`), 400, unknown},
		"table as stream":   {request(streams+"PutItem", `{}`), 400, unknown},
		"unknown, no JSON":  {request(dynamo+"DropTable", `{`), 400, badJSON},
		"unknown, empty":    {request(dynamo+"DropTable", ``), 400, unknown},
		"empty":             {request(dynamo+"PutItem", ``), 400, badJSON},
		"empty, no type":    {request(dynamo+"PutItem", ``, "Content-Type", "-"), 400, badJSON},
		"unsigned":          {request(dynamo+"PutItem", `{}`, "Authorization", "-"), 400, token},
		"unsigned, no JSON": {request(dynamo+"PutItem", `{`, "Authorization", "-"), 400, badJSON},
		"not version 4": {request(dynamo+"PutItem", `{}`, "Authorization", "Basic x"), 400,
			token},
		"half signed": {request(dynamo+"PutItem", `{}`,
			"Authorization", "AWS4-HMAC-SHA256 Credential=x", "X-Amz-Date", "-"),
			400, incomplete + `Authorization header requires 'Signature' parameter. ` +
				`Authorization header requires 'SignedHeaders' parameter. Authorization header ` +
				`requires existence of either a 'X-Amz-Date' or a 'Date' header. ` +
				`Authorization=AWS4-HMAC-SHA256 Credential=x"}`},
		"other type": {request(dynamo+"PutItem", `{}`, "Content-Type", "text/plain"),
			404, notFound},
		"no type": {request(dynamo+"PutItem", `{}`, "Content-Type", "-"), 404, notFound},
		"charset": {request(dynamo+"PutItem", `{}`, "Content-Type", " Application/JSON ;charset=x"),
			200, `"PutItem"{}`},
		"long":    {request(dynamo+"PutItem", strings.Repeat(" ", maxBody+1)), 413, ""},
		"longest": {request(dynamo+"DeleteTable", strings.Repeat(" ", maxBody)), 400, noTable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			newServer().ServeHTTP(w, tt.request)
			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, tt.want, w.Body.String())
			assert.Equal(t, strconv.FormatUint(uint64(crc32.ChecksumIEEE(w.Body.Bytes())), 10),
				w.Header().Get("X-Amz-Crc32"))
		})
	}
}

func TestServerQuerySignature(t *testing.T) {
	t.Parallel()
	ask := func(query string, headers ...string) string {
		r := request(dynamo+"PutItem", `{}`, headers...)
		r.URL.RawQuery = query
		return string(newServer().Serve(r).Body)
	}
	whole := "X-Amz-Algorithm=A&X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-SignedHeaders=h" +
		"&X-Amz-Date=d"
	assert.Equal(t, `"PutItem"{}`, ask(whole, "Authorization", "-"))
	assert.Contains(t, ask(whole), "InvalidSignatureException")
	assert.Contains(t, ask("X-Amz-Algorithm=&X-Amz-Credential=c", "Authorization", "-"),
		`"AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters `+
			`must include 'X-Amz-Signature'. AWS query-string parameters must include `+
			`'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. `+
			`Re-examine the query-string parameters."`)
}

func TestServerOtherMethods(t *testing.T) {
	t.Parallel()
	s := newServer()
	serve := func(method, path string, headers ...string) Response {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return s.Serve(r)
	}
	assert.Equal(t, healthy, string(serve(http.MethodGet, "/").Body))
	assert.Equal(t, 404, serve(http.MethodGet, "/x").Status)
	assert.Equal(t, 404, serve(http.MethodPut, "/").Status)
	assert.Equal(t, 404, serve(http.MethodOptions, "/").Status)

	preflight := serve(http.MethodOptions, "/", "Origin", "http://a",
		"Access-Control-Request-Headers", "x-a", "Access-Control-Request-Method", "POST")
	assert.Equal(t, 200, preflight.Status)
	assert.Equal(t, "*", preflight.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "x-a", preflight.Header.Get("Access-Control-Allow-Headers"))
	assert.Equal(t, "POST", preflight.Header.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "172800", preflight.Header.Get("Access-Control-Max-Age"))
	assert.Equal(t, "*", serve(http.MethodGet, "/", "Origin", "http://a").
		Header.Get("Access-Control-Allow-Origin"))
}

// brokenBody ends too early.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestServerBodies(t *testing.T) {
	t.Parallel()
	s := newServer()
	unknownLength := request(dynamo+"PutItem", `{"a":1}`)
	unknownLength.ContentLength = -1
	assert.Equal(t, `"PutItem"{"a":1}`, string(s.Serve(unknownLength).Body))

	broken := request(dynamo+"PutItem", `{}`)
	broken.Body = io.NopCloser(brokenBody{})
	assert.Equal(t, 400, s.Serve(broken).Status)
	short := request(dynamo+"PutItem", `{}`)
	short.ContentLength = 3
	assert.Equal(t, 400, s.Serve(short).Status)
	long := request(dynamo+"PutItem", strings.Repeat(" ", maxBody+1))
	long.ContentLength = -1
	assert.Equal(t, 413, s.Serve(long).Status)
	none := request(dynamo+"PutItem", ``)
	none.Body = nil
	assert.Equal(t, 400, s.Serve(none).Status)
}

func TestServerRequestIDs(t *testing.T) {
	t.Parallel()
	a, b := newServer(), newServer()
	id := func(s *Server) string {
		return s.Answer(request(dynamo+"PutItem", ``), []byte(`{}`)).Header.Get("X-Amzn-Requestid")
	}
	first := id(a)
	assert.Equal(t, first, id(b), "the ids of two servers do not depend on each other")
	assert.NotEqual(t, first, id(a))
	assert.Len(t, first, 52)
}

func BenchmarkServer(b *testing.B) {
	s := &Server{
		Do:    func(context.Context, string, []byte) ([]byte, error) { return []byte(`{}`), nil },
		Known: func(string) bool { return true },
	}
	r := request(dynamo+"PutItem", ``)
	b.ReportAllocs()
	for b.Loop() {
		s.Answer(r, benchmarkBody)
	}
}
