package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// moreParts holds the values of a key behind the first two. It is comparable, so that keys are.
type moreParts struct{ part, rest any }

// Parts returns the values that Key was given: the hash key and the range key, or the parts of keys
// with a format. The values do not keep the stored spelling.
func (k PrimaryKey) Parts() []any {
	if k.ranges == 0 {
		if k.hash == nil {
			return nil
		}
		return []any{k.hash}
	}
	parts := []any{k.hash}
	rest := k.rng
	for range k.ranges - 1 {
		more := rest.(moreParts)
		parts, rest = append(parts, more.part), more.rest
	}
	return append(parts, rest)
}

// chainParts returns values as one comparable value.
func chainParts(values []any) any {
	chain := values[len(values)-1]
	for i := len(values) - 2; i >= 0; i-- {
		chain = moreParts{values[i], chain}
	}
	return chain
}

// hasKeyFormat reports whether a key of the table has a format, so that the keys of callers are in
// parts.
func (s *schema) hasKeyFormat() bool {
	return s.hash.computed != nil || s.rng != nil && s.rng.computed != nil
}

// keyInParts appends the parts of a key that the caller gives in parts of formats, and sets where
// each of them ends.
func (e *encoder) keyInParts(s *schema, k PrimaryKey, ends *[2]int) error {
	values := k.Parts()
	if len(values) != len(s.keyParts) {
		return s.newPartsError(values)
	}
	known := partValues{}
	for i, f := range s.keyFields() {
		value := k.stored[i]
		if value.Type() != f.codec.stored() {
			var err error
			if value, err = e.keyFromParts(f, f.keyName(), s.keyParts, values, known); err != nil {
				return err
			}
		}
		e.text = append(e.text, value...)
		ends[i], ends[1] = len(e.text), len(e.text)
	}
	return nil
}

// partValues holds the encoded values of the parts that are known. "" is an empty part.
type partValues map[*field]wire.Raw

// keyFromParts encodes one key from the values of the parts. role names it in errors if it has no
// format. known keeps what is encoded.
func (e *encoder) keyFromParts(
	f *field, role string, parts []*field, values []any, known partValues,
) (wire.Raw, error) {
	if f.computed != nil {
		role = "key part"
	}
	for _, part := range f.parts() {
		if known[part] != "" {
			continue
		}
		start := len(e.text)
		if err := e.keyPart(part, role, values[slices.Index(parts, part)]); err != nil {
			return "", err
		}
		known[part] = e.takeOff(start)
	}
	if f.computed == nil {
		return known[f], nil
	}
	return f.computedFrom(known)
}

// computedFrom computes an attribute from the encoded values of its parts. It returns "" if a part
// is empty.
func (f *field) computedFrom(known partValues) (wire.Raw, error) {
	texts := make([]string, len(f.computed.parts))
	for i, part := range f.computed.parts {
		if texts[i] = partText(known[part]); texts[i] == "" {
			return "", nil
		}
	}
	text, err := f.computed.build(f, texts)
	if err != nil {
		return "", err
	}
	return wire.NewText(text), nil
}

// newEmptyPartError returns the error of a key that cannot be computed, because a part is empty.
func (f *field) newEmptyPartError(role string) error {
	places := make([]string, len(f.computed.parts))
	for i, part := range f.computed.parts {
		places[i] = fmt.Sprintf("%s (%s)", part.goPath, part.attribute)
	}
	return fmt.Errorf("the %s %q is computed from %s, and one of these is empty; set its value",
		role, f.attribute, strings.Join(places, " and "))
}

// newPartsError returns the error of a key with too few or too many values.
func (s *schema) newPartsError(values []any) error {
	names := make([]string, len(s.keyParts))
	for i, part := range s.keyParts {
		names[i] = part.attribute
	}
	use := "Key(" + strings.Join(names, ", ") + ")"
	if len(names) == 0 {
		use = "PrimaryKey{}, as all items have one key"
	}
	err := fmt.Errorf("the key has %s, and that of the model %s has %s; use %s",
		amountOf(len(values), "value"), s.goType, amountOf(len(names), "part"), use)
	for i, f := range s.keyFields() {
		if i < len(values) && f.computed != nil && f.isFormatted(values[i]) {
			return fmt.Errorf("%w: the value %d is formatted text, and Key takes the parts in it", err,
				i+1)
		}
	}
	return err
}

// isFormatted reports whether a value is a text of the field's format in the place of a part.
func (f *field) isFormatted(value any) bool {
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.String || f.computed.format.Prefix() == "" {
		return false
	}
	_, ok := f.computed.format.Split(nil, v.String())
	return ok
}

func amountOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// keyInParts returns the key in an item's JSON, in parts. A part that cannot be decoded is empty.
func (s *schema) keyInParts(raw rawItem, model reflect.Value) PrimaryKey {
	stored := s.takeKey(raw)
	for i, f := range s.keyFields() {
		if value := stored.part(i); value != "" && value.Type() != f.codec.stored() {
			return PrimaryKey{}
		}
	}
	for _, part := range s.keyParts {
		value := raw.raw(part.attribute)
		if value != "" && s.decodeAttribute(part, value, model) != nil {
			return PrimaryKey{}
		}
	}
	if s.fillParts(model, raw) != nil {
		return PrimaryKey{}
	}
	return s.keyAt(model, stored)
}

// setParts sets the fields of the parts of an encoded key.
func (s *schema) setParts(model reflect.Value, key itemKey) error {
	var raw rawItem
	for i, f := range s.keyFields() {
		raw = raw.with(f.attribute, key.part(i))
	}
	for _, part := range s.keyParts {
		part.settableIn(model).SetZero()
		if value := raw.raw(part.attribute); value != "" {
			if err := s.decodeAttribute(part, value, model); err != nil {
				return err
			}
		}
	}
	return s.fillParts(model, raw)
}

// lacksParts reports whether a part of the model is empty, and a key may hold its value. noted has
// the texts of the computed attributes without a field.
func (s *schema) lacksParts(model reflect.Value, noted []string) bool {
	var buffer [8]string
	for _, f := range s.computed {
		text := f.computed.textIn(f, model, noted)
		if text == "" {
			continue
		}
		for i, part := range f.computed.parts {
			if v, ok := part.valueIn(model); ok && !v.IsZero() {
				continue
			}
			parts, ok := f.computed.format.Split(buffer[:0], text)
			if ok && (part.codec.stored() != wire.N || parts[i] != "0") {
				return true
			}
		}
	}
	return false
}

// textIn returns the text of a computed attribute of a decoded item.
func (c *computed) textIn(f *field, model reflect.Value, noted []string) string {
	if !c.stored {
		return noted[c.number]
	}
	v, _ := f.valueIn(model)
	return v.String()
}

// fillParts fills in the fields whose attributes an item lacks from the computed attributes that
// hold them.
func (s *schema) fillParts(model reflect.Value, raw rawItem) error {
	for _, f := range s.computed {
		value := raw.raw(f.attribute)
		if value.Type() != wire.S {
			continue // the decoder refuses other types
		}
		for i, part := range f.computed.parts {
			v, ok := part.valueIn(model)
			if ok && !v.IsZero() || !isNull(raw.raw(part.attribute)) {
				continue
			}
			if err := s.fillPart(f, i, value.Text(), model); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillPart fills in one field from the text of a computed attribute. If the text is not one of the
// format, or not one of the field, the field stays empty.
func (s *schema) fillPart(f *field, i int, text string, model reflect.Value) error {
	parts, ok := f.computed.format.Split(nil, text)
	if !ok {
		return nil
	}
	part := f.computed.parts[i]
	stored := wire.NewText(parts[i])
	if part.codec.stored() == wire.N {
		stored = wire.NewNumber(parts[i])
	}
	read := reflect.New(s.goType).Elem()
	if s.decodeAttribute(part, stored, read) == nil {
		value, _ := part.valueIn(read)
		part.settableIn(model).Set(value)
	}
	return nil
}
