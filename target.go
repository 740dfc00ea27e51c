package dynamapper

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/wire"
)

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
	steps, err := parsePath(path)
	if err != nil {
		return target{}, err
	}
	if steps[0].List {
		return target{}, fmt.Errorf(
			"%q is no path, it begins with an index; the name of an attribute stands before that",
			cut(path))
	}
	top := s.byAttribute[steps[0].Name]
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
	place := joinPath(f.attribute, stepText(step))
	switch {
	case c.json:
		return nil, false, fmt.Errorf(
			"the attribute %q is stored as JSON, into which DynamoDB does not see; give the "+
				"field %s the option \"document\"",
			cut(f.attribute), f.goPath)
	case c.plan != nil && !step.List:
		return f.resolveMember(c.plan, step.Name)
	case !step.List && checkMemberName(step.Name) != nil:
		return nil, false, fmt.Errorf(
			"the name of the member %s is empty or not valid UTF-8, and DynamoDB has none such",
			cut(place))
	case c.wire == wire.L && c.elem != nil && step.List:
		if t.Kind() == reflect.Array && step.Index >= t.Len() {
			return nil, false, fmt.Errorf("the list %q has %d elements, so that there is no %q",
				cut(f.attribute), t.Len(), cut(place))
		}
		inner = f.elementField(c, t)
		inner.goPath, inner.attribute = joinPath(f.goPath, stepText(step)), place
		return inner, true, nil
	case c.wire == wire.M && c.elem != nil && !step.List:
		if err := decodeMapKey(step.Name, reflect.New(t.Key()).Elem()); err != nil {
			return nil, false, fmt.Errorf("the map %q: %w", cut(f.attribute), err)
		}
		inner = f.elementField(c, t)
		inner.goPath, inner.attribute = joinPath(f.goPath, memberText(step.Name)), place
		return inner, true, nil
	case c.wire == wire.Invalid, c.wire == wire.M && !step.List && c.plan == nil,
		c.wire == wire.L && step.List:
		inner = f.anyField()
		inner.goPath, inner.attribute = joinPath(f.goPath, stepText(step)), place
		return inner, true, nil
	case step.List:
		return nil, false, fmt.Errorf(
			"the attribute %q is of type %s and has no elements; an index follows a list",
			cut(f.attribute), c.wire)
	case c.wire == wire.L:
		return nil, false, fmt.Errorf(
			"the attribute %q is a list and has no members; an index follows it, as in %s[0]",
			cut(f.attribute), cut(f.attribute))
	}
	return nil, false, fmt.Errorf(
		"the attribute %q is of type %s and has no members; a name follows a document",
		cut(f.attribute), c.wire)
}

// resolveMember finds a member of a struct.
func (f *field) resolveMember(plan *structPlan, name string) (*field, bool, error) {
	member := plan.byAttribute[name]
	if member == nil {
		hint := "give one of its tags"
		if near := spelling.Nearest(name, slices.Sorted(maps.Keys(plan.byAttribute))); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, false, fmt.Errorf("the document %q has no member %q; %s", cut(f.attribute),
			cut(name), hint)
	}
	inner := *member
	inner.goPath = joinPath(f.goPath, member.goPath)
	inner.attribute = joinPath(f.attribute, quoteElement(name))
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
	member.omitEmpty, member.isZero = false, nil
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
	element.encode = func(e *encoder, v reflect.Value) (types.AttributeValue, error) { return encodeElement(e, c, v) }
	return &element
}

func stepText(step expression.Step) string {
	if step.List {
		return indexText(step.Index)
	}
	return quoteElement(step.Name)
}
