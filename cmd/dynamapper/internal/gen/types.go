package gen

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// goType is a type in the generated code.
type goType struct {
	kind   goKind
	elem   *goType // of a pointer, a slice and a map
	name   string  // of a struct
	fields []*field
}

type goKind int

const (
	stringType goKind = iota
	intType
	floatType
	float32Type
	numberType // json.Number
	boolType
	bytesType
	timeType
	anyType
	valueType // types.AttributeValue
	pointerType
	sliceType
	mapType // its keys are strings
	structType
)

// field is a field of a struct.
type field struct {
	name      string // in Go
	attribute string
	goType    *goType
	options   []string // of the tag
	indexes   []string // elements of the tag index
	locals    []string // elements of the tag localIndex
	vectors   []string // elements of the tag vector
	isJSON    bool     // the field is a member of JSON, and its name stands in the tag json
	notes     []string
}

func pointerTo(t *goType) *goType { return &goType{kind: pointerType, elem: t} }

// String returns the type as the generated code writes it.
func (t *goType) String() string {
	switch t.kind {
	case pointerType:
		return "*" + t.elem.String()
	case sliceType:
		return "[]" + t.elem.String()
	case mapType:
		return "map[string]" + t.elem.String()
	case structType:
		return t.name
	}
	return [...]string{stringType: "string", intType: "int64", floatType: "float64",
		float32Type: "float32",
		numberType:  "json.Number", boolType: "bool", bytesType: "[]byte", timeType: "time.Time",
		anyType: "any", valueType: "types.AttributeValue"}[t.kind]
}

// isScalar reports whether a zero of the type would be stored, if it had no pointer or omitempty.
func (t *goType) isScalar() bool {
	return t.kind == intType || t.kind == floatType || t.kind == boolType
}

// reflected returns the type for package reflect. It is for types in JSON.
func (t *goType) reflected() reflect.Type {
	switch t.kind {
	case pointerType:
		return reflect.PointerTo(t.elem.reflected())
	case sliceType:
		return reflect.SliceOf(t.elem.reflected())
	case mapType:
		return reflect.MapOf(reflect.TypeFor[string](), t.elem.reflected())
	case structType:
		var fields []reflect.StructField
		for _, f := range t.fields {
			fields = append(fields, reflect.StructField{Name: f.name, Type: f.goType.reflected(),
				Tag: reflect.StructTag(strings.Join(f.tags(), " "))})
		}
		return reflect.StructOf(fields)
	case intType:
		return reflect.TypeFor[int64]()
	case floatType:
		return reflect.TypeFor[float64]()
	case numberType:
		return reflect.TypeFor[json.Number]()
	case boolType:
		return reflect.TypeFor[bool]()
	case anyType:
		return reflect.TypeFor[any]()
	}
	return reflect.TypeFor[string]()
}

// tags returns the tags of a field, without the back quotes around all.
func (f *field) tags() []string {
	key := "dynamo"
	if f.isJSON {
		key = "json"
	}
	tags := []string{fmt.Sprintf("%s:%q", key,
		strings.Join(append([]string{f.attribute}, f.options...), ","))}
	for _, indexes := range []struct {
		key      string
		elements []string
	}{{"index", f.indexes}, {"localIndex", f.locals}, {"vector", f.vectors}} {
		if len(indexes.elements) > 0 {
			tags = append(tags, fmt.Sprintf("%s:%q", indexes.key,
				strings.Join(indexes.elements, ";")))
		}
	}
	return tags
}

// imports adds the packages of a type to a set.
func (t *goType) imports(to map[string]bool) {
	switch t.kind {
	case timeType:
		to["time"] = true
	case numberType:
		to["encoding/json"] = true
	case valueType:
		to[valuePath] = true
	}
	if t.elem != nil {
		t.elem.imports(to)
	}
	for _, f := range t.fields {
		f.goType.imports(to)
	}
}
