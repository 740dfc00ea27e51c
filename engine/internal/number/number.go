// Package number holds DynamoDB's numbers: decimal numbers of up to 38 significant digits, exact.
package number

import (
	"cmp"
	"strconv"
	"strings"
)

const (
	maxDigits   = 38
	maxExponent = 126  // the exponent of 9.9999999999999999999999999999999999999E+125
	minExponent = -129 // the exponent of 1E-130
)

// Number is a decimal number as DynamoDB stores it. The zero value is 0. Equal numbers are equal by
// ==.
type Number struct {
	digits   string // the significant digits without leading and trailing zeros; "" is zero
	exponent int16  // the value is 0.digits times ten to this power
	negative bool
}

// FromInt returns an integer as a number.
func FromInt(i int64) Number {
	n, _ := parseInteger(strconv.FormatInt(i, 10))
	return n
}

// Sign returns -1 for a negative number, 0 for zero and 1 for a positive number.
func (n Number) Sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// Compare returns -1 if n is less than m, 0 if they are equal and 1 if n is greater.
func (n Number) Compare(m Number) int {
	sign := n.Sign()
	if order := cmp.Compare(sign, m.Sign()); order != 0 {
		return order
	}
	if order := cmp.Compare(n.exponent, m.exponent); order != 0 {
		return sign * order
	}
	return sign * strings.Compare(n.digits, m.digits)
}

// Size returns the number of bytes that n counts in the size of an item: one, one for each pair of
// significant digits before and after the decimal point, and one for the sign of a negative number.
// Zeros at either end do not count.
func (n Number) Size() int {
	whole := min(max(int(n.exponent), 0), len(n.digits))
	fraction := len(n.digits) - whole
	size := 1 + (whole+1)/2 + (fraction+1)/2
	if n.negative {
		size++
	}
	return size
}

// String returns the number in the service's normal form: all significant digits, without an
// exponent, superfluous zeros or a plus sign.
func (n Number) String() string {
	if !n.negative && int(n.exponent) == len(n.digits) && n.digits != "" {
		return n.digits
	}
	return string(n.Append(make([]byte, 0, 64)))
}

// Append appends the text that String returns.
func (n Number) Append(dst []byte) []byte {
	if n.negative {
		dst = append(dst, '-')
	}
	exponent := int(n.exponent)
	switch {
	case n.digits == "":
		return append(dst, '0')
	case exponent <= 0:
		dst = append(dst, "0."...)
		return append(appendZeros(dst, -exponent), n.digits...)
	case exponent >= len(n.digits):
		return appendZeros(append(dst, n.digits...), exponent-len(n.digits))
	}
	dst = append(append(dst, n.digits[:exponent]...), '.')
	return append(dst, n.digits[exponent:]...)
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// Float32 returns the nearest 32-bit floating point number. It returns false if the number is
// beyond their range.
func (n Number) Float32() (float32, bool) {
	text := make([]byte, 0, 64)
	if n.negative {
		text = append(text, '-')
	}
	text = append(append(text, "0."...), n.digits...)
	text = strconv.AppendInt(append(text, 'e'), int64(n.exponent), 10)
	f, err := strconv.ParseFloat(string(text), 32)
	return float32(f), err == nil
}
