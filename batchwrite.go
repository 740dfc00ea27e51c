package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/shown"
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

// batchWrite sends the puts and deletes of one batch, and records the outcome of each.
type batchWrite struct {
	mapper    *Mapper
	op, table string // table is "" if the batch has several tables
	parts     []*tableWrites
	listed    bool // errors name the part of an entry
	lastWins  bool // of several writes of a key the last one is sent
	writes    []*batchedWrite
	news      []*batchedWrite           // those that take a new id, in their order
	byKey     map[itemID]*batchedWrite  // the writes by their keys
	seen      map[anyItem]*batchedWrite // the puts by their items; nil: their keys tell

	mu      sync.Mutex
	reasons []error // why whole requests failed
}

// batchEntry is the position of an item or a key in what the caller has given.
type batchEntry struct{ part, position int }

// batchedWrite is one write of a batch. Its plan is the plan of a single request.
type batchedWrite struct {
	table   *table
	entries []batchEntry // those of its key; the first one is that of the plan
	plan    *writePlan   // nil if the item takes a new id
	size    int          // of an item's wire JSON
	saving  *saving      // of a put of item
	item    anyItem
	newSave *newSave // of an item that takes a new id
	index   int      // in the writes of the batch
	dropped bool     // a later write of the key is sent in its place
	written bool
	err     error // of this write alone
}

// sendAll sends all writes. It returns an error if it did not begin some of them because others
// failed.
func (b *batchWrite) sendAll(ctx context.Context) error {
	parts := splitBatch(b.writes)
	return parallel.Run(ctx, len(parts), batchRequests, func(going context.Context, i int) error {
		return b.send(ctx, going, parts[i])
	})
}

// splitBatch splits the writes into parts of one request each. Tables of one name in several
// accounts are in different requests, because the service may call a table by its name alone.
func splitBatch(writes []*batchedWrite) [][]*batchedWrite {
	var parts [][]*batchedWrite
	start, size := 0, 0
	given := map[string]string{} // how a table of this name is given
	for i, w := range writes {
		bare := bareName(w.table.name)
		isOther := given[bare] != "" && given[bare] != w.table.name
		if i-start == maxBatchWrite || (size+w.size > maxBatchBytes || isOther) && i > start {
			parts = append(parts, writes[start:i])
			start, size = i, 0
			clear(given)
		}
		given[bare] = w.table.name
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
	row := b.mapper.newTries(b.op, tableOfPart(part))
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
			return b.interrupted(ctx, b.mapper.explain(b.op, w.table.name, err))
		}
		_, w.err = b.mapper.write(ctx, w.table.name, w.plan)
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
	table := tableOfPart(part)
	call := writeCall{table: table}
	c := b.mapper.begin("BatchWriteItem", table)
	c.count(&call.counter)
	written := 0
	defer func() { c.end(ctx, written, err) }()
	capacity := b.mapper.capacity()
	out, err := send(ctx, b.mapper, request[dynamodb.BatchWriteItemInput]{
		operation: pipeline.BatchWriteItem,
		input: func() *dynamodb.BatchWriteItemInput {
			return makeBatchInput(part, capacity)
		},
		body: func() ([]byte, error) { return batchBody(part, capacity) },
	}, Client.BatchWriteItem, &call)
	if err != nil {
		lost := call.isLost(err)
		err = b.mapper.explainTries(ctx, b.op, table, err, &call.counter)
		err = nameTables(b.op, part, err)
		if lost {
			err = newBatchDoubt(&call, b.op, err)
		}
		return nil, err
	}
	for i := range out.ConsumedCapacity {
		c.consumed(false, &out.ConsumedCapacity[i])
	}
	unprocessed, err = b.unprocessed(part, out.UnprocessedItems)
	if err == nil {
		written = len(part) - len(unprocessed)
	}
	return unprocessed, err
}

// newBatchDoubt makes the error of a request of a batch whose response was lost.
func newBatchDoubt(call *writeCall, op string, err error) error {
	doubt := call.newDoubt(op, PrimaryKey{}, err).(*UnknownOutcomeError)
	if doubt.Table == "" && doubt.problem == "" {
		doubt.problem = "the response was lost, and each write of the request was applied or " +
			"not, or still may be; read what they write and decide"
	}
	return doubt
}

// nameTables adds the names of the tables to the error of a request that has several.
func nameTables(op string, part []*batchedWrite, err error) error {
	if tableOfPart(part) != "" {
		return err
	}
	var names []string
	for _, writes := range byTable(part) {
		names = append(names, strconv.Quote(writes[0].table.name))
	}
	return shown.Errorf(err, "%sa request to the tables %s: %s", prefixOf(op, ""),
		shown.Join(names, ", "), textWithin(err, op, ""))
}

// tableOfPart returns the name of the table of a request, or "" if it has several.
func tableOfPart(part []*batchedWrite) string {
	name := part[0].table.name
	if slices.ContainsFunc(part, func(w *batchedWrite) bool { return w.table.name != name }) {
		return ""
	}
	return name
}

// byTable returns the writes of a request by their tables, in the order of the tables' names.
func byTable(part []*batchedWrite) [][]*batchedWrite {
	if len(part) == 0 {
		return nil
	}
	if tableOfPart(part) != "" {
		return [][]*batchedWrite{part}
	}
	sorted := slices.Clone(part)
	slices.SortStableFunc(sorted, func(a, b *batchedWrite) int {
		return strings.Compare(a.table.name, b.table.name)
	})
	var tables [][]*batchedWrite
	start := 0
	for i := range sorted {
		if i+1 == len(sorted) || sorted[i+1].table.name != sorted[i].table.name {
			tables, start = append(tables, sorted[start:i+1]), i+1
		}
	}
	return tables
}

func makeBatchInput(
	part []*batchedWrite, capacity types.ReturnConsumedCapacity,
) *dynamodb.BatchWriteItemInput {
	requests := map[string][]types.WriteRequest{}
	for _, writes := range byTable(part) {
		requests[writes[0].table.name] = makeWriteRequests(writes)
	}
	return &dynamodb.BatchWriteItemInput{RequestItems: requests, ReturnConsumedCapacity: capacity}
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
	part []*batchedWrite, requests map[string][]types.WriteRequest,
) ([]*batchedWrite, error) {
	left := map[*batchedWrite]bool{}
	for table, some := range requests {
		for _, request := range some {
			w := b.writeOf(part, table, request)
			if w == nil {
				return nil, newCallError(b.op, tableOfPart(part), errors.New(
					"the service returned an unprocessed item that is not in the batch, so the "+
						"outcome of the batch is unknown"))
			}
			left[w] = true
		}
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

// writeOf returns the write of a request that the service has returned, or nil.
func (b *batchWrite) writeOf(
	part []*batchedWrite, table string, request types.WriteRequest,
) *batchedWrite {
	i := slices.IndexFunc(part, func(w *batchedWrite) bool {
		// The service may call the table by its name, although the request has its ARN.
		return bareName(w.table.name) == bareName(table)
	})
	if i < 0 {
		return nil
	}
	var key map[string]types.AttributeValue
	switch {
	case request.PutRequest != nil:
		key = request.PutRequest.Item
	case request.DeleteRequest != nil:
		key = request.DeleteRequest.Key
	}
	id, err := part[i].table.schema.identityOfAttributes(key)
	if err != nil {
		return nil
	}
	return b.byKey[itemID{part[i].table.name, id}]
}

// outcome returns a *BatchError with the positions of the unwritten entries and the reasons, or nil
// if all were written.
func (b *batchWrite) outcome() error {
	parts := make([][]int, len(b.parts))
	var reasons []error
	complete := true
	for _, writes := range [][]*batchedWrite{b.writes, b.news} {
		for _, w := range writes {
			if w.written {
				continue
			}
			complete = false
			for _, e := range w.entries {
				parts[e.part] = append(parts[e.part], e.position)
			}
			if w.err != nil {
				reasons = append(reasons, b.newEntryError(w.entries[0], w.err))
			}
		}
	}
	if complete {
		return nil
	}
	for _, positions := range parts {
		slices.Sort(positions)
	}
	err := &BatchError{Op: b.op, Table: b.table, Err: joinReasons(append(reasons, b.reasons...))}
	if b.listed {
		err.Parts = parts
	} else {
		err.Unprocessed = parts[0]
	}
	return err
}

// newEntryError makes the error of an entry.
func (b *batchWrite) newEntryError(e batchEntry, err error) error {
	return &entryError{op: b.op, table: b.parts[e.part].table.name, entry: b.nameOf(e), err: err}
}

// nameOf returns the name of an entry for errors, such as "item 3".
func (b *batchWrite) nameOf(e batchEntry) string {
	name := fmt.Sprintf("%s %d", b.parts[e.part].noun(), e.position)
	if b.listed {
		return fmt.Sprintf("part %d, %s", e.part, name)
	}
	return name
}
