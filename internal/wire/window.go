package wire

import "bytes"

// windowSize is how much of a page one kept string can keep alive.
const windowSize = 16 << 10

// NewPageReader returns a Reader of a page, a response of many items. It reads through a window: an immutable copy of a
// part of the page, which is what the strings alias. So one that is kept keeps a window alive and not the page, without
// a copy of its own, and the page may be used again after the last read.
//
// Where the window ends the reader fails as where the text ends. The caller reads in units, such as an item, and reads
// a unit that failed again where Grow says so:
//
//	for {
//		mark := r.Mark()
//		more := r.Element()
//		if more {
//			decode(r)
//		}
//		if r.Grow(mark) {
//			continue
//		}
//		...
//	}
func NewPageReader(page []byte) *Reader { return newPageReader(page, windowSize) }

func newPageReader(page []byte, size int) *Reader {
	r := &Reader{page: page, size: size}
	r.window(0, size)
	return r
}

// window opens the window of the given size at offset base of the page.
func (r *Reader) window(base, size int) {
	r.base = base
	r.limit = base + min(size, len(r.page)-base)
	r.text = string(r.page[base:r.limit])
	r.pos = 0
}

// more tells whether the page goes on behind the window.
func (r *Reader) more() bool { return r.limit < len(r.page) }

// checkBehind fails if anything but white space is behind the window.
func (r *Reader) checkBehind() {
	for at := r.limit; at < len(r.page); at++ {
		if !isSpace(r.page[at]) {
			r.fail(at-r.base, problemTrailing)
			return
		}
	}
}

// Left is how much of the page is behind where the reader stands.
func (r *Reader) Left() int { return max(0, len(r.page)-r.Offset()) }

// Mark is a place to go back to.
type Mark struct {
	offset int
	depth  int
	fresh  bool
}

// Mark returns where the reader stands.
func (r *Reader) Mark() Mark {
	return Mark{offset: r.base + r.pos, depth: r.depth, fresh: r.fresh}
}

// Grow opens a new window at the mark, if the reader failed because its window ended before the page. Then the failure
// is forgotten, the reader is at the mark, and Grow returns true. An object that does not fit a window gets one of its
// own size; what did not fit a window of its own, one of twice the size.
func (r *Reader) Grow(mark Mark) bool {
	if !r.cut || !r.more() {
		return false
	}
	if mark.offset > r.base {
		r.restart(mark, fitWindow(r.page[mark.offset:], r.size))
		return true
	}
	tried := r.limit - mark.offset
	r.restart(mark, max(2*tried, objectSize(r.page[mark.offset:])))
	return true
}

// fitWindow returns how large a window at the beginning of the page is to be: of the given size, but of the whole first
// object in any case, and ending between two items, so that none is read in part and then again. For that it looks, from
// the end, for one that begins as the first does: where the guess is wrong, the window cuts an item.
func fitWindow(page []byte, size int) int {
	first := objectSize(page)
	if first == 0 || size >= len(page) || first >= size {
		return max(first, size)
	}
	head := page[bytes.IndexByte(page, '{'):first]
	head = head[:bytes.IndexByte(head, ':')+1]
	if len(head) == 0 {
		return size
	}
	lowest := max(first, size-max(2*first, size/4))
	for at := size - len(head); at > lowest; at-- {
		if page[at] == '{' && page[at-1] == ',' && bytes.HasPrefix(page[at:], head) {
			return at - 1
		}
	}
	return size
}

// objectSize returns where the object ends that stands at the beginning of the page, perhaps behind a comma; 0 if there
// is none, or it has no end. It only counts brackets.
func objectSize(page []byte) int {
	start := 0
	if len(page) > 0 && page[0] == ',' {
		start = 1
	}
	if start >= len(page) || page[start] != '{' {
		return 0
	}
	depth := 0
	for i := start; i < len(page); i++ {
		switch page[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i = quoteEnd(page, i+1)
		}
	}
	return 0
}

// quoteEnd returns where the string ends whose inside begins at start: at its closing quote.
func quoteEnd(page []byte, start int) int {
	for from := start; ; {
		next := bytes.IndexByte(page[from:], '"')
		if next < 0 {
			return len(page)
		}
		end := from + next
		from = end
		for from > start && page[from-1] == '\\' {
			from--
		}
		if (end-from)%2 == 0 {
			return end
		}
		from = end + 1
	}
}

// restart opens a window of the given size at the mark.
func (r *Reader) restart(mark Mark, size int) {
	r.window(mark.offset, size)
	r.cut, r.err = false, nil
	r.depth, r.fresh = mark.depth, mark.fresh
}

// Back forgets a failure in a page and goes back to the mark, in a new window: to read over what could not be decoded.
// On a Reader of a plain text it does nothing.
func (r *Reader) Back(mark Mark) {
	if r.page == nil {
		return
	}
	r.restart(mark, windowSize)
}
