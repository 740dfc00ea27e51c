package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// The errors that errors.Is finds. errors.As finds the error types below, which have the details.
var (
	// ErrNotFound means that there is no such item. If a key was given, the error is a
	// NotFoundError.
	ErrNotFound = errors.New("no such item")
	// ErrConflict means that the item was changed after it was read; nothing was written. See
	// ConflictError. An OverwriteError matches ErrConflict, too.
	ErrConflict = errors.New("the item has changed")
	// ErrOverwrite means that a new item would have replaced an existing one; nothing was written.
	// See OverwriteError.
	ErrOverwrite = errors.New("the item exists already")
	// ErrConditionFailed means that a condition of the caller was false; nothing was written. See
	// ConditionError.
	ErrConditionFailed = errors.New("the condition is false")
	// ErrMaxRetriesExceeded means that every try met a conflict, or that a part of a batch stayed
	// unprocessed. See MaxRetriesExceededError.
	ErrMaxRetriesExceeded = errors.New("too many tries")
	// ErrUnknownOutcome means that the response was lost. The write was applied, or it was not, or
	// it still will be if its request arrives late. See UnknownOutcomeError and Table.Settle.
	ErrUnknownOutcome = errors.New("the outcome is not known")
	// ErrOtherEntity means that the item at a key belongs to another entity of the table. See
	// OtherEntityError.
	ErrOtherEntity = errors.New("the item is of another entity")
	// ErrUnknownEntity means that an item is of an entity that no model of a collection has. See
	// UnknownEntityError.
	ErrUnknownEntity = errors.New("the entity is unknown")
	// ErrTokenUsed means that a transaction with the same Token and other contents was applied in
	// the last ten minutes, and that this one was not. The error is a RequestError.
	ErrTokenUsed = errors.New("the token was used")
	// ErrPartial means that the item was read without some of its attributes and cannot be saved
	// whole.
	ErrPartial = errors.New("the item was read in part")
	// ErrSchema means that the Go type cannot be a model, or that the table differs from the model.
	// See SchemaError.
	ErrSchema = errors.New("the schema is wrong")
	// ErrInvalidRegion means that a name does not have the form of a region. See
	// InvalidRegionError.
	ErrInvalidRegion = errors.New("no such region")
	// ErrInvalidCursor means that a cursor is damaged or belongs to another query.
	ErrInvalidCursor = errors.New("the cursor is invalid")
)

// partialError is an ErrPartial with a text of its own.
type partialError struct{ problem string }

func (e *partialError) Error() string { return e.problem }

func (e *partialError) Unwrap() error { return ErrPartial }

// Every error type has the field Op: the call that returned the error, as the program writes it,
// such as "Save", "Query", "RunTransaction" or "TableOf". An error inside a *TransactionError has
// the staged call, such as "Update". Table is the table's name in DynamoDB. It is "" if the call
// has no table, or if a transaction has several.

// A SchemaError reports why a Go type cannot be a model, or how a live table differs from the
// model. It matches ErrSchema.
type SchemaError struct {
	Op, Table string       // such as "TableOf", "Verify"; Table is "" if the table has no name yet
	Type      reflect.Type // the model
	Field     string       // the path of the Go field; "" for the whole type
	Attribute string       // the name of the attribute; "" if there is none
	Problem   string       // what is wrong, and how to fix it
}

// Error returns one sentence without a value of an item.
func (e *SchemaError) Error() string {
	where := "model"
	if e.Type != nil {
		where = e.Type.String()
	}
	if e.Field != "" {
		where += "." + e.Field
	}
	if e.Attribute != "" {
		where += fmt.Sprintf(" (attribute %q)", shown.Name(e.Attribute))
	}
	return shown.Within(prefixOf(e.Op, e.Table)+where+": "+e.Problem, shown.MaxSchema)
}

// Is reports whether target is ErrSchema.
func (e *SchemaError) Is(target error) bool { return target == ErrSchema }

// A FieldError reports which value of an item could not be encoded or decoded, and why. A
// transaction also returns it for a field that was edited in an item of which no write is staged. A
// FieldError never contains the value. The key of a map is a value, too: Field and Attribute
// contain the key, and the text of the error does not.
type FieldError struct {
	Op, Table string       // such as "Get", "Save"; Table is "" for EncodeItem and DecodeItem
	Type      reflect.Type // the model
	Key       PrimaryKey   // of the item; of a loaded item only if it could be decoded
	Field     string       // the Go path, which begins with the model: Order.Lines[3].SKU
	Attribute string       // the path of the attribute: lines[3].sku
	Err       error        // the reason

	shown fieldPath // the paths for the text; if empty, the text shows Field and Attribute
}

// Error returns one sentence without a value of an item.
func (e *FieldError) Error() string {
	path := e.shown
	if path == (fieldPath{}) {
		path = fieldPath{e.Field, e.Attribute}
	}
	text := prefixOf(e.Op, e.Table) + path.golang
	if path.attribute != "" {
		text += " (attribute " + path.attribute + ")"
	}
	return shown.Text(text + ": " + textOf(e.Err))
}

// setPath prefixes the error's paths with p.
func (e *FieldError) setPath(p placedPath) {
	if e.shown == (fieldPath{}) {
		e.shown = fieldPath{e.Field, e.Attribute}
	}
	whole := fieldPath{e.Field, e.Attribute}.below(p.golang, p.attribute)
	e.Field, e.Attribute = whole.golang, whole.attribute
	e.shown = e.shown.below(p.shown.golang, p.shown.attribute)
}

// textOf returns the text of an error. It accepts nil because a FieldError of another package may
// have no Err.
func textOf(err error) string {
	if err == nil {
		return "the error gives no reason"
	}
	return err.Error()
}

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// An OldItemError reports that a write was applied, and that the item before it, which it returns,
// cannot be decoded. Take, Replace and RunOld return it. Old has that item, so that nothing is
// lost: store it elsewhere, or correct what Err names and give it to UnmarshalItem.
type OldItemError struct {
	Op, Table string // such as "Take"
	Key       PrimaryKey
	Old       map[string]types.AttributeValue // the item before the write
	Err       error                           // the reason, such as a *FieldError

	taken bool // the write has deleted the item
}

// Error returns one sentence without a value of an item.
func (e *OldItemError) Error() string {
	problem := "the write was applied, and the item before it cannot be decoded"
	if e.taken {
		problem = "the item was deleted, and cannot be decoded"
	}
	return shown.Text(prefixOf(e.Op, e.Table) + problem + "; the field Old of the error has its " +
		"attributes: " + textWithin(e.Err, e.Op, e.Table))
}

// Unwrap returns the reason.
func (e *OldItemError) Unwrap() error { return e.Err }

// A NotFoundError reports that there is no item. It matches ErrNotFound.
type NotFoundError struct {
	Op, Table string     // such as "Get", "Save"
	Key       PrimaryKey // the requested key; empty for First and UnmarshalItem

	problem string // replaces the usual sentence
	expired string // the JSON of the item if it is hidden because it has expired
}

// Error returns one sentence without a value of an item.
func (e *NotFoundError) Error() string {
	problem := e.problem
	if problem == "" {
		problem = "there is no item with this key"
	}
	return shown.Text(prefixOf(e.Op, e.Table) + problem)
}

// Is reports whether target is ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// An OverwriteError reports that a new item was not saved because its key is taken. It matches
// ErrOverwrite and ErrConflict.
type OverwriteError struct {
	Op, Table string
	Key       PrimaryKey
	Current   map[string]types.AttributeValue // the stored item

	staged bool // in a transaction, which has no save without FailOnConflict
}

// Error returns one sentence without a value of an item.
func (e *OverwriteError) Error() string {
	fix := "load the item and change the loaded value, or save without FailOnConflict"
	if e.staged {
		fix = "read the item with In(tx).Get and change the value read, or stage an Update of " +
			"its key"
	}
	return shown.Text(prefixOf(e.Op, e.Table) + "an item with this key exists already, " +
		"and a new one must not replace it; nothing was written: " + fix)
}

// Is reports whether target is ErrOverwrite or ErrConflict.
func (e *OverwriteError) Is(target error) bool {
	return target == ErrOverwrite || target == ErrConflict
}

// A ConflictError reports that an item was not written because it is not as it was read. It matches
// ErrConflict.
type ConflictError struct {
	Op, Table  string
	Key        PrimaryKey
	Attributes []string                        // the sorted names of the attributes that differ
	Current    map[string]types.AttributeValue // the stored item; nil if none, or nothing was sent

	problem   string // replaces the usual sentence
	outside   bool   // the item was loaded outside of the transaction that writes it
	moved     bool   // the key of the item was edited
	final     bool   // its version was set and nothing was sent: another try would not help
	operation int    // its number in a transaction if nothing was sent, else 0
}

// Error returns one sentence without a value of an item.
func (e *ConflictError) Error() string {
	where, problem := prefixOf(e.Op, e.Table)+"the item ", e.problem
	if problem == "" {
		problem = e.difference() + "; nothing was written: load it and decide again"
	}
	switch {
	case e.moved && e.operation > 0:
		problem = fmt.Sprintf(
			"of operation %d was loaded at another key, and its key was edited since (%s); "+
				"nothing was sent: to move it stage In(tx).Delete of it as it was read, and "+
				"In(tx).Save of a copy "+
				"with the new key and Model = dynamapper.Model{}; or move it before the "+
				"transaction",
			e.operation, joinNames(e.Attributes))
	case e.outside:
		problem = "was loaded outside of the transaction, and " + e.difference() +
			"; nothing was written: " +
			"read it with In(tx).Get in the function, which is called again then when the item " +
			"has changed"
	}
	return shown.Text(where + problem)
}

// difference describes how the stored item differs from the item that was read.
func (e *ConflictError) difference() string {
	switch {
	case e.problem != "": // a deleted item has no attributes to name
		return "was deleted since"
	case len(e.Attributes) == 0:
		return "is not as it was read"
	}
	return "is not as it was read (" + joinNames(e.Attributes) + ")"
}

// Is reports whether target is ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// A ConditionError reports that a condition of the caller was false, or that an attribute to which
// an update refers with Ref or SetExpr is missing. It matches ErrConditionFailed.
type ConditionError struct {
	Op, Table string
	Key       PrimaryKey
	Current   map[string]types.AttributeValue // the stored item; nil if there is none

	attributes []string // the attributes of the condition
	missing    string   // describes what the update refers to and the item lacks, or ""
}

// Error returns one sentence without a value of an item.
func (e *ConditionError) Error() string {
	of := ""
	if e.missing != "" {
		return shown.Text(prefixOf(e.Op, e.Table) + e.missing + "; nothing was written")
	}
	if len(e.attributes) > 0 {
		of = " (" + joinNames(e.attributes) + ")"
	}
	return shown.Text(
		prefixOf(e.Op, e.Table) + "the condition on the item is false" + of +
			"; nothing was written")
}

// Is reports whether target is ErrConditionFailed.
func (e *ConditionError) Is(target error) bool { return target == ErrConditionFailed }

// The constructors below make conflicts other than a race for the same attributes. newCallError
// adds the operation and the table.

func newGoneError(op, table string, key PrimaryKey) error {
	return &ConflictError{Op: op, Table: table, Key: key,
		problem: "was deleted since it was read; " +
			"nothing was written: decide whether to insert it again"}
}

func newEditedKeyError(key PrimaryKey, edited []string) error {
	return &ConflictError{Key: key, Attributes: edited, moved: true,
		problem: "was loaded at another key, and its key was edited since (" +
			strings.Join(edited, ", ") + "); " +
			"nothing was sent: to move it delete it, change the key and save it, to copy it " +
			"save without options"}
}

// newNoIDError makes the error for a save of an item that was loaded from the id 0. The id 0 means
// that an item has no id yet.
func newNoIDError(key PrimaryKey) error {
	return &ConflictError{Key: key, problem: "is stored at the id 0, " +
		"which stands for an item without an id; nothing was sent: " +
		"save it without options to make a copy with an id, and delete the original"}
}

// newSetVersionError makes the error for a write of an item whose version field was set to another
// version than the loaded one.
func newSetVersionError(key PrimaryKey, version *field) error {
	return &ConflictError{Key: key, Attributes: []string{version.attribute}, final: true,
		problem: fmt.Sprintf(
			"was loaded at another version than the one that its field %s was set to (%s), "+
				"so that it has changed since the caller saw it; nothing was sent: "+
				"load it and decide again, or leave the field as it was loaded",
			version.goPath, version.attribute)}
}

// newGoneVersionError makes the error for an insertion of an item whose version field was set.
func newGoneVersionError(key PrimaryKey, version *field) error {
	return &ConflictError{Key: key, Attributes: []string{version.attribute}, final: true,
		problem: fmt.Sprintf("is not there any more, and its field %s was set to the version "+
			"that the caller has seen (%s); nothing was sent: decide whether to insert it again, "+
			"and leave the field empty then", version.goPath, version.attribute)}
}

func newUnreadError(key PrimaryKey) error {
	return &ConflictError{Key: key,
		problem: "is new, so it has no snapshot to compare the stored item with; " +
			"nothing was sent: load the item before, or use DeleteKey"}
}

// An UnknownOutcomeError reports that a write was sent and its response was lost. It matches
// ErrUnknownOutcome.
//
// The write was applied, or it was not, or it still will be: the request may still be on its way
// and arrive after the item is read again. Settle the outcome before you decide:
//   - Table.Settle settles a write that compares with a version.
//   - Otherwise a write settles it if that write makes the condition of the lost one false for
//     good.
//   - A record that the next attempt checks settles it, too, such as an item with the id of the
//     purchase that is inserted in the same transaction.
type UnknownOutcomeError struct {
	Op, Table string     // Table is "" if a transaction has several tables
	Key       PrimaryKey // empty if a transaction has several items
	Err       error      // of the SDK or the context

	problem string // replaces the usual sentence
}

// unsaidOutcome is the problem text for a client that does not report its tries.
const unsaidOutcome = "the client does not say whether it sent the write, which was applied or " +
	"not; read what it writes and decide"

// Error returns one sentence without a value of an item.
func (e *UnknownOutcomeError) Error() string {
	problem := e.problem
	switch {
	case problem != "":
	case e.Table == "":
		problem = "the response was lost, and all of it was applied or nothing, or still may be; " +
			"settle it, read what it writes and decide"
	default:
		problem = "the response was lost, and the write was applied or not, or still may be; " +
			"settle it, read what it writes and decide"
	}
	return shown.Text(prefixOf(e.Op, e.Table) + problem + ": " + textWithin(e.Err, e.Op, e.Table))
}

// Is reports whether target is ErrUnknownOutcome.
func (e *UnknownOutcomeError) Is(target error) bool { return target == ErrUnknownOutcome }

// Unwrap returns the error of the SDK or the context.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// A MaxRetriesExceededError reports that every try met a conflict or left a part of a batch
// unprocessed. It matches ErrMaxRetriesExceeded.
type MaxRetriesExceededError struct {
	Op, Table string // Table is "" for a transaction
	Tries     int
	Err       error // the error of the last try
}

// Error returns one sentence without a value of an item.
func (e *MaxRetriesExceededError) Error() string {
	return shown.Text(fmt.Sprintf("%sgave up after %d tries: %s",
		prefixOf(e.Op, e.Table), e.Tries, textWithin(e.Err, e.Op, e.Table)))
}

// Is reports whether target is ErrMaxRetriesExceeded.
func (e *MaxRetriesExceededError) Is(target error) bool { return target == ErrMaxRetriesExceeded }

// Unwrap returns the error of the last try.
func (e *MaxRetriesExceededError) Unwrap() error { return e.Err }

// An InvalidRegionError reports that a name does not have the form of a region. It matches
// ErrInvalidRegion.
type InvalidRegionError struct {
	Op     string // "Connect"
	Region string
}

// Error returns one sentence.
func (e *InvalidRegionError) Error() string {
	return shown.Text(
		fmt.Sprintf(
			"%s%q is not an AWS region; give a region such as %q, or an endpoint with WithEndpoint",
			prefixOf(e.Op, ""), shown.Name(e.Region), "eu-west-1"))
}

// Is reports whether target is ErrInvalidRegion.
func (e *InvalidRegionError) Is(target error) bool { return target == ErrInvalidRegion }

// A BatchError reports which items of a batch were not written. All other items were written. If
// Err matches ErrUnknownOutcome, some of the Unprocessed items may have been written, too.
type BatchError struct {
	Op, Table   string  // such as "BatchSave"; Table is "" if BatchWrite has several tables
	Unprocessed []int   // sorted positions in the given items or keys, from 0
	Parts       [][]int // of BatchWrite, in place of Unprocessed: those of each part, in order
	Err         error   // the reason, or several joined; the reason of one item names its position
}

// Error returns one sentence without a value of an item.
func (e *BatchError) Error() string {
	what := "were not written"
	if errors.Is(e.Err, ErrUnknownOutcome) {
		what = "were not written, or not known to be"
	}
	items, n := "items", len(e.Unprocessed)
	for _, positions := range e.Parts {
		n += len(positions)
	}
	if n == 1 {
		items, what = "item", strings.Replace(what, "were", "was", 1)
	}
	return shown.Text(fmt.Sprintf("%s%d %s %s: %v",
		prefixOf(e.Op, e.Table), n, items, what, e.reasons()))
}

// reasons returns the text of Err without the operation and the table, which the error has named.
func (e *BatchError) reasons() string {
	reasons := []error{e.Err}
	if joined, several := e.Err.(joinedReasons); several {
		reasons = joined
	}
	texts := make([]string, len(reasons))
	for i, reason := range reasons {
		texts[i] = textWithin(reason, e.Op, e.Table)
	}
	return shown.Join(texts, "; ")
}

// Unwrap returns the reason.
func (e *BatchError) Unwrap() error { return e.Err }

// A TransactionError reports why a transaction was refused. Nothing of the transaction was written.
// Each reason names its own operation and table. errors.Is and errors.As find the reasons.
type TransactionError struct {
	Op      string  // "RunTransaction"
	Reasons []error // one for each operation in the order staged; nil if it has no problem
}

// Error returns one sentence without a value of an item.
func (e *TransactionError) Error() string {
	var texts []string
	for i, reason := range e.Reasons {
		if reason != nil {
			texts = append(texts,
				fmt.Sprintf("operation %d: %s", i+1, textWithin(reason, e.Op, "")))
		}
	}
	return shown.Text(
		prefixOf(e.Op, "") + "the transaction was refused, nothing was written: " +
			shown.Join(texts, "; "))
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

// A RequestError reports that a request failed: the service refused it, the service cannot be
// reached, or the context ended. No item was written. CreateTable, EnsureTable and DeleteTable also
// return a RequestError if their wait for the table failed; the table was created or deleted then.
//
// UnknownOutcomeError, MaxRetriesExceededError, BatchError and TransactionError may wrap a
// RequestError, so test for them first. errors.As also finds the SDK's error, such as a
// *types.ResourceNotFoundException or a smithy.APIError with the service's code, and errors.Is
// finds the error of the context. If the context ended a row of tries, both also find the error of
// the last try, such as a ConflictError.
type RequestError struct {
	Op, Table string // Table is "" if the call has several tables, or none
	Err       error  // of the SDK or the context; nil if the table's own state makes it unusable

	problem string // what is wrong and how to fix it; "" if only the cause is known
	cause   string // the part of Err that adds something to problem, or ""

	sentinel error // which the error matches; nil: none
}

// Error returns one sentence without a value of an item.
func (e *RequestError) Error() string {
	text := e.problem
	switch {
	case text == "" && e.cause == "":
		text = textOf(e.Err)
	case text == "":
		text = e.cause
	case e.cause != "":
		text += ": " + e.cause
	}
	return shown.Text(prefixOf(e.Op, e.Table) + text)
}

// Unwrap returns the error of the SDK or the context.
func (e *RequestError) Unwrap() error { return e.Err }

// Is reports whether target is ErrTokenUsed, and the service refused the token of a transaction.
func (e *RequestError) Is(target error) bool { return e.sentinel != nil && e.sentinel == target }

// prefixOf returns the beginning of an error text: the package, and the operation and the table
// unless they are "".
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

// textWithin returns the text of an error without the package, the operation and the table. The
// text that it becomes a part of has named them.
func textWithin(err error, op, table string) string {
	text := fmt.Sprint(err)
	for _, said := range []string{"dynamapper: ", op + ": ", fmt.Sprintf("table %q: ", table)} {
		text = strings.TrimPrefix(text, said)
	}
	return text
}

// newCallError adds the operation and the table to an error of a call. It sets the fields of an
// error of this package, and puts a text with both around any other error. table is "" for a call
// without a table.
func newCallError(op, table string, err error) error {
	switch e := err.(type) {
	case *SchemaError: // a copy, because the error is kept for the next call with the type
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
	return shown.Errorf(err, "%s%v", prefixOf(op, table), err)
}

// joinNames lists names of attributes, which may come from elsewhere.
func joinNames(names []string) string {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, expression.QuoteElement(shown.Name(name)))
	}
	return shown.Join(quoted, ", ")
}

// entryError says which entry of a batch an error concerns.
type entryError struct {
	op, table string
	entry     string // its name, such as "item 3"
	err       error
}

// Error names the operation and the table once, although the inner error may name them, too.
func (e *entryError) Error() string {
	return shown.Text(
		fmt.Sprintf("%s%s: %s", prefixOf(e.op, e.table), e.entry,
			textWithin(e.err, e.op, e.table)))
}

// Unwrap returns the inner error.
func (e *entryError) Unwrap() error { return e.err }

// joinReasons joins several reasons in one error.
func joinReasons(reasons []error) error {
	if len(reasons) == 1 {
		return reasons[0]
	}
	return joinedReasons(reasons)
}

// joinedReasons is an error with several reasons, none of which stands for the others.
type joinedReasons []error

func (r joinedReasons) Error() string {
	texts := make([]string, len(r))
	for i, reason := range r {
		texts[i] = textOf(reason)
	}
	return shown.Text(shown.Join(texts, "; "))
}

// Unwrap returns the reasons.
func (r joinedReasons) Unwrap() []error { return r }
