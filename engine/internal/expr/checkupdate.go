package expr

import "github.com/dynamapper/dynamapper/engine/internal/value"

// update checks the actions of an update and returns their targets. It checks the names and values
// first, then the types of the operands, then whether the targets clash.
func (c *checker) update(actions []action) ([]path, error) {
	targets := make([]path, len(actions))
	for i := range actions {
		a := &actions[i]
		targets[i] = a.target
		if err := c.path(a.target); err != nil {
			return nil, err
		}
		if a.clause == clauseRemove {
			continue
		}
		if err := c.leaves(&a.operand); err != nil {
			return nil, err
		}
	}
	for i := range actions {
		if err := actions[i].checkOperand(); err != nil {
			return nil, err
		}
	}
	for i := range actions {
		if err := c.nested(&actions[i].operand); err != nil {
			return nil, err
		}
	}
	return targets, checkClashes(KindUpdate, targets)
}

// leaves resolves the names and values of the operands in a node.
func (c *checker) leaves(n *node) error {
	if n.op == opPath || n.op == opValue {
		return c.leaf(n)
	}
	for i := range n.args {
		if err := c.leaves(&n.args[i]); err != nil {
			return err
		}
	}
	return nil
}

// nested checks a node's operands and the nodes in it.
func (c *checker) nested(n *node) error {
	for i := range n.args {
		if err := c.nested(&n.args[i]); err != nil {
			return err
		}
	}
	if len(n.args) == 0 {
		return nil
	}
	return c.operands(n)
}

// checkOperand refuses a value that ADD or DELETE does not take.
func (a *action) checkOperand() error {
	if a.clause != clauseAdd && a.clause != clauseDelete {
		return nil
	}
	switch kind := a.operand.kind(); {
	case kind == value.KindSS || kind == value.KindNS || kind == value.KindBS:
		return nil
	case kind == value.KindN && a.clause == clauseAdd:
		return nil
	default:
		return KindUpdate.wrong("Incorrect operand type for operator or function; operator: %s, "+
			"operand type: %s, typeSet: ALLOWED_FOR_ADD_OPERAND", a.clause, longKind(kind))
	}
}

// longKind returns the name of a type in the errors about ADD and DELETE.
func longKind(kind value.Kind) string {
	switch kind {
	case value.KindS:
		return "STRING"
	case value.KindN:
		return "NUMBER"
	case value.KindB:
		return "Binary"
	case value.KindL:
		return "LIST"
	case value.KindM:
		return "MAP"
	}
	return kind.String()
}
