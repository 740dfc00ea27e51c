// Package value holds DynamoDB's attribute values: their types, equality, order and size, and their
// JSON.
//
// Values are immutable. A change to an item makes a new item, which shares the unchanged values.
package value

import (
	"sort"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// Kind is a type of attribute value.
type Kind uint8

// The types of attribute values.
const (
	KindS Kind = iota + 1
	KindN
	KindB
	KindSS
	KindNS
	KindBS
	KindM
	KindL
	KindNull
	KindBool
)

// String returns the kind's name on the wire: "S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL" or
// "BOOL".
func (k Kind) String() string {
	return [...]string{"", "S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"}[k]
}

// Value is an attribute value: a String, Number, Binary, StringSet, NumberSet, BinarySet, Map,
// List, Null or Bool.
type Value interface {
	Kind() Kind
}

// The types of values. A set's elements are sorted and distinct.
type (
	String    string
	Number    struct{ number.Number }
	Binary    string // its bytes
	StringSet []string
	NumberSet []number.Number
	BinarySet []string
	List      []Value
	Null      struct{}
	Bool      bool

	// Map is a map, or a whole item: attributes sorted by name, each name once.
	Map []Attribute
)

// Attribute is a member of a map or an item.
type Attribute struct {
	Name  string
	Value Value
}

// Kind returns KindS.
func (String) Kind() Kind { return KindS }

// Kind returns KindN.
func (Number) Kind() Kind { return KindN }

// Kind returns KindB.
func (Binary) Kind() Kind { return KindB }

// Kind returns KindSS.
func (StringSet) Kind() Kind { return KindSS }

// Kind returns KindNS.
func (NumberSet) Kind() Kind { return KindNS }

// Kind returns KindBS.
func (BinarySet) Kind() Kind { return KindBS }

// Kind returns KindM.
func (Map) Kind() Kind { return KindM }

// Kind returns KindL.
func (List) Kind() Kind { return KindL }

// Kind returns KindNull.
func (Null) Kind() Kind { return KindNull }

// Kind returns KindBool.
func (Bool) Kind() Kind { return KindBool }

// Get returns the value of an attribute, or nil if the map has none of that name.
func (m Map) Get(name string) Value {
	if i, found := m.find(name); found {
		return m[i].Value
	}
	return nil
}

// With returns a copy of the map with an attribute set. It does not change the receiver.
func (m Map) With(name string, v Value) Map {
	i, found := m.find(name)
	if found {
		out := make(Map, len(m))
		copy(out, m)
		out[i].Value = v
		return out
	}
	out := make(Map, len(m)+1)
	copy(out, m[:i])
	out[i] = Attribute{name, v}
	copy(out[i+1:], m[i:])
	return out
}

// Without returns a copy of the map without an attribute. It does not change the receiver.
func (m Map) Without(name string) Map {
	i, found := m.find(name)
	if !found {
		return m
	}
	out := make(Map, 0, len(m)-1)
	return append(append(out, m[:i]...), m[i+1:]...)
}

func (m Map) find(name string) (int, bool) {
	i := sort.Search(len(m), func(i int) bool { return m[i].Name >= name })
	return i, i < len(m) && m[i].Name == name
}
