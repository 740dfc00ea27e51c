package wire

import "strings"

const problemTrailing = "trailing bytes"

// maxDepth is the greatest depth to which DynamoDB nests lists and maps.
const maxDepth = 32

// Reader scans DynamoDB's JSON in one pass. It keeps its first error: afterwards every method
// returns zero values and does nothing, and Err returns the error. White space may occur wherever
// JSON allows it, but the fast paths expect none, because DynamoDB sends none.
//
// On failure the text is cut off at the position of the reader. The fast paths, which look ahead,
// therefore need not check for an error.
type Reader struct {
	text  string // for a page: the window
	pos   int
	depth int   // for attribute values
	fresh bool  // a container was just opened: no comma precedes the next element
	cut   bool  // the text ended too early; Err makes the error on demand
	err   error // any other failure

	page  []byte
	base  int // the offset of the window in the page
	limit int // the end of the window; for a plain text its length
	size  int // the initial size of a window
}

// NewReader returns a Reader of the text. The strings that it returns alias the text.
func NewReader(text string) *Reader {
	return &Reader{text: text, limit: len(text)}
}

// Err returns the first error, or nil if there was none.
func (r *Reader) Err() error {
	if r.cut && r.err == nil {
		r.err = newTruncatedError(r.limit)
	}
	return r.err
}

// Truncated reports whether the error is that the text ended too early.
func (r *Reader) Truncated() bool { return r.cut }

// Fail sets the error, unless there already is one.
func (r *Reader) Fail(err error) {
	if err == nil || r.failed() {
		return
	}
	r.err = err
	r.text = r.text[:r.pos]
}

func (r *Reader) failed() bool { return r.cut || r.err != nil }

// fail sets an error at the given position in the text.
func (r *Reader) fail(at int, problem string) {
	if !r.failed() {
		r.Fail(&SyntaxError{Offset: r.base + at, Problem: problem})
	}
}

// truncate sets the error of a text that ended too early.
func (r *Reader) truncate() {
	if !r.failed() {
		r.cut = true
		r.text = r.text[:r.pos]
	}
}

// Offset returns the position of the reader in the text or in the page. After Member and Element
// this is the first byte of the value.
func (r *Reader) Offset() int { return r.base + r.pos }

// Since returns the text from an offset, which Offset returned, to the position of the reader.
func (r *Reader) Since(offset int) string {
	if offset < r.base || offset > r.base+r.pos {
		return ""
	}
	return r.text[offset-r.base : r.pos]
}

// space skips white space.
func (r *Reader) space() {
	for r.pos < len(r.text) && isSpace(r.text[r.pos]) {
		r.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// peek returns the next byte that is not white space. At the end of the text it sets the error and
// returns 0, which no caller expects, so callers need no check.
func (r *Reader) peek() byte {
	r.space()
	if r.pos == len(r.text) {
		r.truncate()
		return 0
	}
	return r.text[r.pos]
}

// expect consumes the byte c, after white space.
func (r *Reader) expect(c byte, problem string) {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return
	}
	if r.peek() != c {
		r.fail(r.pos, problem)
		return
	}
	r.pos++
}

// Object consumes the opening brace of an object.
func (r *Reader) Object() {
	r.expect('{', "expected an object")
	r.fresh = true
}

// Array consumes the opening bracket of an array.
func (r *Reader) Array() {
	r.expect('[', "expected an array")
	r.fresh = true
}

// Member consumes the name of an object's next member, and the colon. It returns false on failure
// and at the end of the object, which it consumes.
func (r *Reader) Member() (name string, ok bool) {
	if !r.next('}') {
		return "", false
	}
	name = r.Text()
	if i := r.pos; i+1 < len(r.text) && r.text[i] == ':' && r.text[i+1] > ' ' {
		r.pos++
		return name, true
	}
	r.expect(':', "expected a colon")
	r.peek() // fails if the text ends before the value
	if r.failed() {
		return "", false
	}
	return name, true
}

// Element advances to the next element of an array. It returns false on failure and at the end of
// the array, which it consumes.
func (r *Reader) Element() bool { return r.next(']') }

// next advances to the next member or element of a container, or consumes the byte that closes it.
// One flag for all levels records whether a comma must follow: behind a nested container that was
// closed, one must, because that container is an element.
func (r *Reader) next(closing byte) bool {
	if i := r.pos; i+1 < len(r.text) {
		switch c := r.text[i]; {
		case c == closing:
			r.fresh = false
			r.pos++
			return false
		case r.fresh && c > ' ':
			r.fresh = false
			return true
		case c == ',' && !r.fresh && r.text[i+1] > ' ' && r.text[i+1] != closing:
			r.pos++
			return true
		}
	}
	return r.nextSlow(closing)
}

func (r *Reader) nextSlow(closing byte) bool {
	fresh := r.fresh
	r.fresh = false
	c := r.peek()
	if c == closing {
		r.pos++
		return false
	}
	if !fresh {
		r.expect(',', "expected a comma or the end of the object or array")
		if r.peek() == closing {
			r.fail(r.pos, "expected something after the comma")
		}
	}
	return !r.failed()
}

// unknownType also fits the wrapper of an item, such as the line of an export or the record of a
// stream.
const unknownType = "the object is no attribute value, which begins with one of the types S, N, " +
	"B, BOOL, NULL, SS, NS, BS, L and M; of an export line or a stream record give the item in " +
	"it alone"

// Value consumes the brace, the type descriptor and the colon of an attribute value. It fails and
// returns Invalid if the type is unknown, if the object has no members, and if there is no object.
func (r *Reader) Value() Type {
	if s, i := r.text, r.pos; i+8 <= len(s) {
		if t, size := descriptor(Load(s, i)); size > 0 {
			r.pos += size
			return r.enter(t)
		}
	}
	return r.valueSlow()
}

// Head returns the text from offset, where Known or Member was called, to the reader's position
// behind Value, without the comma. The same attribute of another item usually begins with the same
// text. Head returns "" if the text begins with white space.
func (r *Reader) Head(offset int) string {
	head := r.Since(offset)
	if head != "" && head[0] == ',' {
		head = head[1:]
	}
	if head == "" || head[0] != '"' {
		return ""
	}
	return head
}

// Again consumes a Head and the comma before it, in place of Member and Value, if the same text
// follows, and reports whether it did.
func (r *Reader) Again(head string) bool {
	at := r.pos
	if !r.fresh {
		if at >= len(r.text) || r.text[at] != ',' {
			return false
		}
		at++
	}
	if !strings.HasPrefix(r.text[at:], head) {
		return false
	}
	r.pos = at + len(head)
	r.fresh = false
	r.depth++
	return true
}

// enter counts the levels of nesting. A scalar in the innermost list or map does not add a level.
func (r *Reader) enter(t Type) Type {
	r.depth++
	if r.depth > maxDepth && t >= L {
		return r.tooDeep()
	}
	return t
}

func (r *Reader) tooDeep() Type {
	r.fail(r.pos, "attribute values are nested deeper than 32 levels")
	return Invalid
}

func (r *Reader) valueSlow() Type {
	r.expect('{', "expected an attribute value")
	if r.peek() == '}' {
		r.fail(r.pos, "an attribute value without a type")
	}
	at := r.pos
	t := parseType(r.Text())
	if t == Invalid {
		r.fail(at, unknownType)
	}
	r.expect(':', "expected a colon")
	if r.failed() {
		return Invalid
	}
	return r.enter(t)
}

// End consumes the closing brace of an attribute value.
func (r *Reader) End() {
	r.depth--
	if r.pos < len(r.text) && r.text[r.pos] == '}' {
		r.pos++
		return
	}
	r.endSlow()
}

func (r *Reader) endSlow() {
	if r.peek() == ',' {
		r.fail(r.pos, "an attribute value of more than one type")
	}
	r.expect('}', "expected the end of an attribute value")
}

// Bool consumes true or false, and returns its value.
func (r *Reader) Bool() bool {
	switch r.peek() {
	case 't':
		return r.literal("true")
	case 'f':
		r.literal("false")
	default:
		r.fail(r.pos, "expected true or false")
	}
	return false
}

// Null consumes null if it is next, and reports whether it was.
func (r *Reader) Null() bool {
	return r.peek() == 'n' && r.literal("null")
}

// literal consumes the word, whose first byte the caller has checked, and reports whether it was
// there.
func (r *Reader) literal(word string) bool {
	rest := r.text[r.pos:]
	switch {
	case strings.HasPrefix(rest, word):
		r.pos += len(word)
		return true
	case strings.HasPrefix(word, rest):
		r.truncate()
	default:
		r.fail(r.pos, "expected "+word)
	}
	return false
}

// Done fails unless only white space follows, in a page also behind the window.
func (r *Reader) Done() {
	r.space()
	if r.pos < len(r.text) {
		r.fail(r.pos, problemTrailing)
	}
	r.checkBehind()
}
