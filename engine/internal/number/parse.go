package number

import (
	"strconv"
	"strings"
)

// Error is the reason why DynamoDB does not store a number, in the service's words.
type Error string

// The errors of Parse, Add and Sub.
const (
	ErrSyntax   Error = "The parameter cannot be converted to a numeric value"
	ErrTooLarge Error = "Number overflow. Attempting to store a number with magnitude larger " +
		"than supported range"
	ErrTooSmall Error = "Number underflow. Attempting to store a number with magnitude smaller " +
		"than supported range"
	ErrPrecision Error = "Attempting to store more than 38 significant digits in a Number"
)

// Error returns the service's words.
func (e Error) Error() string { return string(e) }

// Parse parses a number: an optional sign, digits with at most one decimal point, and an optional
// exponent. For any other text, Parse returns ErrSyntax. It returns ErrPrecision, ErrTooLarge or
// ErrTooSmall, in that order, if DynamoDB does not store the number.
func Parse(text string) (Number, error) {
	if n, ok := parseInteger(text); ok {
		return n, nil
	}
	l, ok := scan(text)
	if !ok {
		return Number{}, ErrSyntax
	}
	return l.number()
}

// parseInteger parses an integer of up to 38 digits without leading zeros. It returns false for
// other texts, most of which are numbers too. The number shares the text's memory.
func parseInteger(text string) (Number, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	if digits == "" || len(digits) > maxDigits || digits[0] == '0' {
		return Number{}, false
	}
	significant := 0
	for i := range len(digits) {
		switch c := digits[i]; {
		case c < '0' || c > '9':
			return Number{}, false
		case c > '0':
			significant = i + 1
		}
	}
	return Number{digits[:significant], int16(len(digits)), negative}, true
}

// literal holds the parts of a number's text.
type literal struct {
	negative        bool
	whole, fraction string // the digits before the decimal point and after it
	exponent        int64
}

// scan splits a number's text into its parts. It returns false if the text is not a number.
func scan(text string) (l literal, ok bool) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		l.negative = text[0] == '-'
		text = text[1:]
	}
	l.whole, text = cutDigits(text)
	if after, point := strings.CutPrefix(text, "."); point {
		l.fraction, text = cutDigits(after)
	}
	if l.whole == "" && l.fraction == "" {
		return l, false
	}
	if text == "" {
		return l, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return l, false
	}
	// The service reads the exponent as 64 bits too: to it, a text with a longer exponent is not a
	// number.
	exponent, err := strconv.ParseInt(text[1:], 10, 64)
	l.exponent = exponent
	return l, err == nil
}

// cutDigits returns the digits that a text begins with, and the rest.
func cutDigits(text string) (digits, rest string) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[:end], text[end:]
}

// farExponent is beyond what the digits of any request can bring back into range.
const farExponent = 1 << 40

// number returns the literal's value.
func (l literal) number() (Number, error) {
	exponent := min(max(l.exponent, -farExponent), farExponent)
	whole := strings.TrimLeft(l.whole, "0")
	fraction := strings.TrimRight(l.fraction, "0")
	switch {
	case whole == "" && fraction == "":
		// The service checks the range of a zero as if its last digit were a 1.
		return Number{}, inRange(exponent - int64(len(l.fraction)) + 1)
	case whole == "":
		significant := strings.TrimLeft(fraction, "0")
		exponent -= int64(len(fraction) - len(significant))
		fraction = significant
	default:
		exponent += int64(len(whole))
	}
	if fraction == "" {
		whole = strings.TrimRight(whole, "0")
	}
	if len(whole)+len(fraction) > maxDigits {
		return Number{}, ErrPrecision
	}
	if err := inRange(exponent); err != nil {
		return Number{}, err
	}
	// A copy, so that the number does not keep a long text in memory.
	digits := append(append(make([]byte, 0, maxDigits), whole...), fraction...)
	return Number{string(digits), int16(exponent), l.negative}, nil
}

// inRange returns an error if a number with the exponent is too large or too small.
func inRange(exponent int64) error {
	switch {
	case exponent > maxExponent:
		return ErrTooLarge
	case exponent < minExponent:
		return ErrTooSmall
	}
	return nil
}
