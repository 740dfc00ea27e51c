package protocol

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// item reads an item, a key or a map of expression values.
func (d *decoder) item() (*Item, error) {
	d.arena = arena{}
	attributes, err := d.attributes(0)
	if err != nil {
		return nil, err
	}
	return &Item{Attributes: attributes, Problem: d.chain()}, nil
}

// single reads a value that stands alone in a request.
func (d *decoder) single() (Value, error) {
	d.arena, d.name = arena{}, ""
	v, err := d.root()
	return Value{Value: v, Problem: d.chain()}, err
}

// root reads a value that is not inside a map or list.
func (d *decoder) root() (value.Value, error) {
	d.deepest = 0
	v, err := d.value(0)
	if d.deepest <= maxLevels {
		return v, err
	}
	for i := range d.problems {
		if p := &d.problems[i]; p.Kind == TooDeep && p.Depth == 0 {
			d.measured(p)
		}
	}
	return v, err
}

// measured adds the measured depth to the problem of a value that nests too deep.
func (d *decoder) measured(p *Problem) {
	p.Depth = d.deepest
	if p.Depth <= secondLevels {
		return
	}
	p.Enveloped = false
	switch d.place {
	case inValues:
		p.Message = named(tooDeep, p.Name)
	case inStartKey:
		p.Message = startKey + tooDeep
	}
}

// attributes reads the members of an object of attribute values inside levels maps and lists.
func (d *decoder) attributes(levels int) (value.Map, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	base := len(d.stack)
	for first := true; ; first = false {
		raw, more, err := d.member(first)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		name := d.arena.keep(raw)
		v, err := d.attribute(name, levels)
		if err != nil {
			return nil, err
		}
		d.stack = append(d.stack, value.Attribute{Name: name, Value: v})
	}
	m := make(value.Map, len(d.stack)-base)
	copy(m, d.stack[base:])
	d.stack = d.stack[:base]
	return value.NewMap(m), nil
}

// attribute reads the value of an attribute.
func (d *decoder) attribute(name string, levels int) (value.Value, error) {
	if levels > 0 {
		if name == "" {
			d.refuse(EmptyName, emptyName)
		}
		return d.value(levels)
	}
	d.name = name
	if name == "" && d.place != inValues {
		d.refuse(EmptyName, emptyName)
	}
	return d.root()
}

// arena holds copies of an item's texts in few allocations.
type arena struct {
	piece strings.Builder
	size  int // of the current allocation
}

const (
	firstPiece = 256
	lastPiece  = 2048
)

// keep returns a copy of a text.
func (a *arena) keep(text []byte) string {
	if len(text) == 0 || len(text) > lastPiece/4 {
		return string(text)
	}
	if a.piece.Cap()-a.piece.Len() < len(text) {
		a.size = max(firstPiece, min(2*a.size, lastPiece))
		a.piece = strings.Builder{}
		a.piece.Grow(max(a.size, len(text)))
	}
	start := a.piece.Len()
	a.piece.Write(text)
	return a.piece.String()[start:]
}
