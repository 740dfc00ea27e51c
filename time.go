package dynamapper

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/internal/timetext"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// isTimeType reports whether a type is time.Time, or a type such as "type Birthday time.Time"
// without methods that define how it is stored.
func isTimeType(t reflect.Type) bool {
	if t == timeType || t == nil || t.Kind() != reflect.Struct || !t.ConvertibleTo(timeType) {
		return t == timeType
	}
	return !implements(t, marshalerType) && !implements(t, unmarshalerType) &&
		!implements(t, textMarshalerType)
}

// timeOf reads the time through its address, because an interface that holds the time would be an
// allocation.
func timeOf(v reflect.Value) time.Time { return *at[time.Time](slotOf(addressable(v))) }

func isZeroTime(v reflect.Value) bool { return timeOf(v).IsZero() }

func setTime(v reflect.Value, t time.Time) { *at[time.Time](slotOf(v)) = t.UTC() }

func makeTimeCodec() *codec {
	made := makeTimeTextCodec(timetext.Format, func(text string) (time.Time, error) {
		if t, ok := timetext.Parse(text); ok {
			return t, nil
		}
		return time.Parse(time.RFC3339Nano, text)
	}, "RFC 3339, such as 2012-05-31T12:00:00Z")
	made.encodeAt = func(e *encoder, from slot) error {
		t := at[time.Time](from).UTC()
		if err := timetext.CheckYear(t); err != nil {
			return err
		}
		e.text = append(timetext.Append(append(e.text, '"'), t), '"')
		return nil
	}
	return made
}

func makeLayoutCodec(layout string) *codec {
	format := func(t time.Time) string { return t.Format(layout) }
	return makeTimeTextCodec(format, func(text string) (time.Time, error) {
		return timetext.ParseLayout(layout, text)
	}, "the layout "+strconv.Quote(layout))
}

func makeTimeTextCodec(
	format func(time.Time) string, parse func(string) (time.Time, error), form string,
) *codec {
	return decodedAt(codec{
		wire:  wire.S,
		empty: isZeroTime,
		encode: func(e *encoder, v reflect.Value) error {
			t := timeOf(v).UTC()
			if err := timetext.CheckYear(t); err != nil {
				return err
			}
			return e.appendS(format(t))
		},
		emptyAt: func(from slot) bool { return at[time.Time](from).IsZero() },
	}, func(d *decoder, t wire.Type, to slot) error {
		if t != wire.S {
			return newTypeError(t, timeType, "S")
		}
		read, err := parse(d.Text())
		if err != nil {
			return fmt.Errorf(
				"the text is not a time in %s; correct the item, or give the field a layout", form)
		}
		if err := timetext.CheckYear(read); err != nil { // the offset may lead out of the range
			return err
		}
		*at[time.Time](to) = read.UTC()
		return nil
	})
}

// makeUnixTimeCodec stores the seconds since 1970, or the milliseconds if perSecond is 1000.
func makeUnixTimeCodec(goType reflect.Type, perSecond int64) *codec {
	return decodedAt(codec{
		wire:  wire.N,
		empty: isZeroTime,
		encode: func(e *encoder, v reflect.Value) error {
			e.open(wire.N)
			err := e.appendUnixTime(timeOf(v), perSecond)
			e.close()
			return err
		},
		encodeAt: func(e *encoder, from slot) error {
			return e.appendUnixTime(*at[time.Time](from), perSecond)
		},
		emptyAt: func(from slot) bool { return at[time.Time](from).IsZero() },
	}, func(d *decoder, t wire.Type, to slot) error {
		read, err := d.unixTime(t, goType, perSecond)
		if err != nil {
			return err
		}
		if err := timetext.CheckYear(read); err != nil {
			return err
		}
		*at[time.Time](to) = read.UTC()
		return nil
	})
}

// appendUnixTime appends the units since 1970 as the text of an N.
func (e *encoder) appendUnixTime(t time.Time, perSecond int64) error {
	if err := timetext.CheckYear(t); err != nil {
		return err
	}
	e.appendInt(t.Unix()*perSecond + int64(t.Nanosecond())*perSecond/nanoseconds)
	return nil
}

const nanoseconds = int64(time.Second)

// unixTime decodes an N that counts seconds, or parts of them. It may have a fraction, because
// other programs store one.
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
	// A larger number is not a year of four digits, and computing a power of it would take very
	// long.
	if order, ok := wire.CompareNumbers(strings.TrimPrefix(text, "-"), "1E15"); !ok || order > 0 {
		return time.Time{}, newOverflowError(goType)
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return time.Time{}, newNumberError(strconv.ErrSyntax, goType)
	}
	exact.Mul(exact, big.NewRat(nanoseconds/perSecond, 1))
	count := new(big.Int).Div(exact.Num(), exact.Denom()) // rounded down, as when a time is stored
	seconds, rest := new(big.Int).DivMod(count, big.NewInt(nanoseconds), new(big.Int))
	return time.Unix(seconds.Int64(), rest.Int64()).UTC(), nil
}

// unixTime returns the time so many units after 1970.
func unixTime(units, perSecond int64) time.Time {
	seconds := units / perSecond
	return time.Unix(seconds, (units-seconds*perSecond)*(nanoseconds/perSecond)).UTC()
}

// formatUnix formats the time as a number of the field's unit, with its fraction.
func (f *field) formatUnix(t time.Time) string {
	count := new(big.Rat).SetFrac64(int64(t.Nanosecond()), nanoseconds)
	count.Add(count, new(big.Rat).SetInt64(t.Unix()))
	count.Mul(count, new(big.Rat).SetInt64(f.PerSecond()))
	text := count.FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// storedForm returns the time as the field reads it back: in UTC, with the
// precision that is stored.
func (f *field) storedForm(t time.Time) time.Time {
	switch {
	case f.UnixTime || f.TTL || f.UnixMilli:
		return t.UTC().Truncate(time.Second / time.Duration(f.PerSecond()))
	case f.Layout != "":
		if back, err := time.ParseInLocation(f.Layout, t.UTC().Format(f.Layout), time.UTC); err ==
			nil {
			return back.UTC()
		}
	}
	return t.UTC().Round(0) // removes the monotonic clock reading
}
