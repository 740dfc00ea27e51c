package service

import (
	"context"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// reading is a page of a table or an index for a Query or Scan to read.
type reading struct {
	name     string // the table's name
	view     *table.View
	index    *table.Index // nil: the table
	span     table.Span
	backward bool
	limit    int                  // how many items to read; 0: no limit
	filter   func(value.Map) bool // nil: none
	project  projection
	count    bool // return the number of items, not the items
	fetch    bool // read attributes that a local index lacks from the table

	consistent bool
	capacity   *string
}

// tally is the result of reading a page.
type tally struct {
	scanned, matched int
	bytes            int       // sum over the records read in key order
	fetched          float64   // units for whole items read in addition to an index
	last             value.Map // the last item read
	more             bool      // the page ended before the last item, or at its limit
}

// readPage answers a Query or a Scan of a table. bind checks the request against the table's view
// and completes the reading.
func (s *Service) readPage(
	ctx context.Context, tableName string, r *reading, bind func() error, out *protocol.Writer,
) error {
	entry, err := s.open(ctx, tableName)
	if err != nil {
		return err
	}
	view, done := s.view(entry, r.consistent)
	defer done()
	r.name, r.view = entry.name, view
	if err := bind(); err != nil {
		return refuse(err)
	}
	if err := s.refuseBackfill(entry, r.index); err != nil {
		return err
	}
	return r.write(s, entry, out)
}

// write reads the page and writes the response.
func (r *reading) write(s *Service, entry *tableEntry, out *protocol.Writer) error {
	out.Object()
	if !r.count {
		out.Key("Items")
		out.Array()
	}
	t := r.walk(s, out)
	if !r.count {
		out.End()
	}
	consumed := r.units(&t)
	if err := s.throttle(entry, consumed.total(), 0); err != nil {
		return err
	}
	out.Key("Count")
	out.Int(int64(t.matched))
	out.Key("ScannedCount")
	out.Int(int64(t.scanned))
	if t.more {
		out.Key("LastEvaluatedKey")
		out.Item(r.startKey(t.last))
	}
	putCapacity(out, r.capacity, r.name, &consumed)
	out.End()
	return nil
}

// walk reads the items in order and writes those that match.
func (r *reading) walk(s *Service, out *protocol.Writer) tally {
	t := tally{}
	visit := func(_ string, record *table.Record) bool {
		if t.scanned > 0 && (t.bytes+record.Size > maxPage || s.chance.oneIn(16)) {
			t.more = true
			return false
		}
		r.look(s, record, &t, out)
		t.more = t.scanned == r.limit
		return !t.more
	}
	if r.index == nil {
		r.view.Walk(r.span, r.backward, visit)
	} else {
		r.index.Walk(r.span, r.backward, visit)
	}
	if t.more && t.scanned == r.limit && s.chance.on && !r.hasMore(t.last) {
		t.more = s.chance.oneIn(2) // after the last item the service may return a key or none
	}
	return t
}

// look adds one item to the page.
func (r *reading) look(s *Service, record *table.Record, t *tally, out *protocol.Writer) {
	t.scanned++
	t.bytes += record.Size
	t.last = record.Item
	item := record.Item
	if r.fetch {
		whole := r.view.Get(r.primary(item))
		item = whole.Item
		t.fetched += readUnits(whole.Size, r.consistent) // each item is read on its own
	}
	if r.filter != nil && !r.filter(item) {
		return
	}
	t.matched++
	if !r.count {
		s.writeItem(out, r.project(item))
	}
}

// primary returns the table's key of an item.
func (r *reading) primary(item value.Map) string {
	key, _ := r.view.Keys().Key(item)
	return key
}

// position returns the position of a start key among the keys that are read. No item needs to exist
// there: the start key may have values that no item of the index has.
func (r *reading) position(item value.Map) string {
	if r.index == nil {
		return r.primary(item)
	}
	key, _ := r.index.Position(item, r.primary(item))
	return key
}

// startAfter excludes the keys up to an exclusive start key, and the key itself.
func (r *reading) startAfter(start value.Map) {
	if r.backward {
		r.span = r.span.Before(r.position(start))
	} else {
		r.span = r.span.After(r.position(start))
	}
}

// hasMore reports whether anything follows an item.
func (r *reading) hasMore(last value.Map) bool {
	rest := *r
	rest.startAfter(last)
	found := false
	see := func(string, *table.Record) bool {
		found = true
		return false
	}
	if r.index == nil {
		r.view.Walk(rest.span, r.backward, see)
	} else {
		r.index.Walk(rest.span, r.backward, see)
	}
	return found
}

// startKey returns the key from which to continue after an item: the keys of the index and of the
// table.
func (r *reading) startKey(last value.Map) value.Map {
	key := make(value.Map, 0, 4)
	for _, a := range last {
		if r.isKey(a.Name) {
			key = append(key, a)
		}
	}
	return key
}

// isKey reports whether an attribute is a key of the table or of the index that is read.
func (r *reading) isKey(name string) bool {
	return r.view.Keys().Has(name) || r.index != nil && r.index.Keys.Has(name)
}

// keys returns the key schema in whose order the items are read.
func (r *reading) keys() table.KeySchema {
	if r.index == nil {
		return r.view.Keys()
	}
	return r.index.Keys
}

// units returns the units that the page consumed.
func (r *reading) units(t *tally) units {
	read := readUnits(t.bytes, r.consistent)
	if r.index == nil {
		return units{table: read}
	}
	u := units{table: t.fetched}
	u.addIndex(r.index, read)
	return u
}

// choose selects the index that a request names. It refuses a read that the index does not support.
func (r *reading) choose(name, selects *string, operation string) error {
	if name == nil {
		return nil
	}
	found, err := index(r.view, *name, operation)
	if err != nil {
		return err
	}
	r.index = found
	if r.consistent && !found.Local {
		return protocol.Validation(
			"Consistent reads are not supported on global secondary indexes")
	}
	r.fetch = isSelect(selects, "ALL_ATTRIBUTES") && found.Local &&
		found.Projection != table.ProjectAll
	return nil
}

// checkSelect refuses to read attributes from a global index that does not hold them.
func (r *reading) checkSelect(selects *string) error {
	if r.index == nil || r.index.Local || r.index.Projection == table.ProjectAll ||
		!isSelect(selects, "ALL_ATTRIBUTES") {
		return nil
	}
	return protocol.Validation("One or more parameter values were invalid: Select type "+
		"ALL_ATTRIBUTES is not supported for global secondary index %s because its projection "+
		"type is not ALL", r.index.Name)
}

// fetchFor makes a local index fetch the items from the table if it lacks one of the attributes
// that a projection names. It refuses a global index that lacks one.
func (r *reading) fetchFor(asked []string) error {
	missing := r.missing(asked)
	switch {
	case missing == nil:
		return nil
	case r.index.Local:
		r.fetch = true
		return nil
	}
	return protocol.Validation("One or more parameter values were invalid: Global secondary "+
		"index %s does not project [%s]", r.index.Name, strings.Join(missing, ", "))
}

// missing returns those of the attributes that the index does not hold, or nil if it holds all.
func (r *reading) missing(attributes []string) []string {
	if r.index == nil {
		return nil
	}
	var missing []string
	for _, name := range attributes {
		if !r.index.Holds(r.view.Keys(), name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func isSelect(selects *string, v string) bool { return selects != nil && *selects == v }
