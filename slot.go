package dynamapper

import (
	"reflect"
	"unsafe"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// slot is where a value of a known type is in memory. Fields of the commonest types are decoded there, at the offset that the plan
// knows: to go to each of them through package reflect makes a page cost a twelfth more (docs/design.md). No other file knows
// that a slot is a pointer.
type slot unsafe.Pointer

// slotOf gives where a value is. It can be set, so it has an address.
func slotOf(v reflect.Value) slot { return slot(unsafe.Pointer(v.UnsafeAddr())) }

// slotIn gives where a field is in the struct that is here, unless it is behind an embedded pointer.
func (f *field) slotIn(here slot) slot { return slot(unsafe.Add(unsafe.Pointer(here), f.offset)) }

// at gives the value in a slot. Its type is V, or is one that V underlies: a codec is chosen by the type of the field.
func at[V any](s slot) *V { return (*V)(unsafe.Pointer(s)) }

// decodedAt completes the codec of a type that is decoded in its slot.
func decodedAt(c codec, decode func(d *decoder, t wire.Type, to slot) error) *codec {
	c.decodeAt = decode
	c.decode = func(d *decoder, t wire.Type, v reflect.Value) error { return decode(d, t, slotOf(v)) }
	return &c
}
