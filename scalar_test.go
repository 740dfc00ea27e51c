package dynamapper

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/timetext"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Each integer type accepts its own range and nothing beyond.
func TestIntegerOverflow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		goType    any
		low, high string
		below     string
		above     string
	}{
		{int8(0), "-128", "127", "-129", "128"},
		{int16(0), "-32768", "32767", "-32769", "32768"},
		{int32(0), "-2147483648", "2147483647", "-2147483649", "2147483648"},
		{int64(0), "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
			"9223372036854775808"},
		{int(0), "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "1E30"},
		{uint8(0), "0", "255", "-1", "256"},
		{uint16(0), "0", "65535", "-1", "65536"},
		{uint32(0), "0", "4294967295", "-1", "4294967296"},
		{uint64(0), "0", "18446744073709551615", "-1", "18446744073709551616"},
		{uint(0), "0", "18446744073709551615", "-1E2", "1E125"},
	} {
		goType := reflect.TypeOf(test.goType)
		t.Run(goType.String(), func(t *testing.T) {
			for _, text := range []string{test.low, test.high} {
				v, err := decodeOne(t, `{"N":"`+text+`"}`, goType, "")
				require.NoError(t, err)
				back, err := encodeOne(t, v, "")
				require.NoError(t, err)
				require.Equal(t, `{"N":"`+text+`"}`, back)
			}
			for _, text := range []string{test.below, test.above} {
				_, err := decodeOne(t, `{"N":"`+text+`"}`, goType, "")
				require.ErrorContains(t, err, "does not fit the Go type "+goType.String())
			}
		})
	}
}

func TestFloatRange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value any
		text  string // of the error; empty for none
	}{
		{math.MaxFloat32, ""},
		{1e-130, ""},
		{9.99e125, ""},
		{1e126, "too large"},
		{-1e126, "too large"},
		{1e-131, "too close to zero"},
		{math.SmallestNonzeroFloat64, "too close to zero"},
		{math.NaN(), "no NaN"},
		{math.Inf(1), "no infinities"},
		{float32(math.Inf(-1)), "no infinities"},
	} {
		_, err := encodeOne(t, reflect.ValueOf(test.value), "")
		if test.text == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, test.text)
	}
	for _, test := range []struct {
		text   string
		goType any
	}{
		{"1E39", float32(0)}, {"1E400", float64(0)}, {"1E126", float64(0)}, {"1E-131", float64(0)},
		{"1E-400", float32(0)},
		// rounds to a number that DynamoDB cannot store
		{"9.99999999999999999999999999E+125", float64(0)},
	} {
		_, err := decodeOne(t, `{"N":"`+test.text+`"}`, reflect.TypeOf(test.goType), "")
		if test.text == "1E-400" {
			require.NoError(t, err, "a float32 rounds it to zero")
			continue
		}
		require.ErrorContains(t, err, "does not fit", test.text)
	}
}

// A negative zero is encoded as it is and equals zero.
func TestNegativeZero(t *testing.T) {
	t.Parallel()
	text, err := encodeOne(t, reflect.ValueOf(math.Copysign(0, -1)), "")
	require.NoError(t, err)
	require.Equal(t, `{"N":"-0"}`, text)
	v, err := decodeOne(t, text, reflect.TypeFor[float64](), "")
	require.NoError(t, err)
	require.True(t, math.Signbit(v.Float()))
}

// Spellings of numbers that strconv or math/big accept, but DynamoDB does not, are refused.
func TestNumbersAreNoText(t *testing.T) {
	t.Parallel()
	types := []any{0, uint(0), 0.5, json.Number(""), attributevalue.Number(""), big.Int{},
		big.Float{}, true}
	for _, text := range []string{"", "0x10", "Inf", "NaN", "1_000", "--1", "1e", "e5", ".", "-",
		"1 ", "１", "1p4", "0b1", "1-2"} {
		for _, goType := range types {
			_, err := decodeOne(t, `{"N":"`+text+`"}`, reflect.TypeOf(goType), "")
			require.Error(t, err, "%q into %T", text, goType)
		}
	}
}

// Integers refuse fractions.
func TestFractions(t *testing.T) {
	t.Parallel()
	for _, goType := range []any{0, int8(0), uint(0), big.Int{}} {
		for _, text := range []string{"1.5", "15E-1", "-0.1"} {
			_, err := decodeOne(t, `{"N":"`+text+`"}`, reflect.TypeOf(goType), "")
			require.ErrorContains(t, err, "has a fraction")
		}
	}
}

// Types of arbitrary precision keep 38 digits and refuse more instead of rounding.
func TestExactNumbers(t *testing.T) {
	t.Parallel()
	const digits = "12345678901234567890123456789012345678"
	for _, text := range []string{digits, "-" + digits, "0." + digits, digits + "E50"} {
		for _, goType := range []any{json.Number(""), attributevalue.Number(""), big.Float{}} {
			v, err := decodeOne(t, `{"N":"`+text+`"}`, reflect.TypeOf(goType), "")
			require.NoError(t, err)
			back, err := encodeOne(t, v, "")
			require.NoError(t, err)
			requireSameNumber(t, text, back)
		}
	}
	for _, text := range []string{digits, "-" + digits, "1E50", "1E125"} {
		v, err := decodeOne(t, `{"N":"`+text+`"}`, bigIntType, "")
		require.NoError(t, err)
		back, err := encodeOne(t, v, "")
		require.NoError(t, err)
		requireSameNumber(t, text, back)
	}
	large, _ := new(big.Int).SetString(digits+"9", 10)
	small, _, _ := big.ParseFloat("0."+digits+"9", 10, 200, big.ToNearestEven)
	infinite := new(big.Float).SetInf(true)
	for _, value := range []any{large, small, json.Number(digits + "9"), json.Number("x"), infinite,
		json.Number("1E126")} {
		_, err := encodeOne(t, reflect.ValueOf(value), "")
		require.Error(t, err)
		require.NotContains(t, err.Error(), digits)
	}
}

func requireSameNumber(t *testing.T, want, wireText string) {
	t.Helper()
	got := strings.TrimSuffix(strings.TrimPrefix(wireText, `{"N":"`), `"}`)
	x, ok := new(big.Rat).SetString(want)
	require.True(t, ok)
	y, ok := new(big.Rat).SetString(got)
	require.True(t, ok, got)
	require.Zero(t, x.Cmp(y), "%s and %s", want, got)
}

// Huge exponents return an error at once instead of filling the memory.
func TestHostileExponents(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1E999999999", "1E-999999999", "1E99999999999999999999"} {
		for _, goType := range []any{0, uint(0), big.Int{}, big.Float{}, json.Number(""), true} {
			_, err := decodeOne(t, `{"N":"`+text+`"}`, reflect.TypeOf(goType), "")
			require.Error(t, err)
		}
	}
}

// A float that DynamoDB does not accept is refused at once, although it would have millions of
// digits.
func TestAHugeFloatIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	c := makeBigFloatCodec()
	for _, exponent := range []int{math.MaxInt32 - 1, -math.MaxInt32 + 2} {
		huge := new(big.Float).SetMantExp(big.NewFloat(0.5), exponent)
		_, err := c.raw(reflect.ValueOf(huge).Elem())
		require.Error(t, err)
	}
}

// Floats are parsed without strconv if the result is exact, with the same results as strconv.
func TestFloatsAsPackageStrconv(t *testing.T) {
	t.Parallel()
	c := makeFloatCodec[float64](reflect.TypeFor[float64]())
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		text := strconv.FormatInt(r.Int64N(1e17)>>r.IntN(57), 10)
		if at := r.IntN(len(text) + 1); r.IntN(3) > 0 {
			text = text[:at] + "." + text[at:]
		}
		if r.IntN(2) == 0 {
			text = "-" + text
		}
		want, err := strconv.ParseFloat(text, 64)
		var got float64
		d := newDecoder(wire.NewReader(`"` + text + `"`))
		gotErr := c.decode(d, wire.N, reflect.ValueOf(&got).Elem())
		require.Equal(t, err == nil, gotErr == nil, text)
		require.Equal(t, math.Float64bits(want), math.Float64bits(got), text)
	}
}

// A time is stored with nine digits of a second and Z, whatever its zone and precision.
func TestStoredTimeForm(t *testing.T) {
	t.Parallel()
	paris := time.FixedZone("", 2*60*60)
	for _, test := range []struct {
		time time.Time
		want string
	}{
		{time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC), "2012-05-31T12:00:00.000000000Z"},
		{time.Date(2012, 5, 31, 12, 0, 0, 1, time.UTC), "2012-05-31T12:00:00.000000001Z"},
		{time.Date(2012, 5, 31, 1, 30, 0, 999999999, paris), "2012-05-30T23:30:00.999999999Z"},
		{time.Date(9, 1, 2, 3, 4, 5, 6, time.UTC), "0009-01-02T03:04:05.000000006Z"},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01T00:00:00.000000000Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
			"9999-12-31T23:59:59.999999999Z"},
		{time.Date(2012, 2, 29, 23, 59, 59, 0, time.Local),
			time.Date(2012, 2, 29, 23, 59, 59, 0, time.Local).UTC().Format(timetext.Stored)},
	} {
		text, err := encodeOne(t, reflect.ValueOf(test.time), "")
		require.NoError(t, err)
		require.Equal(t, `{"S":"`+test.want+`"}`, text)
	}
}

// Any offset and fraction of RFC 3339 is decoded, and the form of dynamodb-mapper. The result is in
// UTC.
func TestTimesRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2012-05-31T12:00:00.000042+00:00": time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC),
		"2012-05-31T12:00:00Z":             time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
		"2012-05-31T12:00:00.5Z":           time.Date(2012, 5, 31, 12, 0, 0, 5e8, time.UTC),
		"2012-05-31T14:00:00+02:00":        time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
		"2012-05-31T06:30:00.123456789-05:30": time.Date(2012, 5, 31, 12, 0, 0, 123456789,
			time.UTC),
		"2012-05-31T12:00:00.123456789999Z": time.Date(2012, 5, 31, 12, 0, 0, 123456789,
			time.UTC),
		"0001-01-01T00:00:00Z":                   {},
		"2012-05-31T12:00:00.00000000000000000Z": time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
	} {
		v, err := decodeOne(t, `{"S":"`+text+`"}`, timeType, "")
		require.NoError(t, err, text)
		require.Equal(t, want, v.Interface(), text)
	}
}

func TestTimesRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ wire, options, text string }{
		{`{"S":""}`, "", "not a time in RFC 3339"},
		{`{"S":"yesterday"}`, "", "not a time in RFC 3339"},
		{`{"S":"2012-05-31 12:00:00Z"}`, "", "not a time in RFC 3339"},
		{`{"S":"2012-05-31"}`, "", "not a time in RFC 3339"},
		{`{"S":"2012-13-31T12:00:00Z"}`, "", "not a time in RFC 3339"},
		{`{"S":"0000-01-01T00:00:00+01:00"}`, "", "outside 0 to 9999"},
		{`{"S":"9999-12-31T23:59:59-01:00"}`, "", "outside 0 to 9999"},
		{`{"S":"2012-05-31T12:00:00Z"}`, ",layout=DateOnly", "not a time in the layout"},
		{`{"N":"253402300800"}`, ",unixtime", "outside 0 to 9999"},
		{`{"N":"-1E20"}`, ",unixtime", "does not fit"},
		{`{"N":"253402300799999.5"}`, ",unixtime", "outside 0 to 9999"},
		{`{"N":"1.5E100"}`, ",unixtime", "does not fit"},
		{`{"N":"253402300800000"}`, ",unixmilli", "outside 0 to 9999"},
		{`{"S":"2012-05-31T12:00:00"}`, ",layout=RFC3339", "not a time in the layout"},
		{`{"S":"2012-05-31T12:00:00Z"}`, ",layout=2006-01-02T15:04:05", "not a time in the layout"},
	} {
		_, err := decodeOne(t, test.wire, timeType, test.options)
		require.ErrorContains(t, err, test.text, test.wire)
	}
	for _, at := range []time.Time{
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)),
	} {
		for _, options := range []string{"", ",unixtime", ",unixmilli", ",layout=RFC1123", ",ttl"} {
			_, err := encodeOne(t, reflect.ValueOf(at), options)
			require.ErrorContains(t, err, "outside 0 to 9999")
		}
	}
}

// The other forms of times are encoded and decoded.
func TestTimeOptions(t *testing.T) {
	t.Parallel()
	at := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	for _, test := range []struct {
		options string
		time    time.Time
		wire    string
		back    time.Time
	}{
		{",unixtime", at, `{"N":"1338465600"}`, at.Truncate(time.Second)},
		{",ttl", at, `{"N":"1338465600"}`, at.Truncate(time.Second)},
		{",unixtime", time.Unix(0, 0), `{"N":"0"}`, time.Unix(0, 0).UTC()},
		{",unixtime", time.Unix(-2, 5e8), `{"N":"-2"}`, time.Unix(-2, 0).UTC()},
		{",unixmilli", at, `{"N":"1338465600000"}`, at.Truncate(time.Millisecond)},
		{",unixmilli", at.Add(42 * time.Millisecond), `{"N":"1338465600042"}`,
			at.Truncate(time.Second).Add(42 * time.Millisecond)},
		{",unixmilli", time.Unix(-2, 5006e5), `{"N":"-1500"}`, time.Unix(-2, 5e8).UTC()},
		{",unixmilli", time.Time{}, "", time.Time{}},
		{",unixtime", time.Time{}, "", time.Time{}},
		{",layout=DateOnly", at, `{"S":"2012-05-31"}`,
			time.Date(2012, 5, 31, 0, 0, 0, 0, time.UTC)},
		{",layout=2006-01-02T15:04:05.000000-07:00", at, `{"S":"2012-05-31T12:00:00.000042+00:00"}`,
			at},
		{",layout=2006-01-02T15:04:05.000000-07:00", at.In(time.FixedZone("", 3600)),
			`{"S":"2012-05-31T12:00:00.000042+00:00"}`, at},
		{",layout=TimeOnly", at, `{"S":"12:00:00"}`, time.Date(0, 1, 1, 12, 0, 0, 0, time.UTC)},
		{",layout=DateOnly", time.Time{}, "", time.Time{}},
		{",omitempty", at, `{"S":"2012-05-31T12:00:00.000042000Z"}`, at},
	} {
		text, err := encodeOne(t, reflect.ValueOf(test.time), test.options)
		require.NoError(t, err)
		require.Equal(t, test.wire, text)
		if text == "" {
			continue
		}
		v, err := decodeOne(t, text, timeType, test.options)
		require.NoError(t, err)
		require.Equal(t, test.back, v.Interface())
	}
	v, err := decodeOne(t, `{"S":"2012-05-31T14:00:00.000042+02:00"}`, timeType,
		",layout=2006-01-02T15:04:05.000000-07:00")
	require.NoError(t, err)
	require.Equal(t, at, v.Interface(), "the offset is read, and the result is in UTC")
}

// The option ttl also suits integers, which are stored unchanged.
func TestTTLOfIntegers(t *testing.T) {
	t.Parallel()
	requireStored(t, int64(1338465600), ",ttl", `{"N":"1338465600"}`)
	requireStored(t, pointer(int64(0)), ",ttl", `{"N":"0"}`)
}

// Elements of documents are always stored, including the zero time.
func TestTimesInDocuments(t *testing.T) {
	t.Parallel()
	requireStored(t, []time.Time{{}, time.Unix(0, 0).UTC()}, ",document",
		`{"L":[{"S":"0001-01-01T00:00:00.000000000Z"},{"S":"1970-01-01T00:00:00.000000000Z"}]}`)
}

// birthday is a time with a method of its own that does not change how it is stored.
type birthday time.Time

func (b birthday) String() string { return time.Time(b).Format(time.DateOnly) }

// A type defined as time.Time is stored like a time, at every place and with every option.
func TestTimesByAnotherName(t *testing.T) {
	t.Parallel()
	at := birthday(time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC))
	requireStored(t, at, "", `{"S":"2012-05-31T12:00:00.000000000Z"}`)
	requireStored(t, at, ",unixtime", `{"N":"1338465600"}`)
	requireStored(t, at, ",unixmilli", `{"N":"1338465600000"}`)
	requireStored(t, &at, ",layout=RFC1123", `{"S":"Thu, 31 May 2012 12:00:00 UTC"}`)
	requireStored(t, []birthday{at}, ",set,unixtime", `{"NS":["1338465600"]}`)
	requireStored(t, []birthday{at}, ",document", `{"L":[{"S":"2012-05-31T12:00:00.000000000Z"}]}`)
	requireStored(t, birthday{}, "", "")
	type stamped struct {
		Model   `dynamo:"stamped"`
		ID      birthday  `dynamo:"id,hash"`
		Created birthday  `dynamo:"created,created"`
		Updated birthday  `dynamo:"updated,updated,unixmilli"`
		Since   *birthday `dynamo:"since,default=2012-05-31T12:00:00Z"`
		Now     birthday  `dynamo:"now,default=now"`
	}
	table := tableOf[stamped](t)
	item := table.New()
	require.Equal(t, &at, item.Since)
	require.False(t, time.Time(item.Now).IsZero())
	item.ID = at
	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	require.Contains(t, written, "now")
	require.Equal(t, "2012-05-31T12:00:00Z", table.ToMap(item)["id"])
	_, err = table.untyped.stamp(item, writeSettings{}, time.Time(at))
	require.NoError(t, err)
	require.Equal(t, at, item.Created)
	require.Equal(t, at, item.Updated)
	key, err := table.untyped.schema.encodeKey(Key(time.Time(at)))
	require.NoError(t, err)
	ours, err := table.untyped.schema.encodeKey(Key(at))
	require.NoError(t, err)
	require.Equal(t, ours, key, "a time.Time suits a type defined as time.Time")
}

// A URL is stored as its text, at every place.
func TestURLs(t *testing.T) {
	t.Parallel()
	parse := func(text string) url.URL {
		u, err := url.Parse(text)
		require.NoError(t, err)
		return *u
	}
	page := parse("https://waldo:s3cr3t@example.com/a%2Fb?x=1&y#z")
	const stored = `{"S":"https://waldo:s3cr3t@example.com/a%2Fb?x=1&y#z"}`
	requireStored(t, page, "", stored)
	requireStored(t, &page, "", stored)
	requireStored(t, []url.URL{page}, ",document", `{"L":[`+stored+`]}`)
	requireStored(t, map[string]*url.URL{"a": &page}, ",document", `{"M":{"a":`+stored+`}}`)
	requireStored(t, []url.URL{page, parse("/b")}, ",set",
		`{"SS":["https://waldo:s3cr3t@example.com/a%2Fb?x=1&y#z","/b"]}`)
	requireStored(t, url.URL{}, "", "")
	_, err := decodeOne(t, `{"S":"http://s3cr3t%"}`, urlType, "")
	require.ErrorContains(t, err, "the text is not a URL")
	require.NotContains(t, err.Error(), "s3cr3t")
	_, err = decodeOne(t, `{"N":"1"}`, urlType, "")
	require.ErrorContains(t, err, "type N, and the Go type url.URL takes S")

	type bookmark struct {
		Model `dynamo:"bookmarks"`
		URL   url.URL   `dynamo:"url,hash"`
		Links []url.URL `dynamo:"links,set"`
	}
	table := tableOf[bookmark](t)
	key, err := table.untyped.schema.encodeKey(Key("https://example.com/?"))
	require.NoError(t, err)
	require.Equal(t, itemKey{hash: `{"S":"https://example.com/?"}`}, key)
	shown := table.ToMap(
		&bookmark{URL: page, Links: []url.URL{parse("/b"), parse("/a"), parse("/b")}})
	require.Equal(t, map[string]any{"url": page.String(), "links": []string{"/a", "/b"}}, shown)
}

// A layout is sortable only if the text of every later time is greater.
func TestLayoutsThatSort(t *testing.T) {
	t.Parallel()
	for layout, sorts := range map[string]bool{
		time.RFC3339: true, time.DateOnly: true, time.DateTime: true, time.TimeOnly: true,
		timetext.Stored: true, "2006-01": true, "20060102150405": true,
		"2006-01-02T15:04:05.000000-07:00": true, "2006-01-02 15:04:05.999999": true,
		"2006-002": true, "2006-01-_2": true, "2006": true, "15": true,
		time.RFC3339Nano: false, time.Kitchen: false, time.ANSIC: false, time.RFC1123: false,
		time.RFC822: false, "02.01.2006": false, "2006-1-02": false,
		"2006-01-2": false, "2006-01-02 3:04 PM": false, "2006-01-02 03:04:05 PM": false,
		"2006-01-02 15:4": false, "2006-01-02 15:04:5": false,
		"2006 Jan 02": false, "06-01-02": false, "2006-01-02T15:04:05.99Z": false,
		"15:04 2006-01-02": false,
	} {
		require.Equal(t, sorts, sortsAsTime(layout), layout)
	}
}

// cents stores itself as N. Its Marshaler takes precedence over its text methods.
type cents struct{ n int }

var errNegative = errors.New("negative")

func (c cents) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if c.n < 0 {
		return nil, errNegative
	}
	return &types.AttributeValueMemberN{Value: strconv.Itoa(c.n)}, nil
}

func (c *cents) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return errNegative
	}
	var err error
	c.n, err = strconv.Atoi(n.Value)
	return err
}

func (c cents) MarshalText() ([]byte, error) { return []byte("text"), nil }

func (c *cents) UnmarshalText([]byte) error { return nil }

// labels is a map whose Marshaler distinguishes nil from empty.
type labels map[string]bool

func (l labels) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if l == nil {
		return &types.AttributeValueMemberS{Value: "none"}, nil
	}
	return &types.AttributeValueMemberS{Value: "some"}, nil
}

func (l *labels) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	if value.(*types.AttributeValueMemberS).Value == "some" {
		*l = labels{}
	}
	return nil
}

// given stores the attribute value that it holds.
type given struct{ value types.AttributeValue }

func (g *given) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return g.value,
		nil
}

func (g *given) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	g.value = value
	return nil
}

// A value with a Marshaler is stored as the Marshaler returns it, at every place.
func TestMarshalers(t *testing.T) {
	t.Parallel()
	at := time.Unix(1338465600, 0)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"before text", cents{5}, "", `{"N":"5"}`},
		{"nothing is empty", cents{}, "", `{"N":"0"}`},
		{"a nil pointer is missing", (*cents)(nil), "", ""},
		{"a pointer", &cents{5}, "", `{"N":"5"}`},
		{"in a list", []cents{{5}}, ",document", `{"L":[{"N":"5"}]}`},
		{"in a map", map[string]*cents{"a": {5}, "b": nil}, ",document",
			`{"M":{"a":{"N":"5"},"b":{"NULL":true}}}`},
		{"in a set", []cents{{5}}, ",set", `{"NS":["5"]}`},
		{"nil is what it says", labels(nil), "", `{"S":"none"}`},
		{"nil is what it says in a list", []labels{nil, {}}, ",document",
			`{"L":[{"S":"none"},{"S":"some"}]}`},
		{"methods of the pointer", given{&types.AttributeValueMemberBOOL{Value: true}}, "",
			`{"BOOL":true}`},
		{"attributevalue.UnixTime", attributevalue.UnixTime(at), "", `{"N":"1338465600"}`},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, test.options, test.wire) })
	}
}

// A Marshaler that returns no value stores NULL, which decodes to the zero value.
func TestMarshalerOfNothing(t *testing.T) {
	t.Parallel()
	for _, nothing := range []types.AttributeValue{nil, (*types.AttributeValueMemberS)(nil)} {
		got, err := encodeOne(t, reflect.ValueOf(given{nothing}), "")
		require.NoError(t, err)
		require.Equal(t, `{"NULL":true}`, got)
	}
}

// The type of a key with a Marshaler follows from the zero value.
func TestMarshalerAsKey(t *testing.T) {
	t.Parallel()
	f, _ := oneField(t, reflect.TypeFor[cents](), ",hash")
	require.True(t, f.codec.isKey())
	require.Equal(t, wire.N, f.codec.wire)
	f, _ = oneField(t, reflect.TypeFor[given](), ",hash")
	require.False(t, f.codec.isKey())
}

// For a type that could be stored in several ways, these rules decide.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule   string
		goType reflect.Type
		wire   wire.Type
	}{
		{"Marshaler before text", reflect.TypeFor[cents](), wire.N},
		{"Marshaler before kind", reflect.TypeFor[attributevalue.UnixTime](), wire.N},
		{"time.Time before its text", timeType, wire.S},
		{"big.Int before its text", bigIntType, wire.N},
		{"big.Float before its text", bigFloatType, wire.N},
		{"json.Number before its kind", jsonNumberType, wire.N},
		{"text before byte arrays", reflect.TypeFor[uuid](), wire.S},
		{"big.Rat as its text", reflect.TypeFor[big.Rat](), wire.S},
		{"bytes before slices", reflect.TypeFor[namedBytes](), wire.B},
		{"bytes with text are no bytes", reflect.TypeFor[[]digit](), wire.L},
	} {
		made, err := newCodecMaker().makeCodec(test.goType)
		require.NoError(t, err, test.rule)
		require.Equal(t, test.wire.String(), made.wire.String(), test.rule)
	}
}

type digit uint8

func (d digit) MarshalText() ([]byte, error) { return []byte{'0' + byte(d)}, nil }

func (d *digit) UnmarshalText(text []byte) error { *d = digit(text[0] - '0'); return nil }

func TestBytesWithText(t *testing.T) {
	t.Parallel()
	requireStored(t, []digit{1, 2}, ",document", `{"L":[{"S":"1"},{"S":"2"}]}`)
	requireStored(t, []digit{1, 2}, "", `{"S":"[\"1\",\"2\"]"}`)
}

// The text of an error from a user's method stays out of the message, because it may contain the
// value. errors.As and errors.Is find the error.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	_, err := encodeOne(t, reflect.ValueOf(cents{-1}), "")
	require.ErrorIs(t, err, errNegative)
	require.ErrorContains(t, err,
		"the method MarshalDynamoDBAttributeValue of the Go type dynamapper.cents refused the "+
			"value")

	_, err = decodeOne(t, `{"N":"secret"}`, reflect.TypeFor[cents](), "")
	number := new(strconv.NumError)
	require.ErrorAs(t, err, &number)
	require.NotContains(t, err.Error(), "secret")

	_, err = decodeOne(t, `{"S":"secret"}`, reflect.TypeFor[netip.Addr](), "")
	require.ErrorContains(t, err,
		"the method UnmarshalText of the Go type netip.Addr refused the value")
	require.NotContains(t, err.Error(), "secret")
	require.ErrorContains(t, errors.Unwrap(errors.Unwrap(err)), "secret")
}

// Attribute values are stored unchanged.
func TestAttributeValues(t *testing.T) {
	t.Parallel()
	type anyValue = struct{ V types.AttributeValue }
	text := &types.AttributeValueMemberS{Value: ""}
	deep := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		"l": &types.AttributeValueMemberL{
			Value: []types.AttributeValue{&types.AttributeValueMemberNULL{Value: true}}},
		"n": &types.AttributeValueMemberNS{Value: []string{"1.0", "2"}},
	}}
	for _, test := range []struct {
		rule  string
		value any
		wire  string
	}{
		{"a member by its pointer", text, `{"S":""}`},
		{"a nil member is missing", (*types.AttributeValueMemberS)(nil), ""},
		{"a document", deep, `{"M":{"l":{"L":[{"NULL":true}]},"n":{"NS":["1.0","2"]}}}`},
		{"a map", deep.Value, `{"M":{"l":{"L":[{"NULL":true}]},"n":{"NS":["1.0","2"]}}}`},
		{"a nil map is missing", map[string]types.AttributeValue(nil), ""},
		{"an empty map is stored", map[string]types.AttributeValue{}, `{"M":{}}`},
		{"a named map", map[namedString]types.AttributeValue{"a": text}, `{"M":{"a":{"S":""}}}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			requireStored(t, test.value, "", test.wire)
		})
	}
	requireStored(t, []types.AttributeValue{text, nil}, ",document",
		`{"L":[{"S":""},{"NULL":true}]}`)

	v := reflect.ValueOf(anyValue{deep}).Field(0)
	got, err := encodeOne(t, v, "")
	require.NoError(t, err)
	back, err := decodeOne(t, got, attributeValueType, "")
	require.NoError(t, err)
	require.Equal(t, deep, back.Interface())

	for _, nothing := range []types.AttributeValue{nil, (*types.AttributeValueMemberS)(nil)} {
		got, err := encodeOne(t, reflect.ValueOf(anyValue{nothing}).Field(0), "")
		require.NoError(t, err)
		require.Empty(t, got)
	}
	got, err = encodeOne(t, reflect.ValueOf(map[string]types.AttributeValue{"a": nil}), "")
	require.NoError(t, err)
	require.Equal(t, `{"M":{"a":{"NULL":true}}}`, got)
	_, err = decodeOne(t, `{"N":"1"}`, reflect.TypeFor[*types.AttributeValueMemberS](), "")
	require.ErrorContains(t, err,
		"type N, and the Go type *types.AttributeValueMemberS takes only that member")
	_, err = decodeOne(t, `{"N":"1"}`, attributeMapType, "")
	require.ErrorContains(t, err, "takes M")
}

// Attribute values are checked: a value that the service would refuse or silently change is
// refused.
func TestAttributeValuesAreChecked(t *testing.T) {
	t.Parallel()
	cycle := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
	cycle.Value["self"] = cycle
	var deep types.AttributeValue = &types.AttributeValueMemberS{}
	for range maxDepth {
		deep = &types.AttributeValueMemberL{Value: []types.AttributeValue{deep}}
	}
	in := func(name string, v types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{name: v}}
	}
	for _, test := range []struct {
		rule  string
		value types.AttributeValue
		place string
		text  string
	}{
		{"text", &types.AttributeValueMemberS{Value: "\xff"}, "a", "not valid UTF-8"},
		{"text inside",
			in("m",
				&types.AttributeValueMemberL{
					Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "\xff"}}}),
			"a.m[0]", "not valid UTF-8"},
		{"text in a set", &types.AttributeValueMemberSS{Value: []string{"a", "\xff"}}, "a[1]",
			"not valid UTF-8"},
		{"a name", in("\xff", deep), "a", "not valid UTF-8"},
		{"an empty name", in("", deep), "a", "empty name"},
		{"a number", in("n", &types.AttributeValueMemberN{Value: "NaN"}), "a.n", "not a number"},
		{"a number in a set", &types.AttributeValueMemberNS{Value: []string{"1E200"}}, "a[0]",
			"too large"},
		{"nothing inside", in("n", nil), "a.n", "no attribute value"},
		{"a type that is not known", in("n", &types.UnknownUnionMember{}), "a.n",
			"no attribute value"},
		{"itself", cycle, "a" + repeat(".self", maxDepth), "contains itself"},
		{"too deep", in("x", deep), "a.x" + repeat("[0]", maxDepth-1), "nested deeper"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			for _, value := range []any{test.value, given{test.value}} {
				_, err := encodeOne(t, reflect.ValueOf(value), "")
				placed := new(FieldError)
				require.ErrorAs(t, err, &placed)
				require.Equal(t, test.place, placed.Attribute)
				require.Contains(t, err.Error(), test.text)
			}
		})
	}
	got, err := encodeOne(t, reflect.ValueOf(deep), "")
	require.NoError(t, err)
	require.NotEmpty(t, got)
}
