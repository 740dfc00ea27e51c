package expr

import (
	"slices"
	"sort"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Name is an entry of ExpressionAttributeNames. The alias begins with "#".
type Name struct{ Alias, Name string }

// Scope holds the names and values that a request gives its expressions, and records which of them
// the expressions use. A Scope belongs to one request, because parsing changes it.
type Scope struct {
	names      []Name // sorted by alias
	values     value.Map
	usedNames  []bool // for each name
	usedValues []bool
}

// NewScope returns a scope of ExpressionAttributeNames and ExpressionAttributeValues. The names of
// the values begin with ":". hasNames and hasValues report whether the request has the member.
func NewScope(names []Name, hasNames bool, values value.Map, hasValues bool) *Scope {
	s := &Scope{}
	if hasNames {
		s.names = sortedNames(names)
		s.usedNames = make([]bool, len(names))
	}
	if hasValues {
		s.values = values
		s.usedValues = make([]bool, len(values))
	}
	return s
}

func sortedNames(names []Name) []Name {
	byAlias := func(a, b Name) int { return strings.Compare(a.Alias, b.Alias) }
	if !slices.IsSortedFunc(names, byAlias) {
		names = slices.Clone(names)
		slices.SortFunc(names, byAlias)
	}
	return names
}

// name returns the attribute name that an alias stands for, and marks the alias as used.
func (s *Scope) name(alias string) (string, bool) {
	i := sort.Search(len(s.names), func(i int) bool { return s.names[i].Alias >= alias })
	if i == len(s.names) || s.names[i].Alias != alias {
		return "", false
	}
	s.usedNames[i] = true
	return s.names[i].Name, true
}

// value returns the value of a name, or nil if there is none, and marks the value as used.
func (s *Scope) value(name string) value.Value {
	i := sort.Search(len(s.values), func(i int) bool { return s.values[i].Name >= name })
	if i == len(s.values) || s.values[i].Name != name {
		return nil
	}
	s.usedValues[i] = true
	return s.values[i].Value
}

// Unused returns the service's error if no expression uses one of the names or values.
func (s *Scope) Unused() error {
	var names, values []string
	for i, used := range s.usedNames {
		if !used {
			names = append(names, s.names[i].Alias)
		}
	}
	if names != nil {
		return unused("Names", names)
	}
	for i, used := range s.usedValues {
		if !used {
			values = append(values, s.values[i].Name)
		}
	}
	if values != nil {
		return unused("Values", values)
	}
	return nil
}

func unused(of string, keys []string) error {
	return &Error{"Value provided in ExpressionAttribute" + of + " unused in expressions: keys: {" +
		strings.Join(keys, ", ") + "}"}
}
