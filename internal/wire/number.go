package wire

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The range of DynamoDB's numbers: 38 digits, and 1E-130 to 9.9…E+125 or their negatives.
const (
	maxDigits   = 38
	minExponent = -130
	maxExponent = 125
)

// maxParsedExponent is far beyond DynamoDB's limit and leaves room to add the length of any text.
const maxParsedExponent = 1 << 60

// decimal is a number without leading and trailing zeros. Its value is 0.ddd, with the digits of
// whole and fraction, times ten to the power of point. Zero has no digits, no sign and point 0.
type decimal struct {
	negative        bool
	whole, fraction string
	point           int64
}

// parseDecimal parses a number as DynamoDB does: a sign, digits with a point anywhere, an exponent.
// If huge is true, the exponent is too large to represent, and d is not valid.
func parseDecimal(s string) (d decimal, huge, ok bool) {
	if c := byteAt(s, 0); c == '-' || c == '+' {
		d.negative = c == '-'
		s = s[1:]
	}
	wholeEnd, hasWhole := digitsEnd(s, 0)
	d.whole, s = s[:wholeEnd], s[wholeEnd:]
	hasFraction := false
	if byteAt(s, 0) == '.' {
		var end int
		end, hasFraction = digitsEnd(s, 1)
		d.fraction, s = s[1:end], s[end:]
	}
	exponent, huge, ok := parseExponent(s)
	if !ok || !hasWhole && !hasFraction {
		return decimal{}, false, false
	}
	return d.trim(exponent), huge, true
}

// parseExponent parses the text behind the digits: nothing, or an exponent.
func parseExponent(s string) (exponent int64, huge, ok bool) {
	if s == "" {
		return 0, false, true
	}
	if s[0]|0x20 != 'e' {
		return 0, false, false
	}
	digits := s[1:]
	sign := byteAt(digits, 0)
	if sign == '+' || sign == '-' {
		digits = digits[1:]
	}
	if end, some := digitsEnd(digits, 0); !some || end != len(digits) {
		return 0, false, false
	}
	for i := 0; i < len(digits) && !huge; i++ {
		exponent = exponent*10 + int64(digits[i]-'0')
		huge = exponent > maxParsedExponent/10
	}
	if sign == '-' {
		exponent = -exponent
	}
	return exponent, huge, true
}

// trim removes the zeros from both ends of the digits and sets the point.
func (d decimal) trim(exponent int64) decimal {
	d.whole = strings.TrimLeft(d.whole, "0")
	d.point = exponent + int64(len(d.whole))
	if d.whole == "" {
		size := len(d.fraction)
		d.fraction = strings.TrimLeft(d.fraction, "0")
		d.point -= int64(size - len(d.fraction))
	}
	d.fraction = strings.TrimRight(d.fraction, "0")
	if d.fraction == "" {
		d.whole = strings.TrimRight(d.whole, "0")
	}
	if d.size() == 0 {
		return decimal{}
	}
	return d
}

// size returns the number of significant digits.
func (d decimal) size() int { return len(d.whole) + len(d.fraction) }

// digit returns the significant digit i, counted from the left. It returns '0' behind the last
// digit.
func (d decimal) digit(i int) byte {
	switch {
	case i < len(d.whole):
		return d.whole[i]
	case i < d.size():
		return d.fraction[i-len(d.whole)]
	}
	return '0'
}

// sign returns -1, 0 or 1.
func (d decimal) sign() int {
	switch {
	case d.size() == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareMagnitude compares two numbers without their signs. Neither of them is zero.
func (d decimal) compareMagnitude(other decimal) int {
	if d.point != other.point {
		return cmp.Compare(d.point, other.point)
	}
	for i := range max(d.size(), other.size()) {
		if a, b := d.digit(i), other.digit(i); a != b {
			return cmp.Compare(a, b)
		}
	}
	return 0
}

// CompareNumbers compares two numbers exactly by value and returns -1, 0 or 1. "1E2" and "100.0"
// are equal, as are "-0" and "0". It returns false if one of them is not a number, or has an
// exponent that 64 bits cannot hold.
func CompareNumbers(a, b string) (int, bool) {
	x, hugeX, ok := parseDecimal(a)
	if !ok || hugeX {
		return 0, false
	}
	y, hugeY, ok := parseDecimal(b)
	if !ok || hugeY {
		return 0, false
	}
	sign := x.sign()
	if sign != y.sign() || sign == 0 {
		return cmp.Compare(sign, y.sign()), true
	}
	return sign * x.compareMagnitude(y), true
}

// ErrNotNumber is the error of a text that is not a number.
var ErrNotNumber = errors.New("is not a number")

// ValidNumber returns the reason why DynamoDB would refuse the number, or nil if it accepts it. The
// error is a clause without the value.
func ValidNumber(s string) error {
	d, huge, ok := parseDecimal(s)
	switch {
	case !ok:
		return ErrNotNumber
	case huge:
		return errors.New("has an exponent out of range")
	case d.size() == 0:
		return nil
	case d.size() > maxDigits:
		return fmt.Errorf("has %d significant digits, DynamoDB stores %d", d.size(), maxDigits)
	case d.point-1 > maxExponent:
		return errors.New("is too large, DynamoDB stores numbers below 1E+126")
	case d.point-1 < minExponent:
		return errors.New("is too close to zero, DynamoDB stores numbers from 1E-130")
	}
	return nil
}

// CanonicalNumber returns the same spelling for all spellings of a number, for use as a map key. It
// returns a text that is not a number unchanged.
func CanonicalNumber(s string) string {
	if isPlainInteger(s) {
		return s
	}
	d, huge, ok := parseDecimal(s)
	if !ok || huge {
		return s
	}
	if d.size() == 0 {
		return "0"
	}
	var buffer [64]byte
	spelling := d.append(buffer[:0])
	if string(spelling) == s {
		return s
	}
	return string(spelling)
}

// isPlainInteger reports whether s is a positive integer of few digits in its canonical spelling,
// as most numbers are.
func isPlainInteger(s string) bool {
	if s == "" || len(s) > 18 || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// append appends the canonical spelling: plain if that is short, otherwise an integer with a power
// of ten.
func (d decimal) append(to []byte) []byte {
	if d.negative {
		to = append(to, '-')
	}
	switch size := int64(d.size()); {
	case d.point < -maxDigits || d.point > maxDigits:
		to = d.appendDigits(to, 0, d.size())
		return strconv.AppendInt(append(to, 'E'), d.point-size, 10)
	case d.point <= 0:
		to = appendZeros(append(to, '0', '.'), -d.point)
		return d.appendDigits(to, 0, d.size())
	case d.point < size:
		to = append(d.appendDigits(to, 0, int(d.point)), '.')
		return d.appendDigits(to, int(d.point), d.size())
	default:
		return appendZeros(d.appendDigits(to, 0, d.size()), d.point-size)
	}
}

// appendDigits appends the significant digits from start to end.
func (d decimal) appendDigits(to []byte, start, end int) []byte {
	for i := start; i < end; i++ {
		to = append(to, d.digit(i))
	}
	return to
}

func appendZeros(to []byte, count int64) []byte {
	for range count {
		to = append(to, '0')
	}
	return to
}

// Decimal consumes the text of a number in the usual notation: at most the given number of digits,
// up to 18, an optional sign and, if places is true, an optional point. It returns the digits as an
// integer, and the number of digits behind the point. If the text is anything else, including the
// negative zero, Decimal consumes nothing.
func (r *Reader) Decimal(most int, places bool) (digits int64, behind int, ok bool) {
	rest := r.text[r.pos:]
	if len(rest) < len(`"0"`) || rest[0] != '"' {
		return 0, 0, false
	}
	i, point, count := 1, 0, 0
	isNegative := rest[1] == '-'
	if isNegative {
		i++
	}
	for ; i < len(rest); i++ {
		digit := rest[i] - '0'
		if digit <= 9 {
			digits = digits*10 + int64(digit)
			count++
			continue
		}
		if rest[i] != '.' || !places || point > 0 {
			break
		}
		point = i
	}
	if i == len(rest) || rest[i] != '"' || count == 0 || count > most || isNegative && digits == 0 {
		return 0, 0, false
	}
	if isNegative {
		digits = -digits
	}
	if point > 0 {
		behind = i - point - 1
	}
	r.pos += i + 1
	return digits, behind, true
}
