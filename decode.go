package dynamapper

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// decoder reads items of one model from wire JSON. It remembers the order in which the attributes of the item before
// came, because the next one's come in the same: finding a field is then one comparison.
type decoder struct {
	*wire.Reader
	seen  []*field // in the order of the item before
	next  int      // where in seen the next attribute is expected
	place []int    // of a field in seen, plus one; by the field's number
}

func newDecoder(r *wire.Reader) *decoder { return &decoder{Reader: r} }

// lookup finds the field of an attribute of the model itself, nil where the schema does not know it.
func (d *decoder) lookup(p *structPlan, name string) *field {
	if d.next < len(d.seen) && d.seen[d.next].attribute == name {
		d.next++
		return d.seen[d.next-1]
	}
	f := p.byAttribute[name]
	if f == nil {
		return nil
	}
	if d.place == nil {
		d.place = make([]int, len(p.fields))
		d.seen = make([]*field, 0, len(p.fields))
	}
	if d.place[f.number] == 0 {
		d.seen = append(d.seen, f)
		d.place[f.number] = len(d.seen)
	}
	d.next = d.place[f.number]
	return f
}

// decodeItem reads one item into a zero model, by its fields alone. A problem with a value is a *FieldError with the
// paths; one with the text stays in the reader, too.
func (d *decoder) decodeItem(p *structPlan, v reflect.Value) error {
	d.next = 0
	d.Object()
	for {
		name, ok := d.Member()
		if !ok {
			return d.Err()
		}
		f := d.lookup(p, name)
		if f == nil {
			if err := d.skipUnknown(name); err != nil {
				return err
			}
			continue
		}
		if err := d.decodeField(f, v); err != nil {
			return err
		}
	}
}

// skipUnknown reads over an attribute value that the plan does not know, and checks it.
func (d *decoder) skipUnknown(name string) error {
	d.SkipValue()
	if d.Err() != nil {
		return withPath(d.Err(), "", quoteElement(name))
	}
	return nil
}

// decodeStruct reads the members of an M into a struct.
func (d *decoder) decodeStruct(p *structPlan, v reflect.Value) error {
	d.Object()
	for {
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
		if err := d.decodeField(f, v); err != nil {
			return err
		}
	}
}

// decodeField reads one attribute value into its field. NULL reads as missing: the field stays zero.
func (d *decoder) decodeField(f *field, holder reflect.Value) error {
	t := d.Value()
	var err error
	if t == wire.NULL {
		d.SkipRest(t)
	} else if t != wire.Invalid {
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
