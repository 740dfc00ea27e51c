package protocol

import (
	"math"
	"strconv"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Writer writes the JSON of a response, including the commas. The zero value is ready for use.
//
//	out.Object()
//	out.Key("Items")
//	out.Array()
//	out.Item(item)
//	out.End()
//	out.End()
type Writer struct {
	buf  []byte
	open []byte // the closing brackets of the open objects and arrays
}

// Object opens an object. End closes it.
func (w *Writer) Object() {
	w.comma()
	w.buf = append(w.buf, '{')
	w.open = append(w.open, '}')
}

// Array opens an array. End closes it.
func (w *Writer) Array() {
	w.comma()
	w.buf = append(w.buf, '[')
	w.open = append(w.open, ']')
}

// End closes the object or array opened last.
func (w *Writer) End() {
	last := len(w.open) - 1
	w.buf = append(w.buf, w.open[last])
	w.open = w.open[:last]
}

// Key writes the name of an object's member. The value must follow.
func (w *Writer) Key(name string) {
	w.comma()
	w.buf = append(value.AppendString(w.buf, name), ':')
}

// String writes a string.
func (w *Writer) String(s string) {
	w.comma()
	w.buf = value.AppendString(w.buf, s)
}

// Int writes an integer.
func (w *Writer) Int(n int64) {
	w.comma()
	w.buf = strconv.AppendInt(w.buf, n, 10)
}

// Float writes a number as the service writes its doubles: 5.0, 0.5, 1.7E9. It writes NaN and
// infinities as 0.0.
func (w *Writer) Float(f float64) {
	w.comma()
	w.buf = appendFloat(w.buf, f)
}

// Bool writes true or false.
func (w *Writer) Bool(b bool) {
	w.comma()
	w.buf = strconv.AppendBool(w.buf, b)
}

// Item writes an item: {"a":{"S":"x"}}.
func (w *Writer) Item(item value.Map) {
	w.comma()
	w.buf = value.AppendItemJSON(w.buf, item)
}

// Value writes an attribute value: {"S":"x"}.
func (w *Writer) Value(v value.Value) {
	w.comma()
	w.buf = value.AppendJSON(w.buf, v)
}

// Bytes returns the written text. The caller owns it; the writer must not be used afterwards.
func (w *Writer) Bytes() []byte { return w.buf }

// comma writes a comma before the second and each later member or element.
func (w *Writer) comma() {
	if len(w.buf) == 0 {
		return
	}
	switch w.buf[len(w.buf)-1] {
	case '{', '[', ':':
	default:
		w.buf = append(w.buf, ',')
	}
}

func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
