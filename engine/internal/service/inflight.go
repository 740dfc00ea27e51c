package service

import (
	"sync"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// inFlight holds the items of a table that transactions work on or wait for. It is used only with a
// seed: a request on such an item may then be refused, as by the service. Without a seed the
// request waits for the transaction.
type inFlight struct {
	mu   sync.Mutex
	keys map[string]int
}

// add adds n to the number of transactions on an item.
func (f *inFlight) add(key string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys == nil {
		f.keys = map[string]int{}
	}
	if f.keys[key] += n; f.keys[key] == 0 {
		delete(f.keys, key)
	}
}

// has reports whether a transaction works on an item.
func (f *inFlight) has(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keys[key] > 0
}

// meets reports whether a request on an item is refused because of a transaction on the item.
func (s *Service) meets(item transactItem) bool {
	return s.takeConflict(item.entry.name) ||
		s.chance.on && item.entry.inFlight.has(item.key()) && s.chance.oneIn(2)
}

// transactItem identifies an item that a request reads or writes by its table and by its
// attributes, at least those of the key.
type transactItem struct {
	entry *tableEntry
	item  value.Map
}

// key returns the item's key, or "" if the item has none.
func (i transactItem) key() string {
	key, _ := i.entry.table.Keys().Key(i.item)
	return key
}

// begin marks the items of a transaction as in flight until the caller calls end. It returns
// TransactionCanceledException if the transaction meets another one.
func (s *Service) begin(items []transactItem) (end func(), err error) {
	refusals := make([]error, len(items))
	for i, item := range items {
		if s.meets(item) {
			refusals[i] = errTransactionConflict()
		}
	}
	if err := cancelled(refusals); err != nil {
		return nil, err
	}
	if !s.chance.on {
		return func() {}, nil
	}
	for _, item := range items {
		item.entry.inFlight.add(item.key(), 1)
	}
	return func() {
		for _, item := range items {
			item.entry.inFlight.add(item.key(), -1)
		}
	}, nil
}
