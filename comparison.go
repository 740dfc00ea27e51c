package dynamapper

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxIn is the largest number of values in one IN.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxIn = 100

// conditionWriter writes conditions as an expression of one request. It refuses every condition
// that is wrong for the schema.
type conditionWriter struct {
	schema  *schema
	aliases *expression.Aliases
	check   func(*field) error // refuses an attribute that the request does not accept; may be nil
}

// writeAll writes conditions that must all be true.
func (w *conditionWriter) writeAll(
	conditions []Condition, also ...expression.Part,
) (expression.Part, error) {
	parts, err := w.writeEach(conditions)
	if parts = append(parts, also...); err != nil || len(parts) == 0 {
		return expression.Part{}, err
	}
	whole := expression.And(parts...)
	if !whole.Fits() {
		return whole, fmt.Errorf(
			"the conditions have %d operators and %d bytes, and DynamoDB takes %d and %d in one "+
				"request; send several requests, each with some of the values", whole.Operators(),
			len(*whole.Text()), expression.MaxOperators, expression.MaxBytes)
	}
	return whole, nil
}

func (w *conditionWriter) writeEach(conditions []Condition) ([]expression.Part, error) {
	parts := make([]expression.Part, len(conditions))
	for i, c := range conditions {
		part, err := w.write(c)
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	return parts, nil
}

func (w *conditionWriter) write(c Condition) (expression.Part, error) {
	switch c.kind {
	case noCondition:
		return expression.Part{}, errors.New(
			"a condition is empty; make it with Attr, And, Or or Not")
	case ofExpression:
		part, err := w.writeExpression(c.expression)
		if err != nil {
			return part, fmt.Errorf("Expr(%q): %w", shown.Name(c.expression.text), err)
		}
		return part, nil
	case ofAttribute:
		part, err := w.writeAttribute(c)
		if err != nil {
			return part, fmt.Errorf("the condition on %q: %w", shown.Name(c.attribute), err)
		}
		return part, nil
	}
	if len(c.parts) == 0 {
		return expression.Part{}, fmt.Errorf(
			"%[1]s contains no condition; give %[1]s a condition, or leave %[1]s out", c.kind)
	}
	parts, err := w.writeEach(c.parts)
	switch {
	case err != nil:
		return expression.Part{}, err
	case c.kind == ofAll:
		return expression.And(parts...), nil
	case c.kind == ofAny:
		return expression.Or(parts...), nil
	}
	return expression.Not(parts[0]), nil
}

func (w *conditionWriter) writeAttribute(c Condition) (expression.Part, error) {
	t, err := w.schema.resolve(c.attribute)
	if err != nil {
		return expression.Part{}, err
	}
	if w.check != nil {
		if err := w.check(t.top); err != nil {
			return expression.Part{}, err
		}
	}
	if t.codec.json && c.comparison.operator != opStored {
		return w.compareJSON(t, c.comparison)
	}
	return w.compare(t, c.comparison)
}

// compareJSON writes a comparison with an attribute stored as JSON. It can only ask whether the
// attribute holds anything.
func (w *conditionWriter) compareJSON(t target, c Comparison) (expression.Part, error) {
	exists, ok := t.asksForAnything(c)
	if !ok {
		return expression.Part{}, fmt.Errorf(
			"the attribute is stored as JSON, and DynamoDB can only test whether it exists; "+
				"give the field %s the option \"document\" to compare its value", t.goPath)
	}
	path := w.aliases.Path(t.steps)
	function, operator, join := "attribute_not_exists", opEQ, expression.Or
	if exists {
		function, operator, join = "attribute_exists", opNE, expression.And
	}
	parts := []expression.Part{expression.Call(function, path)}
	for _, empty := range t.emptyJSON() {
		text := w.aliases.Value(wire.NewText(empty))
		parts = append(parts, expression.Compare(path, symbols[operator], text))
	}
	return join(parts...), nil
}

// asksForAnything reports whether a comparison asks only whether the attribute holds anything, or
// nothing. EQ and NE with an empty value do.
func (t target) asksForAnything(c Comparison) (exists, ok bool) {
	switch c.operator {
	case opExists, opNotExists:
		return c.operator == opExists, true
	case opEQ, opNE:
		value, err := t.encodeOperand(c.operands[0])
		return c.operator == opNE, err == nil && (value == "" || t.isEmptyJSONText(value))
	}
	return false, false
}

// isEmptyJSONText reports whether a value is an empty list or map that stands in an interface.
func (f *field) isEmptyJSONText(value wire.Raw) bool {
	return f.goType.Kind() == reflect.Interface && value.Type() == wire.S &&
		slices.Contains(f.emptyJSON(), value.Text())
}

// emptyJSON lists the texts that may be stored for an empty value in place of a missing attribute.
// Versions of the original mapper before 1.8 store them. A pointer to an empty value is not empty,
// and is stored as such a text.
func (f *field) emptyJSON() []string {
	switch f.goType.Kind() {
	case reflect.Slice, reflect.Array:
		return []string{"[]"}
	case reflect.Map, reflect.Struct:
		return []string{"{}"}
	case reflect.Interface:
		return []string{"[]", "{}"}
	}
	return nil
}

var errNoComparison = errors.New("the comparison is empty; make it with a function such as EQ")

func (w *conditionWriter) compare(t target, c Comparison) (expression.Part, error) {
	path := w.aliases.Path(t.steps)
	if c.operator != opSize && len(c.references()) > 0 {
		return w.compareReferences(t, path, c)
	}
	switch c.operator {
	case opEQ, opNE, opIn:
		return w.compareEqual(t, path, c)
	case opLT, opLE, opGT, opGE, opBetween:
		return w.compareOrder(t, path, c)
	case opBeginsWith:
		value, err := t.partOperand(c, "text or bytes")
		if err != nil {
			return expression.Part{}, err
		}
		return expression.Call("begins_with", path, w.aliases.Value(value)), nil
	case opContains, opNotContains:
		values, err := t.memberOperands(c)
		if err != nil {
			return expression.Part{}, err
		}
		parts := make([]expression.Part, len(values))
		for i, value := range values {
			parts[i] = expression.Call("contains", path, w.aliases.Value(value))
		}
		contains := expression.Or(parts...)
		if c.operator == opNotContains {
			return expression.Not(contains), nil
		}
		return contains, nil
	case opExists, opStored:
		return expression.Call("attribute_exists", path), nil
	case opNotExists:
		return expression.Call("attribute_not_exists", path), nil
	case opSize:
		return w.compareSize(t, path, *c.size)
	}
	return expression.Part{}, errNoComparison
}

// symbols maps comparisons to the operators of expressions.
var symbols = map[operator]string{opEQ: "=", opNE: "<>", opLT: "<", opLE: "<=", opGT: ">",
	opGE: ">="}

// compareOrder writes LT, LE, GT, GE and Between.
func (w *conditionWriter) compareOrder(
	t target, path string, c Comparison,
) (expression.Part, error) {
	if t.comparesInstants(c) {
		return w.compareInstants(t, path, c)
	}
	op, values, err := t.orderedOperands(c)
	if err != nil {
		return expression.Part{}, err
	}
	return w.order(path, op, values), nil
}

// order writes a comparison of encoded operands that needs an order.
func (w *conditionWriter) order(
	path string, op operator, values []wire.Raw,
) expression.Part {
	if op == opBetween {
		return expression.Between(path, w.aliases.Value(values[0]), w.aliases.Value(values[1]))
	}
	return expression.Compare(path, symbols[op], w.aliases.Value(values[0]))
}

// compareEqual writes EQ, NE and In. A value may be stored in several forms, and an empty one as a
// missing attribute.
func (w *conditionWriter) compareEqual(
	t target, path string, c Comparison,
) (expression.Part, error) {
	if len(c.operands) == 0 {
		return expression.Part{}, errors.New(
			"In has no value, so it would never be true; give In a value")
	}
	values, missing, err := t.storedOperands(c)
	if err != nil {
		return expression.Part{}, err
	}
	parts := w.writeEqual(path, c.operator, values)
	switch {
	case missing && c.operator == opNE:
		parts = append(parts, expression.Call("attribute_exists", path))
	case missing:
		parts = append(parts, expression.Call("attribute_not_exists", path))
	}
	if c.operator == opNE {
		return expression.And(parts...), nil
	}
	return expression.Or(parts...), nil
}

// writeEqual compares with each of the values. For NE all parts must be true, otherwise one of
// them.
func (w *conditionWriter) writeEqual(
	path string, op operator, values []wire.Raw,
) []expression.Part {
	var parts []expression.Part
	if op == opIn || len(values) > 2 { // IN is one operator for any number of values
		parts = w.writeIn(path, values)
		for i := range parts {
			if op == opNE {
				parts[i] = expression.Not(parts[i])
			}
		}
		return parts
	}
	for _, value := range values {
		parts = append(parts, expression.Compare(path, symbols[op], w.aliases.Value(value)))
	}
	return parts
}

// writeIn writes as many INs as the values need.
func (w *conditionWriter) writeIn(path string, values []wire.Raw) []expression.Part {
	var parts []expression.Part
	for some := range slices.Chunk(values, maxIn) {
		names := make([]string, len(some))
		for i, value := range some {
			names[i] = w.aliases.Value(value)
		}
		parts = append(parts, expression.In(path, names))
	}
	return parts
}

// compareSize compares a size, which is a number.
func (w *conditionWriter) compareSize(
	t target, path string, c Comparison,
) (expression.Part, error) {
	switch t.codec.stored() {
	case wire.N, wire.BOOL:
		return expression.Part{}, fmt.Errorf(
			"an attribute of type %s has no size; compare its value", t.codec.stored())
	}
	switch c.operator {
	case opEQ, opNE, opLT, opLE, opGT, opGE, opBetween, opIn:
	case noOperator:
		return expression.Part{}, errNoComparison
	default:
		return expression.Part{}, fmt.Errorf(
			"Size does not take %s; use EQ, NE, LT, LE, GT, GE, Between or In", c.operator)
	}
	if slices.ContainsFunc(c.operands, isNil) {
		return expression.Part{}, errors.New(
			"a size is compared with nil, and every stored value has a size; give a number, or " +
				"use Exists or NotExists")
	}
	for _, operand := range c.operands {
		v := reflect.ValueOf(operand)
		if v.Type() != referenceType && !v.CanInt() && !v.CanUint() && !v.CanFloat() {
			return expression.Part{}, fmt.Errorf(
				"Size compares with a number, and a value of type %T is given; give an int",
				operand)
		}
	}
	size := target{
		field: &field{goPath: "Size", attribute: t.attribute, goType: reflect.TypeFor[int](),
			codec: makeIntCodec[int](reflect.TypeFor[int]())}}
	switch {
	case len(c.references()) > 0:
		return w.compareReferences(size, expression.Size(path), c)
	case c.operator == opEQ, c.operator == opNE, c.operator == opIn:
		return w.compareEqual(size, expression.Size(path), c)
	}
	op, values, err := size.orderedOperands(c)
	if err != nil {
		return expression.Part{}, err
	}
	return w.order(expression.Size(path), op, values), nil
}

// storedOperands encodes operands in every form in which the field's value may be stored, and
// reports whether a missing attribute is one of them.
func (t target) storedOperands(
	c Comparison,
) (values []wire.Raw, missing bool, err error) {
	for _, operand := range c.operands {
		value, err := t.encodeOperand(operand)
		if err != nil {
			return nil, false, spreadHint(err, c, operand)
		}
		missing = missing || value == "" || t.leavesOut(value)
		if value == "" && t.element {
			value = wire.Null
		}
		if value != "" {
			values = append(values, value)
		}
		values = append(values, t.otherForms(operand, value)...)
	}
	return values, missing, nil
}

// otherForms returns values that the field decodes to the operand, except the value that the
// field's codec writes. Other programs may have stored them.
func (f *field) otherForms(operand any, value wire.Raw) []wire.Raw {
	if value.Type() == wire.BOOL && f.isBool() {
		// The number is as the original mapper stores it.
		if value.Bool() {
			return []wire.Raw{wire.NewNumber("1"), wire.NewText("true")}
		}
		return []wire.Raw{wire.NewNumber("0"), wire.NewText("false")}
	}
	if at, ok := f.timeOperand(operand); ok {
		return f.otherTimeForms(at, value)
	}
	if value.Type() == wire.N && isAnyNumber(f.valueType()) {
		return []wire.Raw{wire.NewText(value.Text())}
	}
	given, ok := f.textOperand(operand)
	if ok && value.Type() == wire.S && value.Text() != given {
		return []wire.Raw{wire.NewText(given)}
	}
	return nil
}

// isBool reports whether the field is a bool without methods of its own. The codec of such a field
// also decodes numbers.
func (f *field) isBool() bool {
	t := f.valueType()
	return t.Kind() == reflect.Bool && !hasOwnCodec(t)
}

// spreadHint completes the error of a slice that was given to In as one value.
func spreadHint(err error, c Comparison, operand any) error {
	if c.operator == opIn && reflect.TypeOf(operand).Kind() == reflect.Slice {
		return fmt.Errorf("%w; pass the elements of a slice as In(values...)", err)
	}
	return err
}

// orderedOperands encodes the operands of a comparison that needs an order, and returns the
// operator that fits them.
func (t target) orderedOperands(c Comparison) (operator, []wire.Raw, error) {
	if err := t.checkLayoutSorts(); err != nil {
		return 0, nil, err
	}
	values := make([]wire.Raw, len(c.operands))
	for i, operand := range c.operands {
		value, err := t.orderedOperand(c.operator, operand)
		if err != nil {
			return 0, nil, err
		}
		if at, isTime := t.timeOperand(operand); isTime {
			value = t.timeBound(c.operator, i, at, value)
		}
		values[i] = value
	}
	switch {
	case c.operator == opBetween:
		return t.betweenOperands(c, values)
	case c.operator == opLT && t.isCut(c.operands[0]):
		// A stored time is less than the exact time if it is at most the cut one.
		return opLE, values, nil
	case c.operator == opGE && t.isCut(c.operands[0]):
		return opGT, values, nil
	}
	return c.operator, values, nil
}

// checkLayoutSorts refuses an order of times in a layout whose texts sort otherwise.
func (t target) checkLayoutSorts() error {
	if t.Layout == "" || sortsAsTime(t.Layout) {
		return nil
	}
	return fmt.Errorf(
		"times in the layout %q do not sort as text, which is how DynamoDB compares them; "+
			"use a layout that goes from the year to the fraction of a second, or no "+
			"layout", t.Layout)
}

func (t target) orderedOperand(op operator, operand any) (wire.Raw, error) {
	if !hasOrder(t.codec.stored()) {
		return "", fmt.Errorf(
			"an attribute of type %s has no order, so that %s cannot compare it; use EQ or NE",
			t.codec.stored(), op)
	}
	encode := t.encodeOperand
	if t.queried {
		encode = func(value any) (wire.Raw, error) {
			e := newEncoder()
			err := e.keyOperand(t.field, value)
			return e.taken(0), err
		}
	}
	value, err := encode(operand)
	switch {
	case err != nil:
		return "", err
	case isEmptyKey(value):
		return "", fmt.Errorf(
			"the value of %s is empty, which means a missing attribute and has no order; give "+
				"another value, or leave the comparison out", op)
	case !hasOrder(value.Type()):
		return "", fmt.Errorf(
			"a value of type %s has no order, so that %s cannot compare it; use EQ or NE",
			value.Type(), op)
	}
	return value, nil
}

// isCut reports whether a time is more precise than the field's layout stores it.
func (t target) isCut(operand any) bool {
	given, isTime := t.timeOperand(operand)
	return isTime && t.Layout != "" && !t.storedForm(given).Equal(given)
}

// betweenOperands checks the bounds of Between.
func (t target) betweenOperands(
	c Comparison, values []wire.Raw,
) (operator, []wire.Raw, error) {
	if err := checkBetween(values[0], values[1]); err != nil {
		return opBetween, values, err
	}
	if t.isCut(c.operands[0]) {
		return 0, nil, t.newCutError()
	}
	return opBetween, values, nil
}

func (t target) newCutError() error {
	return fmt.Errorf(
		"the lower bound of Between is more exact than the layout %q; cut the bound to the "+
			"layout, or use GT", t.Layout)
}

// hasOrder reports whether values of a type have an order. Invalid stands for an attribute of any
// type.
func hasOrder(t wire.Type) bool {
	return t == wire.S || t == wire.N || t == wire.B || t == wire.Invalid
}

// checkBetween refuses bounds of different types or in the wrong order.
func checkBetween(low, high wire.Raw) error {
	if low.Type() != high.Type() {
		return fmt.Errorf("the bounds of Between are of types %s and %s; give two bounds of "+
			"one type",
			low.Type(), high.Type())
	}
	order := 0
	switch low.Type() {
	case wire.S:
		order = strings.Compare(low.Text(), high.Text())
	case wire.N:
		order, _ = wire.CompareNumbers(low.Text(), high.Text())
	case wire.B:
		order = bytes.Compare(low.Bytes(), high.Bytes())
	}
	if order > 0 {
		return errors.New("the bounds of Between are reversed; give the lower bound first")
	}
	return nil
}

// sortingTimes lists times in ascending order. Each part of a time is in some later one shorter,
// and in some later one earlier in the alphabet.
var sortingTimes = []time.Time{
	time.Date(1999, time.December, 31, 23, 59, 59, 0, time.UTC),
	time.Date(2009, time.September, 8, 9, 8, 9, 98765432, time.UTC),
	time.Date(2009, time.September, 8, 9, 8, 9, 123456789, time.UTC),
	time.Date(2009, time.September, 8, 9, 8, 10, 0, time.UTC),
	time.Date(2009, time.September, 8, 9, 8, 10, 100000000, time.UTC),
	time.Date(2009, time.September, 8, 9, 8, 10, 150000000, time.UTC),
	time.Date(2009, time.September, 8, 9, 10, 1, 1, time.UTC),
	time.Date(2009, time.September, 8, 13, 1, 1, 1, time.UTC),
	time.Date(2009, time.September, 10, 1, 1, 1, 1, time.UTC),
	time.Date(2009, time.October, 1, 1, 1, 1, 1, time.UTC),
	time.Date(2010, time.January, 1, 1, 1, 1, 1, time.UTC),
}

// sortsAsTime reports whether the texts of a layout sort in the order of the times that they are
// read back as.
func sortsAsTime(layout string) bool {
	texts, times := make([]string, len(sortingTimes)), make([]time.Time, len(sortingTimes))
	for i, sample := range sortingTimes {
		texts[i] = sample.Format(layout)
		read, err := time.Parse(layout, texts[i])
		if err != nil {
			return false
		}
		times[i] = read
		for earlier := range i {
			if times[earlier].Compare(read) != strings.Compare(texts[earlier], texts[i]) {
				return false
			}
		}
	}
	return true
}

// partOperand returns the operand of BeginsWith, or of Contains for text. It is a part of the
// stored value, and need not be a value of the field.
func (t target) partOperand(c Comparison, of string) (wire.Raw, error) {
	stored := t.codec.stored()
	if stored == wire.N && isTimeType(t.valueType()) {
		return "", fmt.Errorf("%s is for %s, and the time is stored as a number; use Between",
			c.operator, of)
	}
	switch {
	case stored != wire.S && stored != wire.B && stored != wire.Invalid:
		return "", fmt.Errorf("%s is for %s, and the attribute is of type %s", c.operator, of,
			stored)
	case isNil(c.operands[0]):
		return "", fmt.Errorf("the value of %s is nil; use Exists or NotExists", c.operator)
	}
	value, err := t.encodePart(c)
	switch {
	case err != nil:
		return "", err
	case isEmptyKey(value):
		return "", fmt.Errorf(
			"the value of %s is empty, and every text contains the empty text; give a part of "+
				"the text, or leave the comparison out", c.operator)
	case value.Type() != wire.S && value.Type() != wire.B:
		return "", fmt.Errorf("%s is for %s, and a value of type %s is given", c.operator, of,
			value.Type())
	}
	return value, nil
}

// encodePart encodes text and bytes without the field's codec, which may refuse a part of its
// values.
func (t target) encodePart(c Comparison) (wire.Raw, error) {
	operand := c.operands[0]
	if _, ok := operand.(types.AttributeValue); ok {
		return t.encodeOperand(operand)
	}
	part := reflect.Indirect(reflect.ValueOf(operand))
	switch stored := t.codec.stored(); {
	case stored == wire.S && part.Kind() == reflect.String && !hasOwnCodec(part.Type()):
		if err := checkText(part.String()); err != nil {
			return "", err
		}
		return wire.NewText(part.String()), nil
	case stored == wire.S && isTimeType(t.valueType()):
		return "", fmt.Errorf(
			"%s takes a part of the stored text, such as \"2026-05\", and a value of "+
				"type %s is given; use Between for times",
			c.operator, part.Type())
	case stored == wire.B && isBytes(part.Type()):
		return wire.MakeRaw(&types.AttributeValueMemberB{Value: bytesIn(part)})
	}
	return t.encodeOperand(operand)
}

// memberOperands returns the operands of Contains: a part of a text, or a member of a set or an
// element of a list in each form in which it may be stored.
func (t target) memberOperands(c Comparison) ([]wire.Raw, error) {
	holder, goType := t.behindPointers()
	var member *field
	switch holder.wire {
	case wire.SS, wire.NS, wire.BS:
		return t.setOperands(c, holder, goType)
	case wire.L:
		member = t.elementField(holder, goType)
	case wire.Invalid:
		member = t.anyField()
	case wire.B:
		return nil, fmt.Errorf("%s is for text, sets and lists, and the attribute is of type B",
			c.operator)
	default:
		part, err := t.partOperand(c, "text, sets and lists")
		return []wire.Raw{part}, err
	}
	value, err := member.encodeOperand(c.operands[0])
	switch {
	case err != nil:
		return nil, err
	case value == "":
		value = wire.Null
	}
	return append([]wire.Raw{value}, member.otherForms(c.operands[0], value)...), nil
}

// setOperands encodes a member of a set in each form in which it may be stored.
func (t target) setOperands(
	c Comparison, holder *codec, goType reflect.Type,
) ([]wire.Raw, error) {
	member := t.anyField() // for a set that a type's own methods make
	if holder.elem != nil {
		member = t.memberField(holder.elem, goType)
	}
	value, err := member.encodeOperand(c.operands[0])
	switch {
	case err != nil:
		return nil, err
	case value == "":
		return nil, fmt.Errorf(
			"the value of %s is nil, and no set has such a member; use Exists or NotExists",
			c.operator)
	case setTypes[value.Type()] != holder.wire:
		return nil, fmt.Errorf(
			"the attribute is of type %s, and a value of type %s is given, which cannot be a "+
				"member",
			holder.wire, value.Type())
	}
	return append([]wire.Raw{value}, member.otherForms(c.operands[0], value)...), nil
}

// writeRange writes the condition on a range key.
func (w *conditionWriter) writeRange(f *field, c Comparison) (expression.Part, error) {
	t := target{field: f, top: f, steps: []expression.Step{{Name: f.attribute}}, queried: true}
	path := w.aliases.Path(t.steps)
	switch c.operator {
	case opEQ:
		value, err := w.schema.encodeKeyPart(f, "range key", c.operands[0])
		if err != nil {
			return expression.Part{}, err
		}
		return expression.Compare(path, "=", w.aliases.Value(value)), nil
	case opLT, opLE, opGT, opGE, opBetween, opBeginsWith:
		part, err := w.compare(t, c)
		if err != nil {
			return part, fmt.Errorf("Range on %q: %w", f.attribute, err)
		}
		return part, nil
	}
	return expression.Part{}, newRangeOperatorError(c.operator)
}

// newRangeOperatorError returns the error of a comparison that Range does not take.
func newRangeOperatorError(op operator) error {
	if op == noOperator {
		return errors.New("the comparison of Range is empty; make it with a function such as EQ")
	}
	return fmt.Errorf(
		"Range does not take %s; on a range key DynamoDB has EQ, LT, LE, GT, GE, Between and "+
			"BeginsWith", op)
}
