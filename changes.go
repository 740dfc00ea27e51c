package dynamapper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// Change is a change of one item, from a stream of its table. See Table.Changes.
type Change[T any] struct {
	StreamRecord
	// The item before and after the change, as if each had been loaded from the table. Old is nil
	// if the item was inserted, New if it was removed. Both are nil if the stream's view lacks the
	// image.
	Old, New *T
}

// CollectionChange is a change of one item of a Collection. Old and New are pointers to models, or
// nil. If a save replaced an item by one of another entity, they are of two models. See Change.
type CollectionChange struct {
	StreamRecord
	Old, New any
}

// StreamRecord is what the record of a change says besides the item. The same record may be
// delivered several times.
type StreamRecord struct {
	Kind ChangeKind
	// If no model has a key of the record's form, Key is as it is stored: text is a string, a number
	// a json.Number. Such a record is yielded with an error.
	Key    PrimaryKey
	Entity string // the entity of the model; "" if the model names none
	// When the item was changed. DynamoDB Streams gives whole seconds.
	At time.Time
	// Time to live removed the item. A global table says so only in the region that removed it.
	//
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
	ByTTL bool
	// Identifies the change, also if its record is delivered again.
	EventID string
	// The place in the shard. Lambda expects it of a failure. In an event of Kinesis, it is the
	// number of the Kinesis record.
	SequenceNumber string
	View           types.StreamViewType // what the record contains; "" in an event of Kinesis

	old, new string // the images as wire JSON; "" for none
}

// ChangeKind says what happened to an item.
type ChangeKind string

// The kinds of changes. A save over an item is Modified, also if it replaced the whole item.
const (
	Inserted ChangeKind = "INSERT"
	Modified ChangeKind = "MODIFY"
	Removed  ChangeKind = "REMOVE"
)

// Changed returns the sorted names of the attributes that differ between the item before and after
// the change. Numbers, sets and documents are compared by value. Of an item that was inserted or
// removed, Changed returns all attributes. It returns false if the record lacks an image that this
// needs, as the stream's view may omit it.
func (r StreamRecord) Changed() (attributes []string, ok bool) {
	if r.new == "" && r.Kind != Removed || r.old == "" && r.Kind != Inserted {
		return nil, false
	}
	before, err := parseRawItem(r.old)
	if err != nil {
		return nil, false
	}
	after, err := parseRawItem(r.new)
	if err != nil {
		return nil, false
	}
	for _, attribute := range slices.Concat(before, after) {
		if !before.raw(attribute.Name).Equal(after.raw(attribute.Name)) {
			attributes = append(attributes, attribute.Name)
		}
	}
	slices.Sort(attributes)
	return slices.Compact(attributes), true
}

// Changes yields the changes in the event of a Lambda function, in their order. It takes the JSON
// of the event: of DynamoDB Streams, or of Kinesis Data Streams that DynamoDB writes to. It also
// takes a JSON array of records of either, as EventBridge Pipes sends it, and one record. It sends
// no request.
//
// Items are decoded as a load decodes them, with the hooks of the model. An item that was saved
// or loaded since conflicts under FailOnConflict, as any other. Changes leaves out the records of
// items of other entities, the item that counts ids, and the records of other tables in a Kinesis
// stream. If a save replaced an item of the model by one of another entity, the change is Removed,
// and the other way round Inserted. If a record has no image, the form of its key tells the entity.
//
// If a record cannot be decoded, Changes yields a *ChangeError and continues; the Change has the
// SequenceNumber, the Key and what else is known. An error about the event as a whole is yielded
// last, with a zero Change. Records of another table's stream are errors, too.
//
// To report failures to Lambda, use HandleChanges, or a loop with ChangeFailures.
func (t *Table[T]) Changes(event []byte) iter.Seq2[Change[T], error] {
	return typedChanges[T](orZero(t).untyped.changes("Changes", recordsOfEvent(event)))
}

// ChangesOf yields the changes in records that the client of DynamoDB Streams has read with
// GetRecords. See Changes.
func (t *Table[T]) ChangesOf(records ...streamtypes.Record) iter.Seq2[Change[T], error] {
	return typedChanges[T](orZero(t).untyped.changes("ChangesOf", recordsOf(records)))
}

// HandleChanges calls a function for each change in the event of a Lambda function, in their order,
// and returns what the Lambda function returns:
//
//	func handler(ctx context.Context, event json.RawMessage) (dynamapper.ChangeFailures, error) {
//		failures := players.HandleChanges(ctx, event, handle)
//		if err := failures.Err(); err != nil {
//			slog.ErrorContext(ctx, "changes", "error", err)
//		}
//		return failures, nil
//	}
//
// At the first failure HandleChanges stops and reports that record: Lambda delivers it and all
// records behind it again, so the changes of an item stay in order. A failure is an error of the
// function, a record that cannot be decoded (see SetAside), or the end of the context. An event
// that cannot be read, and a call that is wrong, fail as a whole.
//
// Lambda reads the failures only if the event source mapping has the function response type
// ReportBatchItemFailures. Without it, return failures.Err() as the error.
//
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
func (t *Table[T]) HandleChanges(
	ctx context.Context, event []byte, handle func(context.Context, Change[T]) error,
	opts ...HandleOption,
) ChangeFailures {
	var untyped func(context.Context, anyChange) error
	if handle != nil {
		untyped = func(ctx context.Context, c anyChange) error { return handle(ctx, typedChange[T](c)) }
	}
	return orZero(t).untyped.handleChanges(ctx, event, untyped, opts)
}

// Changes yields the changes in the event of a Lambda function, of the items of all models. Key and
// Entity are those of the model. If a record has no image, the form of its key tells the model. A
// record of an entity that no model has is a *ChangeError that matches ErrUnknownEntity. See
// Table.Changes.
func (c *Collection) Changes(event []byte) iter.Seq2[CollectionChange, error] {
	return collectionChanges(orZero(c).changes("Changes", recordsOfEvent(event)))
}

// ChangesOf yields the changes in records that the client of DynamoDB Streams has read with
// GetRecords, of the items of all models. See Collection.Changes.
func (c *Collection) ChangesOf(records ...streamtypes.Record) iter.Seq2[CollectionChange, error] {
	return collectionChanges(orZero(c).changes("ChangesOf", recordsOf(records)))
}

// HandleChanges calls a function for each change in the event of a Lambda function, of the items of
// all models. See Table.HandleChanges and Collection.Changes.
func (c *Collection) HandleChanges(
	ctx context.Context, event []byte, handle func(context.Context, CollectionChange) error,
	opts ...HandleOption,
) ChangeFailures {
	var untyped func(context.Context, anyChange) error
	if handle != nil {
		untyped = func(ctx context.Context, c anyChange) error {
			return handle(ctx, CollectionChange{c.StreamRecord, c.old, c.new})
		}
	}
	if c = orZero(c); c.check() != nil {
		return failuresOf(newCallError("HandleChanges", "", errNoCollection))
	}
	return c.whole.table.handleChanges(ctx, event, untyped, opts)
}

// changes is Changes of the table of a collection.
func (c *collection) changes(op string, records recordSource) iter.Seq2[anyChange, error] {
	if c.check() != nil {
		return func(yield func(anyChange, error) bool) {
			yield(anyChange{}, newCallError(op, "", errNoCollection))
		}
	}
	return c.whole.table.changes(op, records)
}

// anyChange is a change of an item of any model. old and new are nil or not nil pointers.
type anyChange struct {
	StreamRecord
	old, new anyItem
}

func typedChange[T any](c anyChange) Change[T] {
	before, _ := typed[T](c.old, nil)
	after, _ := typed[T](c.new, nil)
	return Change[T]{c.StreamRecord, before, after}
}

func typedChanges[T any](changes iter.Seq2[anyChange, error]) iter.Seq2[Change[T], error] {
	return func(yield func(Change[T], error) bool) {
		changes(func(c anyChange, err error) bool { return yield(typedChange[T](c), err) })
	}
}

func collectionChanges(
	changes iter.Seq2[anyChange, error],
) iter.Seq2[CollectionChange, error] {
	return func(yield func(CollectionChange, error) bool) {
		changes(func(c anyChange, err error) bool {
			return yield(CollectionChange{c.StreamRecord, c.old, c.new}, err)
		})
	}
}

func (t *table) changes(op string, records recordSource) iter.Seq2[anyChange, error] {
	return func(yield func(anyChange, error) bool) { t.eachChange(op, records, yield) }
}

func (t *table) eachChange(
	op string, records recordSource, yield func(anyChange, error) bool,
) {
	if err := t.checkMade(); err != nil {
		yield(anyChange{}, newCallError(op, t.name, err))
		return
	}
	all, err := records()
	if err != nil {
		yield(anyChange{}, newCallError(op, t.name, err))
		return
	}
	l := loader{table: t, op: op, from: t.whole}
	for i := range all {
		change, own, err := l.change(&all[i])
		if err != nil {
			err = newChangeError(op, t.name, i, &all[i], err)
		} else if !own {
			continue
		}
		if !yield(change, err) {
			return
		}
	}
}

// HandleOption configures HandleChanges.
type HandleOption interface{ setHandling(*handling) error }

type handleOption func(*handling) error

func (o handleOption) setHandling(h *handling) error { return o(h) }

// handling holds the options of HandleChanges.
type handling struct {
	setAside func(context.Context, *ChangeError) error
}

// SetAside calls a function for each record that cannot be decoded, which stores the record for
// later, such as in a queue. If the function returns nil, HandleChanges continues with the next
// record, else it stops and reports the record. Without SetAside, Lambda retries such a record, and
// handles nothing behind it, until its retries or the record's age end.
func SetAside(store func(context.Context, *ChangeError) error) HandleOption {
	return handleOption(func(h *handling) error {
		if store == nil {
			return errors.New("SetAside: the function is nil; give one that stores the record")
		}
		h.setAside = store
		return nil
	})
}

func (t *table) handleChanges(
	ctx context.Context, event []byte, handle func(context.Context, anyChange) error,
	opts []HandleOption,
) ChangeFailures {
	const op = "HandleChanges"
	var h handling
	err := t.check(ctx)
	if err == nil && handle == nil {
		err = errors.New("the function is nil; give one that handles a change")
	}
	if err == nil {
		err = applyOptions(opts, &h, HandleOption.setHandling)
	}
	if err != nil {
		return failuresOf(newCallError(op, t.name, err))
	}
	for change, err := range t.changes(op, recordsOfEvent(event)) {
		if err = h.handle(ctx, t, change, err, handle); err != nil {
			failures := ChangeFailures{}
			failures.Add(change.SequenceNumber, err)
			return failures
		}
	}
	return ChangeFailures{}
}

// handle handles a change, or the error in its place. It returns an error if the record failed.
func (h *handling) handle(
	ctx context.Context, t *table, change anyChange, err error,
	handle func(context.Context, anyChange) error,
) error {
	bad, isBad := err.(*ChangeError)
	switch {
	case err != nil && !(isBad && h.setAside != nil):
		return err
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case isBad:
		err = h.setAside(ctx, bad)
	default:
		err = handle(ctx, change)
	}
	if err == nil {
		return nil
	}
	return &ChangeError{Op: "HandleChanges", Table: t.name, EventID: change.EventID,
		SequenceNumber: change.SequenceNumber, Err: err}
}

// ChangeFailures holds the records of an event that were not handled. encoding/json writes it as
// Lambda reads it: {"batchItemFailures":[{"itemIdentifier":"..."}]}. Lambda delivers the record
// with the lowest number, and all behind it, again. The zero value has no failures.
type ChangeFailures struct{ failures []changeFailure }

type changeFailure struct {
	sequence string
	err      error
}

func failuresOf(err error) ChangeFailures { return ChangeFailures{[]changeFailure{{"", err}}} }

// Add adds the failure of a record. If err is nil, Add adds nothing. If the number is "", Lambda
// takes the event to have failed as a whole.
func (f *ChangeFailures) Add(sequenceNumber string, err error) {
	if err != nil {
		f.failures = append(f.failures, changeFailure{sequenceNumber, err})
	}
}

// Err returns the errors of all failures in one, or nil if there is none.
func (f ChangeFailures) Err() error {
	if len(f.failures) == 0 {
		return nil
	}
	reasons := make([]error, len(f.failures))
	for i, failure := range f.failures {
		reasons[i] = failure.err
	}
	return joinReasons(reasons)
}

// MarshalJSON returns the JSON of a Lambda function's response.
func (f ChangeFailures) MarshalJSON() ([]byte, error) {
	type item struct {
		Identifier string `json:"itemIdentifier"`
	}
	response := struct {
		Failures []item `json:"batchItemFailures"`
	}{[]item{}}
	for _, failure := range f.failures {
		response.Failures = append(response.Failures, item{failure.sequence})
	}
	return json.Marshal(response)
}

// A ChangeError reports a record of a stream that could not be decoded, or for which the function
// given to HandleChanges returned an error. It wraps the reason: a *FieldError, an
// *UnknownEntityError, the error of the function, or a text about the record.
type ChangeError struct {
	Op, Table      string // Op is "Changes", "ChangesOf" or "HandleChanges"
	EventID        string // "" if the record has none
	SequenceNumber string // "" if the record has none
	// The record as it stands in the event, with all its values. It is nil for ChangesOf, and for an
	// error of the function.
	Record json.RawMessage
	Err    error // the reason

	position int // in the event, from 1; 0 if it is not known
}

func newChangeError(op, table string, position int, r *record, err error) *ChangeError {
	e := &ChangeError{Op: op, Table: table, EventID: r.EventID, SequenceNumber: r.SequenceNumber,
		Err: err}
	if r.text != "" {
		e.Record = json.RawMessage(r.text)
	}
	if r.SequenceNumber == "" {
		e.position = 1 + position
	}
	return e
}

// Error returns one sentence without a value of the record.
func (e *ChangeError) Error() string {
	text := prefixOf(e.Op, e.Table)
	switch {
	case e.SequenceNumber != "":
		text += "the record with the sequence number " + shown.Name(e.SequenceNumber)
	case e.position > 0:
		text += fmt.Sprintf("the record %d", e.position)
	default:
		text += "a record without a sequence number"
	}
	if e.Err == nil {
		return shown.Text(text + ": " + textOf(e.Err))
	}
	return shown.Text(text + ": " + textWithin(e.Err, e.Op, e.Table))
}

// Unwrap returns the reason.
func (e *ChangeError) Unwrap() error { return e.Err }
