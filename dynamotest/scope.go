package dynamotest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// cleanWithin limits the time for the deletion of a test's tables.
const cleanWithin = time.Minute

// scopes holds the scopes of the running tests. It is the package's only state: the testing package
// has no other place to share data between the calls of a test and its subtests.
var scopes = registry{scopes: map[string]*scope{}}

// scope is a test with a server. Its subtests use it.
type scope struct {
	server *Server
	prefix string // of its tables at an endpoint; "" in process, where no other test sees them
}

// registry holds scopes by the names of their tests.
type registry struct {
	mu     sync.Mutex
	scopes map[string]*scope
}

var errHasServer = errors.New("dynamotest: this test has an engine already; " +
	"call RunEngine before Run and Mapper, and once")

// find returns the scope of a test or of the nearest test around it, or nil if there is none.
func (r *registry) find(test string) *scope {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nearest(test)
}

// nearest is find for a caller that holds mu.
func (r *registry) nearest(test string) *scope {
	for {
		if found := r.scopes[test]; found != nil {
			return found
		}
		slash := strings.LastIndexByte(test, '/')
		if slash < 0 {
			return nil
		}
		test = test[:slash]
	}
}

// open returns the scope of a test. If there is none, open makes one with a server.
func (r *registry) open(
	tb testing.TB, start func(context.Context) (*Server, error),
) (*scope, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.nearest(tb.Name()); found != nil {
		return found, nil
	}
	return r.add(tb, start)
}

// openOwn makes a scope with a server for a test that has no scope of its own.
func (r *registry) openOwn(
	tb testing.TB, start func(context.Context) (*Server, error),
) (*scope, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.scopes[tb.Name()] != nil {
		return nil, errHasServer
	}
	return r.add(tb, start)
}

// add makes the scope of a test. The scope ends with the test. The caller holds mu.
func (r *registry) add(
	tb testing.TB, start func(context.Context) (*Server, error),
) (*scope, error) {
	server, err := start(tb.Context())
	if err != nil {
		return nil, err
	}
	made := &scope{server: server}
	if server.engine == nil {
		made.prefix = tablePrefix(tb.Name())
	}
	r.scopes[tb.Name()] = made
	tb.Cleanup(func() {
		r.remove(tb.Name())
		if err := made.end(); err != nil {
			tb.Errorf("dynamotest: cleaning up after %s: %v", tb.Name(), err)
		}
	})
	return made, nil
}

func (r *registry) remove(test string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.scopes, test)
}

// end deletes the tables that the test has left at an endpoint, and closes the server.
func (s *scope) end() error {
	if s.prefix == "" {
		return s.server.Close()
	}
	// The test's own context has already ended.
	ctx, cancel := context.WithTimeout(context.Background(), cleanWithin)
	defer cancel()
	return deleteTables(ctx, dynamodb.NewFromConfig(s.server.Config()), s.prefix)
}
