package table

import "github.com/dynamapper/dynamapper/engine/internal/value"

// HasCollections reports whether the table has item collections. A collection is the items of one
// hash key with their entries in the local indexes.
func (v *View) HasCollections() bool {
	for _, index := range v.indexes {
		if index.Local {
			return true
		}
	}
	return false
}

// CollectionBytes returns the size of the item collection that an item belongs to.
func (v *View) CollectionBytes(item value.Map) int64 {
	sum := int64(0)
	add := func(_ string, r *Record) bool {
		sum += int64(r.Size)
		return true
	}
	v.Walk(v.keys.Partition(item, nil), false, add)
	for _, index := range v.indexes {
		if index.Local {
			index.Walk(index.Keys.Partition(item, nil), false, add)
		}
	}
	return sum
}
