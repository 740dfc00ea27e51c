package service

import (
	"context"
	"errors"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const maxTransactionBytes = 4 << 20

// transactEdit is an edit of a transaction.
type transactEdit struct {
	*edit
	table string
	entry *tableEntry
}

// transactWriteItems answers TransactWriteItems.
func transactWriteItems(
	s *Service, ctx context.Context, in *protocol.TransactWriteItemsInput, out *protocol.Writer,
) error {
	edits, err := planTransactWrite(in)
	if err != nil {
		return refuse(err)
	}
	if err := s.waitForAll(ctx, edits); err != nil {
		return err
	}
	once, err := s.tokens.claim(s.options.Now(), in)
	if err != nil {
		return err
	}
	defer once.done()
	if once.finished {
		once.replay(out, in.ReturnConsumedCapacity)
		return nil
	}
	if err := s.openEdits(edits); err != nil {
		return refuse(err)
	}
	stages, err := s.commitTogether(edits)
	if err != nil {
		return refuse(err)
	}
	once.remember(s.options.Now(), stages)
	writeTransaction(out, in, stages)
	return nil
}

// waitForAll waits for the slow ones among the tables, each once. It does so before the token is
// claimed: a request that waits for its token waits on a mutex, and meanwhile the clock of a
// testing/synctest bubble does not advance.
func (s *Service) waitForAll(ctx context.Context, edits []*transactEdit) error {
	if !s.faults.any.Load() {
		return nil
	}
	waited := map[string]bool{}
	for _, e := range edits {
		name := tableName(e.table)
		if waited[name] {
			continue
		}
		waited[name] = true
		if err := s.wait(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// openEdits finds the tables, and refuses two edits of one item.
func (s *Service) openEdits(edits []*transactEdit) error {
	seen := map[string]bool{}
	for _, e := range edits {
		entry, err := s.lookup(e.table)
		if err != nil {
			return err
		}
		e.entry = entry
		key, ok := entry.table.Keys().Key(e.target)
		id := entry.name + "/" + key
		if ok && seen[id] {
			return protocol.Validation(
				"Transaction request cannot include multiple operations on one item")
		}
		seen[id] = ok
	}
	total := 0
	for _, e := range edits {
		total += value.ItemSize(e.target)
	}
	if total > maxTransactionBytes {
		return errTransactionSize()
	}
	return nil
}

// errTransactionSize returns the error of a transaction that is too large.
func errTransactionSize() error {
	return protocol.Validation("Collection size of items exceeded, which can also be caused " +
		"by the aggregate size of the items in the transaction exceeding the 4MB limit")
}

// commitTogether stages all edits, and commits them if none is refused. An empty key value refuses
// the whole transaction; any other fault is the reason of its item.
func (s *Service) commitTogether(edits []*transactEdit) ([]*staged, error) {
	entries, items := make([]*tableEntry, len(edits)), make([]transactItem, len(edits))
	for i, e := range edits {
		entries[i], items[i] = e.entry, transactItem{e.entry, e.target}
	}
	end, err := s.begin(items)
	if err != nil {
		return nil, err
	}
	defer end()
	unlock, err := s.lockAll(entries)
	if err != nil {
		return nil, err
	}
	defer unlock()
	stages := make([]*staged, len(edits))
	refusals := make([]error, len(edits))
	for i, e := range edits {
		stages[i], refusals[i] = s.stageInTransaction(e)
		var empty emptyKeyError
		if errors.As(refusals[i], &empty) {
			return nil, empty
		}
	}
	if err := cancelled(refusals); err != nil {
		return nil, err
	}
	now := s.options.Now()
	for _, st := range stages {
		s.commit(st, now)
	}
	return stages, nil
}

// stageInTransaction stages one edit.
func (s *Service) stageInTransaction(e *transactEdit) (*staged, error) {
	st, err := e.stage(e.entry)
	if err != nil {
		return nil, err
	}
	return st, s.throttle(e.entry, 0, 2*st.cost())
}

// writeTransaction writes the response to a transaction that was committed.
func writeTransaction(
	out *protocol.Writer, in *protocol.TransactWriteItemsInput, stages []*staged,
) {
	out.Object()
	consumed := newTransactUnits()
	for _, st := range stages {
		consumed.of(st.entry.name).addWrite(st.wrote, 2)
	}
	consumed.put(out, in.ReturnConsumedCapacity, writeAxis)
	if wantsMetrics(in.ReturnItemCollectionMetrics) {
		writtenCollections(stages).put(out)
	}
	out.End()
}

// writtenCollections returns the item collections that a transaction wrote to.
func writtenCollections(stages []*staged) *collections {
	c := &collections{}
	for _, st := range stages {
		if st.kind != checkEdit {
			c.add(st.entry, st.target)
		}
	}
	return c
}
