package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// output holds the output of a program, for a test that reads while the program prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // a value after each write
}

func newOutput() *output { return &output{more: make(chan struct{}, 1000)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.more <- struct{}{} }()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await waits until the pattern matches the output, and returns the match of its first group.
func (o *output) await(t *testing.T, pattern string) string {
	t.Helper()
	want := regexp.MustCompile(pattern)
	for {
		if found := want.FindStringSubmatch(o.String()); found != nil {
			return found[len(found)-1]
		}
		select {
		case <-o.more:
		case <-t.Context().Done():
			t.Fatal("not printed: ", pattern)
		}
	}
}

// served is a run of serve.
type served struct {
	stdout, stderr *output
	endpoint       string
	end            func() // ends it as a signal does
	ended          chan struct{}
	code           int // the exit code, once it has ended
}

// start runs serve on a free port.
func start(t *testing.T, flags ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{stdout: newOutput(), stderr: newOutput(), end: cancel, ended: make(chan struct{})}
	args := append([]string{"serve", "-addr", "127.0.0.1:0"}, flags...)
	go func() {
		defer close(s.ended)
		s.code = run(ctx, args, s.stdout, s.stderr)
	}()
	s.endpoint = s.stdout.await(t, `DynamoDB listens on (http://\S+), in memory`)
	t.Cleanup(func() {
		cancel()
		<-s.ended
		require.Equal(t, success, s.code, s.stderr)
	})
	return s
}

func (s *served) client() *dynamodb.Client {
	return dynamodb.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: &s.endpoint,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// heroes is a table.
func heroes() *dynamodb.CreateTableInput {
	name := "name"
	return &dynamodb.CreateTableInput{
		TableName: aws.String("heroes"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}},
		KeySchema: []types.KeySchemaElement{{AttributeName: &name, KeyType: types.KeyTypeHash}},
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	s := start(t)
	client := s.client()
	_, err := client.CreateTable(t.Context(), heroes())
	require.NoError(t, err)
	require.Contains(t, s.stdout.String(), "\n  export AWS_ENDPOINT_URL_DYNAMODB="+s.endpoint+"\n")
	require.NotContains(t, s.stdout.String(), "CreateTable", "without -v")
	require.Empty(t, s.stderr.String())

	s.end()
	<-s.ended
	require.Equal(t, success, s.code)
	// Another test may listen on the port by now, and has no such table.
	_, err = client.DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: heroes().TableName},
		func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	require.Error(t, err, "nothing serves any more")
}

func TestServePrintsEachRequest(t *testing.T) {
	t.Parallel()
	s := start(t, "-v")
	_, err := s.client().ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	s.stdout.await(t, `(?m)^\d\d:\d\d:\d\d\.\d{3} POST ListTables - 200 \S+s \d+ B$`)
}

func TestServeRefusesAnotherAddress(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, misuse, run(t.Context(), []string{"serve", "-addr", addr}, &stdout,
			&stderr))
		require.Equal(t,
			"dynamapper: serve: other machines reach "+addr+", and could read and change "+
				"all data; give a loopback address such as 127.0.0.1:8000, or -public\n",
			stderr.String())
		require.Empty(t, stdout.String())
	}
}

func TestServeWarnsOfAPublicAddress(t *testing.T) {
	t.Parallel()
	s := start(t, "-addr", "0.0.0.0:0", "-public")
	require.Regexp(t,
		`^dynamapper: warning: every machine that reaches \S+:\d+ can read and change `+
			`all data, with any credentials\n$`, s.stderr.String())
	require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, s.endpoint)
	_, err := s.client().ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
}

func TestServeOnAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	addr := listener.Addr().String()
	var stderr bytes.Buffer
	require.Equal(t, failure, run(t.Context(), []string{"serve", "-addr", addr}, io.Discard,
		&stderr))
	require.Equal(t, "dynamapper: serve: another program listens on "+addr+"; "+
		"give a free port, such as -addr 127.0.0.1:0 for any free port\n", stderr.String())
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args           string
		exit           int
		stdout, stderr string // the expected text; "": no output
	}{
		{"", misuse, "", "Usage: dynamapper <command>"},
		{"-h", success, "serve    run DynamoDB", ""},
		{"help", success, "serve    run DynamoDB", ""},
		{"server", misuse, "",
			`dynamapper: there is no command "server"; run dynamapper -h for a list`},
		{"serve -h", success, "-addr address", ""},
		{"serve -x", misuse, "", "dynamapper: serve: flag provided but not defined: -x"},
		{"serve 8000", misuse, "",
			`dynamapper: serve: "8000" is not a flag; run dynamapper serve -h`},
		{"serve -addr 8000", misuse, "",
			`the address "8000" is not host:port, such as 127.0.0.1:8000`},
		{"serve -addr 127.0.0.1:x", failure, "", "dynamapper: serve: listen tcp"},
	} {
		var stdout, stderr bytes.Buffer
		exit := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
		require.Equal(t, test.exit, exit, test.args)
		requireText(t, test.stdout, stdout.String())
		requireText(t, test.stderr, stderr.String())
	}
}

func requireText(t *testing.T, want, got string) {
	t.Helper()
	if want == "" {
		require.Empty(t, got)
		return
	}
	require.Contains(t, got, want)
}

// A request in progress at the end of the program gets its response.
func TestServeEndsWhatItHasBegun(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	begun, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		fmt.Fprint(w, "answered")
	})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveUntil(ctx, listener, handler, time.Minute) }()
	got := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		got <- string(text)
	}()
	<-begun
	end()
	close(release)
	require.Equal(t, "answered", <-got)
	require.NoError(t, <-ended)
}

// A request that never ends does not keep the program from ending.
func TestServeEndsInBoundedTime(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	begun := make(chan struct{})
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	})
	ctx, end := context.WithCancel(t.Context())
	ended, got := make(chan error, 1), make(chan error, 1)
	go func() { ended <- serveUntil(ctx, listener, handler, time.Millisecond) }()
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err == nil {
			err = response.Body.Close()
		}
		got <- err
	}()
	<-begun
	end()
	require.NoError(t, <-ended)
	require.Error(t, <-got)
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	err = serveUntil(t.Context(), listener, http.NotFoundHandler(), time.Minute)
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestTables(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                                 "",
		`{`:                                "",
		`[]`:                               "",
		`{"TableName":7}`:                  "",
		`{"TableName":"players"}`:          "players",
		`{"RequestItems":{"b":{},"a":[]}}`: "a,b",
		`{"TransactItems":[{"Put":{"TableName":"b"}},{"Get":{"TableName":"a"}}]}`: "a,b",
	} {
		require.Equal(t, want, tables([]byte(body)), body)
	}
}

// No part of a request can break its line or start another.
func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":           "-",
		"players":    "players",
		"a,b":        "a,b",
		"a b":        `"a b"`,
		"a\nb":       `"a\nb"`,
		"a\x1b[31mb": `"a\x1b[31mb"`,
		`a"b`:        `"a\"b"`,
		"größe":      `"gr\u00f6\u00dfe"`,
	} {
		require.Equal(t, want, printable(text))
	}
}

func TestLogWritesNoValues(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := withLog(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "12345")
	}), &log)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(
		`{"TableName":"players","Item":{"login":{"S":"secret"}}}`))
	require.NoError(t, err)
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	handler.ServeHTTP(discarded{http.Header{}}, request)
	require.Regexp(t, `^\S+ POST PutItem players 418 \S+ 5 B\n$`, log.String())
}

// discarded is a response that nobody reads.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d discarded) WriteHeader(int)             {}
