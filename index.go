package dynamapper

import (
	"slices"
)

// Limits of a table.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxGlobalIndexes = 20
	maxLocalIndexes  = 5
)

// makeIndexes puts the index tags of all fields together.
func (m *schemaMaker) makeIndexes() error {
	for _, f := range m.schema.fields {
		for _, tag := range f.indexTags {
			if err := m.addIndexTag(f, tag); err != nil {
				return err
			}
		}
	}
	global, local := 0, 0
	for _, i := range m.schema.indexes {
		if err := m.checkIndex(i); err != nil {
			return err
		}
		if i.local {
			local++
		} else {
			global++
		}
	}
	if global > maxGlobalIndexes {
		return m.error("%d global indexes; a table has %d at most", global, maxGlobalIndexes)
	}
	if local > maxLocalIndexes {
		return m.error("%d local indexes; a table has %d at most", local, maxLocalIndexes)
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
	switch {
	case i.local != tag.local:
		return m.errorAt(f, "index %q is declared with the tag index and with localIndex; keep one", tag.name)
	case tag.local && tag.hash:
		return m.errorAt(f, "index %q is local, its hash key is the table's; declare only its range key", tag.name)
	case tag.hash && i.hash != nil, !tag.hash && i.rng != nil:
		return m.errorAt(f, "index %q has this key twice; keep one", tag.name)
	case tag.projects && !tag.hash && !tag.local:
		return m.errorAt(f, "index %q says what it projects beside its range key; say it beside the hash key", tag.name)
	}
	if tag.hash {
		i.hash = f
	} else {
		i.rng = f
	}
	if tag.projects {
		i.keysOnly, i.include = tag.keysOnly, tag.include
	}
	return nil
}

func (m *schemaMaker) checkIndex(i *index) error {
	if i.local {
		i.hash = m.schema.hash
		if m.schema.rng == nil {
			return m.errorAt(i.rng, "index %q is local, which needs a table with a range key; make it a global one with the tag index", i.name)
		}
	}
	if i.hash == nil {
		return m.errorAt(i.rng, "index %q has a range key and no hash key; tag a field `index:%q`", i.name, i.name+",hash")
	}
	if i.hash == i.rng {
		return m.errorAt(i.hash, "index %q has one field as both its keys; use two", i.name)
	}
	for n, attribute := range i.include {
		if m.schema.byAttribute[attribute] == nil {
			return m.errorAt(i.hash, "index %q includes %q, which is no attribute of the model", i.name, attribute)
		}
		if slices.Contains(i.include[:n], attribute) {
			return m.errorAt(i.hash, "index %q includes %q twice", i.name, attribute)
		}
	}
	return nil
}
