package expr

import "github.com/dynamapper/dynamapper/engine/internal/value"

// Equality is a comparison of a top-level attribute with a value.
type Equality struct {
	Attribute string
	Value     value.Value
}

// ParseSearchCondition parses the condition of a SearchVectors: equalities joined by AND, the only
// form that the service's API reference allows. The error is an *Error.
func ParseSearchCondition(text string, s *Scope) ([]Equality, error) {
	root, err := parseCondition(KindSearchCondition, text, s)
	if err != nil {
		return nil, err
	}
	return appendEqualities(nil, root)
}

func appendEqualities(all []Equality, n *node) ([]Equality, error) {
	if n.op == opAnd {
		for i := range n.args {
			var err error
			if all, err = appendEqualities(all, &n.args[i]); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	if n.op != opEQ {
		return nil, KindSearchCondition.wrong(
			"Invalid comparator used in SearchConditionExpression")
	}
	attribute, operand := &n.args[0], &n.args[1]
	if attribute.op == opValue {
		attribute, operand = operand, attribute
	}
	if attribute.op != opPath || operand.op != opValue {
		return nil, KindSearchCondition.wrong(
			"Invalid comparator used in SearchConditionExpression")
	}
	if len(attribute.path) > 1 {
		return nil, KindSearchCondition.wrong("Key attributes must be scalars; list random "+
			"access '[]' and map lookup '.' are not allowed: SearchSchema: %s",
			attribute.path[0].name)
	}
	return append(all, Equality{attribute.path[0].name, operand.value}), nil
}
