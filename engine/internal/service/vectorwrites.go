package service

import (
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// checkVectors checks the attributes of an item that vector indexes use: they may be missing, but
// must be valid. It does not check attributes that an update leaves unchanged; before is nil for a
// put. If there are several violations, it reports that of the first index by name.
func checkVectors(item, before value.Map, indexes []*table.VectorIndex) error {
	var found error
	first := ""
	for _, index := range indexes {
		if found != nil && strings.Compare(index.Name, first) >= 0 {
			continue
		}
		if err := checkVectorItem(item, before, index); err != nil {
			found, first = err, index.Name
		}
	}
	return found
}

func checkVectorItem(item, before value.Map, index *table.VectorIndex) error {
	v := item.Get(index.Attribute)
	if v != nil && (before == nil || !unchanged(before.Get(index.Attribute), v)) {
		if err := checkVector(v, index); err != nil {
			return err
		}
	}
	for _, part := range index.Hash {
		if err := checkSearched(item, before, part, index, false); err != nil {
			return err
		}
	}
	for _, part := range index.Filters {
		if err := checkSearched(item, before, part, index, true); err != nil {
			return err
		}
	}
	return nil
}

const badVector = "One or more parameter values were invalid. Invalid "

// checkVector refuses a vector that the index cannot hold.
func checkVector(v value.Value, index *table.VectorIndex) error {
	list, ok := v.(value.List)
	if !ok {
		return protocol.Validation(badVector+"type for parameter %s, Expected: 32-bit floating "+
			"point number list IndexName: %s", index.Attribute, index.Name)
	}
	if len(list) != index.Dimensions {
		return protocol.Validation(badVector+"size for parameter %s, Expected: %d, Actual: %d "+
			"IndexName: %s", index.Attribute, index.Dimensions, len(list), index.Name)
	}
	for i, element := range list {
		n, ok := element.(value.Number)
		if !ok {
			return protocol.Validation(badVector+"type for parameter %s[%d], Expected: 32-bit "+
				"floating point number, Actual: %s. IndexName: %s",
				index.Attribute, i, element.Kind(), index.Name)
		}
		if _, ok := n.Float32(); !ok {
			return protocol.Validation(badVector+"value for parameter %s[%d], Value: %s is "+
				"outside valid range [-3.4028235E38, 3.4028235E38]. IndexName: %s",
				index.Attribute, i, scientific(n.Number), index.Name)
		}
	}
	return nil
}

// scientific returns a number as "1.3E+40".
func scientific(n number.Number) string {
	f, _ := strconv.ParseFloat(n.String(), 64)
	return strconv.FormatFloat(f, 'E', -1, 64)
}

// checkSearched checks an attribute of the search schema of an index.
func checkSearched(
	item, before value.Map, part table.KeyPart, index *table.VectorIndex, filter bool,
) error {
	v := item.Get(part.Name)
	if v == nil || before != nil && unchanged(before.Get(part.Name), v) {
		return nil
	}
	if v.Kind() != part.Kind {
		return protocol.Validation("One or more parameter values were invalid. Attribute '%s' "+
			"type mismatch. Expected: %s, Actual: %s. IndexName: %s",
			part.Name, part.Kind, v.Kind(), index.Name)
	}
	if filter {
		if keyBytes(v) > maxInlineFilter {
			return invalid("Size limit exceeded for SearchSchema attribute '%s': maximum %d bytes",
				part.Name, maxInlineFilter)
		}
		return nil
	}
	if kind := emptyKind(v); kind != "" {
		return emptyIndexKey(kind, before, index.Name, part.Name)
	}
	if keyBytes(v) > maxHashKey {
		return invalid("Aggregate size for HASH key attributes exceeds the maximum of %d bytes",
			maxHashKey)
	}
	return nil
}

// vectorWriteBytes returns the bytes of a write for a vector index: those of the larger entry, at
// least one kilobyte, and nothing if the entry is unchanged.
func vectorWriteBytes(change table.VectorWrite) float64 {
	bytes := 0
	switch {
	case change.Old == nil:
		bytes = change.New.Size
	case change.New == nil:
		bytes = change.Old.Size
	case sameItem(change.Old.Record.Item, change.New.Record.Item) &&
		sameVector(change.Old, change.New):
		return 0
	default:
		bytes = max(change.Old.Size, change.New.Size)
	}
	return float64(max(bytes, writeUnit))
}

func sameVector(a, b *table.Vector) bool {
	for i := range a.Values {
		if a.Values[i] != b.Values[i] {
			return false
		}
	}
	return true
}

// rounded returns a valid vector in the precision of the index, as decimal numbers.
func rounded(vector value.Value) value.Value {
	list := vector.(value.List)
	out := make(value.List, len(list))
	for i, element := range list {
		f, _ := element.(value.Number).Float32()
		n, _ := number.Parse(strconv.FormatFloat(float64(f), 'g', -1, 32))
		out[i] = value.Number{Number: n}
	}
	return out
}
