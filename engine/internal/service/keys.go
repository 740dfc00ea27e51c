package service

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// The largest keys, in bytes.
const (
	maxHashKey  = 2048
	maxRangeKey = 1024
)

const notTheSchema = "The provided key element does not match the schema"

// emptyKeyError refuses an empty key value. A transaction fails with this error itself, while other
// refusals are reasons of its items.
type emptyKeyError struct{ refusal *protocol.Error }

// Error returns the refusal's text.
func (e emptyKeyError) Error() string { return e.refusal.Message }

func emptyKey(format string, args ...any) error {
	return emptyKeyError{protocol.Validation(format, args...)}
}

// checkKey checks a request's Key: it must have the attributes of the schema, and no others.
func checkKey(key value.Map, schema table.KeySchema) error {
	if len(key) != len(schema.Hash)+len(schema.Range) {
		return protocol.Validation(notTheSchema)
	}
	return checkKeyValues(key, schema, func(table.KeyPart, value.Value) error {
		return protocol.Validation(notTheSchema)
	})
}

// checkItemKey checks the key attributes of an item to be put.
func checkItemKey(item value.Map, schema table.KeySchema) error {
	return checkKeyValues(item, schema, func(part table.KeyPart, v value.Value) error {
		if v == nil {
			return protocol.Validation(
				"One or more parameter values were invalid: Missing the key %s in the item",
				part.Name)
		}
		return protocol.Validation("One or more parameter values were invalid: "+
			"Type mismatch for key %s expected: %s actual: %s", part.Name, part.Kind, v.Kind())
	})
}

// checkBatchItemKey checks the key attributes of an item in a batch. The service's texts are
// shorter there.
func checkBatchItemKey(item value.Map, schema table.KeySchema) error {
	for _, part := range schema.Parts() {
		if item.Get(part.Name) == nil {
			return protocol.Validation(notTheSchema)
		}
	}
	return checkKeyValues(item, schema, func(table.KeyPart, value.Value) error {
		return protocol.Validation(notTheSchema)
	})
}

// checkKeyValues checks presence, type, emptiness and size of each key attribute in turn. mismatch
// makes the error for a value that is missing or has another type.
func checkKeyValues(
	item value.Map, schema table.KeySchema, mismatch func(table.KeyPart, value.Value) error,
) error {
	for i, part := range schema.Parts() {
		v := item.Get(part.Name)
		if v == nil || v.Kind() != part.Kind {
			return mismatch(part, v)
		}
		if kind := emptyKind(v); kind != "" {
			return emptyKey("One or more parameter values are not valid. The AttributeValue for "+
				"a key attribute cannot contain an empty %s value. Key: %s", kind, part.Name)
		}
		if err := checkKeySize(v, i < len(schema.Hash)); err != nil {
			return err
		}
	}
	return nil
}

// emptyKind returns "string" or "binary" if the value is an empty one of that type, and ""
// otherwise.
func emptyKind(v value.Value) string {
	switch v := v.(type) {
	case value.String:
		if v == "" {
			return "string"
		}
	case value.Binary:
		if v == "" {
			return "binary"
		}
	}
	return ""
}

func checkKeySize(v value.Value, hash bool) error {
	bytes := keyBytes(v)
	if hash && bytes > maxHashKey {
		return protocol.Validation("One or more parameter values were invalid: " +
			"Size of hashkey has exceeded the maximum size limit of2048 bytes")
	}
	if !hash && bytes > maxRangeKey {
		return protocol.Validation("One or more parameter values were invalid: " +
			"Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	}
	return nil
}

func keyBytes(v value.Value) int {
	switch v := v.(type) {
	case value.String:
		return len(v)
	case value.Binary:
		return len(v)
	}
	return 0 // a number always fits
}

// checkIndexKeys checks the attributes of an item that are keys of indexes: they may be missing,
// but must have the right type and must not be empty. It does not check attributes that an update
// leaves unchanged; before is nil for a put. If there are several violations, it reports that of
// the first index by name.
func checkIndexKeys(item, before value.Map, indexes []*table.Index) error {
	var found error
	first := ""
	for _, index := range indexes {
		if found != nil && strings.Compare(index.Name, first) >= 0 {
			continue
		}
		if err := checkIndex(item, before, index); err != nil {
			found, first = err, index.Name
		}
	}
	return found
}

// checkIndexed checks the attributes of an item that the indexes of a table use. before is nil for
// a put.
func checkIndexed(item, before value.Map, t *table.Table) error {
	if err := checkIndexKeys(item, before, t.Indexes()); err != nil {
		return err
	}
	return checkVectors(item, before, t.Vectors())
}

func checkIndex(item, before value.Map, index *table.Index) error {
	for i, part := range index.Keys.Parts() {
		v := item.Get(part.Name)
		if v == nil || before != nil && unchanged(before.Get(part.Name), v) {
			continue
		}
		if v.Kind() != part.Kind {
			return protocol.Validation("One or more parameter values were invalid: Type mismatch "+
				"for Index Key %s Expected: %s Actual: %s IndexName: %s",
				part.Name, part.Kind, v.Kind(), index.Name)
		}
		if kind := emptyKind(v); kind != "" {
			return emptyIndexKey(kind, before, index.Name, part.Name)
		}
		if err := checkKeySize(v, i < len(index.Keys.Hash)); err != nil {
			return err
		}
	}
	return nil
}

// emptyIndexKey refuses an empty key of an index. before is nil for a put.
func emptyIndexKey(kind string, before value.Map, index, attribute string) error {
	if before != nil {
		return emptyKey("One or more parameter values are not valid. The update expression "+
			"attempted to update a secondary index key to a value that is not supported. The "+
			"AttributeValue for a key attribute cannot contain an empty %s value.", kind)
	}
	return emptyKey("One or more parameter values are not valid. A value specified for a "+
		"secondary index key is not supported. The AttributeValue for a key attribute "+
		"cannot contain an empty %s value. IndexName: %s, IndexKey: %s", kind, index, attribute)
}

func unchanged(before, now value.Value) bool {
	return before != nil && value.Equal(before, now)
}

// sameItem reports whether two items are equal.
func sameItem(a, b value.Map) bool { return value.Equal(a, b) }
