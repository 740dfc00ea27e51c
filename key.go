package dynamapper

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// PrimaryKey names an item of a table: the values of its hash key and of its range key, as Go values.
type PrimaryKey struct {
	hash, rng any
	ranges    int // how many range keys were given
}

// Key makes a primary key: of the hash key alone, or of the hash key and the range key. Any Go number fits a number
// key, any string type a string key. What does not fit the table is an error of the call that gets the key.
func Key(hash any, rng ...any) PrimaryKey {
	k := PrimaryKey{hash: hash, ranges: len(rng)}
	if len(rng) > 0 {
		k.rng = rng[0]
	}
	return k
}

// Keys makes a primary key of each hash key.
func Keys[H any](hashes ...H) []PrimaryKey {
	keys := make([]PrimaryKey, len(hashes))
	for i, hash := range hashes {
		keys[i] = Key(hash)
	}
	return keys
}

// Hash is the value of the hash key.
func (k PrimaryKey) Hash() any { return k.hash }

// Range is the value of the range key, nil if there is none.
func (k PrimaryKey) Range() any { return k.rng }

// keyFields lists the fields of the table's key: one or two.
func (s *schema) keyFields() []*field {
	if s.rng == nil {
		return []*field{s.hash}
	}
	return []*field{s.hash, s.rng}
}

// keyOf takes the key out of a model.
func (s *schema) keyOf(model reflect.Value) PrimaryKey {
	take := func(f *field) any {
		if v, ok := f.valueIn(model); ok {
			return v.Interface()
		}
		return nil
	}
	if s.rng == nil {
		return Key(take(s.hash))
	}
	return Key(take(s.hash), take(s.rng))
}

// encodeKey encodes a key that the caller gives, and refuses one that the table cannot have.
func (s *schema) encodeKey(k PrimaryKey) (map[string]types.AttributeValue, error) {
	switch {
	case k.ranges > 1:
		return nil, fmt.Errorf("the key has %d range keys; a table has one at most: Key(hash, range)", k.ranges)
	case s.rng == nil && k.ranges > 0:
		return nil, fmt.Errorf("the key has a range key, and the model %s has none; use Key(hash)", s.goType)
	case s.rng != nil && k.ranges == 0:
		return nil, fmt.Errorf("the key has no range key, and the model %s has one, %s; use Key(hash, range)", s.goType, s.rng.goPath)
	}
	encoded := make(map[string]types.AttributeValue, 2)
	for i, f := range s.keyFields() {
		value, err := f.encodeKeyPart(f.keyName(), []any{k.hash, k.rng}[i])
		if err != nil {
			return nil, err
		}
		encoded[f.attribute] = value
	}
	return encoded, nil
}

func (f *field) keyName() string {
	if f.rng {
		return "range key"
	}
	return "hash key"
}

// encodeKeyPart encodes a value of a key; role is what the field is there, in the table or in an index.
func (f *field) encodeKeyPart(role string, value any) (types.AttributeValue, error) {
	if isNil(value) {
		return nil, fmt.Errorf("the %s %q is nil; give a value of type %s", role, f.attribute, f.goType)
	}
	encoded, err := f.encodeOperand(value)
	if err != nil {
		return nil, fmt.Errorf("the %s %q: %w", role, f.attribute, err)
	}
	if isEmptyKey(encoded) {
		return nil, f.newEmptyKeyError(role)
	}
	return encoded, nil
}

// isEmptyKey says that DynamoDB takes the value for no key.
func isEmptyKey(value types.AttributeValue) bool {
	switch value := value.(type) {
	case nil:
		return true
	case *types.AttributeValueMemberS:
		return value == nil || value.Value == ""
	case *types.AttributeValueMemberB:
		return value == nil || len(value.Value) == 0
	}
	return false
}

func (f *field) newEmptyKeyError(role string) error {
	return fmt.Errorf("the %s %q is empty, which DynamoDB does not take; give it a value, in Go that of %s", role, f.attribute, f.goPath)
}

// identityOf writes a key as a text that only equal keys share.
func (s *schema) identityOf(key map[string]types.AttributeValue) string {
	var text []byte
	for _, f := range s.keyFields() {
		part := identityOfValue(key[f.attribute])
		text = strconv.AppendInt(text, int64(len(part)), 10)
		text = append(append(text, ':'), part...)
	}
	return string(text)
}

// identityOfValue writes a part of a key as a text that only equal ones share: numbers by their value.
func identityOfValue(value types.AttributeValue) string {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return value.Value
	case *types.AttributeValueMemberN:
		return wire.CanonicalNumber(value.Value)
	case *types.AttributeValueMemberB:
		return string(value.Value)
	}
	return ""
}
