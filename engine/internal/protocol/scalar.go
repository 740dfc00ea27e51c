package protocol

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// str reads a string.
func (d *decoder) str() (string, error) {
	if d.peek() != '"' {
		return "", d.notScalar("String")
	}
	text, err := d.text()
	return string(text), err
}

// flag is a boolean of a request.
type flag struct {
	value    bool
	fromText bool // the request gives it as a string
}

// boolean reads a boolean. The service also accepts some strings.
func (d *decoder) boolean() (flag, error) {
	switch d.peek() {
	case 't':
		return flag{value: true}, d.literal("true")
	case 'f':
		return flag{}, d.literal("false")
	case '"':
		text, err := d.text()
		if err != nil {
			return flag{}, err
		}
		v, ok := booleanOf(string(text))
		if !ok {
			return flag{}, serialization("Unexpected token received from parser")
		}
		d.olderSign = true
		return flag{v, true}, nil
	}
	return flag{}, d.notScalar("Boolean")
}

// booleanOf returns what a string means as a boolean.
func booleanOf(text string) (v, ok bool) {
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y", "1":
		return true, true
	case "false", "f", "no", "n", "0":
		return false, true
	}
	return false, false
}

// integer reads an integer of at least low and at most high. As the service does, it cuts off a
// fraction and takes the nearest integer in the range.
func (d *decoder) integer(java string, low, high int64) (int64, error) {
	c := d.peek()
	if c != '-' && (c < '0' || c > '9') {
		return 0, d.notScalar(java)
	}
	text, err := d.number()
	if err != nil {
		return 0, err
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil && n >= low && n <= high {
		return n, nil
	}
	f, _ := strconv.ParseFloat(string(text), 64)
	whole := math.Trunc(f)
	switch {
	case whole >= float64(high):
		d.coerced = d.coerced || f > float64(high)
		return high, nil
	case whole <= float64(low):
		d.coerced = d.coerced || f < float64(low)
		return low, nil
	}
	d.coerced = d.coerced || whole != f
	return int64(whole), nil
}

// double reads a number.
func (d *decoder) double() (float64, error) {
	c := d.peek()
	if c != '-' && (c < '0' || c > '9') {
		return 0, d.notScalar("Double")
	}
	text, err := d.number()
	if err != nil {
		return 0, err
	}
	f, _ := strconv.ParseFloat(string(text), 64)
	return f, nil
}

// blob decodes base64. The result is valid until the next call.
func (d *decoder) blob() ([]byte, error) {
	switch d.peek() {
	case '"':
	case '[':
		return nil, serialization("Unrecognized collection type class java.nio.ByteBuffer")
	case '{':
		return nil, serialization(structureFound)
	default:
		return nil, serialization("only base-64-encoded strings are convertible to bytes")
	}
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	d.decoded, err = base64.StdEncoding.Strict().AppendDecode(d.decoded[:0], text)
	if err != nil || bytes.ContainsAny(text, "\r\n") {
		return nil, serialization(badBase64(text))
	}
	return d.decoded, nil
}

// badBase64 returns the service's text for a string that is not base64.
func badBase64(text []byte) string {
	if len(text)%4 != 0 {
		return "Base64 encoded length is expected a multiple of 4 bytes but found: " +
			strconv.Itoa(len(text))
	}
	for i, c := range text {
		padding := c == '=' && (i == len(text)-1 || i == len(text)-2 && text[i+1] == '=')
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '+' && c != '/' && !padding {
			return "Invalid Base64 character: '" + string(rune(c)) + "'"
		}
	}
	return "Invalid last non-pad Base64 character dectected"
}
