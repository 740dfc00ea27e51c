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

// Text consumes a string and returns it with its escapes decoded. It fails on invalid UTF-8, a
// control character and a lone surrogate.
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

// Unescape decodes the escapes of a string that Body has just returned, as Text does.
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

// skipString consumes a string and checks it as Text does, without building its text.
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

// Bytes consumes a string of standard base64 and returns the decoded bytes in a new slice. The
// slice is nil only if the read failed.
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

// Body consumes a string and returns the text between the quotes, and the number of escapes in it:
// each is a backslash and at least one more byte, which Body does not check. Body looks for the end
// before it checks the rest, so a string that is cut anywhere is reported as a text that ends too
// early, and not as any other fault.
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

// body finishes the string whose body is between start and end.
func (r *Reader) body(start, end, escapes int) (string, int) {
	body := r.text[start:end]
	if !utf8.ValidString(body) {
		r.fail(start+invalidUTF8(body), problemUTF8)
		return "", 0
	}
	r.pos = end + 1
	return body, escapes
}

// invalidUTF8 returns the position of the first invalid byte of s.
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

// Load returns the eight bytes of s from i on, the first one lowest. The compiler makes a single
// load of it.
func Load(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// marks sets the high bit of the first byte of w that is a quote, a backslash or a control
// character; higher bits may be set too. Bytes that are not ASCII may be marked or not: the caller
// adds or removes them.
//
// Each term subtracts from each byte so that its high bit is set if the byte matches. Only such a
// byte borrows from the next one, so the lowest set bit is always right.
func marks(w uint64) uint64 {
	return ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones) | (w - ' '*ones)
}

// plainEnd returns the first position from i on of a quote, a backslash, a control character or a
// byte that is not ASCII. It returns len(s) if there is none.
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

// textEnd is plainEnd for text that may contain bytes beyond ASCII. For a position beyond the end
// of s it returns len(s).
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
