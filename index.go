package dynamapper

import (
	"slices"

	"github.com/dynamapper/dynamapper/internal/tag"
)

// maxLocalIndexes is a fixed limit. The quota of global indexes can be raised.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const maxLocalIndexes = 5

// indexDeclaration is an index while its tags are read.
type indexDeclaration struct {
	*index
	hash, rng []indexKey // in the order of the fields
	projector *field     // the field whose tag says what the index projects; nil for none
}

// indexKey is a field that a tag makes a key attribute of an index.
type indexKey struct {
	field    *field
	position int // among the hash or the range attributes, from 1; 0 if the tag gives none
}

// makeIndexes makes the indexes from the index tags of all fields.
func (m *schemaMaker) makeIndexes() error {
	var declared []*indexDeclaration
	for _, f := range m.schema.fields {
		for _, element := range f.indexTags {
			var err error
			if declared, err = m.addIndexTag(declared, f, element); err != nil {
				return err
			}
		}
	}
	for _, d := range declared {
		if err := m.makeIndex(d); err != nil {
			return err
		}
		m.schema.indexes = append(m.schema.indexes, d.index)
	}
	if local := countLocal(m.schema.indexes); local > maxLocalIndexes {
		return m.error(
			"the model has %d local indexes, and a table has %d at most; remove some, or make "+
				"them global ones with the tag index", local, maxLocalIndexes)
	}
	return nil
}

// countLocal returns the number of local indexes.
func countLocal(indexes []*index) int {
	local := 0
	for _, i := range indexes {
		if i.local {
			local++
		}
	}
	return local
}

// addIndexTag adds one tag to the indexes that are declared so far.
func (m *schemaMaker) addIndexTag(
	declared []*indexDeclaration, f *field, element tag.Index,
) ([]*indexDeclaration, error) {
	if err := checkName("index", element.Name); err != nil {
		return nil, m.errorAt(f, "%v", err)
	}
	at := slices.IndexFunc(declared, func(d *indexDeclaration) bool { return d.name == element.Name })
	if at < 0 {
		at = len(declared)
		declared = append(declared,
			&indexDeclaration{index: &index{name: element.Name, local: element.Local}})
	}
	return declared, m.declareKey(declared[at], f, element)
}

// declareKey makes a field a key attribute of an index.
func (m *schemaMaker) declareKey(d *indexDeclaration, f *field, element tag.Index) error {
	keys := &d.rng
	if element.Hash {
		keys = &d.hash
	}
	twice := slices.IndexFunc(*keys, func(k indexKey) bool { return k.field == f })
	switch {
	case d.local != element.Local:
		return m.errorAt(f, "index %q is declared with the tag index and with localIndex; keep one",
			element.Name)
	case element.Local && element.Hash:
		return m.errorAt(f,
			"index %q is local, so its hash key is the table's; declare only its range key, or "+
				"a global one with the tag index", element.Name)
	case twice >= 0:
		return m.errorAt(f, "index %q has the field twice; keep one", element.Name)
	case element.Local && len(d.rng) > 0:
		return m.errorAt(f, "index %q has a second range key, beside %s, and a local index has one; "+
			"keep one, or make it a global index with the tag index", element.Name,
			d.rng[0].field.goPath)
	case element.Projects() && !element.Hash && !element.Local:
		return m.errorAt(f,
			"index %q says at its range key what it projects; say it at its hash key", element.Name)
	case element.Projects() && d.projector != nil:
		return m.errorAt(f, "index %q says what it projects here and at %s; keep one", element.Name,
			d.projector.goPath)
	}
	*keys = append(*keys, indexKey{f, element.Position})
	if element.Projects() {
		d.keysOnly, d.include, d.projector = element.KeysOnly, element.Include, f
	}
	return nil
}

// makeIndex makes the key of an index, and checks what its tags say together.
func (m *schemaMaker) makeIndex(d *indexDeclaration) (err error) {
	if d.local && m.schema.rng == nil {
		return m.errorAt(d.rng[0].field,
			"index %q is local, which only a table with a range key has; make it a global one with "+
				"the tag index, or give the table a range key", d.name)
	}
	if d.local {
		d.hash = []indexKey{{field: m.schema.hash}}
	}
	if len(d.hash) == 0 {
		return m.errorAt(d.rng[0].field,
			"index %q has a range key and no hash key; add `index:%q` to another field", d.name,
			d.name+",hash")
	}
	if d.keys.hash, err = m.orderKeys(d.name, "hash", d.hash); err != nil {
		return err
	}
	if d.keys.rng, err = m.orderKeys(d.name, "range", d.rng); err != nil {
		return err
	}
	for _, f := range d.keys.hash {
		if slices.Contains(d.keys.rng, f) {
			return m.errorAt(f, "index %q has one field as both its keys; use two fields", d.name)
		}
	}
	return m.checkIncluded(d)
}

// orderKeys returns the hash or the range attributes of an index in the order of their numbers, or
// in that of the fields if they have none.
func (m *schemaMaker) orderKeys(name, role string, keys []indexKey) ([]*field, error) {
	if len(keys) > tag.MaxKeyAttributes {
		return nil, m.errorAt(keys[tag.MaxKeyAttributes].field, "index %q has %d %s attributes, and "+
			"DynamoDB takes %d at most; remove some, or compute one attribute from several with the "+
			"option \"format\"", name, len(keys), role, tag.MaxKeyAttributes)
	}
	fields := make([]*field, len(keys))
	if !slices.ContainsFunc(keys, func(k indexKey) bool { return k.position > 0 }) {
		for n, k := range keys {
			fields[n] = k.field
		}
		return fields, nil
	}
	for _, k := range keys {
		switch {
		case k.position == 0:
			return nil, m.errorAt(k.field, "index %q numbers some of its %s attributes and not this "+
				"one; number all, as in %[2]s=1, or none", name, role)
		case k.position > len(keys):
			return nil, m.errorAt(k.field, "index %q gives the number %d to one of its %d %s "+
				"attributes; number them from 1 to %[3]d", name, k.position, len(keys), role)
		case fields[k.position-1] != nil:
			return nil, m.errorAt(k.field, "index %q gives the number %d to this %s attribute and to "+
				"%s; number them from 1 to %d", name, k.position, role,
				fields[k.position-1].goPath, len(keys))
		}
		fields[k.position-1] = k.field
	}
	return fields, nil
}

// checkIncluded checks the attributes that an index includes.
func (m *schemaMaker) checkIncluded(d *indexDeclaration) error {
	for n, attribute := range d.include {
		if m.schema.fieldOf(attribute) == nil {
			return m.errorAt(d.projector, "index %q: %v", d.name,
				m.schema.newUnknownAttributeError(attribute))
		}
		if slices.Contains(d.include[:n], attribute) {
			return m.errorAt(d.projector,
				"index %q includes the attribute %q twice; remove one of the two", d.name, attribute)
		}
	}
	return nil
}

// declaredBy returns the field whose tag says, or could say, what the index projects.
func (i *index) declaredBy() *field {
	if i.local {
		return i.keys.rng[0]
	}
	return i.keys.hash[0]
}
