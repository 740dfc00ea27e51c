package dynamapper

import (
	"errors"
	"fmt"
)

// WriteOption configures Save, Delete, DeleteKey and Modify. An option that a call does not take is an error before anything
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
	takesIf
	takesIdempotent
	takesAll = takesFailOnConflict | takesChangedOnly | takesMustExist | takesIf | takesIdempotent
)

// writeSettings is what the options of one write say.
type writeSettings struct {
	failOnConflict, changedOnly, mustExist, idempotent bool
	once                                               bool // of an insertion: it is not sent again after a lost answer
	newID                                              bool // of an insertion: at an id that was taken for it
	conditions                                         []Condition
}

// FailOnConflict refuses to lose somebody else's write: the original mapper's raise_on_conflict. Save and Delete take
// it, and fail with ErrOverwrite or ErrConflict.
//
// A loaded item is compared by its version alone, if that is a string or an integer of 64 bits.
// Otherwise the attributes that it had when it was loaded are compared, and those of the model are
// to be missing still where they were. An attribute that the model has no field for, and that
// another program has added since, is not noticed then: Save leaves it, and Delete takes it along.
func FailOnConflict() WriteOption {
	return WriteOption{"FailOnConflict", takesFailOnConflict, func(s *writeSettings) { s.failOnConflict = true }}
}

// ChangedOnly sends only what differs from the snapshot, so that what others wrote to other attributes stays. Save
// takes it. With FailOnConflict it demands that the edited attributes are still as they were loaded, so that two
// writers of different attributes both succeed.
func ChangedOnly() WriteOption {
	return WriteOption{"ChangedOnly", takesChangedOnly, func(s *writeSettings) { s.changedOnly = true }}
}

// MustExist makes a write of an item that is not there ErrNotFound. Save, Delete and DeleteKey take it. Where ChangedOnly finds
// nothing to send, nothing asks whether the item is there.
func MustExist() WriteOption {
	return WriteOption{"MustExist", takesMustExist, func(s *writeSettings) { s.mustExist = true }}
}

// If writes only where the conditions are true of the stored item; else the write is refused with ErrConditionFailed, and
// the ConditionError carries the item as it is now. Given twice, all must be true. Beside FailOnConflict a refusal is the
// conflict, if there is one, and else the condition's. Save, Delete and DeleteKey take it.
//
// Of an item that is not there every attribute is missing: Exists, EQ, LT and all that compare with a value are false, so that
// the write is refused, with a ConditionError whose Current is nil. NE, NotContains, NotExists, EQ of an empty value and a Not of
// what is false are true, so that a Save puts the item there: where it must be there already, add MustExist.
//
// The service judges what is stored, and not what the hook MigrateItem would make of it: under its new name a renamed attribute is
// missing until the item is saved. Put no condition on it before every item is in the new form, and take Modify.
func If(conditions ...Condition) WriteOption {
	return WriteOption{"If", takesIf, func(s *writeSettings) { s.conditions = append(s.conditions, conditions...) }}
}

// Idempotent applies a write exactly once, also when answers are lost: it is sent as a transaction with a token, and again
// with the same one, until an answer says what became of it. It costs twice the write units. Only where no answer comes
// within nine minutes, the retries of the mapper or the life of the context does it end with ErrUnknownOutcome. Save,
// Delete, DeleteKey and Modify take it.
func Idempotent() WriteOption {
	return WriteOption{"Idempotent", takesIdempotent, func(s *writeSettings) { s.idempotent = true }}
}

func makeWriteSettings(op string, opts []WriteOption, takes taken) (writeSettings, error) {
	if len(opts) == 0 {
		return writeSettings{}, nil
	}
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
