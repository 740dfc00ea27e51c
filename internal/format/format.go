// Package format builds the text of a key from the texts of its parts, and takes it apart again. A
// format such as MATCH#{at}#{id} has literals and parts. Two different lists of parts never give
// one text, because a part cannot hold the character that ends it. Package format does not depend
// on models.
package format

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Part is a place in a format where a value stands.
type Part struct {
	Name  string // of the attribute
	Width int    // the digits to which a whole number is padded with zeros; 0 for none
}

// Format is a parsed format. It is immutable.
type Format struct {
	// literals[i] stands before parts[i], and the last literal behind all parts.
	literals []string
	parts    []Part
	// The first part cannot begin with this text, which stands before it: such a value is formatted
	// text in the place of a part. "" if the text can be the beginning of a value.
	refused string
}

// maxWidth is the number of digits that a number of DynamoDB has at most.
const maxWidth = 38

// Parse parses a format. {name} is a part, {name:10} a whole number that is padded to ten digits.
// {{ and }} stand for braces.
func Parse(text string) (*Format, error) {
	if text == "" {
		return nil, errors.New("the format is empty; write one such as USER#{login}")
	}
	f := &Format{literals: []string{""}}
	for text != "" {
		size, err := f.parseNext(text)
		if err != nil {
			return nil, err
		}
		text = text[size:]
	}
	if len(f.parts) > 0 && !isWord(lastRune(f.literals[0])) {
		f.refused = f.literals[0]
	}
	return f, nil
}

// parseNext parses a brace, a part, or the literal up to the next of them. It returns its size.
func (f *Format) parseNext(text string) (size int, err error) {
	last := len(f.literals) - 1
	switch {
	case strings.HasPrefix(text, "{{"), strings.HasPrefix(text, "}}"):
		f.literals[last] += text[:1]
		return 2, nil
	case text[0] == '}':
		return 0, errors.New("a } closes nothing; write }} for a brace")
	case text[0] == '{':
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return 0, errors.New("a { is not closed; write {name}, or {{ for a brace")
		}
		return end + 1, f.addPart(text[1:end])
	}
	size = strings.IndexAny(text, "{}")
	if size < 0 {
		size = len(text)
	}
	f.literals[last] += text[:size]
	return size, nil
}

func (f *Format) addPart(text string) error {
	name, width, padded := strings.Cut(text, ":")
	part := Part{Name: strings.TrimSpace(name)}
	if part.Name == "" || strings.Contains(part.Name, "{") {
		return errors.New("a part has no name; write {name}, the name of an attribute")
	}
	if padded {
		n, err := strconv.Atoi(width)
		if err != nil || n < 1 || n > maxWidth {
			return fmt.Errorf("the part {%s} has no number of digits from 1 to %d behind the "+
				"colon; write {%s:10}", part.Name, maxWidth, part.Name)
		}
		part.Width = n
	}
	if f.Index(part.Name) >= 0 {
		return fmt.Errorf("the part {%s} is in the format twice; remove one of the two", part.Name)
	}
	if last := len(f.parts) - 1; last >= 0 && f.parts[last].Width == 0 &&
		f.literals[last+1] == "" {
		return fmt.Errorf("no text stands between the parts {%s} and {%s}, so two items could "+
			"have one key; write a separator, such as {%[1]s}#{%[2]s}", f.parts[last].Name,
			part.Name)
	}
	f.parts, f.literals = append(f.parts, part), append(f.literals, "")
	return nil
}

// Quote returns the format of a text that has no parts.
func Quote(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

// Parts returns the parts in their order. The caller must not change them.
func (f *Format) Parts() []Part { return f.parts }

// Index returns the position of a part, or -1.
func (f *Format) Index(name string) int {
	return slices.IndexFunc(f.parts, func(p Part) bool { return p.Name == name })
}

// Prefix returns the text with which all texts of the format begin.
func (f *Format) Prefix() string { return f.literals[0] }

// HasText reports whether the format has text besides its parts.
func (f *Format) HasText() bool {
	return slices.ContainsFunc(f.literals, func(text string) bool { return text != "" })
}

// WithNames returns the text of the format with other names of its parts.
func (f *Format) WithNames(names []string) string {
	text := Quote(f.literals[0])
	for i, part := range f.parts {
		text += "{" + names[i]
		if part.Width > 0 {
			text += ":" + strconv.Itoa(part.Width)
		}
		text += "}" + Quote(f.literals[i+1])
	}
	return text
}

// PartError reports why a text cannot be a part.
type PartError struct {
	Part    int
	Problem string
}

// Error returns a text without the value.
func (e *PartError) Error() string { return e.Problem }

// End is the last character of Unicode, a noncharacter. It ends the ranges of key conditions, so no
// part can hold it.
const End = "\U0010FFFF"

// Build returns the text of the parts. It returns a *PartError if a text cannot be a part.
func (f *Format) Build(parts []string) (string, error) {
	size := len(f.literals[0])
	for i, part := range parts {
		if err := f.check(i, part); err != nil {
			return "", err
		}
		size += max(len(part), f.parts[i].Width) + len(f.literals[i+1])
	}
	var text strings.Builder
	text.Grow(size)
	text.WriteString(f.literals[0])
	for i, part := range parts {
		f.write(&text, i, part)
		text.WriteString(f.literals[i+1])
	}
	return text.String(), nil
}

// write writes one part, and pads it.
func (f *Format) write(text *strings.Builder, i int, part string) {
	for n := len(part); n < f.parts[i].Width; n++ {
		text.WriteByte('0')
	}
	text.WriteString(part)
}

// check returns a *PartError if a text cannot be the part i.
func (f *Format) check(i int, text string) error {
	problem := ""
	switch width := f.parts[i].Width; {
	case text == "":
		problem = "the value is empty"
	case width > 0 && text[0] == '-':
		problem = "the number is negative, and text with a sign does not sort as numbers do; " +
			"leave the digits out of the format, or store a number from 0"
	case width > 0 && !isWhole(text):
		problem = "the value is no whole number, and its format pads it; store a whole number"
	case width > 0 && len(text) > width:
		problem = fmt.Sprintf("the number has more than the %d digits of its format; give the "+
			"format more", width)
	case width > 0:
	case i == 0 && f.refused != "" && strings.HasPrefix(text, f.refused):
		problem = fmt.Sprintf("the value begins with %q, which the format puts before it; give "+
			"the part alone, and not the formatted text", f.refused)
	case f.end(i) != "" && strings.Contains(text, f.end(i)):
		problem = fmt.Sprintf("the value holds %q, which ends this part in the format, so two "+
			"items could have one key; use another separator, or another value", f.end(i))
	case strings.Contains(text, End):
		problem = "the value holds U+10FFFF, the last character of Unicode, with which ranges of " +
			"keys end; remove the character"
	}
	if problem == "" {
		return nil
	}
	return &PartError{i, problem}
}

// end returns the character that ends a part, or "" if the part is the last one or is padded.
func (f *Format) end(i int) string {
	_, size := utf8.DecodeRuneInString(f.literals[i+1])
	return f.literals[i+1][:size]
}

// Split appends the parts of a text to a slice. It returns false if Build would not make the text
// from them.
func (f *Format) Split(to []string, text string) (parts []string, ok bool) {
	rest, ok := strings.CutPrefix(text, f.literals[0])
	for i := range f.parts {
		if !ok {
			return to, false
		}
		var part string
		if part, rest, ok = f.cutPart(i, rest); !ok || f.check(i, part) != nil {
			return to, false
		}
		to = append(to, part)
		rest, ok = strings.CutPrefix(rest, f.literals[i+1])
	}
	return to, ok && rest == ""
}

// cutPart cuts the part i off a text that begins with it.
func (f *Format) cutPart(i int, text string) (part, rest string, ok bool) {
	if width := f.parts[i].Width; width > 0 {
		if len(text) < width || !isDigits(text[:width]) {
			return "", "", false
		}
		part = strings.TrimLeft(text[:width], "0")
		if part == "" {
			part = "0"
		}
		return part, text[width:], true
	}
	end := f.end(i)
	if end == "" {
		return text, "", true
	}
	at := strings.Index(text, end)
	if at < 0 {
		return "", "", false
	}
	return text[:at], text[at:], true
}

// Fix returns the format with the given text in the place of some parts. It returns a *PartError if
// a text cannot be its part.
func (f *Format) Fix(texts map[string]string) (*Format, error) {
	fixed := &Format{literals: []string{f.literals[0]}}
	for i, part := range f.parts {
		text, known := texts[part.Name]
		last := len(fixed.literals) - 1
		if !known {
			if i == 0 {
				fixed.refused = f.refused
			}
			fixed.parts = append(fixed.parts, part)
			fixed.literals = append(fixed.literals, f.literals[i+1])
			continue
		}
		if err := f.check(i, text); err != nil {
			return nil, err
		}
		var literal strings.Builder
		f.write(&literal, i, text)
		fixed.literals[last] += literal.String() + f.literals[i+1]
	}
	return fixed, nil
}

// isWhole reports whether a text is a whole number from 0, in the only form that a number has.
func isWhole(text string) bool {
	return isDigits(text) && (text[0] != '0' || text == "0")
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func lastRune(text string) rune {
	last, _ := utf8.DecodeLastRuneInString(text)
	return last
}

// isWord reports whether a character can stand at the beginning of a word. Text before a part that
// ends with any other character separates.
func isWord(c rune) bool {
	return c == utf8.RuneError || unicode.IsLetter(c) || unicode.IsDigit(c)
}
