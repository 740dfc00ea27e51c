package dynamapper

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/pipeline"
)

// batchRequests is the number of concurrent requests of one batch. Four hide most of the waiting
// for responses, and do not use up the SDK's connections or a table's capacity.
const batchRequests = 4

// errUnprocessed is the error of a request that the service processed only in part.
var errUnprocessed = errors.New(
	"the service left a part of the batch unprocessed; raise the capacity, or slow down")

// The limits of one BatchWriteItem: 25 writes, and 16 MB as sent. JSON is larger than the stored
// item, so 25 items of up to 400 KB may exceed the limit: lists of small numbers take three times
// the space.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	maxBatchWrite = 25
	maxBatchBytes = 15 << 20 // of the items alone
)

// batchWrite sends the puts or deletes of one batch, and records the outcome of each.
type batchWrite struct {
	mapper    *Mapper
	schema    *schema
	op, table string
	noun      string // "item" or "key", for errors
	writes    []*batchedWrite
	positions map[identity]*batchedWrite // the writes by the identities of their keys

	mu      sync.Mutex
	reasons []error // why whole requests failed
}

// batchedWrite is one write of a batch. Its plan is the plan of a single request.
type batchedWrite struct {
	positions []int // in the caller's slice; a key to delete may be there twice
	plan      *writePlan
	size      int // of an item's wire JSON
	written   bool
	err       error // of this write alone
}

// run sends all writes. It returns an error if it did not begin some of them because others failed.
func (b *batchWrite) run(ctx context.Context) error {
	parts := splitBatch(b.writes)
	return parallel.Run(ctx, len(parts), batchRequests, func(going context.Context, i int) error {
		return b.send(ctx, going, parts[i])
	})
}

// splitBatch splits the writes into parts of one request each.
func splitBatch(writes []*batchedWrite) [][]*batchedWrite {
	var parts [][]*batchedWrite
	start, size := 0, 0
	for i, w := range writes {
		if i-start == maxBatchWrite || size+w.size > maxBatchBytes && i > start {
			parts = append(parts, writes[start:i])
			start, size = i, 0
		}
		size += w.size
	}
	if start < len(writes) {
		parts = append(parts, writes[start:])
	}
	return parts
}

// send sends a part, and resends with backoff what is unprocessed. If another part fails, going
// ends, and send begins no further request. A request in progress ends only with the caller's ctx,
// because cutting it off loses its response. An error of send ends the batch. If the service leaves
// this part unprocessed until the tries are used up, send records that and returns nil, because the
// service may process the other parts.
func (b *batchWrite) send(ctx, going context.Context, part []*batchedWrite) error {
	row := b.mapper.newTries(b.op, b.table)
	for {
		row.begin()
		unprocessed, err := b.sendOnce(ctx, part)
		var reason error
		if (isThrottled(err) || isContended(err)) && !row.usedUp() {
			unprocessed, reason, err = part, err, nil // the service processed none of the part
		}
		switch {
		case isInvalid(err):
			return b.sendEach(ctx, going, part, err)
		case err != nil:
			err = row.ended(ctx, err)
			b.note(err)
			return err
		case len(unprocessed) == 0:
			return nil
		case reason == nil:
			reason = errUnprocessed
		}
		if row.usedUp() {
			b.note(row.exceeded(reason))
			return nil
		}
		if err := row.wait(going, reason); err != nil {
			return b.interrupted(ctx, err)
		}
		part = unprocessed
	}
}

// sendEach sends the writes of a part one by one, because the service refused the whole part for
// one of its writes.
func (b *batchWrite) sendEach(
	ctx, going context.Context, part []*batchedWrite, refusal error,
) error {
	if len(part) == 1 {
		part[0].err = refusal
		return nil
	}
	for _, w := range part {
		if err := going.Err(); err != nil {
			return b.interrupted(ctx, b.mapper.explain(b.op, b.table, err))
		}
		_, w.err = b.mapper.write(ctx, b.table, w.plan)
		w.written = w.err == nil
		if !w.written && !isInvalid(w.err) {
			return w.err
		}
	}
	return nil
}

// interrupted records the end of the caller's context. If another part failed instead, that part
// has recorded the reason.
func (b *batchWrite) interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		b.note(err)
	}
	return err
}

// note records the reason why a request failed. It records equal reasons once, because concurrent
// requests may fail alike.
func (b *batchWrite) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	same := func(noted error) bool { return noted.Error() == err.Error() }
	if !slices.ContainsFunc(b.reasons, same) {
		b.reasons = append(b.reasons, err)
	}
}

// sendOnce sends one BatchWriteItem and returns the unprocessed writes.
func (b *batchWrite) sendOnce(
	ctx context.Context, part []*batchedWrite,
) (unprocessed []*batchedWrite, err error) {
	call := writeCall{table: b.table}
	c := b.mapper.begin("BatchWriteItem", b.table)
	c.count(&call.counter)
	written := 0
	defer func() { c.end(ctx, written, err) }()
	capacity := b.mapper.capacity()
	out, err := send(ctx, b.mapper, request[dynamodb.BatchWriteItemInput]{
		operation: pipeline.BatchWriteItem,
		input: func() *dynamodb.BatchWriteItemInput {
			return makeBatchInput(b.table, part, capacity)
		},
		body: func() ([]byte, error) { return batchBody(b.table, part, capacity) },
	}, Client.BatchWriteItem, &call)
	if err != nil {
		lost := call.isLost(err)
		err = b.mapper.explainTries(ctx, b.op, b.table, err, &call.counter)
		if lost {
			err = call.newDoubt(b.op, PrimaryKey{}, err)
		}
		return nil, err
	}
	for i := range out.ConsumedCapacity {
		c.consumed(false, &out.ConsumedCapacity[i])
	}
	unprocessed, err = b.unprocessed(part, out.UnprocessedItems[b.table])
	if err == nil {
		written = len(part) - len(unprocessed)
	}
	return unprocessed, err
}

func makeBatchInput(
	table string, part []*batchedWrite, capacity types.ReturnConsumedCapacity,
) *dynamodb.BatchWriteItemInput {
	return &dynamodb.BatchWriteItemInput{
		RequestItems:           map[string][]types.WriteRequest{table: makeWriteRequests(part)},
		ReturnConsumedCapacity: capacity,
	}
}

func makeWriteRequests(part []*batchedWrite) []types.WriteRequest {
	requests := make([]types.WriteRequest, len(part))
	for i, w := range part {
		if w.plan.request == putItem {
			requests[i].PutRequest = &types.PutRequest{Item: w.plan.itemAttributes()}
		} else {
			requests[i].DeleteRequest = &types.DeleteRequest{Key: w.plan.keyAttributes()}
		}
	}
	return requests
}

// unprocessed returns the writes of the part that the service left unprocessed, and marks the
// others as written.
func (b *batchWrite) unprocessed(
	part []*batchedWrite, requests []types.WriteRequest,
) ([]*batchedWrite, error) {
	left := make(map[*batchedWrite]bool, len(requests))
	for _, request := range requests {
		var key map[string]types.AttributeValue
		switch {
		case request.PutRequest != nil:
			key = request.PutRequest.Item
		case request.DeleteRequest != nil:
			key = request.DeleteRequest.Key
		}
		id, err := b.schema.identityOfAttributes(key)
		w := b.positions[id]
		if err != nil || w == nil {
			return nil, newCallError(b.op, b.table,
				errors.New(
					"the service returned an unprocessed item that is not in the batch, so the "+
						"outcome of the batch is unknown"))
		}
		left[w] = true
	}
	var unprocessed []*batchedWrite
	for _, w := range part {
		w.written = !left[w]
		if left[w] {
			unprocessed = append(unprocessed, w)
		}
	}
	return unprocessed, nil
}

// outcome returns a *BatchError with the positions of the unwritten entries and the reasons, or nil
// if all were written.
func (b *batchWrite) outcome(writes []*batchedWrite) error {
	var positions []int
	var reasons []error
	for _, w := range writes {
		if w.written {
			continue
		}
		positions = append(positions, w.positions...)
		if w.err != nil {
			reasons = append(reasons, b.newEntryError(w.positions[0], w.err))
		}
	}
	if len(positions) == 0 {
		return nil
	}
	slices.Sort(positions)
	return &BatchError{Op: b.op, Table: b.table, Unprocessed: positions,
		Err: joinReasons(append(reasons, b.reasons...))}
}

// newEntryError makes the error of the entry at a position.
func (b *batchWrite) newEntryError(position int, err error) error {
	return &entryError{op: b.op, table: b.table, noun: b.noun, position: position, err: err}
}

// add adds a write. If the batch has a write of the same key already, add returns that one and adds
// nothing.
func (b *batchWrite) add(w *batchedWrite) (twin *batchedWrite) {
	id := b.schema.identityOf(w.plan.key)
	if twin := b.positions[id]; twin != nil {
		return twin
	}
	b.positions[id] = w
	b.writes = append(b.writes, w)
	return nil
}

func (t *table) newBatchWrite(op, noun string, size int) batchWrite {
	return batchWrite{mapper: t.mapper, schema: t.schema, op: op, table: t.name, noun: noun,
		positions: make(map[identity]*batchedWrite, size),
		writes:    make([]*batchedWrite, 0, size)}
}

// BatchDelete deletes the items at any number of keys without reading them. It sends BatchWriteItem
// requests of up to 25 keys, several at a time. It ignores missing items, and deletes a key that is
// given twice once. If a key is invalid, BatchDelete returns an error before it sends a request.
//
// BatchDelete resends unprocessed keys with backoff, as often as WithMaxRetries allows. If the
// service refuses a request as invalid, BatchDelete sends its keys one by one. If some items could
// not be deleted, BatchDelete returns a *BatchError with the positions of their keys and the
// reasons; all others are deleted. After a lost response, the SDK sends a request again, which may
// undo a later write. If no response comes at all, the reason in the *BatchError is
// ErrUnknownOutcome.
//
// Errors: *BatchError.
func (t *Table[T]) BatchDelete(ctx context.Context, keys []PrimaryKey) error {
	return orZero(t).batchDelete(ctx, keys)
}

func (t *table) batchDelete(ctx context.Context, keys []PrimaryKey) error {
	if err := t.checkWrite(ctx); err != nil {
		return newCallError("BatchDelete", t.name, err)
	}
	b := t.newBatchWrite("BatchDelete", "key", len(keys))
	for i, key := range keys {
		encoded, err := t.schema.encodeWriteKey(key)
		if err != nil {
			return b.newEntryError(i, newCallError(b.op, b.table, err))
		}
		at := planOptions{op: b.op, schema: t.schema, source: keySource{given: &key}}
		plan := at.planDelete(encoded)
		w := &batchedWrite{positions: []int{i}, plan: &plan}
		if twin := b.add(w); twin != nil {
			twin.positions = append(twin.positions, i)
		}
	}
	_ = b.run(ctx) // run has recorded its error
	return b.outcome(b.writes)
}
