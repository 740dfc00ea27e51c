package dynamapper

import (
	"slices"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// projectionOfAll returns the projection of all that the reads ask for. It names whole attributes,
// because an element of a list is found at its place only in a whole list.
func (s sameItem) projectionOfAll() (p projection) {
	var attributes []string
	for _, item := range s {
		if item.parts == nil {
			return projection{}
		}
		for _, part := range item.parts {
			attributes = append(attributes, part.attribute)
		}
	}
	slices.Sort(attributes)
	var parts []readPart
	for _, attribute := range slices.Compact(attributes) {
		parts = append(parts, readPart{attribute: attribute})
	}
	p.text = projectionOf(&p.aliases, parts)
	return p
}

// cut returns the parts of the item, as DynamoDB returns them if a request asks for no others. nil
// stands for all. A text that is no item stays as it is, for the error of its decoding.
func (s storedItem) cut(parts []readPart) storedItem {
	if parts == nil || s.isMissing() {
		return s
	}
	text, err := s.text()
	if err != nil {
		return s
	}
	item, err := parseRawItem(text)
	if err != nil {
		return s
	}
	var kept rawItem
	for len(parts) > 0 {
		n := 1
		for n < len(parts) && parts[n].attribute == parts[0].attribute {
			n++
		}
		var places [][]expression.Step
		for _, part := range parts[:n] {
			places = append(places, part.inside[min(1, len(part.inside)):])
		}
		if value := cutValue(item.raw(parts[0].attribute), places); value != "" {
			kept = kept.with(parts[0].attribute, value)
		}
		parts = parts[n:]
	}
	return storedItem{table: s.table, raw: string(kept.appendTo(nil))}
}

// cutValue returns the places of a value, or "" if it has none of them. Elements of a list follow
// each other, without those between them.
func cutValue(value wire.Raw, places [][]expression.Step) wire.Raw {
	if value == "" || len(places[0]) == 0 {
		return value
	}
	r := wire.NewReader(string(value))
	t := r.Value()
	text, isEmpty := []byte(t.Open()), true
	add := func(step expression.Step, head func()) {
		start := r.Offset()
		r.SkipValue()
		inside := behind(step, places)
		if inside == nil {
			return
		}
		part := cutValue(wire.Raw(r.Since(start)), inside)
		if part == "" {
			return
		}
		if !isEmpty {
			text = append(text, ',')
		}
		isEmpty = false
		head()
		text = append(text, part...)
	}
	switch t {
	case wire.M:
		text = append(text, '{')
		r.Object()
		for name, more := r.Member(); more; name, more = r.Member() {
			add(expression.Step{Name: name}, func() {
				text = append(wire.AppendString(text, name), ':')
			})
		}
		text = append(text, "}}"...)
	case wire.L:
		text = append(text, '[')
		r.Array()
		for i := 0; r.Element(); i++ {
			add(expression.Step{Index: i, List: true}, func() {})
		}
		text = append(text, "]}"...)
	}
	if isEmpty {
		return ""
	}
	return wire.Raw(text)
}

// behind returns what the places that begin with a step have behind it, or nil if there are none.
func behind(step expression.Step, places [][]expression.Step) (inside [][]expression.Step) {
	for _, place := range places {
		if place[0] == step {
			inside = append(inside, place[1:])
		}
	}
	return inside
}
