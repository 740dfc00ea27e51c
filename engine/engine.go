// Package engine is DynamoDB in memory, in Go: for tests, for development, and wherever a table
// must not leave the process.
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
// languages. Package dynamotest gives each test an engine of its own.
//
// # What it answers
//
// The engine answers the operations on items, queries, scans, batches, transactions, tables,
// indexes, tags, time to live and DynamoDB Streams, with the service's checks in the service's
// order, its texts, its limits and its capacity units. It refuses any other operation as the
// service refuses one that it does not know.
//
// It does not answer PartiQL, and does not search vectors. It does not check signatures: a request
// needs one, by any credentials. All credentials and regions see the same tables, of the account
// 000000000000 in us-east-1. Data lives in memory and ends with the engine.
//
// # Time
//
// An engine acts only while it answers a request, in the caller's goroutine. It has no goroutine
// and no timer of its own, and reads the time from the clock of [WithClock] only: items expire,
// tokens are forgotten and tables become ACTIVE when that clock says so. The tests of package
// testing/synctest can therefore use it, and retries, back-offs and deadlines pass in no time. The
// one exception is [Engine.Slow], which waits because its caller asks for it.
//
// # Chance and faults
//
// By default the engine gives the same answer to the same requests. [WithSeed] and [WithStaleReads]
// make it use the freedom that the service has. [Engine.Throttle], [Engine.LeaveUnprocessed],
// [Engine.Conflict] and [Engine.Slow] make requests on a table fail or wait, as a busy service
// does.
package engine

import (
	"net/http"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/service"
)

// Engine is DynamoDB in memory. It is safe for concurrent use.
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

// ServeHTTP answers a request of DynamoDB's protocol, JSON over HTTP.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.server.ServeHTTP(w, r) }
