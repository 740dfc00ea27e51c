package protocol

import "github.com/dynamapper/dynamapper/engine/internal/value"

// The inputs of the operations, member by member as the service's model names them. A member that
// the request leaves out, or gives as null, is nil. Whether a value makes sense is the operation's
// business: what stands here is only what the request says.

// Map is a map of a request, in the request's order. An empty one that the request has is not nil.
type Map[T any] []Entry[T]

// Entry is a member of a Map.
type Entry[T any] struct {
	Key   string
	Value T
}

// Get returns the value under a key, and reports whether there is one.
func (m Map[T]) Get(key string) (T, bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	var none T
	return none, false
}

// Item is an item, a key or a map of expression values. Problem is the first thing that is wrong
// with its values, for the operation to raise in its own order; nil if all are right. Something
// stands in Attributes for each value that has a problem.
type Item struct {
	Attributes value.Map
	Problem    *Problem
}

// Value is an attribute value, with what is wrong with it.
type Value struct {
	Value   value.Value
	Problem *Problem
}
