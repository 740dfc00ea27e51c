package engine_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine"
)

// config is the configuration of a client that reaches the engine without a socket.
func config(e *engine.Engine) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://dynamodb.invalid"),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   e.Client(),
	}
}

// newRequest returns a request as a client sends it.
func newRequest(t *testing.T, ctx context.Context, operation, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, "http://dynamodb.invalid/", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Date", "20261128T000000Z")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 "+
		"Credential=local/20261128/us-east-1/dynamodb/aws4_request, SignedHeaders=host, "+
		"Signature=0")
	return request
}

func TestTheSDKReachesTheEngineWithoutASocket(t *testing.T) {
	t.Parallel()
	client := dynamodb.NewFromConfig(config(engine.New()))
	out, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	require.Empty(t, out.TableNames)
}

// The client and the handler on a port give the same responses.
func TestClientAnswersAsAServer(t *testing.T) {
	t.Parallel()
	e := engine.New()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	for _, test := range []struct {
		operation, body string
		status          int
	}{
		{"ListTables", "{}", http.StatusOK},
		{"ListTables", "{", http.StatusBadRequest},
		{"Unknown", "{}", http.StatusBadRequest},
	} {
		here, err := e.Client().Do(newRequest(t, t.Context(), test.operation, test.body))
		require.NoError(t, err)
		request := newRequest(t, t.Context(), test.operation, test.body)
		request.URL.Host = server.Listener.Addr().String()
		there, err := server.Client().Do(request)
		require.NoError(t, err)

		require.Equal(t, test.status, here.StatusCode, test.operation)
		require.Equal(t, there.StatusCode, here.StatusCode)
		require.Equal(t, there.Status, here.Status)
		require.Equal(t, there.ContentLength, here.ContentLength)
		require.Equal(t, there.Header["X-Amz-Crc32"], here.Header["X-Amz-Crc32"])
		require.Equal(t, there.Header["Content-Type"], here.Header["Content-Type"])
		require.Equal(t, readAll(t, there), readAll(t, here))
	}
}

func readAll(t *testing.T, response *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return string(text)
}

func TestClientIsARoundTripper(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: engine.New().Client()}
	response, err := client.Do(newRequest(t, t.Context(), "ListTables", "{}"))
	require.NoError(t, err)
	require.JSONEq(t, `{"TableNames":[]}`, readAll(t, response))
}

// trackedBody records whether a request's body is read and closed.
type trackedBody struct {
	io.Reader
	read, closed bool
}

func (b *trackedBody) Read(p []byte) (int, error) {
	b.read = true
	return b.Reader.Read(p)
}

func (b *trackedBody) Close() error {
	b.closed = true
	return nil
}

func TestClientDoesNothingAfterTheContext(t *testing.T) {
	t.Parallel()
	for want, end := range map[error]func(context.Context) (context.Context, context.CancelFunc){
		context.Canceled: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		},
		context.DeadlineExceeded: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(ctx, time.Unix(0, 0))
		},
	} {
		ctx, cancel := end(t.Context())
		defer cancel()
		body := &trackedBody{Reader: strings.NewReader("{}")}
		request := newRequest(t, ctx, "ListTables", "")
		request.Body = body
		_, err := engine.New().Client().Do(request)
		require.Equal(t, want, err)
		require.False(t, body.read)
		require.True(t, body.closed)
	}
}

// If a context ends while the engine answers, the caller gets the context's error and no response.
func TestClientReturnsTheErrorOfAContextThatEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	request := newRequest(t, ctx, "ListTables", "{}")
	request.Body = io.NopCloser(&endingReader{strings.NewReader("{}"), cancel})
	_, err := engine.New().Client().Do(request)
	require.ErrorIs(t, err, context.Canceled)
}

// endingReader ends a context when it is read.
type endingReader struct {
	io.Reader
	end func()
}

func (r *endingReader) Read(p []byte) (int, error) {
	r.end()
	return r.Reader.Read(p)
}

func TestClientClosesTheBody(t *testing.T) {
	t.Parallel()
	body := &trackedBody{Reader: strings.NewReader("{}")}
	request := newRequest(t, t.Context(), "ListTables", "")
	request.Body, request.ContentLength = body, 2
	_, err := engine.New().Client().Do(request)
	require.NoError(t, err)
	require.True(t, body.read)
	require.True(t, body.closed)
}

func TestClientWithoutABody(t *testing.T) {
	t.Parallel()
	request := newRequest(t, t.Context(), "ListTables", "")
	request.Body = nil
	response, err := engine.New().Client().Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
}
