package dynamapper

import (
	"strconv"
	"strings"
)

// joinPath puts an element before or behind a path: names are joined with a dot, indexes and quoted members not.
func joinPath(before, after string) string {
	if before == "" || after == "" || after[0] == '[' {
		return before + after
	}
	return before + "." + after
}

func indexText(i int) string { return "[" + strconv.Itoa(i) + "]" }

// memberText writes a map's member as Go does.
func memberText(name string) string { return "[" + strconv.Quote(name) + "]" }

// quoteElement writes one element of an attribute path; a name that looks like a path, or is none, is quoted.
func quoteElement(name string) string {
	if name == "" || strings.ContainsAny(name, `.["`) {
		return strconv.Quote(name)
	}
	return name
}

// withPath says where an error arose: it puts a Go name and an attribute's before the paths that the error has already.
func withPath(err error, golang, attribute string) error {
	placed, ok := err.(*FieldError)
	if !ok {
		placed = &FieldError{Err: err}
	}
	placed.Field = joinPath(golang, placed.Field)
	placed.Attribute = joinPath(attribute, placed.Attribute)
	return placed
}

func withIndex(err error, i int) error { return withPath(err, indexText(i), indexText(i)) }

func withMember(err error, name string) error {
	return withPath(err, memberText(name), quoteElement(name))
}
