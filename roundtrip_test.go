package dynamapper

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// tripType is a type of which values are stored, with such values beside the zero one.
type tripType struct {
	values []any
}

// tripTypes are the types of the standard library that programs store, and shapes that the
// commonest packages have.
func tripTypes() map[string]tripType {
	at := time.Date(2026, 5, 1, 12, 0, 0, 123456789, time.UTC)
	link, _ := url.Parse("https://user:secret@example.com/a?b=1#c")
	_, network, _ := net.ParseCIDR("10.0.0.0/8")
	bigInt, _ := new(big.Int).SetString("12345678901234567890123456789012345678", 10)
	return map[string]tripType{
		"string": {[]any{"", "é<&>"}}, "int": {[]any{0, -5}},
		"uint8":   {[]any{uint8(0), uint8(255)}},
		"float64": {[]any{0.0, -2.5e-7}}, "float32": {[]any{float32(0.1)}},
		"bool":                  {[]any{false, true}},
		"[]byte":                {[]any{[]byte(nil), []byte{}, []byte{0, 255}}},
		"[2]byte":               {[]any{[2]byte{}, [2]byte{1, 2}}},
		"time.Time":             {[]any{time.Time{}, at}},
		"time.Duration":         {[]any{time.Duration(0), time.Second}},
		"time.Month":            {[]any{time.Month(0), time.May}},
		"time.Weekday":          {[]any{time.Sunday, time.Monday}},
		"birthday":              {[]any{birthday{}, birthday(at)}},
		"big.Int":               {[]any{big.Int{}, *big.NewInt(-5), *bigInt}},
		"big.Float":             {[]any{big.Float{}, *big.NewFloat(2.5)}},
		"big.Rat":               {[]any{big.Rat{}, *big.NewRat(1, 3)}},
		"json.Number":           {[]any{json.Number("1.50"), json.Number("0")}},
		"attributevalue.Number": {[]any{attributevalue.Number("1.50")}},
		"json.RawMessage":       {[]any{json.RawMessage(`{"a":1}`)}},
		"netip.Addr":            {[]any{netip.Addr{}, netip.MustParseAddr("fe80::1%eth0")}},
		"netip.AddrPort":        {[]any{netip.AddrPort{}, netip.MustParseAddrPort("10.0.0.1:80")}},
		"netip.Prefix":          {[]any{netip.Prefix{}, netip.MustParsePrefix("10.0.0.0/8")}},
		"net.IP":                {[]any{net.IP(nil), net.ParseIP("10.0.0.1")}},
		"net.IPMask":            {[]any{network.Mask}}, "net.IPNet": {[]any{net.IPNet{}, *network}},
		"net.HardwareAddr": {[]any{net.HardwareAddr{1, 2, 3, 4, 5, 6}}},
		"url.URL":          {[]any{url.URL{}, *link}},
		"url.Values":       {[]any{url.Values{}, url.Values{"a": {"1", ""}}}},
		"sql.NullString": {
			[]any{sql.NullString{}, sql.NullString{String: "a", Valid: true},
				sql.NullString{Valid: true}}},
		"sql.NullInt64":   {[]any{sql.NullInt64{}, sql.NullInt64{Int64: 5, Valid: true}}},
		"sql.NullBool":    {[]any{sql.NullBool{}, sql.NullBool{Valid: true}}},
		"sql.NullFloat64": {[]any{sql.NullFloat64{Float64: 1, Valid: true}}},
		"sql.NullTime":    {[]any{sql.NullTime{}, sql.NullTime{Time: at, Valid: true}}},
		"sql.Null":        {[]any{sql.Null[int]{}, sql.Null[int]{V: 5, Valid: true}}},
		"slog.Level":      {[]any{slog.LevelInfo, slog.LevelError}},
		"regexp.Regexp":   {[]any{regexp.Regexp{}, *regexp.MustCompile("a+")}},
		"nullID":          {[]any{nullID{}, nullID{ID: [1]byte{'a'}, Valid: true}}},
		"civilDate":       {[]any{civilDate{}, civilDate{Year: 2026}}},
		"email":           {[]any{email(""), email("a@b")}},
		"level":           {[]any{level(0), level(3)}}, "listed": {[]any{listed{1, 2}}},
		"readOnly": {[]any{readOnly{1}}}, "forgetful": {[]any{forgetful{1, 2}}},
		"nullNumber": {[]any{nullNumber{}, nullNumber{5}}},
		"signedTime": {[]any{signedTime{at, "me"}}}, "onlyTime": {[]any{onlyTime{at}}},
		"ownStamp":    {[]any{ownStamp{}, ownStamp{at.Truncate(time.Second), "me"}}},
		"halfStamped": {[]any{halfStamped{at, "me"}}},
		"onPointer":   {[]any{onPointer{}, onPointer{"a"}}},
		"pointerMap":  {[]any{pointerMap{"a": 1}}}, "point": {[]any{point{}, point{1, 2}}},
	}
}

// tripPlace is a place in a model where a value can stand.
type tripPlace struct {
	options string
	typeOf  func(t reflect.Type) reflect.Type
	put     func(to, value reflect.Value)
	take    func(from reflect.Value) reflect.Value // the zero Value where nothing is there
}

func tripPlaces() map[string]tripPlace {
	plain := tripPlace{
		typeOf: func(t reflect.Type) reflect.Type { return t },
		put:    func(to, value reflect.Value) { to.Set(value) },
		take:   func(from reflect.Value) reflect.Value { return from },
	}
	pointer := tripPlace{
		typeOf: reflect.PointerTo,
		put: func(to, value reflect.Value) {
			to.Set(reflect.New(value.Type()))
			to.Elem().
				Set(value)
		},
		take: reflect.Value.Elem,
	}
	list := tripPlace{
		typeOf: reflect.SliceOf,
		put: func(to, value reflect.Value) {
			to.Set(reflect.MakeSlice(to.Type(), 1, 1))
			to.Index(0).Set(value)
		},
		take: func(from reflect.Value) reflect.Value { return from.Index(0) },
	}
	array := tripPlace{
		typeOf: func(t reflect.Type) reflect.Type { return reflect.ArrayOf(2, t) },
		put:    func(to, value reflect.Value) { to.Index(1).Set(value) },
		take:   func(from reflect.Value) reflect.Value { return from.Index(1) },
	}
	name := reflect.ValueOf("k.e y")
	member := tripPlace{
		typeOf: func(t reflect.Type) reflect.Type { return reflect.MapOf(name.Type(), t) },
		put: func(to, value reflect.Value) {
			to.Set(reflect.MakeMap(to.Type()))
			to.SetMapIndex(name, value)
		},
		take: func(from reflect.Value) reflect.Value { return from.MapIndex(name) },
	}
	key := tripPlace{
		typeOf: func(t reflect.Type) reflect.Type {
			if !t.Comparable() {
				return t // which is another place
			}
			return reflect.MapOf(t, reflect.TypeFor[bool]())
		},
		put: func(to, value reflect.Value) {
			if to.Type() == value.Type() {
				to.Set(value)
				return
			}
			to.Set(reflect.MakeMap(to.Type()))
			to.SetMapIndex(value, reflect.ValueOf(true))
		},
		take: func(from reflect.Value) reflect.Value {
			if from.Kind() != reflect.Map || from.Type().Elem().Kind() != reflect.Bool {
				return from
			}
			return from.MapKeys()[0]
		},
	}
	inStruct := tripPlace{
		typeOf: func(t reflect.Type) reflect.Type {
			return reflect.StructOf(
				[]reflect.StructField{{Name: "V", Type: t, Tag: `json:"v"`},
					{Name: "N", Type: reflect.TypeFor[int]()}})
		},
		put:  func(to, value reflect.Value) { to.Field(0).Set(value); to.Field(1).SetInt(1) },
		take: func(from reflect.Value) reflect.Value { return from.Field(0) },
	}
	places := map[string]tripPlace{
		"key": plain.with(",hash"), "field": plain, "omitempty": plain.with(",omitempty"),
		"document": plain.with(",document"), "pointer": pointer,
		"set": list.with(",set"), "set of keys": key.with(",set"),
	}
	for form, options := range map[string]string{" in JSON": "", " in a document": ",document"} {
		for name, place := range map[string]tripPlace{
			"list": list, "array": array, "map": member, "map key": key, "struct": inStruct,
			"pointer":         pointer,
			"struct in a map": member.around(inStruct), "array in a map": member.around(array),
			"map in a list":              list.around(member),
			"pointer in a map":           member.around(pointer),
			"pointer in a struct":        inStruct.around(pointer),
			"list in a struct":           inStruct.around(list),
			"map in a pointer in a list": list.around(pointer.around(member)),
		} {
			places[name+form] = place.with(options)
		}
	}
	return places
}

func (p tripPlace) with(options string) tripPlace {
	p.options = options
	return p
}

// around is the place in another place that stands in this one.
func (p tripPlace) around(inner tripPlace) tripPlace {
	return tripPlace{
		typeOf: func(t reflect.Type) reflect.Type { return p.typeOf(inner.typeOf(t)) },
		put: func(to, value reflect.Value) {
			held := reflect.New(inner.typeOf(value.Type())).Elem()
			inner.put(held, value)
			p.put(to, held)
		},
		take: func(from reflect.Value) reflect.Value { return inner.take(p.take(from)) },
	}
}

// TestWhatIsWrittenIsReadBack tries every type in every place. The schema refuses it and says what
// to do, or the write is refused and the error names the field, or the value that is read equals
// the written one.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	trips, accepted := 0, map[string]bool{}
	for typeName, c := range tripTypes() {
		for placeName, place := range tripPlaces() {
			name := typeName + " as " + placeName
			s, err := makeSchema(tripModel(place, reflect.TypeOf(c.values[0])))
			if err != nil {
				refused := new(SchemaError)
				require.ErrorAs(t, err, &refused, name)
				require.Regexp(t, `; |, (use|and)`, refused.Problem, name) // what to do
				continue
			}
			for _, value := range c.values {
				if makeTrip(t, s, place, value, name) {
					accepted[name] = true
					trips++
				}
			}
		}
	}
	require.Greater(t, trips, 2000)
	for _, typeName := range []string{"big.Int", "time.Time", "netip.Addr", "sql.NullTime",
		"json.Number", "net.IP", "ownStamp", "onPointer"} {
		for _, place := range []string{"omitempty", "pointer", "list in JSON",
			"pointer in a map in JSON", "list in a document", "struct in a map in a document"} {
			require.True(t, accepted[typeName+" as "+place], "%s as %s", typeName, place)
		}
	}
}

// tripModel makes a model with a field of the type at the place.
func tripModel(place tripPlace, t reflect.Type) reflect.Type {
	fields := []reflect.StructField{
		{Name: "Model", Type: modelType, Anonymous: true, Tag: `dynamo:"trips"`},
		{Name: "A", Type: place.typeOf(t),
			Tag: reflect.StructTag(fmt.Sprintf(`dynamo:"a%s"`, place.options))},
	}
	if !strings.Contains(place.options, "hash") {
		fields = append(fields,
			reflect.StructField{Name: "ID", Type: reflect.TypeFor[string](),
				Tag: `dynamo:"id,hash"`})
	}
	return reflect.StructOf(fields)
}

// makeTrip writes and reads a value. It reports whether the value was written.
func makeTrip(t *testing.T, s *schema, place tripPlace, value any, name string) bool {
	t.Helper()
	item := reflect.New(s.goType).Elem()
	place.put(item.Field(1), reflect.ValueOf(value))
	encoded, err := s.encodeAttributes(item)
	if err != nil {
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed, name)
		require.True(t,
			slices.ContainsFunc([]string{"not read back", "refuses", "empty name", "has no value"},
				func(reason string) bool {
					return strings.Contains(err.Error(), reason)
				}), "%s: %v", name, err)
		return false
	}
	text, err := wire.AppendItem(nil, encoded)
	require.NoError(t, err, name)
	back := reflect.New(s.goType).Elem()
	require.NoError(t, s.decodeText(string(text), back), "%s: %s", name, text)
	if encoded["a"] == nil { // it is empty
		require.True(t,
			s.byAttribute["a"].codec.empty(item.Field(1)) || item.Field(1).IsZero() ||
				strings.Contains(place.options, "omitempty"), name)
		require.True(t, s.byAttribute["a"].codec.empty(back.Field(1)) || back.Field(1).IsZero(),
			name)
		return true
	}
	taken := place.take(back.Field(1))
	if !taken.IsValid() { // a pointer to nothing is null in JSON
		require.True(t, isNothing(reflect.ValueOf(value)), "%s: %s", name, text)
		return true
	}
	require.Equal(t, tripText(value), tripText(taken.Interface()), "%s: %s", name, text)
	again, err := s.encodeAttributes(back)
	require.NoError(t, err, name)
	requireSameItem(t, encoded, again, "%s: %s", name, text)
	return true
}

// tripText is what of a value must come back.
func tripText(value any) string {
	v := addressable(reflect.ValueOf(value))
	switch t := v.Type(); {
	case isTimeType(t):
		return timeOf(v).UTC().Format(time.RFC3339Nano)
	case t == reflect.TypeFor[json.RawMessage](), v.Kind() == reflect.Slice && v.Len() == 0:
		return fmt.Sprintf("%s", v.Interface())
	case t == bigFloatType:
		return v.Addr().Interface().(*big.Float).Text('g', 30)
	}
	if text, ok := v.Addr().Interface().(fmt.Stringer); ok {
		return text.String()
	}
	return fmt.Sprintf("%+v", v.Interface())
}

// normalize turns the value into what decoding returns: sets hold each member once, and
// empty members, which are refused, are removed.
func (e *everything) normalize() {
	notEmpty := func(text string) bool { return text == "" }
	once := func(texts []string) []string {
		texts = slices.Compact(slices.Sorted(slices.Values(texts)))
		return slices.DeleteFunc(texts, notEmpty)
	}
	e.Strings = once(e.Strings)
	seen := map[string]bool{}
	e.Decimals = slices.DeleteFunc(e.Decimals, func(n json.Number) bool {
		known := seen[wire.CanonicalNumber(string(n))] || n == ""
		seen[wire.CanonicalNumber(string(n))] = true
		return known
	})
	e.Blobs = slices.DeleteFunc(e.Blobs, func(b []byte) bool {
		known := seen["b"+string(b)] || len(b) == 0
		seen["b"+string(b)] = true
		return known
	})
	for flag, set := range e.Flags {
		if !set {
			delete(e.Flags, flag)
		}
	}
	eachNested(reflect.ValueOf(e), func(n *nested) { n.Set = once(n.Set) })
}

// eachNested calls a function with each nested struct in a value.
func eachNested(v reflect.Value, call func(*nested)) {
	if v.Kind() == reflect.Pointer {
		if n, ok := v.Interface().(*nested); ok && n != nil {
			call(n)
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			if f.CanSet() && f.Kind() != reflect.Pointer {
				f = f.Addr()
			}
			if f.CanInterface() && f.Type() != modelType {
				eachNested(f, call)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			e := v.Index(i)
			if e.Kind() != reflect.Pointer {
				e = e.Addr()
			}
			eachNested(e, call)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			eachNested(entries.Value(), call)
		}
	}
}

// requireRoundTrip encodes an item and decodes it again, through the table and through the codec
// alone.
func requireRoundTrip(t *testing.T, table *Table[everything], item *everything) {
	t.Helper()
	item.normalize()
	raw, err := table.MarshalItem(item)
	require.NoError(t, err)
	back, err := table.UnmarshalItem(raw)
	require.NoError(t, err)
	alone := new(everything)
	require.NoError(t, DecodeItem(raw, alone))
	back.Model = Model{}
	for _, got := range []*everything{back, alone} {
		got.normalize()
		require.Empty(t, difference(reflect.ValueOf(item).Elem(), reflect.ValueOf(got).Elem()))
	}
}

// Decoding an encoded item returns the same value.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	table := tableOf[everything](t)
	rounds := uint64(2000)
	if testing.Short() {
		rounds = 200
	}
	for seed := range rounds {
		requireRoundTrip(t, table, newRandomizer(seed).everything())
	}
}

// The randomizer sets every field to empty and to other values. Otherwise the round trip would not
// test a field.
func TestRandomizerReaches(t *testing.T) {
	t.Parallel()
	stored, missing := map[string]bool{}, map[string]bool{}
	for seed := range uint64(300) {
		item := newRandomizer(seed).everything()
		item.normalize()
		raw, err := EncodeItem(item)
		require.NoError(t, err)
		for _, f := range tableOf[everything](t).untyped.schema.fields {
			if raw[f.attribute] != nil {
				stored[f.attribute] = true
			} else {
				missing[f.attribute] = true
			}
		}
	}
	for _, f := range tableOf[everything](t).untyped.schema.fields {
		require.True(t, stored[f.attribute], f.attribute)
		if f.zero == "" && f.codec.wire != wire.M {
			require.True(t,
				missing[f.attribute] || f.goType.Kind() == reflect.Array ||
					f.attribute == "jsonany" ||
					hasOwnCodec(f.goType) || f.goType.Kind() == reflect.Struct ||
					f.attribute == "docany", f.attribute)
		}
	}
}

// FuzzRoundTrip lets the fuzzer choose the values.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\x01\x02\x03", 300)))
	for seed := range uint64(10) {
		bytes := make([]byte, 2000)
		random := newRandomizer(seed)
		for i := range bytes {
			bytes[i] = byte(random.next(256))
		}
		f.Add(bytes)
	}
	table := tableOf[everything](f)
	f.Fuzz(func(t *testing.T, data []byte) {
		requireRoundTrip(t, table,
			newChosen(data).everything())
	})
}

// FuzzDecodeItem decodes any text as an item. A decoded item can be encoded and then decodes to the
// same value, except for JSON that DynamoDB cannot hold in a document. Unedited, it is written back
// as it was.
func FuzzDecodeItem(f *testing.F) {
	for seed := range uint64(50) {
		item := newRandomizer(seed).everything()
		item.normalize()
		raw, err := EncodeItem(item)
		require.NoError(f, err)
		text, err := wire.AppendItem(nil, raw)
		require.NoError(f, err)
		f.Add(text)
	}
	for _, text := range []string{
		`{}`,
		`{"id":{"S":"a"},"range":{"N":"1E2"},"bool":{"N":"1"},"json":{"M":{"s":{"S":"x"}}},"doc":{"S":"{\"n\": 1}"}}`,
		`{"time":{"S":"2012-05-31T12:00:00.000042+00:00"},"unknown":{"L":[{"NULL":true}]},"strings":{"SS":["a","a",""]}}`,
	} {
		f.Add([]byte(text))
	}
	table := tableOf[everything](f)
	f.Fuzz(func(t *testing.T, text []byte) {
		item, err := table.UnmarshalItemJSON(text)
		if err != nil {
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			return
		}
		encoded, err := EncodeItem(item)
		if err != nil {
			requireOnlyInDocuments(t, err)
			return
		}
		again := new(everything)
		require.NoError(t, DecodeItem(encoded, again))
		item.normalize()
		again.normalize()
		again.Model = item.Model
		require.Empty(t, difference(reflect.ValueOf(item).Elem(), reflect.ValueOf(again).Elem()))
		requireWrittenBack(t, table, text)
	})
}

// requireOnlyInDocuments requires an error for values that can be decoded but not encoded.
func requireOnlyInDocuments(t *testing.T, err error) {
	t.Helper()
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	for _, known := range []string{"nested deeper", "leave the attribute out", "empty name",
		"the number", "no attribute value"} {
		if strings.Contains(err.Error(), known) {
			return
		}
	}
	require.NoError(t, err)
}

func requireWrittenBack(t *testing.T, table *Table[everything], text []byte) {
	t.Helper()
	if _, err := wire.ParseItem(string(text)); err != nil {
		return // the invalid base64 is in an attribute without a field, which is not decoded
	}
	attributes, err := wire.IndexItem(string(text))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, attribute := range attributes {
		if names[attribute.Name] {
			return // the service sends each attribute once
		}
		names[attribute.Name] = true
	}
	item, err := table.UnmarshalItemJSON(text)
	require.NoError(t, err)
	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	require.Len(t, written, len(attributes))
	for _, attribute := range attributes {
		require.True(t, wire.EqualText(string(attribute.Value), written[attribute.Name]), attribute.Name)
	}
}

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
