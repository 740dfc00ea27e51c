package expr

import "github.com/dynamapper/dynamapper/engine/internal/value"

// eval reports whether an item satisfies a condition. A comparison with an operand that the item
// does not have is false, unless it is "<>".
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

// has reports whether one of the parts evaluates to want.
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
		return value.BeginsWith(a, b)
	case opContains:
		return value.Contains(a, b)
	}
	order, comparable := value.Compare(a, b)
	return comparable && ordered(o, order)
}

// ordered reports whether an operator holds for two values of the given order.
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
