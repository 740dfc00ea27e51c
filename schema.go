package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxHashKey is the attribute in which the item with the id -1 keeps the last id of autoincrement.
// The original mapper uses the same name.
const maxHashKey = "__max_hash_key__"

// schema describes a model. It is a pure function of the type, made once, and immutable.
type schema struct {
	structPlan
	table     string // from Model's tag; "" for none
	modelPath []int  // to the field Model

	hash, rng                      *field
	keys                           []*field // hash and, if there is one, rng
	version, created, updated, ttl *field
	autoincrement                  bool
	indexes                        []*index
	vectors                        []*vectorIndex
	hooks                          hooks

	encoders encoderPool

	computed []*field // the attributes with a format
	keyParts []*field // the parts of a key with a format, or the key fields themselves
	entity   *field   // the attribute that names the entity; nil for none
	rest     *field   // the map of the attributes that have no field; nil for none

	sorted []*field // the fields in the order of their attributes' names

	members []*schema // the models of a collection; nil for the schema of a model
}

// structPlan lists the fields of a struct, including those of its anonymous structs.
type structPlan struct {
	goType      reflect.Type
	fields      []*field
	byAttribute map[string]*field
	names       *wire.Names // of the attributes, by the numbers of the fields
}

// setFields completes the plan with its fields.
func (p *structPlan) setFields(fields []*field) {
	p.fields, p.byAttribute = fields, make(map[string]*field, len(fields))
	names := make([]string, len(fields))
	for i, f := range fields {
		f.holder = p.goType
		p.byAttribute[f.attribute] = f
		names[i] = f.attribute
	}
	p.names = wire.NewNames(names)
}

// field is one attribute of a model or of a document.
type field struct {
	number     int          // its index in the plan's fields
	holder     reflect.Type // the struct of the plan
	goPath     string       // Login, or Base.Login in an anonymous struct
	attribute  string
	path       []int   // to the Go field, through anonymous structs
	offset     uintptr // of the Go field in the struct, if viaPointer is ""
	viaPointer string  // see rawField
	pointer    []int   // see rawField
	goType     reflect.Type
	tag.Options
	// Reports whether omitempty leaves a value out; nil without that option.
	isZero func(reflect.Value) bool
	codec  *codec
	// The member of an object up to the value, such as ,"level": and, if encodesAt, the beginning of
	// the value, opened bytes long. encodesAt says that the value is encoded in its slot.
	opening   string
	opened    int
	encodesAt bool
	// How the zero value is stored; "" if its attribute is missing.
	zero         wire.Raw
	defaultValue reflect.Value // valid if the tag has a default
	defaultNow   bool
	indexTags    []tag.Index
	vectorTags   []tag.Vector
	computed     *computed // nil if the field has a value of its own
	partOf       []*field  // the computed fields that contain the field
}

// keySchema lists the key fields of the table or of an index, in the order of the key. The table
// and a local index have one hash field and at most one range field.
type keySchema struct{ hash, rng []*field }

// fields returns the fields of the key, hash fields first.
func (k keySchema) fields() []*field { return append(slices.Clip(k.hash), k.rng...) }

// has reports whether a field is part of the key.
func (k keySchema) has(f *field) bool {
	return slices.Contains(k.hash, f) || slices.Contains(k.rng, f)
}

// keysOf returns the key of an index, or that of the table for nil.
func (s *schema) keysOf(i *index) keySchema {
	if i != nil {
		return i.keys
	}
	return keySchema{hash: s.keys[:1], rng: s.keys[1:]}
}

// index is a secondary index of the table.
type index struct {
	name     string
	local    bool
	keys     keySchema
	keysOnly bool
	include  []string // attributes beside the keys; nil for all, unless keysOnly
}

// projectsAll reports whether items read through the index are whole.
func (i *index) projectsAll() bool { return !i.keysOnly && i.include == nil }

// has reports whether the index holds an attribute: a key of the table, its own keys, or what it
// projects.
func (i *index) has(f *field) bool {
	isKey := f.Hash || f.Range || i.keys.has(f)
	return isKey || i.projectsAll() || slices.Contains(i.include, f.attribute)
}

// valueIn returns the field's value, or false if an embedded pointer that holds the field is nil,
// or if the rest has no such member.
func (f *field) valueIn(holder reflect.Value) (reflect.Value, bool) {
	if len(f.path) == 1 {
		return holder.Field(f.path[0]), true
	}
	for i, n := range f.path {
		if n == inRest {
			member := holder.MapIndex(reflect.ValueOf(f.attribute))
			return member, member.IsValid()
		}
		if i > 0 && holder.Kind() == reflect.Pointer {
			if holder.IsNil() {
				return reflect.Value{}, false
			}
			holder = holder.Elem()
		}
		holder = holder.Field(n)
	}
	return holder, true
}

// settableIn returns the field to decode into. It allocates nil embedded structs that hold it.
func (f *field) settableIn(holder reflect.Value) reflect.Value {
	if f.viaPointer == "" {
		for _, n := range f.path {
			holder = holder.Field(n)
		}
		return holder
	}
	for i, n := range f.path {
		if i > 0 && holder.Kind() == reflect.Pointer {
			if holder.IsNil() {
				holder.Set(reflect.New(holder.Type().Elem()))
			}
			holder = holder.Elem()
		}
		holder = holder.Field(n)
	}
	return holder
}

// schemas holds the schemas of all models of the process. It is global because EncodeItem and
// DecodeItem, which hooks call, have no Mapper that could hold it.
var schemas schemaCache

// schemaCache holds the schema of each type, or the error from making it.
type schemaCache struct{ byType sync.Map }

type schemaResult struct {
	schema *schema
	err    error
}

// lookup returns a type's schema, and makes it at the first call. If several goroutines make it at
// once, all get the same result.
func (c *schemaCache) lookup(t reflect.Type) (*schema, error) {
	if known, ok := c.byType.Load(t); ok {
		result := known.(*schemaResult)
		return result.schema, result.err
	}
	made, err := makeSchema(t)
	known, _ := c.byType.LoadOrStore(t, &schemaResult{made, err})
	result := known.(*schemaResult)
	return result.schema, result.err
}

// schemaMaker makes one schema, in steps. Each step uses the results of those before it.
type schemaMaker struct {
	schema *schema
	raw    []*rawField
	codecs *codecMaker
	form   formOf
	entity entityTag
}

// formOf says how composite fields without an option are stored.
type formOf struct{ document bool }

func makeSchema(t reflect.Type) (*schema, error) {
	if t.Kind() != reflect.Struct {
		return nil, newModelTypeError(t)
	}
	m := &schemaMaker{schema: &schema{structPlan: structPlan{goType: t}}, codecs: newCodecMaker()}
	for _, step := range []func() error{
		m.findFields, m.readModelTag, m.takeRest, m.makeFields, m.findKeys, m.findRoles, m.makeEntity,
		m.makeIndexes, m.makeVectors, m.makeComputed, m.findHooks,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	m.schema.sorted = sortFields(m.schema.fields)
	return m.schema, nil
}

func newModelTypeError(t reflect.Type) error {
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
		return &SchemaError{Type: t,
			Problem: fmt.Sprintf("the type is a pointer; give TableOf the struct itself, %s",
				t.Elem())}
	}
	return &SchemaError{Type: t,
		Problem: "the type is no struct; a model is a struct that embeds dynamapper.Model"}
}

// errorAt returns a SchemaError about a field.
func (m *schemaMaker) errorAt(f *field, problem string, args ...any) error {
	return &SchemaError{Type: m.schema.goType, Field: f.goPath, Attribute: f.attribute,
		Problem: fmt.Sprintf(problem, args...)}
}

func (m *schemaMaker) error(problem string, args ...any) error {
	return &SchemaError{Type: m.schema.goType, Problem: fmt.Sprintf(problem, args...)}
}

func (m *schemaMaker) findFields() error {
	raw, err := flatten(m.schema.goType)
	if err != nil {
		return err
	}
	for _, one := range raw {
		if !one.isModel() {
			continue // flatten has checked the others
		}
		if err := tag.CheckKeys(one.structField.Tag); err != nil {
			return m.errorIn(one, err)
		}
	}
	m.raw = raw
	return nil
}

// readModelTag reads the table's name and the form of composite fields from the tag of the embedded
// Model.
func (m *schemaMaker) readModelTag() error {
	model, err := m.takeModel()
	if err != nil {
		return err
	}
	m.schema.modelPath = model.path
	name, options, hasOptions := strings.Cut(model.structField.Tag.Get("dynamo"), ",")
	m.schema.table = strings.TrimSpace(name)
	for more := hasOptions; more; {
		var option string
		option, options, more = strings.Cut(options, ",")
		if err := m.setModelOption(strings.TrimSpace(option)); err != nil {
			return m.errorIn(model, err)
		}
	}
	if err := m.entity.check(); err != nil {
		return m.errorIn(model, err)
	}
	return nil
}

func (m *schemaMaker) setModelOption(option string) error {
	name, value, hasValue := strings.Cut(option, "=")
	switch {
	case option == "document":
		m.form.document = true
		return nil
	case name == "entity" || name == "entityAttribute":
		return m.entity.set(name, strings.TrimSpace(value), hasValue)
	}
	return tag.NewOptionError(option, tag.ModelOptions)
}

// takeModel removes the embedded Model from the raw fields and returns it.
func (m *schemaMaker) takeModel() (*rawField, error) {
	var models, others []*rawField
	for _, raw := range m.raw {
		if raw.isModel() {
			models = append(models, raw)
		} else {
			others = append(others, raw)
		}
	}
	m.raw = others
	switch {
	case len(models) == 0:
		return nil, m.error(
			"no dynamapper.Model is embedded; add the line: dynamapper.Model " +
				"`dynamo:\"table-name\"`")
	case len(models) > 1:
		return nil, m.errorIn(models[1],
			fmt.Errorf("dynamapper.Model is embedded a second time, beside %s; keep one",
				models[0].goPath))
	case models[0].viaPointer != "":
		return nil, m.errorIn(models[0],
			fmt.Errorf(
				"dynamapper.Model is behind the embedded pointer %s, which may be nil; embed "+
					"%[1]s by value", models[0].viaPointer))
	}
	return models[0], nil
}

// checkName checks a table's or an index's name against DynamoDB's rule.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func checkName(what, name string) error {
	valid := len(name) >= 3 && len(name) <= 255
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		valid = valid && (letter || c == '_' || c == '.' || c == '-')
	}
	if !valid {
		return fmt.Errorf(
			"the %s name %q is not one that DynamoDB takes; use 3 to 255 characters of a-z, "+
				"A-Z, 0-9, '_', '-' and '.'", what, shown.Name(name))
	}
	return nil
}

// errorIn returns a SchemaError about a field that is no attribute.
func (m *schemaMaker) errorIn(raw *rawField, problem error) error {
	return &SchemaError{Type: m.schema.goType, Field: raw.goPath, Problem: problem.Error()}
}

func (m *schemaMaker) makeFields() error {
	fields := make([]*field, 0, len(m.raw))
	for number, raw := range m.raw {
		f := raw.makeField(number)
		if f.attribute == maxHashKey {
			return m.errorAt(f,
				"the attribute %s is where autoincrement keeps the last id; choose another name",
				maxHashKey)
		}
		if err := m.setCodec(f); err != nil {
			return err
		}
		fields = append(fields, f)
	}
	m.schema.setFields(fields)
	return nil
}

func (m *schemaMaker) setCodec(f *field) error {
	if err := checkOptions(f); err != nil {
		return m.errorAt(f, "%v", err)
	}
	made, err := m.codecs.makeFieldCodec(f.goType, f.Options, f.isDocument(m.form))
	if err != nil {
		return newCodecError(m.schema.goType, f, err)
	}
	f.codec = made
	if f.HasFormat {
		return m.setComputed(f)
	}
	f.setOpening()
	if f.IsKey() && !made.isKey() {
		return m.errorAt(f,
			"type %s cannot be a key: DynamoDB has keys of strings, numbers and bytes; use such "+
				"a type, "+
				"or one with MarshalText and UnmarshalText", f.goType)
	}
	if err := f.makeDefault(); err != nil {
		return m.errorAt(f, "%v", err)
	}
	zero := reflect.New(m.schema.goType).Elem()
	// Without the anonymous struct that holds the field, nothing would be encoded.
	f.settableIn(zero)
	f.zero, err = probe(
		func() (wire.Raw, error) { return f.rawIn(zero) })
	if err := f.checkZero(err); err != nil {
		return m.errorAt(f, "%v", err)
	}
	return nil
}

// valueType returns the type of the field, or of what it points to.
func (f *field) valueType() reflect.Type {
	if f.goType.Kind() == reflect.Pointer && !hasOwnCodec(f.goType) {
		return f.goType.Elem()
	}
	return f.goType
}

// newCodecError returns a SchemaError about a type that a field contains, with the path to it.
func newCodecError(model reflect.Type, f *field, err error) error {
	goPath, attribute := f.goPath, f.attribute
	if inner, ok := err.(*FieldError); ok {
		goPath = expression.JoinPath(goPath, inner.Field)
		attribute, err = expression.JoinPath(attribute, inner.Attribute), inner.Err
	}
	return &SchemaError{Type: model, Field: goPath, Attribute: attribute, Problem: err.Error()}
}

// isDocument reports whether the field stores a composite value as a document.
func (f *field) isDocument(form formOf) bool { return f.Document || form.document && !f.JSON }

func (m *schemaMaker) findKeys() error {
	s := m.schema
	for _, f := range s.fields {
		if f.Hash {
			if s.hash != nil {
				return m.errorAt(f,
					"a second hash key, beside %s; a table has one, make one of the two the "+
						"range key (option \"range\") or remove it", s.hash.goPath)
			}
			s.hash = f
		}
		if f.Range {
			if s.rng != nil {
				return m.errorAt(f,
					"a second range key, beside %s; a table has one at most, remove one of the two",
					s.rng.goPath)
			}
			s.rng = f
		}
	}
	if s.hash == nil {
		return m.newNoHashError()
	}
	s.keys = []*field{s.hash}
	if s.rng != nil {
		s.keys = []*field{s.hash, s.rng}
	}
	s.autoincrement = s.hash.Autoincrement
	if s.autoincrement && s.hash.viaPointer != "" {
		// A nil pointer has no id 0 that asks for a new one.
		return m.errorAt(s.hash,
			"option \"autoincrement\" is behind the embedded pointer %s, which may be nil; "+
				"embed %[1]s by value", s.hash.viaPointer)
	}
	if s.autoincrement && s.rng != nil {
		return m.errorAt(s.hash,
			"option \"autoincrement\" is for a table without a range key; remove it, or the "+
				"option \"range\" of %s", s.rng.goPath)
	}
	return nil
}

// newNoHashError returns the error of a model without a hash key. It recognizes the option "hash"
// written in the place of the name.
func (m *schemaMaker) newNoHashError() error {
	if m.schema.goType == reflect.TypeFor[Item]() {
		return m.error("the keys of an Item are those of its table; use ItemTable, which asks for them")
	}
	for _, f := range m.schema.fields {
		if tag.Unaliased(f.attribute) == "hash" {
			return m.errorAt(f,
				"no field is the hash key, and here %q stands in the place of the attribute's "+
					"name; write `dynamo:%q`",
				f.attribute, ","+f.attribute)
		}
	}
	return m.error(
		"no field is the hash key; add the option \"hash\" behind an attribute's name, as in " +
			"`dynamo:\"login,hash\"`")
}

// findRoles finds the fields with the options version, created, updated and ttl.
func (m *schemaMaker) findRoles() error {
	for _, f := range m.schema.fields {
		for _, role := range []struct {
			option string
			given  bool
			place  **field
		}{
			{"version", f.Version, &m.schema.version},
			{"created", f.Created, &m.schema.created},
			{"updated", f.Updated, &m.schema.updated},
			{"ttl", f.TTL, &m.schema.ttl},
		} {
			if !role.given {
				continue
			}
			if *role.place != nil {
				return m.errorAt(f, "a second field with the option %q, beside %s; keep one",
					role.option, (*role.place).goPath)
			}
			*role.place = f
		}
	}
	return nil
}

func (m *schemaMaker) findHooks() error {
	found, err := lookupHooks(m.schema.goType)
	m.schema.hooks = found
	return err
}
