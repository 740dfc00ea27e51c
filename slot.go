package dynamapper

import (
	"reflect"
	"unsafe"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// slot is the place of a value of a known type in memory. Fields of the most common types are
// decoded there, at the offset in the plan. Decoding them through package reflect makes a page cost
// a twelfth more (docs/design.md). Only this file knows that a slot is a pointer.
type slot unsafe.Pointer

// slotOf returns the slot of a value, which must be addressable.
func slotOf(v reflect.Value) slot { return slot(unsafe.Pointer(v.UnsafeAddr())) }

// slotIn returns the slot of a field in the struct at here. The field must not be behind an
// embedded pointer.
func (f *field) slotIn(here slot) slot { return slot(unsafe.Add(unsafe.Pointer(here), f.offset)) }

// at returns the value in a slot. Its type is V, or V is its underlying type: a codec is chosen by
// the type of the field.
func at[V any](s slot) *V { return (*V)(unsafe.Pointer(s)) }

// decodedAt completes the codec of a type that is decoded in its slot.
func decodedAt(c codec, decode func(d *decoder, t wire.Type, to slot) error) *codec {
	c.decodeAt = decode
	c.decode = func(d *decoder, t wire.Type, v reflect.Value) error {
		return decode(d, t,
			slotOf(v))
	}
	return &c
}
