package value

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/engine/internal/number"
)

// AppendItemJSON appends an item as JSON: {"a":{"S":"x"},"b":{"N":"1"}}.
func AppendItemJSON(dst []byte, item Map) []byte {
	dst = append(dst, '{')
	for i, a := range item {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, a.Name), ':')
		dst = AppendJSON(dst, a.Value)
	}
	return append(dst, '}')
}

// AppendJSON appends a value as JSON: {"S":"x"}. The elements of a set are sorted.
func AppendJSON(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case String:
		dst = AppendString(append(dst, `{"S":`...), string(v))
	case Number:
		dst = appendNumber(append(dst, `{"N":`...), v.Number)
	case Binary:
		dst = appendBinary(append(dst, `{"B":`...), string(v))
	case Bool:
		dst = strconv.AppendBool(append(dst, `{"BOOL":`...), bool(v))
	case Null:
		dst = append(dst, `{"NULL":true`...)
	case Map:
		dst = AppendItemJSON(append(dst, `{"M":`...), v)
	case List:
		dst = appendArray(append(dst, `{"L":`...), v, AppendJSON)
	case StringSet:
		dst = appendArray(append(dst, `{"SS":`...), v, AppendString)
	case NumberSet:
		dst = appendArray(append(dst, `{"NS":`...), v, appendNumber)
	case BinarySet:
		dst = appendArray(append(dst, `{"BS":`...), v, appendBinary)
	}
	return append(dst, '}')
}

func appendArray[E any](dst []byte, elements []E, one func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for i, e := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(dst, e)
	}
	return append(dst, ']')
}

func appendNumber(dst []byte, n number.Number) []byte {
	return append(n.Append(append(dst, '"')), '"')
}

func appendBinary(dst []byte, bytes string) []byte {
	dst = append(dst, '"')
	return append(base64.StdEncoding.AppendEncode(dst, []byte(bytes)), '"')
}

// AppendString appends a text as a JSON string. It replaces bytes that are not UTF-8 by U+FFFD.
func AppendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	start := 0 // of the text that is not appended yet
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if size := beyondASCII(text[i:]); size > 0 {
			i += size
			continue
		}
		dst = appendEscape(append(dst, text[start:i]...), c)
		i++
		start = i
	}
	return append(append(dst, text[start:]...), '"')
}

// beyondASCII returns the number of bytes of a text's first character if it is not ASCII. It
// returns 0 if it is ASCII or not a character.
func beyondASCII(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	if size == 1 {
		return 0
	}
	return size
}

// appendEscape appends the escape of a byte that a JSON string cannot contain.
func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c >= utf8.RuneSelf:
		return utf8.AppendRune(dst, utf8.RuneError)
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\r':
		return append(dst, `\r`...)
	case c == '\t':
		return append(dst, `\t`...)
	case c == '\b':
		return append(dst, `\b`...)
	case c == '\f':
		return append(dst, `\f`...)
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}
