package value

import "github.com/dynamapper/dynamapper/engine/internal/number"

// The bytes that a list or map counts in addition to its members: for itself, and for each member.
const (
	documentBytes = 3
	memberBytes   = 1
)

// ItemSize returns the size of an item as DynamoDB counts it: the bytes of the names and of the
// values.
func ItemSize(item Map) int {
	size := 0
	for _, a := range item {
		size += len(a.Name) + Size(a.Value)
	}
	return size
}

// Size returns the size of a value in bytes, as DynamoDB counts it. A string counts its bytes in
// UTF-8, a binary value its bytes, a number the size of its significant digits, a null or Boolean
// one, a set its elements, and a list or map three and its members, plus one for each.
func Size(v Value) int {
	switch v := v.(type) {
	case String:
		return len(v)
	case Number:
		return v.Number.Size()
	case Binary:
		return len(v)
	case StringSet:
		return bytesOf(v)
	case NumberSet:
		return sum(v, number.Number.Size)
	case BinarySet:
		return bytesOf(v)
	case Map:
		return documentBytes + memberBytes*len(v) + ItemSize(v)
	case List:
		return documentBytes + memberBytes*len(v) + sum(v, Size)
	}
	return 1
}

func bytesOf(elements []string) int {
	return sum(elements, func(e string) int { return len(e) })
}

func sum[E any](elements []E, size func(E) int) int {
	total := 0
	for _, e := range elements {
		total += size(e)
	}
	return total
}

// Depth returns how deep lists and maps are nested in a value: 0 for any other value, 1 for a list
// or map without another one in it.
func Depth(v Value) int {
	deepest := 0
	switch v := v.(type) {
	case Map:
		for _, a := range v {
			deepest = max(deepest, Depth(a.Value))
		}
	case List:
		for _, e := range v {
			deepest = max(deepest, Depth(e))
		}
	default:
		return 0
	}
	return deepest + 1
}

// Length returns the result of the function size of expressions: the length of a string in UTF-16
// code units, that of a binary value in bytes, and the number of members of a set, list or map. It
// returns false for a value of another type.
func Length(v Value) (int, bool) {
	switch v := v.(type) {
	case String:
		return codeUnits(string(v)), true
	case Binary:
		return len(v), true
	case StringSet:
		return len(v), true
	case NumberSet:
		return len(v), true
	case BinarySet:
		return len(v), true
	case Map:
		return len(v), true
	case List:
		return len(v), true
	}
	return 0, false
}

// codeUnits returns the length of a text in UTF-16 code units.
func codeUnits(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
