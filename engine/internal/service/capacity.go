package service

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
)

// Sizes of units and pages, in bytes, from the service's documentation, "Read and write
// operations".
const (
	readUnit     = 4096
	writeUnit    = 1024
	maxPage      = 1 << 20
	maxItem      = 400 << 10
	maxBatchRead = 16 << 20
)

// units are the units that a request consumed of one table.
type units struct {
	table   float64
	indexes []indexUnits // in the order of the request's accesses
	vectors []indexUnits // bytes written to vector indexes, which are no units
}

type indexUnits struct {
	name  string
	local bool
	units float64
}

// addIndex adds units that the request consumed of an index.
func (u *units) addIndex(index *table.Index, n float64) {
	u.indexes = addUnits(u.indexes, indexUnits{index.Name, index.Local, n})
}

func addUnits(all []indexUnits, more indexUnits) []indexUnits {
	for i := range all {
		if all[i].name == more.name {
			all[i].units += more.units
			return all
		}
	}
	return append(all, more)
}

// total returns the units of the table and all indexes.
func (u *units) total() float64 {
	sum := u.table
	for _, index := range u.indexes {
		sum += index.units
	}
	return sum
}

// readUnits returns the cost of reading bytes. An eventually consistent read costs half.
func readUnits(bytes int, consistent bool) float64 {
	n := float64(max(1, (bytes+readUnit-1)/readUnit))
	if consistent {
		return n
	}
	return n / 2
}

// writeUnits returns the cost of writing bytes.
func writeUnits(bytes int) float64 {
	return float64(max(1, (bytes+writeUnit-1)/writeUnit))
}

// addWrite adds the cost of a write. times is 2 in a transaction: it doubles the table's units,
// while indexes are written to after the transaction, at the usual cost.
func (u *units) addWrite(w table.Write, times float64) {
	u.table += times * writeUnits(max(size(w.Old), size(w.New)))
	for _, change := range w.Indexes {
		if n := indexWriteUnits(change); n > 0 {
			u.addIndex(change.Index, n)
		}
	}
	for _, change := range w.Vectors {
		if n := vectorWriteBytes(change); n > 0 {
			u.vectors = addUnits(u.vectors, indexUnits{name: change.Index.Name, units: n})
		}
	}
}

func size(r *table.Record) int {
	if r == nil {
		return 0
	}
	return r.Size
}

// indexWriteUnits returns the cost of a write for an index: nothing if the entry is unchanged, two
// writes if its key changed, otherwise one write of the larger size.
func indexWriteUnits(change table.IndexWrite) float64 {
	switch {
	case change.Old == nil:
		return writeUnits(change.New.Size)
	case change.New == nil:
		return writeUnits(change.Old.Size)
	case change.Moved:
		return writeUnits(change.Old.Size) + writeUnits(change.New.Size)
	case sameItem(change.Old.Item, change.New.Item):
		return 0
	}
	return max(writeUnits(change.Old.Size), writeUnits(change.New.Size))
}

// axis selects whether a transaction's capacity is listed as reads or as writes.
type axis string

const (
	noAxis    axis = ""
	readAxis  axis = "ReadCapacityUnits"
	writeAxis axis = "WriteCapacityUnits"
)

// wantsCapacity reports whether a ReturnConsumedCapacity asks for the capacity.
func wantsCapacity(mode *string) bool {
	return mode != nil && (*mode == "TOTAL" || *mode == "INDEXES")
}

// putCapacity writes a ConsumedCapacity member if the request asks for it.
func putCapacity(out *protocol.Writer, mode *string, table string, u *units) {
	if wantsCapacity(mode) {
		out.Key("ConsumedCapacity")
		writeCapacity(out, *mode, table, u, noAxis)
	}
}

// writeCapacity writes the ConsumedCapacity of one table.
func writeCapacity(out *protocol.Writer, mode, table string, u *units, a axis) {
	out.Object()
	out.Key("TableName")
	out.String(table)
	writeUnitsOn(out, u.total(), a)
	if mode == "INDEXES" {
		out.Key("Table")
		out.Object()
		writeUnitsOn(out, u.table, a)
		out.End()
		writeIndexCapacity(out, "GlobalSecondaryIndexes", u.indexes, false, a)
		writeIndexCapacity(out, "LocalSecondaryIndexes", u.indexes, true, a)
		writeVectorCapacity(out, u.vectors)
	}
	out.End()
}

// writeVectorCapacity writes the bytes written to vector indexes, if there are any.
func writeVectorCapacity(out *protocol.Writer, vectors []indexUnits) {
	if len(vectors) == 0 {
		return
	}
	out.Key("VectorIndexes")
	out.Object()
	for _, index := range vectors {
		out.Key(index.name)
		out.Object()
		out.Key("VectorWriteRequestBytes")
		out.Float(index.units)
		out.End()
	}
	out.End()
}

// writeUnitsOn writes CapacityUnits, and the same number on the axis of a transaction.
func writeUnitsOn(out *protocol.Writer, n float64, a axis) {
	out.Key("CapacityUnits")
	out.Float(n)
	if a != noAxis {
		out.Key(string(a))
		out.Float(n)
	}
}

// writeIndexCapacity writes the units of the local or the global indexes, if there are any.
func writeIndexCapacity(
	out *protocol.Writer, member string, indexes []indexUnits, local bool, a axis,
) {
	open := false
	for _, index := range indexes {
		if index.local != local {
			continue
		}
		if !open {
			out.Key(member)
			out.Object()
			open = true
		}
		out.Key(index.name)
		out.Object()
		writeUnitsOn(out, index.units, a)
		out.End()
	}
	if open {
		out.End()
	}
}
