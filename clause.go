package dynamapper

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// clause is one call of a method of Update.
type clause struct {
	method, attr string
	values       []any
}

// makeChange returns the change of a clause, or nil if the clause changes nothing.
func (c clause) makeChange(s *schema, t target) (*change, error) {
	for _, value := range c.values {
		if r, ok := value.(Reference); ok && len(c.values) == 1 {
			return c.referTo(s, t, r)
		} else if ok {
			return nil, errors.New("Ref is given beside other values, and DynamoDB joins two lists; " +
				"give a Ref alone, or run two updates")
		}
	}
	switch c.method {
	case "Remove":
		return &change{}, nil
	case "Set", "SetIfAbsent":
		return c.makeSet(t)
	case "Add":
		return c.makeAdd(t)
	case "Append", "Prepend":
		return c.makeAppend(t)
	case "SetExpr":
		return c.makeExpression(s)
	}
	return c.makeMembers(t)
}

// makeSet removes the attribute if the value is empty, as a save does. Nil removes inside lists and
// maps, too, where a save stores NULL.
func (c clause) makeSet(t target) (*change, error) {
	value, err := t.encodeReadable(c.values[0])
	switch {
	case err != nil:
		return nil, err
	case value == "":
	case t.isNilOperand(c.values[0]), t.leavesOut(value):
		value = ""
	}
	switch {
	case c.method == "Set":
		return &change{value: value}, nil
	case value == "":
		return nil, nil
	}
	return &change{kind: setIfAbsent, value: value}, nil
}

// encodeReadable encodes a value and refuses one that the field could not read back, such as 2.5
// for an integer or 300 for a uint8.
func (f *field) encodeReadable(value any) (wire.Raw, error) {
	encoded, err := f.encodeOperand(value)
	if err != nil || encoded == "" {
		return "", err
	}
	_, err = f.decodeOperand(encoded)
	return encoded, inOperand(err)
}

// decodeOperand decodes an operand as the field would.
func (f *field) decodeOperand(encoded wire.Raw) (reflect.Value, error) {
	value := reflect.New(f.goType).Elem()
	return value, decodeElement(newDecoder(wire.NewReader(string(encoded))), f.codec, value)
}

func (c clause) makeAdd(t target) (*change, error) {
	stored := t.codec.stored()
	switch {
	case stored != wire.N && stored != wire.Invalid, isTimeType(t.valueType()):
		return nil, fmt.Errorf("the field %s does not hold a number to add to; use Set",
			t.goPath)
	case isNil(c.values[0]):
		return nil, errors.New("the number is nil; give a number")
	}
	delta, err := t.encodeOperand(c.values[0])
	if err != nil {
		return nil, err
	}
	if delta.Type() != wire.N {
		return nil, errors.New("the added value is not a number; give a number")
	}
	return &change{kind: addNumber, value: delta}, checkDelta(t.valueType(), delta.Text())
}

// checkDelta refuses a delta that takes every number of an integer type out of the type's range.
func checkDelta(t reflect.Type, number string) error {
	if !isInteger(t) && t != bigIntType {
		return nil
	}
	delta, ok := new(big.Rat).SetString(number) // safe, because DynamoDB bounds exponents
	switch {
	case !ok || !delta.IsInt():
		return fmt.Errorf(
			"the field holds integers of type %s, and the number added has a fraction; give an "+
				"integer", t)
	case isInteger(t) && delta.Num().BitLen() > t.Bits():
		return newOverflowError(t)
	}
	return nil
}

func (c clause) makeAppend(t target) (*change, error) {
	holder, list := t.behindPointers()
	var element *field
	switch {
	case t.isVector():
		return nil, fmt.Errorf("the vector of the field %s has always %d dimensions; use Set",
			t.goPath, t.Dimensions)
	case t.codec.json:
		return nil, newJSONListError(t)
	case holder.wire == wire.Invalid:
		element, list = t.anyField(), reflect.TypeFor[[]any]()
	case holder.wire == wire.L && holder.elem != nil && list.Kind() == reflect.Slice:
		element = t.elementField(holder, list)
	default:
		return nil, newGrowError(t, c.method)
	}
	e := newEncoder()
	e.open(wire.L)
	e.text = append(e.text, '[')
	opened := len(e.text)
	for _, value := range spread(c.values, list) {
		encoded, err := element.encodeReadable(value)
		if err != nil {
			return nil, err
		}
		if encoded == "" {
			encoded = wire.Null
		}
		if len(e.text) > opened {
			e.text = append(e.text, ',')
		}
		e.text = append(e.text, encoded...)
	}
	if len(e.text) == opened {
		return nil, nil
	}
	e.text = append(e.text, "]}"...)
	kind := appendValues
	if c.method == "Prepend" {
		kind = prependValues
	}
	return &change{kind: kind, value: e.taken(0)}, nil
}

func newJSONListError(t target) error {
	return fmt.Errorf(
		"the list is stored as JSON, into which DynamoDB does not see; give the field %s "+
			"the option \"document\"", t.goPath)
}

func newGrowError(t target, method string) error {
	return fmt.Errorf(
		"the field %s does not hold a list that can grow; %s is for slices with the option "+
			"\"document\"", t.goPath, method)
}

// emptyList is a list without elements.
const emptyList wire.Raw = `{"L":[]}`

// spread replaces each value of the list's own type with its elements. If the list's type can hold
// itself, such a value counts as an element.
func spread(values []any, list reflect.Type) []any {
	var single []any
	for _, value := range values {
		v := reflect.ValueOf(value)
		isElement := list.Elem().Kind() != reflect.Interface && v.IsValid() &&
			v.Type().AssignableTo(list.Elem())
		if isElement || !v.IsValid() || !v.Type().AssignableTo(list) {
			single = append(single, value)
			continue
		}
		for i := range v.Len() {
			single = append(single, v.Index(i).Interface())
		}
	}
	return single
}

func (c clause) makeMembers(t target) (*change, error) {
	holder, goType := t.behindPointers()
	switch {
	case holder.wire == wire.Invalid:
		return c.makeUntypedMembers(t)
	case holder.wire != wire.SS && holder.wire != wire.NS && holder.wire != wire.BS:
		return nil, fmt.Errorf("the field %s holds no set; %s is for the option \"set\"", t.goPath,
			c.method)
	case holder.elem == nil:
		return nil, fmt.Errorf(
			"the Go type %s encodes its set with its own methods, which cannot encode a single "+
				"member; use Set", goType)
	}
	set := reflect.New(goType).Elem()
	if goType.Kind() == reflect.Map {
		set.Set(reflect.MakeMap(goType))
	}
	for _, value := range c.values {
		if err := t.addMembers(set, value, holder.elem); err != nil {
			return nil, err
		}
	}
	if holder.empty(set) {
		return nil, nil
	}
	encoded, err := holder.raw(set)
	return &change{kind: c.memberKind(), value: encoded}, inOperand(err)
}

func (c clause) memberKind() changeKind {
	if c.method == "RemoveFromSet" {
		return removeMembers
	}
	return addMembers
}

// makeUntypedMembers makes the change of a set in a place that can hold any type. The values say
// which type of set it is.
func (c clause) makeUntypedMembers(t target) (*change, error) {
	kind, members := wire.Invalid, []string(nil)
	for _, value := range c.values {
		encoded, err := t.anyField().encodeReadable(value)
		if err != nil {
			return nil, err
		}
		of, more := membersOfRaw(encoded)
		switch {
		case encoded == "" || encoded.Type() == wire.NULL:
			return nil, errNilMember
		case of == wire.Invalid:
			return nil, fmt.Errorf("a value of type %T is given, which is no member of a set; give "+
				"text, numbers or bytes, or a set of package types, such as "+
				"*types.AttributeValueMemberSS", value)
		case kind != wire.Invalid && of != kind:
			return nil, fmt.Errorf("members for sets of the types %s and %s are given; a set has "+
				"members of one type", kind, of)
		}
		kind, members = of, append(members, more...)
	}
	if len(members) == 0 {
		return nil, nil
	}
	encoded, err := wire.MakeRaw(newSet(kind, members))
	return &change{kind: c.memberKind(), value: encoded}, inOperand(err)
}

var errNilMember = errors.New(
	"a member is nil, and a set has no such member; leave the member out")

// addMembers adds a value to a set of the field's type. The value is a member, or a set of that
// type whose members are added.
func (t target) addMembers(set reflect.Value, value any, elem *codec) error {
	if v := reflect.ValueOf(value); v.IsValid() && v.Type().AssignableTo(set.Type()) {
		for _, member := range membersOf(v) {
			putMember(set, member)
		}
		return nil
	}
	member := t.memberField(elem, set.Type())
	encoded, err := member.encodeOperand(value)
	switch {
	case err != nil:
		return err
	case encoded == "":
		return errNilMember
	}
	decoded, err := member.decodeOperand(encoded)
	if err != nil {
		return inOperand(err)
	}
	putMember(set, decoded)
	return nil
}

func putMember(set, member reflect.Value) {
	if set.Kind() == reflect.Slice {
		set.Set(reflect.Append(set, member))
		return
	}
	present := reflect.New(set.Type().Elem()).Elem()
	if present.Kind() == reflect.Bool {
		present.SetBool(true)
	}
	set.SetMapIndex(member, present)
}

// pathText returns a path in the notation of Path.
func pathText(steps []expression.Step) string {
	text := ""
	for _, step := range steps {
		text = expression.JoinPath(text, stepText(step))
	}
	return text
}

// overlapping returns a change of the same place as other, of a place inside it, or of a place that
// contains it.
func overlapping(changes []change, other *change) *change {
	for i := range changes {
		one := &changes[i]
		shared := min(len(one.steps), len(other.steps))
		if slices.Equal(one.steps[:shared], other.steps[:shared]) {
			return one
		}
	}
	return nil
}

// retryUnsafe reports whether a change applied twice may differ from one applied once. Removing an
// element of a list moves the elements behind it, and setting one behind the end appends it.
func (c *change) retryUnsafe() bool {
	switch c.kind {
	case addNumber, appendValues, prependValues:
		return true
	}
	if c.source != nil { // its attributes may have changed in between, even by this update
		return true
	}
	return c.steps[len(c.steps)-1].List
}
