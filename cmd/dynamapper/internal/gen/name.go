package gen

import (
	"strconv"
	"strings"
	"unicode"
)

// initialisms are the words that Go writes in capital letters, and the usual names of keys.
var initialisms = map[string]bool{
	"acl": true, "api": true, "ascii": true, "cpu": true, "css": true, "dns": true, "eof": true,
	"gsi": true, "guid": true, "html": true, "http": true, "https": true, "id": true, "ip": true,
	"isbn": true, "json": true, "lsi": true, "os": true, "pk": true, "qps": true, "ram": true,
	"rpc": true,
	"sk":  true, "sku": true, "sla": true, "smtp": true, "sql": true, "ssh": true, "tcp": true,
	"tls": true, "ttl": true, "udp": true, "ui": true, "uid": true, "uri": true, "url": true,
	"utc": true, "uuid": true, "vm": true, "xml": true,
}

// goName returns an exported Go name for the name of an attribute or a table.
func goName(name string) string {
	var text strings.Builder
	for _, word := range splitWords(name) {
		text.WriteString(capitalise(word))
	}
	first, _ := firstRune(text.String())
	if !unicode.IsUpper(first) {
		return "Attr" + text.String() // a digit, a letter without case, or nothing
	}
	return text.String()
}

func firstRune(text string) (rune, int) {
	for _, c := range text {
		return c, len(string(c))
	}
	return 0, 0
}

// capitalise returns a word as a part of a Go name.
func capitalise(word string) string {
	lower := strings.ToLower(word)
	if isInitialism(lower) {
		return strings.ToUpper(word)
	}
	if singular, ok := strings.CutSuffix(lower, "s"); ok && initialisms[singular] {
		return strings.ToUpper(singular) + "s"
	}
	first, size := firstRune(word)
	rest := word[size:]
	if strings.ToUpper(word) == word && len(word) > 1 { // a word in capitals, such as USER
		rest = strings.ToLower(rest)
	}
	return string(unicode.ToUpper(first)) + rest
}

// isInitialism reports whether a word consists of initialisms and digits, as gsi1pk does.
func isInitialism(word string) bool {
	parts := strings.FieldsFunc(word, unicode.IsDigit)
	for _, part := range parts {
		if !initialisms[part] {
			return false
		}
	}
	return len(parts) > 0
}

// splitWords splits a name at signs, and where a capital letter follows a small one or begins the
// last word of capitals, as in HTTPServer.
func splitWords(name string) []string {
	var words []string
	var word []rune
	runes := []rune(name)
	for i, c := range runes {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			words, word = appendWord(words, word), nil
			continue
		}
		if i > 0 && unicode.IsUpper(c) && (unicode.IsLower(runes[i-1]) ||
			i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1]) &&
				!isPlural(runes[i:])) {
			words, word = appendWord(words, word), nil
		}
		word = append(word, c)
	}
	return appendWord(words, word)
}

// isPlural reports whether the rest of a name is the end of a plural in capitals, such as the Ds of
// IDs.
func isPlural(rest []rune) bool {
	return len(rest) >= 2 && rest[1] == 's' && (len(rest) == 2 || !unicode.IsLower(rest[2]))
}

func appendWord(words []string, word []rune) []string {
	if len(word) == 0 {
		return words
	}
	return append(words, string(word))
}

// singular returns the singular of an English plural.
func singular(name string) string {
	lower := strings.ToLower(name)
	for _, ending := range []string{"ss", "us", "is", "news", "series", "ids"} {
		if len(name) < 4 || strings.HasSuffix(lower, ending) {
			return name
		}
	}
	for _, ending := range [][2]string{
		{"ies", "y"}, {"roes", "ro"}, {"toes", "to"},
		{"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"s", ""},
	} {
		if strings.HasSuffix(lower, ending[0]) {
			return name[:len(name)-len(ending[0])] + ending[1]
		}
	}
	return name
}

// names gives each name once.
type names map[string]bool

// take returns the name, or the name with a number if it is taken.
func (n names) take(name string) string {
	free := name
	for i := 2; n[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	n[free] = true
	return free
}
