// Package engine is an in-memory DynamoDB in Go. It serves tests, development, and programs whose
// tables must not leave the process.
//
//	db := engine.New()
//	client := dynamodb.NewFromConfig(aws.Config{
//		Region:       "us-east-1",
//		BaseEndpoint: aws.String("http://dynamodb.invalid"), // nothing is sent to it
//		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
//		HTTPClient:   db.Client(),
//	})
//
// An [Engine] is also an [http.Handler], so that any server can serve it to clients in other
// languages. Package dynamotest gives each test its own engine.
//
// # Supported operations
//
// The engine supports the operations on items, queries, scans, vector searches, batches,
// transactions, tables, indexes, tags, time to live and DynamoDB Streams. It makes the service's
// checks in the service's order, and has its error texts, its limits and its capacity units. It
// refuses any other operation as the service refuses an unknown one.
//
// The engine does not support PartiQL. It does not check signatures: a request needs one, but any
// credentials do. All credentials and regions see the same tables, those of the account
// 000000000000 in us-east-1. The data lives in memory and ends with the engine.
//
// A search of vectors compares the vector with each one in the index, so it always finds the
// nearest ones. DynamoDB's searches are approximate and may miss some; [WithSeed] makes those of
// the engine do so, too.
//
// # Time
//
// An engine acts only while it answers a request, in the caller's goroutine. It has no goroutine
// and no timer of its own, and reads the time only from the clock of [WithClock]. Items expire,
// tokens are forgotten and tables become ACTIVE according to that clock. Tests that use
// testing/synctest can therefore use the engine, and retries, back-offs and deadlines take no real
// time. The one exception is [Engine.Slow], which waits because its caller asks for it.
//
// # Chance and faults
//
// By default the engine gives the same responses to the same requests. [WithSeed] and
// [WithStaleReads] make it use the freedom that the service has. [Engine.Throttle],
// [Engine.LeaveUnprocessed], [Engine.Conflict] and [Engine.Slow] make requests on a table fail or
// wait, as on a busy service.
package engine

import (
	"net/http"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/service"
)

// Engine is an in-memory DynamoDB. It is safe for concurrent use.
type Engine struct {
	service *service.Service
	server  protocol.Server
}

// New returns an engine without tables.
func New(opts ...Option) *Engine {
	o := options{Now: time.Now}
	for _, opt := range opts {
		opt(&o)
	}
	e := &Engine{service: service.New(o)}
	e.server.Do, e.server.Known = e.service.Do, e.service.Known
	return e
}

// ServeHTTP answers a request in DynamoDB's protocol, JSON over HTTP.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.server.ServeHTTP(w, r) }
