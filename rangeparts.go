package dynamapper

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/format"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// encodeHash encodes the hash attributes of a query. The query has the parts of those that have a
// format, and each part once. known has the values of all parts.
func (q *query) encodeHash(p *readPlan) (hash []wire.Raw, known partValues, err error) {
	keys := p.schema.keysOf(p.index)
	parts := partsOf(keys.hash)
	if len(q.hash) != len(parts) {
		return nil, nil, p.newHashError(parts, len(q.hash))
	}
	hash, known = make([]wire.Raw, len(keys.hash)), partValues{}
	e := newEncoder()
	for i, f := range keys.hash {
		if hash[i], err = e.keyFromParts(f, "hash key", parts, q.hash, known); err != nil {
			return nil, nil, err
		}
	}
	return hash, known, nil
}

// newHashError returns the error of a query with too few or too many values.
func (p *readPlan) newHashError(parts []*field, given int) error {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part.attribute
	}
	use := "use Query(" + strings.Join(names, ", ") + ")"
	hash := p.schema.keysOf(p.index).hash
	if len(hash) > 1 {
		return fmt.Errorf("Query has %s, and the hash attributes of the index %q have %s; %s",
			amountOf(given, "value"), p.index.name, amountOf(len(parts), "part"), use)
	}
	return fmt.Errorf("Query has %s, and the hash key %q has %s; %s", amountOf(given, "value"),
		hash[0].attribute, amountOf(len(parts), "part"), use)
}

// rangeWriter writes the conditions on the range attributes of a query, from the left. Each
// attribute but the last one with a condition has an equality.
type rangeWriter struct {
	plan  *readPlan
	given int          // the number of comparisons
	rest  []Comparison // those that are not written yet
	known partValues   // the parts that have one value in all items of the query
	parts []expression.Part
}

// writeRange returns the conditions on the range attributes of a query. known has the parts of the
// hash key.
func (p *readPlan) writeRange(
	rng []*field, comparisons []Comparison, known partValues,
) ([]expression.Part, error) {
	w := rangeWriter{plan: p, given: len(comparisons), rest: comparisons, known: known}
	for _, f := range rng {
		write := w.writeAttribute
		if f.computed != nil {
			write = w.writeComputed
		}
		isEqual, err := write(f)
		if err != nil {
			return nil, err
		}
		if !isEqual {
			return w.parts, nil
		}
	}
	if len(w.rest) > 0 {
		return nil, w.newTooManyError(rng)
	}
	return w.parts, nil
}

// writeAttribute writes the condition on a range attribute without a format. It reports whether
// this is an equality, so that the next attribute can have a condition.
func (w *rangeWriter) writeAttribute(f *field) (isEqual bool, err error) {
	if len(w.rest) == 0 {
		return false, nil
	}
	if value := w.known[f]; value != "" {
		w.compare(f, format.Equal, value)
		return true, nil
	}
	c := w.rest[0]
	if err := w.checkOrder(c, len(w.rest)); err != nil {
		return false, fmt.Errorf("Range on %q: %w", f.attribute, err)
	}
	w.rest = w.rest[1:]
	of := conditionWriter{schema: w.plan.schema, aliases: &w.plan.aliases}
	if c.operator != opEQ {
		part, err := of.writeRange(f, c)
		w.parts = append(w.parts, part)
		return false, err
	}
	value, err := w.plan.schema.encodeKeyPart(f, "range key", c.operands[0])
	if err != nil {
		return false, err
	}
	w.known[f] = value
	w.compare(f, format.Equal, value)
	return true, w.plan.checkIndexed(f, "range key", value)
}

// checkOrder refuses a comparison that is not EQ before the last of n comparisons.
func (w *rangeWriter) checkOrder(c Comparison, n int) error {
	if n == 1 || c.operator == opEQ {
		return nil
	}
	return fmt.Errorf("RangeParts has %s before its last comparison; all but the last one are EQ",
		c.operator)
}

// writeComputed writes the condition on a range attribute with a format: its parts fulfil the next
// comparisons, and without any it begins with what is known. It reports whether the condition is an
// equality.
func (w *rangeWriter) writeComputed(f *field) (isEqual bool, err error) {
	condition, err := w.formatted(f)
	if err != nil || condition.Operator == format.None {
		return false, err
	}
	w.plan.tellsEntity = w.plan.tellsEntity || f.computed.format.Prefix() != ""
	name := w.plan.aliases.Name(f.attribute)
	value := func(text string) string { return w.plan.aliases.Value(wire.NewText(text)) }
	switch condition.Operator {
	case format.BeginsWith:
		w.parts = append(w.parts, expression.Call("begins_with", name, value(condition.Low)))
	case format.Between:
		w.parts = append(w.parts,
			expression.Between(name, value(condition.Low), value(condition.High)))
	default:
		w.compare(f, condition.Operator, wire.NewText(condition.Low))
	}
	return condition.Operator == format.Equal, nil
}

func (w *rangeWriter) compare(f *field, op format.Operator, value wire.Raw) {
	w.parts = append(w.parts, expression.Compare(w.plan.aliases.Name(f.attribute), op.Symbol(),
		w.plan.aliases.Value(value)))
}

// formatted returns the condition on the text of a range attribute with a format. It takes as many
// comparisons as the format has parts that are not known.
func (w *rangeWriter) formatted(f *field) (format.Condition, error) {
	texts := map[string]string{}
	for part, value := range w.known {
		texts[part.attribute] = partText(value)
	}
	rest, err := f.computed.format.Fix(texts)
	if err != nil {
		return format.Condition{}, f.newRangeError(nil, err)
	}
	for len(w.rest) > 0 && len(rest.Parts()) > 0 {
		part, c := f.partNamed(rest.Parts()[0].Name), w.rest[0]
		if err := w.checkOrder(c, len(w.rest)); err != nil {
			return format.Condition{}, f.newRangeError(part, err)
		}
		w.rest = w.rest[1:]
		if c.operator != opEQ {
			return w.plan.schema.conditionOn(f, part, rest, c)
		}
		value, err := w.plan.schema.encodeKeyPart(part, "key part", c.operands[0])
		if err == nil {
			w.known[part] = value
			rest, err = rest.Fix(map[string]string{part.attribute: partText(value)})
		}
		if err != nil {
			return format.Condition{}, f.newRangeError(part, err)
		}
	}
	return rest.All(), nil
}

// conditionOn returns the condition of a comparison with the first part of a format.
func (s *schema) conditionOn(
	f, part *field, of *format.Format, c Comparison,
) (format.Condition, error) {
	op, operands, err := s.compareAsPart(part, of.Parts()[0], c)
	var condition format.Condition
	if err == nil {
		condition, err = of.First(op, operands...)
	}
	if err != nil {
		return condition, f.newRangeError(part, err)
	}
	return condition, nil
}

func (f *field) partNamed(attribute string) *field {
	return f.computed.parts[f.computed.format.Index(attribute)]
}

// newTooManyError returns the error of comparisons for which the range attributes have no part.
func (w *rangeWriter) newTooManyError(rng []*field) error {
	var names []string
	for _, part := range partsOf(rng) {
		names = append(names, part.attribute)
	}
	free := w.given - len(w.rest)
	switch {
	case len(rng) > 1:
		return fmt.Errorf("RangeParts has %s, and the range attributes of the index %q have %s to "+
			"compare, from %s; leave the rest out", amountOf(w.given, "comparison"),
			w.plan.index.name, amountOf(free, "part"), strings.Join(names, ", "))
	case free == 0:
		return fmt.Errorf("Range is given, and the range key %q has no part that the hash key does "+
			"not have; remove Range", rng[0].attribute)
	case rng[0].computed == nil:
		return fmt.Errorf("RangeParts has %d comparisons, and the range key %q has no format; give one",
			w.given, rng[0].attribute)
	}
	return fmt.Errorf("RangeParts has %s, and the range key %q has %s to compare; leave the rest "+
		"out", amountOf(w.given, "comparison"), rng[0].attribute, amountOf(free, "part"))
}

// newRangeError places an error at the range key, and at its part unless that is nil.
func (f *field) newRangeError(part *field, err error) error {
	if part == nil {
		return fmt.Errorf("Range on %q: %w", f.attribute, err)
	}
	return fmt.Errorf("Range on %q, part %q: %w", f.attribute, part.attribute, err)
}

// compareAsPart returns a comparison, but for EQ, with a field as a part of a range key: the
// operator and the texts of its operands.
func (s *schema) compareAsPart(
	f *field, in format.Part, c Comparison,
) (op format.Operator, texts []string, err error) {
	t := target{field: f, top: f, steps: []expression.Step{{Name: f.attribute}}, queried: true}
	switch c.operator {
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
	if t.Layout != "" && !sortsAsTime(t.Layout) {
		return 0, nil, fmt.Errorf("times in the layout %q do not sort as text, which is how DynamoDB "+
			"compares keys; use a layout that goes from the year to the fraction, or none", t.Layout)
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
