package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// A Reference stands for the stored value of an attribute, in place of a value. Ref makes one.
type Reference struct{ path string }

var referenceType = reflect.TypeFor[Reference]()

// Ref stands for the stored value of another attribute of the same item. An attribute is named as
// in Attr: by its name, or by a path into a document. A Ref stands in place of a value in these
// calls:
//
//   - EQ, NE, LT, LE, GT, GE, Between, In, BeginsWith, Contains and NotContains of a condition,
//     also inside Size: Attr("have", GE(Ref("reserved"))).
//   - Set, SetIfAbsent and Add of an update: Set("previous", Ref("current")).
//   - Append and Prepend of an update, as their only value: the elements of that list.
//
// The service compares and copies stored values, with all 38 digits of a number. Both attributes
// must be stored in one form, as the schema says: numbers, text, times with the same options. A
// comparison with a missing attribute is false, even EQ of two missing attributes. NE is true if
// one of the two attributes is missing, or both are. Keys and Range take no Ref, because DynamoDB
// has none there.
//
// If an update needs a Ref and the item or that attribute is missing, the update returns
// ErrConditionFailed, and nothing is written.
func Ref(attribute string) Reference { return Reference{attribute} }

// errReferenceAsValue is the error of a Ref in a place that takes a value only.
var errReferenceAsValue = errors.New(
	"Ref stands where DynamoDB takes only a value; give a value, or use Ref as its documentation says")

// references lists the references among the operands of a comparison, and of the size in it.
func (c Comparison) references() []Reference {
	if c.size != nil {
		return c.size.references()
	}
	var found []Reference
	for _, operand := range c.operands {
		if r, ok := operand.(Reference); ok {
			found = append(found, r)
		}
	}
	return found
}

// refer resolves a reference beside the attribute of t.
func (w *conditionWriter) refer(t target, r Reference) (target, error) {
	other, err := w.schema.refer(t, r)
	if err == nil && w.check != nil {
		if err = w.check(other.top); err != nil {
			err = fmt.Errorf("Ref(%q): %w", shown.Name(r.path), err)
		}
	}
	if err == nil && other.codec.json {
		err = fmt.Errorf("%q is stored as JSON, and DynamoDB would compare its text; give the field "+
			"%s the option \"document\" to compare its value", shown.Name(r.path), other.goPath)
	}
	return other, err
}

// refer resolves a reference. It refuses one to the attribute of t itself.
func (s *schema) refer(t target, r Reference) (target, error) {
	other, err := s.resolve(r.path)
	switch {
	case err != nil:
		return other, fmt.Errorf("Ref(%q): %w", shown.Name(r.path), err)
	case slices.Equal(t.steps, other.steps):
		return other, fmt.Errorf("Ref(%q) is the attribute itself; name another attribute",
			shown.Name(r.path))
	}
	return other, nil
}

// compareReferences writes a comparison that has a reference among its operands. operand is the
// path of t, or its size.
func (w *conditionWriter) compareReferences(
	t target, operand string, c Comparison,
) (expression.Part, error) {
	if t.queried {
		return expression.Part{}, errors.New(
			"Ref is given, and DynamoDB compares a key with values only; use Where")
	}
	if c.operator == opIn {
		return w.inReferences(t, operand, c)
	}
	others := make([]string, len(c.operands))
	for i := range c.operands {
		text, err := w.writeOperand(t, c, i)
		if err != nil {
			return expression.Part{}, err
		}
		others[i] = text
	}
	switch c.operator {
	case opBetween:
		return expression.Between(operand, others[0], others[1]), nil
	case opBeginsWith:
		return expression.Call("begins_with", operand, others[0]), nil
	case opContains:
		return expression.Call("contains", operand, others[0]), nil
	case opNotContains:
		return expression.Not(expression.Call("contains", operand, others[0])), nil
	}
	return expression.Compare(operand, symbols[c.operator], others[0]), nil
}

// inReferences writes an In. Its values may be stored in several forms, and its references only in
// one.
func (w *conditionWriter) inReferences(
	t target, operand string, c Comparison,
) (expression.Part, error) {
	values := Comparison{operator: opIn}
	var others []string
	for i, one := range c.operands {
		if _, ok := one.(Reference); !ok {
			values.operands = append(values.operands, one)
			continue
		}
		text, err := w.writeOperand(t, c, i)
		if err != nil {
			return expression.Part{}, err
		}
		others = append(others, text)
	}
	var parts []expression.Part
	for some := range slices.Chunk(others, maxIn) {
		parts = append(parts, expression.In(operand, some))
	}
	if len(values.operands) > 0 {
		part, err := w.compareEqual(t, operand, values)
		if err != nil {
			return expression.Part{}, err
		}
		parts = append(parts, part)
	}
	return expression.Or(parts...), nil
}

// writeOperand writes operand i of a comparison: the path of a reference, or a value beside one.
func (w *conditionWriter) writeOperand(t target, c Comparison, i int) (string, error) {
	r, ok := c.operands[i].(Reference)
	if !ok { // the other bound of Between
		value, err := t.orderedOperand(c.operator, c.operands[i])
		if err != nil {
			return "", err
		}
		if at, isTime := t.timeOperand(c.operands[i]); isTime {
			if i == 0 && t.isCut(c.operands[i]) {
				return "", t.newCutError()
			}
			value = t.timeBound(c.operator, i, at, value)
		}
		return w.aliases.Value(value), nil
	}
	other, err := w.refer(t, r)
	if err == nil {
		if err = t.checkComparable(c.operator, other); err != nil {
			err = fmt.Errorf("Ref(%q): %w", shown.Name(r.path), err)
		}
	}
	if err != nil {
		return "", err
	}
	return w.aliases.Path(other.steps), nil
}

// checkComparable returns an error if a comparison of two attributes could never be true, or could
// be wrong.
func (t target) checkComparable(op operator, other target) error {
	stored := t.codec.stored()
	switch op {
	case opContains, opNotContains:
		return t.checkContains(op, other)
	case opBeginsWith:
		if stored != wire.S && stored != wire.B && stored != wire.Invalid {
			return fmt.Errorf("%s is for text or bytes, and the attribute is of type %s", op, stored)
		}
	case opLT, opLE, opGT, opGE, opBetween:
		if !hasOrder(stored) {
			return fmt.Errorf("an attribute of type %s has no order, so that %s cannot compare it; "+
				"use EQ or NE", stored, op)
		}
		if err := t.checkLayoutSorts(); err != nil {
			return err
		}
	}
	return t.checkSameForm(other.field)
}

// checkContains returns an error if the other attribute cannot be a part of the text, a member of
// the set or an element of the list.
func (t target) checkContains(op operator, other target) error {
	holder, goType := t.behindPointers()
	switch holder.wire {
	case wire.Invalid:
		return nil
	case wire.SS, wire.NS, wire.BS:
		if holder.elem != nil {
			return t.memberField(holder.elem, goType).checkSameForm(other.field)
		}
		if member := other.codec.stored(); member != wire.Invalid && setTypes[member] != holder.wire {
			return fmt.Errorf("the attribute is of type %s, and a value of type %s cannot be a member",
				holder.wire, member)
		}
		return nil
	case wire.L:
		return t.elementField(holder, goType).checkSameForm(other.field)
	case wire.S:
		return t.checkSameForm(other.field)
	}
	return fmt.Errorf("%s is for text, sets and lists, and the attribute is of type %s", op,
		holder.wire)
}

// checkSameForm returns an error if two fields are stored in forms that DynamoDB cannot compare.
// Of a field of any type, nothing is known.
func (f *field) checkSameForm(other *field) error {
	mine, its := f.codec.stored(), other.codec.stored()
	if mine == wire.Invalid || its == wire.Invalid {
		return nil
	}
	areTimes := isTimeType(f.valueType()) && isTimeType(other.valueType())
	switch {
	case areTimes && f.timeForm() != other.timeForm():
		return fmt.Errorf("it is a time stored as %s, and the attribute is one stored as %s; "+
			"DynamoDB compares what is stored, so give both fields the same options",
			other.timeForm(), f.timeForm())
	case mine != its:
		return fmt.Errorf("it is of type %s, and the attribute takes one of type %s; DynamoDB "+
			"compares values of one type only", its, mine)
	}
	return nil
}

// timeForm returns the form in which a field of times stores them, for errors.
func (f *field) timeForm() string {
	switch {
	case f.UnixMilli:
		return "a number of milliseconds"
	case f.codec.stored() == wire.N:
		return "a number of seconds"
	case f.Layout != "":
		return "text in the layout " + strconv.Quote(f.Layout)
	}
	return "text in RFC 3339"
}

// referTo makes the change of a clause whose value is a reference.
func (c clause) referTo(s *schema, t target, r Reference) (*change, error) {
	from, err := s.resolve(r.path)
	if err != nil {
		return nil, fmt.Errorf("Ref(%q): %w", shown.Name(r.path), err)
	}
	stored := Comparison{operator: opStored}
	changed := &change{source: &changeSource{operand: newPathExpression(from),
		needed: [][]expression.Step{from.steps}, needs: Attr(r.path, stored)}}
	switch c.method {
	case "Set", "SetIfAbsent":
		if c.method == "SetIfAbsent" {
			changed.kind = setIfAbsent
			changed.source.needs = Or(Attr(c.attr, stored), Attr(r.path, stored))
		}
		if _, err = s.refer(t, r); err == nil {
			err = t.checkCopy(from)
		}
	case "Add":
		changed.kind = addNumber
		switch stored := t.codec.stored(); {
		case stored != wire.N && stored != wire.Invalid, isTimeType(t.valueType()):
			err = fmt.Errorf("the field %s does not hold a number to add to; use Set", t.goPath)
		case from.codec.stored() != wire.N, isTimeType(from.valueType()):
			err = fmt.Errorf("%q does not hold a number; name a number", shown.Name(r.path))
		default:
			err = t.checkCopy(from)
		}
	case "Append", "Prepend":
		changed.kind = appendValues
		if c.method == "Prepend" {
			changed.kind = prependValues
		}
		err = c.checkElements(t, from, r)
	default:
		err = errors.New("Ref is given, and DynamoDB's sets take values only; give the members, or " +
			"use Modify")
	}
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// checkElements returns an error if the elements of another attribute cannot be those of the list.
func (c clause) checkElements(t, other target, r Reference) error {
	holder, list := t.behindPointers()
	from, of := other.behindPointers()
	switch {
	case t.codec.json:
		return newJSONListError(t)
	case holder.wire != wire.Invalid &&
		(holder.wire != wire.L || holder.elem == nil || list.Kind() != reflect.Slice):
		return newGrowError(t, c.method)
	case other.codec.json, from.wire != wire.L || from.elem == nil:
		return fmt.Errorf("%q is no document list, and %s takes the elements of one from a Ref; name "+
			"a list, or use Modify", shown.Name(r.path), c.method)
	case holder.wire == wire.Invalid:
		return nil
	}
	element := target{field: t.elementField(holder, list)}
	return element.checkCopy(target{field: other.elementField(from, of)})
}

// checkCopy returns an error if a stored value of another attribute could be one that t cannot
// decode.
func (t target) checkCopy(from target) error {
	mine, its := t.valueType(), from.valueType()
	areTimes := isTimeType(mine) && isTimeType(its)
	switch {
	case t.isVector() && (!from.isVector() || t.Dimensions != from.Dimensions):
		return fmt.Errorf("the field %s is a vector of %d dimensions, and %s may hold another number "+
			"of them; use a vector of as many dimensions, or Modify", t.goPath, t.Dimensions,
			from.goPath)
	case t.codec.json != from.codec.json:
		one, other := t, from
		if other.codec.json {
			one, other = from, t
		}
		return fmt.Errorf("the field %s is stored as JSON, and %s is not; give both fields the same "+
			"options, or use Modify", one.goPath, other.goPath)
	case t.codec.json && mine == its, !t.codec.json && t.codec.stored() == wire.Invalid:
		return nil
	case areTimes && t.timeForm() == from.timeForm():
		return nil
	case areTimes:
		return fmt.Errorf("the field %s is stored as %s, and %s as %s; give both fields the same "+
			"options, or use Modify", t.goPath, t.timeForm(), from.goPath, from.timeForm())
	case !isTimeType(mine) && mine == its && t.codec.stored() == from.codec.stored(),
		isTextFor(mine, from), isNumberFor(mine, its), isBytes(mine) && isBytes(its) &&
			mine.Kind() == reflect.Slice:
		return nil
	}
	return fmt.Errorf("the field %s is of type %s and takes not every value of %s, which is of type "+
		"%s; use fields of one type, or Modify", t.goPath, t.goType, from.goPath, from.goType)
}

// isTextFor reports whether a type takes every text of an attribute.
func isTextFor(t reflect.Type, from target) bool {
	return t.Kind() == reflect.String && !hasOwnCodec(t) && from.codec.stored() == wire.S
}

// isNumberFor reports whether a type takes every number of another type. A float may round it when
// it is read, as it does with every number.
func isNumberFor(t, from reflect.Type) bool {
	isFloat := func(t reflect.Type) bool {
		return !hasOwnCodec(t) && (t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64)
	}
	switch {
	case isAnyNumber(t) && t != bigIntType:
		return isInteger(from) || isFloat(from) || isAnyNumber(from)
	case t == bigIntType:
		return isInteger(from)
	case isFloat(t):
		return isInteger(from) || isFloat(from) && t.Bits() >= from.Bits()
	case !isInteger(t) || !isInteger(from):
		return false
	}
	signed := func(t reflect.Type) bool { return t.Kind() <= reflect.Int64 }
	switch {
	case signed(t) == signed(from):
		return t.Bits() >= from.Bits()
	case signed(t):
		return t.Bits() > from.Bits()
	}
	return false
}
