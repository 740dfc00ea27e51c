package wire

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

var (
	escapedPair = regexp.MustCompile(
		`\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	escapedHalf = regexp.MustCompile(`\\u[dD][89a-fA-F]`)
)

// isStrict reports whether encoding/json accepts the text and every string in it is valid Unicode.
func isStrict(text string) bool {
	return json.Valid([]byte(text)) && utf8.ValidString(text) &&
		!escapedHalf.MatchString(escapedPair.ReplaceAllString(text, ""))
}

// depthOf returns the depth of nested containers in valid JSON.
func depthOf(text string) (deepest int) {
	depth := 0
	decoder := json.NewDecoder(strings.NewReader(text))
	for token, err := decoder.Token(); err == nil; token, err = decoder.Token() {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			deepest = max(deepest, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return deepest
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		`"text"`, `"\u0041\ud83d\ude00\/\n"`, `"\ud83d"`, "\"\xff\"",
		` "ä" x`, `"long enough for eight\""`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := NewReader(text)
		got := r.Text()
		r.Done()
		var want string
		err := json.Unmarshal([]byte(text), &want)
		isString := err == nil && strings.TrimLeft(text, " \t\r\n")[0] == '"'
		require.Equal(t, isString && isStrict(text), r.Err() == nil)
		if r.Err() == nil {
			require.Equal(t, want, got)
		}
		checked := NewReader(text)
		checked.skipString()
		checked.Done()
		require.Equal(t, r.Err(), checked.Err())
	})
}

func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{
		"text", "\"\\\x00\x1f\n", "ä😀\xff\u2028", "long enough for eight\t\xc3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := NewReader(string(AppendString(nil, s)))
		require.Equal(t, string([]rune(s)), r.Text())
		r.Done()
		require.NoError(t, r.Err())
	})
}

func FuzzSkip(f *testing.F) {
	for _, seed := range []string{
		sample, `[1,-0.5e+7,true,false,null]`, `{"a":[{}]}`,
		` [ 1 , 2 ] `, `01`, `[1,]`, `{"a":1,}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := NewReader(text)
		r.Skip()
		r.Done()
		strict := isStrict(text)
		if strict && depthOf(text) > maxPlainDepth {
			strict = false
		}
		require.Equal(t, strict, r.Err() == nil, "%v", r.Err())
	})
}

func FuzzParseItem(f *testing.F) {
	for _, seed := range []string{
		sample, loose(sample), `{}`, `{"a":null}`, `{"a":{}}`, `{"a":{"S":"x","N":"1"}}`,
		`{"a":{"X":1}}`,
		`{"a":` + nest(32, `{"S":""}`) + `}`, `{"a":` + nest(33, `{"S":""}`) + `}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseItem(text)
		want, ok := parseLoosely(text)
		ok = ok && isStrict(text) && !hasDuplicates(text)
		if err == nil && !hasDuplicates(text) {
			require.True(t, ok)
		}
		if ok {
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		attributes, indexErr := IndexItem(text)
		if err == nil {
			require.NoError(t, indexErr)
			requireIndexed(t, got, attributes)
		}
	})
}

// requireIndexed checks that the attributes have the values of the item.
func requireIndexed(t *testing.T, want item, attributes []Attribute) {
	t.Helper()
	got := item{}
	for _, attribute := range attributes {
		r := NewReader(string(attribute.Value))
		got[attribute.Name] = r.AttributeValue()
		r.Done()
		require.NoError(t, r.Err())
		require.True(t, EqualText(string(attribute.Value), got[attribute.Name]))
	}
	require.Equal(t, want, got)
}

// hasDuplicates reports whether an object in valid JSON has two members of one name.
func hasDuplicates(text string) bool {
	decoder := json.NewDecoder(strings.NewReader(text))
	var value func() (found, ok bool)
	value = func() (found, ok bool) {
		token, err := decoder.Token()
		if err != nil || token == json.Delim('}') || token == json.Delim(']') {
			return false, false
		}
		names := map[string]bool{}
		switch token {
		case json.Delim('{'):
			for decoder.More() {
				name, _ := decoder.Token()
				key, _ := name.(string)
				inside, ok := value()
				found = found || inside || names[key]
				names[key] = true
				if !ok {
					return found, false
				}
			}
			_, err = decoder.Token()
		case json.Delim('['):
			for decoder.More() {
				inside, ok := value()
				found = found || inside
				if !ok {
					return found, false
				}
			}
			_, err = decoder.Token()
		}
		return found, err == nil
	}
	found, _ := value()
	return found
}

// parseLoosely parses an item with encoding/json and maps.
func parseLoosely(text string) (item, bool) {
	return parseMap([]byte(text), 0)
}

func parseMap(text []byte, depth int) (item, bool) {
	var raw map[string]json.RawMessage
	if json.Unmarshal(text, &raw) != nil || raw == nil {
		return nil, false
	}
	parsed := item{}
	for name, member := range raw {
		v, ok := parseValue(member, depth+1)
		if !ok {
			return nil, false
		}
		parsed[name] = v
	}
	return parsed, true
}

func parseValue(text []byte, depth int) (types.AttributeValue, bool) {
	var raw map[string]json.RawMessage
	if json.Unmarshal(text, &raw) != nil || len(raw) != 1 {
		return nil, false
	}
	for descriptor, inside := range raw {
		return parseInside(descriptor, inside, depth)
	}
	return nil, false
}

func parseInside(descriptor string, inside []byte, depth int) (types.AttributeValue, bool) {
	switch descriptor {
	case "S":
		v, ok := parseInto[string](inside)
		return s(v), ok
	case "N":
		v, ok := parseInto[string](inside)
		return n(v), ok
	case "B":
		v, ok := parseBinary(inside)
		return b(v...), ok
	case "BOOL":
		v, ok := parseInto[bool](inside)
		return boolean(v), ok
	case "NULL":
		v, ok := parseInto[bool](inside)
		return &types.AttributeValueMemberNULL{Value: v}, ok
	case "SS":
		v, ok := parseList(inside, parseInto[string])
		return ss(v...), ok
	case "NS":
		v, ok := parseList(inside, parseInto[string])
		return ns(v...), ok
	case "BS":
		v, ok := parseList(inside, parseBinary)
		return bs(v...), ok
	case "L":
		v, ok := parseList(inside, func(text []byte) (types.AttributeValue, bool) {
			return parseValue(text, depth+1)
		})
		return l(v...), ok && depth <= maxDepth
	case "M":
		v, ok := parseMap(inside, depth)
		return m(v), ok && depth <= maxDepth
	}
	return nil, false
}

func parseInto[V any](text []byte) (v V, ok bool) {
	err := json.Unmarshal(text, &v)
	return v, err == nil && string(text) != "null"
}

// parseBinary refuses an array of numbers, which encoding/json accepts as bytes.
func parseBinary(text []byte) ([]byte, bool) {
	if _, ok := parseInto[string](text); !ok {
		return nil, false
	}
	return parseInto[[]byte](text)
}

func parseList[E any](text []byte, element func([]byte) (E, bool)) ([]E, bool) {
	raw, ok := parseInto[[]json.RawMessage](text)
	list := []E{}
	for _, part := range raw {
		e, fine := element(part)
		ok = ok && fine
		list = append(list, e)
	}
	return list, ok
}

// generator makes attribute values from the fuzzer's bytes.
type generator struct{ data []byte }

func (g *generator) next() byte {
	if len(g.data) == 0 {
		return 0
	}
	c := g.data[0]
	g.data = g.data[1:]
	return c
}

func (g *generator) bytes() []byte {
	size := min(int(g.next())%40, len(g.data))
	part := g.data[:size]
	g.data = g.data[size:]
	return append([]byte{}, part...)
}

func (g *generator) text() string { return strings.ToValidUTF8(string(g.bytes()), "?") }

func (g *generator) members(depth int) item {
	members := item{}
	for range g.next() % 6 {
		members[g.text()] = g.value(depth)
	}
	return members
}

func (g *generator) value(depth int) types.AttributeValue {
	choice := Type(g.next())%M + 1
	if depth == 0 && choice >= L {
		choice = S
	}
	switch choice {
	case N:
		return n(g.text())
	case B:
		return b(g.bytes()...)
	case BOOL:
		return boolean(g.next()%2 == 0)
	case NULL:
		return null()
	case SS:
		return ss(generate(g, g.text)...)
	case NS:
		return ns(generate(g, g.text)...)
	case BS:
		return bs(generate(g, g.bytes)...)
	case L:
		return l(generate(g, func() types.AttributeValue { return g.value(depth - 1) })...)
	case M:
		return m(g.members(depth - 1))
	}
	return s(g.text())
}

func generate[E any](g *generator, one func() E) []E {
	list := make([]E, 0, 6)
	for range g.next() % 6 {
		list = append(list, one())
	}
	return list
}

func FuzzAppendItem(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte("\x05\x01a\x00\x03xyz\x01b\x09\x03\x00\x01p\x01\x0212\x02"),
		[]byte("\x02\x01a\x00\x03xyz"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		one, other := (&generator{first}).members(31), (&generator{second}).members(31)
		text, err := AppendItem(nil, one)
		require.NoError(t, err)
		require.True(t, json.Valid(text))
		back, err := ParseItem(string(text))
		require.NoError(t, err)
		require.Equal(t, one, back)
		require.True(t, Equal(m(one), m(back)))

		text, err = AppendValue(nil, m(one))
		require.NoError(t, err)
		require.True(t, EqualText(string(text), m(one)))
		same := Equal(m(one), m(other))
		require.Equal(t, same, Equal(m(other), m(one)))
		require.Equal(t, same, EqualText(string(text), m(other)))
	})
}

var number = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// moderateNumber parses the numbers that math/big can hold without filling the memory.
func moderateNumber(s string) (value *big.Rat, isNumber, moderate bool) {
	if !number.MatchString(s) {
		return nil, false, true
	}
	if at := strings.IndexAny(s, "eE"); at >= 0 && len(strings.TrimLeft(s[at+1:], "+-0")) > 4 {
		return nil, true, false
	}
	value, ok := new(big.Rat).SetString(s)
	return value, ok, true
}

func FuzzCompareNumbers(f *testing.F) {
	for _, seed := range [][2]string{
		{"1E2", "100.0"}, {"-0", "0"}, {".5", "5e-1"}, {"1E-130", "9.9E125"}, {"x", "1"},
		{"00012.500", "12.5"}, {"1E999999999", "1"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		order, ok := CompareNumbers(a, b)
		require.Equal(t, ok && order == 0 || a == b, CanonicalNumber(a) == CanonicalNumber(b))
		x, isX, moderateX := moderateNumber(a)
		y, isY, moderateY := moderateNumber(b)
		if !moderateX || !moderateY {
			return
		}
		require.Equal(t, isX && isY, ok)
		if !ok {
			return
		}
		require.Equal(t, x.Cmp(y), order)
		canonical, isNumber := new(big.Rat).SetString(CanonicalNumber(a))
		require.True(t, isNumber)
		require.Zero(t, canonical.Cmp(x))
		requireValid(t, a, x)
	})
}

// requireValid checks the range that ValidNumber accepts. Tables of cases test the number of
// digits.
func requireValid(t *testing.T, s string, value *big.Rat) {
	t.Helper()
	size := new(big.Rat).Abs(value)
	smallest, _ := new(big.Rat).SetString("1E-130")
	beyond, _ := new(big.Rat).SetString("1E126")
	err := ValidNumber(s)
	switch inRange := size.Sign() == 0 || size.Cmp(smallest) >= 0 && size.Cmp(beyond) < 0; {
	case !inRange:
		require.Error(t, err)
	case err != nil:
		require.ErrorContains(t, err, "significant digits")
	}
}

func FuzzWindows(f *testing.F) {
	f.Add(pageOf(sample, "{}"), uint16(1))
	f.Add(pageOf(sample, loose(sample)), uint16(100))
	f.Add(pageOf(`{"a":{"S":"\ud83d\ude00"}}`)+" ", uint16(7))
	f.Add(`{"a":-1.5e10,"b":tru}`, uint16(3))
	f.Fuzz(func(t *testing.T, text string, size uint16) {
		requireSame(t, text, int(size)+1)
	})
}
