package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
)

// open returns a table whose items can be read and written, in its state after the wait for a slow
// table. It returns ResourceNotFoundException if the table does not exist or is being created.
func (s *Service) open(ctx context.Context, nameOrARN string) (*tableEntry, error) {
	if err := s.wait(ctx, tableName(nameOrARN)); err != nil {
		return nil, err
	}
	return s.lookup(nameOrARN)
}

// opener opens the tables of a request that names them repeatedly. It opens each once, so that a
// request waits once for a slow table.
type opener struct {
	service *Service
	tables  map[string]*tableEntry
}

func (s *Service) opener() opener { return opener{s, map[string]*tableEntry{}} }

// open is Service.open for a table that the request may name again.
func (o opener) open(ctx context.Context, nameOrARN string) (*tableEntry, error) {
	if known := o.tables[tableName(nameOrARN)]; known != nil {
		return known, nil
	}
	entry, err := o.service.open(ctx, nameOrARN)
	if err == nil {
		o.tables[entry.name] = entry
	}
	return entry, err
}

// version is the state of a table before a write.
type version struct {
	until time.Time // the time of the write
	view  *table.View
}

// maxLag is the greatest number of writes that a read may lag behind by chance.
const maxLag = 3

// remember keeps the state of the table before a write if reads may be stale. The caller holds the
// table's lock.
func (s *Service) remember(entry *tableEntry, now time.Time) {
	if s.options.StaleReads == 0 && !s.chance.on {
		return
	}
	keep := entry.versions[:0]
	for i, v := range entry.versions {
		young := s.options.StaleReads > 0 && v.until.After(now.Add(-s.options.StaleReads))
		if young || s.chance.on && i >= len(entry.versions)-maxLag {
			keep = append(keep, v)
		}
	}
	entry.versions = append(keep, version{now, entry.table.Snapshot()})
}

// view returns the table's items as a read sees them, and a function that the caller must call when
// it has read them. Items whose time to live has passed are removed.
func (s *Service) view(entry *tableEntry, consistent bool) (*table.View, func()) {
	now := s.options.Now()
	entry.mu.RLock()
	if entry.table.HasExpired(now) {
		entry.mu.RUnlock()
		entry.mu.Lock()
		entry.expire(now)
		entry.mu.Unlock()
		entry.mu.RLock()
	}
	if !consistent {
		if old := s.stale(entry, now); old != nil {
			return old, entry.mu.RUnlock
		}
	}
	return &entry.table.View, entry.mu.RUnlock
}

// stale returns an earlier state of the table, or nil for the present one. The age that the caller
// has set takes precedence over chance.
func (s *Service) stale(entry *tableEntry, now time.Time) *table.View {
	n := len(entry.versions)
	if n == 0 {
		return nil
	}
	if s.chance.on && s.options.StaleReads == 0 {
		if lag := s.chance.intn(min(n, maxLag) + 1); lag > 0 {
			return entry.versions[n-lag].view
		}
		return nil
	}
	then := now.Add(-s.options.StaleReads)
	for _, v := range entry.versions {
		if v.until.After(then) {
			return v.view
		}
	}
	return nil
}

// index returns an index of the view for a Query or a Scan. It returns the service's refusal if the
// table has none of that name, or only a vector index.
func index(view *table.View, name, operation string) (*table.Index, error) {
	if found := view.Index(name); found != nil {
		return found, nil
	}
	if view.Vector(name) != nil {
		return nil, protocol.Validation("%s operation not supported on this index type.",
			operation)
	}
	return nil, noIndexInTable(name)
}

func noIndexInTable(name string) error {
	return protocol.Validation("The table does not have the specified index: %s", name)
}
