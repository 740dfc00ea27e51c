package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/tag"
)

// fieldPlace is where a field, or an embedded struct, is in the model.
type fieldPlace struct {
	goPath string
	path   []int
	offset uintptr
	// The Go path of the first embedded pointer that holds the field and may be nil; "" for none.
	viaPointer string
	// The path of the last embedded pointer that holds the field; nil for none.
	pointer []int
}

// rawField is a struct's field before its attribute is planned.
type rawField struct {
	fieldPlace
	structField reflect.StructField
	goType      reflect.Type
	tag         tag.Field
}

func (r *rawField) attribute() string {
	if r.tag.Name != "" {
		return r.tag.Name
	}
	return r.structField.Name
}

func (r *rawField) makeField(number int) *field {
	f := &field{number: number, goPath: r.goPath, attribute: r.attribute(), path: r.path,
		offset: r.offset, viaPointer: r.viaPointer, pointer: r.pointer,
		goType: r.goType, Options: r.tag.Options, indexTags: r.tag.Indexes, vectorTags: r.tag.Vectors}
	if f.OmitEmpty {
		f.isZero = chooseIsZero(f.goType)
	}
	return f
}

// isBlankComputed reports whether the field is a computed attribute without a name in Go. It is not
// exported and holds no value.
func (r *rawField) isBlankComputed() bool {
	return r.structField.Name == "_" && r.goType == computedType
}

// isModel reports whether the field is the embedded Model, which is no attribute.
func (r *rawField) isModel() bool { return r.goType == modelType }

// anonymousStruct is an embedded struct whose fields count as fields of the struct that embeds it.
type anonymousStruct struct {
	fieldPlace
	goType reflect.Type
	// Itself and the structs that embed it, to detect a struct that embeds itself.
	within []reflect.Type
}

// flatten lists the fields of a struct and of the anonymous structs in it, level by level, as
// encoding/json does. If two fields have one name, the less deep one wins. Two at the same depth
// are an error; encoding/json drops both.
func flatten(t reflect.Type) ([]*rawField, error) {
	f := flattener{top: t, taken: map[string]*rawField{}}
	level := []anonymousStruct{{goType: t, within: []reflect.Type{t}}}
	for len(level) > 0 {
		f.here = map[string]*rawField{}
		var next []anonymousStruct
		for _, s := range level {
			below, err := f.addFields(s)
			if err != nil {
				return nil, err
			}
			next = append(next, below...)
		}
		for name, raw := range f.here {
			f.taken[name] = raw
		}
		level = next
	}
	// The order of the source keeps messages and requests independent of the depth.
	slices.SortStableFunc(f.fields,
		func(a, b *rawField) int { return slices.Compare(a.path, b.path) })
	return f.fields, nil
}

type flattener struct {
	top    reflect.Type
	fields []*rawField
	taken  map[string]*rawField // by attribute, from the levels above
	here   map[string]*rawField // by attribute, from this level
}

// addFields adds the fields of one struct, and returns the anonymous structs in it.
func (f *flattener) addFields(s anonymousStruct) ([]anonymousStruct, error) {
	var below []anonymousStruct
	for i := range s.goType.NumField() {
		structField := s.goType.Field(i)
		raw := &rawField{fieldPlace: s.fieldPlace, structField: structField, goType: structField.Type}
		raw.goPath = expression.JoinPath(s.goPath, structField.Name)
		raw.path = append(slices.Clone(s.path), i)
		raw.offset += structField.Offset
		inner, err := f.addField(raw, s)
		if err != nil {
			return nil, err
		}
		if inner != nil {
			below = append(below, *inner)
		}
	}
	return below, nil
}

// addField adds one field, or returns it as an anonymous struct.
func (f *flattener) addField(raw *rawField, s anonymousStruct) (*anonymousStruct, error) {
	if isModel, err := f.addModel(raw); isModel || err != nil {
		return nil, err
	}
	if err := f.parseTags(raw); err != nil || raw.tag.Skip {
		return nil, err
	}
	if raw.structField.IsExported() || raw.structField.Anonymous || raw.isBlankComputed() {
		if err := tag.CheckKeys(raw.structField.Tag); err != nil {
			return nil, f.errorIn(raw, "%v", err)
		}
	}
	if inner := raw.anonymous(s); inner != nil {
		return inner, f.checkAnonymous(raw, inner, s)
	}
	return nil, f.add(raw)
}

// errorAt returns a SchemaError about a field that is an attribute.
func (f *flattener) errorAt(raw *rawField, problem string, args ...any) error {
	return &SchemaError{Type: f.top, Field: raw.goPath, Attribute: raw.attribute(),
		Problem: fmt.Sprintf(problem, args...)}
}

// errorIn returns a SchemaError about a field that is no attribute.
func (f *flattener) errorIn(raw *rawField, problem string, args ...any) error {
	return &SchemaError{Type: f.top, Field: raw.goPath, Problem: fmt.Sprintf(problem, args...)}
}

// addModel adds the embedded Model. The schema reads its tag, and refuses a second Model.
func (f *flattener) addModel(raw *rawField) (isModel bool, err error) {
	embedded, t := raw.structField.Anonymous, raw.goType
	switch {
	case t != modelType && (t.Kind() != reflect.Pointer || t.Elem() != modelType) ||
		raw.structField.Tag.Get("dynamo") == "-" && !embedded:
		return false, nil
	case t != modelType && embedded:
		return true, f.errorIn(raw,
			"dynamapper.Model is embedded as a pointer, which may be nil; embed it by value")
	case !embedded:
		return true, f.errorIn(raw,
			"dynamapper.Model is a field with a name, where it can keep no snapshot; embed it, "+
				"by leaving the name out")
	case !raw.structField.IsExported():
		return true, f.errorIn(raw,
			"dynamapper.Model is embedded under another name, which is not exported; embed it "+
				"as dynamapper.Model")
	}
	f.fields = append(f.fields, raw)
	return true, nil
}

func (f *flattener) parseTags(raw *rawField) error {
	parsed, err := tag.Parse(raw.structField.Tag)
	raw.tag = parsed
	if err != nil {
		return f.errorAt(raw, "%v", err)
	}
	return nil
}

// anonymous returns the field as an anonymous struct whose fields are promoted. It returns nil for
// any other field, also for an embedded struct with a name in its tag.
func (r *rawField) anonymous(s anonymousStruct) *anonymousStruct {
	if !r.structField.Anonymous || r.tag.Name != "" {
		return nil
	}
	inner := &anonymousStruct{fieldPlace: r.fieldPlace, goType: r.goType}
	if r.goType.Kind() == reflect.Pointer {
		inner.goType, inner.pointer = r.goType.Elem(), r.path
		if inner.viaPointer == "" {
			inner.viaPointer = r.goPath
		}
	}
	if inner.goType.Kind() != reflect.Struct || hasOwnCodec(inner.goType) {
		return nil
	}
	inner.within = append(slices.Clone(s.within), inner.goType)
	return inner
}

// checkAnonymous refuses an anonymous struct that could not be filled, or that its tag describes
// wrongly.
func (f *flattener) checkAnonymous(raw *rawField, inner *anonymousStruct, s anonymousStruct) error {
	switch {
	case raw.tag.Options != tag.Options{} || raw.tag.InIndexes():
		return f.errorIn(raw,
			"the tag has options, and the fields of this embedded struct are attributes of "+
				"their own; give the struct a name in the tag to store it as one attribute, or "+
				"remove the options")
	case raw.goType.Kind() == reflect.Pointer && !raw.structField.IsExported():
		return f.errorIn(raw,
			"a pointer to the unexported struct %s is embedded, which cannot be filled; embed "+
				"it by value", inner.goType)
	case slices.Contains(s.within, inner.goType):
		return f.errorIn(raw, "the struct %s embeds itself; give the field a name", inner.goType)
	}
	return nil
}

// add adds a field unless a less deep one has the same attribute.
func (f *flattener) add(raw *rawField) error {
	if raw.isBlankComputed() && raw.tag.Name == "" {
		return f.errorIn(raw,
			"the field has no name in Go and none in its tag; write the attribute's name, as in "+
				"`dynamo:\"pk,hash,format=USER#{login}\"`")
	}
	if !raw.structField.IsExported() && !raw.isBlankComputed() {
		_, tagged := raw.structField.Tag.Lookup("dynamo")
		if tagged || raw.tag.InIndexes() {
			return f.errorAt(raw,
				"the field is tagged and not exported, so it cannot be filled; export it, or "+
					"remove the tag")
		}
		return nil
	}
	if raw.tag.Rest { // no attribute, so that its name takes none
		f.fields = append(f.fields, raw)
		return nil
	}
	name := raw.attribute()
	if f.taken[name] != nil {
		return nil
	}
	if other := f.here[name]; other != nil {
		return f.errorAt(raw,
			"the field %s has the same attribute; give one of the two another name, or leave "+
				"this one out with `dynamo:\"-\"`", other.goPath)
	}
	f.here[name] = raw
	f.fields = append(f.fields, raw)
	return nil
}

// makeStructPlan makes the plan of a struct inside a document. It registers the plan before it is
// filled, for structs that contain themselves.
func (m *codecMaker) makeStructPlan(t reflect.Type) (*structPlan, error) {
	if plan := m.structs[t]; plan != nil {
		return plan, nil
	}
	plan := &structPlan{goType: t}
	m.structs[t] = plan
	raw, err := flatten(t)
	if err != nil {
		problem := err.(*SchemaError)
		return nil, withPath(errors.New(problem.Problem), problem.Field, problem.Attribute)
	}
	var fields []*field
	for _, r := range raw {
		if r.isModel() {
			continue
		}
		f := r.makeField(len(fields))
		if err := m.setMemberCodec(f); err != nil {
			return nil, withPath(err, f.goPath, f.attribute)
		}
		fields = append(fields, f)
	}
	plan.setFields(fields)
	return plan, nil
}

// setMemberCodec sets the codec of a field inside a document. There, every value without the option
// json is stored natively.
func (m *codecMaker) setMemberCodec(f *field) error {
	if role := f.tableRole(); role != "" {
		return fmt.Errorf(
			"option %q is for fields of the model itself, and this one stands in a document; "+
				"remove it, or store the whole as JSON", role)
	}
	if f.goType == computedType {
		return errors.New("a Computed is an attribute of the model itself, and this one stands in " +
			"a document; use a string")
	}
	if err := checkOptions(f); err != nil {
		return err
	}
	made, err := m.makeFieldCodec(f.goType, f.Options, !f.JSON)
	if err != nil {
		return err
	}
	f.codec = made
	f.setOpening()
	return f.checkZeroMember()
}
