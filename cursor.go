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

// A cursor is the text of: a version, what it is bound to as a hash, the sum over all that, and the key of the item behind
// which it goes on. The sum finds a text that was damaged. Nothing in it is secret, nor proof of who wrote it.
const (
	cursorVersion = 1
	bindingSize   = 8
	cursorHeader  = 1 + bindingSize + crc32.Size
)

// cursors writes and reads the cursors of one query.
type cursors struct {
	schema  *schema
	index   *index // nil: the table
	binding [bindingSize]byte
	hash    types.AttributeValue // of a query: the hash key that all its items have
}

// bindCursors makes the cursors of a query: what is bound is one text for one query only.
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

// write gives the cursor that goes on behind a key; "" where there is nothing more.
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

// appendKey writes a key with its names in order, so that one place has one cursor.
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

// read gives the key behind which a cursor goes on; nil for "", the start.
func (c *cursors) read(cursor string) (map[string]types.AttributeValue, error) {
	if cursor == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	isBroken := err != nil || strings.ContainsAny(cursor, "\r\n") // which package base64 reads over
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
		return nil, fmt.Errorf("%w: it belongs to another query: give it only to one of the same table, index, hash key, direction, "+
			"segment and kind of conditions", ErrInvalidCursor)
	}
	key, err := wire.ParseItem(string(text))
	if err != nil || !c.isKey(key) {
		return nil, fmt.Errorf("%w: its key is not one of the table; the model has changed since: begin again with the cursor \"\"", ErrInvalidCursor)
	}
	// One place has one cursor: a text with a member twice, or with spaces, was not written here.
	if again, err := c.write(key); err != nil || again != cursor {
		return nil, errBrokenCursor
	}
	return key, nil
}

var errBrokenCursor = fmt.Errorf("%w: it is damaged, or none of this version; give one as Page returned it, or \"\" for the start", ErrInvalidCursor)

// keyFields lists the fields of the table's and the index's keys.
func (c *cursors) keyFields() []*field {
	fields := c.schema.keyFields()
	if c.index == nil {
		return fields
	}
	for _, f := range []*field{c.index.hash, c.index.rng} {
		if f != nil && !f.hash && !f.rng {
			fields = append(fields, f)
		}
	}
	return fields
}

// isKey reports whether a key is one that an item of the table can have, and which the query can have met: a forged cursor
// may hold anything.
func (c *cursors) isKey(key map[string]types.AttributeValue) bool {
	fields := c.keyFields()
	for _, f := range fields {
		value := key[f.attribute]
		if wire.TypeOf(value) != f.codec.stored() || isEmptyKey(value) || (&encoder{}).check(value) != nil {
			return false
		}
		if wire.ItemSize(map[string]types.AttributeValue{"": value}) > c.maxKeySize(f) {
			return false
		}
	}
	return len(key) == len(fields) && (c.hash == nil || wire.Equal(key[c.hashField().attribute], c.hash))
}

// The sizes of keys that the service takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxHashKeySize  = 2048
	maxRangeKeySize = 1024
)

// maxKeySize is how many bytes a key field may have, by the tightest of its roles.
func (c *cursors) maxKeySize(f *field) int {
	if f.rng || c.index != nil && f == c.index.rng {
		return maxRangeKeySize
	}
	return maxHashKeySize
}

// hashField is the field by whose value a query searches.
func (c *cursors) hashField() *field {
	if c.index != nil {
		return c.index.hash
	}
	return c.schema.hash
}

// after takes the key out of an item's wire JSON; nil where it lacks a part.
func (c *cursors) after(raw string) map[string]types.AttributeValue {
	item, err := parseRawItem(raw)
	if err != nil {
		return nil
	}
	key := make(map[string]types.AttributeValue, 4)
	for _, f := range c.keyFields() {
		value := item.value(f.attribute)
		if value == nil {
			return nil
		}
		key[f.attribute] = value
	}
	return key
}
