package dynamapper

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/stretchr/testify/require"

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

func TestParseSmallInt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"-12", -12, true},
		{"999999999999999999", 999999999999999999, true},
		{"1000000000000000000", 0, false}, {"", 0, false}, {"-", 0, false}, {"+1", 0, false},
		{"1.0", 0, false}, {"1/", 0, false}, {"1:", 0, false},
	} {
		n, ok := parseSmallInt(test.text)
		require.Equal(t, test.ok, ok, test.text)
		require.Equal(t, test.want, n, test.text)
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
