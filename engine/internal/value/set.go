package value

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// Union returns the set of all elements of two sets. It returns nil if the two are not sets of one
// type.
func Union(a, b Value) Value {
	switch a := a.(type) {
	case StringSet:
		if b, ok := b.(StringSet); ok {
			union, _ := NewStringSet(slices.Concat(a, b))
			return union
		}
	case NumberSet:
		if b, ok := b.(NumberSet); ok {
			union, _ := NewNumberSet(slices.Concat(a, b))
			return union
		}
	case BinarySet:
		if b, ok := b.(BinarySet); ok {
			union, _ := NewBinarySet(slices.Concat(a, b))
			return union
		}
	}
	return nil
}

// Without returns the set of the elements of a that b does not have. It returns nil if there are
// none, or if the two are not sets of one type.
func Without(a, b Value) Value {
	switch a := a.(type) {
	case StringSet:
		b, ok := b.(StringSet)
		if left := difference(a, b, strings.Compare); ok && len(left) > 0 {
			return StringSet(left)
		}
	case NumberSet:
		b, ok := b.(NumberSet)
		if left := difference(a, b, number.Number.Compare); ok && len(left) > 0 {
			return NumberSet(left)
		}
	case BinarySet:
		b, ok := b.(BinarySet)
		if left := difference(a, b, strings.Compare); ok && len(left) > 0 {
			return BinarySet(left)
		}
	}
	return nil
}

// difference returns the elements of a that b does not have.
func difference[E any](a, b []E, compare func(a, b E) int) []E {
	left := make([]E, 0, len(a))
	for _, e := range a {
		if !hasElement(b, e, compare) {
			left = append(left, e)
		}
	}
	return left
}
