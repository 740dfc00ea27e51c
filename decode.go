package dynamapper

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// decoder reads items of one model from JSON of the DynamoDB protocol. If it reads several items,
// it remembers how the attributes of each struct began and followed each other. The next item
// usually has the same attributes in the same order, so one comparison finds a field and its type.
type decoder struct {
	*wire.Reader
	remembers bool   // more items follow
	memory    memory // of the item, and of the documents in it
	// The texts of computed attributes without a field, by their numbers. It is empty if the model
	// has none.
	noted []string
}

// memory is what a decoder remembers of the members of one struct.
type memory struct {
	plan    *structPlan  // nil before the first struct
	begin   remembered   // the place before the first member
	members []remembered // by the number of the field
	// The members of the struct before came mostly in the order of the one before that.
	ordered bool
	other   *memory // of another struct
}

// remembered is the beginning of a member, and the member that followed it.
type remembered struct {
	field *field
	head  string // "" before the field was found
	wire  wire.Type
	next  *remembered
}

func newDecoder(r *wire.Reader) *decoder { return &decoder{Reader: r} }

// forgetNoted begins a new item.
func (d *decoder) forgetNoted(s *schema) {
	switch {
	case !s.isShared():
	case len(d.noted) <= len(s.computed): // a page may have items of several models
		d.noted = make([]string, 1+len(s.computed))
	default:
		clear(d.noted)
	}
}

// note keeps the text of a computed attribute.
func (d *decoder) note(number int, text string) {
	if d.noted != nil {
		d.noted[number] = text
	}
}

// memoryOf returns the memory of a struct. A model has few structs.
func (d *decoder) memoryOf(p *structPlan) *memory {
	m := &d.memory
	for m.plan != p && m.plan != nil {
		if m.other == nil {
			m.other = &memory{}
		}
		m = m.other
	}
	if m.plan == nil {
		m.plan, m.members, m.ordered = p, make([]remembered, len(p.fields)), true
	}
	return m
}

// decodeItem decodes one item into a zero model, by its fields alone. It returns a *FieldError with
// the paths if a value cannot be decoded. If the text is unreadable, the reader holds the error
// too.
func (d *decoder) decodeItem(p *structPlan, v reflect.Value) error {
	_, err := d.decodeMembers(p, slotOf(v), false)
	return err
}

// decodeStruct decodes the members of an M into a struct.
func (d *decoder) decodeStruct(p *structPlan, to slot) error {
	unknown, err := d.decodeMembers(p, to, len(p.fields) > 0)
	if err != nil || len(unknown) == 0 {
		return err
	}
	return p.checkUnread(unknown)
}

// decodeMembers decodes the attributes of an item, or the members of a document. If lists is true
// and no member is known, it lists the names of the members.
func (d *decoder) decodeMembers(
	p *structPlan, to slot, lists bool,
) (unknown []string, err error) {
	var m *memory
	var last *remembered // nil, or the last member
	ordered, repeats, changes := false, 0, 0
	if d.remembers {
		m = d.memoryOf(p)
		last, ordered = &m.begin, m.ordered
	}
	d.Object()
	for {
		var f *field
		var t wire.Type
		if ordered && last.next != nil && d.Again(last.next.head) {
			last = last.next
			f, t = last.field, last.wire
			repeats++
		} else {
			start := d.Offset()
			var name string
			var more bool
			if f, t, name, more = d.member(p); !more {
				break
			}
			if f == nil {
				if err := d.skipUnknown(name); err != nil {
					return nil, err
				}
				if lists {
					unknown = append(unknown, name)
				}
				continue
			}
			if m != nil {
				now := m.recall(f, t, d.Head(start))
				if last.next == now {
					repeats++
				} else {
					changes++
				}
				if now.head != "" {
					last.next = now
				}
				last = now
			}
		}
		lists = false
		if err := d.decodeValue(f, t, to); err != nil {
			return nil, err
		}
	}
	if m != nil {
		m.ordered = changes <= repeats
	}
	if !lists {
		unknown = nil
	}
	return unknown, d.Err()
}

// member consumes the beginning of the next member, and returns its field and the type of its
// value. If the plan has no such field, it returns the name of the member. more is false at the
// end.
func (d *decoder) member(p *structPlan) (f *field, t wire.Type, name string, more bool) {
	if number, t := d.Known(p.names); number >= 0 {
		return p.fields[number], t, "", true
	}
	if name, more = d.Member(); more {
		if f = p.byAttribute[name]; f != nil {
			t = d.Value()
		}
	}
	return f, t, name, more
}

// recall returns what is remembered of a field's member, which begins with head.
func (m *memory) recall(f *field, t wire.Type, head string) *remembered {
	r := &m.members[f.number]
	if r.head == "" && t != wire.Invalid {
		r.field, r.head, r.wire = f, head, t
	}
	return r
}

// skipUnknown skips the value of an unknown attribute, and checks its text.
func (d *decoder) skipUnknown(name string) error {
	d.SkipValue()
	if d.Err() != nil {
		return placedAt(d.Err(), namedPath("", name))
	}
	return nil
}

// decodeField decodes one attribute value into its field.
func (d *decoder) decodeField(f *field, holder reflect.Value) error {
	return d.decodeValue(f, d.Value(), slotOf(holder))
}

// decodeValue decodes the value after the descriptor t into a field of a struct, whose slot is
// here. NULL decodes like a missing attribute: the field stays zero.
func (d *decoder) decodeValue(f *field, t wire.Type, here slot) error {
	var err error
	switch {
	case t == wire.NULL:
		d.SkipRest(t)
	case t == wire.Invalid:
	case f.viaPointer != "":
		err = f.codec.decodeAt(d, t, slotOf(f.settableIn(valueAt(f.holder, here))))
	default:
		err = f.codec.decodeAt(d, t, f.slotIn(here))
	}
	if err == nil {
		d.End()
		err = d.Err()
	}
	if err != nil {
		return withPath(d.problem(err), f.goPath, expression.QuoteElement(f.attribute))
	}
	return nil
}

// problem returns the reader's error in place of a codec's, at the same path. A codec may have
// judged a text that the reader could not read.
func (d *decoder) problem(err error) error {
	unreadable := d.Err()
	if unreadable == nil {
		return err
	}
	if placed, ok := err.(*FieldError); ok {
		placed.Err = unreadable
		return placed
	}
	return unreadable
}

// rest reads an attribute value into the SDK's type. Its descriptor has been read already.
func (d *decoder) rest(t wire.Type) types.AttributeValue { return d.RestOf(t) }
