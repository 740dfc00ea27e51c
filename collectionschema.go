package dynamapper

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/internal/tag"
)

// uniteSchemas returns a schema with what the models of a collection say about the table that they
// share: its keys, indexes and TTL, and all attributes. It is for requests alone: items are decoded
// by the schemas of their models. The texts of its computed attributes are plain text, except for
// the hash key of a query, which compareKeys completes.
func uniteSchemas(models []*schema) (*schema, error) {
	u := union{models: models, schema: &schema{
		structPlan: structPlan{goType: collectionType, byAttribute: map[string]*field{}},
		members:    models,
	}}
	u.uniteFields() // first: TTL and the indexes refer to the fields of the union
	for _, step := range []func() error{u.checkTypes, u.uniteTTL, u.uniteIndexes,
		u.uniteVectors} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	u.schema.sorted = sortFields(u.schema.fields)
	return u.schema, nil
}

// union makes the schema of several models.
type union struct {
	models []*schema
	schema *schema
}

// checkTypes refuses an attribute that is a key of the table or of an index in one model, and
// stored as another type in another model: the service refuses an item with such a key.
func (u *union) checkTypes() error {
	type key struct {
		of *schema
		f  *field
	}
	keys := map[string]key{}
	for _, s := range u.models {
		for _, f := range s.fields {
			if _, known := keys[f.attribute]; f.IsKey() && !known {
				keys[f.attribute] = key{s, f}
			}
		}
	}
	for _, s := range u.models {
		for _, f := range s.fields {
			k, isKey := keys[f.attribute]
			if isKey && f.codec.stored() != k.f.codec.stored() {
				return s.newMemberError(f, "the attribute is stored as %s, and it is a key of "+
					"type %s in %s; store both in one way, or give one of them another name",
					f.codec.stored(), k.f.codec.stored(), k.of.goType)
			}
		}
	}
	return nil
}

// uniteFields adds the attributes of all models. An attribute of several models is that of the
// first one.
func (u *union) uniteFields() {
	s := u.schema
	for _, model := range u.models {
		for _, f := range model.fields {
			if s.byAttribute[f.attribute] != nil {
				continue
			}
			text := *f
			text.computed, text.number = nil, len(s.fields)
			s.fields = append(s.fields, &text)
			s.byAttribute[f.attribute] = &text
		}
	}
	s.hash = s.byAttribute[u.models[0].hash.attribute]
	s.keys = []*field{s.hash}
	if rng := u.models[0].rng; rng != nil {
		s.rng = s.byAttribute[rng.attribute]
		s.keys = append(s.keys, s.rng)
	}
}

// uniteTTL refuses models that expire in different ways: TTL is on for one attribute of a table,
// and for the items of all models that have it.
func (u *union) uniteTTL() error {
	var of *schema
	for _, s := range u.models {
		switch {
		case s.ttl == nil || of == nil:
		case s.ttl.attribute != of.ttl.attribute:
			return s.newMemberError(s.ttl, "option \"ttl\" is on the attribute %q in %s, and a "+
				"table has it on one attribute; give both models one", of.ttl.attribute, of.goType)
		}
		if of == nil && s.ttl != nil {
			of = s
		}
	}
	if of == nil {
		return nil
	}
	u.schema.ttl = u.schema.byAttribute[of.ttl.attribute]
	for _, s := range u.models {
		if f := s.byAttribute[of.ttl.attribute]; f != nil && !f.TTL {
			return s.newMemberError(f, "the attribute has the option \"ttl\" in %s, so that items "+
				"of this model would expire, too; add the option, or give it another "+
				"name", of.goType)
		}
	}
	return nil
}

// uniteIndexes adds the indexes of all models. An index of several models projects what one of them
// needs.
func (u *union) uniteIndexes() error {
	for _, model := range u.models {
		for _, i := range model.indexes {
			known := u.schema.indexNamed(i.name)
			if known == nil {
				u.schema.indexes = append(u.schema.indexes, u.copyOf(i))
				continue
			}
			if err := model.checkIndexWith(i, known); err != nil {
				return err
			}
			known.project(i)
		}
	}
	if local := countLocal(u.schema.indexes); local > maxLocalIndexes {
		return &SchemaError{Type: collectionType, Problem: fmt.Sprintf("the models have %d local "+
			"indexes together, and a table has %d at most; remove some, or make them global ones "+
			"with the tag index", local, maxLocalIndexes)}
	}
	return nil
}

// copyOf returns an index of a model with the fields of the union.
func (u *union) copyOf(i *index) *index {
	own := func(fields []*field) []*field {
		owned := make([]*field, len(fields))
		for n, f := range fields {
			owned[n] = u.schema.byAttribute[f.attribute]
		}
		return owned
	}
	return &index{name: i.name, local: i.local, keysOnly: i.keysOnly,
		include: slices.Clone(i.include), keys: keySchema{own(i.keys.hash), own(i.keys.rng)}}
}

// project adds what another model's declaration of the index projects.
func (i *index) project(other *index) {
	switch {
	case i.projectsAll():
	case other.projectsAll():
		i.keysOnly, i.include = false, nil
	default:
		for _, attribute := range other.include {
			if !slices.Contains(i.include, attribute) {
				i.include = append(i.include, attribute)
			}
		}
		i.keysOnly = i.keysOnly && other.keysOnly
	}
}

// checkIndexWith refuses an index that another model declares with other keys.
func (s *schema) checkIndexWith(i, other *index) error {
	if i.local != other.local {
		return s.newMemberError(i.declaredBy(), "index %q is %s, and %s in another model of the "+
			"collection; declare it in one way", i.name, describeScope(i.local),
			describeScope(other.local))
	}
	keys, others := describeKeys(i.keys), describeKeys(other.keys)
	if keys != others {
		return s.newMemberError(i.declaredBy(), "the keys of index %q are %s, and %s in another "+
			"model of the collection; give all models the same attributes", i.name, keys, others)
	}
	return nil
}

func (s *schema) indexNamed(name string) *index {
	at := slices.IndexFunc(s.indexes, func(i *index) bool { return i.name == name })
	if at < 0 {
		return nil
	}
	return s.indexes[at]
}

// models returns the models of a collection, or the model itself.
func (s *schema) models() []*schema {
	if s.members != nil {
		return s.members
	}
	return []*schema{s}
}

// title names the model or the collection in an error.
func (s *schema) title() string {
	if s.members != nil {
		return "the collection of " + joinTypes(s.members)
	}
	return "the model " + s.goType.String()
}

// checkCommon refuses an attribute that not all models of a collection have, or store in one way.
func (s *schema) checkCommon(f *field) error {
	for _, model := range s.members {
		other := model.byAttribute[f.attribute]
		switch {
		case other == nil:
			return fmt.Errorf("the model %s has no such attribute, and a condition of a "+
				"collection is on those that all its models have; query the table of one model, "+
				"or leave the condition out", model.goType)
		case !other.isStoredAs(f):
			return fmt.Errorf("the model %s stores the attribute in another way than %s does, as "+
				"its field is of type %s and not %s, or has other options; query the table of "+
				"one model",
				model.goType, s.members[0].goType, other.goType, f.goType)
		}
	}
	return nil
}

// isStoredAs reports whether two fields store a value in the same way, as far as conditions see.
func (f *field) isStoredAs(other *field) bool {
	form := func(f *field) tag.Options {
		return tag.Options{Dimensions: f.Dimensions, Set: f.Set, Document: f.Document,
			JSON: f.codec.json, Layout: f.Layout, UnixTime: f.UnixTime, UnixMilli: f.UnixMilli,
			OmitEmpty: f.OmitEmpty}
	}
	return f.goType == other.goType && form(f) == form(other)
}

// checkKeysWith refuses keys that do not fit those of another model of the collection.
func (s *schema) checkKeysWith(other *schema) error {
	keys, others := describeKeys(s.keysOf(nil)), describeKeys(other.keysOf(nil))
	if keys != others {
		return s.newMemberError(nil, "the keys are %s, and those of %s are %s; models of one "+
			"table have the same keys", keys, other.goType, others)
	}
	if form := s.hash.keyForm(); form != other.hash.keyForm() {
		return s.newMemberError(s.hash, "the hash key has the form %s, and that of %s has %s, so "+
			"one Query cannot name both; give both the same constant text and parts of the same "+
			"types",
			form, other.goType, other.hash.keyForm())
	}
	last := s.keys[len(s.keys)-1]
	if form := last.keyForm(); last.hasConstantText() &&
		form == other.keys[len(other.keys)-1].keyForm() {
		return s.newMemberError(last, "the key has the form %s, and so has that of %s, so an item "+
			"of one entity can replace one of the other; give each its own constant text, such "+
			"as %s",
			form, other.goType, strings.ToUpper(s.entityName())+"#"+form)
	}
	return nil
}

// keyForm describes the texts that a key can have: the format, with the type of each part as it is
// stored.
func (f *field) keyForm() string {
	if f.computed == nil {
		return "{" + f.partForm() + "}"
	}
	forms := make([]string, len(f.computed.parts))
	for i, part := range f.computed.parts {
		forms[i] = part.partForm()
	}
	return f.computed.format.WithNames(forms)
}

// partForm describes how a value of the field is stored in a key. Values of Go's own types are text
// or numbers. Others have their own texts.
func (f *field) partForm() string {
	stored := f.codec.stored().String()
	if t := f.valueType(); hasOwnCodec(t) {
		stored += " " + t.String()
		if f.Layout != "" {
			stored += " " + f.Layout
		}
		if f.UnixMilli {
			stored += " ms"
		}
	}
	return stored
}

// hasConstantText reports whether the field has a format with a text between its parts.
func (f *field) hasConstantText() bool {
	return f.computed != nil && f.computed.format.HasText()
}

// compareKeys compares the keys by which a collection queries its table, or an index unless that is
// nil. The hash key takes the parts of the first model.
func (c *source) compareKeys(queried *index) {
	s := c.table.schema
	first := s.members[0].keysNamed(queried)
	for n, f := range s.keysOf(queried).hash {
		s.takeFormat(f, first.hash[n])
	}
	for _, model := range s.members {
		keys := model.keysNamed(queried)
		if queried != nil && c.hashProblem == nil { // checkKeysWith has compared those of the table
			c.hashProblem = keys.compareHash(first, queried.name, model, s.members[0])
		}
		if len(keys.rng) > 0 {
			c.compareRange(keys.rng[0], first.rng[0])
		}
	}
}

// keysNamed returns the key of the model's index of the same name, or that of the table for nil.
func (s *schema) keysNamed(i *index) keySchema {
	if i == nil {
		return s.keysOf(nil)
	}
	return s.indexNamed(i.name).keys
}

// takeFormat makes a key of a collection take the parts of a model's format.
func (s *schema) takeFormat(to, from *field) {
	if from.computed == nil {
		return
	}
	taken := *from.computed
	taken.parts = make([]*field, len(from.computed.parts))
	for i, part := range from.computed.parts {
		taken.parts[i] = s.byAttribute[part.attribute]
	}
	to.computed = &taken
}

// compareHash returns why one Query cannot name the hash keys of two models in an index, or nil.
func (k keySchema) compareHash(other keySchema, name string, model, first *schema) error {
	if k.hashPattern() == other.hashPattern() {
		return nil
	}
	return fmt.Errorf("the hash key of index %q has the form %s in %s and %s in %s, so one Query "+
		"cannot name both; query the index with the table of one model", name,
		strings.Join(keyForms(other.hash), ", "), first.goType,
		strings.Join(keyForms(k.hash), ", "), model.goType)
}

// hashPattern describes the hash key and the values that a Query takes for it. A value may be a
// part of several attributes.
func (k keySchema) hashPattern() string {
	parts := partsOf(k.hash)
	pattern := keyForms(k.hash)
	for _, f := range k.hash {
		for _, part := range f.parts() {
			pattern = append(pattern, strconv.Itoa(slices.Index(parts, part)))
		}
	}
	return strings.Join(pattern, ",")
}

func keyForms(fields []*field) []string {
	forms := make([]string, len(fields))
	for i, f := range fields {
		forms[i] = f.keyForm()
	}
	return forms
}

// compareRange compares the range key of a model, or the first attribute of it, with that of the
// first model.
func (c *source) compareRange(rng, first *field) {
	if rng.computed == nil && rng.keyForm() == first.keyForm() {
		return
	}
	c.rangesDiffer = true
	if rng.computed != nil && c.rangeExample == "" {
		c.rangeExample = rng.computed.format.Prefix()
	}
}

// checkRange refuses a comparison that is not one of texts, if the range keys of the models differ.
func (c *source) checkRange(comparisons [][]Comparison) error {
	if !c.rangesDiffer {
		return nil
	}
	for _, list := range comparisons {
		for _, one := range list {
			if one.operator != opBeginsWith {
				return fmt.Errorf("Range has %s, and the range keys of the models differ, so that "+
					"a collection compares them as stored text; use BeginsWith with formatted "+
					"text, such as BeginsWith(%q), or query the table of one model", one.operator,
					c.rangeExample)
			}
		}
	}
	return nil
}

// prefixOfKey returns the constant text with which the last key of a model begins, or "".
func (s *schema) prefixOfKey() string {
	last := s.keys[len(s.keys)-1]
	if last.computed == nil {
		return ""
	}
	return last.computed.format.Prefix()
}

// prefixesTell reports whether no text begins with both prefixes.
func prefixesTell(a, b string) bool {
	return a != "" && b != "" && !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a)
}
