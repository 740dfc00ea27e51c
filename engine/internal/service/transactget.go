package service

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
)

const maxTransaction = 100

// transactRead is a Get of a transaction.
type transactRead struct {
	get     *protocol.Get
	project projection
	entry   *tableEntry
	record  *table.Record
}

// transactGetItems answers TransactGetItems.
func transactGetItems(
	s *Service, ctx context.Context, in *protocol.TransactGetItemsInput, out *protocol.Writer,
) error {
	reads, err := planTransactGet(in)
	if err != nil {
		return refuse(err)
	}
	if err := s.openReads(ctx, reads); err != nil {
		return refuse(err)
	}
	if err := s.readTogether(reads); err != nil {
		return refuse(err)
	}
	out.Object()
	out.Key("Responses")
	out.Array()
	for _, r := range reads {
		s.writeTransactRead(out, r)
	}
	out.End()
	consumed := newTransactUnits()
	for _, r := range reads {
		consumed.of(r.entry.name).table += 2 * readUnits(size(r.record), true)
	}
	consumed.put(out, in.ReturnConsumedCapacity, readAxis)
	out.End()
	return nil
}

// planTransactGet checks the request in the service's order.
func planTransactGet(in *protocol.TransactGetItemsInput) ([]*transactRead, error) {
	if err := checkTransactGet(in); err != nil {
		return nil, err
	}
	reads := make([]*transactRead, len(in.TransactItems))
	for i, item := range in.TransactItems {
		reads[i] = &transactRead{get: item.Get}
	}
	for _, r := range reads {
		if err := emptyNames(nil, r.get.ExpressionAttributeNames, r.get.Key); err != nil {
			return nil, err
		}
	}
	for _, r := range reads {
		if err := itemProblem(r.get.Key); err != nil {
			return nil, err
		}
	}
	for _, r := range reads {
		p := parameters{names: r.get.ExpressionAttributeNames}
		p.expressions = present(p.expressions,
			r.get.ProjectionExpression != nil, "ProjectionExpression")
		if err := p.check(); err != nil {
			return nil, err
		}
		project, err := planProjection(r.get.ProjectionExpression, nil, &p)
		if err != nil {
			return nil, err
		}
		r.project = project
	}
	return reads, nil
}

// checkTransactGet checks the members of the request against the service's model.
func checkTransactGet(in *protocol.TransactGetItemsInput) error {
	echo := func() string { return transactGetEcho(in) }
	if err := checkTransactItems(in.TransactItems != nil, len(in.TransactItems), echo); err != nil {
		return err
	}
	var broken []string
	for i, item := range in.TransactItems {
		broken = append(broken,
			missingMember(item.Get == nil, fmt.Sprintf("transactItems.%d.member.get", i+1))...)
	}
	broken = append(broken, badCapacity(in.ReturnConsumedCapacity)...)
	for i, item := range in.TransactItems {
		if item.Get == nil {
			continue
		}
		path := fmt.Sprintf("transactItems.%d.member.get.", i+1)
		broken = append(broken, missingMember(item.Get.Key == nil, path+"key")...)
		broken = append(broken, memberTableName(item.Get.TableName, path+"tableName")...)
	}
	return refuseConstraints(broken)
}

// missingMember returns the broken constraint of a required member.
func missingMember(missing bool, path string) []string {
	if missing {
		return []string{notNull(path)}
	}
	return nil
}

// memberTableName returns the constraints that a table name in a list breaks.
func memberTableName(name *string, path string) []string {
	if name == nil {
		return []string{notNull(path)}
	}
	return tableNameProblems(*name, path)
}

// openReads finds the tables and checks the keys. A fault of a key is the reason of its item.
func (s *Service) openReads(ctx context.Context, reads []*transactRead) error {
	reasons, tables := make([]error, len(reads)), s.opener()
	for i, r := range reads {
		entry, err := tables.open(ctx, *r.get.TableName)
		if err != nil {
			return err
		}
		r.entry = entry
		reasons[i] = checkKey(r.get.Key.Attributes, entry.table.Keys())
	}
	if err := cancelled(reasons); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, r := range reads {
		key, _ := r.entry.table.Keys().Key(r.get.Key.Attributes)
		id := r.entry.name + "/" + key
		if seen[id] {
			return protocol.Validation(
				"Transaction request cannot include multiple operations on one item")
		}
		seen[id] = true
	}
	return nil
}

// readTogether reads all items at one moment.
func (s *Service) readTogether(reads []*transactRead) error {
	entries, items := make([]*tableEntry, len(reads)), make([]transactItem, len(reads))
	for i, r := range reads {
		entries[i], items[i] = r.entry, transactItem{r.entry, r.get.Key.Attributes}
	}
	end, err := s.begin(items)
	if err != nil {
		return err
	}
	defer end()
	unlock, err := s.lockAll(entries)
	if err != nil {
		return err
	}
	defer unlock()
	total := 0
	for i, r := range reads {
		r.record = r.entry.table.Get(items[i].key())
		total += size(r.record)
	}
	if total > maxTransactionBytes {
		return errTransactionSize()
	}
	reasons := make([]error, len(reads))
	for i, r := range reads {
		reasons[i] = s.throttle(r.entry, 2*readUnits(size(r.record), true), 0)
	}
	return cancelled(reasons)
}

// writeTransactRead writes the response to one Get. If the projection selects nothing, the item
// counts as absent.
func (s *Service) writeTransactRead(out *protocol.Writer, r *transactRead) {
	out.Object()
	if r.record != nil {
		if part := r.project(r.record.Item); len(part) > 0 {
			out.Key("Item")
			s.writeItem(out, part)
		}
	}
	out.End()
}
