package service

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// tokenLife is the time for which the service keeps a ClientRequestToken after its request was
// applied: the API reference of TransactWriteItems.
const tokenLife = 10 * time.Minute

// tokens holds the transactions of the last minutes by their ClientRequestToken, and those in
// progress.
type tokens struct {
	mu      sync.Mutex
	known   map[string]*token
	applied []*token // in the order of their application
}

// token is a transaction with a ClientRequestToken.
type token struct {
	name string

	// Guarded by the lock of tokens.
	users int       // how many requests hold it or wait for it
	at    time.Time // when it was applied; zero: not yet

	mu    sync.Mutex // held while the transaction runs; guards the fields below
	what  [sha256.Size]byte
	reads []tokenRead // the cost of repeating the response; nil: not applied
}

type tokenRead struct {
	table string
	bytes int
}

// claim is a request's hold on its token. Without a token its methods do nothing.
type claim struct {
	*token
	of       *tokens
	finished bool // the transaction was applied before
}

// claim finds the token of a request, and waits until no other request holds it. It returns
// IdempotentParameterMismatchException if the token belongs to another transaction.
func (t *tokens) claim(now time.Time, in *protocol.TransactWriteItemsInput) (claim, error) {
	if in.ClientRequestToken == nil {
		return claim{}, nil
	}
	what := sha256.Sum256(transactText(in))
	known := t.take(now, *in.ClientRequestToken)
	known.mu.Lock()
	c := claim{token: known, of: t, finished: known.reads != nil}
	if !c.finished { // the token is new, or its request was refused
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

// take returns the token of the name, a new one if none is known. It drops tokens that are too old.
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

// done releases the token to the next request. It drops the token if the transaction was refused.
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

// remember records that the transaction was applied, and the cost of repeating the response.
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

// replay writes the response to a transaction that was applied before. It costs as much as reading
// the items.
func (c claim) replay(out *protocol.Writer, mode *string) {
	consumed := newTransactUnits()
	for _, read := range c.reads {
		consumed.of(read.table).table += 2 * readUnits(read.bytes, true)
	}
	out.Object()
	consumed.put(out, mode, readAxis)
	out.End()
}
