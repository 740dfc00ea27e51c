package dynamotest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/dynamapper/dynamapper"
)

// startWithin is how long a test binary's engine may take, the first time's download included. It ends before go test's
// own limit of ten minutes, which would name no reason.
const startWithin = 9 * time.Minute

// shared starts the engine that all tests of the binary use. It is the package's only state: an engine for each test
// would take a second and 200 MB each, and the testing package has no other place for what all tests share.
var shared = sync.OnceValues(func() (*Server, error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), startWithin,
		errors.New("it took longer than "+startWithin.String()))
	defer cancel()
	return Start(ctx)
})

// Run is the engine of the test binary. The first call starts it, and it ends with the binary. Without an engine the test
// fails, and the message says what is needed. It may be called from tests that run in parallel.
func Run(tb testing.TB) *Server {
	tb.Helper()
	server, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return server
}

// Mapper is a mapper on the engine of the test binary, as in [Run], with tables of its own: another call, in this test or
// any other, has different ones. They are deleted at the end of the test. Options come after the prefix that keeps the
// tables apart; one of [dynamapper.WithTablePrefix] goes behind it. A mapper that cannot be had fails the test.
func Mapper(tb testing.TB, opts ...dynamapper.Option) *dynamapper.Mapper {
	tb.Helper()
	server := Run(tb)
	prefix := tablePrefix(tb.Name())
	all := append([]dynamapper.Option{dynamapper.WithTablePrefix(prefix)}, opts...)
	mapper, err := server.Mapper(tb.Context(), all...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), cleanWithin)
		defer cancel()
		if err := deleteTables(ctx, dynamodb.NewFromConfig(server.Config()), prefix); err != nil {
			tb.Errorf("dynamotest: deleting the tables of %s: %v", tb.Name(), err)
		}
	})
	return mapper
}
