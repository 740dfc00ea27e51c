package gen

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/timetext"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// inferrer chooses Go types for values.
type inferrer struct {
	names   names     // of the types in the package
	structs []*goType // those of the model, in the order in which they were found
	inJSON  bool
}

// inferField chooses the type and the options of a field from its values in the sample. The
// attribute is missing in some of the items if there are fewer values than items.
func (in *inferrer) inferField(f *field, values []Value, items int, owner string) {
	present := withoutNull(values)
	f.isJSON = in.inJSON
	if len(present) == 0 {
		f.goType = in.unknownType()
		f.note("No item of the sample has a value of %s.", quoted(f.attribute))
		return
	}
	if len(present) < len(values) && !in.inJSON {
		f.note("NULL in some items, which is read as a missing attribute.")
	}
	f.goType = in.inferValue(f, present, owner+f.name)
	if in.inJSON {
		f.completeJSON(present, len(present) < len(values), len(values) < items)
		return
	}
	f.complete(present, len(present) < items)
}

func withoutNull(values []Value) []Value {
	return slices.DeleteFunc(slices.Clone(values), func(v Value) bool { return v.kind == "NULL" })
}

func (in *inferrer) unknownType() *goType {
	if in.inJSON {
		return &goType{kind: anyType}
	}
	return &goType{kind: valueType}
}

func (f *field) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

func quoted(name string) string { return strconv.Quote(name) }

// complete makes the difference between a missing attribute and a zero or empty value visible, if
// the sample has both.
func (f *field) complete(values []Value, isMissing bool) {
	hasZero := slices.ContainsFunc(values, func(v Value) bool { return v.isZero() })
	switch t := f.goType; {
	case t.isScalar() && isMissing && hasZero, // a zero differs from a missing attribute
		(t.kind == stringType || t.kind == bytesType) && hasZero, // "" would be missing
		t.kind == structType && f.has("document") && isMissing,   // it would be stored as {}
		t.kind == structType && !f.has("document") && slices.ContainsFunc(values, isZeroJSON):
		f.goType = pointerTo(t)
	case t.isScalar() && isMissing:
		f.options = append(f.options, "omitempty")
	}
}

func (f *field) has(option string) bool { return slices.Contains(f.options, option) }

// completeJSON is complete for a member of JSON.
func (f *field) completeJSON(values []Value, hasNull, isMissing bool) {
	hasZero := slices.ContainsFunc(values, func(v Value) bool { return v.isZero() })
	t := f.goType
	isNilable := t.kind == sliceType || t.kind == mapType || t.kind == anyType
	if !isNilable && (hasNull || isMissing && (hasZero || t.kind == structType)) {
		f.goType = pointerTo(t)
	}
	if isMissing {
		f.options = append(f.options, "omitempty")
	}
}

// isZero reports whether a value is the zero of its type in Go, or empty.
func (v *Value) isZero() bool {
	switch v.kind {
	case "S":
		return v.text == ""
	case "N":
		return equalNumbers(v.text, "0")
	case "BOOL":
		return !v.isTrue
	case "B":
		return len(v.bytes) == 0
	}
	return false
}

// isZeroJSON reports whether the members of JSON text are all zero.
func isZeroJSON(v Value) bool {
	parsed, _ := parseJSON(v.text)
	return parsed.allZero()
}

func (v *Value) allZero() bool {
	for _, member := range v.members {
		if !member.isZero() && member.kind != "NULL" && !(member.kind == "M" && member.allZero()) {
			return false
		}
	}
	return true
}

// kindsOf returns the kinds of values, each once and sorted.
func kindsOf(values []Value) []string {
	kinds := map[string]bool{}
	for _, v := range values {
		kinds[v.kind] = true
	}
	return slices.Sorted(maps.Keys(kinds))
}

// inferValue chooses the type of values other than NULL. f is nil for elements of lists and maps,
// which have no tag. name is the name of a struct, if one is made.
func (in *inferrer) inferValue(f *field, values []Value, name string) *goType {
	kinds := kindsOf(values)
	if len(kinds) > 1 {
		if f != nil && !in.inJSON {
			f.note("The sample has values of the types %s.", strings.Join(kinds, ", "))
		}
		return in.inferAny(f, values)
	}
	switch kinds[0] {
	case "S":
		return in.inferText(f, values, name)
	case "N":
		return inferNumber(values)
	case "B":
		return &goType{kind: bytesType}
	case "BOOL":
		return &goType{kind: boolType}
	case "SS", "NS", "BS":
		return in.inferSet(f, values)
	case "L":
		in.setDocument(f)
		return in.inferList(values, name)
	}
	made := in.inferMembers(values, name)
	if made.kind != mapType || made.elem.kind != valueType { // which is stored as it is
		in.setDocument(f)
	}
	return made
}

func (in *inferrer) setDocument(f *field) {
	if f != nil && !in.inJSON {
		f.options = append(f.options, "document")
	}
}

// inferAny chooses a type that keeps values of several types. A set in an any would not stay one.
func (in *inferrer) inferAny(f *field, values []Value) *goType {
	if slices.ContainsFunc(values, func(v Value) bool { return v.hasSet() }) {
		return &goType{kind: valueType}
	}
	in.setDocument(f)
	return &goType{kind: anyType}
}

// hasSet reports whether a value is a set, or has one in it.
func (v *Value) hasSet() bool {
	if len(v.kind) == 2 && v.kind[1] == 'S' {
		return true
	}
	isSet := func(v Value) bool { return v.hasSet() }
	return slices.ContainsFunc(v.list, isSet) ||
		slices.ContainsFunc(slices.Collect(maps.Values(v.members)), isSet)
}

// layouts are the forms of times that the mapper writes as it reads them. Those without a fixed
// width do not sort as text.
var layouts = []struct{ layout, option string }{
	{timetext.Stored, ""},
	{time.RFC3339, "layout=RFC3339"},
	{"2006-01-02T15:04:05.000Z07:00", "layout=2006-01-02T15:04:05.000Z07:00"},
	{"2006-01-02T15:04:05.000000Z07:00", "layout=2006-01-02T15:04:05.000000Z07:00"},
	{"2006-01-02T15:04:05-07:00", "layout=2006-01-02T15:04:05-07:00"},
	{"2006-01-02T15:04:05.000000-07:00", "layout=2006-01-02T15:04:05.000000-07:00"},
	{time.RFC3339Nano, "layout=RFC3339Nano"},
}

// inferText chooses the type of texts: a time, JSON or a string.
func (in *inferrer) inferText(f *field, values []Value, name string) *goType {
	if f == nil || in.inJSON {
		return &goType{kind: stringType}
	}
	for _, form := range layouts {
		isKey := f.has("hash") || f.has("range") || len(f.indexes)+len(f.locals) > 0
		if isKey && form.layout == time.RFC3339Nano || !areTimes(values, form.layout) {
			continue
		}
		if form.option != "" {
			f.options = append(f.options, form.option)
		}
		return &goType{kind: timeType}
	}
	if t := in.inferJSON(f, values, name); t != nil {
		return t
	}
	return &goType{kind: stringType}
}

// areTimes reports whether all texts are times that the layout writes as they are.
func areTimes(values []Value, layout string) bool {
	return !slices.ContainsFunc(values, func(v Value) bool {
		at, err := time.Parse(layout, v.text)
		return err != nil || at.IsZero() || timetext.CheckYear(at) != nil ||
			at.UTC().Format(layout) != v.text
	})
}

// inferNumber chooses a type that keeps all numbers exactly.
func inferNumber(values []Value) *goType {
	isInt, isFloat := true, true
	for _, v := range values {
		isInt = isInt && isExactInt(v.text)
		isFloat = isFloat && isExactFloat(v.text)
	}
	switch {
	case isInt:
		return &goType{kind: intType}
	case isFloat:
		return &goType{kind: floatType}
	}
	return &goType{kind: numberType}
}

func isExactInt(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == text
}

// isExactFloat reports whether the shortest text of the float64 is the number.
func isExactFloat(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && equalNumbers(text, strconv.FormatFloat(n, 'g', -1, 64))
}

func equalNumbers(a, b string) bool {
	order, ok := wire.CompareNumbers(a, b)
	return ok && order == 0
}

func (in *inferrer) inferSet(f *field, values []Value) *goType {
	if f == nil { // an element of a list or map has no tag for the option
		return &goType{kind: valueType}
	}
	var members []Value
	for _, v := range values {
		members = append(members, v.list...)
	}
	f.options = append(f.options, "set")
	elem := &goType{kind: stringType}
	switch values[0].kind {
	case "NS":
		elem = inferNumber(members)
	case "BS":
		elem = &goType{kind: bytesType}
	}
	return &goType{kind: sliceType, elem: elem}
}

// inferList chooses the type of lists.
func (in *inferrer) inferList(values []Value, name string) *goType {
	var elements []Value
	for _, v := range values {
		elements = append(elements, v.list...)
	}
	return &goType{kind: sliceType, elem: in.inferElement(elements, singular(name))}
}

// inferElement chooses the type of the elements of lists, or of the values of maps.
func (in *inferrer) inferElement(elements []Value, name string) *goType {
	present := withoutNull(elements)
	if len(present) == 0 {
		return &goType{kind: anyType}
	}
	elem := in.inferValue(nil, present, name)
	isNilable := elem.kind == anyType || elem.kind == valueType || elem.kind == sliceType ||
		elem.kind == mapType || elem.kind == bytesType
	if len(present) < len(elements) && !isNilable {
		return pointerTo(elem)
	}
	return elem
}

// inferMembers chooses the type of maps: a struct if they have the same names, and a map if the
// names look like data.
func (in *inferrer) inferMembers(values []Value, name string) *goType {
	byName := map[string][]Value{}
	for _, v := range values {
		for member, value := range v.members {
			byName[member] = append(byName[member], value)
		}
	}
	if !in.isStruct(values, byName) {
		var all []Value
		for _, member := range slices.Sorted(maps.Keys(byName)) {
			all = append(all, byName[member]...)
		}
		return &goType{kind: mapType, elem: in.inferElement(all, singular(name))}
	}
	made := &goType{kind: structType, name: in.names.take(name)}
	in.structs = append(in.structs, made)
	taken := names{}
	for _, member := range slices.Sorted(maps.Keys(byName)) {
		f := &field{name: taken.take(goName(member)), attribute: member}
		in.inferField(f, byName[member], len(values), made.name)
		made.fields = append(made.fields, f)
	}
	return made
}

// maxMembers limits the fields of a struct that is made from a map.
const maxMembers = 40

// isID matches names that are data and no names of fields, such as dates, numbers and UUIDs.
var isID = regexp.MustCompile(`^[0-9]|[0-9a-f]{8}|[#/:@ ]`)

func (in *inferrer) isStruct(values []Value, byName map[string][]Value) bool {
	shared, folded := true, map[string]bool{}
	for member, found := range byName {
		if isID.MatchString(member) || !in.isTaggable(member) || folded[strings.ToLower(member)] {
			return false
		}
		folded[strings.ToLower(member)] = true
		shared = shared && len(found) == len(values)
	}
	if len(byName) == 0 || len(byName) > maxMembers {
		return false
	}
	if shared {
		return true
	}
	return !isCount(byName) && 2*countMembers(byName) >= len(byName)*len(values)
}

func countMembers(byName map[string][]Value) int {
	count := 0
	for _, found := range byName {
		count += len(found)
	}
	return count
}

// isCount reports whether all members are numbers, or all are booleans. Maps of them that have
// different names count things, such as an inventory.
func isCount(byName map[string][]Value) bool {
	var all []Value
	for _, found := range byName {
		all = append(all, found...)
	}
	kinds := kindsOf(all)
	return len(kinds) == 1 && (kinds[0] == "N" || kinds[0] == "BOOL")
}

// isTaggable reports whether a name can stand in a tag.
func (in *inferrer) isTaggable(name string) bool {
	if in.inJSON {
		return name != "" && name != "-" && !strings.ContainsFunc(name, func(c rune) bool {
			return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '-' && c != '.'
		})
	}
	return isTaggable(name)
}

func isTaggable(name string) bool {
	parsed, err := tag.ParseField(name)
	return err == nil && name != "" && !parsed.Skip && parsed.Name == name &&
		!strings.ContainsFunc(name, unicode.IsControl)
}

// newNumberDecoder returns a decoder that keeps the text of numbers.
func newNumberDecoder(text string) *json.Decoder {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return decoder
}
