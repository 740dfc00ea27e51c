package dynamapper

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// plainJSON reads the JSON of one of the types that most JSON fields have, many times as fast as encoding/json: where it
// stands, with the escapes of the string around it, so that names and texts need no memory of their own. What it does not
// understand at once it leaves to encoding/json, which also knows what is wrong.
type plainJSON struct {
	pointer reflect.Type
	read    func(text string, to any) bool
}

// plainTypes are the types with a way of their own.
var plainTypes = []plainJSON{
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
	makePlainMap(readPlainInteger[uint8]), // a slice of it is bytes
}

// lookupPlainJSON finds the way of a type, or of the type that it is a name for; nil where it has none.
func lookupPlainJSON(t reflect.Type) *plainJSON {
	if implements(t, jsonMarshalerType) || implements(t, jsonUnmarshalerType) {
		return nil
	}
	for i := range plainTypes {
		if reflect.PointerTo(t).ConvertibleTo(plainTypes[i].pointer) {
			return &plainTypes[i]
		}
	}
	return nil
}

func (p *plainJSON) decode(d *decoder, v reflect.Value) error {
	body, escapes := d.Body()
	if d.Err() != nil {
		return d.Err()
	}
	to := v.Addr()
	if to.Type() != p.pointer {
		to = to.Convert(p.pointer)
	}
	if p.read(body, to.Interface()) {
		return nil
	}
	text := d.Unescape(body, escapes)
	if d.Err() != nil {
		return d.Err()
	}
	return decodeJSONText(text, v)
}

// plainValue reads the value at the beginning of a text; false where it does not understand it.
type plainValue[V any] func(text string) (value V, rest string, ok bool)

func makePlainMap[V any](read plainValue[V]) plainJSON {
	return plainJSON{reflect.TypeFor[*map[string]V](), func(text string, to any) bool {
		p := plainText{rest: text}
		room := 0
		if len(text) > fewMembers*len(`\"\":0,`) { // else it is what a small map has anyway
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

func makePlainSlice[V any](read plainValue[V]) plainJSON {
	mark := ","
	if reflect.TypeFor[V]().Kind() == reflect.String {
		mark = `\",` // there are commas in texts, too
	}
	return plainJSON{reflect.TypeFor[*[]V](), func(text string, to any) bool {
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

// plainText is what is left of the JSON that is read. Once it was not understood, everything does nothing.
type plainText struct {
	rest string
	bad  bool
}

// maxPlainRoom bounds what is made before the text was understood.
const maxPlainRoom = 1000

// room is how many elements there are, by what stands once in each.
func (p *plainText) room(mark string) int {
	return min(strings.Count(p.rest, mark), maxPlainRoom)
}

// space skips white space, of which all but blanks are escapes.
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

// take consumes a byte if it stands here. White space is only looked for where something else stands.
func (p *plainText) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		if p.space(); p.rest == "" || p.rest[0] != c {
			return false
		}
	}
	p.rest = p.rest[1:]
	return true
}

// token consumes a byte that must stand here.
func (p *plainText) token(c byte) {
	if !p.take(c) {
		p.fail()
	}
}

func (p *plainText) fail() { p.rest, p.bad = "", true }

// open consumes the beginning of an object or an array, and tells whether anything is in it.
func (p *plainText) open(opening, closing byte) bool {
	p.token(opening)
	return !p.take(closing) && !p.bad
}

// more consumes what stands behind an element, and tells whether another one comes.
func (p *plainText) more(closing byte) bool {
	if p.take(closing) {
		return false
	}
	p.token(',')
	return !p.bad
}

// done tells whether all was understood.
func (p *plainText) done() bool {
	p.space()
	return !p.bad && p.rest == ""
}

// readPlain reads a value. The function does not get p, which would then not stay on the stack.
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

func readPlainInteger[V int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64](text string) (value V, rest string, ok bool) {
	number, rest, ok := wire.InnerNumber(text)
	n, small := parseSmallInt(number)
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
