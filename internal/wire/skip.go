package wire

// maxPlainDepth limits the nesting of JSON without attribute values. It is far more than a response
// has, and far less than the stack allows.
const maxPlainDepth = 512

// Skip consumes any JSON value and checks its syntax.
func (r *Reader) Skip() { r.skip(maxPlainDepth) }

func (r *Reader) skip(levels int) {
	switch c := r.peek(); c {
	case '"':
		r.skipString()
	case '{', '[':
		r.skipContainer(c, levels-1)
	case 't', 'f':
		r.Bool()
	case 'n':
		r.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		r.skipNumber()
	default:
		r.fail(r.pos, "expected a value")
	}
}

func (r *Reader) skipContainer(opening byte, levels int) {
	if levels < 0 {
		r.fail(r.pos, "JSON is nested too deep")
		return
	}
	if opening == '[' {
		for r.Array(); r.Element(); {
			r.skip(levels)
		}
		return
	}
	r.Object()
	for _, ok := r.Member(); ok; _, ok = r.Member() {
		r.skip(levels)
	}
}

// skipNumber consumes a number. A number at the end of the window may continue behind it.
func (r *Reader) skipNumber() {
	size, ok := numberEnd(r.text[r.pos:])
	switch atEnd := r.pos+size == len(r.text); {
	case atEnd && (!ok || r.more()):
		r.truncate()
	case !ok:
		r.fail(r.pos+size, "expected a digit")
	default:
		r.pos += size
	}
}

// numberEnd returns the size of the JSON number at the beginning of s. It returns false if a digit
// is missing.
func numberEnd(s string) (size int, ok bool) {
	i := 0
	if byteAt(s, i) == '-' {
		i++
	}
	if byteAt(s, i) == '0' {
		i++
	} else if i, ok = digitsEnd(s, i); !ok {
		return i, false
	}
	if byteAt(s, i) == '.' {
		if i, ok = digitsEnd(s, i+1); !ok {
			return i, false
		}
	}
	if byteAt(s, i)|0x20 == 'e' {
		if i++; byteAt(s, i) == '+' || byteAt(s, i) == '-' {
			i++
		}
		if i, ok = digitsEnd(s, i); !ok {
			return i, false
		}
	}
	return i, true
}

// byteAt returns the byte at i, or 0 behind the end.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// digitsEnd returns the end of the digits that begin at i, and reports whether there are any.
func digitsEnd(s string, i int) (end int, ok bool) {
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i, i > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// SkipValue consumes an attribute value and checks it, except for the base64 of B and the digits of
// N.
func (r *Reader) SkipValue() {
	r.SkipRest(r.Value())
	r.End()
}

// SkipRest consumes the rest of a value behind Value, which returned t, up to the brace that End
// consumes.
func (r *Reader) SkipRest(t Type) {
	switch t {
	case S, N, B:
		r.skipString()
	case BOOL, NULL:
		r.Bool()
	case SS, NS, BS:
		for r.Array(); r.Element(); {
			r.skipString()
		}
	case L:
		for r.Array(); r.Element(); {
			r.SkipValue()
		}
	case M:
		r.Object()
		for _, ok := r.Member(); ok; _, ok = r.Member() {
			r.SkipValue()
		}
	default:
		r.fail(r.pos, unknownType)
	}
}
