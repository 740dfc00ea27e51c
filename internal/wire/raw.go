package wire

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Raw is an attribute value as wire text, such as {"S":"x"}. The empty Raw is a missing value.
type Raw string

// Null is the value NULL.
const Null Raw = `{"NULL":true}`

// opens lists how values of each type begin.
var opens = [...]string{"", `{"S":`, `{"N":`, `{"B":`, `{"BOOL":`, `{"NULL":`, `{"SS":`, `{"NS":`,
	`{"BS":`, `{"L":`, `{"M":`}

// Open returns the text with which a value of the type begins: the brace, the descriptor and the
// colon.
func (t Type) Open() string { return opens[t] }

// MakeRaw returns the wire text of a value. It returns an error for nil and for a value of an
// unknown type.
func MakeRaw(v types.AttributeValue) (Raw, error) {
	text, err := AppendValue(nil, v)
	if err != nil {
		return "", err
	}
	return Raw(text), nil
}

// NewText returns an S.
func NewText(text string) Raw { return newRaw(S, text) }

// NewNumber returns an N.
func NewNumber(text string) Raw { return newRaw(N, text) }

func newRaw(t Type, text string) Raw {
	value := make([]byte, 0, len(`{"S":""}`)+len(text))
	return Raw(append(AppendString(append(value, t.Open()...), text), '}'))
}

// Type returns the type of the value. It returns Invalid for a missing value and for text that does
// not begin as a value.
func (v Raw) Type() Type {
	if v == "" {
		return Invalid
	}
	return NewReader(string(v)).Value()
}

// Text returns the text of an S or an N. It returns "" for other types.
func (v Raw) Text() string {
	r := NewReader(string(v))
	if t := r.Value(); t != S && t != N {
		return ""
	}
	return r.Text()
}

// Bytes returns the bytes of a B. It returns nil for other types.
func (v Raw) Bytes() []byte {
	r := NewReader(string(v))
	if r.Value() != B {
		return nil
	}
	return r.Bytes()
}

// AttributeValue returns the value in the SDK's type. It returns nil for a missing value and for
// malformed text.
func (v Raw) AttributeValue() types.AttributeValue {
	if v == "" {
		return nil
	}
	return NewReader(string(v)).AttributeValue()
}

// Equal reports whether DynamoDB regards two values as equal, as the function Equal does. A missing
// value equals only a missing one.
func (v Raw) Equal(other Raw) bool {
	switch {
	case v == other:
		return true
	case v == "" || other == "":
		return false
	}
	a, b := NewReader(string(v)), NewReader(string(other))
	t := a.Value()
	if t != b.Value() || t == Invalid {
		return false
	}
	same := a.equalRest(t, b)
	return same && a.endsWell() && b.endsWell()
}

// equalRest reports whether the rests of two values behind their type descriptor are equal. It
// compares scalars without boxing them.
func (r *Reader) equalRest(t Type, other *Reader) bool {
	switch t {
	case S:
		return r.Text() == other.Text()
	case N:
		return equalNumbers(r.Text(), other.Text())
	case B:
		return bytes.Equal(r.Bytes(), other.Bytes())
	case BOOL:
		return r.Bool() == other.Bool()
	}
	return Equal(r.RestOf(t), other.RestOf(t))
}

// endsWell reports whether the reader is at the end of a value, and has read it without a fault.
func (r *Reader) endsWell() bool {
	r.End()
	r.Done()
	return !r.failed()
}

// Spells reports whether two texts spell the same value, so that reading either gives the same. It
// compares scalars and sets of strings and numbers; for other values it returns true only if the
// texts are the same.
func (v Raw) Spells(other Raw) bool {
	if v == other {
		return true
	}
	a, b := NewReader(string(v)), NewReader(string(other))
	t := a.Value()
	if t != b.Value() || t == Invalid {
		return false
	}
	same := a.spells(t, b)
	return same && a.endsWell() && b.endsWell()
}

func (r *Reader) spells(t Type, other *Reader) bool {
	switch t {
	case S, N:
		return r.Text() == other.Text()
	case B:
		return bytes.Equal(r.Bytes(), other.Bytes())
	case BOOL, NULL:
		return r.Bool() == other.Bool()
	case SS, NS:
		return r.spellsTexts(other)
	}
	return false
}

func (r *Reader) spellsTexts(other *Reader) bool {
	r.Array()
	other.Array()
	for {
		more, others := r.Element(), other.Element()
		switch {
		case more != others:
			return false
		case !more:
			return true
		case r.Text() != other.Text():
			return false
		}
	}
}

// Bool returns the value of a BOOL. It returns false for other types.
func (v Raw) Bool() bool {
	r := NewReader(string(v))
	return r.Value() == BOOL && r.Bool()
}
