package dynamapper

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// makeChange makes a change of a clause; nil where there is nothing to do.
func (c clause) makeChange(t target) (*change, error) {
	switch c.method {
	case "Remove":
		return &change{}, nil
	case "Set", "SetIfAbsent":
		return c.makeSet(t)
	case "Add":
		return c.makeAdd(t)
	case "Append", "Prepend":
		return c.makeAppend(t)
	}
	return c.makeMembers(t)
}

func (c clause) makeSet(t target) (*change, error) {
	value, err := t.encodeOperand(c.values[0])
	if err != nil {
		return nil, err
	}
	if value == nil && t.element {
		value = nullValue()
	}
	if err := t.checkReadable(value); err != nil {
		return nil, err
	}
	switch {
	case value == nil && t.isKey():
		return nil, errors.New("the value is empty, which no key of an index can be; use Remove to take the item out of the index")
	case c.method == "Set":
		return &change{value: value}, nil
	case value == nil:
		return nil, nil
	}
	return &change{kind: setIfAbsent, value: value}, nil
}

// checkReadable refuses a value that the field could not read back: 2.5 in an integer, 300 in a uint8.
func (t target) checkReadable(value types.AttributeValue) error {
	if value == nil || wire.TypeOf(value) == wire.NULL {
		return nil
	}
	text, err := wire.AppendValue(nil, value)
	if err != nil {
		return err
	}
	return decodeElement(newDecoder(wire.NewReader(string(text))), t.codec, reflect.New(t.goType).Elem())
}

func (c clause) makeAdd(t target) (*change, error) {
	stored := t.codec.stored()
	switch {
	case stored != wire.N && stored != wire.Invalid, t.valueType() == timeType:
		return nil, fmt.Errorf("the field %s holds no number that could be added to; use Set", t.goPath)
	case isNil(c.values[0]):
		return nil, errors.New("the number is nil; give one")
	}
	delta, err := t.encodeOperand(c.values[0])
	if err != nil {
		return nil, err
	}
	number, ok := delta.(*types.AttributeValueMemberN)
	if !ok {
		return nil, errors.New("what is added is no number; give one")
	}
	if isInteger(t.valueType()) && !isWhole(number.Value) {
		return nil, fmt.Errorf("the field %s holds integers, and the number added is none; give an integer", t.goPath)
	}
	return &change{kind: addNumber, value: number}, nil
}

// isWhole says that a number has no fraction.
func isWhole(number string) bool {
	r, ok := new(big.Rat).SetString(number) // DynamoDB's numbers have bounded exponents
	return ok && r.IsInt()
}

// makeAppend collects the elements that are put into a list.
func (c clause) makeAppend(t target) (*change, error) {
	holder, goType := t.dereferenced()
	switch {
	case t.codec.json:
		return nil, fmt.Errorf("the list is stored as JSON, into which DynamoDB does not see; give the field %s the option \"document\"", t.goPath)
	case holder.wire == wire.Invalid:
		holder, goType = &codec{elem: newCodecMaker().makeAnyCodec()}, reflect.TypeFor[[]any]()
	case holder.wire != wire.L || goType.Kind() != reflect.Slice:
		return nil, fmt.Errorf("the field %s holds no list that could grow; %s is for slices with the option \"document\"", t.goPath, c.method)
	}
	elem := target{field: &field{goPath: t.goPath + "[]", attribute: t.attribute, goType: goType.Elem(), codec: holder.elem.asElement()}, element: true}
	var elements []types.AttributeValue
	for _, value := range spread(c.values, goType) {
		encoded, err := elem.encodeOperand(value)
		if encoded == nil && err == nil {
			encoded = nullValue()
		}
		if err == nil {
			err = elem.checkReadable(encoded)
		}
		if err != nil {
			return nil, err
		}
		elements = append(elements, encoded)
	}
	if len(elements) == 0 {
		return nil, nil
	}
	kind := appendValues
	if c.method == "Prepend" {
		kind = prependValues
	}
	return &change{kind: kind, value: &types.AttributeValueMemberL{Value: elements}}, nil
}

// dereferenced gives the codec and the type behind pointers.
func (t target) dereferenced() (*codec, reflect.Type) {
	c, goType := t.codec, t.goType
	for goType.Kind() == reflect.Pointer && c.elem != nil {
		c, goType = c.elem, goType.Elem()
	}
	return c, goType
}

// spread puts the elements of values of a slice's own type in their place.
func spread(values []any, slice reflect.Type) []any {
	var single []any
	for _, value := range values {
		v := reflect.ValueOf(value)
		if !v.IsValid() || v.Kind() != reflect.Slice || !v.Type().AssignableTo(slice) || v.Type().AssignableTo(slice.Elem()) && slice.Elem().Kind() != reflect.Interface {
			single = append(single, value)
			continue
		}
		for i := range v.Len() {
			single = append(single, v.Index(i).Interface())
		}
	}
	return single
}

// makeMembers collects the members that are put into a set, or taken out.
func (c clause) makeMembers(t target) (*change, error) {
	holder, goType := t.dereferenced()
	switch {
	case holder.wire != wire.SS && holder.wire != wire.NS && holder.wire != wire.BS:
		return nil, fmt.Errorf("the field %s holds no set; %s is for the option \"set\"", t.goPath, c.method)
	case len(t.steps) > 1:
		return nil, errors.New("DynamoDB changes the members of a set only where the set is an attribute of its own, and not in a document; use Set")
	}
	set := reflect.New(goType).Elem()
	if goType.Kind() == reflect.Map {
		set.Set(reflect.MakeMap(goType))
	}
	for _, value := range c.values {
		if err := t.addMember(set, value, holder); err != nil {
			return nil, err
		}
	}
	if holder.empty(set) {
		return nil, nil
	}
	encoded, err := holder.encode(&encoder{}, set)
	if err != nil {
		return nil, err
	}
	kind := addMembers
	if c.method == "RemoveFromSet" {
		kind = removeMembers
	}
	return &change{kind: kind, value: encoded}, nil
}

// addMember puts one value into a set of the field's type: a member, or a value of the type itself, for its members.
func (t target) addMember(set reflect.Value, value any, holder *codec) error {
	v := reflect.ValueOf(value)
	if v.IsValid() && v.Type().AssignableTo(set.Type()) {
		for _, member := range membersOf(v) {
			putMember(set, member)
		}
		return nil
	}
	memberType := set.Type().Elem()
	if set.Kind() == reflect.Map {
		memberType = set.Type().Key()
	}
	member := *t.field
	member.goType, member.codec = memberType, holder.elem
	encoded, err := member.encodeOperand(value)
	switch {
	case err != nil:
		return err
	case isEmptyKey(encoded):
		return errors.New("a member is empty, and no set has an empty member; leave it out")
	}
	text, err := wire.AppendValue(nil, encoded)
	if err != nil {
		return err
	}
	decoded := reflect.New(memberType).Elem()
	if err := decodeElement(newDecoder(wire.NewReader(string(text))), holder.elem, decoded); err != nil {
		return err
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

// pathText writes a path as Path does.
func pathText(steps []expression.Step) string {
	text := ""
	for _, step := range steps {
		text = joinPath(text, stepText(step))
	}
	return text
}
