package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// testGame is a service on the engine, with a line that can have faults and a clock that can be
// set.
type testGame struct {
	*game
	line  *dynamotest.Faults
	clock atomic.Pointer[time.Time]
	log   *syncedBuffer
	url   string
}

func newTestGame(t *testing.T, opts ...dynamapper.Option) *testGame {
	t.Helper()
	g := &testGame{line: dynamotest.NewFaults(), log: &syncedBuffer{}}
	stored, err := newTables(g.line.Mapper(t, opts...))
	require.NoError(t, err)
	require.NoError(t, stored.ensure(t.Context()))
	g.setClock(time.Now())
	g.game = &game{tables: stored, logger: slog.New(slog.NewTextHandler(g.log, nil)),
		timeout: time.Minute,
		now:     func() time.Time { return *g.clock.Load() }}
	server := httptest.NewServer(g.routes())
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func (g *testGame) setClock(now time.Time) { g.clock.Store(&now) }

// syncedBuffer is a log that several goroutines may write.
type syncedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *syncedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// received is a response of the service.
type received struct {
	status int
	header http.Header
	text   string
}

// read decodes the response's JSON.
func (a received) read(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.text), into), a.text)
}

func (a received) requireRefused(t *testing.T, said *refusal) {
	t.Helper()
	require.Equal(t, said.Status, a.status, a.text)
	var body struct{ Error refusal }
	a.read(t, &body)
	require.Equal(t, said.Code, body.Error.Code)
	require.Equal(t, said.Message, body.Error.Message)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
}

// player is a client. It has a token once it has logged in.
type player struct {
	g     *testGame
	token string
}

func (g *testGame) logIn(t *testing.T, login, guild string) player {
	t.Helper()
	response := player{g, ""}.send(t, "POST /login", `{"login":"`+login+`","guild":"`+guild+`"}`)
	require.Less(t, response.status, 300, response.text)
	var body struct{ Token string }
	response.read(t, &body)
	require.NotEmpty(t, body.Token)
	return player{g, body.Token}
}

// send sends the request "METHOD /path", with pairs of header names and values.
func (p player) send(t *testing.T, what, body string, headers ...string) received {
	response, err := p.trySend(t.Context(), what, body, headers...)
	require.NoError(t, err)
	return response
}

func (p player) trySend(
	ctx context.Context, what, body string, headers ...string,
) (received, error) {
	method, path, _ := bytes.Cut([]byte(what), []byte(" "))
	request, err := http.NewRequestWithContext(ctx, string(method), p.g.url+string(path),
		bytes.NewReader([]byte(body)))
	if err != nil {
		return received{}, err
	}
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return received{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return received{response.StatusCode, response.Header, string(text)}, err
}

// put sends a request that must be applied now, and decodes its record.
func (p player) put(t *testing.T, what, body string, record any) {
	t.Helper()
	response := p.send(t, what, body)
	require.Equal(t, http.StatusCreated, response.status, response.text)
	response.read(t, record)
}

// sendAtOnce sends the same request several times at once.
func (p player) sendAtOnce(t *testing.T, times int, what, body string) []received {
	t.Helper()
	responses, errs := make([]received, times), make([]error, times)
	var sending sync.WaitGroup
	for i := range times {
		sending.Go(func() { responses[i], errs[i] = p.trySend(t.Context(), what, body) })
	}
	sending.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return responses
}

// wallet returns the wallet as the service shows it.
func (p player) wallet(t *testing.T) possessions {
	t.Helper()
	response := p.send(t, "GET /me/wallet", "")
	require.Equal(t, http.StatusOK, response.status, response.text)
	var w possessions
	response.read(t, &w)
	return w
}

func TestLoginCreatesAndLoads(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	nobody := player{g, ""}
	for _, want := range []int{http.StatusCreated, http.StatusOK} {
		response := nobody.send(t, "POST /login", `{"login":"waldo","guild":"red"}`)
		require.Equal(t, want, response.status, response.text)
		var body struct {
			Token  string
			Player Player
		}
		response.read(t, &body)
		require.Equal(t, "red", body.Player.Guild)
		require.Equal(t, startCoins, player{g, body.Token}.wallet(t).Balance)
	}
	players, err := g.players.Scan().Consistent().Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, players)
}

func TestLoginAtOnceCreatesOne(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	created := 0
	for _, response := range (player{g, ""}).sendAtOnce(t, 8, "POST /login", `{"login":"waldo"}`) {
		require.Contains(t, []int{http.StatusCreated, http.StatusOK}, response.status, response.text)
		if response.status == http.StatusCreated {
			created++
		}
	}
	require.Equal(t, 1, created)
	require.Equal(t, startCoins, g.logIn(t, "waldo", "red").wallet(t).Balance)
}

func TestRename(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	seen := waldo.send(t, "GET /players/waldo", "").header.Get("ETag")
	require.NotEmpty(t, seen)

	renamed := waldo.send(t, "PATCH /me", `{"name":"Waldo"}`, "If-Match", seen)
	require.Equal(t, http.StatusOK, renamed.status, renamed.text)
	require.Contains(t, renamed.text, `"name":"Waldo"`)
	require.NotEqual(t, seen, renamed.header.Get("ETag"))

	waldo.send(t, "PATCH /me", `{"name":"Wally"}`, "If-Match", seen).requireRefused(t, saidStale)
	now := waldo.send(t, "GET /players/waldo", "")
	require.Contains(t, now.text, `"name":"Waldo"`)
	require.Equal(t, renamed.header.Get("ETag"), now.header.Get("ETag"))

	require.Equal(t, http.StatusOK, waldo.send(t, "PATCH /me", `{"name":"W"}`).status)
	require.Equal(t, http.StatusBadRequest, waldo.send(t, "PATCH /me", `{"name":""}`).status)
}

// Another request renames the player between the read and the save.
func TestRenameConflict(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	g.line.On("UpdateItem", 1, func(
		_ *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		_, err := g.players.Update(dynamapper.Key("waldo")).Set("name", "faster").Run(t.Context())
		if err != nil {
			return nil, err
		}
		return send()
	})
	waldo.send(t, "PATCH /me", `{"name":"slower"}`).requireRefused(t, saidConflict)
	require.Contains(t, waldo.send(t, "GET /players/waldo", "").text, `"name":"faster"`)
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	waldo.send(t, "GET /players/nobody", "").requireRefused(t, saidNotFound)
	waldo.send(t, "GET /nothing", "").requireRefused(t, saidNotFound)
	waldo.send(t, "PUT /me/purchases/1", `{"sku":"moon"}`).requireRefused(t, errNoSuchThing)
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	sent := g.line.Sent("TransactWriteItems")
	for _, bad := range []struct{ what, body string }{
		{"POST /login", `{"login":""}`},
		{"POST /login", `{"login":"no spaces"}`},
		{"POST /login", `{"login":"waldo","guild":"/"}`},
		{"POST /login", `{"login":`},
		{"PUT /me/purchases/1", `{"price":1}`},
		{"PUT /me/purchases/1", `{"sku":"sword"} {}`},
		{"PUT /me/purchases/a.b", `{"sku":"sword"}`},
		{"PUT /me/games/1", `{"points":0}`},
		{"PUT /me/games/1", `{"points":1001}`},
	} {
		response := waldo.send(t, bad.what, bad.body)
		require.Equal(t, http.StatusBadRequest, response.status, response.text)
		require.Contains(t, response.text, `{"error":{"code":"bad_request","message":"`)
	}
	waldo.send(t, "POST /login", `{"login":"`+string(bytes.Repeat([]byte("x"),
		maxBody))+`"}`).requireRefused(t, saidTooLarge)
	require.Equal(t, sent, g.line.Sent("TransactWriteItems"))
}

func TestSessions(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo, other := g.logIn(t, "waldo", "red"), g.logIn(t, "waldo", "red")
	for _, stranger := range []player{{g, ""}, {g, "made-up"}} {
		response := stranger.send(t, "GET /me/wallet", "")
		response.requireRefused(t, errNoSession)
		require.Equal(t, "Bearer", response.header.Get("WWW-Authenticate"))
	}
	require.Equal(t, http.StatusNoContent, other.send(t, "DELETE /session", "").status)
	require.Equal(t, http.StatusNoContent, other.send(t, "DELETE /session", "").status)
	other.send(t, "GET /me/wallet", "").requireRefused(t, errNoSession)
	player{g, ""}.send(t, "DELETE /session", "").requireRefused(t, errNoSession)

	session, err := g.sessions.Get(t.Context(), dynamapper.Key(digest(waldo.token)),
		dynamapper.Consistent())
	require.NoError(t, err)
	g.setClock(session.Expires.Add(-time.Nanosecond))
	require.Equal(t, http.StatusOK, waldo.send(t, "GET /me/wallet", "").status)
	g.setClock(session.Expires)
	waldo.send(t, "GET /me/wallet", "").requireRefused(t, errNoSession)
	_, err = g.sessions.Get(t.Context(), dynamapper.Key(digest(waldo.token)),
		dynamapper.Consistent())
	require.NoError(t, err, "the service has not deleted it yet")
	_, err = g.sessions.Get(t.Context(), dynamapper.Key(waldo.token))
	require.ErrorIs(t, err, dynamapper.ErrNotFound, "the table has no token")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	nobody := player{g, ""}
	require.Equal(t, http.StatusOK, nobody.send(t, "GET /healthz", "").status)
	require.NoError(t, g.scores.DeleteTable(t.Context()))
	response := nobody.send(t, "GET /healthz", "")
	response.requireRefused(t, saidUnavailable)
	require.Equal(t, retryAfter, response.header.Get("Retry-After"))
	require.Contains(t, g.log.String(), g.scores.Name())
}

func TestPanicIsAResponse(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	recorder := httptest.NewRecorder()
	g.logged(g.handle(func(http.ResponseWriter, *http.Request) error { panic("a bug") })).
		ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	received{recorder.Code, recorder.Header(), recorder.Body.String()}.requireRefused(t,
		saidInternal)
	require.Contains(t, g.log.String(), "a bug")
	require.Contains(t, g.log.String(), "status=500")
}

// If a response was begun, the client sees that it is incomplete.
func TestPanicInAResponse(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	server := httptest.NewServer(g.logged(http.HandlerFunc(func(
		w http.ResponseWriter, _ *http.Request,
	) {
		respond(w, http.StatusOK, "half")
		panic("a bug")
	})))
	t.Cleanup(server.Close)
	g.url = server.URL
	_, err := player{g, ""}.trySend(t.Context(), "GET /", "")
	require.Error(t, err)
}
