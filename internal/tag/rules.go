package tag

import (
	"errors"
	"fmt"
)

// Type says about a field's type what the rules for options ask. Package reflect can answer it, and
// package go/types, too.
type Type struct {
	Name   string // as messages write it
	Field  Form   // of the type itself
	Value  Form   // of what a pointer points to, or of the type itself
	Member Form   // of the members, if the value can be a set
}

// Form says how the values of a type are stored. A type with a form of its own, such as one with
// MarshalText, has none of these, except a time.
type Form struct {
	Time, Integer, Text, Composite, Vector, Computed bool

	Bits int // of an integer
}

// renewedAs returns the option with which the mapper itself sets the field on writes, or "".
func (o *Options) renewedAs() string {
	switch {
	case o.Version:
		return "version"
	case o.Created:
		return "created"
	case o.Updated:
		return "updated"
	}
	return ""
}

// isForm returns the first option that says how the field gets or stores its value, apart from a
// format, or "".
func (o *Options) isForm() string {
	switch {
	case o.Version:
		return "version"
	case o.HasDefault:
		return "default"
	case o.OmitEmpty:
		return "omitempty"
	}
	return ""
}

// optionRule is one rule for the options of a field, and the problem if it is broken.
type optionRule struct {
	broken  bool
	problem string
}

func firstBroken(rules []optionRule) error {
	for _, rule := range rules {
		if rule.broken {
			return errors.New(rule.problem)
		}
	}
	return nil
}

// CheckType returns what is wrong with the options of a field of a type, or nil.
func (o *Options) CheckType(t Type) error {
	isTime := t.Value.Time || o.Set && t.Member.Time
	given := fmt.Sprintf(", and the field is of type %s; ", t.Name)
	return firstBroken([]optionRule{
		{o.Dimensions > 0 && !t.Field.Vector,
			`the tag "vector" with a distance is for []float32` + given + `change the type`},
		{o.Autoincrement && o.Range,
			`option "autoincrement" on a range key; only a hash key that is an integer, of a ` +
				`table without a range key, takes it: remove it`},
		{o.Autoincrement && !t.Field.Integer,
			`option "autoincrement" is for integers` + given + `use int64`},
		{o.Document && !t.Value.Composite,
			`option "document" is for structs, maps, slices and any` + given + `remove the option`},
		{o.JSON && !t.Value.Composite,
			`option "json" is for structs, maps, slices and any` + given + `remove the option`},
		{o.UnixTime && !isTime,
			`option "unixtime" is for time.Time` + given + `change the type, or remove the option`},
		{o.UnixMilli && !isTime,
			`option "unixmilli" is for time.Time` + given +
				`change the type, or remove the option`},
		{o.Layout != "" && !isTime,
			`option "layout" is for time.Time` + given + `change the type, or remove the option`},
		{o.TTL && !t.Value.Time && !t.Value.Integer,
			`option "ttl" is for time.Time and integers` + given + `use time.Time`},
		{o.Version && !t.Field.Integer && !t.Field.Text,
			`option "version" is for integers and strings` + given + `use int64, or string`},
		{o.Version && t.Field.Integer && t.Field.Bits < 32,
			`option "version" is for integers ` +
				`of 32 bits or more, as a smaller one ends after few writes, and the item could not be read ` +
				`any more` + given + `use int64, or string`},
		{o.HasFormat && !t.Field.Computed && !t.Field.Text,
			`option "format" makes text` + given + `use dynamapper.Computed, or string`},
		{t.Field.Computed && !o.HasFormat,
			`the type Computed has no option "format"; add one, such as "format=USER#{login}"`},
		{o.Created && !t.Field.Time,
			`option "created" is for time.Time` + given + `use time.Time`},
		{o.Updated && !t.Field.Time,
			`option "updated" is for time.Time` + given + `use time.Time`},
	})
}

// CheckEachOther returns what is wrong with the options of one field together, or nil.
func (o *Options) CheckEachOther() error {
	isTableKey := o.Hash || o.Range
	return firstBroken([]optionRule{
		{o.Hash && o.Range,
			`options "hash" and "range" on one field; a table's keys are two fields, remove one of them`},
		{o.Document && o.JSON, `options "document" and "json" exclude each other; keep one`},
		{o.Dimensions > 0 && (o.JSON || o.Set || o.IsKey()),
			`the tag "vector" on a field with the option "json" or "set", or on a key; a vector is ` +
				`a list of numbers, so remove the other`},
		{o.Set && o.Document, `options "set" and "document" exclude each other; keep one`},
		{o.Set && o.JSON, `options "set" and "json" exclude each other; keep one`},
		{o.UnixTime && o.Layout != "",
			`options "unixtime" and "layout" exclude each other; keep one`},
		{o.UnixMilli && o.UnixTime,
			`options "unixtime" and "unixmilli" exclude each other; keep one`},
		{o.UnixMilli && o.Layout != "",
			`options "unixmilli" and "layout" exclude each other; keep one`},
		{o.TTL && o.UnixMilli,
			`options "ttl" and "unixmilli" exclude each other, as DynamoDB's TTL wants ` +
				`seconds; remove "unixmilli"`},
		{o.TTL && o.Layout != "",
			`options "ttl" and "layout" exclude each other, as DynamoDB's TTL wants ` +
				`seconds; remove "layout"`},
		{o.TTL && o.renewedAs() != "",
			fmt.Sprintf(
				`options "ttl" and %q on one field, which would expire the item at once; `+
					`use two fields`, o.renewedAs())},
		{o.Autoincrement && !o.Hash,
			`option "autoincrement" is for the hash key; add "hash", or remove it`},
		{o.Autoincrement && o.HasDefault,
			`options "autoincrement" and "default" exclude each other; keep one`},
		{o.Version && o.HasDefault,
			`option "default" on the version, which the mapper sets; remove it`},
		{o.Created && o.Updated, `options "created" and "updated" on one field; use two fields`},
		{o.Version && isTableKey,
			`option "version" on a key, which every write would change; use a field of its own`},
		{o.Updated && isTableKey,
			`option "updated" on a key, which every write would change; use a field of its own`},
		{o.HasFormat && o.isForm() != "",
			fmt.Sprintf(
				`options "format" and %q on one field; the format says all of the value, `+
					`so remove the other`, o.isForm())},
		{o.OmitEmpty && isTableKey,
			`option "omitempty" on a key, which cannot be missing; remove it`},
		{o.OmitEmpty && o.Version,
			`option "omitempty" on the version, which is never empty; remove it`},
	})
}
