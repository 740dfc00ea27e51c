package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// form is a pair of methods that write and read the values of a type. When a schema is made, the
// zero value and other values show whether one method reads what the other writes.
type form struct {
	write, read string // the methods
	encode      func(v reflect.Value) (string, error)
	decode      func(text string, v reflect.Value) error
	has         func(t reflect.Type) bool                  // whether a type has the method write
	leavesOut   func(structField reflect.StructField) bool // whether a tag excludes a field
}

func newTextForm() form {
	return form{
		write: "MarshalText", read: "UnmarshalText",
		encode:    marshalText,
		decode:    func(text string, v reflect.Value) error { return unmarshalText(v, text) },
		has:       func(t reflect.Type) bool { return implements(t, textMarshalerType) },
		leavesOut: isOutsideItem,
	}
}

// newValueForm returns the form of the SDK's methods. The text is the wire JSON. NULL and nil have
// no text, because they are read without the method.
func newValueForm() form {
	return form{
		write: "MarshalDynamoDBAttributeValue", read: "UnmarshalDynamoDBAttributeValue",
		encode: func(v reflect.Value) (string, error) {
			value, err := marshalAttributeValue(v)
			if err != nil || isNil(value) || wire.TypeOf(value) == wire.NULL {
				return "", err
			}
			text, err := wire.AppendValue(nil, value)
			return string(text), err
		},
		decode: func(text string, v reflect.Value) error {
			if text == "" {
				return nil
			}
			value := wire.NewReader(text).AttributeValue()
			return v.Addr().
				Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(value)
		},
		has:       func(t reflect.Type) bool { return implements(t, marshalerType) },
		leavesOut: isOutsideItem,
	}
}

// isOutsideItem reports whether a field's tag says that it is not stored.
func isOutsideItem(f reflect.StructField) bool { return f.Tag.Get("dynamo") == "-" }

// trial is the result of writing a value, reading it and writing it again.
type trial struct {
	written     bool // a value that cannot be written proves nothing
	text, again string
	err         error // of reading the value
}

func (f form) try(v reflect.Value) (t trial) {
	defer func() {
		if panicked := recover(); panicked != nil {
			t.err = fmt.Errorf("the method panicked: %v", panicked)
		}
	}()
	text, err := f.encode(v)
	if err != nil {
		return trial{}
	}
	t.written, t.text = true, text
	back := reflect.New(v.Type()).Elem()
	if t.err = f.decode(text, back); t.err == nil {
		t.again, t.err = f.encode(back)
	}
	return t
}

func (f form) tryZero(t reflect.Type) trial { return f.try(reflect.New(t).Elem()) }

// check refuses a value that the type writes and cannot read.
func (f form) check(v reflect.Value) error {
	if tried := f.try(v); tried.written && tried.err != nil {
		return &unreadableError{goType: v.Type(), form: f, err: tried.err}
	}
	return nil
}

// unreadableError says that a type cannot read the stored form of a value.
type unreadableError struct {
	goType reflect.Type
	form   form
	err    error
}

func (e *unreadableError) Error() string {
	return fmt.Sprintf(
		"the value of type %s is one that %s writes and %s refuses, and the item could not be "+
			"read; "+
			"use a pointer, and leave it nil", e.goType, e.form.write, e.form.read)
}

func (e *unreadableError) Unwrap() error { return e.err }

// checkZero returns an error if err says that the zero value of the field, which it has in every
// new item, cannot be read back.
func (f *field) checkZero(err error) error {
	unreadable := (*unreadableError)(nil)
	if !errors.As(err, &unreadable) {
		return nil
	}
	return fmt.Errorf(
		"the zero value of type %s is one that %s writes and %s refuses, and an item with it "+
			"could not be read; "+
			"use a pointer, of which nil is missing, or add the option \"omitempty\"",
		unreadable.goType, unreadable.form.write, unreadable.form.read)
}

// checkZeroMember is checkZero for a field in a document.
func (f *field) checkZeroMember() error {
	_, err := probe(func() (wire.Raw, error) {
		zero := reflect.New(f.goType).Elem()
		if f.isMissing(zero) {
			return "", nil
		}
		return f.codec.raw(zero)
	})
	return f.checkZero(err)
}

// checkPromoted refuses a struct that is written by the method of an embedded struct, which ignores
// the other fields. If the struct has its own method, its text differs from the embedded struct's.
func (f form) checkPromoted(t reflect.Type) error {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		embedded := t.Field(i)
		if !embedded.Anonymous || !f.has(embedded.Type) {
			continue
		}
		if beside := f.fieldBeside(t, i); beside != "" && f.isPromoted(t, i) {
			return fmt.Errorf(
				"type %s is stored by the method %s of %s, which is embedded in it, and the "+
					"field %s would be lost; "+
					"give the embedded field a name, or the type methods of its own", t, f.write,
				embedded.Type, beside)
		}
	}
	return nil
}

// checkReader refuses a struct that has its own method for writing, and is read by the method of an
// embedded struct, which reads only the form of the embedded struct.
func (f form) checkReader(t reflect.Type, zero trial) error {
	if t.Kind() != reflect.Struct || !zero.written || zero.err == nil {
		return nil
	}
	for i := range t.NumField() {
		embedded := t.Field(i)
		if !embedded.Anonymous || embedded.Type.Kind() == reflect.Pointer || !f.has(embedded.Type) {
			continue
		}
		if part := f.tryZero(embedded.Type); part.written && part.err == nil &&
			f.reads(t, part.text) {
			return fmt.Errorf(
				"type %s is written by its method %s and read by %s of %s, which is embedded in "+
					"it, and could not be read back; "+
					"give the type both methods", t, f.write, f.read, embedded.Type)
		}
	}
	return nil
}

// reads reports whether the type can read a text.
func (f form) reads(t reflect.Type, text string) bool {
	known := f
	known.encode = func(reflect.Value) (string, error) { return text, nil }
	return known.tryZero(t).err == nil
}

// fieldBeside returns the name of a stored field of the struct other than the field of the given
// number, or "".
func (f form) fieldBeside(t reflect.Type, number int) string {
	for i := range t.NumField() {
		other := t.Field(i)
		if i != number && (other.IsExported() || other.Anonymous) && other.Type.Size() > 0 &&
			!f.leavesOut(other) {
			return other.Name
		}
	}
	return ""
}

// isPromoted reports whether the struct's text equals that of its embedded field, whatever the
// other fields hold.
func (f form) isPromoted(t reflect.Type, number int) bool {
	v := reflect.New(t).Elem()
	for i := range t.NumField() {
		if i != number {
			fillProbe(v.Field(i), probeDepth)
		}
	}
	embedded := reflect.NewAt(t.Field(number).Type, v.Field(number).Addr().UnsafePointer()).Elem()
	if embedded.Kind() == reflect.Pointer {
		embedded.Set(reflect.New(embedded.Type().Elem()))
		embedded = embedded.Elem()
	}
	whole, part := f.try(v), f.try(embedded)
	return whole.written && part.written && whole.text == part.text
}

// loses reports whether a type loses what it writes: the whole value, or a field of a struct. If
// strict is set, loses also reports whether the type cannot read what it writes.
func (f form) loses(t reflect.Type, zero trial, strict bool) bool {
	return slices.ContainsFunc(makeProbes(t), func(probe reflect.Value) bool {
		tried := f.try(probe)
		switch {
		case !tried.written || tried.text == zero.text:
			return false
		case tried.err != nil:
			return strict
		}
		return zero.written && tried.again == zero.text
	})
}

// makeProbes returns test values of a type. For a struct, each has a value in one field.
func makeProbes(t reflect.Type) []reflect.Value {
	if t.Kind() != reflect.Struct {
		v := reflect.New(t).Elem()
		fillProbe(v, probeDepth)
		return []reflect.Value{v}
	}
	var probes []reflect.Value
	for i := range t.NumField() {
		if v := reflect.New(t).Elem(); v.Field(i).CanSet() {
			fillProbe(v.Field(i), probeDepth)
			probes = append(probes, v)
		}
	}
	return probes
}

// probeDepth limits how deep a probe is filled, because types may contain themselves.
const probeDepth = 4

// fillProbe sets a value to something other than zero, as far as reflection allows.
func fillProbe(v reflect.Value, depth int) {
	if !v.CanSet() || depth == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("a")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillProbe(v.Elem(), depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillProbe(v.Index(0), depth-1)
	case reflect.Array:
		if v.Len() > 0 {
			fillProbe(v.Index(0), depth-1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fillProbe(key, depth-1)
		fillProbe(value, depth-1)
		if key.Comparable() {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		fillProbeStruct(v, depth)
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf("a"))
		}
	default:
		switch {
		case v.CanInt():
			v.SetInt(1)
		case v.CanUint():
			v.SetUint(1)
		}
	}
}

func fillProbeStruct(v reflect.Value, depth int) {
	if isTimeType(v.Type()) {
		setTime(v, time.Unix(1, 0))
		return
	}
	for i := range v.NumField() {
		fillProbe(v.Field(i), depth-1)
	}
}

// readingBack returns a codec that refuses values which their type could not read. It checks each
// value if the type cannot read its zero value, and else none.
func (f form) readingBack(made *codec, zero trial) *codec {
	if !zero.written || zero.err == nil {
		return made
	}
	encode := made.encode
	made.encode = func(e *encoder, v reflect.Value) error {
		if err := f.check(v); err != nil {
			return err
		}
		return encode(e, v)
	}
	return made
}
