package timetext

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Layouts are the layouts of package time by their names.
var Layouts = map[string]string{
	"Layout":      time.Layout,
	"ANSIC":       time.ANSIC,
	"UnixDate":    time.UnixDate,
	"RubyDate":    time.RubyDate,
	"RFC822":      time.RFC822,
	"RFC822Z":     time.RFC822Z,
	"RFC850":      time.RFC850,
	"RFC1123":     time.RFC1123,
	"RFC1123Z":    time.RFC1123Z,
	"RFC3339":     time.RFC3339,
	"RFC3339Nano": time.RFC3339Nano,
	"Kitchen":     time.Kitchen,
	"Stamp":       time.Stamp,
	"StampMilli":  time.StampMilli,
	"StampMicro":  time.StampMicro,
	"StampNano":   time.StampNano,
	"DateTime":    time.DateTime,
	"DateOnly":    time.DateOnly,
	"TimeOnly":    time.TimeOnly,
}

// LookupLayout returns the layout of a name, or the text itself if it is not a name.
func LookupLayout(text string) string {
	if layout, ok := Layouts[text]; ok {
		return layout
	}
	return text
}

// CheckLayout returns an error if a layout does not read back the text that it writes, or if two
// times that differ in every part have the same text.
func CheckLayout(layout string) error {
	one := time.Date(2013, time.November, 22, 21, 53, 47, 123456789, time.UTC)
	other := time.Date(2024, time.February, 3, 4, 5, 6, 987654321, time.UTC)
	text := one.Format(layout)
	back, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil || back.UTC().Format(layout) != text || other.Format(layout) == text {
		return fmt.Errorf(
			"layout %q does not read back what it writes; take one of package time, such as "+
				"DateOnly or %q",
			layout,
			time.RFC3339,
		)
	}
	return nil
}

var errYear = errors.New("the year is outside 0 to 9999, which RFC 3339 cannot write")

// CheckYear returns an error if RFC 3339 cannot write the year of a time in UTC.
func CheckYear(t time.Time) error {
	const year0, year10000 = -62167219200, 253402300800
	if seconds := t.Unix(); seconds < year0 || seconds >= year10000 {
		return errYear
	}
	return nil
}

// ParseLayout reads a time in a layout. It reads Z as well as an offset of zero, and with a layout
// of RFC 3339 any fraction: the program that wrote the text may have had another layout.
func ParseLayout(layout, text string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if err == nil {
		return t, nil
	}
	for _, other := range []string{OtherZone(layout), fullForm(layout)} {
		t, otherErr := time.ParseInLocation(other, text, time.UTC)
		if other != "" && otherErr == nil {
			return t, nil
		}
	}
	return t, err
}

// zones are the parts of layouts that stand for an offset: with a number only, and with Z for UTC.
var zones = [][2]string{
	{"-07:00:00", "Z07:00:00"}, {"-070000", "Z070000"}, {"-07:00", "Z07:00"}, {"-0700", "Z0700"},
	{"-07", "Z07"},
}

// OtherZone returns the layout that writes UTC as Z if the given one writes +00:00, and the
// reverse. It returns "" if the layout has no offset.
func OtherZone(layout string) string {
	for _, zone := range zones {
		for i, part := range zone {
			if strings.Contains(layout, part) {
				return strings.Replace(layout, part, zone[1-i], 1)
			}
		}
	}
	return ""
}

// IsRFC3339 reports whether a layout is RFC 3339 with some fraction, or none.
func IsRFC3339(layout string) bool {
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

// fullForm returns the layout that reads all of RFC 3339 if the given one is a form of it, and ""
// otherwise.
func fullForm(layout string) string {
	if IsRFC3339(layout) {
		return time.RFC3339Nano
	}
	return ""
}
