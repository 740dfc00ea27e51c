package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompareNumbers(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"0", "0", 0}, {"-0", "0", 0}, {"0.000", "0E99", 0}, {"+0", "-0.0", 0},
		{"1E2", "100", 0}, {"100.0", "100", 0}, {"1.0e+2", "100", 0}, {"0.01e4", "100", 0},
		{"+100", "00100", 0},
		{"1.", "1", 0}, {".5", "0.5", 0}, {"-.5", "-5e-1", 0}, {"1000E-3", "1", 0},
		{"0.0001E4", "1", 0},
		{"1", "2", -1}, {"2", "10", -1}, {"-1", "1", -1}, {"-2", "-1", -1}, {"-10", "-9", -1},
		{"0", "1", -1}, {"-1", "0", -1},
		{"0.1", "0.11", -1}, {"0.09", "0.1", -1}, {"9.99", "10", -1}, {"1.5", "15", -1},
		{"-0.11", "-0.1", -1},
		{"9007199254740992", "9007199254740993", -1}, // equal as float64
		{"99999999999999999999999999999999999998", "99999999999999999999999999999999999999", -1},
		{"1E999999999", "1E1000000000", -1}, {"-1E999999999", "1E-999999999", -1},
		{"1E-999999999", "1E-999999998", -1},
		{"1E999999999", "10E999999998", 0}, {"0E999999999", "0", 0},
		{"1" + strings.Repeat("0", 1000), "1E1000", 0},
		{"0." + strings.Repeat("0", 1000) + "1", "1E-1001", 0},
	}
	for _, test := range tests {
		got, ok := CompareNumbers(test.a, test.b)
		require.True(t, ok, "%s %s", test.a, test.b)
		require.Equal(t, test.want, got, "%s %s", test.a, test.b)
		got, ok = CompareNumbers(test.b, test.a)
		require.True(t, ok)
		require.Equal(t, -test.want, got, "%s %s", test.b, test.a)
		require.Equal(t, test.want == 0, CanonicalNumber(test.a) == CanonicalNumber(test.b),
			"%s %s", test.a, test.b)
	}
}

// notNumbers are texts that are not numbers to DynamoDB.
var notNumbers = []string{
	"", " ", "x", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e5.5", "1.2.3", "--1", "+-1",
	"1 ", " 1", "1,5", "0x10",
	"NaN", "Infinity", "1_000", "1/2", "١", "1e5e5",
}

func TestCompareRefusesWhatIsNoNumber(t *testing.T) {
	for _, s := range append(notNumbers, "1E"+strings.Repeat("9", 30),
		"1E-"+strings.Repeat("9", 30)) {
		_, ok := CompareNumbers(s, "1")
		require.False(t, ok, s)
		_, ok = CompareNumbers("1", s)
		require.False(t, ok, s)
		require.Equal(t, s, CanonicalNumber(s))
	}
}

func TestCompareAllocatesNothing(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if order, ok := CompareNumbers("1E999999999", "-1.25E-999999999"); !ok || order != 1 {
			t.Fail()
		}
	}))
}

func TestCanonicalNumber(t *testing.T) {
	tests := []struct{ s, want string }{
		{"0", "0"}, {"-0.0E5", "0"}, {"1E2", "100"}, {"100.0", "100"}, {"+007", "7"},
		{"-12.50", "-12.5"},
		{"0.5", "0.5"}, {".5", "0.5"}, {"5E-3", "0.005"}, {"123.456", "123.456"},
		{"123456E-3", "123.456"},
		{"1E37", "1" + strings.Repeat("0", 37)}, {"1E38", "1E38"}, {"1.5E40", "15E39"},
		{"-1E-39", "-0." + strings.Repeat("0", 38) + "1"},
		{"1E-40", "1E-40"}, {"12.5E-100", "125E-101"},
	}
	for _, test := range tests {
		require.Equal(t, test.want, CanonicalNumber(test.s), test.s)
		require.Equal(t, test.want, CanonicalNumber(test.want), test.s)
	}
}

func TestValidNumber(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, s := range []string{
		"0", "-0", "0.0", "0E5000", "1", "-1.5", "+1", "007", ".5", "5.", "1e5", nines, "-" + nines,
		"0.00" + nines,
		nines + strings.Repeat("0", 80), "000" + nines, nines + ".000", "1E125",
		"9." + nines[1:] + "E+125", "1E-130", "-1E-130",
		"1.5E-130", "0.1E126", "10E-131", "1" + strings.Repeat("0", 125),
	} {
		require.NoError(t, ValidNumber(s), s)
	}
	for s, want := range map[string]string{
		"1" + nines:                    "has 39 significant digits, DynamoDB stores 38",
		"0.1" + nines + "9":            "has 40 significant digits, DynamoDB stores 38",
		"1E126":                        "is too large, DynamoDB stores numbers below 1E+126",
		"-1E126":                       "is too large, DynamoDB stores numbers below 1E+126",
		"10E125":                       "is too large, DynamoDB stores numbers below 1E+126",
		"1E999999999":                  "is too large, DynamoDB stores numbers below 1E+126",
		"1E-131":                       "is too close to zero, DynamoDB stores numbers from 1E-130",
		"9.9E-131":                     "is too close to zero, DynamoDB stores numbers from 1E-130",
		"1E" + strings.Repeat("9", 30): "has an exponent out of range",
	} {
		require.EqualError(t, ValidNumber(s), want, s)
	}
	for _, s := range notNumbers {
		require.EqualError(t, ValidNumber(s), "is not a number", s)
	}
}

func TestDecimal(t *testing.T) {
	for _, test := range []struct {
		text   string
		places bool
		digits int64
		behind int
		ok     bool
	}{
		{`"0"`, false, 0, 0, true}, {`"-12"`, false, -12, 0, true}, {`"007"`, false, 7, 0, true},
		{`"123456"`, false, 123456, 0, true},
		{`"1234567"`, false, 0, 0, false}, {`"-0"`, false, 0, 0, false},
		{`"-0.0"`, true, 0, 0, false}, {`"0.0"`, true, 0, 1, true},
		{`"1.5"`, true, 15, 1, true}, {`"-1.25"`, true, -125, 2, true},
		{`"1.5"`, false, 0, 0, false}, {`"1.2.3"`, true, 0, 0, false},
		{`".5"`, true, 5, 1, true}, {`"5."`, true, 5, 0, true}, {`"."`, true, 0, 0, false},
		{`""`, true, 0, 0, false}, {`"-"`, true, 0, 0, false},
		{`"+1"`, true, 0, 0, false}, {`"1E2"`, true, 0, 0, false}, {`"1/"`, true, 0, 0, false},
		{`"1:"`, true, 0, 0, false},
		{`1`, true, 0, 0, false}, {`"1`, true, 0, 0, false}, {``, true, 0, 0, false},
		{`"`, true, 0, 0, false},
		{`"1` + "\x00", true, 0, 0, false},
	} {
		r := NewReader(test.text)
		digits, behind, ok := r.Decimal(6, test.places)
		require.Equal(t, test.ok, ok, test.text)
		if !ok {
			require.Zero(t, r.Offset(), test.text)
			continue
		}
		require.Equal(t, test.digits, digits, test.text)
		require.Equal(t, test.behind, behind, test.text)
		require.Equal(t, len(test.text), r.Offset())
	}
}
