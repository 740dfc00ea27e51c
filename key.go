package dynamapper

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// PrimaryKey names an item of a table: the values of its hash key and of its range key, as Go values.
// KeyOf and the errors of this package return the key of a loaded item with the spelling that is
// stored, so that it reaches that item also if another program has spelt the same value otherwise.
type PrimaryKey struct {
	hash, rng any
	ranges    int       // how many range keys were given
	stored    [2]string // a part as wire JSON if it is stored in another spelling than its value gives; else ""
}

// Key makes a primary key: of the hash key alone, or of the hash key and the range key. Any Go number fits a number
// key, any string type a string key. What does not fit the table is an error of the call that gets the key.
//
// A string for a key that is stored as text, such as a time.Time or a UUID, is the key as it is
// written there: Key("a", "2015-09-15T19:58:22.947Z"). A value of the field's own type is spelt as
// Save spells it.
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

// Hash is the value of the hash key. It does not hold the spelling that is stored: give calls the
// PrimaryKey itself.
func (k PrimaryKey) Hash() any { return k.hash }

// Range is the value of the range key, nil if there is none. The note on Hash holds for it, too.
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

// keyAt is the key of an item that stands at an encoded key: the values of its fields, and how a part
// is stored if its value would be spelt otherwise.
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

// part returns a part of the key to encode: 0 is the hash key, 1 the range key. If the part keeps a
// stored spelling of the wanted type, part returns that. A key of another model may keep another type.
func (k PrimaryKey) part(i int, want wire.Type) any {
	if k.stored[i] != "" {
		stored := wire.NewReader(k.stored[i]).AttributeValue()
		if wire.TypeOf(stored) == want {
			return stored
		}
	}
	return [...]any{k.hash, k.rng}[i]
}

// isRespelt reports whether a part of the key is stored in another spelling than its value gives.
func (k PrimaryKey) isRespelt() bool { return k.stored != [2]string{} }

// encodeKey encodes a key that the caller gives, and refuses one that the table cannot have.
func (s *schema) encodeKey(k PrimaryKey) (map[string]types.AttributeValue, error) {
	return s.newKeyEncoder(1).key(s, k)
}

// newKeyEncoder makes an encoder with room for so many keys.
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

// key encodes a key as encodeKey does.
func (e *encoder) key(s *schema, k PrimaryKey) (map[string]types.AttributeValue, error) {
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

// encodeKeyPart encodes a value of a key; role is what the field is there, in the table or in an index.
func (f *field) encodeKeyPart(role string, value any) (types.AttributeValue, error) {
	return (&encoder{}).keyPart(f, role, value)
}

func (e *encoder) keyPart(f *field, role string, value any) (types.AttributeValue, error) {
	if isNil(value) {
		return nil, fmt.Errorf("the %s %q is nil; give a value of type %s", role, f.attribute, f.goType)
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
	return fmt.Errorf("the %s %q is empty, which DynamoDB does not take; give the field %s a value, or another one to Key or Query", role, f.attribute, f.goPath)
}

// identity names an item of a table: the parts of its key, as texts that only equal parts share.
type identity struct{ hash, rng string }

// identityOf gives the identity of a key.
func (s *schema) identityOf(key map[string]types.AttributeValue) identity {
	id := identity{hash: identityOfValue(key[s.hash.attribute])}
	if s.rng != nil {
		id.rng = identityOfValue(key[s.rng.attribute])
	}
	return id
}

// identityIn gives the identity of an item's key, out of its wire JSON, which has been decoded before.
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

// readIdentity is identityOfValue of the attribute value where the reader stands.
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
