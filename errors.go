package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What errors.Is finds. The types beside them say more: errors.As.
var (
	// ErrNotFound: there is no such item. See NotFoundError, where a key was given.
	ErrNotFound = errors.New("no such item")
	// ErrConflict: somebody changed the item since it was read; nothing was written. See ConflictError. An
	// OverwriteError is one too.
	ErrConflict = errors.New("the item has changed")
	// ErrOverwrite: a new item would have replaced an existing one; nothing was written. See OverwriteError.
	ErrOverwrite = errors.New("the item exists already")
	// ErrConditionFailed: a condition of the caller was false; nothing was written. See ConditionError.
	ErrConditionFailed = errors.New("the condition is false")
	// ErrMaxRetriesExceeded: every try met a conflict, or a batch was left unprocessed. See MaxRetriesExceededError.
	ErrMaxRetriesExceeded = errors.New("too many tries")
	// ErrUnknownOutcome: the answer was lost. The write was applied, or not, or still will be when its request arrives late:
	// see Table.Settle, and UnknownOutcomeError.
	ErrUnknownOutcome = errors.New("the outcome is not known")
	// ErrPartial: the item was read without some of its attributes, and cannot be saved whole.
	ErrPartial = errors.New("the item was read in part")
	// ErrSchema: the Go type cannot be a model, or the table is not as the model says. See SchemaError.
	ErrSchema = errors.New("the schema is wrong")
	// ErrInvalidRegion: a region's name has not the form of one. See InvalidRegionError.
	ErrInvalidRegion = errors.New("no such region")
	// ErrInvalidCursor: a cursor is broken, or belongs to another query.
	ErrInvalidCursor = errors.New("the cursor is invalid")
)

// partialError is ErrPartial in a sentence of its own.
type partialError struct{ problem string }

func (e *partialError) Error() string { return e.problem }

func (e *partialError) Unwrap() error { return ErrPartial }

// Every error type has the field Op: the call that returned the error, as the program writes it,
// such as "Save", "Query", "RunTransaction" or "TableOf". An error inside a *TransactionError has the
// staged call, such as "Update". Table is the table's name in DynamoDB. It is "" if the call has no
// table, or if a transaction has several.

// SchemaError says why a Go type cannot be a model, or how a live table differs from the model.
// errors.Is: ErrSchema.
type SchemaError struct {
	Op, Table string       // "TableOf", "Verify"; the table "" while it has no name yet
	Type      reflect.Type // the model
	Field     string       // the Go field's path; "": the type as a whole
	Attribute string       // the attribute; "" where there is none
	Problem   string       // what is wrong, and how to fix it
}

// Error returns one sentence, without a value.
func (e *SchemaError) Error() string {
	where := "model"
	if e.Type != nil {
		where = e.Type.String()
	}
	if e.Field != "" {
		where += "." + e.Field
	}
	if e.Attribute != "" {
		where += fmt.Sprintf(" (attribute %q)", cut(e.Attribute))
	}
	return toldWithin(prefixOf(e.Op, e.Table)+where+": "+e.Problem, maxShownSchema)
}

// Is makes errors.Is(e, ErrSchema) true.
func (e *SchemaError) Is(target error) bool { return target == ErrSchema }

// FieldError says which value of an item could not be encoded or decoded, and why; or which field was
// edited in a transaction that does not write the item. It never holds the value. The key of a map is
// a value, too: it stands in Field and Attribute, and not in the text.
type FieldError struct {
	Op, Table string       // "Get", "Save"; the table "" for EncodeItem and DecodeItem
	Type      reflect.Type // the model
	Key       PrimaryKey   // of the item; for a read, where it could be read
	Field     string       // the Go path, with the model: Order.Lines[3].SKU
	Attribute string       // the attribute path: lines[3].sku
	Err       error        // what is wrong

	shown fieldPath // the same paths as the text shows them; empty: they are shown as they are
}

// Error returns one sentence, without a value.
func (e *FieldError) Error() string {
	shown := e.shown
	if shown == (fieldPath{}) {
		shown = fieldPath{e.Field, e.Attribute}
	}
	text := prefixOf(e.Op, e.Table) + shown.golang
	if shown.attribute != "" {
		text += " (attribute " + shown.attribute + ")"
	}
	return told(text + ": " + textOf(e.Err))
}

// setPath places the error below what a path leads to.
func (e *FieldError) setPath(p placedPath) {
	if e.shown == (fieldPath{}) {
		e.shown = fieldPath{e.Field, e.Attribute}
	}
	whole := fieldPath{e.Field, e.Attribute}.below(p.golang, p.attribute)
	e.Field, e.Attribute = whole.golang, whole.attribute
	e.shown = e.shown.below(p.shown.golang, p.shown.attribute)
}

// textOf returns an error's text; an error made by hand may have none inside.
func textOf(err error) string {
	if err == nil {
		return "it is not said what is wrong"
	}
	return err.Error()
}

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

// NotFoundError says that there is no item. errors.Is: ErrNotFound.
type NotFoundError struct {
	Op, Table string     // "Get", "Save"
	Key       PrimaryKey // that was asked for; empty for First and UnmarshalItem, which get none

	problem string // in place of the common sentence
}

// Error returns one sentence, without a value.
func (e *NotFoundError) Error() string {
	problem := e.problem
	if problem == "" {
		problem = "there is no item with this key"
	}
	return told(prefixOf(e.Op, e.Table) + problem)
}

// Is makes errors.Is(e, ErrNotFound) true.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// OverwriteError says that a new item was not saved because its key is taken. errors.Is:
// ErrOverwrite, ErrConflict.
type OverwriteError struct {
	Op, Table string
	Key       PrimaryKey
	Current   map[string]types.AttributeValue // the item that is there

	staged bool // in a transaction, where a save has no other way
}

// Error returns one sentence, without a value.
func (e *OverwriteError) Error() string {
	fix := "load the item and change that, or save without FailOnConflict"
	if e.staged {
		fix = "read the item with In(tx).Get and change that, or stage an Update of its key"
	}
	return told(prefixOf(e.Op, e.Table) + "an item with this key exists already, " +
		"and a new one must not replace it; nothing was written: " + fix)
}

// Is makes errors.Is true for ErrOverwrite and ErrConflict.
func (e *OverwriteError) Is(target error) bool {
	return target == ErrOverwrite || target == ErrConflict
}

// ConflictError says that an item was not written because it is not as it was read. errors.Is:
// ErrConflict.
type ConflictError struct {
	Op, Table  string
	Key        PrimaryKey
	Attributes []string                        // the sorted names of the attributes that differ
	Current    map[string]types.AttributeValue // the item as it is now; nil: there is none, or nothing was sent

	problem   string // in place of the common sentence
	outside   bool   // the item was loaded outside of the transaction that writes it
	moved     bool   // its key was edited
	final     bool   // its version was set, and nothing was sent: another try would find the same
	operation int    // of a transaction, where nothing was sent; 0: none
}

// Error returns one sentence, without a value.
func (e *ConflictError) Error() string {
	where, problem := prefixOf(e.Op, e.Table)+"the item ", e.problem
	if problem == "" {
		problem = e.difference() + "; nothing was written: load it again and decide anew"
	}
	switch {
	case e.moved && e.operation > 0:
		problem = fmt.Sprintf("of operation %d was loaded at another key, and its key was edited since (%s); "+
			"nothing was sent: to move it stage In(tx).Delete of it as it was read, and In(tx).Save of a copy "+
			"with the new key and Model = dynamapper.Model{}; or move it before the transaction",
			e.operation, shownNames(e.Attributes))
	case e.outside:
		problem = "was loaded outside of the transaction, and " + e.difference() + "; nothing was written: " +
			"read it with In(tx).Get in the function, which is called again then when the item has changed"
	}
	return told(where + problem)
}

// difference says what is not as it was read.
func (e *ConflictError) difference() string {
	switch {
	case e.problem != "": // what is gone differs in nothing
		return "was deleted since"
	case len(e.Attributes) == 0:
		return "is not as it was read"
	}
	return "is not as it was read (" + shownNames(e.Attributes) + ")"
}

// Is makes errors.Is(e, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// ConditionError says that a condition of the caller was false. errors.Is: ErrConditionFailed.
type ConditionError struct {
	Op, Table string
	Key       PrimaryKey
	Current   map[string]types.AttributeValue // the item as it is now; nil: no such item

	attributes []string // that the condition looks at
}

// Error returns one sentence, without a value.
func (e *ConditionError) Error() string {
	of := ""
	if len(e.attributes) > 0 {
		of = " (" + shownNames(e.attributes) + ")"
	}
	return told(prefixOf(e.Op, e.Table) + "the condition on the item is false" + of + "; nothing was written")
}

// Is makes errors.Is(e, ErrConditionFailed) true.
func (e *ConditionError) Is(target error) bool { return target == ErrConditionFailed }

// The conflicts that are not a race for the same attributes. newCallError completes them.

func newGoneError(op, table string, key PrimaryKey) error {
	return &ConflictError{Op: op, Table: table, Key: key, problem: "was deleted since it was read; " +
		"nothing was written: decide whether to insert it anew"}
}

func newEditedKeyError(key PrimaryKey, edited []string) error {
	return &ConflictError{Key: key, Attributes: edited, moved: true,
		problem: "was loaded at another key, and its key was edited since (" + strings.Join(edited, ", ") + "); " +
			"nothing was sent: to move it delete it, change the key and save it, to copy it save without options"}
}

// newNoIDError refuses to save an item in place that is stored where only items without an id are.
func newNoIDError(key PrimaryKey) error {
	return &ConflictError{Key: key, problem: "is stored at the id 0, " +
		"which stands for an item without an id; nothing was sent: " +
		"save it without options to make a copy with an id, and delete the original"}
}

// newSetVersionError refuses to write an item of which the caller has seen another version than was
// loaded.
func newSetVersionError(key PrimaryKey, version *field) error {
	return &ConflictError{Key: key, Attributes: []string{version.attribute}, final: true,
		problem: fmt.Sprintf("was loaded at another version than the one that its field %s was set to (%s), "+
			"so that it has changed since the caller saw it; nothing was sent: "+
			"load it again and decide anew, or leave the field as it was loaded",
			version.goPath, version.attribute)}
}

// newGoneVersionError refuses to insert an item of which the caller has seen a version.
func newGoneVersionError(key PrimaryKey, version *field) error {
	return &ConflictError{Key: key, Attributes: []string{version.attribute}, final: true,
		problem: fmt.Sprintf("is not there any more, and its field %s was set to the version "+
			"that the caller has seen (%s); nothing was sent: decide whether to insert it anew, "+
			"and leave the field empty then", version.goPath, version.attribute)}
}

func newUnreadError(key PrimaryKey) error {
	return &ConflictError{Key: key, problem: "is new, so that nothing says whether the stored one has changed; " +
		"nothing was sent: load it before, or use DeleteKey"}
}

// UnknownOutcomeError says that a write was sent and its answer lost. It was applied, or it was not, or it still will be: a request that
// was given up may wait on its way, and arrive after the item was read. So settle the doubt before you decide. Table.Settle does
// that for a write that compares with a version; else a write does that makes its condition false for good, or a record that the
// next attempt checks, such as an item with the purchase's id that is inserted in the same transaction. errors.Is:
// ErrUnknownOutcome.
type UnknownOutcomeError struct {
	Op, Table string     // the table "" where a transaction has several
	Key       PrimaryKey // empty where a transaction has several items
	Err       error      // of the SDK or the context

	problem string // in place of the common sentence
}

// unsaidOutcome is the problem of a client that hides its tries.
const unsaidOutcome = "the client does not say whether it sent the write, which was applied or not; read what it writes and decide"

// Error returns one sentence, without a value.
func (e *UnknownOutcomeError) Error() string {
	problem := e.problem
	switch {
	case problem != "":
	case e.Table == "":
		problem = "the answer was lost, and all of it was applied or nothing, or still may be; " +
			"settle it, read what it writes and decide"
	default:
		problem = "the answer was lost, and the write was applied or not, or still may be; " +
			"settle it, read what it writes and decide"
	}
	return told(prefixOf(e.Op, e.Table) + problem + ": " + textWithin(e.Err, e.Op, e.Table))
}

// Is makes errors.Is(e, ErrUnknownOutcome) true.
func (e *UnknownOutcomeError) Is(target error) bool { return target == ErrUnknownOutcome }

// Unwrap returns the error of the SDK or the context.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// MaxRetriesExceededError says that every try met a conflict, or left a part of a batch unprocessed.
// errors.Is: ErrMaxRetriesExceeded.
type MaxRetriesExceededError struct {
	Op, Table string // the table "" for a transaction
	Tries     int
	Err       error // of the last try
}

// Error returns one sentence, without a value.
func (e *MaxRetriesExceededError) Error() string {
	return told(fmt.Sprintf("%sgave up after %d tries: %s",
		prefixOf(e.Op, e.Table), e.Tries, textWithin(e.Err, e.Op, e.Table)))
}

// Is makes errors.Is(e, ErrMaxRetriesExceeded) true.
func (e *MaxRetriesExceededError) Is(target error) bool { return target == ErrMaxRetriesExceeded }

// Unwrap returns the error of the last try.
func (e *MaxRetriesExceededError) Unwrap() error { return e.Err }

// InvalidRegionError says that a region's name has not the form of one. errors.Is: ErrInvalidRegion.
type InvalidRegionError struct {
	Op     string // "Connect"
	Region string
}

// Error returns one sentence.
func (e *InvalidRegionError) Error() string {
	return told(fmt.Sprintf("%s%q is not an AWS region; give one such as %q, or an endpoint with WithEndpoint",
		prefixOf(e.Op, ""), cut(e.Region), "eu-west-1"))
}

// Is makes errors.Is(e, ErrInvalidRegion) true.
func (e *InvalidRegionError) Is(target error) bool { return target == ErrInvalidRegion }

// BatchError says which items of a batch were not written; all others were. With ErrUnknownOutcome
// inside, some of them may have been written, too.
type BatchError struct {
	Op, Table   string // "BatchSave"
	Unprocessed []int  // positions in the items or keys that were given, from 0, sorted
	Err         error  // the reason, or several joined; one that concerns an item alone names its position
}

// Error returns one sentence, without a value.
func (e *BatchError) Error() string {
	what := "were not written"
	if errors.Is(e.Err, ErrUnknownOutcome) {
		what = "were not written, or not known to be"
	}
	items := "items"
	if len(e.Unprocessed) == 1 {
		items, what = "item", strings.Replace(what, "were", "was", 1)
	}
	return told(fmt.Sprintf("%s%d %s %s: %v",
		prefixOf(e.Op, e.Table), len(e.Unprocessed), items, what, e.reasons()))
}

// reasons says why, without what the error itself has named.
func (e *BatchError) reasons() string {
	reasons := []error{e.Err}
	if joined, several := e.Err.(joinedReasons); several {
		reasons = joined
	}
	texts := make([]string, len(reasons))
	for i, reason := range reasons {
		texts[i] = textWithin(reason, e.Op, e.Table)
	}
	return joinSome(texts, "; ")
}

// Unwrap returns the reason.
func (e *BatchError) Unwrap() error { return e.Err }

// TransactionError says why a transaction was refused; nothing of it was written. Each reason names
// its own operation and table.
type TransactionError struct {
	Op      string  // "RunTransaction"
	Reasons []error // one an operation, in the order staged; nil where that one was fine
}

// Error returns one sentence, without a value.
func (e *TransactionError) Error() string {
	var texts []string
	for i, reason := range e.Reasons {
		if reason != nil {
			texts = append(texts, fmt.Sprintf("operation %d: %s", i+1, textWithin(reason, e.Op, "")))
		}
	}
	return told(prefixOf(e.Op, "") + "the transaction was refused, nothing was written: " + joinSome(texts, "; "))
}

// Unwrap returns the reasons that are not nil.
func (e *TransactionError) Unwrap() []error {
	var reasons []error
	for _, reason := range e.Reasons {
		if reason != nil {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

// prefixOf returns the beginning of every message: the operation, and the table if there is one.
func prefixOf(op, table string) string {
	prefix := "dynamapper: "
	if op != "" {
		prefix += op + ": "
	}
	if table != "" {
		prefix += fmt.Sprintf("table %q: ", table)
	}
	return prefix
}

// textWithin returns the text of an error for the text of another, which has named the mapper, the
// operation and, unless it is "", the table.
func textWithin(err error, op, table string) string {
	text := fmt.Sprint(err)
	for _, said := range []string{"dynamapper: ", op + ": ", fmt.Sprintf("table %q: ", table)} {
		text = strings.TrimPrefix(text, said)
	}
	return text
}

// newCallError completes what is wrong with a call: an error of the package gets the operation and
// the table, every other one is wrapped in a text with them. table is "" for a call without one.
func newCallError(op, table string, err error) error {
	switch e := err.(type) {
	case *SchemaError: // a copy, as the error is kept for the next call with the type
		complete := *e
		complete.Op, complete.Table = op, table
		return &complete
	case *ConflictError:
		e.Op, e.Table = op, table
		return e
	case *FieldError:
		e.Op, e.Table = op, table
		return e
	}
	return newToldError(err, "%s%v", prefixOf(op, table), err)
}
