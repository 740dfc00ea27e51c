package dynamapper

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How texts of others stand in errors: the names and paths that a caller or an item gives, and what the
// service, a hook or an endpoint says. None of them breaks a line of a log, or fills it.

const (
	maxShownName  = 64   // bytes of a name or a path
	maxShownCause = 600  // bytes of what the service says
	maxShownText  = 2000 // bytes of a whole error
	maxShownList  = 10   // elements of a list

	maxShownSchema = 16_000 // bytes of all that differs between a table and its model
)

// cut shortens a name or a path for an error, which writes it with %q.
func cut(name string) string { return shortened(name, maxShownName, 0) }

// told is the text of an error: in one line, without control characters and invisible ones. A long one
// loses its middle, as its end says what to do.
func told(text string) string { return toldWithin(text, maxShownText) }

// toldWithin is told with another bound.
func toldWithin(text string, most int) string {
	return shortened(escaped(shortened(text, most, most/3)), most, most/3)
}

// shortened keeps the beginning and so many bytes of the end of a text that has too many.
func shortened(text string, most, end int) string {
	if len(text) <= most {
		return text
	}
	head, tail := most-end, len(text)-end
	for head > 0 && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text) && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return text[:head] + "…" + text[tail:]
}

// escaped writes what cannot be printed as Go does in a string.
func escaped(text string) string {
	if strings.IndexFunc(text, isHidden) < 0 && utf8.ValidString(text) {
		return text
	}
	var printed strings.Builder
	for i, r := range text {
		switch _, size := utf8.DecodeRuneInString(text[i:]); {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&printed, `\x%02x`, text[i])
		case isHidden(r):
			printed.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			printed.WriteRune(r)
		}
	}
	return printed.String()
}

func isHidden(r rune) bool { return !strconv.IsPrint(r) }

// shownNames lists names of attributes, those of others included.
func shownNames(names []string) string {
	shown := make([]string, 0, len(names))
	for _, name := range names {
		shown = append(shown, quoteElement(cut(name)))
	}
	return joinSome(shown, ", ")
}

// joinSome joins the first elements of a list, and counts the others.
func joinSome(texts []string, separator string) string {
	if more := len(texts) - maxShownList; more > 0 {
		return strings.Join(texts[:maxShownList], separator) + fmt.Sprintf("%sand %d more", separator, more)
	}
	return strings.Join(texts, separator)
}

// toldError has a text in which others' may stand.
type toldError struct {
	text string
	err  error
}

// newToldError makes an error with a text of its own around another.
func newToldError(err error, format string, args ...any) error {
	return &toldError{told(fmt.Sprintf(format, args...)), err}
}

func (e *toldError) Error() string { return e.text }

// Unwrap gives the error that the text tells of.
func (e *toldError) Unwrap() error { return e.err }
