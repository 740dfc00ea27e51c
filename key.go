package dynamapper

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// PrimaryKey identifies an item of a table by the values of its hash key and range key, as Go
// values. If a key has a format, PrimaryKey holds the values of its parts. Other programs may spell
// a value differently. If so, the key that KeyOf and the errors of this package return for a loaded
// item keeps the stored spelling, and finds that item.
type PrimaryKey struct {
	hash   any
	rng    any         // the second value of Key; moreParts if there are more
	ranges int         // how many values Key was given behind the first
	stored [2]wire.Raw // the parts as stored, if spelt differently than Save would; else ""
}

// Key returns a primary key made of a hash key, or of a hash key and a range key. Any Go number can
// be the value of a number key, and any string type that of a string key. The call that uses the
// key returns an error if the key does not fit the table.
//
// If a key is stored as text but is not a string in Go, such as a time.Time or a UUID, a string
// gives the key as it is stored: Key("a", "2015-09-15T19:58:22.947Z"). A value of the field's own
// type is spelt as Save spells it.
//
// If a key of the model has a format, Key takes its parts, never the formatted text: first those of
// the hash key, then those of the range key, and each part once. With the formats
// PLAYER#{player} and MATCH#{at}#{id}, that is Key("waldo", at, id). A key whose formats have no
// part is PrimaryKey{}.
func Key(hash any, rng ...any) PrimaryKey {
	k := PrimaryKey{hash: hash, ranges: len(rng)}
	if len(rng) > 0 {
		k.rng = chainParts(rng)
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
// PrimaryKey itself to calls. If the key has a format, Hash returns its first part; see Parts.
func (k PrimaryKey) Hash() any { return k.hash }

// Range returns the value of the range key, or nil if there is none. Like the value of Hash, it
// does not keep the stored spelling. If a key has a format, Range returns the second part; see
// Parts.
func (k PrimaryKey) Range() any {
	if more, ok := k.rng.(moreParts); ok {
		return more.part
	}
	return k.rng
}

// keyFields returns the fields of the table's key: one or two.
func (s *schema) keyFields() []*field { return s.keys }

// keyOf returns the key of a model.
func (s *schema) keyOf(model reflect.Value) PrimaryKey {
	take := func(f *field) any {
		if v, ok := f.valueIn(model); ok {
			return v.Interface()
		}
		return nil
	}
	if s.hasKeyFormat() {
		return makeKey(s.keyParts, take)
	}
	if s.rng == nil {
		return Key(take(s.hash))
	}
	return Key(take(s.hash), take(s.rng))
}

// makeKey returns the key of the parts.
func makeKey(parts []*field, take func(*field) any) PrimaryKey {
	if len(parts) == 0 {
		return PrimaryKey{}
	}
	values := make([]any, len(parts))
	for i, part := range parts {
		values[i] = take(part)
	}
	return Key(values[0], values[1:]...)
}

// itemKey is the encoded key of an item. rng is "" if the table has no range key.
type itemKey struct{ hash, rng wire.Raw }

// part returns a part of the key: 0 is the hash key, 1 the range key.
func (k itemKey) part(i int) wire.Raw { return [...]wire.Raw{k.hash, k.rng}[i] }

// set sets a part of the key.
func (k *itemKey) set(i int, value wire.Raw) { *[...]*wire.Raw{&k.hash, &k.rng}[i] = value }

// keyAttributes returns a key in the SDK's types.
func (s *schema) keyAttributes(k itemKey) map[string]types.AttributeValue {
	key := make(map[string]types.AttributeValue, 2)
	for i, f := range s.keyFields() {
		key[f.attribute] = k.part(i).AttributeValue()
	}
	return key
}

// appendKey appends a key as an object.
func (s *schema) appendKey(to []byte, k itemKey) []byte {
	to = append(to, '{')
	for i, f := range s.keyFields() {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(append(wire.AppendString(to, f.attribute), ':'), k.part(i)...)
	}
	return append(to, '}')
}

// keyAt returns the key of an item that is stored at an encoded key: the values of its fields, and
// the stored spelling of each part that Save would spell differently.
func (s *schema) keyAt(model reflect.Value, encoded itemKey) PrimaryKey {
	k := s.keyOf(model)
	e := s.encoders.get()
	defer s.encoders.put(e)
	for i, f := range s.keyFields() {
		stored := encoded.part(i)
		e.text = e.text[:0]
		_, err := e.encodeField(f, model)
		if stored == "" || err == nil &&
			(string(e.text) == string(stored) || e.taken(0).Equal(stored)) {
			continue
		}
		k.stored[i] = stored
	}
	return k
}

// part returns a part of the key for encoding: 0 is the hash key, 1 the range key. It returns the
// stored spelling if there is one of the wanted type. The type may differ, because a key may come
// from another model.
func (k PrimaryKey) part(i int, want wire.Type) any {
	if k.stored[i].Type() == want && want != wire.Invalid {
		return k.stored[i]
	}
	return [...]any{k.hash, k.rng}[i]
}

// isRespelt reports whether the stored spelling of a part differs from the spelling that Save
// writes.
func (k PrimaryKey) isRespelt() bool { return k.stored != [2]wire.Raw{} }

// encodeKey encodes a key that the caller gives, and refuses a key that does not fit the table.
func (s *schema) encodeKey(k PrimaryKey) (itemKey, error) {
	e := s.encoders.get()
	defer s.encoders.put(e)
	var ends [2]int
	if err := e.key(s, k, &ends); err != nil {
		return itemKey{}, err
	}
	text := wire.Raw(e.text)
	return itemKey{text[:ends[0]], text[ends[0]:]}, nil
}

// key appends the parts of a key, and sets where each of them ends in the text.
func (e *encoder) key(s *schema, k PrimaryKey, ends *[2]int) error {
	switch {
	case s.hasKeyFormat():
		return e.keyInParts(s, k, ends)
	case k.ranges > 1:
		return fmt.Errorf(
			"the key has %d range keys; a table has one at most: Key(hash, range)", k.ranges)
	case s.rng == nil && k.ranges > 0:
		return fmt.Errorf("the key has a range key, and the model %s has none; use Key(hash)",
			s.goType)
	case s.rng != nil && k.ranges == 0:
		return fmt.Errorf(
			"the key has no range key, and the model %s has one, %s; use Key(hash, range)",
			s.goType, s.rng.goPath)
	}
	for i, f := range s.keyFields() {
		if err := e.keyPart(f, f.keyName(), k.part(i, f.codec.stored())); err != nil {
			return err
		}
		ends[i], ends[1] = len(e.text), len(e.text)
	}
	return nil
}

// encodeKeys encodes keys that the caller gives. They share one text.
func (s *schema) encodeKeys(keys []PrimaryKey) ([]itemKey, error) {
	e := s.encoders.get()
	defer s.encoders.put(e)
	ends := make([][2]int, len(keys))
	for i, k := range keys {
		if err := e.key(s, k, &ends[i]); err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
	}
	text, start := wire.Raw(e.text), 0
	encoded := make([]itemKey, len(keys))
	for i, end := range ends {
		encoded[i] = itemKey{text[start:end[0]], text[end[0]:end[1]]}
		start = end[1]
	}
	return encoded, nil
}

func (f *field) keyName() string {
	if f.Range {
		return "range key"
	}
	return "hash key"
}

// encodeKeyPart encodes a value of a key. role names the field's part in errors, in the table or in
// an index.
func (s *schema) encodeKeyPart(f *field, role string, value any) (wire.Raw, error) {
	e := s.encoders.get()
	defer s.encoders.put(e)
	if err := e.keyPart(f, role, value); err != nil {
		return "", err
	}
	return e.taken(0), nil
}

func (e *encoder) keyPart(f *field, role string, value any) error {
	if isNil(value) {
		return fmt.Errorf("the %s %q is nil; give a value of type %s", role, f.attribute,
			f.goType)
	}
	start := len(e.text)
	if err := e.keyOperand(f, value); err != nil {
		return fmt.Errorf("the %s %q: %w", role, f.attribute, err)
	}
	if isEmptyKeyText(e.text[start:]) {
		return f.newEmptyKeyError(role)
	}
	return nil
}

// isEmptyKeyText is isEmptyKey for a value that the encoder has appended.
func isEmptyKeyText(value []byte) bool {
	switch string(value) {
	case "", `{"S":""}`, `{"B":""}`:
		return true
	}
	return false
}

// isEmptyKey reports whether DynamoDB refuses the value as a key because it is missing or empty.
func isEmptyKey(value wire.Raw) bool {
	switch value.Type() {
	case wire.S:
		return value.Text() == ""
	case wire.B:
		return len(value.Bytes()) == 0
	}
	return value == ""
}

func (f *field) newEmptyKeyError(role string) error {
	if f.computed != nil && len(f.computed.parts) > 0 {
		return f.newEmptyPartError(role)
	}
	return fmt.Errorf(
		"the %s %q is empty, which DynamoDB does not take; give the field %s a value, or "+
			"another one to Key or Query", role, f.attribute, f.goPath)
}

// identity identifies an item of a table. Equal key values have the same text, however they are
// spelt.
type identity struct{ hash, rng string }

func (s *schema) identityOf(key itemKey) identity {
	return identity{identityOfValue(key.hash), identityOfValue(key.rng)}
}

// identityOfAttributes is identityOf for an item or a key in the SDK's types.
func (s *schema) identityOfAttributes(item map[string]types.AttributeValue) (identity, error) {
	text, err := wire.AppendItem(nil, item)
	return s.identityIn(string(text)), err
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
func identityOfValue(value wire.Raw) string {
	if value == "" {
		return ""
	}
	return readIdentity(wire.NewReader(string(value)))
}
