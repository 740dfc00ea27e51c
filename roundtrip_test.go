package dynamapper

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
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

// TestWhatIsWrittenIsReadBack is about every type in every place: the schema refuses it with what
// to do, or the write is refused with the field, or the value that is read is the one that was
// written.
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

// normalize turns the value into the one that decoding returns: sets hold each member once, and
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
		for _, f := range tableOf[everything](t).schema.fields {
			if raw[f.attribute] != nil {
				stored[f.attribute] = true
			} else {
				missing[f.attribute] = true
			}
		}
	}
	for _, f := range tableOf[everything](t).schema.fields {
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
