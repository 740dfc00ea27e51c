package service

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/stream"
	"github.com/dynamapper/dynamapper/engine/internal/table"
)

// catalog holds the tables by name, and the streams. Its lock guards only the maps; each entry has
// its own lock, which must be taken before the catalog's.
type catalog struct {
	mu      *sync.RWMutex
	tables  map[string]*tableEntry
	streams map[string]*streamEntry // by ARN
}

func newCatalog() catalog {
	return catalog{
		mu:      &sync.RWMutex{},
		tables:  map[string]*tableEntry{},
		streams: map[string]*streamEntry{},
	}
}

// streamEntry is a stream. It stays after the stream is switched off and after its table is
// deleted.
type streamEntry struct {
	table string // the table's name
	keys  []keyElement
	label string
	log   *stream.Log
}

// tableEntry is a table and everything that belongs to it. Its lock guards all fields.
type tableEntry struct {
	mu sync.RWMutex

	name        string
	table       *table.Table
	description tableDescription
	log         *stream.Log // nil if no stream is switched on
	versions    []version   // the table before its last writes, if reads may be stale
	changes     []change    // pending changes, in the order of the requests

	changing atomic.Bool // whether there are changes; needs no lock
	inFlight inFlight    // needs no lock
}

// lookup returns a table by its name or ARN, for reading and writing items. It returns
// ResourceNotFoundException if there is none, or if it is still being created or deleted.
func (s *Service) lookup(nameOrARN string) (*tableEntry, error) {
	if isARN(nameOrARN) {
		if err := checkARN(nameOrARN); err != nil {
			return nil, err
		}
	}
	entry := s.find(tableName(nameOrARN))
	if entry == nil || !entry.usable() {
		return nil, errNoTable()
	}
	return entry, nil
}

// errNoTable returns the error of reading or writing items of a table that does not exist.
func errNoTable() error {
	return &protocol.Error{
		Code: "ResourceNotFoundException", Message: "Requested resource not found",
	}
}

// find returns a table in its present state, or nil if there is none of the name.
func (s *Service) find(name string) *tableEntry {
	s.catalog.mu.RLock()
	entry := s.catalog.tables[name]
	s.catalog.mu.RUnlock()
	if entry == nil || !entry.changing.Load() {
		return entry
	}
	entry.mu.Lock()
	entry.settle(s.options.Now())
	gone := entry.description.gone
	entry.mu.Unlock()
	if gone {
		s.catalog.remove(entry)
		return nil
	}
	return entry
}

// lock returns a table in its present state, locked, and the time. lock first removes expired
// items, so that a stream that is then switched off has their records. It returns
// ResourceNotFoundException if there is no table of the name.
func (s *Service) lock(name string) (*tableEntry, time.Time, error) {
	entry := s.find(name)
	if entry == nil {
		return nil, time.Time{}, tableNotFound(name)
	}
	entry.mu.Lock()
	now := s.options.Now()
	entry.settle(now)
	if entry.description.gone { // deleted after it was found
		entry.mu.Unlock()
		return nil, now, tableNotFound(name)
	}
	entry.expire(now)
	return entry, now, nil
}

// add adds a new table, unless there is one of the name, and reports whether it did.
func (c *catalog) add(entry *tableEntry) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, found := c.tables[entry.name]; found {
		return false
	}
	c.tables[entry.name] = entry
	return true
}

// remove removes a table, unless another one has its name now.
func (c *catalog) remove(entry *tableEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tables[entry.name] == entry {
		delete(c.tables, entry.name)
	}
}

// names returns the names of all tables, in no order.
func (c *catalog) names() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Collect(maps.Keys(c.tables))
}
