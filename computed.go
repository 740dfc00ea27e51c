package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dynamapper/dynamapper/internal/format"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Computed is the type of a field whose attribute the mapper computes from other attributes, by the
// option format of its tag:
//
//	_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
//
// In the format, {login} stands for an attribute of the model that is stored as text or as a
// number, and {points:10} for a whole number that is padded with zeros to ten digits, so that it
// sorts as text. {{ and }} stand for braces. If a part is empty, the attribute is missing, so an
// item whose index key has an empty part is not in that index.
//
// Every write computes the attribute. A field with a name shows the text after a load or a save; a
// blank one takes no name. What a program sets such a field to is replaced. A string field with the
// option format is computed in the same way, but a Save returns a *FieldError if the program has
// set it to another text.
type Computed string

var computedType = reflect.TypeFor[Computed]()

// computed describes how an attribute is computed. It is immutable.
type computed struct {
	format *format.Format
	parts  []*field // parallel to the parts of the format
	stored bool     // the field holds the text
	number int      // of the text among those that a decoder notes; 0 is the entity's
}

// setComputed sets the format of a field. makeComputed finds its parts, when all fields are known.
func (m *schemaMaker) setComputed(f *field) error {
	parsed, err := format.Parse(f.formatText)
	if err != nil {
		return m.errorAt(f, "option \"format\": %v", err)
	}
	if f.viaPointer != "" {
		return m.errorAt(f, "option \"format\" is behind the embedded pointer %s, which may be nil; "+
			"embed %[1]s by value", f.viaPointer)
	}
	m.schema.computed = append(m.schema.computed, f)
	f.computed = &computed{format: parsed, stored: !m.isBlank(f), number: len(m.schema.computed)}
	f.setComputedCodec()
	return nil
}

func (m *schemaMaker) isBlank(f *field) bool {
	return m.schema.goType.FieldByIndex(f.path).Name == "_"
}

// setComputedCodec makes the codec of a computed attribute. It has no encoding of its own. If the
// struct has no place for the text, the decoder notes the text under its number.
func (f *field) setComputedCodec() {
	decode := f.codec.decodeAt
	if number := f.computed.number; !f.computed.stored {
		decode = func(d *decoder, t wire.Type, _ slot) error {
			if t != wire.S {
				return newTypeError(t, f.goType, "S")
			}
			d.note(number, d.Text())
			return nil
		}
	}
	f.codec = decodedAt(codec{wire: wire.S, empty: f.codec.empty, encode: f.codec.encode}, decode)
	f.setOpening()
}

// makeComputed finds the parts of all formats.
func (m *schemaMaker) makeComputed() error {
	s := m.schema
	for _, f := range s.computed {
		for _, part := range f.computed.format.Parts() {
			found, err := m.findPart(f, part)
			if err != nil {
				return m.errorAt(f, "option \"format\": the part {%s}: %v", part.Name, err)
			}
			f.computed.parts = append(f.computed.parts, found)
			found.partOf = append(found.partOf, f)
		}
	}
	s.keyParts = partsOf(s.keyFields())
	return m.checkProjections()
}

// findPart returns the field of a part, and refuses one that a format cannot contain.
func (m *schemaMaker) findPart(f *field, part format.Part) (*field, error) {
	found := m.schema.byAttribute[part.Name]
	switch {
	case found == nil:
		return nil, m.schema.newUnknownAttributeError(part.Name)
	case found == f:
		return nil, errors.New("it is the attribute itself; name another one")
	case found.computed != nil:
		return nil, errors.New("it is computed, too, and a format has no other format in it; " +
			"write the parts of that one")
	case found.codec.json, found.codec.stored() != wire.S && found.codec.stored() != wire.N:
		return nil, fmt.Errorf("it is stored neither as text nor as a number, as the field %s is of "+
			"type %s; use a string, a number, a time, or a type with MarshalText", found.goPath,
			found.goType)
	case found.version:
		return nil, errors.New("it is the version, which every write changes; use another attribute")
	case found.updated && (f.hash || f.rng):
		return nil, errors.New("it has the option \"updated\", and every write would change the key; " +
			"use another attribute")
	case part.Width > 0 && !found.holdsWholeNumbers():
		return nil, fmt.Errorf("it is padded, and the field %s of type %s does not hold whole "+
			"numbers; use an integer, or leave :%d out", found.goPath, found.goType, part.Width)
	}
	return found, nil
}

// holdsWholeNumbers reports whether all values of the field are stored as whole numbers.
func (f *field) holdsWholeNumbers() bool {
	t := f.valueType()
	return f.codec.stored() == wire.N && (isInteger(t) || t == bigIntType || isTimeType(t))
}

// partsOf returns the parts of keys: of each field its parts, if it is computed, or itself. Each
// part comes once.
func partsOf(keys []*field) []*field {
	var parts []*field
	for _, f := range keys {
		for _, part := range f.parts() {
			if !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// parts returns the parts of a computed field, or the field itself.
func (f *field) parts() []*field {
	if f.computed != nil {
		return f.computed.parts
	}
	return []*field{f}
}

// isStored reports whether the struct has a place for the attribute's value.
func (f *field) isStored() bool { return f.computed == nil || f.computed.stored }

// encodeComputed appends an attribute that is computed from the fields of its parts. It reports
// false if a part is missing.
func (e *encoder) encodeComputed(f *field, holder reflect.Value) (ok bool, err error) {
	text, err := e.computedText(f, holder)
	if err != nil || text == "" {
		return false, err
	}
	return true, e.appendS(text)
}

// computedText returns the text of a computed attribute, or "" if a part is missing.
func (e *encoder) computedText(f *field, holder reflect.Value) (string, error) {
	texts := make([]string, len(f.computed.parts))
	for i, part := range f.computed.parts {
		start := len(e.text)
		if _, err := e.encodeField(part, holder); err != nil {
			return "", err
		}
		if texts[i] = partText(e.takeOff(start)); texts[i] == "" {
			return "", nil
		}
	}
	return f.computed.build(f, texts)
}

// takeOff returns the text from start on as a value, and removes it.
func (e *encoder) takeOff(start int) wire.Raw {
	value := e.taken(start)
	e.text = e.text[:start]
	return value
}

// partText returns a value as the text of a part, or "" for a missing or empty value. Equal numbers
// have one text.
func partText(value wire.Raw) string {
	switch value.Type() {
	case wire.S:
		return value.Text()
	case wire.N:
		return wire.CanonicalNumber(value.Text())
	}
	return ""
}

// build returns the text of a computed field. It returns a *FieldError about the part that the
// format cannot contain.
func (c *computed) build(f *field, texts []string) (string, error) {
	text, err := c.format.Build(texts)
	if refused := (*format.PartError)(nil); errors.As(err, &refused) {
		return "", c.parts[refused.Part].placeIn(
			fmt.Errorf("the value is a part of the attribute %q: %w", f.attribute, refused))
	}
	return text, err
}

// showComputed sets the fields that show computed attributes to the texts of a written item.
func (s *schema) showComputed(model reflect.Value, written rawItem) {
	for _, f := range s.computed {
		if f.computed.stored {
			f.settableIn(model).SetString(written.raw(f.attribute).Text())
		}
	}
}

// checkComputed returns a *FieldError if the program has set a string field with a format to a text
// that is neither the loaded nor the computed one, because it would be lost.
func (c *comparison) checkComputed(model reflect.Value) error {
	for _, f := range c.schema.computed {
		if !f.computed.stored || f.goType == computedType {
			continue
		}
		v, _ := f.valueIn(model)
		text := v.String()
		if text == "" || text == c.encoded.attributes.raw(f.attribute).Text() ||
			text == c.base.raw(f.attribute).Text() {
			continue
		}
		return f.placeIn(errSetComputed)
	}
	return nil
}

var errSetComputed = errors.New(
	"the field is computed by its format, and was set to another text; " +
		"set the parts of the format, and leave the field empty or as it was loaded")
