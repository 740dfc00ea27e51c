package dynamapper

import (
	"math/big"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// isZeroer is implemented by types that define which value omitempty leaves out, as omitzero of
// encoding/json does.
type isZeroer interface{ IsZero() bool }

var isZeroerType = reflect.TypeFor[isZeroer]()

// chooseIsZero returns the function that reports whether omitempty leaves out a value of a type.
// For a pointer, it leaves out only nil.
func chooseIsZero(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Kind() == reflect.Pointer:
		return reflect.Value.IsNil
	case implements(t, isZeroerType):
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(isZeroer).IsZero()
		}
	case t == bigIntType: // a big number that has become zero may still hold memory
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(*big.Int).Sign() == 0
		}
	case t == bigFloatType:
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(*big.Float).Sign() == 0
		}
	}
	return reflect.Value.IsZero
}

// leavesOut reports whether the option omitempty makes the value a missing attribute.
func (t target) leavesOut(value types.AttributeValue) bool {
	if t.isZero == nil || t.element || t.goType.Kind() == reflect.Pointer {
		return false
	}
	if implements(t.goType, isZeroerType) {
		v, err := t.decodeOperand(value)
		return err == nil && t.isZero(v)
	}
	zero, err := probe(func() (types.AttributeValue, error) {
		return t.codec.encode(&encoder{}, reflect.New(t.goType).Elem())
	})
	return err == nil && wire.Equal(zero, value)
}
