package wire

import "strings"

// JSON inside a string can be read in place, in the Body of the string, where each of its quotes is
// written as \".

// InnerText reads the string at the beginning of a text in a Body. It returns false if there is no
// string, or if the string has unusual escapes: the text may then be valid, but must be unescaped
// before it is read.
func InnerText(text string) (s, rest string, ok bool) {
	if !strings.HasPrefix(text, `\"`) {
		return "", "", false
	}
	text = text[2:]
	end := strings.IndexByte(text, '\\')
	if end < 0 || end+1 == len(text) {
		return "", "", false
	}
	if text[end+1] == '"' {
		return text[:end], text[end+2:], true
	}
	return innerTextSlow(text, end)
}

// innerTextSlow reads a string with escapes, each of which is written with an escaped backslash.
// The first backslash is at i.
func innerTextSlow(text string, i int) (s, rest string, ok bool) {
	for escapes := 0; ; {
		switch byteAt(text, i+1) {
		case '"':
			return unescapeTwice(text[:i], text[i+2:], escapes)
		case '\\':
			escapes++
			i += 2
			if byteAt(text, i) == '\\' {
				i++ // the escaped character is itself escaped
			}
			i++
		default:
			return "", "", false
		}
		if i >= len(text) {
			return "", "", false
		}
		next := strings.IndexByte(text[i:], '\\')
		if next < 0 {
			return "", "", false
		}
		i += next
	}
}

func unescapeTwice(body, behind string, escapes int) (s, rest string, ok bool) {
	once, bad := unescape(body, escapes)
	if bad >= 0 {
		return "", "", false
	}
	s, bad = unescape(once, escapes)
	return s, behind, bad < 0
}

// InnerNumber reads the number at the beginning of a text in a Body. It returns false if there is
// none.
func InnerNumber(text string) (number, rest string, ok bool) {
	size, ok := numberEnd(text)
	return text[:size], text[size:], ok
}

// SmallInt parses what nearly all stored integers are: at most 18 digits, perhaps with a minus
// sign.
func SmallInt(text string) (int64, bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		digit := digits[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = n*10 + int64(digit)
	}
	if len(digits) != len(text) {
		n = -n
	}
	return n, true
}
