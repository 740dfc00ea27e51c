package dynamotest

import (
	"context"
	"testing"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/engine"
)

// Run returns the engine of a test. The first call starts an engine in this process, which ends
// with the test that called. Later calls in the same test, and all calls in its subtests, return
// the same engine; so do [Mapper] and [Faults.Mapper]. If a test has not called any of them, each
// of its subtests starts its own engine. Tests may run in parallel.
//
// If AWS_ENDPOINT_URL_DYNAMODB is set, all tests use that endpoint. If there is no server, the test
// fails; [Start] lists the reasons.
func Run(tb testing.TB) *Server {
	tb.Helper()
	return openScope(tb).server
}

// RunEngine starts an engine with the given options for a test, whether or not the environment
// names an endpoint. Run and Mapper then return it in the test and its subtests. If the test
// already has an engine, the test fails; a subtest may have an engine besides that of its parent.
func RunEngine(tb testing.TB, opts ...engine.Option) *Server {
	tb.Helper()
	made, err := scopes.openOwn(tb, func(context.Context) (*Server, error) {
		return StartEngine(opts...)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return made.server
}

// Mapper returns a mapper on the engine of the test, as in [Run]. Mappers of the same test share
// their tables, and mappers of different tests do not. There is nothing to clean up.
//
// At the endpoint of AWS_ENDPOINT_URL_DYNAMODB, the names of the tables begin with a prefix that
// differs for each test, and the tables are deleted at the end of the test. A prefix of
// [dynamapper.WithTablePrefix] follows it. If there is an error, the test fails.
func Mapper(tb testing.TB, opts ...dynamapper.Option) *dynamapper.Mapper {
	tb.Helper()
	scope := openScope(tb)
	if scope.prefix != "" {
		opts = append([]dynamapper.Option{dynamapper.WithTablePrefix(scope.prefix)}, opts...)
	}
	mapper, err := scope.server.Mapper(tb.Context(), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return mapper
}

// openScope returns the scope of a test, or fails the test.
func openScope(tb testing.TB) *scope {
	tb.Helper()
	found, err := scopes.open(tb, Start)
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
