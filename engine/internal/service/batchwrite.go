package service

import (
	"context"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const maxBatchWrites = 25

// batchEdit is a put or a delete of a batch.
type batchEdit struct {
	*edit
	entry *tableEntry
	table int // the position of the table in the request
	key   string
}

// batchWriteItem answers BatchWriteItem.
func batchWriteItem(
	s *Service, ctx context.Context, in *protocol.BatchWriteItemInput, out *protocol.Writer,
) error {
	if err := planBatchWrite(in); err != nil {
		return refuse(err)
	}
	edits, err := s.batchEdits(ctx, in)
	if err != nil {
		return refuse(err)
	}
	b := batchWrite{s: s, in: in, consumed: make([]units, len(in.RequestItems))}
	for _, e := range edits {
		b.write(e)
	}
	if b.written == nil && b.refused != nil {
		return refuse(b.refused)
	}
	b.respond(out)
	return nil
}

// planBatchWrite checks the request in the service's order.
func planBatchWrite(in *protocol.BatchWriteItemInput) error {
	if err := checkBatchMembers(in); err != nil {
		return err
	}
	for _, request := range in.RequestItems {
		for _, w := range request.Value {
			if hasEmptyName(batchTarget(&w)) {
				return protocol.Validation("Empty attribute name")
			}
		}
	}
	for _, request := range in.RequestItems {
		for _, w := range request.Value {
			if err := checkWriteRequest(&w); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkBatchMembers checks the number of writes and the tables' names.
func checkBatchMembers(in *protocol.BatchWriteItemInput) error {
	if len(in.RequestItems) == 0 {
		return protocol.Validation("The requestItems parameter is required for BatchWriteItem")
	}
	total, empty, named := 0, false, true
	for _, request := range in.RequestItems {
		total += len(request.Value)
		empty = empty || len(request.Value) == 0
		named = named && len(tableNameProblems(request.Key, "")) == 0
	}
	var broken []string
	if total > maxBatchWrites || empty {
		broken = append(broken, fmt.Sprintf("Value '%s' at 'requestItems' failed to satisfy "+
			"constraint: Map value must satisfy constraint: [Member must have length less than "+
			"or equal to 25, Member must have length greater than or equal to 1]",
			batchWriteEcho(in)))
	}
	broken = append(broken, badCapacity(in.ReturnConsumedCapacity)...)
	broken = append(broken, badMetrics(in.ReturnItemCollectionMetrics)...)
	if err := refuseConstraints(broken); err != nil {
		return err
	}
	if !named {
		return protocol.Enveloped("Value '%s' at 'requestItems' failed to satisfy constraint: %s",
			batchWriteEcho(in), tableKeysConstraint)
	}
	return nil
}

// batchTarget returns the item or key of a write, or nil if it has none.
func batchTarget(w *protocol.WriteRequest) *protocol.Item {
	switch {
	case w.PutRequest != nil:
		return w.PutRequest.Item
	case w.DeleteRequest != nil:
		return w.DeleteRequest.Key
	}
	return nil
}

// checkWriteRequest checks a write of the batch as far as the request alone allows.
func checkWriteRequest(w *protocol.WriteRequest) error {
	target := batchTarget(w)
	if target == nil || w.PutRequest != nil && w.DeleteRequest != nil {
		return protocol.Validation("Supplied AttributeValue has more than one datatypes set, " +
			"must contain exactly one of the supported datatypes")
	}
	if err := itemProblem(target); err != nil {
		return err
	}
	if w.PutRequest != nil && value.ItemSize(target.Attributes) > maxItem {
		return protocol.Validation("Item size has exceeded the maximum allowed size")
	}
	return nil
}

// batchEdits makes edits from the writes, and checks their keys against the tables.
func (s *Service) batchEdits(
	ctx context.Context, in *protocol.BatchWriteItemInput,
) ([]*batchEdit, error) {
	var edits []*batchEdit
	type target struct {
		entry *tableEntry
		key   string
	}
	seen := map[target]bool{}
	for i, request := range in.RequestItems {
		entry, err := s.open(ctx, request.Key)
		if err != nil {
			return nil, err
		}
		for j := range request.Value {
			e, err := newBatchEdit(entry, &request.Value[j])
			if err != nil {
				return nil, err
			}
			e.table = i
			if seen[target{entry, e.key}] {
				return nil, protocol.Validation("Provided list of item keys contains duplicates")
			}
			seen[target{entry, e.key}] = true
			edits = append(edits, e)
		}
	}
	return edits, nil
}

// newBatchEdit makes an edit from a write, and checks its keys against the table.
func newBatchEdit(entry *tableEntry, w *protocol.WriteRequest) (*batchEdit, error) {
	e := &edit{kind: deleteEdit, target: batchTarget(w).Attributes, keyCheck: checkKey}
	if w.PutRequest != nil {
		e.kind, e.keyCheck = putEdit, checkBatchItemKey
	}
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	key, err := e.keyIn(entry.table)
	if err != nil {
		return nil, err
	}
	return &batchEdit{edit: e, entry: entry, key: key}, nil
}

// batchWrite is a BatchWriteItem in progress.
type batchWrite struct {
	s           *Service
	in          *protocol.BatchWriteItemInput
	consumed    []units // for each table
	written     []*batchEdit
	unprocessed []*batchEdit
	refused     error // why a write is unprocessed; returned if none was done
}

// write does one write, or leaves it unprocessed.
func (b *batchWrite) write(e *batchEdit) {
	if b.s.takeUnprocessed(e.entry.name) || b.s.meets(transactItem{e.entry, e.target}) ||
		b.s.chance.oneIn(16) {
		b.unprocessed = append(b.unprocessed, e)
		return
	}
	e.entry.mu.Lock()
	defer e.entry.mu.Unlock()
	now := b.s.options.Now()
	st, err := b.stage(e, now)
	if err != nil {
		b.refused = err
		b.unprocessed = append(b.unprocessed, e)
		return
	}
	b.s.commit(st, now)
	b.consumed[e.table].addWrite(st.wrote, 1)
	b.written = append(b.written, e)
}

// stage checks a write against the table. After the checks of planning, only the table's
// throughput, a new index or the table's deletion can refuse the write. The caller holds the
// table's lock.
func (b *batchWrite) stage(e *batchEdit, now time.Time) (*staged, error) {
	if err := e.entry.refuseDeleted(); err != nil {
		return nil, err
	}
	e.entry.expire(now)
	st, err := e.edit.stage(e.entry)
	if err != nil {
		return nil, err
	}
	return st, b.s.throttle(e.entry, 0, st.cost())
}

// respond writes the response.
func (b *batchWrite) respond(out *protocol.Writer) {
	out.Object()
	out.Key("UnprocessedItems")
	out.Object()
	for i, request := range b.in.RequestItems {
		b.writeUnprocessed(out, i, request.Key)
	}
	out.End()
	if wantsMetrics(b.in.ReturnItemCollectionMetrics) {
		b.collections().put(out)
	}
	consumed := make([]batchUnits, len(b.consumed))
	for i, u := range b.consumed {
		consumed[i] = batchUnits{tableName(b.in.RequestItems[i].Key), u}
	}
	putBatchCapacity(out, b.in.ReturnConsumedCapacity, consumed)
	out.End()
}

// writeUnprocessed writes the unprocessed writes to one table, if there are any.
func (b *batchWrite) writeUnprocessed(out *protocol.Writer, table int, name string) {
	open := false
	for _, e := range b.unprocessed {
		if e.table != table {
			continue
		}
		if !open {
			out.Key(name)
			out.Array()
			open = true
		}
		writeWriteRequest(out, e.edit)
	}
	if open {
		out.End()
	}
}

// writeWriteRequest writes a put or a delete in the form of a batch.
func writeWriteRequest(out *protocol.Writer, e *edit) {
	request, member := "DeleteRequest", "Key"
	if e.kind == putEdit {
		request, member = "PutRequest", "Item"
	}
	out.Object()
	out.Key(request)
	out.Object()
	out.Key(member)
	out.Item(e.target)
	out.End()
	out.End()
}

// collections returns the item collections that were written to.
func (b *batchWrite) collections() *collections {
	c := &collections{}
	for _, e := range b.written {
		c.add(e.entry, e.target)
	}
	return c
}
