package dynamapper

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// presenter converts the fields of one item to Go values for presentation.
type presenter struct {
	empty   bool    // fields that would be missing attributes are presented too
	encoder encoder // for values without a presentation of their own; it bounds the depth
}

// field presents the value of a model's field.
func (p *presenter) field(f *field, stored reflect.Value) any {
	v := behindPointers(stored)
	switch {
	case isTimeType(v.Type()):
		return f.presentTime(v)
	case v.Type() == urlType:
		return urlText(v)
	case f.Set:
		return f.presentSet(v)
	case f.codec.json:
		return presentJSON(v)
	case f.codec.isDocument(v.Type()):
		if shown, err := p.inside(f.codec, stored); err == nil {
			return shown
		}
	}
	if t := v.Type(); !t.Implements(textMarshalerType) && implements(t, textMarshalerType) {
		// encoding/json finds methods of a pointer only if it gets a pointer.
		behind := reflect.New(t)
		behind.Elem().Set(v)
		return behind.Interface()
	}
	return v.Interface()
}

// emptyField presents a field of a model that would be a missing attribute.
func (p *presenter) emptyField(f *field, v reflect.Value) any {
	if shown, ok := f.presentEmpty(v); ok {
		return shown
	}
	return p.field(f, v)
}

// presentEmpty presents an empty value whose Go value would not show its type.
func (f *field) presentEmpty(v reflect.Value) (shown any, ok bool) {
	v = behindPointers(v)
	switch t := v.Type(); {
	case isTimeType(t) && isZeroTime(v), t.Kind() == reflect.Pointer,
		t.Kind() == reflect.Interface && v.IsNil():
		return nil, true
	case f.Set:
		return f.presentSet(v), true
	case t.Kind() != reflect.Map && t.Kind() != reflect.Slice, v.Len() > 0,
		implements(t, jsonMarshalerType):
		return nil, false
	case f.codec.isDocument(t) && t.Kind() == reflect.Map:
		return map[string]any{}, true
	case f.codec.isDocument(t):
		return []any{}, true
	case t.Kind() == reflect.Map:
		return reflect.MakeMap(t).Interface(), true
	default:
		return reflect.MakeSlice(t, 0, 0).Interface(), true
	}
}

// behindPointers follows pointers to a value, unless their type has a stored form of its own. It
// returns a nil pointer unchanged.
func behindPointers(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer && !v.IsNil() && !hasOwnCodec(v.Type()) {
		v = v.Elem()
	}
	return v
}

// isDocument reports whether values of a type are presented as documents are, because they are or
// may be lists, maps or attribute values.
func (c *codec) isDocument(t reflect.Type) bool {
	stored := c.stored()
	return stored == wire.L || stored == wire.M || t.Kind() == reflect.Interface ||
		isAttributeValue(t)
}

// inside presents a value inside a document.
func (p *presenter) inside(c *codec, v reflect.Value) (any, error) {
	for v.Kind() == reflect.Pointer && c.elem != nil && !v.IsNil() {
		c, v = c.elem, v.Elem()
	}
	isNilled := false
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface, reflect.Slice:
		isNilled = v.IsNil() && !c.ownNil
	}
	switch {
	case isNilled:
		return nil, nil
	case c.dynamic != nil:
		return p.unboxed(c.dynamic, v.Elem())
	case c.plan == nil && (c.elem == nil || c.wire != wire.M && c.wire != wire.L):
		p.encoder.text = p.encoder.text[:0]
		err := c.encode(&p.encoder, v)
		return presentDocument(p.encoder.taken(0).AttributeValue()), err
	}
	if err := p.encoder.enter(); err != nil {
		return nil, err
	}
	defer p.encoder.leave()
	switch {
	case c.plan != nil:
		return p.structMap(c.plan, v)
	case c.wire == wire.M:
		return p.mapMembers(c.elem, v)
	}
	return p.listElements(c.elem, v)
}

// unboxed presents the value in an interface.
func (p *presenter) unboxed(known *dynamicCodecs, v reflect.Value) (any, error) {
	if err := p.encoder.unbox(); err != nil {
		return nil, err
	}
	defer p.encoder.rebox()
	c, err := known.lookup(v.Type())
	if err != nil {
		return nil, err
	}
	return p.inside(c, v)
}

func (p *presenter) listElements(elem *codec, v reflect.Value) (any, error) {
	list := make([]any, v.Len())
	for i := range list {
		shown, err := p.inside(elem, v.Index(i))
		if err != nil {
			return nil, err
		}
		list[i] = shown
	}
	return list, nil
}

func (p *presenter) mapMembers(elem *codec, v reflect.Value) (any, error) {
	members := make(map[string]any, v.Len())
	for entries := v.MapRange(); entries.Next(); {
		name, err := encodeMapKey(entries.Key())
		if err != nil {
			return nil, err
		}
		if members[name], err = p.inside(elem, entries.Value()); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// structMap presents a struct in a document.
func (p *presenter) structMap(plan *structPlan, v reflect.Value) (any, error) {
	members := make(map[string]any, len(plan.fields))
	for _, f := range plan.fields {
		value, ok := f.valueIn(v)
		missing := !ok || f.isMissing(value)
		if missing && !p.empty {
			continue
		}
		if missing {
			value = f.valueOrZero(v)
			if shown, done := f.presentEmpty(value); done {
				members[f.attribute] = shown
				continue
			}
		}
		shown, err := p.member(f, value)
		if err != nil {
			return nil, err
		}
		members[f.attribute] = shown
	}
	return members, nil
}

// member presents a field of a struct in a document.
func (p *presenter) member(f *field, stored reflect.Value) (any, error) {
	v := behindPointers(stored)
	isTime := isTimeType(v.Type()) || f.Set && isTimeType(memberType(v.Type()))
	switch {
	case isTime && f.Set:
		return f.presentSet(v), nil
	case isTime && (f.codec.stored() == wire.N || f.Layout != ""):
		return f.presentTime(v), nil
	case f.codec.json:
		return presentJSON(v), nil
	}
	return p.inside(f.codec, stored)
}

// presentDocument converts a document to plain Go, with the stored names. Numbers become
// json.Number.
func presentDocument(value types.AttributeValue) any {
	return convertValue(value, presentStoredSet)
}

// presentStoredSet returns the members of a set as a sorted slice.
func presentStoredSet(value types.AttributeValue) any {
	switch value := value.(type) {
	case *types.AttributeValueMemberSS:
		return slices.Sorted(slices.Values(value.Value))
	case *types.AttributeValueMemberNS:
		return presentNumbers(value.Value)
	case *types.AttributeValueMemberBS:
		return slices.SortedFunc(slices.Values(value.Value), slices.Compare[[]byte])
	}
	return nil
}

// presentJSON presents the value of a JSON field. It returns the value itself, unless the value may
// contain times or attribute values: encoding/json would not write times in UTC and attribute
// values as plain Go. Such a value is decoded from its JSON.
func presentJSON(v reflect.Value) any {
	if !canHoldTime(v.Type(), map[reflect.Type]bool{}) {
		if _, found := findInJSON(v, isTimeOrAttributeValue); !found {
			return v.Interface()
		}
	}
	if _, err := encodeJSON(v); err != nil { // fails for a value that contains itself, too
		return v.Interface()
	}
	text, err := encodeJSON(presentable(v))
	if err != nil {
		return v.Interface()
	}
	shown, err := plainJSONValue(text)
	if err != nil {
		return v.Interface()
	}
	return shown
}

func isTimeOrAttributeValue(v reflect.Value) bool {
	return v.Type() == timeType || isAttributeValue(v.Type())
}

// canHoldTime reports whether encoding/json finds a time in values of a type. It does not look into
// interfaces.
func canHoldTime(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == timeType {
		return true
	}
	if seen[t] || writesOwnJSON(t) {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return canHoldTime(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); !isOutsideJSON(f) && canHoldTime(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// writesOwnJSON reports whether encoding/json calls methods of a type. It returns false for a
// pointer, which only has the methods of its element.
func writesOwnJSON(t reflect.Type) bool {
	return t.Kind() != reflect.Pointer &&
		(implements(t, jsonMarshalerType) || implements(t, textMarshalerType))
}

// presentable copies a value, with its times in UTC and its attribute values as plain Go.
func presentable(v reflect.Value) reflect.Value {
	t := v.Type()
	if t == timeType {
		return reflect.ValueOf(timeOf(v).UTC())
	}
	if writesOwnJSON(t) {
		return v
	}
	made := reflect.New(t).Elem()
	made.Set(v)
	switch t.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			made.Set(reflect.New(t.Elem()))
			made.Elem().Set(presentable(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			setPresentable(made, v.Elem())
		}
	case reflect.Slice:
		if !v.IsNil() {
			made.Set(reflect.MakeSlice(t, v.Len(), v.Len()))
		}
		copyPresentable(made, v)
	case reflect.Array:
		copyPresentable(made, v)
	case reflect.Map:
		if !v.IsNil() {
			made.Set(reflect.MakeMapWithSize(t, v.Len()))
		}
		for entries := v.MapRange(); entries.Next(); {
			made.SetMapIndex(entries.Key(), presentable(entries.Value()))
		}
	case reflect.Struct:
		presentFields(made)
	}
	return made
}

// presentFields makes the fields of a struct presentable, including those of embedded structs.
func presentFields(v reflect.Value) {
	for i := range v.NumField() {
		f, field := v.Type().Field(i), v.Field(i)
		switch {
		case isOutsideJSON(f):
		case field.CanSet():
			field.Set(presentable(field))
		case f.Type.Kind() == reflect.Struct:
			presentFields(field)
		}
	}
}

func copyPresentable(made, v reflect.Value) {
	for i := range v.Len() {
		made.Index(i).Set(presentable(v.Index(i)))
	}
}

// setPresentable copies the value of an interface into another interface. Only there can an
// attribute value be replaced.
func setPresentable(to, v reflect.Value) {
	var shown any
	switch t := v.Type(); {
	case isAttributeValue(t):
		shown = presentAttributeValue(v)
	case t.Kind() == reflect.Slice && isAttributeValue(t.Elem()):
		list := make([]any, v.Len())
		for i := range list {
			list[i] = presentAttributeValue(v.Index(i))
		}
		shown = list
	default:
		to.Set(presentable(v))
		return
	}
	switch {
	case shown == nil:
		to.SetZero()
	case reflect.TypeOf(shown).AssignableTo(to.Type()):
		to.Set(reflect.ValueOf(shown))
	default: // a place for attribute values alone
		to.Set(v)
	}
}

// presentAttributeValue converts an attribute value, or a map of them, to plain Go.
func presentAttributeValue(v reflect.Value) any {
	value, err := makeAttributeValueCodec(v.Type()).raw(v)
	if err != nil {
		return v.Interface()
	}
	return presentDocument(value.AttributeValue())
}
