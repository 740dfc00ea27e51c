package dynamapper

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// tableRole gives the option that only a field of the model itself can have, or "".
func (f *field) tableRole() string {
	for _, role := range []struct {
		given  bool
		option string
	}{
		{f.hash, "hash"}, {f.rng, "range"}, {f.autoincrement, "autoincrement"}, {f.ttl, "ttl"}, {f.version, "version"},
		{f.created, "created"}, {f.updated, "updated"}, {f.hasDefault, "default"}, {f.indexKey, "index"},
	} {
		if role.given {
			return role.option
		}
	}
	return ""
}

// optionRule is one thing that the options of a field must not be.
type optionRule struct {
	broken  bool
	problem string
}

// checkOptions holds a field's options against its type and against each other.
func checkOptions(f *field, form formOf) error {
	t := f.goType
	if t.Kind() == reflect.Pointer && !hasOwnCodec(t) {
		t = t.Elem()
	}
	isTime := t == timeType || f.set && t.Kind() != reflect.Struct
	for _, rule := range []optionRule{
		{f.hash && f.rng, `options "hash" and "range" on one field; a table's keys are two fields`},
		{f.document && f.json, `options "document" and "json" exclude each other; keep one`},
		{f.set && (f.document || f.json), `option "set" excludes "document" and "json"; keep one`},
		{f.unixtime && f.layout != "", `options "unixtime" and "layout" exclude each other; keep one`},
		{f.ttl && f.layout != "", `option "ttl" stores seconds, which excludes "layout"; remove the layout`},
		{f.autoincrement && !f.hash, `option "autoincrement" is for the hash key; add "hash"`},
		{f.autoincrement && !isInteger(f.goType), `option "autoincrement" is for integers; use int64`},
		{(f.document || f.json) && !isComposite(t), fmt.Sprintf(`options "document" and "json" are for structs, maps, slices and any; type %s has one form, remove the option`, f.goType)},
		{f.unixtime && !isTime, `option "unixtime" is for time.Time`},
		{f.layout != "" && !isTime, `option "layout" is for time.Time`},
		{f.ttl && t != timeType && !isInteger(t), `option "ttl" is for time.Time and integers`},
		{f.version && !isInteger(f.goType) && (f.goType.Kind() != reflect.String || hasOwnCodec(f.goType)), `option "version" is for an integer or a string`},
		{f.created && f.goType != timeType, `option "created" is for time.Time`},
		{f.updated && f.goType != timeType, `option "updated" is for time.Time`},
		{f.created && f.updated, `options "created" and "updated" on one field; use two`},
		{f.version && f.isKey(), `option "version" on a key, which every write would change; use a field of its own`},
		{f.updated && (f.hash || f.rng), `option "updated" on a key, which every write would change; use a field of its own`},
		{f.omitEmpty && (f.hash || f.rng), `option "omitempty" on a key, which cannot be missing; remove it`},
		{f.version && f.omitEmpty, `option "omitempty" on the version, which is never empty; remove it`},
	} {
		if rule.broken {
			return errors.New(rule.problem)
		}
	}
	if f.layout != "" {
		return checkLayout(f.layout)
	}
	return nil
}

// makeDefault parses the tag's default into a value of the field's type.
func (f *field) makeDefault() error {
	if !f.hasDefault {
		return nil
	}
	t := f.goType
	if t.Kind() == reflect.Pointer && !hasOwnCodec(t) {
		t = t.Elem()
	}
	if t == timeType && f.defaultText == "now" {
		f.defaultNow = true
		return nil
	}
	value := reflect.New(t).Elem()
	if err := f.parseDefault(value); err != nil {
		return err
	}
	f.defaultValue = value
	return nil
}

func (f *field) parseDefault(value reflect.Value) error {
	t, text := value.Type(), f.defaultText
	var err error
	switch {
	case t == timeType:
		layout := time.RFC3339Nano
		if f.layout != "" {
			layout = f.layout
		}
		var parsed time.Time
		if parsed, err = time.Parse(layout, text); err == nil {
			setTime(value, parsed)
		}
	case t == jsonNumberType || t == attributeNumberType:
		_, err = json.Number(text).Float64()
		value.SetString(text)
	case implements(t, textUnmarshalerType):
		err = unmarshalText(value, text)
	case hasOwnCodec(t):
		return fmt.Errorf("option \"default\" is for scalars, not for %s; use the hook InitItem", t)
	case t.Kind() == reflect.String:
		value.SetString(text)
	case t.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		value.SetBool(b)
	case value.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, t.Bits())
		value.SetInt(n)
	case value.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, t.Bits())
		value.SetUint(n)
	case value.CanFloat():
		var x float64
		x, err = strconv.ParseFloat(text, t.Bits())
		value.SetFloat(x)
	default:
		return fmt.Errorf("option \"default\" is for scalars, not for %s; use the hook InitItem", t)
	}
	if err != nil {
		return fmt.Errorf("default %q is not a value of %s; write one that is", text, t)
	}
	return nil
}

// applyDefaults sets the fields of a new item that have a default in their tag.
func (s *schema) applyDefaults(item reflect.Value, now time.Time) {
	for _, f := range s.fields {
		if !f.hasDefault {
			continue
		}
		value := f.defaultValue
		if f.defaultNow {
			value = reflect.ValueOf(f.storedForm(now))
		}
		target := f.settableIn(item)
		if target.Kind() == reflect.Pointer && !hasOwnCodec(target.Type()) {
			target.Set(reflect.New(target.Type().Elem()))
			target = target.Elem()
		}
		target.Set(value)
	}
}
