package wire

import (
	"bytes"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Equal reports whether DynamoDB regards two attribute values as equal: it compares numbers by
// value at any depth, and sets as sets. Nil and nil pointers equal each other. A value that is
// nested deeper than DynamoDB stores equals nothing.
func Equal(a, b types.AttributeValue) bool { return equal(a, b, 1) }

func equal(a, b types.AttributeValue, depth int) bool {
	t := TypeOf(a)
	if t != TypeOf(b) {
		return false
	}
	switch t {
	case S:
		return a.(*types.AttributeValueMemberS).Value == b.(*types.AttributeValueMemberS).Value
	case N:
		return equalNumbers(a.(*types.AttributeValueMemberN).Value,
			b.(*types.AttributeValueMemberN).Value)
	case B:
		return bytes.Equal(a.(*types.AttributeValueMemberB).Value,
			b.(*types.AttributeValueMemberB).Value)
	case BOOL:
		return a.(*types.AttributeValueMemberBOOL).Value ==
			b.(*types.AttributeValueMemberBOOL).Value
	case NULL:
		return true
	case SS:
		return equalSets(a.(*types.AttributeValueMemberSS).Value,
			b.(*types.AttributeValueMemberSS).Value, textKey)
	case NS:
		return equalSets(a.(*types.AttributeValueMemberNS).Value,
			b.(*types.AttributeValueMemberNS).Value, CanonicalNumber)
	case BS:
		return equalSets(a.(*types.AttributeValueMemberBS).Value,
			b.(*types.AttributeValueMemberBS).Value, bytesKey)
	case L:
		return equalLists(a.(*types.AttributeValueMemberL).Value,
			b.(*types.AttributeValueMemberL).Value, depth)
	case M:
		return equalMaps(a.(*types.AttributeValueMemberM).Value,
			b.(*types.AttributeValueMemberM).Value, depth)
	}
	return equalUnknown(a, b)
}

func equalNumbers(a, b string) bool {
	if a == b {
		return true
	}
	order, ok := CompareNumbers(a, b)
	return ok && order == 0
}

func equalLists(a, b []types.AttributeValue, depth int) bool {
	return depth <= maxDepth && slices.EqualFunc(a, b, func(x, y types.AttributeValue) bool {
		return equal(x, y, depth+1)
	})
}

func equalMaps(a, b map[string]types.AttributeValue, depth int) bool {
	if len(a) != len(b) || depth > maxDepth {
		return false
	}
	for name, x := range a {
		y, ok := b[name]
		if !ok || !equal(x, y, depth+1) {
			return false
		}
	}
	return true
}

// equalSets reports whether two sets are equal. Elements are equal if their keys are.
func equalSets[E any](a, b []E, key func(E) string) bool {
	if slices.EqualFunc(a, b, func(x, y E) bool { return key(x) == key(y) }) {
		return true // in the same order, as the service keeps it, so that no maps are needed
	}
	x, y := keys(a, key), keys(b, key)
	if len(x) != len(y) {
		return false
	}
	for k := range x {
		if _, ok := y[k]; !ok {
			return false
		}
	}
	return true
}

func keys[E any](set []E, key func(E) string) map[string]struct{} {
	all := make(map[string]struct{}, len(set))
	for _, e := range set {
		all[key(e)] = struct{}{}
	}
	return all
}

func textKey(s string) string { return s }

func bytesKey(b []byte) string { return string(b) }

// equalUnknown reports whether two values without a type are equal. Such a value is nil, or of a
// type that the SDK does not know.
func equalUnknown(a, b types.AttributeValue) bool {
	x, _ := a.(*types.UnknownUnionMember)
	y, _ := b.(*types.UnknownUnionMember)
	if x == nil || y == nil {
		return x == nil && y == nil
	}
	return x.Tag == y.Tag && bytes.Equal(x.Value, y.Value)
}

// EqualText reports whether a value and the wire text of another are equal, as Equal does.
// Malformed text equals nothing.
func EqualText(text string, v types.AttributeValue) bool {
	r := NewReader(text)
	t := r.Value()
	if t != TypeOf(v) || t == Invalid {
		return false
	}
	same := r.equal(t, v)
	r.End()
	r.Done()
	return same && !r.failed()
}

// equal reports whether the rest of a value behind its type descriptor, t, equals v. It compares
// scalars without boxing them.
func (r *Reader) equal(t Type, v types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return r.Text() == v.Value
	case *types.AttributeValueMemberN:
		return equalNumbers(r.Text(), v.Value)
	case *types.AttributeValueMemberB:
		return bytes.Equal(r.Bytes(), v.Value)
	case *types.AttributeValueMemberBOOL:
		return r.Bool() == v.Value
	}
	return Equal(r.RestOf(t), v)
}
