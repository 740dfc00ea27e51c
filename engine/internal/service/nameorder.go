package service

import (
	"cmp"
	"slices"
	"unicode/utf16"
)

// In its texts the service lists attribute names in the order of Java's hash tables: a name is in
// the bucket of its hash code, the buckets are listed in turn, and the names of one bucket in the
// order of their insertion.

// setOrder returns names in the order of a table with the usual number of buckets.
func setOrder(names []string) []string { return hashOrder(distinct(names), 16) }

// sizedOrder returns names in the order of a table that was created for their number.
func sizedOrder(names []string) []string {
	names = distinct(names)
	buckets := 1
	for buckets < len(names) {
		buckets *= 2
	}
	return hashOrder(names, buckets)
}

// hashOrder sorts names by their buckets. The number of buckets is a power of two; a table that is
// more than three quarters full doubles.
func hashOrder(names []string, buckets int) []string {
	for len(names)*4 > buckets*3 {
		buckets *= 2
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(bucketOf(a, buckets), bucketOf(b, buckets))
	})
	return names
}

// bucketOf returns the bucket of a name.
func bucketOf(name string, buckets int) uint32 {
	h := uint32(0)
	for _, unit := range utf16.Encode([]rune(name)) {
		h = 31*h + uint32(unit)
	}
	return (h ^ h>>16) & uint32(buckets-1)
}

// distinct returns a copy of names without repeated ones.
func distinct(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
