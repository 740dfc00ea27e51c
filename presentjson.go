package dynamapper

import "reflect"

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
	value, err := makeAttributeValueCodec(v.Type()).encode(&encoder{}, v)
	if err != nil {
		return v.Interface()
	}
	return presentDocument(value)
}
