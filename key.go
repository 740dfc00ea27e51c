package dynamapper

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// PrimaryKey identifies an item of a table by the values of its hash key and range key, as Go
// values. Other programs may spell a value differently. If so, the key that KeyOf and the errors of
// this package return for a loaded item keeps the stored spelling, and finds that item.
type PrimaryKey struct {
	hash, rng any
	ranges    int       // how many range keys Key was given
	stored    [2]string // the parts as wire JSON, if spelt differently than Save would; else ""
}

// Key returns a primary key made of a hash key, or of a hash key and a range key. Any Go number can
// be the value of a number key, and any string type that of a string key. The call that uses the
// key returns an error if the key does not fit the table.
//
// If a key is stored as text but is not a string in Go, such as a time.Time or a UUID, a string
// gives the key as it is stored: Key("a", "2015-09-15T19:58:22.947Z"). A value of the field's own
// type is spelt as Save spells it.
func Key(hash any, rng ...any) PrimaryKey {
	k := PrimaryKey{hash: hash, ranges: len(rng)}
	if len(rng) > 0 {
		k.rng = rng[0]
	}
	return k
}

// Keys returns one primary key for each hash key.
func Keys[H any](hashes ...H) []PrimaryKey {
	keys := make([]PrimaryKey, len(hashes))
	for i, hash := range hashes {
		keys[i] = Key(hash)
	}
	return keys
}

// Hash returns the value of the hash key. The value does not keep the stored spelling, so pass the
// PrimaryKey itself to calls.
func (k PrimaryKey) Hash() any { return k.hash }

// Range returns the value of the range key, or nil if there is none. Like the value of Hash, it
// does not keep the stored spelling.
func (k PrimaryKey) Range() any { return k.rng }

// keyFields returns the fields of the table's key: one or two.
func (s *schema) keyFields() []*field {
	if s.rng == nil {
		return []*field{s.hash}
	}
	return []*field{s.hash, s.rng}
}

// keyOf returns the key of a model.
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

// keyAt returns the key of an item that is stored at an encoded key: the values of its fields, and
// the stored spelling of each part that Save would spell differently.
func (s *schema) keyAt(model reflect.Value, encoded map[string]types.AttributeValue) PrimaryKey {
	k := s.keyOf(model)
	for i, f := range s.keyFields() {
		stored := encoded[f.attribute]
		own, err := (&encoder{}).encodeField(f, model)
		if stored == nil || err == nil && wire.Equal(own, stored) {
			continue
		}
		if text, err := wire.AppendValue(nil, stored); err == nil {
			k.stored[i] = string(text)
		}
	}
	return k
}

// part returns a part of the key for encoding: 0 is the hash key, 1 the range key. It returns the
// stored spelling if there is one of the wanted type. The type may differ, because a key may come
// from another model.
func (k PrimaryKey) part(i int, want wire.Type) any {
	if k.stored[i] != "" {
		stored := wire.NewReader(k.stored[i]).AttributeValue()
		if wire.TypeOf(stored) == want {
			return stored
		}
	}
	return [...]any{k.hash, k.rng}[i]
}

// isRespelt reports whether the stored spelling of a part differs from the one that Save writes.
func (k PrimaryKey) isRespelt() bool { return k.stored != [2]string{} }

// encodeKey encodes a key that the caller gives, and refuses a key that does not fit the table.
func (s *schema) encodeKey(k PrimaryKey) (map[string]types.AttributeValue, error) {
	return s.newKeyEncoder(1).key(s, k)
}

// newKeyEncoder returns an encoder with room for the given number of keys.
func (s *schema) newKeyEncoder(keys int) *encoder {
	texts, numbers := 0, 0
	for _, f := range s.keyFields() {
		switch f.codec.stored() {
		case wire.S:
			texts += keys
		case wire.N:
			numbers += keys
		}
	}
	return newEncoder(texts, numbers)
}

// key is encodeKey with an encoder that is shared by several keys.
func (e *encoder) key(s *schema, k PrimaryKey) (map[string]types.AttributeValue, error) {
	switch {
	case k.ranges > 1:
		return nil, fmt.Errorf(
			"the key has %d range keys; a table has one at most: Key(hash, range)", k.ranges)
	case s.rng == nil && k.ranges > 0:
		return nil, fmt.Errorf("the key has a range key, and the model %s has none; use Key(hash)",
			s.goType)
	case s.rng != nil && k.ranges == 0:
		return nil, fmt.Errorf(
			"the key has no range key, and the model %s has one, %s; use Key(hash, range)",
			s.goType, s.rng.goPath)
	}
	encoded := make(map[string]types.AttributeValue, 2)
	for i, f := range s.keyFields() {
		value, err := e.keyPart(f, f.keyName(), k.part(i, f.codec.stored()))
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

// encodeKeyPart encodes a value of a key. role names the field's part in errors, in the table or in
// an index.
func (f *field) encodeKeyPart(role string, value any) (types.AttributeValue, error) {
	return (&encoder{}).keyPart(f, role, value)
}

func (e *encoder) keyPart(f *field, role string, value any) (types.AttributeValue, error) {
	if isNil(value) {
		return nil, fmt.Errorf("the %s %q is nil; give a value of type %s", role, f.attribute,
			f.goType)
	}
	encoded, err := e.keyOperand(f, value)
	if err != nil {
		return nil, fmt.Errorf("the %s %q: %w", role, f.attribute, err)
	}
	if isEmptyKey(encoded) {
		return nil, f.newEmptyKeyError(role)
	}
	return encoded, nil
}

// isEmptyKey reports whether DynamoDB refuses the value as a key because it is empty.
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
	return fmt.Errorf(
		"the %s %q is empty, which DynamoDB does not take; give the field %s a value, or "+
			"another one to Key or Query", role, f.attribute, f.goPath)
}

// identity identifies an item of a table. Equal key values have the same text, however they are
// spelt.
type identity struct{ hash, rng string }

func (s *schema) identityOf(key map[string]types.AttributeValue) identity {
	id := identity{hash: identityOfValue(key[s.hash.attribute])}
	if s.rng != nil {
		id.rng = identityOfValue(key[s.rng.attribute])
	}
	return id
}

// identityIn returns the identity of an item in wire JSON. The JSON must have been decoded before,
// because identityIn does not return errors.
func (s *schema) identityIn(raw string) (id identity) {
	r := wire.NewReader(raw)
	r.Object()
	for missing := len(s.keyFields()); missing > 0; {
		name, more := r.Member()
		switch {
		case !more:
			return id
		case name == s.hash.attribute:
			id.hash = readIdentity(r)
			missing--
		case s.rng != nil && name == s.rng.attribute:
			id.rng = readIdentity(r)
			missing--
		default:
			r.SkipValue()
		}
	}
	return id
}

// readIdentity is identityOfValue for the attribute value at the reader's position.
func readIdentity(r *wire.Reader) (part string) {
	switch t := r.Value(); t {
	case wire.S:
		part = r.Text()
	case wire.N:
		part = wire.CanonicalNumber(r.Text())
	case wire.B:
		part = string(r.Bytes())
	default:
		r.SkipRest(t)
	}
	r.End()
	return part
}

// identityOfValue returns a part of a key as text. Equal numbers have the same text.
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
