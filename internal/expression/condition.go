package expression

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Part is a condition, or a part of one. The zero Part is empty.
type Part struct {
	text      string
	operators int
	compound  bool // needs parentheses beside another part
}

// Size returns the operand for the size of another operand.
func Size(operand string) string { return "size(" + operand + ")" }

// operatorsOn returns the number of operators in an operand, because the service counts size as an
// operator.
func operatorsOn(operand string) int {
	if strings.HasPrefix(operand, "size(") {
		return 2
	}
	return 1
}

// Compare compares two operands. The left one may be a size.
func Compare(left, symbol, right string) Part {
	return Part{text: left + symbol + right, operators: operatorsOn(left)}
}

// Call calls a function.
func Call(function string, operands ...string) Part {
	return Part{text: function + "(" + strings.Join(operands, ",") + ")", operators: 1}
}

// Between is true if the operand is from low to high.
func Between(operand, low, high string) Part {
	return Part{text: operand + " BETWEEN " + low + " AND " + high, operators: operatorsOn(operand)}
}

// In is true if the operand equals one of the values. The service accepts at most 100 values.
func In(operand string, values []string) Part {
	return Part{text: operand + " IN (" + strings.Join(values, ",") + ")",
		operators: operatorsOn(operand)}
}

// And is true if all parts are.
func And(parts ...Part) Part { return join(" AND ", parts) }

// Or is true if one of the parts is.
func Or(parts ...Part) Part { return join(" OR ", parts) }

// Not is true if the part is not.
func Not(part Part) Part {
	return Part{text: "NOT " + part.enclosed(), operators: part.operators + 1, compound: true}
}

func join(word string, parts []Part) Part {
	if len(parts) == 1 {
		return parts[0]
	}
	joined := Part{compound: true}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.enclosed()
		joined.operators += part.operators
	}
	joined.text = strings.Join(texts, word)
	joined.operators += max(0, len(parts)-1)
	return joined
}

func (p Part) enclosed() string {
	if p.compound {
		return "(" + p.text + ")"
	}
	return p.text
}

// Operators returns the number of operators as the service counts them.
func (p Part) Operators() int { return p.operators }

// Text returns the expression, or nil if it is empty.
func (p Part) Text() *string { return text(p.text) }

// Fits reports whether the expression is within the service's limits on operators and bytes.
func (p Part) Fits() bool { return p.operators <= MaxOperators && len(p.text) <= MaxBytes }

// Condition is a condition whose parts must all be true. Each method appends a part to its text.
type Condition struct {
	aliases *Aliases
	text    []byte

	parts, operators int
	compound         bool // it has one part, which needs parentheses beside another one
}

// NewCondition returns an empty condition.
func NewCondition(aliases *Aliases) *Condition { return &Condition{aliases: aliases} }

// Grow makes room for the given number of comparisons by Equal, Exists and Missing.
func (c *Condition) Grow(comparisons int) {
	c.text = slices.Grow(c.text, comparisons*len("#10=:10 AND "))
}

// Equal requires that the attribute has the value.
func (c *Condition) Equal(attribute string, value wire.Raw) {
	c.begin(1, false)
	c.text = append(append(append(c.text, c.aliases.Name(attribute)...), '='),
		c.aliases.Value(value)...)
}

// Exists requires that the attribute exists.
func (c *Condition) Exists(attribute string) { c.call("attribute_exists(", attribute) }

// Missing requires that the attribute does not exist.
func (c *Condition) Missing(attribute string) { c.call("attribute_not_exists(", attribute) }

func (c *Condition) call(function, attribute string) {
	c.begin(1, false)
	c.text = append(append(append(c.text, function...), c.aliases.Name(attribute)...), ')')
}

// Add requires that a part is true.
func (c *Condition) Add(part Part) {
	c.begin(part.operators, part.compound)
	if c.parts > 1 {
		c.text = append(c.text, part.enclosed()...)
	} else {
		c.text = append(c.text, part.text...)
	}
}

// begin joins a part to the earlier ones. The first part only gets parentheses if another one
// follows.
func (c *Condition) begin(operators int, compound bool) {
	if c.parts == 1 && c.compound {
		c.text = append(slices.Insert(c.text, 0, '('), ')')
	}
	c.compound = c.parts == 0 && compound
	if c.parts > 0 {
		c.text = append(c.text, " AND "...)
		c.operators++
	}
	c.operators += operators
	c.parts++
}

// Text returns the expression, or nil if it has no part.
func (c *Condition) Text() *string { return text(string(c.text)) }

// Fits reports whether the expression is within the service's limits.
func (c *Condition) Fits() bool { return c.operators <= MaxOperators && len(c.text) <= MaxBytes }
