package dynamapper

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Errors contain text from elsewhere: names and paths from a caller or an item, and messages of the
// service, a hook or an endpoint. None of it may break the line of a log, or fill a log.

const (
	maxShownName  = 64   // bytes of a name or a path
	maxShownCause = 600  // bytes of a message of the service
	maxShownText  = 2000 // bytes of a whole error
	maxShownList  = 10   // elements of a list

	maxShownSchema = 16_000 // bytes of all differences between a table and its model
)

// cut shortens a name or a path for an error, which formats it with %q.
func cut(name string) string { return shortened(name, maxShownName, 0) }

// told returns the text of an error in one line, with control and invisible characters escaped. It
// cuts the middle of a long text, because its end says what to do.
func told(text string) string { return toldWithin(text, maxShownText) }

// toldWithin is told with another limit.
func toldWithin(text string, most int) string {
	return shortened(escaped(shortened(text, most, most/3)), most, most/3)
}

// shortened cuts the middle of a text longer than most bytes. It keeps end bytes of its end.
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

// escaped replaces characters that cannot be printed with their Go escapes.
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

// shownNames lists names of attributes, which may come from elsewhere.
func shownNames(names []string) string {
	shown := make([]string, 0, len(names))
	for _, name := range names {
		shown = append(shown, quoteElement(cut(name)))
	}
	return joinSome(shown, ", ")
}

// joinSome joins the first elements of a list, and counts the rest.
func joinSome(texts []string, separator string) string {
	if more := len(texts) - maxShownList; more > 0 {
		return strings.Join(texts[:maxShownList], separator) +
			fmt.Sprintf("%sand %d more", separator, more)
	}
	return strings.Join(texts, separator)
}

// toldError is an error whose text may contain text from elsewhere.
type toldError struct {
	text string
	err  error
}

// newToldError wraps an error with a text of its own.
func newToldError(err error, format string, args ...any) error {
	return &toldError{told(fmt.Sprintf(format, args...)), err}
}

func (e *toldError) Error() string { return e.text }

// Unwrap returns the wrapped error.
func (e *toldError) Unwrap() error { return e.err }
