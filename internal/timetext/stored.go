// Package timetext writes and reads times as text: in the form in which the mapper stores them, and
// in the layouts of package time.
package timetext

import (
	"time"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Stored is the layout of stored times: RFC 3339 in UTC. Its width is fixed, so that the texts sort
// as the times do.
const Stored = "2006-01-02T15:04:05.000000000Z"

// Format returns a time, which is in UTC, in the layout Stored.
func Format(t time.Time) string { return string(Append(nil, t)) }

// Append appends a time, which is in UTC, in the layout Stored. Package time has no fast path for
// it.
func Append(to []byte, t time.Time) []byte {
	text := [len(Stored)]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.', 29: 'Z'}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	putDigits(text[0:4], year)
	putDigits(text[5:7], int(month))
	putDigits(text[8:10], day)
	putDigits(text[11:13], hour)
	putDigits(text[14:16], minute)
	putDigits(text[17:19], second)
	putDigits(text[20:29], t.Nanosecond())
	return append(to, text[:]...)
}

// putDigits fills the text with the digits of n, padded with zeros.
func putDigits(text []byte, n int) {
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = byte('0' + n%10)
		n /= 10
	}
}

// Parse reads a text in the layout Stored. It returns false if the text is anything else.
func Parse(text string) (time.Time, bool) {
	if len(text) != len(Stored) || !isLikeStored(text) {
		return time.Time{}, false
	}
	days, ok := daysOf(
		100*twoDigits(text, 0)+twoDigits(text, 2),
		twoDigits(text, 5),
		twoDigits(text, 8),
	)
	hour, minute, second := twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)
	if !ok || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	nanosecond := ((twoDigits(text, 20)*100+twoDigits(text, 22))*100+twoDigits(text, 24))*100 +
		twoDigits(text, 26)
	nanosecond = nanosecond*10 + int(text[28]-'0')
	return time.Unix(int64(((days*24+hour)*60+minute)*60+second), int64(nanosecond)).UTC(), true
}

// isLikeStored reports whether a text of the right length has digits and signs where Stored has
// them.
func isLikeStored(text string) bool {
	return text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
		text[16] == ':' &&
		text[19] == '.' && text[29] == 'Z' && hasDigits(text, 0, "0000-00-") &&
		hasDigits(text, 8, "00T00:00") &&
		hasDigits(text, 16, ":00.0000") &&
		hasDigits(text, 22, "0000000Z")
}

// hasDigits reports whether the eight bytes of a text from i on have digits where the form has
// zeros, and equal the form elsewhere.
func hasDigits(text string, i int, form string) bool {
	const sixes, high = 0x0606060606060606, 0xf0f0f0f0f0f0f0f0
	values := wire.Load(text, i) ^ wire.Load(form, 0) // a digit becomes its value
	return (values|(values+sixes))&high == 0
}

// twoDigits returns the number that two digits write.
func twoDigits(text string, i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }

// daysOf returns the number of days from 1 January 1970 to a day in the year 0 or later. It returns
// false if the calendar does not have that day.
func daysOf(year, month, day int) (days int, ok bool) {
	const from0To1970 = 719528
	isLeap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	before := [...]int{
		0,
		31,
		59,
		90,
		120,
		151,
		181,
		212,
		243,
		273,
		304,
		334,
		365,
	} // the days before each month
	if month < 1 || month > 12 {
		return 0, false
	}
	last := before[month] - before[month-1]
	if isLeap && month == 2 {
		last++
	}
	days = 365*year + (year+3)/4 - (year+99)/100 + (year+399)/400 + before[month-1] + day - 1 -
		from0To1970
	if isLeap && month > 2 {
		days++
	}
	return days, day >= 1 && day <= last
}
