package dynamapper

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// decoder reads items of one model from wire JSON. Of several it remembers how the attributes of the item before began, because the next
// one's come in the same order and begin alike: finding a field and its type is then one comparison.
type decoder struct {
	*wire.Reader
	seen  []seenField // in the order of the item before
	next  int         // where in seen the next attribute is expected
	place []int       // of a field in seen, plus one; by the field's number

	remembers bool // others follow
}

// seenField is a field with what its attribute began with.
type seenField struct {
	*field
	head string
	wire wire.Type // that head ends with
}

func newDecoder(r *wire.Reader) *decoder { return &decoder{Reader: r} }

// expected consumes the beginning of the attribute that is expected next, and gives its field; nil if another one comes.
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

// remember notes how the attribute of a field began, behind which others come.
func (d *decoder) remember(p *structPlan, f *field, head string, t wire.Type) {
	if d.place == nil {
		d.place = make([]int, len(p.fields))
		d.seen = make([]seenField, 0, len(p.fields))
	}
	if d.place[f.number] == 0 {
		d.seen = append(d.seen, seenField{field: f})
		d.place[f.number] = len(d.seen)
	}
	d.next = d.place[f.number]
	if t != wire.Invalid {
		s := &d.seen[d.next-1]
		s.head, s.wire = head, t
	}
}

// decodeItem reads one item into a zero model, by its fields alone. A problem with a value is a *FieldError with the
// paths; one with the text stays in the reader, too.
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

// skipUnknown reads over an attribute value that the plan does not know, and checks it.
func (d *decoder) skipUnknown(name string) error {
	d.SkipValue()
	if d.Err() != nil {
		return placedAt(d.Err(), namedPath("", name))
	}
	return nil
}

// decodeStruct reads the members of an M into a struct.
func (d *decoder) decodeStruct(p *structPlan, v reflect.Value) error {
	var unknown []string // until a member is known
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

// decodeField reads one attribute value into its field.
func (d *decoder) decodeField(f *field, holder reflect.Value) error {
	return d.decodeValue(f, d.Value(), holder, slotOf(holder))
}

// decodeValue reads what stands behind the descriptor t into a field of a struct, whose slot is here. NULL reads as missing:
// the field stays zero.
func (d *decoder) decodeValue(f *field, t wire.Type, holder reflect.Value, here slot) error {
	var err error
	switch {
	case t == wire.NULL:
		d.SkipRest(t)
	case t == wire.Invalid:
	case f.codec.decodeAt != nil && f.behind == "":
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

// problem gives what is really wrong, at the place that an error has: a codec may have judged a text that the reader
// could not read.
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

// rest reads the rest of an attribute value, of which the descriptor has been read, into the SDK's type.
func (d *decoder) rest(t wire.Type) types.AttributeValue { return d.RestOf(t) }
