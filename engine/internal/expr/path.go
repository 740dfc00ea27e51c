package expr

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// step is an element of a document path: a name, or an index into a list.
type step struct {
	name    string // an alias until the path is resolved
	index   int
	isIndex bool
}

// path is a document path. Its first step is a name.
type path []step

// String returns the path in the form of the service's errors: "[a, [0], b]".
func (p path) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, s := range p {
		if i > 0 {
			b.WriteString(", ")
		}
		if s.isIndex {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		} else {
			b.WriteString(s.name)
		}
	}
	b.WriteByte(']')
	return b.String()
}

// find returns the value at the path, or nil if there is none.
func (p path) find(item value.Map) value.Value {
	current := item.Get(p[0].name)
	for _, s := range p[1:] {
		if current == nil {
			return nil
		}
		current = s.of(current)
	}
	return current
}

// of returns the member at a step, or nil if the value has none.
func (s step) of(v value.Value) value.Value {
	switch v := v.(type) {
	case value.Map:
		if !s.isIndex {
			return v.Get(s.name)
		}
	case value.List:
		if s.isIndex && s.index < len(v) {
			return v[s.index]
		}
	}
	return nil
}

// compareSteps orders names before indexes.
func compareSteps(a, b step) int {
	switch {
	case a.isIndex && b.isIndex:
		return cmp.Compare(a.index, b.index)
	case a.isIndex:
		return 1
	case b.isIndex:
		return -1
	}
	return strings.Compare(a.name, b.name)
}

func comparePaths(a, b path) int { return slices.CompareFunc(a, b, compareSteps) }

// sortPaths returns the paths in order.
func sortPaths(paths []path) []path {
	sorted := slices.Clone(paths)
	slices.SortFunc(sorted, comparePaths)
	return sorted
}

// clash is a way in which two paths of one expression exclude each other.
type clash string

const (
	noClash  clash = ""
	overlap  clash = "overlap"  // they are equal, or one leads into the other
	conflict clash = "conflict" // they treat the same value as a map and as a list
)

func clashOf(a, b path) clash {
	for i := range min(len(a), len(b)) {
		if a[i].isIndex != b[i].isIndex {
			return conflict
		}
		if a[i] != b[i] {
			return noClash
		}
	}
	return overlap
}

// checkClashes refuses paths that overlap or conflict. The error names the first two in order.
func checkClashes(kind Kind, paths []path) error {
	sorted := sortPaths(paths)
	if !neighboursClash(sorted) {
		return nil
	}
	for i, a := range paths {
		for _, b := range paths[i+1:] {
			if c := clashOf(a, b); c != noClash {
				return kind.wrong("Two document paths %s with each other; must remove or "+
					"rewrite one of these paths; path one: %s, path two: %s", c, a, b)
			}
		}
	}
	return nil
}

// neighboursClash reports whether any two of the sorted paths clash. If any two do, two neighbours
// do.
func neighboursClash(sorted []path) bool {
	for i := 1; i < len(sorted); i++ {
		if clashOf(sorted[i-1], sorted[i]) != noClash {
			return true
		}
	}
	return false
}

// pick returns the part of an item that the paths select, or nil if they select nothing. The paths
// are sorted and do not clash. The selected elements of a list become neighbours.
func pick(item value.Map, sorted []path) value.Map {
	part, _ := pickValue(item, sorted, 0).(value.Map)
	return part
}

func pickValue(v value.Value, sorted []path, depth int) value.Value {
	if v == nil || len(sorted[0]) == depth {
		return v
	}
	var part value.Map
	var list value.List
	for len(sorted) > 0 {
		n := sharing(sorted, depth)
		s := sorted[0][depth]
		if found := pickValue(s.of(v), sorted[:n], depth+1); found != nil {
			if s.isIndex {
				list = append(list, found)
			} else {
				part = append(part, value.Attribute{Name: s.name, Value: found})
			}
		}
		sorted = sorted[n:]
	}
	switch {
	case list != nil:
		return list
	case part != nil:
		return part
	}
	return nil
}

// sharing returns how many of the sorted paths share the first one's step at a depth.
func sharing(sorted []path, depth int) int {
	n := 1
	for n < len(sorted) && sorted[n][depth] == sorted[0][depth] {
		n++
	}
	return n
}

// topLevel returns the first names of the paths, each once, in order.
func topLevel(paths []path) []string {
	var names []string
	for _, p := range paths {
		if !slices.Contains(names, p[0].name) {
			names = append(names, p[0].name)
		}
	}
	return names
}
