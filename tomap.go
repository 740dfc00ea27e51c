package dynamapper

import (
	"cmp"
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// ToMap gives the item for presentation, as JSON in an HTTP answer, say: attribute names with Go values. Sets are
// sorted slices, times are RFC 3339 text in UTC, documents are maps by their attribute names. What would be a missing
// attribute is missing here; of a partial item there is what was read. Maps and slices of JSON fields
// are the item's own, not copies. It sends no request.
func (t *Table[T]) ToMap(item *T) map[string]any {
	return t.toMap(itemOf(item))
}

func (t *table) toMap(item any) map[string]any {
	if item == nil {
		return nil
	}
	read := t.modelOf(item).origin
	shown := t.schema.toMap(reflect.ValueOf(item).Elem())
	if read.partial() {
		for attribute := range shown {
			if !read.read[attribute] {
				delete(shown, attribute)
			}
		}
	}
	return shown
}

func (p *structPlan) toMap(v reflect.Value) map[string]any {
	shown := make(map[string]any, len(p.fields))
	for _, f := range p.fields {
		value, ok := f.valueIn(v)
		if ok && !f.codec.empty(value) && !(f.omitEmpty && value.IsZero()) {
			shown[f.attribute] = f.present(value)
		}
	}
	return shown
}

// present gives one value for presentation.
func (f *field) present(stored reflect.Value) any {
	v := stored
	for v.Kind() == reflect.Pointer && !v.IsNil() && !hasOwnCodec(v.Type()) {
		v = v.Elem()
	}
	switch {
	case isTimeType(v.Type()):
		return f.presentTime(v)
	case v.Type() == urlType:
		return urlText(v)
	case f.set:
		return f.presentSet(v)
	case f.codec.wire == wire.M || f.codec.wire == wire.L:
		if value, err := f.codec.encode(&encoder{}, stored); err == nil {
			return presentDocument(value)
		}
	}
	if t := v.Type(); !t.Implements(textMarshalerType) && implements(t, textMarshalerType) {
		behind := reflect.New(t) // encoding/json finds the methods of a pointer only behind one
		behind.Elem().Set(v)
		return behind.Interface()
	}
	return v.Interface()
}

// presentDocument gives a document as plain Go, by the names that are stored; numbers are json.Number.
func presentDocument(value types.AttributeValue) any {
	switch value := value.(type) {
	case *types.AttributeValueMemberL:
		list := make([]any, len(value.Value))
		for i, elem := range value.Value {
			list[i] = presentDocument(elem)
		}
		return list
	case *types.AttributeValueMemberM:
		members := make(map[string]any, len(value.Value))
		for name, member := range value.Value {
			members[name] = presentDocument(member)
		}
		return members
	case *types.AttributeValueMemberSS:
		return slices.Sorted(slices.Values(value.Value))
	case *types.AttributeValueMemberNS:
		return presentNumbers(value.Value)
	case *types.AttributeValueMemberBS:
		return slices.SortedFunc(slices.Values(value.Value), slices.Compare[[]byte])
	}
	return goValue(value)
}

func presentNumbers(texts []string) []json.Number {
	numbers := make([]json.Number, len(texts))
	for i, text := range texts {
		numbers[i] = json.Number(text)
	}
	slices.SortFunc(numbers, func(a, b json.Number) int { return compareNumberTexts(a.String(), b.String()) })
	return numbers
}

// presentSet makes a sorted slice of a set's members.
func (f *field) presentSet(v reflect.Value) any {
	members := membersOf(v)
	slices.SortStableFunc(members, compareMembers)
	members = slices.CompactFunc(members, func(a, b reflect.Value) bool { return compareMembers(a, b) == 0 })
	member := v.Type()
	if v.Kind() == reflect.Map {
		member = member.Key()
	} else {
		member = member.Elem()
	}
	if isTimeType(member) || member == urlType {
		member = reflect.TypeFor[string]()
	}
	list := reflect.MakeSlice(reflect.SliceOf(member), len(members), len(members))
	for i, one := range members {
		switch t := one.Type(); {
		case isTimeType(t):
			one = reflect.ValueOf(f.presentTime(one))
		case t == urlType:
			one = reflect.ValueOf(urlText(one))
		}
		list.Index(i).Set(one)
	}
	return list.Interface()
}

// presentTime gives a time as a read would give it.
func (f *field) presentTime(v reflect.Value) string {
	return f.storedForm(timeOf(v)).Format(time.RFC3339Nano)
}

// compareMembers orders the members of a set; what it finds equal is one member.
func compareMembers(a, b reflect.Value) int {
	switch t := a.Type(); {
	case implements(t, marshalerType):
		one, _ := marshalAttributeValue(a)
		other, _ := marshalAttributeValue(b)
		return compareScalars(one, other)
	case isTimeType(t):
		return timeOf(a).Compare(timeOf(b))
	case t == urlType:
		return cmp.Compare(urlText(a), urlText(b))
	case t == bigIntType:
		return addressable(a).Addr().Interface().(*big.Int).Cmp(addressable(b).Addr().Interface().(*big.Int))
	case t == bigFloatType:
		return addressable(a).Addr().Interface().(*big.Float).Cmp(addressable(b).Addr().Interface().(*big.Float))
	case t == jsonNumberType, t == attributeNumberType:
		return compareNumberTexts(a.String(), b.String())
	case implements(t, textMarshalerType):
		one, _ := marshalText(a)
		other, _ := marshalText(b)
		return cmp.Compare(one, other)
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	}
	return slices.Compare(copyBytes(a), copyBytes(b))
}

func compareNumberTexts(a, b string) int {
	if order, ok := wire.CompareNumbers(a, b); ok {
		return order
	}
	return cmp.Compare(a, b)
}

// compareScalars orders values that a set may have as members.
func compareScalars(a, b types.AttributeValue) int {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return cmp.Compare(a.Value, b.Value)
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			return compareNumberTexts(a.Value, b.Value)
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return slices.Compare(a.Value, b.Value)
		}
	}
	return -1
}
