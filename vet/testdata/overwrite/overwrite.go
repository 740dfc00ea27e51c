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
	return ""
}

func rightChain(err error) string {
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

func save() error { return nil }

func statementBetween(err error) string {
	if errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	}
	println("between")
	if errors.Is(err, dynamapper.ErrOverwrite) { // want `test for ErrOverwrite first`
		return "taken"
	}
	return ""
}

func nested(err error, tries int) string {
	if err != nil {
		if errors.Is(err, dynamapper.ErrConflict) {
			panic("conflict")
		}
		for range tries {
			if errors.Is(err, dynamapper.ErrOverwrite) { // want `test for ErrOverwrite first`
				return "taken"
			}
		}
		switch {
		case tries > 3:
			return "tries"
		case errors.Is(err, dynamapper.ErrOverwrite): // want `test for ErrOverwrite first`
			return "taken"
		}
	}
	return ""
}

func initialized() bool {
	if err := save(); errors.Is(err, dynamapper.ErrConflict) {
		return false
	} else if err != nil {
		return errors.Is(err, dynamapper.ErrOverwrite) // want `test for ErrOverwrite first`
	}
	return true
}

func switchThenIf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, dynamapper.ErrConflict):
		return "conflict"
	default:
		println("other")
	}
	if errors.Is(err, dynamapper.ErrOverwrite) { // want `test for ErrOverwrite first`
		return "taken"
	}
	return "other"
}

func byType(err error) string {
	if errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	}
	var taken *dynamapper.OverwriteError
	if errors.As(err, &taken) { // want `errors.As\(err, \*OverwriteError\) is false here`
		return "taken"
	}
	return ""
}

// An OverwriteError matches ErrConflict, and is no ConflictError.
func conflictByType(err error) string {
	var conflict *dynamapper.ConflictError
	if errors.As(err, &conflict) {
		return "conflict"
	} else if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	}
	if errors.As(err, &conflict) {
		return "conflict"
	}
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	}
	return ""
}

func silent(err error, tries int) (text string, result error) {
	defer func() { result = err }()
	switch {
	case errors.Is(err, dynamapper.ErrConflict), errors.Is(err, dynamapper.ErrOverwrite):
		return "either", nil // both have one branch
	}
	return "", nil
}

func silentInLoops(err error, tries int) (text string, result error) {
	if errors.Is(err, dynamapper.ErrConflict) && tries > 3 || errors.Is(err, dynamapper.ErrOverwrite) {
		return "either", nil
	}
	for range tries {
		if errors.Is(err, dynamapper.ErrOverwrite) {
			return "taken", nil
		}
		err = save()
	}
	for range tries {
		if errors.Is(err, dynamapper.ErrConflict) {
			err = save()
		}
		if errors.Is(err, dynamapper.ErrOverwrite) {
			return "taken", nil
		}
	}
	switch {
	case errors.Is(err, dynamapper.ErrConflict):
		if tries > 3 {
			break
		}
		return "conflict", nil
	}
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken", nil
	}
	return "", nil
}

func reassigned(err error) string {
	if errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	} else if err = save(); err != nil {
		println("again")
	}
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	}
	return ""
}

func assignedBehind(err error) string {
	switch {
	case errors.Is(err, dynamapper.ErrConflict):
		return "conflict"
	case err == nil:
		err = save()
	}
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	}
	return ""
}

func assignedElsewhere() string {
	var err error
	again := func() { err = save() }
	again()
	if errors.Is(err, dynamapper.ErrConflict) {
		return "conflict"
	}
	again()
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	}
	return ""
}

func jumps(err error) string {
	if errors.Is(err, dynamapper.ErrConflict) {
		goto end
	}
	return ""
end:
	if errors.Is(err, dynamapper.ErrOverwrite) {
		return "taken"
	}
	return "conflict"
}
