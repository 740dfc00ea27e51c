package dynamapper

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

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
	parsed, err := format.Parse(f.FormatText)
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
	case found.Version:
		return nil, errors.New("it is the version, which every write changes; use another attribute")
	case found.Updated && (f.Hash || f.Range):
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

// recomputation finds the changes of computed attributes that belong to an update. The update does
// not read the item, so it knows only the parts that it sets and those in the key.
type recomputation struct {
	schema  *schema
	known   partValues // the values of parts after the update; nil is a part that is removed
	changed []*field   // the parts that the update changes
	// Parts of which the update does not know the value that it leaves, with its method.
	unknown map[*field]string
}

// recompute returns the changes of the computed attributes with a part that the update changes. It
// returns an error if the update does not know the value of another part. keys has the parts of the
// key.
func (s *schema) recompute(
	keys partValues, clauses []clause, changes []change,
) ([]change, error) {
	r := recomputation{schema: s, known: maps.Clone(keys), unknown: map[*field]string{}}
	r.look(clauses, changes)
	var added []change
	for _, f := range s.computed {
		changed, err := r.changeOf(f)
		if err != nil {
			return nil, err
		}
		if changed != nil {
			added = append(added, *changed)
		}
	}
	return added, nil
}

// keyValues returns the encoded values of the parts of a key.
func (s *schema) keyValues(key PrimaryKey) (partValues, error) {
	known, values := partValues{}, key.Parts()
	for i, part := range s.keyParts { // encodeKey has counted the values
		value, err := s.encodeKeyPart(part, "key part", values[i])
		if err != nil {
			return nil, err
		}
		known[part] = value
	}
	return known, nil
}

// look finds the parts that the update changes.
func (r *recomputation) look(clauses []clause, changes []change) {
	for _, c := range changes {
		f := r.schema.byAttribute[c.place()]
		if f == nil || len(f.partOf) == 0 {
			continue
		}
		switch {
		case c.kind == setValue && c.source == nil:
			r.known[f] = c.value
		case f == r.schema.created && c.steps == nil:
			continue // only a new item gets it; see changeOf
		default:
			r.unknown[f] = clauseMethod(clauses, f.attribute)
			delete(r.known, f)
		}
		r.changed = append(r.changed, f)
	}
}

// place returns the attribute that a change changes, or contains the changed place.
func (c *change) place() string {
	if c.steps != nil {
		return c.steps[0].Name
	}
	return c.attribute
}

// clauseMethod returns the method of the clause that changes an attribute.
func clauseMethod(clauses []clause, attribute string) string {
	i := slices.IndexFunc(clauses, func(c clause) bool { return c.attr == attribute })
	if i < 0 {
		return "the update"
	}
	return clauses[i].method
}

// changeOf returns the change of a computed attribute, or nil if the update changes none of its
// parts.
func (r *recomputation) changeOf(f *field) (*change, error) {
	isChanged := func(part *field) bool { return slices.Contains(r.changed, part) }
	if !slices.ContainsFunc(f.computed.parts, isChanged) {
		return nil, nil
	}
	var missing []string
	for _, part := range f.computed.parts {
		value, known := r.known[part]
		switch {
		case known && isEmptyPart(value):
			return &change{attribute: f.attribute}, nil // a key with an empty part is none
		case !known:
			missing = append(missing, part.attribute)
		}
	}
	if missing != nil {
		return nil, r.newUnknownError(f, missing)
	}
	value, err := f.computedFrom(r.known)
	return &change{attribute: f.attribute, value: value}, err
}

func isEmptyPart(value wire.Raw) bool { return partText(value) == "" }

// newUnknownError returns the error of an update that does not know all parts of an attribute.
func (r *recomputation) newUnknownError(f *field, missing []string) error {
	for part, method := range r.unknown {
		if slices.Contains(f.computed.parts, part) {
			fix := "use Set"
			if method == "Set" { // from a Ref
				fix = "give Set a value"
			}
			return fmt.Errorf("%s of %q leaves a value that is not known before, and the attribute %q "+
				"is computed from it; %s, or use Modify, which reads the item", method, part.attribute,
				f.attribute, fix)
		}
	}
	return fmt.Errorf("the update changes a part of the computed attribute %q, and does not know its "+
		"other parts: %s; set them, too, or use Modify, which reads the item", f.attribute,
		strings.Join(missing, ", "))
}

// completeShared adds to an update what it changes of computed attributes. If it may create the
// item, it also adds what a new item of the model has. An item of another entity refuses it.
func (u *update) completeShared(p *writePlan) error {
	s := u.table.schema
	if !s.isShared() {
		return nil
	}
	keys, err := s.keyValues(u.key)
	if err != nil {
		return err
	}
	added, err := s.recompute(keys, u.clauses, p.changes)
	if err != nil {
		return err
	}
	p.changes = append(p.changes, added...)
	mustExist := slices.ContainsFunc(p.expected, func(e expectation) bool { return e.exists })
	if !mustExist {
		if added, err = s.changesOfNew(keys, p.changes); err != nil {
			return err
		}
		p.changes = append(p.changes, added...)
	}
	u.table.expectOwn(p)
	return nil
}

// expectEntity returns the expectation that an item, if there is one, is of the table's entity.
func (t *table) expectEntity() expectation {
	s := t.schema
	e := expectation{attribute: s.entity.attribute, value: wire.NewText(s.entityName()),
		orMissing: s.hash.attribute}
	if t.unmarked {
		e.orMissing = s.entity.attribute
	}
	return e
}

// changesOfNew returns the attributes that only a new item gets from an update: the name of the
// entity, the parts of its key, and what is computed from those and the time of the creation. keys
// has the parts of the key.
func (s *schema) changesOfNew(keys partValues, changes []change) ([]change, error) {
	known := maps.Clone(keys)
	var added []change
	if s.entity != nil {
		added = append(added, change{attribute: s.entity.attribute, kind: setIfAbsent,
			value: wire.NewText(s.entityName())})
	}
	for _, part := range s.keyParts {
		if !part.Hash && !part.Range {
			added = append(added, change{attribute: part.attribute, kind: setIfAbsent,
				value: known[part]})
		}
	}
	for _, c := range changes {
		if s.created != nil && c.attribute == s.created.attribute && c.kind == setIfAbsent {
			known[s.created] = c.value
		}
	}
	isSet := func(attribute string) bool {
		return slices.ContainsFunc(changes, func(c change) bool { return c.place() == attribute })
	}
	for _, f := range s.computed {
		if f.Hash || f.Range || isSet(f.attribute) {
			continue
		}
		value, err := f.computedFrom(known)
		if err != nil {
			return nil, err
		}
		if value != "" {
			added = append(added, change{attribute: f.attribute, kind: setIfAbsent, value: value})
		}
	}
	return added, nil
}

// expectParts returns the expectations that the parts from which an update of the differences
// computes attributes, and which it does not write, are as they were loaded. Otherwise two writers
// of different parts would leave an attribute that neither has computed. An attribute counts that
// the update leaves alone because another part is missing: a second writer may have set that part.
func (s *schema) expectParts(of *outcome, raw rawItem) []expectation {
	var expected []expectation
	var compared []*field
	differs := func(f *field) bool {
		_, found := slices.BinarySearch(of.differing, f.attribute)
		return found
	}
	for _, f := range s.computed {
		if !differs(f) && !slices.ContainsFunc(f.computed.parts, differs) {
			continue
		}
		for _, part := range f.computed.parts {
			if differs(part) || slices.Contains(s.keyParts, part) ||
				slices.Contains(compared, part) {
				continue
			}
			compared = append(compared, part)
			expected = append(expected,
				expectation{attribute: part.attribute, value: raw.raw(part.attribute)})
		}
	}
	return expected
}
