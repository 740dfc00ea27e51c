package gen

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/internal/format"
)

// kindOfItem is one kind of items in a table: an entity, or all items of the table.
type kindOfItem struct {
	entity string // "" for a table of one kind
	items  []Item
}

// entityAttributes are the usual names of the attribute that names an item's entity. Those with
// true often have another meaning, so the keys must show the entity, too.
var entityAttributes = []struct {
	name   string
	isWeak bool
}{
	{"entity", false}, {"Entity", false}, {"entityType", false}, {"EntityType", false},
	{"entity_type", false}, {"_entity", false}, {"_et", false}, {"__edb_e__", false},
	{"_type", false}, {"__typename", false},
	{"type", true}, {"Type", true}, {"TYPE", true}, {"kind", true}, {"Kind", true},
}

// maxEntities limits the models of one table.
const maxEntities = 40

// isEntityName matches names that the option entity can have without quotes.
var isEntityName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.:-]*$`)

// findEntities returns the kinds of items in a table, and the attribute that names them. If the
// table has one kind only, the attribute is "".
func (t *Table) findEntities() (attribute string, kinds []kindOfItem) {
	if t.isShared() {
		for _, attribute := range entityAttributes {
			kinds := t.splitBy(attribute.name)
			if kinds != nil && (!attribute.isWeak || t.showKinds(kinds)) {
				return attribute.name, kinds
			}
		}
	}
	return "", []kindOfItem{{items: t.Items}}
}

// isShared reports whether the keys look like those of a shared table: they are texts, and some of
// them have a separator after a word.
func (t *Table) isShared() bool {
	for _, name := range t.tableKeys() {
		if t.Kinds[name] != "S" {
			return false
		}
	}
	return slices.ContainsFunc(t.Items, func(item Item) bool {
		return slices.ContainsFunc(t.tableKeys(), func(name string) bool {
			return isPrefixed.MatchString(item[name].text)
		})
	})
}

// isPrefixed matches texts such as USER#waldo.
var isPrefixed = regexp.MustCompile(`^[$]?[A-Za-z][A-Za-z0-9_-]*[#|/:].`)

// splitBy splits the items by an attribute that names their entity. It returns nil if the attribute
// is a key, or is not a name in every item.
func (t *Table) splitBy(attribute string) []kindOfItem {
	byName := map[string][]Item{}
	for _, item := range t.Items {
		v, has := item[attribute]
		if !has || v.kind != "S" || !isEntityName.MatchString(v.text) {
			return nil
		}
		byName[v.text] = append(byName[v.text], item)
	}
	if len(byName) > maxEntities || slices.Contains(t.keys(), attribute) {
		return nil
	}
	var kinds []kindOfItem
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		kinds = append(kinds, kindOfItem{name, byName[name]})
	}
	return kinds
}

// showKinds reports whether the keys of each kind have one form, and those of two kinds different
// ones.
func (t *Table) showKinds(kinds []kindOfItem) bool {
	seen := map[string]bool{}
	for _, kind := range kinds {
		forms := t.keyForms(kind.items)
		if len(forms) != 1 || seen[forms[0]] {
			return false
		}
		seen[forms[0]] = true
	}
	return true
}

// keyForms returns the forms of the keys of items, each once.
func (t *Table) keyForms(items []Item) []string {
	var forms []string
	for _, item := range items {
		if form := t.keyForm(item); !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	return forms
}

// keyForm returns the words before the first separators of an item's keys.
func (t *Table) keyForm(item Item) string {
	var form []string
	for _, name := range t.tableKeys() {
		prefix := item[name].text
		if at := strings.IndexAny(prefix, separators); at >= 0 {
			prefix = prefix[:at+1]
		} else if strings.ToUpper(prefix) != prefix { // data, and no constant such as PROFILE
			prefix = ""
		}
		form = append(form, prefix)
	}
	return strings.Join(form, " ")
}

// separators are the characters that keys of several parts have between their parts.
const separators = "#|/:"

// formatFinder finds the formats of keys in the items of one kind.
type formatFinder struct {
	items     []Item
	excluded  []string // attributes that cannot be parts
	indexKeys []string // attributes that are parts if no other attribute is
}

// find returns the format of a text attribute, or "" if the sample does not show one without doubt:
// every item has the text that the format makes of its other attributes.
func (f *formatFinder) find(attribute string) string {
	var rows [][]string // the texts between the separators of each item
	var with []Item
	for _, item := range f.items {
		if v, has := item[attribute]; has {
			if v.kind != "S" {
				return ""
			}
			rows, with = append(rows, splitText(v.text)), append(with, item)
		}
	}
	if len(rows) < 2 {
		return ""
	}
	var text strings.Builder
	for column := range rows[0] {
		part := f.findColumn(rows, with, column)
		if part == "" {
			return ""
		}
		text.WriteString(part)
	}
	if !f.makesAll(attribute, text.String()) {
		return ""
	}
	return text.String()
}

// splitText splits a text at its separators, which are elements of the result, too.
func splitText(text string) []string {
	var parts []string
	for {
		at := strings.IndexAny(text, separators)
		if at < 0 {
			return append(parts, text)
		}
		parts, text = append(parts, text[:at], text[at:at+1]), text[at+1:]
	}
}

// findColumn returns the part of a format for one column of the texts, or "".
func (f *formatFinder) findColumn(rows [][]string, items []Item, column int) string {
	isConstant := true
	for _, row := range rows {
		if len(row) != len(rows[0]) {
			return ""
		}
		isConstant = isConstant && row[column] == rows[0][column]
	}
	found := f.findParts(rows, items, column, false)
	if len(found) == 0 {
		found = f.findParts(rows, items, column, true)
	}
	constant := rows[0][column]
	switch {
	case isConstant && column%2 == 1:
		return constant
	case isConstant && len(found) == 0 && (column == 0 || !hasDigit(constant)) && constant != "":
		return format.Quote(constant)
	case !isConstant && len(found) == 1:
		return found[0]
	}
	return ""
}

// findParts returns the parts that make the texts of a column: of index keys, or of other
// attributes.
func (f *formatFinder) findParts(
	rows [][]string, items []Item, column int, ofKeys bool,
) []string {
	var found []string
	for _, name := range f.parts(items) {
		if slices.Contains(f.indexKeys, name) != ofKeys {
			continue
		}
		for _, part := range []string{"{" + name + "}", padded(rows, column, name)} {
			if part != "" && matchesColumn(rows, items, column, name, part) {
				found = append(found, part)
				break
			}
		}
	}
	return found
}

func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }

// parts returns the attributes that all items have as text or as a number.
func (f *formatFinder) parts(items []Item) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(items[0])) {
		isPart := isTaggable(name) && !strings.ContainsAny(name, "{}:") &&
			!slices.Contains(f.excluded, name)
		for _, item := range items {
			kind := item[name].kind
			isPart = isPart && (kind == "S" || kind == "N") && kind == items[0][name].kind
		}
		if isPart {
			names = append(names, name)
		}
	}
	return names
}

// padded returns the part for numbers that are padded with zeros, or "" if the texts of the column
// have different lengths.
func padded(rows [][]string, column int, name string) string {
	width := len(rows[0][column])
	for _, row := range rows {
		if len(row[column]) != width {
			return ""
		}
	}
	return fmt.Sprintf("{%s:%s}", name, strconv.Itoa(width))
}

// matchesColumn reports whether a part makes the texts of a column from the items.
func matchesColumn(rows [][]string, items []Item, column int, name, part string) bool {
	parsed, err := format.Parse(part)
	if err != nil {
		return false
	}
	for i, item := range items {
		if parsed.Parts()[0].Width > 0 && item[name].kind != "N" {
			return false
		}
		text, err := parsed.Build([]string{item[name].text})
		if err != nil || text != rows[i][column] {
			return false
		}
	}
	return true
}

// makesAll reports whether the format makes the attribute of every item, and makes none for an item
// that has none.
func (f *formatFinder) makesAll(attribute, text string) bool {
	parsed, err := format.Parse(text)
	if err != nil || !parsed.HasText() || strings.ContainsAny(text, ",'\"`\\") {
		return false
	}
	for _, item := range f.items {
		var parts []string
		hasAll := true
		for _, part := range parsed.Parts() {
			hasAll = hasAll && item[part.Name].text != ""
			parts = append(parts, item[part.Name].text)
		}
		stored, has := item[attribute]
		if has != hasAll {
			return false
		}
		if !has {
			continue
		}
		if made, err := parsed.Build(parts); err != nil || made != stored.text {
			return false
		}
	}
	return true
}
