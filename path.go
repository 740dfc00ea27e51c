package dynamapper

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/internal/expression"
)

// joinPath joins two parts of a path. A dot separates names, but not an index or a quoted member.
func joinPath(before, after string) string {
	if before == "" || after == "" || after[0] == '[' {
		return before + after
	}
	return before + "." + after
}

func indexText(i int) string { return "[" + strconv.Itoa(i) + "]" }

// memberText returns a map's member in Go's notation.
func memberText(name string) string { return "[" + strconv.Quote(name) + "]" }

// quoteElement returns one element of an attribute path. It quotes a name that is empty or looks
// like a path.
func quoteElement(name string) string {
	if name == "" || strings.ContainsAny(name, `.["`) || strings.ContainsFunc(name, isHidden) ||
		!utf8.ValidString(name) {
		return strconv.Quote(name)
	}
	return name
}

// fieldPath is a place below a field, in Go's names and in DynamoDB's.
type fieldPath struct{ golang, attribute string }

// below puts a Go name and an attribute's name before the path.
func (p fieldPath) below(golang, attribute string) fieldPath {
	return fieldPath{joinPath(golang, p.golang), joinPath(attribute, p.attribute)}
}

// placedPath is a path, and the same path as errors show it: without the keys of maps, which are
// values, and with long names cut.
type placedPath struct {
	fieldPath
	shown fieldPath
}

// plainPath returns a path that errors show unchanged.
func plainPath(golang, attribute string) placedPath {
	p := fieldPath{golang, attribute}
	return placedPath{p, p}
}

// hiddenKey is shown in place of the key of a map.
const hiddenKey = "[...]"

// memberPath returns the path to a member of a map.
func memberPath(name string) placedPath {
	return placedPath{fieldPath{memberText(name), quoteElement(name)},
		fieldPath{hiddenKey, hiddenKey}}
}

// namedPath returns the path to an attribute that has no field, or whose field is at a Go path.
func namedPath(golang, attribute string) placedPath {
	return placedPath{fieldPath{golang, quoteElement(attribute)},
		fieldPath{golang, quoteElement(cut(attribute))}}
}

// below puts another path before this one.
func (p placedPath) below(outer placedPath) placedPath {
	return placedPath{
		p.fieldPath.below(outer.golang, outer.attribute),
		p.shown.below(outer.shown.golang, outer.shown.attribute),
	}
}

// placedAt adds a path to an error, before the path that the error already has.
func placedAt(err error, p placedPath) error {
	if p == (placedPath{}) {
		return err
	}
	placed, ok := err.(*FieldError)
	if !ok {
		placed = &FieldError{Err: err}
	}
	placed.setPath(p)
	return placed
}

// withPath adds a Go name and an attribute's name to an error, like placedAt.
func withPath(err error, golang, attribute string) error {
	placed := placedAt(err, plainPath(golang, attribute))
	if _, ok := placed.(*FieldError); !ok {
		placed = &FieldError{Err: err}
	}
	return placed
}

func withIndex(err error, i int) error { return withPath(err, indexText(i), indexText(i)) }

func withMember(err error, name string) error { return placedAt(err, memberPath(name)) }

// Path returns a path into a document. Strings are names, quoted if they contain a dot, a bracket
// or a quote. Integers are positions in lists: Path("inventory", sku), Path("lines", 3, "sku"). If
// an attribute is named a.b, the path a.b is that attribute, and the member b of the attribute a is
// written `"a".b`.
func Path(elements ...any) string {
	path := ""
	for _, element := range elements {
		v := reflect.ValueOf(element)
		switch {
		case v.IsValid() && v.CanInt():
			path = joinPath(path, "["+strconv.FormatInt(v.Int(), 10)+"]")
		case v.IsValid() && v.CanUint():
			path = joinPath(path, "["+strconv.FormatUint(v.Uint(), 10)+"]")
		case v.IsValid() && v.Kind() == reflect.String:
			path = joinPath(path, quoteElement(v.String()))
		default:
			path = joinPath(path, `[?]`) // refused where the path is used
		}
	}
	return path
}

// parsePath parses the result of Path.
func parsePath(path string) ([]expression.Step, error) {
	var steps []expression.Step
	for rest := path; ; {
		step, after, err := parseStep(rest)
		if err != nil {
			return nil, fmt.Errorf("%q is no path, %w; write one with Path", cut(path), err)
		}
		steps = append(steps, step)
		if after == "" {
			return steps, nil
		}
		if after[0] == '.' {
			after = after[1:]
			if strings.HasPrefix(after, "[") {
				return nil, fmt.Errorf(
					"%q is no path, a dot stands before a bracket; write one with Path", cut(path))
			}
		}
		rest = after
	}
}

// parseStep parses the first step of a path.
func parseStep(rest string) (step expression.Step, after string, err error) {
	switch {
	case strings.HasPrefix(rest, "["):
		number, after, closed := strings.Cut(rest[1:], "]")
		index, err := strconv.ParseUint(number, 10, 31)
		if err != nil || !closed {
			return step, "", fmt.Errorf(
				"brackets hold an index from 0 to %d, and member names stand behind a dot",
				math.MaxInt32)
		}
		return expression.Step{Index: int(index), List: true}, after, checkAfter(after)
	case strings.HasPrefix(rest, `"`):
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return step, "", errors.New("a quote is not closed")
		}
		name, err := strconv.Unquote(quoted)
		after := rest[len(quoted):]
		if err == nil {
			err = checkAfter(after)
		}
		return expression.Step{Name: name}, after, err
	}
	end := strings.IndexAny(rest, `.[`)
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return step, "", errors.New("a name is missing")
	}
	return expression.Step{Name: rest[:end]}, rest[end:], nil
}

// checkAfter refuses a path that continues wrongly after a bracket or a quote.
func checkAfter(after string) error {
	if after != "" && after[0] != '.' && after[0] != '[' {
		return errors.New("a dot is missing")
	}
	return nil
}
