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
	days, ok := daysOf(year, month, day)
	return time.Unix(int64(((days*24+hour)*60+minute)*60+second), int64(nanosecond)).UTC(), ok
}

// daysOf counts the days from 1970 to a day of the years from 0 on; false where the calendar does not have it.
func daysOf(year, month, day int) (days int, ok bool) {
	const from0To1970 = 719528
	isLeap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	before := [...]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365} // the days of a year before a month
	if month < 1 || month > 12 {
		return 0, false
	}
	last := before[month] - before[month-1]
	if isLeap && month == 2 {
		last++
	}
	days = 365*year + (year+3)/4 - (year+99)/100 + (year+399)/400 + before[month-1] + day - 1 - from0To1970
	if isLeap && month > 2 {
		days++
	}
	return days, day >= 1 && day <= last
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

// checkYear looks at the time in UTC.
func checkYear(t time.Time) error {
	const year0, year10000 = -62167219200, 253402300800
	if seconds := t.Unix(); seconds < year0 || seconds >= year10000 {
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
			if err := checkYear(read); err != nil { // the offset may lead there
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
			if err := checkYear(t); err != nil {
				return nil, err
			}
			return e.newN(strconv.FormatInt(t.Unix(), 10)), nil
		},
		decode: func(d *decoder, t wire.Type, v reflect.Value) error {
			seconds, err := d.integer(t, v.Type())
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
