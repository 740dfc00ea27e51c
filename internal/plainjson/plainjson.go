// Package plainjson decodes the JSON of the most common types of JSON fields in place, many times
// as fast as encoding/json.
package plainjson

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Decoder decodes the JSON of one type. It reads the text inside the surrounding string with its
// escapes, so names and texts are not copied.
type Decoder struct {
	// Type is the type that is decoded, map[string]V or []V.
	Type reflect.Type

	// Read stores the value of the text where to points, which is a pointer to Type. If Read does
	// not understand the text at once, it stores nothing and returns false. The caller then uses
	// encoding/json, which reports any error.
	Read func(text string, to any) bool
}

// plainTypes lists the types with a decoder of their own.
var plainTypes = []Decoder{
	makePlainMap(wire.InnerText), makePlainSlice(wire.InnerText),
	makePlainMap(readPlainBool), makePlainSlice(readPlainBool),
	makePlainMap(readPlainFloat), makePlainSlice(readPlainFloat),
	makePlainMap(readPlainFloat32), makePlainSlice(readPlainFloat32),
	makePlainMap(readPlainInteger[int]), makePlainSlice(readPlainInteger[int]),
	makePlainMap(readPlainInteger[int64]), makePlainSlice(readPlainInteger[int64]),
	makePlainMap(readPlainInteger[int32]), makePlainSlice(readPlainInteger[int32]),
	makePlainMap(readPlainInteger[int16]), makePlainSlice(readPlainInteger[int16]),
	makePlainMap(readPlainInteger[int8]), makePlainSlice(readPlainInteger[int8]),
	makePlainMap(readPlainInteger[uint]), makePlainSlice(readPlainInteger[uint]),
	makePlainMap(readPlainInteger[uint64]), makePlainSlice(readPlainInteger[uint64]),
	makePlainMap(readPlainInteger[uint32]), makePlainSlice(readPlainInteger[uint32]),
	makePlainMap(readPlainInteger[uint16]), makePlainSlice(readPlainInteger[uint16]),
	makePlainMap(readPlainInteger[uint8]), // a slice of uint8 is bytes
}

// Lookup returns the decoder for a type or its underlying type, or nil if there is none. A type
// with methods for JSON needs encoding/json.
func Lookup(t reflect.Type) *Decoder {
	for i := range plainTypes {
		if reflect.PointerTo(t).ConvertibleTo(reflect.PointerTo(plainTypes[i].Type)) {
			return &plainTypes[i]
		}
	}
	return nil
}

// plainValue reads the value at the beginning of a text. It returns false if it does not understand
// the text.
type plainValue[V any] func(text string) (value V, rest string, ok bool)

// fewMembers is the number of members for which a map has room without a hint.
const fewMembers = 8

func makePlainMap[V any](read plainValue[V]) Decoder {
	return Decoder{reflect.TypeFor[map[string]V](), func(text string, to any) bool {
		p := plainText{rest: text}
		room := 0
		if len(text) > fewMembers*len(`\"\":0,`) {
			room = p.room(`\":`)
		}
		members := make(map[string]V, room)
		for more := p.open('{', '}'); more; more = p.more('}') {
			name := readPlain(&p, wire.InnerText)
			p.token(':')
			members[name] = readPlain(&p, read)
		}
		if !p.done() {
			return false
		}
		*to.(*map[string]V) = members
		return true
	}}
}

func makePlainSlice[V any](read plainValue[V]) Decoder {
	mark := ","
	if reflect.TypeFor[V]().Kind() == reflect.String {
		mark = `\",` // there are commas in texts, too
	}
	return Decoder{reflect.TypeFor[[]V](), func(text string, to any) bool {
		p := plainText{rest: text}
		list := make([]V, 0, 1+p.room(mark))
		for more := p.open('[', ']'); more; more = p.more(']') {
			list = append(list, readPlain(&p, read))
		}
		if !p.done() {
			return false
		}
		*to.(*[]V) = list
		return true
	}}
}

// plainText is the rest of the JSON that is being read. After a failure its methods do nothing.
type plainText struct {
	rest string
	bad  bool
}

// maxPlainRoom bounds the room that is allocated before the text is understood.
const maxPlainRoom = 1000

// room estimates the number of elements by counting a mark that each element has once.
func (p *plainText) room(mark string) int {
	return min(strings.Count(p.rest, mark), maxPlainRoom)
}

// space skips white space. All of it but blanks is escaped.
func (p *plainText) space() {
	for p.rest != "" && (p.rest[0] == ' ' || p.rest[0] == '\\') {
		size := 1
		if p.rest[0] == '\\' {
			if size = 2; len(p.rest) < size || !strings.ContainsRune("nrt", rune(p.rest[1])) {
				return
			}
		}
		p.rest = p.rest[size:]
	}
}

// take consumes a byte if it comes next. It looks for white space only if another byte comes.
func (p *plainText) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		if p.space(); p.rest == "" || p.rest[0] != c {
			return false
		}
	}
	p.rest = p.rest[1:]
	return true
}

// token consumes a byte, which must come next.
func (p *plainText) token(c byte) {
	if !p.take(c) {
		p.fail()
	}
}

func (p *plainText) fail() { p.rest, p.bad = "", true }

// open consumes the beginning of an object or an array, and reports whether it has any elements.
func (p *plainText) open(opening, closing byte) bool {
	p.token(opening)
	return !p.take(closing) && !p.bad
}

// more consumes the separator after an element, and reports whether another element follows.
func (p *plainText) more(closing byte) bool {
	if p.take(closing) {
		return false
	}
	p.token(',')
	return !p.bad
}

// done reports whether the whole text was understood.
func (p *plainText) done() bool {
	p.space()
	return !p.bad && p.rest == ""
}

// readPlain reads a value. The function does not get p, because p would then be allocated on the
// heap.
func readPlain[V any](p *plainText, read plainValue[V]) V {
	value, rest, ok := read(p.rest)
	if !ok {
		p.space()
		value, rest, ok = read(p.rest)
	}
	if p.rest = rest; !ok {
		p.fail()
	}
	return value
}

func readPlainBool(text string) (value bool, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(text, "true"); ok {
		return true, rest, true
	}
	rest, ok = strings.CutPrefix(text, "false")
	return false, rest, ok
}

func readPlainInteger[V int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 |
	uint64](
	text string,
) (value V, rest string, ok bool) {
	number, rest, ok := wire.InnerNumber(text)
	n, small := wire.SmallInt(number)
	value = V(n)
	unsigned := V(0)-1 > 0
	return value, rest, ok && small && int64(value) == n && !(unsigned && number[0] == '-')
}

func readPlainFloat(text string) (value float64, rest string, ok bool) {
	number, rest, ok := wire.InnerNumber(text)
	value, err := strconv.ParseFloat(number, 64)
	return value, rest, ok && err == nil
}

func readPlainFloat32(text string) (value float32, rest string, ok bool) {
	number, rest, ok := wire.InnerNumber(text)
	wide, err := strconv.ParseFloat(number, 32)
	return float32(wide), rest, ok && err == nil
}
