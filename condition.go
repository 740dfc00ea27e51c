package dynamapper

import (
	"strconv"
	"strings"
)

// Comparison is what an attribute is compared with: the part of a condition behind the attribute. Its operands go through
// the field's own codec: any Go number fits a number field, any string type a string field. An empty value is a missing
// attribute. A time.Time is compared as an instant, in whichever spelling of UTC another program has
// stored it; an order is wrong about text with another offset than UTC, which no request can tell.
type Comparison struct {
	operator operator
	operands []any
	size     *Comparison // of Size: what its size is compared with
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
)

// String is the function that makes the comparison.
func (o operator) String() string {
	return [...]string{"", "EQ", "NE", "LT", "LE", "GT", "GE", "Between", "BeginsWith", "Contains", "NotContains",
		"Exists", "NotExists", "In", "Size"}[o]
}

// EQ is true of an attribute that equals the value; with an empty value, of one that is missing.
func EQ(v any) Comparison { return Comparison{operator: opEQ, operands: []any{v}} }

// NE is true of an attribute that does not equal the value, a missing one included; with an empty value, of one that is
// there. It is true of a missing item, too: add Exists where that matters.
func NE(v any) Comparison { return Comparison{operator: opNE, operands: []any{v}} }

// LT is true of an attribute less than the value. Order has numbers, text by its UTF-8 bytes, times and bytes. Of a range key
// that is a time, Query.Range compares the stored text, which is exact for the spelling of this package.
func LT(v any) Comparison { return Comparison{operator: opLT, operands: []any{v}} }

// LE is true of an attribute less than or equal to the value.
func LE(v any) Comparison { return Comparison{operator: opLE, operands: []any{v}} }

// GT is true of an attribute greater than the value.
func GT(v any) Comparison { return Comparison{operator: opGT, operands: []any{v}} }

// GE is true of an attribute greater than or equal to the value.
func GE(v any) Comparison { return Comparison{operator: opGE, operands: []any{v}} }

// Between is true of an attribute from low to high, both included. Reversed bounds are an error.
func Between(low, high any) Comparison {
	return Comparison{operator: opBetween, operands: []any{low, high}}
}

// BeginsWith is true of text or bytes that begin with the prefix; for a time, a prefix of the text that is stored:
// BeginsWith("2026-05").
func BeginsWith(prefix any) Comparison {
	return Comparison{operator: opBeginsWith, operands: []any{prefix}}
}

// Contains is true of text with this part, of a set with this member, and of a document list with this element.
func Contains(v any) Comparison { return Comparison{operator: opContains, operands: []any{v}} }

// NotContains is true where Contains is not, also of a missing attribute and of a missing item.
func NotContains(v any) Comparison { return Comparison{operator: opNotContains, operands: []any{v}} }

// Exists is true of an attribute that is there.
func Exists() Comparison { return Comparison{operator: opExists} }

// NotExists is true of an attribute that is missing, and of a missing item.
func NotExists() Comparison { return Comparison{operator: opNotExists} }

// In is true of an attribute that equals one of the values; with an empty value among them, also of a missing one. There
// must be one value at least, and may be as many as the 4,096 bytes of one request's conditions hold, some 700.
func In[V any](vs ...V) Comparison {
	operands := make([]any, len(vs))
	for i, v := range vs {
		operands[i] = v
	}
	return Comparison{operator: opIn, operands: operands}
}

// Size compares the size of an attribute instead of its value: the length of text and of bytes, the members of a set, the
// elements of a document. Attr("members", Size(LT(50))). It is false of a missing attribute, except with NE. It takes EQ, NE,
// LT, LE, GT, GE, Between and In.
func Size(c Comparison) Comparison { return Comparison{operator: opSize, size: &c} }

// Condition is something that is true of an item, or not: for Where, and for writes. What is wrong with one is an error of
// the call that gets it, before anything is sent. One request takes 300 operators and 4,096 bytes of them.
type Condition struct {
	kind       conditionKind
	attribute  string
	comparison Comparison
	parts      []Condition
}

type conditionKind int

const (
	noCondition conditionKind = iota
	ofAttribute
	ofAll
	ofAny
	ofNone
)

// String is the function that makes the condition.
func (k conditionKind) String() string {
	return [...]string{noCondition: "", ofAttribute: "Attr", ofAll: "And", ofAny: "Or", ofNone: "Not"}[k]
}

// Attr is a condition on one attribute: a name of the schema, or a path into a document, such as settings.lang or
// lines[3].sku. Names are aliased, so reserved words need no care.
func Attr(attribute string, c Comparison) Condition {
	return Condition{kind: ofAttribute, attribute: attribute, comparison: c}
}

// And is true where all conditions are.
func And(cs ...Condition) Condition { return Condition{kind: ofAll, parts: cs} }

// Or is true where one of the conditions is.
func Or(cs ...Condition) Condition { return Condition{kind: ofAny, parts: cs} }

// Not is true where the condition is not, also of a missing attribute and of a missing item.
func Not(c Condition) Condition { return Condition{kind: ofNone, parts: []Condition{c}} }

// shape writes a condition without its operands: what two runs of one query have in common.
func (c Condition) shape() string {
	if c.kind == ofAttribute {
		return strconv.Quote(c.attribute) + " " + c.comparison.shape()
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
	return c.operator.String()
}
