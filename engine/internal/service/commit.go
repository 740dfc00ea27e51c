package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/stream"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// writeOne stages and commits one edit on its own.
func (s *Service) writeOne(ctx context.Context, tableName string, e *edit) (*staged, error) {
	entry, err := s.open(ctx, tableName)
	if err != nil {
		return nil, err
	}
	if s.meets(transactItem{entry, e.target}) {
		return nil, errTransactionConflict()
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if err := entry.refuseDeleted(); err != nil {
		return nil, err
	}
	now := s.options.Now()
	entry.expire(now)
	st, err := e.stage(entry)
	if err != nil {
		return nil, err
	}
	if err := s.throttle(entry, 0, st.cost()); err != nil {
		return nil, err
	}
	s.commit(st, now)
	return st, nil
}

// cost returns the units that the write consumes of the table.
func (st *staged) cost() float64 {
	return writeUnits(max(size(st.old), value.ItemSize(st.now)))
}

// commit applies a staged edit. The caller holds the table's lock.
func (s *Service) commit(st *staged, now time.Time) {
	switch {
	case st.kind == checkEdit:
		st.wrote = table.Write{Old: st.old}
		return
	case st.now == nil && st.old == nil:
		return // there was nothing to delete
	}
	s.remember(st.entry, now)
	if st.now == nil {
		st.wrote = st.entry.table.Delete(st.key)
	} else {
		st.wrote = st.entry.table.Put(st.key, st.now)
	}
	st.entry.record(now, st.item(), st.now, false)
}

// record adds a change to the table's stream, if it has one that is on.
func (e *tableEntry) record(now time.Time, before, after value.Map, expired bool) {
	if e.log == nil {
		return
	}
	of := after
	if of == nil {
		of = before
	}
	e.log.Append(stream.Change{
		At: now, Keys: keyOf(of, e.table.Keys()), Old: before, New: after, Expired: expired,
	})
}

// expire deletes the items whose time to live has passed. The caller holds the table's lock.
func (e *tableEntry) expire(now time.Time) {
	if !e.table.HasExpired(now) {
		return
	}
	for _, key := range e.table.Expired(now) {
		old := e.table.Delete(key).Old
		e.record(now, old.Item, nil, true)
	}
}
