package vet

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/dynamapper/dynamapper/internal/tag"
)

// problemOf returns what is wrong with the options of a field, or "". It is silent about a type
// that only the caller of a generic function knows.
func problemOf(a attribute) string {
	if err := a.CheckEachOther(); err != nil {
		return err.Error()
	}
	t := a.field.Type()
	value := t
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		value = pointer.Elem()
	}
	if hasParameter(value) {
		return ""
	}
	name := types.TypeString(t, (*types.Package).Name)
	form := formOf(value)
	err := a.CheckType(tag.Type{Name: name, Field: formOf(t), Value: form,
		Member: formOf(memberType(value))})
	switch {
	case err != nil:
		return err.Error()
	case a.Set && !canBeSet(value):
		return fmt.Sprintf("type %s cannot be a set; use []T, map[T]struct{} or map[T]bool", name)
	case a.IsKey() && !a.HasFormat && (form.Composite || isKind(value, types.IsBoolean)):
		return fmt.Sprintf("type %s cannot be a key: DynamoDB has keys of strings, numbers and "+
			"bytes; use such a type, or one with MarshalText and UnmarshalText", name)
	}
	return ""
}

// hasParameter reports whether a type, or what it consists of, is a type parameter.
func hasParameter(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return hasParameter(t.Elem())
	case *types.Slice:
		return hasParameter(t.Elem())
	case *types.Array:
		return hasParameter(t.Elem())
	case *types.Map:
		return hasParameter(t.Key()) || hasParameter(t.Elem())
	}
	return false
}

// formOf says what the rules for options ask about a type, as the mapper does by package reflect.
func formOf(t types.Type) tag.Form {
	switch {
	case t == nil:
		return tag.Form{}
	case isMapperType(t, "Computed"):
		return tag.Form{Composite: true, Computed: true}
	case isTime(t):
		return tag.Form{Time: true}
	case hasOwnForm(t):
		return tag.Form{}
	}
	switch under := t.Underlying().(type) {
	case *types.Basic:
		form := tag.Form{Integer: under.Info()&types.IsInteger != 0 && under.Kind() != types.Uintptr,
			Text: under.Info()&types.IsString != 0}
		if form.Integer {
			form.Bits = 8 * int(types.SizesFor("gc", "amd64").Sizeof(under))
		}
		return form
	case *types.Slice:
		elem := under.Elem()
		return tag.Form{Composite: true, Vector: isBasic(elem, types.Float32) && !hasOwnForm(elem)}
	case *types.Struct, *types.Map, *types.Array, *types.Interface:
		return tag.Form{Composite: true}
	}
	return tag.Form{}
}

// memberType returns the type of a set's members, or nil if the type cannot be a set.
func memberType(t types.Type) types.Type {
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Map:
		return t.Key()
	}
	return nil
}

func canBeSet(t types.Type) bool {
	if hasOwnForm(t) {
		return false
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return true
	case *types.Map:
		members, isStruct := t.Elem().Underlying().(*types.Struct)
		return isStruct && members.NumFields() == 0 || isBasic(t.Elem(), types.Bool)
	}
	return false
}

// isTime reports whether a type is time.Time, or a type made from it without a method by which the
// mapper stores it.
func isTime(t types.Type) bool {
	fields, ok := t.Underlying().(*types.Struct)
	if !ok || fields.NumFields() != 3 || fields.Field(0).Pkg() == nil ||
		fields.Field(0).Pkg().Path() != "time" || fields.Field(0).Name() != "wall" {
		return false
	}
	return isNamed(t, "time", "Time") || !hasMethodOfForm(t)
}

// hasOwnForm reports whether values of a type that is no pointer have a form of their own, so that
// the mapper does not look into the type.
func hasOwnForm(t types.Type) bool {
	switch under := t.Underlying().(type) {
	case *types.Pointer:
		return false
	case *types.Map:
		if isAttributeValue(under.Elem()) {
			return true
		}
	case *types.Slice:
		if isBasic(under.Elem(), types.Uint8) && !hasOwnForm(under.Elem()) {
			return true
		}
	case *types.Array:
		if isBasic(under.Elem(), types.Uint8) && !hasOwnForm(under.Elem()) {
			return true
		}
	}
	return isTime(t) || isAttributeValue(t) || isNamed(t, "net/url", "URL") ||
		isNamed(t, "math/big", "Int") || isNamed(t, "math/big", "Float") ||
		isNamed(t, "encoding/json", "Number") || isNamed(t, attributesPath, "Number") ||
		hasMethodOfForm(t)
}

const (
	attributesPath = "github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	typesPath      = "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// isAttributeValue reports whether a type is the SDK's attribute value, or one of its kinds.
func isAttributeValue(t types.Type) bool {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == typesPath &&
		strings.HasPrefix(named.Obj().Name(), "AttributeValue")
}

// hasMethodOfForm reports whether a type, or a pointer to it, has a method by which the mapper
// stores or reads it.
func hasMethodOfForm(t types.Type) bool {
	if types.IsInterface(t) {
		return false
	}
	methods := types.NewMethodSet(types.NewPointer(t))
	for i := range methods.Len() {
		method := methods.At(i).Obj()
		signature, ok := method.Type().(*types.Signature)
		if !ok {
			continue
		}
		takes, returns := signature.Params().Len(), signature.Results().Len()
		switch method.Name() {
		case "MarshalDynamoDBAttributeValue", "MarshalText":
			if takes == 0 && returns == 2 {
				return true
			}
		case "UnmarshalDynamoDBAttributeValue":
			if takes == 1 && returns == 1 {
				return true
			}
		}
	}
	return false
}

func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil &&
		named.Obj().Pkg().Path() == path
}

func isBasic(t types.Type, kind types.BasicKind) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == kind
}

// isKind reports whether a type is stored as a basic type of a kind.
func isKind(t types.Type, kind types.BasicInfo) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&kind != 0 && !hasOwnForm(t)
}
