// Package service implements DynamoDB's operations.
package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// Options are the settings of a Service.
type Options struct {
	Now        func() time.Time // the clock for time to live, tokens and dates
	TableDelay time.Duration    // the time until a change of a table is completed
	StaleReads time.Duration    // the age of eventually consistent reads
	Seed       uint64           // of the random choices; 0: none are made
}

// Service is DynamoDB: tables and the operations on them. It is safe for concurrent use.
type Service struct {
	options Options
	catalog catalog
	chance  *chance
	tokens  tokens
	faults  faults
}

// New returns a service without tables.
func New(options Options) *Service {
	return &Service{options: options, catalog: newCatalog(), chance: newChance(options.Seed)}
}

// operation answers a request. It decodes the body and returns the response's body.
type operation func(s *Service, ctx context.Context, body []byte) ([]byte, error)

// Do answers one request for the operation of the name ("PutItem"). The error is a *protocol.Error,
// or the context's error if the context ends while the request waits for a slow table.
func (s *Service) Do(ctx context.Context, name string, body []byte) ([]byte, error) {
	op, known := operations[name]
	if !known {
		return nil, &protocol.Error{Code: "UnknownOperationException"}
	}
	return op(s, ctx, body)
}

// Known reports whether there is an operation of the name.
func (s *Service) Known(name string) bool {
	_, known := operations[name]
	return known
}

// operations are the operations by name. Each has its own file.
var operations = map[string]operation{
	"BatchGetItem":              operationOf(batchGetItem),
	"BatchWriteItem":            operationOf(batchWriteItem),
	"CreateTable":               operationOf(createTable),
	"DeleteItem":                operationOf(deleteItem),
	"DeleteTable":               operationOf(deleteTable),
	"DescribeContinuousBackups": operationOf(describeContinuousBackups),
	"DescribeEndpoints":         operationOf(describeEndpoints),
	"DescribeLimits":            operationOf(describeLimits),
	"DescribeStream":            operationOf(describeStream),
	"DescribeTable":             operationOf(describeTable),
	"DescribeTimeToLive":        operationOf(describeTimeToLive),
	"GetItem":                   operationOf(getItem),
	"GetRecords":                operationOf(getRecords),
	"GetShardIterator":          operationOf(getShardIterator),
	"ListStreams":               operationOf(listStreams),
	"ListTables":                operationOf(listTables),
	"ListTagsOfResource":        operationOf(listTagsOfResource),
	"PutItem":                   operationOf(putItem),
	"Query":                     operationOf(query),
	"Scan":                      operationOf(scan),
	"SearchVectors":             operationOf(searchVectors),
	"TagResource":               operationOf(tagResource),
	"TransactGetItems":          operationOf(transactGetItems),
	"TransactWriteItems":        operationOf(transactWriteItems),
	"UntagResource":             operationOf(untagResource),
	"UpdateContinuousBackups":   operationOf(updateContinuousBackups),
	"UpdateItem":                operationOf(updateItem),
	"UpdateTable":               operationOf(updateTable),
	"UpdateTimeToLive":          operationOf(updateTimeToLive),
}

// operationOf makes an operation from a function on its input.
func operationOf[In any](
	do func(s *Service, ctx context.Context, in *In, out *protocol.Writer) error,
) operation {
	return func(s *Service, ctx context.Context, body []byte) ([]byte, error) {
		in, err := protocol.Decode[In](body)
		if err != nil {
			return nil, err
		}
		out := protocol.Writer{}
		if err := do(s, ctx, in, &out); err != nil {
			return nil, err
		}
		return out.Bytes(), nil
	}
}
