package dynamapper

import "slices"

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxLocalIndexes = 5 // a fixed limit; the quota of global indexes can be raised
)

// makeIndexes makes the indexes from the index tags of all fields.
func (m *schemaMaker) makeIndexes() error {
	for _, f := range m.schema.fields {
		for _, tag := range f.indexTags {
			if err := m.addIndexTag(f, tag); err != nil {
				return err
			}
		}
	}
	local := 0
	for _, i := range m.schema.indexes {
		if err := m.checkIndex(i); err != nil {
			return err
		}
		if i.local {
			local++
		}
	}
	if local > maxLocalIndexes {
		return m.error(
			"the model has %d local indexes, and a table has %d at most; remove some, or make "+
				"them global ones with the tag index", local, maxLocalIndexes)
	}
	return nil
}

func (m *schemaMaker) lookupIndex(name string) *index {
	for _, i := range m.schema.indexes {
		if i.name == name {
			return i
		}
	}
	return nil
}

func (m *schemaMaker) addIndexTag(f *field, tag indexTag) error {
	if err := checkName("index", tag.name); err != nil {
		return m.errorAt(f, "%v", err)
	}
	i := m.lookupIndex(tag.name)
	if i == nil {
		i = &index{name: tag.name, local: tag.local}
		m.schema.indexes = append(m.schema.indexes, i)
	}
	place, kind := &i.rng, "range"
	if tag.hash {
		place, kind = &i.hash, "hash"
	}
	switch {
	case i.local != tag.local:
		return m.errorAt(f, "index %q is declared with the tag index and with localIndex; keep one",
			tag.name)
	case tag.local && tag.hash:
		return m.errorAt(f,
			"index %q is local, so its hash key is the table's; declare only its range key, or "+
				"a global one with the tag index", tag.name)
	case *place != nil:
		return m.errorAt(f, "index %q has a second %s key, beside %s; keep one", tag.name, kind,
			(*place).goPath)
	case tag.projects() && !tag.hash && !tag.local:
		return m.errorAt(f,
			"index %q says at its range key what it projects; say it at its hash key", tag.name)
	}
	*place = f
	if tag.projects() {
		i.keysOnly, i.include = tag.keysOnly, tag.include
	}
	return nil
}

func (m *schemaMaker) checkIndex(i *index) error {
	if i.local {
		i.hash = m.schema.hash
		if m.schema.rng == nil {
			return m.errorAt(i.rng,
				"index %q is local, which only a table with a range key has; make it a global "+
					"one with the tag index, or give the table a range key", i.name)
		}
	}
	if i.hash == nil {
		return m.errorAt(i.rng,
			"index %q has a range key and no hash key; add `index:%q` to another field", i.name,
			i.name+",hash")
	}
	if i.hash == i.rng {
		return m.errorAt(i.hash, "index %q has one field as both its keys; use two fields", i.name)
	}
	for n, attribute := range i.include {
		if m.schema.byAttribute[attribute] == nil {
			return m.errorAt(i.declaredBy(), "index %q: %v", i.name,
				m.schema.newUnknownAttributeError(attribute))
		}
		if slices.Contains(i.include[:n], attribute) {
			return m.errorAt(i.declaredBy(),
				"index %q includes the attribute %q twice; remove one of the two", i.name, attribute)
		}
	}
	return nil
}

// declaredBy returns the field whose tag says what the index projects.
func (i *index) declaredBy() *field {
	if i.local {
		return i.rng
	}
	return i.hash
}
