package protocol

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string, from its opening quote, and returns its content. The bytes are part of the
// body, or valid until the next call if the string has escapes.
func (r *reader) text() ([]byte, error) {
	r.pos++
	start := r.pos
	for ; r.pos < len(r.body); r.pos++ {
		switch c := r.body[r.pos]; {
		case c == '"':
			r.pos++
			return r.body[start : r.pos-1], nil
		case c == '\\':
			return r.escapedText(start)
		case c < ' ':
			return nil, syntaxError()
		}
	}
	return nil, syntaxError()
}

// escapedText continues to read a string at its first escape.
func (r *reader) escapedText(start int) ([]byte, error) {
	text := append(r.scratch[:0], r.body[start:r.pos]...)
	for r.pos < len(r.body) {
		c := r.body[r.pos]
		r.pos++
		switch {
		case c == '"':
			r.scratch = text
			return text, nil
		case c == '\\':
			decoded, ok := r.escape()
			if !ok {
				return nil, syntaxError()
			}
			text = utf8.AppendRune(text, decoded)
		case c < ' ':
			return nil, syntaxError()
		default:
			text = append(text, c)
		}
	}
	return nil, syntaxError()
}

// escape reads the characters after a backslash.
func (r *reader) escape() (rune, bool) {
	c := r.at()
	r.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return r.unicode()
	}
	return 0, false
}

// unicode reads the four digits of an escape, and the second half of a surrogate pair. It returns
// false for a lone surrogate.
func (r *reader) unicode() (rune, bool) {
	high, ok := r.hex()
	if !ok || !utf16.IsSurrogate(high) {
		return high, ok
	}
	if r.at() != '\\' {
		return 0, false
	}
	r.pos++
	if r.at() != 'u' {
		return 0, false
	}
	r.pos++
	low, ok := r.hex()
	pair := utf16.DecodeRune(high, low)
	return pair, ok && pair != utf8.RuneError
}

// hex reads four hexadecimal digits.
func (r *reader) hex() (rune, bool) {
	if len(r.body)-r.pos < 4 {
		return 0, false
	}
	var n rune
	for _, c := range r.body[r.pos : r.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	r.pos += 4
	return n, true
}
