package table

import (
	"encoding/binary"
	"hash/fnv"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// A key is a text whose byte order is the order of the items: eight bytes that scatter the hash
// attributes, as DynamoDB's partitions do, then the hash attributes, then the range attributes. In
// an index the table's key follows, so that items of equal index keys are distinct and ordered. The
// text of each attribute is self-delimiting: no value's text is a prefix of another's.

const scatterBytes = 8

// partitionKey returns the part of a key that all items of one partition share. It returns false if
// an attribute is missing or has another type.
func (k KeySchema) partitionKey(item value.Map) ([]byte, bool) {
	key := make([]byte, scatterBytes, 64)
	for _, part := range k.Hash {
		v := item.Get(part.Name)
		if v == nil || v.Kind() != part.Kind {
			return nil, false
		}
		key = appendKeyPart(key, v)
	}
	h := fnv.New64a()
	h.Write(key[scatterBytes:])
	binary.BigEndian.PutUint64(key, mix(h.Sum64()))
	return key, true
}

// mix spreads the hash over all bits, so that the segments of a scan have similar sizes for keys
// that differ only in their last byte. The constants are those of the 64-bit finalizer of
// MurmurHash3.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// appendRange appends the range attributes. It returns false if one is missing or has another type.
func (k KeySchema) appendRange(key []byte, item value.Map) ([]byte, bool) {
	for _, part := range k.Range {
		v := item.Get(part.Name)
		if v == nil || v.Kind() != part.Kind {
			return nil, false
		}
		key = appendKeyPart(key, v)
	}
	return key, true
}

// Key returns an item's key by the schema. It returns false if a key attribute is missing or has
// another type.
func (k KeySchema) Key(item value.Map) (string, bool) {
	key, ok := k.partitionKey(item)
	if !ok {
		return "", false
	}
	key, ok = k.appendRange(key, item)
	return string(key), ok
}

// appendKeyPart appends the self-delimiting text of a value.
func appendKeyPart(key []byte, v value.Value) []byte {
	switch v := v.(type) {
	case value.String:
		return append(appendEscaped(key, string(v)), 0, 0)
	case value.Binary:
		return append(appendEscaped(key, string(v)), 0, 0)
	case value.Number:
		return v.AppendKey(key)
	}
	return key
}

// appendEscaped appends bytes without a terminator. It writes 0xFF after a zero byte, so that the
// byte sorts after the two zero bytes of a terminator.
func appendEscaped(key []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			return append(key, s...)
		}
		key = append(append(key, s[:i]...), 0, 0xff)
		s = s[i+1:]
	}
}

// Parts returns the attributes of a key, hash first.
func (k KeySchema) Parts() []KeyPart {
	return append(k.Hash[:len(k.Hash):len(k.Hash)], k.Range...)
}
