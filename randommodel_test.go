package dynamapper

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// everything is a model with a field of every kind in every form.
type everything struct {
	Model     `dynamo:"everything"`
	*Pointed                                  // embedded by pointer
	inside                                    // embedded and not exported
	ID        string                          `dynamo:"id,hash"`
	Range     int64                           `dynamo:"range,range"`
	Int8      int8                            `dynamo:"int8,omitempty"`
	Uint      uint64                          `dynamo:"uint"`
	Float     float64                         `dynamo:"float"`
	Float32   float32                         `dynamo:"float32"`
	Bool      bool                            `dynamo:"bool"`
	Bytes     []byte                          `dynamo:"bytes"`
	Array     [3]byte                         `dynamo:"array"`
	Time      time.Time                       `dynamo:"time"`
	BigInt    *big.Int                        `dynamo:"big"`
	BigFloat  big.Float                       `dynamo:"bigfloat"`
	Number    json.Number                     `dynamo:"number"`
	Attribute attributevalue.Number           `dynamo:"attribute"`
	Pointer   *string                         `dynamo:"pointer"`
	PointerN  *uint16                         `dynamo:"pointer.n"`
	PointerT  *time.Time                      `dynamo:"pointer[t]"`
	Addr      netip.Addr                      `dynamo:"addr"`
	UUID      uuid                            `dynamo:"uuid"`
	OnPointer onPointer                       `dynamo:"onpointer"`
	Cents     *cents                          `dynamo:"cents"`
	Value     types.AttributeValue            `dynamo:"value"`
	Values    map[string]types.AttributeValue `dynamo:"values"`
	Strings   []string                        `dynamo:"strings,set"`
	Numbers   map[int16]struct{}              `dynamo:"numbers,set"`
	Decimals  []json.Number                   `dynamo:"decimals,set"`
	Blobs     [][]byte                        `dynamo:"blobs,set"`
	Flags     map[string]bool                 `dynamo:"flags,set"`
	JSON      nested                          `dynamo:"json"`
	JSONMap   map[string]int                  `dynamo:"jsonmap"`
	JSONList  []string                        `dynamo:"jsonlist"`
	JSONAny   any                             `dynamo:"jsonany"`
	JSONPtr   *nested                         `dynamo:"jsonptr"`
	Doc       nested                          `dynamo:"doc,document"`
	DocPtr    *nested                         `dynamo:"docptr,document"`
	DocList   []nested                        `dynamo:"doclist,document"`
	DocMap    map[string]*nested              `dynamo:"docmap,document"`
	DocKeys   map[netip.Addr][]int            `dynamo:"dockeys,document"`
	DocAny    any                             `dynamo:"docany,document"`
	DocBytes  [2][]byte                       `dynamo:"docbytes,document"`
}

// Pointed has a field that is always stored, so that a pointer to it is not lost.
type Pointed struct {
	Deep int32 `dynamo:"deep"`
}

type inside struct {
	Flat string `dynamo:"flat"`
}

type nested struct {
	S     string               `dynamo:"s" json:"s,omitempty"`
	N     int                  `dynamo:"n" json:"n"`
	F     float64              `dynamo:"f,omitempty" json:"f"`
	T     time.Time            `dynamo:"t" json:"t"`
	B     []byte               `dynamo:"b" json:"b"`
	P     *int                 `dynamo:"p" json:"p"`
	L     []*nested            `dynamo:"l" json:"l"`
	M     map[string][]float32 `dynamo:"m" json:"m"`
	K     map[int8]bool        `dynamo:"k" json:"k"`
	J     map[string]int       `dynamo:"j,json" json:"j"`
	Set   []string             `dynamo:"set,set" json:"set"`
	A     any                  `dynamo:"a" json:"a"`
	UUIDs []uuid               `dynamo:"uuids" json:"uuids"`
}

// randomizer sets values. A function makes its choices, so that a fuzzer can make them.
type randomizer struct {
	next  func(n int) int // returns a number from 0 to n-1
	depth int
}

func newRandomizer(seed uint64) *randomizer {
	r := rand.New(rand.NewPCG(seed, 1))
	return &randomizer{next: r.IntN}
}

// newChosen takes its choices from bytes, and always makes the first choice when they are used up.
func newChosen(data []byte) *randomizer {
	return &randomizer{next: func(n int) int {
		choice := 0
		for range 2 {
			if len(data) > 0 {
				choice, data = choice<<8|int(data[0]), data[1:]
			}
		}
		return choice % n
	}}
}

func (r *randomizer) everything() *everything {
	item := new(everything)
	r.fill(reflect.ValueOf(item).Elem())
	item.Model = Model{}
	return item
}

// special returns a value for the types that are not set by their kind, or nil.
func (r *randomizer) special(t reflect.Type) any {
	switch t {
	case timeType:
		return r.time()
	case bigIntType:
		n, _ := new(big.Int).SetString(r.digits(38), 10)
		return *n
	case bigFloatType:
		f, _, _ := big.ParseFloat(r.number(), 10, bigFloatPrecision, big.ToNearestEven)
		return *f
	case jsonNumberType:
		return json.Number(r.number())
	case attributeNumberType:
		return attributevalue.Number(r.number())
	case attributeValueType:
		return r.value()
	case reflect.TypeFor[any]():
		return r.any()
	case reflect.TypeFor[netip.Addr]():
		return netip.AddrFrom4([4]byte{10, 0, byte(r.next(2)), byte(r.next(256))})
	case reflect.TypeFor[uuid]():
		return uuid{byte(r.next(0x80))}
	case reflect.TypeFor[onPointer]():
		return onPointer{r.text()}
	case reflect.TypeFor[cents]():
		return cents{r.next(1000)}
	}
	return nil
}

func (r *randomizer) fill(v reflect.Value) {
	if special := r.special(v.Type()); special != nil {
		v.Set(reflect.ValueOf(special))
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	switch v.Kind() {
	case reflect.String:
		v.SetString(r.text())
	case reflect.Bool:
		v.SetBool(r.next(2) == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.bits()) >> (64 - v.Type().Bits()) >> r.next(v.Type().Bits()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.bits() >> (64 - v.Type().Bits()) >> r.next(v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		f, _ := strconv.ParseFloat(r.digits(1+r.next(17))+"E"+strconv.Itoa(r.next(40)-25),
			v.Type().Bits())
		v.SetFloat(f)
	default:
		r.fillComposite(v)
	}
}

func (r *randomizer) fillComposite(v reflect.Value) {
	size := r.next(4)
	if r.depth > 6 {
		size = 0
	}
	switch v.Kind() {
	case reflect.Pointer:
		if size > 1 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem())
		}
	case reflect.Slice:
		if size > 0 || r.next(2) == 0 {
			v.Set(reflect.MakeSlice(v.Type(), size, size))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			r.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range size {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			r.fill(key)
			if key.Kind() == reflect.String {
				key.SetString("k" + key.String())
			}
			r.fill(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				r.fill(field)
			} else if field.Type() == reflect.TypeFor[inside]() {
				field.Field(0).SetString(r.text())
			}
		}
	}
}

func (r *randomizer) bits() uint64 {
	var bits uint64
	for range 4 {
		bits = bits<<16 | uint64(r.next(1<<16))
	}
	return bits
}

var pieces = []string{"a", "B", "0", " ", `"`, `\`, "/", "<&>", "\n", "\x00", "\x7f", "é", "\u2028",
	"\ufffd", "😀", ".", "[", "{", "null", "-1E5", "\U0010ffff"}

func (r *randomizer) text() string {
	var text strings.Builder
	for range r.next(6) {
		text.WriteString(pieces[r.next(len(pieces))])
	}
	return text.String()
}

// digits returns an integer of up to n digits, which may be negative.
func (r *randomizer) digits(n int) string {
	text := []byte{byte('1' + r.next(9))}
	for range r.next(n) {
		text = append(text, byte('0'+r.next(10)))
	}
	if r.next(4) == 0 {
		return "-" + string(text)
	}
	return string(text)
}

// number returns a number that both JSON and DynamoDB can represent.
func (r *randomizer) number() string {
	text := r.digits(18)
	if r.next(2) == 0 {
		text += "." + strings.TrimPrefix(r.digits(18), "-")
	}
	if r.next(3) == 0 {
		text += []string{"e", "E+", "E-"}[r.next(3)] + strconv.Itoa(r.next(80))
	}
	return text
}

func (r *randomizer) time() time.Time {
	if r.next(5) == 0 {
		return time.Time{}
	}
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix(),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	return time.Unix(first+int64(r.bits()%uint64(last-first)), int64(r.next(1e9))).UTC()
}

// any returns a value that both JSON and documents decode unchanged.
func (r *randomizer) any() any {
	r.depth++
	defer func() { r.depth-- }()
	choices := 7
	if r.depth > 6 {
		choices = 4
	}
	switch r.next(choices) {
	case 0:
		return r.text()
	case 1:
		return json.Number(r.number())
	case 2:
		return true
	case 3:
		return false
	case 4, 5:
		list := make([]any, r.next(3))
		for i := range list {
			list[i] = r.any()
		}
		return list
	}
	members := map[string]any{"k" + r.text(): r.any()}
	if r.next(2) == 0 {
		members["nil"] = nil
	}
	return members
}

// value returns an attribute value that is not NULL.
func (r *randomizer) value() types.AttributeValue {
	r.depth++
	defer func() { r.depth-- }()
	choices := 9
	if r.depth > 6 {
		choices = 7
	}
	switch r.next(choices) {
	case 0:
		return &types.AttributeValueMemberS{Value: r.text()}
	case 1:
		return &types.AttributeValueMemberN{Value: r.number()}
	case 2:
		return &types.AttributeValueMemberB{Value: []byte(r.text())}
	case 3:
		return &types.AttributeValueMemberBOOL{Value: r.next(2) == 1}
	case 4:
		return &types.AttributeValueMemberSS{Value: []string{r.text() + "x", "y"}}
	case 5:
		return &types.AttributeValueMemberNS{Value: []string{r.number()}}
	case 6:
		return &types.AttributeValueMemberBS{Value: [][]byte{[]byte(r.text())}}
	case 7:
		return &types.AttributeValueMemberL{
			Value: []types.AttributeValue{r.value(), &types.AttributeValueMemberNULL{Value: true}}}
	}
	return &types.AttributeValueMemberM{
		Value: map[string]types.AttributeValue{"k" + r.text(): r.value()}}
}

// difference describes where two values differ, or returns "". An empty slice or map equals nil,
// and times and big numbers are compared by value.
func difference(a, b reflect.Value) string {
	if isNothing(a) && isNothing(b) {
		return ""
	}
	if a.Kind() == reflect.Interface {
		a, b = a.Elem(), b.Elem()
	}
	if !a.IsValid() || !b.IsValid() || a.Type() != b.Type() {
		return fmt.Sprintf(": %v and %v", a, b)
	}
	switch a.Type() {
	case modelType:
		return ""
	case timeType:
		return differs(a, b, timeOf(a).Equal(timeOf(b)) && timeOf(b).Location() == time.UTC)
	case bigIntType:
		x, y := addressable(a).Addr().Interface().(*big.Int),
			addressable(b).Addr().Interface().(*big.Int)
		return differs(a, b, x.Cmp(y) == 0)
	case bigFloatType:
		x, y := addressable(a).Addr().Interface().(*big.Float),
			addressable(b).Addr().Interface().(*big.Float)
		return differs(a, b, x.Cmp(y) == 0)
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return differs(a, b, a.IsNil() == b.IsNil())
		}
		return difference(a.Elem(), b.Elem())
	case reflect.Slice, reflect.Array:
		return differenceOfLists(a, b)
	case reflect.Map:
		return differenceOfMaps(a, b)
	case reflect.Struct:
		for i := range a.NumField() {
			if d := difference(a.Field(i), b.Field(i)); d != "" {
				return "." + a.Type().Field(i).Name + d
			}
		}
		return ""
	case reflect.Float32, reflect.Float64:
		return differs(a, b, a.Float() == b.Float() && !math.IsNaN(a.Float()))
	}
	return differs(a, b, a.Equal(b))
}

func isNothing(v reflect.Value) bool {
	if !v.IsValid() {
		return true
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Interface:
		return v.IsNil() || isNothing(v.Elem())
	}
	return false
}

func differs(a, b reflect.Value, same bool) string {
	if same {
		return ""
	}
	return fmt.Sprintf(": %v and %v", a, b)
}

func differenceOfLists(a, b reflect.Value) string {
	if a.Len() != b.Len() {
		return fmt.Sprintf(": %v and %v", a, b)
	}
	for i := range a.Len() {
		if d := difference(a.Index(i), b.Index(i)); d != "" {
			return indexText(i) + d
		}
	}
	return ""
}

func differenceOfMaps(a, b reflect.Value) string {
	if a.Len() != b.Len() {
		return fmt.Sprintf(": %v and %v", a, b)
	}
	for entries := a.MapRange(); entries.Next(); {
		other := b.MapIndex(entries.Key())
		if !other.IsValid() {
			return fmt.Sprintf(": no %v", entries.Key())
		}
		if d := difference(entries.Value(), other); d != "" {
			return fmt.Sprintf("[%v]%s", entries.Key(), d)
		}
	}
	return ""
}

// generatedScalars are the types from which others are generated.
var generatedScalars = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[int8](),
	reflect.TypeFor[uint16](), reflect.TypeFor[int64](), reflect.TypeFor[float64](),
	reflect.TypeFor[bool](), timeType, reflect.TypeFor[[]byte](), jsonNumberType,
}

// generateType returns a type for a field, and options that it may have.
func generateType(r *rand.Rand, depth int) (t reflect.Type, options []string) {
	scalar := generatedScalars[r.IntN(len(generatedScalars))]
	if depth == 0 {
		return scalar, nil
	}
	elem, _ := generateType(r, depth-1)
	switch r.IntN(7) {
	case 0:
		return reflect.PointerTo(scalar), nil
	case 1:
		return reflect.SliceOf(elem), []string{"", ",document"}
	case 2:
		return reflect.MapOf(reflect.TypeFor[string](), elem), []string{"", ",document"}
	case 3:
		return generateStruct(r, depth-1), []string{",document"}
	case 4:
		return reflect.SliceOf(reflect.TypeFor[string]()), []string{",set"}
	case 5:
		return reflect.MapOf(reflect.TypeFor[int32](),
			reflect.TypeFor[struct{}]()), []string{",set"}
	}
	return scalar, nil
}

// generateStruct returns a struct with unique field names.
func generateStruct(r *rand.Rand, depth int) reflect.Type {
	var fields []reflect.StructField
	for i := range 1 + r.IntN(4) {
		t, options := generateType(r, depth)
		option := ""
		if len(options) > 0 {
			option = options[r.IntN(len(options))]
		}
		tag := fmt.Sprintf(`dynamo:"f%d%s" json:"f%d"`, i, option, i)
		fields = append(fields,
			reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: t, Tag: reflect.StructTag(tag)})
	}
	return reflect.StructOf(fields)
}

// generateModel returns a model with such fields.
func generateModel(r *rand.Rand) reflect.Type {
	inner := generateStruct(r, 2)
	fields := []reflect.StructField{
		{Name: "Model", Type: modelType, Anonymous: true, Tag: `dynamo:"generated"`},
		{Name: "ID", Type: reflect.TypeFor[string](), Tag: `dynamo:"id,hash"`},
	}
	for i := range inner.NumField() {
		fields = append(fields, inner.Field(i))
	}
	return reflect.StructOf(fields)
}

// For any generated model, decoding an encoded item returns the same value, as text and in the
// SDK's types.
func TestGeneratedModelsRoundTrip(t *testing.T) {
	t.Parallel()
	models, encodedValues := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 21))
		model := generateModel(r)
		s, err := schemas.lookup(model)
		require.NoError(t, err, "%s", model)
		models++
		random := newRandomizer(seed)
		for range 5 {
			item := reflect.New(model).Elem()
			random.fill(item)
			item.Field(0).SetZero()
			encoded, err := s.encodeAttributes(item)
			if err != nil {
				requireNotStorable(t, err)
				continue
			}
			encodedValues++
			text, err := wire.AppendItem(nil, encoded)
			require.NoError(t, err)
			back := reflect.New(model).Elem()
			require.NoError(t, s.decodeText(string(text), back), "%s\n%s", model, text)
			again, err := s.encodeAttributes(back)
			require.NoError(t, err)
			requireSameItem(t, encoded, again, "%s\n%s", model, text)
		}
	}
	require.Greater(t, encodedValues, 3*models)
}

// requireNotStorable requires that a refused value is one that DynamoDB cannot represent, such as
// the year 10000.
func requireNotStorable(t *testing.T, err error) {
	t.Helper()
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	require.Regexp(t, `year|not valid UTF-8|38`, err.Error())
}

func requireSameItem(
	t *testing.T, want, got map[string]types.AttributeValue, format string, a ...any,
) {
	t.Helper()
	require.True(t,
		wire.Equal(&types.AttributeValueMemberM{Value: want},
			&types.AttributeValueMemberM{Value: got}), fmt.Sprintf(format, a...))
}
