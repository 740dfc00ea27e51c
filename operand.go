package dynamapper

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// encodeOperand encodes a value as one of the field's, through the field's codec. It returns "" if
// the attribute would be missing. A value of the field's own type is encoded directly; other types
// are converted if they mean the same.
func (f *field) encodeOperand(value any) (wire.Raw, error) {
	e := newEncoder()
	if err := e.operand(f, value); err != nil {
		return "", err
	}
	return e.taken(0), nil
}

// operand appends what encodeOperand returns.
func (e *encoder) operand(f *field, value any) error {
	if isNil(value) {
		return nil
	}
	if given, ok := value.(types.AttributeValue); ok {
		if want := f.codec.stored(); want != wire.Invalid && wire.TypeOf(given) != want {
			return fmt.Errorf("the attribute is of type %s, and a value of type %s is given",
				want, wire.TypeOf(given))
		}
		return inOperand(e.appendValue(given))
	}
	v := reflect.ValueOf(value)
	if !v.Type().AssignableTo(f.goType) && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Type() == referenceType {
		return errReferenceAsValue
	}
	if text, ok := f.numberOperand(v); ok {
		return e.appendNumber(text)
	}
	if v.Type() != f.goType {
		like, err := f.convertOperand(v)
		if err != nil {
			return err
		}
		v = like
	}
	if f.codec.empty(v) {
		return nil
	}
	return inOperand(f.codec.encode(e, v))
}

// keyOperand appends a value of a key. If the field's type is stored as text, text is the key
// itself: another program may have spelled the same value differently, and the service finds and
// orders keys by their text.
func (e *encoder) keyOperand(f *field, value any) error {
	if stored, ok := value.(wire.Raw); ok {
		e.text = append(e.text, stored...)
		return nil
	}
	text, ok := f.textOperand(value)
	if !ok {
		return e.operand(f, value)
	}
	if err := f.checkText(text); err != nil {
		return err
	}
	return e.appendS(text)
}

// textOperand returns text given for a field whose type is stored as text but is not a string, such
// as time.Time.
func (f *field) textOperand(value any) (text string, ok bool) {
	if f.codec.stored() != wire.S || !hasOwnCodec(f.valueType()) || isNil(value) {
		return "", false
	}
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.String || hasOwnCodec(v.Type()) || v.Type() == f.valueType() {
		return "", false
	}
	return v.String(), true
}

// checkText refuses text that the field could not decode.
func (f *field) checkText(text string) error {
	if text == "" {
		return nil // the caller refuses it as empty
	}
	if !utf8.ValidString(text) {
		return errInvalidText
	}
	d := newDecoder(wire.NewReader(string(wire.NewText(text))))
	like := reflect.New(f.goType).Elem()
	if f.codec.decode(d, d.Value(), like) == nil && d.Err() == nil {
		return nil
	}
	form := ""
	switch {
	case !isTimeType(f.valueType()):
	case f.Layout != "":
		form = fmt.Sprintf(" in the layout %q", f.Layout)
	default:
		form = ", such as 2012-05-31T12:00:00Z"
	}
	return errors.New("the text given is not one of the Go type " + f.valueType().String() + form)
}

// isNilOperand reports whether a value is nil, or leads to a nil pointer, slice or map whose type
// does not itself define how nil is stored.
func (f *field) isNilOperand(value any) bool {
	v := reflect.ValueOf(value)
	for range maxDepth {
		switch v.Kind() {
		case reflect.Invalid:
			return true
		case reflect.Slice, reflect.Map:
			return v.IsNil() && !f.codec.ownNil
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return true
			}
			v = v.Elem()
		default:
			return false
		}
	}
	return false
}

// inOperand returns an error with the place inside the value. The path of a FieldError would begin
// at a model.
func inOperand(err error) error {
	if placed, ok := err.(*FieldError); ok {
		return fmt.Errorf("in the value given, at %s: %w", placed.shown.golang, placed.Err)
	}
	return err
}

// numberOperand returns the text of any Go number, for a field that holds numbers.
func (f *field) numberOperand(v reflect.Value) (string, bool) {
	if f.codec.stored() != wire.N || v.Type() == f.goType || isTimeType(f.valueType()) {
		return "", false
	}
	switch v.Type() {
	case bigIntType:
		return addressable(v).Addr().Interface().(*big.Int).String(), true
	case bigFloatType:
		return formatBigFloat(addressable(v).Addr().Interface().(*big.Float)), true
	case jsonNumberType:
		return v.String(), true
	}
	switch {
	case hasOwnCodec(v.Type()) && v.Type() != attributeNumberType:
		return "", false
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), true
	case v.Type() == attributeNumberType:
		return v.String(), true
	}
	return "", false
}

// convertOperand converts a value to the field's type.
func (f *field) convertOperand(v reflect.Value) (reflect.Value, error) {
	t := f.goType
	like := reflect.New(t).Elem()
	target := like
	if t.Kind() == reflect.Pointer && !hasOwnCodec(t) && !v.Type().AssignableTo(t) {
		target.Set(reflect.New(t.Elem()))
		target, t = target.Elem(), t.Elem()
	}
	sameKind := v.Kind() == t.Kind() && (v.Kind() == reflect.String || v.Kind() == reflect.Bool)
	switch {
	case v.Type().AssignableTo(t):
		target.Set(v)
	case isTimeType(v.Type()) && isTimeType(t):
		target.Set(v.Convert(t))
	case sameKind && !hasOwnCodec(t),
		isBytes(v.Type()) && isBytes(t) && v.CanConvert(t) &&
			(t.Kind() == reflect.Slice || v.Len() == t.Len()):
		target.Set(v.Convert(t))
	case v.Kind() == reflect.String && t == urlType:
		if err := setURL(target, v.String()); err != nil {
			return like, errors.New("the text given is not one of the Go type " + t.String())
		}
	case v.Kind() == reflect.String && t != timeType && implements(t, textUnmarshalerType):
		if err := unmarshalText(target, v.String()); err != nil {
			return like, errors.New("the text given is not one of the Go type " + t.String())
		}
	default:
		return like, fmt.Errorf(
			"a value of type %s is given, and the field %s takes %s; give a value of that "+
				"type", v.Type(),
			f.goPath, f.goType)
	}
	return like, nil
}
