package dynamapper

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// codec converts the values of one Go type to attribute values and back. It is immutable.
type codec struct {
	wire    wire.Type                  // what encode writes; Invalid if that depends on the value
	elem    *codec                     // of the elements of a list, map or set, or of a pointer
	plan    *structPlan                // of a struct
	dynamic *dynamicCodecs             // of the values in an interface
	json    bool                       // encode writes JSON, which cannot be a key
	ownNil  bool                       // the type's own methods encode nil, also as an element
	empty   func(v reflect.Value) bool // reports whether a field with this value has no attribute
	// encode appends the whole attribute value.
	encode func(e *encoder, v reflect.Value) error
	// encodeAt and emptyAt are encode and empty for a value in a slot. encodeAt appends what follows
	// the descriptor, which is wire, to the end of the attribute value. It is nil if the type has
	// only encode; emptyAt is nil if no value is empty.
	encodeAt func(e *encoder, from slot) error
	emptyAt  func(from slot) bool
	// decode reads what follows the descriptor t, to the end of the attribute value.
	decode func(d *decoder, t wire.Type, v reflect.Value) error
	// decodeAt decodes into a slot, as decode does into the value there.
	decodeAt func(d *decoder, t wire.Type, to slot) error
}

// nothingIsEmpty is the function empty of types whose every value is stored.
func nothingIsEmpty(reflect.Value) bool { return false }

// stored returns the type that encode writes. The codec of a pointer may have been made before that
// of its element, so stored asks the element.
func (c *codec) stored() wire.Type {
	if c.wire == wire.Invalid && c.elem != nil {
		return c.elem.stored()
	}
	return c.wire
}

// isKey reports whether the codec's values can be keys.
func (c *codec) isKey() bool {
	return !c.json && (c.wire == wire.S || c.wire == wire.N || c.wire == wire.B)
}

var (
	attributeValueType  = reflect.TypeFor[types.AttributeValue]()
	attributeMapType    = reflect.TypeFor[map[string]types.AttributeValue]()
	marshalerType       = reflect.TypeFor[attributevalue.Marshaler]()
	unmarshalerType     = reflect.TypeFor[attributevalue.Unmarshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	timeType            = reflect.TypeFor[time.Time]()
	urlType             = reflect.TypeFor[url.URL]()
	bigIntType          = reflect.TypeFor[big.Int]()
	bigFloatType        = reflect.TypeFor[big.Float]()
	jsonNumberType      = reflect.TypeFor[json.Number]()
	attributeNumberType = reflect.TypeFor[attributevalue.Number]()
	modelType           = reflect.TypeFor[Model]()
	stringType          = reflect.TypeFor[string]()
	stringsType         = reflect.TypeFor[[]string]()
)

// codecMaker makes codecs for the types of one model. Its maps hold codecs before they are
// complete, which ends the recursion at a type that contains itself.
type codecMaker struct {
	native  map[reflect.Type]*codec
	structs map[reflect.Type]*structPlan
}

func newCodecMaker() *codecMaker {
	return &codecMaker{native: map[reflect.Type]*codec{}, structs: map[reflect.Type]*structPlan{}}
}

// makeFieldCodec makes the codec of a field from its options, or else from its type. A composite
// type is stored as JSON unless document is true.
func (m *codecMaker) makeFieldCodec(t reflect.Type, o tag.Options, document bool) (*codec, error) {
	made, err := m.chooseFieldCodec(t, o, document)
	if err != nil {
		return nil, err
	}
	return made.inSlot(t), nil
}

func (m *codecMaker) chooseFieldCodec(
	t reflect.Type, o tag.Options, document bool,
) (*codec, error) {
	if t.Kind() == reflect.Pointer && !hasOwnCodec(t) {
		if err := checkPointer(t); err != nil {
			return nil, err
		}
		elem, err := m.makeFieldCodec(t.Elem(), o, document)
		if err != nil {
			return nil, err
		}
		pointer := makePointerCodec(t, elem)
		if o.Set || o.IsKey() {
			return withoutEmptyElements(pointer, elem), nil
		}
		return pointer, nil
	}
	switch {
	case o.Dimensions > 0:
		return m.makeVectorCodec(t, o.Dimensions)
	case o.Set:
		return m.makeSetCodec(t, o)
	case o.UnixTime, o.UnixMilli, o.TTL, o.Layout != "":
		return m.makeTimeFieldCodec(t, o)
	case !isComposite(t):
		return m.makeCodec(t)
	case document:
		return m.makeCodec(t)
	default:
		return m.makeJSONCodec(t)
	}
}

// makeTimeFieldCodec makes the codec of a field with an option about times. The option ttl is also
// for integers.
func (m *codecMaker) makeTimeFieldCodec(t reflect.Type, o tag.Options) (*codec, error) {
	if o.TTL && isInteger(t) {
		return m.makeCodec(t)
	}
	if o.Layout != "" {
		return makeLayoutCodec(o.Layout), nil
	}
	return makeUnixTimeCodec(t, o.PerSecond()), nil
}

// makeCodec makes the codec of a type in its native form. docs/design.md describes the order in
// which forms are tried.
func (m *codecMaker) makeCodec(t reflect.Type) (*codec, error) {
	if made := m.native[t]; made != nil {
		return made, nil
	}
	made := &codec{}
	m.native[t] = made
	chosen, err := m.chooseCodec(t)
	if err != nil {
		delete(m.native, t)
		return nil, err
	}
	*made = *chosen.inSlot(t)
	return made, nil
}

func (m *codecMaker) chooseCodec(t reflect.Type) (*codec, error) {
	switch {
	case isAttributeValue(t):
		return makeAttributeValueCodec(t), nil
	case t.Kind() == reflect.Pointer:
		if err := checkPointer(t); err != nil {
			return nil, err
		}
		elem, err := m.makeCodec(t.Elem())
		if err != nil {
			return nil, err
		}
		return makePointerCodec(t, elem), nil
	case implements(t, marshalerType) || implements(t, unmarshalerType):
		return m.makeMarshalerCodec(t)
	case isTimeType(t):
		return makeTimeCodec(), nil
	case t == bigIntType:
		return makeBigIntCodec(), nil
	case t == bigFloatType:
		return makeBigFloatCodec(), nil
	case t == jsonNumberType, t == attributeNumberType:
		return makeNumberTextCodec(), nil
	case t == urlType:
		return makeURLCodec(), nil
	case implements(t, textMarshalerType):
		return m.makeTextCodec(t)
	case isBytes(t):
		return makeBytesCodec(t), nil
	default:
		return m.makeKindCodec(t)
	}
}

func (m *codecMaker) makeKindCodec(t reflect.Type) (*codec, error) {
	switch t.Kind() {
	case reflect.String:
		return makeStringCodec(t), nil
	case reflect.Bool:
		return makeBoolCodec(t), nil
	case reflect.Int:
		return makeIntCodec[int](t), nil
	case reflect.Int8:
		return makeIntCodec[int8](t), nil
	case reflect.Int16:
		return makeIntCodec[int16](t), nil
	case reflect.Int32:
		return makeIntCodec[int32](t), nil
	case reflect.Int64:
		return makeIntCodec[int64](t), nil
	case reflect.Uint:
		return makeUintCodec[uint](t), nil
	case reflect.Uint8:
		return makeUintCodec[uint8](t), nil
	case reflect.Uint16:
		return makeUintCodec[uint16](t), nil
	case reflect.Uint32:
		return makeUintCodec[uint32](t), nil
	case reflect.Uint64:
		return makeUintCodec[uint64](t), nil
	case reflect.Float32:
		return makeFloatCodec[float32](t), nil
	case reflect.Float64:
		return makeFloatCodec[float64](t), nil
	case reflect.Slice, reflect.Array:
		return m.makeListCodec(t)
	case reflect.Map:
		return m.makeMapCodec(t)
	case reflect.Struct:
		return m.makeStructCodec(t)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return m.makeAnyCodec(), nil
		}
		return nil, fmt.Errorf(
			"the interface %s cannot be decoded, because the table "+
				"does not store its Go type; use any, or a "+
				"type with methods "+
				"MarshalDynamoDBAttributeValue and UnmarshalDynamoDBAttributeValue", t)
	}
	return nil, fmt.Errorf("type %s cannot be stored; leave the field out with `dynamo:\"-\"`", t)
}

func checkPointer(t reflect.Type) error {
	if t.Elem().Kind() == reflect.Pointer {
		return fmt.Errorf("type %s is a pointer to a pointer, which cannot be stored; use %s", t,
			t.Elem())
	}
	return nil
}

// makePointerCodec makes the codec of a pointer, which is stored as its element. Only nil is
// missing.
func makePointerCodec(goType reflect.Type, elem *codec) *codec {
	return decodedAt(codec{
		wire:  elem.wire,
		elem:  elem,
		json:  elem.json,
		empty: reflect.Value.IsNil,
		encode: func(e *encoder, v reflect.Value) error {
			if v.IsNil() {
				e.appendNull()
				return nil
			}
			return elem.encode(e, v.Elem())
		},
	}, func(d *decoder, t wire.Type, to slot) error {
		return elem.decodeAt(d, t, pointee(to, goType.Elem()))
	})
}

// withoutEmptyElements makes a pointer to an empty element missing too, because a key, an index key
// or a set cannot be empty.
func withoutEmptyElements(pointer, elem *codec) *codec {
	strict := *pointer
	strict.empty = func(v reflect.Value) bool { return v.IsNil() || elem.empty(v.Elem()) }
	return &strict
}

// hasOwnCodec reports whether a type is stored in another form than that of its kind.
func hasOwnCodec(t reflect.Type) bool {
	switch {
	case isAttributeValue(t), isTimeType(t), t == bigIntType, t == bigFloatType,
		t == jsonNumberType, t == attributeNumberType, t == urlType:
		return true
	case t.Kind() == reflect.Pointer:
		// A pointer that only has the methods of its element is stored as the element, so that nil
		// is missing.
		return false
	}
	return implements(t, marshalerType) || implements(t, unmarshalerType) ||
		implements(t, textMarshalerType) || isBytes(t)
}

// implements reports whether a type, or a pointer to it, has an interface's methods.
func implements(t, iface reflect.Type) bool {
	return t.Kind() != reflect.Interface &&
		(t.Implements(iface) || reflect.PointerTo(t).Implements(iface))
}

// isComposite reports whether values of a type are stored as JSON by default.
func isComposite(t reflect.Type) bool {
	if hasOwnCodec(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Interface:
		return true
	}
	return false
}

func isInteger(t reflect.Type) bool {
	return !hasOwnCodec(t) && t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) &&
		t.Elem().Kind() == reflect.Uint8 && !hasOwnCodec(t.Elem())
}

// isAttributeValue reports whether values of the type are attribute values already: the SDK's
// interface, one of its members, or a map of it.
func isAttributeValue(t reflect.Type) bool {
	if t.Kind() == reflect.Map {
		return t.Key().Kind() == reflect.String && t.Elem() == attributeValueType
	}
	return t == attributeValueType ||
		t.Kind() == reflect.Pointer && t.Implements(attributeValueType)
}
