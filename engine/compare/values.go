package main

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
)

// An attribute value is a tree in the form of requests: {"S":"text"}.

func attributeValue(kind string, v any) *object { return newObject(kind, v) }

// keyValues returns values for keys of a kind.
func keyValues(kind string) []any {
	texts := map[string][]string{
		"S": {"a", "b", "ab", "abc", "B", "é", "😀", "z z", "0", "a\u0000b",
			strings.Repeat("k", 1000)},
		"N": {"0", "-1", "1", "2", "10", "1.5", "-1.5", "1E+30", "0.001", "-99", "1E-130",
			"12345678901234567890123456789012345678"},
		"B": {"AA==", "AQ==", "YQ==", "YWI=", "/w==", "AAA=", "YWJj"},
	}[kind]
	var values []any
	for _, text := range texts {
		values = append(values, attributeValue(kind, text))
	}
	return values
}

// favourites are the attributes of items that are not keys, each with the type that most items give
// it. A few need a placeholder in an expression.
var favourites = []key{
	{"a", "N"}, {"b", "S"}, {"c", "L"}, {"d", "M"}, {"e", "SS"}, {"f", "NS"}, {"k", "BS"},
	{"i", "B"}, {"j", "BOOL"}, {"n", "NULL"}, {"size", "N"}, {"x-y", "S"}, {"é.è", "L"},
	{"_u", "M"},
	{"b", "S"}, {"a", "N"}, {"c", "L"}, {"d", "M"},
}

var kinds = []string{"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}

// mapKeys are the names inside of maps.
var mapKeys = []string{"x", "y", "z", "a.b", ""}

var (
	someTexts = []string{"", "a", "b", "ab", "abc", "é", "😀", "a b", "2", "\u0000", "\"q\\",
		"\ufffd"}
	someBinaries = []string{"", "AA==", "YQ==", "YWI=", "YWJj", "/w=="}
	someNumbers  = []string{"0", "1", "-1", "2", "3", "10", "1.5", "0.1", "-0", "1.0", "007", "1e2",
		"1E-3", "+5", ".5", "5.", " 1", "99999999999999999999999999999999999999",
		"9.9999999999999999999999999999999999999E+125", "-1E-130", "1E-130", "1E126", "1E+37",
		"123456789.123456789123456789123456789", "0.000001", "100000000000000000000",
		"12345678901234567890123456789012345678900"}
)

// randomValue returns a value of any kind with at most depth levels.
func randomValue(r *rand.Rand, depth int) *object {
	kind := pick(r, kinds)
	if depth == 0 && (kind == "L" || kind == "M") {
		kind = "N"
	}
	return valueOf(r, kind, depth)
}

// valueOf returns a value of a kind.
func valueOf(r *rand.Rand, kind string, depth int) *object {
	switch kind {
	case "S":
		return attributeValue(kind, randomText(r))
	case "N":
		return attributeValue(kind, randomNumber(r))
	case "B":
		return attributeValue(kind, pick(r, someBinaries))
	case "BOOL":
		return attributeValue(kind, r.IntN(2) == 0)
	case "NULL":
		return attributeValue(kind, true)
	case "L":
		l := newList()
		for range r.IntN(4) {
			l.add(randomValue(r, max(depth-1, 0)))
		}
		return attributeValue(kind, l)
	case "M":
		o := newObject()
		for range r.IntN(4) {
			o.set(pick(r, mapKeys[:len(mapKeys)-1]), randomValue(r, max(depth-1, 0)))
		}
		return attributeValue(kind, o)
	}
	return randomSet(r, kind)
}

func randomSet(r *rand.Rand, kind string) *object {
	from := map[string][]string{
		"SS": {"a", "b", "ab", "é", "2", "z"},
		"NS": {"0", "1", "2", "10", "1.5", "-1", "3.0", "1e3"},
		"BS": someBinaries[1:],
	}[kind]
	l := newList()
	for _, i := range r.Perm(len(from))[:1+r.IntN(3)] {
		l.add(from[i])
	}
	return attributeValue(kind, l)
}

func randomText(r *rand.Rand) string {
	if r.IntN(40) == 0 {
		return strings.Repeat(pick(r, []string{"x", "é", "😀"}), r.IntN(3000))
	}
	return pick(r, someTexts)
}

// randomNumber returns a number, usually a small one in the service's own notation.
func randomNumber(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0, 1:
		return pick(r, someNumbers)
	case 2:
		return manyDigits(r)
	}
	return strconv.Itoa(r.IntN(12) - 2)
}

// manyDigits returns a number of up to 38 digits, with a point, an exponent and a sign at random.
func manyDigits(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(3) == 0 {
		b.WriteByte('-')
	}
	digits := 1 + r.IntN(38)
	point := r.IntN(2 * digits)
	for i := range digits {
		if i == point && i > 0 {
			b.WriteByte('.')
		}
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	if r.IntN(3) == 0 {
		b.WriteString("E" + strconv.Itoa(r.IntN(200)-100))
	}
	return b.String()
}

// largeValue returns a text or binary value of at most the given number of bytes.
func largeValue(r *rand.Rand, bytes int) *object {
	if r.IntN(2) == 0 {
		return attributeValue("S", strings.Repeat("v", bytes))
	}
	return attributeValue("B", base64.StdEncoding.EncodeToString(make([]byte, bytes)))
}

// deep returns lists or maps around a number, levels deep.
func deep(r *rand.Rand, levels int) *object {
	v := attributeValue("N", "1")
	for range levels {
		if r.IntN(2) == 0 {
			v = attributeValue("L", newList(v))
		} else {
			v = attributeValue("M", newObject("x", v))
		}
	}
	return v
}

// keyOf returns a key of the table.
func (t *table) keyOf(r *rand.Rand) *object {
	o := newObject()
	for _, k := range t.keys() {
		o.set(k.name, clone(pick(r, t.pools[k.name])))
	}
	return o
}

// item returns an item of the table.
func (t *table) item(r *rand.Rand) *object {
	o := t.keyOf(r)
	for _, k := range indexKeys {
		switch n := r.IntN(100); {
		case n < 2:
			o.set(k.name, randomValue(r, 1))
		case n < 70:
			o.set(k.name, clone(pick(r, t.pools[k.name])))
		}
	}
	for range r.IntN(7) {
		a := pick(r, favourites)
		o.set(a.name, favouriteValue(r, a))
	}
	switch n := r.IntN(300); {
	case n == 0:
		o.set("deep", deep(r, 28+r.IntN(6)))
	case n == 1:
		o.set("b", largeValue(r, 409600-r.IntN(300)))
	case n < 200 && t.heavy:
		o.set("b", largeValue(r, 20000+r.IntN(60000)))
	}
	r.Shuffle(len(o.members), func(i, j int) {
		o.members[i], o.members[j] = o.members[j], o.members[i]
	})
	return o
}

// favouriteValue returns a value for an attribute, usually of the attribute's common type.
func favouriteValue(r *rand.Rand, a key) *object {
	if r.IntN(8) == 0 {
		return randomValue(r, 2)
	}
	return valueOf(r, a.kind, 2)
}

// jsonInt returns one of the numbers.
func jsonInt(r *rand.Rand, from ...int) json.Number { return newInt(pick(r, from)) }
