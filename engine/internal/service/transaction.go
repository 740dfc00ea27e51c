package service

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// lockAll locks tables, each once and in the order of their names, so that two transactions never
// wait for each other. It removes expired items from them. The function that it returns unlocks the
// tables. If one of them was deleted after it was looked up, lockAll returns
// ResourceNotFoundException.
func (s *Service) lockAll(entries []*tableEntry) (unlock func(), err error) {
	tables := inOrder(entries)
	for _, entry := range tables {
		entry.mu.Lock()
	}
	unlock = func() {
		for _, entry := range tables {
			entry.mu.Unlock()
		}
	}
	now := s.options.Now()
	for _, entry := range tables {
		if err := entry.refuseDeleted(); err != nil {
			unlock()
			return nil, err
		}
		entry.expire(now)
	}
	return unlock, nil
}

// inOrder returns tables, each once, in the order of their names. If a table was deleted and
// created again since the request began, both are in the list, the older one first.
func inOrder(entries []*tableEntry) []*tableEntry {
	var tables []*tableEntry
	for _, entry := range entries {
		if !slices.Contains(tables, entry) {
			tables = append(tables, entry)
		}
	}
	slices.SortStableFunc(tables, func(a, b *tableEntry) int {
		return strings.Compare(a.name, b.name)
	})
	return tables
}

// cancelled returns the TransactionCanceledException for the refusals of a transaction's items, in
// the order of the items, or nil if there is no refusal.
func cancelled(refusals []error) error {
	reasons := make([]protocol.Reason, len(refusals))
	any := false
	for i, err := range refusals {
		reasons[i] = reasonOf(err)
		any = any || err != nil
	}
	if !any {
		return nil
	}
	return protocol.Canceled(reasons)
}

// reasonCodes maps the exceptions of single operations to the codes of reasons.
var reasonCodes = map[string]string{
	"ConditionalCheckFailedException":          "ConditionalCheckFailed",
	"TransactionConflictException":             "TransactionConflict",
	"ProvisionedThroughputExceededException":   "ProvisionedThroughputExceeded",
	"ThrottlingException":                      "ThrottlingError",
	"ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
}

// reasonOf returns the reason why an item of a transaction was refused.
func reasonOf(err error) protocol.Reason {
	if err == nil {
		return protocol.Reason{Code: "None"}
	}
	refusal := &protocol.Error{Message: err.Error()}
	errors.As(err, &refusal)
	code, known := reasonCodes[refusal.Code]
	if !known {
		code = "ValidationError"
	}
	return protocol.Reason{Code: code, Message: refusal.Message, Item: refusal.Item}
}

// checkTransactItems checks the number of items in a transaction. echo returns them as the service
// repeats them.
func checkTransactItems(given bool, n int, echo func() string) error {
	const lengthOf = "Value '%s' at 'transactItems' failed to satisfy constraint: " +
		"Member must have length "
	switch {
	case !given:
		return refuseConstraints([]string{notNull("transactItems")})
	case n == 0:
		return protocol.Enveloped(lengthOf+"greater than or equal to 1", "[]")
	case n > maxTransaction:
		return protocol.Enveloped(lengthOf+"less than or equal to 100", echo())
	}
	return nil
}

// errTransactionConflict returns the error of a request that meets a transaction on the same item.
func errTransactionConflict() error {
	return &protocol.Error{
		Code: "TransactionConflictException", Message: "Transaction is ongoing for the item",
	}
}

// transactUnits are the units of a transaction by table, in the order of the tables' names.
type transactUnits struct{ tables map[string]*units }

func newTransactUnits() transactUnits { return transactUnits{map[string]*units{}} }

// of returns the units of a table.
func (t transactUnits) of(table string) *units {
	if t.tables[table] == nil {
		t.tables[table] = &units{}
	}
	return t.tables[table]
}

// put writes the ConsumedCapacity of each table if the request asks for it.
func (t transactUnits) put(out *protocol.Writer, mode *string, a axis) {
	if !wantsCapacity(mode) {
		return
	}
	out.Key("ConsumedCapacity")
	out.Array()
	for _, name := range slices.Sorted(maps.Keys(t.tables)) {
		writeCapacity(out, *mode, name, t.tables[name], a)
	}
	out.End()
}
