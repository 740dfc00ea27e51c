package dynamapper

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dynamapper/dynamapper/internal/expression"
)

var (
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// jsonTypes checks the types that a type stored as JSON consists of. It refuses types that
// encoding/json would refuse only when it encodes a value, and types that encoding/json would write
// and not read back.
type jsonTypes struct {
	seen map[jsonPlace]bool

	inInterface bool // the values are in an interface, and are read back as maps, lists and scalars
	dynamic     bool // the types include an interface
	arrays      bool // the types include an array
	unsure      bool // some values can be written, and it is not known whether they can be read
	lossy       bool // some values may be read back as others
	textKeys    bool // the keys of a map are written by a method

	within []reflect.Type // the structs around the embedded one that is being checked
}

// jsonPlace is a type with the properties of its place that matter to encoding/json.
type jsonPlace struct {
	goType      reflect.Type
	addressable bool // encoding/json finds the methods of the pointer
	zeroed      bool // the program may leave the zero value there
}

func newJSONTypes() *jsonTypes { return &jsonTypes{seen: map[jsonPlace]bool{}} }

func (j *jsonTypes) check(p jsonPlace) error {
	if j.seen[p] {
		return nil
	}
	j.seen[p] = true
	if p.goType == urlType || isTimeType(p.goType) && p.goType != timeType {
		return fmt.Errorf(
			"type %s is not written whole by encoding/json; give the field the option "+
				"\"document\", by which it is stored as text", p.goType)
	}
	if p.goType.Kind() != reflect.Pointer && p.goType.Kind() != reflect.Interface {
		f := jsonFormOf(p.goType)
		if err := j.checkMethods(f, p); err != nil {
			return err
		}
		if f.write != "" && (f.read != "" || j.inInterface) {
			return nil // the type's own methods handle the value
		}
	}
	return j.checkKind(p)
}

// checkKind checks the types that a type is made of.
func (j *jsonTypes) checkKind(p jsonPlace) error {
	switch t := p.goType; t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf(
			"type %s cannot be stored; leave the field out with `dynamo:\"-\"`, or `json:\"-\"` "+
				"inside, "+
				"or, if the type around it is not yours, store one of your own", t)
	case reflect.Interface:
		if j.dynamic = true; t.NumMethod() > 0 && !j.inInterface {
			return fmt.Errorf(
				"the interface %s cannot be decoded, because the table "+
					"does not store its Go type; use any, or "+
					"a type of its own", t)
		}
	case reflect.Map:
		if err := j.checkKey(t.Key()); err != nil {
			return err
		}
		return j.check(jsonPlace{goType: t.Elem()})
	case reflect.Pointer, reflect.Slice:
		return j.check(jsonPlace{goType: t.Elem(), addressable: true})
	case reflect.Array:
		j.arrays = true
		return j.check(jsonPlace{goType: t.Elem(), addressable: p.addressable, zeroed: true})
	case reflect.Struct:
		if err := checkStruct(t); err != nil {
			return err
		}
		if _, err := writtenJSONFields(t); err != nil {
			return err
		}
		around := j.within
		j.within = nil
		err := j.checkStruct(t, p.addressable)
		j.within = around
		return err
	}
	return nil
}

// checkKey refuses types that encoding/json does not both write and read as the key of a map.
func (j *jsonTypes) checkKey(t reflect.Type) error {
	if j.inInterface {
		return nil // encoding/json refuses it itself
	}
	if err := checkMapKey(t); err != nil {
		return err
	}
	switch {
	case t.Kind() == reflect.String: // written unchanged, and read by a method
		j.unsure = j.unsure || implements(t, textUnmarshalerType)
	case implements(t, textMarshalerType) && !t.Implements(textMarshalerType):
		return fmt.Errorf(
			"type %s cannot be the key of a map in JSON, as only its pointer has MarshalText; "+
				"give the type itself the method, or the field the option \"document\"", t)
	default:
		j.textKeys = j.textKeys || implements(t, textMarshalerType)
		j.unsure = j.unsure || isUnsureMapKey(t)
	}
	return nil
}

// checkMembers refuses JSON in which an object has a member twice, because two keys of a map have
// one text.
func checkMembers(text string, t reflect.Type) error {
	var names []map[string]bool // the names that were read in each level
	for j := newJSONText(text, t); ; {
		if _, ok := j.next(); !ok {
			return nil
		}
		n := len(j.levels)
		names = names[:min(n, len(names))]
		if len(names) < n {
			names = append(names, map[string]bool{})
		}
		if n == 0 || !j.levels[n-1].named {
			continue
		}
		name := j.levels[n-1].name
		if names[n-1][name] {
			problem := errors.New("two keys of a map have the same text, and one of the two " +
				"members would be lost; give the key's type a MarshalText that tells them apart")
			return placedAt(problem, describeLevels(j.levels[:min(n-1, maxPathDepth)], t))
		}
		names[n-1][name] = true
	}
}

func (j *jsonTypes) checkStruct(t reflect.Type, addressable bool) error {
	if slices.Contains(j.within, t) {
		return fmt.Errorf("the struct %s embeds itself; give the embedded field a name", t)
	}
	j.within = append(j.within, t)
	defer func() { j.within = j.within[:len(j.within)-1] }()
	names := map[string]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if isOutsideJSON(f) || f.Type == modelType { // nothing is written of Model
			continue
		}
		if err := j.checkField(f, addressable, names); err != nil {
			return withPath(err, f.Name, expression.QuoteElement(jsonName(f)))
		}
	}
	return nil
}

// checkField checks a field of a struct. names holds the names of its earlier fields.
func (j *jsonTypes) checkField(
	f reflect.StructField, addressable bool, names map[string]string,
) error {
	if inner := flattenedJSON(f); inner != nil {
		if f.Type.Kind() == reflect.Pointer && !f.IsExported() && !j.inInterface {
			return fmt.Errorf(
				"a pointer to the unexported struct %s is embedded, which encoding/json cannot "+
					"fill; embed it by value", inner)
		}
		return j.checkStruct(inner, addressable || f.Type.Kind() == reflect.Pointer)
	}
	name := jsonName(f)
	if other := names[name]; other != "" {
		return fmt.Errorf(
			"the field %s has the name %q in JSON, too, and encoding/json does not write both; "+
				"give one of the two another json tag",
			other, name)
	}
	names[name] = f.Name
	return j.check(jsonPlace{goType: f.Type, addressable: addressable, zeroed: !leavesOutZero(f)})
}

// flattenedJSON returns the struct in a field if encoding/json writes its fields as those of the
// outer struct. It returns nil if the field has a name.
func flattenedJSON(f reflect.StructField) reflect.Type {
	t := embeddedType(f)
	if name, _ := jsonTag(f); !f.Anonymous || name != "" || t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// embeddedType returns the type of a field, or the element type of a pointer.
func embeddedType(f reflect.StructField) reflect.Type {
	if f.Type.Kind() == reflect.Pointer {
		return f.Type.Elem()
	}
	return f.Type
}

// jsonTag returns the name and the options in a field's json tag.
func jsonTag(f reflect.StructField) (name string, options []string) {
	elements := strings.Split(f.Tag.Get("json"), ",")
	return elements[0], elements[1:]
}

// leavesOutZero reports whether a field's tag says that its zero value is not written.
func leavesOutZero(f reflect.StructField) bool {
	_, options := jsonTag(f)
	for _, option := range options {
		switch kind := f.Type.Kind(); option {
		case "omitzero":
			return true
		case "omitempty":
			return kind != reflect.Struct && kind != reflect.Array
		}
	}
	return false
}

// isOutsideJSON reports whether encoding/json ignores a field.
func isOutsideJSON(f reflect.StructField) bool {
	return f.Tag.Get("json") == "-" ||
		!f.IsExported() && (!f.Anonymous || embeddedType(f).Kind() != reflect.Struct)
}

// jsonName returns the name of a field in JSON.
func jsonName(f reflect.StructField) string {
	if name, _ := jsonTag(f); name != "" {
		return name
	}
	return f.Name
}

// jsonFormOf returns how encoding/json writes and reads the values of a type, with the names of the
// methods that it calls. "" stands for no method.
func jsonFormOf(t reflect.Type) form {
	f := form{
		encode: func(v reflect.Value) (string, error) {
			text, err := json.Marshal(addressable(v).Addr().Interface())
			return string(text), err
		},
		decode:    func(text string, v reflect.Value) error { return decodeJSONText(text, v) },
		has:       func(t reflect.Type) bool { return jsonWriter(t, implements) != "" },
		leavesOut: isOutsideJSON,
	}
	f.write = jsonWriter(t, implements)
	switch {
	case implements(t, jsonUnmarshalerType):
		f.read = "UnmarshalJSON"
	case implements(t, textUnmarshalerType):
		f.read = "UnmarshalText"
	}
	return f
}

// jsonWriter returns the method that encoding/json calls to write a value of a type.
func jsonWriter(t reflect.Type, has func(t, methods reflect.Type) bool) string {
	switch {
	case has(t, jsonMarshalerType):
		return "MarshalJSON"
	case has(t, textMarshalerType):
		return "MarshalText"
	}
	return ""
}

// checkMethods refuses a type whose methods are not called at its place, or do not read what they
// write.
func (j *jsonTypes) checkMethods(f form, p jsonPlace) error {
	t := p.goType
	if !p.addressable && f.write != jsonWriter(t, reflect.Type.Implements) {
		return fmt.Errorf(
			"type %s is written by the method %s of its pointer, which encoding/json does not "+
				"call in a map or an interface; "+
				"put pointers there, or give the field the option \"document\"", t, f.write)
	}
	if f.write != "" {
		if err := f.checkPromoted(t); err != nil {
			return err
		}
	}
	if f.write == "" && f.read == "" || j.inInterface {
		return nil
	}
	zero := f.tryZero(t)
	if missing := f.missingMethod(); missing != "" {
		err := f.checkAlone(t, zero, missing)
		if err != nil && f.write == "" && (!zero.written || zero.err == nil || !p.zeroed) {
			// The method may refuse values that no program makes: only a value shows it.
			j.unsure, j.lossy = true, true
			return nil
		}
		return err
	}
	if err := f.checkReader(t, zero); err != nil {
		return err
	}
	if t.Kind() == reflect.Struct && f.loses(t, zero, false) {
		// A field may be computed when the value is read: only a value shows what is lost.
		j.unsure, j.lossy = true, true
	}
	if zero.written && zero.err != nil {
		if p.zeroed {
			return fmt.Errorf(
				"the zero value of type %s is one that %s writes and %s refuses, and an item "+
					"with it could not be read; "+
					"use a pointer, or the option omitzero in the json tag", t, f.write, f.read)
		}
		j.unsure = true
	}
	return nil
}

// missingMethod returns the method that a type lacks to reverse another of its methods, or "".
func (f form) missingMethod() string {
	switch f.write + f.read {
	case "MarshalJSON", "MarshalJSONUnmarshalText":
		return "UnmarshalJSON"
	case "MarshalText":
		return "UnmarshalText"
	case "UnmarshalJSON":
		return "MarshalJSON"
	case "UnmarshalText":
		return "MarshalText"
	}
	return ""
}

// checkAlone refuses a type with a method that it cannot reverse, unless encoding/json reads back
// the result.
func (f form) checkAlone(t reflect.Type, zero trial, missing string) error {
	for _, method := range []*string{&f.write, &f.read} {
		if *method == "" {
			*method = "encoding/json"
		}
	}
	isStored := t.Kind() != reflect.Struct || checkStruct(t) == nil
	if isStored && !f.loses(t, zero, true) && (!zero.written || zero.err == nil) {
		return nil
	}
	return fmt.Errorf(
		"type %s has no %s, and what %s writes is not read back by %s; add the method, or give "+
			"the field the option \"document\", "+
			"or, if the type is not yours, embed it in one that has both", t, missing, f.write,
		f.read)
}

// checkReadable refuses JSON that could not be read back. It is called only for types that are
// known to have such values. If lossy is set, it also refuses JSON that is read back as another
// value.
func checkReadable(text string, v reflect.Value, lossy bool) error {
	back := reflect.New(v.Type()).Elem()
	err := decodeJSONText(text, back)
	switch {
	case err == nil && !lossy:
		return nil
	case err == nil:
		if again, err := encodePlainJSON(back); err == nil && keepsJSON(text, again) {
			return nil
		}
		return fmt.Errorf("the value of type %s is not read back from its JSON as it was; "+
			"the methods of the type must be each other's inverse", v.Type())
	}
	const problem = "the value is written as JSON that its Go type does not read back; use a " +
		"pointer and leave it nil, or unwrap this error to see why"
	placed, ok := err.(*FieldError)
	if !ok {
		return &foreignError{problem, err}
	}
	placed.Err = &foreignError{problem, placed.Err}
	return placed
}

// keepsJSON reports whether JSON has every value of other JSON. A value that is empty there may
// have become another one: a field may be computed when the value is read.
func keepsJSON(text, again string) bool {
	if text == again {
		return true
	}
	before, err := plainJSONValue(text)
	if err != nil {
		return false
	}
	after, err := plainJSONValue(again)
	if err != nil {
		return false
	}
	return keepsValue(before, after)
}

func keepsValue(before, after any) bool {
	switch before := before.(type) {
	case nil:
		return true
	case map[string]any:
		members, _ := after.(map[string]any)
		for name, member := range before {
			if !keepsValue(member, members[name]) {
				return false
			}
		}
		return true
	case []any:
		elements, _ := after.([]any)
		for i, element := range before {
			if i >= len(elements) || !keepsValue(element, elements[i]) {
				return false
			}
		}
		return true
	case json.Number:
		return before == after || before == "0"
	}
	return before == after || before == "" || before == false
}

// foundTypes holds the types found in interfaces, and the results of their checks.
type foundTypes struct{ byType sync.Map }

type foundType struct {
	err     error
	dynamic bool
	fields  []reflect.StructField // those of a struct that encoding/json writes
}

func (k *foundTypes) lookup(t reflect.Type) *foundType {
	if known, ok := k.byType.Load(t); ok {
		return known.(*foundType)
	}
	found := newJSONTypes()
	found.inInterface = true
	err := found.check(jsonPlace{goType: t})
	if placed := (*FieldError)(nil); errors.As(err, &placed) {
		err = placed.Err
	}
	made := &foundType{err: err, dynamic: found.dynamic || err != nil}
	if t.Kind() == reflect.Struct && made.dynamic {
		made.fields, _ = writtenJSONFields(t) // found.check has refused the struct before
	}
	known, _ := k.byType.LoadOrStore(t, made)
	return known.(*foundType)
}

// check refuses a value in an interface that encoding/json does not write completely. The error has
// its place. Most values are of the types that decoded JSON has.
func (k *foundTypes) check(value any) error {
	switch value := value.(type) {
	case nil, string, bool, int, int64, float64, json.Number:
	case []any:
		for i, element := range value {
			if err := k.check(element); err != nil {
				return withIndex(err, i)
			}
		}
	case map[string]any:
		for name, member := range value {
			if err := k.check(member); err != nil {
				return withMember(err, name)
			}
		}
	default:
		return k.checkFound(reflect.ValueOf(value))
	}
	return nil
}

// checkIn checks the value of a field. The type of the field has been checked.
func (k *foundTypes) checkIn(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Interface, reflect.Map, reflect.Slice:
		return k.check(v.Interface())
	}
	return k.check(addressable(v).Addr().Interface())
}

// checkFound checks a value of any type.
func (k *foundTypes) checkFound(v reflect.Value) error {
	if err := k.lookup(v.Type()).err; err != nil {
		return err
	}
	return k.checkInside(v)
}

// checkInside checks the values in interfaces inside a value. The value does not contain itself,
// because it has been encoded before.
func (k *foundTypes) checkInside(v reflect.Value) error {
	if !k.lookup(v.Type()).dynamic {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return k.check(v.Elem().Interface())
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return k.checkInside(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := k.checkInside(v.Index(i)); err != nil {
				return withIndex(err, i)
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if err := k.checkInside(entries.Value()); err != nil {
				name, _ := encodeMapKey(entries.Key())
				return withMember(err, name)
			}
		}
	case reflect.Struct:
		return k.checkFields(v)
	}
	return nil
}

// checkFields checks the fields that encoding/json writes. A value may contain itself in others.
func (k *foundTypes) checkFields(v reflect.Value) error {
	for _, f := range k.lookup(v.Type()).fields {
		field, err := v.FieldByIndexErr(f.Index)
		if err != nil || !k.lookup(f.Type).dynamic {
			continue // behind a nil pointer
		}
		if err := k.checkInside(field); err != nil {
			return placedAt(err, namedPath(goPathOf(v.Type(), f.Index), jsonName(f)))
		}
	}
	return nil
}

// writtenJSONFields returns the fields of a struct that encoding/json writes. Of fields with one
// name, the least deep one hides the others, and at one depth the one with a json tag. It returns
// an error if neither of two fields hides the other: encoding/json writes none of them.
func writtenJSONFields(t reflect.Type) ([]reflect.StructField, error) {
	var written []reflect.StructField
	byName := map[string]int{}
	for _, f := range jsonFields(t) {
		i, has := byName[jsonName(f)]
		switch {
		case !has:
			byName[jsonName(f)] = len(written)
			written = append(written, f)
		case len(f.Index) > len(written[i].Index), hasJSONName(written[i]) && !hasJSONName(f):
		case hasJSONName(f) && !hasJSONName(written[i]):
			written[i] = f
		default:
			return nil, fmt.Errorf(
				"the fields %s and %s both have the name %q in JSON, and encoding/json "+
					"does not write both; give one of the two another json tag",
				goPathOf(t, written[i].Index), goPathOf(t, f.Index), jsonName(f))
		}
	}
	return written, nil
}

func hasJSONName(f reflect.StructField) bool {
	name, _ := jsonTag(f)
	return name != ""
}
