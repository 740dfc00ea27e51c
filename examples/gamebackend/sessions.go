package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper"
)

// sessionLife is the lifetime of a session.
const sessionLife = 12 * time.Hour

// openSession makes a token that cannot be guessed. The table only has its digest, so that a reader
// of the table cannot act as a player.
func (g *game) openSession(
	ctx context.Context, login string,
) (token string, session *Session, err error) {
	token = rand.Text()
	session = &Session{Digest: digest(token), Login: login,
		Expires: g.now().Add(sessionLife).Truncate(time.Second)}
	return token, session, g.sessions.Save(ctx, session, dynamapper.FailOnConflict())
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// tokenOf returns the session token of a request.
func tokenOf(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// findSession returns the session of a request. DynamoDB may delete an expired session days later,
// so findSession checks the time.
func (g *game) findSession(r *http.Request) (*Session, error) {
	token := tokenOf(r)
	if token == "" {
		return nil, errNoSession
	}
	session, err := g.sessions.Get(r.Context(), dynamapper.Key(digest(token)),
		dynamapper.Consistent())
	switch {
	case errors.Is(err, dynamapper.ErrNotFound):
		return nil, errNoSession
	case err != nil:
		return nil, err
	case !g.now().Before(session.Expires):
		return nil, errNoSession
	}
	return session, nil
}

// forPlayer makes a handler that requires a session.
func (g *game) forPlayer(
	h func(w http.ResponseWriter, r *http.Request, login string) error,
) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		session, err := g.findSession(r)
		if err != nil {
			return err
		}
		return h(w, r, session.Login)
	}
}

// deleteSession ends a session. It accepts a session that has already ended.
func (g *game) deleteSession(w http.ResponseWriter, r *http.Request) error {
	token := tokenOf(r)
	if token == "" {
		return errNoSession
	}
	if err := g.sessions.DeleteKey(r.Context(), dynamapper.Key(digest(token))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
