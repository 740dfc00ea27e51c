package table

import (
	"encoding/binary"
	"math/big"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Span is a range of a table's or an index's keys: from Low up to but excluding High. An empty High
// means no upper bound.
type Span struct {
	Low, High string
}

// Bound is a comparison of a range attribute.
type Bound uint8

// The comparisons of a range attribute.
const (
	Equal Bound = iota
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	Between
	BeginsWith
)

// RangeTest is the comparison of the last range attribute that a query names.
type RangeTest struct {
	Bound     Bound
	Low, High value.Value // only Between uses High
}

// Partition returns the span of all items with the hash attributes of the given item and the given
// values of the first range attributes.
func (k KeySchema) Partition(hash value.Map, equal []value.Value) Span {
	prefix, _ := k.partitionKey(hash)
	for _, v := range equal {
		prefix = appendKeyPart(prefix, v)
	}
	return prefixSpan(prefix)
}

// Where narrows the span of a partition by a test of its next range attribute.
func (s Span) Where(test RangeTest) Span {
	part := func(v value.Value) Span {
		return prefixSpan(appendKeyPart([]byte(s.Low), v))
	}
	switch test.Bound {
	case Equal:
		return part(test.Low)
	case Less:
		return Span{s.Low, part(test.Low).Low}
	case LessOrEqual:
		return Span{s.Low, part(test.Low).High}
	case Greater:
		return Span{part(test.Low).High, s.High}
	case GreaterOrEqual:
		return Span{part(test.Low).Low, s.High}
	case Between:
		return Span{part(test.Low).Low, part(test.High).High}
	}
	return prefixSpan(appendEscaped([]byte(s.Low), text(test.Low)))
}

// text returns the bytes of a string or binary value.
func text(v value.Value) string {
	switch v := v.(type) {
	case value.String:
		return string(v)
	case value.Binary:
		return string(v)
	}
	return ""
}

// prefixSpan returns the span of all keys that begin with a prefix.
func prefixSpan(prefix []byte) Span {
	low := string(prefix)
	for len(prefix) > 0 && prefix[len(prefix)-1] == 0xff {
		prefix = prefix[:len(prefix)-1]
	}
	if len(prefix) == 0 {
		return Span{Low: low}
	}
	high := append([]byte(nil), prefix...)
	high[len(high)-1]++
	return Span{low, string(high)}
}

// Segment returns the span of segment i of n. The n segments contain each key exactly once.
func Segment(i, n int64) Span {
	return Span{segmentStart(i, n), segmentStart(i+1, n)}
}

// segmentStart returns the first key of segment i, where the n segments divide the scattered
// hashes.
func segmentStart(i, n int64) string {
	if i <= 0 || i >= n {
		return ""
	}
	all := new(big.Int).Lsh(big.NewInt(1), 64)
	start := all.Mul(all, big.NewInt(i)).Div(all, big.NewInt(n)).Uint64()
	return string(binary.BigEndian.AppendUint64(nil, start))
}

// Has reports whether a key is in the span.
func (s Span) Has(key string) bool { return key >= s.Low && (s.High == "" || key < s.High) }

// After returns the part of the span behind a key.
func (s Span) After(key string) Span {
	if next := key + "\x00"; next > s.Low {
		s.Low = next
	}
	return s
}

// Before returns the part of the span before a key.
func (s Span) Before(key string) Span {
	if s.High == "" || key < s.High {
		s.High = key
	}
	return s
}
