package dynamapper

import (
	"errors"
)

// The options of writes. Each interface is what one call takes, and each function returns what just
// the calls that obey it take, so that another combination does not compile.
type (
	// SaveOption configures Table.Save.
	SaveOption interface{ setSave(*writeSettings) }

	// DeleteOption configures Table.Delete.
	DeleteOption interface{ setDelete(*writeSettings) }

	// DeleteKeyOption configures Table.DeleteKey.
	DeleteKeyOption interface{ setDeleteKey(*writeSettings) }

	// TakeOption configures Table.Take.
	TakeOption interface{ setTake(*writeSettings) }

	// ReplaceOption configures Table.Replace.
	ReplaceOption interface{ setReplace(*writeSettings) }

	// ModifyOption configures Table.Modify and Table.ModifyOrNew.
	ModifyOption interface{ setModify(*writeSettings) }

	// BatchOption configures Table.BatchSave.
	BatchOption interface{ setBatch(*writeSettings) }

	// DeleteItemsOption configures Table.DeleteItems.
	DeleteItemsOption interface{ setDeleteItems(*writeSettings) }

	// TxOption configures TxTable.Save and TxTable.Delete.
	TxOption interface{ setTx(*writeSettings) }

	// DefaultOption is a write option that Defaults takes.
	DefaultOption interface{ setDefault(*writeSettings) }
)

// The options by the calls that take them.
type (
	// WriteOption is taken by every write of one item except Take, and by TxTable.DeleteKey.
	WriteOption interface {
		SaveOption
		ReplaceOption
		DeleteOption
		DeleteKeyOption
		TxOption
	}

	// ConditionOption is taken by every write of one item, and by TxTable.DeleteKey.
	ConditionOption interface {
		WriteOption
		TakeOption
	}

	// ConflictOption is taken by the writes of an item, which may have a snapshot.
	ConflictOption interface {
		SaveOption
		DeleteOption
		TxOption
		DefaultOption
	}

	// ChangedOption is taken by Save.
	ChangedOption interface {
		SaveOption
		DefaultOption
	}

	// IdempotentOption is taken by the writes that a token can repeat.
	IdempotentOption interface {
		SaveOption
		DeleteOption
		DeleteKeyOption
		ModifyOption
		DefaultOption
	}

	// OverwriteOption is taken by the calls for which Defaults hold.
	OverwriteOption interface {
		SaveOption
		ReplaceOption
		DeleteOption
		BatchOption
		DeleteItemsOption
		BatchPart
	}

	// LastWinsOption is taken by the batches that put items.
	LastWinsOption interface {
		BatchOption
		BatchPart
	}
)

// writeSettings is the result of the options of one write.
type writeSettings struct {
	failOnConflict, changedOnly, mustExist, idempotent bool
	retryUnsafe                                        bool // of an insertion: not resent
	// of an insertion: the id was taken for it
	newID          bool
	lastWriterWins bool
	lastWins       bool // of a batch: the last write of a key
	keepsTimes     bool // of a migration: the updated time is not renewed
	conditions     []Condition
	expired        rawItem // of an insertion: the hidden item that it replaces; nil for none
}

// writeOption implements every option of a write. The result type of its function decides which
// calls accept it.
type writeOption func(*writeSettings)

func (o writeOption) setSave(s *writeSettings)      { o(s) }
func (o writeOption) setDelete(s *writeSettings)    { o(s) }
func (o writeOption) setDeleteKey(s *writeSettings) { o(s) }
func (o writeOption) setTake(s *writeSettings)      { o(s) }
func (o writeOption) setReplace(s *writeSettings)   { o(s) }
func (o writeOption) setModify(s *writeSettings)    { o(s) }
func (o writeOption) setBatch(s *writeSettings)     { o(s) }

func (o writeOption) setDeleteItems(s *writeSettings) { o(s) }

func (o writeOption) setTx(s *writeSettings)      { o(s) }
func (o writeOption) setDefault(s *writeSettings) { o(s) }

// FailOnConflict prevents a write from replacing somebody else's write. It is the original mapper's
// raise_on_conflict. If the stored item differs from the snapshot, Save and Delete return
// ErrConflict. If a new item's key is taken, Save returns ErrOverwrite. If the model has no
// version, every loaded attribute is compared. An attribute that another program has added since,
// and that the model does not know, is not compared: Save keeps it, and Delete removes it.
func FailOnConflict() ConflictOption {
	return writeOption(func(s *writeSettings) { s.failOnConflict = true })
}

// LastWriterWins disables the Defaults of a table for one call: only the call's other options
// apply. If the Defaults have FailOnConflict, the calls that overwrite or delete whatever is stored
// require LastWriterWins: Replace, BatchSave, DeleteItems, and BatchWrite of puts.
func LastWriterWins() OverwriteOption {
	return writeOption(func(s *writeSettings) { s.lastWriterWins = true })
}

// LastWins makes a batch write the last one of several items or keys that are the same item, in the
// order in which they were given. The earlier ones are not sent: their items stay as before. If the
// last one could not be written, the *BatchError lists all of them. Without the option, a batch
// that writes a key twice returns an error.
func LastWins() LastWinsOption {
	return writeOption(func(s *writeSettings) { s.lastWins = true })
}

// ChangedOnly sends only the attributes that differ from the snapshot, so that writes of others to
// other attributes stay. With FailOnConflict, Save returns ErrConflict if an edited attribute is no
// longer as it was loaded. So two writers of different attributes both succeed.
func ChangedOnly() ChangedOption {
	return writeOption(func(s *writeSettings) { s.changedOnly = true })
}

// MustExist makes a write of a missing item return ErrNotFound. If ChangedOnly finds nothing to
// send, no request checks whether the item exists.
func MustExist() WriteOption {
	return writeOption(func(s *writeSettings) { s.mustExist = true })
}

// If makes a write happen only if the conditions are true of the stored item. Otherwise the write
// returns ErrConditionFailed, and the ConditionError carries the stored item. If the option is
// given twice, all conditions must be true. With FailOnConflict, the write returns ErrConflict if
// there is a conflict, even if a condition is false, too.
//
// A missing item has no attributes. So Exists, EQ, LT and most other comparisons are
// false: the write returns a ConditionError whose Current is nil. NE, NotContains, NotExists, EQ of
// an empty value, and Not of a false condition are true: Save inserts the item. To require the
// item, add MustExist.
//
// The service tests the stored item, and not the result of the hook MigrateItem: until the item is
// saved, a renamed attribute is missing under its new name. Until every item has the new form, use
// Modify instead of a condition on such an attribute.
func If(conditions ...Condition) ConditionOption {
	return writeOption(
		func(s *writeSettings) { s.conditions = append(s.conditions, conditions...) })
}

// Idempotent applies a write exactly once, even if responses are lost. It sends the write as a
// transaction with a token, and resends it with the same token until a response shows the outcome.
// This costs twice the write units. If the mapper's retries, nine minutes or the context end before
// a response arrives, the write returns ErrUnknownOutcome.
func Idempotent() IdempotentOption {
	return writeOption(func(s *writeSettings) { s.idempotent = true })
}

var errBatchUnguarded = errors.New(
	"the table's Defaults have FailOnConflict, and a batch has no conditions; " +
		"pass LastWriterWins to overwrite what is stored, or save the items one by one")

var errDeletesUnguarded = errors.New(
	"the table's Defaults have FailOnConflict, and a batch has no conditions; " +
		"pass LastWriterWins to delete what is stored, or delete the items one by one")

var errReplaceUnguarded = errors.New(
	"the table's Defaults have FailOnConflict, and Replace replaces any item; " +
		"pass LastWriterWins to replace what is stored, or use Save")

var errNilOption = errors.New("an option is nil; remove the option")

// applyOptions applies options to settings. A nil option of any kind returns an error.
func applyOptions[O, S any](opts []O, s *S, set func(O, *S) error) error {
	for _, opt := range opts {
		if any(opt) == nil {
			return errNilOption
		}
		if err := set(opt, s); err != nil {
			return err
		}
	}
	return nil
}

// settingsOf returns the settings of a call's options.
func settingsOf[O, S any](opts []O, set func(O, *S)) (S, error) {
	if len(opts) == 0 {
		var none S // without options nothing is allocated
		return none, nil
	}
	s := new(S)
	err := applyOptions(opts, s, func(opt O, s *S) error { set(opt, s); return nil })
	return *s, err
}

// guardedSettings returns the settings of the options of a Save or Delete, with the table's
// Defaults.
func guardedSettings[O any](
	t *table, opts []O, set func(O, *writeSettings),
) (writeSettings, error) {
	s, err := settingsOf(opts, set)
	if err != nil {
		return s, err
	}
	return s.withDefaults(t.defaults)
}

// withDefaults adds the table's Defaults to the settings of a call.
func (s writeSettings) withDefaults(defaults writeSettings) (writeSettings, error) {
	if s.lastWriterWins && s.failOnConflict {
		return s, errors.New("LastWriterWins and FailOnConflict contradict each other; keep one")
	}
	if s.lastWriterWins {
		return s, nil
	}
	s.failOnConflict = s.failOnConflict || defaults.failOnConflict
	s.changedOnly = s.changedOnly || defaults.changedOnly
	s.idempotent = s.idempotent || defaults.idempotent
	return s, nil
}
