package table

import (
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// The largest key attributes of an index, in bytes.
const (
	maxHash  = 2048
	maxRange = 1024
)

// Key returns the key of an item in the index, given the item's own key. It returns false if the
// item is not in the index: one of the index's key attributes is missing or has another type, or,
// in an item that is older than the index, is empty or too long.
func (i *Index) Key(item value.Map, primary string) (string, bool) {
	if !fits(item, i.Keys.Hash, maxHash) || !fits(item, i.Keys.Range, maxRange) {
		return "", false
	}
	return i.Position(item, primary)
}

// Position returns the position of an item in the order of the index, whether or not the index
// holds such an item, given the item's own key. It returns false if one of the index's key
// attributes is missing or has another type.
func (i *Index) Position(item value.Map, primary string) (string, bool) {
	key, ok := i.Keys.partitionKey(item)
	if !ok {
		return "", false
	}
	key, ok = i.Keys.appendRange(key, item)
	return string(append(key, primary...)), ok
}

// fits reports whether all attributes of a key have at least one byte and at most most.
func fits(item value.Map, parts []KeyPart, most int) bool {
	for _, part := range parts {
		switch v := item.Get(part.Name).(type) {
		case value.String:
			if v == "" || len(v) > most {
				return false
			}
		case value.Binary:
			if v == "" || len(v) > most {
				return false
			}
		}
	}
	return true
}

// replace updates the index after a write.
func (i *Index) replace(table KeySchema, primary string, old, now *Record) IndexWrite {
	change := IndexWrite{Index: i}
	oldKey, newKey := "", ""
	if old != nil {
		if key, ok := i.Key(old.Item, primary); ok {
			oldKey = key
			found, _ := i.entries.Get(entry{key: key})
			change.Old = found.record
		}
	}
	if now != nil {
		if key, ok := i.Key(now.Item, primary); ok {
			newKey = key
			change.New = i.project(table, now)
		}
	}
	change.Moved = oldKey != newKey
	if change.Old != nil && change.Moved {
		i.entries.Delete(entry{key: oldKey})
	}
	if change.New != nil {
		i.entries.Set(entry{newKey, change.New})
	}
	i.bytes += int64(size(change.New) - size(change.Old))
	return change
}

// project returns the part of a record that the index holds.
func (i *Index) project(table KeySchema, r *Record) *Record {
	if i.Projection == ProjectAll {
		return r
	}
	return r.holding(func(attribute string) bool { return i.Holds(table, attribute) })
}

// holding returns the part of a record with the attributes that an index holds.
func (r *Record) holding(holds func(attribute string) bool) *Record {
	held := make(value.Map, 0, 4)
	for _, a := range r.Item {
		if holds(a.Name) {
			held = append(held, a)
		}
	}
	return &Record{Item: held, Size: value.ItemSize(held)}
}

// Holds reports whether the index holds an attribute of the items in it.
func (i *Index) Holds(table KeySchema, attribute string) bool {
	return i.Projection == ProjectAll || i.Keys.Has(attribute) || table.Has(attribute) ||
		i.Projection == ProjectInclude && slices.Contains(i.Included, attribute)
}

// Has reports whether an attribute is part of the key.
func (k KeySchema) Has(attribute string) bool {
	is := func(part KeyPart) bool { return part.Name == attribute }
	return slices.ContainsFunc(k.Hash, is) || slices.ContainsFunc(k.Range, is)
}
