package wire

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// ParseItem parses a text that is an item.
func ParseItem(text string) (map[string]types.AttributeValue, error) {
	return ParseItemOf(text, 0)
}

// ParseItemOf is ParseItem for a text with a known number of attributes.
func ParseItemOf(text string, attributes int) (map[string]types.AttributeValue, error) {
	r := NewReader(text)
	item := r.item(attributes)
	r.Done()
	if err := r.Err(); err != nil {
		return nil, err
	}
	return item, nil
}

// Item consumes an item: an object of attribute values. It returns nil only on failure.
func (r *Reader) Item() map[string]types.AttributeValue { return r.item(0) }

// item is Item with the number of attributes, 0 if it is not known.
func (r *Reader) item(attributes int) map[string]types.AttributeValue {
	item := make(map[string]types.AttributeValue, attributes)
	values := slab{size: attributes / 2} // half are strings, half numbers, in most items
	r.Object()
	for name, ok := r.Member(); ok; name, ok = r.Member() {
		item[name] = values.read(r)
	}
	if r.failed() {
		return nil
	}
	return item
}

// AttributeValue consumes an attribute value. It returns nil only on failure.
func (r *Reader) AttributeValue() types.AttributeValue {
	value := r.RestOf(r.Value())
	r.End()
	if r.failed() {
		return nil
	}
	return value
}

// slab makes values of the most common types, several with one allocation.
type slab struct {
	strings []types.AttributeValueMemberS
	numbers []types.AttributeValueMemberN
	size    int // how many values of one type to make room for; 0: few
}

// The numbers of values that a slab allocates at once: first few, then more.
const (
	minSlab = 4
	maxSlab = 256
)

func (s *slab) next(last int) int { return max(minSlab, s.size, min(2*last, maxSlab)) }

// read consumes an attribute value.
func (s *slab) read(r *Reader) (value types.AttributeValue) {
	switch t := r.Value(); t {
	case S:
		if len(s.strings) == cap(s.strings) {
			s.strings = make([]types.AttributeValueMemberS, 0, s.next(cap(s.strings)))
		}
		s.strings = append(s.strings, types.AttributeValueMemberS{Value: r.Text()})
		value = &s.strings[len(s.strings)-1]
	case N:
		if len(s.numbers) == cap(s.numbers) {
			s.numbers = make([]types.AttributeValueMemberN, 0, s.next(cap(s.numbers)))
		}
		s.numbers = append(s.numbers, types.AttributeValueMemberN{Value: r.Text()})
		value = &s.numbers[len(s.numbers)-1]
	default:
		value = r.RestOf(t)
	}
	r.End()
	if r.failed() {
		return nil
	}
	return value
}

// RestOf reads the rest of an attribute value behind Value, which returned t, up to the brace that
// End consumes.
func (r *Reader) RestOf(t Type) types.AttributeValue {
	switch t {
	case S:
		return &types.AttributeValueMemberS{Value: r.Text()}
	case N:
		return &types.AttributeValueMemberN{Value: r.Text()}
	case B:
		return &types.AttributeValueMemberB{Value: r.Bytes()}
	case BOOL:
		return &types.AttributeValueMemberBOOL{Value: r.Bool()}
	case NULL:
		return &types.AttributeValueMemberNULL{Value: r.Bool()}
	case SS:
		return &types.AttributeValueMemberSS{Value: elements(r, r.Text)}
	case NS:
		return &types.AttributeValueMemberNS{Value: elements(r, r.Text)}
	case BS:
		return &types.AttributeValueMemberBS{Value: elements(r, r.Bytes)}
	case L:
		return &types.AttributeValueMemberL{Value: elements(r, r.AttributeValue)}
	case M:
		return &types.AttributeValueMemberM{Value: r.Item()}
	}
	return nil
}

// elements returns the elements of an array. It reads each with read.
func elements[E any](r *Reader, read func() E) []E {
	list := []E{}
	for r.Array(); r.Element(); {
		list = append(list, read())
	}
	return list
}

// Attribute is a named attribute value as wire text.
type Attribute struct {
	Name  string
	Value Raw
}

// IndexItem returns the attributes of a text that is an item, in order, checked but not decoded.
func IndexItem(text string) ([]Attribute, error) {
	r := NewReader(text)
	attributes := make([]Attribute, 0, 16)
	r.Object()
	for name, ok := r.Member(); ok; name, ok = r.Member() {
		start := r.Offset()
		r.SkipValue()
		attributes = append(attributes, Attribute{Name: name, Value: Raw(r.Since(start))})
	}
	r.Done()
	if err := r.Err(); err != nil {
		return nil, err
	}
	return attributes, nil
}
