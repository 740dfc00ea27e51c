package dynamapper

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// restType is the type of the field that holds the attributes without a field of their own.
type restType = map[string]any

// inRest stands at the end of a path for a member of the rest.
const inRest = -1

// takeRest takes the field with the option rest out of the raw fields, because it is no attribute.
func (m *schemaMaker) takeRest() error {
	var others []*rawField
	for _, raw := range m.raw {
		if !raw.tag.Rest {
			others = append(others, raw)
			continue
		}
		if err := m.checkRest(raw); err != nil {
			return m.errorIn(raw, err)
		}
		member := newCodecMaker().makeAnyCodec().asElement()
		m.schema.rest = &field{goPath: raw.goPath, path: raw.path, goType: raw.goType,
			Options: tag.Options{Rest: true}, codec: &codec{elem: member}}
	}
	m.raw = others
	return nil
}

func (m *schemaMaker) checkRest(raw *rawField) error {
	switch {
	case m.schema.rest != nil:
		return errors.New("a second field with the option \"rest\", beside " +
			m.schema.rest.goPath + "; keep one")
	case raw.goType != reflect.TypeFor[restType]():
		return errors.New("option \"rest\" is for map[string]any, and the field is of type " +
			raw.goType.String() + "; change the type")
	case raw.tag.Name != "" || raw.tag.Options != tag.Options{Rest: true} || raw.tag.InIndexes():
		return errors.New("the field with the option \"rest\" is no attribute, and has neither a " +
			"name nor other options; write `dynamo:\",rest\"`")
	case raw.viaPointer != "":
		return errors.New("option \"rest\" is behind the embedded pointer " + raw.viaPointer +
			", which may be nil; embed it by value")
	}
	return nil
}

// isInRest reports whether the attribute is a member of the rest, and no field of the struct.
func (f *field) isInRest() bool { return len(f.path) > 0 && f.path[len(f.path)-1] == inRest }

// fieldOf returns the field of an attribute. For an attribute without one, it returns a field that
// stands for the member of the rest, or nil if the model has no rest.
func (s *schema) fieldOf(attribute string) *field {
	if f := s.byAttribute[attribute]; f != nil || s.rest == nil || attribute == "" {
		return f
	}
	return s.rest.member(attribute)
}

// member returns a field that stands for a member of the rest.
func (f *field) member(attribute string) *field {
	return &field{goPath: f.goPath + memberText(attribute), attribute: attribute,
		path: append(slices.Clip(f.path), inRest), goType: reflect.TypeFor[any](),
		codec: f.codec.elem}
}

// fieldsIn returns the fields of the schema, and those of the members of the rest that the model or
// the stored item has.
func (s *schema) fieldsIn(model reflect.Value, stored rawItem) []*field {
	if s.rest == nil {
		return s.fields
	}
	names := slices.Collect(maps.Keys(s.restIn(model)))
	for _, attribute := range stored {
		names = append(names, attribute.Name)
	}
	slices.Sort(names)
	fields := slices.Clip(s.fields)
	for _, name := range slices.Compact(names) {
		if s.byAttribute[name] == nil {
			fields = append(fields, s.rest.member(name))
		}
	}
	return fields
}

// restIn returns the rest of a model.
func (s *schema) restIn(model reflect.Value) restType {
	return model.FieldByIndex(s.rest.path).Interface().(restType)
}

// makeRest makes the rest of a model that has none.
func (s *schema) makeRest(model reflect.Value) restType {
	if made := s.restIn(model); made != nil {
		return made
	}
	made := restType{}
	model.FieldByIndex(s.rest.path).Set(reflect.ValueOf(made))
	return made
}

// decodeMember decodes a member of the rest. NULL is nil.
func (f *field) decodeMember(value wire.Raw) (any, error) {
	decoded, err := f.decodeOperand(value)
	if err != nil {
		return nil, f.placeIn(err)
	}
	return decoded.Interface(), nil
}

// decodeWithRest decodes an item into a model with a rest, which has one afterwards.
func (s *schema) decodeWithRest(text string, model reflect.Value) error {
	attributes, err := parseRawItem(text)
	if err != nil {
		return err
	}
	s.makeRest(model)
	for _, attribute := range attributes {
		err := s.decodeAttribute(s.fieldOf(attribute.Name), attribute.Value, model)
		if err != nil {
			return err
		}
	}
	if s.computed == nil {
		return nil
	}
	return s.fillParts(model, attributes)
}

// encodeWithRest encodes a model with a rest.
func (s *schema) encodeWithRest(model reflect.Value) (encodedItem, error) {
	for _, name := range slices.Sorted(maps.Keys(s.restIn(model))) {
		if err := s.checkRestName(name); err != nil {
			return encodedItem{}, err
		}
	}
	var item rawItem
	for _, f := range s.fieldsIn(model, nil) {
		value, err := f.rawIn(model)
		if err != nil {
			return encodedItem{}, err
		}
		if value != "" {
			item = append(item, wire.Attribute{Name: f.attribute, Value: value})
		}
	}
	slices.SortFunc(item, func(a, b wire.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return encodedItem{string(item.appendTo(nil)), item}, nil
}

// checkRestName refuses a member of the rest whose name is no attribute's, or a field's.
func (s *schema) checkRestName(name string) error {
	problem := checkMemberName(name)
	if f := s.byAttribute[name]; f != nil && !f.isInRest() {
		problem = errors.New("the attribute has a field of its own, " + f.goPath +
			"; set the field, and delete the member of the map")
	}
	if problem == nil {
		return nil
	}
	return placedAt(problem, namedPath(s.rest.goPath+memberText(shown.Name(name)), name))
}
