package dynamapper

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

// The limits of one BatchWriteItem: 25 writes, and 16 MB as they are sent. JSON is wider than what is stored, so that
// 25 items of up to 400 KB may be more than that: lists of small numbers take three times the space.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	maxBatchWrite = 25
	maxBatchBytes = 15 << 20 // of the items alone
)

// batchWrite sends the puts or deletes of one batch, and notes what becomes of each.
type batchWrite struct {
	mapper    *Mapper
	schema    *schema
	op, table string
	noun      string // what a position counts, for errors: "item", "key"
	writes    []*batchedWrite
	positions map[identity]*batchedWrite // the same by their keys' identities

	mu      sync.Mutex
	reasons []error // why whole requests failed
}

// batchedWrite is one write of a batch. Its plan is that of a request of its own.
type batchedWrite struct {
	positions []int // in what the caller gave: a key to be deleted may stand there twice
	plan      *writePlan
	size      int // of an item's wire JSON
	written   bool
	err       error // of this write alone
}

// run sends all writes. An error says that some were not begun because others failed.
func (b *batchWrite) run(ctx context.Context) error {
	parts := splitBatch(b.writes)
	return parallel.Run(ctx, len(parts), batchRequests, func(going context.Context, i int) error {
		return b.send(ctx, going, parts[i])
	})
}

// splitBatch splits writes into those of one request.
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

// send sends a part, again with backoff while some of it is unprocessed. going ends where another part has failed: then
// no further request is begun. Those that are under way end with the caller's ctx alone, because cutting one off loses
// its answer. An error ends the batch; a service that leaves this part unprocessed may take the others.
func (b *batchWrite) send(ctx, going context.Context, part []*batchedWrite) error {
	row := b.mapper.newTries(b.op, b.table)
	for {
		row.begin()
		unprocessed, err := b.sendOnce(ctx, part)
		var reason error
		if (isThrottled(err) || isContended(err)) && !row.usedUp() {
			unprocessed, reason, err = part, err, nil // the service got to none of it
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

// sendEach sends a part one by one: the service has refused it as a whole for what one of them holds.
func (b *batchWrite) sendEach(ctx, going context.Context, part []*batchedWrite, refusal error) error {
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

// interrupted notes the end of the caller's context. Where another part has failed, that one has noted why.
func (b *batchWrite) interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		b.note(err)
	}
	return err
}

// note keeps why requests failed, each reason once: several under way may fail alike.
func (b *batchWrite) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	same := func(noted error) bool { return noted.Error() == err.Error() }
	if !slices.ContainsFunc(b.reasons, same) {
		b.reasons = append(b.reasons, err)
	}
}

// sendOnce sends one BatchWriteItem. It gives the writes to which the service did not get.
func (b *batchWrite) sendOnce(ctx context.Context, part []*batchedWrite) (unprocessed []*batchedWrite, err error) {
	call := writeCall{table: b.table}
	c := b.mapper.begin("BatchWriteItem", b.table)
	c.count(&call.tries)
	written := 0
	defer func() { c.end(ctx, written, err) }()
	out, err := b.mapper.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{b.table: makeWriteRequests(part)}, ReturnConsumedCapacity: b.mapper.capacity(),
	}, call.configure)
	if err != nil {
		lost := call.isLost(err)
		err = b.mapper.explainTries(ctx, b.op, b.table, err, &call.tries)
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

func makeWriteRequests(part []*batchedWrite) []types.WriteRequest {
	requests := make([]types.WriteRequest, len(part))
	for i, w := range part {
		if w.plan.request == putItem {
			requests[i].PutRequest = &types.PutRequest{Item: w.plan.item}
		} else {
			requests[i].DeleteRequest = &types.DeleteRequest{Key: w.plan.key}
		}
	}
	return requests
}

// unprocessed finds the writes to which the service did not get, and marks the others of the part as written.
func (b *batchWrite) unprocessed(part []*batchedWrite, requests []types.WriteRequest) ([]*batchedWrite, error) {
	left := make(map[*batchedWrite]bool, len(requests))
	for _, request := range requests {
		var key map[string]types.AttributeValue
		switch {
		case request.PutRequest != nil:
			key = request.PutRequest.Item
		case request.DeleteRequest != nil:
			key = request.DeleteRequest.Key
		}
		w := b.positions[b.schema.identityOf(key)]
		if w == nil {
			return nil, newCallError(b.op, b.table, errors.New("the service left an item unprocessed that is not of the batch; which ones were written is not known"))
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

// outcome lists what was not written, with the reasons; nil where all was.
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
	return &BatchError{Op: b.op, Table: b.table, Unprocessed: positions, Err: joinReasons(append(reasons, b.reasons...))}
}

// newEntryError is what is wrong with what stands at a position.
func (b *batchWrite) newEntryError(position int, err error) error {
	return &entryError{op: b.op, table: b.table, noun: b.noun, position: position, err: err}
}

// add adds a write, unless there is one of the same key already, which it gives.
func (b *batchWrite) add(w *batchedWrite) (twin *batchedWrite) {
	id := b.schema.identityOf(w.plan.key)
	if twin := b.positions[id]; twin != nil {
		return twin
	}
	b.positions[id] = w
	b.writes = append(b.writes, w)
	return nil
}

func (t *table) newBatchWrite(op, noun string) batchWrite {
	return batchWrite{mapper: t.mapper, schema: t.schema, op: op, table: t.name, noun: noun, positions: map[identity]*batchedWrite{}}
}

// BatchDelete deletes the items at any number of keys without reading them, 25 in one BatchWriteItem, several of those
// at a time. Where there is none, it does nothing; a key that stands twice is deleted once. A key that is wrong is an
// error before anything is sent.
//
// What the service did not get to is sent again with backoff, as often as WithMaxRetries says, and a request that
// is refused as invalid, key by key. Positions of keys that could not be deleted are in the *BatchError, with the
// reasons; all others are. After a lost answer a delete is sent again, and may undo a later write; where no answer came
// at all, the reason is ErrUnknownOutcome.
//
// Errors: *BatchError.
func (t *Table[T]) BatchDelete(ctx context.Context, keys []PrimaryKey) error {
	return orZero(t).batchDelete(ctx, keys)
}

func (t *table) batchDelete(ctx context.Context, keys []PrimaryKey) error {
	if err := t.checkWrite(ctx); err != nil {
		return newCallError("BatchDelete", t.name, err)
	}
	b := t.newBatchWrite("BatchDelete", "key")
	for i, key := range keys {
		encoded, err := t.schema.encodeWriteKey(key)
		if err != nil {
			return b.newEntryError(i, newCallError(b.op, b.table, err))
		}
		plan := planOptions{op: b.op, schema: t.schema, publicKey: key}.planDelete(encoded)
		w := &batchedWrite{positions: []int{i}, plan: &plan}
		if twin := b.add(w); twin != nil {
			twin.positions = append(twin.positions, i)
		}
	}
	_ = b.run(ctx) // noted beside the writes
	return b.outcome(b.writes)
}
