package dynamapper

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// checkUnread refuses a document if the struct reads no member of it. The fields probably have
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
						"write `dynamo:%[1]q` on the field", shown.Name(member), p.goType, f.goPath,
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

// isNameOf reports whether a member is called as a field is stored, as it is called in Go, or as
// one of the tags calls it, but for the letters' case and the signs between words.
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

// keeping says how the elements of an edited list are found in the stored list.
type keeping bool

const (
	byValue keeping = false // an element may have moved, and equals the stored one
	inPlace keeping = true  // nothing was edited, so each element is at its place
)

// keepMembers adds to an edited value the members of the stored value for which its structs have no
// field. It finds members of a map by their names, and elements of a list only if they are
// unchanged.
func (k keeping) keepMembers(
	c *codec, t reflect.Type, stored, edited types.AttributeValue,
) types.AttributeValue {
	for t.Kind() == reflect.Pointer && c.elem != nil {
		c, t = c.elem, t.Elem()
	}
	switch edited := edited.(type) {
	case *types.AttributeValueMemberM:
		if from, ok := stored.(*types.AttributeValueMemberM); ok {
			k.keepInMap(c, t, from.Value, edited.Value)
		}
	case *types.AttributeValueMemberL:
		if from, ok := stored.(*types.AttributeValueMemberL); ok && c.wire == wire.L &&
			c.elem != nil {
			k.keepInList(c.elem, t.Elem(), from.Value, edited.Value)
		}
	case *types.AttributeValueMemberS:
		if from, ok := stored.(*types.AttributeValueMemberS); ok && c.json {
			kept := k.keepJSONMembers(t, []byte(from.Value), []byte(edited.Value), 0)
			return &types.AttributeValueMemberS{Value: string(kept)}
		}
	}
	return edited
}

// keepInMap adds the members to an edited struct, or to the structs in an edited map.
func (k keeping) keepInMap(
	c *codec, t reflect.Type, stored, edited map[string]types.AttributeValue,
) {
	for name, member := range stored {
		switch inner := edited[name]; {
		case c.plan != nil && c.plan.byAttribute[name] == nil:
			edited[name] = member
		case inner == nil: // removed by the edit
		case c.plan != nil:
			f := c.plan.byAttribute[name]
			edited[name] = k.keepMembers(f.codec, f.goType, member, inner)
		case c.wire == wire.M && c.elem != nil:
			edited[name] = k.keepMembers(c.elem, t.Elem(), member, inner)
		}
	}
}

// keepInList replaces edited elements that equal a decoded stored element with that stored element.
func (k keeping) keepInList(elem *codec, t reflect.Type, stored, edited []types.AttributeValue) {
	if k == inPlace && len(stored) == len(edited) {
		for i := range edited {
			edited[i] = k.keepMembers(elem, t, stored[i], edited[i])
		}
		return
	}
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
	e := newEncoder()
	if err := encodeElement(e, elem, v); err != nil {
		return nil, err
	}
	return e.taken(0).AttributeValue(), nil
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

// maxJSONDepth bounds how deep JSON is compared with its Go type. Each level reads the text again.
const maxJSONDepth = 100

// jsonFields returns the fields of a struct as encoding/json finds them. The fields of an embedded
// struct without a name count as fields of the outer struct. Fields at a lower depth come first.
func jsonFields(t reflect.Type) []reflect.StructField {
	fields := appendJSONFields(nil, t, nil, nil)
	slices.SortStableFunc(fields, func(a, b reflect.StructField) int {
		return len(a.Index) - len(b.Index)
	})
	return fields
}

// appendJSONFields adds the fields of the struct at the path index. within has the structs around
// it.
func appendJSONFields(
	fields []reflect.StructField, t reflect.Type, index []int, within []reflect.Type,
) []reflect.StructField {
	if slices.Contains(within, t) {
		return fields // the struct embeds itself
	}
	within = append(slices.Clone(within), t)
	for i := range t.NumField() {
		f := t.Field(i)
		if isOutsideJSON(f) {
			continue
		}
		f.Index = append(slices.Clone(index), i)
		if inner := flattenedJSON(f); inner != nil {
			fields = appendJSONFields(fields, inner, f.Index, within)
		} else if f.IsExported() {
			fields = append(fields, f)
		}
	}
	return fields
}

// findJSONField returns the position of the field that encoding/json reads a member into, or -1.
func findJSONField(fields []reflect.StructField, name string) int {
	exact := slices.IndexFunc(fields,
		func(f reflect.StructField) bool { return jsonName(f) == name })
	if exact >= 0 {
		return exact
	}
	return slices.IndexFunc(fields, func(f reflect.StructField) bool {
		return strings.EqualFold(jsonName(f), name)
	})
}

// holdsStruct reports whether the values of a type contain structs that encoding/json writes field
// by field.
func holdsStruct(t reflect.Type) bool {
	if innermost, ok := innermostType(t); !ok || innermost.Kind() != reflect.Struct {
		return false // most types: looking for methods takes longer
	}
	for t.Kind() != reflect.Struct && !hasOwnJSON(t) {
		t = t.Elem()
	}
	return !hasOwnJSON(t)
}

// innermostType returns the type of the elements of pointers, lists and maps. It returns false if
// the type consists of itself.
func innermostType(t reflect.Type) (reflect.Type, bool) {
	for range maxJSONDepth {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			t = t.Elem()
		default:
			return t, true
		}
	}
	return nil, false
}

// behindPointer returns the type that pointers lead to. It returns nil for nil.
func behindPointer(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// hasOwnJSON reports whether encoding/json calls methods of a type to write or read it. A pointer
// has only the methods of its element, so hasOwnJSON returns false for it.
func hasOwnJSON(t reflect.Type) bool {
	return writesOwnJSON(t) || t.Kind() != reflect.Pointer &&
		(implements(t, jsonUnmarshalerType) || implements(t, textUnmarshalerType))
}

// jsonMember is a member of a JSON object, as its text.
type jsonMember struct {
	name string
	text json.RawMessage
}

// parseJSONObject returns the members of a JSON object in their order. It returns false if the text
// is not an object.
func parseJSONObject(text []byte) (members []jsonMember, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, false
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		one := jsonMember{name: token.(string)}
		if decoder.Decode(&one.text) != nil {
			return nil, false
		}
		members = append(members, one)
	}
	return members, true
}

// writeJSONObject is the reverse of parseJSONObject.
func writeJSONObject(members []jsonMember) ([]byte, error) {
	text := []byte{'{'}
	for i, one := range members {
		if i > 0 {
			text = append(text, ',')
		}
		name, err := encodeJSON(reflect.ValueOf(one.name))
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, name...), ':'), one.text...)
	}
	return append(text, '}'), nil
}

// keepJSONMembers adds to the edited JSON of a Go type the members of the stored JSON for which the
// type's structs have no field. keepMembers does the same in a document.
func (k keeping) keepJSONMembers(t reflect.Type, stored, edited []byte, depth int) []byte {
	t = behindPointer(t)
	if depth == maxJSONDepth || !holdsStruct(t) {
		return edited
	}
	var kept []byte
	var err error
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		kept, err = k.keepInJSONList(t.Elem(), stored, edited, depth)
	} else {
		from, isObject := parseJSONObject(stored)
		to, isEditedObject := parseJSONObject(edited)
		if !isObject || !isEditedObject {
			return edited
		}
		if t.Kind() == reflect.Struct {
			to = k.keepInJSONStruct(t, from, to, depth)
		} else {
			k.keepInJSONMap(t.Elem(), from, to, depth)
		}
		kept, err = writeJSONObject(to)
	}
	if err != nil {
		return edited
	}
	return kept
}

// keepInJSONStruct returns the members of the edited struct, followed by the unknown members of the
// stored one.
func (k keeping) keepInJSONStruct(t reflect.Type, from, to []jsonMember, depth int) []jsonMember {
	fields := jsonFields(t)
	// by field; the last of a name, as in encoding/json
	loaded := make([]json.RawMessage, len(fields))
	var unknown []jsonMember
	for _, member := range from {
		if i := findJSONField(fields, member.name); i >= 0 {
			loaded[i] = member.text
		} else {
			unknown = append(unknown, member)
		}
	}
	for n, member := range to {
		if i := findJSONField(fields, member.name); i >= 0 && loaded[i] != nil {
			to[n].text = k.keepJSONMembers(fields[i].Type, loaded[i], member.text, depth+1)
		}
	}
	return append(to, unknown...)
}

// keepInJSONMap adds the unknown members to the structs in an edited map.
func (k keeping) keepInJSONMap(elem reflect.Type, from, to []jsonMember, depth int) {
	loaded := make(map[string]json.RawMessage, len(from))
	for _, member := range from {
		loaded[member.name] = member.text
	}
	for n, member := range to {
		if stored := loaded[member.name]; stored != nil {
			to[n].text = k.keepJSONMembers(elem, stored, member.text, depth+1)
		}
	}
}

// keepInJSONList replaces each edited element by the stored element that is read as an equal value.
// It does not match by position, because an element may move in a list, unless nothing was edited.
func (k keeping) keepInJSONList(
	elem reflect.Type, stored, edited []byte, depth int,
) ([]byte, error) {
	var from, to []json.RawMessage
	if err := json.Unmarshal(stored, &from); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(edited, &to); err != nil {
		return nil, err
	}
	if k == inPlace && len(from) == len(to) {
		for i := range to {
			to[i] = k.keepJSONMembers(elem, from[i], to[i], depth+1)
		}
		return joinJSON(to), nil
	}
	places := map[string][]json.RawMessage{} // stored elements by their JSON as written
	for _, element := range from {
		v := reflect.New(elem).Elem()
		if decodeJSONText(string(element), v) != nil {
			continue
		}
		if again, err := encodeJSON(v); err == nil {
			places[again] = append(places[again], element)
		}
	}
	for i, element := range to {
		if found := places[string(element)]; len(found) > 0 {
			to[i], places[string(element)] = found[0], found[1:]
		}
	}
	return joinJSON(to), nil
}

// joinJSON returns the JSON list of elements.
func joinJSON(elements []json.RawMessage) []byte {
	text := []byte{'['}
	for i, element := range elements {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, element...)
	}
	return append(text, ']')
}

// checkUnreadJSON returns an error if a struct reads no member of its JSON object: the fields
// probably have other names, and the struct would be taken for an empty one. This is possible only
// if the struct is zero.
func checkUnreadJSON(text string, v reflect.Value) error {
	if !holdsStruct(v.Type()) || !hasZeroStruct(v) {
		return nil
	}
	return findUnreadJSON(v.Type(), []byte(text), 0)
}

// hasZeroStruct reports whether a value that was decoded from JSON, and whose type holds structs,
// contains a zero struct.
func hasZeroStruct(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && hasZeroStruct(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if hasZeroStruct(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if hasZeroStruct(entries.Value()) {
				return true
			}
		}
	default:
		if v.IsZero() {
			return true
		}
		for i := range v.NumField() {
			field := v.Field(i)
			if holdsStruct(field.Type()) && !isOutsideJSON(v.Type().Field(i)) &&
				hasZeroStruct(field) {
				return true
			}
		}
	}
	return false
}

// findUnreadJSON returns an error for the first JSON object of which a struct reads no member.
func findUnreadJSON(t reflect.Type, text []byte, depth int) error {
	t = behindPointer(t)
	if depth == maxJSONDepth || !holdsStruct(t) {
		return nil
	}
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		var elements []json.RawMessage
		if json.Unmarshal(text, &elements) != nil {
			return nil
		}
		for i, element := range elements {
			if err := findUnreadJSON(t.Elem(), element, depth+1); err != nil {
				return withIndex(err, i)
			}
		}
		return nil
	}
	members, ok := parseJSONObject(text)
	if !ok {
		return nil
	}
	if t.Kind() == reflect.Struct {
		if err := checkUnreadMembers(t, members); err != nil {
			return err
		}
	}
	for _, member := range members {
		path, inner := memberOfJSON(t, member.name)
		if inner == nil {
			continue
		}
		if err := findUnreadJSON(inner, member.text, depth+1); err != nil {
			return placedAt(err, path)
		}
	}
	return nil
}

// checkUnreadMembers is checkUnread for a JSON object.
func checkUnreadMembers(t reflect.Type, members []jsonMember) error {
	fields := jsonFields(t)
	isRead := func(member jsonMember) bool { return findJSONField(fields, member.name) >= 0 }
	if len(fields) == 0 || len(members) == 0 || slices.ContainsFunc(members, isRead) {
		return nil
	}
	for _, f := range fields {
		for _, member := range members {
			if isNameOf(f, member.name, jsonName(f), "dynamo", "dynamodbav") {
				return fmt.Errorf(
					"the JSON object has the member %q and none that the Go type %s reads, "+
						"which stores the field %s as %q; write `json:%[1]q` on the field",
					shown.Name(member.name), t, goPathOf(t, f.Index), jsonName(f))
			}
		}
	}
	for _, f := range fields {
		if isAlwaysInJSON(t, f) {
			return fmt.Errorf(
				"the JSON object has no member that the Go type %s reads, and would be taken for "+
					"an empty one; write the members' names into the fields' json tags, or use "+
					"map[string]any", t)
		}
	}
	return nil
}

// isAlwaysInJSON reports whether encoding/json writes the field for every value of the struct.
func isAlwaysInJSON(t reflect.Type, f reflect.StructField) bool {
	_, options := jsonTag(f)
	if slices.Contains(options, "omitempty") || slices.Contains(options, "omitzero") {
		return false
	}
	for _, i := range f.Index[:len(f.Index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return false // it may be nil
		}
	}
	return true
}
