package table

import (
	"slices"

	"github.com/tidwall/btree"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Record is a stored item, or the part of it that an index holds. It never changes.
type Record struct {
	Item value.Map
	Size int // in bytes, by the service's rules
}

// entry is a record and its key.
type entry struct {
	key    string
	record *Record
}

type tree = btree.BTreeG[entry]

func newTree() *tree {
	less := func(a, b entry) bool { return a.key < b.key }
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
}

// Table holds the items of a table and its indexes.
type Table struct {
	View
	bytes   int64
	expires *expiry // nil: without time to live
}

// View is a readable state of a table.
type View struct {
	keys    KeySchema
	items   *tree
	indexes []*Index
	vectors []*VectorIndex
}

// Index holds the entries of an index.
type Index struct {
	IndexSchema
	entries *tree
	bytes   int64
}

// New returns a table without items.
func New(keys KeySchema, indexes []IndexSchema) *Table {
	t := &Table{View: View{keys: keys, items: newTree()}}
	for _, schema := range indexes {
		t.indexes = append(t.indexes, &Index{IndexSchema: schema, entries: newTree()})
	}
	return t
}

// Keys returns the table's key schema.
func (v *View) Keys() KeySchema { return v.keys }

// Indexes returns the indexes.
func (v *View) Indexes() []*Index { return v.indexes }

// Index returns an index, or nil if there is none of that name.
func (v *View) Index(name string) *Index {
	for _, index := range v.indexes {
		if index.Name == name {
			return index
		}
	}
	return nil
}

// Vectors returns the vector indexes.
func (v *View) Vectors() []*VectorIndex { return v.vectors }

// Vector returns a vector index, or nil if there is none of that name.
func (v *View) Vector(name string) *VectorIndex {
	for _, index := range v.vectors {
		if index.Name == name {
			return index
		}
	}
	return nil
}

// Len returns the number of items.
func (v *View) Len() int { return v.items.Len() }

// Bytes returns the size of all items.
func (t *Table) Bytes() int64 { return t.bytes }

// Len returns the number of items that the index holds.
func (i *Index) Len() int { return i.entries.Len() }

// Bytes returns the size of the entries of the index.
func (i *Index) Bytes() int64 { return i.bytes }

// Get returns the item with a key, or nil if there is none.
func (v *View) Get(key string) *Record {
	found, _ := v.items.Get(entry{key: key})
	return found.record
}

// Walk calls visit for the items of a span, in order or backwards, until visit returns false.
func (v *View) Walk(span Span, backward bool, visit func(key string, r *Record) bool) {
	walk(v.items, span, backward, visit)
}

// Walk calls visit for the entries of a span, in order or backwards, until visit returns false.
func (i *Index) Walk(span Span, backward bool, visit func(key string, r *Record) bool) {
	walk(i.entries, span, backward, visit)
}

func walk(t *tree, span Span, backward bool, visit func(string, *Record) bool) {
	if backward {
		walkBack(t, span, visit)
		return
	}
	t.Ascend(entry{key: span.Low}, func(e entry) bool {
		if span.High != "" && e.key >= span.High {
			return false
		}
		return visit(e.key, e.record)
	})
}

func walkBack(t *tree, span Span, visit func(string, *Record) bool) {
	down := func(e entry) bool {
		if e.key < span.Low {
			return false
		}
		if e.key == span.High { // the pivot itself is not below High
			return true
		}
		return visit(e.key, e.record)
	}
	if span.High == "" {
		t.Reverse(down)
		return
	}
	t.Descend(entry{key: span.High}, down)
}

// Write is the effect of a put or a delete on a table: the records before and after, which are nil
// if there is none, and the same for each index that changed.
type Write struct {
	Old, New *Record
	Indexes  []IndexWrite
	Vectors  []VectorWrite
}

// IndexWrite is the effect of a write on an index. Moved reports whether the index's key changed.
type IndexWrite struct {
	Index    *Index
	Old, New *Record
	Moved    bool
}

// Put stores an item with its key.
func (t *Table) Put(key string, item value.Map) Write {
	record := &Record{Item: item, Size: value.ItemSize(item)}
	old, _ := t.items.Set(entry{key, record})
	return t.written(key, old.record, record)
}

// Delete removes the item with a key, if there is one.
func (t *Table) Delete(key string) Write {
	old, _ := t.items.Delete(entry{key: key})
	return t.written(key, old.record, nil)
}

// written updates everything that is derived from the items.
func (t *Table) written(key string, old, now *Record) Write {
	t.bytes += int64(size(now) - size(old))
	if t.expires != nil {
		t.expires.replace(key, old, now)
	}
	w := Write{Old: old, New: now}
	for _, index := range t.indexes {
		if change := index.replace(t.keys, key, old, now); change.Old != nil || change.New != nil {
			w.Indexes = append(w.Indexes, change)
		}
	}
	for _, index := range t.vectors {
		if change := index.replace(t.keys, key, old, now); change.Old != nil || change.New != nil {
			w.Vectors = append(w.Vectors, change)
		}
	}
	return w
}

func size(r *Record) int {
	if r == nil {
		return 0
	}
	return r.Size
}

// Snapshot returns the present state of the table. It is cheap: later writes go to copies.
func (t *Table) Snapshot() *View {
	view := &View{keys: t.keys, items: t.items.Copy()}
	for _, index := range t.indexes {
		view.indexes = append(view.indexes, &Index{
			IndexSchema: index.IndexSchema, entries: index.entries.Copy(), bytes: index.bytes,
		})
	}
	for _, index := range t.vectors {
		view.vectors = append(view.vectors, index.snapshot())
	}
	return view
}

// AddIndex adds an index and fills it from the items.
func (t *Table) AddIndex(schema IndexSchema) {
	index := &Index{IndexSchema: schema, entries: newTree()}
	t.items.Scan(func(e entry) bool {
		index.replace(t.keys, e.key, nil, e.record)
		return true
	})
	t.indexes = append(slices.Clip(t.indexes), index)
}

// AddVectorIndex adds a vector index and fills it from the items.
func (t *Table) AddVectorIndex(schema VectorSchema) {
	index := newVectorIndex(schema)
	t.items.Scan(func(e entry) bool {
		index.replace(t.keys, e.key, nil, e.record)
		return true
	})
	t.vectors = append(slices.Clip(t.vectors), index)
}

// DropIndex removes an index of any kind.
func (t *Table) DropIndex(name string) {
	t.indexes = slices.DeleteFunc(slices.Clone(t.indexes), func(i *Index) bool {
		return i.Name == name
	})
	t.vectors = slices.DeleteFunc(slices.Clone(t.vectors), func(i *VectorIndex) bool {
		return i.Name == name
	})
}
