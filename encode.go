package dynamapper

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxDepth is how many levels DynamoDB nests documents below an attribute. The attribute itself is
// the first of 32 levels.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxDepth = 31

// encoder holds what the values of one item share: one slice for all strings, and one for all
// numbers.
type encoder struct {
	depth   int // of the document
	boxes   int // interfaces around the value
	strings []types.AttributeValueMemberS
	numbers []types.AttributeValueMemberN
	digits  strings.Builder // the texts of numbers, one after the other
	room    int             // how many bytes digits allocates at once
}

// slabSize is the largest number of values that an encoder allocates at once.
const slabSize = 16

// nextSlab returns how many values to allocate next: first one, then more.
func nextSlab(last int) int { return max(1, min(2*last, slabSize)) }

// digitsSize is how many bytes nearly all numbers have, and at least those of a 32-bit integer.
const digitsSize = 11

// maxDigitsRoom bounds the memory that one retained text can keep alive.
const maxDigitsRoom = 1024

// newEncoder returns an encoder with room for so many strings and numbers.
func newEncoder(texts, numbers int) *encoder {
	return &encoder{
		strings: make([]types.AttributeValueMemberS, 0, texts),
		numbers: make([]types.AttributeValueMemberN, 0, numbers),
		room:    min(numbers*digitsSize, maxDigitsRoom),
	}
}

// keep makes a string of a number's digits. The string is a part of a longer one that the numbers
// share.
func (e *encoder) keep(digits []byte) string {
	if e.digits.Cap()-e.digits.Len() < len(digits) {
		e.digits.Reset() // strings made before keep the old piece
		e.digits.Grow(max(e.room, len(digits)))
	}
	start := e.digits.Len()
	e.digits.Write(digits)
	return e.digits.String()[start:]
}

// fewDigits is the number of small integers for which strconv allocates nothing.
const fewDigits = 100

func (e *encoder) newInt(n int64) types.AttributeValue {
	if n >= 0 && n < fewDigits {
		return e.newN(strconv.FormatInt(n, 10))
	}
	var buffer [20]byte
	return e.newN(e.keep(strconv.AppendInt(buffer[:0], n, 10)))
}

func (e *encoder) newUint(n uint64) types.AttributeValue {
	if n < fewDigits {
		return e.newN(strconv.FormatUint(n, 10))
	}
	var buffer [20]byte
	return e.newN(e.keep(strconv.AppendUint(buffer[:0], n, 10)))
}

func (e *encoder) newS(s string) types.AttributeValue {
	if len(e.strings) == cap(e.strings) {
		e.strings = make([]types.AttributeValueMemberS, 0, nextSlab(cap(e.strings)))
	}
	e.strings = append(e.strings, types.AttributeValueMemberS{Value: s})
	return &e.strings[len(e.strings)-1]
}

func (e *encoder) newN(s string) types.AttributeValue {
	if len(e.numbers) == cap(e.numbers) {
		e.numbers = make([]types.AttributeValueMemberN, 0, nextSlab(cap(e.numbers)))
	}
	e.numbers = append(e.numbers, types.AttributeValueMemberN{Value: s})
	return &e.numbers[len(e.numbers)-1]
}

// release frees the room of a value if only its text is used.
func (e *encoder) release(value types.AttributeValue) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		if last := len(e.strings) - 1; last >= 0 && &e.strings[last] == value {
			e.strings = e.strings[:last]
		}
	case *types.AttributeValueMemberN:
		if last := len(e.numbers) - 1; last >= 0 && &e.numbers[last] == value {
			e.numbers = e.numbers[:last]
		}
	}
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

// encodeField returns a field's attribute value, or nil if the attribute is missing.
func (e *encoder) encodeField(f *field, holder reflect.Value) (types.AttributeValue, error) {
	v, ok := f.valueIn(holder)
	if !ok || f.isMissing(v) {
		return nil, nil
	}
	value, err := f.codec.encode(e, v)
	if err != nil {
		return nil, withPath(err, f.goPath, quoteElement(f.attribute))
	}
	return value, nil
}

// encodeStruct adds the attributes of a struct's fields to a map.
func (e *encoder) encodeStruct(
	p *structPlan, v reflect.Value, to map[string]types.AttributeValue,
) error {
	for _, f := range p.fields {
		value, err := e.encodeField(f, v)
		if err != nil {
			return err
		}
		if value != nil {
			to[f.attribute] = value
		}
	}
	return nil
}

// encodeItem encodes a model by its fields alone, without hooks.
func (s *schema) encodeItem(v reflect.Value) (map[string]types.AttributeValue, error) {
	e := newEncoder(s.stringFields, s.numberFields)
	item := make(map[string]types.AttributeValue, len(s.fields))
	if err := e.encodeStruct(&s.structPlan, v, item); err != nil {
		return nil, err
	}
	return item, nil
}
