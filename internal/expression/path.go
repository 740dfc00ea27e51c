package expression

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// JoinPath joins two parts of a path. A dot separates names, but not an index or a quoted member.
func JoinPath(before, after string) string {
	if before == "" || after == "" || after[0] == '[' {
		return before + after
	}
	return before + "." + after
}

// QuoteElement returns one element of an attribute path. It quotes a name that is empty or looks
// like a path.
func QuoteElement(name string) string {
	if name == "" || strings.ContainsAny(name, `.["`) || strings.ContainsFunc(name, shown.IsHidden) ||
		!utf8.ValidString(name) {
		return strconv.Quote(name)
	}
	return name
}

// OneElement returns an element of a path for the name of a member, which may be quoted already.
func OneElement(name string) string {
	if steps, err := ParsePath(name); err == nil && len(steps) == 1 && !steps[0].List {
		return name
	}
	return QuoteElement(name)
}

// ParsePath parses a path, in which a dot stands before a name and brackets contain an index.
func ParsePath(path string) ([]Step, error) {
	var steps []Step
	for rest := path; ; {
		step, after, err := parseStep(rest)
		if err != nil {
			return nil, fmt.Errorf("%q is no path, %w; write one with Path", shown.Name(path), err)
		}
		steps = append(steps, step)
		if after == "" {
			return steps, nil
		}
		if after[0] == '.' {
			after = after[1:]
			if strings.HasPrefix(after, "[") {
				return nil, fmt.Errorf(
					"%q is no path, a dot stands before a bracket; write one with Path", shown.Name(path))
			}
		}
		rest = after
	}
}

// parseStep parses the first step of a path.
func parseStep(rest string) (step Step, after string, err error) {
	switch {
	case strings.HasPrefix(rest, "["):
		number, after, closed := strings.Cut(rest[1:], "]")
		index, err := strconv.ParseUint(number, 10, 31)
		if err != nil || !closed {
			return step, "", fmt.Errorf(
				"brackets hold an index from 0 to %d, and member names stand behind a dot",
				math.MaxInt32)
		}
		return Step{Index: int(index), List: true}, after, checkAfter(after)
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
		return Step{Name: name}, after, err
	}
	end := strings.IndexAny(rest, `.[`)
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return step, "", errors.New("a name is missing")
	}
	return Step{Name: rest[:end]}, rest[end:], nil
}

// checkAfter refuses a path that continues wrongly after a bracket or a quote.
func checkAfter(after string) error {
	if after != "" && after[0] != '.' && after[0] != '[' {
		return errors.New("a dot is missing")
	}
	return nil
}
