package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
)

// Query reads the items of one hash key, in the order of the range key. Its methods change it and return it; running it
// again starts afresh. It is not safe for concurrent use. What is wrong with it comes out of the method that runs it, before
// a request is sent.
type Query[T any] struct{ query }

// query is what a Query does whatever the model is.
type query struct {
	table   *table
	hash    any
	ranges  []Comparison
	reverse bool
	reading
}

// Query begins a query for the items of a hash key: the table's, or that of the index that Index names.
func (t *Table[T]) Query(hash any) *Query[T] { return &Query[T]{query{table: &t.table, hash: hash}} }

// Range takes only the items whose range key, the table's or the index's, compares so: EQ, LT, LE, GT, GE, Between or
// BeginsWith. What it leaves out is not read and costs nothing.
func (q *Query[T]) Range(c Comparison) *Query[T] {
	q.ranges = append(q.ranges, c)
	return q
}

// Index reads a secondary index of the table. The items of one that does not project everything are partial: only Save
// with ChangedOnly takes them. A global index is always a little behind the table.
func (q *Query[T]) Index(name string) *Query[T] {
	q.indexName, q.indexed = name, true
	return q
}

// Where takes only the items of which the conditions are true; called again, of which those are true, too. The service reads
// the others nevertheless, and counts them as consumed: a Range or an Index reads less.
func (q *Query[T]) Where(conditions ...Condition) *Query[T] {
	q.conditions = append(q.conditions, conditions...)
	return q
}

// Select reads only these attributes, with the keys of the table and its indexes and the version: see the ReadOption Select.
func (q *Query[T]) Select(attributes ...string) *Query[T] {
	Select(attributes...).setRead(&q.settings)
	return q
}

// Consistent makes the reads strongly consistent, at twice the read units. A global index has no such reads.
func (q *Query[T]) Consistent() *Query[T] {
	q.settings.consistent = true
	return q
}

// Reverse reads from the highest range key down.
func (q *Query[T]) Reverse() *Query[T] {
	q.reverse = true
	return q
}

// Limit ends after so many items that match, those included that cannot be decoded.
func (q *Query[T]) Limit(n int) *Query[T] {
	q.limit = &n
	return q
}

// PageSize is how many items one request reads, matching or not, instead of as many as fit 1 MB.
func (q *Query[T]) PageSize(n int) *Query[T] {
	q.pageSize = &n
	return q
}

// From begins behind the items of a page: with the cursor that Page gave. "" is the start. A cursor that is damaged, or of
// another query, is ErrInvalidCursor: table, index, hash key, direction and the shape of the conditions must be the same;
// the values in the conditions, Limit, PageSize and Select may differ.
func (q *Query[T]) From(cursor string) *Query[T] {
	q.cursor = cursor
	return q
}

// All reads page by page, one Query request each, while the loop goes on; nothing is read ahead. An item that cannot be
// decoded comes as a *FieldError, after which the loop may go on; any other error comes last.
func (q *Query[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) { q.all(ctx, untypedYield(yield)) }
}

func (q *query) all(ctx context.Context, yield func(item any, err error) bool) {
	s, err := q.begin(giveItems)
	if err != nil {
		yield(nil, err)
		return
	}
	s.all(ctx, yield)
}

// Collect reads all items into a slice. It ends with the first error.
func (q *Query[T]) Collect(ctx context.Context) ([]*T, error) {
	var items collected[T]
	if err := q.collect(ctx, items.add); err != nil {
		return nil, err
	}
	return items, nil
}

func (q *query) collect(ctx context.Context, add func(item any, behind int)) error {
	s, err := q.begin(giveItems)
	if err != nil {
		return err
	}
	return s.collect(ctx, add)
}

// First reads the first item that matches. Errors: ErrNotFound, *FieldError.
func (q *Query[T]) First(ctx context.Context) (*T, error) { return typed[T](q.first(ctx)) }

func (q *query) first(ctx context.Context) (any, error) {
	s, err := q.begin(giveItems)
	if err != nil {
		return nil, err
	}
	return s.first(ctx)
}

// Count lets the service count the items that match, up to Limit. It consumes what reading them would, and sends none.
func (q *Query[T]) Count(ctx context.Context) (int, error) { return q.count(ctx) }

func (q *query) count(ctx context.Context) (int, error) {
	s, err := q.begin(giveCount)
	if err != nil {
		return 0, err
	}
	return s.count(ctx)
}

// Page reads up to Limit items, in as many requests as that takes; without Limit, what one request gives, which may be
// nothing although the cursor says that there is more. At an error it gives what came before; with a *FieldError, the
// cursor goes on behind the item that cannot be decoded.
func (q *Query[T]) Page(ctx context.Context) (Page[T], error) {
	var items collected[T]
	cursor, err := q.page(ctx, items.add)
	return Page[T]{items, cursor}, err
}

func (q *query) page(ctx context.Context, add func(item any, behind int)) (cursor string, err error) {
	s, err := q.begin(giveItems)
	if err != nil {
		return "", err
	}
	return s.page(ctx, add)
}

// begin plans one run.
func (q *query) begin(p purpose) (*stream, error) {
	plan, err := q.plan(p)
	if err != nil {
		return nil, newCallError("Query", q.table.name, err)
	}
	ask := func(ctx context.Context, request pageRequest, configure func(*dynamodb.Options)) (page, error) {
		out, err := q.table.mapper.client.Query(ctx, q.makeInput(plan, request), configure)
		if err != nil {
			return page{}, err
		}
		return page{out.Items, out.LastEvaluatedKey, out.Count, out.ConsumedCapacity}, nil
	}
	return &stream{q.table, "Query", plan, q.table.originFrom(plan.read), ask}, nil
}

func (q *query) plan(p purpose) (*readPlan, error) {
	s := q.table.schema
	plan, err := q.reading.plan(s, p)
	if err != nil {
		return nil, err
	}
	hash, rng := s.hash, s.rng
	if plan.index != nil {
		hash, rng = plan.index.hash, plan.index.rng
	}
	value, err := hash.encodeKeyPart("hash key", q.hash)
	if err == nil {
		err = plan.checkIndexed(hash, "hash key", value)
	}
	if err != nil {
		return nil, err
	}
	plan.nothing = s.isCounter(map[string]types.AttributeValue{hash.attribute: value})
	if err := q.writeKeyCondition(plan, hash, rng, value); err != nil {
		return nil, err
	}
	if err := plan.writeFilter(q.conditions, func(f *field) error { return refuseQueriedKey(f, hash, rng) }); err != nil {
		return nil, err
	}
	rangeShape := ""
	if len(q.ranges) > 0 {
		rangeShape = q.ranges[0].shape()
	}
	return plan, plan.bind(&q.reading, value, "Query", q.table.name, identityOfValue(value), strconv.FormatBool(q.reverse), rangeShape)
}

func (q *query) writeKeyCondition(plan *readPlan, hash, rng *field, value types.AttributeValue) error {
	parts := []expression.Part{expression.Compare(plan.aliases.Name(hash.attribute), "=", plan.aliases.Value(value))}
	switch {
	case len(q.ranges) > 1:
		return errors.New("Range is given twice, and DynamoDB takes one condition on the range key; use Between")
	case len(q.ranges) == 1 && rng == nil:
		return errors.New("Range is given, and what is queried has no range key; use Where, or another index")
	case len(q.ranges) == 1:
		w := conditionWriter{schema: plan.schema, aliases: &plan.aliases}
		part, err := w.writeRange(rng, q.ranges[0])
		if err == nil {
			err = plan.checkRange(rng, q.ranges[0])
		}
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	plan.key = expression.And(parts...).Text()
	return nil
}

// checkIndexed refuses to look in an index for a key that the field's option omitempty leaves out: an item
// without the key is not in the index.
func (p *readPlan) checkIndexed(f *field, role string, value types.AttributeValue) error {
	if p.index == nil || !(target{field: f}).leavesOut(value) {
		return nil
	}
	return fmt.Errorf("the %s %q is given an empty value, which the option omitempty of the field %s leaves out: no item with it is in the index %q; "+
		"remove the option, or Scan the table Where the attribute is empty", role, f.attribute, f.goPath, p.index.name)
}

// checkRange is checkIndexed of a range key that must equal a value.
func (p *readPlan) checkRange(f *field, c Comparison) error {
	if c.operator != opEQ {
		return nil
	}
	value, err := f.encodeKeyPart("range key", c.operands[0])
	if err != nil {
		return err
	}
	return p.checkIndexed(f, "range key", value)
}

// refuseQueriedKey refuses a filter on the keys by which the service searches: it takes none.
func refuseQueriedKey(f, hash, rng *field) error {
	switch f {
	case hash:
		return fmt.Errorf("it is the hash key by which the query searches; leave it out")
	case rng:
		return fmt.Errorf("it is the range key by which the query searches; use Range")
	}
	return nil
}

func (q *query) makeInput(plan *readPlan, request pageRequest) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName: &q.table.name, IndexName: plan.indexName(), KeyConditionExpression: plan.key, FilterExpression: plan.filter,
		ProjectionExpression: plan.projection, Select: plan.selects, ConsistentRead: plan.consistent,
		ExpressionAttributeNames: plan.aliases.Names(), ExpressionAttributeValues: plan.aliases.Values(),
		ExclusiveStartKey: request.start, Limit: request.limit, ReturnConsumedCapacity: q.table.mapper.capacity(),
	}
	if q.reverse {
		forward := false
		in.ScanIndexForward = &forward
	}
	return in
}
