package dynamapper

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// checkUnread refuses a document of which the struct reads no member. The fields probably have
// other names, and the document would be taken for an empty one. A later version of the program may
// also have written a document with only new members. checkUnread accepts the document as such if
// the struct may be stored as {} and no member resembles the name of a field.
func (p *structPlan) checkUnread(members []string) error {
	for _, f := range p.fields {
		for _, member := range members {
			if p.isOtherName(f, member) {
				return fmt.Errorf(
					"the document has the member %q and none that the Go type %s reads, which "+
						"stores the field %s as %q; "+
						"write `dynamo:%[1]q` on the field", cut(member), p.goType, f.goPath,
					f.attribute)
			}
		}
	}
	zero := reflect.New(p.goType).Elem()
	for _, f := range p.fields {
		if v, ok := f.valueIn(zero); ok && !f.isMissing(v) {
			return fmt.Errorf(
				"the document has no member that the Go type %s reads, and would be taken for "+
					"an empty one; "+
					"write the members' names into the fields' dynamo tags, or use map[string]any",
				p.goType)
		}
	}
	return nil
}

// isOtherName reports whether a member has another name of the field: its name in Go, its name in
// the tag of another library, or another spelling of its name.
func (p *structPlan) isOtherName(f *field, member string) bool {
	return isNameOf(p.goType.FieldByIndex(f.path), member, f.attribute, "dynamodbav", "json")
}

// isNameOf reports whether a member is called as a field is stored, as it is called in Go, or as one
// of the tags calls it, but for the letters' case and the signs between words.
func isNameOf(f reflect.StructField, member, stored string, tags ...string) bool {
	names := []string{stored, f.Name}
	for _, key := range tags {
		name, _, _ := strings.Cut(f.Tag.Get(key), ",")
		names = append(names, name)
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return name != "" && plainName(name) == plainName(member)
	})
}

// plainName removes the differences between spellings of a name.
func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// keepMembers adds to an edited value the members of the stored value for which its structs have no
// field. It finds members of a map by their names, and elements of a list only if they are
// unchanged.
func keepMembers(
	c *codec, t reflect.Type, stored, edited types.AttributeValue,
) types.AttributeValue {
	for t.Kind() == reflect.Pointer && c.elem != nil {
		c, t = c.elem, t.Elem()
	}
	switch edited := edited.(type) {
	case *types.AttributeValueMemberM:
		if from, ok := stored.(*types.AttributeValueMemberM); ok {
			keepInMap(c, t, from.Value, edited.Value)
		}
	case *types.AttributeValueMemberL:
		if from, ok := stored.(*types.AttributeValueMemberL); ok && c.wire == wire.L &&
			c.elem != nil {
			keepInList(c.elem, t.Elem(), from.Value, edited.Value)
		}
	case *types.AttributeValueMemberS:
		if from, ok := stored.(*types.AttributeValueMemberS); ok && c.json {
			kept := keepJSONMembers(t, []byte(from.Value), []byte(edited.Value), 0)
			return &types.AttributeValueMemberS{Value: string(kept)}
		}
	}
	return edited
}

// keepInMap adds the members to an edited struct, or to the structs in an edited map.
func keepInMap(c *codec, t reflect.Type, stored, edited map[string]types.AttributeValue) {
	for name, member := range stored {
		switch inner := edited[name]; {
		case c.plan != nil && c.plan.byAttribute[name] == nil:
			edited[name] = member
		case inner == nil: // removed by the edit
		case c.plan != nil:
			f := c.plan.byAttribute[name]
			edited[name] = keepMembers(f.codec, f.goType, member, inner)
		case c.wire == wire.M && c.elem != nil:
			edited[name] = keepMembers(c.elem, t.Elem(), member, inner)
		}
	}
}

// keepInList replaces edited elements that equal a decoded stored element with that stored element.
func keepInList(elem *codec, t reflect.Type, stored, edited []types.AttributeValue) {
	// Indexes of the stored elements, by the text that would be written for them.
	places := map[string][]int{}
	for i, element := range stored {
		if again, err := rewritten(elem, t, element); err == nil {
			text := sortedText(again)
			places[text] = append(places[text], i)
		}
	}
	for i, element := range edited {
		text := sortedText(element)
		if found := places[text]; len(found) > 0 {
			edited[i], places[text] = stored[found[0]], found[1:]
		}
	}
}

// rewritten returns an element as it is written after it was read.
func rewritten(
	elem *codec, t reflect.Type, element types.AttributeValue,
) (types.AttributeValue, error) {
	text, err := wire.AppendValue(nil, element)
	if err != nil {
		return nil, err
	}
	v := reflect.New(t).Elem()
	if err := decodeElement(newDecoder(wire.NewReader(string(text))), elem, v); err != nil {
		return nil, err
	}
	return encodeElement(&encoder{}, elem, v)
}

// sortedText returns the same text for equal values of one codec.
func sortedText(value types.AttributeValue) string {
	switch value := value.(type) {
	case *types.AttributeValueMemberM:
		var text strings.Builder
		for _, name := range slices.Sorted(maps.Keys(value.Value)) {
			fmt.Fprintf(&text, "%q:%s,", name, sortedText(value.Value[name]))
		}
		return "{" + text.String() + "}"
	case *types.AttributeValueMemberL:
		var text strings.Builder
		for _, element := range value.Value {
			text.WriteString(sortedText(element) + ",")
		}
		return "[" + text.String() + "]"
	}
	text, _ := wire.AppendValue(nil, value)
	return string(text)
}
