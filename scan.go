package dynamapper

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Scan reads all items of a table, in no order. Its methods change it and return it; running it again starts afresh. It
// is not safe for concurrent use.
type Scan[T any] struct {
	table      *Table[T]
	consistent bool
	pageSize   *int
}

// Scan begins a scan of the table.
func (t *Table[T]) Scan() *Scan[T] { return &Scan[T]{table: t} }

// Consistent makes the reads strongly consistent, at twice the read units.
func (s *Scan[T]) Consistent() *Scan[T] {
	s.consistent = true
	return s
}

// PageSize is how many items one request reads, instead of as many as fit 1 MB.
func (s *Scan[T]) PageSize(n int) *Scan[T] {
	s.pageSize = &n
	return s
}

// All reads page by page, one Scan request each, while the loop goes on; nothing is read ahead. An item that cannot be
// decoded comes as a *FieldError, after which the loop may go on; any other error comes last.
func (s *Scan[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		in, err := s.makeInput()
		if err != nil {
			yield(nil, newCallError("Scan", s.table.name, err))
			return
		}
		s.table.readPages(ctx, "Scan", yield, func(start map[string]types.AttributeValue, a *answer[T]) (page, error) {
			in.ExclusiveStartKey = start
			out, err := s.table.mapper.client.Scan(ctx, in, a.configure)
			if err != nil {
				return page{}, err
			}
			return page{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity}, nil
		})
	}
}

// Collect reads all items into a slice. It ends with the first error.
func (s *Scan[T]) Collect(ctx context.Context) ([]*T, error) { return collect(s.All(ctx)) }

func (s *Scan[T]) makeInput() (*dynamodb.ScanInput, error) {
	limit, err := pageLimit(s.pageSize)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.ScanInput{TableName: &s.table.name, Limit: limit, ReturnConsumedCapacity: s.table.mapper.capacity()}
	if s.consistent {
		in.ConsistentRead = &s.consistent
	}
	return in, nil
}
