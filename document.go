package dynamapper

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// encodeElement appends an element of a list or a map, which cannot be missing. nil is stored as
// NULL.
func encodeElement(e *encoder, c *codec, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface, reflect.Slice:
		if v.IsNil() && !c.ownNil {
			e.appendNull()
			return nil
		}
	}
	return c.encode(e, v)
}

// decodeElement decodes one element of a list or a map. NULL leaves the zero value.
func decodeElement(d *decoder, c *codec, v reflect.Value) error {
	return decodeElementAt(d, c, slotOf(v))
}

func decodeElementAt(d *decoder, c *codec, to slot) error {
	t := d.Value()
	if t == wire.NULL {
		d.SkipRest(t)
	} else if err := c.decodeAt(d, t, to); err != nil {
		return d.problem(err)
	}
	d.End()
	return d.Err()
}

// makeListCodec makes the codec of slices and arrays, which are stored as L.
func (m *codecMaker) makeListCodec(t reflect.Type) (*codec, error) {
	elem, err := m.makeCodec(t.Elem())
	if err != nil {
		return nil, err
	}
	made := &codec{wire: wire.L, elem: elem, empty: nothingIsEmpty}
	if t.Kind() == reflect.Slice {
		made.empty = reflect.Value.IsNil
	}
	made.encode = func(e *encoder, v reflect.Value) error {
		return encodeList(e, elem, v)
	}
	scratches := listScratches(t.Elem())
	return decodedAt(*made, func(d *decoder, got wire.Type, to slot) error {
		switch {
		case got == wire.S:
			return decodeJSON(d, valueAt(t, to), true)
		case got != wire.L:
			return newTypeError(got, t, "L, or S with JSON")
		case t.Kind() == reflect.Array:
			return decodeArray(d, elem, valueAt(t, to))
		}
		return decodeSlice(d, elem, scratches.Get().(*listScratch), valueAt(t, to))
	}), nil
}

func encodeList(e *encoder, elem *codec, v reflect.Value) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave()
	e.open(wire.L)
	e.text = append(e.text, '[')
	for i := range v.Len() {
		if i > 0 {
			e.text = append(e.text, ',')
		}
		if err := encodeElement(e, elem, v.Index(i)); err != nil {
			return withIndex(err, i)
		}
	}
	e.text = append(e.text, ']')
	e.close()
	return nil
}

func decodeSlice(d *decoder, elem *codec, scratch *listScratch, v reflect.Value) error {
	defer scratch.release()
	d.Array()
	for i := 0; d.Element(); i++ {
		if err := decodeElementAt(d, elem, scratch.add()); err != nil {
			return withIndex(err, i)
		}
	}
	scratch.copyTo(v)
	return nil
}

func decodeArray(d *decoder, elem *codec, v reflect.Value) error {
	v.SetZero()
	d.Array()
	for i := 0; d.Element(); i++ {
		if i == v.Len() {
			return fmt.Errorf("the list has more elements than the Go type %s", v.Type())
		}
		if err := decodeElement(d, elem, v.Index(i)); err != nil {
			return withIndex(err, i)
		}
	}
	return nil
}

// makeMapCodec makes the codec of maps, which are stored as M.
func (m *codecMaker) makeMapCodec(t reflect.Type) (*codec, error) {
	if err := checkMapKey(t.Key()); err != nil {
		return nil, err
	}
	elem, err := m.makeCodec(t.Elem())
	if err != nil {
		return nil, err
	}
	scratches, unsure := mapScratches(t), isUnsureMapKey(t.Key())
	decodeMembers := commonMap(t)
	if decodeMembers == nil {
		decodeMembers = func(d *decoder, elem *codec, s *mapScratch, to slot) error {
			return decodeMap(d, elem, s, valueAt(t, to))
		}
	}
	return decodedAt(codec{
		wire:  wire.M,
		elem:  elem,
		empty: reflect.Value.IsNil,
		encode: func(e *encoder, v reflect.Value) error {
			if unsure {
				if err := checkMapKeys(v); err != nil {
					return err
				}
			}
			return encodeMap(e, elem, v)
		},
	}, func(d *decoder, got wire.Type, to slot) error {
		switch got {
		case wire.M:
			scratch := scratches.Get().(*mapScratch)
			defer scratch.release()
			return decodeMembers(d, elem, scratch, to)
		case wire.S:
			return decodeJSON(d, valueAt(t, to), true)
		}
		return newTypeError(got, t, "M, or S with JSON")
	}), nil
}

// checkMapKey refuses a key type that cannot be converted to text and back. It also refuses
// pointers, because two keys of a map could have the same text.
func checkMapKey(t reflect.Type) error {
	writes, reads := implements(t, textMarshalerType), implements(t, textUnmarshalerType)
	switch {
	case t.Kind() == reflect.String, t.Kind() != reflect.Pointer && writes && reads,
		isPlainMapKey(t) && !writes && !reads:
		return nil
	}
	return newMapKeyError(t)
}

// isUnsureMapKey reports whether keys of the type are written by a method, and the zero one in a
// form that the type does not read: each is read before it is stored.
func isUnsureMapKey(t reflect.Type) bool {
	if isPlainMapKey(t) && !implements(t, textMarshalerType) || t.Kind() == reflect.String {
		return false
	}
	zero := newTextForm().tryZero(t)
	return zero.written && zero.err != nil
}

func checkMapKeys(v reflect.Value) error {
	for _, key := range v.MapKeys() {
		if err := newTextForm().check(key); err != nil {
			return err
		}
	}
	return nil
}

func isPlainMapKey(t reflect.Type) bool {
	return t.Kind() == reflect.String || t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

func newMapKeyError(t reflect.Type) error {
	return fmt.Errorf(
		"type %s cannot be the key of a stored map; use a string, an integer or a type with "+
			"MarshalText and UnmarshalText", t)
}

func encodeMap(e *encoder, elem *codec, v reflect.Value) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave()
	var names map[string]bool // only if two keys may have the same text
	if key := v.Type().Key(); key.Kind() != reflect.String && implements(key, textMarshalerType) {
		names = make(map[string]bool, v.Len())
	}
	e.open(wire.M)
	e.text = append(e.text, '{')
	first := true
	for entries := v.MapRange(); entries.Next(); first = false {
		if !first {
			e.text = append(e.text, ',')
		}
		name, err := encodeMapKey(entries.Key())
		if err != nil {
			return withMember(err, name)
		}
		if names != nil {
			if names[name] {
				return errors.New("two keys of the map have the same text")
			}
			names[name] = true
		}
		e.text = append(wire.AppendString(e.text, name), ':')
		if err := encodeElement(e, elem, entries.Value()); err != nil {
			return withMember(err, name)
		}
	}
	e.text = append(e.text, '}')
	e.close()
	return nil
}

func encodeMapKey(key reflect.Value) (string, error) {
	name, err := "", error(nil)
	switch {
	case key.Kind() == reflect.String:
		name = key.String()
	case implements(key.Type(), textMarshalerType):
		name, err = marshalText(key)
	case key.CanInt():
		name = strconv.FormatInt(key.Int(), 10)
	case key.CanUint():
		name = strconv.FormatUint(key.Uint(), 10)
	default: // for a map in an interface
		err = newMapKeyError(key.Type())
	}
	if err == nil {
		err = checkMemberName(name)
	}
	return name, err
}

// mapDecoder decodes the members of an M into the map in a slot.
type mapDecoder func(d *decoder, elem *codec, scratch *mapScratch, to slot) error

// commonMaps lists the decoders of the most common maps, which need no reflection.
var commonMaps = map[reflect.Type]mapDecoder{
	reflect.TypeFor[string]():  decodeMapOf[string],
	reflect.TypeFor[int]():     decodeMapOf[int],
	reflect.TypeFor[int64]():   decodeMapOf[int64],
	reflect.TypeFor[float64](): decodeMapOf[float64],
	reflect.TypeFor[bool]():    decodeMapOf[bool],
}

// commonMap returns the decoder of a type of maps, or nil if it is not a common one.
func commonMap(t reflect.Type) mapDecoder {
	if t.Key() != stringType {
		return nil
	}
	return commonMaps[t.Elem()]
}

func decodeMapOf[V any](d *decoder, elem *codec, scratch *mapScratch, to slot) error {
	members, value := map[string]V{}, slotOf(scratch.value)
	d.Object()
	for {
		name, ok := d.Member()
		if !ok {
			break
		}
		*at[V](value) = *new(V)
		if err := decodeElementAt(d, elem, value); err != nil {
			return withMember(err, name)
		}
		members[name] = *at[V](value)
	}
	*at[map[string]V](to) = members
	return nil
}

func decodeMap(d *decoder, elem *codec, scratch *mapScratch, v reflect.Value) error {
	members := reflect.MakeMap(v.Type())
	d.Object()
	for {
		name, ok := d.Member()
		if !ok {
			break
		}
		scratch.clear()
		if err := decodeMapKey(name, scratch.key); err != nil {
			return withMember(err, name)
		}
		if err := decodeElementAt(d, elem, slotOf(scratch.value)); err != nil {
			return withMember(err, name)
		}
		members.SetMapIndex(scratch.key, scratch.value)
	}
	v.Set(members)
	return nil
}

// decodeMapKey decodes a member's name into a zero key.
func decodeMapKey(name string, key reflect.Value) error {
	t := key.Type()
	switch {
	case t.Kind() == reflect.String:
		key.SetString(name)
	case implements(t, textUnmarshalerType):
		return unmarshalText(key, name)
	case key.CanInt():
		n, err := strconv.ParseInt(name, 10, t.Bits())
		if err != nil {
			return fmt.Errorf("the member's name is not an integer of the Go type %s", t)
		}
		key.SetInt(n)
	default:
		n, err := strconv.ParseUint(name, 10, t.Bits())
		if err != nil {
			return fmt.Errorf("the member's name is not an integer of the Go type %s", t)
		}
		key.SetUint(n)
	}
	return nil
}

// checkStruct refuses a struct of which nothing would be stored.
func checkStruct(t reflect.Type) error {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() || f.Anonymous {
			return nil
		}
	}
	if t.NumField() == 0 {
		return nil
	}
	return fmt.Errorf(
		"type %s has no exported field, and nothing of it would be stored; add the "+
			"methods MarshalText and UnmarshalText to the type; if the type is not yours, embed it "+
			"in a type that has both; or leave the field out with `dynamo:\"-\"`", t)
}

// makeStructCodec makes the codec of structs, which are stored as M.
func (m *codecMaker) makeStructCodec(t reflect.Type) (*codec, error) {
	if err := checkStruct(t); err != nil {
		return nil, err
	}
	plan, err := m.makeStructPlan(t)
	if err != nil {
		return nil, err
	}
	return decodedAt(codec{
		wire:  wire.M,
		plan:  plan,
		empty: nothingIsEmpty,
		encode: func(e *encoder, v reflect.Value) error {
			if err := e.enter(); err != nil {
				return err
			}
			defer e.leave()
			e.open(wire.M)
			err := e.encodeStruct(plan, v, false)
			e.close()
			return err
		},
	}, func(d *decoder, got wire.Type, to slot) error {
		switch got {
		case wire.M:
			return d.decodeStruct(plan, to)
		case wire.S:
			return decodeJSON(d, valueAt(t, to), true)
		}
		return newTypeError(got, t, "M, or S with JSON")
	}), nil
}

// makeAnyCodec makes the codec of the empty interface. It encodes the value in the interface, and
// decodes to the Go types of a document. Numbers become json.Number, so that none is rounded. Sets
// become attribute values, so that they stay sets.
func (m *codecMaker) makeAnyCodec() *codec {
	known := &dynamicCodecs{}
	return decodedAt(codec{
		dynamic: known,
		empty:   reflect.Value.IsNil,
		encode: func(e *encoder, v reflect.Value) error {
			if v.IsNil() {
				e.appendNull()
				return nil
			}
			if err := e.unbox(); err != nil {
				return err
			}
			defer e.rebox()
			c, err := known.lookup(v.Elem().Type())
			if err != nil {
				return err
			}
			return encodeElement(e, c, v.Elem())
		},
	}, func(d *decoder, t wire.Type, to slot) error {
		value := d.plainValue(t)
		if d.Err() == nil && value != nil {
			*at[any](to) = value
		}
		return d.Err()
	})
}

// plainValue reads the rest of a value of type t as plain Go, except sets, as goValue converts it.
func (d *decoder) plainValue(t wire.Type) any {
	switch t {
	case wire.S:
		return d.Text()
	case wire.N:
		return json.Number(d.Text())
	case wire.B:
		return d.Bytes()
	case wire.BOOL:
		return d.Bool()
	case wire.L:
		list := []any{}
		for d.Array(); d.Element(); {
			list = append(list, d.plainElement())
		}
		return list
	case wire.M:
		members := map[string]any{}
		d.Object()
		for name, ok := d.Member(); ok; name, ok = d.Member() {
			members[name] = d.plainElement()
		}
		return members
	}
	return goValue(d.rest(t))
}

func (d *decoder) plainElement() any {
	value := d.plainValue(d.Value())
	d.End()
	return value
}

// dynamicCodecs holds the codecs of the types found in an interface.
type dynamicCodecs struct{ byType sync.Map }

func (k *dynamicCodecs) lookup(t reflect.Type) (*codec, error) {
	if made, ok := k.byType.Load(t); ok {
		return made.(*codec), nil
	}
	if t == referenceType {
		return nil, errReferenceAsValue
	}
	made, err := newCodecMaker().makeCodec(t)
	if err != nil {
		return nil, err
	}
	k.byType.Store(t, made)
	return made, nil
}

// goValue converts an attribute value to plain Go, except sets.
func goValue(value types.AttributeValue) any {
	return convertValue(value, func(set types.AttributeValue) any { return set })
}

// convertValue converts an attribute value to plain Go, and calls convertSet for a set.
func convertValue(
	value types.AttributeValue, convertSet func(types.AttributeValue) any,
) any {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return value.Value
	case *types.AttributeValueMemberN:
		return json.Number(value.Value)
	case *types.AttributeValueMemberB:
		return value.Value
	case *types.AttributeValueMemberBOOL:
		return value.Value
	case *types.AttributeValueMemberL:
		list := make([]any, len(value.Value))
		for i, elem := range value.Value {
			list[i] = convertValue(elem, convertSet)
		}
		return list
	case *types.AttributeValueMemberM:
		members := make(map[string]any, len(value.Value))
		for name, member := range value.Value {
			members[name] = convertValue(member, convertSet)
		}
		return members
	case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS,
		*types.AttributeValueMemberBS:
		return convertSet(value)
	}
	return nil
}

// listScratch holds the elements of a list while it is read, because their number is not known
// before. The next list reuses it.
type listScratch struct {
	pool  *sync.Pool
	list  reflect.Value // as long as its capacity, with zero elements behind the first count
	count int
	first slot // of the first element
	size  uintptr
}

// listScratches returns a pool of scratches for lists of elements of a type.
func listScratches(elem reflect.Type) *sync.Pool {
	pool, list := &sync.Pool{}, reflect.SliceOf(elem)
	pool.New = func() any {
		return &listScratch{pool: pool, list: reflect.New(list).Elem(), size: elem.Size()}
	}
	return pool
}

// add appends a zero element to the list, and returns its slot.
func (s *listScratch) add() slot {
	if s.count == s.list.Len() {
		s.list.Grow(max(4, s.count))
		s.list.SetLen(s.list.Cap())
		s.first = slot(s.list.UnsafePointer())
	}
	s.count++
	return element(s.first, uintptr(s.count-1)*s.size)
}

// copyTo copies the elements to a slice of the exact size, which is never nil.
func (s *listScratch) copyTo(v reflect.Value) {
	n := s.count
	if n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return
	}
	v.SetZero()
	v.Grow(n)
	v.SetLen(n)
	reflect.Copy(v, s.list)
}

// release clears the scratch and returns it to the pool.
func (s *listScratch) release() {
	room := s.list.Len()
	s.list.SetLen(s.count)
	s.list.Clear()
	s.list.SetLen(room)
	s.count = 0
	s.pool.Put(s)
}

// mapScratch holds a member of a map while it is read. The next map reuses it.
type mapScratch struct {
	pool       *sync.Pool
	key, value reflect.Value
}

// mapScratches returns a pool of scratches for maps of a type.
func mapScratches(t reflect.Type) *sync.Pool {
	pool := &sync.Pool{}
	pool.New = func() any {
		return &mapScratch{pool, reflect.New(t.Key()).Elem(),
			reflect.New(t.Elem()).Elem()}
	}
	return pool
}

// clear prepares for the next member.
func (s *mapScratch) clear() {
	s.key.SetZero()
	s.value.SetZero()
}

// release clears the scratch and returns it to the pool.
func (s *mapScratch) release() {
	s.clear()
	s.pool.Put(s)
}
