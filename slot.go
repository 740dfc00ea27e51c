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

// valueAt returns the value of type t in a slot.
func valueAt(t reflect.Type, s slot) reflect.Value {
	return reflect.NewAt(t, unsafe.Pointer(s)).Elem()
}

// inSlot completes the codec of a type that is decoded through package reflect.
func (c *codec) inSlot(goType reflect.Type) *codec {
	if decode := c.decode; c.decodeAt == nil && decode != nil {
		c.decodeAt = func(d *decoder, t wire.Type, to slot) error {
			return decode(d, t, valueAt(goType, to))
		}
	}
	return c
}

// decodedAt completes the codec of a type that is decoded in its slot.
func decodedAt(c codec, decode func(d *decoder, t wire.Type, to slot) error) *codec {
	c.decodeAt = decode
	c.decode = func(d *decoder, t wire.Type, v reflect.Value) error {
		return decode(d, t, slotOf(v))
	}
	return &c
}

// element returns the slot of an element of a list, so many bytes behind its first one.
func element(first slot, behind uintptr) slot {
	return slot(unsafe.Add(unsafe.Pointer(first), behind))
}

// pointee returns the slot of what the pointer in a slot points to. If the pointer is nil, it is
// set to a new value of type elem.
func pointee(s slot, elem reflect.Type) slot {
	p := (*unsafe.Pointer)(s)
	if *p == nil {
		*p = reflect.New(elem).UnsafePointer()
	}
	return slot(*p)
}
