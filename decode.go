package dynamapper

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// decoder reads items of one model from JSON of the DynamoDB protocol. If it reads several items,
// it remembers how each attribute of the previous item began. The next item usually has the same
// attributes in the same order, so one comparison finds a field and its type.
type decoder struct {
	*wire.Reader
	seen     []seenField // in the order of the previous item
	next     int         // the index in seen of the next expected attribute
	position []int       // by field number, the index in seen plus one; 0 for none

	remembers bool // more items follow
}

// seenField is a field with the text that its attribute began with.
type seenField struct {
	*field
	head string
	wire wire.Type // the type at the end of head
}

func newDecoder(r *wire.Reader) *decoder { return &decoder{Reader: r} }

// expected consumes the beginning of the attribute that is expected next, and returns its field. It
// returns nil if another attribute comes.
func (d *decoder) expected() *seenField {
	if d.next == len(d.seen) {
		return nil
	}
	s := &d.seen[d.next]
	if s.head == "" || !d.Again(s.head) {
		return nil
	}
	d.next++
	return s
}

// remember stores how the attribute of a field began.
func (d *decoder) remember(p *structPlan, f *field, head string, t wire.Type) {
	if d.position == nil {
		d.position = make([]int, len(p.fields))
		d.seen = make([]seenField, 0, len(p.fields))
	}
	if d.position[f.number] == 0 {
		d.seen = append(d.seen, seenField{field: f})
		d.position[f.number] = len(d.seen)
	}
	d.next = d.position[f.number]
	if t != wire.Invalid {
		s := &d.seen[d.next-1]
		s.head, s.wire = head, t
	}
}

// decodeItem decodes one item into a zero model, by its fields alone. It returns a *FieldError with
// the paths if a value cannot be decoded. If the text is unreadable, the reader holds the error
// too.
func (d *decoder) decodeItem(p *structPlan, v reflect.Value) error {
	d.next = 0
	here := slotOf(v)
	d.Object()
	for {
		if s := d.expected(); s != nil {
			if err := d.decodeValue(s.field, s.wire, v, here); err != nil {
				return err
			}
			continue
		}
		start := d.Offset()
		name, ok := d.Member()
		if !ok {
			return d.Err()
		}
		f := p.byAttribute[name]
		if f == nil {
			if err := d.skipUnknown(name); err != nil {
				return err
			}
			continue
		}
		t := d.Value()
		if d.remembers {
			d.remember(p, f, d.Head(start), t)
		}
		if err := d.decodeValue(f, t, v, here); err != nil {
			return err
		}
	}
}

// skipUnknown skips the value of an unknown attribute, and checks its text.
func (d *decoder) skipUnknown(name string) error {
	d.SkipValue()
	if d.Err() != nil {
		return placedAt(d.Err(), namedPath("", name))
	}
	return nil
}

// decodeStruct decodes the members of an M into a struct.
func (d *decoder) decodeStruct(p *structPlan, v reflect.Value) error {
	var unknown []string // collected until a member is known
	known := len(p.fields) == 0
	d.Object()
	for {
		name, ok := d.Member()
		if !ok {
			break
		}
		f := p.byAttribute[name]
		if f == nil {
			if err := d.skipUnknown(name); err != nil {
				return err
			}
			if !known {
				unknown = append(unknown, name)
			}
			continue
		}
		known = true
		if err := d.decodeField(f, v); err != nil {
			return err
		}
	}
	if known || len(unknown) == 0 || d.Err() != nil {
		return d.Err()
	}
	return p.checkUnread(unknown)
}

// decodeField decodes one attribute value into its field.
func (d *decoder) decodeField(f *field, holder reflect.Value) error {
	return d.decodeValue(f, d.Value(), holder, slotOf(holder))
}

// decodeValue decodes the value after the descriptor t into a field of a struct, whose slot is
// here. NULL decodes like a missing attribute: the field stays zero.
func (d *decoder) decodeValue(f *field, t wire.Type, holder reflect.Value, here slot) error {
	var err error
	switch {
	case t == wire.NULL:
		d.SkipRest(t)
	case t == wire.Invalid:
	case f.codec.decodeAt != nil && f.viaPointer == "":
		err = f.codec.decodeAt(d, t, f.slotIn(here))
	default:
		err = f.codec.decode(d, t, f.settableIn(holder))
	}
	if err == nil {
		d.End()
		err = d.Err()
	}
	if err != nil {
		return withPath(d.problem(err), f.goPath, quoteElement(f.attribute))
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
