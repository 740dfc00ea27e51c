package dynamapper

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// MapOption configures Table.ToMap.
type MapOption interface{ setMap(*presenter) }

type mapOption func(*presenter)

func (o mapOption) setMap(p *presenter) { o(p) }

// EmptyFields makes ToMap return every field, also those that would be missing attributes, in the
// model and in the structs of documents. An empty set, slice or map is returned as an empty one,
// never as nil. A zero time, a nil pointer and a nil interface are returned as nil.
func EmptyFields() MapOption {
	return mapOption(func(p *presenter) { p.empty = true })
}

// ToMap returns the item for presentation, such as the JSON of an HTTP response, as a map from
// attribute names to Go values. It sends no request.
//
// Sets are sorted slices, and times are RFC 3339 text in UTC, at any depth. Attribute values are
// converted to plain Go. Documents are maps by their attribute names, with numbers as json.Number.
// The value of a JSON field is the item's own value, not a copy. If that value can hold a time, or
// holds an attribute value, it is decoded from its JSON, as maps, slices and json.Number.
//
// ToMap leaves out fields that would be missing attributes, unless the option EmptyFields is given.
// It always leaves out the attributes that a partial item was read without.
func (t *Table[T]) ToMap(item *T, opts ...MapOption) map[string]any {
	return orZero(t).untyped.toMap(itemOf(item), opts)
}

func (t *table) toMap(item anyItem, opts []MapOption) map[string]any {
	if item == nil || t.checkMade() != nil {
		return nil
	}
	var p presenter
	for _, opt := range opts {
		if opt != nil {
			opt.setMap(&p)
		}
	}
	read := t.modelOf(item).origin
	shown := make(map[string]any, len(t.schema.fields))
	model := reflect.ValueOf(item).Elem()
	for _, f := range t.schema.fieldsIn(model, nil) {
		value, ok := f.valueIn(model)
		switch {
		case !f.isStored():
		case read.partial() && !read.read[f.attribute]:
		case ok && !f.isMissing(value):
			shown[f.attribute] = p.field(f, value)
			if inside := read.insideOf(f); inside != nil {
				shown[f.attribute] = onlyRead(shown[f.attribute], inside)
			}
		case p.empty:
			shown[f.attribute] = p.emptyField(f, f.valueOrZero(model))
		}
	}
	return shown
}

// insideOf returns what was read of a document, from its members on, or nil for all of it.
func (o *origin) insideOf(f *field) (paths [][]expression.Step) {
	if o == nil {
		return nil
	}
	for _, part := range o.inside[f.attribute] {
		paths = append(paths, part.inside[1:])
	}
	return paths
}

// onlyRead removes from a presented document what was not read. The elements of a list that were
// read have other positions than those that were selected, so all of them stay.
func onlyRead(value any, paths [][]expression.Step) any {
	members := map[string][][]expression.Step{}
	var elements [][]expression.Step
	for _, path := range paths {
		switch {
		case len(path) == 0:
			return value
		case path[0].List:
			elements = append(elements, path[1:])
		default:
			members[path[0].Name] = append(members[path[0].Name], path[1:])
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if inside := members[name]; inside == nil {
				delete(value, name)
			} else {
				value[name] = onlyRead(member, inside)
			}
		}
	case []any:
		for i, element := range value {
			value[i] = onlyRead(element, elements)
		}
	}
	return value
}

func presentNumbers(texts []string) []json.Number {
	numbers := make([]json.Number, len(texts))
	for i, text := range texts {
		numbers[i] = json.Number(text)
	}
	slices.SortFunc(numbers,
		func(a, b json.Number) int { return compareNumberTexts(a.String(), b.String()) })
	return numbers
}

// presentSet returns a set's members as a sorted slice.
func (f *field) presentSet(v reflect.Value) any {
	members := membersOf(v)
	slices.SortStableFunc(members, compareMembers)
	members = slices.CompactFunc(members,
		func(a, b reflect.Value) bool { return compareMembers(a, b) == 0 })
	member := v.Type()
	if v.Kind() == reflect.Map {
		member = member.Key()
	} else {
		member = member.Elem()
	}
	if isTimeType(member) || member == urlType {
		member = reflect.TypeFor[string]()
	}
	list := reflect.MakeSlice(reflect.SliceOf(member), len(members), len(members))
	for i, one := range members {
		switch t := one.Type(); {
		case isTimeType(t):
			one = reflect.ValueOf(f.presentTime(one))
		case t == urlType:
			one = reflect.ValueOf(urlText(one))
		}
		list.Index(i).Set(one)
	}
	return list.Interface()
}

// presentTime formats a time as a read would return it.
func (f *field) presentTime(v reflect.Value) string {
	return f.storedForm(timeOf(v)).Format(time.RFC3339Nano)
}

// compareMembers orders the members of a set. Members that it finds equal are one member.
func compareMembers(a, b reflect.Value) int {
	switch t := a.Type(); {
	case implements(t, marshalerType):
		one, _ := marshalAttributeValue(a)
		other, _ := marshalAttributeValue(b)
		return compareScalars(one, other)
	case isTimeType(t):
		return timeOf(a).Compare(timeOf(b))
	case t == urlType:
		return cmp.Compare(urlText(a), urlText(b))
	case t == bigIntType:
		return addressable(a).Addr().Interface().(*big.Int).Cmp(
			addressable(b).Addr().Interface().(*big.Int))
	case t == bigFloatType:
		return addressable(a).Addr().Interface().(*big.Float).Cmp(
			addressable(b).Addr().Interface().(*big.Float))
	case t == jsonNumberType, t == attributeNumberType:
		return compareNumberTexts(a.String(), b.String())
	case implements(t, textMarshalerType):
		one, _ := marshalText(a)
		other, _ := marshalText(b)
		return cmp.Compare(one, other)
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	}
	return bytes.Compare(bytesIn(a), bytesIn(b))
}

func compareNumberTexts(a, b string) int {
	if order, ok := wire.CompareNumbers(a, b); ok {
		return order
	}
	return cmp.Compare(a, b)
}

// compareScalars orders values that can be members of a set.
func compareScalars(a, b types.AttributeValue) int {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return cmp.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			return compareNumberTexts(a.Value, b.Value)
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return slices.Compare(a.Value, b.Value)
		}
	}
	return -1
}
