package number

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	largest  = "99999999999999999999999999999999999999"
	largestE = "9.9999999999999999999999999999999999999E+125"
)

func parse(t testing.TB, text string) Number {
	t.Helper()
	n, err := Parse(text)
	require.NoError(t, err, text)
	return n
}

// rational returns the value of a text as a big.Rat.
func rational(t testing.TB, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	require.True(t, ok, text)
	return r
}

// randomNumber returns a random number that DynamoDB stores. Most are close to others, so that
// pairs share exponents and first digits.
func randomNumber(r *rand.Rand) Number {
	if r.IntN(20) == 0 {
		return Number{}
	}
	spread := []int{1, 4, maxDigits + 3, maxExponent - minExponent}[r.IntN(4)]
	exponent := max(minExponent, min(maxExponent, r.IntN(spread+1)-spread/2))
	length := 1 + r.IntN([]int{1, 3, maxDigits}[r.IntN(3)])
	digits := make([]byte, length)
	for i := range digits {
		digits[i] = "0019"[r.IntN(4)]
		if r.IntN(2) == 0 {
			digits[i] = '0' + byte(r.IntN(10))
		}
	}
	digits[0] = '1' + byte(r.IntN(9))
	trimmed := strings.TrimRight(string(digits), "0")
	return Number{trimmed, int16(exponent), r.IntN(2) == 0}
}

func TestString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "+0.0": "0", "00": "0", "0e5": "0", ".0": "0", "0.": "0",
		"1": "1", "+5": "5", "-7": "-7", "00042": "42", "5.": "5", ".5": "0.5", "+.5": "0.5",
		"100": "100", "1.0": "1", "3.1400": "3.14", "-0010.0100": "-10.01", "0.001": "0.001",
		"1e2": "100", "1E+2": "100", "1.5E+3": "1500", "1.23E10": "12300000000", "+1e-2": "0.01",
		"12.5e1": "125", "12.5e-1": "1.25", "-12.5e-3": "-0.0125", "0.0012e3": "1.2",
		"1e0000000000000000000000000000001": "10", "120e-1": "12",
		largest:            largest,
		"-" + largest:      "-" + largest,
		"0." + largest:     "0." + largest,
		largest + "000":    largest + "000",
		"000" + largest:    largest,
		largest + ".000":   largest,
		largest + "e-38":   "0." + largest,
		largestE:           largest + strings.Repeat("0", 88),
		"-" + largestE:     "-" + largest + strings.Repeat("0", 88),
		"1E-130":           "0." + strings.Repeat("0", 129) + "1",
		"-1e-130":          "-0." + strings.Repeat("0", 129) + "1",
		"1.5e-130":         "0." + strings.Repeat("0", 129) + "15",
		"0e125":            "0",
		"0.0e126":          "0",
		"00.00e126":        "0",
		"0e-130":           "0",
		"0.0e-129":         "0",
		"10e124":           "1" + strings.Repeat("0", 125),
		"0.01e-128":        "0." + strings.Repeat("0", 129) + "1",
		"9007199254740993": "9007199254740993",
	} {
		n := parse(t, text)
		assert.Equal(t, want, n.String(), text)
		assert.Equal(t, "x"+want, string(n.Append([]byte("x"))), text)
		assert.Equal(t, n, parse(t, want), text)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"": ErrSyntax, "+": ErrSyntax, "-": ErrSyntax, ".": ErrSyntax, "-.": ErrSyntax,
		"e2": ErrSyntax, "+e2": ErrSyntax, ".e2": ErrSyntax, "1e": ErrSyntax, "1e+": ErrSyntax,
		"1+2": ErrSyntax, "1.2.3": ErrSyntax, "1..2": ErrSyntax, "++5": ErrSyntax, "+-5": ErrSyntax,
		"--5": ErrSyntax, "5-": ErrSyntax, "1.2e3.4": ErrSyntax, "1e2e3": ErrSyntax,
		"0x5":  ErrSyntax,
		"0xp1": ErrSyntax, "NaN": ErrSyntax, "Infinity": ErrSyntax, "1_000": ErrSyntax,
		"1e1_0": ErrSyntax, " 5": ErrSyntax, "5 ": ErrSyntax, "1 5": ErrSyntax, "1,5": ErrSyntax,
		"٣": ErrSyntax, "1\x00": ErrSyntax, "abc": ErrSyntax,
		"1e9223372036854775808": ErrSyntax, "1e-9223372036854775809": ErrSyntax,
		"0e9223372036854775808": ErrSyntax,

		"1E+126": ErrTooLarge, "-1E+126": ErrTooLarge, "10e125": ErrTooLarge,
		"1" + strings.Repeat("0", 126): ErrTooLarge, "1e99999999999": ErrTooLarge,
		"1e9223372036854775807": ErrTooLarge, "10e9223372036854775807": ErrTooLarge,
		"0e126": ErrTooLarge, "-0e127": ErrTooLarge, "0.0e127": ErrTooLarge, "00e126": ErrTooLarge,
		"0e99999999999": ErrTooLarge,

		"1E-131": ErrTooSmall, "-1E-131": ErrTooSmall, "9.9e-131": ErrTooSmall,
		"0.1e-130": ErrTooSmall, "1e-99999999999": ErrTooSmall,
		"1e-9223372036854775808": ErrTooSmall, "0.01e-9223372036854775808": ErrTooSmall,
		"0e-131": ErrTooSmall, "0.0e-130": ErrTooSmall,
		"0." + strings.Repeat("0", 131):       ErrTooSmall,
		"0." + strings.Repeat("0", 130) + "1": ErrTooSmall,

		largest + "1": ErrPrecision, "1." + largest: ErrPrecision,
		"-" + largest + ".1":                ErrPrecision,
		"1" + strings.Repeat("0", 37) + "1": ErrPrecision, largest + "1e99": ErrPrecision,
		largest + "1e999": ErrPrecision,
	} {
		n, err := Parse(text)
		assert.Equal(t, want, err, text)
		assert.Equal(t, Number{}, n, text)
	}
}

func TestFromInt(t *testing.T) {
	t.Parallel()
	for _, i := range []int64{0, 1, -1, 10, -100, 1234567890, 1<<63 - 1, -1 << 63} {
		n := FromInt(i)
		assert.Equal(t, strconv.FormatInt(i, 10), n.String())
		assert.Equal(t, parse(t, n.String()), n)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"0": 1, "-0": 1, "1": 2, "12": 2, "123": 3, "1234": 3, "123456789": 6, largest: 20,
		"0042": 2, "100": 2, "1010": 3, "0.0000001": 2, "1E125": 2, "1E-100": 2,
		"1.5": 3, "1.200": 3, "1.234": 4, "3.14159": 5, "100.5": 4, "0.15": 2, "0.00015": 2,
		"-42": 3, "-12345": 5, "-1E125": 3, "-0.15": 3,
	} {
		assert.Equal(t, want, parse(t, text).Size(), text)
	}
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, sum, difference string }{
		{"0", "0", "0", "0"},
		{"5", "0", "5", "5"},
		{"0", "5", "5", "-5"},
		{"0", "-5", "-5", "5"},
		{"1", "2", "3", "-1"},
		{"0.1", "0.2", "0.3", "-0.1"},
		{"99", "1", "100", "98"},
		{"100", "99.9", "199.9", "0.1"},
		{"-1.5", "1.5", "0", "-3"},
		{"9007199254740993", "1", "9007199254740994", "9007199254740992"},
		{"0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001",
			"0", "0.00000000000000000000000000000000000002"},
		{"1e125", "8e125", "9" + strings.Repeat("0", 125), "-7" + strings.Repeat("0", 125)},
		{largest[1:], "1", "1" + strings.Repeat("0", 37), largest[1:37] + "8"},
		{"1e37", "0.1", "", largest[1:] + ".9"},
		{"1e37", "0.01", "", ""},
		{"1e38", "-1", largest, ""},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		for want, calculate := range map[string]func(Number, Number) (Number, error){
			"+" + c.sum: Number.Add, "-" + c.difference: Number.Sub,
		} {
			n, err := calculate(a, b)
			if want[1:] == "" {
				assert.Equal(t, ErrPrecision, err, "%s %s", c.a, c.b)
				continue
			}
			require.NoError(t, err, "%s %s", c.a, c.b)
			assert.Equal(t, want[1:], n.String(), "%s %s %s", c.a, want[:1], c.b)
		}
	}
}

func TestArithmeticRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want error
	}{
		{largestE, largestE, ErrPrecision},
		{"5e125", "5e125", ErrTooLarge},
		{"-5e125", "-5e125", ErrTooLarge},
		{largestE, "1e88", ErrTooLarge},
		{"1.5e-130", "-1e-130", ErrTooSmall},
		{"1e125", "1e-130", ErrPrecision},
		{largestE, "1e87", ErrPrecision},
		{"1e38", "1", ErrPrecision},
		{largest, "0.5", ErrPrecision},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		sum, err := a.Add(b)
		assert.Equal(t, c.want, err, "%s + %s", c.a, c.b)
		assert.Equal(t, Number{}, sum)
		sum, err = b.Add(a)
		assert.Equal(t, c.want, err, "%s + %s", c.b, c.a)
		assert.Equal(t, Number{}, sum)
	}
}

// decimal returns the decimal text of a rational.
func decimal(r *big.Rat) string { return strings.TrimRight(r.FloatString(200), "0") }

// The texts of exact rationals are the reference: Parse must return the same number, or refuse it.
func TestArithmeticAgreesWithBig(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 20_000 {
		a, b := randomNumber(r), randomNumber(r)
		x, y := rational(t, a.String()), rational(t, b.String())
		sum, err := a.Add(b)
		want, wantErr := Parse(decimal(new(big.Rat).Add(x, y)))
		require.Equal(t, wantErr, err, "%s + %s", a, b)
		require.Equal(t, want, sum, "%s + %s", a, b)
		difference, err := a.Sub(b)
		want, wantErr = Parse(decimal(new(big.Rat).Sub(x, y)))
		require.Equal(t, wantErr, err, "%s - %s", a, b)
		require.Equal(t, want, difference, "%s - %s", a, b)
		if err != nil {
			refused++
		}
	}
	assert.Greater(t, refused, 500)
}

func TestOrderAgreesWithBig(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		a, b := randomNumber(r), randomNumber(r)
		want := rational(t, a.String()).Cmp(rational(t, b.String()))
		require.Equal(t, want, a.Compare(b), "%s %s", a, b)
		require.Equal(t, want == 0, a == b, "%s %s", a, b)
		require.Equal(t, rational(t, a.String()).Sign(), a.Sign(), a)
		x, y := a.AppendKey(nil), b.AppendKey(nil)
		require.Equal(t, want, bytes.Compare(x, y), "%s %s: % x, % x", a, b, x, y)
		if want != 0 {
			require.False(t, bytes.HasPrefix(x, y), "%s %s: % x, % x", a, b, x, y)
		}
	}
}

func TestAppendKeySorts(t *testing.T) {
	t.Parallel()
	ascending := []string{
		"-" + largestE, "-1e125", "-" + largest, "-100", "-99", "-10.1", "-10", "-9.99", "-1.01",
		"-1",
		"-0.5", "-1.5e-130", "-1e-130", "0", "1e-130", "1.5e-130", "0.5", "1", "1.001", "1.01",
		"1.1",
		"9", "9.9", "10", "10.1", "12", "99", "100", "101", largest, "1e125", largestE,
	}
	keys := make([]string, len(ascending))
	for i, text := range ascending {
		keys[i] = string(parse(t, text).AppendKey([]byte("before")))
		assert.True(t, strings.HasPrefix(keys[i], "before"))
	}
	assert.True(t, slices.IsSorted(keys))
	assert.Len(t, slices.Compact(keys), len(ascending))
}

func TestParseAllocates(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "7": 0, "42": 0, "-42": 0, "1700000000": 0, largest: 0, "1.5": 1, "00042": 1,
		"1e3": 1,
		"abc": 0,
	} {
		got := testing.AllocsPerRun(100, func() { _, _ = Parse(text) })
		assert.LessOrEqual(t, got, want, text)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"0", "-0", "+1.50e-3", ".5", "1.", "1e126", "1e-131", "0e126", largest + "1", largestE,
		"1e", "-",
		"1e9223372036854775808", "00.00e-126",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			assert.Equal(t, Number{}, n)
			return
		}
		again, err := Parse(n.String())
		require.NoError(t, err)
		assert.Equal(t, n, again)
		if len(text) < 300 {
			assert.Zero(t, rational(t, text).Cmp(rational(t, n.String())), "%q is %s", text, n)
		}
		assert.LessOrEqual(t, n.Size(), 22)
		assert.LessOrEqual(t, len(n.AppendKey(nil)), 22)
	})
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"42", "1700000000", "-19.99", "6.02e23", largest} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Parse(text)
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	x, y := parse(b, "1234567.89"), parse(b, "-1.5")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = x.Add(y)
	}
}
