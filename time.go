package dynamapper

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// layouts are the names that package time has for layouts.
var layouts = map[string]string{
	"Layout": time.Layout, "ANSIC": time.ANSIC, "UnixDate": time.UnixDate, "RubyDate": time.RubyDate,
	"RFC822": time.RFC822, "RFC822Z": time.RFC822Z, "RFC850": time.RFC850, "RFC1123": time.RFC1123, "RFC1123Z": time.RFC1123Z,
	"RFC3339": time.RFC3339, "RFC3339Nano": time.RFC3339Nano, "Kitchen": time.Kitchen,
	"Stamp": time.Stamp, "StampMilli": time.StampMilli, "StampMicro": time.StampMicro, "StampNano": time.StampNano,
	"DateTime": time.DateTime, "DateOnly": time.DateOnly, "TimeOnly": time.TimeOnly,
}

// lookupLayout gives the layout that a name stands for, or the text itself.
func lookupLayout(text string) string {
	if layout, ok := layouts[text]; ok {
		return layout
	}
	return text
}

// checkLayout refuses a layout that loses what it writes: formatting what was parsed must give the same text, and two
// times a year, a month, a day and an hour apart must not look alike.
func checkLayout(layout string) error {
	one := time.Date(2013, time.November, 22, 21, 53, 47, 123456789, time.UTC)
	other := time.Date(2024, time.February, 3, 4, 5, 6, 987654321, time.UTC)
	text := one.Format(layout)
	back, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil || back.UTC().Format(layout) != text || other.Format(layout) == text {
		return fmt.Errorf("layout %q does not read back what it writes; take one of package time, such as DateOnly or %q", layout, time.RFC3339)
	}
	return nil
}

var errYear = errors.New("the year is outside 0 to 9999, which RFC 3339 cannot write")

// checkYear looks at the time in UTC.
func checkYear(t time.Time) error {
	const year0, year10000 = -62167219200, 253402300800
	if seconds := t.Unix(); seconds < year0 || seconds >= year10000 {
		return errYear
	}
	return nil
}

// isTimeType reports whether a type is time.Time, or one like "type Birthday time.Time" without methods
// that say how it is stored.
func isTimeType(t reflect.Type) bool {
	if t == timeType || t == nil || t.Kind() != reflect.Struct || !t.ConvertibleTo(timeType) {
		return t == timeType
	}
	return !implements(t, marshalerType) && !implements(t, unmarshalerType) && !implements(t, textMarshalerType)
}

// timeOf reads the time through its address: an interface of the time itself would be an allocation.
func timeOf(v reflect.Value) time.Time { return *at[time.Time](slotOf(addressable(v))) }

func isZeroTime(v reflect.Value) bool { return timeOf(v).IsZero() }

func setTime(v reflect.Value, t time.Time) { *at[time.Time](slotOf(v)) = t.UTC() }

func makeTimeCodec() *codec {
	return makeTimeTextCodec(formatStoredTime, func(text string) (time.Time, error) {
		if t, ok := parseStoredTime(text); ok {
			return t, nil
		}
		return time.Parse(time.RFC3339Nano, text)
	}, "RFC 3339, such as 2012-05-31T12:00:00Z")
}

func makeLayoutCodec(layout string) *codec {
	format := func(t time.Time) string { return t.Format(layout) }
	return makeTimeTextCodec(format, func(text string) (time.Time, error) {
		return parseLayout(layout, text)
	}, "the layout "+strconv.Quote(layout))
}

// parseLayout reads a time in a layout. It reads Z as well as an offset of zero, and with a layout of
// RFC 3339 any fraction: the program that wrote the text may have had another layout.
func parseLayout(layout, text string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if err == nil {
		return t, nil
	}
	for _, other := range []string{otherZone(layout), fullForm(layout)} {
		if t, otherErr := time.ParseInLocation(other, text, time.UTC); other != "" && otherErr == nil {
			return t, nil
		}
	}
	return t, err
}

// zones are the parts of layouts that stand for an offset: with a number only, and with Z for UTC.
var zones = [][2]string{
	{"-07:00:00", "Z07:00:00"}, {"-070000", "Z070000"}, {"-07:00", "Z07:00"}, {"-0700", "Z0700"}, {"-07", "Z07"},
}

// otherZone returns the layout that writes UTC as Z where the given one writes +00:00, and the reverse;
// "" if the layout has no offset.
func otherZone(layout string) string {
	for _, zone := range zones {
		for i, part := range zone {
			if strings.Contains(layout, part) {
				return strings.Replace(layout, part, zone[1-i], 1)
			}
		}
	}
	return ""
}

// isRFC3339 reports whether a layout is RFC 3339 with some fraction, or none.
func isRFC3339(layout string) bool {
	rest, ok := strings.CutPrefix(layout, "2006-01-02T15:04:05")
	if fraction, found := strings.CutPrefix(rest, "."); found {
		trimmed := strings.TrimLeft(fraction, "0")
		if trimmed == fraction {
			trimmed = strings.TrimLeft(fraction, "9")
		}
		ok = ok && trimmed != fraction
		rest = trimmed
	}
	return ok && (rest == "Z07:00" || rest == "-07:00")
}

// fullForm returns the layout that reads all of RFC 3339, if the given one is a form of it; else "".
func fullForm(layout string) string {
	if isRFC3339(layout) {
		return time.RFC3339Nano
	}
	return ""
}

func makeTimeTextCodec(format func(time.Time) string, parse func(string) (time.Time, error), form string) *codec {
	return decodedAt(codec{
		wire:  wire.S,
		empty: isZeroTime,
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			t := timeOf(v).UTC()
			if err := checkYear(t); err != nil {
				return nil, err
			}
			return e.newS(format(t)), nil
		},
	}, func(d *decoder, t wire.Type, to slot) error {
		if t != wire.S {
			return newTypeError(t, timeType, "S")
		}
		read, err := parse(d.Text())
		if err != nil {
			return fmt.Errorf("the text is not a time in %s; mend the item, or give the field a layout", form)
		}
		if err := checkYear(read); err != nil { // the offset may lead there
			return err
		}
		*at[time.Time](to) = read.UTC()
		return nil
	})
}

// makeUnixTimeCodec stores the seconds since 1970, or with perSecond 1000 the milliseconds.
func makeUnixTimeCodec(perSecond int64) *codec {
	return &codec{
		wire:  wire.N,
		empty: isZeroTime,
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			t := timeOf(v)
			if err := checkYear(t); err != nil {
				return nil, err
			}
			units := t.Unix()*perSecond + int64(t.Nanosecond())*perSecond/nanoseconds
			return e.newN(strconv.FormatInt(units, 10)), nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			read, err := d.unixTime(t, v.Type(), perSecond)
			if err != nil {
				return err
			}
			if err := checkYear(read); err != nil {
				return err
			}
			setTime(v, read)
			return nil
		},
	}
}

const nanoseconds = int64(time.Second)

// unixTime reads an N that counts seconds, or parts of them. Other programs store a fraction, too.
func (d *decoder) unixTime(t wire.Type, goType reflect.Type, perSecond int64) (time.Time, error) {
	if t == wire.N {
		if n, _, ok := d.Decimal(maxPlainDigits, false); ok {
			return unixTime(n, perSecond), nil
		}
	}
	text, err := d.number(t, goType)
	if err != nil {
		return time.Time{}, err
	}
	if n, err := parseInt(text, goType); err == nil {
		return unixTime(n, perSecond), nil
	}
	// No larger number is a year that has four digits; a power of it would take very long.
	if order, ok := wire.CompareNumbers(strings.TrimPrefix(text, "-"), "1E15"); !ok || order > 0 {
		return time.Time{}, newOverflowError(goType)
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return time.Time{}, newNumberError(strconv.ErrSyntax, goType)
	}
	exact.Mul(exact, big.NewRat(nanoseconds/perSecond, 1))
	count := new(big.Int).Div(exact.Num(), exact.Denom()) // rounded down, as a time is when it is stored
	seconds, rest := new(big.Int).DivMod(count, big.NewInt(nanoseconds), new(big.Int))
	return time.Unix(seconds.Int64(), rest.Int64()).UTC(), nil
}

// unixTime is the time so many units after 1970.
func unixTime(units, perSecond int64) time.Time {
	seconds := units / perSecond
	return time.Unix(seconds, (units-seconds*perSecond)*(nanoseconds/perSecond)).UTC()
}

// formatUnix writes the time as a number of the field's unit, with its fraction.
func (o *tagOptions) formatUnix(t time.Time) string {
	count := new(big.Rat).SetFrac64(int64(t.Nanosecond()), nanoseconds)
	count.Add(count, new(big.Rat).SetInt64(t.Unix()))
	count.Mul(count, new(big.Rat).SetInt64(o.perSecond()))
	text := count.FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// perSecond is how many units of a time that is stored as a number make a second.
func (o *tagOptions) perSecond() int64 {
	if o.unixmilli {
		return 1000
	}
	return 1
}

// storedForm gives the time as a field of these options reads it back: in UTC, and to the precision that is stored.
func (o *tagOptions) storedForm(t time.Time) time.Time {
	switch {
	case o.unixtime || o.ttl || o.unixmilli:
		return t.UTC().Truncate(time.Second / time.Duration(o.perSecond()))
	case o.layout != "":
		if back, err := time.ParseInLocation(o.layout, t.UTC().Format(o.layout), time.UTC); err == nil {
			return back.UTC()
		}
	}
	return t.UTC().Round(0) // without the monotonic clock's reading
}
