package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// storedTime is RFC 3339 in UTC with a fixed width, so that the text sorts as the time does.
const storedTime = "2006-01-02T15:04:05.000000000Z"

// formatStoredTime writes storedTime, for which package time has no fast path.
func formatStoredTime(t time.Time) string {
	text := [len(storedTime)]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.', 29: 'Z'}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	putDigits(text[0:4], year)
	putDigits(text[5:7], int(month))
	putDigits(text[8:10], day)
	putDigits(text[11:13], hour)
	putDigits(text[14:16], minute)
	putDigits(text[17:19], second)
	putDigits(text[20:29], t.Nanosecond())
	return string(text[:])
}

// putDigits fills the text with the number's digits, zeros before them.
func putDigits(text []byte, n int) {
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = byte('0' + n%10)
		n /= 10
	}
}

// parseStoredTime reads storedTime; false where the text is something else.
func parseStoredTime(text string) (time.Time, bool) {
	if len(text) != len(storedTime) || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
		text[19] != '.' || text[29] != 'Z' {
		return time.Time{}, false
	}
	var bad bool
	year, month, day := getDigits(text[0:4], &bad), getDigits(text[5:7], &bad), getDigits(text[8:10], &bad)
	hour, minute, second := getDigits(text[11:13], &bad), getDigits(text[14:16], &bad), getDigits(text[17:19], &bad)
	nanosecond := getDigits(text[20:29], &bad)
	if bad || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC)
	// A day that the month has not became one of the next.
	_, actualMonth, actualDay := t.Date()
	return t, actualDay == day && int(actualMonth) == month
}

// getDigits reads a number that is nothing but digits, and notes where it is not.
func getDigits(text string, bad *bool) (n int) {
	for i := range len(text) {
		digit := text[i] - '0'
		*bad = *bad || digit > 9
		n = n*10 + int(digit)
	}
	return n
}

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

func checkYear(t time.Time) error {
	if year := t.Year(); year < 0 || year > 9999 {
		return errYear
	}
	return nil
}

// timeOf reads the time through its address: an interface of the time itself would be an allocation.
func timeOf(v reflect.Value) time.Time { return *addressable(v).Addr().Interface().(*time.Time) }

func isZeroTime(v reflect.Value) bool { return timeOf(v).IsZero() }

func setTime(v reflect.Value, t time.Time) { *v.Addr().Interface().(*time.Time) = t.UTC() }

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
		return time.ParseInLocation(layout, text, time.UTC)
	}, "the layout "+strconv.Quote(layout))
}

func makeTimeTextCodec(format func(time.Time) string, parse func(string) (time.Time, error), form string) *codec {
	return &codec{
		wire:  wire.S,
		empty: isZeroTime,
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			t := timeOf(v).UTC()
			if err := checkYear(t); err != nil {
				return nil, err
			}
			return e.newS(format(t)), nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			if t != wire.S {
				return newTypeError(t, v.Type(), "S")
			}
			read, err := parse(d.Text())
			if err != nil {
				return fmt.Errorf("the text is not a time in %s; mend the item, or give the field a layout", form)
			}
			if err := checkYear(read.UTC()); err != nil { // the offset may lead there
				return err
			}
			setTime(v, read)
			return nil
		},
	}
}

func makeUnixTimeCodec() *codec {
	return &codec{
		wire:  wire.N,
		empty: isZeroTime,
		encode: func(e *encoder, v reflect.Value) (types.AttributeValue, error) {
			t := timeOf(v)
			if err := checkYear(t.UTC()); err != nil {
				return nil, err
			}
			return e.newN(strconv.FormatInt(t.Unix(), 10)), nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			text, err := d.number(t, v.Type())
			if err != nil {
				return err
			}
			seconds, err := parseInt(text, v.Type())
			if err != nil {
				return err
			}
			read := time.Unix(seconds, 0).UTC()
			if err := checkYear(read); err != nil {
				return err
			}
			setTime(v, read)
			return nil
		},
	}
}

// storedForm gives the time as a field of these options reads it back: in UTC, and to the precision that is stored.
func (o *tagOptions) storedForm(t time.Time) time.Time {
	switch {
	case o.unixtime || o.ttl:
		return t.UTC().Truncate(time.Second)
	case o.layout != "":
		if back, err := time.ParseInLocation(o.layout, t.UTC().Format(o.layout), time.UTC); err == nil {
			return back.UTC()
		}
	}
	return t.UTC().Round(0) // without the monotonic clock's reading
}
