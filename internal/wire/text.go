package wire

import (
	"encoding/base64"
	"math/bits"
	"strings"
	"unicode/utf8"
)

const (
	problemEscape = "a malformed escape, or half of a surrogate pair"
	problemUTF8   = "text that is not valid UTF-8"
)

// Text consumes a string and returns it without its escapes. Invalid UTF-8, a control character and half a surrogate
// pair are failures.
func (r *Reader) Text() string {
	if r.pos < len(r.text) && r.text[r.pos] == '"' {
		start := r.pos + 1
		end := plainEnd(r.text, start)
		if end < len(r.text) && r.text[end] == '"' {
			r.pos = end + 1
			return r.text[start:end]
		}
	}
	return r.textSlow()
}

func (r *Reader) textSlow() string {
	body, escapes := r.Body()
	return r.Unescape(body, escapes)
}

// Unescape returns what Body has just returned without its escapes, as Text does.
func (r *Reader) Unescape(body string, escapes int) string {
	if escapes == 0 {
		return body
	}
	text, bad := unescape(body, escapes)
	if bad >= 0 {
		r.fail(r.pos-1-len(body)+bad, problemEscape)
		return ""
	}
	return text
}

// skipString consumes a string and checks it as Text does, without making its text.
func (r *Reader) skipString() {
	if r.pos < len(r.text) && r.text[r.pos] == '"' {
		end := plainEnd(r.text, r.pos+1)
		if end < len(r.text) && r.text[end] == '"' {
			r.pos = end + 1
			return
		}
	}
	body, escapes := r.Body()
	if escapes == 0 {
		return
	}
	if bad := checkEscapes(body); bad >= 0 {
		r.fail(r.pos-1-len(body)+bad, problemEscape)
	}
}

// Bytes consumes a string of standard base64 and returns what it encodes, in a slice of its own that is never nil
// unless the read failed.
func (r *Reader) Bytes() []byte {
	text := r.Text()
	if r.failed() {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		r.fail(r.pos, "a string that is not base64")
		return nil
	}
	return data
}

// Body consumes a string and returns what is between the quotes, and how many escapes that holds: each a backslash and
// at least one more byte, not judged further. It looks for the end first and judges the rest then, so that a string cut
// anywhere is a text that ends too early and nothing else.
func (r *Reader) Body() (body string, escapes int) {
	if r.peek() != '"' {
		r.fail(r.pos, "expected a string")
		return "", 0
	}
	start := r.pos + 1
	for i := textEnd(r.text, start); i < len(r.text); i = textEnd(r.text, i) {
		switch r.text[i] {
		case '"':
			return r.body(start, i, escapes)
		case '\\':
			escapes++
			i += 2
		default:
			r.fail(i, "a control character in a string")
			return "", 0
		}
	}
	r.truncate()
	return "", 0
}

// body ends the string whose body is between start and end.
func (r *Reader) body(start, end, escapes int) (string, int) {
	body := r.text[start:end]
	if !utf8.ValidString(body) {
		r.fail(start+invalidUTF8(body), problemUTF8)
		return "", 0
	}
	r.pos = end + 1
	return body, escapes
}

// invalidUTF8 returns where s stops being valid.
func invalidUTF8(s string) int {
	for i, char := range s {
		if char == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return len(s)
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// Load returns the eight bytes of s from i on, the first one lowest. The compiler makes it one load.
func Load(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// marks sets the high bit of the first byte of w that is a quote, a backslash or a control character; higher bits may
// be set too. Bytes that are not ASCII may come out either way: the caller adds or takes them.
//
// Each term takes away so much from a byte that its high bit is set if it is the one looked for. Only such a byte
// borrows from the next one, so the lowest bit is always right.
func marks(w uint64) uint64 {
	return ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones) | (w - ' '*ones)
}

// plainEnd returns the first position from i on of a quote, a backslash, a control character or a byte that is not
// ASCII; len(s) if there is none.
func plainEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := Load(s, i)
		if found := (marks(w) | w) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf && !isSpecial(s[i]) {
		i++
	}
	return min(i, len(s))
}

// textEnd is plainEnd for text that need not be ASCII. A position beyond the end of s gives len(s).
func textEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := Load(s, i)
		if found := marks(w) &^ w & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && !isSpecial(s[i]) {
		i++
	}
	return min(i, len(s))
}

func isSpecial(c byte) bool { return c == '"' || c == '\\' || c < ' ' }
