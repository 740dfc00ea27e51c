package service

import (
	"maps"
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// collections are the item collections that a batch or a transaction wrote to, each once. The zero
// value is empty.
type collections struct {
	seen    map[string]bool
	byTable map[string][]collection
}

// collection is the item collection of an item.
type collection struct {
	entry *tableEntry
	item  value.Map
}

// add adds the collection of an item, if the table has collections.
func (c *collections) add(entry *tableEntry, item value.Map) {
	if !entry.hasCollections() {
		return
	}
	id := entry.name + "/" + entry.table.Keys().Partition(item, nil).Low
	if c.seen[id] {
		return
	}
	if c.seen == nil {
		c.seen, c.byTable = map[string]bool{}, map[string][]collection{}
	}
	c.seen[id] = true
	c.byTable[entry.name] = append(c.byTable[entry.name], collection{entry, item})
}

// put writes ItemCollectionMetrics by table, if there are any.
func (c *collections) put(out *protocol.Writer) {
	if len(c.byTable) == 0 {
		return
	}
	out.Key("ItemCollectionMetrics")
	out.Object()
	for _, name := range slices.Sorted(maps.Keys(c.byTable)) {
		out.Key(name)
		out.Array()
		for _, of := range c.byTable[name] {
			of.entry.writeMetrics(out, of.item)
		}
		out.End()
	}
	out.End()
}
