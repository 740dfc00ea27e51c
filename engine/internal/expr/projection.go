package expr

import "github.com/dynamapper/dynamapper/engine/internal/value"

// Projection selects parts of items.
type Projection struct {
	attributes []string
	sorted     []path
}

// ParseProjection parses and checks a projection. The error is an *Error.
func ParseProjection(text string, s *Scope) (*Projection, error) {
	p, err := newParser(KindProjection, text)
	if err != nil {
		return nil, err
	}
	paths, err := p.paths()
	if err != nil {
		return nil, err
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	c := checker{kind: KindProjection, scope: s}
	for _, each := range paths {
		if err := c.path(each); err != nil {
			return nil, err
		}
	}
	if err := checkClashes(KindProjection, paths); err != nil {
		return nil, err
	}
	return &Projection{attributes: topLevel(paths), sorted: sortPaths(paths)}, nil
}

// paths reads paths separated by commas.
func (p *parser) paths() ([]path, error) {
	paths := make([]path, 0, 4)
	for {
		read, err := p.path()
		if err != nil {
			return nil, err
		}
		paths = append(paths, read)
		if !p.accept(',') {
			return paths, nil
		}
	}
}

// Attributes returns the top-level attributes that the projection names, in its order.
func (p *Projection) Attributes() []string { return p.attributes }

// Apply returns the part of an item that the projection selects, or nil if it selects nothing. A
// list keeps its selected elements in the order of the item, without the elements between them.
func (p *Projection) Apply(item value.Map) value.Map { return pick(item, p.sorted) }
