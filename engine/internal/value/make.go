package value

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// NewMap makes a map of attributes. If several attributes have one name, the last counts. The map
// takes ownership of the slice.
func NewMap(attributes []Attribute) Map {
	byName := func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) }
	slices.SortStableFunc(attributes, byName)
	unique := attributes[:0]
	for i, a := range attributes {
		if i+1 == len(attributes) || attributes[i+1].Name != a.Name {
			unique = append(unique, a)
		}
	}
	clear(attributes[len(unique):])
	return unique
}

// NewStringSet makes a set of elements, and reports whether one of them occurs twice. The set takes
// ownership of the slice.
func NewStringSet(elements []string) (set StringSet, duplicate bool) {
	return newSet(elements, strings.Compare)
}

// NewNumberSet is NewStringSet for numbers.
func NewNumberSet(elements []number.Number) (set NumberSet, duplicate bool) {
	return newSet(elements, number.Number.Compare)
}

// NewBinarySet is NewStringSet for the bytes of binary values.
func NewBinarySet(elements []string) (set BinarySet, duplicate bool) {
	return newSet(elements, strings.Compare)
}

func newSet[E comparable](elements []E, compare func(a, b E) int) (set []E, duplicate bool) {
	slices.SortFunc(elements, compare)
	set = slices.Compact(elements)
	return set, len(set) < len(elements)
}
