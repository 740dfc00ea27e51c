package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/dynamapper/dynamapper"
)

const (
	maxBody         = 16 << 10 // bytes of a request
	slowestClient   = 10 * time.Second
	idleConnections = time.Minute
)

// game is the service. It keeps no state between requests.
type game struct {
	*tables
	logger  *slog.Logger
	timeout time.Duration    // of a request
	now     func() time.Time // the clock

	conflicts atomic.Int64 // how often a transaction was repeated because of a conflict
}

// routes returns the handler of all requests.
func (g *game) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", g.handle(g.getHealth))
	mux.Handle("POST /login", g.handle(g.postLogin))
	mux.Handle("DELETE /session", g.handle(g.deleteSession))
	mux.Handle("GET /players/{login}", g.handle(g.getPlayer))
	mux.Handle("PATCH /me", g.handle(g.forPlayer(g.patchMe)))
	mux.Handle("GET /me/wallet", g.handle(g.forPlayer(g.getWallet)))
	mux.Handle("PUT /me/purchases/{id}", g.handle(g.forPlayer(g.putPurchase)))
	mux.Handle("PUT /me/games/{id}", g.handle(g.forPlayer(g.putGame)))
	mux.Handle("POST /me/bonus", g.handle(g.forPlayer(g.postBonus)))
	mux.Handle("GET /guilds/{guild}/top", g.handle(g.getTop))
	mux.Handle("/", g.handle(func(http.ResponseWriter, *http.Request) error {
		return dynamapper.ErrNotFound
	}))
	return g.logged(mux)
}

// handler handles a request, or returns an error.
type handler func(http.ResponseWriter, *http.Request) error

// handle limits the time and size of a request, and turns an error into a response.
func (g *game) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err := h(w, r.WithContext(ctx))
		if err == nil {
			return
		}
		said := refusalOf(err)
		level := slog.LevelInfo
		switch said.Status {
		case http.StatusServiceUnavailable:
			level = slog.LevelWarn
		case http.StatusInternalServerError:
			level = slog.LevelError
		}
		g.logger.Log(ctx, level, "refused", "route", r.Pattern, "status", said.Status, "error", err)
		refuse(w, said)
	})
}

// logged logs each request, and recovers from panics.
func (g *game) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, recorded := time.Now(), &statusWriter{ResponseWriter: w}
		defer func() {
			if raised := recover(); raised != nil {
				g.logger.ErrorContext(r.Context(), "panic", "route", r.Pattern, "panic", raised,
					"stack", string(debug.Stack()))
				if recorded.status != 0 {
					// the client must not take an incomplete response for a complete one
					panic(http.ErrAbortHandler)
				}
				refuse(recorded, saidInternal)
			}
			g.logger.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path,
				"route", r.Pattern,
				"status", recorded.status, "duration", time.Since(start))
		}()
		next.ServeHTTP(recorded, r)
	})
}

// statusWriter records the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// readBody decodes the body of a request.
func readBody(r *http.Request, body any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case err != nil:
		return newBadRequest("the body is not the expected JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return newBadRequest("the body has more than one value")
	}
	return nil
}

func (g *game) getHealth(w http.ResponseWriter, r *http.Request) error {
	if err := g.check(r.Context()); err != nil {
		return fmt.Errorf("%w: %w", saidUnavailable, err)
	}
	respond(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// newServer returns the HTTP server of a service.
func newServer(g *game) *http.Server {
	return &http.Server{
		Handler:           g.routes(),
		ReadHeaderTimeout: slowestClient,
		ReadTimeout:       slowestClient,
		WriteTimeout:      slowestClient + g.timeout,
		IdleTimeout:       idleConnections,
		ErrorLog:          slog.NewLogLogger(g.logger.Handler(), slog.LevelWarn),
	}
}

// serve serves until ctx ends. It then lets running requests finish within the grace period: nobody
// could know whether the writes of an aborted request were applied.
func serve(
	ctx context.Context, server *http.Server, listener net.Listener, grace time.Duration,
) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return server.Shutdown(within)
}
