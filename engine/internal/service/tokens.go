package service

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// tokenLife is how long the service keeps a ClientRequestToken after the request that was applied
// under it: the API reference of TransactWriteItems.
const tokenLife = 10 * time.Minute

// tokens are the transactions of the last minutes by their ClientRequestToken, and those that run.
type tokens struct {
	mu      sync.Mutex
	known   map[string]*token
	applied []*token // in the order in which they were applied
}

// token is a transaction that was asked for under a ClientRequestToken.
type token struct {
	name string

	// Guarded by the lock of tokens.
	users int       // how many requests have it or wait for it
	at    time.Time // when it was applied; zero: it was not

	mu    sync.Mutex // held while the transaction runs; guards the rest
	what  [sha256.Size]byte
	reads []tokenRead // what answering it again costs; nil: not applied
}

type tokenRead struct {
	table string
	bytes int
}

// claim is what a request has of its token. Without a token all of it does nothing.
type claim struct {
	*token
	of       *tokens
	finished bool // the transaction was applied before
}

// claim finds the token of a request, and waits for the request that has it now. It returns
// IdempotentParameterMismatchException if the token stands for another transaction.
func (t *tokens) claim(now time.Time, in *protocol.TransactWriteItemsInput) (claim, error) {
	if in.ClientRequestToken == nil {
		return claim{}, nil
	}
	what := sha256.Sum256(transactText(in))
	known := t.take(now, *in.ClientRequestToken)
	known.mu.Lock()
	c := claim{token: known, of: t, finished: known.reads != nil}
	if !c.finished { // it is new, or what was asked for under it was refused
		known.what = what
	}
	if known.what != what {
		c.done()
		return claim{}, &protocol.Error{
			Code:    "IdempotentParameterMismatchException",
			Message: "An error occurred (IdempotentParameterMismatchException)",
		}
	}
	return c, nil
}

// take returns the token of a name, a new one if none is known. Tokens that are too old are
// forgotten.
func (t *tokens) take(now time.Time, name string) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.applied) > 0 && now.Sub(t.applied[0].at) >= tokenLife {
		delete(t.known, t.applied[0].name)
		t.applied = t.applied[1:]
	}
	if t.known == nil {
		t.known = map[string]*token{}
	}
	if t.known[name] == nil {
		t.known[name] = &token{name: name}
	}
	t.known[name].users++
	return t.known[name]
}

// done lets the next request with the same token go on. A transaction that was refused is
// forgotten.
func (c claim) done() {
	if c.token == nil {
		return
	}
	c.token.mu.Unlock()
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.users--
	if c.users == 0 && c.at.IsZero() {
		delete(c.of.known, c.name)
	}
}

// remember keeps that the transaction was applied, and what answering it again costs.
func (c claim) remember(now time.Time, stages []*staged) {
	if c.token == nil {
		return
	}
	c.reads = make([]tokenRead, len(stages))
	for i, st := range stages {
		c.reads[i] = tokenRead{st.entry.name, max(size(st.wrote.Old), size(st.wrote.New))}
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.at = now
	c.of.applied = append(c.of.applied, c.token)
}

// replay answers a transaction that was applied before. It costs what reading the items would.
func (c claim) replay(out *protocol.Writer, mode *string) {
	consumed := newTransactUnits()
	for _, read := range c.reads {
		consumed.of(read.table).table += 2 * readUnits(read.bytes, true)
	}
	out.Object()
	consumed.put(out, mode, readAxis)
	out.End()
}
