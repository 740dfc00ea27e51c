package wire

import "bytes"

// windowSize is how much of a page one kept string can keep alive.
const windowSize = 16 << 10

// NewPageReader returns a Reader of a page, which is a response of many items. It reads through a
// window: an immutable copy of a part of the page, which the returned strings alias. A string that
// is kept thus keeps only its window alive and needs no copy of its own, and the page may be reused
// after the last read.
//
// At the end of the window the reader fails as at the end of the text. The caller reads in units,
// such as an item, and repeats a failed unit if Grow returns true:
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

// more reports whether the page continues behind the window.
func (r *Reader) more() bool { return r.limit < len(r.page) }

// checkBehind fails if there is anything but white space behind the window.
func (r *Reader) checkBehind() {
	for at := r.limit; at < len(r.page); at++ {
		if !isSpace(r.page[at]) {
			r.fail(at-r.base, problemTrailing)
			return
		}
	}
}

// Left returns the length of the page behind the position of the reader.
func (r *Reader) Left() int { return max(0, len(r.page)-r.Offset()) }

// Mark is a position of a Reader.
type Mark struct {
	offset int
	depth  int
	fresh  bool
}

// Mark returns the position of the reader.
func (r *Reader) Mark() Mark {
	return Mark{offset: r.base + r.pos, depth: r.depth, fresh: r.fresh}
}

// Grow opens a new window at the mark if the reader failed because its window ended before the
// page. It then clears the failure, moves the reader to the mark, and returns true. An object that
// does not fit into a window gets a window of its own size, and if it does not fit into that, one
// of twice the size.
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

// fitWindow returns the size of a window at the beginning of the page. The window has about the
// given size, contains at least the whole first object, and ends between two items, so that no item
// is read in part and then again. To find such an end, fitWindow searches backwards for an item
// that begins as the first one does. If the guess is wrong, the window cuts an item.
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

// objectSize returns the end of the object at the beginning of the page, which may follow a comma.
// It returns 0 if there is none, or if it has no end. It only counts brackets.
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

// quoteEnd returns the position of the closing quote of the string whose inside begins at start.
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

// Back clears a failure in a page and moves the reader back to the mark, so that the caller can
// skip a unit that could not be decoded. After a failure, which cuts the window off, it opens a new
// one. On a Reader of a plain text it does nothing.
func (r *Reader) Back(mark Mark) {
	switch {
	case r.page == nil:
	case r.failed() || mark.offset < r.base:
		r.restart(mark, windowSize)
	default:
		r.pos, r.depth, r.fresh = mark.offset-r.base, mark.depth, mark.fresh
	}
}
