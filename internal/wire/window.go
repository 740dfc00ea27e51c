package wire

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
// is forgotten, the reader is at the mark, and Grow returns true. A unit that did not fit a window of its own gets one
// of twice the size.
func (r *Reader) Grow(mark Mark) bool {
	if !r.cut || !r.more() {
		return false
	}
	size := r.size
	if mark.offset <= r.base {
		size = 2 * (r.limit - mark.offset)
	}
	r.restart(mark, size)
	return true
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
