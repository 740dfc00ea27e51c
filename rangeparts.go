package dynamapper

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/format"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// encodeHash encodes the hash key of a query. If it has a format, the query has its parts, which
// encodeHash returns, too.
func (q *query) encodeHash(hash *field) (value wire.Raw, known partValues, err error) {
	if hash.computed == nil {
		if len(q.hash) != 1 {
			return "", nil, newHashError(hash, []*field{hash}, len(q.hash))
		}
		value, err = q.table.schema.encodeKeyPart(hash, "hash key", q.hash[0])
		return value, nil, err
	}
	parts := hash.computed.parts
	if len(q.hash) != len(parts) {
		return "", nil, newHashError(hash, parts, len(q.hash))
	}
	known = partValues{}
	value, err = newEncoder().keyFromParts(hash, parts, q.hash, known)
	return value, known, err
}

func newHashError(hash *field, parts []*field, given int) error {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part.attribute
	}
	return fmt.Errorf("Query has %s, and the hash key %q has %s; use Query(%s)",
		amountOf(given, "value"), hash.attribute, amountOf(len(parts), "part"),
		strings.Join(names, ", "))
}

// writeRangeKey returns the condition on the range key of a query, or false if there is none.
// comparisons are those of Range or RangeParts; known has the parts of the hash key.
func (p *readPlan) writeRangeKey(
	rng *field, comparisons []Comparison, known partValues,
) (part expression.Part, given bool, err error) {
	if rng.computed != nil {
		condition, err := p.schema.rangeOf(rng, comparisons, known)
		if err != nil {
			return part, false, err
		}
		part, given = p.writeFormatted(rng, condition)
		return part, given, nil
	}
	switch len(comparisons) {
	case 0:
		return part, false, nil
	case 1:
	default:
		return part, false, fmt.Errorf("RangeParts has %d comparisons, and the range key %q has no "+
			"format; give one", len(comparisons), rng.attribute)
	}
	w := conditionWriter{schema: p.schema, aliases: &p.aliases}
	if part, err = w.writeRange(rng, comparisons[0]); err == nil {
		err = p.checkRange(rng, comparisons[0])
	}
	return part, true, err
}

// rangeOf returns the condition on the text of a range key with a format. All comparisons but the
// last one must be EQ.
func (s *schema) rangeOf(
	f *field, comparisons []Comparison, known partValues,
) (format.Condition, error) {
	of := f.computed.format
	texts := map[string]string{}
	for part, value := range known {
		texts[part.attribute] = partText(value)
	}
	rest, err := of.Fix(texts)
	if err != nil {
		return format.Condition{}, f.newRangeError(nil, err)
	}
	for i, c := range comparisons {
		if len(rest.Parts()) == 0 {
			return format.Condition{}, f.newTooManyError(len(comparisons), i)
		}
		part := f.partNamed(rest.Parts()[0].Name)
		op, operands, err := s.compareAsPart(part, rest.Parts()[0], c)
		if err != nil {
			return format.Condition{}, f.newRangeError(part, err)
		}
		if i == len(comparisons)-1 {
			condition, err := rest.First(op, operands...)
			if err != nil {
				return condition, f.newRangeError(part, err)
			}
			return condition, nil
		}
		if op != format.Equal {
			return format.Condition{}, f.newRangeError(part, fmt.Errorf("RangeParts has %s before its "+
				"last comparison; all but the last one are EQ", c.operator))
		}
		if rest, err = rest.Fix(map[string]string{part.attribute: operands[0]}); err != nil {
			return format.Condition{}, f.newRangeError(part, err)
		}
	}
	return rest.All(), nil
}

func (f *field) partNamed(attribute string) *field {
	return f.computed.parts[f.computed.format.Index(attribute)]
}

// newTooManyError returns the error of comparisons for which the format has no part. free is the
// number of parts that the query can compare.
func (f *field) newTooManyError(given, free int) error {
	if free == 0 {
		return fmt.Errorf("Range is given, and the range key %q has no part that the hash key does "+
			"not have; remove Range", f.attribute)
	}
	return fmt.Errorf("RangeParts has %s, and the range key %q has %s to compare; leave the rest "+
		"out", amountOf(given, "comparison"), f.attribute, amountOf(free, "part"))
}

// newRangeError places an error at the range key, and at its part unless that is nil.
func (f *field) newRangeError(part *field, err error) error {
	if part == nil {
		return fmt.Errorf("Range on %q: %w", f.attribute, err)
	}
	return fmt.Errorf("Range on %q, part %q: %w", f.attribute, part.attribute, err)
}

// compareAsPart returns a comparison with a field as a part of a range key: the operator and the
// texts of its operands.
func (s *schema) compareAsPart(
	f *field, in format.Part, c Comparison,
) (op format.Operator, texts []string, err error) {
	t := target{field: f, top: f, steps: []expression.Step{{Name: f.attribute}}, queried: true}
	switch c.operator {
	case opEQ:
		value, err := s.encodeKeyPart(f, "key part", c.operands[0])
		return format.Equal, []string{partText(value)}, err
	case opBeginsWith:
		value, err := t.partOperand(c, "text")
		return format.BeginsWith, []string{partText(value)}, err
	case opLT, opLE, opGT, opGE, opBetween:
		if f.codec.stored() == wire.N && in.Width == 0 {
			return 0, nil, fmt.Errorf("%s compares text, in which numbers of unequal length do not "+
				"sort; pad the number in the format, as in {%s:10}", c.operator, in.Name)
		}
		return t.orderAsPart(c)
	}
	return 0, nil, newRangeOperatorError(c.operator)
}

// orderAsPart encodes the operands of a comparison that needs an order as parts.
func (t target) orderAsPart(c Comparison) (format.Operator, []string, error) {
	if t.layout != "" && !sortsAsTime(t.layout) {
		return 0, nil, fmt.Errorf("times in the layout %q do not sort as text, which is how DynamoDB "+
			"compares keys; use a layout that goes from the year to the fraction, or none", t.layout)
	}
	values, texts := make([]wire.Raw, len(c.operands)), make([]string, len(c.operands))
	for i, operand := range c.operands {
		value, err := t.orderedOperand(c.operator, operand)
		if err != nil {
			return 0, nil, err
		}
		values[i], texts[i] = value, partText(value)
	}
	isCut := t.isCutAsPart(c.operands[0])
	switch c.operator {
	case opBetween:
		if isCut {
			return 0, nil, errors.New("the lower bound of Between is more exact than the stored time; " +
				"cut it to that, or use GT")
		}
		return format.Between, texts, checkBetween(values[0], values[1])
	case opLT:
		if isCut { // a stored time is less than the exact one if it is at most the cut one
			return format.LessEqual, texts, nil
		}
		return format.Less, texts, nil
	case opLE:
		return format.LessEqual, texts, nil
	case opGE:
		if !isCut {
			return format.GreaterEqual, texts, nil
		}
	}
	return format.Greater, texts, nil
}

// isCutAsPart reports whether a time is more exact than the field stores it.
func (t target) isCutAsPart(operand any) bool {
	given, isTime := t.timeOperand(operand)
	return isTime && !t.storedForm(given).Equal(given)
}

// writeFormatted writes a condition on a text. It returns false if there is none.
func (p *readPlan) writeFormatted(
	f *field, c format.Condition,
) (part expression.Part, given bool) {
	if c.Operator == format.None {
		return part, false
	}
	name := p.aliases.Name(f.attribute)
	value := func(text string) string { return p.aliases.Value(wire.NewText(text)) }
	switch c.Operator {
	case format.BeginsWith:
		return expression.Call("begins_with", name, value(c.Low)), true
	case format.Between:
		return expression.Between(name, value(c.Low), value(c.High)), true
	}
	return expression.Compare(name, c.Operator.Symbol(), value(c.Low)), true
}

// filterEntity returns the condition that leaves the items of other entities out, or false if the
// read needs none: if the model is no entity, or if the key condition of a query leaves them out
// and the items that it lets through can be looked at. The service counts without looking.
func (t *table) filterEntity(p *readPlan, purpose purpose) (part expression.Part, given bool) {
	entity := t.schema.entity
	if entity == nil || p.tellsEntity && purpose == giveItems {
		return part, false
	}
	name := p.aliases.Name(entity.attribute)
	part = expression.Compare(name, "=", p.aliases.Value(wire.NewText(t.schema.entityName())))
	if t.unmarked {
		part = expression.Or(part, expression.Call("attribute_not_exists", name))
	}
	return part, true
}
