package dynamapper

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// oneField returns the plan of a struct with one field, of the given type and tag options.
func oneField(t *testing.T, goType reflect.Type, options string) (*field, reflect.Type) {
	t.Helper()
	f, holder, err := makeOneField(goType, options)
	require.NoError(t, err)
	return f, holder
}

func makeOneField(goType reflect.Type, options string) (*field, reflect.Type, error) {
	parsed, err := tag.ParseField("a" + options)
	if err != nil {
		return nil, nil, err
	}
	f := &field{goPath: "A", attribute: "a", goType: goType, path: []int{0},
		Options: parsed.Options}
	if f.OmitEmpty {
		f.isZero = chooseIsZero(goType)
	}
	f.codec, err = newCodecMaker().makeFieldCodec(goType, f.Options, f.Document)
	return f, reflect.StructOf([]reflect.StructField{{Name: "A", Type: goType}}), err
}

// encodeOne returns the wire text of a field's value, or "" for a missing attribute.
func encodeOne(t *testing.T, value reflect.Value, options string) (string, error) {
	t.Helper()
	f, holderType := oneField(t, value.Type(), options)
	holder := reflect.New(holderType).Elem()
	holder.Field(0).Set(value)
	encoded, err := f.rawIn(holder)
	return string(encoded), err
}

// decodeOne returns the value of a field that is decoded from wire text.
func decodeOne(
	t *testing.T, text string, goType reflect.Type, options string,
) (reflect.Value, error) {
	t.Helper()
	f, holderType := oneField(t, goType, options)
	holder := reflect.New(holderType).Elem()
	d := newDecoder(wire.NewReader(text))
	err := d.decodeField(f, holder)
	if err == nil {
		d.Done()
		err = d.Err()
	}
	return holder.Field(0), err
}

func requireWire(t *testing.T, want, got string) {
	t.Helper()
	if want == "" || got == "" {
		require.Equal(t, want, got)
		return
	}
	require.JSONEq(t, want, got)
}

// requireStored encodes a value, compares the result, and decodes it again.
func requireStored(t *testing.T, value any, options, want string) {
	t.Helper()
	v := reflect.ValueOf(value)
	got, err := encodeOne(t, v, options)
	require.NoError(t, err)
	requireWire(t, want, got)
	if want == "" {
		return
	}
	back, err := decodeOne(t, got, v.Type(), options)
	require.NoError(t, err)
	require.Equal(t, value, back.Interface())
}

type (
	namedString string
	namedInt    int
	namedUint   uint16
	namedFloat  float32
	namedBool   bool
	namedBytes  []byte
	namedByte   uint8
	namedList   []string
	namedMap    map[namedString]namedInt
)

type point struct {
	X int `dynamo:"x" json:"x"`
	Y int `dynamo:"y" json:"y"`
}

// uuid is like the types of the common packages: an array with text methods.
type uuid [16]byte

func (u uuid) MarshalText() ([]byte, error) { return []byte(string("u-" + string(u[:1]))), nil }

func (u *uuid) UnmarshalText(text []byte) error {
	if len(text) != 3 {
		return errors.New("not a uuid: " + string(text))
	}
	u[0] = text[2]
	return nil
}

// onPointer has methods only on its pointer.
type onPointer struct{ text string }

func (p *onPointer) MarshalText() ([]byte, error) { return []byte(p.text), nil }

func (p *onPointer) UnmarshalText(text []byte) error { p.text = string(text); return nil }

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func pointer[V any](v V) *V { return &v }

// Each row of the table of types encodes to its wire form and decodes from it.
func TestCodecRows(t *testing.T) {
	t.Parallel()
	at := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"string is S", "é", "", `{"S":"é"}`},
		{"empty string is missing", "", "", ""},
		{"named string", namedString("x"), "", `{"S":"x"}`},
		{"integers are N", -5, "", `{"N":"-5"}`},
		{"zero is stored", 0, "", `{"N":"0"}`},
		{"int64 exactly", int64(math.MinInt64), "", `{"N":"-9223372036854775808"}`},
		{"uint64 exactly", uint64(math.MaxUint64), "", `{"N":"18446744073709551615"}`},
		{"named int", namedInt(7), "", `{"N":"7"}`},
		{"named uint", namedUint(7), "", `{"N":"7"}`},
		{"floats are N", 2.5, "", `{"N":"2.5"}`},
		{"float zero is stored", 0.0, "", `{"N":"0"}`},
		{"float32 in its shortest form", float32(0.1), "", `{"N":"0.1"}`},
		{"named float32", namedFloat(0.1), "", `{"N":"0.1"}`},
		{"bool is BOOL", true, "", `{"BOOL":true}`},
		{"false is stored", false, "", `{"BOOL":false}`},
		{"named bool", namedBool(true), "", `{"BOOL":true}`},
		{"[]byte is B", []byte{1, 2}, "", `{"B":"AQI="}`},
		{"empty []byte is missing", []byte{}, "", ""},
		{"named []byte", namedBytes{1, 2}, "", `{"B":"AQI="}`},
		{"slice of named bytes", []namedByte{1, 2}, "", `{"B":"AQI="}`},
		{"[N]byte is B", [2]byte{1, 2}, "", `{"B":"AQI="}`},
		{"array of named bytes", [2]namedByte{1, 2}, "", `{"B":"AQI="}`},
		{"zero [N]byte is missing", [2]byte{}, "", ""},
		{"time is S", at, "", `{"S":"2012-05-31T12:00:00.000042000Z"}`},
		{"zero time is missing", time.Time{}, "", ""},

		{"slice is JSON", []string{"a"}, "", `{"S":"[\"a\"]"}`},
		{"empty slice is missing", []string{}, "", ""},
		{"named slice", namedList{"a"}, "", `{"S":"[\"a\"]"}`},
		{"array is JSON", [2]int{1, 2}, "", `{"S":"[1,2]"}`},
		{"map is JSON", map[string]int{"b": 2, "a": 1}, "", `{"S":"{\"a\":1,\"b\":2}"}`},
		{"empty map is missing", map[string]int{}, "", ""},
		{"named map", namedMap{"a": 1}, "", `{"S":"{\"a\":1}"}`},
		{"struct is JSON", point{1, 2}, "", `{"S":"{\"x\":1,\"y\":2}"}`},
		{"zero struct is missing", point{}, "", ""},

		{"document slice is L", []string{"a", ""}, ",document", `{"L":[{"S":"a"},{"S":""}]}`},
		{"nil document slice is missing", []string(nil), ",document", ""},
		{"empty document slice is stored", []string{}, ",document", `{"L":[]}`},
		{"document array is L", [2]int{1, 2}, ",document", `{"L":[{"N":"1"},{"N":"2"}]}`},
		{"document map is M", map[string]int{"a": 1}, ",document", `{"M":{"a":{"N":"1"}}}`},
		{"nil document map is missing", map[string]int(nil), ",document", ""},
		{"empty document map is stored", map[string]int{}, ",document", `{"M":{}}`},
		{"document struct is M", point{1, 2}, ",document", `{"M":{"x":{"N":"1"},"y":{"N":"2"}}}`},
		{"zero document struct is stored", point{}, ",document",
			`{"M":{"x":{"N":"0"},"y":{"N":"0"}}}`},

		{"string set", []string{"b", "a"}, ",set", `{"SS":["b","a"]}`},
		{"number set", []int{2, 1}, ",set", `{"NS":["2","1"]}`},
		{"byte set", [][]byte{{1}, {2}}, ",set", `{"BS":["AQ==","Ag=="]}`},
		{"empty set is missing", []string{}, ",set", ""},

		{"pointer as its element", pointer("a"), "", `{"S":"a"}`},
		{"nil pointer is missing", (*string)(nil), "", ""},
		{"pointer to an empty string is stored", pointer(""), "", `{"S":""}`},
		{"pointer to a zero time is stored", pointer(time.Time{}), "",
			`{"S":"0001-01-01T00:00:00.000000000Z"}`},
		{"pointer to a struct is JSON", pointer(point{}), "", `{"S":"{\"x\":0,\"y\":0}"}`},
		{"pointer to a document", pointer(point{}), ",document",
			`{"M":{"x":{"N":"0"},"y":{"N":"0"}}}`},
		{"pointer to an empty set is missing", pointer([]string{}), ",set", ""},
		{"pointer to an empty key is missing", pointer(""), ",hash", ""},

		{"TextMarshaler is S", netip.MustParseAddr("10.0.0.1"), "", `{"S":"10.0.0.1"}`},
		{"empty text is missing", netip.Addr{}, "", ""},
		{"arrays with text are S", uuid{'x'}, "", `{"S":"u-x"}`},
		{"pointer to a TextMarshaler", pointer(netip.MustParseAddr("10.0.0.1")), "",
			`{"S":"10.0.0.1"}`},
		{"methods of the pointer", onPointer{"x"}, "", `{"S":"x"}`},
		{"empty text of the pointer", onPointer{}, "", ""},

		{"json.Number", json.Number("1.50"), "", `{"N":"1.50"}`},
		{"empty json.Number is missing", json.Number(""), "", ""},
		{"attributevalue.Number", attributevalue.Number("12345678901234567890123456789012345678"),
			"", `{"N":"12345678901234567890123456789012345678"}`},
		{"*big.Int", big.NewInt(5), "", `{"N":"5"}`},

		{"any is JSON", any(map[string]any{"a": json.Number("1")}), "", `{"S":"{\"a\":1}"}`},
		{"omitempty leaves 0 out", 0, ",omitempty", ""},
		{"omitempty leaves false out", false, ",omitempty", ""},
		{"omitempty keeps what is not zero", 1, ",omitempty", `{"N":"1"}`},
		{"omitempty keeps a pointer to 0", pointer(0), ",omitempty", `{"N":"0"}`},
		{"omitempty of a big.Int", *new(big.Int).Sub(big.NewInt(5), big.NewInt(5)), ",omitempty",
			""},
		{"omitempty of a big.Float", *new(big.Float).Sub(big.NewFloat(5), big.NewFloat(5)),
			",omitempty", ""},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, test.options, test.wire) })
	}
}

// The codec also decodes some wire values that it never encodes.
func TestCodecReads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule    string
		wire    string
		options string
		want    any
	}{
		{"1E2 is an integer", `{"N":"1E2"}`, "", 100},
		{"100.0 is an integer", `{"N":"100.0"}`, "", 100},
		{"1E2 is an unsigned integer", `{"N":"1E2"}`, "", uint8(100)},
		{"0.00 is an integer", `{"N":"0.00"}`, "", 0},
		{"-0 is an integer", `{"N":"-0"}`, "", 0},
		{"a sign", `{"N":"+5"}`, "", 5},
		{"N 1 is true", `{"N":"1"}`, "", true},
		{"N 0 is false", `{"N":"0"}`, "", false},
		{"N 1.0 is true", `{"N":"1.0"}`, "", true},
		{"NULL is missing", `{"NULL":true}`, "", ""},
		{"NULL is a nil pointer", `{"NULL":true}`, "", (*string)(nil)},
		{"NULL is a nil slice", `{"NULL":true}`, ",set", []string(nil)},
		{"NULL is a zero struct", `{"NULL":true}`, ",document", point{}},
		{"NULL is a zero time", `{"NULL":true}`, "", time.Time{}},
		{"NULL is no AttributeValue", `{"NULL":true}`, "", attributeHolder{}.Value},
		{"empty S is an empty string", `{"S":""}`, "", ""},
		{"empty B", `{"B":""}`, "", []byte{}},
		{"L is read into a JSON field", `{"L":[{"N":"1"},{"N":"2"}]}`, "", []int{1, 2}},
		{"M is read into a JSON field", `{"M":{"x":{"N":"1"}}}`, "", point{X: 1}},
		{"M is read into a JSON map", `{"M":{"x":{"N":"1"}}}`, "", map[string]int{"x": 1}},
		{"JSON is read into a document", `{"S":"{\"x\": 1, \"y\": 2}"}`, ",document", point{1, 2}},
		{"JSON is read into a document list", `{"S":"[1, 2]"}`, ",document", []int{1, 2}},
		{"JSON is read into a document array", `{"S":"[1, 2]"}`, ",document", [2]int{1, 2}},
		{"JSON is read into a document map", `{"S":"{\"x\": 1}"}`, ",document",
			map[string]int{"x": 1}},
		{"a shorter L into an array", `{"L":[{"N":"1"}]}`, ",document", [2]int{1, 0}},
		{"unknown members of a document", `{"M":{"x":{"N":"1"},"new":{"L":[]}}}`, ",document",
			point{X: 1}},
		{"S true is true", `{"S":"true"}`, "", true},
		{"S false is false", `{"S":"false"}`, "", false},
		{"seconds with a fraction", `{"N":"1338465600.042"}`, ",unixtime",
			time.Date(2012, 5, 31, 12, 0, 0, 42e6, time.UTC)},
		{"seconds with an exponent", `{"N":"1.3384656E9"}`, ",unixtime",
			time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC)},
		{"a fraction before 1970", `{"N":"-1.5"}`, ",unixtime", time.Unix(-2, 5e8).UTC()},
		{"a fraction of a nanosecond", `{"N":"0.0000000019"}`, ",ttl", time.Unix(0, 1).UTC()},
		{"milliseconds with a fraction", `{"N":"1338465600042.5"}`, ",unixmilli",
			time.Date(2012, 5, 31, 12, 0, 0, 42500e3, time.UTC)},
		{"Z with a layout", `{"S":"2012-05-31T12:00:00.000042Z"}`,
			",layout=2006-01-02T15:04:05.000000-07:00",
			time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)},
		{"no fraction with a layout", `{"S":"2012-05-31T12:00:00+00:00"}`,
			",layout=2006-01-02T15:04:05.000000-07:00",
			time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC)},
		{"+00:00 with a layout", `{"S":"2012-05-31T12:00:00+00:00"}`, ",layout=RFC3339",
			time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC)},
		{"Z with a layout of numbers", `{"S":"Thu, 31 May 2012 12:00:00 Z"}`,
			",layout='Mon, 02 Jan 2006 15:04:05 -0700'",
			time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC)},
		{"text is a big.Int", `{"S":"12345678901234567890"}`, "", *mustInt("12345678901234567890")},
		{"text is a json.Number", `{"S":"1.50"}`, "", json.Number("1.50")},
		{"empty text is no json.Number", `{"S":""}`, "", json.Number("")},
		{"text is a Number", `{"S":"1E2"}`, "", attributevalue.Number("1E2")},
		{"texts are a set of numbers", `{"SS":["1.50","2"]}`, ",set", []json.Number{"1.50", "2"}},
		{"texts are a set of numbers in a map", `{"SS":["2"]}`, ",set",
			map[json.Number]bool{"2": true}},
		{"texts are numbers in a document", `{"M":{"a":{"S":"5"}}}`, ",document",
			map[string]*big.Int{"a": big.NewInt(5)}},
		{"2.0 in JSON is an integer", `{"S":"[2.0, 1e2, -0.0, 3]"}`, "", []int{2, 100, 0, 3}},
		{"an integer of 64 bits in JSON", `{"S":"[1, 9007199254740993.0]"}`, "",
			[]int64{1, 9007199254740993}},
		{"2.0 in JSON in a struct", `{"S":"{\"x\": 2.0, \"Y\": 1E1}"}`, "", point{2, 10}},
		{"2.0 in a map of pointers", `{"S":"{\"a\": {\"n\": [[1.0], null]}}"}`, "",
			map[string]map[string][]*[1]uint8{"a": {"n": {{1}, nil}}}},
		{"beside it, numbers stay", `{"S":"{\"I\":2.0,\"F\":2.50,\"N\":2.0,\"A\":[2.0]}"}`, "",
			struct {
				I int
				F float64
				N json.Number
				A any
			}{2, 2.5, "2.0", []any{json.Number("2.0")}}},
		{"2.0 in JSON in a document", `{"S":"{\"x\": 2.0}"}`, ",document", point{X: 2}},
		{"a list as long as the array", `{"S":"[[1,2],[3]]"}`, "", [2][2]int{{1, 2}, {3}}},
		{"float of many digits", `{"N":"0.10000000000000000000000000000000000001"}`, "", 0.1},
	} {
		t.Run(test.rule, func(t *testing.T) {
			goType := reflect.TypeOf(test.want)
			if goType == nil {
				goType = attributeValueType
			}
			got, err := decodeOne(t, test.wire, goType, test.options)
			require.NoError(t, err)
			require.Equal(t, test.want, got.Interface())
		})
	}
}

func mustInt(text string) *big.Int {
	n, _ := new(big.Int).SetString(text, 10)
	return n
}

type attributeHolder struct{ Value types.AttributeValue }

// If the wire type does not fit, the error names it and the types that the Go type accepts.
func TestCodecRefusesWireTypes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wire    string
		options string
		goType  any
		text    string
	}{
		{`{"N":"1"}`, "", "", "type N, and the Go type string takes S"},
		{`{"S":"1"}`, "", 1, "type S, and the Go type int takes N"},
		{`{"S":"1"}`, "", uint(1), "type S, and the Go type uint takes N"},
		{`{"S":"1"}`, "", 1.5, "type S, and the Go type float64 takes N"},
		{`{"B":"AQ=="}`, "", true, "type B, and the Go type bool takes BOOL"},
		{`{"S":"1"}`, "", []byte{}, "type S, and the Go type []uint8 takes B"},
		{`{"N":"1"}`, "", time.Time{}, "type N, and the Go type time.Time takes S"},
		{`{"S":"1"}`, ",unixtime", time.Time{}, "type S, and the Go type time.Time takes N"},
		{`{"N":"1"}`, "", []int{}, "type N, and the Go type []int takes S with JSON"},
		{`{"N":"1"}`, ",document", []int{}, "type N, and the Go type []int takes L"},
		{`{"L":[]}`, ",document", point{}, "type L, and the Go type dynamapper.point takes M"},
		{`{"L":[]}`, ",document", map[string]int{},
			"type L, and the Go type map[string]int takes M"},
		{`{"NS":["1"]}`, ",set", []string{}, "type NS, and the Go type []string takes SS"},
		{`{"L":[{"S":"a"}]}`, ",set", []string{}, "type L, and the Go type []string takes SS"},
		{`{"N":"1"}`, "", netip.Addr{}, "type N, and the Go type netip.Addr takes S"},
		{`{"BOOL":true}`, "", json.Number(""),
			"type BOOL, and the Go type json.Number takes N, or S with a number"},
		{`{"S":"one"}`, "", json.Number(""), "not a number that the Go type json.Number takes"},
		{`{"S":""}`, "", big.Int{}, "not a number"},
		{`{"S":"1.5"}`, "", big.Int{}, "has a fraction"},
		{`{"S":"+Inf"}`, "", big.Float{}, "not a number that the Go type big.Float takes"},
		{`{"S":"1"}`, ",unixtime", time.Time{}, "type S, and the Go type time.Time takes N"},
		{`{"SS":["1"]}`, ",set", []int{}, "type SS, and the Go type []int takes NS"},
		{`{"S":"[1,2,3]"}`, "", [2]int{}, "the list has more elements than the Go type [2]int"},
		{`{"B":"AQID"}`, "", [2]byte{}, "3 bytes, and the Go type [2]uint8 takes 2"},
		{`{"L":[{"N":"1"},{"N":"2"}]}`, ",document", [1]int{},
			"more elements than the Go type [1]int"},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, err := decodeOne(t, test.wire, reflect.TypeOf(test.goType), test.options)
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Contains(t, err.Error(), test.text)
			require.Equal(t, "A", placed.Field)
			require.Equal(t, "a", placed.Attribute)
		})
	}
}

type selfPointer *selfPointer

// These types cannot be stored; the schema's tests cover the other refusals.
func TestCodecRefusesTypes(t *testing.T) {
	t.Parallel()
	type hidden struct{ x int }
	for _, test := range []struct {
		rule    string
		value   any
		options string
		text    string
	}{
		{"channels", make(chan int), "", "cannot be stored"},
		{"functions", func() {}, "", "cannot be stored"},
		{"complex numbers", 1i, "", "cannot be stored"},
		{"uintptr", uintptr(0), "", "cannot be stored"},
		{"channels in JSON", struct{ C chan int }{}, "", "cannot be stored"},
		{"a URL in JSON", []url.URL{}, "",
			"type url.URL is not written whole by encoding/json; give the field the option " +
				"\"document\", by which it is stored as text"},
		{"a pointer to a URL in JSON", struct{ U *url.URL }{}, "",
			"type url.URL is not written whole by encoding/json"},
		{"a time by another name in JSON", map[string]birthday{}, "",
			"type dynamapper.birthday is not written whole by encoding/json"},
		{"channels in a document", struct{ C chan int }{}, ",document", "cannot be stored"},
		{"interfaces with methods", struct{ E error }{}, "", "cannot be decoded"},
		{"interfaces with methods in a document", []error{}, ",document", "cannot be decoded"},
		{"maps of structs", map[point]int{}, "", "cannot be the key of a stored map"},
		{"maps of structs in a document", map[point]int{}, ",document",
			"cannot be the key of a stored map"},
		{"pointers to pointers", new(*int), "", "pointer to a pointer"},
		{"pointers to themselves", selfPointer(nil), "", "pointer to a pointer"},
		{"structs without exported fields in JSON", hidden{x: 1}, "", "no exported field"},
		{"structs without exported fields in a document", []hidden{{x: 1}}, ",document",
			"no exported field"},
		{"MarshalText alone", textOnly{}, "", "no UnmarshalText"},
		{"a Marshaler that is no Unmarshaler", marshalOnly{}, "", "could not be read back"},
		{"a set of maps", []map[string]int{}, ",set", "cannot be a set"},
		{"a set of bools", []bool{}, ",set", "cannot be a set"},
		{"a set of pointers", []*string{}, ",set", "cannot be a set"},
		{"an array as a set", [2]string{}, ",set", "cannot be a set"},
		{"a []byte as a set", []byte{}, ",set", "cannot be a set"},
		{"a map of ints as a set", map[string]int{}, ",set", "cannot be a set"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, _, err := makeOneField(reflect.TypeOf(test.value), test.options)
			require.ErrorContains(t, err, test.text)
		})
	}
}

type textOnly struct{ X int }

func (textOnly) MarshalText() ([]byte, error) { return nil, nil }

type marshalOnly struct{ X int }

func (marshalOnly) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return nil, nil }

// A pointer to an empty value is a missing attribute, even if the field is the key of an index.
func TestEmptyKeys(t *testing.T) {
	t.Parallel()
	type item struct {
		Model `dynamo:"items"`
		ID    string   `dynamo:"id,hash"`
		Email *string  `dynamo:"email" index:"by-email,hash"`
		Plain *string  `dynamo:"plain"`
		Tags  *[]uuid  `dynamo:"tags,set"`
		Bytes *[4]byte `dynamo:"bytes" index:"by-bytes,hash"`
	}
	raw, err := EncodeItem(
		&item{ID: "1", Email: new(string), Plain: new(string), Tags: new([]uuid),
			Bytes: new([4]byte)})
	require.NoError(t, err)
	require.Equal(t, map[string]types.AttributeValue{"id": textValue("1"), "plain": textValue("")},
		raw)
}

// A JSON field is stored as S but cannot be a key.
func TestJSONIsNoKey(t *testing.T) {
	t.Parallel()
	f, _ := oneField(t, reflect.TypeFor[map[string]int](), "")
	require.Equal(t, wire.S, f.codec.wire)
	require.False(t, f.codec.isKey())
	f, _ = oneField(t, reflect.TypeFor[*point](), "")
	require.False(t, f.codec.isKey())
	f, _ = oneField(t, reflect.TypeFor[*string](), "")
	require.True(t, f.codec.isKey())
}

// player has twelve fields and slightly less than 400 bytes of wire JSON.
type player struct {
	Model       `dynamo:"players"`
	Login       string    `dynamo:"login,hash"`
	FirstName   string    `dynamo:"firstname"`
	LastName    string    `dynamo:"lastname"`
	Email       string    `dynamo:"email"`
	Guild       string    `dynamo:"guild"`
	Connections int       `dynamo:"connections"`
	Balance     int64     `dynamo:"balance"`
	Level       int       `dynamo:"level"`
	Score       float64   `dynamo:"score"`
	Active      bool      `dynamo:"active"`
	Badges      []string  `dynamo:"badges,set"`
	LastSeen    time.Time `dynamo:"last_seen"`
}

func newPlayer() *player {
	return &player{
		Login: "waldo.the.wanderer", FirstName: "Waldo", LastName: "Whitebeard",
		Email: "waldo@wonderland.example.com", Guild: "explorers",
		Connections: 1234, Balance: 20050, Level: 42, Score: 98.25, Active: true,
		Badges:   []string{"founder", "beta", "speedrun"},
		LastSeen: time.Date(2024, 5, 31, 12, 0, 0, 42000, time.UTC),
	}
}

// inventoried also has a JSON field of a common type.
type inventoried struct {
	player
	Inventory map[string]int `dynamo:"inventory"`
}

func BenchmarkEncodeItem(b *testing.B) {
	b.Run("fields=12", func(b *testing.B) { benchmarkEncode(b, newPlayer()) })
	b.Run("json", func(b *testing.B) {
		benchmarkEncode(b,
			&inventoried{*newPlayer(), map[string]int{"sword": 1, "potion": 12, "arrow": 99}})
	})
}

func benchmarkEncode[T any](b *testing.B, item *T) {
	s, err := schemas.lookup(reflect.TypeFor[T]())
	require.NoError(b, err)
	v := reflect.ValueOf(item).Elem()
	e := newEncoder()
	b.ReportAllocs()
	for b.Loop() {
		e.text = e.text[:0]
		if _, err := s.encodeItem(e, v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeItem(b *testing.B) {
	b.Run("fields=12", func(b *testing.B) { benchmarkDecode(b, newPlayer()) })
	b.Run("json", func(b *testing.B) {
		benchmarkDecode(b,
			&inventoried{*newPlayer(), map[string]int{"sword": 1, "potion": 12, "arrow": 99}})
	})
}

func benchmarkDecode[T any](b *testing.B, item *T) {
	s, err := schemas.lookup(reflect.TypeFor[T]())
	require.NoError(b, err)
	raw, err := EncodeItem(item)
	require.NoError(b, err)
	text, err := wire.AppendItem(nil, raw)
	require.NoError(b, err)
	oneItem := string(text)
	d := newDecoder(wire.NewReader(oneItem))
	d.remembers = true
	b.SetBytes(int64(len(oneItem)))
	b.ReportAllocs()
	for b.Loop() {
		// the decoder remembers the order of the attributes, as within a page
		*d.Reader = *wire.NewReader(oneItem)
		if err := d.decodeItem(&s.structPlan, reflect.ValueOf(new(T)).Elem()); err != nil {
			b.Fatal(err)
		}
	}
}

type decodedModel struct {
	Model  `dynamo:"decoded"`
	ID     string   `dynamo:"id,hash"`
	Level  int      `dynamo:"level"`
	Active bool     `dynamo:"active"`
	Tags   []string `dynamo:"tags,set"`
	Note   *string  `dynamo:"note"`
}

// randomItemJSON returns an item as it might come in a page: attributes in any order, missing,
// repeated, unknown, null, of another type that the codec accepts, with white space, and sometimes
// malformed.
func randomItemJSON(r *rand.Rand) string {
	attributes := []string{`"id":{"S":"%d"}`, `"level":{"N":"%d"}`, `"active":{"BOOL":true}`,
		`"tags":{"SS":["a","%d"]}`, `"note":{"S":"%d"}`}
	if r.IntN(3) == 0 {
		r.Shuffle(len(attributes),
			func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	}
	var members []string
	for _, text := range attributes {
		if strings.Contains(text, "%d") {
			text = fmt.Sprintf(text, r.IntN(100))
		}
		switch r.IntN(16) {
		case 0:
			continue
		case 1:
			members = append(members, `"unknown":{"L":[{"S":"x"}]}`)
		case 2:
			text = `"active":{"N":"1"}`
		case 3:
			text = `"note":{"NULL":true}`
		case 4:
			text = strings.Replace(text, ":", " : ", 1)
		case 5:
			text = "\n\t" + text
		case 6:
			text = `"level":{"S":"no number"}`
		}
		members = append(members, text)
	}
	comma := ","
	if r.IntN(40) == 0 {
		comma = ""
	}
	return "{" + strings.Join(members, comma) + "}"
}

// A decoder that remembers earlier items decodes each one like a decoder that has seen none.
func TestADecoderRemembersOnlyToBeFaster(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[decodedModel]())
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	failures := 0
	for range 300 {
		remembering := newDecoder(nil)
		remembering.remembers = true
		for range 20 {
			text := randomItemJSON(r)
			var want, got decodedModel
			wantErr := s.decodeText(text, reflect.ValueOf(&want).Elem())
			remembering.Reader = wire.NewReader(text)
			gotErr := remembering.decodeItem(&s.structPlan, reflect.ValueOf(&got).Elem())
			if gotErr == nil {
				remembering.Done()
				gotErr = remembering.Err()
			}
			require.Equal(t, wantErr, gotErr, text)
			if wantErr != nil {
				failures++
				continue
			}
			require.Equal(t, want, got, text)
		}
	}
	require.Greater(t, failures, 100)
}

// A decoder remembers the order of the previous item's attributes, but not its values, until most
// attributes come in another order.
func TestADecoderExpectsTheOrderOfTheItemBefore(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[decodedModel]())
	require.NoError(t, err)
	d := newDecoder(nil)
	d.remembers = true
	decode := func(text string) memory {
		d.Reader = wire.NewReader(text)
		require.NoError(t, d.decodeItem(&s.structPlan, reflect.ValueOf(&decodedModel{}).Elem()))
		require.Nil(t, d.memory.other)
		return d.memory
	}
	const inOrder = `{"level":{"N":"2"},"id":{"S":"b"}}`
	decode(`{"level":{"N":"1"},"id":{"S":"a"}}`)
	learnt := decode(inOrder)
	require.True(t, learnt.ordered)
	level := learnt.begin.next
	require.Equal(t, remembered{s.byAttribute["level"], `"level":{"N":`, wire.N, level.next}, *level)
	require.Equal(t, remembered{s.byAttribute["id"], `"id":{"S":`, wire.S, nil}, *level.next)
	require.False(t, decode(`{"id":{"S":"c"},"active":{"BOOL":true},"level":{"N":"3"}}`).ordered)
	decode(inOrder)
	require.True(t, decode(inOrder).ordered)
}

// guard3 lies between fields; decoding must not write to it.
type guard3 [3]byte

// guarded has a field of each type that is decoded in place.
type guarded struct {
	G0     guard3 `dynamo:"-"`
	Text   string
	G1     guard3 `dynamo:"-"`
	Int    int
	G2     guard3 `dynamo:"-"`
	Int8   int8
	G3     guard3 `dynamo:"-"`
	Int16  int16
	G4     guard3 `dynamo:"-"`
	Int32  int32
	G5     guard3 `dynamo:"-"`
	Int64  int64
	G6     guard3 `dynamo:"-"`
	Float  float32
	G7     guard3 `dynamo:"-"`
	Double float64
	G8     guard3 `dynamo:"-"`
	Bool   bool
	G9     guard3 `dynamo:"-"`
	Time   time.Time
	G10    guard3   `dynamo:"-"`
	Set    []string `dynamo:",set"`
	G11    guard3   `dynamo:"-"`
	Uint8  uint8
	G12    guard3 `dynamo:"-"`
	Uint64 uint64
	G13    guard3 `dynamo:"-"`
	Bytes  []byte
	G14    guard3 `dynamo:"-"`
	Array  [3]byte
	G15    guard3    `dynamo:"-"`
	Unix   time.Time `dynamo:",unixtime"`
	G16    guard3    `dynamo:"-"`
	Behind *int16
	G17    guard3  `dynamo:"-"`
	List   []int16 `dynamo:",document"`
	G18    guard3  `dynamo:"-"`
	Pair   pair    `dynamo:",document"`
	G19    guard3  `dynamo:"-"`
	Pairs  []pair  `dynamo:",document"`
	G20    guard3  `dynamo:"-"`
	Counts map[string]int
	G21    guard3         `dynamo:"-"`
	Named  map[int16]pair `dynamo:",document"`
	G22    guard3         `dynamo:"-"`
	Any    any            `dynamo:",document"`
	G23    guard3         `dynamo:"-"`
}

// pair is a document that is no multiple of eight bytes.
type pair struct {
	A int8
	B bool
	C int8
}

func (g *guarded) guards() []*guard3 {
	return []*guard3{&g.G0, &g.G1, &g.G2, &g.G3, &g.G4, &g.G5, &g.G6, &g.G7, &g.G8, &g.G9, &g.G10,
		&g.G11, &g.G12, &g.G13, &g.G14, &g.G15, &g.G16, &g.G17, &g.G18, &g.G19, &g.G20, &g.G21,
		&g.G22, &g.G23}
}

// OffsetBase holds guarded at another offset.
type OffsetBase struct {
	Before byte
	guarded
}

type guardedModel struct {
	Model `dynamo:"guarded"`
	ID    string `dynamo:",hash"`
	OffsetBase
}

// A field that is decoded in place has the value that package reflect would set, and the memory
// beside it is unchanged. Builds with the race detector also check each pointer (checkptr).
func TestDecodingInPlaceWritesOnlyTheField(t *testing.T) {
	t.Parallel()
	var m guardedModel
	for i, g := range m.guards() {
		*g = guard3{byte(i), 0xaa, 0x55}
	}
	moment, behind := time.Date(2012, 5, 31, 12, 0, 0, 1, time.UTC), int16(-2)
	require.NoError(t, DecodeItem(map[string]types.AttributeValue{
		"ID": wireValue(t, `{"S":"id"}`), "Before": wireValue(t, `{"N":"255"}`),
		"Text": wireValue(t, `{"S":"text"}`),
		"Int":  wireValue(t, `{"N":"-9007199254740993"}`), "Int8": wireValue(t, `{"N":"-128"}`),
		"Int16": wireValue(t, `{"N":"32767"}`),
		"Int32": wireValue(t, `{"N":"-2147483648"}`),
		"Int64": wireValue(t, `{"N":"9223372036854775807"}`),
		"Float": wireValue(t, `{"N":"1.5"}`), "Double": wireValue(t, `{"N":"-0.1"}`),
		"Bool":  wireValue(t, `{"BOOL":true}`),
		"Time":  wireValue(t, `{"S":"2012-05-31T12:00:00.000000001Z"}`),
		"Set":   wireValue(t, `{"SS":["a","b"]}`),
		"Uint8": wireValue(t, `{"N":"255"}`), "Uint64": wireValue(t, `{"N":"18446744073709551615"}`),
		"Bytes": wireValue(t, `{"B":"AAEC"}`), "Array": wireValue(t, `{"B":"AwQF"}`),
		"Unix": wireValue(t, `{"N":"1"}`), "Behind": wireValue(t, `{"N":"-2"}`),
		"List":   wireValue(t, `{"L":[{"N":"1"},{"NULL":true},{"N":"3"},{"N":"4"},{"N":"5"}]}`),
		"Pair":   wireValue(t, `{"M":{"C":{"N":"3"},"B":{"BOOL":true},"A":{"N":"1"}}}`),
		"Pairs":  wireValue(t, `{"L":[{"M":{"A":{"N":"1"}}},{"M":{"C":{"N":"3"}}}]}`),
		"Counts": wireValue(t, `{"M":{"a":{"N":"1"},"b":{"NULL":true}}}`),
		"Named":  wireValue(t, `{"M":{"-7":{"M":{"B":{"BOOL":true}}},"8":{"M":{}}}}`),
		"Any":    wireValue(t, `{"L":[{"S":"x"}]}`),
	}, &m))
	for i, g := range m.guards() {
		require.Equal(t, guard3{byte(i), 0xaa, 0x55}, *g, i)
		*g = guard3{}
	}
	require.Equal(t, guardedModel{ID: "id", OffsetBase: OffsetBase{255, guarded{
		Text: "text", Int: -9007199254740993, Int8: -128, Int16: 32767, Int32: -2147483648,
		Int64: 9223372036854775807,
		Float: 1.5, Double: -0.1, Bool: true, Time: moment, Set: []string{"a", "b"},
		Uint8: 255, Uint64: 18446744073709551615, Bytes: []byte{0, 1, 2}, Array: [3]byte{3, 4, 5},
		Unix: time.Unix(1, 0).UTC(), Behind: &behind, List: []int16{1, 0, 3, 4, 5},
		Pair: pair{1, true, 3}, Pairs: []pair{{A: 1}, {C: 3}},
		Counts: map[string]int{"a": 1, "b": 0}, Named: map[int16]pair{-7: {B: true}, 8: {}},
		Any: []any{"x"},
	}}}, m)
}

func wireValue(t *testing.T, text string) types.AttributeValue {
	t.Helper()
	r := wire.NewReader(text)
	value := r.AttributeValue()
	require.NoError(t, r.Err())
	return value
}
