package changes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// poisoned is an event of which the record 2 cannot be decoded.
func poisoned() []byte {
	return []byte(strings.Replace(lambdaEvent, `"NewImage": {"Message": {"S": "This item has changed"}`,
		`"NewImage": {"Message": {"N": "73133"}`, 1))
}

// A record that cannot be decoded has an error with its number, and the rest is yielded.
func TestAPoisonRecord(t *testing.T) {
	t.Parallel()
	table := messages(t)
	var seen []string
	for change, err := range table.Changes(poisoned()) {
		seen = append(seen, change.SequenceNumber)
		if change.SequenceNumber != "222" {
			require.NoError(t, err)
			continue
		}
		require.Nil(t, change.Old)
		require.Nil(t, change.New)
		require.Equal(t, dynamapper.Modified, change.Kind)
		require.Equal(t, dynamapper.Key(101), change.Key)
		bad := &dynamapper.ChangeError{}
		require.ErrorAs(t, err, &bad)
		require.Equal(t, "222", bad.SequenceNumber)
		require.Equal(t, "2", bad.EventID)
		require.Equal(t, "Changes", bad.Op)
		require.Equal(t, table.Name(), bad.Table)
		require.Contains(t, string(bad.Record), "73133", "the record can be stored for later")
		require.True(t, json.Valid(bad.Record))
		field := &dynamapper.FieldError{}
		require.ErrorAs(t, err, &field)
		require.Equal(t, "Message", field.Attribute)
		require.Equal(t, dynamapper.Key(101), field.Key)
		require.ErrorContains(t, err, `dynamapper: Changes: table "ExampleTableWithStream": the `+
			"record with the sequence number 222: message.Message (attribute Message): ")
		require.NotContains(t, err.Error(), "73133")
	}
	require.Equal(t, []string{"111", "222", "333"}, seen)
}

// What is wrong with a record concerns only that record, and its number is found if there is one.
func TestBadRecordsOfAnEvent(t *testing.T) {
	t.Parallel()
	const good = `{"eventName":"INSERT","dynamodb":{"Keys":{"Id":{"N":"1"}},"SequenceNumber":"9"}}`
	for record, want := range map[string]string{
		`1`:                                      "the record 1: ",
		`{}`:                                     `the record 1: the record has no member "dynamodb"`,
		`{"messageId":"s3cr3t","body":"s3cr3t"}`: `the record 1: the record has no member "dynamodb"`,
		`{"dynamodb":{}}`:                        `the record 1: the record has the event name ""`,
		`{"eventName":"s3cr3t","eventID":"2","dynamodb":{"SequenceNumber":"5"}}`:                                  "number 5: the record has the event name",
		`{"eventName":"INSERT","dynamodb":{"SequenceNumber":"5"}}`:                                                "number 5: the record has neither keys nor images",
		`{"eventName":"INSERT","dynamodb":{"Keys":3,"SequenceNumber":"5"}}`:                                       "number 5: the keys are no attribute values",
		`{"eventName":"INSERT","dynamodb":{"Keys":{},"SequenceNumber":"5"}}`:                                      `number 5: message: the record has no value of the key "Id"`,
		`{"eventName":"INSERT","dynamodb":{"Keys":{"Id":{"S":"s3cr3t"}},"SequenceNumber":"5"}}`:                   "number 5: message.ID (attribute Id): ",
		`{"eventName":"INSERT","dynamodb":{"SequenceNumber":"5","NewImage":[]}}`:                                  "number 5: message: ",
		`{"eventName":"INSERT","dynamodb":{"SequenceNumber":"5","NewImage":{"Id":"s3cr3t"}}}`:                     "number 5: message.ID (attribute Id): ",
		`{"eventName":"INSERT","dynamodb":{"SequenceNumber":"5","NewImage":{"Id":{"N":"1"},"x":{"N":"s3cr3t"}}}}`: "number 5: ",
		`{"eventName":7,"dynamodb":{"Keys":{"Id":{"N":"1"}},"SequenceNumber":"5"}}`:                               `number 5: the member "eventName"`,
		`{"eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":"s3cr3t","SequenceNumber":"5"}}`:         "number 5: the member \"ApproximateCreationDateTime\": the time is neither",
		`{"eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":-1,"SequenceNumber":"5"}}`:               "the time is no number of seconds",
		`{"eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":1e99,"SequenceNumber":"5"}}`:             "the time is no number of seconds",
	} {
		var errs []error
		for change, err := range messages(t).Changes([]byte(`{"Records":[` + record + `,` + good + `]}`)) {
			errs = append(errs, err)
			if strings.Contains(want, "number 5") && len(errs) == 1 {
				require.Equal(t, "5", change.SequenceNumber, record)
			}
		}
		require.Len(t, errs, 2, record)
		require.ErrorContains(t, errs[0], want, record)
		if !strings.Contains(record, `"eventName":"s3cr3t"`) {
			require.NotContains(t, errs[0].Error(), "s3cr3t", record)
		}
		require.NoError(t, errs[1], record)
	}
}

// A record that cannot be decoded has its key: by the model, or as it is stored if no model has
// such a key.
func TestKeysOfBadRecords(t *testing.T) {
	t.Parallel()
	const keys = `"Keys":{"pk":{"S":"PLAYER#waldo"},"sk":{"S":"MATCH#0007"}}`
	const image = `"pk":{"S":"PLAYER#waldo"},"sk":{"S":"MATCH#0007"},"entity":{"S":"match"},
		"player":{"S":"waldo"},"number":{"N":"7"}`
	g := openGame(t, bothImages)
	parts, stored := dynamapper.Key("waldo", 7), dynamapper.Key("PLAYER#waldo", "MATCH#0007")
	for record, want := range map[string]dynamapper.PrimaryKey{
		`{"eventName":"RENAMED","dynamodb":{` + keys + `}}`:                                 parts,
		`{"eventName":"INSERT","dynamodb":{"ApproximateCreationDateTime":-1,` + keys + `}}`: parts,
		`{"eventName":"INSERT","dynamodb":{` + keys + `,"NewImage":{` + image +
			`,"points":{"S":"s3cr3t"}}}}`: parts,
		`{"eventName":"INSERT","dynamodb":{"NewImage":{` + image + `,"points":{"S":"s3cr3t"}}}}`: parts,
		`{"eventName":"INSERT","dynamodb":{` + strings.Replace(keys, "MATCH#", "MATCH-", 1) +
			`,"OldImage":{` + image + `,"points":{"S":"s3cr3t"}}}}`: dynamapper.Key("PLAYER#waldo",
			"MATCH-0007"),
		`{"eventName":"RENAMED","dynamodb":{}}`:          {},
		`{"eventName":"RENAMED","dynamodb":{"Keys":[]}}`: {},
	} {
		for change, err := range g.matches.Changes([]byte(record)) {
			require.Error(t, err, record)
			require.Equal(t, want, change.Key, record)
		}
		for change, err := range g.Changes([]byte(record)) {
			require.Error(t, err, record)
			require.Equal(t, want, change.Key, record)
		}
	}
	unknown := `{"eventName":"INSERT","dynamodb":{` + keys + `,"NewImage":{` +
		strings.Replace(image, `"match"`, `"award"`, 1) + `}}}`
	for change, err := range g.Changes([]byte(unknown)) {
		require.ErrorIs(t, err, dynamapper.ErrUnknownEntity)
		require.Equal(t, stored, change.Key)
	}
}

// HandleChanges handles the changes in order, and reports nothing if all succeed.
func TestHandleChanges(t *testing.T) {
	t.Parallel()
	var handled []string
	failures := messages(t).HandleChanges(t.Context(), []byte(lambdaEvent),
		func(_ context.Context, change dynamapper.Change[message]) error {
			handled = append(handled, change.SequenceNumber)
			return nil
		})
	require.NoError(t, failures.Err())
	requireJSON(t, failures)
	require.Equal(t, []string{"111", "222", "333"}, handled)
}

// HandleChanges stops at the first failure and reports that record alone: Lambda delivers it, and
// all behind it, again.
func TestHandleChangesStopsAtAFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var handled []string
	failures := messages(t).HandleChanges(t.Context(), []byte(lambdaEvent),
		func(_ context.Context, change dynamapper.Change[message]) error {
			handled = append(handled, change.SequenceNumber)
			if change.SequenceNumber == "222" {
				return broken
			}
			return nil
		})
	require.Equal(t, []string{"111", "222"}, handled)
	requireJSON(t, failures, "222")
	require.ErrorIs(t, failures.Err(), broken)
	require.EqualError(t, failures.Err(), `dynamapper: HandleChanges: table `+
		`"ExampleTableWithStream": the record with the sequence number 222: broken`)
	failed := &dynamapper.ChangeError{}
	require.ErrorAs(t, failures.Err(), &failed)
	require.Equal(t, "2", failed.EventID)
	require.Equal(t, "222", failed.SequenceNumber)
}

// A record that cannot be decoded stops the handling, unless it can be set aside.
func TestHandleChangesWithAPoisonRecord(t *testing.T) {
	t.Parallel()
	full := errors.New("the queue is full")
	for name, test := range map[string]struct {
		store   func(context.Context, *dynamapper.ChangeError) error
		handled []string
		failed  []string
	}{
		"without SetAside": {nil, []string{"111"}, []string{"222"}},
		"set aside":        {ignore[*dynamapper.ChangeError], []string{"111", "333"}, nil},
		"not set aside": {func(context.Context, *dynamapper.ChangeError) error { return full },
			[]string{"111"}, []string{"222"}},
	} {
		var handled, stored []string
		var opts []dynamapper.HandleOption
		if test.store != nil {
			opts = append(opts, dynamapper.SetAside(
				func(ctx context.Context, bad *dynamapper.ChangeError) error {
					stored = append(stored, bad.SequenceNumber)
					require.Contains(t, string(bad.Record), "73133")
					require.Equal(t, "HandleChanges", bad.Op)
					return test.store(ctx, bad)
				}))
		}
		failures := messages(t).HandleChanges(t.Context(), poisoned(),
			func(_ context.Context, change dynamapper.Change[message]) error {
				handled = append(handled, change.SequenceNumber)
				return nil
			}, opts...)
		require.Equal(t, test.handled, handled, name)
		requireJSON(t, failures, test.failed...)
		require.Equal(t, len(test.failed) > 0, failures.Err() != nil, name)
		require.Equal(t, test.store != nil, len(stored) == 1, name)
		if name == "not set aside" {
			require.ErrorIs(t, failures.Err(), full)
		}
	}
}

// If the context ends, the records that are left are delivered again.
func TestHandleChangesUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var handled int
	failures := messages(t).HandleChanges(ctx, []byte(lambdaEvent),
		func(context.Context, dynamapper.Change[message]) error { handled++; cancel(); return nil })
	require.Equal(t, 1, handled)
	requireJSON(t, failures, "222")
	require.ErrorIs(t, failures.Err(), context.Canceled)
}

// An event that cannot be read, or a wrong call, fails as a whole: Lambda takes "" to mean that.
func TestHandleChangesFailsAsAWhole(t *testing.T) {
	t.Parallel()
	ctx, table := t.Context(), messages(t)
	handle := ignore[dynamapper.Change[message]]
	event := []byte(lambdaEvent)
	var noTable *dynamapper.Table[message]
	var noContext context.Context
	for want, failures := range map[string]dynamapper.ChangeFailures{
		"the text is no event of a stream":        table.HandleChanges(ctx, []byte(`{}`), handle),
		"the function is nil":                     table.HandleChanges(ctx, event, nil),
		"an option is nil":                        table.HandleChanges(ctx, event, handle, nil),
		"SetAside: the function is nil":           table.HandleChanges(ctx, event, handle, dynamapper.SetAside(nil)),
		"the context is nil":                      table.HandleChanges(noContext, event, handle),
		"the table is nil or empty":               noTable.HandleChanges(ctx, event, handle),
		"dynamapper: HandleChanges: the table is": (&dynamapper.Table[message]{}).HandleChanges(ctx, event, handle),
		"the collection is nil or empty": (*dynamapper.Collection)(nil).HandleChanges(ctx, event,
			ignore[dynamapper.CollectionChange]),
	} {
		require.ErrorContains(t, failures.Err(), want)
		require.ErrorContains(t, failures.Err(), "dynamapper: HandleChanges: ")
		requireJSON(t, failures, "")
	}
}

// A loop over nothing says so.
func TestChangesOfNoTable(t *testing.T) {
	t.Parallel()
	var noTable *dynamapper.Table[message]
	for _, err := range noTable.Changes([]byte(lambdaEvent)) {
		require.EqualError(t, err,
			"dynamapper: Changes: the table is nil or empty; make it with TableOf")
	}
	var collection *dynamapper.Collection
	var yielded int
	for _, err := range collection.Changes([]byte(lambdaEvent)) {
		require.ErrorContains(t, err, "dynamapper: Changes: the collection is nil or empty")
		yielded++
	}
	for _, err := range (&dynamapper.Collection{}).ChangesOf() {
		require.ErrorContains(t, err, "dynamapper: ChangesOf: the collection is nil or empty")
		yielded++
	}
	require.Equal(t, 2, yielded)
}

// A loop of one's own reports failures by their numbers.
func TestChangeFailures(t *testing.T) {
	t.Parallel()
	var failures dynamapper.ChangeFailures
	failures.Add("1", nil)
	require.NoError(t, failures.Err())
	requireJSON(t, failures)
	first, second := errors.New("first"), errors.New("second")
	failures.Add("2", first)
	failures.Add("4", fmt.Errorf("wrapped: %w", second))
	requireJSON(t, failures, "2", "4")
	require.ErrorIs(t, failures.Err(), first)
	require.ErrorIs(t, failures.Err(), second)
	require.EqualError(t, failures.Err(), "first; wrapped: second")
}
