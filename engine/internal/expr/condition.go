package expr

import (
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Condition is a condition or a filter.
type Condition struct {
	root       node
	attributes []string
	nested     []string
}

// ParseCondition parses a condition or a filter, and makes the checks that need no item. The error
// is an *Error.
func ParseCondition(kind Kind, text string, s *Scope) (*Condition, error) {
	root, err := parseCondition(kind, text, s)
	if err != nil {
		return nil, err
	}
	c := &Condition{root: *root}
	c.root.eachPath(func(p path) {
		c.attributes = append(c.attributes, p[0].name)
		if len(p) > 1 && !slices.Contains(c.nested, p[0].name) {
			c.nested = append(c.nested, p[0].name)
		}
	})
	slices.Sort(c.attributes)
	c.attributes = slices.Compact(c.attributes)
	return c, nil
}

// Attributes returns the top-level attributes that the condition names, sorted.
func (c *Condition) Attributes() []string { return c.attributes }

// NestedAttributes returns the top-level attributes that the condition looks into by "." or "[]",
// in the order of the condition.
func (c *Condition) NestedAttributes() []string { return c.nested }

// Eval reports whether an item satisfies the condition. A nil item has no attributes.
func (c *Condition) Eval(item value.Map) bool { return c.root.eval(item) }

// parseCondition parses and checks a condition, a filter or a key condition.
func parseCondition(kind Kind, text string, s *Scope) (*node, error) {
	p, err := newParser(kind, text)
	if err != nil {
		return nil, err
	}
	root, err := p.or(false)
	if err != nil {
		return nil, err
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	c := checker{kind: kind, scope: s}
	return &root, c.node(&root)
}

// eachPath calls visit with each path of the expression, in order.
func (n *node) eachPath(visit func(path)) {
	if n.op == opPath {
		visit(n.path)
	}
	for i := range n.args {
		n.args[i].eachPath(visit)
	}
}

// or reads conditions joined by OR. If operandToo is set, an operand before a closing parenthesis
// may stand in place of the conditions: only the token behind the parenthesis distinguishes "(a =
// :v)" from "(a) = :v".
func (p *parser) or(operandToo bool) (node, error) {
	return p.joined(opOr, tokOr, operandToo, p.and)
}

// and reads conditions joined by AND.
func (p *parser) and(operandToo bool) (node, error) {
	return p.joined(opAnd, tokAnd, operandToo, p.not)
}

// joined reads parts separated by an operator.
func (p *parser) joined(
	o op, between tokenKind, operandToo bool, part func(operandToo bool) (node, error),
) (node, error) {
	first, err := part(operandToo)
	if err != nil || p.tok.kind != between {
		return first, err
	}
	all := node{op: o, text: p.word(), args: append(make([]node, 0, 4), first)}
	for p.accept(between) {
		p.operators++
		n, err := part(false)
		if err != nil {
			return node{}, err
		}
		all.args = append(all.args, n)
	}
	return all, nil
}

// not reads a condition after any number of NOTs.
func (p *parser) not(operandToo bool) (node, error) {
	if p.tok.kind != tokNot {
		return p.comparison(operandToo)
	}
	n := node{op: opNot, text: p.word(), args: make([]node, 1)}
	p.next()
	p.operators++
	var err error
	n.args[0], err = p.not(false)
	return n, err
}

// comparison reads a comparison, a function or a condition in parentheses.
func (p *parser) comparison(operandToo bool) (node, error) {
	var first node
	var err error
	if p.tok.kind == '(' {
		first, err = p.parenthesised(func() (node, error) { return p.or(true) })
	} else {
		first, err = p.bareOperand()
	}
	switch {
	case err != nil:
		return node{}, err
	case first.op.isCondition() && !first.op.isFunction():
		return first, nil
	case p.tok.kind == tokBetween:
		return p.between(first)
	case p.tok.kind == tokIn:
		return p.in(first)
	}
	if o, ok := comparisons[p.tok.kind]; ok {
		return p.compare(o, first)
	}
	return first, p.checkAlone(first, operandToo)
}

var comparisons = map[tokenKind]op{
	'=': opEQ, tokNE: opNE, '<': opLT, tokLE: opLE, '>': opGT, tokGE: opGE,
}

// checkAlone refuses an operand without a comparison.
func (p *parser) checkAlone(n node, operandToo bool) error {
	switch {
	case n.op.isCondition() || n.op == opUnknown:
		return nil
	case operandToo && p.tok.kind == ')':
		return nil
	case n.op == opSize:
		p.blameFunction(n)
		return nil
	}
	return p.syntaxError()
}

// operator begins a comparison of an operand.
func (p *parser) operator(o op, first node) node {
	if first.op.isCondition() {
		p.blameFunction(first)
	}
	n := node{op: o, text: p.word(), args: append(make([]node, 0, 2), first)}
	p.operators++
	p.next()
	return n
}

// compare reads the rest of a comparison, from its operator.
func (p *parser) compare(o op, first node) (node, error) {
	n := p.operator(o, first)
	second, err := p.operand()
	n.args = append(n.args, second)
	return n, err
}

// between reads BETWEEN and its bounds.
func (p *parser) between(first node) (node, error) {
	n := p.operator(opBetween, first)
	n.text = "BETWEEN"
	low, err := p.operand()
	if err != nil {
		return node{}, err
	}
	if err := p.expect(tokAnd); err != nil {
		return node{}, err
	}
	high, err := p.operand()
	n.args = append(n.args, low, high)
	return n, err
}

// in reads IN and its operands.
func (p *parser) in(first node) (node, error) {
	n := p.operator(opIn, first)
	n.text = "IN"
	list, err := p.list()
	n.args = append(n.args, list...)
	return n, err
}
