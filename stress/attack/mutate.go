package attack

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// mutation damages the text of a response.
type mutation struct {
	name string
	do   func(text []byte, random *rand.Rand) []byte
}

// mutations are the ways to damage a response. Most of them leave valid JSON.
var mutations = []mutation{
	{"change a letter", changeLetter},
	{"change a letter", changeLetter},
	{"change a letter", changeLetter},
	{"flip a bit", flipBit},
	{"replace a byte", replaceByte},
	{"cut off", cutOff},
	{"remove a part", removePart},
	{"repeat a part", repeatPart},
	{"another type", anotherType},
	{"another literal", anotherLiteral},
	{"repeat a member", repeatMember},
	{"swap members", swapMembers},
	{"nest", nest},
	{"insert", insertToken},
}

// changeLetter replaces a letter or a digit by another one of the same kind.
func changeLetter(text []byte, random *rand.Rand) []byte {
	out := bytes.Clone(text)
	for range 100 {
		switch c := &out[random.IntN(len(out))]; {
		case '0' <= *c && *c <= '9':
			*c = byte('0' + random.IntN(10))
			return out
		case 'a' <= *c && *c <= 'z':
			*c = byte('a' + random.IntN(26))
			return out
		}
	}
	return out
}

func flipBit(text []byte, random *rand.Rand) []byte {
	out := bytes.Clone(text)
	out[random.IntN(len(out))] ^= 1 << random.IntN(8)
	return out
}

func replaceByte(text []byte, random *rand.Rand) []byte {
	const marks = `{}[]",:\0123456789-+.eE tfnu` + "\x00\x1f\x7f\xc3\xff"
	out := bytes.Clone(text)
	out[random.IntN(len(out))] = marks[random.IntN(len(marks))]
	return out
}

func cutOff(text []byte, random *rand.Rand) []byte {
	return bytes.Clone(text[:random.IntN(len(text))])
}

// part returns the bounds of a short part of a text.
func part(text []byte, random *rand.Rand) (from, to int) {
	from = random.IntN(len(text))
	return from, min(len(text), from+1+random.IntN(12))
}

func removePart(text []byte, random *rand.Rand) []byte {
	from, to := part(text, random)
	return append(bytes.Clone(text[:from]), text[to:]...)
}

func repeatPart(text []byte, random *rand.Rand) []byte {
	from, to := part(text, random)
	return append(bytes.Clone(text[:to]), text[from:]...)
}

// replaceOne replaces one occurrence of old.
func replaceOne(text []byte, old, now string, random *rand.Rand) []byte {
	n := bytes.Count(text, []byte(old))
	if n == 0 {
		return flipBit(text, random)
	}
	at := 0
	for range random.IntN(n) + 1 {
		at += bytes.Index(text[at:], []byte(old)) + len(old)
	}
	out := append(bytes.Clone(text[:at-len(old)]), now...)
	return append(out, text[at:]...)
}

func pick(from []string, random *rand.Rand) string { return from[random.IntN(len(from))] }

var typeNames = []string{`"S":`, `"N":`, `"B":`, `"BOOL":`, `"NULL":`, `"M":`, `"L":`,
	`"SS":`, `"NS":`, `"BS":`}

func anotherType(text []byte, random *rand.Rand) []byte {
	others := append(slices.Clone(typeNames), `"X":`, `"s":`, `"":`)
	return replaceOne(text, pick(typeNames, random), pick(others, random), random)
}

func anotherLiteral(text []byte, random *rand.Rand) []byte {
	literals := []string{`true`, `false`, `null`, `""`, `"1"`, `0`, `{}`, `[]`, `"\ud800"`,
		`"\u0000"`, `"1e400"`, `"-0"`, `"1.5"`, `"AA=="`, `"A"`, `"NaN"`}
	olds := []string{`true`, `false`, `null`, `"1"`, `"12"`, `{"S":"x"}`, `["x","y"]`, `"1.25"`,
		`"AQI="`}
	return replaceOne(text, pick(olds, random), pick(literals, random), random)
}

// members returns the positions of the members of an object, usually of an item.
func members(text []byte) []int {
	var all []int
	for i := 1; i < len(text); i++ {
		if text[i] == '"' && (text[i-1] == '{' || text[i-1] == ',') {
			all = append(all, i)
		}
	}
	return all
}

// memberAt returns the member at a position, without the text after it.
func memberAt(text []byte, at int) []byte {
	depth, quoted := 0, false
	for i := at; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth == 0 {
				return text[at:i]
			}
			depth--
		case c == ',' && depth == 0:
			return text[at:i]
		}
	}
	return text[at:]
}

// repeatMember inserts a copy of a member before another one, possibly of another object.
func repeatMember(text []byte, random *rand.Rand) []byte {
	places := members(text)
	if len(places) == 0 {
		return flipBit(text, random)
	}
	from, to := places[random.IntN(len(places))], places[random.IntN(len(places))]
	out := append(bytes.Clone(text[:to]), memberAt(text, from)...)
	out = append(out, ',')
	return append(out, text[to:]...)
}

// swapMembers exchanges two members.
func swapMembers(text []byte, random *rand.Rand) []byte {
	places := members(text)
	if len(places) < 2 {
		return flipBit(text, random)
	}
	a, b := places[random.IntN(len(places))], places[random.IntN(len(places))]
	if a > b {
		a, b = b, a
	}
	first, second := memberAt(text, a), memberAt(text, b)
	if a+len(first) > b {
		return repeatPart(text, random)
	}
	out := append(bytes.Clone(text[:a]), second...)
	out = append(out, text[a+len(first):b]...)
	out = append(out, first...)
	return append(out, text[b+len(second):]...)
}

// nest puts a value inside many others.
func nest(text []byte, random *rand.Rand) []byte {
	depth := []int{1, 5, 31, 32, 33, 200, 20000}[random.IntN(7)]
	head, tail := `{"L":[`, `]}`
	if random.IntN(2) == 0 {
		head, tail = `{"M":{"a":`, `}}`
	}
	old := pick([]string{`{"S":"x"}`, `{"N":"1"}`, `{"BOOL":true}`}, random)
	now := strings.Repeat(head, depth) + old + strings.Repeat(tail, depth)
	return replaceOne(text, old, now, random)
}

func insertToken(text []byte, random *rand.Rand) []byte {
	tokens := []string{`,`, `:`, `{`, `}`, `[`, `]`, `"`, `null`, ` `, "\n", `\`, `\u0000`, `"a":`,
		`{"S":"x"},`, `{},`}
	at := random.IntN(len(text) + 1)
	out := append(bytes.Clone(text[:at]), pick(tokens, random)...)
	return append(out, text[at:]...)
}

// mutate damages a text once or several times, and describes how.
func mutate(text []byte, random *rand.Rand) (damaged []byte, how string) {
	damaged = text
	var names []string
	for range 1 + random.IntN(2)*random.IntN(3) {
		if len(damaged) == 0 {
			break
		}
		m := mutations[random.IntN(len(mutations))]
		damaged = m.do(damaged, random)
		names = append(names, m.name)
	}
	return damaged, fmt.Sprint(strings.Join(names, ", "))
}
