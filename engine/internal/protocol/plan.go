package protocol

import (
	"math"
	"reflect"
)

// step decodes a JSON value other than null into a Go value.
type step func(d *decoder, into reflect.Value) error

// position is the position of a type in a request. The service's text about a wrong type depends on
// it.
type position uint8

const (
	asMember position = iota // a member of a structure
	asEntry                  // an element of a list or a value of a map
	asLongOf                 // a member of a structure whose integers are Java's Long
)

// makeStep returns the step for a type of this package's inputs.
func makeStep(t reflect.Type, at position) step {
	switch t {
	case reflect.TypeFor[*Item]():
		return itemStep
	case reflect.TypeFor[Item]():
		return itemEntryStep
	case reflect.TypeFor[Value](), reflect.TypeFor[*Value]():
		return valueStep(t, at)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return pointerStep(t, at)
	case reflect.Struct:
		return structStep(t, at)
	case reflect.Slice:
		if isMap(t) {
			return mapStep(t, at)
		}
		return listStep(t, at)
	case reflect.String:
		return stringStep
	case reflect.Bool:
		return boolStep
	case reflect.Float64:
		return floatStep
	}
	return integerStep(at)
}

// isMap reports whether a type is a Map.
func isMap(t reflect.Type) bool {
	entry := t.Elem()
	return entry.Kind() == reflect.Struct && entry.NumField() == 2 &&
		entry.Field(0).Name == "Key" && entry.Field(0).Type.Kind() == reflect.String
}

func stringStep(d *decoder, into reflect.Value) error {
	s, err := d.str()
	into.SetString(s)
	return err
}

func boolStep(d *decoder, into reflect.Value) error {
	b, err := d.boolean()
	into.SetBool(b.value)
	return err
}

func floatStep(d *decoder, into reflect.Value) error {
	f, err := d.double()
	into.SetFloat(f)
	return err
}

func integerStep(at position) step {
	java, low, high := "Integer", int64(math.MinInt32), int64(math.MaxInt32)
	if at == asLongOf {
		java, low, high = "Long", math.MinInt64, math.MaxInt64
	}
	return func(d *decoder, into reflect.Value) error {
		n, err := d.integer(java, low, high)
		into.SetInt(n)
		return err
	}
}

func itemStep(d *decoder, into reflect.Value) error {
	if d.peek() != '{' {
		return d.notMap(model + "AttributeValue")
	}
	item, err := d.item()
	into.Set(reflect.ValueOf(item))
	return err
}

func itemEntryStep(d *decoder, into reflect.Value) error {
	if d.peek() != '{' {
		return notNested()
	}
	item, err := d.item()
	if err == nil {
		into.Set(reflect.ValueOf(*item))
	}
	return err
}

// valueStep returns the step for a Value or a pointer to one.
func valueStep(t reflect.Type, at position) step {
	return func(d *decoder, into reflect.Value) error {
		if at == asMember && d.peek() != '{' {
			return d.notStructure(model + "AttributeValue")
		}
		v, err := d.single()
		if t.Kind() == reflect.Pointer {
			into.Set(reflect.ValueOf(&v))
		} else {
			into.Set(reflect.ValueOf(v))
		}
		return err
	}
}

func pointerStep(t reflect.Type, at position) step {
	elem := t.Elem()
	read := makeStep(elem, at)
	return func(d *decoder, into reflect.Value) error {
		target := reflect.New(elem)
		into.Set(target)
		return read(d, target.Elem())
	}
}

// field is a member of a structure.
type field struct {
	index int
	place place // the place of the values in it; 0: that of the structure
	read  step
}

func structStep(t reflect.Type, at position) step {
	fields := makeFields(t)
	class := model + t.Name()
	return func(d *decoder, into reflect.Value) error {
		if d.peek() != '{' {
			if at == asEntry {
				return d.notEntry(class)
			}
			return d.notStructure(class)
		}
		return readStruct(d, fields, into)
	}
}

// makeFields returns the members of a structure by name.
func makeFields(t reflect.Type) map[string]field {
	at := asMember
	switch t {
	case reflect.TypeFor[ProvisionedThroughput](), reflect.TypeFor[OnDemandThroughput](),
		reflect.TypeFor[WarmThroughput](), reflect.TypeFor[OnDemandThroughputOverride](),
		reflect.TypeFor[ProvisionedThroughputOverride]():
		at = asLongOf
	}
	fields := make(map[string]field, t.NumField())
	for i := range t.NumField() {
		if f := t.Field(i); !f.Anonymous {
			fields[f.Name] = field{i, placeOf(f.Name), makeStep(f.Type, at)}
		}
	}
	return fields
}

func readStruct(d *decoder, fields map[string]field, into reflect.Value) error {
	if err := d.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		name, more, err := d.member(first)
		if err != nil || !more {
			return err
		}
		f, known := fields[string(name)]
		if !known {
			err = d.skip()
		} else {
			err = readField(d, f, into.Field(f.index))
		}
		if err != nil {
			return err
		}
	}
}

// readField reads a member. If several have one name, the last counts.
func readField(d *decoder, f field, into reflect.Value) error {
	into.SetZero()
	if null, err := d.null(); null || err != nil {
		return err
	}
	if f.place != 0 {
		d.place = f.place
	}
	return f.read(d, into)
}

func listStep(t reflect.Type, at position) step {
	read := makeStep(t.Elem(), asEntry)
	return func(d *decoder, into reflect.Value) error {
		if d.peek() != '[' {
			if at == asEntry {
				return notNested()
			}
			return d.notList()
		}
		if err := d.open(); err != nil {
			return err
		}
		into.Set(reflect.MakeSlice(t, 0, 0))
		for first := true; ; first = false {
			more, err := d.element(first)
			if err != nil || !more {
				return err
			}
			if err := readEntry(d, read, extend(into)); err != nil {
				return err
			}
		}
	}
}

// extend appends an element to a slice and returns it.
func extend(slice reflect.Value) reflect.Value {
	n := slice.Len()
	slice.Grow(1)
	slice.SetLen(n + 1)
	last := slice.Index(n)
	last.SetZero()
	return last
}

// readEntry reads an element of a list or a value of a map. A null leaves the entry empty, unless
// it is an attribute value.
func readEntry(d *decoder, read step, into reflect.Value) error {
	if into.Type() != reflect.TypeFor[Value]() {
		if null, err := d.null(); null || err != nil {
			return err
		}
	}
	return read(d, into)
}

func mapStep(t reflect.Type, at position) step {
	elem := t.Elem().Field(1).Type
	read := makeStep(elem, asEntry)
	java := javaName(elem)
	return func(d *decoder, into reflect.Value) error {
		if d.peek() != '{' {
			if at == asEntry {
				return notNested()
			}
			return d.notMap(java)
		}
		if err := d.open(); err != nil {
			return err
		}
		into.Set(reflect.MakeSlice(t, 0, 0))
		return readMap(d, &mapKeys{entries: into}, read)
	}
}

func readMap(d *decoder, keys *mapKeys, read step) error {
	for first := true; ; first = false {
		name, more, err := d.member(first)
		if err != nil || !more {
			return err
		}
		if err := readEntry(d, read, keys.value(string(name))); err != nil {
			return err
		}
	}
}

// mapKeys finds the entries of a Map while it is read.
type mapKeys struct {
	entries reflect.Value
	index   map[string]int // nil while there are few entries
}

// value returns the value of a key. It adds the key with a zero value if it is absent.
func (k *mapKeys) value(key string) reflect.Value {
	if i := k.find(key); i >= 0 {
		old := k.entries.Index(i).Field(1)
		old.SetZero()
		return old
	}
	entry := extend(k.entries)
	entry.Field(0).SetString(key)
	if k.index != nil {
		k.index[key] = k.entries.Len() - 1
	}
	return entry.Field(1)
}

// find returns the index of a key, or -1 if it is absent.
func (k *mapKeys) find(key string) int {
	n := k.entries.Len()
	if n < fewElements {
		for i := range n {
			if k.entries.Index(i).Field(0).String() == key {
				return i
			}
		}
		return -1
	}
	if k.index == nil {
		k.index = make(map[string]int, 2*n)
		for i := range n {
			k.index[k.entries.Index(i).Field(0).String()] = i
		}
	}
	if i, found := k.index[key]; found {
		return i
	}
	return -1
}

// javaName returns the Java type of a map's values.
func javaName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "java.lang.String"
	case reflect.Slice:
		return "java.util.List<" + model + t.Elem().Name() + ">"
	}
	return model + t.Name()
}
