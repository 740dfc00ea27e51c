package dynamapper

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/internal/wire"
)

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
		case c.kind == setValue:
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
			return fmt.Errorf("%s of %q leaves a value that is not known before, and the attribute %q "+
				"is computed from it; use Set, or Modify, which reads the item", method, part.attribute,
				f.attribute)
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
	if s.entity != nil {
		p.expected = append(p.expected, u.table.expectEntity())
	}
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
		if !part.hash && !part.rng {
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
		if f.hash || f.rng || isSet(f.attribute) {
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
// of different parts would leave an attribute that neither has computed.
func (s *schema) expectParts(of *outcome, raw rawItem) []expectation {
	var expected []expectation
	var compared []*field
	differs := func(f *field) bool {
		_, found := slices.BinarySearch(of.differing, f.attribute)
		return found
	}
	for _, f := range s.computed {
		if !differs(f) {
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
