package dynamapper

import (
	"fmt"
	"slices"
	"strings"
)

// tagOptions are the options of one field's `dynamo` tag.
type tagOptions struct {
	hash, rng     bool
	autoincrement bool
	set           bool
	document      bool
	json          bool
	unixtime      bool
	ttl           bool
	version       bool
	created       bool
	updated       bool
	omitEmpty     bool
	layout        string // "": none
	defaultText   string
	hasDefault    bool
	indexKey      bool // an index has the field as a key
}

// isKey says that the field is a key of the table or of an index, and so cannot be empty.
func (o *tagOptions) isKey() bool { return o.hash || o.rng || o.indexKey }

// fieldTag is everything that the tags of one field say.
type fieldTag struct {
	name string // the attribute's; "": the Go field's
	skip bool   // `dynamo:"-"`
	tagOptions
	indexes []indexTag
}

// indexTag is one element of an `index` or `localIndex` tag: the part that a field has in an index.
type indexTag struct {
	name     string
	local    bool
	hash     bool // else it is the range key
	keysOnly bool
	include  []string
	projects bool // the element says what the index projects
}

// flagOptions are the options without a value, by their name in the tag.
var flagOptions = map[string]func(*tagOptions){
	"hash":          func(o *tagOptions) { o.hash = true },
	"partition":     func(o *tagOptions) { o.hash = true },
	"range":         func(o *tagOptions) { o.rng = true },
	"sort":          func(o *tagOptions) { o.rng = true },
	"autoincrement": func(o *tagOptions) { o.autoincrement = true },
	"set":           func(o *tagOptions) { o.set = true },
	"document":      func(o *tagOptions) { o.document = true },
	"json":          func(o *tagOptions) { o.json = true },
	"unixtime":      func(o *tagOptions) { o.unixtime = true },
	"ttl":           func(o *tagOptions) { o.ttl = true },
	"version":       func(o *tagOptions) { o.version = true },
	"created":       func(o *tagOptions) { o.created = true },
	"updated":       func(o *tagOptions) { o.updated = true },
	"omitempty":     func(o *tagOptions) { o.omitEmpty = true },
}

// valueOptions are the options that take a value.
var valueOptions = map[string]func(*tagOptions, string){
	"layout":  func(o *tagOptions, value string) { o.layout = lookupLayout(value) },
	"default": func(o *tagOptions, value string) { o.defaultText, o.hasDefault = value, true },
}

// parseFieldTag reads a `dynamo` tag: the attribute's name, then options.
func parseFieldTag(tag string) (fieldTag, error) {
	if tag == "-" {
		return fieldTag{skip: true}, nil
	}
	elements, err := splitTag(tag)
	if err != nil {
		return fieldTag{}, err
	}
	parsed := fieldTag{name: elements[0]}
	seen := make(map[string]bool, len(elements))
	for _, element := range elements[1:] {
		option, value, hasValue := strings.Cut(element, "=")
		if seen[option] {
			return fieldTag{}, fmt.Errorf("option %q is given twice; leave one out", option)
		}
		seen[option] = true
		if err := parsed.setOption(option, value, hasValue); err != nil {
			return fieldTag{}, err
		}
	}
	return parsed, nil
}

func (o *tagOptions) setOption(option, value string, hasValue bool) error {
	if set, ok := flagOptions[option]; ok {
		if hasValue {
			return fmt.Errorf("option %q takes no value; write only %q", option, option)
		}
		set(o)
		return nil
	}
	if set, ok := valueOptions[option]; ok {
		if !hasValue || value == "" && option == "layout" {
			return fmt.Errorf("option %q needs a value; write %q", option, option+"=VALUE")
		}
		set(o, unquote(value))
		return nil
	}
	return newOptionError(option, optionNames())
}

// newOptionError refuses an option that is not known, and proposes the known one that is nearest.
func newOptionError(option string, known []string) error {
	if option == "" {
		return fmt.Errorf("an option is empty; remove the comma")
	}
	if near := nearest(option, known); near != "" {
		return fmt.Errorf("option %q is not known; did you mean %q?", option, near)
	}
	return fmt.Errorf("option %q is not known; the options are %s", option, strings.Join(known, ", "))
}

func optionNames() []string {
	names := []string{"default=VALUE", "layout=LAYOUT"}
	for name := range flagOptions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// splitTag cuts at the commas that stand outside single quotes, so that a default or a layout may hold one.
func splitTag(tag string) ([]string, error) {
	var elements []string
	start, quoted := 0, false
	for i := 0; i < len(tag); i++ {
		switch {
		case tag[i] == '\'' && (quoted || strings.HasSuffix(tag[start:i], "=")):
			quoted = !quoted
		case tag[i] == ',' && !quoted:
			elements = append(elements, strings.TrimSpace(tag[start:i]))
			start = i + 1
		}
	}
	if quoted {
		return nil, fmt.Errorf("a single quote in the tag is not closed; close it before the next comma")
	}
	return append(elements, strings.TrimSpace(tag[start:])), nil
}

func unquote(value string) string {
	if len(value) >= 2 && value[0] == '\'' && value[len(value)-1] == '\'' {
		return value[1 : len(value)-1]
	}
	return value
}

// parseIndexTag reads an `index` or `localIndex` tag: elements "NAME,hash" or "NAME,range", separated by semicolons.
func parseIndexTag(tag string, local bool) ([]indexTag, error) {
	var parsed []indexTag
	for _, element := range strings.Split(tag, ";") {
		one, err := parseIndexElement(strings.Split(element, ","), local)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, one)
	}
	return parsed, nil
}

func parseIndexElement(parts []string, local bool) (indexTag, error) {
	parsed := indexTag{name: strings.TrimSpace(parts[0]), local: local}
	if parsed.name == "" {
		return parsed, fmt.Errorf("an index has no name; write %q", "NAME,hash")
	}
	part := ""
	for _, option := range parts[1:] {
		option = strings.TrimSpace(option)
		value, isInclude := strings.CutPrefix(option, "include=")
		switch {
		case option == "hash", option == "partition", option == "range", option == "sort":
			if part != "" {
				return parsed, fmt.Errorf("index %q: the field is both %s and %s; keep one", parsed.name, part, option)
			}
			part, parsed.hash = option, option == "hash" || option == "partition"
		case option == "keys_only":
			parsed.keysOnly, parsed.projects = true, true
		case isInclude && value != "":
			parsed.include, parsed.projects = strings.Split(value, "+"), true
		default:
			return parsed, fmt.Errorf("index %q: %w", parsed.name,
				newOptionError(option, []string{"hash", "include=a+b", "keys_only", "partition", "range", "sort"}))
		}
	}
	if parsed.keysOnly && parsed.include != nil {
		return parsed, fmt.Errorf("index %q projects keys_only and include at once; keep one", parsed.name)
	}
	if part == "" {
		return parsed, fmt.Errorf("index %q does not say which key the field is; add \"hash\" or \"range\"", parsed.name)
	}
	return parsed, nil
}

// nearest gives the known word that the given one was probably meant to be, or "".
func nearest(word string, known []string) string {
	best, bestDistance := "", 3
	for _, candidate := range known {
		name, _, _ := strings.Cut(candidate, "=")
		distance := editDistance(strings.ToLower(word), name)
		if distance < bestDistance && distance < len(name)-1 {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// editDistance counts the insertions, deletions and replacements between two words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
