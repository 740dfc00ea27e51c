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
