// Package overwrite has tests for ErrOverwrite before and after those for ErrConflict.
package overwrite

import (
	"errors"

	"github.com/dynamapper/dynamapper"
)

func ifElse(err error) string {
	if errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	} else if errors.Is(err, dynamapper.ErrOverwrite) { // want `errors.Is\(err, ErrOverwrite\) is false here, because an overwrite matches ErrConflict`
		return "taken"
	}
	return ""
}

func inTurn(err error) string {
	if err == nil {
		return ""
	}
	if errors.Is(err, dynamapper.ErrNotFound) || errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	}
	if err != nil && errors.Is(err, dynamapper.ErrOverwrite) { // want `test for ErrOverwrite first`
		return "taken"
	}
	return ""
}

func cases(err error) string {
	switch {
	case errors.Is(err, dynamapper.ErrNotFound), errors.Is(err, dynamapper.ErrConflict):
		return "conflict"
	case errors.Is(err, dynamapper.ErrOverwrite): // want `test for ErrOverwrite first`
		return "taken"
	}
	return ""
}

func rightOrder(err error) string {
	switch {
	case errors.Is(err, dynamapper.ErrOverwrite):
		return "taken"
	case errors.Is(err, dynamapper.ErrConflict):
		return "conflict"
	}
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	} else if errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	}
	return ""
}

func otherConditions(err, other error, again func() error) int {
	count := 0
	if errors.Is(err, dynamapper.ErrConflict) {
		count++ // and on: an overwrite is counted twice, which may be meant
	}
	if errors.Is(err, dynamapper.ErrOverwrite) {
		count++
	}
	if errors.Is(err, dynamapper.ErrConflict) && count > 3 {
		return 1
	} else if errors.Is(err, dynamapper.ErrOverwrite) {
		return 2
	}
	if errors.Is(err, dynamapper.ErrConflict) {
		return 1
	} else if errors.Is(other, dynamapper.ErrOverwrite) {
		return 2
	}
	if errors.Is(err, dynamapper.ErrConflict) {
		return 3
	}
	err = again()
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return 4
	}
	if errors.Is(err, dynamapper.ErrConflict) {
		if errors.Is(err, dynamapper.ErrOverwrite) {
			return 5
		}
		return 6
	}
	if err := again(); errors.Is(err, dynamapper.ErrOverwrite) {
		return 7
	}
	return 0
}
