package table

import (
	"math"
	"slices"

	"github.com/tidwall/btree"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Distance is the function by which a vector index compares vectors.
type Distance uint8

// The distances of vectors.
const (
	Cosine     Distance = iota // from 0, the same direction, to 2, the opposite one
	Euclidean                  // from 0
	DotProduct                 // the greater, the nearer
)

// VectorSchema describes a vector index.
type VectorSchema struct {
	Name       string
	Attribute  string // the attribute with the vectors
	Dimensions int
	Distance   Distance
	Hash       []KeyPart // at most one
	Filters    []KeyPart
	Projection ProjectionType
	Included   []string // for ProjectInclude, the attributes besides the keys
}

// VectorIndex holds the vectors of the items in it.
type VectorIndex struct {
	VectorSchema
	entries *btree.BTreeG[vectorEntry]
	bytes   int64
}

// vectorEntry is a vector and the table's key of its item.
type vectorEntry struct {
	key    string
	vector *Vector
}

// Vector is an entry of a vector index. It never changes.
type Vector struct {
	Record *Record   // the attributes that the index holds, as the table has them
	Values []float32 // the vector, in the precision of the index
	Size   int       // in bytes: four for each dimension, and the other attributes of the record
	square float64   // the product of the vector with itself
}

// VectorWrite is the effect of a write on a vector index.
type VectorWrite struct {
	Index    *VectorIndex
	Old, New *Vector // nil: the index has no such entry
}

// Neighbor is a result of a search.
type Neighbor struct {
	Vector *Vector
	Score  float64
}

func newVectorIndex(schema VectorSchema) *VectorIndex {
	less := func(a, b vectorEntry) bool { return a.key < b.key }
	return &VectorIndex{
		VectorSchema: schema,
		entries:      btree.NewBTreeGOptions(less, btree.Options{NoLocks: true}),
	}
}

// snapshot returns the present state of the index.
func (i *VectorIndex) snapshot() *VectorIndex {
	return &VectorIndex{VectorSchema: i.VectorSchema, entries: i.entries.Copy(), bytes: i.bytes}
}

// Len returns the number of vectors in the index.
func (i *VectorIndex) Len() int { return i.entries.Len() }

// Bytes returns the size of the entries of the index.
func (i *VectorIndex) Bytes() int64 { return i.bytes }

// replace updates the index after a write of the item with a key.
func (i *VectorIndex) replace(table KeySchema, key string, old, now *Record) VectorWrite {
	change := VectorWrite{Index: i}
	if old != nil {
		found, _ := i.entries.Get(vectorEntry{key: key})
		change.Old = found.vector
	}
	if now != nil {
		change.New = i.entryOf(table, old, now, change.Old)
	}
	switch {
	case change.New != nil:
		i.entries.Set(vectorEntry{key, change.New})
	case change.Old != nil:
		i.entries.Delete(vectorEntry{key: key})
	}
	i.bytes += int64(change.New.bytes() - change.Old.bytes())
	return change
}

func (v *Vector) bytes() int {
	if v == nil {
		return 0
	}
	return v.Size
}

// entryOf returns the entry of an item, or nil if the index does not hold the item: its vector or
// its hash attribute is missing, or, in an item that is older than the index, is not valid.
func (i *VectorIndex) entryOf(table KeySchema, old, now *Record, has *Vector) *Vector {
	list, ok := now.Item.Get(i.Attribute).(value.List)
	if !ok || len(list) != i.Dimensions || !holdsKinds(now.Item, i.Hash, true) ||
		!holdsKinds(now.Item, i.Filters, false) || !fits(now.Item, i.Hash, maxHash) {
		return nil
	}
	v := &Vector{}
	if has != nil && value.Equal(old.Item.Get(i.Attribute), list) {
		v.Values, v.square = has.Values, has.square
	} else if v.Values, ok = Float32s(list); ok {
		v.square = product(v.Values, v.Values)
	} else {
		return nil
	}
	v.Record = i.project(table, now)
	v.Size = 4*i.Dimensions + len(i.Attribute) + v.Record.Size
	if vector := v.Record.Item.Get(i.Attribute); vector != nil {
		v.Size -= len(i.Attribute) + value.Size(vector)
	}
	return v
}

// holdsKinds reports whether the item's attributes have the types of the parts. Unless required is
// set, they may be missing.
func holdsKinds(item value.Map, parts []KeyPart, required bool) bool {
	for _, part := range parts {
		v := item.Get(part.Name)
		if v == nil && required || v != nil && v.Kind() != part.Kind {
			return false
		}
	}
	return true
}

// Float32s returns a list of numbers in the precision of vector indexes. It returns false if an
// element is not a number or is beyond the range.
func Float32s(list value.List) ([]float32, bool) {
	out := make([]float32, len(list))
	for i, element := range list {
		n, ok := element.(value.Number)
		if !ok {
			return nil, false
		}
		if out[i], ok = n.Float32(); !ok {
			return nil, false
		}
	}
	return out, true
}

// project returns the part of a record that the index holds.
func (i *VectorIndex) project(table KeySchema, r *Record) *Record {
	if i.Projection == ProjectAll {
		return r
	}
	return r.holding(func(attribute string) bool { return i.Holds(table, attribute) })
}

// Holds reports whether a search of the index can return an attribute.
func (i *VectorIndex) Holds(table KeySchema, attribute string) bool {
	is := func(part KeyPart) bool { return part.Name == attribute }
	return i.Projection == ProjectAll || table.Has(attribute) ||
		slices.ContainsFunc(i.Hash, is) || slices.ContainsFunc(i.Filters, is) ||
		i.Projection == ProjectInclude && slices.Contains(i.Included, attribute)
}

// Nearest returns the k nearest vectors to a vector of the index's dimensions, the nearest first,
// among the items for which match is true. Vectors of equal scores are in the order of their keys.
func (i *VectorIndex) Nearest(
	to []float32, k int, match func(item value.Map) bool,
) []Neighbor {
	square := product(to, to)
	found := make([]Neighbor, 0, k+1)
	i.entries.Scan(func(e vectorEntry) bool {
		if !match(e.vector.Record.Item) {
			return true
		}
		n := Neighbor{e.vector, i.Distance.score(to, square, e.vector)}
		if len(found) == k && !i.Distance.nearer(n.Score, found[k-1].Score) {
			return true
		}
		at := len(found)
		for at > 0 && i.Distance.nearer(n.Score, found[at-1].Score) {
			at--
		}
		found = slices.Insert(found, at, n)
		found = found[:min(len(found), k)]
		return true
	})
	return found
}

func (d Distance) nearer(a, b float64) bool {
	if d == DotProduct {
		return a > b
	}
	return a < b
}

// score returns the distance of two vectors in the precision of the index. The service computes
// with 64 bits, and returns the greatest number of 32 bits for what is greater. The cosine of a
// vector without a direction is 0.
func (d Distance) score(a []float32, square float64, b *Vector) float64 {
	score := 0.0
	switch d {
	case Cosine:
		score = 1
		if both := square * b.square; both > 0 {
			score = min(2, max(0, 1-product(a, b.Values)/math.Sqrt(both)))
		}
	case Euclidean:
		score = math.Sqrt(squaredDifference(a, b.Values))
	case DotProduct:
		score = product(a, b.Values)
	}
	return float64(float32(min(math.MaxFloat32, max(-math.MaxFloat32, score))))
}

// product returns the dot product of two vectors of equal length.
func product(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i]) * float64(b[i])
		s1 += float64(a[i+1]) * float64(b[i+1])
		s2 += float64(a[i+2]) * float64(b[i+2])
		s3 += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i]) * float64(b[i])
	}
	return s0 + s1 + s2 + s3
}

// squaredDifference returns the square of the Euclidean distance of two vectors of equal length.
func squaredDifference(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1 float64
	i := 0
	for ; i+2 <= len(a); i += 2 {
		d0 := float64(a[i]) - float64(b[i])
		d1 := float64(a[i+1]) - float64(b[i+1])
		s0 += d0 * d0
		s1 += d1 * d1
	}
	if i < len(a) {
		d := float64(a[i]) - float64(b[i])
		s0 += d * d
	}
	return s0 + s1
}
