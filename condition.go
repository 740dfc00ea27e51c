package dynamapper

import (
	"strconv"
	"strings"
)

// Comparison is the part of a condition after the attribute. The field's own codec encodes its
// operands: a number field accepts any Go number, a string field any string type. Ref stands for
// the value of another attribute. An empty value stands for a missing attribute. A time.Time is
// compared as an instant, in whichever spelling of UTC another program has stored it. A request
// cannot express other offsets, so an order is wrong for text with an offset other than UTC.
type Comparison struct {
	operator operator
	operands []any
	size     *Comparison // of Size: the comparison of the size
}

type operator int

const (
	noOperator operator = iota
	opEQ
	opNE
	opLT
	opLE
	opGT
	opGE
	opBetween
	opBeginsWith
	opContains
	opNotContains
	opExists
	opNotExists
	opIn
	opSize
	opStored // a value is stored, even one that stands for a missing attribute; not in the API
)

// String returns the name of the function that makes the comparison.
func (o operator) String() string {
	return [...]string{"", "EQ", "NE", "LT", "LE", "GT", "GE", "Between", "BeginsWith", "Contains",
		"NotContains",
		"Exists", "NotExists", "In", "Size", "Exists"}[o]
}

// EQ is true if the attribute equals the value. With an empty value, it is true if the attribute is
// missing.
func EQ(v any) Comparison { return Comparison{operator: opEQ, operands: []any{v}} }

// NE is true if the attribute does not equal the value or is missing. With an empty value, it is
// true if the attribute exists. NE is also true for a missing item: add Exists if that matters.
func NE(v any) Comparison { return Comparison{operator: opNE, operands: []any{v}} }

// LT is true if the attribute is less than the value. Numbers, text, times and bytes have an order;
// that of text is the order of its UTF-8 bytes. For a range key that is a time, Query.Range
// compares the stored text, which is exact for the spelling of this package.
func LT(v any) Comparison { return Comparison{operator: opLT, operands: []any{v}} }

// LE is true if the attribute is less than or equal to the value.
func LE(v any) Comparison { return Comparison{operator: opLE, operands: []any{v}} }

// GT is true if the attribute is greater than the value.
func GT(v any) Comparison { return Comparison{operator: opGT, operands: []any{v}} }

// GE is true if the attribute is greater than or equal to the value.
func GE(v any) Comparison { return Comparison{operator: opGE, operands: []any{v}} }

// Between is true if the attribute is from low to high, both included. Reversed bounds are an
// error.
func Between(low, high any) Comparison {
	return Comparison{operator: opBetween, operands: []any{low, high}}
}

// BeginsWith is true if the text or bytes begin with the prefix. For a time, the prefix is one of
// the stored text: BeginsWith("2026-05").
func BeginsWith(prefix any) Comparison {
	return Comparison{operator: opBeginsWith, operands: []any{prefix}}
}

// Contains is true if a text contains this part, a set this member, or a document list this
// element.
func Contains(v any) Comparison { return Comparison{operator: opContains, operands: []any{v}} }

// NotContains is true if Contains is not, also for a missing attribute and a missing item.
func NotContains(
	v any,
) Comparison {
	return Comparison{operator: opNotContains, operands: []any{v}}
}

// Exists is true if the attribute exists.
func Exists() Comparison { return Comparison{operator: opExists} }

// NotExists is true if the attribute or the item is missing.
func NotExists() Comparison { return Comparison{operator: opNotExists} }

// In is true if the attribute equals one of the values. If one of them is empty, In is also true if
// the attribute is missing. In needs at least one value. At most it takes as many as fit the 4,096
// bytes of conditions in one request, about 700.
func In[V any](vs ...V) Comparison {
	operands := make([]any, len(vs))
	for i, v := range vs {
		operands[i] = v
	}
	return Comparison{operator: opIn, operands: operands}
}

// Size compares the size of an attribute instead of its value: the length of text or bytes, the
// number of members of a set, or of elements of a document. Attr("members", Size(LT(50))). It
// accepts EQ, NE, LT, LE, GT, GE, Between and In. If the attribute is missing, it is false, except
// with NE.
func Size(c Comparison) Comparison { return Comparison{operator: opSize, size: &c} }

// Condition is true or false for an item. Where and writes take conditions. If a condition is
// invalid, the call that gets it returns an error before it sends a request. One request takes at
// most 300 operators and 4,096 bytes of conditions.
type Condition struct {
	kind       conditionKind
	attribute  string
	comparison Comparison
	parts      []Condition
	expression *rawExpression // of Expr
}

type conditionKind int

const (
	noCondition conditionKind = iota
	ofAttribute
	ofAll
	ofAny
	ofNone
	ofExpression
)

// String returns the name of the function that makes the condition.
func (k conditionKind) String() string {
	return [...]string{noCondition: "", ofAttribute: "Attr", ofAll: "And", ofAny: "Or",
		ofNone: "Not", ofExpression: "Expr"}[k]
}

// Attr returns a condition on one attribute: a name of the schema, or a path into a document, such
// as settings.lang or lines[3].sku. Names that are reserved words of DynamoDB need no escaping.
func Attr(attribute string, c Comparison) Condition {
	return Condition{kind: ofAttribute, attribute: attribute, comparison: c}
}

// And is true if all conditions are.
func And(cs ...Condition) Condition { return Condition{kind: ofAll, parts: cs} }

// Or is true if at least one of the conditions is.
func Or(cs ...Condition) Condition { return Condition{kind: ofAny, parts: cs} }

// Not is true if the condition is not, also for a missing attribute and a missing item.
func Not(c Condition) Condition { return Condition{kind: ofNone, parts: []Condition{c}} }

// shape returns a condition without its operands. Two runs of one query have the same shape.
func (c Condition) shape() string {
	if c.kind == ofAttribute {
		return strconv.Quote(c.attribute) + " " + c.comparison.shape()
	}
	if c.kind == ofExpression {
		return c.expression.shape()
	}
	parts := make([]string, len(c.parts))
	for i, part := range c.parts {
		parts[i] = part.shape()
	}
	return c.kind.String() + "(" + strings.Join(parts, ",") + ")"
}

func (c Comparison) shape() string {
	if c.size != nil {
		return c.operator.String() + " " + c.size.shape()
	}
	shape := c.operator.String()
	for _, r := range c.references() {
		shape += " Ref " + strconv.Quote(r.path)
	}
	return shape
}
