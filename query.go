package dynamapper

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
)

// Query reads the items of one hash key, in the order of the range key. Its methods change it and return it; running it
// again starts afresh. It is not safe for concurrent use.
type Query[T any] struct {
	table      *Table[T]
	hash       any
	consistent bool
	reverse    bool
	pageSize   *int
}

// Query begins a query for the items of a hash key.
func (t *Table[T]) Query(hash any) *Query[T] { return &Query[T]{table: t, hash: hash} }

// Consistent makes the reads strongly consistent, at twice the read units.
func (q *Query[T]) Consistent() *Query[T] {
	q.consistent = true
	return q
}

// Reverse reads from the highest range key down.
func (q *Query[T]) Reverse() *Query[T] {
	q.reverse = true
	return q
}

// PageSize is how many items one request reads, instead of as many as fit 1 MB.
func (q *Query[T]) PageSize(n int) *Query[T] {
	q.pageSize = &n
	return q
}

// All reads page by page, one Query request each, while the loop goes on; nothing is read ahead. An item that cannot be
// decoded comes as a *FieldError, after which the loop may go on; any other error comes last.
func (q *Query[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		in, err := q.makeInput()
		if err != nil {
			yield(nil, newCallError("Query", q.table.name, err))
			return
		}
		q.table.readPages(ctx, "Query", yield, func(start map[string]types.AttributeValue, a *answer[T]) (page, error) {
			in.ExclusiveStartKey = start
			out, err := q.table.mapper.client.Query(ctx, in, a.configure)
			if err != nil {
				return page{}, err
			}
			return page{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity}, nil
		})
	}
}

// Collect reads all items into a slice. It ends with the first error.
func (q *Query[T]) Collect(ctx context.Context) ([]*T, error) { return collect(q.All(ctx)) }

func (q *Query[T]) makeInput() (*dynamodb.QueryInput, error) {
	hash := q.table.schema.hash
	value, err := hash.encodeKeyPart(q.hash)
	if err != nil {
		return nil, err
	}
	limit, err := pageLimit(q.pageSize)
	if err != nil {
		return nil, err
	}
	var aliases expression.Aliases
	condition := expression.NewCondition(&aliases)
	condition.Equal(hash.attribute, value)
	in := &dynamodb.QueryInput{
		TableName: &q.table.name, KeyConditionExpression: condition.Text(), Limit: limit,
		ExpressionAttributeNames: aliases.Names(), ExpressionAttributeValues: aliases.Values(),
		ReturnConsumedCapacity: q.table.mapper.capacity(),
	}
	if q.consistent {
		in.ConsistentRead = &q.consistent
	}
	if q.reverse {
		forward := false
		in.ScanIndexForward = &forward
	}
	return in, nil
}

func pageLimit(n *int) (*int32, error) {
	if n == nil {
		return nil, nil
	}
	if *n < 1 || *n > 1<<30 {
		return nil, fmt.Errorf("the page size is %d; give 1 or more", *n)
	}
	limit := int32(*n)
	return &limit, nil
}

// page is the answer to one request for many items.
type page struct {
	items    []map[string]types.AttributeValue // of a client that does not honour the protocol hook
	last     map[string]types.AttributeValue
	capacity *types.ConsumedCapacity
}

// readPages asks for page after page, and hands the items out one by one.
func (t *Table[T]) readPages(
	ctx context.Context, op string, yield func(*T, error) bool, ask func(map[string]types.AttributeValue, *answer[T]) (page, error),
) {
	var start map[string]types.AttributeValue
	for {
		items, last, err := t.readPage(ctx, op, start, ask)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, one := range items {
			if !yield(one.item, one.err) {
				return
			}
		}
		if len(last) == 0 {
			return
		}
		start = last
	}
}

func (t *Table[T]) readPage(
	ctx context.Context, op string, start map[string]types.AttributeValue, ask func(map[string]types.AttributeValue, *answer[T]) (page, error),
) (items []loaded[T], last map[string]types.AttributeValue, err error) {
	if ctx == nil {
		return nil, nil, newCallError(op, t.name, errNilContext)
	}
	c := t.mapper.begin(op, t.name)
	defer func() { c.end(ctx, len(items), err) }()
	a := &answer[T]{loader: loader[T]{t, op, t.whole}, call: c}
	got, err := ask(start, a)
	if err != nil {
		return nil, nil, t.mapper.explain(op, t.name, err)
	}
	c.consumed(true, got.capacity)
	if !a.taken {
		for _, attributes := range got.items {
			a.addAttributes(attributes)
		}
	}
	return a.items, got.last, nil
}

func collect[T any](all iter.Seq2[*T, error]) ([]*T, error) {
	var items []*T
	for item, err := range all {
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}
