package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxHashKey is the attribute in which the item at -1 keeps the last id that autoincrement gave out. The name is the
// original mapper's.
const maxHashKey = "__max_hash_key__"

// schema is what a model's type says: a pure function of the type, made once, immutable.
type schema struct {
	structPlan
	table     string // from Model's tag; "": none
	modelPath []int  // of the field Model

	hash, rng                      *field
	version, created, updated, ttl *field
	autoincrement                  bool
	indexes                        []*index
	hooks                          hooks

	stringFields, numberFields int // how many fields are stored as S and as N
}

// structPlan is the plan of a struct: its fields, those of anonymous structs included.
type structPlan struct {
	goType      reflect.Type
	fields      []*field
	byAttribute map[string]*field
}

// field is one attribute of a model or of a document.
type field struct {
	number    int    // in the plan's fields
	goPath    string // Login, or Base.Login in an anonymous struct
	attribute string
	path      []int // of the Go field, through anonymous structs
	goType    reflect.Type
	tagOptions
	codec        *codec
	zero         types.AttributeValue // how the zero value is stored; nil: as a missing attribute
	defaultValue reflect.Value        // valid where the tag has a default
	defaultNow   bool
	indexTags    []indexTag
}

// index is a secondary index of the table.
type index struct {
	name      string
	local     bool
	hash, rng *field
	keysOnly  bool
	include   []string // attributes beside the keys; nil and not keysOnly: all
}

// projectsAll says that items read through the index are whole.
func (i *index) projectsAll() bool { return !i.keysOnly && i.include == nil }

// valueIn gives the field's value, false where an anonymous struct pointer on the way is nil.
func (f *field) valueIn(holder reflect.Value) (reflect.Value, bool) {
	if len(f.path) == 1 {
		return holder.Field(f.path[0]), true
	}
	for i, n := range f.path {
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

// settableIn gives the field to decode into, and makes the anonymous structs on the way.
func (f *field) settableIn(holder reflect.Value) reflect.Value {
	if len(f.path) == 1 {
		return holder.Field(f.path[0])
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

// schemas are the schemas of all models of the process. A schema is a pure function of its type, and EncodeItem and
// DecodeItem, which hooks call, have no Mapper that could keep it.
var schemas schemaCache

// schemaCache keeps the schema of each type, or the error that making it gave.
type schemaCache struct{ byType sync.Map }

type schemaResult struct {
	schema *schema
	err    error
}

// lookup makes a type's schema once. Where several goroutines meet a type at once, one result wins and all get it.
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

// schemaMaker makes one schema. Its steps each leave the next one what it needs.
type schemaMaker struct {
	schema *schema
	raw    []*rawField
	codecs *codecMaker
	form   formOf
}

// formOf says in which form composite fields without an option are stored.
type formOf struct{ document bool }

// makeSchema parses a model's type.
func makeSchema(t reflect.Type) (*schema, error) {
	if t.Kind() != reflect.Struct {
		return nil, &SchemaError{Type: t, Problem: "a model is a struct that embeds dynamapper.Model; give TableOf the struct's type, not a pointer to it"}
	}
	m := &schemaMaker{schema: &schema{structPlan: structPlan{goType: t}}, codecs: newCodecMaker()}
	for _, step := range []func() error{
		m.findFields, m.readModelTag, m.makeFields, m.findKeys, m.findRoles, m.makeIndexes, m.findHooks,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	m.countFields()
	return m.schema, nil
}

// errorAt is a SchemaError about a field.
func (m *schemaMaker) errorAt(f *field, problem string, args ...any) error {
	return &SchemaError{Type: m.schema.goType, Field: f.goPath, Attribute: f.attribute, Problem: fmt.Sprintf(problem, args...)}
}

func (m *schemaMaker) error(problem string, args ...any) error {
	return &SchemaError{Type: m.schema.goType, Problem: fmt.Sprintf(problem, args...)}
}

func (m *schemaMaker) findFields() error {
	raw, err := flatten(m.schema.goType)
	m.raw = raw
	return err
}

// readModelTag takes the table's name and the form of composite fields from the tag of the embedded Model.
func (m *schemaMaker) readModelTag() error {
	models := slices.DeleteFunc(slices.Clone(m.raw), func(f *rawField) bool { return f.goType != modelType })
	m.raw = slices.DeleteFunc(m.raw, func(f *rawField) bool { return f.goType == modelType })
	if len(models) == 0 {
		return m.error("no dynamapper.Model is embedded; add the line: dynamapper.Model `dynamo:\"table-name\"`")
	}
	if len(models) > 1 {
		return m.error("dynamapper.Model is embedded twice, by %s and by %s; keep one", models[0].goPath, models[1].goPath)
	}
	tag := models[0].structField.Tag.Get("dynamo")
	m.schema.modelPath = models[0].path
	name, options, _ := strings.Cut(tag, ",")
	if m.schema.table = name; name != "" {
		if err := checkName("table", name); err != nil {
			return m.error("%v", err)
		}
	}
	switch options {
	case "":
	case "document":
		m.form.document = true
	default:
		return m.error("%v", fmt.Errorf("the tag of Model: %w", newOptionError(options, []string{"document"})))
	}
	return nil
}

// checkName holds a table's or an index's name against the service's rule.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func checkName(what, name string) error {
	valid := len(name) >= 3 && len(name) <= 255
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		valid = valid && (letter || c == '_' || c == '.' || c == '-')
	}
	if !valid {
		return fmt.Errorf("the %s name %q is not one that DynamoDB takes; use 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'", what, name)
	}
	return nil
}

// makeFields gives each raw field its attribute, its options and its codec.
func (m *schemaMaker) makeFields() error {
	m.schema.byAttribute = make(map[string]*field, len(m.raw))
	for number, raw := range m.raw {
		f := raw.makeField(number)
		if f.attribute == maxHashKey {
			return m.errorAt(f, "the attribute %s belongs to autoincrement; choose another name", maxHashKey)
		}
		if err := m.setCodec(f); err != nil {
			return err
		}
		m.schema.fields = append(m.schema.fields, f)
		m.schema.byAttribute[f.attribute] = f
	}
	return nil
}

func (m *schemaMaker) setCodec(f *field) error {
	if err := checkOptions(f, m.form); err != nil {
		return m.errorAt(f, "%v", err)
	}
	made, err := m.codecs.makeFieldCodec(f.goType, f.tagOptions, f.isDocument(m.form))
	if err != nil {
		return newCodecError(m.schema.goType, f, err)
	}
	f.codec = made
	if f.isKey() && !made.isKey() {
		return m.errorAt(f, "type %s cannot be a key, which DynamoDB has of strings, numbers and bytes; take such a field, or store the text of this one",
			f.goType)
	}
	if err := f.makeDefault(); err != nil {
		return m.errorAt(f, "%v", err)
	}
	f.zero, err = (&encoder{}).encodeField(f, reflect.New(m.schema.goType).Elem())
	if err != nil {
		f.zero = nil // a type of the user's that refuses its own zero value; it is not asked before a value comes
	}
	return nil
}

// newCodecError places what is wrong with a type inside a field.
func newCodecError(model reflect.Type, f *field, err error) error {
	goPath, attribute := f.goPath, f.attribute
	if inner, ok := err.(*FieldError); ok {
		goPath, attribute, err = joinPath(goPath, inner.Field), joinPath(attribute, inner.Attribute), inner.Err
	}
	return &SchemaError{Type: model, Field: goPath, Attribute: attribute, Problem: err.Error()}
}

// isDocument says in which form the field stores a composite value.
func (f *field) isDocument(form formOf) bool { return f.document || form.document && !f.json }

// findKeys finds the table's keys.
func (m *schemaMaker) findKeys() error {
	for _, f := range m.schema.fields {
		if f.hash {
			if m.schema.hash != nil {
				return m.errorAt(f, "a second hash key, beside %s; a table has one, and a range key (option \"range\") if need be", m.schema.hash.goPath)
			}
			m.schema.hash = f
		}
		if f.rng {
			if m.schema.rng != nil {
				return m.errorAt(f, "a second range key, beside %s; a table has one", m.schema.rng.goPath)
			}
			m.schema.rng = f
		}
	}
	if m.schema.hash == nil {
		return m.error("no field is the hash key; add the option \"hash\" behind the attribute's name, as in `dynamo:\"login,hash\"`")
	}
	m.schema.autoincrement = m.schema.hash.autoincrement
	if m.schema.autoincrement && m.schema.rng != nil {
		return m.errorAt(m.schema.hash, "autoincrement needs a table without a range key; remove one of them")
	}
	return nil
}

// findRoles finds the fields that the mapper renews itself.
func (m *schemaMaker) findRoles() error {
	for _, f := range m.schema.fields {
		for _, role := range []struct {
			option string
			given  bool
			place  **field
		}{
			{"version", f.version, &m.schema.version},
			{"created", f.created, &m.schema.created},
			{"updated", f.updated, &m.schema.updated},
			{"ttl", f.ttl, &m.schema.ttl},
		} {
			if !role.given {
				continue
			}
			if *role.place != nil {
				return m.errorAt(f, "a second field with the option %q, beside %s; keep one", role.option, (*role.place).goPath)
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

func (m *schemaMaker) countFields() {
	for _, f := range m.schema.fields {
		switch f.codec.wire {
		case wire.S:
			m.schema.stringFields++
		case wire.N:
			m.schema.numberFields++
		}
	}
}

// makeStructPlan makes the plan of a struct inside a document. It is published empty first, for structs that contain
// themselves.
func (m *codecMaker) makeStructPlan(t reflect.Type) (*structPlan, error) {
	if plan := m.structs[t]; plan != nil {
		return plan, nil
	}
	plan := &structPlan{goType: t, byAttribute: map[string]*field{}}
	m.structs[t] = plan
	raw, err := flatten(t)
	if err != nil {
		problem := err.(*SchemaError)
		return nil, withPath(fmt.Errorf("%s", problem.Problem), problem.Field, problem.Attribute)
	}
	for _, r := range raw {
		if r.goType == modelType {
			continue
		}
		f := r.makeField(len(plan.fields))
		if err := m.setMemberCodec(f); err != nil {
			return nil, withPath(err, f.goPath, f.attribute)
		}
		plan.fields = append(plan.fields, f)
		plan.byAttribute[f.attribute] = f
	}
	return plan, nil
}

// setMemberCodec chooses the codec of a field inside a document, where everything is native unless json.
func (m *codecMaker) setMemberCodec(f *field) error {
	if role := f.tableRole(); role != "" {
		return fmt.Errorf("option %q is for fields of the model itself; remove it", role)
	}
	if err := checkOptions(f, formOf{document: true}); err != nil {
		return err
	}
	made, err := m.makeFieldCodec(f.goType, f.tagOptions, !f.json)
	f.codec = made
	return err
}
