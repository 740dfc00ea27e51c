package service

import (
	"cmp"
	"slices"
	"unicode/utf16"
)

// The service lists attribute names in its texts in the order of the hash tables that it keeps
// them in. They are Java's: a name stands in the bucket of its hash code, buckets are listed in
// turn, and names in one bucket in the order in which they came.

// setOrder returns names in the order of a table with the usual number of buckets.
func setOrder(names []string) []string { return hashOrder(distinct(names), 16) }

// sizedOrder returns names in the order of a table that was made for their number.
func sizedOrder(names []string) []string {
	names = distinct(names)
	buckets := 1
	for buckets < len(names) {
		buckets *= 2
	}
	return hashOrder(names, buckets)
}

// hashOrder sorts names by their buckets. Buckets is a power of two; a table that is more than
// three quarters full doubles.
func hashOrder(names []string, buckets int) []string {
	for len(names)*4 > buckets*3 {
		buckets *= 2
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(bucketOf(a, buckets), bucketOf(b, buckets))
	})
	return names
}

// bucketOf returns where a name stands in a table.
func bucketOf(name string, buckets int) uint32 {
	h := uint32(0)
	for _, unit := range utf16.Encode([]rune(name)) {
		h = 31*h + uint32(unit)
	}
	return (h ^ h>>16) & uint32(buckets-1)
}

// distinct returns a copy of names with the first of each only.
func distinct(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
