package dynamapper

import (
	"errors"
	"fmt"
)

// WriteOption configures Save, Delete and DeleteKey. An option that a call does not take is an error before anything
// is sent.
type WriteOption struct {
	name string
	taken
	set func(*writeSettings)
}

// taken says which calls take an option.
type taken int

const (
	takesFailOnConflict taken = 1 << iota
	takesChangedOnly
	takesMustExist
	takesAll = takesFailOnConflict | takesChangedOnly | takesMustExist
)

// writeSettings is what the options of one write say.
type writeSettings struct{ failOnConflict, changedOnly, mustExist bool }

// FailOnConflict refuses to lose somebody else's write: the original mapper's raise_on_conflict. Save and Delete take
// it, and fail with ErrOverwrite or ErrConflict.
func FailOnConflict() WriteOption {
	return WriteOption{"FailOnConflict", takesFailOnConflict, func(s *writeSettings) { s.failOnConflict = true }}
}

// ChangedOnly sends only what differs from the snapshot, so that what others wrote to other attributes stays. Save
// takes it. With FailOnConflict it demands that the edited attributes are still as they were loaded, so that two
// writers of different attributes both succeed.
func ChangedOnly() WriteOption {
	return WriteOption{"ChangedOnly", takesChangedOnly, func(s *writeSettings) { s.changedOnly = true }}
}

// MustExist makes a write of an item that is not there ErrNotFound. Save, Delete and DeleteKey take it.
func MustExist() WriteOption {
	return WriteOption{"MustExist", takesMustExist, func(s *writeSettings) { s.mustExist = true }}
}

func makeWriteSettings(op string, opts []WriteOption, takes taken) (writeSettings, error) {
	var s writeSettings
	for _, opt := range opts {
		switch {
		case opt.set == nil:
			return s, errors.New("an option is empty; leave it out")
		case opt.taken&takes == 0 && op == "DeleteKey" && opt.taken == takesFailOnConflict:
			return s, fmt.Errorf("%s does not take %s, which compares with what was loaded; load the item and use Delete", op, opt.name)
		case opt.taken&takes == 0:
			return s, fmt.Errorf("%s does not take %s; leave it out", op, opt.name)
		}
		opt.set(&s)
	}
	return s, nil
}
