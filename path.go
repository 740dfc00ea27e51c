package dynamapper

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/wire"
)

func indexText(i int) string { return "[" + strconv.Itoa(i) + "]" }

// memberText returns a map's member in Go's notation.
func memberText(name string) string { return "[" + strconv.Quote(name) + "]" }

// fieldPath is a place below a field, in Go's names and in DynamoDB's.
type fieldPath struct{ golang, attribute string }

// below puts a Go name and an attribute's name before the path.
func (p fieldPath) below(golang, attribute string) fieldPath {
	return fieldPath{expression.JoinPath(golang, p.golang),
		expression.JoinPath(attribute, p.attribute)}
}

// placedPath is a path, and the same path as errors show it: without the keys of maps, which are
// values, and with long names cut.
type placedPath struct {
	fieldPath
	shown fieldPath
}

// plainPath returns a path that errors show unchanged.
func plainPath(golang, attribute string) placedPath {
	p := fieldPath{golang, attribute}
	return placedPath{p, p}
}

// hiddenKey is shown in place of the key of a map.
const hiddenKey = "[...]"

// memberPath returns the path to a member of a map.
func memberPath(name string) placedPath {
	return placedPath{fieldPath{memberText(name), expression.QuoteElement(name)},
		fieldPath{hiddenKey, hiddenKey}}
}

// namedPath returns the path to an attribute that has no field, or whose field is at a Go path.
func namedPath(golang, attribute string) placedPath {
	return placedPath{fieldPath{golang, expression.QuoteElement(attribute)},
		fieldPath{golang, expression.QuoteElement(shown.Name(attribute))}}
}

// below puts another path before this one.
func (p placedPath) below(outer placedPath) placedPath {
	return placedPath{
		p.fieldPath.below(outer.golang, outer.attribute),
		p.shown.below(outer.shown.golang, outer.shown.attribute),
	}
}

// placedAt adds a path to an error, before the path that the error already has.
func placedAt(err error, p placedPath) error {
	if p == (placedPath{}) {
		return err
	}
	placed, ok := err.(*FieldError)
	if !ok {
		placed = &FieldError{Err: err}
	}
	placed.setPath(p)
	return placed
}

// withPath adds a Go name and an attribute's name to an error, like placedAt.
func withPath(err error, golang, attribute string) error {
	placed := placedAt(err, plainPath(golang, attribute))
	if _, ok := placed.(*FieldError); !ok {
		placed = &FieldError{Err: err}
	}
	return placed
}

func withIndex(err error, i int) error { return withPath(err, indexText(i), indexText(i)) }

func withMember(err error, name string) error { return placedAt(err, memberPath(name)) }

// Path returns a path into a document. Strings are names, quoted if they contain a dot, a bracket
// or a quote. Integers are positions in lists: Path("inventory", sku), Path("lines", 3, "sku"). If
// an attribute is named a.b, the path a.b is that attribute, and the member b of the attribute a is
// written `"a".b`.
func Path(elements ...any) string {
	path := ""
	for _, element := range elements {
		v := reflect.ValueOf(element)
		switch {
		case v.IsValid() && v.CanInt():
			path = expression.JoinPath(path, "["+strconv.FormatInt(v.Int(), 10)+"]")
		case v.IsValid() && v.CanUint():
			path = expression.JoinPath(path, "["+strconv.FormatUint(v.Uint(), 10)+"]")
		case v.IsValid() && v.Kind() == reflect.String:
			path = expression.JoinPath(path, expression.QuoteElement(v.String()))
		default:
			path = expression.JoinPath(path, `[?]`) // refused where the path is used
		}
	}
	return path
}

// target is the place that an attribute path leads to.
type target struct {
	*field  // of the schema, or made for a place inside a document
	top     *field
	steps   []expression.Step
	element bool // an element of a list or a map, which cannot be missing
	queried bool // the range key of a query, where the service compares the stored text
}

// resolve finds the place that a path leads to. A name of the schema has priority over a path,
// whatever characters it contains.
func (s *schema) resolve(path string) (target, error) {
	if f := s.byAttribute[path]; f != nil {
		return target{field: f, top: f, steps: []expression.Step{{Name: path}}}, nil
	}
	if path == "" {
		return target{}, s.newUnknownAttributeError(path)
	}
	steps, err := expression.ParsePath(path)
	if err != nil {
		return target{}, err
	}
	if steps[0].List {
		return target{}, fmt.Errorf(
			"%q is no path, it begins with an index; the name of an attribute stands before that",
			shown.Name(path))
	}
	top := s.fieldOf(steps[0].Name)
	if top == nil {
		return target{}, s.newUnknownAttributeError(steps[0].Name)
	}
	t := target{field: top, top: top, steps: steps}
	for _, step := range steps[1:] {
		if t.field, t.element, err = t.field.resolveStep(step); err != nil {
			return target{}, err
		}
	}
	return t, nil
}

// resolveStep goes one step into a document.
func (f *field) resolveStep(step expression.Step) (inner *field, element bool, err error) {
	c, t := f.behindPointers()
	place := expression.JoinPath(f.attribute, stepText(step))
	switch {
	case c.json:
		return nil, false, fmt.Errorf(
			"the attribute %q is stored as JSON, into which DynamoDB does not see; give the "+
				"field %s the option \"document\"",
			shown.Name(f.attribute), f.goPath)
	case c.plan != nil && !step.List:
		return f.resolveMember(c.plan, step.Name)
	case !step.List && checkMemberName(step.Name) != nil:
		return nil, false, fmt.Errorf(
			"the name of the member %s is empty or not valid UTF-8, and DynamoDB has none such",
			shown.Name(place))
	case c.wire == wire.L && c.elem != nil && step.List:
		if t.Kind() == reflect.Array && step.Index >= t.Len() {
			return nil, false, fmt.Errorf("the list %q has %d elements, so that there is no %q",
				shown.Name(f.attribute), t.Len(), shown.Name(place))
		}
		inner = f.elementField(c, t)
		inner.goPath, inner.attribute = expression.JoinPath(f.goPath, stepText(step)), place
		return inner, true, nil
	case c.wire == wire.M && c.elem != nil && !step.List:
		if err := decodeMapKey(step.Name, reflect.New(t.Key()).Elem()); err != nil {
			return nil, false, fmt.Errorf("the map %q: %w", shown.Name(f.attribute), err)
		}
		inner = f.elementField(c, t)
		inner.goPath, inner.attribute = expression.JoinPath(f.goPath, memberText(step.Name)), place
		return inner, true, nil
	case c.wire == wire.Invalid, c.wire == wire.M && !step.List && c.plan == nil,
		c.wire == wire.L && step.List:
		inner = f.anyField()
		inner.goPath, inner.attribute = expression.JoinPath(f.goPath, stepText(step)), place
		return inner, true, nil
	case step.List:
		return nil, false, fmt.Errorf(
			"the attribute %q is of type %s and has no elements; an index follows a list",
			shown.Name(f.attribute), c.wire)
	case c.wire == wire.L:
		return nil, false, fmt.Errorf(
			"the attribute %q is a list and has no members; an index follows it, as in %s[0]",
			shown.Name(f.attribute), shown.Name(f.attribute))
	}
	return nil, false, fmt.Errorf(
		"the attribute %q is of type %s and has no members; a name follows a document",
		shown.Name(f.attribute), c.wire)
}

// resolveMember finds a member of a struct.
func (f *field) resolveMember(plan *structPlan, name string) (*field, bool, error) {
	member := plan.byAttribute[name]
	if member == nil {
		hint := "use the name in the tag of one of its fields"
		if near := spelling.Nearest(name, slices.Sorted(maps.Keys(plan.byAttribute))); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, false, fmt.Errorf("the document %q has no member %q; %s", shown.Name(f.attribute),
			shown.Name(name), hint)
	}
	inner := *member
	inner.goPath = expression.JoinPath(f.goPath, member.goPath)
	inner.attribute = expression.JoinPath(f.attribute, expression.QuoteElement(name))
	return &inner, false, nil
}

// behindPointers returns the codec and the type of the field's value, without pointers.
func (f *field) behindPointers() (*codec, reflect.Type) {
	c, t := f.codec, f.goType
	for t.Kind() == reflect.Pointer && c.elem != nil {
		c, t = c.elem, t.Elem()
	}
	return c, t
}

// elementField returns a field for an element of a list or a map. If there is no codec for it,
// methods of the type make the list, and the element may be anything.
func (f *field) elementField(holder *codec, t reflect.Type) *field {
	if holder.elem == nil {
		return f.anyField()
	}
	return &field{goPath: f.goPath, attribute: f.attribute, goType: t.Elem(),
		codec: holder.elem.asElement()}
}

// memberField returns a field for a member of a set. In a set, text or bytes may be empty.
func (f *field) memberField(elem *codec, set reflect.Type) *field {
	member, stored := *f, *elem
	stored.empty = nothingIsEmpty
	member.OmitEmpty, member.isZero = false, nil
	member.codec, member.goType = &stored, set.Elem()
	if set.Kind() == reflect.Map {
		member.goType = set.Key()
	}
	return &member
}

// anyField returns a field for a place that no Go type describes.
func (f *field) anyField() *field {
	return &field{goPath: f.goPath, attribute: f.attribute, goType: reflect.TypeFor[any](),
		codec: newCodecMaker().makeAnyCodec().asElement()}
}

// asElement returns a codec that stores empty values, as lists and maps do, in place of leaving
// them out.
func (c *codec) asElement() *codec {
	element := *c
	element.empty = nothingIsEmpty
	element.encode = func(e *encoder, v reflect.Value) error { return encodeElement(e, c, v) }
	return &element
}

func stepText(step expression.Step) string {
	if step.List {
		return indexText(step.Index)
	}
	return expression.QuoteElement(step.Name)
}

func (s *schema) newUnknownAttributeError(attribute string) error {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.attribute
	}
	if near := spelling.Nearest(attribute, names); near != "" {
		return fmt.Errorf("%s has no attribute %q; did you mean %q?", s.title(),
			shown.Name(attribute), near)
	}
	return fmt.Errorf(
		"%s has no attribute %q; give an attribute's name, as it stands in the tags",
		s.title(), shown.Name(attribute))
}
