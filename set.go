package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// setTypes maps the type of a set's members to the type of the set.
var setTypes = map[wire.Type]wire.Type{wire.S: wire.SS, wire.N: wire.NS, wire.B: wire.BS}

// makeSetCodec makes the codec of []T, map[T]struct{} and map[T]bool, if T is stored as S, N or B.
func (m *codecMaker) makeSetCodec(t reflect.Type, o tag.Options) (*codec, error) {
	member, err := m.setMember(t)
	if err != nil {
		return nil, err
	}
	o.Set = false
	elem, err := m.makeFieldCodec(member, o, true)
	if err != nil {
		return nil, err
	}
	if !elem.isKey() || member.Kind() == reflect.Pointer {
		return nil, fmt.Errorf(
			"type %s cannot be a set: its members are %s, and DynamoDB has sets of strings, "+
				"numbers and bytes", t, member)
	}
	set := &setCodec{wire: setTypes[elem.wire], elem: elem, member: member}
	made := &codec{wire: set.wire, elem: elem, encode: set.encode}
	if t.Kind() == reflect.Slice {
		made.empty = func(v reflect.Value) bool { return v.Len() == 0 }
		set.scratches = listScratches(member)
		made.decode = set.decodeSlice
		if t == stringsType {
			made = decodedAt(*made, set.decodeStrings)
			made.encodeAt = set.encodeStrings
			made.emptyAt = func(from slot) bool { return len(*at[[]string](from)) == 0 }
		}
		return made, nil
	}
	made.empty = func(v reflect.Value) bool { return len(membersOf(v)) == 0 }
	set.scratches = mapScratches(t)
	made.decode = set.decodeMap
	return made, nil
}

func (m *codecMaker) setMember(t reflect.Type) (reflect.Type, error) {
	switch {
	case hasOwnCodec(t):
	case t.Kind() == reflect.Slice:
		return t.Elem(), nil
	case t.Kind() == reflect.Map &&
		(isEmptyStruct(t.Elem()) || t.Elem().Kind() == reflect.Bool && !hasOwnCodec(t.Elem())):
		return t.Key(), nil
	}
	return nil, fmt.Errorf("type %s cannot be a set; use []T, map[T]struct{} or map[T]bool", t)
}

// isEmptyStruct reports whether a type is struct{} or has it as its underlying type.
func isEmptyStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 0 && !hasOwnCodec(t)
}

// setCodec implements the codec of one set type.
type setCodec struct {
	wire      wire.Type
	elem      *codec
	member    reflect.Type
	scratches *sync.Pool // of lists or of maps
}

// membersOf lists a set's members. For a map with bools, these are the keys with true.
func membersOf(v reflect.Value) []reflect.Value {
	members := make([]reflect.Value, 0, v.Len())
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			members = append(members, v.Index(i))
		}
		return members
	}
	for entries := v.MapRange(); entries.Next(); {
		if v.Type().Elem().Kind() != reflect.Bool || entries.Value().Bool() {
			members = append(members, entries.Key())
		}
	}
	return members
}

func (s *setCodec) encode(e *encoder, v reflect.Value) error {
	texts := make([]string, 0, v.Len())
	if v.Kind() == reflect.Map {
		return s.encodeMap(e, v, texts)
	}
	for i := range v.Len() {
		text, err := s.encodeMember(e, v.Index(i))
		if err != nil {
			return withIndex(err, i)
		}
		texts = append(texts, text)
	}
	s.appendSet(e, texts)
	return nil
}

// encodeMap encodes a map's members. It sorts them, so that equal sets give equal requests.
func (s *setCodec) encodeMap(e *encoder, v reflect.Value, texts []string) error {
	for _, member := range membersOf(v) {
		text, err := s.encodeMember(e, member)
		if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	s.appendSet(e, texts)
	return nil
}

// encodeMember returns the JSON string of a member, which may be empty.
func (s *setCodec) encodeMember(e *encoder, member reflect.Value) (string, error) {
	start := len(e.text)
	if err := s.elem.encode(e, member); err != nil {
		return "", err
	}
	value := e.taken(start)
	e.text = e.text[:start]
	switch value.Type() {
	case s.elem.wire:
		return string(value[len(s.elem.wire.Open()) : len(value)-1]), nil
	case wire.NULL:
		return "", fmt.Errorf(
			"a member of the set has no value, and a set of type %s has no such member; leave the "+
				"member out",
			s.wire)
	}
	return "", fmt.Errorf(
		"the Go type %s stores this member as another type than its zero value, and a set "+
			"has one type", s.member)
}

// appendSet appends the set of the members with the given JSON strings. It drops duplicates, which
// the service refuses, including numbers that are spelled differently.
func (s *setCodec) appendSet(e *encoder, texts []string) {
	e.open(s.wire)
	e.text = append(e.text, '[')
	for i, text := range s.unique(texts) {
		if i > 0 {
			e.text = append(e.text, ',')
		}
		e.text = append(e.text, text...)
	}
	e.text = append(e.text, ']')
	e.close()
}

// encodeStrings is encode for the most common type of sets, without what is around the members.
func (s *setCodec) encodeStrings(e *encoder, from slot) error {
	members := *at[[]string](from)
	var seen map[string]bool
	if len(members) > fewMembers {
		seen = make(map[string]bool, len(members))
	}
	e.text = append(e.text, '[')
	for i, member := range members {
		if seen[member] || seen == nil && slices.Contains(members[:i], member) {
			continue
		}
		if i > 0 {
			e.text = append(e.text, ',')
		}
		if err := e.appendText(member); err != nil {
			return withIndex(err, i)
		}
		if seen != nil {
			seen[member] = true
		}
	}
	e.text = append(e.text, ']')
	return nil
}

// fewMembers is the largest number of members that are compared faster with each other than through
// a map.
const fewMembers = 8

func (s *setCodec) unique(texts []string) []string {
	if s.elem.wire != wire.N && len(texts) <= fewMembers {
		unique := texts[:0]
		for _, text := range texts {
			if !slices.Contains(unique, text) {
				unique = append(unique, text)
			}
		}
		return unique
	}
	seen := make(map[string]bool, len(texts))
	return slices.DeleteFunc(texts, func(text string) bool {
		if s.elem.wire == wire.N {
			text = wire.CanonicalNumber(text[1 : len(text)-1])
		}
		known := seen[text]
		seen[text] = true
		return known
	})
}

func (s *setCodec) checkType(t wire.Type, goType reflect.Type) error {
	if t != s.wire && !(t == wire.SS && isAnyNumber(s.member)) {
		return newTypeError(t, goType, s.wire.String())
	}
	return nil
}

// memberType returns the type of the members of a set of type t.
func (s *setCodec) memberType(t wire.Type) wire.Type {
	if t == wire.SS {
		return wire.S
	}
	return s.elem.wire
}

func (s *setCodec) decodeSlice(d *decoder, t wire.Type, v reflect.Value) error {
	if err := s.checkType(t, v.Type()); err != nil {
		return err
	}
	scratch := s.scratches.Get().(*listScratch)
	defer scratch.release()
	d.Array()
	for i := 0; d.Element(); i++ {
		if err := s.elem.decodeAt(d, s.memberType(t), scratch.add()); err != nil {
			return withIndex(err, i)
		}
	}
	scratch.copyTo(v)
	return nil
}

// decodeStrings is decodeSlice for the most common type of sets. It makes one allocation of the
// exact size.
func (s *setCodec) decodeStrings(d *decoder, t wire.Type, to slot) error {
	if err := s.checkType(t, stringsType); err != nil {
		return err
	}
	var few [8]string // small sets need no further allocation
	members := few[:0]
	for d.Array(); d.Element(); {
		members = append(members, d.Text())
	}
	exact := make([]string, len(members))
	copy(exact, members)
	*at[[]string](to) = exact
	return nil
}

func (s *setCodec) decodeMap(d *decoder, t wire.Type, v reflect.Value) error {
	if err := s.checkType(t, v.Type()); err != nil {
		return err
	}
	scratch := s.scratches.Get().(*mapScratch)
	defer scratch.release()
	member, present := scratch.key, scratch.value
	if present.Kind() == reflect.Bool {
		present.SetBool(true)
	}
	set := reflect.MakeMap(v.Type())
	d.Array()
	for i := 0; d.Element(); i++ {
		member.SetZero()
		if err := s.elem.decodeAt(d, s.memberType(t), slotOf(member)); err != nil {
			return withIndex(err, i)
		}
		set.SetMapIndex(member, present)
	}
	v.Set(set)
	return nil
}

// membersOfRaw returns the members of a set, or the value as the member of one, and the type of the
// set. Members of a BS are bytes in strings.
func membersOfRaw(value wire.Raw) (set wire.Type, members []string) {
	switch v := value.AttributeValue().(type) {
	case *types.AttributeValueMemberS:
		return wire.SS, []string{v.Value}
	case *types.AttributeValueMemberN:
		return wire.NS, []string{v.Value}
	case *types.AttributeValueMemberB:
		return wire.BS, []string{string(v.Value)}
	case *types.AttributeValueMemberSS:
		return wire.SS, v.Value
	case *types.AttributeValueMemberNS:
		return wire.NS, v.Value
	case *types.AttributeValueMemberBS:
		for _, member := range v.Value {
			members = append(members, string(member))
		}
		return wire.BS, members
	}
	return wire.Invalid, nil
}

// newSet returns the set of members, each once, because DynamoDB refuses a set with one twice.
func newSet(of wire.Type, members []string) types.AttributeValue {
	seen := map[string]bool{}
	members = slices.DeleteFunc(slices.Clone(members), func(member string) bool {
		if of == wire.NS {
			member = wire.CanonicalNumber(member)
		}
		before := seen[member]
		seen[member] = true
		return before
	})
	switch of {
	case wire.SS:
		return &types.AttributeValueMemberSS{Value: members}
	case wire.NS:
		return &types.AttributeValueMemberNS{Value: members}
	}
	set := &types.AttributeValueMemberBS{}
	for _, member := range members {
		set.Value = append(set.Value, []byte(member))
	}
	return set
}
