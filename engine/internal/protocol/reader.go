package protocol

import (
	"unicode/utf8"
)

// maxDepth is the greatest depth of nesting in a body.
const maxDepth = 4096

// reader reads JSON. Its methods start at a value or a name and stop behind it.
type reader struct {
	body    []byte
	pos     int
	depth   int
	scratch []byte // the text of the last string that had escapes
}

// syntaxError returns the error of a body that is not JSON.
func syntaxError() error { return &Error{Code: "SerializationException"} }

// isJSON reports whether a body is one JSON value.
func isJSON(body []byte) bool {
	r := reader{body: body}
	return utf8.Valid(body) && r.skip() == nil && r.peek() == 0 && r.pos == len(body)
}

// peek skips white space and returns the next byte, or 0 at the end.
func (r *reader) peek() byte {
	for ; r.pos < len(r.body); r.pos++ {
		switch c := r.body[r.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// open reads the opening bracket of an object or array.
func (r *reader) open() error {
	if r.depth++; r.depth > maxDepth {
		return syntaxError()
	}
	r.pos++
	return nil
}

// close reads the closing bracket of an object or array.
func (r *reader) close() {
	r.pos++
	r.depth--
}

// member reads the name of an object's next member and the colon behind it. At the end of the
// object it reads the bracket, and more is false. The name is valid until the next string is read.
func (r *reader) member(first bool) (name []byte, more bool, err error) {
	c := r.peek()
	if c == '}' {
		r.close()
		return nil, false, nil
	}
	if !first {
		if c != ',' {
			return nil, false, syntaxError()
		}
		r.pos++
		c = r.peek()
	}
	if c != '"' {
		return nil, false, syntaxError()
	}
	if name, err = r.text(); err != nil {
		return nil, false, err
	}
	if r.peek() != ':' {
		return nil, false, syntaxError()
	}
	r.pos++
	return name, true, nil
}

// element advances to the next element of an array. At the end of the array it reads the bracket,
// and more is false.
func (r *reader) element(first bool) (more bool, err error) {
	c := r.peek()
	switch {
	case c == ']':
		r.close()
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, syntaxError()
	}
	r.pos++
	if r.peek() == ']' {
		return false, syntaxError()
	}
	return true, nil
}

// literal reads true, false or null.
func (r *reader) literal(text string) error {
	if len(r.body)-r.pos < len(text) || string(r.body[r.pos:r.pos+len(text)]) != text {
		return syntaxError()
	}
	r.pos += len(text)
	return nil
}

// null reads null if it is the next value, and reports whether it was.
func (r *reader) null() (bool, error) {
	if r.peek() != 'n' {
		return false, nil
	}
	return true, r.literal("null")
}

// number reads a number and returns its text.
func (r *reader) number() ([]byte, error) {
	start := r.pos
	if r.at() == '-' {
		r.pos++
	}
	first := r.at()
	if whole := r.digits(); whole == 0 || whole > 1 && first == '0' {
		return nil, syntaxError()
	}
	if r.at() == '.' {
		r.pos++
		if r.digits() == 0 {
			return nil, syntaxError()
		}
	}
	if c := r.at(); c == 'e' || c == 'E' {
		r.pos++
		if c := r.at(); c == '+' || c == '-' {
			r.pos++
		}
		if r.digits() == 0 {
			return nil, syntaxError()
		}
	}
	return r.body[start:r.pos], nil
}

// at returns the next byte, or 0 at the end.
func (r *reader) at() byte {
	if r.pos < len(r.body) {
		return r.body[r.pos]
	}
	return 0
}

// digits reads digits and returns their number.
func (r *reader) digits() int {
	start := r.pos
	for r.pos < len(r.body) && r.body[r.pos] >= '0' && r.body[r.pos] <= '9' {
		r.pos++
	}
	return r.pos - start
}

// skip reads a value of any type.
func (r *reader) skip() error {
	switch r.peek() {
	case '"':
		_, err := r.text()
		return err
	case '{':
		return r.skipObject()
	case '[':
		return r.skipArray()
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	case 'n':
		return r.literal("null")
	}
	_, err := r.number()
	return err
}

func (r *reader) skipObject() error {
	if err := r.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		_, more, err := r.member(first)
		if err != nil || !more {
			return err
		}
		if err := r.skip(); err != nil {
			return err
		}
	}
}

func (r *reader) skipArray() error {
	if err := r.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := r.element(first)
		if err != nil || !more {
			return err
		}
		if err := r.skip(); err != nil {
			return err
		}
	}
}
