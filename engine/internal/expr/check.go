package expr

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// checker resolves the names and values of an expression, and makes the checks that need no item.
type checker struct {
	kind  Kind
	scope *Scope
}

// node checks the operands of a node, then the node.
func (c *checker) node(n *node) error {
	if n.op == opPath || n.op == opValue {
		return c.leaf(n)
	}
	for i := range n.args {
		if err := c.node(&n.args[i]); err != nil {
			return err
		}
	}
	return c.operands(n)
}

// leaf resolves the names of a path, or the value of a value's name.
func (c *checker) leaf(n *node) error {
	if n.op == opPath {
		return c.path(n.path)
	}
	if n.value = c.scope.value(n.text); n.value == nil {
		return c.kind.wrong("An expression attribute value used in expression is not defined; "+
			"attribute value: %s", n.text)
	}
	return nil
}

// path replaces the aliases by the names.
func (c *checker) path(p path) error {
	for i, s := range p {
		if s.isIndex || !strings.HasPrefix(s.name, "#") {
			continue
		}
		name, ok := c.scope.name(s.name)
		if !ok {
			return c.kind.wrong("An expression attribute name used in the document path is not "+
				"defined; attribute name: %s", s.name)
		}
		p[i].name = name
	}
	if len(p) > maxDepth {
		return c.kind.wrong("The document path has too many nesting levels; nesting levels: %d",
			len(p))
	}
	return nil
}

// operands checks the operands of an operator or a function.
func (c *checker) operands(n *node) error {
	if n.op == opIn && len(n.args)-1 > maxInOperands {
		return c.kind.wrong("The IN operator is provided with too many operands; "+
			"number of operands: %d", len(n.args)-1)
	}
	if err := c.needsPath(n); err != nil {
		return err
	}
	if err := c.distinct(n); err != nil {
		return err
	}
	if err := c.types(n); err != nil {
		return err
	}
	switch n.op {
	case opType:
		return c.typeName(n)
	case opBetween:
		return c.bounds(n)
	}
	return nil
}

// needsPath refuses another operand where a function takes a document path.
func (c *checker) needsPath(n *node) error {
	switch n.op {
	case opExists, opNotExists, opIfNotExists:
		if n.args[0].op != opPath {
			return c.kind.wrong("Operator or function requires a document path; "+
				"operator or function: %s", n.text)
		}
	}
	return nil
}

// distinct refuses a path that is compared with itself.
func (c *checker) distinct(n *node) error {
	switch n.op {
	case opOr, opAnd, opNot, opSize, opPlus, opMinus, opListAppend:
		return nil
	}
	first := &n.args[0]
	if first.op != opPath {
		return nil
	}
	for i := range n.args[1:] {
		if other := &n.args[i+1]; other.op == opPath && slices.Equal(first.path, other.path) {
			return c.kind.wrong("The first operand must be distinct from the remaining operands "+
				"for this operator or function; operator: %s, first operand: %s",
				n.text, first.path)
		}
	}
	return nil
}

// types refuses operands of a type that the operator or the function does not take.
func (c *checker) types(n *node) error {
	takes := operandKinds(n.op)
	if takes == nil {
		return nil
	}
	args := n.args
	if n.op == opType {
		args = args[1:]
	}
	for i := range args {
		if kind := args[i].kind(); kind != 0 && !slices.Contains(takes, kind) {
			return c.kind.wrong("Incorrect operand type for operator or function; "+
				"operator or function: %s, operand type: %s", n.text, kind)
		}
	}
	return nil
}

// operandKinds returns the types of the operands that an operator takes, or nil for all types.
func operandKinds(o op) []value.Kind {
	switch o {
	case opLT, opLE, opGT, opGE, opBetween:
		return []value.Kind{value.KindS, value.KindN, value.KindB}
	case opBeginsWith:
		return []value.Kind{value.KindS, value.KindB}
	case opType:
		return []value.Kind{value.KindS}
	case opPlus, opMinus:
		return []value.Kind{value.KindN}
	case opListAppend:
		return []value.Kind{value.KindL}
	case opSize:
		return []value.Kind{value.KindS, value.KindB, value.KindSS, value.KindNS, value.KindBS,
			value.KindL, value.KindM}
	}
	return nil
}

// typeName refuses an attribute_type whose operand is not a type.
func (c *checker) typeName(n *node) error {
	second := &n.args[1]
	if second.op != opValue {
		return c.kind.wrong("Incorrect operand type for operator or function; operator or "+
			"function: %s, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}", n.text)
	}
	name := second.value.(value.String)
	for k := value.KindS; k <= value.KindBool; k++ {
		if k.String() == string(name) {
			return nil
		}
	}
	return c.kind.wrong("Invalid attribute type name found; type: %s, "+
		"valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", name)
}

// bounds refuses a BETWEEN whose bounds have two types or are in the wrong order.
func (c *checker) bounds(n *node) error {
	low, high := &n.args[1], &n.args[2]
	if low.op != opValue || high.op != opValue {
		return nil
	}
	rule := ""
	if low.kind() != high.kind() {
		rule = "same data type for lower and upper bounds"
	} else if order, _ := value.Compare(low.value, high.value); order > 0 {
		rule = "upper bound to be greater than or equal to lower bound"
	}
	if rule == "" {
		return nil
	}
	return c.kind.wrong("The BETWEEN operator requires %s; lower bound operand: "+
		"AttributeValue: {%s}, upper bound operand: AttributeValue: {%s}",
		rule, boundText(low.value), boundText(high.value))
}

// boundText returns a bound in the form of the service's errors: "S:text".
func boundText(v value.Value) string {
	switch v := v.(type) {
	case value.Number:
		return "N:" + v.Number.String()
	case value.Binary:
		return "B:" + base64.StdEncoding.EncodeToString([]byte(v))
	}
	return fmt.Sprintf("%s:%v", v.Kind(), v)
}
