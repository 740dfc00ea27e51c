package expr

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// eval reports whether an item satisfies a condition. A comparison with an operand that the item
// does not have is false, except "<>".
func (n *node) eval(item value.Map) bool {
	switch n.op {
	case opOr:
		return n.has(item, true)
	case opAnd:
		return !n.has(item, false)
	case opNot:
		return !n.args[0].eval(item)
	case opIn:
		return n.in(item)
	}
	first := n.args[0].operand(item)
	switch n.op {
	case opExists:
		return first != nil
	case opNotExists:
		return first == nil
	case opBetween:
		return holds(opGE, first, n.args[1].operand(item)) &&
			holds(opLE, first, n.args[2].operand(item))
	}
	return holds(n.op, first, n.args[1].operand(item))
}

// has reports whether the answer of one of the parts is the wanted one.
func (n *node) has(item value.Map, want bool) bool {
	for i := range n.args {
		if n.args[i].eval(item) == want {
			return true
		}
	}
	return false
}

// in reports whether the first operand is equal to one of the others.
func (n *node) in(item value.Map) bool {
	first := n.args[0].operand(item)
	for i := range n.args[1:] {
		if holds(opEQ, first, n.args[i+1].operand(item)) {
			return true
		}
	}
	return false
}

// holds reports whether an operator or a function of two operands is true.
func holds(o op, a, b value.Value) bool {
	if a == nil || b == nil {
		return o == opNE
	}
	switch o {
	case opEQ:
		return value.Equal(a, b)
	case opNE:
		return !value.Equal(a, b)
	case opType:
		name, _ := b.(value.String)
		return a.Kind().String() == string(name)
	case opBeginsWith:
		return beginsWith(a, b)
	case opContains:
		return contains(a, b)
	}
	order, comparable := value.Compare(a, b)
	return comparable && ordered(o, order)
}

// ordered reports whether an operator is true of two values in an order.
func ordered(o op, order int) bool {
	switch o {
	case opLT:
		return order < 0
	case opLE:
		return order <= 0
	case opGT:
		return order > 0
	}
	return order >= 0
}

// beginsWith reports whether a string or a binary value begins with another.
func beginsWith(v, prefix value.Value) bool {
	switch v := v.(type) {
	case value.String:
		p, ok := prefix.(value.String)
		return ok && strings.HasPrefix(string(v), string(p))
	case value.Binary:
		p, ok := prefix.(value.Binary)
		return ok && strings.HasPrefix(string(v), string(p))
	}
	return false
}

// contains reports whether a string or a binary value has a part, or a set or a list an element.
func contains(v, part value.Value) bool {
	switch part := part.(type) {
	case value.String:
		switch v := v.(type) {
		case value.String:
			return strings.Contains(string(v), string(part))
		case value.StringSet:
			return slices.Contains(v, string(part))
		}
	case value.Binary:
		switch v := v.(type) {
		case value.Binary:
			return strings.Contains(string(v), string(part))
		case value.BinarySet:
			return slices.Contains(v, string(part))
		}
	case value.Number:
		if v, ok := v.(value.NumberSet); ok {
			return slices.Contains(v, part.Number)
		}
	}
	list, _ := v.(value.List)
	return slices.ContainsFunc(list, func(e value.Value) bool { return value.Equal(e, part) })
}
