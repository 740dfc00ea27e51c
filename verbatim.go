package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// makeAttributeValueCodec makes the codec of attribute values, which are stored unchanged.
func makeAttributeValueCodec(t reflect.Type) *codec {
	if t.Kind() == reflect.Map {
		return makeAttributeMapCodec()
	}
	return &codec{
		empty: isNilValue,
		encode: func(e *encoder, v reflect.Value) error {
			value, _ := v.Interface().(types.AttributeValue)
			return e.appendValue(value)
		},
		decode: func(d *decoder, got wire.Type, v reflect.Value) error {
			value := reflect.ValueOf(d.rest(got))
			if d.Err() != nil {
				return d.Err()
			}
			if !value.Type().AssignableTo(v.Type()) {
				return newTypeError(got, v.Type(), "only that member")
			}
			v.Set(value)
			return nil
		},
	}
}

// isNilValue reports whether there is no attribute value, or an interface that holds a nil pointer.
func isNilValue(v reflect.Value) bool {
	return v.IsNil() ||
		v.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil()
}

// makeAttributeMapCodec makes the codec of a map of attribute values, which are stored unchanged.
func makeAttributeMapCodec() *codec {
	return &codec{
		wire:  wire.M,
		empty: reflect.Value.IsNil,
		encode: func(e *encoder, v reflect.Value) error {
			members := make(map[string]types.AttributeValue, v.Len())
			for entries := v.MapRange(); entries.Next(); {
				value, _ := entries.Value().Interface().(types.AttributeValue)
				if isNil(value) {
					value = &types.AttributeValueMemberNULL{Value: true}
				}
				members[entries.Key().String()] = value
			}
			return e.appendValue(&types.AttributeValueMemberM{Value: members})
		},
		decode: func(d *decoder, got wire.Type, v reflect.Value) error {
			value, ok := d.rest(got).(*types.AttributeValueMemberM)
			if !ok {
				return newTypeError(got, v.Type(), "M")
			}
			filled := reflect.MakeMapWithSize(v.Type(), len(value.Value))
			for name, member := range value.Value {
				filled.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()),
					reflect.ValueOf(member))
			}
			v.Set(filled)
			return nil
		},
	}
}

var errNoValue = errors.New("there is no attribute value, or one of a type that is not known")

// checkItem checks attribute values that do not come from the codec.
func (p *structPlan) checkItem(item map[string]types.AttributeValue) error {
	for attribute, value := range item {
		if err := checkMemberName(attribute); err != nil {
			return err
		}
		if err := (&encoder{}).check(value); err != nil {
			golang := ""
			if f := p.byAttribute[attribute]; f != nil {
				golang = f.goPath
			}
			return placedAt(err, namedPath(golang, attribute))
		}
	}
	return nil
}

// appendValue appends a value that was made elsewhere. It appends NULL for nil.
func (e *encoder) appendValue(value types.AttributeValue) error {
	if isNil(value) {
		e.appendNull()
		return nil
	}
	if err := e.check(value); err != nil { // stops at a value that contains itself
		return err
	}
	text, err := wire.AppendValue(e.text, value)
	if err == nil {
		e.text = text
	}
	return err
}

// check refuses an attribute value made elsewhere that the service would refuse or silently change.
func (e *encoder) check(value types.AttributeValue) error {
	if isNil(value) {
		return errNoValue
	}
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return checkText(value.Value)
	case *types.AttributeValueMemberNULL:
		if !value.Value {
			return errors.New("NULL is false, which DynamoDB does not take; it is true or nothing")
		}
	case *types.AttributeValueMemberN:
		return checkNumber(value.Value)
	case *types.AttributeValueMemberSS:
		return checkSet(value.Value, checkText)
	case *types.AttributeValueMemberNS:
		return checkSet(value.Value, checkNumber)
	case *types.AttributeValueMemberBS:
		return checkSet(value.Value, func([]byte) error { return nil })
	case *types.AttributeValueMemberL:
		return e.checkElements(value.Value)
	case *types.AttributeValueMemberM:
		if err := e.enter(); err != nil {
			return err
		}
		defer e.leave()
		return e.checkMembers(value.Value)
	}
	if wire.TypeOf(value) == wire.Invalid {
		return errNoValue
	}
	return nil
}

func (e *encoder) checkElements(list []types.AttributeValue) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave()
	return checkEach(list, e.check)
}

func (e *encoder) checkMembers(members map[string]types.AttributeValue) error {
	for name, member := range members {
		if err := checkMemberName(name); err != nil {
			return err
		}
		if err := e.check(member); err != nil {
			return withMember(err, name)
		}
	}
	return nil
}

func checkEach[V any](values []V, check func(V) error) error {
	for i, value := range values {
		if err := check(value); err != nil {
			return withIndex(err, i)
		}
	}
	return nil
}

// checkSet checks the members of a set, and refuses an empty set.
func checkSet[V any](members []V, check func(V) error) error {
	if len(members) == 0 {
		return errors.New("the set is empty, which DynamoDB does not take; leave the attribute out")
	}
	return checkEach(members, check)
}

func checkText(text string) error {
	if !utf8.ValidString(text) {
		return errInvalidText
	}
	return nil
}

func checkNumber(text string) error {
	switch err := wire.ValidNumber(text); err {
	case nil:
		return nil
	case wire.ErrNotNumber:
		return errors.New(
			"the text is not a number, which type N stores; give a number such as 12, -1.5 or 1E9")
	default:
		return fmt.Errorf("the number %w", err)
	}
}

// checkMemberName refuses names of members that DynamoDB does not allow.
func checkMemberName(name string) error {
	if name == "" {
		return errors.New("there is an empty name, which DynamoDB does not take; leave the name " +
			"out")
	}
	return checkText(name)
}
