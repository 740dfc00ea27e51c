package dynamapper

import (
	"time"

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
	if len(text) != len(storedTime) || !isLikeStoredTime(text) {
		return time.Time{}, false
	}
	days, ok := daysOf(100*twoDigits(text, 0)+twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8))
	hour, minute, second := twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)
	if !ok || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	nanosecond := ((twoDigits(text, 20)*100+twoDigits(text, 22))*100+twoDigits(text, 24))*100 + twoDigits(text, 26)
	nanosecond = nanosecond*10 + int(text[28]-'0')
	return time.Unix(int64(((days*24+hour)*60+minute)*60+second), int64(nanosecond)).UTC(), true
}

// isLikeStoredTime says that a text of the right length has digits and signs where storedTime has them.
func isLikeStoredTime(text string) bool {
	return text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == '.' && text[29] == 'Z' &&
		hasDigits(text, 0, "0000-00-") && hasDigits(text, 8, "00T00:00") && hasDigits(text, 16, ":00.0000") && hasDigits(text, 22, "0000000Z")
}

// hasDigits says that there are digits among the eight bytes of a text from i on, where the form has zeros. The others are as in the form.
func hasDigits(text string, i int, form string) bool {
	const sixes, high = 0x0606060606060606, 0xf0f0f0f0f0f0f0f0
	values := wire.Load(text, i) ^ wire.Load(form, 0) // of a digit its value
	return (values|(values+sixes))&high == 0
}

// twoDigits is the number that two digits are.
func twoDigits(text string, i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }

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
