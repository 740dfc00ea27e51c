package dynamapper

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/response"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// maxDepth is how many levels DynamoDB nests documents below an attribute. The attribute itself is
// the first of 32 levels.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxDepth = 31

// encoder appends the wire JSON of values to one text. If it returns an error, the text ends
// anywhere.
type encoder struct {
	text  []byte
	depth int // of the document
	boxes int // interfaces around the value

	places []place  // of an item's attributes in the text, by the number of the field
	few    [96]byte // the room of a short text
}

// place is a part of the text. The zero place is a missing attribute.
type place struct{ start, end int }

func newEncoder() *encoder {
	e := &encoder{}
	e.text = e.few[:0]
	return e
}

// encoderPool holds the encoders of items.
type encoderPool struct{ pool sync.Pool }

func (p *encoderPool) get() *encoder {
	if kept, ok := p.pool.Get().(*encoder); ok {
		return kept
	}
	return newEncoder()
}

func (p *encoderPool) put(e *encoder) {
	if cap(e.text) <= response.MaxKept {
		e.text, e.depth, e.boxes = e.text[:0], 0, 0 // an error may have left a depth
		p.pool.Put(e)
	}
}

// taken returns the text from start on as a value.
func (e *encoder) taken(start int) wire.Raw { return wire.Raw(e.text[start:]) }

// open appends the beginning of a value: its type. close appends its end.
func (e *encoder) open(t wire.Type) { e.text = append(e.text, t.Open()...) }

func (e *encoder) close() { e.text = append(e.text, '}') }

func (e *encoder) appendNull() { e.text = append(e.text, wire.Null...) }

// appendText appends a JSON string. It refuses text that the service would silently change.
func (e *encoder) appendText(s string) (err error) {
	text, valid := wire.AppendText(e.text, s)
	if !valid {
		return errInvalidText
	}
	e.text = text
	return nil
}

// appendS appends an S.
func (e *encoder) appendS(s string) error {
	e.open(wire.S)
	err := e.appendText(s)
	e.close()
	return err
}

// appendN appends an N, whose digits need no escapes.
func (e *encoder) appendN(digits string) {
	e.open(wire.N)
	e.text = append(append(append(e.text, '"'), digits...), '"')
	e.close()
}

// appendInt appends an integer as the text of an N.
func (e *encoder) appendInt(n int64) {
	e.text = append(strconv.AppendInt(append(e.text, '"'), n, 10), '"')
}

var errNested = errors.New(
	"the document is nested deeper than the 32 levels that DynamoDB has, or contains itself")

// enter goes one level deeper into a document. Its limit also stops at values that contain
// themselves.
func (e *encoder) enter() error {
	if e.depth++; e.depth > maxDepth {
		return errNested
	}
	return nil
}

func (e *encoder) leave() { e.depth-- }

// unbox goes into an interface. It has a limit of its own, because a pointer to an interface that
// holds the pointer makes no deeper document, and would never end.
func (e *encoder) unbox() error {
	if e.boxes++; e.boxes > 2*maxDepth {
		return errNested
	}
	return nil
}

func (e *encoder) rebox() { e.boxes-- }

// isMissing reports whether a field with this value is a missing attribute.
func (f *field) isMissing(v reflect.Value) bool {
	return f.codec.empty(v) || f.isZero != nil && f.isZero(v)
}

// encodeField appends a field's value. It reports false if the attribute is missing.
func (e *encoder) encodeField(f *field, holder reflect.Value) (ok bool, err error) {
	if f.computed != nil {
		return e.encodeComputed(f, holder)
	}
	v, ok := f.valueIn(holder)
	if !ok || f.isMissing(v) {
		return false, nil
	}
	if err := f.codec.encode(e, v); err != nil {
		return false, f.placeIn(err)
	}
	return true, nil
}

// raw returns the encoded value.
func (c *codec) raw(v reflect.Value) (wire.Raw, error) {
	e := newEncoder()
	if err := c.encode(e, v); err != nil {
		return "", err
	}
	return e.taken(0), nil
}

// placeIn adds the field to the path of an error.
func (f *field) placeIn(err error) error {
	return withPath(err, f.goPath, expression.QuoteElement(f.attribute))
}

// rawIn returns a field's value, or "" if the attribute is missing.
func (f *field) rawIn(holder reflect.Value) (wire.Raw, error) {
	e := newEncoder()
	if _, err := e.encodeField(f, holder); err != nil {
		return "", err
	}
	return e.taken(0), nil
}

// encodeAttribute appends a field of a struct as a member of an object: the attribute's name and
// its value. It returns the place of the value. It appends nothing if the attribute is missing. The
// struct is given as its value and as its slot.
func (e *encoder) encodeAttribute(f *field, holder reflect.Value, here slot) (place, error) {
	if f.encodesAt {
		return e.encodeAttributeAt(f, f.slotIn(here))
	}
	if f.computed != nil {
		return e.encodeComputedAttribute(f, holder)
	}
	v, ok := f.valueIn(holder)
	if !ok || f.isMissing(v) {
		return place{}, nil
	}
	e.appendOpening(f.opening)
	start := len(e.text)
	if err := f.codec.encode(e, v); err != nil {
		return place{}, f.placeIn(err)
	}
	return place{start, len(e.text)}, nil
}

// encodeComputedAttribute is encodeAttribute for a computed attribute.
func (e *encoder) encodeComputedAttribute(f *field, holder reflect.Value) (place, error) {
	text, err := e.computedText(f, holder)
	if err != nil || text == "" {
		return place{}, err
	}
	e.appendOpening(f.opening)
	start := len(e.text)
	err = e.appendS(text)
	return place{start, len(e.text)}, err
}

// encodeAttributeAt is encodeAttribute for a field whose value is encoded in its slot.
func (e *encoder) encodeAttributeAt(f *field, from slot) (place, error) {
	if f.codec.emptyAt != nil && f.codec.emptyAt(from) {
		return place{}, nil
	}
	e.appendOpening(f.opening)
	start := len(e.text) - f.opened
	if err := f.codec.encodeAt(e, from); err != nil {
		return place{}, f.placeIn(err)
	}
	e.close()
	return place{start, len(e.text)}, nil
}

// appendOpening appends the beginning of a member. It begins with the comma that follows another
// member.
func (e *encoder) appendOpening(opening string) {
	if e.text[len(e.text)-1] == '{' {
		opening = opening[1:]
	}
	e.text = append(e.text, opening...)
}

// setOpening precomputes what stands before each value of the field. Its codec must be set.
func (f *field) setOpening() {
	opening := append(wire.AppendString([]byte{','}, f.attribute), ':')
	f.encodesAt = f.codec.encodeAt != nil && f.viaPointer == "" && f.isZero == nil
	if f.encodesAt {
		open := f.codec.wire.Open()
		opening, f.opened = append(opening, open...), len(open)
	}
	f.opening = string(opening)
}

// encodeStruct appends a struct as an object with the attributes of its fields. If note is true, it
// notes their places.
func (e *encoder) encodeStruct(p *structPlan, v reflect.Value, note bool) error {
	v = addressable(v)
	here := slotOf(v)
	e.text = append(e.text, '{')
	for i, f := range p.fields {
		at, err := e.encodeAttribute(f, v, here)
		if err != nil {
			return err
		}
		if note {
			e.places[i] = at
		}
	}
	e.text = append(e.text, '}')
	return nil
}

// encodedItem is an item as it is written: its wire JSON, and the attributes in it.
type encodedItem struct {
	text       string
	attributes rawItem
}

// encodeItem encodes a model by its fields alone, without hooks.
func (s *schema) encodeItem(e *encoder, v reflect.Value) (encodedItem, error) {
	if s.rest != nil {
		return s.encodeWithRest(v)
	}
	e.places = append(e.places[:0], make([]place, len(s.fields))...)
	start := len(e.text)
	if err := e.encodeStruct(&s.structPlan, v, true); err != nil {
		return encodedItem{}, err
	}
	text := string(e.text[start:])
	attributes := make(rawItem, 0, len(s.fields))
	for _, f := range s.sorted {
		if at := e.places[f.number]; at != (place{}) {
			attributes = append(attributes, wire.Attribute{Name: f.attribute,
				Value: wire.Raw(text[at.start-start : at.end-start])})
		}
	}
	return encodedItem{text, attributes}, nil
}

// encodeAttributes is encodeItem in the SDK's types.
func (s *schema) encodeAttributes(v reflect.Value) (map[string]types.AttributeValue, error) {
	item, err := s.encodeItem(newEncoder(), v)
	if err != nil {
		return nil, err
	}
	return wire.ParseItemOf(item.text, len(item.attributes))
}

// newEncodedItem returns an item with the given attributes, which are sorted by name.
func (t *table) newEncodedItem(attributes rawItem) encodedItem {
	e := t.schema.encoders.get()
	defer t.schema.encoders.put(e)
	e.text = attributes.appendTo(e.text)
	return encodedItem{string(e.text), attributes}
}

// sortFields returns the fields in the order of their attributes' names.
func sortFields(fields []*field) []*field {
	return slices.SortedFunc(slices.Values(fields),
		func(a, b *field) int { return strings.Compare(a.attribute, b.attribute) })
}
