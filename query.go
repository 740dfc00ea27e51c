package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Query reads the items of one hash key, in the order of the range key. The methods that configure
// a Query change it and return it. Each run starts again. A Query is not safe for concurrent
// use. If a Query is invalid, the method that runs it returns the error before it sends a request.
type Query[T any] struct{ untyped query }

// query implements Query for every model.
type query struct {
	table   *table
	hash    []any
	ranges  [][]Comparison // of each call of Range and RangeParts
	reverse bool
	reading
}

// Query returns a query for the items of a hash key: the table's, or that of the index given to
// Index. If the index has several hash attributes, Query takes a value for each, in the order of
// the index. If an attribute has a format, Query takes its parts, each part once, never the
// formatted text.
func (t *Table[T]) Query(hash ...any) *Query[T] {
	return &Query[T]{query{table: &orZero(t).untyped, hash: hash}}
}

// Range limits the query to items whose range key, the table's or the index's, fulfils the
// comparison: EQ, LT, LE, GT, GE, Between or BeginsWith. The service does not read other items, so
// they cost nothing. Of several range attributes of an index, Range compares the first.
//
// If the range key has a format, Range compares its first part that the hash key does not have.
// Text is ordered together with the text that follows it in the format. RangeParts compares further
// parts.
func (q *Query[T]) Range(c Comparison) *Query[T] { return q.RangeParts(c) }

// RangeParts is Range for a range key of several parts, or of several attributes. It compares them
// from the left: all but the last comparison are EQ, and the last one is any that Range takes.
// Parts and attributes that are not given can have any value. If an attribute has a format, its
// parts stand in its place. A part that the query has given before, in the hash key or in an
// earlier range attribute, is not given again.
func (q *Query[T]) RangeParts(comparisons ...Comparison) *Query[T] {
	q = orZero(q)
	q.untyped.ranges = append(q.untyped.ranges, comparisons)
	return q
}

// Index reads a secondary index of the table. If the index does not project every attribute, the
// items are partial: only Save with ChangedOnly accepts them. A global index lags slightly behind
// the table.
func (q *Query[T]) Index(name string) *Query[T] {
	q = orZero(q)
	q.untyped.indexName, q.untyped.indexed = name, true
	return q
}

// Where limits the query to items for which all conditions are true, including those of earlier
// calls of Where. The service still reads the other items, and counts them as consumed. A Range or
// an Index reads less.
func (q *Query[T]) Where(conditions ...Condition) *Query[T] {
	q = orZero(q)
	q.untyped.conditions = append(q.untyped.conditions, conditions...)
	return q
}

// Select reads only these attributes, the keys of the table and its indexes, and the version. See
// the ReadOption Select.
func (q *Query[T]) Select(attributes ...string) *Query[T] {
	q = orZero(q)
	q.untyped.settings.add(attributes)
	return q
}

// Consistent makes the reads strongly consistent, at twice the read units. A global index does not
// support it.
func (q *Query[T]) Consistent() *Query[T] {
	q = orZero(q)
	q.untyped.settings.consistent = true
	return q
}

// Reverse reads in descending order of the range key.
func (q *Query[T]) Reverse() *Query[T] {
	q = orZero(q)
	q.untyped.reverse = true
	return q
}

// Limit ends the query after n matching items. Items that cannot be decoded count.
func (q *Query[T]) Limit(n int) *Query[T] {
	q = orZero(q)
	q.untyped.limit = &n
	return q
}

// PageSize sets how many items one request reads, whether they match or not. By default a request
// reads up to 1 MB.
func (q *Query[T]) PageSize(n int) *Query[T] {
	q = orZero(q)
	q.untyped.pageSize = &n
	return q
}

// From starts after the items of a page, at the cursor that Page returned. "" is the start. If a
// cursor is damaged, or belongs to another query, the run returns ErrInvalidCursor. The table,
// index, hash key, direction and shape of the conditions must be the same. The values in the
// conditions, Limit, PageSize and Select may differ.
func (q *Query[T]) From(cursor string) *Query[T] {
	q = orZero(q)
	q.untyped.cursor = cursor
	return q
}

// All reads page by page, with one Query request for each, while the loop runs. It does not read
// ahead. If an item cannot be decoded, All yields a *FieldError and continues. All yields any other
// error last.
func (q *Query[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) { q.run().all(ctx, untypedYield(yield)) }
}

func (q *query) all(ctx context.Context, yield func(item anyItem, err error) bool) {
	s, err := q.begin(giveItems)
	if err != nil {
		yield(nil, err)
		return
	}
	s.all(ctx, yield)
}

// Collect reads all items into a slice. It stops at the first error. Without Limit, Collect sends
// the request for the next page before it decodes a page. So an error in a page may come after one
// request more than All sends. The observers get that request with context.Canceled.
func (q *Query[T]) Collect(ctx context.Context) ([]*T, error) {
	var items collected[T]
	if err := q.run().collect(ctx, items.add); err != nil {
		return nil, err
	}
	return items, nil
}

func (q *query) collect(ctx context.Context, add func(item anyItem, remaining int)) error {
	s, err := q.begin(giveItems)
	if err != nil {
		return err
	}
	return s.collect(ctx, add)
}

// First reads the first matching item. Errors: ErrNotFound, *FieldError.
func (q *Query[T]) First(ctx context.Context) (*T, error) { return typed[T](q.run().first(ctx)) }

func (q *query) first(ctx context.Context) (anyItem, error) {
	s, err := q.begin(giveItems)
	if err != nil {
		return nil, err
	}
	return s.first(ctx)
}

// Count returns the number of matching items, up to Limit. The service counts them: the read units
// are those of reading the items, but no item is transferred.
func (q *Query[T]) Count(ctx context.Context) (int, error) { return q.run().count(ctx) }

func (q *query) count(ctx context.Context) (int, error) {
	s, err := q.begin(giveCount)
	if err != nil {
		return 0, err
	}
	return s.count(ctx)
}

// Page reads up to Limit items, with as many requests as needed. Without Limit, it sends one
// request, and the page may be empty although its cursor shows that more may follow. At an error,
// the page holds the items read before it. At a *FieldError, the cursor points after the item that
// cannot be decoded.
func (q *Query[T]) Page(ctx context.Context) (Page[T], error) {
	var items collected[T]
	cursor, err := q.run().page(ctx, items.add)
	return Page[T]{items, cursor}, err
}

func (q *query) page(
	ctx context.Context, add func(item anyItem, remaining int),
) (cursor string, err error) {
	s, err := q.begin(giveItems)
	if err != nil {
		return "", err
	}
	return s.page(ctx, add)
}

// run returns the query, with an empty table if it has none.
func (q *Query[T]) run() *query { return orZero(q).untyped.run() }

func (q *query) run() *query {
	q.table = orZero(q.table)
	return q
}

func (q *query) begin(p purpose) (*stream, error) {
	err := q.table.checkMade()
	var plan *readPlan
	if err == nil {
		plan, err = q.plan(p)
	}
	if err != nil {
		return nil, newCallError("Query", q.table.name, err)
	}
	ask := func(ctx context.Context, at pageRequest, to *responseDecoder) (page, error) {
		out, err := send(ctx, q.table.mapper, request[dynamodb.QueryInput]{
			operation: pipeline.Query,
			input:     func() *dynamodb.QueryInput { return q.makeInput(plan, at) },
			body:      func() ([]byte, error) { return q.body(plan, at) },
		}, Client.Query, to)
		if err != nil {
			return page{}, err
		}
		return page{out.Items, out.LastEvaluatedKey, out.Count, out.ConsumedCapacity}, nil
	}
	return &stream{table: q.table, op: "Query", kind: "Query", plan: plan,
		from: q.table.originFrom(plan.read), ask: ask}, nil
}

func (q *query) plan(p purpose) (*readPlan, error) {
	s := q.table.schema
	plan, err := q.reading.plan(s, p)
	if err != nil {
		return nil, err
	}
	keys := s.keysOf(plan.index)
	hash, known, err := q.encodeHash(plan)
	if err != nil {
		return nil, err
	}
	for i, f := range keys.hash {
		if err := plan.checkIndexed(f, "hash key", hash[i]); err != nil {
			return nil, err
		}
		plan.nothing = plan.nothing || f == s.hash && s.isCounter(itemKey{hash: hash[i]})
	}
	if err := q.writeKeyCondition(plan, keys, hash, known); err != nil {
		return nil, err
	}
	var also []expression.Part
	if other, given := q.table.filterEntity(plan, p); given {
		also = append(also, other)
	}
	unexpired, err := plan.leaveOutExpired(q.table, keys)
	if err != nil {
		return nil, err
	}
	if plan.looksAtExpiry && p == giveCount {
		plan.countByLooking(q.table)
	}
	err = plan.writeFilter(q.conditions, keys.refuseFilter, unexpired, also)
	if err != nil {
		return nil, err
	}
	const others = 6 // with those that bind adds
	bound := append(make([]string, 0, len(hash)+others), q.table.readName("Query"), q.table.name)
	for _, value := range hash {
		bound = append(bound, identityOfValue(value))
	}
	bound = append(bound, strconv.FormatBool(q.reverse), q.rangeShape())
	return plan, plan.bind(&q.reading, hash, bound...)
}

// rangeShape returns the comparisons with the range key without their operands.
func (q *query) rangeShape() string {
	shapes := make([]string, len(q.comparisons()))
	for i, c := range q.comparisons() {
		shapes[i] = c.shape()
	}
	return strings.Join(shapes, ",")
}

func (q *query) writeKeyCondition(
	plan *readPlan, keys keySchema, hash []wire.Raw, known partValues,
) error {
	parts := make([]expression.Part, 0, len(keys.hash)+len(keys.rng))
	for i, f := range keys.hash {
		parts = append(parts,
			expression.Compare(plan.aliases.Name(f.attribute), "=", plan.aliases.Value(hash[i])))
	}
	switch {
	case len(q.ranges) > 1 && len(keys.rng) > 1:
		return errors.New("Range is given twice; give all comparisons to one RangeParts")
	case len(q.ranges) > 1:
		return errors.New(
			"Range is given twice, and DynamoDB takes one condition on the range key; use Between")
	case len(q.ranges) == 1 && len(keys.rng) == 0:
		return errors.New(
			"Range is given, and what is queried has no range key; use Where, or another index")
	case len(q.ranges) == 1 && len(q.ranges[0]) == 0:
		return errors.New("RangeParts has no comparison; pass a comparison, or remove RangeParts")
	}
	ranges, err := plan.writeRange(keys.rng, q.comparisons(), known)
	plan.key = expression.And(append(parts, ranges...)...).Text()
	return err
}

// comparisons returns those with the range key.
func (q *query) comparisons() []Comparison {
	if len(q.ranges) == 0 {
		return nil
	}
	return q.ranges[0]
}

// checkIndexed refuses to query an index for a key that the field's option omitempty leaves out,
// because an item without the key is not in the index.
func (p *readPlan) checkIndexed(f *field, role string, value wire.Raw) error {
	if p.index == nil || !(target{field: f}).leavesOut(value) {
		return nil
	}
	return fmt.Errorf(
		"the %s %q is given an empty value, which the option omitempty of the field %s leaves "+
			"out: no item with it is in the index %q; "+
			"remove the option, or Scan the table Where the attribute is empty", role, f.attribute,
		f.goPath, p.index.name)
}

// refuseFilter refuses a filter on the keys of a query, because the service does.
func (k keySchema) refuseFilter(f *field) error {
	switch {
	case slices.Contains(k.hash, f) && len(k.hash) == 1:
		return fmt.Errorf("the attribute is the hash key of the query; leave the condition out")
	case slices.Contains(k.hash, f):
		return fmt.Errorf("the attribute is a hash attribute of the index, and Query has its value; " +
			"leave the condition out")
	case slices.Contains(k.rng, f) && len(k.rng) == 1:
		return fmt.Errorf("the attribute is the range key of the query; use Range")
	case slices.Contains(k.rng, f):
		return fmt.Errorf("the attribute is a range attribute of the index, on which DynamoDB takes " +
			"no filter; use RangeParts, or leave the items out in the loop")
	}
	return nil
}

func (q *query) makeInput(plan *readPlan, request pageRequest) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: &q.table.name, IndexName: plan.indexName(), KeyConditionExpression: plan.key,
		FilterExpression:     plan.filter,
		ProjectionExpression: plan.projection, Select: plan.selects,
		ConsistentRead:            plan.consistent,
		ExpressionAttributeNames:  plan.aliases.Names(),
		ExpressionAttributeValues: plan.aliases.Values(),
		ExclusiveStartKey:         request.start, Limit: request.limit,
		ReturnConsumedCapacity: q.table.mapper.capacity(), ScanIndexForward: q.forward(),
	}
}

// forward returns the parameter that reverses the order, or nil.
func (q *query) forward() *bool {
	if !q.reverse {
		return nil
	}
	forward := false
	return &forward
}
