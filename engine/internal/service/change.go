package service

import (
	"slices"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
)

// changeKind is a kind of change to a table.
type changeKind uint8

const (
	creation changeKind = iota
	deletion
	throughputChange // of the table: billing mode or provisioned units
	streamChange
	classChange
	indexAllocation // a new index gets its resources
	indexBackfill   // a new index is filled
	indexDeletion
	indexChange // of an index's throughput
	encryptionChange
	maximumChange
	warmChange
	expiryChange // of time to live
)

// updates reports whether a table with such a change is UPDATING.
func (k changeKind) updates() bool {
	switch k {
	case throughputChange, streamChange, classChange, indexAllocation, indexDeletion:
		return true
	}
	return false
}

// ofIndex reports whether a kind concerns an index.
func (k changeKind) ofIndex() bool {
	switch k {
	case indexAllocation, indexBackfill, indexDeletion, indexChange:
		return true
	}
	return false
}

// change is a change that a table operation has started and that takes time. No goroutine waits for
// it: the next request to the table completes it if it is due.
type change struct {
	kind  changeKind
	index string // the index's name, for the kinds that concern one
	due   time.Time
	done  func() // what to do when the change is due; nil: nothing
}

// begin starts a change. The caller holds the table's lock.
func (e *tableEntry) begin(c change) {
	e.changes = append(e.changes, c)
	e.changing.Store(true)
}

// settle completes the changes that are due. The caller holds the table's lock.
func (e *tableEntry) settle(now time.Time) {
	left := e.changes[:0]
	for _, c := range e.changes {
		switch {
		case now.Before(c.due):
			left = append(left, c)
		case c.done != nil:
			c.done()
		}
	}
	clear(e.changes[len(left):])
	e.changes = left
	e.changing.Store(len(left) > 0)
}

// has reports whether a change of one of the kinds is in progress.
func (e *tableEntry) has(kinds ...changeKind) bool {
	return slices.ContainsFunc(e.changes, func(c change) bool {
		return slices.Contains(kinds, c.kind)
	})
}

// status returns the table's TableStatus. The caller holds the table's lock.
func (e *tableEntry) status() string {
	switch {
	case e.has(deletion) || e.description.gone:
		return "DELETING"
	case e.has(creation):
		return "CREATING"
	case slices.ContainsFunc(e.changes, func(c change) bool { return c.kind.updates() }):
		return "UPDATING"
	}
	return "ACTIVE"
}

// indexStatus returns the IndexStatus of a global index.
func (e *tableEntry) indexStatus(name string) string {
	if e.has(creation) {
		return "CREATING"
	}
	status := "ACTIVE"
	for _, c := range e.changes {
		if c.index != name {
			continue
		}
		switch c.kind {
		case indexDeletion:
			return "DELETING"
		case indexAllocation, indexBackfill:
			status = "CREATING"
		case indexChange:
			status = "UPDATING"
		}
	}
	return status
}

// changesIndex reports whether a change of a kind is in progress for an index.
func (e *tableEntry) changesIndex(kind changeKind, name string) bool {
	return slices.ContainsFunc(e.changes, func(c change) bool {
		return c.kind == kind && c.index == name
	})
}

// usable reports whether items can be read from and written to a table: after its creation, until
// its deletion starts.
func (e *tableEntry) usable() bool {
	if !e.changing.Load() {
		return true
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return !e.has(creation, deletion)
}

// refuseDeleted refuses to write to a table that was deleted after it was looked up. Such a write
// would be lost, and a transaction would be applied only to its other tables. The caller holds the
// table's lock.
func (e *tableEntry) refuseDeleted() error {
	if e.description.gone || e.has(deletion) {
		return errNoTable()
	}
	return nil
}

// refuseBackfill refuses to read an index that is not filled yet. The caller holds the table's
// lock. index may be nil.
func (s *Service) refuseBackfill(entry *tableEntry, index *table.Index) error {
	if index == nil || !entry.changing.Load() || !entry.changesIndex(indexBackfill, index.Name) {
		return nil
	}
	return protocol.Validation(
		"Cannot read from backfilling global secondary index: %s", index.Name)
}

// refuseVectorBackfill refuses to search a vector index that is not filled yet. The caller holds
// the table's lock.
func (s *Service) refuseVectorBackfill(entry *tableEntry, index string) error {
	if !entry.changing.Load() || !entry.changesIndex(indexBackfill, index) {
		return nil
	}
	return protocol.Validation("Cannot search backfilling vector index: %s", index)
}

// refuseUnready refuses to change a table that is being created or deleted.
func (e *tableEntry) refuseUnready() error {
	switch {
	case e.has(deletion):
		return inUse("Table is being deleted: " + e.name)
	case e.has(creation):
		return inUse("Table is being created: " + e.name)
	}
	return nil
}
