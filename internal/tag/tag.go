// Package tag parses the struct tags of a model: the options of a field, and the indexes of which
// it is a key.
package tag

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/timetext"
)

// Options holds the options of one field's `dynamo` tag.
type Options struct {
	Hash, Range   bool
	Autoincrement bool
	Set           bool
	Document      bool
	JSON          bool
	UnixTime      bool
	UnixMilli     bool
	TTL           bool
	Version       bool
	Created       bool
	Updated       bool
	OmitEmpty     bool
	Rest          bool
	Layout        string // "" for none
	DefaultText   string
	HasDefault    bool
	FormatText    string // of a computed attribute
	HasFormat     bool
	IndexKey      bool // the field is a key of an index
	Dimensions    int  // of a vector in a vector index; 0 for any other field
}

// IsKey reports whether the field is a key of the table or of an index. A key cannot be empty.
func (o *Options) IsKey() bool { return o.Hash || o.Range || o.IndexKey }

// PerSecond returns how many units of a time that is stored as a number make a second.
func (o *Options) PerSecond() int64 {
	if o.UnixMilli {
		return 1000
	}
	return 1
}

// Field holds the content of all tags of one field.
type Field struct {
	Name string // the attribute's name; "" if it is the Go field's
	Skip bool   // `dynamo:"-"`
	Options
	Indexes []Index
	Vectors []Vector
}

// InIndexes reports whether a tag puts the field into an index.
func (f *Field) InIndexes() bool { return len(f.Indexes) > 0 || len(f.Vectors) > 0 }

// flagOptions maps the names of the options without a value.
var flagOptions = map[string]func(*Options){
	"hash":          func(o *Options) { o.Hash = true },
	"range":         func(o *Options) { o.Range = true },
	"autoincrement": func(o *Options) { o.Autoincrement = true },
	"set":           func(o *Options) { o.Set = true },
	"document":      func(o *Options) { o.Document = true },
	"json":          func(o *Options) { o.JSON = true },
	"unixtime":      func(o *Options) { o.UnixTime = true },
	"unixmilli":     func(o *Options) { o.UnixMilli = true },
	"ttl":           func(o *Options) { o.TTL = true },
	"version":       func(o *Options) { o.Version = true },
	"created":       func(o *Options) { o.Created = true },
	"updated":       func(o *Options) { o.Updated = true },
	"omitempty":     func(o *Options) { o.OmitEmpty = true },
	"rest":          func(o *Options) { o.Rest = true },
}

// valueOptions maps the names of the options with a value.
var valueOptions = map[string]func(*Options, string){
	"layout":  func(o *Options, value string) { o.Layout = timetext.LookupLayout(value) },
	"default": func(o *Options, value string) { o.DefaultText, o.HasDefault = value, true },
	"format":  func(o *Options, value string) { o.FormatText, o.HasFormat = value, true },
}

// ModelOptions lists the options behind the table's name in the tag of the embedded Model.
var ModelOptions = []string{"document", "entity=NAME", "entityAttribute=NAME"}

// optionAliases maps the names that DynamoDB's own documentation uses to those of this package.
var optionAliases = map[string]string{"partition": "hash", "sort": "range"}

// Unaliased returns the first name of an option.
func Unaliased(option string) string {
	if first, ok := optionAliases[option]; ok {
		return first
	}
	return option
}

// parsedOption is one option as the tag writes it.
type parsedOption struct {
	name, value string
	hasValue    bool
}

// Parse parses all tags of a field. It returns the name with an error, too.
func Parse(tags reflect.StructTag) (Field, error) {
	parsed, err := ParseField(tags.Get("dynamo"))
	if err != nil {
		return parsed, err
	}
	for _, key := range []string{"index", "localIndex", "vector"} {
		text, given := tags.Lookup(key)
		if !given {
			continue
		}
		if parsed.Skip {
			return parsed, fmt.Errorf(
				"the tag %s is on a field that `dynamo:\"-\"` leaves out; remove one of the two", key)
		}
		if err := parsed.addTag(key, text); err != nil {
			return parsed, err
		}
	}
	return parsed, nil
}

// addTag parses one of the tags that put the field into an index.
func (f *Field) addTag(key, text string) error {
	if key == "vector" {
		vectors, err := ParseVector(text)
		f.Vectors = vectors
		for _, v := range vectors {
			f.IndexKey = f.IndexKey || v.Selects()
			f.Dimensions = max(f.Dimensions, v.Dimensions)
		}
		return err
	}
	indexes, err := ParseIndex(text, key == "localIndex")
	f.Indexes = append(f.Indexes, indexes...)
	f.IndexKey = len(f.Indexes) > 0
	return err
}

// ParseField parses a `dynamo` tag: the attribute's name, then options. It returns the name with
// an error too.
func ParseField(tag string) (Field, error) {
	if strings.TrimSpace(tag) == "-" {
		return Field{Skip: true}, nil
	}
	name, rest, more := strings.Cut(tag, ",")
	parsed := Field{Name: strings.TrimSpace(name)}
	if option, _, ok := strings.Cut(parsed.Name, "="); ok && valueOptions[option] != nil {
		return Field{}, fmt.Errorf(
			"option %q stands in the place of the attribute's name; write a comma before it",
			option)
	}
	seen := map[string]bool{}
	var before parsedOption
	for more {
		var option parsedOption
		var err error
		if option, rest, more, err = cutOption(rest); err != nil {
			return parsed, err
		}
		first := Unaliased(option.name)
		if seen[first] {
			return parsed, fmt.Errorf("option %q is given twice; remove one of the two", first)
		}
		seen[first] = true
		if err := parsed.setOption(option); err != nil {
			return parsed, explainComma(err, before, option)
		}
		before = option
	}
	return parsed, nil
}

// explainComma completes the error of an unknown option that may be the second half of a value with
// a comma.
func explainComma(err error, before, option parsedOption) error {
	if !before.hasValue || spelling.Nearest(option.name, optionNames()) != "" {
		return err
	}
	return fmt.Errorf("%w; a value of %q with a comma stands in single quotes", err, before.name)
}

func (o *Options) setOption(option parsedOption) error {
	if set := flagOptions[Unaliased(option.name)]; set != nil {
		if option.hasValue {
			return fmt.Errorf("option %q takes no value; write only %q", option.name, option.name)
		}
		set(o)
		return nil
	}
	if set := valueOptions[option.name]; set != nil {
		if !option.hasValue || option.value == "" && option.name != "default" {
			return fmt.Errorf("option %q needs a value; write %q", option.name,
				option.name+"=VALUE")
		}
		set(o, option.value)
		return nil
	}
	if tag := indexTagOf(option.name); tag != "" {
		return fmt.Errorf(
			"option %q is not known; did you mean %s, a tag of its own beside dynamo: "+
				"%s:\"NAME,range\"?", option.name, tag, tag)
	}
	return NewOptionError(option.name, optionNames())
}

// foreignOptions are options of other libraries that have no equal here, with what to do instead.
var foreignOptions = map[string]string{
	"allowempty": "make the field a pointer, such as *string or *[]byte: a pointer to an empty " +
		"value is stored, and nil is missing",
	"allowemptyelem": "remove it, as the elements of documents are stored also if they are empty",
	"omitemptyelem":  "remove it, and leave empty elements out of the slice or map",
	"null":           "remove it, as nil and NULL are read as a missing attribute",
}

// NewOptionError returns the error of an unknown option. It proposes the nearest known one.
func NewOptionError(option string, known []string) error {
	if option == "" {
		return errors.New("there is an empty option in the tag; remove the comma")
	}
	if fix, ok := foreignOptions[option]; ok {
		return fmt.Errorf("option %q is not known; %s", option, fix)
	}
	if near := spelling.Nearest(option, known); near != "" {
		return fmt.Errorf("option %q is not known; did you mean %q?", option, near)
	}
	last := len(known) - 1
	if last > 0 {
		known = []string{strings.Join(known[:last], ", "), known[last]}
	}
	return fmt.Errorf("option %q is not known; remove it, or write %s", option,
		strings.Join(known, " or "))
}

func optionNames() []string {
	names := []string{"default=VALUE", "format=FORMAT", "layout=LAYOUT"}
	for name := range flagOptions {
		names = append(names, name)
	}
	for alias := range optionAliases {
		names = append(names, alias)
	}
	slices.Sort(names)
	return names
}

// cutOption cuts the first option off the text after the name. A value in single quotes may contain
// commas; a quote in it is written twice.
func cutOption(text string) (option parsedOption, rest string, more bool, err error) {
	name, value, hasValue := strings.Cut(text, "=")
	if value = strings.TrimLeft(value, " "); hasValue && !strings.Contains(name, ",") &&
		strings.HasPrefix(value, "'") {
		option = parsedOption{name: strings.TrimSpace(name), hasValue: true}
		option.value, rest, err = cutQuoted(value[1:])
		if err != nil {
			return option, "", false, fmt.Errorf("option %q: %w", option.name, err)
		}
		_, rest, more = strings.Cut(rest, ",")
		return option, rest, more, nil
	}
	text, rest, more = strings.Cut(text, ",")
	option.name, option.value, option.hasValue = strings.Cut(text, "=")
	option.name, option.value = strings.TrimSpace(option.name), strings.TrimSpace(option.value)
	return option, rest, more, nil
}

// cutQuoted cuts the value after an opening quote, up to the closing one. The rest is empty or
// begins with a comma.
func cutQuoted(text string) (value, rest string, err error) {
	for {
		before, after, closed := strings.Cut(text, "'")
		if !closed {
			return "", "", errors.New("the value's single quote is not closed; close it")
		}
		value += before
		if !strings.HasPrefix(after, "'") {
			rest = strings.TrimLeft(after, " ")
			if rest != "" && rest[0] != ',' {
				return "", "", errors.New(
					"something follows the value's closing quote; write a comma there, or the " +
						"quote twice where it is part of the value")
			}
			return value, rest, nil
		}
		value += "'"
		text = after[1:]
	}
}

// Index is one element of an `index` or `localIndex` tag. It makes the field a key of an index.
type Index struct {
	Name     string
	Local    bool
	Hash     bool // otherwise the range key
	Position int  // of the attribute among those of its kind, from 1; 0 for none
	KeysOnly bool
	Include  []string
}

// Projects reports whether the element says which attributes the index projects.
func (t *Index) Projects() bool { return t.KeysOnly || t.Include != nil }

// MaxKeyAttributes limits the hash attributes of a global index, and its range attributes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
const MaxKeyAttributes = 4

// indexOptions lists the options of an element. The value of include is the names of attributes.
var indexOptions = []string{"hash", "include=a+b", "keys_only", "partition", "range", "sort"}

// ParseIndex parses an `index` or `localIndex` tag: elements "NAME,hash" or "NAME,range",
// separated by semicolons.
func ParseIndex(tag string, local bool) ([]Index, error) {
	var parsed []Index
	for element := range strings.SplitSeq(tag, ";") {
		one, err := parseElement(strings.Split(element, ","), local)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, one)
	}
	return parsed, nil
}

func parseElement(parts []string, local bool) (Index, error) {
	parsed := Index{Name: strings.TrimSpace(parts[0]), Local: local}
	example := "NAME,hash"
	if local {
		example = "NAME,range"
	}
	if parsed.Name == "" {
		return parsed, fmt.Errorf(
			"an index has no name; write %q, and a semicolon only between two", example)
	}
	part := ""
	for _, option := range parts[1:] {
		option = strings.TrimSpace(option)
		if err := parsed.setOption(option, part); err != nil {
			return parsed, fmt.Errorf("index %q: %w", parsed.Name, err)
		}
		name, _, _ := strings.Cut(option, "=")
		if first := Unaliased(strings.TrimSpace(name)); first == "hash" || first == "range" {
			part = first
		}
	}
	if part == "" {
		return parsed, fmt.Errorf("index %q does not say which of its keys the field is; write %q",
			parsed.Name, strings.Replace(example, "NAME", parsed.Name, 1))
	}
	return parsed, nil
}

// setOption sets one option. part is the key that the element already names, or "".
func (t *Index) setOption(option, part string) error {
	attributes, isInclude := strings.CutPrefix(option, "include=")
	name, number, isNumbered := strings.Cut(option, "=")
	name = strings.TrimSpace(name)
	switch first := Unaliased(name); {
	case (first == "hash" || first == "range") && part != "":
		return fmt.Errorf("the field is the %s key and again the %s key; keep one", part, first)
	case first == "hash" || first == "range":
		t.Hash = first == "hash"
		if isNumbered {
			return t.setPosition(name, strings.TrimSpace(number))
		}
	case (option == "keys_only" || isInclude) && t.Projects():
		return errors.New(
			"it says twice what it projects; keep one of keys_only and include, with all " +
				"attributes in it")
	case option == "keys_only":
		t.KeysOnly = true
	case isInclude:
		for attribute := range strings.SplitSeq(attributes, "+") {
			t.Include = append(t.Include, strings.TrimSpace(attribute))
		}
		if slices.Contains(t.Include, "") {
			return errors.New("include lacks the name of an attribute; write \"include=a+b\"")
		}
	default:
		return NewOptionError(option, indexOptions)
	}
	return nil
}

// setPosition sets the place of the attribute among the hash or the range attributes of the index.
func (t *Index) setPosition(option, number string) error {
	if t.Local {
		return fmt.Errorf("option %q has a number, and a local index has one attribute of each kind; "+
			"write %q", option+"="+number, option)
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > MaxKeyAttributes {
		return fmt.Errorf("option %q does not say which of at most %d attributes the field is; write "+
			"%s=1 to %[3]s=%[2]d", option+"="+number, MaxKeyAttributes, option)
	}
	t.Position = n
	return nil
}

// keysOf lists the keys of a struct tag. It returns false if the tag does not have the form that
// package reflect parses, because reflect ignores everything after the flaw.
func keysOf(tag reflect.StructTag) (keys []string, ok bool) {
	for rest := strings.TrimLeft(string(tag), " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, value, found := strings.Cut(rest, ":")
		if !found || key == "" || strings.ContainsAny(key, " ,\"") {
			return keys, false
		}
		quoted, err := strconv.QuotedPrefix(value)
		if err != nil || quoted[0] != '"' {
			return keys, false
		}
		keys = append(keys, key)
		rest = value[len(quoted):]
	}
	return keys, true
}

// indexTags maps the names that DynamoDB and other libraries use for indexes, in lower case, to the
// tags of this package.
var indexTags = map[string]string{
	"index": "index", "gsi": "index", "globalindex": "index", "globalsecondaryindex": "index",
	"secondaryindex": "index",
	"lsi":            "localIndex", "localindex": "localIndex", "localsecondaryindex": "localIndex",
}

// indexTagOf returns the tag that a name for an index means, or "".
func indexTagOf(word string) string {
	return indexTags[strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))]
}

// CheckKeys refuses tags that look like tags of this package and would be ignored.
func CheckKeys(tag reflect.StructTag) error {
	keys, ok := keysOf(tag)
	if !ok && strings.Contains(strings.ToLower(string(tag)), "dynamo") {
		return fmt.Errorf(
			"the tag `%s` has not the form key:\"value\", and would not be read; write each "+
				"value in double quotes right behind the colon", tag)
	}
	for i, key := range keys {
		for _, ours := range []string{"dynamo", "index", "localIndex", "vector"} {
			switch {
			case key == ours && slices.Contains(keys[:i], key):
				return fmt.Errorf(
					"the tag %s stands there twice, and Go reads the first; put both into one, "+
						"separated by semicolons", key)
			case key != ours && strings.EqualFold(key, ours):
				return fmt.Errorf("the tag %s would not be read; write %s", key, ours)
			}
		}
		if tag := indexTagOf(key); tag != "" && tag != key && slices.Contains(keys, "dynamo") {
			return fmt.Errorf("the tag %s would not be read; did you mean %s?", key, tag)
		}
		if (key == "dynamodb" || key == "dynamodbav") && !slices.Contains(keys, "dynamo") {
			return fmt.Errorf(
				"the tag %s would not be read, and the attribute be named after the field; "+
					"write dynamo, beside it or in its place", key)
		}
	}
	return nil
}
