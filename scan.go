package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/pipeline"
)

// Scan reads all items of a table or an index, in no order. The cost is that of the whole table,
// whatever Where leaves out; a Query reads only what it needs. The methods that configure a Scan
// change it and return it. Each run starts again. A Scan is not safe for concurrent use. If
// a Scan is invalid, the method that runs it returns the error before it sends a request.
type Scan[T any] struct{ untyped scan }

// scan implements Scan for every model.
type scan struct {
	table    *table
	parallel *int
	segment  *segment
	reading
}

// segment is one part of a table, for a scan in parts.
type segment struct{ number, of int }

// maxSegments is the largest number of segments that the service accepts.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
const maxSegments = 1_000_000

// Scan returns a scan of the table.
func (t *Table[T]) Scan() *Scan[T] { return &Scan[T]{scan{table: &orZero(t).untyped}} }

// Parallel reads several segments of the table at once. Each segment has one goroutine, which has
// one request under way and ends with the loop. A few segments more than the machine has cores are
// enough. Each goroutine reads up to one page ahead of the loop. The order of the items
// differs from run to run, so Page and From cannot be combined with Parallel.
func (s *Scan[T]) Parallel(segments int) *Scan[T] {
	s = orZero(s)
	s.untyped.parallel = &segments
	return s
}

// Segment reads segment i of the given number of segments, counted from 0. Other processes read the
// other segments. It cannot be combined with Parallel.
func (s *Scan[T]) Segment(i, of int) *Scan[T] {
	s = orZero(s)
	s.untyped.segment = &segment{i, of}
	return s
}

// Index reads a secondary index of the table. An index holds only the items that have its keys. If
// the index does not project every attribute, the items are partial: only Save with ChangedOnly
// accepts them.
func (s *Scan[T]) Index(name string) *Scan[T] {
	s = orZero(s)
	s.untyped.indexName, s.untyped.indexed = name, true
	return s
}

// Where limits the scan to items for which all conditions are true, including those of earlier
// calls of Where. The service still reads the other items, and counts them as consumed.
func (s *Scan[T]) Where(conditions ...Condition) *Scan[T] {
	s = orZero(s)
	s.untyped.conditions = append(s.untyped.conditions, conditions...)
	return s
}

// Select reads only these attributes, the keys of the table and its indexes, and the version. See
// the ReadOption Select.
func (s *Scan[T]) Select(attributes ...string) *Scan[T] {
	s = orZero(s)
	s.untyped.settings.add(attributes)
	return s
}

// Consistent makes the reads strongly consistent, at twice the read units. A global index does not
// support it.
func (s *Scan[T]) Consistent() *Scan[T] {
	s = orZero(s)
	s.untyped.settings.consistent = true
	return s
}

// Limit ends the scan after n matching items. Items that cannot be decoded count.
func (s *Scan[T]) Limit(n int) *Scan[T] {
	s = orZero(s)
	s.untyped.limit = &n
	return s
}

// PageSize sets how many items one request reads, whether they match or not. By default a request
// reads up to 1 MB.
func (s *Scan[T]) PageSize(n int) *Scan[T] {
	s = orZero(s)
	s.untyped.pageSize = &n
	return s
}

// From starts after the items of a page, at the cursor that Page returned. "" is the start. If a
// cursor is damaged, or belongs to another scan, the run returns ErrInvalidCursor. The table,
// index, segment and shape of the conditions must be the same. The values in the conditions, Limit,
// PageSize and Select may differ.
func (s *Scan[T]) From(cursor string) *Scan[T] {
	s = orZero(s)
	s.untyped.cursor = cursor
	return s
}

// All reads page by page, with one Scan request for each, while the loop runs. Without Parallel it
// does not read ahead. If an item cannot be decoded, All yields a *FieldError and continues. All
// yields any other error last.
func (s *Scan[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) { s.run().all(ctx, untypedYield(yield)) }
}

func (s *scan) all(ctx context.Context, yield func(item anyItem, err error) bool) {
	streams, err := s.begin(giveItems)
	switch {
	case err != nil:
		yield(nil, err)
	case len(streams) == 1:
		streams[0].all(ctx, yield)
	default:
		allOf(ctx, streams, yield)
	}
}

// Collect reads all items into a slice. It stops at the first error. Without Limit and Parallel,
// Collect sends the request for the next page before it decodes a page. So an error in a page may
// come after one request more than All sends. The observers get that request with context.Canceled.
func (s *Scan[T]) Collect(ctx context.Context) ([]*T, error) {
	var items collected[T]
	if err := s.run().collect(ctx, items.add); err != nil {
		return nil, err
	}
	return items, nil
}

func (s *scan) collect(ctx context.Context, add func(item anyItem, remaining int)) error {
	streams, err := s.begin(giveItems)
	if err != nil {
		return err
	}
	if len(streams) == 1 {
		return streams[0].collect(ctx, add)
	}
	return collectOf(ctx, streams, add)
}

// First reads one matching item. Errors: ErrNotFound, *FieldError.
func (s *Scan[T]) First(ctx context.Context) (*T, error) { return typed[T](s.run().first(ctx)) }

func (s *scan) first(ctx context.Context) (anyItem, error) {
	streams, err := s.begin(giveItems)
	if err != nil {
		return nil, err
	}
	if len(streams) == 1 {
		return streams[0].first(ctx)
	}
	return firstOf(ctx, streams)
}

// Count returns the number of matching items, up to Limit. The service counts them: the read units
// are those of reading the items, but no item is transferred.
func (s *Scan[T]) Count(ctx context.Context) (int, error) { return s.run().count(ctx) }

func (s *scan) count(ctx context.Context) (int, error) {
	streams, err := s.begin(giveCount)
	if err != nil {
		return 0, err
	}
	if len(streams) == 1 {
		return streams[0].count(ctx)
	}
	return countOf(ctx, streams)
}

// Page reads up to Limit items, with as many requests as needed. Without Limit, it sends one
// request, and the page may be empty although its cursor shows that more may follow. At an error,
// the page holds the items read before it. At a *FieldError, the cursor points after the item that
// cannot be decoded.
func (s *Scan[T]) Page(ctx context.Context) (Page[T], error) {
	var items collected[T]
	cursor, err := s.run().page(ctx, items.add)
	return Page[T]{items, cursor}, err
}

func (s *scan) page(
	ctx context.Context, add func(item anyItem, remaining int),
) (cursor string, err error) {
	if s.parallel != nil {
		return "", newCallError("Scan", s.table.name, errParallelPage)
	}
	streams, err := s.begin(giveItems)
	if err != nil {
		return "", err
	}
	return streams[0].page(ctx, add)
}

var errParallelPage = errors.New(
	"Parallel has no order in which to go on, so that it takes neither Page nor From; use " +
		"Segment, or leave Parallel out")

// run returns the scan, with an empty table if it has none.
func (s *Scan[T]) run() *scan { return orZero(s).untyped.run() }

func (s *scan) run() *scan {
	s.table = orZero(s.table)
	return s
}

// begin returns a stream for each segment that this process reads.
func (s *scan) begin(p purpose) ([]*stream, error) {
	err := s.table.checkMade()
	var plan *readPlan
	if err == nil {
		plan, err = s.plan(p)
	}
	if err != nil {
		return nil, newCallError("Scan", s.table.name, err)
	}
	if s.parallel == nil {
		return []*stream{s.stream(plan, s.segment)}, nil
	}
	streams := make([]*stream, *s.parallel)
	for i := range streams {
		of := *plan
		streams[i] = s.stream(&of, &segment{i, len(streams)})
	}
	return streams, nil
}

func (s *scan) plan(p purpose) (*readPlan, error) {
	if err := s.checkSegments(); err != nil {
		return nil, err
	}
	plan, err := s.reading.plan(s.table.schema, p)
	if err != nil {
		return nil, err
	}
	var also []expression.Part
	// The item that counts the ids is no item of the model.
	if hash := plan.schema.hash.attribute; p == giveCount && plan.schema.autoincrement {
		also = append(also,
			expression.Compare(plan.aliases.Name(hash), "<>",
				plan.aliases.Value(counterKey)))
	}
	if other, given := s.table.filterEntity(plan, p); given {
		also = append(also, other)
	}
	unexpired, err := plan.leaveOutExpired(s.table, keySchema{})
	if err != nil {
		return nil, err
	}
	err = plan.writeFilter(s.conditions, func(*field) error { return nil }, unexpired, also)
	if err != nil {
		return nil, err
	}
	part := ""
	if s.segment != nil {
		part = fmt.Sprint(*s.segment)
	}
	return plan, plan.bind(&s.reading, nil, s.table.readName("Scan"), s.table.name, part)
}

func (s *scan) checkSegments() error {
	switch {
	case s.parallel == nil && s.segment == nil:
	case s.parallel != nil && s.segment != nil:
		return errors.New(
			"Parallel reads all segments in this process, and Segment one; use one of the two")
	case s.parallel != nil && s.cursor != "":
		return errParallelPage
	case s.parallel != nil && (*s.parallel < 1 || *s.parallel > maxSegments):
		return fmt.Errorf("Parallel is %d; give 1 to %d segments", *s.parallel, maxSegments)
	case s.segment != nil && (s.segment.of < 1 || s.segment.of > maxSegments):
		return fmt.Errorf("Segment is one of %d; give 1 to %d segments", s.segment.of, maxSegments)
	case s.segment != nil && (s.segment.number < 0 || s.segment.number >= s.segment.of):
		return fmt.Errorf("Segment is %d of %d; the segments are counted from 0 to %d",
			s.segment.number, s.segment.of, s.segment.of-1)
	}
	return nil
}

func (s *scan) stream(plan *readPlan, part *segment) *stream {
	ask := func(ctx context.Context, at pageRequest, to *responseDecoder) (page, error) {
		out, err := send(ctx, s.table.mapper, request[dynamodb.ScanInput]{
			operation: pipeline.Scan,
			input:     func() *dynamodb.ScanInput { return s.makeInput(plan, part, at) },
			body:      func() ([]byte, error) { return s.body(plan, part, at) },
		}, Client.Scan, to)
		if err != nil {
			return page{}, err
		}
		return page{out.Items, out.LastEvaluatedKey, out.Count, out.ConsumedCapacity}, nil
	}
	return &stream{table: s.table, op: "Scan", kind: "Scan", plan: plan,
		from: s.table.originFrom(plan.read), ask: ask}
}

func (s *scan) makeInput(plan *readPlan, part *segment, request pageRequest) *dynamodb.ScanInput {
	number, of := part.numbers()
	return &dynamodb.ScanInput{
		TableName: &s.table.name, IndexName: plan.indexName(), FilterExpression: plan.filter,
		ProjectionExpression: plan.projection, Select: plan.selects,
		ConsistentRead:            plan.consistent,
		ExpressionAttributeNames:  plan.aliases.Names(),
		ExpressionAttributeValues: plan.aliases.Values(),
		ExclusiveStartKey:         request.start, Limit: request.limit,
		ReturnConsumedCapacity: s.table.mapper.capacity(),
		Segment:                number, TotalSegments: of,
	}
}

// numbers returns the parameters of a segment, which are nil for the whole.
func (s *segment) numbers() (number, of *int32) {
	if s == nil {
		return nil, nil
	}
	n, total := int32(s.number), int32(s.of)
	return &n, &total
}
