package protocol

import "github.com/dynamapper/dynamapper/engine/internal/value"

// The inputs of the operations have the members of the service's model. A member that the request
// omits, or gives as null, is nil. The operations check whether values make sense; the inputs hold
// only what the request contains.

// Map is a map of a request, in the request's order. If the request has an empty map, the Map is
// not nil.
type Map[T any] []Entry[T]

// Entry is a member of a Map.
type Entry[T any] struct {
	Key   string
	Value T
}

// Get returns the value of a key, and reports whether there is one.
func (m Map[T]) Get(key string) (T, bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	var none T
	return none, false
}

// Item is an item, a key or a map of expression values. Problem is the first fault in its values,
// which the operation raises in its own order; it is nil if there is none. Attributes holds a
// placeholder for each value that has a problem.
type Item struct {
	Attributes value.Map
	Problem    *Problem
}

// Value is an attribute value and its problems.
type Value struct {
	Value   value.Value
	Problem *Problem
}
