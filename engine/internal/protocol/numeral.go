package protocol

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// Texts of the service about numbers.
const (
	notANumber = "The parameter cannot be converted to a numeric value"
	tooSmall   = "Number underflow. Attempting to store a number with magnitude smaller than " +
		"supported range"
	tooLarge = "Number overflow. Attempting to store a number with magnitude larger than " +
		"supported range"
	tooPrecise = "Attempting to store more than 38 significant digits in a Number"
)

// parseNumber returns a number, or the service's refusal of the text.
func (d *decoder) parseNumber(text string) (number.Number, string) {
	n, err := number.Parse(text)
	if d.older && !errors.Is(err, number.ErrSyntax) {
		if refusal := refuseBigDecimal(text); refusal != "" {
			return number.Number{}, refusal
		}
	}
	switch {
	case err == nil:
		return n, ""
	case text == "" && d.older:
		return n, notANumber
	case errors.Is(err, number.ErrTooLarge):
		return n, tooLarge
	case errors.Is(err, number.ErrTooSmall):
		return n, tooSmall
	case errors.Is(err, number.ErrPrecision):
		return n, tooPrecise
	}
	return n, notANumber + ": " + text
}

// refuseBigDecimal returns the refusal of a number that Java's BigDecimal cannot hold, which the
// older rules use. The text must be a number.
func refuseBigDecimal(text string) string {
	digits, exponent := text, int64(0)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.ParseInt(text[i+1:], 10, 32); err != nil {
			return notANumber + ": " + text
		}
		digits = text[:i]
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(digits, "+-"), ".")
	scale := int64(len(fraction)) - exponent
	if scale < math.MinInt32 || scale > math.MaxInt32 {
		return notANumber + ": " + text
	}
	significant := int64(max(1, len(strings.TrimLeft(whole+fraction, "0"))))
	if significant-scale >= math.MaxInt32 {
		return tooSmall
	}
	return ""
}
