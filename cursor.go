package dynamapper

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// A cursor is a version, a hash of the query that it is bound to, a checksum over the hash and the
// key, and the key of the item after which to continue, all in base64. The checksum detects a
// damaged text. A cursor is neither secret nor proof of who made it.
const (
	cursorVersion = 1
	bindingSize   = 8
	cursorHeader  = 1 + bindingSize + crc32.Size
)

// cursors writes and reads the cursors of one query.
type cursors struct {
	schema  *schema
	index   *index // nil for the table
	binding [bindingSize]byte
	hash    []wire.Raw // the values of the hash attributes of a query; nil for a scan
}

// readName returns the text by which cursors of an operation differ from those of others. A cursor
// of a collection is none of a table: the table reads other items.
func (t *table) readName(op string) string {
	if t.kinds != nil {
		return op + " of a collection"
	}
	return op
}

// bindCursors returns the cursors of a query. The texts in bound together identify the query.
func bindCursors(s *schema, i *index, bound ...string) cursors {
	hash := sha256.New()
	for _, text := range bound {
		hash.Write(binary.AppendUvarint(nil, uint64(len(text))))
		hash.Write([]byte(text))
	}
	c := cursors{schema: s, index: i}
	copy(c.binding[:], hash.Sum(nil))
	return c
}

// write returns the cursor after a key, or "" if the key is empty.
func (c *cursors) write(key map[string]types.AttributeValue) (string, error) {
	if len(key) == 0 {
		return "", nil
	}
	text, err := appendKey(key)
	if err != nil {
		return "", err
	}
	cursor := make([]byte, cursorHeader, cursorHeader+len(text))
	cursor[0] = cursorVersion
	copy(cursor[1:], c.binding[:])
	binary.BigEndian.PutUint32(cursor[1+bindingSize:], c.sum(text))
	return base64.RawURLEncoding.EncodeToString(append(cursor, text...)), nil
}

// appendKey appends a key with its names sorted, so that one place has one cursor.
func appendKey(key map[string]types.AttributeValue) ([]byte, error) {
	text := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(key)) {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(wire.AppendString(text, name), ':')
		var err error
		if text, err = wire.AppendValue(text, key[name]); err != nil {
			return nil, err
		}
	}
	return append(text, '}'), nil
}

func (c *cursors) sum(text []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(c.binding[:]), crc32.IEEETable, text)
}

// read returns the key after which a cursor continues, or nil for "", the start.
func (c *cursors) read(cursor string) (map[string]types.AttributeValue, error) {
	if cursor == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	isBroken := err != nil || strings.ContainsAny(cursor, "\r\n") // package base64 ignores these
	if isBroken || len(raw) <= cursorHeader || raw[0] != cursorVersion {
		return nil, errBrokenCursor
	}
	text := raw[cursorHeader:]
	binding := [bindingSize]byte(raw[1:])
	of := cursors{binding: binding}
	if binary.BigEndian.Uint32(raw[1+bindingSize:]) != of.sum(text) {
		return nil, errBrokenCursor
	}
	if binding != c.binding {
		return nil, fmt.Errorf(
			"%w: the cursor belongs to another query; pass it only to a query of the same "+
				"table, index, hash key, direction, segment and kind of conditions", ErrInvalidCursor)
	}
	key, err := wire.ParseItem(string(text))
	if err != nil || !c.isKey(key) {
		return nil, fmt.Errorf(
			"%w: its key is not one of the table; the model has changed since: begin again with "+
				"the cursor \"\"", ErrInvalidCursor)
	}
	// One place has one cursor. A text with duplicate members or with spaces was not written by
	// write.
	if again, err := c.write(key); err != nil || again != cursor {
		return nil, errBrokenCursor
	}
	return key, nil
}

var errBrokenCursor = fmt.Errorf(
	"%w: the text is damaged, or of another version; give a cursor as Page returned it, or \"\" "+
		"for the start", ErrInvalidCursor)

func (c *cursors) keyFields() []*field {
	fields := slices.Clip(c.schema.keyFields())
	if c.index == nil {
		return fields
	}
	for _, f := range c.index.keys.fields() {
		if !f.Hash && !f.Range {
			fields = append(fields, f)
		}
	}
	return fields
}

// isKey reports whether an item of the table can have the key and the query can have found it. A
// forged cursor may contain anything.
func (c *cursors) isKey(key map[string]types.AttributeValue) bool {
	fields := c.keyFields()
	for _, f := range fields {
		value := key[f.attribute]
		raw, err := wire.MakeRaw(value)
		if err != nil || raw.Type() != f.codec.stored() || isEmptyKey(raw) ||
			newEncoder().check(value) != nil {
			return false
		}
		if wire.ItemSize(map[string]types.AttributeValue{"": value}) > c.maxKeySize(f) {
			return false
		}
	}
	return len(key) == len(fields) && c.hasHash(key)
}

// hasHash reports whether a key has the hash key of the query.
func (c *cursors) hasHash(key map[string]types.AttributeValue) bool {
	hash := c.schema.keysOf(c.index).hash
	for i, value := range c.hash {
		if !wire.EqualText(string(value), key[hash[i].attribute]) {
			return false
		}
	}
	return true
}

// The largest keys that the service accepts, in bytes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxHashKeySize  = 2048
	maxRangeKeySize = 1024
)

// maxKeySize returns how many bytes a key field may have. A field with several roles has the
// smallest limit of them.
func (c *cursors) maxKeySize(f *field) int {
	if f.Range || slices.Contains(c.schema.keysOf(c.index).rng, f) {
		return maxRangeKeySize
	}
	return maxHashKeySize
}

// after returns the key in an item's JSON, or nil if a part of the key is missing.
func (c *cursors) after(raw string) map[string]types.AttributeValue {
	item, err := parseRawItem(raw)
	if err != nil {
		return nil
	}
	key := make(map[string]types.AttributeValue, 4)
	for _, f := range c.keyFields() {
		value := item.raw(f.attribute).AttributeValue()
		if value == nil {
			return nil
		}
		key[f.attribute] = value
	}
	return key
}
