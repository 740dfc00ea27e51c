package wire

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// shorts maps the letter of a short escape to the character that it encodes.
var shorts = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unescape returns body, the inside of a string, with its escapes decoded. bad is the position of
// the first malformed escape, or -1 if there is none.
func unescape(body string, escapes int) (text string, bad int) {
	var b strings.Builder
	b.Grow(len(body) - escapes) // exact if all escapes are short
	rest := body
	for {
		i := strings.IndexByte(rest, '\\')
		if i < 0 {
			b.WriteString(rest)
			return b.String(), -1
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		char, size := parseEscape(rest)
		if size == 0 {
			return "", len(body) - len(rest)
		}
		if char < utf8.RuneSelf {
			b.WriteByte(byte(char))
		} else {
			b.WriteRune(char)
		}
		rest = rest[size:]
	}
}

// checkEscapes returns the position of the first malformed escape in body, or -1 if there is none.
func checkEscapes(body string) int {
	for at := 0; ; {
		i := strings.IndexByte(body[at:], '\\')
		if i < 0 {
			return -1
		}
		at += i
		_, size := parseEscape(body[at:])
		if size == 0 {
			return at
		}
		at += size
	}
}

// parseEscape decodes the escape at the beginning of s and returns its size, or 0 if it is
// malformed.
func parseEscape(s string) (char rune, size int) {
	if len(s) < 2 {
		return 0, 0
	}
	if c := shorts[s[1]]; c != 0 {
		return rune(c), 2
	}
	char, ok := parseUnit(s)
	switch {
	case !ok:
		return 0, 0
	case !utf16.IsSurrogate(char):
		return char, 6
	}
	low, ok := parseUnit(s[6:])
	char = utf16.DecodeRune(char, low)
	if !ok || char == utf8.RuneError {
		return 0, 0
	}
	return char, 12
}

// parseUnit decodes one \uXXXX at the beginning of s.
func parseUnit(s string) (unit rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for i := 2; i < 6; i++ {
		digit := parseHex(s[i])
		if digit < 0 {
			return 0, false
		}
		unit = unit<<4 | digit
	}
	return unit, true
}

func parseHex(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}
