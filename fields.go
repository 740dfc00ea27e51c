package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
)

// rawField is a struct's field before its attribute is planned.
type rawField struct {
	structField reflect.StructField
	goType      reflect.Type
	goPath      string
	path        []int
	tag         fieldTag
}

func (r *rawField) attribute() string {
	if r.tag.name != "" {
		return r.tag.name
	}
	return r.structField.Name
}

func (r *rawField) makeField(number int) *field {
	f := &field{number: number, goPath: r.goPath, attribute: r.attribute(), path: r.path, goType: r.goType, tagOptions: r.tag.tagOptions}
	f.indexKey = len(r.tag.indexes) > 0
	f.indexTags = r.tag.indexes
	return f
}

// anonymousStruct is a struct whose fields count as those of the struct that embeds it.
type anonymousStruct struct {
	goType reflect.Type
	goPath string
	path   []int
	below  []reflect.Type // the structs on the way, which end the recursion of a struct that embeds itself
}

// flatten lists the fields of a struct and of the anonymous structs in it, level by level, as encoding/json does: of
// two fields with one name the one less deep wins. Two at one depth are an error, where encoding/json drops both.
func flatten(t reflect.Type) ([]*rawField, error) {
	f := flattener{top: t, taken: map[string]*rawField{}}
	level := []anonymousStruct{{goType: t}}
	for depth := 0; len(level) > 0; depth++ {
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
	// In the order of the source, so that messages and requests do not depend on the depth.
	slices.SortStableFunc(f.fields, func(a, b *rawField) int { return slices.Compare(a.path, b.path) })
	return f.fields, nil
}

type flattener struct {
	top    reflect.Type
	fields []*rawField
	taken  map[string]*rawField // by attribute, of the levels above
	here   map[string]*rawField // of this level
}

// addFields adds the fields of one struct, and gives the anonymous structs in it.
func (f *flattener) addFields(s anonymousStruct) ([]anonymousStruct, error) {
	var below []anonymousStruct
	for i := range s.goType.NumField() {
		structField := s.goType.Field(i)
		raw := &rawField{
			structField: structField,
			goType:      structField.Type,
			goPath:      joinPath(s.goPath, structField.Name),
			path:        append(slices.Clone(s.path), i),
		}
		if err := f.parseTags(raw); err != nil {
			return nil, err
		}
		if raw.tag.skip {
			continue
		}
		inner, isAnonymous, err := f.anonymous(raw, s)
		switch {
		case err != nil:
			return nil, err
		case isAnonymous:
			below = append(below, inner)
		default:
			if err := f.add(raw); err != nil {
				return nil, err
			}
		}
	}
	return below, nil
}

func (f *flattener) errorAt(raw *rawField, problem string, args ...any) error {
	return &SchemaError{Type: f.top, Field: raw.goPath, Problem: fmt.Sprintf(problem, args...)}
}

// parseTags reads the field's tags; Model's own tag is read by the schema.
func (f *flattener) parseTags(raw *rawField) error {
	if raw.goType == modelType {
		return nil
	}
	tags := raw.structField.Tag
	parsed, err := parseFieldTag(tags.Get("dynamo"))
	if err != nil {
		return f.errorAt(raw, "%v", err)
	}
	raw.tag = parsed
	for key, local := range map[string]bool{"index": false, "localIndex": true} {
		text, given := tags.Lookup(key)
		if !given {
			continue
		}
		indexes, err := parseIndexTag(text, local)
		if err != nil {
			return f.errorAt(raw, "%v", err)
		}
		raw.tag.indexes = append(raw.tag.indexes, indexes...)
	}
	return nil
}

// anonymous says whether the field is an anonymous struct without a name of its own, whose fields count as ours.
func (f *flattener) anonymous(raw *rawField, s anonymousStruct) (anonymousStruct, bool, error) {
	t := raw.goType
	if !raw.structField.Anonymous || raw.tag.name != "" || t == modelType {
		return anonymousStruct{}, false, nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
		if t == modelType {
			return anonymousStruct{}, false, f.errorAt(raw, "Model is embedded as a pointer; embed it by value")
		}
		if t.Kind() == reflect.Struct && !raw.structField.IsExported() {
			return anonymousStruct{}, false, f.errorAt(raw, "a pointer to the unexported struct %s is embedded, which cannot be filled; embed it by value", t)
		}
	}
	if t.Kind() != reflect.Struct || hasOwnCodec(t) {
		return anonymousStruct{}, false, nil
	}
	if slices.Contains(s.below, t) {
		return anonymousStruct{}, false, f.errorAt(raw, "the struct %s embeds itself; give the field a name", t)
	}
	return anonymousStruct{goType: t, goPath: raw.goPath, path: raw.path, below: append(slices.Clone(s.below), t)}, true, nil
}

// add takes a field unless one less deep has its attribute.
func (f *flattener) add(raw *rawField) error {
	if !raw.structField.IsExported() {
		_, tagged := raw.structField.Tag.Lookup("dynamo")
		if tagged || len(raw.tag.indexes) > 0 {
			return f.errorAt(raw, "the field is tagged and not exported, and cannot be filled; export it, or remove the tag")
		}
		return nil
	}
	name := raw.attribute()
	if raw.goType == modelType {
		name = "" // no attribute; two Models are told apart by their own rule
		f.fields = append(f.fields, raw)
		return nil
	}
	if f.taken[name] != nil {
		return nil
	}
	if other := f.here[name]; other != nil {
		return f.errorAt(raw, "the attribute %q is taken by %s already; give one of them another name", name, other.goPath)
	}
	f.here[name] = raw
	f.fields = append(f.fields, raw)
	return nil
}
