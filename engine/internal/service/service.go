// Package service answers DynamoDB's operations.
package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// Options are what the caller decides.
type Options struct {
	Now        func() time.Time // the clock of everything: time to live, tokens, dates
	TableDelay time.Duration    // how long a new table or index is not yet ACTIVE
	StaleReads time.Duration    // how old an eventually consistent read may be
	Seed       uint64           // chance; 0: none is taken
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

// operation answers a request: it decodes the body and returns the response's body.
type operation func(s *Service, ctx context.Context, body []byte) ([]byte, error)

// Do answers one request. Name is the operation's: "PutItem". An error is a *protocol.Error, or the
// context's error if the context ends while the request waits for a slow table.
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

// operations are the operations by name. Each stands in a file of its own.
var operations = map[string]operation{
	"BatchGetItem":              answer(batchGetItem),
	"BatchWriteItem":            answer(batchWriteItem),
	"CreateTable":               answer(createTable),
	"DeleteItem":                answer(deleteItem),
	"DeleteTable":               answer(deleteTable),
	"DescribeContinuousBackups": answer(describeContinuousBackups),
	"DescribeEndpoints":         answer(describeEndpoints),
	"DescribeLimits":            answer(describeLimits),
	"DescribeStream":            answer(describeStream),
	"DescribeTable":             answer(describeTable),
	"DescribeTimeToLive":        answer(describeTimeToLive),
	"GetItem":                   answer(getItem),
	"GetRecords":                answer(getRecords),
	"GetShardIterator":          answer(getShardIterator),
	"ListStreams":               answer(listStreams),
	"ListTables":                answer(listTables),
	"ListTagsOfResource":        answer(listTagsOfResource),
	"PutItem":                   answer(putItem),
	"Query":                     answer(query),
	"Scan":                      answer(scan),
	"TagResource":               answer(tagResource),
	"TransactGetItems":          answer(transactGetItems),
	"TransactWriteItems":        answer(transactWriteItems),
	"UntagResource":             answer(untagResource),
	"UpdateItem":                answer(updateItem),
	"UpdateTable":               answer(updateTable),
	"UpdateTimeToLive":          answer(updateTimeToLive),
}

// answer makes an operation of a function of its input.
func answer[In any](
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
