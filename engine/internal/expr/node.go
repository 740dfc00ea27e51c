package expr

import (
	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// op is an operator, a function or a kind of operand.
type op uint8

const (
	opPath op = iota
	opValue
	opSize
	opIfNotExists
	opListAppend
	opPlus
	opMinus
	opUnknown // a function that the service does not have

	// The operators from here on make conditions; those above make operands.
	opOr
	opAnd
	opNot
	opEQ
	opNE
	opLT
	opLE
	opGT
	opGE
	opBetween
	opIn
	opExists
	opNotExists
	opType
	opBeginsWith
	opContains
)

func (o op) isCondition() bool { return o >= opOr }

// isFunction reports whether the operator makes a condition and is written as a function.
func (o op) isFunction() bool { return o >= opExists }

// node is a part of an expression. Parentheses have no node of their own.
type node struct {
	op     op
	parens bool        // the part stands in parentheses
	text   string      // the operator, the function or the name of the value, as written
	path   path        // for opPath
	value  value.Value // for opValue, once the expression is checked
	args   []node      // the operands
}

// function is a function of the expressions.
type function struct {
	op       op
	operands int
	update   bool // the function belongs to updates, not to conditions
}

var functions = map[string]function{
	"attribute_exists":     {opExists, 1, false},
	"attribute_not_exists": {opNotExists, 1, false},
	"attribute_type":       {opType, 2, false},
	"begins_with":          {opBeginsWith, 2, false},
	"contains":             {opContains, 2, false},
	"size":                 {opSize, 1, false},
	"if_not_exists":        {opIfNotExists, 2, true},
	"list_append":          {opListAppend, 2, true},
}

// kind returns the type of the operand's value, or 0 if the type depends on the item.
func (n *node) kind() value.Kind {
	switch n.op {
	case opValue:
		return n.value.Kind()
	case opSize:
		return value.KindN
	}
	return 0
}

// operand returns the value of an operand of a condition, or nil if it has none.
func (n *node) operand(item value.Map) value.Value {
	switch n.op {
	case opPath:
		return n.path.find(item)
	case opValue:
		return n.value
	case opSize:
		if size, ok := value.Length(n.args[0].operand(item)); ok {
			return value.Number{Number: number.FromInt(int64(size))}
		}
	}
	return nil
}
