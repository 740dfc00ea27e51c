package value

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// Equal reports whether two values are equal: they have one type, and numbers have the same value,
// sets the same elements, lists and maps the same members. A nil Value equals only nil.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case StringSet:
		b, ok := b.(StringSet)
		return ok && slices.Equal(a, b)
	case NumberSet:
		b, ok := b.(NumberSet)
		return ok && slices.Equal(a, b)
	case BinarySet:
		b, ok := b.(BinarySet)
		return ok && slices.Equal(a, b)
	case List:
		b, ok := b.(List)
		return ok && slices.EqualFunc(a, b, Equal)
	case Map:
		b, ok := b.(Map)
		return ok && slices.EqualFunc(a, b, equalAttributes)
	}
	return a == b
}

func equalAttributes(a, b Attribute) bool {
	return a.Name == b.Name && Equal(a.Value, b.Value)
}

// Compare returns the order of two strings, two numbers or two binary values: negative if a comes
// before b, zero if they are equal, positive otherwise. Strings and binary values have the order of
// their bytes. If the values have other types, or two types, comparable is false.
func Compare(a, b Value) (order int, comparable bool) {
	switch a := a.(type) {
	case String:
		b, ok := b.(String)
		return strings.Compare(string(a), string(b)), ok
	case Number:
		b, ok := b.(Number)
		return a.Number.Compare(b.Number), ok
	case Binary:
		b, ok := b.(Binary)
		return strings.Compare(string(a), string(b)), ok
	}
	return 0, false
}

// BeginsWith reports whether a string or binary value begins with another one of its type.
func BeginsWith(v, prefix Value) bool {
	switch v := v.(type) {
	case String:
		prefix, ok := prefix.(String)
		return ok && strings.HasPrefix(string(v), string(prefix))
	case Binary:
		prefix, ok := prefix.(Binary)
		return ok && strings.HasPrefix(string(v), string(prefix))
	}
	return false
}

// Contains reports whether a string or binary value contains a part, or a set or list an element.
func Contains(v, part Value) bool {
	switch v := v.(type) {
	case String:
		part, ok := part.(String)
		return ok && strings.Contains(string(v), string(part))
	case Binary:
		part, ok := part.(Binary)
		return ok && strings.Contains(string(v), string(part))
	case StringSet:
		part, ok := part.(String)
		return ok && hasElement(v, string(part), strings.Compare)
	case NumberSet:
		part, ok := part.(Number)
		return ok && hasElement(v, part.Number, number.Number.Compare)
	case BinarySet:
		part, ok := part.(Binary)
		return ok && hasElement(v, string(part), strings.Compare)
	case List:
		return slices.ContainsFunc(v, func(e Value) bool { return Equal(e, part) })
	}
	return false
}

func hasElement[E any](set []E, element E, compare func(a, b E) int) bool {
	_, found := slices.BinarySearchFunc(set, element, compare)
	return found
}
