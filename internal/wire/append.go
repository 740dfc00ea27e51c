package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var (
	errNoValue = errors.New("no attribute value, or one of an unknown type")
	errTooDeep = errors.New("attribute values are nested deeper than 32 levels")
)

// AppendItem appends the item's JSON. If a value is nil or unknown, the error names the attribute.
func AppendItem(to []byte, item map[string]types.AttributeValue) ([]byte, error) {
	return appendMap(to, item, 0)
}

// AppendValue appends the JSON of an attribute value.
func AppendValue(to []byte, v types.AttributeValue) ([]byte, error) {
	return appendValue(to, v, 1)
}

// appendValue appends a value at the given depth of nesting.
func appendValue(to []byte, v types.AttributeValue, depth int) ([]byte, error) {
	t := TypeOf(v)
	switch {
	case t == Invalid:
		return to, errNoValue
	case t >= L && depth > maxDepth:
		return to, errTooDeep
	}
	to = append(to, t.Open()...)
	to, err := appendRest(to, v, depth)
	return append(to, '}'), err
}

// appendRest appends the part of a value behind its type descriptor.
func appendRest(to []byte, v types.AttributeValue, depth int) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return AppendString(to, v.Value), nil
	case *types.AttributeValueMemberN:
		return AppendString(to, v.Value), nil
	case *types.AttributeValueMemberB:
		return AppendBytes(to, v.Value), nil
	case *types.AttributeValueMemberBOOL:
		return appendBool(to, v.Value), nil
	case *types.AttributeValueMemberNULL:
		return appendBool(to, v.Value), nil
	case *types.AttributeValueMemberSS:
		return appendSet(to, v.Value, AppendString), nil
	case *types.AttributeValueMemberNS:
		return appendSet(to, v.Value, AppendString), nil
	case *types.AttributeValueMemberBS:
		return appendSet(to, v.Value, AppendBytes), nil
	case *types.AttributeValueMemberL:
		return appendList(to, v.Value, depth)
	case *types.AttributeValueMemberM:
		return appendMap(to, v.Value, depth)
	}
	return to, errNoValue
}

func appendMap(to []byte, members map[string]types.AttributeValue, depth int) ([]byte, error) {
	to = append(to, '{')
	first := true
	for name, v := range members {
		if !first {
			to = append(to, ',')
		}
		first = false
		to = append(AppendString(to, name), ':')
		var err error
		if to, err = appendValue(to, v, depth+1); err != nil {
			return to, fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return append(to, '}'), nil
}

func appendList(to []byte, list []types.AttributeValue, depth int) ([]byte, error) {
	to = append(to, '[')
	for i, v := range list {
		if i > 0 {
			to = append(to, ',')
		}
		var err error
		if to, err = appendValue(to, v, depth+1); err != nil {
			return to, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return append(to, ']'), nil
}

func appendSet[E any](to []byte, set []E, element func([]byte, E) []byte) []byte {
	to = append(to, '[')
	for i, e := range set {
		if i > 0 {
			to = append(to, ',')
		}
		to = element(to, e)
	}
	return append(to, ']')
}

// AppendBytes appends bytes as a JSON string of base64.
func AppendBytes(to, data []byte) []byte {
	to = base64.StdEncoding.AppendEncode(append(to, '"'), data)
	return append(to, '"')
}

func appendBool(to []byte, b bool) []byte {
	if b {
		return append(to, "true"...)
	}
	return append(to, "false"...)
}

// AppendString appends s as a JSON string, with no more escapes than JSON requires. It replaces
// bytes that are not valid UTF-8 by U+FFFD; a caller that wants to refuse them must check s itself.
func AppendString(to []byte, s string) []byte {
	to = append(to, '"')
	for {
		end := plainEnd(s, 0)
		to = append(to, s[:end]...)
		if end == len(s) {
			return append(to, '"')
		}
		if c := s[end]; c < utf8.RuneSelf {
			to = appendEscape(to, c)
			s = s[end+1:]
			continue
		}
		char, size := utf8.DecodeRuneInString(s[end:])
		to = utf8.AppendRune(to, char)
		s = s[end+size:]
	}
}

// AppendText appends s as AppendString does if s is valid UTF-8. If not, it returns false.
func AppendText(to []byte, s string) (text []byte, valid bool) {
	end := plainEnd(s, 0)
	if end < len(s) && !utf8.ValidString(s[end:]) {
		return to, false
	}
	to = append(to, '"')
	for end = textEnd(s, end); end < len(s); end = textEnd(s, 0) {
		to = appendEscape(append(to, s[:end]...), s[end])
		s = s[end+1:]
	}
	return append(append(to, s...), '"'), true
}

// appendEscape appends the escape of a quote, a backslash or a control character.
func appendEscape(to []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(to, '\\', c)
	case '\b':
		return append(to, '\\', 'b')
	case '\f':
		return append(to, '\\', 'f')
	case '\n':
		return append(to, '\\', 'n')
	case '\r':
		return append(to, '\\', 'r')
	case '\t':
		return append(to, '\\', 't')
	}
	return append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// TypeOf returns the type of v. It returns Invalid if v is nil, a nil pointer or of an unknown
// type.
func TypeOf(v types.AttributeValue) Type {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return present(v, S)
	case *types.AttributeValueMemberN:
		return present(v, N)
	case *types.AttributeValueMemberB:
		return present(v, B)
	case *types.AttributeValueMemberBOOL:
		return present(v, BOOL)
	case *types.AttributeValueMemberNULL:
		return present(v, NULL)
	case *types.AttributeValueMemberSS:
		return present(v, SS)
	case *types.AttributeValueMemberNS:
		return present(v, NS)
	case *types.AttributeValueMemberBS:
		return present(v, BS)
	case *types.AttributeValueMemberL:
		return present(v, L)
	case *types.AttributeValueMemberM:
		return present(v, M)
	}
	return Invalid
}

func present[V any](v *V, t Type) Type {
	if v == nil {
		return Invalid
	}
	return t
}
