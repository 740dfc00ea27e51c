package expr

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// KeyOp is an operator of a key condition.
type KeyOp uint8

// The operators of key conditions.
const (
	KeyEQ KeyOp = iota
	KeyLT
	KeyLE
	KeyGT
	KeyGE
	KeyBetween
	KeyBeginsWith
)

// KeyTest is a condition on a key attribute: the attribute must have the relation Op to Low. Only
// KeyBetween has High.
type KeyTest struct {
	Attribute string
	Op        KeyOp
	Low, High value.Value
}

// ParseKeyCondition parses a key condition, which is tests joined by AND, at most one for each
// attribute. It returns the tests in order. The caller has to match the tests with a table's keys.
// The error is an *Error.
func ParseKeyCondition(text string, s *Scope) ([]KeyTest, error) {
	root, err := parseCondition(KindKeyCondition, text, s)
	if err != nil {
		return nil, err
	}
	return appendKeyTests(nil, root)
}

func appendKeyTests(tests []KeyTest, n *node) ([]KeyTest, error) {
	if n.op == opAnd {
		for i := range n.args {
			var err error
			if tests, err = appendKeyTests(tests, &n.args[i]); err != nil {
				return nil, err
			}
		}
		return tests, nil
	}
	t, err := keyTest(n)
	if err != nil {
		return nil, err
	}
	for i := range tests {
		if tests[i].Attribute == t.Attribute {
			return nil, KindKeyCondition.wrong(
				"KeyConditionExpressions must only contain one condition per key")
		}
	}
	return append(tests, t), nil
}

var keyOps = map[op]KeyOp{
	opEQ: KeyEQ, opLT: KeyLT, opLE: KeyLE, opGT: KeyGT, opGE: KeyGE,
	opBetween: KeyBetween, opBeginsWith: KeyBeginsWith,
}

// keyTest makes a test from a condition.
func keyTest(n *node) (KeyTest, error) {
	o, ok := keyOps[n.op]
	if !ok {
		text := n.text
		if !n.op.isFunction() {
			text = strings.ToUpper(text)
		}
		return KeyTest{}, &Error{"Invalid operator used in KeyConditionExpression: " + text}
	}
	at, err := keyOperand(n)
	if err != nil {
		return KeyTest{}, err
	}
	t := KeyTest{Attribute: n.args[at].path[0].name, Op: o}
	switch {
	case at == 1:
		t.Op = mirrored[o]
		t.Low = n.args[0].value
	case o == KeyBetween:
		t.Low, t.High = n.args[1].value, n.args[2].value
	default:
		t.Low = n.args[1].value
	}
	return t, nil
}

// mirrored maps a comparison to the one with its operands exchanged.
var mirrored = map[KeyOp]KeyOp{
	KeyEQ: KeyEQ, KeyLT: KeyGT, KeyLE: KeyGE, KeyGT: KeyLT, KeyGE: KeyLE,
}

// keyOperand returns which operand of a condition is the key attribute.
func keyOperand(n *node) (int, error) {
	invalid := func(text string) error {
		return &Error{"Invalid condition in KeyConditionExpression: " + text}
	}
	at := -1
	for i := range n.args {
		switch a := &n.args[i]; {
		case a.op == opSize:
			return 0, KindKeyCondition.wrong(
				"KeyConditionExpressions cannot contain nested operations")
		case a.op != opPath:
		case at >= 0:
			return 0, invalid("Multiple attribute names used in one condition")
		case len(a.path) > 1:
			return 0, KindKeyCondition.wrong(
				"KeyConditionExpressions cannot have conditions on nested attributes")
		default:
			at = i
		}
	}
	switch {
	case at != 0 && (n.op == opBetween || n.op == opBeginsWith):
		return 0, invalid(n.text + " operator must have the key attribute as its first operand")
	case at < 0:
		return 0, invalid("No key attribute specified")
	}
	return at, nil
}
