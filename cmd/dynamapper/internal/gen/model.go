package gen

import (
	"fmt"
	"slices"
	"strings"
)

// model is one model of the generated code.
type model struct {
	name       string
	table      *Table
	entity     string
	attribute  string // that names the entity
	items      int
	fields     []*field
	structs    []*goType // of its fields
	notes      []string
	leftOut    []string // the attributes that no tag can name
	hidden     []Index  // the indexes that do not project the entity
	indexes    []Index
	vectors    []VectorIndex
	hasCounter bool // the hash key is autoincremented
}

// counterAttribute marks the item at -1 that counts the ids of autoincrement.
const counterAttribute = "__max_hash_key__"

// makeModels makes the models of a table: one, or one for each entity.
func (t *Table) makeModels(taken names) ([]*model, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if err := t.checkItems(); err != nil {
		return nil, err
	}
	hasCounter := t.dropCounter()
	attribute, kinds := t.findEntities()
	var models []*model
	for _, kind := range kinds {
		m := &model{table: t, entity: kind.entity, attribute: attribute, items: len(kind.items),
			notes: slices.Clone(t.Notes), hasCounter: hasCounter}
		m.name = goName(kind.entity)
		if kind.entity == "" {
			m.name = singular(goName(t.Name))
		}
		m.name = taken.take(m.name)
		if kind.entity == "" && t.isShared() && len(t.keyForms(kind.items)) > 1 {
			m.notes = append(m.notes, "Its keys look like those of several kinds of items, and no "+
				"attribute names the kind of every item.")
		}
		models = append(models, m)
	}
	for i, m := range models {
		if err := m.makeFields(kinds[i].items, taken); err != nil {
			return nil, err
		}
	}
	return models, nil
}

// checkItems returns an error if an item of the sample cannot be in the table.
func (t *Table) checkItems() error {
	for n, item := range t.Items {
		for _, name := range t.keys() {
			v, has := item[name]
			if !has && !slices.Contains(t.tableKeys(), name) {
				continue
			}
			if v.kind != t.Kinds[name] {
				return fmt.Errorf("table %q: item %d of the sample has no %s in its key %q, so it "+
					"is not of this table", t.Name, n+1, t.Kinds[name], name)
			}
		}
	}
	return nil
}

// dropCounter removes the item that counts the ids of autoincrement, and reports whether there was
// one.
func (t *Table) dropCounter() bool {
	if t.Range != "" || t.Kinds[t.Hash] != "N" {
		return false
	}
	before := len(t.Items)
	t.Items = slices.DeleteFunc(slices.Clone(t.Items), func(item Item) bool {
		_, counts := item[counterAttribute]
		return counts && item[t.Hash].text == "-1"
	})
	return len(t.Items) < before
}

// makeFields makes the fields of a model: the keys first, then those of the indexes, then the
// others by name.
func (m *model) makeFields(items []Item, taken names) error {
	in := &inferrer{names: taken}
	fieldNames := names{"Model": true}
	m.chooseIndexes(items)
	m.chooseVectors(items)
	formats := m.findFormats(items)
	for _, attribute := range m.attributes(items) {
		if attribute == m.attribute {
			continue
		}
		if !isTaggable(attribute) {
			if slices.Contains(m.table.keys(), attribute) {
				return fmt.Errorf("table %q: no tag can have the name of the key %q", m.table.Name,
					attribute)
			}
			m.leftOut = append(m.leftOut, attribute)
			continue
		}
		f := &field{attribute: attribute}
		m.setRoles(f)
		if text := formats[attribute]; text != "" {
			f.name, f.options = "_", append(f.options, "format="+text)
			m.fields = append(m.fields, f)
			continue
		}
		f.name = fieldNames.take(goName(attribute))
		m.setVectors(f, items)
		if f.goType == nil {
			m.inferField(in, f, items)
		}
		m.fields = append(m.fields, f)
	}
	m.structs = in.structs
	return nil
}

// inferField chooses the type of a field. Without a value in the sample, a key has the type of its
// definition.
func (m *model) inferField(in *inferrer, f *field, items []Item) {
	var values []Value
	for _, item := range items {
		if v, has := item[f.attribute]; has {
			values = append(values, v)
		}
	}
	isKey := slices.Contains(m.table.keys(), f.attribute) || len(f.vectors) > 0
	switch {
	case f.attribute == m.table.TTL && m.setTTL(f, values, len(items)):
	case isKey && len(values) == 0:
		f.goType = map[string]*goType{"S": {kind: stringType}, "N": {kind: intType},
			"B": {kind: bytesType}}[m.table.Kinds[f.attribute]]
		if f.goType.kind == intType {
			f.note("No value is known: use another type if not all are whole numbers.")
		}
	default:
		in.inferField(f, values, len(items), m.name)
	}
	if isKey && looksFormatted(values) {
		f.note("It looks like text with parts, and the sample does not show a format for all of it.")
	}
}

// looksFormatted reports whether texts look like USER#waldo.
func looksFormatted(values []Value) bool {
	if len(values) == 0 {
		return false
	}
	return !slices.ContainsFunc(values, func(v Value) bool {
		return v.kind != "S" || !isPrefixed.MatchString(v.text) || strings.Contains(v.text, "://")
	})
}

// setTTL gives the field of the time to live its type and option. It returns false if the values
// are not seconds.
func (m *model) setTTL(f *field, values []Value, items int) bool {
	present := withoutNull(values)
	seconds := slices.ContainsFunc(present, func(v Value) bool {
		return v.kind != "N" || !isExactInt(v.text)
	})
	if seconds {
		f.note("The table's time to live is on it, and not all values are whole seconds.")
		return false
	}
	f.goType = &goType{kind: timeType}
	f.options = append(f.options, "ttl")
	if slices.ContainsFunc(present, func(v Value) bool { return !isSecond(v.text) }) {
		f.goType = &goType{kind: intType}
		f.complete(present, len(present) < items)
	}
	return true
}

// isSecond reports whether a number is a time in the years 1970 to 9999.
func isSecond(text string) bool { return !strings.HasPrefix(text, "-") && len(text) < 12 }

// attributes lists the attributes of a model in the order of its fields.
func (m *model) attributes(items []Item) []string {
	listed := m.table.tableKeys()
	for _, i := range m.indexes {
		listed = slices.Concat(listed, i.Hash, i.Range)
	}
	var others []string
	for _, item := range items {
		for name := range item {
			others = append(others, name)
		}
	}
	if m.table.TTL != "" && (m.entity == "" || len(items) == 0) {
		others = append(others, m.table.TTL)
	}
	for _, i := range m.indexes {
		if i.Projection == "INCLUDE" {
			others = append(others, i.Include...)
		}
	}
	others = append(others, m.vectorAttributes()...)
	slices.Sort(others)
	var unique []string
	for _, name := range append(listed, others...) {
		if !slices.Contains(unique, name) {
			unique = append(unique, name)
		}
	}
	return unique
}

// setRoles gives a field the options of the table's keys and the elements of the indexes.
func (m *model) setRoles(f *field) {
	switch f.attribute {
	case m.table.Hash:
		f.options = append(f.options, "hash")
		if m.hasCounter {
			f.options = append(f.options, "autoincrement")
		}
	case m.table.Range:
		f.options = append(f.options, "range")
	}
	for _, i := range m.indexes {
		for at, name := range i.Hash {
			if name == f.attribute && !i.Local {
				element := i.Name + "," + numbered("hash", at, len(i.Hash))
				if at == 0 {
					element += m.projection(i)
				}
				f.indexes = append(f.indexes, element)
			}
		}
		for at, name := range i.Range {
			switch {
			case name == f.attribute && i.Local:
				f.locals = append(f.locals, i.Name+",range"+m.projection(i))
			case name == f.attribute:
				f.indexes = append(f.indexes, i.Name+","+numbered("range", at, len(i.Range)))
			}
		}
	}
}

func numbered(role string, at, of int) string {
	if of < 2 {
		return role
	}
	return fmt.Sprintf("%s=%d", role, at+1)
}

// projection returns the options of an index's tag that say what it projects.
func (m *model) projection(i Index) string {
	switch i.Projection {
	case "KEYS_ONLY":
		return ",keys_only"
	case "INCLUDE":
		var include []string
		for _, name := range i.Include {
			if isTaggable(name) && !strings.ContainsAny(name, "+;") {
				include = append(include, name)
			}
		}
		if len(include) == 0 {
			return ",keys_only"
		}
		return ",include=" + strings.Join(include, "+")
	}
	return ""
}

// chooseIndexes chooses the indexes of a model. An entity has those that one of its items is in, if
// they project its name, which reads need.
func (m *model) chooseIndexes(items []Item) {
	for _, i := range m.table.Indexes {
		projects := i.Projection != "KEYS_ONLY" &&
			(i.Projection != "INCLUDE" || slices.Contains(i.Include, m.attribute))
		isIn := slices.ContainsFunc(items, func(item Item) bool {
			return !slices.ContainsFunc(slices.Concat(i.Hash, i.Range), func(name string) bool {
				_, has := item[name]
				return !has
			})
		})
		switch {
		case m.entity == "" || isIn && projects:
			m.indexes = append(m.indexes, i)
		case isIn:
			m.hidden = append(m.hidden, i)
		}
	}
}

// findFormats returns the formats of the keys by their attributes.
func (m *model) findFormats(items []Item) map[string]string {
	finder := &formatFinder{items: items, indexKeys: m.table.keys(),
		excluded: append(m.table.tableKeys(), m.attribute, m.table.TTL)}
	formats, hasPart := map[string]string{}, false
	for _, name := range m.table.keys() {
		if m.table.Kinds[name] != "S" {
			continue
		}
		if text := finder.find(name); text != "" {
			formats[name] = text
			hasPart = hasPart || strings.Contains(strings.ReplaceAll(text, "{{", ""), "{")
		}
	}
	if !hasPart {
		return nil // constants alone, such as a key that all items share by chance
	}
	return formats
}
