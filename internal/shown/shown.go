// Package shown makes text from elsewhere fit for an error: names and paths from a caller or an
// item, and messages of the service, a hook or an endpoint. None of it may break the line of a log,
// or fill a log.
package shown

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of what an error shows.
const (
	maxName   = 64     // bytes of a name or a path
	MaxCause  = 600    // bytes of a message of the service
	MaxText   = 2000   // bytes of a whole error
	maxList   = 10     // elements of a list
	MaxSchema = 16_000 // bytes of all differences between a table and its model
)

// Name shortens a name or a path for an error, which formats it with %q.
func Name(name string) string { return shortened(name, maxName, 0) }

// Text returns the text of an error in one line, with control and invisible characters escaped. It
// cuts the middle of a long text, because its end says what to do.
func Text(text string) string { return Within(text, MaxText) }

// Within is Text with another limit.
func Within(text string, most int) string {
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
	if strings.IndexFunc(text, IsHidden) < 0 && utf8.ValidString(text) {
		return text
	}
	var printed strings.Builder
	for i, r := range text {
		switch _, size := utf8.DecodeRuneInString(text[i:]); {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&printed, `\x%02x`, text[i])
		case IsHidden(r):
			printed.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			printed.WriteRune(r)
		}
	}
	return printed.String()
}

// IsHidden reports whether a character cannot be printed.
func IsHidden(r rune) bool { return !strconv.IsPrint(r) }

// Join joins the first elements of a list, and counts the rest.
func Join(texts []string, separator string) string {
	if more := len(texts) - maxList; more > 0 {
		return strings.Join(texts[:maxList], separator) +
			fmt.Sprintf("%sand %d more", separator, more)
	}
	return strings.Join(texts, separator)
}

// An Error is an error whose text may contain text from elsewhere.
type Error struct {
	text string
	err  error
}

// Errorf wraps err in an error with a text of its own. The text is shown as Text shows it.
func Errorf(err error, format string, args ...any) error {
	return &Error{Text(fmt.Sprintf(format, args...)), err}
}

// Error returns the text in one line.
func (e *Error) Error() string { return e.text }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.err }
