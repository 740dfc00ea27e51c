package wire

import (
	"math/bits"
	"unicode/utf8"
)

// Names finds the numbers of known names in the text of an item without making strings of them. It
// is a hash table of the names as DynamoDB spells them. It is immutable.
type Names struct {
	names []plainName // by number
	slots []uint16    // a number plus one, or 0; a power of two of slots
	shift int         // from a hash to a slot
	seed  uint64
}

// plainName is a name with its first and last bytes. If it has at most 16 bytes, these and the
// length determine the name. text is "" if JSON must escape the name.
type plainName struct {
	text       string
	head, tail uint64
}

// maxNames bounds the numbers that a slot can hold. An item of 400 KB has fewer attributes.
const maxNames = 1<<16 - 2

// NewNames returns the table of the names, whose numbers are their indexes.
func NewNames(names []string) *Names {
	n := &Names{names: make([]plainName, min(len(names), maxNames))}
	for i := range n.names {
		if name := names[i]; isPlainName(name) {
			n.names[i] = plainName{name, headOf(name), tailOf(name)}
		}
	}
	n.fill()
	return n
}

// isPlainName reports whether JSON can contain a name unchanged.
func isPlainName(name string) bool {
	return name != "" && textEnd(name, 0) == len(name) && utf8.ValidString(name)
}

// headOf returns the first eight bytes of a name, with a shorter name in the highest bytes.
func headOf(name string) uint64 {
	if len(name) >= 8 {
		return Load(name, 0)
	}
	head := uint64(0)
	for i := range len(name) {
		head |= uint64(name[i]) << (64 - 8*(len(name)-i))
	}
	return head
}

// tailOf returns the last eight bytes of a name of more than eight.
func tailOf(name string) uint64 {
	if len(name) <= 8 {
		return 0
	}
	return Load(name, len(name)-8)
}

// triedSeeds is how many hash functions fill compares.
const triedSeeds = 32

// fill fills the slots with the first hash function without a collision. If all have collisions,
// it takes the function that needs the fewest steps.
func (n *Names) fill() {
	size := max(3, bits.Len(uint(4*len(n.names))))
	n.shift = 64 - size
	n.slots = make([]uint16, 1<<size)
	best, fewest := uint64(0), -1
	seed := uint64(0x9E3779B97F4A7C15) // 2^64 divided by the golden ratio, as hash functions often use
	for range triedSeeds {
		n.seed = seed
		steps := n.place()
		if steps == 0 {
			return
		}
		if fewest < 0 || steps < fewest {
			best, fewest = seed, steps
		}
		seed = seed*0xD1342543DE82EF95 + 2 // of a generator of random numbers; seed stays odd
	}
	n.seed = best
	n.place()
}

// place puts each name into its slot, or into the next one that is free. It returns how many slots
// were not free.
func (n *Names) place() (steps int) {
	clear(n.slots)
	for number := range n.names {
		name := &n.names[number]
		if name.text == "" {
			continue
		}
		slot := n.slot(name.head, name.tail)
		for ; n.slots[slot] != 0; slot = n.after(slot) {
			steps++
		}
		n.slots[slot] = uint16(number + 1)
	}
	return steps
}

func (n *Names) slot(head, tail uint64) int {
	return int((head ^ bits.RotateLeft64(tail, 23)) * n.seed >> n.shift)
}

func (n *Names) after(slot int) int { return (slot + 1) & (len(n.slots) - 1) }

// find returns the number of the name with this text, head and tail, or -1.
func (n *Names) find(text string, head, tail uint64) int {
	for slot := n.slot(head, tail); ; slot = n.after(slot) {
		number := int(n.slots[slot&(len(n.slots)-1)]) - 1
		if number < 0 {
			return -1
		}
		known := &n.names[number]
		if known.head == head && known.tail == tail && len(known.text) == len(text) &&
			(len(text) <= 16 || known.text == text) {
			return number
		}
	}
}

// Known consumes the beginning of an object's next member, if it is an attribute with one of the
// names: in place of Member, which returns the name, and of Value. It returns the number of the
// name. If anything else comes, and for what DynamoDB would spell in another way, Known consumes
// nothing and returns -1.
func (r *Reader) Known(names *Names) (number int, t Type) {
	s, start := r.text, r.pos
	if !r.fresh {
		if start >= len(s) || s[start] != ',' {
			return -1, Invalid
		}
		start++
	}
	start++
	if start+8 > len(s) || s[start-1] != '"' {
		return -1, Invalid
	}
	var end int
	head, tail := Load(s, start), uint64(0)
	if found := quotes(head); found != 0 {
		size := bits.TrailingZeros64(found) / 8
		head <<= 64 - 8*size
		end = start + size
	} else {
		if end = longNameEnd(s, start+8); end < 0 {
			return -1, Invalid
		}
		if end > start+8 {
			tail = Load(s, end-8)
		}
	}
	if end+10 > len(s) || s[end+1] != ':' {
		return -1, Invalid
	}
	t, size := descriptor(Load(s, end+2))
	if size == 0 {
		return -1, Invalid
	}
	if number = names.find(s[start:end], head, tail); number < 0 {
		return -1, Invalid
	}
	r.fresh = false
	r.pos = end + 2 + size
	return number, r.enter(t)
}

// longNameEnd returns the position of the first quote from i on, or -1.
func longNameEnd(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if found := quotes(Load(s, i)); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	return -1
}

// quotes sets the high bit of the first byte of w that is a quote; higher bits may be set too.
func quotes(w uint64) uint64 {
	x := w ^ '"'*ones
	return (x - ones) &^ x & highs
}

// The bytes of descriptors, the first one lowest.
const (
	letterForm = '{' | '"'<<8 | '"'<<24 | ':'<<32             // {" ":
	letterMask = 0xFF_FF_00_FF_FF                             //
	setForm    = '{' | '"'<<8 | 'S'<<24 | '"'<<32 | ':'<<40   // {" S":
	setMask    = 0xFF_FF_FF_00_FF_FF                          //
	boolForm   = '{' | '"'<<8 | 'B'<<16 | 'O'<<24 | 'O'<<32 | // {"BOOL":
		'L'<<40 | '"'<<48 | ':'<<56
	nullForm = '{' | '"'<<8 | 'N'<<16 | 'U'<<24 | 'L'<<32 | // {"NULL":
		'L'<<40 | '"'<<48 | ':'<<56
)

// descriptor returns the type and the size of the beginning of an attribute value, such as {"S":,
// or no size if w begins with anything else.
func descriptor(w uint64) (t Type, size int) {
	switch {
	case w&letterMask == letterForm:
		if t = letters[byte(w>>16)]; t != Invalid {
			size = len(`{"S":`)
		}
	case w&setMask == setForm:
		if t = setLetters[byte(w>>16)]; t != Invalid {
			size = len(`{"SS":`)
		}
	case w == boolForm:
		return BOOL, len(`{"BOOL":`)
	case w == nullForm:
		return NULL, len(`{"NULL":`)
	}
	return t, size
}
