package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	environment := map[string]string{}
	getenv := func(name string) string { return environment[name] }
	c, err := parseConfig(getenv)
	require.NoError(t, err)
	require.Equal(t, config{"localhost:8080", "gamebackend-", 5 * time.Second, 15 * time.Second,
		slog.LevelInfo}, c)
	environment = map[string]string{"ADDR": ":1", "TABLE_PREFIX": "live-", "REQUEST_TIMEOUT": "1s",
		"SHUTDOWN_GRACE": "2s", "LOG_LEVEL": "warn"}
	c, err = parseConfig(getenv)
	require.NoError(t, err)
	require.Equal(t, config{":1", "live-", time.Second, 2 * time.Second, slog.LevelWarn}, c)
	for _, wrong := range []struct{ name, value, want string }{
		{"REQUEST_TIMEOUT", "5", `REQUEST_TIMEOUT is "5"; give a duration such as 5s`},
		{"SHUTDOWN_GRACE", "0s", `SHUTDOWN_GRACE is "0s"; give a duration such as 15s`},
		{"LOG_LEVEL", "loud", `LOG_LEVEL is "loud"; give DEBUG, INFO, WARN or ERROR`},
	} {
		environment = map[string]string{wrong.name: wrong.value}
		_, err := parseConfig(getenv)
		require.EqualError(t, err, wrong.want)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args     string
		duration time.Duration
		faults   share
		timeout  time.Duration
	}{
		{"", 0, 0, 5 * time.Second},
		{"-load 30s", 30 * time.Second, 0, 5 * time.Second},
		{"-load 30s -faults", 30 * time.Second, standardShare, troubledTimeout},
		{"-faults=0.1 -load 1m", time.Minute, 0.1, troubledTimeout},
		{"-load 1m -faults=false", time.Minute, 0, 5 * time.Second},
	} {
		s, err := parseFlags(strings.Fields(c.args), io.Discard)
		require.NoError(t, err, c.args)
		require.Equal(t, c.duration, s.duration)
		require.Equal(t, c.faults, s.faults)
		require.Equal(t, c.timeout, s.timeout)
	}
	for _, refused := range []struct{ args, want string }{
		{"-load 30", `gamebackend: invalid value "30" for flag -load: parse error; see -help`},
		{"-load -1s", `gamebackend: -load is -1s; give a duration such as 30s`},
		{"-faults", `gamebackend: -faults requires -load; give both`},
		{"-faults=1 -load 1s", `gamebackend: invalid boolean value "1" for -faults: give a share ` +
			`from 0 to 0.9; see -help`},
		{"30s", `gamebackend: there is no argument "30s"; see -help`},
	} {
		var stderr bytes.Buffer
		require.Equal(t, 1, run(t.Context(), strings.Fields(refused.args), getNothing, io.Discard,
			&stderr), refused.args)
		require.Equal(t, refused.want+"\n", stderr.String())
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"-help"}, getNothing, &stdout, &stderr))
	require.Contains(t, stdout.String(), "Usage: gamebackend [-load duration [-faults[=share]]]\n")
	require.Empty(t, stderr.String())
}

func getNothing(string) string { return "" }

// lines receives the output of a logger, one record for each call.
type lines chan string

func (l lines) Write(text []byte) (int, error) {
	l <- string(text)
	return len(text), nil
}

// find returns the first record with this message.
func (l lines) find(t *testing.T, message string) map[string]any {
	t.Helper()
	for {
		select {
		case line := <-l:
			var record map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &record), line)
			if record["msg"] == message {
				return record
			}
		case <-t.Context().Done():
			t.Fatal("there is no record " + message)
		}
	}
}

// The service creates its tables, serves, stops at an interrupt, and keeps the tables.
func TestServe(t *testing.T) {
	engine := dynamotest.Run(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.Endpoint())
	prefix := strings.ToLower(rand.Text()) + "-"
	environment := map[string]string{"ADDR": "127.0.0.1:0", "TABLE_PREFIX": prefix}
	mapper, err := engine.Mapper(t.Context(), dynamapper.WithTablePrefix(prefix))
	require.NoError(t, err)
	stored, err := newTables(mapper)
	require.NoError(t, err)
	for range 2 { // the second one finds the tables
		ctx, interrupt := context.WithCancel(t.Context())
		stderr, ended := make(lines, 100), make(chan int)
		go func() {
			ended <- run(ctx, nil, func(name string) string {
				return environment[name]
			}, io.Discard, stderr)
		}()
		address := stderr.find(t, "serving")["address"].(string)
		response, err := http.Get("http://" + address + "/healthz")
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode)
		request := stderr.find(t, "request")
		require.Equal(t, "GET /healthz", request["route"])
		require.EqualValues(t, http.StatusOK, request["status"])
		interrupt()
		require.Equal(t, 0, <-ended)
	}
	require.NoError(t, stored.check(t.Context()))
	for _, table := range stored.stored() {
		require.NoError(t, table.DeleteTable(t.Context()))
	}
}

// If the service stops while a purchase is in progress, the purchase is completed and its client
// gets the response.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := newServer(g.game)
	stopping, underWay := make(chan struct{}), make(chan struct{})
	server.RegisterOnShutdown(func() { close(stopping) })
	g.line.On("TransactWriteItems", 1, func(
		_ *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		close(underWay)
		<-stopping
		return send()
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped, responses := make(chan error, 1), make(chan received, 1)
	go func() { stopped <- serve(ctx, server, listener, time.Minute) }()
	g.url = "http://" + listener.Addr().String()
	go func() {
		response, _ := waldo.trySend(t.Context(), "PUT /me/purchases/1", aSword)
		responses <- response
	}()
	<-underWay
	stop()
	require.NoError(t, <-stopped)
	response := <-responses
	require.Equal(t, http.StatusCreated, response.status, response.text)
	requireBooks(t, g, 1)
	_, err = waldo.trySend(t.Context(), "GET /healthz", "")
	require.Error(t, err, "nobody listens any more")
}
